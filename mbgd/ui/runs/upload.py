"""A run from a file: read, made again a slice at a time, compared with the weights of the file, and then kept."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from html import escape

import streamlit as st

from mbgd.charts.words import count
from mbgd.data.dataset import Dataset
from mbgd.engine.training import Training
from mbgd.experiments.runs.again import made_again
from mbgd.share.choices import Choices
from mbgd.share.runs.checking import check_data, check_weights
from mbgd.share.runs.reading import MOST_BYTES, MOST_MB, read_run
from mbgd.share.runs.record import Record
from mbgd.share.runs.store import Runs
from mbgd.ui.frame.sidebar import dataset_of
from mbgd.ui.kit.experiment import Job
from mbgd.ui.kit.html import announcement, note, refusal, without_tags
from mbgd.ui.kit.live import action_button, live, owner, show_progress
from mbgd.ui.kit.pace import SHARE
from mbgd.ui.kit.versions import known
from mbgd.ui.train.kept import record_of
from mbgd.ui.train.run import EVALUATE_SHARE, Run


@dataclass
class Upload:
    """The file that a session read last: its run while it is made again, and what became of it."""

    seen: str = ""  # what Streamlit calls the file
    run: Record | None = None
    dataset: Dataset | None = None
    job: Job | None = None
    refused: str = ""
    kept: Record | None = None
    differs: float = 0.0

    def begin(self, file: bytes, data_of: Callable[[Choices], Dataset]) -> None:
        """Read a file, and begin to make its run again; or note in a sentence why it can't be used."""
        self.run = self.job = self.kept = None
        self.refused = ""
        try:
            run = read_run(file)
            dataset = data_of(run.choices)
            check_data(run, dataset)
        except ValueError as refused:
            self.refused = str(refused)
            return
        training = Training(dataset, run.settings, evaluate_share=EVALUATE_SHARE)
        self.run, self.dataset = run, dataset
        self.job = Job(run.fingerprint, made_again(training, run.stages))

    def work(self, runs: Runs, seconds: float, between: Callable[[], object] = lambda: None) -> None:
        """Go on for this many seconds. At the end, keep the run if its weights are those of the file."""
        job, run, dataset = self.job, self.run, self.dataset
        if job is None or run is None or dataset is None:
            return
        try:
            job.work(seconds, between)
        finally:  # a click may end it after its last step, too
            if job.finished:
                self._compare(runs, run, dataset, job.result)

    def _compare(self, runs: Runs, run: Record, dataset: Dataset, training: Training) -> None:
        try:
            self.differs = check_weights(run, training)
        except ValueError as refused:
            self.refused = str(refused)
        else:
            training.learning_rate = run.choices.rate
            made = record_of(run.choices, dataset, training)
            self.kept = runs.add(replace(made, name=run.name, pinned=True))
        self.job = None


def upload_run(run: Run) -> None:
    """Draw the place for a file, and what has become of the last one."""
    state: Upload = st.session_state.setdefault("runs_upload", Upload())
    file = st.file_uploader(
        f"A run as JSON, from this page, at most {MOST_MB} MB",
        type=["json"],
        key="runs_file",
        **known(st.file_uploader, max_upload_size=MOST_MB),
    )
    if file is not None and file.file_id != state.seen:
        with owner().held(), SHARE.turn(ahead=True):
            state.seen = file.file_id
            state.begin(file.getvalue() if file.size <= MOST_BYTES else b" " * (MOST_BYTES + 1), dataset_of)
    if state.job:
        _buttons(state.job)
    kind, text = told(state)
    if state.refused:
        st.html(refusal(state.refused, "file", "bad"))
    elif text:
        st.html(note(kind, text) + announcement(without_tags(text), "file", new=True))
    live("runs_again", state.job, lambda: _progress(state), lambda *how: state.work(run.runs, *how))


def _buttons(job: Job) -> None:
    with st.container(horizontal=True, gap="small", key="runs_again_do"):
        if job.playing:
            action_button("Stop", job.stop, key="runs_again_stop", icon="pause")
        else:
            action_button("Go on", partial(setattr, job, "playing", True), key="runs_again_go_on", icon="play_arrow")


def _progress(state: Upload) -> None:
    if state.job:
        last = state.job.last
        show_progress(
            last.share if last else 0.0,
            f"Making the run of the file again: {last.doing if last else 'beginning'}",
            playing=state.job.playing,
        )


def told(state: Upload) -> tuple[str, str]:
    """What has become of a file, as a kind of note and HTML; empty before, and if it was refused."""
    if state.job and state.run:
        return "plain", f"The file is a run of {count(state.run.updates, 'update')}. It is made again, and compared."
    if state.kept is None:
        return "", ""
    close = "bit for bit" if state.differs == 0 else f"up to {state.differs:.0e} of the largest, which is rounding"
    name = f" ({escape(state.kept.name)})" if state.kept.name else ""
    return "good", (
        f"The run of the file was made again in {count(state.kept.updates, 'update')}, and its weights are those of "
        f"the file {close}. It is run <b>{state.kept.number}</b>{name} of the table. To train it longer, press "
        "<b>Go on with it on Train</b>."
    )
