"""A run read from a file that anybody may have written: each way in which it can't be used is one sentence."""

import json
import math
from collections.abc import Collection
from typing import Any, NoReturn

import numpy as np

from mbgd.engine.activations import Array
from mbgd.engine.checks import shown
from mbgd.engine.losses import LOSSES
from mbgd.engine.network import Layer
from mbgd.share.address import PARAMETERS
from mbgd.share.allowed import CAPS, Between
from mbgd.share.choices import RATES, Choices
from mbgd.share.runs.record import MOST_POINTS, History, Record
from mbgd.share.runs.store import LONGEST_NAME, one_line
from mbgd.share.runs.writing import KIND, OPTIONAL, SCHEMA, settings_of, versions

MOST_MB = 5
MOST_BYTES = MOST_MB * 1_000_000
# Of brackets, quotes and commas in a file: more than its largest run needs, and few enough to read in a moment.
MOST_OF = {b"[": 10_000, b"{": 1_000, b'"': 5_000, b",": 300_000}
MOST_RATES = 1_000  # learning rates that one run may have had
LONGEST_TEXT = 200  # characters of a choice or a version
KEYS = (
    *("kind", "schema", "name", "versions", "choices", "settings", "data"),
    *("rates", "updates", "failed", "seconds", "history", "layers"),
)
RATE = Between(min(RATES), max(RATES))
CHANGED = "the file was changed"


# --- the file ---


def read_run(file: bytes) -> Record:
    """The run in a JSON file of this app; ValueError, with one sentence, for anything else.

    What is read agrees with itself and with what the app allows. `checking` tells whether it agrees with the data, and
    with the run made again.
    """
    values = _parsed(file)
    if not isinstance(values, dict) or values.get("kind") != KIND:
        raise ValueError(_NOT_OURS)
    _keyed("the parts", values, KEYS)
    if type(values["schema"]) is not int or values["schema"] != SCHEMA:
        raise ValueError(
            f"The file has the schema {shown(values['schema'])} and this app reads {SCHEMA}: download it again with "
            "this version of the app."
        )
    _versions(values["versions"])
    choices = _choices(values["choices"])
    data = _keyed("“data”", values["data"], ("loss", "rows_train", "fingerprint"))
    rows_train = _whole("“rows_train”", data["rows_train"], 1, 1_000_000)
    updates = _whole("“updates”", values["updates"], 1, choices.epochs * rows_train)
    failed = values["failed"]
    if failed is not None:
        failed = _whole("“failed”", failed, updates, updates + 1)
    if rows_train * sum(choices.hidden) > CAPS.rows * CAPS.units * CAPS.layers:
        raise ValueError(
            f"The file asks for {sum(choices.hidden):,} hidden units with {rows_train:,} training rows, and one update "
            "of so large a network would hold up all others."
        )
    layers = _layers(values["layers"], choices, failed is not None)
    run = Record(
        choices,
        _known("“loss”", data["loss"], LOSSES),
        _text("“fingerprint”", data["fingerprint"]),
        rows_train,
        _rates(values["rates"], updates),
        updates,
        failed,
        _number("“seconds”", values["seconds"], 0.0),
        _history(values["history"], updates),
        layers,
        name=one_line(_text("“name”", values["name"], LONGEST_NAME)),
        pinned=True,
    )
    if values["settings"] != settings_of(run):
        raise ValueError(f"The file's “settings” are not those of its “choices”, so {CHANGED}.")
    return run


_NOT_OURS = "The file is no run of this app: choose a file that “Download the run (JSON)” on this page has written."


def _parsed(file: bytes) -> Any:
    """The values in a file. Before it is parsed, its size and its parts are counted."""
    if not file:
        raise ValueError("The file is empty: choose a file that “Download the run (JSON)” on this page has written.")
    if len(file) > MOST_BYTES:
        raise ValueError(
            f"The file has {len(file) / 1e6:.1f} MB and this page reads at most {MOST_MB} MB: train a network with "
            "fewer units, or keep its weights as .npz."
        )
    if any(file.count(mark) > most for mark, most in MOST_OF.items()):
        raise ValueError("The file has more parts than any run of this app: choose another one.")
    try:
        return json.loads(file.decode("utf-8-sig"), parse_constant=_refuse_constant, object_pairs_hook=_each_name_once)
    except _Refused as refused:
        raise ValueError(str(refused)) from None
    except (ValueError, RecursionError):  # no UTF-8, no JSON, a number of thousands of digits, or too deep
        raise ValueError(
            "The file is not JSON that this page can read: choose a file that “Download the run (JSON)” has written."
        ) from None


class _Refused(Exception):
    """Something in a file that Python's own reader would accept."""


def _refuse_constant(name: str) -> NoReturn:
    raise _Refused(f"The file has {name} where a finite number must be: a run's numbers are all finite.")


def _each_name_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _Refused(f"The file names a part twice, so {CHANGED}.")
    return found


# --- its parts ---


def _keyed(what: str, value: Any, keys: Collection[str]) -> dict[str, Any]:
    """A part of the file that has these names, and no others."""
    if not isinstance(value, dict):
        raise ValueError(f"In the file, {what} must have named parts, not {shown(value)}.")
    if missing := [key for key in keys if key not in value]:
        raise ValueError(f"In {what} of the file, “{missing[0]}” is missing.")
    if odd := [key for key in value if key not in keys]:
        raise ValueError(f"In {what} of the file, there is {shown(odd[0])}, which no run has.")
    return value


def _text(what: str, value: Any, longest: int = LONGEST_TEXT) -> str:
    if not isinstance(value, str) or len(value) > longest or not value.isprintable():
        raise ValueError(f"In the file, {what} must be a text of at most {longest} characters, not {shown(value)}.")
    return value


def _known(what: str, value: Any, known: Collection[str]) -> str:
    if not isinstance(value, str) or value not in known:
        raise ValueError(f"In the file, {what} must be {' or '.join(known)}, not {shown(value)}.")
    return value


def _whole(what: str, value: Any, least: int, most: int) -> int:
    if type(value) is not int or not least <= value <= most:
        raise ValueError(f"In the file, {what} must be a whole number from {least:,} to {most:,}, not {shown(value)}.")
    return value


def _number(what: str, value: Any, least: float = -math.inf) -> float:
    if type(value) not in (int, float) or not abs(value) <= 1.7e308 or value < least:
        at_least = "" if least == -math.inf else f" of at least {least:g}"
        raise ValueError(f"In the file, {what} must be a finite number{at_least}, not {shown(value)}.")
    return float(value)


def _numbers(what: str, value: Any, most: int) -> Array:
    """A list of finite numbers as an array."""
    if not isinstance(value, list) or not 1 <= len(value) <= most:
        raise ValueError(f"In the file, {what} must be a list of 1 to {most:,} numbers.")
    if not all(type(one) in (int, float) and abs(one) <= 1.7e308 for one in value):
        raise ValueError(f"In the file, {what} must be finite numbers only.")
    return np.array(value, dtype=np.float64)


def _versions(value: Any) -> None:
    for name, text in _keyed("“versions”", value, tuple(versions())).items():
        _text(f"the version of {name}", text)


def _choices(value: Any) -> Choices:
    """The choices, each within what a link may ask for."""
    needed = [name for name in PARAMETERS if name not in OPTIONAL]
    given = [name for name in OPTIONAL if isinstance(value, dict) and name in value]
    texts = _keyed("“choices”", value, [*needed, *given])
    chosen: dict[str, Any] = {}
    for name, text in texts.items():
        try:
            chosen[name] = PARAMETERS[name].read(_text(f"the choice {name}", text))
        except ValueError as error:
            why = str(error).rstrip(".")
            raise ValueError(
                f"The file's choice {name}={shown(text)} can't be used: {why[0].lower()}{why[1:]}."
            ) from None
    return Choices(**chosen)


def _rates(value: Any, updates: int) -> tuple[tuple[int, float], ...]:
    if not isinstance(value, list) or not 1 <= len(value) <= MOST_RATES:
        raise ValueError(f"In the file, “rates” must be a list of 1 to {MOST_RATES:,} learning rates.")
    found: list[tuple[int, float]] = []
    for pair in value:
        if not isinstance(pair, list) or len(pair) != 2:
            raise ValueError("In the file, each of “rates” must be a number of updates and a learning rate.")
        at, rate = _whole("a number of updates in “rates”", pair[0], 0, updates), _number("a learning rate", pair[1])
        if rate not in RATE:
            raise ValueError(
                f"In the file, a learning rate is {rate:g}, and this app trains with {RATE.least:g} to {RATE.most:g}."
            )
        if bool(found) != (at > (found[-1][0] if found else 0)):
            raise ValueError("In the file, the updates of “rates” must begin with 0 and rise.")
        found.append((at, rate))
    return tuple(found)


def _history(value: Any, updates: int) -> History:
    """The history. What is drawn is measured again, but nothing that this app does not write may be in a file."""
    columns = _keyed("“history”", value, History._fields)
    found = History(*(_numbers(f"“{name}” of the history", columns[name], MOST_POINTS) for name in History._fields))
    if len({len(column) for column in found}) > 1:
        raise ValueError("In the file, the columns of “history” must have the same length.")
    rising = (np.diff(found.updates) > 0).all() and found.updates[0] >= 0 and found.updates[-1] <= updates
    if not rising or min(column.min() for column in found) < 0:
        raise ValueError(f"In the file, the “history” must rise from update 0 to {updates:,}, with no number below 0.")
    return found


def _layers(value: Any, choices: Choices, failed: bool) -> list[Layer] | None:
    """The weights, in layers that fit each other and the choices."""
    if value is None and failed:
        return None  # they were not all finite
    units = choices.hidden
    if not isinstance(value, list) or len(value) != len(units) + 1:
        raise ValueError(f"In the file, “layers” must be a list of {len(units) + 1} layers, as its choices have.")
    layers: list[Layer] = []
    for number, part in enumerate(value, 1):
        parts = _keyed(f"layer {number}", part, ("activation", "W", "b"))
        activation = choices.activation if number <= len(units) else "identity"
        _known(f"the activation of layer {number}", parts["activation"], (activation,))
        b = _numbers(f"“b” of layer {number}", parts["b"], 100_000)
        W = _matrix(number, parts["W"])
        inputs = len(layers[-1].b) if layers else W.shape[1]
        outputs = units[number - 1] if number <= len(units) else len(b)
        if W.shape != (outputs, inputs) or b.shape != (outputs,):
            raise ValueError(
                f"In the file, layer {number} has W {W.shape} and b {b.shape}, and its choices ask for W "
                f"({outputs}, {inputs}) and b ({outputs},)."
            )
        layers.append(Layer(W, b, activation))
    return layers


def _matrix(number: int, value: Any) -> Array:
    what = f"“W” of layer {number}"
    if not isinstance(value, list) or not 1 <= len(value) <= 100_000:
        raise ValueError(f"In the file, {what} must be a list of rows.")
    rows = [_numbers(what, row, 100_000) for row in value]
    if len({len(row) for row in rows}) > 1:
        raise ValueError(f"In the file, the rows of {what} must have the same length.")
    return np.stack(rows)
