"""The page Runs: what it lists, draws and leaves out; names, pins and files; a run from a file."""

import json
import math

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mbgd.share.runs.reading import MOST_BYTES
from mbgd.share.runs.store import MOST_RUNS, Runs
from mbgd.share.runs.writing import to_json
from mbgd.ui.runs import one
from tests.pages.app import (
    announced,
    charts,
    healthy,
    html,
    linked_page,
    opened,
    other_page,
    press,
    rows,
    run_of,
    told,
    words,
)

FILE = "pages/runs.py"
SHORT = {"data": "moons", "size": "40", "hidden": "4", "epochs": "5"}


def runs_of(at: AppTest) -> Runs:
    return run_of(at).runs


def train(at: AppTest, **choices) -> AppTest:
    """On the page Train, train to the end with these choices of the sidebar."""
    for key, value in choices.items():
        widget = next(widget for widget in at.sidebar if getattr(widget, "key", None) == f"choose_{key}")
        at = healthy(widget.set_value(value).run())
    if at.button(key="train").disabled:  # it has ended, and another learning rate alone begins no new one
        at = press(at, "reset")
    at = press(at, "train")
    run_of(at).training.advance()
    run_of(at).playing = False
    return healthy(at.run())


def two_runs(**query) -> AppTest:
    """The page Runs after two runs that differ in their learning rate."""
    return other_page(train(train(opened(**SHORT | query)), rate=0.1), FILE)


def marks_drawn(at: AppTest) -> set[str]:
    ((_, table),) = charts(at)
    return {row["mark"] for row in table.to_pylist() if row["series"] == "training rows"}


def test_without_a_run_the_page_says_what_to_do_and_links_to_train():
    at = linked_page(FILE)
    assert [kind for kind, _ in told(at)] == ["plain"]
    assert "Train a network" in [link.proto.label for link in at.main.get("page_link")]
    assert not charts(at)
    assert len(at.file_uploader) == 1


def test_a_run_that_ended_is_listed_and_one_that_was_not_is_only_if_it_is_pinned():
    at = press(opened(**SHORT), "step_update")
    at = other_page(at, FILE)
    assert len(runs_of(at)) == 0
    assert "1 update" in at.button(key="pin").label  # it can be pinned here, too
    at = press(other_page(at, "app.py"), "pin")
    (pinned,) = runs_of(other_page(at, FILE))
    assert (pinned.updates, pinned.pinned) == (1, True)
    assert "pinned" in rows(at)[1][0]
    at = train(other_page(at, "app.py"))
    assert [run.updates for run in runs_of(other_page(at, FILE))] == [1, 10]


def test_the_run_of_the_page_train_can_be_pinned_here():
    at = press(other_page(press(opened(**SHORT), "step_update"), FILE), "pin")
    assert [(run.updates, run.pinned) for run in runs_of(at)] == [(1, True)]
    assert "pin" not in [button.key for button in at.button]


def test_the_three_runs_of_a_comparison_are_listed_and_what_differs_is_marked():
    at = press(opened(**SHORT), "compare")
    compared = run_of(at).compared
    compared.comparison.advance(5, math.inf)
    compared.playing = False
    at = other_page(healthy(at.run()), FILE)
    head, *lines = rows(at)
    assert [line[head.index("batch size")] for line in lines] == ["≠ 1", "≠ 16", "≠ 32"]
    assert "learning rate" not in head  # it is the same: a sentence says so
    assert "learning rate 0.2" in words(at)
    for run, runner in zip(runs_of(at), compared.comparison.runners, strict=True):
        assert run.updates == runner.training.updates_done
        assert run.best("val") == runner.val_loss.min()
        np.testing.assert_array_equal(run.layers[0].W, runner.training.layers[0].W)
    assert marks_drawn(at) == {"1", "2", "3"}


def test_the_table_is_sorted_and_only_chosen_runs_are_marked():
    at = two_runs()
    at = healthy(at.selectbox(key="runs_sort").set_value("rate").run())
    assert [line[0] for line in rows(at)[1:]] == ["2", "1"]
    at = healthy(at.toggle(key="runs_falling").set_value(True).run())
    assert [line[0] for line in rows(at)[1:]] == ["1", "2"]
    assert html(at).count("<mark>") == 2
    at = healthy(at.multiselect(key="runs_chosen").set_value([2]).run())
    assert "<mark>" not in html(at)
    assert marks_drawn(at) == {"2"}
    assert dict(at.query_params).items() >= {"sort": "rate", "falling": "yes", "runs": "2"}.items()
    at = healthy(at.multiselect(key="runs_chosen").set_value([]).run())
    assert not charts(at)
    assert dict(at.query_params)["runs"] == "none"


def test_runs_of_other_data_or_another_loss_are_left_out_and_named():
    at = two_runs()
    at = other_page(train(other_page(at, "app.py"), data="circles"), FILE)
    assert at.multiselect(key="runs_chosen").value == [3]  # what is new, and what can be drawn beside it
    assert marks_drawn(at) == {"3"}
    ((kind, text),) = told(at)
    assert kind == "plain"
    assert "1, 2" in text
    at = healthy(at.multiselect(key="runs_chosen").set_value([1, 3]).run())
    assert marks_drawn(at) == {"3"}
    (kind, text), *_ = told(at)
    assert kind == "changed"
    assert "Run 1" in text
    at = other_page(train(other_page(at, "app.py"), data="sine"), FILE)
    at = healthy(at.multiselect(key="runs_chosen").set_value([3, 4]).run())
    assert "mean squared error" in told(at)[0][1]
    assert marks_drawn(at) == {"4"}


def test_another_seed_is_the_same_data_set_and_a_new_run_is_chosen_by_itself():
    at = two_runs()
    at = other_page(train(other_page(at, "app.py"), seed=3), FILE)
    assert marks_drawn(at) == {"1", "2", "3"}
    assert at.multiselect(key="runs_chosen").value == [1, 2, 3]
    at = healthy(at.multiselect(key="runs_chosen").set_value([1, 2]).run())
    assert html(at).count("<mark>") == 2  # their rates, and nothing of the third run


def test_the_axes_and_the_losses_are_chosen_and_in_the_address():
    at = two_runs(x="updates")
    at = healthy(at.segmented_control(key="runs_x").set_value("seconds").run())
    at = healthy(at.toggle(key="runs_log_x").set_value(True).run())
    at = healthy(at.toggle(key="runs_log_y").set_value(True).run())
    at = healthy(at.segmented_control(key="runs_losses").set_value("validation").run())
    ((spec, table),) = charts(at)
    assert "training rows" not in table["series"].to_pylist()
    encodings = json.dumps(spec)
    assert encodings.count('"log"') >= 2
    assert (
        dict(at.query_params).items() >= {"x": "seconds", "logx": "yes", "logy": "yes", "losses": "validation"}.items()
    )
    at = other_page(other_page(at, "pages/data.py"), FILE)
    assert at.segmented_control(key="runs_losses").value == "validation"


def test_runs_are_renamed_unpinned_and_deleted_and_stay_so():
    at = two_runs()
    healthy(at.text_input(key="runs_name_2").set_value("  <b>slow</b> ").run())
    assert [run.name for run in runs_of(at)] == ["", "<b>slow</b>"]
    assert "<b>slow</b>" not in html(at)
    at = press(at, "runs_pin")
    assert runs_of(at).get(2).pinned
    at = press(at, "runs_pin")
    assert not runs_of(at).get(2).pinned
    at = other_page(train(other_page(at, "app.py"), seed=9), FILE)
    at = press(at, "runs_delete")  # the newest, which the page Train still shows
    assert [run.number for run in runs_of(at)] == [1, 2]
    assert marks_drawn(at) == {"1", "2"}
    at = other_page(other_page(at, "app.py"), FILE)
    assert [run.number for run in runs_of(at)] == [1, 2]
    at = press(press(at, "runs_delete"), "runs_delete")
    assert [kind for kind, _ in told(at)] == ["plain"]


def test_a_full_list_says_which_run_was_dropped():
    at = other_page(two_runs(), "app.py")
    run = run_of(at)
    first = next(iter(run.runs))
    for number in range(MOST_RUNS):
        run.runs.add(type(first)(**{**vars(first), "about": (number,), "number": 0}))
    at = other_page(at, FILE)
    assert len(run.runs) == MOST_RUNS
    assert ("changed", True) in [(kind, f"{MOST_RUNS} runs: 2" in text) for kind, text in told(at)]


def test_the_downloads_are_labelled_and_made_when_they_are_asked_for():
    at = two_runs()
    assert [button.label for button in at.get("download_button")] == [
        "Download the run (JSON)",
        "Its weights (.npz)",
        "All runs (CSV)",
    ]


# --- a run from a file ---


def upload(at: AppTest, file: bytes) -> AppTest:
    at.file_uploader(key="runs_file").set_value(("run.json", file, "application/json"))
    return healthy(at.run())


def made_again(at: AppTest) -> AppTest:
    """The page after the run of the file was made again."""
    state = at.session_state["runs_upload"]
    while state.job:
        state.work(runs_of(at), 60)
    return healthy(at.run())


@pytest.mark.parametrize("choices", [SHORT, {"data": "diabetes", "hidden": "8", "rate": "0.01", "epochs": "3"}])
def test_a_run_of_a_file_goes_on_as_the_unbroken_one_does(choices):
    at = press(opened(**choices), "step_epoch")
    at.sidebar.select_slider(key="choose_rate").set_value(0.02).run()
    at = press(press(healthy(at), "step_update"), "pin")
    unbroken = run_of(at).training
    file = to_json(next(iter(runs_of(at))))
    other = made_again(upload(linked_page(FILE), file))
    assert [kind for kind, _ in told(other)] == ["good"]
    assert "bit for bit" in words(other)
    assert announced(other)["file"]
    (read,) = runs_of(other)
    assert (read.updates, read.pinned) == (unbroken.updates_done, True)
    other = press(other, "runs_go_on")
    run = run_of(other)
    assert run.choices == run_of(at).choices
    assert run.chosen == run.choices == other.session_state["choices"]
    unbroken.advance(updates=3)
    run.training.advance(updates=3)
    for ours, theirs in zip(run.training.layers, unbroken.layers, strict=True):
        np.testing.assert_array_equal(ours.W, theirs.W)


def test_what_is_on_the_page_train_is_not_lost_when_another_run_comes_back():
    at = press(two_runs(), "runs_go_on")
    at = other_page(at, "app.py")
    assert at.button(key="step_update")
    at = healthy(at.sidebar.number_input(key="choose_seed").set_value(7).run())
    at = press(press(at, "step_update"), "step_update")
    at = other_page(at, FILE)
    at = healthy(at.selectbox(key="runs_one").set_value(1).run())
    at = press(at, "runs_go_on")
    assert [ghost.curve.position["updates"][-1] for ghost in run_of(at).ghosts][-1] == 2
    assert run_of(at).training.rates[0][1] == 0.2


def test_a_run_whose_data_are_gone_stays_here_and_the_page_says_so(monkeypatch):
    def gone(choices):
        raise ValueError("The session has this data no longer.")

    at = two_runs()
    monkeypatch.setattr(one, "dataset_of", gone)
    before = run_of(at).training
    at = press(at, "runs_go_on")
    assert at.session_state["page"] == "Runs"
    assert "no longer" in told(at)[0][1]
    assert run_of(at).training is before


@pytest.mark.parametrize(
    "file", [b"", b"{}", b"\x89PNG", b"<script>alert(1)</script>", b"[" * 5_000, b" " * (MOST_BYTES + 1)]
)
def test_a_file_that_is_no_run_is_refused_with_one_sentence(file):
    at = upload(linked_page(FILE), file)
    (text,) = [text for kind, text in told(at) if kind == "bad"]
    assert text.endswith(".")
    assert announced(at)["file"].replace(" ", "") == text.replace(" ", "")
    assert len(runs_of(at)) == 0


def test_a_changed_file_is_refused_after_it_was_made_again():
    at = two_runs()
    values = json.loads(to_json(next(iter(runs_of(at)))))
    values["layers"][0]["W"][0][0] += 1e-3
    values["name"] = "<img src=x onerror=alert(1)>"
    at = made_again(upload(at, json.dumps(values).encode()))
    assert [kind for kind, _ in told(at)] == ["bad"]
    assert len(runs_of(at)) == 2
    values["data"]["fingerprint"] = "0" * 64
    at = upload(at, json.dumps(values).encode())
    assert "fingerprints" in told(at)[0][1]


def test_a_name_of_a_file_is_shown_as_text():
    at = two_runs()
    values = json.loads(to_json(next(iter(runs_of(at)))))
    values["name"] = "<img src=x onerror=alert(1)>"
    runs_of(at).delete(1)
    at = made_again(upload(at, json.dumps(values).encode()))
    assert [kind for kind, _ in told(at)] == ["good"]
    assert "<img src=x" not in html(at)


def test_making_a_run_again_can_be_stopped_and_gone_on_with():
    at = two_runs()
    file = to_json(next(iter(runs_of(at))))
    fresh = linked_page(FILE)
    fresh.file_uploader(key="runs_file").set_value(("run.json", file, "application/json"))
    state_before = healthy(fresh.run()).session_state["runs_upload"]
    if state_before.job:  # a quick machine has made it again in its first slice
        fresh = press(fresh, "runs_again_stop")
        assert not state_before.job.playing
        fresh = press(fresh, "runs_again_go_on")
    fresh = made_again(fresh)
    assert len(runs_of(fresh)) == 1
