"""The chart of update costs: its fields are columns of the table, and each label matches its bar."""

import numpy as np
import pytest

from mbgd.charts.loop import NOTHING_YET
from mbgd.charts.under_the_hood import FLOOR, NAMES, OFF, ON, costs_chart, costs_table, saved
from mbgd.experiments.under_the_hood.update_costs import Costs
from tests.charts.encoded import assert_draws, column

SECONDS = np.array([[20.0, 18, 19, 12, 6, 4, 1.6]] * 3) * 1e-6


def a_costs(rounds_done=3):
    seconds = SECONDS.copy()
    seconds[rounds_done:] = np.nan
    return Costs(16, seconds)


def test_every_row_is_drawn_and_every_bar_has_its_name():
    states = [(costs, tricks_on) for costs in (None, a_costs(0), a_costs(1), a_costs(3)) for tricks_on in (0, 2, 5)]
    tables = [costs_table(costs, tricks_on) for costs, tricks_on in states]
    assert_draws(costs_chart().to_dict(), *tables)
    for table in tables:
        assert set(table["trick"].to_pylist()) == set(NAMES)


def test_before_the_run_nothing_is_shown_as_measured():
    assert column(costs_table(a_costs(0), 2), "label", series="note").tolist() == [NOTHING_YET]
    assert not set(costs_table(None, 2)["series"].to_pylist()) & {ON, OFF, FLOOR}


def test_bars_and_labels_show_the_medians_and_the_savings():
    table = costs_table(a_costs(), 2)
    assert column(table, "trick", series=ON).tolist() == NAMES[:3]
    assert column(table, "trick", series=OFF).tolist() == NAMES[3:6]
    np.testing.assert_allclose(column(table, "microseconds", series=ON), [20, 18, 19])
    assert column(table, "label", series=ON).tolist() == ["20.0 µs", "18.0 µs", "19.0 µs"]
    assert column(table, "gain", series=ON).tolist() == ["", "−2.0 µs, ×1.11", "+1.0 µs, ×0.95"]
    assert column(table, "microseconds", series=FLOOR)[0] == pytest.approx(1.6)
    assert column(table, "gain", series=FLOOR)[0].startswith("variant 5 takes 2.50 times")


def test_many_microseconds_have_no_decimals():
    assert saved(71_000.4, 53_000.2) == "−18,000 µs, ×1.34"
