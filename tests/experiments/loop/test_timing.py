"""Timing: every figure is measured in turns, on the rows that are counted, and gives the right answer."""

from dataclasses import replace

import numpy as np
import pytest

from mbgd.experiments.compare import nearly
from mbgd.experiments.loop import timing
from mbgd.experiments.loop.timing import (
    OFF,
    Throughput,
    TimedWay,
    WayTimes,
    batches_of,
    compare_ways,
    how_many_times,
    measure_throughput,
    plan_turn,
    powers_of_two,
    quantile,
    turns,
    what_happens,
)
from mbgd.experiments.loop.ways import LOOP, MATRICES, SAMPLE, WAYS
from mbgd.experiments.step import finish
from tests.experiments.loop.test_ways import epoch_of

NAN = np.nan


class Clock:
    """A clock that moves when a way is called: some seconds per call, and some per row."""

    def __init__(self, monkeypatch, a_call, a_row):
        self.now = 0.0
        self.calls = []
        for name, way in list(WAYS.items()):
            monkeypatch.setitem(WAYS, name, self.timed(name, way, a_call[name], a_row[name]))
        monkeypatch.setattr(timing, "perf_counter", lambda: self.now)

    def timed(self, name, way, a_call, a_row):
        def wrapped(batch):
            self.calls.append((name, len(batch.X)))
            self.now += a_call + a_row * len(batch.X)
            return way(batch)

        return wrapped


def slow_loops(monkeypatch, a_row=30e-6):
    a_call = {SAMPLE: 0.0, LOOP: 10e-6, MATRICES: 20e-6}
    return Clock(monkeypatch, a_call, {SAMPLE: a_row, LOOP: a_row / 3, MATRICES: 1e-7})


# --- pieces ---


@pytest.mark.parametrize(
    ("largest", "expected"), [(1, [1]), (2, [1, 2]), (16, [1, 2, 4, 8, 16]), (20, [1, 2, 4, 8, 16, 20])]
)
def test_the_sizes_are_powers_of_two_and_the_largest(largest, expected):
    assert powers_of_two(largest) == expected


def test_the_batches_of_an_epoch_hold_every_row_once():
    assert batches_of(10, 4) == [slice(0, 4), slice(4, 8), slice(8, 10)]
    assert batches_of(10, 4, 3) == [slice(0, 3), slice(4, 7), slice(8, 10)]
    assert batches_of(10, 400) == [slice(0, 10)]


def test_quantiles_are_over_the_rounds_done_so_far():
    seconds = np.array([[[1.0, 4.0]], [[3.0, NAN]], [[2.0, NAN]]])
    assert quantile(seconds).tolist() == [[2.0, 4.0]]
    assert np.isnan(quantile(np.full((3, 2), NAN))).all()
    assert quantile(seconds[:, 0, 0], 0.25) == 1.5


def test_in_each_round_all_take_a_turn_and_a_different_one_begins():
    class Fixed:
        def __init__(self, name):
            self.name, self.rows = name, 2

        def seconds(self):
            taken.append(self.name)
            return 4.0

    taken = []
    groups = [[Fixed("a"), Fixed("b"), Fixed("c")], [Fixed("d")]]
    found = list(turns(groups, 3))
    assert taken == ["a", "b", "c", "d", "b", "c", "a", "d", "c", "a", "b", "d"]
    assert [(number, group, member) for number, group, member, _ in found][4:7] == [(1, 0, 1), (1, 0, 2), (1, 0, 0)]
    assert {seconds for *_, seconds in found} == {2.0}


@pytest.mark.parametrize(("a_row", "rows"), [(1e-6, 2_160), (30e-6, 240), (100e-6, 32), (5e-3, 16)])
def test_a_turn_is_whole_epochs_or_whole_batches(monkeypatch, a_row, rows):
    clock = slow_loops(monkeypatch, a_row)
    epoch = epoch_of("moons")  # 240 rows
    turn = plan_turn(WAYS[SAMPLE], epoch, batches_of(240, 16))
    assert turn.rows == rows
    clock.calls.clear()
    assert turn.seconds() == pytest.approx(rows * a_row)
    assert clock.calls == [(SAMPLE, 16)] * (rows // 16)


def test_a_delay_of_the_machine_does_not_shorten_a_turn(monkeypatch):
    clock = slow_loops(monkeypatch)
    delays = iter([1.0] + [0.0] * 10_000)
    way = WAYS[SAMPLE]

    def delayed(batch):
        clock.now += next(delays)
        return way(batch)

    assert plan_turn(delayed, epoch_of("moons"), batches_of(240, 16)).rows == 16  # one try is enough
    delays = iter([0.015] + [0.0] * 10_000)
    assert plan_turn(delayed, epoch_of("moons"), batches_of(240, 16)).rows == 240


def test_the_spread_is_the_middle_half_over_the_median():
    seconds = np.array([[1.0, 10], [2.0, 20], [3.0, 30], [4.0, 40], [5.0, 50]])
    assert timing.spread(seconds) == pytest.approx(2 / 3)
    assert timing.spread(np.full((3, 2, 2), 7.0)) == 0


def test_each_turn_begins_at_the_first_weights():
    epoch = epoch_of("moons")
    before = [W.copy() for W, _, _ in epoch.layers]
    TimedWay(WAYS[MATRICES], epoch, batches_of(240, 8)).seconds()
    for old, (W, _, _) in zip(before, epoch.layers, strict=True):
        np.testing.assert_array_equal(old, W)


# --- three ways ---


def test_the_ways_are_compared_by_the_clock(monkeypatch):
    slow_loops(monkeypatch)
    steps = list(compare_ways(epoch_of("moons"), 64, rounds=2))
    speed = steps[-1].result
    assert speed.sizes == (1, 2, 4, 8, 16, 32, 64, 128, 240)
    assert np.isfinite(speed.seconds).all()
    B = np.array(speed.sizes)
    np.testing.assert_allclose(speed.epoch_seconds[:, 0], 240 * 30e-6)
    whole = speed.rows % 240 == 0
    assert whole.all()
    updates = -(-240 // B)
    np.testing.assert_allclose(speed.epoch_seconds[:, 1], 240 * 10e-6 + updates * 10e-6)
    np.testing.assert_allclose(speed.epoch_seconds[:, 2], 240 * 1e-7 + updates * 20e-6)
    np.testing.assert_allclose(speed.times_as_long[:, 2], 1)
    np.testing.assert_allclose(speed.times_as_long[:, 0], speed.epoch_seconds[:, 0] / speed.epoch_seconds[:, 2])


def test_progress_grows_to_exactly_one_and_results_are_not_changed_afterwards():
    steps, copies = [], []
    for step in compare_ways(epoch_of("sine"), 64, rounds=2):
        steps.append(step)
        copies.append(step.result.seconds.copy())
    shares = [step.share for step in steps]
    assert shares == sorted(shares)
    assert shares[0] > 0
    assert shares[-1] == 1
    assert len(set(shares)) == len(shares)
    for step, copy in zip(steps, copies, strict=True):
        np.testing.assert_array_equal(step.result.seconds, copy)


def test_gradients_and_weights_agree_at_every_size():
    speed = finish(compare_ways(epoch_of("moons", (5, 3), "tanh"), 64, rounds=1))
    assert [agreement.batch_size for agreement in speed.agreements] == list(speed.sizes)
    for agreement in speed.agreements:
        assert agreement.rows == agreement.batch_size
        assert agreement.difference <= 1e-12 < agreement.largest
    assert speed.weights is not None
    assert speed.weights <= 1e-12
    assert speed.updates == 4  # 240 rows in batches of 64


def test_a_wrong_way_is_found(monkeypatch):
    right = WAYS[LOOP]
    monkeypatch.setitem(WAYS, LOOP, lambda batch: [(1.001 * dW, db) for dW, db in right(batch)])
    speed = finish(compare_ways(epoch_of("moons"), 64, rounds=1))
    assert min(agreement.difference for agreement in speed.agreements) > 1e-6
    assert speed.weights is not None
    assert speed.weights > 1e-9


def test_slow_loops_are_timed_on_the_first_rows_of_a_batch(monkeypatch):
    clock = slow_loops(monkeypatch, a_row=3e-3)
    speed = finish(compare_ways(epoch_of("moons"), 64, rounds=2))
    cut = {agreement.batch_size: agreement.rows for agreement in speed.agreements}
    assert cut[16] == 16
    assert cut[32] < 32
    assert max(rows for name, rows in clock.calls if name == SAMPLE) <= 64  # only in the epoch that is compared
    assert {rows for name, rows in clock.calls if name == MATRICES} >= {64, 128, 240}
    np.testing.assert_allclose(quantile(speed.seconds)[:, 0], 3e-3)
    assert speed.updates == 1


def test_the_nearest_size_is_the_size_itself_where_there_is_one():
    speed = WayTimes(20, (1, 2, 4, 8, 16, 20), 20, np.full((1, 6, 3), NAN), np.zeros((6, 3)))
    assert [speed.sizes[speed.nearest(B)] for B in (1, 4, 20, 1_437, 5)] == [1, 4, 20, 20, 4]


@pytest.mark.parametrize(
    ("ratio", "name"),
    [
        (0.7, "same"),
        (1.99, "same"),
        (2, "few"),
        (9.9, "few"),
        (10, "tens"),
        (49.9, "tens"),
        (50, "more"),
        (700, "more"),
    ],
)
def test_the_ratio_says_which_answer_is_right(ratio, name):
    assert how_many_times(ratio) == name


@pytest.mark.parametrize(
    ("ratio", "near"), [(1, None), (1.9, "few"), (2.1, "same"), (5, None), (9, "tens"), (41, "more"), (60, "tens")]
)
def test_a_ratio_near_the_border_is_near_the_other_answer(ratio, near):
    assert nearly(how_many_times, ratio, OFF) == near


# --- rows per second ---


def test_rows_per_second_are_measured_at_every_size(monkeypatch):
    Clock(monkeypatch, {name: 20e-6 for name in WAYS}, {name: 1e-6 for name in WAYS})
    steps = list(measure_throughput(epoch_of("moons"), rounds=1))
    throughput = steps[-1].result
    assert throughput.sizes == (1, 2, 4, 8, 16, 32, 64, 128, 240, *(2**i for i in range(8, 15)))
    assert throughput.n_samples == 240
    np.testing.assert_allclose(throughput.quartiles[1][:8], [1 / (20e-6 / B + 1e-6) for B in throughput.sizes[:8]])
    assert what_happens(throughput) == "rise"
    shares = [step.share for step in steps]
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert len(throughput.bytes) == len(throughput.sizes)
    assert all(np.diff(throughput.bytes) > 0)


def test_a_slow_network_gets_no_batch_larger_than_all_rows(monkeypatch):
    Clock(monkeypatch, {name: 0.0 for name in WAYS}, {name: 1e-3 for name in WAYS})
    throughput = finish(measure_throughput(epoch_of("moons"), rounds=1))
    assert throughput.sizes[-1] == 240


def test_the_peak_and_the_quartiles_are_of_the_rounds():
    seconds = 1 / np.array([[1.0, 10, 4], [3.0, 30, 12], [2.0, 20, 8], [NAN, NAN, NAN]])
    throughput = Throughput(10, (1, 2, 4), (1, 1, 1), seconds)
    assert throughput.peak == 1
    np.testing.assert_allclose(throughput.quartiles[1], [2, 20, 8])
    assert (throughput.quartiles[0] < throughput.quartiles[1]).all()
    assert (throughput.quartiles[1] < throughput.quartiles[2]).all()


@pytest.mark.parametrize(
    ("rows_a_second", "name"),
    [
        ([10, 11, 12, 11], "same"),
        ([10, 50, 100, 99], "rise"),
        ([10, 50, 100, 86], "rise"),
        ([10, 50, 100, 60], "peak"),
        ([100, 80, 50, 30], "fall"),
    ],
)
def test_the_medians_say_which_answer_is_right(rows_a_second, name):
    seconds = 1 / np.array([rows_a_second], dtype=float)
    throughput = Throughput(10, (1, 2, 4, 8), (1, 1, 1, 1), seconds)
    assert what_happens(throughput) == name
    assert what_happens(replace(throughput, seconds=seconds / 7)) == name
