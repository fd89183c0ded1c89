"""A run made again: the same data, settings and learning rates lead to the same weights, to the last digit."""

from collections.abc import Sequence

from mbgd.engine.training import Training
from mbgd.experiments.step import Step, Steps

PIECE = 0.015  # seconds of training from one step to the next


def made_again(training: Training, stages: Sequence[tuple[int, float]]) -> Steps[Training]:
    """Train a fresh run through its stages: until which update it had which learning rate.

    The last update may be one that diverges. The result of each step is the run itself, which goes on.
    """
    total = stages[-1][0]
    for until, rate in stages:
        training.learning_rate = rate
        while training.updates_done < until and not training.ended:
            training.advance(updates=until - training.updates_done, seconds=PIECE)
            done = training.updates_done
            yield Step(min(done / total, 0.999), f"update {done:,} of {total:,}", training)
    yield Step(1.0, f"{training.updates_done:,} updates", training)
