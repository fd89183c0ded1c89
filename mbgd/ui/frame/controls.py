"""The controls of the sidebar by name: their words, and the choices that each of them changes."""

from collections.abc import Collection
from typing import NamedTuple

from mbgd.charts.words import count
from mbgd.share.choices import LAST_NAMES, Choices, show_hidden


class Control(NamedTuple):
    """A control, or a group of them: its words in a sentence, and the fields of Choices that it changes."""

    words: str
    fields: tuple[str, ...]


CONTROLS = {
    "data": Control("the data set", ("data", "own", "size", "noise", "validation")),
    "batch": Control("the batch size", ("mode", "batch")),
    "epochs": Control("the epochs", ("epochs",)),
    "rate": Control("the learning rate", ("rate",)),
    "network": Control("the network", ("hidden", "activation")),
    "last": Control("the last batch", ("last",)),
    "seed": Control("the seed", ("seed",)),
    "shuffle": Control("the shuffle", ("shuffle",)),
}  # in the order of the sidebar
ALL = tuple(CONTROLS)
NONE: tuple[str, ...] = ()


def settings_line(choices: Choices, n_train: int, used: Collection[str]) -> str:
    """The settings that these controls choose, in the few words that a saved picture has room for."""
    hidden = show_hidden(choices.hidden)
    noise = "" if choices.noise is None else f", noise {choices.noise:g}"
    words = {
        "data": f"{choices.data_title}, {count(n_train, 'training row')}{noise}",
        "batch": f"B = {choices.batch_size(n_train):,}",
        "epochs": count(choices.epochs, "epoch"),
        "rate": f"learning rate {choices.rate:g}",
        "network": f"hidden layers {hidden}, {choices.activation}" if hidden else "no hidden layers",
        "last": "" if choices.last == "keep" else f"a short last batch {LAST_NAMES[choices.last]}",
        "seed": f"seed {choices.seed}",
        "shuffle": "" if choices.shuffle else "not shuffled",
    }
    return " · ".join(filter(None, (words[name] for name in CONTROLS if name in used)))


def in_words(names: Collection[str]) -> str:
    """These controls in a phrase, in the order of the sidebar: the data set, the network and the seed."""
    words = [control.words for name, control in CONTROLS.items() if name in names]
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def at_rest(used: Collection[str], where: str = "page") -> str:
    """The sentence on the controls that a page, or a part of it, does not use; empty if it uses all of them."""
    resting = [name for name in CONTROLS if name not in used]
    if not resting:
        return ""
    if not used:
        return f"This {where} uses none of these controls. They keep their values for the other pages."
    return f"This {where} does not use {in_words(resting)}. The page Train uses all controls."
