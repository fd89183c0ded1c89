"""An experiment on a page: buttons to run, stop and start over, progress, and a picture that grows as it goes.

As in the player, the buttons stand outside the part that redraws itself, which draws first and works last.
"""

from collections.abc import Callable, Hashable
from contextlib import nullcontext
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from mbgd.experiments.step import Step, Steps
from mbgd.ui.numbers import note
from mbgd.ui.pace import FULL_SPEED, SHARE, session_id, slice_seconds, tick_seconds
from mbgd.ui.predict import Question, Verdict, ask, mark

FIRST_SLICE = 0.05  # seconds of work before the first picture after a click on Run


@dataclass
class Job:
    """An experiment under way in a session: `about` is what it was started for, `picked` the answer committed to."""

    about: Hashable
    steps: Steps[Any]
    picked: str | None = None
    last: Step[Any] | None = None
    playing: bool = True

    @property
    def finished(self) -> bool:
        """Whether the experiment has come to its end."""
        return self.last is not None and self.last.share >= 1

    def work(self, seconds: float, between: Callable[[], object] = lambda: None) -> None:
        """Go on for so many seconds, one step at least. `between` may end it by an exception: no step is lost."""
        until = perf_counter() + seconds
        while self.playing:
            self.last = next(self.steps)
            if self.finished:
                self.playing = False  # never True here: a click on Stop runs in a thread of its own, during a step too
            if perf_counter() >= until:
                break
            between()

    def stop(self) -> None:
        """Stop: the result so far stays."""
        self.playing = False


def experiment(
    key: str,
    make: Callable[[], Steps[Any]],
    about: Hashable,
    draw: Callable[[Any], None],
    *,
    label: str = "Run",
    question: Question | None = None,
    verdict: Callable[[Any], Verdict] | None = None,
    controls: DeltaGenerator | None = None,
) -> Any:
    """Draw an experiment's question, buttons, progress, picture and marking; return its result once it is complete,
    None before, and None again when `about` has changed: what the page says of it is then no longer true.

    make() begins it: a generator of Steps. `about` is all that the experiment depends on: when it changes, what was
    measured stays on the page and is said to be of the settings before. draw(result) draws the result so far, None
    before the first. With a `question`, an answer must be picked before it runs, and verdict(result) marks it.
    Several experiments may stand on one page, and each goes on where it was after a look at another page.
    Question, buttons and marking stand above the picture, or in the container `controls`.
    """
    job = _job(key)
    changed = job is not None and job.about != about
    if job and changed:
        job.stop()
    under_way = job is not None and not changed

    def begin() -> None:
        st.session_state["jobs"][key] = Job(about, make(), picked)
        _first(key)

    with controls or nullcontext():
        picked = ask(question, disabled=under_way) if question else None
        ready = question is None or picked is not None
        _buttons(key, label, job if under_way else None, ready, begin, old=changed)
        if question:
            _say(question, verdict, job if under_way else None, label, ready)
    sessions = SHARE.sessions(session_id()) if job and job.playing else 1
    tick = tick_seconds(FULL_SPEED, sessions, 1)
    st.fragment(_live, run_every=tick if job and job.playing else None, key=f"live_{key}")(
        key, tick, draw, label if changed else ""
    )
    return job.last.result if job and job.last and job.finished and not changed else None


def _job(key: str) -> Job | None:
    return st.session_state.setdefault("jobs", {}).get(key)


def _say(
    question: Question, verdict: Callable[[Any], Verdict] | None, job: Job | None, label: str, ready: bool
) -> None:
    """What to do next, or the marking of the answer: in one place, above the picture."""
    if job and job.last and job.finished and verdict and job.picked:
        kind, text = mark(question, job.picked, verdict(job.last.result))
    elif job:
        kind, text = "plain", "Your answer stands. It is marked when the run is complete."
    else:
        kind, text = "plain", f"Press <b>{label}</b>." if ready else f"Pick an answer, then press <b>{label}</b>."
    st.html(note(kind, text))


def _buttons(key: str, label: str, job: Job | None, ready: bool, begin: Callable[[], None], *, old: bool) -> None:
    stopped = job is not None and not job.playing and not job.finished
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"buttons_{key}"):
        st.button(
            "Go on" if stopped else label,
            type="primary",
            key=f"run_{key}",
            icon=":material/play_arrow:",
            on_click=_go_on if stopped else begin,
            args=(key,) if stopped else (),
            disabled=not ready or (job is not None and not stopped),
            help=None if ready else "Pick an answer first.",
        )
        st.button(
            "Stop",
            key=f"stop_{key}",
            icon=":material/pause:",
            on_click=job.stop if job else None,
            disabled=job is None or not job.playing,
        )
        st.button(
            "Start over",
            key=f"again_{key}",
            icon=":material/restart_alt:",
            on_click=_drop,
            args=(key,),
            disabled=job is None and not old,
            help="Clear the result, to predict and run again.",
        )


def _go_on(key: str) -> None:
    job = _job(key)
    if job:
        job.playing = True
        _first(key)


def _first(key: str) -> None:
    job = _job(key)
    if job:
        with SHARE.turn():
            job.work(FIRST_SLICE)  # so that the first picture has something to show


def _drop(key: str) -> None:
    st.session_state["jobs"].pop(key, None)


def _live(key: str, tick: float, draw: Callable[[Any], None], anew: str) -> None:
    """The part that redraws itself; `anew` names the button to press where the settings have changed."""
    job = _job(key)
    if job and anew:
        st.html(note("changed", f"The settings have changed since this was measured. <b>{anew}</b> measures anew."))
    elif job and job.last:
        stopped = "" if job.playing or job.finished else f" · stopped at {job.last.share:.0%}"
        st.progress(min(job.last.share, 1.0), job.last.doing + stopped)
    draw(job.last.result if job and job.last else None)
    if not job or not job.playing:
        return
    sessions = SHARE.sessions(session_id())
    with SHARE.turn():
        # reading the session's state lets a click through: Streamlit then ends this run at once
        job.work(slice_seconds(tick, sessions), between=lambda: st.session_state["jobs"])
    if not job.playing or not 0.8 < tick_seconds(FULL_SPEED, sessions, 1) / tick < 1.25:
        st.rerun()  # the whole page: the buttons change, or the redraws must come at another pace
