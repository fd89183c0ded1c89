"""The charts of the last loop: fields are columns, each measurement is in its place, and labels match."""

from dataclasses import replace

import numpy as np
import pytest

from mbgd.charts.loop import (
    ALL,
    CHOSEN,
    COUNTED,
    ENDING,
    FIXED,
    FRAME,
    MEDIAN,
    NOTE,
    NOTHING_YET,
    PEAK,
    PREDICTED,
    SPREAD,
    UNDER_WAY,
    bars_chart,
    bars_table,
    decades,
    memory_chart,
    memory_table,
    ratio_chart,
    ratio_table,
    throughput_chart,
    throughput_table,
)
from mbgd.charts.words import short
from mbgd.experiments.loop.timing import Throughput, WayTimes
from mbgd.experiments.loop.ways import LOOP, MATRICES, SAMPLE, WAYS
from tests.charts.encoded import assert_draws, column, numbers

SIZES = (1, 2, 4, 8, 10)


def a_speed(rounds_done=2):
    """Per row: 10 ms one at a time, 4 ms in a loop, 8 ms / B as matrices; the second round takes twice as long."""
    B = np.array(SIZES)
    one = np.stack([np.full(5, 10e-3), np.full(5, 4e-3), 8e-3 / B], axis=1)  # (sizes, ways)
    seconds = np.stack([one, 2 * one, 3 * one])
    seconds[rounds_done:] = np.nan
    return WayTimes(10, SIZES, 8, seconds, np.full((5, 3), 10))


def a_throughput(peak=3, measured=5):
    rows = np.array([1e5, 2e5, 4e5, 8e5, 6e5])
    rows[peak] = 9e6
    seconds = np.stack([0.8 / rows, 1 / rows, 1.25 / rows])
    seconds[:, measured:] = np.nan
    return Throughput(4, SIZES, (1, 2, 3, 4, 5), seconds)


# --- bars ---


def test_the_bars_draw_every_row():
    tables = [bars_table(speed, 8) for speed in (None, a_speed(0), a_speed(1), a_speed(3))]
    assert_draws(bars_chart().to_dict(), *tables)
    for table in tables:
        assert np.isfinite(table["milliseconds"].to_numpy()).all()


def test_bars_are_marked_until_all_rounds_are_measured():
    for done in (1, 2):
        table = bars_table(a_speed(done), 8)
        assert not set(WAYS) & set(column(table, "series"))
        for name in WAYS:
            (label,) = column(table, "label", series=name + UNDER_WAY)
            assert f"{done} of 3" in label
            assert "×" not in label
    assert set(WAYS) <= set(column(bars_table(a_speed(3), 8), "series"))


@pytest.mark.parametrize("B", SIZES)
def test_a_bar_is_the_median_epoch_and_its_label_has_the_ratio(B):
    table = bars_table(a_speed(3), B)  # the median is the second round
    for name, milliseconds in ((SAMPLE, 200), (LOOP, 80), (MATRICES, 160 / B)):
        assert column(table, "milliseconds", series=name, way=name) == pytest.approx([milliseconds])
    label = column(table, "label", series=SAMPLE)[0]
    assert label == f"200 ms  ×{short(200 / (160 / B))}"
    assert column(table, "label", series=MATRICES)[0].endswith("×1")
    assert column(table, "milliseconds", series=FRAME).max() > 1.5 * 200


@pytest.mark.parametrize("speed", [None, a_speed(0)])
def test_without_a_measurement_there_is_a_note(speed):
    for table in (bars_table(speed, 8), ratio_table(speed, 10, 8)):
        assert column(table, "label", series=NOTE).tolist() == [NOTHING_YET]
        assert not set(WAYS) & set(column(table, "series"))


def test_a_chosen_size_of_another_data_set_shows_the_nearest():
    assert bars_table(a_speed(), 1_437).equals(bars_table(a_speed(), 10))


# --- the ratio ---


def test_the_ratio_draws_every_row():
    states = [(speed, B) for speed in (None, a_speed(1), a_speed(3)) for B in (1, 8, 10)]
    assert_draws(ratio_chart().to_dict(), *(ratio_table(speed, 10, B) for speed, B in states))


def test_the_ratio_is_against_the_matrices():
    table = ratio_table(a_speed(), 10, 4)
    assert column(table, "x", series=SAMPLE).tolist() == list(SIZES)
    np.testing.assert_allclose(column(table, "y", series=SAMPLE), 10 / 8 * np.array(SIZES))
    np.testing.assert_allclose(column(table, "y", series=LOOP), 4 / 8 * np.array(SIZES))
    assert column(table, "y", series=MATRICES).tolist() == [1, 1]
    top, bottom = column(table, "y", series=FRAME).max(), column(table, "y", series=FRAME).min()
    assert bottom < 0.5 < 12.5 < top


def test_the_label_of_the_chosen_size_ends_at_it_on_the_right():
    assert column(ratio_table(a_speed(), 10, 2), "label", series=CHOSEN).tolist() == ["B = 2"]
    assert column(ratio_table(a_speed(), 10, 10), "label", series=CHOSEN + ENDING).tolist() == ["B = 10"]


def test_only_measured_sizes_are_drawn():
    speed = a_speed(1)
    speed.seconds[0, 3:, :] = np.nan
    assert column(ratio_table(speed, 10, 2), "x", series=SAMPLE).tolist() == [1, 2, 4]


# --- rows per second ---


def test_the_throughput_draws_every_row():
    few_rows = replace(a_throughput(), n_samples=3)
    measured = [None, a_throughput(), a_throughput(measured=0), a_throughput(0, 1), few_rows]
    tables = [throughput_table(throughput, 16) for throughput in measured]
    assert_draws(throughput_chart().to_dict(), *tables)
    for table in tables:
        assert all(np.isfinite(values).all() and (values > 0).all() for values in numbers(table).values())


def test_rows_per_second_are_medians_with_quartiles_and_a_labelled_peak():
    table = throughput_table(a_throughput(), 16)
    np.testing.assert_allclose(column(table, "y", series=MEDIAN), [1e5, 2e5, 4e5, 9e6, 6e5])
    assert (column(table, "y", series=SPREAD) < column(table, "y", series=MEDIAN)).all()
    assert (column(table, "y2", series=SPREAD) > column(table, "y", series=MEDIAN)).all()
    assert column(table, "x", series=PEAK + ENDING).tolist() == [8]
    assert column(table, "label", series=PEAK + ENDING).tolist() == ["peak: 9 million at B = 8"]
    assert column(table, "label", series=ALL + ENDING).tolist() == ["all rows, N = 4"]
    left = throughput_table(a_throughput(0), 16)
    assert column(left, "x", series=PEAK).tolist() == [1]
    assert column(table, "y", series=FRAME).tolist() == [1e5, 1e7]


# --- memory ---


def test_memory_draws_counted_and_predicted():
    sizes = np.array(SIZES)
    predicted = 80 * sizes + 100
    table = memory_table(sizes, predicted[:3], predicted, 100, 4)
    assert_draws(memory_chart().to_dict(), table, memory_table(sizes, predicted[:3], predicted, 100, 1))
    assert column(table, "y", series=PREDICTED).tolist() == predicted.tolist()
    assert column(table, "x", series=COUNTED).tolist() == [1, 2, 4]
    assert column(table, "y", series=FIXED).tolist() == [100, 100]
    assert column(table, "y", series=FRAME).tolist() == [100, 1000]


def test_decades_leave_room_around_the_numbers():
    assert decades(np.array([3.0, 40.0])) == (1, 100)
    assert decades(np.array([1.0, 99.0])) == (1, 1000)
