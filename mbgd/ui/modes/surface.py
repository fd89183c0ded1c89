"""A line through one input: two weights, so that the way of each batch size can be seen on the loss surface."""

import numpy as np
import streamlit as st

from mbgd.charts.modes.race import lane_name
from mbgd.charts.modes.surface import surface_chart, surface_ends, surface_table
from mbgd.data.dataset import Dataset
from mbgd.engine.activations import Array
from mbgd.experiments.modes.surface import (
    FURTHEST,
    Descent,
    Path,
    course,
    descent,
    expected_course,
    how_much_longer,
    one_input,
    ratio_of_lengths,
)
from mbgd.share.choices import RATES, Choices
from mbgd.ui.frame.sidebar import cached_load
from mbgd.ui.kit.claims import Claim, show_claims
from mbgd.ui.kit.draw import draw
from mbgd.ui.kit.experiment import experiment
from mbgd.ui.kit.html import table
from mbgd.ui.kit.predict import Answer, Question, Verdict
from mbgd.ui.kit.state import keep, kept
from mbgd.ui.modes.parts import show_signs, waiting

KEY = "surface"
LABEL = "Walk down"
HEADS = ("", "updates", "way", "straight", "way ÷ straight", "end to minimum", "loss of all rows")
UPDATES = (10, 20, 50, 100, 200, 300)
SHIFT = 1.5  # deviations by which the input is off centre in the long valley
VALLEYS = {"round": "round: standardised input", "long": "long: input not centred"}
COURSES = {
    "shrinks": "shrinks",
    "grows": "grows",
    "stays": "stays: on the edge it bounces between two points",
}
TRY = (
    "**Try this:** take the long valley and raise the rate step by step: full batch begins to swing across the valley "
    "too, and above 2/λₘₐₓ it climbs out of it. In the round one, η = 1 is exactly 2/λₘₐₓ."
)
QUESTION = Question(
    KEY,
    "All make the same number of updates with the same rate. How long is the way of **SGD** (B = 1) compared with that "
    "of **full batch**?",
    {
        "shorter": Answer(
            "Shorter.",
            "That happens where full batch itself overshoots from one wall of the valley to the other, or where SGD "
            "breaks off: the single row's pull then misleads it less far.",
        ),
        "alike": Answer(
            "About as long.",
            "With a small rate the errors of single rows cancel before they carry the weights far.",
        ),
        "several": Answer(
            "Up to ten times as long.",
            "Each row pulls towards its own best line, so SGD zig-zags; near the minimum the rows still disagree, and "
            "SGD goes on hopping where full batch, with a rate below the edge, comes to rest.",
        ),
        "many": Answer(
            "More than ten times as long.",
            "The larger the rate, the further each row's own pull carries the weights, there and back.",
        ),
        "away": Answer(
            "Neither comes down: both end higher than they began.",
            "That is so where the rate is above the edge, 2/λₘₐₓ: each step lands higher on the other wall of the "
            "valley than it began, and the next is longer still.",
        ),
    },
)


def surface_section(choices: Choices, dataset: Dataset) -> None:
    """Draw the surface to the left, its controls and question to the right."""
    left, right = st.columns([7, 4], gap="medium")
    with right:
        line, valley = _line(choices, dataset)
        first, second = st.columns(2, gap="small")
        rate = first.select_slider("Learning rate here", RATES, key=kept("surface_rate", 0.05))
        updates = second.select_slider("Updates of each", UPDATES, key=kept("surface_updates", 100))
        keep("surface_rate")
        keep("surface_updates")
    n_train = len(line.X_train)
    middle = min(choices.batch, n_train)
    sizes = tuple(sorted({1, middle if 1 < middle < n_train else min(16, n_train), n_train}))
    with left:
        experiment(
            KEY,
            lambda: descent(line, sizes, rate, updates, choices.seed),
            (
                line.name,
                line.feature_names,
                valley,
                choices.data_key,
                sizes,
                rate,
                updates,
            ),
            _draw,
            label=LABEL,
            question=QUESTION,
            verdict=_verdict,
            controls=right,
        )
    with right:
        show_signs("λₘₐₓ", "η")
        st.markdown(TRY)


def _line(choices: Choices, dataset: Dataset) -> tuple[Dataset, str]:
    """A data set of one input: of the sidebar's if that has quantities for targets, else the sine."""
    of_line = cached_load(name="sine", seed=choices.seed, validation=choices.validation / 100)
    source = of_line if dataset.classes else dataset
    says_most = int(np.abs(source.X_train.T @ source.Y_train)[:, 0].argmax())
    feature = st.selectbox(
        f"The line's input, from {source.name}",
        range(len(source.feature_names)),
        key=kept(f"surface_input_{source.name}", says_most),
        format_func=source.feature_titles.__getitem__,
        help="ŷ = W·x + b has two weights whatever the sidebar's network: only then can the surface be drawn. "
        "Data sets of classes have no such line; the sine stands in for them.",
    )
    keep(f"surface_input_{source.name}")
    valley = st.segmented_control(
        "Valley",
        list(VALLEYS),
        key=kept("surface_valley", "round"),
        format_func=VALLEYS.__getitem__,
        required=True,
        label_visibility="collapsed",
    )
    keep("surface_valley")
    return one_input(source, feature, SHIFT if valley == "long" else 0.0), str(valley)


def _draw(found: Descent | None) -> None:
    if found is None:
        waiting("The loss over W and b is drawn here as contours, with the path of each batch size on it.", LABEL, 28)
        return
    key = f"surface_shown_{found.updates}"
    shown = st.slider("Updates shown: step along with the arrow keys", 0, found.updates, key=kept(key, found.updates))
    keep(key)
    names = tuple(lane_name(path.batch_size) for path in found.paths)
    draw(
        surface_chart,
        (names, *surface_ends(found)),
        surface_table(found, shown),
        key="surface_chart",
        alt=f"Contours of the loss over W and b, with the paths of {', '.join(names)} from the same start.",
    )
    st.html(table(HEADS, [_way(path, found, shown) for path in found.paths], width=40))
    show_claims(*surface_claims(found))


def _way(whole: Path, found: Descent, shown: int) -> tuple[str, ...]:
    """How far a path went in the updates shown, and where it got to."""
    path = whole.up_to(shown)
    away = float(np.linalg.norm(path.points[-1] - found.surface.best))
    straight = float(np.linalg.norm(path.points[-1] - path.points[0]))
    loss = float(found.surface.loss(path.points[-1:])[0])
    lengths = (path.length, straight, path.detour, away, loss)
    updates = path.updates
    lost = found.broke_off(whole) and shown > whole.updates
    return (
        lane_name(path.batch_size) + " ✕ ran away" * lost,
        f"{updates:,}",
        *(f"{value:.3g}" if np.isfinite(value) else "–" for value in lengths),
    )


def surface_claims(found: Descent) -> list[Claim]:
    """What the surface foretells of full batch, beside what the run did."""
    full = max(found.paths, key=lambda path: path.batch_size)
    with np.errstate(over="ignore", invalid="ignore"):
        foretold = found.surface.full_batch(full.points[0], found.rate, len(full.points) - 1)
        before, after = found.surface.across(full.points[[0, -1]])
    expected = expected_course(found.surface, found.rate)
    return [
        Claim(
            f"where full batch is after u = {len(full.points) - 1:,} updates: θ* + (I − ηH)ᵘ (θ₀ − θ*)",
            _point(foretold[-1]),
            _point(full.points[-1]),
            bool(np.allclose(foretold, full.points, rtol=1e-9, atol=1e-9)),
        ),
        Claim(
            "full batch's loss across the valley shrinks if η is below, and grows if η is above "
            f"2/λₘₐₓ = {found.surface.limit:.3g}; here η = {found.rate:g}",
            COURSES[expected],
            f"{before:.3g} → {after:.3g}",
            expected == course(before, after),
        ),
    ]


def _point(point: Array) -> str:
    return f"W {point[0]:.4g}, b {point[1]:.4g}"


def _climbed(path: Path, found: Descent) -> str:
    """After how many updates a path was lost, or how high it has come."""
    after = f"{lane_name(path.batch_size)}, after {path.updates:,} updates, "
    if found.broke_off(path):
        return f"{after}had gone further than {FURTHEST:g} and broke off"
    first, last = found.surface.loss(path.points[[0, -1]])
    return f"{after}had climbed from a loss of {first:.3g} to {last:.3g}"


def _verdict(found: Descent) -> Verdict:
    small, large = found.paths[0], found.paths[-1]
    if found.all_climb:
        return Verdict(
            "away",
            f"η = {found.rate:g}, and the edge is at 2/λₘₐₓ = {found.surface.limit:.3g}. "
            + "; ".join(_climbed(path, found) for path in found.paths)
            + ".",
        )
    return Verdict(
        how_much_longer(found),
        f"SGD went {small.length:.3g}, full batch {large.length:.3g}: {ratio_of_lengths(found):.3g} times as long.",
    )
