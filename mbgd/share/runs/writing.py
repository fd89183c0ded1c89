"""Runs as files: one as JSON or its weights as .npz, and all of them as a CSV table."""

import json
import platform
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from io import BytesIO
from typing import Any

import numpy as np

from mbgd import __version__
from mbgd.engine.network import Layer
from mbgd.share.address import PARAMETERS
from mbgd.share.choices import DEFAULT, Choices, show_hidden
from mbgd.share.csv_text import csv_text, for_spreadsheets
from mbgd.share.runs.record import Record

KIND, SCHEMA = "mbgd run", 1
OPTIONAL = tuple(name for name in PARAMETERS if getattr(DEFAULT, name) in (None, ""))  # as a noise that is not chosen


def to_json(run: Record) -> bytes:
    """A run as JSON, with all digits. The weights are written row by row, so that other threads have their turns."""
    head = json.dumps(_head(run), indent=1, allow_nan=False)
    layers = "null" if run.layers is None else f"[\n{','.join(_layer(layer) for layer in run.layers)}]"
    return f'{head[:-2]},\n "layers": {layers}\n}}\n'.encode()


def _head(run: Record) -> dict[str, Any]:
    """All of a run but its weights."""
    return {
        "kind": KIND,
        "schema": SCHEMA,
        "name": run.name,
        "versions": versions(),
        "choices": choices_in_texts(run.choices),
        "settings": settings_of(run),
        "data": {"loss": run.loss, "rows_train": run.rows_train, "fingerprint": run.fingerprint},
        "rates": [list(rate) for rate in run.rates],
        "updates": run.updates,
        "failed": run.failed,
        "seconds": run.seconds,
        "history": {name: column.tolist() for name, column in run.history._asdict().items()},
    }


def _layer(layer: Layer) -> str:
    rows = ",\n".join(json.dumps(row.tolist(), allow_nan=False) for row in layer.W)
    b = json.dumps(layer.b.tolist(), allow_nan=False)
    return f'{{"activation": {json.dumps(layer.activation)}, "W": [\n{rows}], "b": {b}}}'


def versions() -> dict[str, str]:
    """The versions of Python, NumPy and mbgd that run here."""
    return {"python": platform.python_version(), "numpy": np.__version__, "mbgd": __version__}


def choices_in_texts(choices: Choices) -> dict[str, str]:
    """All choices, as an address writes them; without those of OPTIONAL that have their default."""
    return {
        name: PARAMETERS[name].write(value)
        for name, value in asdict(choices).items()
        if name not in OPTIONAL or value != getattr(DEFAULT, name)
    }


def settings_of(run: Record) -> dict[str, Any]:
    """The engine's settings of a run as plain values. They follow from its choices, and are written to be read."""
    settings = asdict(run.settings)
    return settings | {"hidden": list(settings["hidden"])}


def to_npz(run: Record) -> bytes:
    """The weights of a run as .npz: W1 (k, n), b1 (k,), W2, ... and the activations' names. No pickle is needed."""
    arrays: dict[str, Any] = {}
    for number, layer in enumerate(run.layers or (), 1):
        arrays |= {f"W{number}": layer.W, f"b{number}": layer.b}
    arrays["activations"] = np.array([layer.activation for layer in run.layers or ()], dtype=np.str_)
    file = BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def to_csv(runs: Iterable[Record]) -> bytes:
    """All runs as a table: UTF-8 with the mark at its start that spreadsheets look for. No text of it is a formula."""
    lines = [dict(_line(run)) for run in runs]
    return for_spreadsheets(csv_text(list(lines[0]), [list(line.values()) for line in lines]) if lines else "")


def _line(run: Record) -> Iterator[tuple[str, Any]]:
    choices = run.choices
    yield "run", run.number
    yield "name", run.name
    yield "pinned", "yes" if run.pinned else "no"
    yield "data", choices.data
    yield "rows", choices.size if choices.noise_level is not None else ""
    yield "noise", "" if choices.noise_level is None else choices.noise_level
    yield "held_out_percent", choices.validation
    yield "rows_train", run.rows_train
    yield "loss", run.loss
    yield "batch_size", run.batch_size
    yield "learning_rate", run.rates[0][1]
    yield "rate_changes", "; ".join(f"{rate!r} after update {at}" for at, rate in run.rates[1:])
    yield "hidden", show_hidden(choices.hidden) or "none"
    yield "activation", choices.activation
    yield "shuffle", "yes" if choices.shuffle else "no"
    yield "last_batch", choices.last
    yield "seed", choices.seed
    yield "epochs_done", float(run.history.epochs[-1])
    yield "updates", run.updates
    yield "diverged_at_update", run.failed or ""
    for split in ("train", "val"):
        final = run.final(split)
        yield f"{split}_loss", "" if final is None else final
        yield f"best_{split}_loss", run.best(split)
    yield "seconds", run.seconds
    yield "fingerprint", run.fingerprint
