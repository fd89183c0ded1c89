"""Every page works on its own, and the choices survive a change of page."""

import json
import re
from itertools import pairwise

import pytest

from mbgd.data.catalogue import datasets
from mbgd.ui.frame.menu import PAGES, label
from tests.pages.app import DIABETES, charts, healthy, html, opened, opened_page, other_page, press, run_of


@pytest.mark.parametrize("file", [page.file for page in PAGES])
def test_every_page_has_the_menu_and_the_sidebar(file):
    at = opened(**DIABETES) if file == "app.py" else opened_page(file)
    assert [link.proto.label for link in at.sidebar.get("page_link")][: len(PAGES)] == [label(page) for page in PAGES]
    assert at.sidebar.selectbox(key="choose_data").value == "diabetes"
    assert re.search(r"\b353\b", html(at))  # the training rows of the data set, in the sidebar


@pytest.mark.parametrize("file", [page.file for page in PAGES])
def test_headings_are_in_order(file):
    levels = [int(level) for level in re.findall(r"<h(\d)", html(opened() if file == "app.py" else opened_page(file)))]
    assert levels[0] == 1
    assert set(levels[1:]) <= {2, 3}
    assert all(after <= before + 1 for before, after in pairwise(levels))  # none is skipped


def test_choices_and_the_run_survive_a_change_of_page():
    at = opened(data="moons", batch="32", hidden="8-4")
    at.select_slider(key="speed").set_value("1 epoch/s").run()
    at = press(at, "step_epoch")
    training = run_of(at).training
    other_page(at, "pages/data.py")
    assert at.sidebar.selectbox(key="choose_data").value == "moons"
    assert at.sidebar.select_slider(key="choose_batch").value == 32
    other_page(at, "pages/mistakes.py")
    at.sidebar.select_slider(key="choose_rate").set_value(0.1).run()
    other_page(at, "app.py")
    assert at.sidebar.text_input(key="choose_hidden").value == "8, 4"
    assert at.sidebar.select_slider(key="choose_rate").value == 0.1
    assert at.select_slider(key="speed").value == "1 epoch/s"
    assert run_of(at).training is training
    assert training.learning_rate == 0.1


@pytest.mark.parametrize("data", list(datasets()))
def test_the_page_data_shows_every_set(data):
    at = other_page(opened(data=data), "pages/data.py")
    dataset = run_of(opened(data=data)).dataset
    rows = at.dataframe[1].value
    assert len(rows) == len(dataset.X_train) + len(dataset.X_val)
    assert list(rows["split"]).count("validation") == len(dataset.X_val)
    ((spec, table),) = charts(at)
    assert sum(table["rows"].to_pylist()) == len(rows)
    assert '"title": "rows"' in json.dumps(spec)
    assert any(dataset.source in block.value for block in at.markdown)


def test_the_page_data_shows_the_standardised_rows():
    at = other_page(opened(**DIABETES), "pages/data.py")
    assert at.dataframe[1].value.loc[1, "age"] == pytest.approx(59)
    at.toggle(key="standardised").set_value(True).run()
    ages = healthy(at).dataframe[1].value
    assert ages[ages["split"] == "training"]["age"].mean() == pytest.approx(0, abs=1e-12)


def test_the_page_engine_shows_every_module():
    at = other_page(opened(), "pages/engine.py")
    code = "\n".join(block.value for block in at.code)
    for name in (
        "def relu(",
        "def mse(",
        "def dense_backward_batch(",
        "def first_weights(",
        "def minibatches(",
        "class Training",
    ):
        assert name in code
