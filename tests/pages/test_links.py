"""A page's own choices in its address, so that a teacher can link to a part of a lesson."""

import pytest

from tests.pages.app import healthy, html, linked_page, notes, other_page

LINKED = [
    ("pages/mistakes.py", "mistake", "shuffled_apart", "mistake", "shuffled_apart"),
    ("pages/modes.py", "part", "the-noise-of-a-batch", "modes_part", "The noise of a batch"),
    ("pages/loop.py", "rows", "4", "loop_batch", 4),
]


@pytest.mark.parametrize(("file", "name", "text", "key", "value"), LINKED)
def test_an_address_opens_the_part_that_it_names(file, name, text, key, value):
    at = linked_page(file, **{name: text, "rate": "0.1"})
    assert at.session_state[key] == value
    assert dict(at.query_params) == {name: text, "rate": "0.1"}
    healthy(at.run())
    assert dict(at.query_params) == {name: text, "rate": "0.1"}


def test_a_choice_is_written_into_the_address_and_the_default_is_not():
    at = linked_page("pages/loop.py")
    assert dict(at.query_params) == {}
    at.select_slider(key="loop_batch").set_value(4).run()
    assert dict(at.query_params) == {"rows": "4"}
    at.sidebar.number_input(key="choose_seed").set_value(3).run()
    assert dict(at.query_params) == {"rows": "4", "seed": "3"}
    at.select_slider(key="loop_batch").set_value(64).run()
    assert dict(healthy(at).query_params) == {"seed": "3"}


def test_another_page_has_its_own_address_and_the_choice_is_still_there_afterwards():
    at = linked_page("pages/loop.py", rows="4")
    other_page(at, "pages/data.py")
    assert dict(at.query_params) == {}
    other_page(at, "pages/loop.py")
    assert at.select_slider(key="loop_batch").value == 4
    assert dict(at.query_params) == {"rows": "4"}


def test_a_bad_link_is_named():
    at = linked_page("pages/modes.py", part="<b>x</b>")
    assert notes(at)[0] == "changed"
    for text in ("part=&lt;b&gt;x&lt;/b&gt;", "the-race", "on-the-loss-surface"):
        assert text in html(at)
    assert dict(healthy(at.run()).query_params) == {}
    assert "changed" not in notes(at)
