"""Break it: a wrong expression, the error message of NumPy, and a case in which NumPy raises no error."""

from html import escape

import streamlit as st

from mbgd.data.dataset import Dataset
from mbgd.engine.settings import Settings
from mbgd.experiments.shapes.errors import MISTAKES, Attempt, Silent, attempt, names_of, nearby, nearest_error, refusal
from mbgd.experiments.shapes.walk import Walk, named_arrays
from mbgd.share.choices import show_hidden
from mbgd.ui.kit.html import Cell, note, picture_heading, table
from mbgd.ui.kit.state import keep, linked

REASON_AFTER = "The reason appears here after the run above, because it would give the answer away."


def break_it(walk: Walk, dataset: Dataset, settings: Settings, told: bool) -> None:
    """Draw the choice of a mistake, its effect on this update, and a case in which it is silent.

    told: whether the page may say why, which tells what its axes are.
    """
    st.pills(
        "Which mistake?",
        list(MISTAKES),
        key=linked("error", "shape_mistake", "transpose", MISTAKES),
        format_func=lambda name: MISTAKES[name].title,
        required=True,
        label_visibility="collapsed",
    )
    name = keep("shape_mistake")
    mistake = MISTAKES[name]
    names = names_of(dataset, named_arrays(walk.steps))
    here = attempt(*mistake.wrong, names)
    own, elsewhere = st.columns(2, gap="medium")
    with own:
        st.html(picture_heading("On this update", f"correct: {_code(mistake.right)}", 3))
        _show_attempt(here)
        if not here.message:
            _show_elsewhere(mistake.wrong, dataset, settings.hidden, len(walk.rows))
        st.html(f'<p class="mbgd-says">{escape(mistake.why) if told else REASON_AFTER}</p>')
    with elsewhere:
        silent = mistake.silent(dataset, settings)
        st.html(picture_heading("When NumPy raises no error", level=3))
        st.html(f'<p class="mbgd-says">{escape(silent.when)}</p>{_silent_table(silent)}')
        if name == "targets":
            said = refusal(dataset, names)
            st.html('<p class="mbgd-says">The engine\'s own loss checks the shapes first, and refuses:</p>')
            st.code(f"ValueError: {said}", language=None, wrap_lines=True)


def _show_attempt(tried: Attempt) -> None:
    st.html(attempt_html(tried))
    if tried.message:
        st.code(f"ValueError: {tried.message}", language=None, wrap_lines=True)


def _show_elsewhere(wrong: tuple[str, str, str], dataset: Dataset, hidden: tuple[int, ...], B: int) -> None:
    """Say that a mistake is silent on this update of B rows. Show sizes where it is not, or the sizes tried."""
    said = "<b>✕ No error.</b> These sizes happen to fit, so the mistake is silent here."
    found = nearest_error(wrong, dataset, hidden, B)
    if found is None:
        tried = "; ".join(_sizes(*sizes, hidden) for sizes in nearby(len(dataset.X_train), hidden, B))
        st.html(note("bad", f'{said} These sizes fit, too: <span class="mbgd-tried">{tried}</span>.'))
        return
    st.html(note("bad", f"{said} NumPy raises an error with {_sizes(found.B, found.hidden, hidden)}:"))
    _show_attempt(found.attempt)


def _sizes(B: int, hidden: tuple[int, ...], here: tuple[int, ...]) -> str:
    """A batch size, and the hidden layers if they differ from those of this update."""
    return f"B = {B:,}" + (f" and hidden layers {show_hidden(hidden)}" if hidden != here else "")


def attempt_html(tried: Attempt) -> str:
    """An expression above its shapes. The axes that clash are red, outlined and marked with a cross."""
    clash = tried.clash or (None, None)
    result = _shape(tried.result.shape, None) if tried.clash is None and tried.result is not None else "✕ no result"
    left, operator, right = Cell(_code(tried.left)), tried.operator, Cell(_code(tried.right))
    left_shape, right_shape = Cell(_shape(tried.left_shape, clash[0])), Cell(_shape(tried.right_shape, clash[1]))
    rows = [(left, operator, right, "→", ""), (left_shape, operator, right_shape, "→", Cell(result))]
    return table((), rows, name="The expression that you tried", kind="mbgd-expression", named=False)


def _code(text: str) -> str:
    return f"<code>{escape(text)}</code>"


def _shape(shape: tuple[int, ...], clash: int | None) -> str:
    sizes = [f'<b class="mbgd-clash">✕ {size:,}</b>' if i == clash else f"{size:,}" for i, size in enumerate(shape)]
    return f"({'×'.join(sizes)}{',' * (len(shape) == 1)})"


def _silent_table(silent: Silent) -> str:
    """The right and the wrong expression, the shape of each result, and a number in which the results differ."""
    rows = [
        (title, Cell(_code(tried.expression), "mbgd-whole"), Cell(_shape(tried.result.shape, None)), f"{value:.4g}")
        for title, tried, value in (
            ("✓ right", silent.right, silent.right_value),
            ("✕ wrong", silent.wrong, silent.wrong_value),
        )
    ]
    return table(("", "expression", "shape of the result", silent.measure), rows, kind="mbgd-claims mbgd-silent")
