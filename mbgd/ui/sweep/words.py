"""The question of the page Sweep, its marking, and what to keep."""

from math import log

from mbgd.charts.words import short
from mbgd.experiments.sweep.measures import Judge, Judged, best, best_of_rows, judged, predicted_ratio
from mbgd.experiments.sweep.steps import Map
from mbgd.ui.kit.predict import Answer, Question, Verdict

KEY = "sweep"
GROWTH = 16  # times the batch size, in the question
QUESTION = Question(
    KEY,
    "Each batch size has a learning rate that is best for it. If you make the batch **16 times larger**, where will "
    "the best learning rate lie?",
    {
        "same": Answer(
            "At about the same rate.",
            "The best rate stays where the curvature of the loss limits it: a longer step would diverge, or the runs "
            "are so long that every rate below the limit arrives.",
        ),
        "root": Answer(
            "At about 4 times the rate.",
            "The noise of a mean of B rows shrinks as the square root of B, and the best rate grows about as fast.",
        ),
        "linear": Answer(
            "At about 16 times the rate.",
            "A larger batch makes fewer updates, so each must go further. While noise is the limit, a rate that is "
            "proportional to B does the same work per epoch (Goyal et al. 2017, arXiv 1706.02677).",
        ),
        "other": Answer(
            "It depends: none of these fits.",
            "Noise limits the rate of small batches, and curvature that of large ones. Between them there is no simple "
            "rule, and with few seeds the best cell of a row is itself uncertain.",
        ),
    },
)
TRY = (
    "Switch on the lines of constant η/B: do the best cells follow one of them? Then give each run the same number of "
    "updates instead of epochs, and run again."
)


def by_loss(found: Map) -> Judge:
    """The measure by which an answer is marked: the validation loss at the end."""
    return Judge("loss", "val", len(found.dataset.X_train))


def pair(found: Map, judge: Judge) -> tuple[Judged, Judged] | None:
    """The best cells of the two batch sizes whose ratio is nearest to that of the question; None without two."""
    rows = best_of_rows(judged(found.cells, judge), judge)
    pairs = [(small, large) for small in rows for large in rows if small < large]
    if not pairs:
        return None
    small, large = min(pairs, key=lambda two: abs(log(two[1] / two[0] / GROWTH)))
    return rows[small], rows[large]


def verdict_of(found: Map) -> Verdict:
    """The right answer by this map: the one measured by the loss at the end."""
    two = pair(found, by_loss(found))
    if two is None:
        return Verdict("other", "Fewer than two batch sizes have a learning rate with which most runs did not diverge.")
    right, ratio = predicted_ratio(*two, found.grid)
    small, large = (one.cell for one in two)
    measured = (
        f"The best rate for B = {small.batch_size:,} is {small.learning_rate:g}, and for B = {large.batch_size:,}, "
        f"{short(large.batch_size / small.batch_size)} times larger, it is {large.learning_rate:g}: "
        f"{short(ratio)} times as large."
    )
    ends = (min(found.grid.rates), max(found.grid.rates))
    if small.learning_rate in ends or large.learning_rate in ends:
        measured += (
            " At least one of them lies at the end of the rates tried, so a better one may lie beyond: move that end "
            "and run again."
        )
    return Verdict(right, measured)


def to_keep(found: Map) -> list[str]:
    """What to keep, with the numbers of this map."""
    judge = by_loss(found)
    of_all = best(judged(found.cells, judge), judge)
    if of_all is None:
        return ["All runs of this sweep diverged: the learning rates were too large."]
    cell = of_all.cell
    return [
        f"The best cell of this map is B = {cell.batch_size:,} with learning rate {cell.learning_rate:g}. Its "
        "neighbours are often as good, so look at the region and not at the single cell.",
        "Choose batch size and learning rate together: a rate that is best for one batch size may not be for another.",
    ]
