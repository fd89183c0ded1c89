"""The noise of a batch against its size, and all batch gradients of a handful of rows."""

import numpy as np
import pytest

from mbgd import Settings, load
from mbgd.charts.modes.noise import (
    BATCH,
    FRAME,
    FULL,
    MEAN,
    MEASURED,
    PREDICTED,
    batches_chart,
    batches_table,
    cosine_chart,
    cosine_table,
    noise_chart,
    noise_table,
)
from mbgd.experiments.modes.exhaustion import every_size
from mbgd.experiments.modes.noise import noise, noise_sizes, predicted_noise
from mbgd.experiments.plain import start
from mbgd.experiments.step import finish
from tests.charts.encoded import assert_draws, column


@pytest.fixture(scope="module")
def found():
    dataset = load("moons")
    layers = start(dataset, Settings(1, 1, 0.1, (4,)))
    return finish(noise(layers, dataset, noise_sizes(240), 60, np.random.default_rng(1)))


@pytest.fixture(scope="module")
def sizes():
    dataset = load("moons")
    layers = start(dataset, Settings(1, 1, 0.1, (4,)))
    return finish(every_size(layers, dataset.X_train[:6], dataset.Y_train[:6], dataset.loss))


def test_measured_points_are_at_their_sizes_with_bars_of_two_standard_errors(found):
    table = noise_table(found)
    assert column(table, "x", series=MEASURED).tolist() == list(found.sizes[:-1])  # without B = N
    np.testing.assert_allclose(column(table, "y", series=MEASURED), found.squared[:-1])
    bottom, top = column(table, "y", series=FRAME)
    high = (found.squared + 2 * found.squared_error)[:-1].clip(bottom, top)
    np.testing.assert_allclose(column(table, "high", series=MEASURED), high)
    assert bottom > 0
    curve = column(table, "x", series=PREDICTED), column(table, "y", series=PREDICTED)
    np.testing.assert_allclose(curve[1], predicted_noise(curve[0], found.S_squared, 240))
    assert curve[0][0] == 1


def test_cosines_are_drawn_for_all_sizes(found):
    table = cosine_table(found)
    assert column(table, "x", series=MEASURED).tolist() == list(found.sizes)
    np.testing.assert_allclose(column(table, "y", series=MEASURED), found.cosine)
    np.testing.assert_allclose(column(table, "y", series=PREDICTED)[0], found.predicted_cosine[0])


def test_all_batches_are_drawn_around_g_and_their_mean_on_it(sizes):
    for one in sizes:
        table = batches_table(one, sizes)
        assert len(column(table, "x", series=BATCH)) == len(one.rows)
        for axis in "xy":
            np.testing.assert_allclose(column(table, axis, series=FULL), column(table, axis, series=MEAN), atol=1e-12)
            low, high = column(table, axis, series=FRAME)
            assert (low <= column(table, axis, series=BATCH)).all()
            assert (column(table, axis, series=BATCH) <= high).all()
    assert column(batches_table(sizes[4], sizes), "text", series=BATCH)[0] == "1, 2, 3, 4, 5"


def test_charts_draw_their_tables(found, sizes):
    assert_draws(noise_chart().to_dict(), noise_table(found))
    assert_draws(cosine_chart().to_dict(), cosine_table(found))
    assert_draws(batches_chart().to_dict(), batches_table(sizes[2], sizes))
