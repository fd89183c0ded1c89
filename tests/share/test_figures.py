"""Charts as pictures to print."""

import io
import json
import subprocess

import altair as alt
import numpy as np
import pyarrow as pa
import pytest
from PIL import Image

from mbgd.share import figures
from mbgd.share.figures import INCH, INSTALL, MOST_ROWS, WIDTH, figure, printed
from tests.browser.app import ROOT

TABLE = pa.table({"x": [0.0, 1.0, 2.0], "y": [1e-20, float("nan"), float("inf")], "series": ["a", "b", "b"]})


def chart() -> alt.LayerChart:
    points = alt.Chart(alt.NamedData("rows")).mark_line().encode(x="x:Q", y="y:Q", color="series:N")
    return alt.LayerChart(layer=[points], height=200)


def test_the_print_has_the_rows_a_title_and_a_caption_in_lines():
    spec = printed(chart, (), TABLE, "The loss", "blue: training rows · " * 10)
    assert spec["title"]["text"] == ["The loss"]
    assert len(spec["title"]["subtitle"]) > 1
    assert spec["data"]["values"] == [
        {"x": 0.0, "y": 1e-20, "series": "a"},
        {"x": 1.0, "y": None, "series": "b"},
        {"x": 2.0, "y": None, "series": "b"},
    ]
    json.dumps(spec, allow_nan=False)
    assert (spec["width"], spec["height"]) == (WIDTH, 200)
    assert spec["config"]["background"] == "white"


def test_png_and_svg_of_print_size():
    picture = figure(chart, (), TABLE, "png", title="The loss", caption="rate 0.2")
    image = Image.open(io.BytesIO(picture))
    assert image.size[0] > WIDTH / 72 * INCH
    assert round(image.info["dpi"][0]) == INCH
    assert np.asarray(image.convert("RGB"))[0, 0].tolist() == [255, 255, 255]
    svg = figure(chart, (), TABLE, "svg", title="The loss & <b>", caption="rate 0.2").decode()
    assert svg.startswith("<svg")
    assert "rate 0.2" in svg
    assert "&amp; &lt;b&gt;" in svg


def test_without_the_package_it_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(figures, "can_save", lambda: False)
    with pytest.raises(RuntimeError, match="requirements-figures"):
        figure(chart, (), TABLE, "png", title="", caption="")
    assert (ROOT / INSTALL.split()[-1]).exists()


def test_a_chart_that_cant_be_drawn_gets_one_sentence(monkeypatch):
    monkeypatch.setattr(figures, "printed", lambda *_: {"mark": 3})
    with pytest.raises(RuntimeError, match="could not be made"):
        figure(chart, (), TABLE, "svg", title="", caption="")


def test_a_picture_that_takes_too_long_is_given_up(monkeypatch):
    def never(*_, timeout, **__):
        raise subprocess.TimeoutExpired("python", timeout)

    monkeypatch.setattr(subprocess, "run", never)
    with pytest.raises(RuntimeError, match="try again"):
        figure(chart, (), TABLE, "svg", title="", caption="")
    many = pa.table({"x": np.zeros(MOST_ROWS + 1)})
    with pytest.raises(RuntimeError, match="rows"):
        figure(chart, (), many, "svg", title="", caption="")
