"""The race in numbers: the prices of each lane, the lanes that diverged, and the claims made before the race."""

from collections.abc import Sequence

import numpy as np

from mbgd.charts.batch_sizes import STYLES, batch_name, mode_name, style_name
from mbgd.charts.modes.race import FATES
from mbgd.charts.words import computing_time, figures, in_milliseconds, plural
from mbgd.experiments.modes.lanes import AXES, Lane
from mbgd.experiments.modes.prices import Decision, Price, expected_winners, fate, update_costs
from mbgd.experiments.modes.race import Race
from mbgd.ui.kit.claims import Claim
from mbgd.ui.kit.html import Cell, table

HEADS = {"updates": "updates", "epochs": "epochs", "samples": "rows seen", "seconds": "computing time"}
SHORT_HEADS = HEADS | {"samples": "rows", "seconds": "time"}  # which fit a projector
COST_FACTOR = 1.5  # a measured cost may be so many times above or below the straight line
LESSON = {
    "epochs": "the smallest batch if noise does no harm, because it makes the most updates per epoch",
    "updates": "the largest batch, because its updates have the least noise",
}
WINS = {"updates": "fewest", "epochs": "fewest", "samples": "fewest", "seconds": "fastest"}
TIE = "tie"  # of more than one winner


def prices_table(race: Race, decision: Decision) -> str:
    """An HTML table of the prices that the lanes paid to reach the target. Once the race is over, the winner of each
    column has a star: before, another lane may still win."""
    n_train = len(race.dataset.X_train)
    rows = [
        [
            _name(lane, n_train),
            *_cells(price, decision.winners, lane, race.finished),
            f"{price.reached}/{price.runs} seeds",
        ]
        for price, lane in zip(decision.prices, race.lanes, strict=True)
    ]
    head = (f"to reach a loss of {decision.target:.3g}", *SHORT_HEADS.values(), "reached by")
    return table(head, rows, name="What each batch size needed", kind="mbgd-claims mbgd-prices")


def _name(lane: Lane, n_train: int) -> Cell:
    """The name of a lane, with its symbol in the chart."""
    style = STYLES[style_name(lane.batch_size, n_train)]
    mode = mode_name(lane.batch_size, n_train)
    symbol = f'<span style="color: {style.colour}">{style.symbol}</span>'
    return Cell(f"{symbol} {batch_name(lane.batch_size)}{f' · {mode}' if mode else ''}")


def _cells(price: Price, best: dict[str, tuple[int, ...]], lane: Lane, over: bool) -> list[str | Cell]:
    """The prices of a lane on all axes, or the reason why it did not reach the target. over: whether the race is."""
    if not np.isfinite(price.updates):
        epochs = lane.update[-1] / lane.plan.updates
        ended = fate(lane)
        who = f" by {price.runs - price.reached} of {price.runs} runs" if price.reached else ""
        why = f"✕ {FATES[ended]}" if ended else f"not reached{who} in {figures(epochs)} {plural(epochs, 'epoch')}"
        return [Cell(why, columns=len(AXES))]
    cells: list[str | Cell] = []
    for axis in AXES:
        value = getattr(price, axis)
        text = computing_time(value) if axis == "seconds" else figures(value)
        if over and price.batch_size in best[axis]:
            word = WINS[axis] if len(best[axis]) == 1 else TIE
            cells.append(Cell(f"★ {text} <small>({word})</small>", "mbgd-agrees"))
        else:
            cells.append(text)
    return cells


def amount(price: Price, axis: str) -> str:
    """A price on an axis, with its unit; that it was not reached, if it was not."""
    paid = getattr(price, axis)
    if not np.isfinite(paid):
        return "not reached"
    return f"{computing_time(paid) if axis == 'seconds' else figures(paid)} {HEADS[axis]}"


def failures(race: Race) -> list[str]:
    """A sentence for each lane in which runs diverged."""
    return [_failure(lane) for lane in race.lanes if lane.failures]


def _failure(lane: Lane) -> str:
    first = min(lane.failures, key=lambda failure: failure.update)
    runs = lane.train_loss.shape[1]
    who = "" if runs == 1 else f" in {len(lane.failures)} of {runs} seeds, first"
    return (
        f"✕ {batch_name(lane.batch_size)} diverged{who} at update {first.update:,} (epoch {first.epoch:,}, seed "
        f"{first.seed}) with learning rate {lane.rate:g}. Its steps overshot more and more. Try a smaller learning rate"
        f"{', or a larger batch' if lane.plan.updates > 1 else ''}."
    )


def left_out(race: Race, decision: Decision) -> str:
    """A sentence on the seeds that started at or below the target; empty if there are none."""
    seeds = race.rules.seeds
    below = seeds - decision.prices[0].runs
    if not below:
        return ""
    return f"{below} of {seeds} seeds already started at or below {decision.target:.3g}. The table leaves them out."


def lane_names(batch_sizes: Sequence[int]) -> str:
    """The names of lanes, joined for use in a sentence."""
    *most, last = map(batch_name, batch_sizes)
    return f"{', '.join(most)} and {last}" if most else last


def race_claims(race: Race, decision: Decision) -> list[Claim]:
    """What was predicted before the race, and what it measured; the winners are those of the decision."""
    starts = [float(np.median(lane.train_loss[0])) for lane in race.lanes]
    expected = race.expected_start
    awaited = expected_winners(race) if decision.winners["updates"] else {}
    claims = [_winner(decision, axis, size) for axis, size in awaited.items()]
    if costs := update_costs(race):
        B, predicted_value, took = costs
        claims.append(
            Claim(
                "an update costs a + c·B seconds: a fixed part a, and c per row. Both are estimated from the smallest "
                f"and the largest batch. Predicted for B = {B:,}, within a factor of {COST_FACTOR:g}",
                in_milliseconds(predicted_value),
                in_milliseconds(took),
                1 / COST_FACTOR <= took / predicted_value <= COST_FACTOR,
            )
        )
    claims.append(
        Claim(
            "all batch sizes start with the loss of the same first weights",
            f"{expected:.6g}",
            " · ".join(f"{loss:.6g}" for loss in starts),
            bool(np.allclose(starts, expected, rtol=1e-12, atol=0)),
        )
    )
    return claims


def _winner(decision: Decision, axis: str, expected: int) -> Claim:
    won = decision.winners[axis]
    paid = {price.batch_size: getattr(price, axis) for price in decision.prices}
    costs = [figures(paid[size]) for size in sorted(won, key=paid.__getitem__)]
    shown = costs[:1] if costs[0] == costs[-1] else [costs[0], costs[-1]]
    measured = f"{lane_names(won)}: {' to '.join(shown)}"
    says = f"fewest {axis} to reach a training loss of {decision.target:.3g}: {LESSON[axis]}"
    return Claim(says, batch_name(expected), measured, expected in won)
