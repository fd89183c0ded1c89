"""Break it: a wrong expression, what NumPy says, and the case in which it says nothing."""

from html import escape

import streamlit as st

from mbgd.data.dataset import Dataset
from mbgd.engine.training import Settings
from mbgd.experiments.shape_errors import MISTAKES, Attempt, attempt, names_of, nearest_error, refusal
from mbgd.experiments.shapes import Walk, named_arrays
from mbgd.ui.state import keep, kept


def break_it(walk: Walk, dataset: Dataset, settings: Settings) -> None:
    """Draw the choice of a mistake, and what comes of it on this update and where it is silent."""
    st.pills(
        "Which mistake?",
        list(MISTAKES),
        key=kept("shape_mistake", "transpose"),
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
        st.html(f'<p class="mbgd-heading">On this update <span>meant: <code>{escape(mistake.right)}</code></span></p>')
        st.html(attempt_html(here))
        if here.message:
            st.code(f"ValueError: {here.message}", language=None, wrap_lines=True)
        else:
            st.html(_silent_here(mistake.wrong, here, dataset, settings))
        st.html(f'<p class="mbgd-says">{escape(mistake.why)}</p>')
    with elsewhere:
        silent = mistake.silent(dataset, settings)
        st.html('<p class="mbgd-heading">When it goes wrong silently</p>')
        st.html(
            f'<p class="mbgd-says">{escape(silent.when)}</p>'
            '<div class="mbgd-wide"><table class="mbgd-claims"><thead><tr><th scope="col"></th>'
            '<th scope="col">expression</th><th scope="col">NumPy gives</th>'
            f'<th scope="col">{escape(silent.measure)}</th></tr></thead><tbody>'
            f"{_line('✓ right', silent.right, silent.right_value)}{_line('✕ wrong', silent.wrong, silent.wrong_value)}"
            "</tbody></table></div>"
        )
        if name == "targets":
            said = refusal(dataset, names)
            st.html(
                '<p class="mbgd-says">The engine\'s own loss looks at the shapes before it computes, and refuses:</p>'
            )
            st.code(f"ValueError: {said}", language=None, wrap_lines=True)


def _silent_here(wrong: tuple[str, str, str], here: Attempt, dataset: Dataset, settings: Settings) -> str:
    said = "<b>✕ No error.</b> These sizes happen to fit, so NumPy has nothing to say: the mistake is silent here."
    found = nearest_error(wrong, dataset, settings)
    if found is None:
        return f'<p class="mbgd-status mbgd-bad" role="status"><span>{said} It raises at no batch size.</span></p>'
    hidden = f", hidden layers {', '.join(map(str, found.hidden))}" if found.hidden != settings.hidden else ""
    return (
        f'<p class="mbgd-status mbgd-bad" role="status"><span>{said} With B = {found.B:,}{hidden}: '
        f"<code>{escape(found.attempt.message)}</code></span></p>"
    )


def attempt_html(tried: Attempt) -> str:
    """An expression over its shapes, the axes that clash in red, outlined and crossed."""
    clash = tried.clash or (None, None)
    result = _shape(tried.result.shape, None) if tried.clash is None and tried.result is not None else "✕ no result"
    return (
        '<div class="mbgd-wide"><table class="mbgd-expression"><tbody>'
        f"<tr><td><code>{escape(tried.left)}</code></td><td>{escape(tried.operator)}</td>"
        f"<td><code>{escape(tried.right)}</code></td><td>→</td><td></td></tr>"
        f"<tr><td>{_shape(tried.left_shape, clash[0])}</td><td>{escape(tried.operator)}</td>"
        f"<td>{_shape(tried.right_shape, clash[1])}</td><td>→</td><td>{result}</td></tr></tbody></table></div>"
    )


def _shape(shape: tuple[int, ...], clash: int | None) -> str:
    sizes = [f'<b class="mbgd-clash">✕ {size:,}</b>' if i == clash else f"{size:,}" for i, size in enumerate(shape)]
    return f"({'×'.join(sizes)}{',' * (len(shape) == 1)})"


def _line(title: str, tried: Attempt, value: float) -> str:
    return (
        f'<tr><th scope="row">{title}</th><td><code>{escape(tried.expression)}</code></td>'
        f"<td>{_shape(tried.result.shape, None)}, no error</td><td>{value:.4g}</td></tr>"
    )
