"""The page Three modes: the race, the surface, the noise and the proof, each predicted, run and marked."""

import re
from dataclasses import replace

import numpy as np
import pytest

from mbgd.charts.modes.race import PRICE, STAR
from mbgd.experiments.modes.exhaustion import mean_is
from mbgd.experiments.modes.noise import falls_to, quarter_pair
from mbgd.experiments.modes.prices import outcome, prices, start_loss
from mbgd.experiments.modes.surface import how_much_longer
from mbgd.ui.kit.predict import mark
from mbgd.ui.modes.exhaustion import QUESTION as EXHAUSTION
from mbgd.ui.modes.noise import QUESTION as NOISE
from mbgd.ui.modes.parts import SIGNS
from mbgd.ui.modes.prices import failures, race_claims
from mbgd.ui.modes.race import QUESTION as RACE
from mbgd.ui.modes.race import _verdict as race_verdict
from mbgd.ui.modes.race import targets
from mbgd.ui.modes.surface import COURSES, surface_claims
from mbgd.ui.modes.surface import QUESTION as SURFACE
from tests.charts.encoded import column
from tests.pages.app import (
    agreements,
    charts,
    healthy,
    marking,
    notes,
    opened,
    opened_page,
    other_page,
    predict,
    press,
    prose,
    rows,
    run_experiment,
    run_of,
    source,
)

FILE = "pages/modes.py"
PARTS = {
    "surface": ("On the loss surface", SURFACE, how_much_longer),
    "noise": ("The noise of a batch", NOISE, falls_to),
    "exhaustion": ("Proof by exhaustion", EXHAUSTION, lambda sizes: mean_is(sizes[1])),
}


def part(at, name):
    return healthy(at.segmented_control(key="modes_part").set_value(PARTS[name][0]).run())


def by_epochs(at, epochs, *sizes, seeds=1):
    """A race whose losses, epochs and updates do not depend on the speed of the machine."""
    at.slider(key="race_seeds").set_value(seeds).run()
    at.segmented_control(key="race_limit").set_value("epochs").run()
    at.select_slider(key="race_epochs").set_value(epochs).run()
    return healthy(at.multiselect(key="race_sizes").set_value(list(sizes)).run()) if sizes else healthy(at)


def result_of(at, key):
    return at.session_state["jobs"][key].last.result


def line(at):
    """The slider that moves the line."""
    return next(slider for slider in at.select_slider if slider.label.startswith("Loss to reach"))


def assert_marked(at, question, picked, right):
    assert marking(at, question) == ("good" if picked == right else "bad")


def wins(at):
    """The cells of the race's table that are marked as the best of their column."""
    return [cell for row in rows(at) for cell in row if cell.startswith("★")]


def length_of_the_race(at):
    """The figures in the line that says beforehand how long the race will be."""
    page = " ".join(element.proto.body for element in at.main.get("html"))
    said = re.findall(r'<p class="mbgd-sum">(.*?)</p>', page)[-1]
    return re.findall(r"\d[\d.,]*\d|\d", said)


def raced(picked="ends", rate="0.02"):
    """A race of 4, 32 and all 353 rows, complete."""
    at = by_epochs(opened_page(FILE, rate=rate), 200, 4, 32, 0)
    return run_experiment(predict(at, "race", picked), "race")


# --- the race ---


def test_the_length_of_the_race_is_said_beforehand():
    at = opened_page(FILE)
    assert length_of_the_race(at)[:4] == ["3", "0.4", "1.2", "0.02"]
    assert at.button(key="run_race").disabled
    at = by_epochs(at, 10, seeds=3)
    assert length_of_the_race(at)[:3] == ["3", "3", f"{(353 + 23 + 1) * 10 * 3:,}"]
    at = healthy(at.toggle(key="race_scaled").set_value(True).run())
    assert length_of_the_race(at)[-3:] == ["0.00125", "0.02", "0.441"]


@pytest.mark.parametrize("picked", ["ends", "same"])
def test_the_race_marks_each_answer_by_what_it_measured(picked):
    at = raced(picked)
    target = line(at).value
    assert outcome(result_of(at, "race"), target) == "ends"
    assert_marked(at, "race", picked, "ends")
    verdict = race_verdict(result_of(at, "race"))
    kinds = {name: mark(RACE, name, verdict)[0] for name in RACE.answers}
    assert kinds == {name: "good" if name == "ends" else "bad" for name in RACE.answers}
    assert verdict.measured in prose(at)
    assert f"{target:.3g}" in verdict.measured
    assert [*re.findall(r"B = (\d+)", verdict.measured)] == ["4", "32", "353"]  # fewest epochs; a tie of updates


def test_a_rate_that_is_too_large_for_all_makes_another_answer_right():
    at = raced("other", rate="10")
    result = result_of(at, "race")
    assert outcome(result, line(at).value) == "other"
    assert_marked(at, "race", "other", "other")
    assert race_verdict(result).measured in prose(at)
    assert not wins(at)
    assert all(agreements(at))  # where nobody wins, nothing is claimed of winners
    assert notes(at).count("bad") == len(failures(result)) == 3
    for sentence in failures(result):
        assert sentence in prose(at)
        assert "B = " in sentence
        assert re.search(r"\b10\b", sentence)
    assert not any("nan" in cell.lower().split() for row in rows(at) for cell in row)


def test_moving_the_line_makes_no_other_answer_right_and_never_restarts_the_race():
    at = raced()
    job = at.session_state["jobs"]["race"]
    marked = race_verdict(job.last.result).measured
    offered = targets(job.last.result, "train")
    assert offered[0] < start_loss(job.last.result)
    for target in (offered[-1], offered[0]):
        at = healthy(line(at).set_value(target).run())
        assert at.session_state["jobs"]["race"] is job
        assert f"{target:.3g}" in rows(at)[0][0]
        assert bool(wins(at)) == (target == offered[0])
        assert all(price.reached == (target == offered[0]) for price in prices(job.last.result, target))
        assert marking(at, "race") == "good"
        assert marked in prose(at)
    at = healthy(at.segmented_control(key="race_split").set_value("val").run())
    assert marking(at, "race") == "good"
    assert marked in prose(at)
    assert "changed" not in notes(at)


def test_the_star_moves_with_the_axis_and_the_table_names_each_winner():
    at = raced()
    stars = {}
    for axis in ("updates", "epochs", "samples", "seconds"):
        at = healthy(at.segmented_control(key="race_axis").set_value(axis).run())
        ((_, table),) = charts(at)
        stars[axis] = list(column(table, "lane", series=STAR))
        assert len(column(table, "x", series=PRICE)) == 3
    assert "B = 353" in stars["updates"]
    assert "B = 4" not in stars["updates"]
    assert stars["epochs"] == stars["samples"] == ["B = 4"]
    assert len(wins(at)) >= 4  # one in each column at least


def test_no_answer_is_right_because_a_line_at_the_start_costs_nothing():
    at = by_epochs(opened_page(FILE), 5, 1, 16, 0)
    at = run_experiment(predict(at, "race", "same"), "race")
    for target in (line(at).value, targets(result_of(at, "race"), "train")[0]):
        at = healthy(line(at).set_value(target).run())
        assert all(price.updates > 0 for price in prices(result_of(at, "race"), line(at).value))
        assert wins(at)
        assert not any(cell.split()[1] == "0" for cell in wins(at))


def test_where_nobody_learns_nobody_wins():
    at = by_epochs(opened_page(FILE, data="sine", size="20", validation="50", rate="10"), 20)
    at = run_experiment(predict(at, "race", "same"), "race")
    verdict = race_verdict(result_of(at, "race"))
    assert verdict.right == "other"
    assert verdict.measured in prose(at)
    assert not re.search(r"\d", verdict.measured)  # no line to reach, and no batch size that reaches it
    assert not wins(at)
    assert_marked(at, "race", "same", "other")


def test_claims_known_beforehand_agree():
    at = raced()
    result, target = result_of(at, "race"), line(at).value
    claims = race_claims(result, target)
    by_clock = [claim for claim in claims if claim.measured.endswith("ms")]  # on a busy machine it may differ
    assert len(by_clock) == 1
    assert all(claim.agrees for claim in claims if claim not in by_clock)
    assert agreements(at)[-len(claims) :] == [claim.agrees for claim in claims]
    assert rows(at)[-1][:3] == list(claims[-1][:3])
    steady = tuple(
        replace(lane, seconds=np.full(lane.seconds.shape, lane.update[-1] * (1e-5 + 1e-7 * lane.batch_size)))
        for lane in result.lanes
    )
    assert all(claim.agrees for claim in race_claims(replace(result, lanes=steady), target))
    other = replace(result, lanes=tuple(replace(lane, train_loss=lane.train_loss * 2) for lane in result.lanes))
    assert race_claims(result, target)[-1].agrees
    assert not race_claims(other, target)[-1].agrees  # lanes that agree with each other alone


def test_the_lesson_stands_among_the_claims_with_its_winners():
    at = raced()
    result, target = result_of(at, "race"), line(at).value
    epochs, updates, cost, _ = race_claims(result, target)
    assert (epochs.predicted, epochs.measured.split(":")[0], epochs.agrees) == ("B = 4", "B = 4", True)
    assert (updates.predicted, updates.measured.split(":")[0], updates.agrees) == (
        "B = 353",
        "B = 32 and B = 353",
        True,
    )
    assert "a + c·B" in cost.says
    turned = replace(result, lanes=tuple(reversed(result.lanes)))
    swapped = [
        replace(lane, batch_size=other.batch_size) for lane, other in zip(result.lanes, turned.lanes, strict=True)
    ]
    assert not race_claims(replace(result, lanes=tuple(swapped)), target)[0].agrees
    slow = replace(result.lanes[1], seconds=result.lanes[1].seconds * 9)
    fast = replace(result.lanes[1], seconds=result.lanes[1].seconds / 99)
    for lane in (slow, fast):
        assert not race_claims(replace(result, lanes=(result.lanes[0], lane, result.lanes[2])), target)[2].agrees


def test_one_batch_size_is_no_race():
    at = healthy(opened_page(FILE).multiselect(key="race_sizes").set_value([16]).run())
    assert notes(at) == ["changed"]
    assert not [button for button in at.button if button.key == "run_race"]
    at = healthy(at.multiselect(key="race_sizes").set_value([16, 0]).run())
    assert length_of_the_race(at)[0] == "2"


def test_full_batch_follows_the_data_set_and_chosen_sizes_stay():
    at = healthy(opened_page(FILE).multiselect(key="race_sizes").set_value([2, 256, 0]).run())
    at = healthy(at.sidebar.selectbox(key="choose_data").set_value("moons").run())
    assert at.multiselect(key="race_sizes").value == [2, 0]  # of 240 rows, none is 256
    assert "240, all rows" in at.multiselect(key="race_sizes").options
    other_page(at, "pages/data.py")
    at = other_page(at, FILE)
    assert at.multiselect(key="race_sizes").value == [2, 0]


def test_a_race_that_would_be_endless_is_not_offered():
    at = by_epochs(opened_page(FILE, data="digits"), 30, seeds=10)
    assert max(int(option.split()[0]) for option in at.select_slider(key="race_epochs").options) < 200
    at = healthy(at.segmented_control(key="race_limit").set_value("seconds").run())
    at = healthy(at.multiselect(key="race_sizes").set_value([1, 2, 4, 8, 16, 0]).run())
    longest = max(float(option.split()[0]) for option in at.select_slider(key="race_seconds").options)
    assert longest * 6 * 10 <= 30


# --- the other parts ---


@pytest.mark.parametrize("key", PARTS)
@pytest.mark.parametrize("which", ["right", "wrong"])
def test_each_part_marks_the_answer_by_what_it_measured(key, which):
    _, question, right_of = PARTS[key]
    at = part(opened_page(FILE), key)
    right = {"surface": "several", "noise": "quarter", "exhaustion": "full"}[key]
    picked = right if which == "right" else next(name for name in question.answers if name != right)
    at = run_experiment(predict(at, key, picked), key)
    assert right_of(result_of(at, key)) == right
    assert_marked(at, key, picked, right)
    assert agreements(at)
    assert all(agreements(at))
    assert charts(at)


def test_the_part_of_one_less_b_over_n_is_told_with_the_quarter():
    at = part(opened_page(FILE), "noise")
    at = run_experiment(predict(at, "noise", "quarter"), "noise")
    found = result_of(at, "noise")
    small, large = quarter_pair(found.sizes)
    predicted = found.predicted[large] / found.predicted[small]
    part_of_it = 4 * predicted
    B, more = found.sizes[small], found.sizes[large]
    assert f"{predicted:.3g} = {B}/{more} × {part_of_it:.3g}" in prose(at)
    assert part_of_it == pytest.approx((1 - more / 353) / (1 - B / 353))


@pytest.mark.parametrize(
    ("key", "signs"), [("surface", ["λₘₐₓ"]), ("noise", ["G", "S²", "B_simple"]), ("exhaustion", ["G", "S²"])]
)
def test_signs_are_told_in_plain_words_on_the_part_that_uses_them(key, signs):
    at = part(opened_page(FILE), key)
    for sign in signs:
        assert f"{sign} : {SIGNS[sign]}" in prose(at)


def test_another_rate_makes_another_answer_right_on_the_surface():
    at = part(opened_page(FILE), "surface")
    at = healthy(at.select_slider(key="surface_rate").set_value(0.2).run())
    at = run_experiment(predict(at, "surface", "many"), "surface")
    assert how_much_longer(result_of(at, "surface")) == "many"
    assert_marked(at, "surface", "many", "many")


def test_the_paths_can_be_stepped_along():
    at = part(opened_page(FILE), "surface")
    at = run_experiment(predict(at, "surface", "several"), "surface")
    at = healthy(at.slider(key="surface_shown_100").set_value(3).run())
    ((_, table),) = charts(at)
    assert len(column(table, "x", series="path", lane="B = 1")) == 4


def test_a_set_of_classes_has_the_sine_for_its_line():
    at = part(opened_page(FILE, data="moons"), "surface")
    assert at.selectbox(key="surface_input_sine").label.endswith("sine")


def test_a_diverging_walk_is_drawn_and_told():
    at = part(opened_page(FILE), "surface")
    at.select_slider(key="surface_rate").set_value(10.0).run()
    at.select_slider(key="surface_updates").set_value(300).run()
    at = run_experiment(predict(at, "surface", "several"), "surface")
    found = result_of(at, "surface")
    assert surface_claims(found)[1].predicted == COURSES["grows"]
    assert_marked(at, "surface", "several", "away")
    doing = at.session_state["jobs"]["surface"].last.doing
    for path in found.paths:
        assert path.updates < 300
        assert any(f"B = {path.batch_size:,}" in row[0] and "✕" in row[0] for row in rows(at))
        assert f"B = {path.batch_size:,}: {path.updates} ✕" in doing
    assert not re.search(r"\b300\b", doing)
    assert agreements(at)
    assert all(agreements(at))


@pytest.mark.parametrize("seed", ["1", "4"])
def test_at_the_limit_itself_full_batch_is_predicted_to_bounce(seed):
    at = part(opened_page(FILE, data="sine", seed=seed), "surface")
    at = healthy(at.select_slider(key="surface_rate").set_value(1.0).run())
    at = run_experiment(predict(at, "surface", "several"), "surface")
    found = result_of(at, "surface")
    assert found.surface.limit == pytest.approx(found.rate)
    assert surface_claims(found)[1].predicted == COURSES["stays"]
    assert all(agreements(at))


def test_all_batches_of_each_size_are_listed():
    at = part(opened_page(FILE), "exhaustion")
    at = run_experiment(predict(at, "exhaustion", "full"), "exhaustion")
    for B, count in ((1, 6), (3, 20), (6, 1)):
        at = healthy(at.slider(key="exhaustion_size").set_value(B).run())
        listed = [row[0] for row in rows(at) if row[0].startswith("rows ")]
        assert len(set(listed)) == count
        ((_, table),) = charts(at)
        assert len(column(table, "x", series="batch")) == count


def test_noise_is_measured_at_weights_of_the_train_page_and_of_the_race():
    at = press(opened(), "step_epoch")
    at = by_epochs(other_page(at, FILE), 5, 16, 0)
    at = run_experiment(predict(at, "race", "ends"), "race")
    at = part(at, "noise")
    offered = at.selectbox(key="noise_at").options
    assert [re.findall(r"\d+", name) for name in offered] == [[], ["23"], ["16"], ["353"]]
    measured = []
    for name in offered[:3]:
        at = healthy(at.selectbox(key="noise_at").set_value(name).run())
        at = run_experiment(predict(at, "noise", "quarter"), "noise")
        measured.append(result_of(at, "noise").S_squared)
    assert len(set(measured)) == 3


def test_weights_of_the_train_page_that_are_about_to_overflow_are_not_offered():
    at = opened(rate="10")
    for _ in range(5):
        at = press(at, "step_update")
    assert not run_of(at).training.diverged
    at = part(other_page(at, FILE), "noise")
    assert len(at.selectbox(key="noise_at").options) == 1  # the first weights
    assert_marked(run_experiment(predict(at, "noise", "quarter"), "noise"), "noise", "quarter", "quarter")


def test_the_ends_of_races_over_other_data_are_other_weights():
    at = by_epochs(opened_page(FILE, data="moons"), 5, 16, 0)
    at = run_experiment(predict(at, "race", "ends"), "race")
    at = part(at, "noise")
    end_of_16 = next(name for name in at.selectbox(key="noise_at").options if name.endswith("B = 16"))
    at = healthy(at.selectbox(key="noise_at").set_value(end_of_16).run())
    at = run_experiment(predict(at, "noise", "quarter"), "noise")
    at = healthy(at.sidebar.selectbox(key="choose_data").set_value("circles").run())
    at = healthy(at.segmented_control(key="modes_part").set_value("The race").run())
    at = run_experiment(at, "race")
    at = part(at, "noise")
    at = healthy(at.selectbox(key="noise_at").set_value(end_of_16).run())
    assert "changed" in notes(at)


@pytest.mark.parametrize("key", list(PARTS))
@pytest.mark.parametrize(
    "query",
    [
        {"data": "sine", "size": "20", "validation": "50", "hidden": "none"},
        {"data": "penguins", "hidden": "4-4-4-4-4-4", "batch": "1", "mode": "sgd", "last": "drop"},
    ],
)
def test_any_sidebar_will_do(key, query):
    at = part(opened_page(FILE, **query), key)
    answer = next(iter(PARTS[key][1].answers))
    at = run_experiment(predict(at, key, answer), key)
    assert charts(at)


@pytest.mark.parametrize("query", [{"data": "sine", "size": "20", "validation": "50", "mode": "full"}])
def test_a_race_over_ten_rows(query):
    at = by_epochs(opened_page(FILE, **query), 20)
    assert at.multiselect(key="race_sizes").value == [1, 0]
    run_experiment(predict(at, "race", "same"), "race")


def test_each_part_shows_the_source_it_runs():
    at = opened_page(FILE)
    for key, code in (
        (None, "def epoch_order("),
        ("noise", "def sample_gradients("),
        ("exhaustion", "def all_batches("),
    ):
        at = part(at, key) if key else at
        at.session_state["code"] = True
        at = healthy(at.run())
        assert code in source(at)
