"""A diagnosis in words: the marking, the table and the chart all say what one decision found."""

from collections.abc import Sequence

from mbgd.charts.words import count
from mbgd.experiments.constant import constant_loss
from mbgd.experiments.diagnose.diagnosis import (
    CONSTANT,
    DIVERGED,
    FALLING,
    FINE,
    OVERFITS,
    RISING,
    UNDERFITS,
    Diagnosis,
)
from mbgd.experiments.diagnose.remedies import BASE, BATCH, DATA, DECAY, SMALL, Variant
from mbgd.experiments.diagnose.watch import Watched
from mbgd.share.choices import show_hidden

SHORT = {
    OVERFITS: "✕\N{NO-BREAK SPACE}overfits",
    UNDERFITS: "✕\N{NO-BREAK SPACE}underfits",
    FINE: "✓\N{NO-BREAK SPACE}fine",
    DIVERGED: "✕\N{NO-BREAK SPACE}diverged",
}
FINAL = "A final loss is the median over the last tenth of the epochs. The gap is the final validation loss less the "
FINAL += "final training loss. All losses are over all rows, after the epoch."


def number(value: float) -> str:
    """A loss, or a gap, with three digits."""
    return f"{value:.3g}"


def diagnosis_in_words(run: Watched) -> str:
    """What the curves of a run say, with the numbers that decide it."""
    found = run.diagnosis
    ended = f"Early stopping ended the run after epoch {int(run.epoch[-1]):,}. " if run.stopped else ""
    return ended + {OVERFITS: _overfits, UNDERFITS: _underfits, FINE: _fine, DIVERGED: _diverged}[found.kind](run)


def _overfits(run: Watched) -> str:
    found = run.diagnosis
    best = f"The network overfits. Its validation loss was lowest after epoch {found.since:,}: {number(found.lowest)}. "
    if found.then[0] == found.then[1]:
        return (
            f"{best}Validation has risen for {count(found.epochs, 'epoch')} since, to {number(found.val)}, while the "
            f"training loss fell from {number(found.train_then)} to {number(found.train)}."
        )
    return (
        f"{best}{_medians(found)} Validation has risen from {number(found.val_then)} to {number(found.val)}, while the "
        f"training loss fell from {number(found.train_then)} to {number(found.train)}."
    )


def _medians(found: Diagnosis) -> str:
    first, last = found.then
    return (
        f"It jumps from epoch to epoch, so compare medians: over the epochs {first:,} to {last:,}, and over the last "
        "tenth of the epochs."
    )


def _ends(found: Diagnosis) -> str:
    """The lowest validation loss, which is that of one epoch, and the final one, which is a median."""
    return (
        f"Validation was lowest after epoch {found.since:,}, at {number(found.lowest)}. Its median over the last tenth "
        f"of the epochs is {number(found.val)}"
    )


def _underfits(run: Watched) -> str:
    found = run.diagnosis
    because = {
        CONSTANT: f"The training loss ends at {number(found.train)}. The best constant output has "
        f"{number(constant_loss(run.dataset))}, so the network has hardly learnt anything.",
        FALLING: f"Both losses are still falling: the training loss ends at {number(found.train)}, the validation loss "
        f"at {number(found.val)}, medians over the last tenth of the epochs. The run was too short.",
        RISING: f"{_rises(found)} The training loss went from {number(found.train_then)} to {number(found.train)}: it "
        "did not fall either. The learning rate may be too large.",
    }
    return f"The network underfits. {because[found.reason]}"


def _rises(found: Diagnosis) -> str:
    if found.then[0] == found.then[1]:
        return f"{_ends(found)}."
    best = f"Validation was lowest after epoch {found.since:,}, at {number(found.lowest)}."
    return f"{best} {_medians(found)} Validation went from {number(found.val_then)} to {number(found.val)}."


def _fine(run: Watched) -> str:
    found = run.diagnosis
    first, last = found.then
    luck = f" The lowest median of {last - first + 1} epochs in a row was {number(found.val_then)}." * (last > first)
    return (
        f"The run is fine. {_ends(found)}: no rise that stands out from the jumps between epochs.{luck} The training "
        f"loss ends at {number(found.train)}, so the gap is {number(found.gap)}."
    )


def _diverged(run: Watched) -> str:
    if run.failed is not None:
        return f"The run diverged in epoch {run.failed:,}: a loss was infinite or NaN. Lower the learning rate."
    found = run.diagnosis
    return (
        f"The run diverged: the training loss began at {number(float(run.train[0]))} and ends higher, at "
        f"{number(found.train)}. Lower the learning rate."
    )


def short_names(variants: Sequence[Variant]) -> tuple[str, ...]:
    """What the runs are called in the chart, in their order. The first run is the one without a change."""
    rows = [len(variant.dataset.X_train) for variant in variants]
    names = {BASE: "as it is", SMALL: "smaller network", DECAY: "weight decay", BATCH: "bigger batch"}
    data = ("more data" if of_run > rows[0] else "less data" for of_run in rows)
    return tuple(names.get(variant.name, other) for variant, other in zip(variants, data, strict=True))


def variant_names(variants: Sequence[Variant]) -> tuple[str, ...]:
    """The names of the runs with what was changed, in their order."""
    return tuple(f"{name}{_changed(variant)}" for name, variant in zip(short_names(variants), variants, strict=True))


def _changed(variant: Variant) -> str:
    settings = variant.settings
    return {
        BASE: "",
        DATA: f": {len(variant.dataset.X_train):,} rows",
        SMALL: f": {show_hidden(settings.hidden)}",
        DECAY: f": λ = {settings.weight_decay:g}",
        BATCH: f": B = {settings.batch_size:,}",
    }[variant.name]
