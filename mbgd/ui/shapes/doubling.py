"""What doubles when the batch doubles: the question, its marking, and the claims with two numbers each."""

import streamlit as st

from mbgd.charts.words import count
from mbgd.experiments.shapes.doubling import Doubling, what_changed
from mbgd.ui.kit.claims import Claim, show_claims
from mbgd.ui.kit.predict import Answer, Question, Verdict

MOST_NAMES = 20  # names of arrays in one cell
KEY = "doubling"
TRY = (
    "Go to dW1 above. Pick the batch B = 1, then B = N. How many products are summed for one number of dW1? And what "
    "is the shape of dW1? After some training on the page Train, you can also choose the trained weights here."
)
QUESTION = Question(
    KEY,
    "A batch gets twice as many rows. Which arrays change their shape?",
    {
        "inputs": Answer(
            "Only X and Y. Everything computed from them keeps its shape.",
            "But Z = X @ W.T has one row for each row of X, and so do A, Ŷ, dZ and dX.",
        ),
        "rows": Answer(
            "Arrays with one row for each row of the batch, such as X, Y, Z, A, dZ, dX. Not W, b, dW, db.",
            "In dW = dZ.T @ X, the sum runs over the axis B, so dW has no axis B. In db, the rows are summed.",
        ),
        "gradients": Answer(
            "Arrays with one row for each row of the batch, and also dW and db: more rows give a larger gradient.",
            "With more rows, each number of dW is a longer sum, but dW has as many numbers as before. It always has "
            "the shape of W: otherwise W −= η·dW would fail.",
        ),
        "all": Answer(
            "Every array, also W and b.",
            "W has one row per unit and one column per input. Neither depends on the number of rows in the batch.",
        ),
    },
)


def verdict(result: Doubling) -> Verdict:
    """The answer that the two traces gave."""
    total = len(result.changed) + len(result.kept)
    return Verdict(
        what_changed(result),
        f"From B = {result.single.B:,} to {result.double.B:,}, {len(result.changed)} of {total} arrays changed their "
        f"shape: {', '.join(result.changed)}.",
    )


def draw_doubling(result: Doubling | None) -> None:
    """Say what the run does. After it, show the claims about the update."""
    if result is None:
        st.html(
            '<p class="mbgd-says">The run makes this update with B and with 2B rows, and counts bytes and operations. '
            "It also checks that the gradient of the batch is the mean of its rows' gradients, and that the training "
            "of this app makes the same update.</p>"
        )
        return
    if why := _why(result):
        st.html(f'<p class="mbgd-says mbgd-other-rows">{why}</p>')
    show_claims(KEY, claims(result))


def claims(result: Doubling) -> list[Claim]:
    """What is predicted of the two updates, and what was measured."""
    one, two = result.single, result.double
    return [
        Claim(
            f"Arrays that change their shape from B = {one.B:,} to {two.B:,}. Predicted: those with an axis B",
            _names(result.expected_changed),
            _names(result.changed),
            result.expected_changed == result.changed,
        ),
        Claim(
            "Bytes of all arrays with one row for each row of the batch, with B and with 2B rows",
            _pair(one.expected[0], two.expected[0]),
            _pair(one.counted[0], two.counted[0]),
            (one.expected[0], two.expected[0]) == (one.counted[0], two.counted[0]),
        ),
        Claim(
            "Bytes of all other arrays, with B and with 2B rows",
            _pair(one.expected[1], two.expected[1]),
            _pair(one.counted[1], two.counted[1]),
            (one.expected[1], two.expected[1]) == (one.counted[1], two.counted[1]),
        ),
        Claim(
            f"Operations in the forward and backward pass of the layers, for {count(result.counted_rows, 'row')}. "
            "Predicted by formula, measured by counting",
            f"{result.expected_count:,}",
            f"{result.counted:,}",
            result.expected_count == result.counted,
        ),
        Claim(
            f"Largest difference between the gradient on this page and the mean of the {result.rows:,} gradients of "
            "its single rows, ÷ the largest number of the gradient",
            "0, up to rounding",
            f"{result.gradient_error:.1g}",
            result.gradient_error < 1e-12,
        ),
        Claim(
            f"Largest difference between the new weights on this page and those of {result.judge}, ÷ the largest "
            f"weight",
            "0, up to rounding",
            f"{result.update_error:.1g}",
            result.update_error < 1e-12,
        ),
    ]


def _why(result: Doubling) -> str:
    """Why some numbers are of other rows than the batch on the page; empty if none are."""
    reasons = []
    if result.single.B != result.rows:
        reasons.append(
            f"There are fewer than 2 · {result.rows:,} training rows, so the arrays are compared with "
            f"{result.single.B:,} and {result.double.B:,} rows."
        )
    if result.counted_rows < result.rows:
        reasons.append(
            f"Counting operations one by one is slow. Every row takes the same number of them, so only "
            f"{result.counted_rows:,} of the {result.rows:,} rows are counted."
        )
    return " ".join(reasons)


def _names(names: tuple[str, ...]) -> str:
    shown = names if len(names) <= MOST_NAMES else names[: MOST_NAMES - 1]
    rest = f" and {len(names) - len(shown):,} more" if len(shown) < len(names) else ""
    return f"{len(names)}: {', '.join(shown)}{rest}"


def _pair(once: int, twice: int) -> str:
    return f"{once:,} → {twice:,}"
