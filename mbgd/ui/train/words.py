"""A run of the page Train in words: what it was made from, and in what the sidebar differs from it."""

from dataclasses import replace

from mbgd.charts.train.loss import rates_of
from mbgd.engine.training import Training
from mbgd.share.choices import DEFAULT, LAST_NAMES, Choices, show_hidden
from mbgd.ui.frame.own import title_of

TITLES = {
    "data": "data set",
    "size": "rows",
    "validation": "held out",
    "hidden": "hidden layers",
    "activation": "activation",
    "shuffle": "shuffle",
    "last": "last batch",
    "seed": "seed",
}


def run_in_words(choices: Choices, training: Training) -> str:
    """The data, the batch size, the learning rate with its changes, and all choices that are not the default."""
    (_, first), *changes = rates_of(training)
    rates = [f"{first:g}", *(f"{rate:g} at epoch {at / training.plan.updates:.3g}" for at, rate in changes)]
    if not training.updates_done:
        rates = [f"{training.learning_rate:g}"]
    parts = [choices.data_title, f"B = {training.plan.batch_size:,}", f"rate {' → '.join(rates)}"]
    return ", ".join(parts + odd_choices(choices))


def changes_in_words(then: Choices, now: Choices, rows_then: int, rows_now: int) -> list[str]:
    """In what choices differ from those of a run, as far as they need a fresh network, one phrase each.

    rows_then and rows_now are the numbers of training rows that they lead to.
    """
    phrases = []
    for name, title in TITLES.items():
        old, new = getattr(then, name), getattr(now, name)
        if old != new and then.needs_fresh_network(replace(then, **{name: new}), rows_then):
            phrases.append(f"{title} {_in_words(name, old)} → {_in_words(name, new)}")
    if now.data == then.data and now.own != then.own:
        old, new = title_of(then), title_of(now)
        phrases.append(f"your own data {old} → {new}" if old != new else "your own data")
    if now.data == then.data and now.noise_level != then.noise_level:
        phrases.append(f"noise {then.noise_level:g} → {now.noise_level:g}")
    before, after = then.batch_size(rows_then), now.batch_size(rows_now)
    if before != after and (now.mode, now.batch) != (then.mode, then.batch):
        phrases.append(f"batch size {before:,} → {after:,}")
    return phrases


def odd_choices(choices: Choices) -> list[str]:
    """The choices that are not the default, in words."""
    parts = [
        f"{title} {_in_words(name, getattr(choices, name))}"
        for name, title in TITLES.items()
        if name != "data" and getattr(choices, name) != getattr(DEFAULT, name)
    ]
    return parts if choices.noise is None else [*parts, f"noise {choices.noise:g}"]


def settings_in_words(choices: Choices, *of_run: str, rates: str = "", data: str = "") -> str:
    """The data, words of one run, its learning rates (that of the choices, if none are given), and the choices that are
    not the default. data: what to call the data set, if not as captions do."""
    rate = f"rate {rates or f'{choices.rate:g}'}"
    return ", ".join([data or choices.data_title, *of_run, rate, *odd_choices(choices)])


def _in_words(name: str, value: object) -> str:
    """A choice in the words of its control in the sidebar."""
    if name == "last":
        return LAST_NAMES[str(value)]
    if name == "validation":
        return f"{value}%"
    if isinstance(value, bool):
        return "on" if value else "off"
    return (show_hidden(value) or "none") if isinstance(value, tuple) else str(value)
