"""The choices in a page's address: written as a query, and read back with one sentence per unusable part."""

import re
from collections.abc import Collection, Mapping
from dataclasses import asdict, replace
from difflib import get_close_matches
from typing import Any

from mbgd.data.catalogue import datasets
from mbgd.engine.activations import ACTIVATIONS
from mbgd.engine.batches import LAST_BATCH
from mbgd.engine.checks import shown
from mbgd.share.allowed import CAPS, YES_OR_NO, Allowed, Among, Between
from mbgd.share.choices import (
    DEFAULT,
    FINGERPRINT,
    MODES,
    MOST_EPOCHS,
    MOST_NOISE,
    MOST_SEED,
    OWN,
    RATES,
    SHARES,
    SIZES,
    Choices,
    parse_hidden,
)


class Hidden:
    """The hidden layers, as 16-8 or none."""

    def __contains__(self, value: Any) -> bool:
        return isinstance(value, tuple)

    def read(self, text: str) -> tuple[int, ...]:
        """The units of each layer."""
        return parse_hidden(text)

    def write(self, value: tuple[int, ...]) -> str:
        """The units with hyphens between them."""
        return "-".join(map(str, value)) or "none"


class DataSet(Among):
    """One of the data sets of the app, or the session's own, which a sentence on a bad name does not offer."""

    def __contains__(self, value: Any) -> bool:
        return value == OWN or super().__contains__(value)

    def read(self, text: str) -> Any:
        """The data set with this name."""
        return OWN if text == OWN else super().read(text)


class Fingerprint:
    """The first digits of the fingerprint of own data; empty if there is none."""

    def __contains__(self, value: Any) -> bool:
        return isinstance(value, str) and re.fullmatch(rf"([0-9a-f]{{{FINGERPRINT}}})?", value) is not None

    def read(self, text: str) -> str:
        """These digits."""
        if not text or text not in self:
            raise ValueError(f"It must be the {FINGERPRINT} digits that the page Data writes for own data.")
        return text

    def write(self, value: str) -> str:
        """These digits."""
        return value


PARAMETERS: dict[str, Allowed] = {
    "data": DataSet(datasets, str),
    "own": Fingerprint(),
    "size": Between(min(SIZES), max(SIZES), whole=True),
    "noise": Between(0.0, MOST_NOISE),
    "validation": Between(min(SHARES), max(SHARES), whole=True),
    "hidden": Hidden(),
    "activation": Among(ACTIVATIONS, str),
    "mode": Among(MODES, str),
    "batch": Between(1, CAPS.batch, whole=True),
    "epochs": Between(1, MOST_EPOCHS, whole=True),
    "rate": Between(min(RATES), max(RATES)),
    "shuffle": YES_OR_NO,
    "last": Among(LAST_BATCH, str),
    "seed": Between(0, MOST_SEED, whole=True),
}


def to_query(choices: Choices) -> dict[str, str]:
    """The query that brings these choices back: only choices that differ from the default are in it."""
    return {
        name: PARAMETERS[name].write(value)
        for name, value in asdict(choices).items()
        if value is not None and value != getattr(DEFAULT, name)
    }


def from_query(query: Mapping[str, str]) -> tuple[Choices, list[str]]:
    """The choices in an address, and one sentence for each part that cannot be used and keeps its default."""
    values: dict[str, Any] = {}
    complaints = []
    for name, text in query.items():
        if name not in PARAMETERS:
            continue
        try:
            values[name] = PARAMETERS[name].read(text)
        except ValueError as error:
            complaints.append(unusable(name, text, str(error), usual(name)))
    return replace(DEFAULT, **values), complaints


def usual(name: str) -> str:
    """The default of one of the sidebar's choices, as a sentence names it."""
    default = getattr(DEFAULT, name)
    if default == "":
        return ""
    return "The data set's own noise" if default is None else PARAMETERS[name].write(default)


def unusable(name: str, text: str, why: str, instead: str = "") -> str:
    """The sentences on a part of a link that can't be used: what was asked, why not, and what is used instead."""
    asked = f"{shown(name)[1:-1]}={shown(text)[1:-1]}"
    return f"The link's “{asked}” can't be used. {why} The page uses {instead or 'nothing'} instead."


def repeated(query: Mapping[str, list[str]]) -> list[str]:
    """A sentence for each part that stands in a link more than once."""
    return [
        unusable(name, texts[0], f"The link has {len(texts)} values of it.", f"{shown(texts[-1])[1:-1]}, the last one,")
        for name, texts in query.items()
        if len(texts) > 1 and not NOT_OURS.fullmatch(name)
    ]


# What mail programs, search engines and networks add to links. Nobody who follows a link has written it.
NOT_OURS = re.compile(r"utm_\w+|fbclid|gclid|msclkid|mc_[ce]id|igshid|embed|embed_options", re.ASCII)


def unknown(
    query: Mapping[str, str], choices: Choices, own: Collection[str], elsewhere: Mapping[str, str]
) -> list[str]:
    """A sentence for each part of a link whose name the page does not know.

    choices: what the sidebar then has. own: the names of the page's own choices. elsewhere: the title of a page that
    knows the name, for the names that only other pages know.
    """
    known = [*PARAMETERS, *own]
    sentences = []
    for name, text in query.items():
        if name in known or NOT_OURS.fullmatch(name):
            continue
        near = get_close_matches(name.lower(), known, 1, cutoff=0.7)
        if name in elsewhere:
            why, instead = f"This page has no choice of this name; the page {elsewhere[name]} has one.", ""
        elif near:
            why, instead = f"No choice has this name. Perhaps {near[0]} was meant.", _now(near[0], choices)
        else:
            why, instead = "No choice has this name.", ""
        sentences.append(unusable(name, text, why, instead))
    return sentences


def _now(name: str, choices: Choices) -> str:
    """The value that the choice with this name has now, as a sentence names it."""
    if name not in PARAMETERS:
        return f"its own {name}"
    value = getattr(choices, name)
    return f"{name}={PARAMETERS[name].write(value)}" if value is not None else usual(name)
