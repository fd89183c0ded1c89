"""The sidebar of each page: the controls that act there are alive, and the others rest and keep their values."""

import pytest
from streamlit.testing.v1 import AppTest

from mbgd.ui.frame.controls import ALL, CONTROLS, at_rest
from mbgd.ui.frame.menu import LESSONS, PAGES
from mbgd.ui.kit.experiment import Job
from mbgd.ui.mistakes.bugs import lessons
from tests.pages.app import APP, announced, html, opened, opened_page, other_page

BASE = {"data": "moons", "hidden": "6", "size": "50"}
# For each control, choices that another value of it gives.
OTHERS = {
    "data": [{"noise": "0.3"}, {"size": "20"}, {"data": "xor"}, {"validation": "40"}],
    "batch": [{"batch": "8"}, {"mode": "full"}],
    "epochs": [{"epochs": "7"}],
    "rate": [{"rate": "0.3"}],
    "network": [{"hidden": "3"}, {"activation": "tanh"}],
    "last": [{"last": "drop"}],
    "seed": [{"seed": "5"}],
    "shuffle": [{"shuffle": "no"}],
}
# The parts of a page that each have experiments of their own.
PARTS = {
    "modes": [{"part": part} for part in ("the-race", "on-the-loss-surface", "the-noise-of-a-batch")],
    "mistakes": [{"mistake": next(iter(lessons()))}, {"mistake": "epochs"}],
}
ONE_VALUE = [(page, name) for page in LESSONS for name in CONTROLS]


class Spy:
    """Stands for what an experiment depends on, and notes what it is compared with."""

    def __init__(self):
        self.seen = None

    def __eq__(self, other):
        self.seen = other
        return True

    __hash__ = None


class Spies(dict):
    """The jobs of a session: for each key that a page asks for, one with a Spy."""

    def get(self, key, default=None):
        return self.setdefault(key, Job(Spy(), iter(()), playing=False))


def depends_on(page, **query):
    """What all experiments of a lesson depend on, with these choices."""
    found = {}
    for part in PARTS.get(page.name, [{}]):
        at = AppTest.from_file(APP, default_timeout=30)
        at.session_state["jobs"] = jobs = Spies()
        at.query_params.update(BASE | query | part)
        other_page(at, page.file)
        found |= {(key, *part.values()): repr(job.about.seen) for key, job in jobs.items() if job.about.seen}
    return found


@pytest.fixture(scope="module")
def base():
    return {page.name: depends_on(page) for page in LESSONS}


@pytest.mark.parametrize(("page", "name"), ONE_VALUE, ids=lambda value: getattr(value, "name", value))
def test_only_live_controls_change_what_a_lesson_depends_on(page, name, base):
    assert base[page.name]
    changes = any(depends_on(page, **other) != base[page.name] for other in OTHERS[name])
    assert changes == (name in page.controls)


WIDGETS = {
    "data": ["choose_data", "choose_validation", "choose_size", "choose_noise"],
    "batch": ["choose_mode", "choose_batch"],
    "network": ["choose_hidden", "choose_activation"],
}


def shown_controls(page):
    """The controls that act on a page as it opens: on Three modes those of the race, on Shapes those that leave the
    question open."""
    return [name for name in page.controls if name != "batch" or page.name not in ("modes", "shapes")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_controls_that_do_not_act_on_a_page_are_disabled_and_keep_their_values(page):
    at = opened_page(page.file, data="moons", noise="0.3", batch="8", epochs="7", hidden="3", last="drop", seed="5")
    alive = {element.key for element in at.sidebar if not getattr(element, "disabled", False) and element.key}
    for name in CONTROLS:
        for key in WIDGETS.get(name, [f"choose_{name}"]):
            assert (key in alive) == (name in shown_controls(page)), key
    choices = at.session_state["choices"]
    assert (choices.data, choices.noise, choices.batch, choices.epochs) == ("moons", 0.3, 8, 7)
    assert (choices.hidden, choices.last, choices.seed) == ((3,), "drop", 5)
    where = "part of the page" if page.name in ("modes", "shapes") else "page"
    assert at_rest(shown_controls(page), where) in html(at)
    assert bool(at_rest(page.controls)) == (page.controls != ALL)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_bar_of_batch_sizes_is_on_each_page_on_which_they_act(page):
    at = opened_page(page.file, batch="8")
    bars = [group for group in at.main.get("button_group") if group.key == "bar_batch"]
    assert [bar.value for bar in bars] == ([8] if "batch" in shown_controls(page) else [])


@pytest.mark.parametrize(
    ("part", "used"),
    [
        ("the-race", {"data", "network", "last", "seed", "shuffle"}),
        ("on-the-loss-surface", {"data", "batch", "seed"}),
        ("the-noise-of-a-batch", {"data", "network", "seed"}),
        ("six-rows", {"data", "network", "seed"}),
    ],
)
def test_what_rests_on_three_modes_follows_the_part_shown(part, used):
    at = opened_page("pages/modes.py", data="moons", part=part)
    alive = {element.key for element in at.sidebar if not getattr(element, "disabled", False) and element.key}
    assert {name for name in CONTROLS if WIDGETS.get(name, [f"choose_{name}"])[0] in alive} == used
    assert any(group.key == "bar_batch" for group in at.main.get("button_group")) == ("batch" in used)
    (page,) = [page for page in LESSONS if page.name == "modes"]

    def about(**query):
        at = AppTest.from_file(APP, default_timeout=30)
        at.session_state["jobs"] = jobs = Spies()
        at.query_params.update(BASE | query | {"part": part})
        other_page(at, page.file)
        return {key: repr(job.about.seen) for key, job in jobs.items() if job.about.seen}

    base = about()
    assert base
    for name in CONTROLS:
        assert any(about(**other) != base for other in OTHERS[name]) == (name in used), name


def test_a_value_at_rest_is_alive_again_on_the_next_page():
    at = opened_page("pages/engine.py", rate="0.3")
    assert at.sidebar.select_slider(key="choose_rate").disabled
    other_page(at, "app.py")
    assert not at.sidebar.select_slider(key="choose_rate").disabled
    assert at.sidebar.select_slider(key="choose_rate").set_value(0.1).run().session_state["choices"].rate == 0.1


def test_what_a_control_refuses_is_heard():
    at = opened(hidden="8")
    at.text_input(key="choose_hidden").set_value("8, x").run()
    assert "x" in announced(at)["hidden layers"]
    at.text_input(key="choose_hidden").set_value("8, 2").run()
    assert "hidden layers" not in announced(at)


def test_what_an_address_asks_for_in_vain_is_heard():
    (heard,) = [text for text in announced(opened(rate="fast")).values() if "fast" in text]
    assert "rate" in heard
