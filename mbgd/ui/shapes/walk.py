"""Parts of the page Shapes: the choice of the update, the walk through its steps, and the table of all steps."""

from dataclasses import replace
from html import escape

import streamlit as st

from mbgd.charts.shapes.letters import letter_css
from mbgd.charts.shapes.tiles import WIDE, drawing, places_shown
from mbgd.charts.words import count
from mbgd.data.dataset import Dataset
from mbgd.engine.batches import plan_epoch
from mbgd.engine.trace import GIVEN, TraceStep, axis_sizes
from mbgd.experiments.shapes.walk import Walk, offered, walk
from mbgd.share.allowed import Among
from mbgd.share.choices import DEFAULT, Choices
from mbgd.ui.frame.controls import CONTROLS
from mbgd.ui.frame.menu import page_of
from mbgd.ui.frame.sidebar import cached_load
from mbgd.ui.kit.experiment import complete_job
from mbgd.ui.kit.html import announcement
from mbgd.ui.kit.state import keep, linked
from mbgd.ui.kit.versions import known
from mbgd.ui.shapes.doubling import KEY
from mbgd.ui.shapes.steps import cost_tiles, expression_html, meeting, steps_csv, steps_table, totals
from mbgd.ui.shapes.tiles import draw_tiles
from mbgd.ui.train.session import Run, trained_run

NOT_TOLD = {  # of each view, as long as the page's question is open
    "step by step": "*First answer the question below and run. Then each array shows the letters of its axes here, and "
    "other batches can be picked.*",
    "all as one table": "*First answer the question below and run. Then this table also has the shape of each array, "
    "its bytes and its axes, and other batches can be picked.*",
}
PICK_LATER = "Other batches can be picked after the run of this page's question."
VIEWS = tuple(NOT_TOLD)
LETTERS_MEAN = (
    "B: rows in the batch · n: inputs · k: outputs · h1: units of the first hidden layer · r: rows of a shorter last "
    "batch"
)
KEYS = "@media not (pointer: fine) { .st-key-shape_move kbd { display: none; } }"
FIRST_STEP = "Z1"  # it shows all three shapes: B×n, n×k, B×k
WALK_KEPT = "walk_kept"  # the session's last walk, and what it was made from
FIRST, TRAINED = "first weights", "trained weights"
EXAMPLE = {"data": "penguins", "batch": 12, "hidden": (6, 5)}  # 4 inputs, 3 classes, a last batch of 9 rows


# --- which update ---


def controls_used() -> list[str]:
    """The sidebar's controls that act on the page: not the batch size before the page's question is marked, because the
    shapes of another batch are its answer."""
    controls = page_of("Shapes").controls
    return [name for name in controls if name != "batch" or complete_job(KEY) is not None]


def chosen_network(choices: Choices, dataset: Dataset) -> tuple[Choices, Dataset, Run | None]:
    """The data and the network to show, and their run if its weights are chosen; None for the first weights.

    These are the sidebar's. But as long as the sidebar has its defaults, the first weights shown are those of EXAMPLE:
    its axes all differ in size, so a wrong transpose can't fit by accident.
    """
    run = trained_run(choices, dataset, finite=False)  # NaN is worth a look, too
    weights = [FIRST, TRAINED] if run else [FIRST]
    key = linked("weights", "shape_weights", FIRST, weights)
    if run:
        done = run.training.updates_done
        st.segmented_control(
            "The weights",
            weights,
            key=key,
            format_func=lambda name: f"after {count(done, 'update')} on Train" if name == TRAINED else name,
            required=True,
        )
        if keep("shape_weights") == TRAINED:
            return choices, dataset, run
    if not at_defaults(choices):
        return choices, dataset, None
    shown = replace(choices, **EXAMPLE)
    return shown, cached_load(**shown.data_options()), None


def at_defaults(choices: Choices) -> bool:
    """Whether data, batch and network are those with which the sidebar begins."""
    names = [name for group in ("data", "batch", "network") for name in CONTROLS[group].fields]
    return all(getattr(choices, name) == getattr(DEFAULT, name) for name in names)


def example_note(shown: Choices) -> str:
    """A line on the example: what it is, and how to see another network."""
    return (
        f"This is an example in which all axes have different sizes: the {shown.data}, batches of {shown.batch} rows "
        f"and hidden layers of {' and '.join(map(str, shown.hidden))} units. As soon as you change the data, the batch "
        "size or the network in the sidebar, this page shows your network."
    )


def chosen_walk(choices: Choices, dataset: Dataset, run: Run | None, told: bool) -> tuple[str, Walk]:
    """Draw the choice of batch. Return it and the update, at the weights of this run or at the first weights.

    told: whether another batch may be picked. To compare two batches answers the page's question.
    """
    n_train = len(dataset.X_train)
    names = _batch_names(choices, n_train)
    batches = tuple(names)
    st.segmented_control(
        "The batch",
        batches,
        key=linked("which", "shape_batch", "first", batches),
        format_func=names.__getitem__,
        required=True,
        disabled=not told,
        help="" if told else PICK_LATER,
    )
    which = keep("shape_batch")
    if run:
        return which, walk(dataset, choices.settings(n_train), which, run.training.layers)
    return which, _first_walk(choices, which)


def _batch_names(choices: Choices, n_train: int) -> dict[str, str]:
    settings = choices.settings(n_train)
    plan = plan_epoch(n_train, settings.batch_size, settings.last_batch)
    short = count(plan.last_rows, "row")
    only = "the only one" if plan.updates == 1 else "first"
    names = {
        "first": f"{only}, B = {'N = ' * (plan.batch_size == n_train)}{plan.batch_size:,}",
        "last": f"last, B = {plan.last_rows:,}" if plan.last_rows == plan.batch_size else f"last, {short}",
        "one": "B = 1",
        "all": f"B = N = {n_train:,}",
    }
    return {which: names[which] for which in offered(n_train, settings)}


def _first_walk(choices: Choices, which: str) -> Walk:
    """The walk that these choices ask for. The session keeps the last one: a large network has 100 MB of arrays."""
    about = choices, which
    known = st.session_state.get(WALK_KEPT)
    if known is None or known[0] != about:
        st.session_state.pop(WALK_KEPT, None)  # two at a time would take twice the memory
        dataset = cached_load(**choices.data_options())
        known = about, walk(dataset, choices.settings(len(dataset.X_train)), which)
        st.session_state[WALK_KEPT] = known
    return known[1]


def batch_note(choices: Choices, dataset: Dataset, which: str) -> str:
    """What the last batch is, if it is picked; else empty."""
    n_train = len(dataset.X_train)
    size = choices.batch_size(n_train)
    rest = n_train % size
    if which != "last":
        return ""
    if not rest:
        return f"{n_train:,} rows divide evenly by {size:,}, so the last batch is as long as the first. Try another B."
    if choices.last == "drop":
        return (
            f"The sidebar drops the last {rest:,} of {n_train:,} rows, so the last batch has B = {size:,}. If you keep "
            f"them, it has {count(rest, 'row')}."
        )
    return (
        f"{n_train:,} = {n_train // size:,} × {size:,} + {rest:,}: in the last batch, every axis B has length "
        f"r = {rest:,}."
    )


# --- the walk ---


def step_through(walk: Walk, dataset: Dataset, rate: float, remainder: bool, told: bool) -> None:
    """Draw the current step, with buttons and names to move to another.

    remainder: whether this is the short last batch, in which the axis B is also named r. told: whether the page may
    name the axes and say what grows with B, which its question asks.
    """
    names = [step.result.name for step in walk.steps]
    linked("step", "shape_step", FIRST_STEP, Among(names, _step_link))
    at = names.index(st.session_state["shape_step"])
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="shape_move"):
        _move("Back", "b", names[max(at - 1, 0)], at == 0, ":material/chevron_left:")
        _move("Next", "n", names[min(at + 1, len(names) - 1)], at == len(names) - 1, ":material/chevron_right:")
        st.html(_step_title(walk.steps, at))
    st.pills(
        "Steps",
        names,
        key="shape_step",
        format_func=lambda name: name.replace("new ", "→ "),
        required=True,
        **known(st.pills, wrap=True),
        label_visibility="collapsed",
    )
    keep("shape_step")
    _draw_step(walk, at, dataset, rate, remainder, told)


def _step_link(name: str) -> str:
    """The name of a step in an address, where it keeps its capital letters."""
    return name.replace(" ", "-")


def _move(label: str, shortcut: str, to: str, disabled: bool, icon: str) -> None:
    def move() -> None:
        st.session_state["shape_step"] = to

    key = f"shape_{label.lower()}"
    st.button(label, key=key, icon=icon, shortcut=shortcut, on_click=move, disabled=disabled)


def _step_title(steps: list[TraceStep], at: int) -> str:
    step = steps[at]
    layer = f", layer {step.layer}" if step.layer else ""
    return (
        f'<p class="mbgd-step">{at + 1} of {len(steps)} · {step.part}{layer}<br>'
        f"<code>{escape(step.result.name)} = {escape(step.expression)}</code> "
        f"<span>in the engine: <code>{escape(step.code)}</code></span></p>"
    )


def spoken(steps: list[TraceStep], at: int) -> str:
    """What a screen reader hears of a step: its number, its expression and the sizes of its result."""
    result = steps[at].result
    sizes = " by ".join(f"{size:,}" for size in result.array.shape) or "one number"
    return f"Step {at + 1} of {len(steps)}: {result.name} = {steps[at].expression}, {sizes}."


def _draw_step(walk: Walk, at: int, dataset: Dataset, rate: float, remainder: bool, told: bool) -> None:
    step, sizes = walk.steps[at], axis_sizes(walk.steps)
    st.html(
        f'<div class="mbgd-meeting">{expression_html(step, dataset.loss, told)}'
        f'<p class="mbgd-says">{meeting(step, sizes, told)} {says(step, told)}</p></div>'
    )
    st.html(announcement(spoken(walk.steps, at), of="step"))
    data = drawing(step, walk.steps, dataset.loss, rate) | {"remainder": remainder, "lettered": told}
    if step.kind == GIVEN:
        data |= _labels(step, walk, dataset)
    draw_tiles(data, "shape_tiles")
    st.html(cost_tiles(step, sizes, told))


def _labels(step: TraceStep, walk: Walk, dataset: Dataset) -> dict[str, dict[int, str]]:
    """The names in the data of the rows and columns of X or Y that are drawn."""
    columns = dataset.feature_titles if step.result.name == "X" else dataset.target_names
    rows = dataset.rows_train[walk.rows] + 1
    height, width = step.result.array.shape
    return {
        "row_names": {i: f"row {rows[i]:,} of the data set" for i in places_shown(height, WIDE)},
        "column_names": {j: columns[j] for j in places_shown(width, WIDE)},
    }


SAYS = {
    "X[rows]": "Each row is one row of the data. Each column is an input, standardised.",
    "Y[rows]": "Y always has two axes, even with one target.",
    "X @ W.T + b": "The matrix product contains the loop over the rows.",
    "activation(Z)": "An activation such as relu makes the network non-linear. The identity changes nothing.",
    "dZ.T @ X": "This is the gradient of W.",
    "dZ.sum(axis=0)": "b was added to every row, so its gradient is a sum over the rows.",
    "dL_dA * activation_derivative(Z)": "The chain rule: the incoming gradient times the slope of the activation at Z.",
    "dZ @ W": "The gradient for the layer below: one number for each of its outputs.",
}


TOLD = {"dZ.T @ X": "So dW has the shape of W for every B."}  # not said as long as the question is open
UPDATE_TOLD = "No axis B is left: the step has the same shape as the parameters."


def says(step: TraceStep, told: bool) -> str:
    """What the step means. `told`: whether it may say what grows with B."""
    if not step.trained:
        return "There is no layer below the first, so training skips this product. It is computed here only to show it."
    if step.part == "update":
        return UPDATE_TOLD if told else "Each parameter takes a step against its gradient."
    if step.part == "loss":
        return "" if step.result.name == "L" else "The mean is taken here, so no later step of the gradient divides."
    return f"{SAYS[step.code]} {TOLD.get(step.code, '') if told else ''}".strip()


def all_steps(walk: Walk, told: bool) -> None:
    """Draw the table of all steps, and a button that saves it. told: as in step_through."""
    st.html(steps_table(walk.steps, told))
    left, right = st.columns([3, 1], vertical_alignment="center")
    sums = totals(walk.steps, told)
    left.html(f'<p class="mbgd-says">{sums} FLOPs count each +, −, ×, ÷, comparison, f, exp and log as 1.</p>')
    right.download_button(
        "Save as CSV",
        data=lambda: steps_csv(walk.steps, told),
        file_name="shapes.csv",
        mime="text/csv",
        key="shape_csv",
        icon=":material/download:",
        on_click="ignore",
    )


def letters_style() -> None:
    """Colour the letters of the axes on this page, and show the keys of its buttons only where there may be keys."""
    st.html(f"<style>{letter_css()}\n{KEYS}</style>")
