"""A run as a Python file of its own: it needs NumPy alone, and trains the same network on the same batches.

The formulas of the activation, the loss and the first weights are read from the engine, so they are those that the
run was trained with. The rest is textbook code. `sections` are shared with the notebook.
"""

import ast
import base64
import inspect
import textwrap
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from mbgd.charts.words import count
from mbgd.data.dataset import Dataset
from mbgd.engine.activations import ACTIVATIONS
from mbgd.engine.losses import LOSSES
from mbgd.share.choices import Choices
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
    """A data set that is only in the learner's own file: its path, and the SHA-256 of its bytes.

    reading: lines of Python that make X_train, Y_train, X_val and Y_val, standardised, of the bytes `content`.
    """

    path: str
    fingerprint: str
    reading: str


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
    return f'"""{_safe(headline(run))} It needs NumPy alone."""\n\n' + "\n\n".join(parts) + "\n"


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
    data = _own(run.own) if run.own else _embedded(run.dataset)
    return [_settings(run), _formulas(run), _network(run), _training(run), data, _result(run)]


def _check(run: Taken) -> None:
    ends = [until for until, _ in run.stages]
    if not ends or ends != sorted(set(ends)) or ends[0] < 1:
        raise ValueError(
            f"The stages of a run must end at rising updates, from 1 on, not at {ends}: train a run first."
        )
    data = run.dataset
    size = sum(array.nbytes for array in (data.X_train, data.Y_train, data.X_val, data.Y_val))
    if size > LARGEST and not run.own:
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
    return Section("Formulas", words, "\n\n".join(_sources(functions)))


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
    X, Y = np.vstack([dataset.X_train, dataset.X_val]), np.vstack([dataset.Y_train, dataset.Y_val])
    columns = np.hstack([X, Y]).T.astype("<f8")  # column by column: like numbers side by side compress better
    data = base64.b64encode(zlib.compress(columns.tobytes(), 9)).decode()
    n, rows = X.shape[1], len(dataset.X_train)
    code = f"""
DATA = "{data}"
numbers = np.frombuffer(zlib.decompress(base64.b64decode(DATA)), dtype="<f8").astype(float)
table = numbers.reshape({n + Y.shape[1]}, {len(X)}).T  # one row per sample: its inputs, then its targets
X_train, Y_train = table[:{rows}, :{n}], table[:{rows}, {n}:]
X_val, Y_val = table[{rows}:, :{n}], table[{rows}:, {n}:]
"""
    words = f"""
The data, standardised with the mean and standard deviation of the training rows{
        ", with a column for each class" if dataset.classes else ""
    }. The long line holds the numbers, compressed. {_safe(dataset.source)}
Licence: {_safe(dataset.licence)}
"""
    return Section("The data", " ".join(words.split()), code.strip(), wide=True)


def _own(own: OwnFile) -> Section:
    """The learner's own data stay in their file. The script reads it, if it is the same file."""
    code = f"""
import hashlib
from pathlib import Path

FILE = {own.path!r}  # the path of your file
FINGERPRINT = {own.fingerprint!r}  # the SHA-256 of its bytes
content = Path(FILE).read_bytes()
if hashlib.sha256(content).hexdigest() != FINGERPRINT:
    raise SystemExit(f"{{FILE}} is not the file that the run was trained with: its fingerprint differs.")
{own.reading.strip()}
"""
    words = "The data are in your own file and not in this script. Put the file where FILE says, or change the path."
    return Section("The data", words, code.strip())


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


def _safe(text: str) -> str:
    """Text that can neither end a docstring nor begin a line of code."""
    return " ".join(text.split()).replace("\\", "/").replace('"""', "'''")


def _commented(words: str) -> list[str]:
    return [f"# {line}" for line in textwrap.wrap(" ".join(words.split()), WIDTH)]


def _sources(functions: Sequence[Callable[..., Any]]) -> Iterator[str]:
    """The sources of functions without annotations, each after those functions of its module that it calls."""
    written: set[str] = set()

    def source(function: Callable[..., Any]) -> Iterator[str]:
        if function.__name__ in written:
            return
        written.add(function.__name__)
        for name in function.__code__.co_names:
            called = function.__globals__.get(name)
            if inspect.isfunction(called):
                yield from source(called)
        yield without_annotations(inspect.getsource(function))

    for function in functions:
        yield from source(function)


def without_annotations(source: str) -> str:
    """The source of a function with a plain header and the first paragraph of its docstring. Its comments stay."""
    source = textwrap.dedent(source)
    function = next(node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef))
    arguments = function.args
    for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg):
        if argument:
            argument.annotation = None
    lines = source.splitlines()
    first, *others = function.body
    body = lines[first.lineno - 1 :]
    docstring = ast.get_docstring(function)
    if docstring and others:
        paragraph = " ".join(docstring.split("\n\n")[0].split())
        body = [f'    """{_safe(paragraph)}"""', *lines[first.end_lineno :]]
    return "\n".join([f"def {function.name}({ast.unparse(arguments)}):", *body])
