"""The chart of the race: median and band of each lane on four axes, the target loss, and the stars of the winners."""

from dataclasses import replace

import numpy as np
import pytest

from mbgd import Settings, load
from mbgd.charts.batch_sizes import batch_name
from mbgd.charts.modes.race import (
    FRAME,
    LANE,
    NAME,
    NAME_GAP,
    PRICE,
    STAR,
    TARGET,
    above_the_top,
    apart,
    band_name,
    clear,
    middle_and_band,
    race_chart,
    race_ends,
    race_table,
)
from mbgd.experiments.modes.lanes import AXES
from mbgd.experiments.modes.prices import prices, winners
from mbgd.experiments.modes.race import race
from mbgd.experiments.modes.rules import Rules
from mbgd.experiments.step import finish
from tests.charts.encoded import assert_draws, column, fields

TO_REACH = 0.6


@pytest.fixture(scope="module")
def run():
    return finish(race(load("diabetes"), Settings(1, 1, 0.02), Rules((4, 32, 353), 3, "epochs", 60)))


@pytest.mark.parametrize("log_y", [True, False])
@pytest.mark.parametrize("log_x", [True, False])
@pytest.mark.parametrize("split", ["train", "val"])
@pytest.mark.parametrize("axis", AXES)
def test_a_line_is_the_median_over_the_seeds_and_its_band_their_range(run, axis, split, log_x, log_y):
    table = race_table(run, axis, split, TO_REACH, log_x, log_y)
    left, right, bottom, top = race_ends(run, axis, split, log_x, log_y)
    for lane in run.lanes:
        of_lane = {"series": LANE, "lane": batch_name(lane.batch_size)}
        first = 1 if log_x else 0  # a logarithmic axis cannot show the start
        x = np.median(lane.position(axis), axis=1)[first:]
        losses = lane.losses(split)[first:]
        np.testing.assert_allclose(column(table, "x", **of_lane), x)
        np.testing.assert_allclose(column(table, "loss", **of_lane), np.median(losses, axis=1))
        np.testing.assert_allclose(column(table, "low", **of_lane), losses.min(axis=1).clip(bottom, top))
        np.testing.assert_allclose(column(table, "high", **of_lane), losses.max(axis=1).clip(bottom, top))
    everything = table["x"].to_numpy()
    assert (everything >= left).all()
    assert (everything <= right).all()
    heights = table["y"].to_numpy()
    assert ((heights >= bottom * (1 - 1e-12)) & (heights <= top * (1 + 1e-12))).all()


@pytest.mark.parametrize("axis", AXES)
def test_prices_are_on_the_target_line_and_the_lowest_has_a_star(run, axis):
    table = race_table(run, axis, "train", TO_REACH, True, True)
    paid = prices(run, TO_REACH)
    assert column(table, "y", series=TARGET).tolist() == [TO_REACH]
    reached = [price for price in paid if np.isfinite(price.updates)]
    assert len(reached) >= 2
    assert column(table, "x", series=PRICE).tolist() == [getattr(price, axis) for price in reached]
    assert set(column(table, "lane", series=STAR)) == {batch_name(size) for size in winners(paid)[axis]}


def test_a_diverged_lane_ends_with_a_cross_and_stays_in_the_frame(run):
    wild = run.lanes[0]
    losses = wild.train_loss.copy()
    losses[20:40] = 1e200
    losses[40:, :2] = np.inf
    lost = replace(run, lanes=(replace(wild, train_loss=losses), *run.lanes[1:]))
    table = race_table(lost, "updates", "train", TO_REACH, True, True)
    names = dict(zip(column(table, "lane", series=NAME), column(table, "text", series=NAME), strict=True))
    assert names == {"B = 4": "✕ B = 4 diverged", "B = 32": "B = 32", "B = 353": "B = 353"}
    assert np.isfinite(column(table, "y", series=LANE)).all()
    assert len(column(table, "x", series=LANE, lane="B = 4")) == 39
    bottom, top = column(table, "y", series=FRAME)
    assert top == race_ends(run, "updates", "train", True, True)[3]  # a loss of 1e200 does not stretch the axis
    assert 0 < bottom < top


@pytest.mark.parametrize(("seeds", "low", "high"), [(1, 0, 0), (3, 0, 2), (4, 1, 2), (5, 1, 3), (6, 1, 4), (10, 2, 7)])
def test_from_four_seeds_on_the_band_is_their_middle_half(run, seeds, low, high):
    losses = np.random.default_rng(0).permuted(np.tile(np.arange(1.0, seeds + 1), (7, 1)), axis=1)  # (C, S)
    losses[-1, losses[-1] == seeds] = np.inf
    lane = replace(run.lanes[0], update=np.arange(7), train_loss=losses, seconds=np.ones(losses.shape))
    _, middle, lower, upper = middle_and_band(lane, "updates", "train")
    assert (lower[:-1] == low + 1).all()
    assert (upper[:-1] == high + 1).all()
    assert (lower <= middle).all()
    assert ("quarter" in band_name(seeds)) == (seeds >= 4)
    assert ("all" in band_name(seeds)) == (1 < seeds < 4)


def test_if_all_lanes_diverge_names_do_not_overlap_and_there_is_no_star(run):
    climbs = np.array([[1.0], [3.0], [1e5], [1e99]])
    for last, word in ((np.inf, "diverged"), (1e99, "diverges")):
        climbs[-1] = last
        lanes = tuple(
            replace(lane, update=np.arange(4), train_loss=climbs, val_loss=climbs, seconds=np.ones(climbs.shape))
            for lane in run.lanes
        )
        table = race_table(replace(run, lanes=lanes), "updates", "train", 0.9, True, True)
        assert column(table, "text", series=NAME).tolist() == [f"✕ B = {size} {word}" for size in (4, 32, 353)]
        ends = np.log(race_ends(replace(run, lanes=lanes), "updates", "train", True, True)[2:])
        heights = np.log(sorted(column(table, "y", series=NAME))) / np.ptp(ends)
        assert np.diff(heights).min() >= NAME_GAP * (1 - 1e-9)
        assert not len(column(table, "x", series=STAR))


def test_names_near_each_other_are_moved_apart():
    heights = apart([(0.9, 0.5), (0.9, 0.5), (0.95, 0.49), (0.2, 0.5)], NAME_GAP)
    near = sorted(heights[:3])
    assert np.diff(near).min() >= NAME_GAP * (1 - 1e-9)
    assert heights[3] == 0.5
    assert apart([], NAME_GAP) == []
    at_the_top = sorted(apart([(0.9, 1.0), (0.8, 1.0), (0.9, 0.99)], NAME_GAP))
    np.testing.assert_allclose(at_the_top, [1 - 2 * NAME_GAP, 1 - NAME_GAP, 1])
    wide = sorted(apart([(0.4, 1.0), (0.7, 1.0)], NAME_GAP, 0.4))
    np.testing.assert_allclose(wide, [1 - NAME_GAP, 1])


def test_a_name_that_other_lines_would_cross_is_below_them():
    x = np.linspace(0, 0.9, 50)
    own, other = (x[:40], np.full(40, 0.5)), (x, np.full(50, 0.5 + NAME_GAP / 2))
    end = own[0][-1]
    assert clear(end, 0.5, [own]) == 0.5
    assert clear(end, 0.5, [own, (x, other[1] + NAME_GAP)]) == 0.5
    assert clear(end, 0.5, [own, other]) == pytest.approx(0.5 - NAME_GAP / 2)
    assert clear(end, 0.01, [own, (x, np.full(50, 0.01))]) == pytest.approx(0.01 + NAME_GAP)
    assert clear(0.9, 0.5, [other]) == 0.5


def test_the_axis_grows_in_steps_while_the_race_goes_on(run):
    ends = set()
    for checkpoints in range(60, 64):
        lanes = tuple(
            replace(
                lane,
                update=lane.update[:checkpoints],
                train_loss=lane.train_loss[:checkpoints],
                val_loss=lane.val_loss[:checkpoints],
                seconds=lane.seconds[:checkpoints],
            )
            for lane in run.lanes
        )
        ends.add(race_ends(replace(run, lanes=lanes, finished=False), "updates", "train", True, True))
    assert len(ends) == 1


@pytest.mark.parametrize("log_x", [True, False])
def test_the_chart_draws_its_table(run, log_x):
    names, styles = ("B = 4", "B = 32", "B = 353"), ("4", "32", "all")
    spec = race_chart("updates", log_x, True, "mean squared error", names, styles).to_dict()
    assert_draws(spec, race_table(run, "updates", "train", TO_REACH, log_x, True))
    assert fields(spec) == {"series", "x", "y", "low", "high", "loss", "lane", "text", "hover"}
    bands = next(layer for layer in spec["layer"] if layer["mark"]["type"] == "area")
    assert 1 - (1 - bands["mark"]["opacity"]) ** 6 < 0.4  # six bands over each other still hide nothing
    lines = next(layer for layer in spec["layer"] if layer["mark"]["type"] == "line")
    assert lines["encoding"]["strokeDash"]["scale"]["domain"] == lines["encoding"]["color"]["scale"]["domain"]
    ranges = lines["encoding"]["strokeDash"]["scale"]["range"]
    assert len({tuple(dash) for dash in ranges}) == 3


@pytest.mark.parametrize("log_y", [False, True])
def test_lanes_above_the_top_of_the_chart_are_named(run, log_y):
    top, names = above_the_top(run, "train", log_y)
    first, *others = run.lanes
    assert names == [
        batch_name(lane.batch_size) for lane in run.lanes if np.median(lane.train_loss, axis=1).max() > top
    ]
    high = first.train_loss.copy()
    high[1] = 2 * top
    _, names = above_the_top(replace(run, lanes=(replace(first, train_loss=high), *others)), "train", log_y)
    assert batch_name(first.batch_size) in names
