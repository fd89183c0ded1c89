"""The x-axes of a run's loss chart: where a batch loss stands on each of them, and where the axis begins and ends."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mbgd.engine.activations import Array
from mbgd.engine.training import Training

LEAST_UPDATES = 25  # that an axis shows
AT_FIRST = 1e-3  # seconds: the end of the axis while no update has been timed


class XAxis(NamedTuple):
    """What one x-axis counts.

    before(training, updates): the positions of losses that were measured after so many updates each, (K,) -> (K,).
    end(training, updates): the axis's end, if it is to hold so many updates. start(training): the position of the
    first update, where a logarithmic axis begins.
    """

    before: Callable[[Training, NDArray[np.intp]], Array]
    end: Callable[[Training, float], float]
    start: Callable[[Training], float]


def batch_position(training: Training, axis: str, kept: NDArray[np.intp]) -> Array:
    """The positions of the batch losses `kept` on an axis: each was measured before its update."""
    return RUN_AXES[axis].before(training, training.history.update[kept] - 1)


def axis_end(training: Training, axis: str, whole: bool) -> float:
    """The end of a run's axis: the end of the whole run, or of a part that holds all updates done so far.

    The part is the whole run, halved again and again while all updates done still fit, and at least 25 updates. It
    grows in a few large steps. So the first updates are seen in slow motion, and the picture rarely moves.
    """
    updates = training.total_updates
    while not whole and updates / 2 >= max(LEAST_UPDATES, training.updates_done):
        updates /= 2
    return RUN_AXES[axis].end(training, updates)


def axis_start(training: Training, axis: str) -> float:
    """The start of a run's logarithmic axis: the position of its first update. It hardly moves during the run."""
    return RUN_AXES[axis].start(training)


def _rows_before(training: Training, updates: NDArray[np.intp]) -> Array:
    plan = training.plan
    return updates // plan.updates * plan.rows + updates % plan.updates * float(plan.batch_size)


def _seconds_before(training: Training, updates: NDArray[np.intp]) -> Array:
    history = training.history
    return np.interp(updates, np.append(0, history.update), np.append(0.0, history.update_seconds))


def _expected_seconds(training: Training, updates: float) -> float:
    """The seconds of so many updates, predicted from those so far and rounded up to a quarter power of two."""
    if training.updates_done < 2:
        return AT_FIRST
    expected = training.seconds * updates / training.updates_done
    return float(2 ** (np.ceil(np.log2(expected) * 4) / 4))


def _seconds_of_an_update(training: Training) -> float:
    """The mean seconds of an update so far, rounded down to a power of two."""
    return float(2 ** np.floor(np.log2(training.seconds / training.updates_done))) if training.seconds else 1e-5


RUN_AXES = {
    "updates": XAxis(
        before=lambda training, updates: updates.astype(float),
        end=lambda training, updates: updates,
        start=lambda training: 1.0,
    ),
    "epochs": XAxis(
        before=lambda training, updates: updates / training.plan.updates,
        end=lambda training, updates: updates / training.plan.updates,
        start=lambda training: 1 / training.plan.updates,
    ),
    "samples": XAxis(
        before=_rows_before,
        end=lambda training, updates: updates / training.plan.updates * training.plan.rows,
        start=lambda training: float(training.plan.batch_size),
    ),
    "seconds": XAxis(before=_seconds_before, end=_expected_seconds, start=_seconds_of_an_update),
}
