"""The values that a control allows, how each is written in an address and read back, and the most that one may ask."""

import re
from collections.abc import Callable, Collection, Mapping
from math import isfinite
from typing import Any, NamedTuple, Protocol

from mbgd.engine.checks import real_number, whole_number
from mbgd.engine.settings import MOST_LAYERS

MOST_WHOLE = 1e15  # larger ones are no longer exact
MOST_NAMED = 12  # values that a sentence lists


class Caps(NamedTuple):
    """The most that a session may ask for, in a link or with a widget, so that it leaves room for the others.

    A batch is never larger than the training rows. So one update is at most that of all rows in `layers` layers of
    `units` units: half a second, beside which other sessions' clicks go on (ui/kit/pace), and about 100 MB.
    Own data may have more rows: its layers then have fewer units (`most_units` in choices.py).
    """

    rows: int = 2_000
    units: int = 256
    layers: int = MOST_LAYERS
    batch: int = 100_000
    epochs: int = 10_000
    seed: int = 9_999
    noise: float = 1.0


CAPS = Caps()


def link_text(value: Any) -> str:
    """A value as it is written in an address: yes or no, all digits of a number, or letters and digits with hyphens."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return repr(value).removesuffix(".0")
    return re.sub(r"[^\w.+-]+", "-", str(value).lower()).strip("-")


def number_in(text: str) -> int | float | str:
    """The number in the text of an address, however it is written: 10, 10.0 or 1e1; the text itself if it is none."""
    if not re.fullmatch(r"-?(\d+\.?\d*|\.\d+)(e[-+]?\d{1,3})?", text, re.ASCII | re.IGNORECASE):
        return text
    number = float(text)
    if not isfinite(number):
        return text
    return int(number) if number.is_integer() and abs(number) < MOST_WHOLE else number


class Allowed(Protocol):
    """What a control allows. read(text) raises a ValueError whose message says in a sentence what is allowed."""

    def __contains__(self, value: Any) -> bool: ...

    def read(self, text: str, /) -> Any: ...

    def write(self, value: Any, /) -> str: ...


class Among:
    """One of these values. `text` writes a value; `renamed` maps the texts of old links to those of today.

    A function gives values that may change. A number is found however it is written.
    """

    def __init__(
        self,
        values: Collection[Any] | Callable[[], Collection[Any]],
        text: Callable[[Any], str] = link_text,
        renamed: Mapping[str, str] | None = None,
    ) -> None:
        self._values, self.write, self._renamed = values, text, renamed or {}

    @property
    def values(self) -> list[Any]:
        """The values, in their order."""
        return list(self._values() if callable(self._values) else self._values)

    def __contains__(self, value: Any) -> bool:
        return any(value == one for one in self.values)

    def read(self, text: str) -> Any:
        """The value with this text."""
        known = {self.write(value): value for value in self.values}
        text = self._renamed.get(text, text)
        if text not in known and not isinstance(number := number_in(text), str):
            text = next((own for own in known if number_in(own) == number), text)
        if text not in known:
            raise ValueError(f"It must be one of {listed(list(known))}.")
        return known[text]


class Between:
    """A finite number from `least` to `most`."""

    def __init__(self, least: float, most: float, *, whole: bool = False) -> None:
        self.least, self.most, self.whole = least, most, whole

    def __contains__(self, value: Any) -> bool:
        if isinstance(value, bool) or not isinstance(value, int | float) or (self.whole and value != value // 1):
            return False
        return self.least <= value <= self.most  # not true of NaN

    def read(self, text: str) -> Any:
        """The number in this text."""
        number = number_in(text)
        if self.whole:
            return whole_number("It", number, int(self.least), int(self.most))
        return real_number("It", number, self.least, self.most)

    write = staticmethod(link_text)


class Several:
    """A list of different values among these, at most `most` of them. empty: the text of no value, if it is allowed."""

    def __init__(
        self, values: Collection[Any], text: Callable[[Any], str] = link_text, most: int = 100, empty: str = ""
    ) -> None:
        self._one, self._most, self._empty = Among(values, text), most, empty

    def __contains__(self, value: Any) -> bool:
        return isinstance(value, list) and len(value) <= self._most and all(one in self._one for one in value)

    def read(self, text: str) -> Any:
        """The values whose texts stand here with hyphens between them, each once."""
        if self._empty and text == self._empty:
            return []
        parts = list(dict.fromkeys(text.split("-")))
        if len(parts) > self._most:
            raise ValueError(f"It must name at most {self._most} values.")
        try:
            return [self._one.read(part) for part in parts]
        except ValueError as error:
            raise ValueError(f"Each part between hyphens: {str(error)[0].lower()}{str(error)[1:]}") from None

    def write(self, value: Any) -> str:
        """The texts of the values, with hyphens between them."""
        return "-".join(map(self._one.write, value)) or self._empty


class Text:
    """Any text."""

    def __contains__(self, value: Any) -> bool:
        return value is None or isinstance(value, str)

    def read(self, text: str) -> Any:
        """The text itself."""
        return text

    write = read


YES_OR_NO = Among((False, True))


def why_not(allowed: Allowed, value: Any) -> str:
    """The limit that a value breaks, as a sentence; empty if it breaks none that can be told from its text."""
    try:
        allowed.read(str(value))
    except ValueError as error:
        return str(error)
    return ""


def listed(texts: list[str]) -> str:
    """The texts in a sentence; of many, the first and the last."""
    if len(texts) > MOST_NAMED:
        texts = [*texts[: MOST_NAMED - 2], "…", texts[-1]]
    return ", ".join(texts)


def allowed_of(values: Allowed | Collection[Any]) -> Allowed:
    """What a control allows, given as such or as the collection of its values."""
    return values if hasattr(values, "read") else Among(values)  # pyright: ignore
