"""Six rows: a list of all their batches, which is a proof by exhaustion."""

from math import comb

import numpy as np
import streamlit as st

from mbgd.charts.modes.noise import batches_chart, batches_table
from mbgd.charts.words import count
from mbgd.data.dataset import Dataset
from mbgd.experiments.modes.exhaustion import ROUNDING, AllBatches, every_size, mean_is, means_are, scale_of
from mbgd.experiments.plain import start
from mbgd.share.allowed import Between
from mbgd.share.choices import Choices
from mbgd.ui.kit.claims import Claim, show_claims
from mbgd.ui.kit.draw import draw
from mbgd.ui.kit.experiment import complete_job
from mbgd.ui.kit.html import picture_heading, table
from mbgd.ui.kit.predict import Answer, Question, Verdict
from mbgd.ui.kit.source import folded
from mbgd.ui.kit.state import keep, linked
from mbgd.ui.modes.noise import QUESTION as NOISE
from mbgd.ui.modes.parts import Part, columns, settings_of_weights, waiting

LABEL = "List all batches"
ROWS = 6
TRY = "Move B from 1 to 6. Watch the size of the cloud of batch gradients, and its middle."
QUESTION = Question(
    "exhaustion",
    "Take six rows, and list **all** batches of B rows that they can form. What is the mean of the batch gradients?",
    {
        "full": Answer(
            "Exactly the full gradient, for every B.",
            "Each row is in the same number of batches. So all rows count equally in the mean, just as in the full "
            "gradient. A single batch gradient has a random error, but the mean of all these errors is 0. To list all "
            "cases, as here, is called a proof by exhaustion.",
        ),
        "short": Answer(
            "The full gradient, but shorter, because a batch has fewer rows.",
            "The loss of a batch is a mean over its rows, so its gradient does not grow with the number of rows.",
        ),
        "long": Answer(
            "The full gradient, but longer, because each row is counted in many batches.",
            "Each row is counted many times, but the mean divides by the number of batches.",
        ),
        "near": Answer(
            "A gradient near the full gradient, and nearer for a larger B.",
            "That is true for a single batch. Over all batches the differences cancel, for every B.",
        ),
    },
)


def exhaustion_section(choices: Choices, dataset: Dataset) -> None:
    """Draw all batch gradients on the left, and the question on the right."""
    left, asking, below = columns()
    settings = settings_of_weights(choices)
    X, Y = dataset.X_train[:ROWS], dataset.Y_train[:ROWS]
    with below:
        numbers = ", ".join(str(row + 1) for row in dataset.rows_train[: len(X)])
        st.markdown(f"The first {len(X)} training rows (rows {numbers} of the data set), at the first weights.")
    about = (choices.data_key, settings)
    PART.show(left, asking, lambda: every_size(start(dataset, settings), X, Y, dataset.loss), about)


def _draw(sizes: tuple[AllBatches, ...] | None) -> None:
    if sizes is None or len(sizes) < sizes[0].n_samples:
        waiting(
            "Each batch gradient will be a point here. x: its component along the full gradient; y: the part at right "
            "angles to it.",
            LABEL,
            24,
        )
        return
    N = sizes[0].n_samples
    st.slider("B, rows in a batch", 1, N, key=linked("of_six", "exhaustion_size", min(2, N), Between(1, N, whole=True)))
    found = sizes[keep("exhaustion_size") - 1]
    marks = "dots: their gradients · cross: G, the full gradient · ring: mean of the dots"
    batches = f"All {len(found.rows)} batches of {count(found.batch_size, 'row')}, from {N} rows"
    st.html(picture_heading(batches, marks))
    draw(
        batches_chart,
        (),
        batches_table(found, sizes),
        key="batches_chart",
        alt=batches_in_words(found),
        caption=f"{batches} · {marks}",
    )
    claims = exhaustion_claims(found)
    if complete_job(NOISE.key) is None:  # the last claim gives away what the part on the noise asks
        claims = claims[:-1]
    show_claims(QUESTION.key, claims)
    title = "Each batch: the length of its gradient, and its distance from G"
    folded(title, "details_batches", lambda: _list_batches(found))


def batches_in_words(found: AllBatches) -> str:
    """The chart in words, with its results."""
    away = np.sqrt(found.squared_distances)
    return (
        f"The gradients of all {len(found.rows)} batches of {found.batch_size} rows as points around the full "
        f"gradient, which is {np.linalg.norm(found.full):.3g} long. Their distances from it are {away.min():.3g} to "
        f"{away.max():.3g}. Their mean differs from it by at most {found.bias:.1e} in any parameter."
    )


def _list_batches(found: AllBatches) -> None:
    lengths, distances = np.linalg.norm(found.gradients, axis=1), np.sqrt(found.squared_distances)
    listed = [
        (f"rows {', '.join(str(row + 1) for row in batch)}", f"{length:.4g}", f"{distance:.4g}")
        for batch, length, distance in zip(found.rows, lengths, distances, strict=True)
    ]
    st.html(table(("batch", "length of its gradient ‖g_B‖", "distance ‖g_B − G‖"), listed, width=20))


def exhaustion_claims(found: AllBatches) -> list[Claim]:
    """What holds exactly over all batches: predicted and computed."""
    B, N = found.batch_size, found.n_samples
    scale = scale_of(found)
    measured = float(found.squared_distances.mean())
    return [
        Claim(
            f"number of batches of {count(B, 'row')}, from {N} rows: C({N}, {B})",
            f"{comb(N, B)}",
            f"{len(found.rows)}",
            comb(N, B) == len(found.rows),
        ),
        Claim(
            "largest difference between the mean of their gradients and the full gradient",
            "0 except for rounding",
            f"{found.bias:.1e}",
            mean_is(found) == "full",
        ),
        Claim(
            "mean of ‖g_B − G‖²; predicted: S²/B · (1 − B/N)",
            f"{found.predicted:.12g}",
            f"{measured:.12g}",
            abs(measured - found.predicted) <= ROUNDING * max(scale**2, found.S_squared),
        ),
    ]


def _verdict(sizes: tuple[AllBatches, ...]) -> Verdict:
    worst = max(sizes, key=lambda found: found.bias)
    return Verdict(
        means_are(sizes),
        f"There are {sum(len(found.rows) for found in sizes)} batches of 1 to {len(sizes)} rows. For each B, the mean "
        f"of the batch gradients differs from G by at most {worst.bias:.1e} in any parameter.",
    )


PART = Part(LABEL, QUESTION, _draw, _verdict, TRY, signs=("G", "g_B", "S²"))
