"""An experiment on a page: buttons to run, stop and start over, progress, and a picture that grows during the run.

As in the player, the buttons are outside the part that redraws itself.
"""

from collections.abc import Callable, Hashable
from contextlib import nullcontext
from dataclasses import dataclass
from html import escape
from time import perf_counter
from typing import Any, NamedTuple

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from mbgd.experiments.step import Step, Steps
from mbgd.ui.kit.draw import charts_of, settings_now
from mbgd.ui.kit.html import announcement, note
from mbgd.ui.kit.live import Action, action_button, live, owner, show_progress
from mbgd.ui.kit.pace import SHARE
from mbgd.ui.kit.predict import Question, Verdict, ask, mark, mark_aloud, picked_now, unanswer
from mbgd.ui.kit.ran import note_run

LOST = "The address names a result that is not in this session, as after a reload."
OF_OTHER_SETTINGS = "the settings have changed, and the result shown is that of other settings."
FIRST_SLICE = 0.05  # seconds of work before the first picture after a click on Run


@dataclass
class Job:
    """A session's experiment: `about` holds the settings it was started with, `picked` the learner's answer."""

    about: Hashable
    steps: Steps[Any]
    picked: str | None = None
    last: Step[Any] | None = None
    playing: bool = True
    settings: str = ""  # in words, those that it was started with
    outdated: bool = False  # whether `about` had changed when it was last drawn

    @property
    def finished(self) -> bool:
        """Whether the experiment is complete."""
        return self.last is not None and self.last.share >= 1

    @property
    def result(self) -> Any:
        """The result so far; None before the first step."""
        return self.last.result if self.last else None

    def work(self, seconds: float, between: Callable[[], object] = lambda: None) -> None:
        """Go on for this many seconds, at least one step. `between` may end it with an exception: no step is lost."""
        until = perf_counter() + seconds
        while self.playing:
            self.last = next(self.steps)
            if self.finished or self.last.halted:
                self.playing = False
            if perf_counter() >= until:
                break
            between()

    def first(self) -> None:
        """Work a little after a click on Run, so that the first picture has something to show."""
        with SHARE.turn(ahead=True):
            self.work(FIRST_SLICE)

    def stop(self) -> None:
        """Stop and keep the result so far."""
        self.playing = False

    def go_on(self) -> None:
        """Go on from where it was stopped."""
        self.playing = not self.finished
        self.first()


ABOVE = "Why, and what to try next: see above."  # where the picture is below the question


class Marking(NamedTuple):
    """The marking of an answer in short: the kind of its note, and what a screen reader hears.

    The picture has it, too, where there is no room for the question beside it.
    """

    kind: str
    aloud: str


def experiment(
    key: str,
    make: Callable[[], Steps[Any]],
    about: Hashable,
    draw: Callable[[Any], None],
    *,
    label: str = "Run",
    question: Question | None = None,
    verdict: Callable[[Any], Verdict] | None = None,
    tries: str = "",
    controls: DeltaGenerator | None = None,
    settings: str = "",
) -> Any:
    """Draw an experiment's question, buttons, progress, picture and marking; return its result once it is complete.

    Before that it returns None, and again after `about` has changed, because the result is then out of date.
    make() begins the experiment: it returns a generator of Steps. `about` holds everything that the experiment depends
    on. When it changes, the result stays on the page, with a note that the settings have changed. draw(result) draws
    the result so far, or None before the first. With a `question`, the learner must pick an answer before the run, and
    verdict(result) marks it. `tries`, what to try next, is shown once the result is complete, because it often gives
    the answer away. A page may have several experiments; each goes on from where it was after a visit to another page.
    settings: those of the page's own, in words, which its charts say beside the sidebar's.
    Question, buttons, marking and `tries` are above the picture, or in the container `controls`. The address notes that
    it was run: where the result is not here, as after a reload, the page says so, and a click makes it again.
    """
    owner().act()
    jobs: dict[str, Job] = st.session_state.setdefault("jobs", {})
    job = jobs.get(key)
    changed = job is not None and job.about != about
    if job:
        job.outdated = changed
        if changed:
            job.stop()
    under_way = job is not None and not changed
    result = job.result if job and job.finished and not changed else None
    lost = note_run(key, about, known=job is not None, current=under_way)
    begins = f"{label} again" if lost else label

    def begin() -> None:
        known = jobs.get(key)
        if known is None or known.about != about:  # two clicks begin it once
            answer = picked_now(question) if question else None  # it may have changed since the button was drawn
            jobs[key] = Job(about, make(), answer, settings=" · ".join(filter(None, [settings_now(), settings])))
            jobs[key].first()

    def drop() -> None:
        jobs.pop(key, None)
        if question:
            unanswer(question)

    def show() -> None:
        if job and changed:
            measured = f"measured with {escape(job.settings)}" if job.settings else "measured"
            note_text = f"The settings have changed since this was {measured}. <b>{label}</b> measures again."
            st.html(note("changed", note_text, "mbgd-old"))
        elif lost:
            st.html(note("changed", f"{LOST} <b>{begins}</b> makes the same run."))
        elif job and job.last:
            stopped = "" if job.playing or job.finished else f" · stopped at {job.last.share:.0%}"
            show_progress(job.last.share, job.last.doing + stopped, playing=job.playing)
        if said:
            st.html(note(said.kind, f"{escape(said.aloud)} {ABOVE}", "mbgd-beside"))
        with charts_of(job.settings if job else "", stands=job is not None and not job.playing):
            draw(job.result if job else None)

    with controls or nullcontext():
        picked = ask(question, disabled=under_way) if question else None
        ready = question is None or picked is not None
        _buttons(key, begins, job if under_way else None, ready, begin, drop, old=changed)
        said = _say(question, verdict, job if under_way else None, begins, ready) if question else None
        if tries and result is not None:
            st.markdown(f"**Try this:** {tries}")
    st.html(announcement(_spoken(label, job, said, changed=changed), of=key))
    live(f"live_{key}", job, show, job.work if job else lambda seconds, between: None)
    return result


def complete_job(key: str) -> Job | None:
    """The session's experiment with this key if it is complete, with these settings or with others; else None."""
    job: Job | None = st.session_state.get("jobs", {}).get(key)
    return job if job and job.finished else None


def current_result(key: str) -> Any:
    """The result of the session's experiment with this key; None if it is not complete, or out of date."""
    job = complete_job(key)
    return job.result if job and not job.outdated else None


def _spoken(label: str, job: Job | None, said: Marking | None, *, changed: bool) -> str:
    """What a screen reader hears of a run: that it is under way, once it stands its marking or its progress, and that
    its settings have changed."""
    if job is None:
        return ""
    if changed:
        return f"{label}: {OF_OTHER_SETTINGS}"
    if job.playing or job.last is None:
        return f"{label}: running."
    if job.finished:
        return f"{label}: finished. {said.aloud if said else job.last.doing}"
    return f"{label}: stopped at {job.last.share:.0%}. {job.last.doing}"


def _say(
    question: Question, verdict: Callable[[Any], Verdict] | None, job: Job | None, label: str, ready: bool
) -> Marking | None:
    """Say what to do next, or mark the answer, both in the same place above the picture. Returns the marking."""
    said = None
    if job and job.finished and verdict and job.picked:
        found = verdict(job.result)
        kind, text = mark(question, job.picked, found)
        said = Marking(kind, mark_aloud(question, job.picked, found))
    elif job:
        kind, text = "plain", "Your answer is recorded. It is marked when the run is complete."
    else:
        kind, text = "plain", f"Press <b>{label}</b>." if ready else f"Pick an answer, then press <b>{label}</b>."
    st.html(note(kind, text))
    return said


def _buttons(key: str, label: str, job: Job | None, ready: bool, begin: Action, drop: Action, *, old: bool) -> None:
    stopped = job is not None and not job.playing and not job.finished
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"buttons_{key}"):
        action_button(
            "Go on" if stopped else label,
            job.go_on if job and stopped else begin,
            type="primary",
            key=f"run_{key}",
            icon="play_arrow",
            disabled=not ready or (job is not None and not stopped),
            help=None if ready else "Pick an answer first.",
        )
        action_button(
            "Stop",
            job.stop if job else begin,
            key=f"stop_{key}",
            icon="pause",
            disabled=job is None or not job.playing,
        )
        action_button(
            "Start over",
            drop,
            key=f"again_{key}",
            icon="restart_alt",
            disabled=job is None and not old,
            help="Clear the result and the answer, then predict and run again.",
        )
