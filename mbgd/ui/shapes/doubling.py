"""What doubles when the batch doubles: the question, its marking, and the claims with their two numbers."""

import streamlit as st

from mbgd.charts.words import count
from mbgd.experiments.shapes.doubling import Doubling, what_changed
from mbgd.ui.kit.claims import Claim, show_claims
from mbgd.ui.kit.predict import Answer, Question, Verdict

MOST_NAMES = 20  # of arrays, in one cell
QUESTION = Question(
    "doubling",
    "Twice as many rows go into one batch. Which arrays change their shape?",
    {
        "inputs": Answer(
            "Only X and Y; everything computed from them keeps its shape.",
            "But Z = X @ W.T has a row for each row of X, and so has all that is made of Z, up to Ŷ and back to dX.",
        ),
        "rows": Answer(
            "All that has a row a sample: X, Y, Z, A, dZ, dX; not W, b, dW, db.",
            "In dW = dZ.T @ X the two B stand inside, meet and vanish; in db the rows are summed away.",
        ),
        "gradients": Answer(
            "Those and dW and db too: more rows give a larger gradient.",
            "More rows are summed into each number of dW, but their number is inside the product and vanishes: dW "
            "always has W's shape, or W −= η·dW could not be written.",
        ),
        "all": Answer(
            "Every array, W and b included.",
            "W has a row a unit and a column an input: it does not know how many samples will come.",
        ),
    },
)


def verdict(result: Doubling) -> Verdict:
    """What the two traces decided."""
    total = len(result.changed) + len(result.kept)
    return Verdict(
        what_changed(result),
        f"From B = {result.single.B:,} to {result.double.B:,}, {len(result.changed)} of {total} arrays changed their "
        "shape.",
    )


def draw_doubling(result: Doubling | None) -> None:
    """The claims about the update, predicted beside measured."""
    if result is None:
        st.html(
            '<p class="mbgd-says">The run traces your update at B and at 2B rows, counts every array and every '
            "operation, averages the gradients of the single samples, and lets training make the same update.</p>"
        )
        return
    one, two = result.single, result.double
    if why := _why(result):
        st.html(f'<p class="mbgd-says">{why}</p>')
    show_claims(
        Claim(
            f"Arrays that change shape from B = {one.B:,} to {two.B:,}: those with a B among their letters",
            _names(result.expected_changed),
            _names(result.changed),
            result.expected_changed == result.changed,
        ),
        Claim(
            "Bytes of all arrays with a row a sample, once and twice B",
            _pair(one.expected[0], two.expected[0]),
            _pair(one.counted[0], two.counted[0]),
            (one.expected[0], two.expected[0]) == (one.counted[0], two.counted[0]),
        ),
        Claim(
            "Bytes of all other arrays",
            _pair(one.expected[1], two.expected[1]),
            _pair(one.counted[1], two.counted[1]),
            (one.expected[1], two.expected[1]) == (one.counted[1], two.counted[1]),
        ),
        Claim(
            f"Operations of the layers, forward and back, for {count(result.counted_rows, 'row')}: by formula, "
            "and counted one by one",
            f"{result.expected_count:,}",
            f"{result.counted:,}",
            result.expected_count == result.counted,
        ),
        Claim(
            f"The traced gradient less the mean of its {result.rows:,} samples' gradients, over its largest number",
            "0, to rounding",
            f"{result.gradient_error:.1g}",
            result.gradient_error < 1e-12,
        ),
        Claim(
            f"The traced new weights less those that {result.judge} makes of the same update, over the largest weight",
            "0, to rounding",
            f"{result.update_error:.1g}",
            result.update_error < 1e-12,
        ),
    )


def _why(result: Doubling) -> str:
    """Why not all numbers are of the batch that is walked through; nothing where they are."""
    reasons = []
    if result.single.B != result.rows:
        reasons.append(
            f"Twice {result.rows:,} rows are more than there are, so arrays are compared at {result.single.B:,} and "
            f"{result.double.B:,}."
        )
    if result.counted_rows < result.rows:
        reasons.append(
            f"Counting operations one by one is slow, and every row takes the same: {result.counted_rows:,} of the "
            f"{result.rows:,} are counted."
        )
    return " ".join(reasons)


def _names(names: tuple[str, ...]) -> str:
    shown = names if len(names) <= MOST_NAMES else names[: MOST_NAMES - 1]
    rest = f" and {len(names) - len(shown):,} more" if len(shown) < len(names) else ""
    return f"{len(names)}: {', '.join(shown)}{rest}"


def _pair(once: int, twice: int) -> str:
    return f"{once:,} → {twice:,}"
