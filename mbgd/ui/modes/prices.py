"""The race in numbers: what each lane paid, which diverged, and what could be said beforehand."""

from collections.abc import Sequence

import numpy as np

from mbgd.charts.layers import CLASS_COLOURS
from mbgd.charts.modes.race import lane_name
from mbgd.charts.words import computing_time, figures, in_milliseconds, plural
from mbgd.experiments.modes.prices import Price, expected_winners, prices, race_winners, runs_away, update_costs
from mbgd.experiments.modes.race import AXES, Lane, Race
from mbgd.ui.kit.claims import Claim
from mbgd.ui.kit.html import Cell, table

HEADS = {"updates": "updates", "epochs": "epochs", "samples": "rows seen", "seconds": "computing"}
SYMBOLS = "●▲■◆✚▼"  # of the lanes, as the chart draws them
COST_FACTOR = 1.5  # by which a cost timed in the middle of a race may differ from a straight line, either way
LESSON = {
    "epochs": "where noise does no harm: the smallest batch, which makes the most updates of one",
    "updates": "the largest batch, whose updates are the least noisy",
}
WINS = {"updates": "fewest", "epochs": "fewest", "samples": "fewest", "seconds": "fastest"}


def prices_table(race: Race, target: float, split: str) -> str:
    """What each lane paid to reach the target, the winner of each column marked, as an HTML table that may scroll."""
    paid = prices(race, target, split)
    best = race_winners(race, target, split)
    rows = [
        [_name(i, lane), *_cells(price, best, lane), f"{price.reached} of {price.runs}"]
        for i, (price, lane) in enumerate(zip(paid, race.lanes, strict=True))
    ]
    return table((f"to reach {target:.3g}", *HEADS.values(), "seeds"), rows, width=36)


def _name(i: int, lane: Lane) -> Cell:
    """The name of the i-th lane, with its symbol in the chart."""
    mode = " · SGD" if lane.batch_size == 1 else " · full batch" if lane.plan.updates == 1 else ""
    symbol = f'<span style="color: {CLASS_COLOURS[i]}">{SYMBOLS[i]}</span>'
    return Cell(f"{symbol} {lane_name(lane.batch_size)}{mode}")


def _cells(price: Price, best: dict[str, tuple[int, ...]], lane: Lane) -> list[str | Cell]:
    """What a lane paid on each of the axes, or why it did not get there."""
    if not np.isfinite(price.updates):
        epochs = lane.update[-1] / lane.plan.updates
        lost = "✕ diverged" if lane.diverged else "✕ running away" if runs_away(lane) else ""
        why = lost or f"not reached in {figures(epochs)} {plural(epochs, 'epoch')}"
        return [Cell(why, columns=len(AXES))]
    cells: list[str | Cell] = []
    for axis in AXES:
        value = getattr(price, axis)
        text = computing_time(value) if axis == "seconds" else figures(value)
        if price.batch_size in best[axis]:
            word = WINS[axis] if len(best[axis]) == 1 else "shared"
            cells.append(Cell(f"★ {text} <small>{word}</small>", "mbgd-agrees"))
        else:
            cells.append(text)
    return cells


def failures(race: Race) -> list[str]:
    """A sentence for each lane in which runs diverged."""
    return [_failure(lane) for lane in race.lanes if lane.failures]


def _failure(lane: Lane) -> str:
    first = min(lane.failures, key=lambda failure: failure.update)
    runs = lane.train_loss.shape[1]
    who = "" if runs == 1 else f" in {len(lane.failures)} of {runs} seeds, first"
    return (
        f"✕ {lane_name(lane.batch_size)} diverged{who} at update {first.update:,} (epoch {first.epoch:,}, seed "
        f"{first.seed}) with learning rate {lane.rate:g}: its steps overshot more and more. Try a smaller rate"
        f"{', or a larger batch' if lane.plan.updates > 1 else ''}."
    )


def left_out(race: Race, target: float, split: str) -> str:
    """A sentence on the seeds that began below the line; nothing where none did."""
    seeds = race.rules.seeds
    below = seeds - prices(race, target, split)[0].runs
    if not below:
        return ""
    return (
        f"{below} of {seeds} seeds began at {target:.3g} or below: with nothing to reach, they are left out of the "
        "prices."
    )


def lane_names(batch_sizes: Sequence[int]) -> str:
    """The names of lanes as words in a sentence."""
    *most, last = map(lane_name, batch_sizes)
    return f"{', '.join(most)} and {last}" if most else last


def race_claims(race: Race, target: float) -> list[Claim]:
    """What was known before the race, beside what it measured; who won is told at `target`, on the training rows."""
    starts = [float(np.median(lane.train_loss[0])) for lane in race.lanes]
    expected = race.expected_start
    claims = [_winner(race, target, axis, why) for axis, why in LESSON.items() if race_winners(race, target)[axis]]
    if costs := update_costs(race):
        B, foretold, took = costs
        claims.append(
            Claim(
                f"an update costs a + c·B seconds: that of B = {B:,}, by the straight line through those of the "
                f"smallest and the largest batch (within {COST_FACTOR:g} ×)",
                in_milliseconds(foretold),
                in_milliseconds(took),
                1 / COST_FACTOR <= took / foretold <= COST_FACTOR,
            )
        )
    claims.append(
        Claim(
            "same first weights in every lane, so the loss of those weights at its start",
            f"{expected:.6g}",
            " · ".join(f"{loss:.6g}" for loss in starts),
            bool(np.allclose(starts, expected, rtol=1e-12, atol=0)),
        )
    )
    return claims


def _winner(race: Race, target: float, axis: str, why: str) -> Claim:
    expected, won = expected_winners(race)[axis], race_winners(race, target)[axis]
    paid = {price.batch_size: getattr(price, axis) for price in prices(race, target)}
    measured = f"{lane_names(won)}: {figures(min(paid[size] for size in won))}"
    says = f"fewest {axis} to a training loss of {target:.3g}, {why}"
    return Claim(says, lane_name(expected), measured, expected in won)
