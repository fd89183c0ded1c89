"""Adding a data set takes what CONTRIBUTING.md says, and it is then everywhere: listed, loaded, chosen, pictured."""

import importlib
import sys

import numpy as np
import pytest

from mbgd.data import datasets, load, made, real
from mbgd.data.made import MADE, find_sets
from mbgd.share.address import from_query, to_query
from mbgd.share.choices import DEFAULT
from tests.pages.app import charts, healthy, opened, opened_page, press, run_of

STRIPES = '''"""Stripes of two classes in turn."""

import numpy as np

from mbgd.data.making import Made, two_classes


def stripes(points, jitter, n, noise):
    """Five upright stripes, of class A and B in turn."""
    X = points.uniform(-1, 1, size=(n, 2))
    return two_classes(X, np.floor(2.5 * X[:, 0] + 2.5) % 2 == 1, noise, jitter)


SET = Made(stripes, "upright stripes, every second one alike (2 classes)", noise=0.02)
'''

FERNS = """description = "30 ferns, three measurements each: which of three species? (3 classes)"
source = "Measured for this test, https://example.org/ferns."
licence = "CC0 1.0."
loss = "cross_entropy"
target = { name = "species", unit = "" }
picture = { kind = "classes", features = ["height", "fronds"] }

[features]
fronds = { name = "fronds", unit = "count" }
width = { name = "frond width", unit = "mm" }
height = { name = "height", unit = "cm" }
"""


@pytest.fixture
def stripes(monkeypatch, tmp_path):
    """A made-up set: its file, in a folder that counts as part of made/."""
    (tmp_path / "stripes.py").write_text(STRIPES, encoding="utf-8")
    monkeypatch.setattr(made, "__path__", [*made.__path__, str(tmp_path)])
    importlib.invalidate_caches()
    monkeypatch.setitem(MADE, "stripes", find_sets()["stripes"])
    yield "stripes"
    del sys.modules["mbgd.data.made.stripes"], made.stripes


@pytest.fixture
def ferns(monkeypatch, tmp_path):
    """A real set: its two files, and its name in REAL."""
    rng = np.random.default_rng(0)
    rows = [
        f"{rng.integers(5, 30)},{rng.normal(40, 5):.1f},{rng.normal(20 + 30 * i, 4):.1f},{species}"
        for i, species in enumerate(("Lady", "Male", "Royal"))
        for _ in range(10)
    ]
    for name in real.REAL:
        for kind in ("csv", "toml"):
            (tmp_path / f"{name}.{kind}").symlink_to(real.FILES / f"{name}.{kind}")
    (tmp_path / "ferns.csv").write_text("\n".join(["fronds,width,height,species", *rows]), encoding="utf-8")
    (tmp_path / "ferns.toml").write_text(FERNS, encoding="utf-8")
    monkeypatch.setattr(real, "FILES", tmp_path)
    monkeypatch.setattr(real, "REAL", (*real.REAL, "ferns"))
    yield "ferns"
    real.about.cache_clear()
    real.read_table.cache_clear()


@pytest.fixture(params=["stripes", "ferns"])
def name(request):
    """Each of the two."""
    return request.getfixturevalue(request.param)


def test_it_is_listed_with_its_line(name):
    lines = {"stripes": "upright stripes, every second one alike (2 classes)", "ferns": "30 ferns, three measurements"}
    assert datasets()[name].startswith(lines[name])
    assert set(find_sets()) | set(real.REAL) == set(datasets())


def test_a_made_up_set_without_a_place_comes_last(stripes):
    assert list(datasets())[-1] == list(find_sets())[-1] == stripes


def test_it_is_loaded_with_its_own_rows_and_facts(name):
    dataset = load(name, seed=1)
    assert dataset.name == name
    assert len(dataset.X_train) + len(dataset.X_val) == {"stripes": 300, "ferns": 30}[name]
    assert dataset.target_names == {"stripes": ("A", "B"), "ferns": ("Lady", "Male", "Royal")}[name]
    assert dataset.pictured.kind == {"stripes": "plane", "ferns": "classes"}[name]
    assert dataset.pictured.features == {"stripes": (0, 1), "ferns": (2, 0)}[name]


def test_an_address_may_name_it(name):
    choices, complaints = from_query({"data": name})
    assert (choices.data, complaints) == (name, [])
    assert to_query(choices) == {"data": name}
    assert choices.noise_level == {"stripes": 0.02, "ferns": None}[name]


def test_it_is_unknown_where_nobody_has_added_it():
    assert from_query({"data": "stripes"})[0].data == from_query({"data": "ferns"})[0].data == DEFAULT.data


def test_the_sidebar_offers_it_and_the_page_train_pictures_it(name):
    at = opened()
    box = at.sidebar.selectbox(key="choose_data")
    assert any(option.startswith(f"{name} (") for option in box.options)
    at = press(healthy(box.set_value(name).run()), "step_epoch")
    run = run_of(at)
    assert run.dataset.name == name
    assert run.training.updates_done > 0
    _, (spec, table), *_ = charts(at)
    axes = {"stripes": ["x₁", "x₂"], "ferns": ["height (cm)", "fronds (count)"]}[name]
    assert [spec["encoding"][axis]["title"] for axis in "xy"] == axes
    drawn = table["series"].to_pylist()
    assert drawn.count("training rows") == len(run.dataset.X_train)
    assert drawn.count("validation rows") == len(run.dataset.X_val)


def test_the_page_data_shows_its_rows_and_its_source(name):
    at = opened_page("pages/data.py", data=name)
    assert len(at.dataframe[1].value) == {"stripes": 300, "ferns": 30}[name]
    assert any(load(name).source in block.value for block in at.markdown)
