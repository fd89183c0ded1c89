"""What the charts share: blocks of rows as one table, the rows that hold the axes, the names of the losses."""

import altair as alt
import numpy as np

from mbgd.charts.layers import FRAME, LOSS_NAMES, frame, stacked
from mbgd.engine.losses import LOSSES


def test_blocks_become_one_table_and_a_text_stands_in_each_row_of_its_block():
    table = stacked(("series", "x"), [("a", np.array([1.0, 2.0])), ("b", np.array([3.0])), ("c", np.empty(0))])
    assert table.to_pydict() == {"series": ["a", "a", "b"], "x": [1.0, 2.0, 3.0]}


def test_the_frame_is_drawn_from_its_own_rows_and_cannot_be_seen():
    spec = frame(alt.Chart(alt.NamedData("rows"))).to_dict()
    assert spec["mark"]["opacity"] == 0
    assert [step["filter"] for step in spec["transform"]] == [f'datum.series === "{FRAME}"']


def test_every_loss_has_its_name():
    assert set(LOSS_NAMES) == set(LOSSES)
