"""The noise of a batch, measured at weights that the learner chooses."""

from collections.abc import Hashable, Sequence
from html import escape
from typing import NamedTuple

import numpy as np
import streamlit as st

from mbgd.charts.modes.noise import cosine_chart, cosine_table, noise_chart, noise_table
from mbgd.charts.words import count
from mbgd.data.dataset import Dataset
from mbgd.engine.network import Layer
from mbgd.engine.splits import TrainingData
from mbgd.experiments.modes.noise import FOUR, Noise, agrees, falls_to, measurable, noise, noise_sizes, quarter_pair
from mbgd.experiments.plain import start
from mbgd.experiments.step import Steps
from mbgd.share.allowed import Among
from mbgd.share.choices import Choices
from mbgd.ui.kit.claims import Claim, show_claims
from mbgd.ui.kit.draw import draw, note_settings
from mbgd.ui.kit.experiment import complete_job
from mbgd.ui.kit.html import note, picture_heading
from mbgd.ui.kit.predict import Answer, Question, Verdict
from mbgd.ui.kit.state import keep, linked
from mbgd.ui.modes.parts import Part, columns, settings_of_weights, waiting
from mbgd.ui.modes.race import QUESTION as RACE
from mbgd.ui.modes.race import finished_race
from mbgd.ui.train.session import trained_run

LABEL = "Measure the noise"
WITHIN = " (± four standard errors)"  # of the mean over the batches drawn
DRAWS = (50, 100, 200, 400, 1_000)
TRY = (
    "Measure at the first weights, then at the end of a race or of a run on the page Train. What happens to S², "
    "‖G‖² and B_simple? They are under “Theory and measurement”."
)
QUESTION = Question(
    "noise",
    "The batch size B becomes **four times** as large. What happens to the noise of a batch, the mean squared distance "
    "of its gradient from the gradient of all rows?",
    {
        "same": Answer(
            "It stays about the same.",
            "The errors of different rows point in different directions. With more rows, more of the error cancels.",
        ),
        "half": Answer(
            "It halves.",
            "The distance itself halves: it falls as 1/√B. The question is about its square, which falls as 1/B.",
        ),
        "quarter": Answer(
            "It falls to about a quarter.",
            "The mean of B rows has 1/B of the variance of one row, so 4·B rows leave a quarter. The factor 1 − B/N "
            "makes the noise smaller still, because no row is twice in a batch. If the batch has all rows, this factor "
            "is 0.",
        ),
        "sixteenth": Answer(
            "It falls to a sixteenth.",
            "The fourth power of the distance falls to about a sixteenth. The square, which is a variance, falls as "
            "1/B, not as 1/B². It falls faster only if B is close to N.",
        ),
    },
)


class MeasuredAt(NamedTuple):
    """The weights to measure at, their data set, and a key that tells them from other weights.

    link: their name in the page's address. settings: those of the run that made them, in words, if they may be others
    than the sidebar's.
    """

    layers: Sequence[Layer]
    dataset: TrainingData
    about: Hashable
    link: str
    settings: str = ""


def noise_section(choices: Choices, dataset: Dataset) -> None:
    """Draw the measurements on the left, and the question and below it the choice of weights on the right."""
    left, asking, below = columns()
    with below:
        offered = _weights(choices, dataset)
        at = linked("at", "noise_at", next(iter(offered)), Among(offered, lambda name: offered[name].link))
        st.selectbox("At which weights", list(offered), key=at)
        chosen = keep(at)
        weights = offered[chosen]
        if weights.settings:
            note_settings(weights.settings)
            st.caption(f"The race was run with: {weights.settings}.")
        draws = st.select_slider(
            "Batches of each size",
            DRAWS,
            key=linked("draws", "noise_draws", 200, DRAWS),
            format_func="{:,}".format,
        )
        keep("noise_draws")
    if not measurable(weights.layers, weights.dataset):
        left.html(
            note(
                "bad",
                f"At {escape(chosen)}, the weights are so large that gradients overflow: no noise can be measured. "
                "Choose other weights, or train again with a smaller learning rate.",
            )
        )
        return
    sizes = noise_sizes(len(weights.dataset.X_train))

    def make() -> Steps[Noise]:
        return noise(weights.layers, weights.dataset, sizes, draws, np.random.default_rng([choices.seed, draws]))

    own = f"at {chosen}, {draws:,} batches of each size"
    PART.show(left, asking, make, (chosen, weights.about, draws, choices.seed), own)


def _weights(choices: Choices, dataset: Dataset) -> dict[str, MeasuredAt]:
    """The weights available in this session, by the names in the list."""
    settings = settings_of_weights(choices)
    offered = {
        "the first weights": MeasuredAt(start(dataset, settings), dataset, (choices.data_key, settings), "first")
    }
    if run := trained_run(choices, dataset):
        done = run.training.updates_done
        name = f"the run on the page Train, after {count(done, 'update')}"
        offered[name] = MeasuredAt(run.training.layers, run.dataset, run.state, "train")
    if finished := finished_race():
        raced, race = finished
        job = complete_job(RACE.key)
        settings = job.settings if job else ""
        for lane in race.lanes:
            if not lane.failures:
                about = (raced, lane.batch_size, int(lane.update[-1]))
                offered[f"the end of the race, B = {lane.batch_size:,}"] = MeasuredAt(
                    lane.layers, race.dataset, about, f"race-{lane.batch_size}", settings
                )
    return offered


def _draw(found: Noise | None) -> None:
    if found is None:
        waiting("The noise of a batch will be shown here, for each batch size.", LABEL, 28)
        return
    if not found.draws:
        waiting("First, the gradient of every single row is computed, for S².", LABEL, 28)
        return
    complete = complete_job(QUESTION.key) is not None
    marks = "points: measured, with bars of ± two standard errors · dashed: predicted, S²/B · (1 − B/N)"
    st.html(picture_heading("Noise: mean squared distance from G", marks))
    draw(
        noise_chart,
        (),
        noise_table(found),
        key="noise_chart",
        alt=noise_in_words(found, complete=complete),
        caption=f"Squared distance of a batch gradient from G, against B · {marks}",
    )
    marks = "points: measured · dashed: about 1/√(1 + B_simple/B)"
    st.html(picture_heading("Cosine between g_B and G", marks))
    draw(
        cosine_chart,
        (),
        cosine_table(found),
        key="cosine_chart",
        alt=cosine_in_words(found, complete=complete),
        caption=f"Cosine between a batch gradient and G, against B · {marks}",
    )
    if complete:
        show_claims(QUESTION.key, noise_claims(found), _measured_how(found))


def noise_in_words(found: Noise, *, complete: bool) -> str:
    """The chart of the distances in words, with its results once the run is complete. Constant during the run."""
    words = "Measured noise of a batch against B, with the predicted S²/B · (1 − B/N)."
    if not complete:
        return words
    values = zip(found.sizes[:-1], found.squared, found.predicted, strict=False)  # at B = N there is none
    return words + "".join(f" B = {B:,}: {seen:.3g}, predicted {expected:.3g}." for B, seen, expected in values)


def cosine_in_words(found: Noise, *, complete: bool) -> str:
    """The chart of the cosines in words, with its results once the run is complete. Constant during the run."""
    words = "Measured cosine between g_B and G against B, with the approximation 1/√(1 + B_simple/B)."
    if not complete:
        return words
    values = zip(found.sizes, found.cosine, found.predicted_cosine, strict=True)
    return words + "".join(f" B = {B:,}: {seen:.3f}, predicted {expected:.3f}." for B, seen, expected in values)


def _measured_how(found: Noise) -> str:
    return (
        f"Measured with {found.draws:,} batches of each size. Their rows are taken at random from {found.n_samples:,} "
        f"rows, and no row is twice in a batch. The network has {found.n_parameters:,} parameters. "
        f"‖G‖² = {found.G_squared:.3g}, "
        f"S² = {found.S_squared:.3g}, B_simple = S²/‖G‖² = {found.noise_scale:.3g}. As the loss falls, ‖G‖² usually "
        "shrinks more than S² does, so B_simple grows (McCandlish et al. 2018, arXiv 1812.06162). At B = N the batch "
        "has all rows. Its distance is 0, which a logarithmic axis cannot show. Its cosine is 1, but the approximation "
        f"says {found.predicted_cosine[-1]:.3f}, because it is made for infinitely many rows."
    )


def noise_claims(found: Noise) -> list[Claim]:
    """The noise at a few batch sizes and at B = N, and one cosine: predicted and measured."""
    small, large = quarter_pair(found.sizes)
    middle, last = len(found.sizes) // 2, len(found.sizes) - 1
    right = agrees(found)
    claims = [
        Claim(
            f"mean of ‖g_B − G‖² at B = {found.sizes[i]:,}" + (WITHIN if i < last else ""),
            f"{found.predicted[i]:.4g}",
            f"{found.squared[i]:.4g}" + (f" ± {FOUR * found.squared_error[i]:.2g}" if i < last else ""),
            bool(right[i]),
        )
        for i in sorted({0, small, large, last})
    ]
    apart = abs(found.cosine[middle] - found.predicted_cosine[middle])
    claims.append(
        Claim(
            f"mean of cos(g_B, G) at B = {found.sizes[middle]:,} (approximation, within 0.1 and four standard errors)",
            f"{found.predicted_cosine[middle]:.3f}",
            f"{found.cosine[middle]:.3f} ± {FOUR * found.cosine_error[middle]:.2g}",
            bool(apart <= 0.1 + FOUR * found.cosine_error[middle]),
        )
    )
    return claims


def _factor(found: Noise, small: int, large: int) -> str:
    """The predicted factor of the noise, with its two parts: one from 1/B, one from drawing without replacement."""
    B, more, N = found.sizes[small], found.sizes[large], found.n_samples
    part = (1 - more / N) / (1 - B / N)
    ratio = found.predicted[large] / found.predicted[small]
    return f"{ratio:.3g} = {B:,}/{more:,} × {part:.3g}, where {part:.3g} = (1 − {more:,}/{N:,}) ÷ (1 − {B:,}/{N:,})"


def _verdict(found: Noise) -> Verdict:
    small, large = quarter_pair(found.sizes)
    ratio = found.squared[large] / found.squared[small] if found.squared[small] else 1.0
    return Verdict(
        falls_to(found),
        f"The mean squared distance was {found.squared[small]:.3g} at B = {found.sizes[small]:,} and "
        f"{found.squared[large]:.3g} at B = {found.sizes[large]:,}. Measured factor: {ratio:.3g}. "
        f"Predicted factor: {_factor(found, small, large)}.",
    )


PART = Part(LABEL, QUESTION, _draw, _verdict, TRY, signs=("G", "g_B", "S²", "B_simple"))
