"""The third part: three numbers that are all called training loss, on one chart."""

import numpy as np
import streamlit as st

from mbgd.charts.diagnose import meanings_chart, meanings_table
from mbgd.charts.layers import LOSS_NAMES
from mbgd.charts.words import count
from mbgd.experiments.diagnose.meanings import ABOVE, BELOW, OFF, SAME, Meanings, answer, measure_meanings
from mbgd.ui.diagnose.parts import Chosen, columns, log_switches
from mbgd.ui.diagnose.words import number
from mbgd.ui.kit.claims import Claim, show_claims
from mbgd.ui.kit.draw import draw
from mbgd.ui.kit.experiment import complete_job, experiment
from mbgd.ui.kit.html import picture_heading
from mbgd.ui.kit.predict import Answer, Question, Verdict

KEY = "meanings"
QUESTION = Question(
    KEY,
    "Frameworks print the **running mean** of the batch losses, each measured before its update, from the start of the "
    "epoch to its end. Compare it with the loss over **all training rows, measured after the epoch**. Over the first "
    "epochs together, which is higher?",
    {
        ABOVE: Answer(
            "The running mean.",
            "Its batches were measured while the weights were still changing: on average, with weights half an epoch "
            "older than those at its end. While the loss falls, older weights have the higher loss.",
        ),
        SAME: Answer(
            f"They are the same (within {OFF:.1%}).",
            "They agree when the loss hardly changes within an epoch.",
        ),
        BELOW: Answer(
            "The loss over all rows after the epoch.",
            "That happens when the loss rises within the epochs: the mean then comes from older, better weights.",
        ),
    },
)
TRY = (
    "Take the sidebar's settings and choose full batch there: an epoch is one update, and the mean is the loss before "
    "it. By how many epochs is one curve shifted against the other?"
)


def meanings_section(chosen: Chosen) -> None:
    """Draw the part: the question on the left, the chart on the right."""
    asking, below, right = columns()
    dataset, settings, _ = chosen.problem
    with right:
        result = experiment(
            KEY,
            lambda: measure_meanings(dataset, settings),
            chosen.about,
            lambda found: _draw(found, chosen),
            question=QUESTION,
            verdict=verdict,
            tries=TRY,
            controls=asking,
        )
    with below:
        st.markdown(
            "**Three numbers, one name.** The loss *of a batch* is noisy and costs nothing extra. The *running mean* "
            "smooths it. The loss *over all rows* needs a pass over the data of its own, with fixed weights. Only the "
            "last one can be compared with the validation loss."
        )
    if result:
        show_claims(KEY, meanings_claims(result))


def _draw(found: Meanings | None, chosen: Chosen) -> None:
    _, log_y = log_switches(KEY, x=False)
    dataset = found.dataset if found else chosen.problem.dataset
    alt = "Three training losses against epochs: of each batch, the running mean of each epoch, over all rows after it."
    beside = f"{LOSS_NAMES[dataset.loss]} · the running mean begins anew with each epoch"
    st.html(picture_heading("Three training losses", beside))
    draw(
        meanings_chart,
        ("loss", log_y),  # where a window is low, a longer title has no room
        meanings_table(found, log_y),
        key="meanings_chart",
        alt=f"{alt} {in_words(found)}" if found and complete_job(KEY) else alt,
        caption="Loss of each batch (thin), running mean of each epoch (dashed), all rows after each epoch (squares)",
    )


def in_words(found: Meanings) -> str:
    """What was measured, in a sentence or two."""
    epochs = len(found.mean)
    if not epochs:
        return "The run diverged in its first epoch."
    diverged = "" if found.failed is None else f" The run diverged in epoch {found.failed:,}."
    return (
        f"After epoch 1, the running mean was {number(found.mean[0])} and the loss over all rows "
        f"{number(found.after[1])}. Over {count(epochs, 'epoch')} together, the running mean was "
        f"{number(found.ratio)} times the loss over all rows.{diverged}"
    )


def verdict(found: Meanings) -> Verdict:
    """Which was higher in this run."""
    right = answer(found.ratio)
    near = next((other for other in (answer(found.ratio + OFF), answer(found.ratio - OFF)) if other != right), None)
    return Verdict(right, in_words(found), near)


def meanings_claims(found: Meanings) -> list[Claim]:
    """The claims on the means."""
    start = float(found.after[0])
    claims = [
        Claim(
            "Mean over the batches of an epoch at fixed weights (the first), each weighted by its rows: the loss over "
            "all rows",
            f"{start:.10g}",
            f"{found.fixed:.10g}",
            abs(found.fixed - start) <= 1e-12 * max(1.0, abs(start)),
        )
    ]
    epochs = len(found.mean)
    if epochs and found.failed is None and found.falling == epochs and np.isfinite(found.ratio):
        says = f"The loss fell in all {count(epochs, 'epoch')}: running means ÷ losses after the epochs, both added up"
        claims.append(Claim(says, "above 1", number(found.ratio), found.ratio > 1))
    return claims


def to_keep(found: Meanings) -> list[str]:
    """What the three numbers were after the first epoch."""
    if not len(found.mean):
        return [in_words(found)]
    return [
        f"“Training loss” has three meanings. After epoch 1, the last batch had {number(found.last_batch)}, the "
        f"running mean was {number(found.mean[0])}, and the loss over all rows {number(found.after[1])}."
    ]
