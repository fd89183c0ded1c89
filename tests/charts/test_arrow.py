"""In a browser, stlite's stand-in for pyarrow is taken away before a chart needs the real one."""

import subprocess
import sys
from types import SimpleNamespace

import pytest

from mbgd.charts.arrow import STAND_IN, take_stand_in_away

# As in stlite: a finder before all others knows a module of the name, which has next to nothing.
STLITE = """
import sys, types
from importlib.machinery import ModuleSpec
mocks = {"pyarrow": types.ModuleType("pyarrow")}
class Finder:
    def find_spec(name, path=None, target=None):
        return ModuleSpec(name, Finder) if name in mocks else None
    def create_module(spec): return mocks[spec.name]
    def exec_module(module): pass
def remove(name):
    sys.modules.pop(name, None)
    del mocks[name]
sys.meta_path.insert(0, Finder)
sys.modules["micropip"] = types.SimpleNamespace(list_mock_packages=lambda: list(mocks), remove_mock_package=remove)
import pyarrow
assert not hasattr(pyarrow, "table")
"""


def test_on_a_server_nothing_is_taken_away():
    assert STAND_IN is False
    assert take_stand_in_away() is False


@pytest.mark.parametrize(("names", "taken"), [(["pyarrow", "other"], ["pyarrow"]), (["other"], [])])
def test_a_stand_in_for_pyarrow_alone_is_taken_away(monkeypatch, names, taken):
    removed: list[str] = []
    installer = SimpleNamespace(list_mock_packages=lambda: names, remove_mock_package=removed.append)
    monkeypatch.setitem(sys.modules, "micropip", installer)
    assert take_stand_in_away() is bool(taken)
    assert removed == taken


def test_charts_get_the_real_one():
    drawn = "from mbgd.charts import STAND_IN, loop; print(STAND_IN, loop.bars_table(None, 4).num_rows)"
    said = subprocess.run([sys.executable, "-c", STLITE + drawn], capture_output=True, text=True)
    assert said.stdout.startswith("True "), said.stderr
