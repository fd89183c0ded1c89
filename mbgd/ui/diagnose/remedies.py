"""The second part: the same run with one change each, side by side."""

from functools import partial

import numpy as np
import streamlit as st

from mbgd.charts.diagnose import remedies_chart, remedies_table
from mbgd.charts.layers import LOSS_NAMES
from mbgd.charts.words import count
from mbgd.experiments.diagnose.diagnosis import DIVERGED, LITTLE
from mbgd.experiments.diagnose.remedies import (
    BASE,
    BATCH,
    DATA,
    DECAY,
    SMALL,
    TIE,
    SideBySide,
    Variant,
    rank,
    side_by_side,
    variants_of,
)
from mbgd.experiments.diagnose.watch import Watched
from mbgd.share.choices import show_hidden
from mbgd.ui.diagnose.parts import Chosen, columns, log_switches
from mbgd.ui.diagnose.words import FINAL, SHORT, number, short_names, variant_names
from mbgd.ui.kit.claims import Claim, show_claims
from mbgd.ui.kit.draw import draw
from mbgd.ui.kit.experiment import complete_job, experiment
from mbgd.ui.kit.html import picture_heading, summed, table
from mbgd.ui.kit.predict import Answer, Question, Verdict
from mbgd.ui.kit.scales import SPLIT_NAMES, ask_split
from mbgd.ui.kit.state import keep, linked

KEY = "remedies"
DECAYS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3)
WHY = {
    BASE: "A change helps only if the run has the fault that it mends.",
    DATA: "The more rows there are, the less a network can win by learning the noise of each of them.",
    SMALL: "A small network can't follow each single row. If it is too small, it can't follow the curve either.",
    DECAY: "Weight decay pulls all weights towards 0. Large weights are needed to bend the curve around single rows.",
    BATCH: "A bigger batch makes the gradient more exact, but the minimum that it leads to is that of the same rows.",
}
LESS = "With as many updates, it makes more passes over fewer rows. It can win if half of the rows show all there is."
TIED = f"Within {TIE:.0%} of the lowest, or within {LITTLE:.0%} of the loss of a constant prediction, it is a tie"
TRY = (
    "Choose another λ: which is too weak, and which so strong that the training loss stays high? Then switch the "
    "curves to the training rows: the run with the lowest training loss, is it the one with the lowest validation loss?"
)


def remedies_section(chosen: Chosen) -> None:
    """Draw the part: the question and the controls on the left, the curves and the table on the right."""
    asking, below, right = columns()
    with below:
        weight_decay = _weight_decay()
    variants = variants_of(chosen.problem, weight_decay)
    asked = question(variants)
    with right:
        result = experiment(
            KEY,
            lambda: side_by_side(variants),
            (chosen.about, weight_decay),
            lambda found: _draw(found, variants),
            question=asked,
            verdict=verdict,
            tries=TRY,
            controls=asking,
            settings=f"weight decay λ = {weight_decay:g}",
        )
    if result:
        show_claims(KEY, remedies_claims(result), FINAL)


def question(variants: tuple[Variant, ...]) -> Question:
    """What is asked; an answer for each run."""
    base = variants[0]
    rows, units = len(base.dataset.X_train), show_hidden(base.settings.hidden)
    texts, why = {BASE: "None: the run as it is."}, dict(WHY)
    for variant in variants[1:]:
        settings, own = variant.settings, len(variant.dataset.X_train)
        if own < rows:
            why[DATA] = LESS
        texts[variant.name] = {
            DATA: f"{'More' if own > rows else 'Less'} data: {own:,} training rows instead of {rows:,}.",
            SMALL: f"A smaller network: hidden layers of {show_hidden(settings.hidden)} units, not {units}.",
            DECAY: "Weight decay: λ/2 times the sum of all squared weights is added to the loss.",
            BATCH: f"A bigger batch: {settings.batch_size:,} rows instead of {base.settings.batch_size:,}.",
        }[variant.name]
    return Question(
        KEY,
        f"The same run is made {len(variants)} times, each time with at most one change, and always with as many "
        "updates. Which run **ends** with the lowest validation loss? "
        f"{TIED}, so more than one answer can be right.",
        {name: Answer(text, why[name]) for name, text in texts.items()},
    )


def _weight_decay() -> float:
    st.select_slider(
        "Weight decay λ",
        DECAYS,
        key=linked("decay", "diagnose_decay", 0.03, DECAYS),
        format_func=lambda value: f"{value:g}",
        help="λ/2 · Σ W² is added to the loss that is minimised. Its gradient λ · W is not divided by the batch size, "
        "so it does the same for every B. The losses shown are without it.",
    )
    return keep("diagnose_decay")


def _draw(result: SideBySide | None, variants: tuple[Variant, ...]) -> None:
    log_x, log_y = log_switches(KEY, x=True, before=partial(ask_split, "diagnose_split", "val"))
    split = keep("diagnose_split")
    if result:
        variants = result.variants
    names = short_names(variants)
    looks = tuple(zip(names, (variant.name for variant in variants), strict=True))
    loss = LOSS_NAMES[variants[0].dataset.loss]
    runs = ", ".join(variant_names(variants))
    alt = f"{SPLIT_NAMES[split].capitalize()} loss against updates, a line for each run: {runs}."
    if result and complete_job(KEY):
        alt = f"{alt} {in_words(result)}"
    beside = f"{loss} · diamonds: the lowest of each run" if split == "val" else loss
    st.html(picture_heading(f"{SPLIT_NAMES[split].capitalize()} loss, with one change each", beside))
    draw(
        remedies_chart,
        ("loss", looks, log_x, log_y),  # where a window is low, a longer title has no room
        remedies_table(result, names, split, log_x, log_y),
        key="remedies_chart",
        alt=alt,
        caption=f"{SPLIT_NAMES[split].capitalize()} loss of the same run with one change each",
    )
    if result and result.runs:
        st.html(results_table(result))
        if result.finished:
            st.html(summed(f"★ lowest in its column. {TIED}. Runs with fewer updates per epoch have more epochs."))


def results_table(result: SideBySide) -> str:
    """The numbers of all runs. Stars and diagnoses come when the runs are complete."""
    best, rows = rank(result), []
    for name, variant, run in zip(variant_names(result.variants), result.variants, result.runs, strict=True):
        found = run.diagnosis
        stars = [" ★" * (result.finished and variant.name in names) for names in (best.on_the_way, best.ends)]
        gone = not np.isfinite(found.val)
        rows.append(
            (
                name,
                f"{number(found.lowest)}{stars[0]}",
                f"{found.since * run.updates_an_epoch:,}",
                "–" if gone else f"{number(found.val)}{stars[1]}",
                "–" if gone else number(found.train),
                "–" if gone else number(found.gap),
                SHORT[found.kind] if result.finished else "…",
            )
        )
    head = ("run", "lowest validation loss", "after update", "final validation loss", "final training loss", "gap", "")
    return table(head, rows, name="The runs with one change each")


def in_words(result: SideBySide) -> str:
    """How the runs ended, in a sentence."""
    ends = []
    for name, run in zip(variant_names(result.variants), result.runs, strict=True):
        found = run.diagnosis
        ends.append(f"{name}: {'diverged' if found.kind == DIVERGED else number(found.val)}")
    return f"Final validation loss: {'; '.join(ends)}."


def verdict(result: SideBySide) -> Verdict:
    """Which run ends with the lowest validation loss."""
    ends = rank(result).ends
    if not ends:
        return Verdict(BASE, "All runs diverged.", why="The learning rate is too large for each of them.")
    return Verdict(ends[0], in_words(result), also=ends[1:])


def remedies_claims(result: SideBySide) -> list[Claim]:
    """The claims on the updates and on the size of the weights."""
    by_name = dict(zip((variant.name for variant in result.variants), result.runs, strict=True))
    base, decayed = by_name[BASE], by_name[DECAY]
    claims = []
    if all(run.failed is None for run in result.runs):
        made = [run.updates for run in result.runs]
        above = [run.updates - base.updates < run.updates_an_epoch for run in result.runs]
        claims.append(
            Claim(
                "Updates of each run: those of the run as it is, and less than an epoch more",
                f"{base.updates:,}",
                " / ".join(f"{updates:,}" for updates in made),
                all(above) and min(made) >= base.updates,
            )
        )
    if base.failed is None and decayed.failed is None:
        ratio = squares(decayed) / squares(base)
        says = f"Sum of the squares of all W: with λ = {decayed.settings.weight_decay:g} ÷ without"
        claims.append(Claim(says, "below 1", f"{ratio:.3g}", ratio < 1))
    return claims


def squares(run: Watched) -> float:
    """The sum of the squares of all W of the final network."""
    return float(sum((layer.W**2).sum() for layer in run.layers))


def to_keep(result: SideBySide) -> list[str]:
    """Which change helped, and how much."""
    best = rank(result)
    names = dict(zip((variant.name for variant in result.variants), variant_names(result.variants), strict=True))
    base, runs = result.runs[0].diagnosis, dict(zip(names, result.runs, strict=True))
    if not best.ends:
        return ["All runs diverged: no change helps if the learning rate is too large."]
    found = runs[best.ends[0]].diagnosis
    beside = "" if best.ends[0] == BASE or base.kind == DIVERGED else f" As it is, the run ended at {number(base.val)}."
    return [
        f"With {count(len(names), 'run')} of as many updates, the lowest final validation loss was {number(found.val)} "
        f"({names[best.ends[0]]}).{beside}"
    ]
