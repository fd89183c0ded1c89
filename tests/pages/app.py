"""The app without a browser, for tests of pages: open, press, read."""

import json
import math
import re
from html import unescape
from pathlib import Path

import pyarrow as pa
from streamlit.testing.v1 import AppTest

from mbgd.ui.train.run import Run

APP = Path(__file__).parents[2] / "app.py"
# What the tests of the lessons were made on: 353 training rows, so batches of 16 leave a last batch of one row.
DIABETES = {"data": "diabetes", "hidden": "16", "rate": "0.02"}
ONE = re.compile(r'<span class="mbgd-one">([^<]*)</span>')
ANNOUNCED = re.compile(r'<p class="mbgd-announce" data-of="([^"]*)"[^>]*>(.*?)</p>')
NOTE = re.compile(r'class="mbgd-status mbgd-(\w+)(?: mbgd-old)?"')


def opened(**query: str) -> AppTest:
    """The app, opened with an address."""
    at = AppTest.from_file(APP, default_timeout=30)
    for name, value in query.items():
        at.query_params[name] = value
    return healthy(at.run())


def healthy(at: AppTest) -> AppTest:
    """The same page, after a check that it shows no exception."""
    assert not at.exception, [error.message for error in at.exception]
    return at


def press(at: AppTest, key: str) -> AppTest:
    """Click a button, which must not be disabled."""
    assert not at.button(key=key).disabled, key
    return healthy(at.button(key=key).click().run())


def run_of(at: AppTest) -> Run:
    """The session's run of the page Train."""
    return at.session_state["run"]


def html(at: AppTest) -> str:
    """The page's own pieces of HTML, without scripts and styles, and without the spans in which no line breaks."""
    return in_one(" ".join(body for body in bodies(at) if not body.startswith(("<script>", "<style>"))))


def bodies(at: AppTest) -> list[str]:
    """All that the page gives st.html."""
    return [element.proto.body for element in at.get("html")]


def in_one(markup: str) -> str:
    """HTML without the spans in which no line breaks."""
    return ONE.sub(r"\1", markup)


def plain(markup: str) -> str:
    """The text of HTML, in one line."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", in_one(markup))).split()).replace(" .", ".")


def words(at: AppTest) -> str:
    """What the page's own pieces of text say, in one line."""
    return plain(html(at))


def prose(at: AppTest) -> str:
    """All that the page says, in its own pieces of HTML, in Markdown and in captions."""
    return words(at) + " " + " ".join(block.value for block in [*at.markdown, *at.caption])


def source(at: AppTest) -> str:
    """All code that the page shows."""
    return "\n".join(block.value for block in at.code)


def announced(at: AppTest) -> dict[str, str]:
    """What a screen reader hears, by what it is about."""
    return {of: unescape(text) for of, text in ANNOUNCED.findall(html(at))}


def notes(at: AppTest) -> list[str]:
    """The kinds of the page's notes, in their order: plain, changed, good or bad."""
    return NOTE.findall(html(at))


def marking(at: AppTest, question: str) -> str:
    """The kind of the note under a question, given by its key: good or bad, and plain where no answer is right yet."""
    elements = iter(at.main)
    assert any(element.key == f"predict_{question}" for element in elements)
    below = " ".join(element.proto.body for element in elements if element.type == "html")
    return NOTE.findall(below)[0]


def unfolded(at: AppTest) -> AppTest:
    """The same page with its claims and its details open."""
    folds = {panel.proto.id.rpartition("-")[2]: panel.proto.expanded for panel in at.expander}
    closed = [key for key, opened in folds.items() if key.startswith(("claims_", "details_")) and not opened]
    for key in closed:
        at.session_state[key] = True
    return healthy(at.run()) if closed else at


def agreements(at: AppTest) -> list[bool]:
    """Of each claim in the page's tables, whether what was predicted and what was measured agree. It unfolds them."""
    unfolded(at)
    tables = re.findall(r'<table class="mbgd-claims"[^>]*>(.*?)</table>', html(at), flags=re.DOTALL)
    kinds = [kind for table in tables for kind in re.findall(r'class="mbgd-(agrees|differs)">[^<]*</td></tr>', table)]
    return [kind == "agrees" for kind in kinds]


def rows(at: AppTest) -> list[list[str]]:
    """The rows of the page's tables, as the texts of their cells. It unfolds the tables."""
    unfolded(at)
    found = re.findall(r"<tr>(.*?)</tr>", html(at), flags=re.DOTALL)
    return [[plain(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, flags=re.DOTALL)] for row in found]


def told(at: AppTest) -> list[tuple[str, str]]:
    """The notes on the page, each as its kind (plain, changed, good or bad) and its text.

    Without the marking in short, which stands a second time above a picture.
    """
    found = re.findall(r'<p class="mbgd-status mbgd-(\w+)(?: mbgd-old)?"><span>(.*?)</span></p>', html(at))
    return [(kind, plain(text)) for kind, text in found]


def numbers(text: str) -> list[float]:
    """The numbers in a text, in their order; digits of a name such as W1 are none."""
    return [float(number.replace(",", "")) for number in re.findall(r"(?<![\w.])\d[\d,]*(?:\.\d+)?(?:e[-+]\d+)?", text)]


def charts(at: AppTest) -> list[tuple[dict, pa.Table]]:
    """Every chart, as its specification and the rows it draws."""
    found = []
    for element in at.get("vega_lite_chart"):
        table = pa.ipc.open_stream(element.proto.data.data).read_all()
        found.append((json.loads(element.proto.spec), table))
    return found


def other_page(at: AppTest, file: str) -> AppTest:
    """Go to another page of the menu in the same session."""
    return healthy(at.switch_page(file).run())


def linked_page(file: str, **query: str) -> AppTest:
    """A page of the menu, opened with exactly this address."""
    at = AppTest.from_file(APP, default_timeout=30)
    for name, value in query.items():
        at.query_params[name] = value
    return other_page(at, file)


def opened_page(file: str, **query: str) -> AppTest:
    """A lesson, opened with an address that has these choices, and for all others those of DIABETES."""
    return linked_page(file, **(DIABETES | query))


def predict(at: AppTest, question: str, answer: str) -> AppTest:
    """Pick the answer with this name to the question with this key."""
    return healthy(at.radio(key=f"predict_{question}").set_value(answer).run())


def run_experiment(at: AppTest, key: str, *, midway: bool = False) -> AppTest:
    """Press Run, then run the experiment to its end; midway: let the page redraw itself once before.

    The end comes in one go, because the number of redraws until then depends on the speed of the machine.
    """
    at = press(at, f"run_{key}")
    if midway:
        at = healthy(at.run())
    at.session_state["jobs"][key].work(math.inf)
    return healthy(at.run())
