"""Every number that the pages show, collected twice and compared: does a change of the code or its words change one?

    python -m benchmarks.figures BEFORE1.json                       all pages, as the code of this folder shows them
    python -m benchmarks.figures BEFORE2.json                       once more: what the clock changes differs
    python -m benchmarks.figures AFTER.json                         in the changed code
    python -m benchmarks.figures --compare BEFORE1.json BEFORE2.json AFTER.json

A folder without this file, such as an older state, is collected with `python elsewhere/benchmarks/figures.py FILE`.
While working on a page, `--pages mistakes modes` collects these alone, and only they are compared.

Each page is opened in ten settings of the sidebar, and with each part that its address can name; some parts with a
large network, too. Questions are answered, buttons pressed, experiments run to their end, and the page's own choices
tried. After each such moment these are kept: every text with a number in it, every column of every chart and table,
every picture, every exception. Code is left out. Pages are driven by AppTest, through keys, options and the address
alone: modules may move.

What differs between the BEFORE files is left out, number by number in a sentence and column by column in a chart: it
depends on the clock. Two or more of them may be named before AFTER. The exit code is 1 if a number changed in a
sentence whose words did not, if the data of a chart, a table or a picture changed, if an exception came or went, or if
a moment is missing. Where the words changed, too, the numbers that vanished or appeared are listed with their
sentences, to be judged by a reader.
"""

import argparse
import difflib
import hashlib
import json
import logging
import math
import os
import platform
import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import cache, lru_cache
from html.parser import HTMLParser
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

# Before NumPy is imported, as in the other benchmarks, also where this file is run by its path: the kernels decide
# about last digits.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
    os.environ.pop(name, None)
os.environ["STREAMLIT_CLIENT_SHOW_ERROR_DETAILS"] = "full"

import numpy as np  # noqa: E402
import pyarrow as pa  # noqa: E402
from streamlit.testing.v1 import AppTest  # noqa: E402

# --- what is visited ---

SETTINGS = {  # addresses that say what the sidebar chooses
    "diabetes, B = 16": {"epochs": "5"},
    "sine, B = 7": {
        "data": "sine", "size": "50", "batch": "7", "hidden": "8-8", "activation": "tanh", "epochs": "12", "seed": "1",
    },
    "plane, SGD, linear": {"data": "plane", "size": "50", "mode": "sgd", "hidden": "none", "epochs": "4", "seed": "2"},
    "moons, full batch": {
        "data": "moons", "size": "100", "mode": "full", "hidden": "8", "activation": "sigmoid", "rate": "0.5",
        "epochs": "20", "seed": "3",
    },
    "digits, B = 96": {
        "data": "digits", "validation": "50", "batch": "96", "hidden": "8", "rate": "0.1", "epochs": "3",
    },
    "penguins, in order, last dropped": {
        "data": "penguins", "batch": "32", "hidden": "8-4", "last": "drop", "shuffle": "no", "epochs": "6", "seed": "4",
    },
    "xor, B = 16 divides N, identity": {
        "data": "xor", "size": "100", "noise": "0.2", "hidden": "4", "activation": "identity", "epochs": "6",
        "seed": "5",
    },
    "circles, last dropped": {
        "data": "circles", "size": "50", "batch": "12", "hidden": "6-6", "last": "drop", "rate": "0.1", "epochs": "8",
        "seed": "6",
    },
    "spiral, diverging": {
        "data": "spiral", "size": "50", "batch": "3", "hidden": "8", "rate": "10", "epochs": "3", "seed": "7",
    },
    "diabetes, full batch, linear, in order": {
        "mode": "full", "hidden": "none", "shuffle": "no", "validation": "40", "rate": "0.3", "epochs": "30",
        "seed": "8",
    },
}  # fmt: skip
LARGE = "digits, large network"  # large enough for what the mistakes measure only when asked for
LARGE_SIDEBAR = {"data": "digits", "validation": "50", "batch": "96", "hidden": "64", "epochs": "1"}
LARGE_VISITS = [("pages/mistakes.py", "no_shuffle_sorted"), ("pages/mistakes.py", "rate")]
PARTS = {  # of a page, its address parameter and what it can say: the first is the default
    "pages/modes.py": ("part", ["the-race", "on-the-loss-surface", "the-noise-of-a-batch", "six-rows"]),
    "pages/mistakes.py": (
        "mistake",
        [
            *("summed", "averaged_twice", "divided_by_b_alone", "no_shuffle_sorted", "shuffled_apart"),
            *("last_dropped", "carried_over", "epochs", "rate"),
        ],
    ),
    "pages/loop.py": ("rows", ["", "1", "4", "16"]),
    "pages/diagnose.py": ("part", ["two-losses", "what-helps", "three-training-losses"]),
}
LOOKED_AT = "rows"  # the parameter whose parts share one experiment: all but the first are only opened
PRESETS = {  # of a widget, the option that it is given before anything runs, in each setting the next of these
    "race_limit": [1],  # equal epochs: by computing time all would depend on the clock
    "race_epochs": [3, 2, 4],
    "race_seeds": [3, 1],  # values, of a slider
    "race_scaled": [0, 1],
    "surface_rate": [20, 26, 33],
    "surface_updates": [3, 2],
}
EACH_RUN = ("gradient_check_mistake", "surface_valley")  # widgets for whose options the experiments run again
PART_KEYS = ("modes_part", "mistake", "diagnose_part")  # widgets that stand for the address's parts
MOST_RUN = 3  # other options with which experiments run in a setting: each setting begins at others
MOST_TRIED = {"shape_step": 8, "shape_mistake": 8}  # other options that are looked at; three of any other widget
RARELY = {  # experiments of which the clock decides nearly all, and the settings in which they run
    "run_speed": {0, 2, 4, 6, 8},
    "run_throughput": {0, 5},
    "run_costs": {0, 1, 2, 3, 6},  # each activation, and a linear model
}
TRUE_TO_TIME = ("app.py", "pages/loop.py", "pages/under_the_hood.py")  # pages on which the clock goes as it should
SLOW = 0.1  # the pace of the clock on all others, see Clock
MOST_REDRAWS = 600


# --- collecting: what an element says ---

NUMBER = re.compile(
    r"(?<![\w.])[-+−]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:[eE][-+]?\d+)?|\b(?:nan|inf)\b"
)  # not the 1 of W1
FIGURE = re.compile(f"{NUMBER.pattern}|[✓✕★≈]")  # a number, or the mark of a verdict
SENTENCE_ENDS = re.compile(r"(?<=[.!?])\s+")
SOURCE_LINE = re.compile(r"`[\w/]+\.py`")  # names where a piece of code stands
FIELDS = {  # of an element's message, which hold words to be read
    *("body", "label", "help", "text", "caption", "content", "options", "alt", "message", "delta", "placeholder"),
    "title",
}
SPEC_WORDS, SPEC_NUMBERS = {"title", "text"}, {"domain", "domainMin", "domainMax", "values", "datum"}
CHOICES = {"button_group", "selectbox", "select_slider", "radio", "multiselect"}
SWITCHES = {"toggle", "checkbox"}
WITH_VALUE = {"slider", "number_input", "progress", *SWITCHES}


class PlainText(HTMLParser):
    """The text of a piece of HTML, a line for each block, and for each row with a tab after each cell. Pictures stand
    apart."""

    CELLS = frozenset({"td", "th", "dt", "dd"})
    BLOCKS = frozenset({"p", "br", "div", "tr", "li", "table", "h1", "h2", "h3", "figure", "figcaption", "dl"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self.pictures: list[str] = []
        self._hidden = self._rows = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in ("style", "script")
        if tag in self.BLOCKS:
            self.pieces.append(" " if self._rows else "\n")
        self._rows += tag == "tr"
        said = dict(attrs)
        self.pieces += [f"\n{said[name]}\n" for name in ("alt", "title", "aria-label") if said.get(name)]
        if tag == "img":
            self.pictures.append(said.get("src") or "")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in ("style", "script")
        self._rows -= tag == "tr"
        if tag in self.CELLS:
            self.pieces.append("\t")
        elif tag in self.BLOCKS:
            self.pieces.append(" " if self._rows else "\n")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.pieces.append(data)

    @property
    def text(self) -> str:
        return "".join(self.pieces)


class Column(NamedTuple):
    """The fingerprint of a column: what is needed to see that it changed, and to say how.

    codes: whether the values stand for words, numbered in the order in which they come. digest: of ten digits of each
    value. sums: of the finite values, of them with weights that tell places apart, and of their sizes.
    """

    name: str
    codes: bool
    length: int
    digest: str
    sums: tuple[float, float, float]
    first: tuple[float, ...]


def column(name: str, values: Iterable[Any], *, codes: bool = False) -> Column:
    """The fingerprint of numbers."""
    numbers = np.array([math.nan if value is None else float(value) for value in values])
    text = ",".join(f"{value + 0.0:.10g}" for value in numbers)  # -0.0 + 0.0 is 0.0
    digest = hashlib.sha1(f"{codes}:{text}".encode()).hexdigest()[:16]
    finite = np.where(np.isfinite(numbers), numbers, 0.0)
    weights = 1 + np.cos(np.arange(len(finite)))
    with np.errstate(over="ignore"):
        sums = (float(finite.sum()), float(finite @ weights), float(np.abs(finite).sum()))
    return Column(name, codes, len(numbers), digest, sums, tuple(float(f"{value:.6g}") for value in numbers[:5]))


def numbered(values: Iterable[Any]) -> list[int]:
    """Words as numbers, in the order in which they come first: other words for the same series make the same ones."""
    known: dict[Any, int] = {}
    return [known.setdefault(value, len(known)) for value in values]


def leaves(value: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    """The numbers and words of nested data, each with the name that it or its list has."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, name)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from leaves(inner, key)
    elif value is not None:
        yield key, value


@lru_cache(maxsize=4096)
def arrow_columns(data: bytes) -> tuple[tuple[Column, ...], tuple[str, ...]]:
    """The columns of a table as it is sent to the browser, and the words in it that hold numbers."""
    table, columns, words = pa.ipc.open_stream(data).read_all(), [], []
    for name, values in zip(table.column_names, table.columns, strict=True):
        listed = values.to_pylist()
        if pa.types.is_nested(values.type):
            found = [leaf for _, leaf in leaves(listed)]
            listed = [leaf for leaf in found if isinstance(leaf, int | float)]
            words += [leaf for leaf in found if isinstance(leaf, str)]
            columns.append(column(name, listed))
        elif pa.types.is_integer(values.type) or pa.types.is_floating(values.type) or pa.types.is_boolean(values.type):
            columns.append(column(name, listed))
        else:
            texts = [str(value) for value in listed]
            columns.append(column(name, numbered(texts), codes=True))
            words += dict.fromkeys(texts)
    return tuple(columns), tuple(words)


@lru_cache(maxsize=4096)
def spec_figures(spec: str) -> tuple[tuple[Column, ...], tuple[str, ...]]:
    """The ends of a chart's axes and whatever else of its specification is data, and its titles."""
    numbers, words = [], []

    def look(value: Any, wanted: str) -> None:
        if isinstance(value, dict):
            for key, inner in value.items():
                now = "numbers" if key in SPEC_NUMBERS else "words" if key in SPEC_WORDS else ""
                look(inner, now or (wanted if not isinstance(inner, dict) else ""))
        elif isinstance(value, list):
            for inner in value:
                look(inner, wanted)
        elif isinstance(value, str) and wanted == "words":
            words.append(value)
        elif isinstance(value, int | float) and wanted == "numbers":
            numbers.append(value)

    look(json.loads(spec), "")
    return (column("of the specification", sorted(numbers)),) if numbers else (), tuple(words)


def message_words(message: Any) -> Iterator[str]:
    """The words to be read of an element's message, those of one list as one text."""
    for descriptor, value in message.ListFields():
        if descriptor.type == descriptor.TYPE_MESSAGE:
            parts = [value] if hasattr(value, "ListFields") else list(value)
            inner = [word for part in parts if hasattr(part, "ListFields") for word in message_words(part)]
            yield from [" | ".join(inner)] if len(parts) > 1 else inner
        elif descriptor.name in FIELDS and descriptor.type == descriptor.TYPE_STRING:
            yield value if isinstance(value, str) else " | ".join(value)


@dataclass
class Moment:
    """What a page shows at a moment."""

    texts: list[str] = field(default_factory=list)
    data: dict[str, list[Column]] = field(default_factory=dict)
    exceptions: list[str] = field(default_factory=list)

    def say(self, text: str) -> None:
        """Keep the sentences of a text that have numbers, and such cells of a row, each with the first cell before it:
        after as many bars as its place in the row."""
        for line in text.split("\n"):
            first, *cells = line.split("\t")
            kept = [f"{first} {'|' * i} {cell}" for i, cell in enumerate(cells, 1) if FIGURE.search(cell)]
            for sentence in kept or SENTENCE_ENDS.split(first):
                shown = " ".join(sentence.split())
                if FIGURE.search(shown):
                    self.texts.append(shown)

    def keep(self, key: str, columns: Iterable[Column]) -> None:
        """Keep columns under a name that no other data has."""
        names = (key if number == 1 else f"{key} ({number})" for number in range(1, 1000))
        self.data[next(name for name in names if name not in self.data)] = list(columns)

    def look(self, node: Any, key: str = "") -> None:
        """Take in an element, or a container and all in it; `key` is that of the nearest container that has one."""
        if children := getattr(node, "children", None):
            if label := getattr(node, "label", ""):
                self.say(str(label))
            for child in children.values():
                self.look(child, getattr(node, "key", None) or key)
        elif hasattr(node, "value"):
            self.take(node, getattr(node, "key", None) or key)

    def take(self, element: Any, key: str) -> None:
        """Take in an element that is no container."""
        proto, kind = element.proto, element.type
        if kind == "exception":
            self.exceptions.append(f"{proto.type}: {proto.message}")
        elif kind == "html":
            read = PlainText(proto.body)
            self.say(read.text)
            pictures = [int(hashlib.sha1(source.encode()).hexdigest()[:12], 16) for source in read.pictures]
            if pictures:
                self.keep("pictures", [column("pictures", pictures)])
        elif kind == "vega_lite_chart":
            sent = [proto.data, *(one.data for one in proto.datasets)]
            parts = [spec_figures(proto.spec), *(arrow_columns(table.data) for table in sent if table.data)]
            self.keep(f"chart {key}", [one for columns, _ in parts for one in columns])
            for text in [proto.alt, *(word for _, words in parts for word in words)]:
                self.say(text)
        elif kind in ("dataframe", "arrow_data_frame", "table", "arrow_table"):
            sent = next(value for descriptor, value in proto.ListFields() if "data" in descriptor.name)
            columns, words = arrow_columns(sent if isinstance(sent, bytes) else sent.data)
            self.keep(f"table {key}".strip(), columns)
            for text in words:
                self.say(text)
        elif kind == "bidi_component":
            sent = [leaf for _, leaf in leaves(json.loads(proto.json or "null"))]
            self.keep(f"component {key}", [column("numbers", [leaf for leaf in sent if not isinstance(leaf, str)])])
            self.say("\n".join(leaf for leaf in sent if isinstance(leaf, str)))
        elif kind == "code":
            if proto.language == "plaintext":  # a message of NumPy or of the engine
                self.say(proto.code_text)
        elif kind not in ("markdown", "caption") or not SOURCE_LINE.match(proto.body):
            for text in message_words(proto):
                self.say(text.replace("**", ""))
            if kind in WITH_VALUE:
                self.say(f"{kind} {key}: {element.value}")
            elif kind in CHOICES - {"multiselect"} and (place := chosen(element)) >= 0:
                self.say(f"{kind} {key}: {element.options[place]}")


# --- collecting: a visit ---


class Clock:
    """The pages' clock, slower where seconds don't matter: an experiment then does more between two redraws."""

    def __init__(self) -> None:
        self._real = time.perf_counter
        self._since, self._then, self._pace = self._real(), 0.0, 1.0

    def __call__(self) -> float:
        return self._then + self._pace * (self._real() - self._since)

    def go(self, pace: float) -> None:
        """Go at another pace from here on."""
        self._then, self._since, self._pace = self(), self._real(), pace


CLOCK = Clock()


def options_of(widget: Any) -> int:
    """How many options a widget has: two where it is on or off, none where its values have no names."""
    return len(widget.options) if widget.type in CHOICES else 2 if widget.type in SWITCHES else 0


def chosen(widget: Any) -> int:
    """The place of a widget's option; -1 where there is none."""
    if widget.type in SWITCHES:
        return int(widget.value)
    if widget.type == "select_slider":
        shown = widget.format_func(widget.value)
    elif widget.type == "button_group":
        shown = next(iter(widget.formatted_values), None)
    else:
        return -1 if widget.index is None else widget.index
    return widget.options.index(shown) if shown in widget.options else -1


def choose(widget: Any, place: int) -> None:
    """Give a widget the option at a place, which AppTest wants as a value, or as the option's text."""
    if widget.type in SWITCHES:
        widget.set_value(bool(place))
        return
    text = widget.options[place]
    number = NUMBER.search(text)
    plain = number.group().replace(",", "") if number else ""
    values: list[Any] = [text]
    values += [int(plain)] if re.fullmatch(r"[-+]?\d+", plain) else []
    values += [float(plain)] if plain else []
    for value in values:
        try:
            if widget.format_func(value) == text:
                widget.set_value(value)
                return
        except Exception:  # a format function may be given what it was not made for
            continue
    if widget.type == "select_slider":
        raise ValueError(f"{widget.key}: no value is known for the option {text!r}.")
    widget.set_value(text)


class Visit:
    """A session of the app, and the moments kept of it."""

    def __init__(self, number: int, query: dict[str, str]) -> None:
        """Begin a session in the setting of this number, with this address."""
        self.number = number
        self.at = AppTest.from_file(Path.cwd() / "app.py", default_timeout=180)
        for name, value in query.items():
            self.at.query_params[name] = value
        self.moments: dict[str, Moment] = {}

    def go(self, page: str) -> None:
        """Go to a page."""
        CLOCK.go(1.0 if page in TRUE_TO_TIME else SLOW)
        if page != "app.py" or self.moments:
            self.at.switch_page(page)
        self.at.run()

    def keep(self, name: str, *, sidebar: bool = False) -> None:
        """Keep what the page shows now."""
        moment = self.moments[name] = Moment()
        moment.look(self.at.main)
        if sidebar:
            moment.look(self.at.sidebar)

    def widgets(self, *kinds: str) -> dict[str, Any]:
        """The page's own widgets of some kinds that can be used, by key, or by number where they have none."""
        found: dict[str, Any] = {}
        for kind in kinds:
            for number, widget in enumerate(self.at.main.get(kind)):
                if not widget.proto.disabled:
                    found[widget.key or f"{kind} {number}"] = widget
        return found

    def press(self, key: str) -> None:
        """Press a button of the page."""
        self.widgets("button")[key].click()
        self.at.run()

    # --- a page of the menu ---

    def lesson(self) -> None:
        """Answer, run, check, and try whatever the page offers."""
        self.preset()
        for key in EACH_RUN:
            self.run_others(key)
        self.answer()
        self.run_all()
        for key in [key for key in self.widgets("button") if key.startswith("check_")]:
            self.press(key)
            self.keep(key)
        self.explore()
        for key in self.widgets("button"):
            if not key.startswith(("run_", "stop_", "again_", "check_")) and key in self.widgets("button"):
                self.press(key)
                self.keep(key)
        self.run_all(" after all")
        self.unfold()

    def preset(self) -> None:
        """Give widgets what makes the page's experiment quick and free of the clock."""
        for key, places in PRESETS.items():
            widget = self.widgets(*CHOICES, *SWITCHES, "slider").get(key)
            if widget is not None:
                place = places[self.number % len(places)]
                if options_of(widget):
                    choose(widget, min(place, options_of(widget) - 1))
                else:
                    widget.set_value(place)
                self.at.run()

    def answer(self, suffix: str = "") -> None:
        """Pick an answer to each question that has none, another one in each setting."""
        asked = [radio for radio in self.widgets("radio").values() if radio.value is None]
        for radio in asked:
            choose(radio, self.number % len(radio.options))
        if asked:
            self.at.run()
            self.keep("answered" + suffix)

    def run_all(self, suffix: str = "") -> None:
        """Run the experiments that can be run to their end, also those that another one's result brings."""
        done = {key for key, settings in RARELY.items() if self.number not in settings}
        while ready := [key for key in self.widgets("button") if key.startswith("run_") and key not in done]:
            done.add(ready[0])
            self.press(ready[0])
            self.play(ready[0].replace("run_", "stop_", 1))
            self.keep(ready[0] + suffix)
            self.answer(f" after {ready[0]}{suffix}")  # a result may bring another question

    def play(self, stop: str) -> None:
        """Let the page redraw itself until this button, which stops an experiment or a run, can't be pressed."""
        for _ in range(MOST_REDRAWS):
            if stop not in self.widgets("button"):
                return
            self.at.run()
        raise RuntimeError(f"{stop}: not at its end after {MOST_REDRAWS} redraws.")

    def run_others(self, key: str) -> None:
        """Run the experiments for some other options of a widget than the one it has, and give that back."""
        widget = self.widgets(*CHOICES).get(key)
        if widget is None:
            return
        before = chosen(widget)
        for place in self.others(before, options_of(widget), MOST_RUN):
            self.give(tuple(CHOICES), key, place)
            self.at.run()
            self.answer(f" {key} = {place}")
            self.run_all(f" {key} = {place}")
        self.give(tuple(CHOICES), key, before)
        self.at.run()

    def explore(self) -> None:
        """Give each widget some other values, one at a time, and the one before back."""
        kinds = (*CHOICES - {"radio", "multiselect"}, *SWITCHES, "slider", "number_input")
        tried = {key: one for key, one in self.widgets(*kinds).items() if key not in (*PART_KEYS, *EACH_RUN)}
        befores = {key: chosen(one) if options_of(one) else one.value for key, one in sorted(tried.items())}
        for key, before in befores.items():
            if key not in self.widgets(*kinds):
                self.at.run()  # the value given back last brings it, too
            widget = self.widgets(*kinds).get(key)
            if widget is None:  # the key may hold a number that another choice has changed
                continue
            count = options_of(widget)
            for value in self.others(before, count, MOST_TRIED.get(key, 3)) if count else [self.other_value(widget)]:
                self.give(kinds, key, value)
                self.at.run()
                self.keep(f"{key} = {value}")
            self.give(kinds, key, before)  # the next run takes it along
        self.at.run()

    def give(self, kinds: tuple[str, ...], key: str, value: Any) -> None:
        """Give a widget the option at a place, or a value where it has no options."""
        widget = self.widgets(*kinds).get(key)
        if widget is None:
            raise KeyError(f"{key} is gone after one of its values was chosen.")
        if options_of(widget):
            choose(widget, value)
        else:
            widget.set_value(value)

    def others(self, before: int, count: int, most: int) -> list[int]:
        """At most so many places of options beside the one chosen, in each setting others."""
        places = [place for place in range(count) if place != before]
        stride = max(1, len(places) // most)
        return sorted({places[(self.number + i * stride) % len(places)] for i in range(min(most, len(places)))})

    def other_value(self, widget: Any) -> Any:
        """A value between a slider's or a field's bounds, other than its own."""
        low, high = widget.proto.min, widget.proto.max
        if widget.type == "number_input":
            return type(widget.value)(min(2 * widget.value + 1, high))
        middle = low + (high - low) * ((self.number % 3) + 1) / 4
        value = int(middle) if isinstance(widget.value, int) else middle
        return value if value != widget.value else type(widget.value)(low)

    def unfold(self) -> None:
        """Open what is folded."""
        keys = [block.key for block in self.at.main.get("expander") if block.key]
        for key in keys:
            self.at.session_state[key] = True
        if keys:
            self.at.run()
            self.keep("unfolded")

    # --- Train ---

    def training(self) -> None:
        """Single updates, single epochs to the end, another run over the first one's curve, and one that is played."""
        for number in (1, 2, 3):
            self.press("step_update")
            self.keep(f"update {number}")
        for number in (1, 2):
            self.press_if_ready("step_epoch")
            self.keep(f"epoch {number}")
        self.explore()
        self.to_the_end()
        self.keep("end")
        seed = self.at.sidebar.number_input(key="choose_seed")
        seed.set_value(seed.value + 1)
        self.at.run()
        self.keep("another seed", sidebar=True)
        self.press("step_epoch")
        self.keep("first epoch of another seed")
        self.unfold()
        self.press("reset")
        self.keep("reset")
        speed = self.widgets("select_slider")["speed"]
        choose(speed, options_of(speed) - 1)
        self.at.run()
        self.press("train")
        self.play("pause")
        self.keep("played")

    def press_if_ready(self, key: str) -> bool:
        """Press a button that may be disabled, because a run has ended; return whether it was pressed."""
        ready = key in self.widgets("button")
        if ready:
            self.press(key)
        return ready

    def to_the_end(self) -> None:
        """Step epochs until the run has ended."""
        for _ in range(MOST_REDRAWS):
            if not self.press_if_ready("step_epoch"):
                return

    def after_training(self) -> None:
        """The pages that look at the weights of the run on Train."""
        self.press("step_epoch")
        self.press_if_ready("step_update")
        self.keep("trained")
        for page, widget, place in (
            ("pages/shapes.py", "shape_weights", -1),
            ("pages/gradient_check.py", None, 0),
            ("pages/modes.py", "noise_at", 1),
        ):
            self.go(page)
            if page == "pages/modes.py":
                self.give(("button_group",), "modes_part", 2)
                self.at.run()
            found = self.widgets(*CHOICES).get(widget or "")
            if found is not None and options_of(found) > 1:
                choose(found, place % options_of(found))
                self.at.run()
            self.keep(f"{page} with trained weights")
            self.answer()
            self.run_all(f" on {page} with trained weights")


class Task(NamedTuple):
    """A visit to make: a page in a setting, which has a number, one of its parts, and what to do there."""

    page: str
    setting: str
    number: int
    part: str
    query: dict[str, str]
    act: Callable[[Visit], None]

    @property
    def part_named(self) -> tuple[str, str]:
        """The name and the value that the address keeps of the part: none of the default."""
        name, values = PARTS.get(self.page, ("", [""]))
        value = self.query.get(name, "")
        return name, "" if value == values[0] else value


def pages_here(wanted: list[str]) -> list[str]:
    """The files of the pages, or of those that are wanted by their names."""
    pages = ["app.py", *sorted(path.as_posix() for path in Path("pages").glob("*.py"))]
    if unknown := {*wanted} - {Path(page).stem for page in pages}:
        known = ", ".join(Path(page).stem for page in pages)
        raise ValueError(f"There is no page {', '.join(sorted(unknown))} here: choose from {known}.")
    return [page for page in pages if not wanted or Path(page).stem in wanted]


def tasks(pages: list[str]) -> list[Task]:
    """All visits to these pages, setting by setting."""
    made = []
    for number, (setting, sidebar) in enumerate(SETTINGS.items()):
        for page in pages:
            name, values = PARTS.get(page, ("", [""]))
            for i, value in enumerate(values):
                looked_at = name == LOOKED_AT and i > 0
                act = Visit.training if page == "app.py" else Visit.unfold if looked_at else Visit.lesson
                part = f"{name}={value}" if value else ""
                made.append(Task(page, setting, number, part, sidebar | ({name: value} if value else {}), act))
        if "app.py" in pages:
            made.append(Task("app.py", setting, number, "and then other pages", sidebar, Visit.after_training))
    for page, value in LARGE_VISITS:
        if page in pages:
            name, _ = PARTS[page]
            query = LARGE_SIDEBAR | {name: value}
            made.append(Task(page, LARGE, len(SETTINGS), f"{name}={value}", query, Visit.lesson))
    return made


Key = tuple[str, str, str, str]  # page, setting, part, moment


def make(task: Task) -> tuple[dict[Key, Moment], float]:
    """Make a visit; return its moments and the seconds of processor time it took."""
    logging.disable(logging.WARNING)
    time.perf_counter = CLOCK  # before the pages' modules are imported, which take it from there
    main, started = sys.modules["__main__"], time.process_time()
    visit = Visit(task.number, task.query)
    try:
        visit.go(task.page)
        visit.keep("opened", sidebar=True)
        name, value = task.part_named
        if value and name not in visit.at.query_params:
            raise ValueError(f"The page does not take {name}={value} from its address.")
        task.act(visit)
    except Exception as error:  # a page that can't be driven to its end is a finding, too
        visit.moments["the visit"] = Moment(exceptions=[f"{type(error).__name__}: {error}"])
    sys.modules["__main__"] = main  # a page's script takes its place, but a process of a pool looks for `make` there
    moments = {(task.page, task.setting, task.part, name): moment for name, moment in visit.moments.items()}
    return moments, time.process_time() - started


def collect(pages: list[str], processes: int) -> dict[str, Any]:
    """Make all visits; return all that was seen, each text and each column once."""
    texts: dict[str, int] = {}
    columns: dict[Column, int] = {}
    moments: list[list[Any]] = []
    seconds: dict[str, float] = defaultdict(float)
    started, todo = time.monotonic(), tasks(pages)
    pool = ProcessPoolExecutor(processes, mp_context=get_context("spawn")) if processes > 1 else None
    for task, (seen, took) in zip(todo, pool.map(make, todo) if pool else map(make, todo), strict=True):
        seconds[task.page] += took
        what = f"{task.setting}  {task.page} {task.part}"
        print(f"{time.monotonic() - started:6.1f} s  {took:5.1f} s  {what}", flush=True)
        for key, moment in seen.items():
            for what in moment.exceptions:
                print(f"          {key[3]}: {what}", flush=True)
            said = [texts.setdefault(text, len(texts)) for text in moment.texts]
            data = {
                name: [columns.setdefault(one, len(columns)) for one in found] for name, found in moment.data.items()
            }
            moments.append([list(key), said, data, moment.exceptions])
    if pool:
        pool.shutdown()
    about = {"python": platform.python_version(), "numpy": np.__version__, "machine": platform.machine()}
    spent = {page: round(total, 1) for page, total in seconds.items()}
    print(f"{len(moments):,} moments, {len(texts):,} texts with numbers, {len(columns):,} columns")
    print(f"{sum(spent.values()):.0f} s of processor time: {spent}")
    return {"about": about, "pages": pages, "texts": list(texts), "columns": list(columns), "moments": moments}


# --- comparing ---


def read(path: Path) -> tuple[dict[Key, Moment], list[str], dict[str, str]]:
    """The moments that a file holds, the pages they are of, and what made it."""
    found = json.loads(path.read_text(encoding="utf-8"))
    columns = [
        Column(name, codes, length, digest, tuple(sums), tuple(first))
        for name, codes, length, digest, sums, first in found["columns"]
    ]
    moments = {
        tuple(key): Moment(
            [found["texts"][i] for i in texts],
            {name: [columns[i] for i in places] for name, places in data.items()},
            exceptions,
        )
        for key, texts, data, exceptions in found["moments"]
    }
    return moments, found["pages"], found["about"]


TIME = re.compile(r"(?:under )?# ?(?:ns|µs|ms|s|min|h)\b")  # a duration takes another unit on another day


@cache
def taken_apart(text: str) -> tuple[str, tuple[str, ...]]:
    """A sentence without its numbers, and its numbers."""
    return TIME.sub("# (time)", FIGURE.sub("#", text)), tuple(FIGURE.findall(text))


@cache
def alike(one: str, other: str) -> float:
    """How alike two sentences are, 0 to 1, word by word."""
    return difflib.SequenceMatcher(None, one.split(), other.split(), autojunk=False).ratio()


class Finding(NamedTuple):
    """A difference. Those of a kind, a page and a `what` are one and the same in many moments."""

    kind: str
    page: str
    what: str
    detail: str
    key: Key


Groups = dict[str, list[tuple[str, ...]]]  # of each sentence without its numbers, the numbers wherever it stands


def grouped(moment: Moment) -> Groups:
    """The numbers of a moment by the sentences they stand in."""
    groups: Groups = defaultdict(list)
    for text in moment.texts:
        words, numbers = taken_apart(text)
        groups[words].append(numbers)
    return groups


class Known(NamedTuple):
    """What the runs before agree on. stable: a sentence's numbers, None where the clock decides; by_clock: sentences
    that come and go with the clock."""

    stable: dict[str, list[tuple[str | None, ...]]]
    by_clock: set[str]


def agreed(befores: list[Groups]) -> Known:
    """What all runs of the same code show."""
    stable, by_clock = {}, set()
    for words in {words: None for groups in befores for words in groups}:
        runs = [groups.get(words, []) for groups in befores]
        if len({len(run) for run in runs}) > 1:
            by_clock.add(words)
            continue
        stable[words] = [
            tuple(numbers[0] if len(set(numbers)) == 1 else None for numbers in zip(*occurrence, strict=True))
            for occurrence in zip(*runs, strict=True)
        ]
    return Known(stable, by_clock)


def says_something(words: str) -> bool:
    """Whether a sentence without its numbers has enough words to be known again elsewhere on its page."""
    return len(re.findall(r"[^\W\d_]{2,}", words)) >= 3


def clock_places(known: Iterable[Known]) -> dict[str, set[int]]:
    """The numbers of a page's sentences that the clock decides in some moment: in another it may do so, too, though
    the runs before happened to agree. Sentences that come and go have all their numbers in it."""
    places: dict[str, set[int]] = defaultdict(set)
    for one in known:
        for words in one.by_clock:
            places[words] |= {*range(words.count("#"))}
        for words, found in one.stable.items():
            places[words] |= {i for numbers in found for i, number in enumerate(numbers) if number is None}
    return {words: found for words, found in places.items() if found and says_something(words)}


def without(known: Known, places: dict[str, set[int]]) -> Known:
    """What the runs before agree on, without the numbers in these places."""
    stable = {
        words: [tuple(None if i in places[words] else one for i, one in enumerate(numbers)) for numbers in found]
        if words in places
        else found
        for words, found in known.stable.items()
    }
    return Known(stable, known.by_clock)


def filled(words: str, numbers: Iterable[str | None]) -> str:
    """A sentence with its numbers again, … where the clock decides."""
    pieces = words.split("#")
    shown = ["…" if number is None else number for number in numbers]
    return "".join(piece + number for piece, number in zip(pieces, [*shown, ""], strict=False))


def compare_texts(key: Key, known: Known, after: Groups, places: dict[str, set[int]]) -> Iterator[Finding]:
    """Numbers that changed in sentences that did not, and those that vanished or appeared with other words."""
    gone: list[tuple[str, tuple[str | None, ...]]] = []
    new: list[tuple[str, tuple[str, ...]]] = []
    for words, before in known.stable.items():
        now = after.get(words, [])
        if len(now) != len(before):
            gone += [(words, numbers) for numbers in before]
            new += [(words, numbers) for numbers in now]
            continue
        for old, fresh in zip(before, now, strict=True):
            changed = [f"{a} → {b}" for a, b in zip(old, fresh, strict=True) if a is not None and a != b]
            if changed:
                detail = f"{', '.join(changed)}   in: {filled(words, fresh)}"
                yield Finding("CHANGED", key[0], words, detail, key)
    for words, now in after.items():
        if words not in known.stable and words not in known.by_clock and words not in places:
            new += [(words, numbers) for numbers in now]
    before = Counter(number for _, numbers in gone for number in numbers if number is not None)
    now = Counter(number for _, numbers in new for number in numbers)
    vanished, appeared = before - now, now - before
    for words, numbers in gone:
        here = take(vanished, numbers)
        if here:
            yield Finding("VANISHED", key[0], words, f"{', '.join(here)}   in: {filled(words, numbers)}", key)
    for words, numbers in new:
        here = take(appeared, numbers)
        if here:
            timed = "(time)" in words or any(None in old and alike(words, other) > 0.5 for other, old in gone)
            note = "   (may depend on the clock)" if timed else ""
            yield Finding("NEW", key[0], words, f"{', '.join(here)}   in: {filled(words, numbers)}{note}", key)


def take(wanted: Counter[str], numbers: Iterable[str | None]) -> list[str]:
    """Those of the numbers that are still wanted, each as often as it is, and then no more."""
    taken = []
    for number in numbers:
        if number is not None and wanted[number] > 0:
            wanted[number] -= 1
            taken.append(number)
    return taken


def described(one: Column) -> str:
    """A column in a few words."""
    first = ", ".join(f"{value:g}" for value in one.first)
    return f"{one.length} {'words' if one.codes else 'numbers'}, sum {one.sums[0]:.10g}, first {first}"


def by_rounding(one: Column, other: Column) -> bool:
    """Whether two columns differ by no more than a billionth of the sizes of their numbers, as sums in another order
    do."""
    size = max(one.sums[2], other.sums[2])
    same = zip(one.sums, other.sums, strict=True)
    return one.length == other.length and one.codes == other.codes and all(abs(a - b) <= 1e-9 * size for a, b in same)


class Steady(NamedTuple):
    """The columns of a chart on which the runs before agree, and how many there are on which they don't."""

    columns: list[Column]
    by_clock: int


def steady_columns(befores: list[list[Column]]) -> Steady:
    """Compare the columns of the same chart in runs of the same code, place by place."""
    if len({len(columns) for columns in befores}) > 1:
        return Steady([], max(map(len, befores)))
    agreed_on = [same[0] for same in zip(*befores, strict=True) if len({one.digest for one in same}) == 1]
    return Steady(agreed_on, len(befores[0]) - len(agreed_on))


def unmatched(columns: list[Column], others: list[Column]) -> list[Column]:
    """The columns whose values are in none of the others, each of which can match once."""
    left = Counter(one.digest for one in others)
    missing = []
    for one in columns:
        if left[one.digest]:
            left[one.digest] -= 1
        else:
            missing.append(one)
    return missing


def compare_data(key: Key, before: dict[str, Steady], after: dict[str, list[Column]]) -> Iterator[Finding]:
    """Charts, tables and pictures whose numbers changed, whatever their columns are called now."""
    nameless = [name for name in after if name not in before]
    for name, (columns, by_clock) in before.items():
        now = after.get(name)
        if now is None and columns:  # the same data may have another key
            now = next((after[other] for other in nameless if not unmatched(columns, after[other])), None)
        if now is None:
            if columns or not by_clock:
                yield Finding("DATA", key[0], name, f"{name} is gone", key)
            continue
        lost, found = unmatched(columns, now), unmatched(now, columns)
        for one in lost:
            other = next((other for other in found if other.name == one.name), next(iter(found), None))
            if other is None:
                yield Finding("DATA", key[0], f"{name}: {one.name}", f"{one.name} is gone: {described(one)}", key)
                continue
            found.remove(other)
            small = "   (only by rounding)" if by_rounding(one, other) else ""
            detail = f"{one.name}: {described(one)}  →  {described(other)}{small}"
            yield Finding("DATA", key[0], f"{name}: {one.name}", detail, key)
        for other in found[by_clock:]:
            yield Finding("DATA", key[0], f"{name}: {other.name}", f"{other.name} is new: {described(other)}", key)
    for name in nameless:
        if not any(not unmatched(columns, after[name]) and columns for columns, _ in before.values()):
            yield Finding("DATA", key[0], name, f"{name} is new", key)


def compare(befores: list[dict[Key, Moment]], after: dict[Key, Moment]) -> tuple[list[Finding], Counter[str]]:
    """All differences, and how much was left out because the clock decides it, by page."""
    findings: list[Finding] = []
    left_out: Counter[str] = Counter()
    keys = [key for key in befores[0] if all(key in before for before in befores)]
    texts = {key: agreed([grouped(before[key]) for before in befores]) for key in keys}
    places = {page: clock_places(texts[key] for key in keys if key[0] == page) for page in {key[0] for key in keys}}
    for key in keys:
        page = key[0]
        known, moment, seen = without(texts[key], places[page]), after.get(key), [before[key] for before in befores]
        if moment is None:
            findings.append(Finding("MISSING", page, key[3], "this moment is gone", key))
            continue
        names = {name: None for one in seen for name in one.data}
        steady = {name: steady_columns([one.data.get(name, []) for one in seen]) for name in names}
        findings += compare_texts(key, known, grouped(moment), places[page])
        findings += compare_data(key, steady, moment.data)
        findings += compare_exceptions(key, [{*one.exceptions} for one in seen], {*moment.exceptions})
        numbers = [number for found in known.stable.values() for one in found for number in one]
        left_out[f"{page}: numbers in sentences"] += numbers.count(None)
        left_out[f"{page}: sentences that come and go"] += len(known.by_clock)
        left_out[f"{page}: columns"] += sum(one.by_clock for one in steady.values())
    for key, moment in after.items():
        if not any(key in before for before in befores):
            findings.append(Finding("NEW MOMENT", key[0], key[3], "only after the change", key))
            findings += compare_exceptions(key, [set()], {*moment.exceptions})
    return findings, left_out


def compare_exceptions(key: Key, befores: list[set[str]], after: set[str]) -> Iterator[Finding]:
    """Exceptions that came, and those that went."""
    for what in sorted(after - set.union(*befores)):
        yield Finding("EXCEPTION", key[0], what, f"came: {what}", key)
    for what in sorted(set.intersection(*befores) - after):
        yield Finding("EXCEPTION", key[0], what, f"went: {what}", key)


FAILS = ("EXCEPTION", "MISSING", "DATA", "CHANGED")
KINDS = (*FAILS, "VANISHED", "NEW", "NEW MOMENT")


def report(findings: list[Finding], most: int) -> None:
    """Print the findings, those of the same sentence or column of a page together, with some examples of each."""
    groups: dict[tuple[str, str, str], list[Finding]] = defaultdict(list)
    for finding in findings:
        groups[finding.kind, finding.page, finding.what].append(finding)
    for (kind, page, _), found in sorted(groups.items(), key=lambda item: (KINDS.index(item[0][0]), item[0][1])):
        settings = {finding.key[1] for finding in found}
        moments = f"{len(found)} time{'s' * (len(found) != 1)} in {len(settings)} setting{'s' * (len(settings) != 1)}"
        print(f"{kind}  {page}  {moments}")
        for finding in found[:most]:
            where = " / ".join(filter(None, finding.key[1:]))
            print(f"    {where}\n        {finding.detail[:600]}")


def main() -> int:
    """Collect into a file, or compare files; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path, help="the file to write, or with --compare those to read")
    parser.add_argument("--compare", action="store_true", help="two or more files of the code before, and one after")
    parser.add_argument("--pages", nargs="*", default=[], help="the pages to collect, such as app modes: all")
    parser.add_argument("--processes", type=int, default=1, help="how many collect at the same time")
    parser.add_argument("--examples", type=int, default=2, help="of each difference, how many are printed")
    parser.add_argument("--left-out", action="store_true", help="print how much the clock decides, by page")
    arguments = parser.parse_args()
    if not arguments.compare:
        if len(arguments.files) != 1 or not Path("app.py").is_file():
            parser.error("to collect, name one file to write, in a folder that has app.py.")
        found = collect(pages_here(arguments.pages), arguments.processes)
        arguments.files[0].write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")
        return 0
    if len(arguments.files) < 3:
        parser.error("to compare, name two or more files of the code before, and one of the code after.")
    contents, pages, abouts = zip(*map(read, arguments.files), strict=True)
    contents = [{key: moment for key, moment in one.items() if key[0] in pages[-1]} for one in contents]
    if len({tuple(about.items()) for about in abouts}) > 1:
        print(f"The files were not made in the same surroundings: {[*abouts]}")
    findings, left_out = compare(contents[:-1], contents[-1])
    report(findings, arguments.examples)
    if arguments.left_out:
        for what, count in sorted(left_out.items()):
            print(f"left out  {what}: {count:,}")
    counts = Counter(finding.kind for finding in findings)
    summary = ", ".join(f"{counts[kind]:,} {kind}" for kind in KINDS if counts[kind]) or "nothing differs"
    print(f"{len(contents[-1]):,} moments compared: {summary}.")
    return int(any(counts[kind] for kind in FAILS))


if __name__ == "__main__":
    sys.path.insert(0, str(Path.cwd()))  # the pages' own, also where this file is run by its path
    sys.exit(main())
