"""A run from a file: read, made again in slices, compared, and kept only if its weights are those of the file."""

from dataclasses import replace

import pytest

from mbgd.share.runs.store import Runs
from mbgd.share.runs.writing import to_json
from mbgd.ui.runs.upload import Upload, told
from tests.share.runs.made import record, usual
from tests.ui.train.runs import data_of

LONG = 60.0


def begun(run) -> Upload:
    state = Upload()
    state.begin(to_json(run), data_of)
    return state


def test_a_run_is_kept_pinned_with_its_name():
    state, runs = begun(replace(usual(), name="mine")), Runs()
    assert told(state)[0] == "plain"
    state.work(runs, LONG)
    (run,) = runs
    assert (run.name, run.pinned, run.updates) == ("mine", True, 20)
    assert run is state.kept
    assert run.about == usual().about  # so that the same run is not listed twice
    assert (state.job, state.differs, told(state)[0]) == (None, 0, "good")


def test_it_is_made_in_slices_that_a_click_may_end():
    class Click(Exception):
        pass

    def click():
        raise Click

    state, runs = begun(record(600, batch=1, mode="sgd")), Runs()
    with pytest.raises(Click):
        state.work(runs, LONG, click)
    assert len(runs) == 0
    assert 0 < state.job.last.share < 1
    state.work(runs, LONG)
    assert state.kept
    assert state.kept.updates == 600


def test_a_click_after_the_last_step_loses_nothing():
    state, runs = begun(usual()), Runs()
    job = state.job

    def click():
        if job.finished:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        state.work(runs, LONG, click)
    assert state.job is None
    assert state.kept is next(iter(runs))


def test_the_rate_that_was_chosen_last_is_that_of_the_run():
    state, runs = begun(record(20, batch=8, rates=((20, 0.05),))), Runs()
    state.work(runs, LONG)
    assert state.kept.choices.rate == 0.05


def test_other_weights_are_refused_and_nothing_is_kept():
    run = usual()
    changed = [run.layers[0]._replace(W=run.layers[0].W * 1.001), *run.layers[1:]]
    state, runs = begun(replace(run, layers=changed)), Runs()
    state.work(runs, LONG)
    assert state.refused
    assert (len(runs), state.job, state.kept) == (0, None, None)


def test_data_that_the_session_does_not_have_are_refused_with_its_sentence():
    def gone(choices):
        raise ValueError("The session has no own data.")

    state = Upload()
    state.begin(to_json(usual()), gone)
    assert (state.refused, state.job) == ("The session has no own data.", None)


def test_the_next_file_takes_the_place_of_the_one_before():
    state, runs = begun(usual()), Runs()
    state.begin(b"nothing", data_of)
    assert state.refused
    assert state.job is None
    state.begin(to_json(usual()), data_of)
    assert not state.refused
    state.work(runs, LONG)
    assert state.kept


def test_a_run_that_diverged_is_made_again_too():
    run = record(data="plane", hidden=(), rate=10.0, epochs=2_000)
    state, runs = begun(run), Runs()
    state.work(runs, LONG)
    assert next(iter(runs)).failed == run.failed
