"""A run of the page Runs in words: its settings, its losses, and in what several runs differ."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from mbgd.charts.batch_sizes import batch_name
from mbgd.charts.words import count
from mbgd.share.choices import LAST_NAMES, show_hidden
from mbgd.share.runs.record import Record
from mbgd.ui.frame.own import title_of
from mbgd.ui.train.words import settings_in_words


class Setting(NamedTuple):
    """A setting of a run: its name, and its value as text."""

    title: str
    text: Callable[[Record], str]


def rates_in_words(run: Record) -> str:
    """The learning rates of a run, first to last."""
    return " → ".join(f"{rate:g}" for _, rate in run.rates)


SETTINGS = (
    Setting("data set", lambda run: title_of(run.choices)),
    Setting("training rows", lambda run: f"{run.rows_train:,}"),
    Setting("noise", lambda run: "none" if run.choices.noise_level is None else f"{run.choices.noise_level:g}"),
    Setting("held out", lambda run: f"{run.choices.validation}%"),
    Setting("batch size", lambda run: f"{run.batch_size:,}"),
    Setting("learning rate", rates_in_words),
    Setting("hidden layers", lambda run: show_hidden(run.choices.hidden) or "none"),
    Setting("activation", lambda run: run.choices.activation),
    Setting("shuffle", lambda run: "on" if run.choices.shuffle else "off"),
    Setting("last batch", lambda run: LAST_NAMES[run.choices.last]),
    Setting("seed", lambda run: f"{run.choices.seed}"),
)


def in_words(run: Record) -> str:
    """A run in a few words: its name, or its data and its settings."""
    return _in_words(run, title_of(run.choices))


def for_chart(run: Record) -> str:
    """The same for a chart, which the process may keep: own data without the names of its file and target."""
    return _in_words(run, run.choices.data_title)


def _in_words(run: Record, data: str) -> str:
    if run.name:
        return run.name
    return settings_in_words(run.choices, batch_name(run.batch_size), rates=rates_in_words(run), data=data)


def numbered(run: Record) -> str:
    """A run with its number, as in a list to choose from."""
    return f"{run.number}: {in_words(run)}"


def apart(runs: Sequence[Record]) -> list[Setting]:
    """The settings in which these runs differ."""
    return [setting for setting in SETTINGS if len({setting.text(run) for run in runs}) > 1]


def alike(runs: Sequence[Record]) -> str:
    """The settings that these runs have in common, in words."""
    differ = apart(runs)
    return ", ".join(f"{setting.title} {setting.text(runs[0])}" for setting in SETTINGS if setting not in differ)


def loss_in_words(run: Record, split: str) -> str:
    """The final and the best loss over all rows of a split, as HTML."""
    final = run.final(split)
    last = "diverged" if final is None else f"{final:.4g}"
    return f'{last} <span class="mbgd-one">(best {run.best(split):.4g})</span>'


def length(run: Record) -> str:
    """How long a run trained."""
    if run.failed:
        return f"diverged at update {run.failed:,}"
    return f"{count(run.updates, 'update')}, {run.history.epochs[-1]:,.4g} epochs"


class Order(NamedTuple):
    """An order of the table: its name, and the number by which it sorts; a run without one comes last."""

    title: str
    number: Callable[[Record], Any]


ORDERS = {
    "number": Order("number", lambda run: run.number),
    "train": Order("final training loss", lambda run: run.final("train")),
    "best-train": Order("best training loss", lambda run: run.best("train")),
    "val": Order("final validation loss", lambda run: run.final("val")),
    "best-val": Order("best validation loss", lambda run: run.best("val")),
    "batch": Order("batch size", lambda run: run.batch_size),
    "rate": Order("learning rate", lambda run: run.rates[0][1]),
    "updates": Order("updates", lambda run: run.updates),
    "seconds": Order("seconds", lambda run: run.seconds),
}


def in_order(runs: Sequence[Record], order: str, *, falling: bool) -> list[Record]:
    """The runs in one of ORDERS; falling: the largest number first."""
    number = ORDERS[order].number
    with_one = [run for run in runs if number(run) is not None]
    without = [run for run in runs if number(run) is None]
    return sorted(with_one, key=number, reverse=falling) + without
