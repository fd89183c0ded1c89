"""CONTRIBUTING.md is true: its examples are followed in a copy of the source, and what they add is everywhere."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```\w+\n# ([^\n]+)\n(.*?)```", TEXT, flags=re.DOTALL)
FERNS = "fronds,width,height,species\n" + "".join(
    f"{5 + i % 7},{30 + i},{20 + 30 * (i % 3)},{'abc'[i % 3]}\n" for i in range(30)
)
# What a learner would do with each of them.
TRY = """
from streamlit.testing.v1 import AppTest

from mbgd import Settings, Training, datasets, load
from mbgd.engine.activations import ACTIVATIONS

assert {"stripes", "ferns"} <= set(datasets())
training = Training(load("ferns"), Settings(8, 3, 0.05, activation="softplus"))
training.advance()
assert training.history.train_loss[-1] < training.start["train"].loss


def opened(page, **query):
    at = AppTest.from_file("app.py", default_timeout=60)
    for name, value in query.items():
        at.query_params[name] = value
    at = at.switch_page(page).run() if page else at.run()
    assert not at.exception, at.exception
    return at


for data in ("stripes", "ferns"):
    assert opened("", data=data).session_state["choices"].data == data
assert opened("", activation="softplus").session_state["choices"].activation == "softplus"
at = opened("pages/mistakes.py", mistake="halved", data="stripes", epochs="3")
assert at.pills(key="mistake").value == "halved"
at.radio(key="predict_mistake_halved").set_value("unsure").run()
at.button(key="run_mistake_halved").click().run()
at.session_state["jobs"]["mistake_halved"].work(float("inf"))
at.run().radio(key="predict_check_halved").set_value("unsure").run()
at.button(key="run_check_halved").click().run()
assert not at.exception, at.exception
assert any("0.5" in element.proto.body for element in at.get("html"))
assert "Halved" in str([box.options for box in opened("pages/gradient_check.py").selectbox])
assert any("240 rows" in text.value for text in opened("pages/coin.py", data="stripes").markdown)
print("followed")
"""


def write(copy: Path, where: str, text: str) -> None:
    """Do what a block says: a new file, lines at the end of one, or lines into a list that begins in one."""
    into = re.fullmatch(r"into (\w+) in (\S+)", where)
    if into:
        file = copy / into[2]
        old = file.read_text(encoding="utf-8")
        new = re.sub(rf"(^{into[1]}\b[^\n]*[\[({{]\n)", lambda found: found[1] + text, old, flags=re.MULTILINE)
        assert new != old, where
    elif where.startswith("end of "):
        file = copy / where.removeprefix("end of ")
        new = file.read_text(encoding="utf-8") + "\n\n" + text
    else:
        file, new = copy / where, text
        assert not file.exists(), where
    file.write_text(new, encoding="utf-8")


@pytest.fixture(scope="module")
def followed(tmp_path_factory) -> Path:
    """A copy of the source in which every example was followed."""
    copy = tmp_path_factory.mktemp("copy")
    ignore = shutil.ignore_patterns("__pycache__")
    for folder in ("mbgd", "pages", ".streamlit", "tests", "benchmarks"):
        shutil.copytree(ROOT / folder, copy / folder, ignore=ignore)
    for file in ("app.py", "pyproject.toml", "CONTRIBUTING.md"):
        shutil.copy(ROOT / file, copy / file)
    (copy / "mbgd/data/files/ferns.csv").write_text(FERNS, encoding="utf-8")
    for where, text in BLOCKS:
        write(copy, where, text)
    return copy


def run(copy: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"STREAMLIT_CLIENT_SHOW_ERROR_DETAILS": "full", "PYTHONPATH": str(copy)}
    command = (sys.executable, *command)
    return subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, timeout=300, check=False)


def test_every_kind_of_addition_has_an_example():
    places = " ".join(where for where, _ in BLOCKS)
    for part in ("data/made/", "data/files/", "activations.py", "experiments/mistakes/bugs/", "pages/", "LESSONS"):
        assert part in places


def test_what_the_examples_add_is_everywhere_it_should_be(followed):
    done = run(followed, "-c", TRY)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.strip().endswith("followed")


def test_the_house_still_stands_with_them(followed):
    done = run(followed, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/test_house.py")
    assert done.returncode == 0, done.stdout[-2000:]


@pytest.mark.parametrize("word", re.findall(r"`((?:mbgd|tests|pages|benchmarks)/[\w/.]+)`", TEXT))
def test_files_that_it_names_are_there(word):
    added = {where.split()[-1] for where, _ in BLOCKS} | {"mbgd/data/files/ferns.csv"}
    lesson = "coin" in word
    assert lesson or word in added or (ROOT / word).exists()
