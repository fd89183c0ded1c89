"""The first part: both losses live, the network with the lowest validation loss, and early stopping."""

from collections.abc import Sequence
from html import escape

import numpy as np
import streamlit as st

from mbgd.charts.diagnose import watch_chart, watch_table
from mbgd.charts.layers import LOSS_NAMES
from mbgd.charts.train.confusion import Matrix
from mbgd.charts.train.pictures import main_picture, picture_title
from mbgd.charts.train.thumbnail import thumbnail
from mbgd.engine.evaluation import evaluate_split
from mbgd.engine.network import Layer
from mbgd.engine.splits import Split
from mbgd.experiments.diagnose.diagnosis import DIVERGED, FINE, OVERFITS, UNDERFITS
from mbgd.experiments.diagnose.watch import Watched, watch
from mbgd.share.allowed import YES_OR_NO
from mbgd.ui.diagnose.parts import Chosen, columns, log_switches
from mbgd.ui.diagnose.words import FINAL, diagnosis_in_words, number
from mbgd.ui.kit.claims import Claim, show_claims
from mbgd.ui.kit.draw import draw, draw_picture
from mbgd.ui.kit.experiment import complete_job, experiment
from mbgd.ui.kit.html import picture_heading, tiles
from mbgd.ui.kit.predict import Answer, Question, Verdict
from mbgd.ui.kit.state import keep, linked

PATIENCE = (5, 10, 20, 50, 100, 200, 500)  # epochs
MOST_RINGS = 100  # rows with rings: more would hide the picture
OF_KIND = {OVERFITS: "turns", FINE: "stays", UNDERFITS: "high", DIVERGED: "diverges"}
QUESTION = Question(
    "overfit",
    "The network trains on the training rows only. After each epoch, the loss over the validation rows is measured, "
    "too. While the training loss goes down, what does the **validation loss** do?",
    {
        "stays": Answer(
            "It falls, too, and stays about as low as it ever was.",
            "That happens if the rows are many, or the network is small, or training ends early enough.",
        ),
        "turns": Answer(
            "It falls at first, and later it clearly rises.",
            "At first the network learns what both sets of rows have in common. Later it learns the noise of single "
            "training rows, and that is wrong for all other rows.",
        ),
        "high": Answer(
            "Both losses stay higher than they need to be.",
            "That happens if the run is too short, the network too small, or the learning rate not right.",
        ),
        "diverges": Answer(
            "Both grow without bound.", "That happens if the learning rate is too large, whatever the rows are."
        ),
    },
)
TRY = (
    "Switch early stopping on and run again: how much lower is the final validation loss? Then choose other seeds in "
    "the sidebar: the rows and the first weights change, and the curves turn at another epoch."
)


def watch_section(chosen: Chosen) -> None:
    """Draw the part: the question and the controls on the left, the curves and the pictures on the right."""
    asking, below, right = columns()
    dataset, settings, _ = chosen.problem
    with below:
        patience = _patience()
    words = f"early stopping, patience {patience:,} epochs" if patience else ""
    with right:
        result = experiment(
            QUESTION.key,
            lambda: watch(dataset, settings, patience),
            (chosen.about, patience),
            lambda found: _draw(found, chosen),
            question=QUESTION,
            verdict=verdict,
            tries=TRY,
            controls=asking,
            settings=words,
        )
    if result:
        _large_pictures(result)
        show_claims(QUESTION.key, watch_claims(result), FINAL)


def _patience() -> int | None:
    """The epochs that early stopping waits for a lower validation loss; None without it."""
    st.toggle(
        "Early stopping",
        key=linked("stop", "diagnose_stop", False, YES_OR_NO),
        help="End the run when the validation loss has had no new lowest value for some epochs.",
    )
    on = keep("diagnose_stop")
    st.select_slider(
        "Patience, in epochs",
        PATIENCE,
        key=linked("patience", "diagnose_patience", 50, PATIENCE),
        disabled=not on,
        help="For so many epochs without a new lowest validation loss, the run goes on.",
    )
    patience = keep("diagnose_patience")
    return patience if on else None


def _draw(run: Watched | None, chosen: Chosen) -> None:
    log_x, log_y = log_switches("overfit", x=True)
    st.html(picture_heading("Training and validation loss", "over all rows of each set, after every epoch"))
    done = run is not None and complete_job(QUESTION.key) is not None
    alt = "Training loss (solid) and validation loss (dashed) against epochs; a line marks the lowest validation loss."
    draw(
        watch_chart,
        (LOSS_NAMES[(run or chosen.problem).dataset.loss], log_x, log_y),
        watch_table(run, log_x, log_y),
        key="overfit_chart",
        alt=f"{alt} {diagnosis_in_words(run)}" if done and run else alt,
        caption="Training loss (solid) and validation loss (dashed) after every epoch",
    )
    if run is None:
        return
    st.html(tiles(numbers_of(run)))
    if not run.finished:  # then they are drawn large, below
        st.html(small_pictures(run))


def numbers_of(run: Watched) -> list[tuple[str, str, str]]:
    """The numbers of a run as tiles: title, number, and a few words."""
    found = run.diagnosis
    gap, losses = "none", ""
    if np.isfinite(found.gap):
        of = ", medians over the last tenth of the epochs" if run.finished else ""
        gap, losses = number(found.gap), f"validation {number(found.val)}, training {number(found.train)}{of}"
    return [
        (f"Gap {'at the end' if run.finished else 'now'}", gap, losses),
        ("Lowest validation loss", number(found.lowest), f"after epoch {found.since:,}"),
    ]


def then_and_now(run: Watched) -> list[tuple[str, float, Sequence[Layer]]]:
    """Two networks of a run: a name, the validation loss, and the layers."""
    now = f"{'final' if run.finished else 'now'}, epoch {int(run.epoch[-1]):,}"
    return [
        (f"kept, epoch {run.diagnosis.since:,}", run.diagnosis.lowest, run.best_layers),
        (now, float(run.val[-1]), run.layers),
    ]


def small_pictures(run: Watched) -> str:
    """What the kept network and that of now predict, as small pictures in HTML."""
    looks = ("--line: #D55E00; --border: dashed", "--line: #1B86C4; --border: solid")
    figures = "".join(
        f'<figure style="{look}"><figcaption><b>{escape(name)}</b></figcaption>'
        f'<img src="{thumbnail(run.dataset, layers)}" alt="What the network ({escape(name)}) predicts"/>'
        f"<figcaption>validation loss {number(loss)}</figcaption></figure>"
        for (name, loss, layers), look in zip(then_and_now(run), looks, strict=True)
    )
    return f'<div class="mbgd-three">{figures}</div>'


def _large_pictures(run: Watched) -> None:
    """The kept network and the final one beside each other, in the picture of the data set."""
    N = len(run.dataset.X_train)
    rings = np.arange(N if N <= MOST_RINGS else 0)
    beside = f"rings: the {N:,} training rows" if len(rings) else ""
    for column, (name, loss, layers) in zip(st.columns(2, gap="medium"), then_and_now(run), strict=True):
        with column:
            kept = f": validation loss {number(loss)}" if layers is run.best_layers else ""  # else the tiles have it
            st.html(picture_heading(f"{escape(name).capitalize()}{kept}", beside))
            picture = main_picture(run.dataset, layers, rings)
            if isinstance(picture, Matrix):
                st.html(picture.html)
            else:
                draw_picture(picture, f"{picture_title(run.dataset)} · {name}")


def verdict(run: Watched) -> Verdict:
    """The answer that this run gives."""
    return Verdict(OF_KIND[run.diagnosis.kind], diagnosis_in_words(run))


def watch_claims(run: Watched) -> list[Claim]:
    """The claims on the kept network, and on early stopping."""
    found, dataset = run.diagnosis, run.dataset
    again = evaluate_split(run.best_layers, Split(dataset.X_val, dataset.Y_val), dataset.loss).loss
    claims = [
        Claim(
            f"Validation loss of the kept network, computed again (noted after epoch {found.since:,})",
            f"{found.lowest:.10g}",
            f"{again:.10g}",
            abs(again - found.lowest) <= 1e-12 * max(1.0, found.lowest),
        )
    ]
    if run.stopped and run.patience:
        expected, last = found.since + run.patience, int(run.epoch[-1])
        says = f"Last epoch: that of the lowest validation loss + the patience, {found.since:,} + {run.patience:,}"
        claims.append(Claim(says, f"{expected:,}", f"{last:,}", expected == last))
    return claims
