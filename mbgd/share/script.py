"""A run as a Python file of its own: it needs NumPy alone, and trains the same network on the same batches.

The formulas of the activation, the loss and the first weights are read from the engine, so they are those that the
run was trained with. The rest is textbook code. `sections` are shared with the notebook.
"""

import base64
import hashlib
import io
import textwrap
import zlib
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from mbgd.charts.words import count
from mbgd.data.dataset import Dataset
from mbgd.engine.activations import ACTIVATIONS, Array
from mbgd.engine.losses import LOSSES
from mbgd.share.choices import OWN, Choices
from mbgd.share.formulas import one_line, sources
from mbgd.share.textbook import (
    CHAIN_RULE,
    CHAIN_RULE_OF_INFINITE,
    FIRST_LAYERS,
    HIDDEN_LAYERS,
    NO_HIDDEN_LAYER,
    TRAINING,
)

WIDTH = 116  # letters in a line of words
LARGEST = 100_000_000  # bytes of arrays that a script may hold
SPLITS = {"train": "training", "val": "validation"}


class Section(NamedTuple):
    """A part of the script: its code, and what a notebook says above it. wide: whether it has a very long line."""

    title: str
    words: str
    code: str
    wide: bool = False


class OwnFile(NamedTuple):
    """A data set that is too private or too large for a script: its file's path, and the SHA-256 of its bytes.

    reading: lines of Python that make X_train, Y_train, X_val and Y_val, standardised, of the bytes `content`.
    """

    path: str
    fingerprint: str
    reading: str


def prepared(run: "Taken") -> bytes:
    """The rows of a data set as the network sees them, as a .npy file: training rows first, inputs first."""
    file = io.BytesIO()
    np.save(file, _table(run.dataset), allow_pickle=False)
    return file.getvalue()


def prepared_file(run: "Taken") -> OwnFile:
    """The file that `prepared` makes, as the script reads it."""
    return OwnFile(file_name(run, "npy"), hashlib.sha256(prepared(run)).hexdigest(), _slices(run.dataset, _LOADED))


_LOADED = "table = np.load(io.BytesIO(content), allow_pickle=False)"


def _table(dataset: Dataset) -> Array:
    """All rows (N, n + k): training rows first; each its inputs, then its targets."""
    return np.block([[dataset.X_train, dataset.Y_train], [dataset.X_val, dataset.Y_val]])


def _slices(dataset: Dataset, table: str) -> str:
    """Lines of Python: the one that makes the table, and those that cut it into inputs and targets."""
    rows, n = dataset.X_train.shape
    return f"""
{table}  # one row per sample: its inputs, then its targets
X_train, Y_train = table[:{rows}, :{n}], table[:{rows}, {n}:]
X_val, Y_val = table[{rows}:, :{n}], table[{rows}:, {n}:]
""".strip()


class Taken(NamedTuple):
    """A run to take home: what it was made from, and what it came to.

    stages: until which update it had which learning rate, the last one at its end. losses: by split, those over all
    rows at its end, to compare with; empty if they are not known. title: the run in a few words. diverged: whether its
    last update failed. own: the file of its data, for data that are not in the app.
    """

    choices: Choices
    dataset: Dataset
    stages: Sequence[tuple[int, float]]
    losses: Mapping[str, float] = {}
    title: str = ""
    diverged: bool = False
    own: OwnFile | None = None


def script(run: Taken) -> str:
    """The Python file. Raises ValueError for a run without an update, and for data that are too large for a file."""
    parts = []
    for section in sections(run):
        comment = "\n".join(_commented(section.words)) if section.words else ""
        parts.append("\n".join(filter(None, [comment, section.code])))
    return f'"""{one_line(headline(run))} It needs NumPy alone."""\n\n' + "\n\n".join(parts) + "\n"


def headline(run: Taken) -> str:
    """The run in one line: its settings, and how many updates."""
    return f"Gradient descent on batches: {run.title or run.choices.data}, {count(run.stages[-1][0], 'update')}."


def file_name(run: Taken, ending: str) -> str:
    """The name of the file: the data set and the batch size."""
    name = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in run.choices.data)
    return f"{name}-batch-{run.choices.batch_size(len(run.dataset.X_train))}.{ending}"


def sections(run: Taken) -> list[Section]:
    """The parts of the script, in their order."""
    _check(run)
    own = run.own or (prepared_file(run) if run.choices.data == OWN else None)
    data = _own(own, run.choices.own) if own else _embedded(run.dataset)
    return [_settings(run), _formulas(run), _network(run), _training(run), data, _result(run)]


def _check(run: Taken) -> None:
    ends = [until for until, _ in run.stages]
    if not ends or ends != sorted(set(ends)) or ends[0] < 1:
        raise ValueError(
            f"The stages of a run must end at rising updates, from 1 on, not at {ends}: train a run first."
        )
    data = run.dataset
    size = sum(array.nbytes for array in (data.X_train, data.Y_train, data.X_val, data.Y_val))
    if size > LARGEST and not run.own and run.choices.data != OWN:
        raise ValueError(
            f"The data have {size / 1e6:,.0f} MB, and a script holds at most {LARGEST / 1e6:.0f} MB: give its file."
        )


# --- the parts ---


def _settings(run: Taken) -> Section:
    chosen, data = run.choices, run.dataset
    n_train, n, k = len(data.X_train), data.X_train.shape[1], data.Y_train.shape[1]
    stages = [(int(until), float(rate)) for until, rate in run.stages]
    code = f"""
import base64, zlib
import numpy as np

np.seterr(all="ignore")  # a run that diverges overflows: the training loop notices that by itself
SIZES = {[n, *chosen.hidden, k]}  # inputs, the units of each hidden layer, outputs
BATCH_SIZE = {chosen.batch_size(n_train)}  # rows that one update sees, of {n_train:,} training rows
STAGES = {stages}  # until which update the run has which learning rate; the last one ends it
SHUFFLE = {chosen.shuffle}  # draw a new order of the rows in each epoch
KEEP_LAST = {chosen.last == "keep"}  # if the rows don't divide evenly: train on the short last batch, too
SEED = {chosen.seed}  # it gives three independent streams of random numbers: data, first weights, batches
_, WEIGHT_SEED, ORDER_SEED = np.random.SeedSequence(SEED).spawn(3)
"""
    return Section("Settings", "", code.strip())


def _formulas(run: Taken) -> Section:
    """The engine's own functions: the loss, and what the layers need."""
    hidden, output = ACTIVATIONS[run.choices.activation], ACTIVATIONS["identity"]
    functions = [output.first_variance, LOSSES[run.dataset.loss].with_derivative]
    words = "The formulas: the variance of the first weights, and the loss with its derivative."
    if run.choices.hidden:
        functions = [hidden.function, hidden.derivative, hidden.first_variance, *functions]
        words = f"The formulas: the activation, {words.partition(': ')[2]}"
    return Section("Formulas", words, "\n\n".join(sources(functions)))


def _network(run: Taken) -> Section:
    """First weights, forward pass and backward pass, with the names of this run's activation."""
    hidden, output = ACTIVATIONS[run.choices.activation], ACTIVATIONS["identity"].first_variance.__name__
    if run.choices.hidden:
        # In numbers that overflow, 0 · ∞ is NaN. The app's engine takes 0, and so diverges later.
        lines = HIDDEN_LAYERS.replace(CHAIN_RULE, CHAIN_RULE_OF_INFINITE) if run.diverged else HIDDEN_LAYERS
        lines = lines.replace("ACTIVATION", hidden.function.__name__).replace("DERIVATIVE", hidden.derivative.__name__)
        variance = hidden.first_variance.__name__
        if variance != output:
            output = f"({variance} if i < len(SIZES) - 2 else {output})"
    else:
        lines = NO_HIDDEN_LAYER
    words = "A network is a list of layers [W (k, n), b (k,)]. The output layer has no activation."
    first_layers = FIRST_LAYERS.replace("VARIANCE", output)
    return Section("The network", words, f"{first_layers.strip()}\n\n{lines.strip()}")


def _training(run: Taken) -> Section:
    words = "One epoch goes through the training rows once, batch by batch. Each batch gives one update."
    loss = LOSSES[run.dataset.loss].with_derivative.__name__
    return Section("The training loop", words, TRAINING.replace("LOSS", loss).strip())


def _embedded(dataset: Dataset) -> Section:
    """The data set in one line: all columns of inputs and targets, training rows first, compressed."""
    columns = _table(dataset).T.astype("<f8")  # column by column: like numbers side by side compress better
    data = base64.b64encode(zlib.compress(columns.tobytes(), 9)).decode()
    code = f"""
DATA = "{data}"
numbers = np.frombuffer(zlib.decompress(base64.b64decode(DATA)), dtype="<f8").astype(float)
{_slices(dataset, f"table = numbers.reshape{columns.shape}.T")}
"""
    words = f"""
The data, standardised with the mean and standard deviation of the training rows{
        ", with a column for each class" if dataset.classes else ""
    }. The long line holds the numbers, compressed. {one_line(dataset.source)}
Licence: {one_line(dataset.licence)}
"""
    return Section("The data", " ".join(words.split()), code.strip(), wide=True)


def _own(own: OwnFile, fingerprint: str) -> Section:
    """The learner's own data stay in their file. The script reads it, if it is the same file."""
    code = f"""
import hashlib, io
from pathlib import Path

FILE = {own.path!r}  # the path of your file
FINGERPRINT = {own.fingerprint!r}  # the SHA-256 of its bytes
content = Path(FILE).read_bytes()
if hashlib.sha256(content).hexdigest() != FINGERPRINT:
    raise SystemExit(f"{{FILE}} is not the file that the run was trained with: its fingerprint differs.")
{own.reading.strip()}
"""
    words = (
        f"Your own data are not in this script. Save them beside it, with the name in FILE. {_told_apart(fingerprint)}"
    )
    return Section("The data", words, code.strip())


def _told_apart(fingerprint: str) -> str:
    return f"The app knows them by the fingerprint {one_line(fingerprint)}." if fingerprint else ""


def _result(run: Taken) -> Section:
    known = ", ".join(f'"{SPLITS[split]}": {_number(loss)}' for split, loss in run.losses.items())
    accuracy = """
    print(f"  classified correctly: {(forward(layers, X)[0][-1].argmax(axis=1) == Y.argmax(axis=1)).mean():.1%}")"""
    code = f"""
layers, IN_THE_APP = first_layers(), {{{known}}}
history = train(layers, X_train, Y_train, X_val, Y_val)
for name, X, Y in (("training", X_train, Y_train), ("validation", X_val, Y_val)):
    loss, app = loss_over(layers, X, Y), IN_THE_APP.get(name, np.nan)
    apart = f"relative difference {{abs(loss - app) / max(app, 1e-300):.0e}}"
    print(f"The loss over all {{name}} rows: {{loss:.12g}} (in the app {{app:.12g}}, {{apart}})"){
        accuracy if LOSSES[run.dataset.loss].of_classes else ""
    }
"""
    words = (
        "The run. Its losses are those of the app up to rounding, because the app adds up in another order. In a run "
        "whose loss jumps up and down for long, such differences grow from update to update."
    )
    return Section("The run", words, code.strip())


# --- text ---


def _number(value: float) -> str:
    return repr(value) if np.isfinite(value) else f'float("{value}")'


def _commented(words: str) -> list[str]:
    return [f"# {line}" for line in textwrap.wrap(" ".join(words.split()), WIDTH)]
