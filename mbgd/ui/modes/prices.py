"""The race in numbers: what each lane paid, which diverged, and what could be said beforehand."""

import numpy as np

from mbgd.charts.prediction import CLASS_COLOURS
from mbgd.charts.race import lane_name
from mbgd.experiments.prices import Price, prices, winners
from mbgd.experiments.race import AXES, Lane, Race
from mbgd.ui.proof import Claim

HEADS = {"updates": "updates", "epochs": "epochs", "samples": "rows seen", "seconds": "computing"}
SYMBOLS = "●▲■◆✚▼"  # of the lanes, as the chart draws them
WINS = {"updates": "fewest", "epochs": "fewest", "samples": "fewest", "seconds": "fastest"}


def prices_table(race: Race, target: float, split: str) -> str:
    """What each lane paid to reach the target, the winner of each column marked, as an HTML table that may scroll."""
    paid = prices(race, target, split)
    best = winners(paid)
    rows = "".join(
        f'<tr><th scope="row"><span style="color: {CLASS_COLOURS[i]}">{SYMBOLS[i]}</span> '
        f"{lane_name(price.batch_size)}{_mode(lane)}</th>{_cells(price, best, lane)}</tr>"
        for i, (price, lane) in enumerate(zip(paid, race.lanes, strict=True))
    )
    heads = "".join(f'<th scope="col">{head}</th>' for head in HEADS.values())
    return (
        '<div class="mbgd-wide" tabindex="0"><table class="mbgd-claims" style="min-width: 36rem"><thead><tr>'
        f'<th scope="col">to reach {target:.3g}</th>{heads}<th scope="col">seeds</th></tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _mode(lane: Lane) -> str:
    if lane.batch_size == 1:
        return " · SGD"
    return " · full batch" if lane.plan.updates == 1 else ""


def _cells(price: Price, best: dict[str, tuple[int, ...]], lane: Lane) -> str:
    reached = f"<td>{price.reached} of {price.runs}</td>"
    if not np.isfinite(price.updates):
        epochs = lane.update[-1] / lane.plan.updates
        why = "✕ diverged" if lane.diverged else f"not reached in {number(epochs)} epoch{'' if epochs == 1 else 's'}"
        return f'<td colspan="{len(AXES)}">{why}</td>{reached}'
    cells = []
    for axis in AXES:
        value = getattr(price, axis)
        text = time(value) if axis == "seconds" else number(value)
        if price.batch_size in best[axis]:
            word = WINS[axis] if len(best[axis]) == 1 else "shared"
            cells.append(f'<td class="mbgd-agrees">★ {text} <small>{word}</small></td>')
        else:
            cells.append(f"<td>{text}</td>")
    return "".join(cells) + reached


def number(value: float) -> str:
    """A count in figures; less than ten with two decimals, unless whole."""
    return f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:.2f}"


def time(seconds: float) -> str:
    """Seconds of computing, short."""
    return f"{seconds:.2f} s" if seconds >= 1 else f"{1e3 * seconds:.1f} ms"


def failures(race: Race) -> list[str]:
    """A sentence for each lane in which runs diverged."""
    return [_failure(lane) for lane in race.lanes if lane.failures]


def _failure(lane: Lane) -> str:
    first = min(lane.failures, key=lambda failure: failure.update)
    runs = lane.train_loss.shape[1]
    who = "" if runs == 1 else f" in {len(lane.failures)} of {runs} seeds, first"
    return (
        f"✕ {lane_name(lane.batch_size)} diverged{who} at update {first.update:,} (epoch {first.epoch:,}, seed "
        f"{first.seed}) with learning rate {lane.rate:g}: its steps overshot more and more. Try a smaller rate, or a "
        "larger batch."
    )


def race_claims(race: Race) -> list[Claim]:
    """What was known before the race, beside what it measured."""
    small, large = min(race.lanes, key=_size), max(race.lanes, key=_size)
    starts = [float(np.median(lane.train_loss[0])) for lane in race.lanes]
    expected = race.expected_start
    claims = [
        Claim(
            "same first weights in every lane, so the loss of those weights at its start",
            f"{expected:.6g}",
            " · ".join(f"{loss:.6g}" for loss in starts),
            bool(np.allclose(starts, expected, rtol=1e-12, atol=0)),
        )
    ]
    costs = [_seconds_an_update(lane) for lane in (small, large)]
    if all(np.isfinite(costs)):
        rows, cost = large.batch_size / small.batch_size, costs[1] / costs[0]
        claims.append(
            Claim(
                f"an update of {large.batch_size:,} rows costs less than {rows:,.3g} × one of {small.batch_size:,}: "
                "rows are worked on together",
                f"below {rows:,.3g} ×",
                f"{cost:.3g} ×",
                cost < rows,
            )
        )
    return claims


def _size(lane: Lane) -> int:
    return lane.batch_size


def _seconds_an_update(lane: Lane) -> float:
    """The computing time of an update, the median over the runs; infinite where none was made or a run diverged."""
    if lane.failures or lane.update[-1] == 0:
        return np.inf
    return float(np.median(lane.seconds[-1]) / lane.update[-1])
