"""What the parts of the page share: their skeleton, the meanings of the signs, and space for a picture."""

from collections.abc import Callable, Hashable
from html import escape
from typing import Any, NamedTuple

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from mbgd.engine.settings import Settings
from mbgd.experiments.step import Steps
from mbgd.share.choices import Choices
from mbgd.ui.kit.experiment import experiment
from mbgd.ui.kit.html import summed
from mbgd.ui.kit.predict import Question, Verdict

SIGNS = {  # each explained in one line, on every part that uses it
    "G": "the full gradient, the mean over all rows from which the batches are taken",
    "g_B": "the gradient of a batch, the mean over its B rows",
    "S²": "the variance of the gradients of single rows, which says how far they are spread around G",
    "B_simple": "S²/‖G‖². In a batch of this size, the noise is about as large as the gradient itself: g_B is about "
    "‖G‖ away from G",
    "λₘₐₓ": "the largest curvature of the loss: that across the valley which the contours show",
    "η": "the learning rate",
}


class Part(NamedTuple):
    """A part of the page: an experiment's button, question, picture and verdict, its signs, and what to try.

    The experiment has the same key as its question.
    """

    label: str
    question: Question
    draw: Callable[[Any], None]
    verdict: Callable[[Any], Verdict]
    tries: str
    signs: tuple[str, ...] = ()

    def show(
        self,
        left: DeltaGenerator,
        right: DeltaGenerator,
        make: Callable[[], Steps[Any]],
        about: Hashable,
        settings: str = "",
    ) -> None:
        """Draw the picture on the left, and the buttons, the question, the signs and what to try on the right.

        settings: those of the part's own, in words, for its charts.
        """
        key = self.question.key
        with left:
            experiment(
                key,
                make,
                about,
                self.draw,
                label=self.label,
                question=self.question,
                verdict=self.verdict,
                tries=self.tries,
                controls=right,
                settings=settings,
            )
        if self.signs:
            with right:
                show_signs(*self.signs)


def settings_of_weights(choices: Choices) -> Settings:
    """The settings of the first weights: those that do not act on them have one value, whatever the sidebar has."""
    return Settings(1, 1, 1.0, hidden=choices.hidden, activation=choices.activation, seed=choices.seed)


def columns() -> tuple[DeltaGenerator, DeltaGenerator, DeltaGenerator]:
    """The places of the picture on the left, and on the right those of the question and, below it, of the controls.

    If there is no room for both columns, the right one comes first.
    """
    left, right = st.columns([7, 4], gap="medium")
    right = right.container(key="controls_first")
    return left, right.container(), right.container()


def show_signs(*signs: str) -> None:
    """Explain these signs in plain words."""
    st.html(summed("<br>".join(f"<b>{sign}</b>: {escape(SIGNS[sign])}" for sign in signs)))


def waiting(what: str, button: str, height: float) -> None:
    """Keep space, `height` in rem, for a picture; say what it will show and how to start.

    On a phone the picture is below the controls, and this space is low.
    """
    st.html(
        f'<div style="height: clamp(6rem, 60vw - 10rem, {height}rem)" class="mbgd-status"><span>{escape(what)}<br>'
        f"Pick an answer, then press <b>{escape(button)}</b>.</span></div>"
    )
