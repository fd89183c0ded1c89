"""The page Train as a learner uses it, without a browser. Each run of the script is one tick of play."""

import re
from urllib.parse import parse_qs

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from mbgd.share.choices import DEFAULT, arithmetic
from mbgd.ui.train.compared import lesson
from mbgd.ui.train.numbers import batch_sentence
from mbgd.ui.train.run import FIRST_SLICE
from tests.pages.app import (
    DIABETES,
    charts,
    healthy,
    html,
    in_one,
    numbers,
    opened,
    other_page,
    plain,
    press,
    run_of,
    told,
    words,
)


def loss_rows(at: AppTest, series: str) -> list[dict]:
    return [row for row in charts(at)[0][1].to_pylist() if row["series"] == series]


def test_the_first_screen_explains_itself():
    at = opened()
    assert arithmetic(240, run_of(at).training.settings, updates=15, last_rows=16) in words(at)
    ((kind, text),) = told(at)
    assert kind == "plain"
    assert numbers(in_one(text).split("Step 1 update")[1]) == [16, 240]
    assert in_one(batch_sentence(run_of(at))) in html(at)
    assert at.get("progress")[0].proto.text == "Epoch 0 of 100 · update 0 of 1,500"
    assert [button.disabled for button in at.button] == [False, False, True, False, False, False, True]


def test_every_control_has_a_tooltip_of_one_sentence():
    at = opened(data="moons")
    controls = [*at.sidebar.selectbox, *at.sidebar.number_input, *at.sidebar.text_input, *at.sidebar.toggle]
    controls += [slider for slider in at.sidebar.select_slider if slider.label != "Rows in a batch"]
    assert len(controls) >= 11
    for control in controls:
        assert control.help, control.label
        assert control.help.endswith(".")
        assert control.help.count(". ") == 0, control.label


def test_a_moment_without_a_picked_batch_mode_keeps_the_one_before(monkeypatch):
    at, control = opened(**DIABETES, mode="full"), st.segmented_control
    monkeypatch.setattr(
        st, "segmented_control", lambda label, *a, **k: None if label == "Batch size" else control(label, *a, **k)
    )
    at = healthy(at.run())
    assert numbers(told(at)[0][1].split("Step 1 update")[1]) == [353]


def test_step_one_update_makes_one_update_and_shows_its_batch():
    at = press(opened(**DIABETES), "step_update")
    run = run_of(at)
    assert run.training.updates_done == 1
    last = run.training.last
    assert last is not None
    assert in_one(batch_sentence(run)) in html(at)
    ringed = [row for row in charts(at)[1][1].to_pylist() if row["series"] == "this batch"]
    assert len(ringed) == 16
    target = run.dataset.targets.restore(run.dataset.Y_train[last.rows])[:, 0]
    assert np.allclose([row["x"] for row in ringed], target)


def test_step_one_epoch_ends_at_the_end_of_the_epoch():
    at = press(press(opened(**DIABETES), "step_update"), "step_epoch")
    assert run_of(at).training.updates_done == 23
    assert len(loss_rows(at, "training rows")) == 3  # before the first update, after it, and after the epoch


def test_train_plays_to_the_end_and_reports_it():
    at = opened(**DIABETES, epochs="3")
    at.select_slider(key="speed").set_value("full speed").run()
    at = press(at, "train")
    for _ in range(5):
        healthy(at.run())
    assert run_of(at).training.finished
    assert not run_of(at).playing
    ((kind, text),) = told(at)
    assert kind == "good"
    assert numbers(text) == [3, 69]
    assert at.button(key="train").disabled
    assert at.get("progress")[0].proto.value == 100


def test_the_first_click_on_train_shows_points_at_once():
    at = press(opened(**DIABETES), "train")
    assert len(loss_rows(at, "batch loss")) >= 1


def test_pause_stops_and_train_goes_on_with_the_same_network():
    at = press(opened(**DIABETES, epochs="10000"), "train")
    at = press(at, "pause")
    paused = run_of(at).training.updates_done
    at.run()
    assert run_of(at).training.updates_done == paused
    training = run_of(at).training
    at = press(at, "train")
    assert run_of(at).training is training
    assert training.updates_done > paused


def test_a_change_of_learning_rate_acts_on_the_running_network():
    at = press(opened(**DIABETES, epochs="10000"), "train")
    training = run_of(at).training
    at.select_slider(key="choose_rate").set_value(0.005).run()
    assert run_of(healthy(at)).training is training
    assert training.learning_rate == 0.005
    assert run_of(at).playing


def test_a_change_of_batch_size_is_named_and_keeps_the_old_curve_as_a_ghost():
    at = press(press(opened(**DIABETES), "step_epoch"), "step_epoch")
    old = run_of(at).training
    at.select_slider(key="choose_batch").set_value(64).run()
    ((kind, text),) = told(healthy(at))
    assert kind == "changed"
    assert "batch size 16 → 64." in text
    assert run_of(at).training is old
    assert not loss_rows(at, "earlier run")
    at = press(at, "step_epoch")
    assert run_of(at).training.plan.batch_size == 64
    assert {row["run"] for row in loss_rows(at, "earlier run")} == {"diabetes, B = 16, rate 0.02, hidden layers 16"}
    at = press(at, "reset")
    assert loss_rows(at, "earlier run")
    assert run_of(at).training.updates_done == 0
    at = press(at, "ghosts_forget")
    assert not loss_rows(at, "earlier run")


def test_changing_back_leaves_the_run_as_it_was():
    at = press(opened(**DIABETES), "step_epoch")
    at.select_slider(key="choose_batch").set_value(64).run()
    at.select_slider(key="choose_batch").set_value(16).run()
    assert [kind for kind, _ in told(healthy(at))] == ["plain"]
    assert not run_of(at).stale


def test_more_epochs_let_a_finished_run_go_on():
    at = press(opened(**DIABETES, epochs="1"), "step_epoch")
    assert run_of(at).training.finished
    at.number_input(key="choose_epochs").set_value(2).run()
    assert not at.button(key="train").disabled
    at = press(at, "step_epoch")
    assert run_of(at).training.epochs_done == 2


def test_a_diverged_run_stops_keeps_its_chart_and_suggests_a_smaller_rate():
    at = opened(data="plane", rate="10", hidden="none")
    at.select_slider(key="speed").set_value("full speed").run()
    at = press(at, "train")
    healthy(at.run())
    run = run_of(at)
    assert run.training.diverged
    failure = run.training.failure
    assert failure is not None
    ((kind, text),) = told(at)
    assert kind == "bad"
    assert numbers(text)[:4] == [failure.update, failure.epoch, 16, 10]
    table = charts(at)[0][1]
    assert len(loss_rows(at, "batch loss")) > 3
    for column in ("x", "y", "loss"):
        assert np.isfinite(table[column].to_numpy()).all()
    assert at.button(key="train").disabled
    run.advice.work(60.0)
    at = healthy(at.run())
    assert numbers(told(at)[0][1])[4:] == [run.advice.safe.rate, run.advice.safe.epochs]
    run = run_of(press(at, "set_rate"))
    assert at.select_slider(key="choose_rate").value == run.chosen.rate == run.advice.safe.rate


@pytest.mark.parametrize(
    "data", ["diabetes", "penguins", "digits", "sine", "plane", "xor", "circles", "moons", "spiral"]
)
def test_every_data_set_has_its_picture(data):
    at = press(opened(data=data), "step_update")
    (_, loss), *pictures = charts(at)
    assert loss.num_rows > 4
    assert all(picture.num_rows > 50 for _, picture in pictures)
    assert bool(pictures) == (data != "digits")
    assert ('<table class="mbgd-confusion"' in html(at)) == (data in ("digits", "penguins"))
    if data == "digits":
        assert html(at).count("✓") + html(at).count("✕") == 20 + 16
        assert len(re.findall(r"unit \d+", words(at))) == 16


@pytest.mark.parametrize(("mode", "batch"), [("sgd", 1), ("full", 353)])
def test_stochastic_and_full_batch_are_other_batch_sizes(mode, batch):
    at = opened(**DIABETES, mode=mode)
    assert run_of(at).training.plan.batch_size == batch
    at = press(at, "step_update")
    last = run_of(at).training.last
    assert last is not None
    assert len(last.rows) == batch


@pytest.mark.parametrize("axis", ["updates", "epochs", "samples", "seconds"])
@pytest.mark.parametrize("log", [False, True])
def test_the_loss_chart_has_four_axes_and_two_scales(axis, log):
    at = press(opened(**DIABETES), "step_epoch")
    next(group for group in at.get("button_group") if group.key == "x_axis").set_value(axis)
    at.toggle(key="log_loss").set_value(log).run()
    spec, table = charts(healthy(at))[0]
    ends = [row["x"] for row in loss_rows(at, "training rows")]
    expected = {"updates": 23, "epochs": 1, "samples": 353, "seconds": run_of(at).training.seconds}
    assert ends == [0, expected[axis]]
    assert spec["encoding"]["y"]["scale"].get("type", "linear") == ("log" if log else "linear")  # of all layers
    assert min(table["y"].to_pylist()) > (0 if log else -1e-9)


def test_a_bad_hidden_layer_is_named_and_loses_nothing():
    at = press(opened(**DIABETES), "step_epoch")
    at.text_input(key="choose_hidden").set_value("16, x").run()
    ((kind, text),) = [note for note in told(at) if "'x'" in note[1]]
    assert kind == "bad"
    assert {1, 256} <= set(numbers(text))
    assert not run_of(healthy(at)).stale
    assert run_of(at).training.updates_done == 23
    at.text_input(key="choose_hidden").set_value("").run()
    assert "bad" not in [kind for kind, _ in told(at)]
    assert run_of(at).chosen.hidden == ()


def test_a_bad_link_is_named_and_the_rest_of_it_used():
    at = opened(batch="0", rate="0.1", hidden="8-8", data="moons")
    complaint, _ = told(at)
    assert complaint[0] == "changed"
    assert "batch=0" in complaint[1]
    assert numbers(complaint[1])[-4:] == [1, 100_000, 0, 16]  # the limits, the value, and the value used instead
    run = run_of(at)
    assert run.training.settings.hidden == (8, 8)
    assert run.training.learning_rate == 0.1
    assert run.dataset.name == "moons"
    at.select_slider(key="choose_rate").set_value(0.2).run()
    assert complaint not in told(at)


def test_choices_are_written_into_the_address():
    at = opened()
    assert dict(at.query_params) == {}
    at.select_slider(key="choose_rate").set_value(0.1).run()
    at.text_input(key="choose_hidden").set_value("").run()
    assert dict(at.query_params) == {"rate": "0.1", "hidden": "none"}


def test_another_data_set_begins_with_its_own_noise():
    at = opened(data="moons", noise="0.5")
    assert at.number_input(key="choose_noise").value == 0.5
    at.selectbox(key="choose_data").set_value("circles").run()
    assert at.number_input(key="choose_noise").value == pytest.approx(0.08)
    assert run_of(healthy(at)).dataset.name == "circles"


def test_the_code_panel_shows_the_source_of_the_engine():
    at = opened(**DIABETES)
    assert not at.code
    at.session_state["code"] = True
    at = healthy(at.run())
    code = "\n".join(block.value for block in at.code)
    assert "Z = X @ W.T + b  # (B, n) @ (n, k) + (k,) -> (B, k)" in code
    assert "def minibatches(" in code
    assert "def mse_and_derivative(" in code
    assert "W -= learning_rate * dW" in code
    assert "def calls(" in code


def test_a_link_cannot_bring_markup_into_the_page():
    at = opened(batch="<img src=//example.org>![x](//example.org/x.png)")
    assert "<img src=//" not in html(at)
    assert "&lt;img src=//example.org&gt;" in html(at)
    assert not any("example.org" in block.value for block in at.markdown)


# --- the comparison of three batch sizes ---


def test_one_click_compares_three_batch_sizes_and_says_what_was_seen():
    at = press(opened(), "compare")
    compared = run_of(at).compared
    assert compared.playing
    assert at.button(key="train").disabled
    assert at.button(key="compare").disabled
    compared.comparison.advance(100, np.inf)
    compared.playing = False
    at = healthy(at.run())
    lanes = compared.comparison.lanes
    assert told(at) == [("good", plain(lesson(lanes, 100)))]
    assert html(at).count("<figure") == 3
    assert {row["run"] for row in loss_rows(at, "compared")} == {"B = 1", "B = 16", "B = 240"}
    for lane in lanes:
        assert f"{lane.accuracy:.1%}" in html(at)
    at = press(at, "try_second")
    run = run_of(at)
    assert (run.chosen.rate, run.chosen.hidden) == (0.1, (32,))
    assert dict(at.query_params) == {"rate": "0.1", "hidden": "32", "trained": "compared"}
    assert run.compared.playing  # it begins at once
    assert run.compared.choices.rate == 0.1
    assert {row["mark"] for row in loss_rows(at, "earlier run")} == {"a", "b", "c"}
    run.compared.comparison.advance(100, np.inf)
    run.compared.playing = False
    at = press(healthy(at.run()), "try_first")
    assert run_of(at).chosen == DEFAULT


def test_a_comparison_outlives_a_look_at_another_page_and_pause_stops_it():
    at = press(opened(epochs="10000"), "compare")
    compared = run_of(at).compared
    while not compared.comparison.done:  # a busy machine makes no epoch in the first slice
        compared.play(FIRST_SLICE)
    at = other_page(at, "pages/data.py")
    at = press(other_page(at, "app.py"), "pause")
    assert run_of(at).compared is compared
    assert not compared.playing
    assert not at.button(key="compare").disabled
    assert at.button(key="compare").label == "Go on comparing"
    at = press(at, "step_update")
    assert run_of(at).compared is None
    assert len(run_of(at).ghosts) == 3
    assert at.button(key="compare").label == "Go on comparing"
    at = press(at, "compare")
    assert run_of(at).compared is compared


def test_earlier_runs_are_named_hidden_and_deleted_one_by_one():
    at = press(opened(**DIABETES), "step_epoch")
    for batch in (64, 32):
        at.select_slider(key="choose_batch").set_value(batch).run()
        at = press(at, "step_epoch")
    one, two = (ghost.number for ghost in run_of(at).ghosts)
    at.text_input(key=f"ghost_name_{one}").set_value("<i>first</i>").run()
    assert "<i>first" not in html(at)
    assert "<i>first</i>" in {row["run"] for row in loss_rows(healthy(at), "earlier run")}
    at = press(at, f"ghost_hide_{one}")
    assert {row["mark"] for row in loss_rows(at, "earlier run")} == {"b"}
    at = press(press(at, f"ghost_hide_{one}"), f"ghost_delete_{two}")
    assert {row["mark"] for row in loss_rows(at, "earlier run")} == {"a"}


def test_the_losses_are_a_table_and_files_once_the_run_stands():
    at = opened(**DIABETES)
    assert not folds(at) & {"details_losses", "numbers_picture", "take_home"}
    at = press(at, "step_epoch")
    assert folds(at) >= {"details_losses", "numbers_picture", "take_home"}
    at.session_state["details_losses"] = True
    at = healthy(at.run())
    (frame,) = at.dataframe
    assert list(frame.value["updates"]) == [0, 23]
    assert files(at) == ["png_losses", "svg_losses", "csv_losses"]
    at = press(at, "train")
    assert not at.dataframe
    assert not files(at)


def test_a_run_that_stands_can_be_taken_home_and_one_that_plays_not():
    at = press(opened(**DIABETES), "step_epoch")
    at.session_state["take_home"] = True
    at = healthy(at.run())
    assert files(at) == ["save_script", "save_notebook"]
    assert "python diabetes-batch-16.py" in " ".join(caption.value for caption in at.caption)
    assert not files(press(at, "train"))
    at = press(opened(**DIABETES), "compare")
    assert "take_home" not in folds(at)


def folds(at: AppTest) -> set[str]:
    """The keys of the folds of the page."""
    return {panel.proto.id.rpartition("-")[2] for panel in at.expander}


def files(at: AppTest) -> list[str]:
    """The keys of the buttons that save a file."""
    return [element.proto.id.rpartition("-")[2] for element in at.get("download_button")]


def test_single_steps_stay_drawn_when_an_epoch_is_stepped():
    at = opened()
    for _ in range(6):
        at = press(at, "step_update")
    before = [(row["loss"]) for row in loss_rows(at, "training rows")]
    at = press(at, "step_epoch")
    assert [row["loss"] for row in loss_rows(at, "training rows")][:7] == before


def test_the_weight_of_a_short_last_batch_stands_under_the_arithmetic_with_a_link_to_its_lesson():
    at = opened(**DIABETES)
    (caption,) = at.sidebar.caption
    assert numbers(caption.value)[:2] == [1, 16]
    queries = [parse_qs(link.proto.query_string) for link in at.sidebar.get("page_link")]
    assert [query for query in queries if query.get("mistake") == ["last_dropped"] and query["data"] == ["diabetes"]]
    assert not opened().sidebar.caption


# --- after a reload ---


def test_after_a_reload_one_click_trains_the_same_run_again():
    at = press(opened(), "step_epoch")
    assert dict(at.query_params) == {"trained": "15"}
    again = opened(**dict(at.query_params))
    assert [kind for kind, _ in told(again)] == ["changed", "plain"]
    assert dict(again.query_params) == {"trained": "15"}  # a second reload says the same
    keys = [button.key for button in again.main.button]
    assert keys.index("train_again") < keys.index("train")  # on the first screen, however low it is
    again = press(again, "train_again")
    assert run_of(again).training.evaluate("train") == run_of(at).training.evaluate("train")
    assert [kind for kind, _ in told(again)] == ["plain"]


def test_after_a_reload_a_comparison_can_be_made_again():
    at = press(opened(), "compare")
    assert dict(at.query_params) == {"trained": "compared"}
    again = press(opened(**dict(at.query_params)), "compare_again")
    assert run_of(again).compared
    assert run_of(again).compared.key == run_of(at).compared.key


def test_what_was_lost_is_no_longer_offered_once_other_choices_are_made():
    at = opened(trained="15")
    at = healthy(at.sidebar.number_input(key="choose_seed").set_value(3).run())
    assert [kind for kind, _ in told(at)] == ["plain"]
    assert dict(at.query_params) == {"seed": "3"}


def test_the_list_of_earlier_runs_says_which_one_was_dropped():
    at = opened()
    for batch in (1, 2, 4, 8, 32, 64, 128):
        assert not any("dropped" in panel.label for panel in at.expander)
        at = press(at, "step_update")
        at = healthy(at.sidebar.select_slider(key="choose_batch").set_value(batch).run())
    press(at, "step_update")
    (label,) = [panel.label for panel in at.expander if panel.label.startswith("Earlier runs")]
    assert "a was dropped" in label
    assert ("changed", "a") in [
        (kind, text.rpartition(" was dropped")[0].rpartition(" ")[2]) for kind, text in told(at)
    ]


def test_a_run_that_ended_above_its_first_loss_can_be_trained_again_as_it_says():
    at = opened(data="diabetes", hidden="16-16", rate="1", epochs="2")
    at = press(press(at, "step_epoch"), "step_epoch")
    assert run_of(at).grown > 1
    assert "<b>Learning rate</b>" in html(at)
    assert at.button(key="train").disabled
    at = healthy(at.sidebar.select_slider(key="choose_rate").set_value(0.02).run())
    assert not at.button(key="train").disabled
    assert "1 → 0.02" in html(at)  # as other settings that need a new network are told
    at = press(at, "step_update")
    assert run_of(at).training.learning_rate == 0.02
    assert run_of(at).training.updates_done == 1
    assert len(run_of(at).ghosts) == 1


def test_after_the_last_update_more_epochs_go_on_with_a_new_learning_rate():
    at = opened(data="diabetes", hidden="16", rate="0.02", epochs="1")
    at = press(at, "step_epoch")
    at = healthy(at.sidebar.select_slider(key="choose_rate").set_value(0.01).run())
    assert run_of(at).stale
    at = healthy(at.sidebar.number_input(key="choose_epochs").set_value(2).run())
    assert not run_of(at).stale
    updates = run_of(at).training.updates_done
    assert run_of(press(at, "step_update")).training.updates_done == updates + 1


def test_the_coloured_button_is_the_one_that_the_words_name_first():
    def coloured(at: AppTest) -> list[str]:
        return [key for key in ("train", "compare") if at.button(key=key).proto.type == "primary"]

    at = opened()
    assert coloured(at) == ["compare"]
    assert coloured(press(at, "step_update")) == ["train"]


def test_a_run_to_be_made_again_is_in_the_address_before_the_page_is_whole(monkeypatch):
    monkeypatch.setattr("mbgd.ui.train.live_part.note_trained", lambda run: None)  # a quick click comes before it
    at = press(opened(trained="40"), "train_again")
    assert at.query_params["trained"] in ("40", ["40"])
