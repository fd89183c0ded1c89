"""The page Three modes: the race, the surface, the noise and the proof, each predicted, run and marked."""

import json
import re
from dataclasses import replace
from html import escape

import numpy as np
import pytest

from mbgd.charts.batch_sizes import STYLES
from mbgd.charts.modes.race import PRICE, STAR
from mbgd.charts.words import figures
from mbgd.experiments.modes.exhaustion import mean_is
from mbgd.experiments.modes.noise import falls_to, quarter_pair
from mbgd.experiments.modes.prices import decide, prices, start_loss
from mbgd.experiments.modes.surface import how_much_longer
from mbgd.ui.kit.predict import mark
from mbgd.ui.modes import exhaustion, noise, race, surface
from mbgd.ui.modes.exhaustion import QUESTION as EXHAUSTION
from mbgd.ui.modes.noise import QUESTION as NOISE
from mbgd.ui.modes.parts import SIGNS
from mbgd.ui.modes.prices import TIE, WINS, failures, lane_names, race_claims
from mbgd.ui.modes.race import QUESTION as RACE
from mbgd.ui.modes.race import race_in_words, targets
from mbgd.ui.modes.surface import COURSES
from mbgd.ui.modes.surface import QUESTION as SURFACE
from tests.charts.encoded import caption_of, column
from tests.pages.app import (
    DIABETES,
    agreements,
    charts,
    healthy,
    html,
    in_one,
    marking,
    notes,
    opened,
    opened_page,
    other_page,
    predict,
    press,
    rows,
    run_experiment,
    run_of,
    words,
)

FILE = "pages/modes.py"
SYMBOLS = {style.symbol for style in STYLES.values()}
PARTS = {
    "surface": ("On the loss surface", SURFACE, how_much_longer),
    "noise": ("The noise of a batch", NOISE, falls_to),
    "exhaustion": ("Six rows", EXHAUSTION, lambda sizes: mean_is(sizes[1])),
}
MODULES = {"surface": surface, "noise": noise, "exhaustion": exhaustion}


def part(at, name):
    return healthy(at.segmented_control(key="modes_part").set_value(PARTS[name][0]).run())


def by_epochs(at, epochs, *sizes, seeds=1):
    """A race limited by epochs: its losses, epochs and updates do not depend on the speed of the machine."""
    at.slider(key="race_seeds").set_value(seeds).run()
    at.segmented_control(key="race_limit").set_value("epochs").run()
    at.select_slider(key="race_epochs").set_value(epochs).run()
    return healthy(at.multiselect(key="race_sizes").set_value(list(sizes)).run()) if sizes else healthy(at)


def shown_updates(at):
    """The slider of the updates that are shown of the paths."""
    return next(slider for slider in at.slider if slider.key.startswith("surface_shown_"))


def result_of(at, key):
    return at.session_state["jobs"][key].last.result


def line(at):
    """The slider that moves the line."""
    return next(slider for slider in at.select_slider if slider.key.startswith("race_target_"))


def assert_marked(at, question, picked, right):
    assert marking(at, question.key) == ("good" if picked == right else "bad")
    assert escape(question.answers[right].why) in html(at)


def marked(at, question):
    """The note under a question, as HTML."""
    elements = iter(at.main)
    assert any(element.key == f"predict_{question.key}" for element in elements)
    found = (in_one(element.proto.body) for element in elements if element.type == "html")
    return next(body for body in found if "mbgd-status" in body)


def claimed(result, target):
    """The claims made before a race, at this target."""
    return race_claims(result, decide(result, target))


def moved(at):
    """What the page says about a line that is not where the marking is; empty if it is there."""
    return "".join(re.findall(r'class="mbgd-sum mbgd-moved">([^<]*)<', html(at)))


def prices_row(at, batch_size):
    """The cells of a lane in the table of prices, without its name."""
    return next(cells[1:] for cells in rows(at) if f"B = {batch_size:,}" in cells[0] and cells[0][0] in SYMBOLS)


def raced(picked="ends", rate="0.02"):
    """A race of 4, 32 and all 353 rows, complete."""
    lanes = {"lanes": "4-32-all", "seeds": "1", "limit": "epochs", "run_epochs": "200"}
    return run_experiment(predict(opened_page(FILE, race_rate=rate, **lanes), "race", picked), "race")


# --- the race ---


def test_the_page_tells_how_long_the_race_will_take_before_it_runs():
    at = opened_page(FILE, lanes="1-16-all")
    assert "12,000 updates" in words(opened_page(FILE, lanes="1-16-all", seeds="1"))
    by_time = opened_page(FILE, lanes="1-16-all", limit="seconds")
    assert "3 batch sizes × 0.4 s = 1.2 s" in words(by_time)
    assert "learning rate 0.02" in words(at)
    of_classes = opened_page(FILE, data="moons")
    assert "learning rate 0.15" in words(of_classes)
    assert at.button(key="run_race").disabled
    at = by_epochs(at, 10, seeds=3)
    assert f"{(353 + 23 + 1) * 10 * 3:,} updates" in words(at)
    at = healthy(at.toggle(key="race_scaled").set_value(True).run())
    assert "0.00125, 0.02, 0.441" in words(at)


@pytest.mark.parametrize("picked", ["reverse", "other"])
def test_the_race_marks_each_answer_by_what_it_measured(picked):
    """The page marks a wrong answer and one that is right, too; all are marked by the same rule."""
    at = raced(picked)
    decision = decide(result_of(at, "race"), line(at).value)
    assert (decision.right, *decision.also) == ("ends", "other")  # one in between ties in updates
    assert f"{line(at).value:.3g}" in marked(at, RACE)
    assert re.search(r"epochs[^.]*: B = 4\.", marked(at, RACE))
    assert re.search(rf"updates[^.]*: {lane_names((32, 353))} ", marked(at, RACE))
    assert_marked(at, RACE, picked, picked if picked in decision.also else decision.right)
    verdict = race.PART.verdict(result_of(at, "race"))
    for name in RACE.answers:
        kind, text = mark(RACE, name, verdict)
        assert kind == ("good" if name in ("ends", "other") else "bad")
        assert escape(RACE.answers[name if kind == "good" else "ends"].why) in in_one(text)


def test_a_learning_rate_too_large_for_all_lanes_makes_another_answer_right():
    at = raced("other", rate="10.0")
    assert decide(result_of(at, "race"), line(at).value).right == "other"
    assert_marked(at, RACE, "other", "other")
    assert "B = " not in marked(at, RACE)
    assert not any("★" in cell for batch_size in (4, 32, 353) for cell in prices_row(at, batch_size))
    assert "✕" in prices_row(at, 4)[0]
    assert all(agreements(at))  # if no lane wins, no claim names a winner
    lost = [lane for lane in result_of(at, "race").lanes if lane.failures]
    assert 4 in [lane.batch_size for lane in lost]
    for sentence, lane in zip(failures(result_of(at, "race")), lost, strict=True):
        for part in (f"B = {lane.batch_size} ", f" {lane.failures[0].update:,} (", "learning rate 10"):
            assert part in sentence
        assert sentence in words(at)
    assert notes(at).count("bad") == len(lost)
    assert "nan" not in words(at).split("Engine", 1)[-1].lower()


def test_moving_the_line_makes_no_other_answer_right_and_never_restarts_the_race():
    at = raced()
    job = at.session_state["jobs"]["race"]
    before = marked(at, RACE)
    assert not moved(at)
    assert marking(at, RACE.key) == "good"
    offered = targets(job.last.result, "train")
    assert offered[0] < start_loss(job.last.result)
    for target in (offered[-1], offered[0]):
        at = healthy(line(at).set_value(target).run())
        assert at.session_state["jobs"]["race"] is job
        assert any(f"{target:.3g}" in cells[0] for cells in rows(at) if cells[-1] == "reached by")
        unreached = any(len(prices_row(at, size)) < 5 and "200" in prices_row(at, size)[0] for size in (4, 32, 353))
        assert unreached == (target == offered[-1])
        assert marked(at, RACE) == before
        assert f"{target:.3g}" in moved(at)
    at = healthy(at.segmented_control(key="race_split").set_value("val").run())
    assert marked(at, RACE) == before
    assert moved(at)
    assert "changed" not in notes(at)


def test_the_loss_to_reach_is_in_the_address_and_opens_with_it():
    at = raced()
    assert "target" not in dict(at.query_params)
    offered = targets(result_of(at, "race"), "train")
    at = healthy(line(at).set_value(offered[60]).run())
    assert float(at.query_params["target"]) == pytest.approx(offered[60], rel=1e-3)
    again = by_epochs(opened_page(FILE, race_rate="0.02", target=at.query_params["target"]), 200, 4, 32, 0)
    again = run_experiment(predict(again, "race", "ends"), "race")
    assert line(again).value == offered[60]
    again = healthy(again.slider(key="race_seeds").set_value(2).run())
    again = run_experiment(again, "race")  # another race begins at its own suggestion
    assert line(again).value != offered[60]
    assert "target" not in dict(again.query_params)


def test_the_chart_tells_its_results_and_a_saved_picture_its_settings():
    at = raced()
    result, chart = result_of(at, "race"), at.get("vega_lite_chart")[0].proto
    decision = decide(result, line(at).value)
    for price in decision.prices:
        assert f"B = {price.batch_size:,}: {figures(price.updates)} " in chart.alt
    title = " ".join(caption_of(json.loads(chart.spec))).replace("\xa0", " ")
    assert "learning rate 0.02" in title
    assert all(f"B = {lane.batch_size:,}" in title for lane in result.lanes)
    under_way = replace(result, finished=False)
    others = replace(under_way, lanes=tuple(replace(lane, train_loss=lane.train_loss * 2) for lane in result.lanes))
    assert len({race_in_words(race, decide(race, 0.5), "updates") for race in (under_way, others)}) == 1


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
    table = [prices_row(at, batch_size)[:4] for batch_size in (4, 32, 353)]
    for axis, cells in zip(WINS, zip(*table, strict=True), strict=True):
        won = [cell for cell in cells if "★" in cell]
        assert won
        assert {cell.split()[-1].strip("()") for cell in won} == {WINS[axis] if len(won) == 1 else TIE}


def test_the_line_is_never_at_the_loss_of_the_start_where_all_prices_would_be_zero():
    at = by_epochs(opened_page(FILE, race_rate="0.02"), 5, 1, 16, 0)
    at = run_experiment(predict(at, "race", "same"), "race")
    for target in (line(at).value, targets(result_of(at, "race"), "train")[0]):
        at = healthy(line(at).set_value(target).run())
        assert all(price.updates > 0 for price in prices(result_of(at, "race"), line(at).value))
        assert "★ 0 " not in words(at)


def test_if_no_lane_learns_no_lane_is_named_the_winner():
    at = by_epochs(opened_page(FILE, data="sine", size="20", validation="50", race_rate="10.0"), 20)
    at = run_experiment(predict(at, "race", "same"), "race")
    assert "B = " not in marked(at, RACE)
    assert_marked(at, RACE, "same", "other")


def test_claims_made_before_the_race_agree():
    at = raced()
    result, target = result_of(at, "race"), line(at).value
    claims = claimed(result, target)
    assert any(f"{result.expected_start:.6g}" in cells for cells in rows(at))
    by_clock = [claim for claim in claims if "seconds" in claim.says]  # on a busy machine it may differ
    assert len(by_clock) == 1
    assert all(claim.agrees for claim in claims if claim not in by_clock)
    assert agreements(at).count(False) == sum(not claim.agrees for claim in claims)
    steady = tuple(
        replace(lane, seconds=np.full(lane.seconds.shape, lane.update[-1] * (1e-5 + 1e-7 * lane.batch_size)))
        for lane in result.lanes
    )
    assert all(claim.agrees for claim in claimed(replace(result, lanes=steady), target))
    other = replace(result, lanes=tuple(replace(lane, train_loss=lane.train_loss * 2) for lane in result.lanes))
    assert claimed(result, target)[-1].agrees
    assert not claimed(other, target)[-1].agrees  # the lanes agree with each other, but not with the prediction


def test_the_claims_name_the_expected_winners_and_those_measured():
    at = raced()
    result, target = result_of(at, "race"), line(at).value
    epochs, updates, cost, _ = claimed(result, target)
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
    assert not race_claims(
        replace(result, lanes=tuple(swapped)), decide(replace(result, lanes=tuple(swapped)), target)
    )[0].agrees
    slow = replace(result.lanes[1], seconds=result.lanes[1].seconds * 9)
    fast = replace(result.lanes[1], seconds=result.lanes[1].seconds / 99)
    for lane in (slow, fast):
        assert not race_claims(
            replace(result, lanes=(result.lanes[0], lane, result.lanes[2])),
            decide(replace(result, lanes=(result.lanes[0], lane, result.lanes[2])), target),
        )[2].agrees


def test_one_batch_size_is_no_race():
    at = healthy(opened_page(FILE).multiselect(key="race_sizes").set_value([16]).run())
    assert "changed" in notes(at)
    assert not at.get("vega_lite_chart")
    assert "run_race" not in [button.key for button in at.button]
    at = healthy(at.multiselect(key="race_sizes").set_value([16, 0]).run())
    assert "2 batch sizes" in words(at)
    assert "changed" not in notes(at)
    assert "run_race" in [button.key for button in at.button]


def test_full_batch_follows_the_data_set_and_chosen_sizes_stay():
    at = healthy(opened_page(FILE).multiselect(key="race_sizes").set_value([2, 256, 0]).run())
    at = healthy(at.sidebar.selectbox(key="choose_data").set_value("moons").run())
    assert at.multiselect(key="race_sizes").value == [2, 0]  # of 240 rows, none is 256
    assert "240, all rows" in at.multiselect(key="race_sizes").options
    other_page(at, "pages/data.py")
    at = other_page(at, FILE)
    assert at.multiselect(key="race_sizes").value == [2, 0]


def test_a_race_that_would_take_too_long_is_not_offered():
    at = by_epochs(opened_page(FILE, data="digits"), 30, seeds=10)
    assert max(int(option.split()[0]) for option in at.select_slider(key="race_epochs").options) < 200
    at = healthy(at.segmented_control(key="race_limit").set_value("updates").run())
    assert at.select_slider(key="race_updates").value < 4_000  # of the network's work for all rows
    at = healthy(at.segmented_control(key="race_limit").set_value("seconds").run())
    at = healthy(at.multiselect(key="race_sizes").set_value([1, 2, 4, 8, 16, 0]).run())
    longest = max(float(option.split()[0]) for option in at.select_slider(key="race_seconds").options)
    assert longest * 6 * 10 <= 30


# --- the other parts ---


@pytest.mark.parametrize(("key", "place"), [(key, place) for key in PARTS for place in (0, -1)])
def test_each_part_marks_each_answer_by_what_it_measured(key, place):
    """The page marks the first answer, and the last; all are marked by the same rule."""
    _, question, right_of = PARTS[key]
    picked = list(question.answers)[place]
    at = part(opened_page(FILE), key)
    at = run_experiment(predict(at, key, picked), key)
    right = right_of(result_of(at, key))
    assert_marked(at, question, picked, right)
    verdict = MODULES[key].PART.verdict(result_of(at, key))
    for name in question.answers:
        kind, text = mark(question, name, verdict)
        assert kind == ("good" if name == right else "bad")
        assert escape(question.answers[right].why) in in_one(text)
    assert all(agreements(at))
    assert charts(at)


def test_the_marking_of_the_noise_tells_the_factor_from_drawing_without_replacement():
    at = part(opened_page(FILE), "noise")
    at = run_experiment(predict(at, "noise", "quarter"), "noise")
    found = result_of(at, "noise")
    small, large = quarter_pair(found.sizes)
    predicted = found.predicted[large] / found.predicted[small]
    part_of_it = 4 * predicted
    B, more = found.sizes[small], found.sizes[large]
    assert f"{predicted:.3g} = {B}/{more} × {part_of_it:.3g}" in words(at)
    assert part_of_it == pytest.approx((1 - more / 353) / (1 - B / 353))


@pytest.mark.parametrize(
    ("key", "signs"), [("surface", ["λₘₐₓ"]), ("noise", ["G", "S²", "B_simple"]), ("exhaustion", ["G", "S²"])]
)
def test_each_part_explains_the_signs_that_it_uses(key, signs):
    at = part(opened_page(FILE), key)
    for sign in signs:
        assert f"{sign} : {SIGNS[sign]}" in words(at)


def test_another_learning_rate_makes_another_answer_right_on_the_surface():
    at = part(opened_page(FILE), "surface")
    at = healthy(at.select_slider(key="surface_rate").set_value(0.2).run())
    at = run_experiment(predict(at, "surface", "many"), "surface")
    assert how_much_longer(result_of(at, "surface")) == "many"
    assert_marked(at, SURFACE, "many", "many")


def test_the_paths_can_be_followed_step_by_step():
    at = part(opened_page(FILE), "surface")
    at = run_experiment(predict(at, "surface", "several"), "surface")
    assert shown_updates(at).value == 100
    assert shown_updates(at).proto.default[:] == [100]  # the browser begins with it, whichever redraw reaches it first
    at = healthy(shown_updates(at).set_value(3).run())
    ((_, table),) = charts(at)
    assert len(column(table, "x", series="path", lane="B = 1")) == 4
    assert at.query_params["shown"] in ("3", ["3"])
    at = other_page(other_page(at, "pages/data.py"), FILE)
    assert shown_updates(at).value == 3
    assert shown_updates(healthy(shown_updates(at).set_value(5).run())).value == 5
    at = healthy(at.select_slider(key="surface_rate").set_value(0.1).run())
    assert shown_updates(at).value == 5
    assert shown_updates(run_experiment(at, "surface")).value == 100  # a new run shows all of its updates
    assert "shown" not in at.query_params


def test_a_link_says_how_many_updates_of_a_path_are_shown():
    at = opened_page(FILE, part="on-the-loss-surface", shown="7")
    assert shown_updates(run_experiment(predict(at, "surface", "several"), "surface")).value == 7


def test_for_a_data_set_of_classes_the_line_is_fitted_to_the_sine():
    at = part(opened_page(FILE, data="moons"), "surface")
    assert "sine" in at.selectbox(key="surface_input_sine").label
    assert any("sine" in caption.value for caption in at.caption)
    own = part(opened_page(FILE), "surface")
    assert not any("sine" in caption.value for caption in own.caption)


def test_paths_that_diverge_are_drawn_and_named():
    at = part(opened_page(FILE), "surface")
    at.select_slider(key="surface_rate").set_value(10.0).run()
    at.select_slider(key="surface_updates").set_value(300).run()
    at = run_experiment(predict(at, "surface", "several"), "surface")
    assert any("η = 10" in cells[0] and cells[1] == COURSES["grows"] for cells in rows(at))
    assert_marked(at, SURFACE, "several", "away")
    paths = result_of(at, "surface").paths
    for path in paths:
        assert f"{path.updates} updates, B = {path.batch_size:,} " in marked(at, SURFACE)
        assert any(
            cells[0].startswith(f"B = {path.batch_size:,} ✕") and cells[1] == f"{path.updates}" for cells in rows(at)
        )
        assert f"B = {path.batch_size:,}: {path.updates} ✕" in at.session_state["jobs"]["surface"].last.doing
    assert "1e+100" in marked(at, SURFACE)
    assert all(agreements(at))


@pytest.mark.parametrize("seed", ["1", "4"])
def test_at_the_limit_itself_full_batch_is_predicted_to_jump_between_two_points(seed):
    at = part(opened_page(FILE, data="sine", seed=seed), "surface")
    at = healthy(at.select_slider(key="surface_rate").set_value(1.0).run())
    at = run_experiment(predict(at, "surface", "several"), "surface")
    assert any("2/λₘₐₓ = 1," in cells[0] and cells[1] == COURSES["stays"] for cells in rows(at))
    assert all(agreements(at))


def test_all_batches_of_each_size_are_listed():
    at = part(opened_page(FILE), "exhaustion")
    at = run_experiment(predict(at, "exhaustion", "full"), "exhaustion")
    for B, count in ((1, 6), (3, 20), (6, 1)):
        at = healthy(at.slider(key="exhaustion_size").set_value(B).run())
        assert any(row[0].startswith("rows 1") for row in rows(at))
        ((_, table),) = charts(at)
        assert len(column(table, "x", series="batch")) == count


def test_noise_is_measured_at_weights_of_the_train_page_and_of_the_race():
    at = press(opened(**DIABETES), "step_epoch")
    at = by_epochs(other_page(at, FILE), 5, 16, 0)
    at = run_experiment(predict(at, "race", "ends"), "race")
    at = part(at, "noise")
    offered = at.selectbox(key="noise_at").options
    assert len(offered) == 4
    for name, holds in zip(offered[1:], ("23 updates", "B = 16", "B = 353"), strict=True):
        assert holds in name
    measured = []
    for name in offered[:3]:
        at = healthy(at.selectbox(key="noise_at").set_value(name).run())
        at = run_experiment(predict(at, "noise", "quarter"), "noise")
        measured.append(result_of(at, "noise").S_squared)
    assert len(set(measured)) == 3


def test_weights_of_the_train_page_that_are_about_to_overflow_are_not_offered():
    at = opened(**(DIABETES | {"rate": "10"}))
    for _ in range(5):
        at = press(at, "step_update")
    assert not run_of(at).training.diverged
    at = part(other_page(at, FILE), "noise")
    assert len(at.selectbox(key="noise_at").options) == 1  # the first weights alone
    assert_marked(run_experiment(predict(at, "noise", "quarter"), "noise"), NOISE, "quarter", "quarter")


def test_races_on_two_data_sets_end_at_different_weights():
    at = by_epochs(opened_page(FILE, data="moons"), 5, 16, 0)
    at = run_experiment(predict(at, "race", "ends"), "race")
    at = part(at, "noise")
    at = healthy(at.selectbox(key="noise_at").set_value("the end of the race, B = 16").run())
    at = run_experiment(predict(at, "noise", "quarter"), "noise")
    at = healthy(at.sidebar.selectbox(key="choose_data").set_value("circles").run())
    # Everything on this part is still about the moons, and says so.
    assert "moons" in at.main.caption[0].value
    assert all("moons" in str(caption_of(spec)) for spec, _ in charts(at))
    assert "moons" in re.findall(r'<ul class="mbgd-keep">(.*?)</ul>', html(at))[0]
    at = healthy(at.segmented_control(key="modes_part").set_value("The race").run())
    at = run_experiment(at, "race")
    at = part(at, "noise")
    at = healthy(at.selectbox(key="noise_at").set_value("the end of the race, B = 16").run())
    assert "changed" in notes(at)


@pytest.mark.parametrize("key", list(PARTS))
@pytest.mark.parametrize(
    "query",
    [
        {"data": "sine", "size": "20", "validation": "50", "hidden": "none"},
        {"data": "penguins", "hidden": "4-4-4-4-4-4", "batch": "1", "mode": "sgd", "last": "drop"},
    ],
)
def test_each_part_runs_with_any_settings_of_the_sidebar(key, query):
    at = part(opened_page(FILE, **query), key)
    answer = next(iter(PARTS[key][1].answers))
    at = run_experiment(predict(at, key, answer), key)
    assert charts(at)


@pytest.mark.parametrize("query", [{"data": "sine", "size": "20", "validation": "50", "mode": "full"}])
def test_a_race_on_ten_rows(query):
    at = by_epochs(opened_page(FILE, **query), 20)
    assert at.multiselect(key="race_sizes").value == [1, 8, 0]
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
        assert code in "\n".join(block.value for block in at.code)
