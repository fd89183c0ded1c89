"""The page Under the hood: predict, measure, see the answer marked, and read each variant beside the plain one."""

import re

import numpy as np
import pytest

from mbgd.charts.loop import NOTHING_YET
from mbgd.charts.words import in_microseconds
from mbgd.experiments.under_the_hood import update_costs
from mbgd.experiments.under_the_hood.tricks import TRICKS
from mbgd.experiments.under_the_hood.update_costs import Costs, how_much_faster
from mbgd.ui.kit.predict import mark
from mbgd.ui.under_the_hood import measured_how, question, verdict
from tests.charts.encoded import column
from tests.pages.app import (
    agreements,
    charts,
    healthy,
    html,
    notes,
    opened_page,
    other_page,
    predict,
    press,
    prose,
    run_experiment,
    source,
    unfolded,
)

FILE = "pages/under_the_hood.py"


@pytest.fixture(autouse=True)
def _short_turns(monkeypatch):
    """Short turns are enough: these tests need no precise times."""
    monkeypatch.setattr(update_costs, "TURN", 2e-4)


def figures_over_the_code(at):
    """The microseconds in the headings of the shown variants; none before the run."""
    headings = re.findall(r'<h3 class="mbgd-heading">\d .*?<span>(.*?)</span></h3>', html(at))
    return [re.findall(r"[\d.,]+ µs", heading) for heading in headings]


def test_before_the_run_the_chart_waits_and_two_variants_stand_side_by_side():
    at = opened_page(FILE)
    assert at.button(key="run_costs").disabled
    ((_, table),) = charts(at)
    assert column(table, "label", series="note").tolist() == [NOTHING_YET]
    assert [block.value.split("(")[0].split(":")[0] for block in at.code] == ["class Plain", "class AllocatedOnce"]
    assert figures_over_the_code(at) == [[], []]


def test_a_run_marks_the_answer_by_its_times_and_all_claims_agree():
    at = run_experiment(predict(opened_page(FILE, data="digits", hidden="64-32"), "hood", "hardly"), "costs")
    costs = at.session_state["jobs"]["costs"].last.result
    assert verdict(costs).right == how_much_faster(costs.times_faster)
    assert verdict(costs).measured in prose(at)
    assert agreements(at) == [True, True, True]
    ((_, table),) = charts(at)
    assert column(table, "label", series="products").tolist() == [in_microseconds(costs.floor)]
    assert figures_over_the_code(at)[1][0] == in_microseconds(costs.microseconds[2])
    assert f"**{in_microseconds(costs.floor)}**" in prose(at)
    assert measured_how(costs) in prose(unfolded(at))
    for part in ("B = 16", "1e-09", "time.perf_counter", "BLAS"):
        assert part in measured_how(costs)


@pytest.mark.parametrize("tricks_on", range(6))
def test_the_slider_shows_the_source_of_its_variant(tricks_on):
    at = opened_page(FILE, data="sine", size="50")
    at = healthy(at.select_slider(key="tricks_on").set_value(tricks_on).run())
    shown = [block.value for block in at.code]
    names = [make.__name__ for make in TRICKS.values()]
    assert len(shown) == (1 if tricks_on == 0 else 2)
    assert shown[0].startswith("class Plain:")
    assert shown[-1].startswith(f"class {names[tricks_on]}")


@pytest.mark.parametrize("times", [1.0, 1.45, 2.0, 2.9, 4.0, 9.0])
def test_every_answer_is_marked_by_the_measured_ratio(times):
    costs = Costs(16, np.array([[times, 1, 1, 1, 1, 1, 0.5]] * 2))
    asked, decided = question(16), verdict(costs)
    assert decided.right == how_much_faster(times)
    for name in asked.answers:
        kind, text = mark(asked, name, decided)
        assert (kind == "good") == (name in (decided.right, decided.near))
        assert decided.measured in text


def test_another_batch_size_needs_a_new_run_but_another_learning_rate_does_not():
    at = run_experiment(predict(opened_page(FILE, data="sine", size="20"), "hood", "two"), "costs")
    other_page(at, "app.py")
    at.sidebar.select_slider(key="choose_rate").set_value(10.0).run()
    other_page(at, FILE)
    assert "changed" not in notes(healthy(at))
    at.sidebar.select_slider(key="choose_batch").set_value(4).run()
    assert "changed" in notes(healthy(at))


def test_the_slider_keeps_its_value_on_a_change_of_page():
    at = opened_page(FILE, data="sine", size="50")
    at = healthy(at.select_slider(key="tricks_on").set_value(4).run())
    at = other_page(other_page(at, "pages/data.py"), FILE)
    assert at.select_slider(key="tricks_on").value == 4


@pytest.mark.parametrize(
    "query",
    [
        {"data": "sine", "size": "20", "validation": "50", "batch": "1"},
        {"data": "digits", "hidden": "none", "mode": "sgd", "rate": "10"},
        {"data": "digits", "hidden": "256-256-256-256-256-256", "mode": "full"},
        {"data": "moons", "hidden": "8-8", "activation": "identity", "shuffle": "no", "last": "drop"},
    ],
    ids=lambda query: "-".join(query.values()),
)
def test_every_setting_of_the_sidebar_can_be_measured_and_stopped(query):
    at = press(predict(opened_page(FILE, **query), "hood", "four"), "run_costs")
    if not at.session_state["jobs"]["costs"].finished:
        at = press(at, "stop_costs")
    assert all(agreements(at))


def test_the_source_panel_shows_the_shared_code():
    at = opened_page(FILE, data="sine", size="50")
    at.session_state["code"] = True
    code = source(healthy(at.run()))
    for name in ("class Core", "class Pass", "def error_in_place", "class ProductsAlone", "def measure_costs"):
        assert name in code
