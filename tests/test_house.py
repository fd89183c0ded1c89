"""The house: imports point one way, only the interface knows Streamlit, and importing starts nothing."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[1]
# Whoever stands later may import what stands earlier. "mbgd" itself is the front door, mbgd/__init__.py.
ROOMS = ["engine", "data", "experiments", "mbgd", "charts", "ui", "pages", "app"]
FILES = sorted(
    path.relative_to(HOUSE).as_posix()
    for path in [*HOUSE.glob("mbgd/**/*.py"), *HOUSE.glob("pages/*.py"), HOUSE / "app.py"]
)
WITH_STREAMLIT = {"ui", "pages", "app"}


def module_of(file):
    """mbgd/data/made.py -> ["mbgd", "data", "made"], mbgd/data/__init__.py -> ["mbgd", "data"]."""
    parts = list(Path(file).with_suffix("").parts)
    return parts[:-1] if parts[-1] == "__init__" else parts


def room_of(module):
    """The room of a dotted name, None for other people's modules."""
    first, *rest = module.split(".")
    if first in ("pages", "app"):
        return first
    if first != "mbgd":
        return None
    return rest[0] if rest and rest[0] in ROOMS else "mbgd"


def imports(file, source):
    """The dotted names that a file imports, wherever in it."""
    package = module_of(file) if file.endswith("__init__.py") else module_of(file)[:-1]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*base, *filter(None, [node.module])])
            yield from (f"{base}.{alias.name}" for alias in node.names)


def faults(file, source):
    """A sentence for each import that the house forbids."""
    room = room_of(".".join(module_of(file)))
    for name in imports(file, source):
        other, package = room_of(name), name.split(".")[0]
        if other in ("pages", "app"):
            yield f"{file} imports {name}: nothing imports a page."
        elif other and ROOMS.index(other) > ROOMS.index(room):
            yield f"{file} imports {name}: {other} comes after {room}."
        if package == "streamlit" and room not in WITH_STREAMLIT:
            yield f"{file} imports {name}: only the interface knows Streamlit."
        if room == "engine" and not (other == "engine" or package == "numpy" or package in sys.stdlib_module_names):
            yield f"{file} imports {name}: the engine needs NumPy and the standard library only."


@pytest.mark.parametrize("file", FILES)
def test_imports_point_one_way(file):
    assert list(faults(file, (HOUSE / file).read_text(encoding="utf-8"))) == []


def test_every_file_has_a_room():
    folders = {Path(file).parts[1] for file in FILES if file.startswith("mbgd/")} - {"__init__.py"}
    assert folders <= set(ROOMS)
    assert {room_of(".".join(module_of(file))) for file in FILES} >= {
        "engine",
        "data",
        "mbgd",
        "charts",
        "ui",
        "pages",
        "app",
    }


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("mbgd/engine/dense.py", "from mbgd.data import load"),
        ("mbgd/engine/dense.py", "from mbgd import data"),
        ("mbgd/engine/dense.py", "import mbgd"),
        ("mbgd/engine/dense.py", "from ..data import load"),
        ("mbgd/engine/__init__.py", "from ..data import load"),
        ("mbgd/engine/dense.py", "import scipy.linalg"),
        ("mbgd/engine/dense.py", "def f():\n    import pandas"),
        ("mbgd/engine/training.py", "import streamlit as st"),
        ("mbgd/data/made.py", "from mbgd.experiments.noise import noise"),
        ("mbgd/data/made.py", "import mbgd.charts.loss"),
        ("mbgd/data/made.py", "from .. import charts"),
        ("mbgd/experiments/noise.py", "from mbgd.charts import loss"),
        ("mbgd/charts/loss.py", "from mbgd.ui.run import Run"),
        ("mbgd/charts/loss.py", "from streamlit import cache_data"),
        ("mbgd/__init__.py", "from mbgd.charts import loss"),
        ("mbgd/__init__.py", "from mbgd.ui import page"),
        ("mbgd/ui/page.py", "import pages.data"),
        ("mbgd/ui/page.py", "import app"),
        ("pages/data.py", "from pages import engine"),
        ("app.py", "import pages.engine"),
    ],
)
def test_a_forbidden_import_is_seen(file, line):
    assert len(list(faults(file, line))) >= 1


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("mbgd/engine/dense.py", "import math, numpy as np\nfrom numpy.typing import NDArray"),
        ("mbgd/engine/dense.py", "from mbgd.engine.activations import Array\nfrom .checks import one_of"),
        ("mbgd/engine/__init__.py", "from .dense import dense_forward"),
        ("mbgd/data/made.py", "from mbgd.engine.checks import one_of\nfrom ..engine import checks"),
        ("mbgd/experiments/noise.py", "from mbgd.data import load\nfrom mbgd.engine import training"),
        ("mbgd/__init__.py", "from mbgd.data import load\nfrom mbgd.experiments.noise import noise"),
        ("mbgd/charts/loss.py", "import altair as alt\nfrom mbgd.engine.training import Training"),
        ("mbgd/ui/page.py", "import streamlit as st\nfrom mbgd.charts.loss import curve"),
        ("pages/data.py", "import streamlit as st\nfrom mbgd.ui.page import open_page"),
        ("app.py", "import mbgd\nfrom mbgd import Training"),
    ],
)
def test_an_allowed_import_is_left_alone(file, line):
    assert list(faults(file, line)) == []


# --- what importing does ---

WATCHED_IMPORT = """
import os, sys, threading

STARTS = ("os.fork", "os.exec", "os.posix_spawn", "os.spawn", "os.system", "subprocess.Popen")

def watch(event, arguments):
    if event.startswith(STARTS):
        raise RuntimeError(f"started at import: {event}")
    if event == "import" and arguments[0] == "numpy" and os.environ.get("OPENBLAS_NUM_THREADS") != "1":
        raise RuntimeError("NumPy is imported before OPENBLAS_NUM_THREADS is set")

def refuse(thread):
    raise RuntimeError("started at import: a thread")

threading.Thread.start = refuse
sys.addaudithook(watch)
for name in sys.argv[1:]:
    __import__(name)
print(*sorted({name.split(".")[0] for name in sys.modules}))
"""


def import_in_a_fresh_interpreter(modules, folder=HOUSE):
    environment = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}
    command = [sys.executable, "-W", "error", "-c", WATCHED_IMPORT, *modules]
    environment["PYTHONPATH"] = str(folder)
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_importing_engine_data_and_experiments_starts_nothing_and_loads_no_streamlit():
    calm = [file for file in FILES if room_of(".".join(module_of(file))) in ("engine", "data", "experiments", "mbgd")]
    done = import_in_a_fresh_interpreter([".".join(module_of(file)) for file in calm])
    assert done.returncode == 0, done.stderr
    loaded = set(done.stdout.split())
    assert {"mbgd", "numpy"} <= loaded
    assert not loaded & {"streamlit", "altair", "pandas", "pyarrow"}


@pytest.mark.parametrize(
    ("source", "event"),
    [
        ("import threading\nthreading.Thread(target=print).start()", "a thread"),
        ("import subprocess, sys\nsubprocess.run([sys.executable, '-V'])", "subprocess.Popen"),
        ("import os\nos.system('true')", "os.system"),
    ],
)
def test_a_start_at_import_is_seen(tmp_path, source, event):
    (tmp_path / "busy.py").write_text(source, encoding="utf-8")
    done = import_in_a_fresh_interpreter(["busy"], tmp_path)
    assert done.returncode != 0
    assert f"started at import: {event}" in done.stderr


def test_numpy_before_its_number_of_threads_is_seen():
    done = import_in_a_fresh_interpreter(["numpy", "mbgd"])
    assert done.returncode != 0
    assert "NumPy is imported before OPENBLAS_NUM_THREADS is set" in done.stderr
