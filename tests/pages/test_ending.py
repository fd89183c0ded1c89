"""The end of each lesson: what to keep after its run, the next lesson, and the tick in the menu."""

import re

import pytest

from mbgd.ui.frame.ending import BEFORE_THE_RUN
from mbgd.ui.frame.menu import LAB, LESSONS, after, label
from mbgd.ui.mistakes.bugs import lessons
from tests.pages.app import (
    DIABETES,
    healthy,
    html,
    notes,
    opened_page,
    other_page,
    predict,
    press,
    prose,
    run_experiment,
)

SMALL = {"data": "moons", "size": "20", "hidden": "2", "epochs": "2"}
SHORT = {"modes": {"seeds": "1", "limit": "epochs", "run_epochs": "5"}}
MISTAKE = f"mistake_{next(iter(lessons()))}"
# The question and the experiment of each lesson's main run, and an answer.
MAIN = {
    "modes": ("race", "race"),
    "shapes": ("doubling", "doubling"),
    "loop": ("loop_speed", "speed"),
    "mistakes": (MISTAKE, MISTAKE),
    "gradient_check": ("gradient_check_step", "gradient_check"),
    "frameworks": ("frameworks", "frameworks"),
    "under_the_hood": ("hood", "costs"),
}


def kept(at):
    """What to keep, as the page shows it."""
    (found,) = re.findall(r'<(?:p|ul) class="mbgd-keep">(.*?)</(?:p|ul)>', html(at))
    return found


def ticked(at):
    return [link.proto.label for link in at.sidebar.get("page_link") if "✓" in link.proto.label]


@pytest.mark.parametrize("page", LESSONS, ids=lambda page: page.name)
def test_what_to_keep_comes_with_the_run_and_not_before(page):
    at = opened_page(page.file, **SMALL, **SHORT.get(page.name, {}))
    assert kept(at) == BEFORE_THE_RUN
    assert label(after(page)) in at.main.get("page_link")[-2].proto.label
    assert ticked(at) == []
    question, key = MAIN[page.name]
    at = run_experiment(predict(at, question, "unsure"), key)
    assert 2 <= kept(at).count("<li>") <= 3
    assert re.search(r"\d", kept(at))
    assert ticked(at) == [label(page, [page.name])]
    assert at.query_params["done"] == page.name or at.query_params["done"] == [page.name]


def test_ticks_go_from_page_to_page_and_come_back_with_the_address():
    at = opened_page("pages/loop.py", done="shapes.modes", rows="4")
    done = [label(page, [page.name]) for page in LESSONS[:2]]
    assert ticked(at) == done
    other_page(at, "pages/data.py")
    assert ticked(at) == done
    assert dict(at.query_params) == DIABETES | {"done": "modes.shapes"}
    assert "Done." in at.sidebar.get("page_link")[len(LAB) + 1].proto.help
    assert LESSONS[1].title in prose(at)


def test_ticks_of_a_link_can_be_cleared_and_those_of_the_session_stay():
    at = opened_page("pages/course.py", done="modes.loop")
    assert len(ticked(at)) == 2
    at.session_state["done"] = ["modes", "shapes", "loop"]  # one more, done here
    at = press(healthy(at.run()), "clear_came")
    assert ticked(at) == [label(LESSONS[1], ["shapes"])]
    assert "clear_came" not in [button.key for button in at.button]
    assert at.query_params["done"] in ("shapes", ["shapes"])
    at = press(at, "clear_ticks")
    assert ticked(at) == []
    assert "done" not in at.query_params
    assert "clear_ticks" not in [button.key for button in at.button]


def test_unknown_names_are_named_and_dropped():
    at = opened_page("pages/data.py", done="modes.<i>x")
    assert notes(at)[0] == "changed"
    assert "done=&lt;i&gt;x" in html(at)
    assert "<i>x" not in html(at)
    at.sidebar.number_input(key="choose_seed").set_value(3).run()
    assert "changed" not in notes(healthy(at))
    assert ticked(at) == [label(LESSONS[0], [LESSONS[0].name])]


def test_changed_settings_take_back_what_to_keep():
    at = run_experiment(predict(opened_page("pages/shapes.py", **SMALL), "doubling", "rows"), "doubling")
    assert kept(at) != BEFORE_THE_RUN
    at.sidebar.number_input(key="choose_seed").set_value(3).run()
    assert kept(healthy(at)) == BEFORE_THE_RUN
    assert len(ticked(at)) == 1
