"""The page Sweep: its grid and its limits, the map, a cell, and what is left of it when settings change."""

import csv
import io
from urllib.parse import parse_qs, urlparse

import pytest

from mbgd.experiments.sweep.measures import MEASURES
from mbgd.ui.kit.predict import UNSURE
from mbgd.ui.sweep.shown import table_of
from tests.pages.app import (
    charts,
    healthy,
    linked_page,
    marking,
    notes,
    other_page,
    predict,
    press,
    prose,
    run_experiment,
)

FILE, KEY = "pages/sweep.py", "sweep"
QUICK = {"data": "moons", "size": "50", "hidden": "4", "sizes": "4-16", "rates": "3", "seeds": "2", "of_epochs": "2"}


def swept(**query):
    return run_experiment(predict(linked_page(FILE, **(QUICK | query)), KEY, UNSURE), KEY)


def job_of(at):
    return at.session_state["jobs"][KEY]


def test_it_says_how_many_runs_before_it_starts():
    at = linked_page(FILE, **QUICK)
    assert "12 runs" in prose(at)
    assert at.button(key="run_sweep").disabled


def test_the_map_is_complete_and_marked():
    at = swept()
    found = job_of(at).result
    assert found.runs_done == found.grid.runs == 12
    assert len(found.cells) == 6
    assert found.grid.seeds == (0, 1)
    assert found.curvature > 0
    assert marking(at, KEY) in ("good", "bad", "plain")
    assert len(charts(at)) == 2


def test_stop_keeps_what_is_done_and_go_on_completes_it():
    at = predict(linked_page(FILE, **QUICK), KEY, UNSURE)
    at = press(at, "run_sweep")
    job = job_of(at)
    if not job.finished:
        at = press(at, "stop_sweep")
        done = job.result.runs_done
        at = press(at, "run_sweep")
        assert job.result.runs_done >= done
        job.work(float("inf"))
    assert healthy(at.run())
    assert job.result.runs_done == 12


def test_a_finished_map_survives_a_page_switch():
    at = swept(measure="best_loss")
    before = job_of(at).result
    at = other_page(other_page(at, "pages/engine.py"), FILE)
    assert job_of(at).result is before
    assert at.selectbox(key="sweep_measure").value == "best_loss"
    assert len(charts(at)) == 2


def test_other_settings_leave_the_map_marked():
    at = swept()
    before = job_of(at).result
    at.slider(key="sweep_seeds").set_value(3)
    at = healthy(at.run())
    assert "changed" in notes(at)
    assert job_of(at).result is before
    assert len(charts(at)) == 2


@pytest.mark.parametrize("measure", list(MEASURES))
def test_each_measure_draws_a_map(measure):
    at = swept(measure=measure, split="train", ratios="yes", edge="yes")
    assert len(charts(at)) == 2


def test_a_regression_has_no_accuracy():
    at = linked_page(FILE, **(QUICK | {"data": "sine", "measure": "accuracy"}))
    assert at.selectbox(key="sweep_measure").value == "loss"


def test_a_run_opens_in_train_with_its_own_settings():
    at = swept(cell="16x0.224")
    (link,) = [one for one in at.get("link_button") if "seed 1" in one.proto.label]
    query = {name: value[0] for name, value in parse_qs(urlparse(link.proto.url).query).items()}
    assert query["batch"] == "16"
    assert query["rate"] == "0.224"
    assert query["seed"] == "1"
    assert query["epochs"] == "2"
    assert query["trained"] == str(2 * -(-40 // 16))
    assert query["data"] == "moons"


@pytest.mark.parametrize(
    ("query", "note"),
    [
        ({"sizes": "4"}, "two batch sizes"),
        ({"low": "2", "high": "1"}, "below"),
        ({"seeds": "20", "of_epochs": "500", "sizes": "1-2-3-4", "rates": "12", "size": "2000"}, "at most"),
    ],
)
def test_what_can_not_be_run_gets_one_sentence(query, note):
    at = linked_page(FILE, **(QUICK | query))
    assert note in prose(at)
    assert "changed" in notes(at)


@pytest.mark.parametrize(
    "query", [{"seeds": "0"}, {"rates": "nan"}, {"low": "-1"}, {"of_epochs": "7"}, {"measure": "x"}]
)
def test_a_bad_value_in_the_address_is_told(query):
    at = linked_page(FILE, **(QUICK | query))
    (name,) = query
    assert f"{name}=" in prose(at) or name in prose(at)


def test_a_cluster_that_does_not_answer_is_told_and_nothing_is_lost(monkeypatch):
    monkeypatch.setenv("MBGD_CLUSTER", "tcp://127.0.0.1:1")
    at = predict(linked_page(FILE, **QUICK), KEY, UNSURE)
    assert "tcp://127.0.0.1:1" in prose(at)
    at = press(at, "run_sweep")
    job_of(at).work(30)
    at = healthy(at.run())
    assert not job_of(at).playing
    assert "No Dask scheduler answers" in prose(at)
    monkeypatch.delenv("MBGD_CLUSTER")
    at = press(at, "run_sweep")
    job_of(at).work(float("inf"))
    assert job_of(at).result.runs_done == 12


def test_a_pool_makes_the_same_map(monkeypatch):
    here = job_of(swept()).result
    monkeypatch.setenv("MBGD_WORKERS", "1")
    there = job_of(swept()).result
    losses = [{run[:3]: run.val_loss[-1] for cell in found.cells for run in cell.runs} for found in (here, there)]
    assert losses[0] == losses[1]


def test_the_table_has_a_row_for_each_run():
    at = swept()
    found = job_of(at).result
    assert len(list(csv.reader(io.StringIO(table_of(found))))) == 13
