"""The buttons below the numbers of a chart."""

import pytest
from streamlit.testing.v1 import AppTest

from mbgd.share.figures import INSTALL
from tests.pages.app import healthy


def a_page():
    import altair as alt
    import pandas as pd
    import pyarrow as pa

    from mbgd.ui.kit.saving import ToSave, numbers_and_files

    def chart():
        return alt.LayerChart(layer=[alt.Chart(alt.NamedData("rows")).mark_point().encode(x="x:Q")])

    drawn = ToSave(chart, (), pa.table({"x": [1.0]}), "A title", "a caption")
    numbers_and_files("full", drawn, pd.DataFrame({"=name": ["=1"], "loss": [-0.5]}))
    numbers_and_files("empty", drawn, pd.DataFrame())


def buttons(at):
    return [element.proto.id.rpartition("-")[2] for element in at.get("download_button")]


def test_pictures_and_numbers_can_be_saved_and_hold_no_formula():
    at = healthy(AppTest.from_function(a_page).run())
    assert buttons(at) == ["png_full", "svg_full", "csv_full", "png_empty", "svg_empty"]
    assert at.dataframe[0].value.to_dict("list") == {"'=name": ["'=1"], "loss": [-0.5]}


def test_without_the_package_only_numbers_and_a_sentence(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("mbgd.ui.kit.saving.can_save", lambda: False)
    at = healthy(AppTest.from_function(a_page).run())
    assert buttons(at) == ["csv_full"]
    assert all(INSTALL in caption.value for caption in at.caption if "PNG" in caption.value)
    assert sum("PNG" in caption.value for caption in at.caption) == 2
