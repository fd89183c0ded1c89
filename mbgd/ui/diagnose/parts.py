"""What the parts of the page share: the problem that is trained, its columns, and the switches of the axes."""

from collections.abc import Callable, Hashable
from dataclasses import replace
from html import escape
from itertools import pairwise
from typing import NamedTuple

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from mbgd.charts.words import count
from mbgd.data.dataset import Dataset
from mbgd.engine.batches import plan_epoch
from mbgd.experiments.diagnose import problem as lesson
from mbgd.experiments.diagnose.problem import Problem, lesson_problem, own_problem
from mbgd.share.allowed import YES_OR_NO
from mbgd.share.choices import DEFAULT, Choices, arithmetic, show_hidden
from mbgd.ui.frame.controls import ALL, settings_line
from mbgd.ui.kit.draw import note_settings
from mbgd.ui.kit.state import keep, linked

OWN = "diagnose_own"
SWITCH = "Use the sidebar's data and settings"
OF_LESSON = ("seed",)  # the control of the sidebar that acts on the lesson's own problem


class Chosen(NamedTuple):
    """The problem that is trained, and everything that it depends on."""

    problem: Problem
    about: Hashable


def takes_sidebar() -> bool:
    """Whether the data and settings of the sidebar are taken: chosen before, or by the address."""
    return st.session_state[linked("sidebar", OWN, False, YES_OR_NO)]


def used_controls() -> tuple[str, ...]:
    """The controls of the sidebar that act on the page now."""
    return ALL if takes_sidebar() else OF_LESSON


def own_switch() -> None:
    """The switch between the lesson's own problem and that of the sidebar."""
    linked("sidebar", OWN, False, YES_OR_NO)
    st.toggle(
        SWITCH,
        key=OWN,
        help="Off: the lesson's own problem, of which the sidebar chooses the seed only. On: any data set, network, "
        "batch size, learning rate and number of epochs.",
    )
    keep(OWN)


def chosen(choices: Choices, dataset: Dataset) -> Chosen:
    """The problem that the switch chooses; the captions of charts are about its settings."""
    if takes_sidebar():
        settings = choices.settings(len(dataset.X_train))
        return Chosen(own_problem(dataset, settings), (choices.data_key, settings))
    made = replace(
        choices,
        data=lesson.DATA,
        noise=lesson.NOISE,
        hidden=lesson.HIDDEN,
        activation=lesson.ACTIVATION,
        mode="mini",
        batch=lesson.BATCH,
        epochs=lesson.EPOCHS,
        rate=lesson.RATE,
        shuffle=True,
        last="keep",
    )
    note_settings(settings_line(made, lesson.TRAIN_ROWS, ALL))
    return Chosen(lesson_problem(choices.seed), ("lesson", choices.seed))


def rests(choices: Choices) -> bool:
    """Whether the sidebar has choices of the learner's that the lesson's own problem does not take."""
    return not takes_sidebar() and replace(choices, seed=DEFAULT.seed) != DEFAULT


def say_problem(problem: Problem, choices: Choices) -> None:
    """What is trained, in a line: the rows, the network, and the updates. It offers the switch if choices rest."""
    dataset, settings, _ = problem
    N, hidden = len(dataset.X_train), show_hidden(settings.hidden)
    plan = plan_epoch(N, settings.batch_size, settings.last_batch)
    sizes = [dataset.X_train.shape[1], *settings.hidden, dataset.Y_train.shape[1]]
    parameters = sum((n + 1) * k for n, k in pairwise(sizes))
    noise = "" if takes_sidebar() else f" with noise {lesson.NOISE:g}"
    offer = f"<b>The lesson's own problem. Switch on “{SWITCH}” to use yours.</b> " * rests(choices)
    st.html(
        f'<p class="mbgd-uses">{offer}{escape(dataset.name)}{noise}: {count(N, "training row")}, '
        f"{count(len(dataset.X_val), 'validation row')}. "
        f"{f'Hidden layers {hidden}' if hidden else 'No hidden layers'}: {count(parameters, 'parameter')}. "
        f"Learning rate {settings.learning_rate:g}. "
        f"{arithmetic(N, settings, plan.updates, plan.last_rows)}</p>"
    )


def columns() -> tuple[DeltaGenerator, DeltaGenerator, DeltaGenerator]:
    """The places of the question and of the controls below it, on the left, and that of the picture, on the right."""
    left, right = st.columns([5, 7], gap="large")
    return left.container(), left.container(), right


def log_switches(part: str, *, x: bool, before: Callable[[], object] = lambda: None) -> tuple[bool, bool]:
    """Whether the x-axis and the loss axis are logarithmic. x: whether there is a switch for the x-axis. before() draws
    what stands in the same row, before them.
    """
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"switches_{part}"):
        before()
        if x:
            st.toggle("log x", key=linked("logx", "diagnose_log_x", True, YES_OR_NO))
        st.toggle("log y", key=linked("logy", "diagnose_log_y", False, YES_OR_NO))
    return keep("diagnose_log_x") if x else False, keep("diagnose_log_y")
