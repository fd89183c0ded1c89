"""The controls of the sidebar: each choice belongs to one, and the sentence names those that rest."""

from dataclasses import fields

import pytest

from mbgd.share.choices import Choices
from mbgd.ui.frame.controls import ALL, CONTROLS, NONE, at_rest, in_words
from mbgd.ui.frame.menu import COURSE, LESSONS, PAGES, after, label, page_of


def test_every_choice_belongs_to_one_control():
    changed = [name for control in CONTROLS.values() for name in control.fields]
    assert sorted(changed) == sorted(field.name for field in fields(Choices))


def test_the_sentence_names_the_controls_at_rest_and_no_others():
    assert at_rest(ALL) == ""
    assert in_words(["seed", "data"]) == "the data set and the seed"
    assert in_words(["seed", "data", "network"]) == "the data set, the network and the seed"
    assert in_words(["epochs"]) == "the epochs"
    said = at_rest(("data", "seed"))
    for name, control in CONTROLS.items():
        assert (control.words in said) == (name not in ("data", "seed"))
    assert not any(control.words in at_rest(NONE) for control in CONTROLS.values())


def test_the_controls_of_every_page_are_known():
    assert all(set(page.controls) <= CONTROLS.keys() for page in PAGES)
    assert page_of("Train").controls == ALL
    assert page_of("Engine").controls == NONE


def test_lessons_are_numbered_and_lead_to_the_next():
    assert [label(page) for page in LESSONS] == [f"{number} {page.title}" for number, page in enumerate(LESSONS, 1)]
    assert label(page_of("Train")) == "Train"
    assert [after(page) for page in LESSONS] == [*LESSONS[1:], COURSE]
    assert all(page.minutes > 0 and page.hint for page in LESSONS)


@pytest.mark.parametrize("what", ["file", "title", "name"])
def test_no_two_pages_share_a(what):
    assert len({getattr(page, what) for page in PAGES}) == len(PAGES)
