"""The house: imports point one way, lessons leave each other alone, and importing starts nothing."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[1]
# Whoever stands later may import what stands earlier. "mbgd" itself is the front door, mbgd/__init__.py.
ROOMS = ["engine", "data", "experiments", "mbgd", "charts", "share", "board", "ui", "pages", "app"]
FILES = sorted(
    path.relative_to(HOUSE).as_posix()
    for path in [*HOUSE.glob("mbgd/**/*.py"), *HOUSE.glob("pages/*.py"), HOUSE / "app.py"]
)
WITH_STREAMLIT = {"ui", "pages", "app"}
# A lesson, or a page of the lab, has one name on every floor: the name of its page's file. app.py is the page Train.
LESSONS = {path.stem for path in HOUSE.glob("pages/*.py")} | {"train"}
FLOORS = ("experiments", "charts", "ui")
# The first lesson may import the second one, on any floor.
LESSON_IMPORTS = {
    ("gradient_check", "mistakes"),
    ("under_the_hood", "loop"),
    ("runs", "train"),
    ("diagnose", "train"),
    ("sweep", "mistakes"),
}
COMMANDS = {"sweep"}  # a lesson that runs from a shell as well: mbgd/sweep.py
FOR_EVERY_LESSON = "mbgd.ui.train.session"  # the session's run
# What these may import of the interface; the first entry that fits counts. Lessons may import the kit and the frame.
WITHIN_UI = {
    "mbgd.ui.kit.state": (),
    "mbgd.ui.kit": ("mbgd.ui.kit",),
    "mbgd.ui.frame": ("mbgd.ui.kit", "mbgd.ui.frame"),
}


def module_of(file):
    """mbgd/data/real.py -> ["mbgd", "data", "real"], mbgd/data/__init__.py -> ["mbgd", "data"]."""
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


def lesson_of(module):
    """The lesson, or page of the lab, that a dotted name belongs to; None for what is shared."""
    parts = module.split(".")
    if parts[0] == "app":
        return "train"
    if parts[0] == "pages" and len(parts) > 1:
        return parts[1]
    if parts[0] == "mbgd" and len(parts) == 2 and parts[1] in COMMANDS:
        return parts[1]
    on_a_floor = parts[0] == "mbgd" and len(parts) > 2 and parts[1] in FLOORS
    return parts[2] if on_a_floor and parts[2] in LESSONS else None


def within(name, modules):
    """Whether a dotted name is one of these modules, or something in one."""
    return any(f"{name}.".startswith(f"{module}.") for module in modules)


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
    module = ".".join(module_of(file))
    room, lesson = room_of(module), lesson_of(module)
    allowed = next((within_ui for part, within_ui in WITHIN_UI.items() if within(module, [part])), None)
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
        if allowed is not None and other == "ui" and not within(name, allowed):
            yield f"{file} imports {name}: of the interface it may import only {' and '.join(allowed) or 'nothing'}."
        theirs = lesson_of(name)
        if theirs not in (None, lesson) and (lesson, theirs) not in LESSON_IMPORTS:
            if not (lesson and within(name, [FOR_EVERY_LESSON])):
                yield f"{file} imports {name}: {lesson or 'what is shared'} may not import the lesson {theirs}."


@pytest.mark.parametrize("file", FILES)
def test_imports_point_one_way(file):
    assert list(faults(file, (HOUSE / file).read_text(encoding="utf-8"))) == []


def test_every_file_has_a_room():
    folders = {Path(file).parts[1] for file in FILES if file.startswith("mbgd/")} - {"__init__.py"}
    folders -= {f"{name}.py" for name in COMMANDS}
    assert folders <= set(ROOMS)
    assert {room_of(".".join(module_of(file))) for file in FILES} >= {
        "engine",
        "data",
        "mbgd",
        "charts",
        "share",
        "ui",
        "pages",
        "app",
    }


@pytest.mark.parametrize("floor", FLOORS)
def test_a_folder_of_a_floor_is_named_after_its_page(floor):
    folders = {Path(file).parts[2] for file in FILES if file.startswith(f"mbgd/{floor}/") and file.count("/") > 2}
    assert folders
    assert folders <= LESSONS | ({"kit", "frame"} if floor == "ui" else set())


@pytest.mark.parametrize("pair", sorted(LESSON_IMPORTS))
def test_the_table_of_lessons_that_import_lessons_is_no_longer_than_needed(pair):
    found = {
        (lesson_of(".".join(module_of(file))), lesson_of(name))
        for file in FILES
        for name in imports(file, (HOUSE / file).read_text(encoding="utf-8"))
    }
    assert pair in found


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
        ("mbgd/data/real.py", "from mbgd.experiments.step import Step"),
        ("mbgd/data/real.py", "import mbgd.charts.layers"),
        ("mbgd/data/real.py", "from .. import charts"),
        ("mbgd/experiments/modes/noise.py", "from mbgd.charts import layers"),
        ("mbgd/charts/train/loss.py", "from mbgd.ui.train.run import Run"),
        ("mbgd/charts/train/loss.py", "from mbgd.share.choices import Choices"),
        ("mbgd/charts/train/loss.py", "from streamlit import cache_data"),
        ("mbgd/share/choices.py", "from mbgd.ui.kit.html import note"),
        ("mbgd/share/choices.py", "from mbgd import board"),
        ("mbgd/share/choices.py", "import streamlit"),
        ("mbgd/board/store.py", "from mbgd.ui.kit.html import note"),
        ("mbgd/__init__.py", "from mbgd.charts import layers"),
        ("mbgd/__init__.py", "from mbgd.ui.frame import page"),
        ("mbgd/ui/frame/page.py", "import pages.data"),
        ("mbgd/ui/frame/page.py", "import app"),
        ("pages/data.py", "from pages import engine"),
        ("app.py", "import pages.engine"),
        # lessons
        ("mbgd/experiments/mistakes/proofs.py", "from mbgd.experiments.gradient_check.check import check_gradient"),
        ("mbgd/experiments/modes/race.py", "from ..mistakes import bugs"),
        ("mbgd/experiments/gradients.py", "from mbgd.experiments.loop.ways import gradients"),
        ("mbgd/charts/layers.py", "from mbgd.charts.train.loss import COLOURS"),
        ("mbgd/charts/mistakes.py", "from mbgd.charts.train.loss import COLOURS"),
        ("mbgd/charts/modes/race.py", "from mbgd.experiments.mistakes.side_by_side import Side"),
        ("mbgd/charts/loop.py", "from mbgd.charts.under_the_hood import saved"),
        ("mbgd/ui/modes/noise.py", "from mbgd.ui.train.player import player"),
        ("mbgd/ui/loop/ways.py", "from mbgd.ui import under_the_hood"),
        ("pages/modes.py", "from mbgd.ui.mistakes.lesson import bug_lesson"),
        ("app.py", "from mbgd.ui.data.tables import rows_frame"),
        # the kit and the frame
        ("mbgd/ui/kit/draw.py", "from mbgd.charts.train.pictures import main_picture"),
        ("mbgd/ui/kit/experiment.py", "from mbgd.ui.mistakes.lesson import bug_lesson"),
        ("mbgd/ui/kit/experiment.py", "from mbgd.ui.train.session import current_run"),
        ("mbgd/ui/kit/experiment.py", "from mbgd.ui.frame.page import heading"),
        ("mbgd/ui/kit/predict.py", "from ..frame import sidebar"),
        ("mbgd/ui/kit/state.py", "from mbgd.ui.kit.pace import SHARE"),
        ("mbgd/ui/kit/state.py", "from mbgd.ui.kit import draw"),
        ("mbgd/ui/kit/state.py", "from mbgd.ui.kit.html import note"),
        ("mbgd/ui/frame/sidebar.py", "from mbgd.ui.train.session import current_run"),
        ("mbgd/ui/frame/page.py", "from mbgd.ui import frameworks"),
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
        ("mbgd/data/real.py", "from mbgd.engine.checks import one_of\nfrom ..engine import checks"),
        ("mbgd/experiments/modes/noise.py", "from mbgd.data import load\nfrom mbgd.experiments.step import Step"),
        ("mbgd/__init__.py", "from mbgd.data import load\nfrom mbgd.experiments.step import finish"),
        ("mbgd/charts/train/loss.py", "import altair as alt\nfrom mbgd.engine.training import Training"),
        ("mbgd/share/choices.py", "from mbgd.data.made import MADE\nfrom mbgd.charts.layers import Picture"),
        ("mbgd/board/store.py", "import sqlalchemy\nfrom mbgd.share.choices import Choices"),
        ("mbgd/ui/frame/page.py", "import streamlit as st\nfrom mbgd.charts.layers import BLUE"),
        ("pages/data.py", "import streamlit as st\nfrom mbgd.ui.frame.page import open_page"),
        ("app.py", "import mbgd\nfrom mbgd import Training\nfrom mbgd.ui.train.player import player"),
        # lessons
        ("mbgd/experiments/gradient_check/verdict.py", "from mbgd.experiments.mistakes.bugs import BUGS"),
        ("mbgd/experiments/under_the_hood/update_costs.py", "from ..loop import timing"),
        ("mbgd/charts/under_the_hood.py", "from mbgd.charts.loop import FRAME"),
        ("mbgd/charts/modes/race.py", "from mbgd.experiments.modes.race import Race\nfrom mbgd.charts import layers"),
        ("mbgd/ui/modes/noise.py", "from mbgd.ui.train.session import trained_run\nfrom mbgd.ui.modes import parts"),
        ("mbgd/ui/modes/noise.py", "from mbgd.ui.kit.draw import draw\nfrom mbgd.ui.frame.page import heading"),
        ("pages/gradient_check.py", "from mbgd.experiments.mistakes.bugs import BUGS"),
        ("pages/shapes.py", "from mbgd.ui.train import session"),
        # the kit and the frame
        ("mbgd/ui/kit/state.py", "import streamlit as st\nfrom typing import Any"),
        ("mbgd/ui/kit/experiment.py", "from mbgd.ui.kit.state import keep\nfrom mbgd.experiments.step import Steps"),
        ("mbgd/ui/frame/page.py", "from mbgd.share.choices import Choices\nfrom mbgd.ui.kit import state"),
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
