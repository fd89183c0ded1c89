"""Runs to take home, and scripts run without the app."""

import builtins
from functools import cache
from typing import Any

import numpy as np

from mbgd import Dataset, Training, load
from mbgd.share.choices import Choices
from mbgd.share.script import Taken

NEEDED = {"base64", "zlib", "numpy", "hashlib", "io", "pathlib"}


@cache
def data_of(options: tuple[tuple[str, Any], ...]) -> Dataset:
    return load(**dict(options))


def trained(updates: int | None = None, rates: dict[int, float] | None = None, **chosen: Any) -> tuple[Taken, Training]:
    """A run with these choices after so many updates, or all, with these changes of the rate; and its Training."""
    choices = Choices(**chosen)
    dataset = data_of(tuple(choices.data_options().items()))
    training = Training(dataset, choices.settings(len(dataset.X_train)))
    stages, rate = [], choices.rate
    for until, after in (rates or {}).items():
        training.advance(updates=until - training.updates_done)
        stages.append((until, rate))
        training.learning_rate = rate = after
    training.advance(updates=None if updates is None else updates - training.updates_done)
    made = min(training.updates_done + training.diverged, training.total_updates)
    losses = {split: training.evaluate(split).loss for split in ("train", "val")}
    return Taken(choices, dataset, [*stages, (made, rate)], losses, title="a run", diverged=training.diverged), training


def ran(text: str) -> dict[str, Any]:
    """The names of a script after it has run. It may import NumPy and some modules of Python, and nothing else."""
    before = builtins.__import__

    def only_needed(name: str, namespace: Any = None, *rest: Any) -> Any:
        if namespace and namespace.get("__name__") == "a_script" and name not in NEEDED:
            raise ImportError(f"The script imports {name}.")
        return before(name, namespace, *rest)

    names: dict[str, Any] = {"__name__": "a_script", "__builtins__": {**vars(builtins), "__import__": only_needed}}
    errors = np.geterr()
    try:
        exec(compile(text, "a_script.py", "exec"), names)
    finally:
        np.seterr(**errors)
    return names


def same(names: dict[str, Any], training: Training, within: float = 1e-9) -> None:
    """Check that a script's weights and losses are those of the Training."""
    for (W, b), layer in zip(names["layers"], training.layers, strict=True):
        np.testing.assert_allclose(W, layer.W, rtol=within, atol=within)
        np.testing.assert_allclose(b, layer.b, rtol=within, atol=within)
    for split in ("train", "val"):
        loss = names["loss_over"](names["layers"], names[f"X_{split}"], names[f"Y_{split}"])
        np.testing.assert_allclose(loss, training.evaluate(split).loss, rtol=within)
