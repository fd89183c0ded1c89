"""A linear model of one input has two parameters, so the path of each batch size can be drawn on the loss surface."""

from dataclasses import replace

import numpy as np
import streamlit as st

from mbgd.charts.batch_sizes import STYLES, batch_name, style_name
from mbgd.charts.modes.surface import surface_chart, surface_ends, surface_table
from mbgd.data.dataset import Dataset
from mbgd.engine.activations import Array
from mbgd.engine.guards import quiet
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
from mbgd.experiments.step import Steps
from mbgd.share.allowed import Among, Between, link_text
from mbgd.share.choices import RATES, Choices
from mbgd.ui.frame.controls import settings_line
from mbgd.ui.frame.sidebar import cached_load
from mbgd.ui.kit.claims import Claim, show_claims
from mbgd.ui.kit.draw import draw, note_settings
from mbgd.ui.kit.experiment import complete_job
from mbgd.ui.kit.html import summed, table
from mbgd.ui.kit.predict import Answer, Question, Verdict
from mbgd.ui.kit.state import choose, keep, linked
from mbgd.ui.modes.parts import Part, columns, waiting

LABEL = "Run the updates"
HEADS = ("", "updates", "path length", "straight", "ratio", "to minimum", "loss")
FIRST_SHOWN = "surface_first_shown"  # where the session keeps the value with which the slider of updates began
UPDATES = (10, 20, 50, 100, 200, 300)
SHIFT = 1.5  # standard deviations by which the input is off centre in the long valley
VALLEYS = {"round": "round valley (standardised input)", "long": "long valley (input not centred)"}
COURSES = {
    "shrinks": "shrinks",
    "grows": "grows",
    "stays": "stays: at the edge it jumps between two points",
}
TRY = (
    "Take the long valley and raise the learning rate step by step. When does full batch begin to jump across the "
    "valley, and when does it climb (its loss grows)? Compare with 2/λₘₐₓ, which is under "
    "“Theory and measurement”."
)
QUESTION = Question(
    "surface",
    "All batch sizes make the same number of updates with the same learning rate. How long is the path of **SGD** "
    "(B = 1) compared with the path of **full batch**?",
    {
        "shorter": Answer(
            "Shorter: less than 0.9 times.",
            "This happens if full batch overshoots from one wall of the valley to the other, and single rows pull SGD "
            "less far than that. It also happens if SGD diverges and its path ends early.",
        ),
        "alike": Answer(
            "About as long: 0.9 to 1.5 times.",
            "With a small learning rate, the errors of single rows cancel before they move the weights far.",
        ),
        "several": Answer(
            "1.5 to 10 times as long.",
            "Each row pulls the fitted line towards itself, so SGD zig-zags. At the minimum, rows that are not on the "
            "line still have a gradient, so SGD keeps jumping. Full batch comes to rest there if the learning rate is "
            "below the edge of stability, 2/λₘₐₓ.",
        ),
        "many": Answer(
            "More than ten times as long.",
            "The larger the learning rate, the further each single row pulls the weights back and forth.",
        ),
        "away": Answer(
            "Neither path comes near the minimum: both end with a higher loss than at the start.",
            "This happens if the learning rate is above the edge of stability, 2/λₘₐₓ. Each step lands higher on the "
            "opposite wall of the valley, so the next step is even longer.",
        ),
    },
)


def surface_section(choices: Choices, dataset: Dataset) -> None:
    """Draw the surface on the left, its question and below it its controls on the right."""
    left, asking, below = columns()
    with below:
        line, valley = _line(choices, dataset)
        first, second = st.columns(2, gap="small")
        rate = first.select_slider(
            "Learning rate of the linear model", RATES, key=linked("line_rate", "surface_rate", 0.05, RATES)
        )
        updates = second.select_slider(
            "Updates per batch size", UPDATES, key=linked("line_updates", "surface_updates", 100, UPDATES)
        )
        keep("surface_rate")
        keep("surface_updates")
    n_train = len(line.X_train)
    # The line has no network, its paths have batch sizes of their own, and its data may be another set.
    note_settings(settings_line(replace(choices, data=line.name, noise=None), n_train, ("data", "seed")))
    middle = min(choices.batch, n_train)
    sizes = tuple(sorted({1, middle if 1 < middle < n_train else min(16, n_train), n_train}))
    about = (line.name, line.feature_names, valley, choices.data_key, sizes, rate, updates)
    own = f"input {line.feature_names[0]}, {valley} valley, learning rate {rate:g}, {updates:,} updates"

    def make() -> Steps[Descent]:
        choose(_name(updates), updates)  # a new run shows all of its updates
        return descent(line, sizes, rate, updates, choices.seed)

    PART.show(left, asking, make, about, own)


def _line(choices: Choices, dataset: Dataset) -> tuple[Dataset, str]:
    """A data set with one input: from the sidebar's data set if its target is a quantity, else from the sine."""
    of_line = cached_load(name="sine", seed=choices.seed, validation=choices.validation / 100)
    source = of_line if dataset.classes else dataset
    says_most = int(np.abs(source.X_train.T @ source.Y_train)[:, 0].argmax())
    inputs = range(len(source.feature_names))
    names = Among(inputs, lambda number: link_text(source.feature_names[number]))
    key = linked("input", f"surface_input_{source.name}", says_most, names)
    feature = st.selectbox(
        f"Input of the linear model (data set {source.name})",
        inputs,
        key=key,
        format_func=source.feature_titles.__getitem__,
        help="The linear model ŷ = W·x + b has only two parameters, so its loss surface can be drawn. The sidebar's "
        "network is not used here.",
    )
    keep(key)
    if dataset.classes:
        st.caption(
            "The sidebar's data set has classes. The linear model needs a number as target, so sine is used here."
        )
    valley = st.segmented_control(
        "Valley",
        list(VALLEYS),
        key=linked("valley", "surface_valley", "round", VALLEYS),
        format_func=VALLEYS.__getitem__,
        required=True,
        label_visibility="collapsed",
    )
    keep("surface_valley")
    return one_input(source, feature, SHIFT if valley == "long" else 0.0), str(valley)


def _draw(found: Descent | None) -> None:
    if found is None:
        waiting("The loss over W and b will be shown here as contours, with the path of each batch size.", LABEL, 28)
        return
    shown = _shown(found.updates)
    names, styles = tuple(batch_name(path.batch_size) for path in found.paths), _styles(found)
    signs = (f"{STYLES[style].symbol} {name}" for style, name in zip(styles, names, strict=True))
    draw(
        surface_chart,
        (names, styles, *surface_ends(found)),
        surface_table(found, shown),
        key="surface_chart",
        alt=surface_in_words(found, complete=complete_job(QUESTION.key) is not None),
        caption=" · ".join(["Paths on the loss of ŷ = W·x + b", *signs, "grey: contours of the loss"]),
    )
    st.html(table(HEADS, [_way(path, found, shown) for path in found.paths], width=30))
    of_plane = (
        "Distances in the plane of W and b · straight: from start to end · ratio: path length ÷ straight · to minimum: "
        "from end to minimum · loss: over all rows, at the end"
    )
    st.html(summed(of_plane))
    if shown < found.updates:
        whole = f"The table and the paths show the first {shown:,} updates. The marking is about all {found.updates:,}."
        st.html(summed(whole, "mbgd-moved"))
    show_claims(QUESTION.key, surface_claims(found))


def _name(updates: int) -> str:
    """The name of the choice how many of so many updates are shown."""
    return f"surface_shown_{updates}"


def _shown(updates: int) -> int:
    """The slider of the updates shown, of so many. It begins with all of them, or with those that the address says.

    It is first drawn in the middle of a run. A value that was set for it there would be lost if the next redraw comes
    before the browser has it, and the slider would begin at 0. So it has its first value as its default. If another
    value comes from elsewhere, it is a new slider.
    """

    def choice() -> int:
        return keep(linked("shown", _name(updates), updates, Between(0, updates, whole=True)))

    def moved() -> None:
        choose(_name(updates), st.session_state[key])
        choice()

    wanted = choice()
    if st.session_state.get(f"{_name(updates)}_{st.session_state.get(FIRST_SHOWN)}") != wanted:
        st.session_state[FIRST_SHOWN] = wanted
    first = st.session_state[FIRST_SHOWN]
    key = f"{_name(updates)}_{first}"
    return st.slider("Updates shown", 0, updates, first, key=key, on_change=moved)


def surface_in_words(found: Descent, *, complete: bool) -> str:
    """The chart in words, with its results once the run is complete. Constant during the run."""
    names = ", ".join(batch_name(path.batch_size) for path in found.paths)
    words = f"Contours of the loss over W and b, with the paths of {names} from the same start."
    if not complete:
        return words
    minimum = f" The minimum is at {_point(found.surface.best)}, where the loss is {found.surface.least:.3g}."
    return words + minimum + "".join(f" {_end_of(path, found)}" for path in found.paths)


def _end_of(path: Path, found: Descent) -> str:
    """Where a path ended, how long it was, and the loss there, in a sentence."""
    name = f"{batch_name(path.batch_size)} after {path.updates:,} updates"
    if found.broke_off(path):
        return f"{name}: diverged."
    loss = float(found.surface.loss(path.points[-1:])[0])
    return f"{name}: {_point(path.points[-1])}, path {path.length:.3g} long, loss {loss:.3g}."


def _styles(found: Descent) -> tuple[str, ...]:
    """The names of the styles of the paths; the longest batch is that of all rows."""
    sizes = [path.batch_size for path in found.paths]
    return tuple(style_name(size, max(sizes)) for size in sizes)


def _way(whole: Path, found: Descent, shown: int) -> tuple[str, ...]:
    """The length of a path in the updates shown, and where it ended."""
    path = whole.up_to(shown)
    away = float(np.linalg.norm(path.points[-1] - found.surface.best))
    straight = float(np.linalg.norm(path.points[-1] - path.points[0]))
    loss = float(found.surface.loss(path.points[-1:])[0])
    lengths = (path.length, straight, path.detour, away, loss)
    updates = path.updates
    lost = found.broke_off(whole) and shown > whole.updates
    return (
        batch_name(path.batch_size) + " ✕ diverged" * lost,
        f"{updates:,}",
        *(f"{value:.3g}" if np.isfinite(value) else "–" for value in lengths),
    )


def surface_claims(found: Descent) -> list[Claim]:
    """What the surface predicts for full batch, and what the run measured."""
    full = max(found.paths, key=lambda path: path.batch_size)
    with quiet():
        predicted_value = found.surface.full_batch(full.points[0], found.rate, len(full.points) - 1)
        before, after = found.surface.across(full.points[[0, -1]])
    expected = expected_course(found.surface, found.rate)
    return [
        Claim(
            f"weights of full batch after u = {len(full.points) - 1:,} updates: θ* + (I − ηH)ᵘ (θ₀ − θ*)",
            _point(predicted_value[-1]),
            _point(full.points[-1]),
            bool(np.allclose(predicted_value, full.points, rtol=1e-9, atol=1e-9)),
        ),
        Claim(
            f"full batch: the loss in the steep direction shrinks if η is below 2/λₘₐₓ = {found.surface.limit:.3g}, "
            f"and grows if η is above; here η = {found.rate:g}",
            COURSES[expected],
            f"{before:.3g} → {after:.3g}",
            expected == course(before, after),
        ),
    ]


def _point(point: Array) -> str:
    return f"W {point[0]:.4g}, b {point[1]:.4g}"


def _climbed(path: Path, found: Descent) -> str:
    """After how many updates a path diverged, or how high it climbed."""
    after = f"After {path.updates:,} updates, {batch_name(path.batch_size)} "
    if found.broke_off(path):
        return f"{after}had diverged: a weight was beyond {FURTHEST:g}"
    first, last = found.surface.loss(path.points[[0, -1]])
    return f"{after}had climbed from a loss of {first:.3g} to {last:.3g}"


def _verdict(found: Descent) -> Verdict:
    small, large = found.paths[0], found.paths[-1]
    if found.all_climb:
        return Verdict(
            "away",
            f"η = {found.rate:g}, and the edge of stability is 2/λₘₐₓ = {found.surface.limit:.3g}. "
            + ". ".join(_climbed(path, found) for path in found.paths)
            + ".",
        )
    return Verdict(
        how_much_longer(found),
        f"The path of SGD has length {small.length:.3g}, and the path of full batch has length {large.length:.3g}. The "
        f"path of SGD is {ratio_of_lengths(found):.3g} times as long.",
    )


PART = Part(LABEL, QUESTION, _draw, _verdict, TRY, signs=("λₘₐₓ", "η"))
