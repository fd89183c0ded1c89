"""The page Remove the last loop: predict, run, and get marked by what was measured; every setting of the sidebar."""

import re

import numpy as np
import pytest

from mbgd.charts.loop import NOTHING_YET
from mbgd.charts.words import in_bytes, short
from mbgd.experiments.loop import timing
from mbgd.experiments.loop.timing import how_many_times, what_happens
from mbgd.experiments.loop.ways import SAMPLE, WAYS
from mbgd.experiments.step import finish
from mbgd.ui.kit.predict import UNSURE, mark
from mbgd.ui.loop.ways import (
    THROUGHPUT_QUESTION,
    how_steady,
    measured_how,
    speed_question,
    speed_verdict,
    throughput_verdict,
)
from tests.charts.encoded import column
from tests.experiments.loop.test_timing import epoch_of
from tests.pages.app import (
    agreements,
    charts,
    healthy,
    html,
    marking,
    notes,
    opened_page,
    other_page,
    predict,
    press,
    prose,
    rows,
    run_experiment,
    source,
    unfolded,
    words,
)

FILE = "pages/loop.py"
SMALL = {"data": "sine", "size": "50"}  # 40 training rows


@pytest.fixture(autouse=True)
def _short_turns(monkeypatch):
    """The times measured here need not be precise."""
    monkeypatch.setattr(timing, "TURN", 2e-4)


def result_of(at, key):
    return at.session_state["jobs"][key].last.result


def headings(at):
    """The headings of the page's pictures and sections, without the small words beside them."""
    return re.findall(r'class="mbgd-heading">([^<]*)', html(at))


def memory_claim(at):
    """What is counted, the bytes predicted, the bytes counted, and whether they agree."""
    return next(row for row in rows(at) if row[1].startswith("8 · ("))


def test_before_the_run_charts_are_empty_and_the_three_codes_and_the_counted_memory_are_shown():
    at = opened_page(FILE)
    assert at.button(key="run_speed").disabled
    tables = [table for _, table in charts(at)]
    assert len(tables) == 4
    for table in tables[:3]:
        assert column(table, "label", series="note").tolist() == [NOTHING_YET]
    code = [block.value for block in at.code]
    assert [text.split("(")[0] for text in code] == [
        "def one_by_one",
        "def adding_up",
        "def as_matrices",
        "def dense_forward",
        "def parameter_gradients",
    ]
    assert rows(at)[-1][1] == "8 · (64 · 76 + 386) = 42,000"
    assert rows(at)[-1][2].startswith("42,000")
    says, predicted, counted, _ = memory_claim(at)
    assert "B = 64" in says
    assert predicted == "8 · (64 · 76 + 386) = 42,000"
    assert counted.split()[0] == "42,000"
    assert agreements(at) == [True]


def test_a_run_marks_the_answer_by_what_it_measured_and_shows_that_all_agree():
    at = run_experiment(predict(opened_page(FILE), "loop_speed", "same"), "speed")
    speed = result_of(at, "speed")
    at_64 = speed.sizes.index(64)
    ratio = speed.times_as_long[at_64][list(WAYS).index(SAMPLE)]
    assert how_many_times(ratio) != "same"
    assert marking(at, "loop_speed") == "bad"
    assert speed_verdict(speed).measured in words(at)
    assert f"{short(ratio)} times" in speed_verdict(speed).measured
    assert agreements(at) == [True] * 3
    bars = charts(at)[0][1]
    label = column(bars, "label", series=SAMPLE)[0]
    assert label.endswith(f"×{short(ratio)}")
    said = prose(unfolded(at))
    for part in (f"{timing.ROUNDS} rounds", "time.perf_counter", "1 BLAS thread", np.__version__, "353 rows"):
        assert part in said


def test_no_bar_is_drawn_unless_the_question_is_answered():
    def bars(at):
        return set(charts(at)[0][1]["series"].to_pylist()) & set(WAYS)

    at = opened_page(FILE, **SMALL)
    assert at.button(key="run_speed").disabled
    assert not bars(at)
    at = run_experiment(predict(at, "loop_speed", UNSURE), "speed")
    assert bars(at) == set(WAYS)
    assert not bars(press(at, "again_speed"))


def test_the_chosen_size_moves_the_bars_without_a_new_run():
    at = run_experiment(predict(opened_page(FILE, **SMALL), "loop_speed", UNSURE), "speed")
    at = healthy(at.select_slider(key="loop_batch").set_value(40).run())
    assert "B = 40" in headings(at)[0]
    assert any("B = 40" in row[0] for row in rows(at))
    assert "B = 40" in headings(at)[0]
    assert any("B = 40" in row[0] for row in rows(at) if row != memory_claim(at))
    speed = result_of(at, "speed")
    milliseconds = column(charts(at)[0][1], "milliseconds", series=SAMPLE)[0]
    assert milliseconds == pytest.approx(1e3 * speed.epoch_seconds[speed.sizes.index(40), 0])
    assert at.button(key="run_speed").disabled  # no new run is called for


def test_every_answer_is_marked_as_the_run_says():
    at = run_experiment(predict(opened_page(FILE, data="sine", size="20"), "loop_speed", "few"), "speed")
    speed, question = result_of(at, "speed"), speed_question(16)
    assert "B = 16" in question.text
    verdict = speed_verdict(speed)
    assert verdict.right == how_many_times(speed.times_as_long[speed.nearest(16)][0])
    for name in question.answers:
        kind, text = mark(question, name, verdict)
        assert (kind == "good") == (name in (verdict.right, verdict.near))
        assert verdict.measured in text
        explained = verdict.right if name == verdict.near else name
        assert question.answers[explained].why in text.replace("&#x27;", "'")


def test_rows_per_second_are_measured_and_marked():
    at = run_experiment(predict(opened_page(FILE), "loop_throughput", "same"), "throughput")
    throughput = result_of(at, "throughput")
    verdict = throughput_verdict(throughput)
    assert verdict.right == what_happens(throughput) != "same"
    assert verdict.measured in prose(at)
    for name in THROUGHPUT_QUESTION.answers:
        assert (mark(THROUGHPUT_QUESTION, name, verdict)[0] == "good") == (name == verdict.right)
    said = prose(unfolded(at))
    assert in_bytes(throughput.bytes[throughput.peak]) in said
    assert f"{timing.THROUGHPUT_ROUNDS} rounds" in said
    table = charts(at)[2][1]
    assert any(series.startswith("peak") for series in table["series"].to_pylist())


def test_it_can_be_stopped_and_goes_on_after_a_look_at_another_page():
    at = press(predict(opened_page(FILE, data="moons"), "loop_speed", "tens"), "run_speed")
    at = press(at, "stop_speed")
    share = at.session_state["jobs"]["speed"].last.share
    assert 0 < share < 1
    assert f"{share:.0%}" in at.get("progress")[0].proto.text
    at = other_page(other_page(at, "pages/data.py"), FILE)
    assert at.session_state["jobs"]["speed"].last.share == share
    at = run_experiment(at, "speed")
    assert result_of(at, "speed").epoch_seconds.shape == (9, 3)


def test_after_a_change_of_the_data_set_old_measurements_stay_with_a_note():
    at = run_experiment(predict(opened_page(FILE, **SMALL), "loop_speed", "tens"), "speed")
    at = healthy(at.select_slider(key="loop_batch").set_value(40).run())
    at.sidebar.selectbox(key="choose_data").set_value("diabetes").run()
    assert "changed" in notes(healthy(at))
    assert at.select_slider(key="loop_batch").value == 64
    assert "B = 40" in headings(at)[0]  # the largest that was measured
    assert not at.button(key="run_speed").disabled


def test_the_batch_size_and_the_rate_of_the_sidebar_do_not_make_a_run_old():
    at = run_experiment(predict(opened_page(FILE, data="sine", size="20"), "loop_speed", "tens"), "speed")
    other_page(at, "app.py")
    at.sidebar.select_slider(key="choose_batch").set_value(4).run()
    at.sidebar.select_slider(key="choose_rate").set_value(10.0).run()
    other_page(at, FILE)
    assert "changed" not in notes(healthy(at))


@pytest.mark.parametrize(
    "query",
    [
        {"data": "sine", "size": "20", "validation": "50"},
        {"data": "digits", "hidden": "none"},
        {"data": "digits", "hidden": "256-256-256-256-256-256"},
        {"data": "penguins", "hidden": "3-2", "activation": "sigmoid", "shuffle": "no", "rate": "10"},
        {"data": "moons", "size": "2000", "hidden": "8-8", "activation": "identity", "mode": "full"},
    ],
    ids=lambda query: "-".join(query.values()),
)
def test_every_setting_of_the_sidebar_has_its_page(query):
    at = opened_page(FILE, **query)
    assert agreements(at) == [True]
    for key, answer in (("speed", "tens"), ("throughput", "rise")):
        at = press(predict(at, f"loop_{key}", answer), f"run_{key}")
        if not at.session_state["jobs"][key].finished:
            at = press(at, f"stop_{key}")


def test_a_wide_network_is_counted_only_up_to_a_batch_size_that_the_page_tells():
    at = opened_page(FILE, data="digits", hidden="256-256-256-256-256-256")
    assert "B = 128" in prose(unfolded(at))
    at = healthy(at.select_slider(key="loop_batch").set_value(1_437).run())
    assert "B = 128" in rows(at)[-1][0]
    assert "B = 128" in memory_claim(at)[0]


def test_the_source_is_shown_when_it_is_asked_for():
    at = opened_page(FILE)
    before = len(at.code)
    at.session_state["code"] = True
    code = source(healthy(at.run()))
    assert len(at.code) > before
    for name in ("def dense_backward_batch", "class TimedWay", "def live_bytes", "def backward"):
        assert name in code


@pytest.mark.parametrize(
    ("count", "text"),
    [(12, "12 bytes"), (42_000, "42 kB"), (9_961_472, "9.96 MB"), (3.2e9, "3.2 GB")],
)
def test_bytes_in_words(count, text):
    assert in_bytes(count) == text


def test_the_page_tells_from_which_batch_size_on_the_loops_run_on_a_part_of_the_batch(monkeypatch):
    monkeypatch.setattr(timing, "LONGEST", 1e-9)
    speed = finish(timing.compare_ways(epoch_of("sine"), 64, rounds=1))
    assert re.search(r"B = 2\b", measured_how(speed))
    monkeypatch.setattr(timing, "LONGEST", 0.1)
    speed = finish(timing.compare_ways(epoch_of("sine"), 64, rounds=1))
    assert not re.search(r"B = \d", measured_how(speed))


def test_rounds_that_disagree_bring_a_warning():
    calm, busy = np.full((4, 3), 1e-3), np.array([[1e-3], [2e-3], [3e-3], [9e-3]])
    assert re.findall(r"\d+%", how_steady(calm)) == ["0%"]
    assert "**" not in how_steady(calm)
    assert how_steady(busy).count("**") == 2  # a warning in bold
