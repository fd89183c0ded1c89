"""The page Course: the lessons in their order, and the routes."""

import re

import pytest

from mbgd.ui.frame.glossary import GLOSSARY
from mbgd.ui.frame.menu import COURSE, LESSONS, PAGES, label, page_of
from mbgd.ui.frame.routes import ROUTES
from tests.pages.app import healthy, html, in_one, opened_page, other_page, press

FILE = "pages/course.py"


def test_it_links_to_each_lesson_in_order_and_to_each_stop_of_the_routes():
    at = opened_page(FILE)
    stops = [label(page_of(stop.page)) for route in ROUTES for stop in route.stops]
    assert [link.proto.label for link in at.main.get("page_link")] == [*map(label, LESSONS), *stops]


def test_it_says_the_minutes_and_the_line_of_each_lesson():
    at = opened_page(FILE)
    for page in LESSONS:
        assert f'id="course_{page.name}"><b>{page.minutes} min</b><span>{page.hint}' in html(at)
    for route in ROUTES:
        for stop in route.stops:
            assert f"<b>{stop.minutes} min</b><span>{stop.do}" in html(at)


def test_the_glossary_is_under_a_title_that_opens():
    at = opened_page(FILE)
    assert [panel.label.split(":")[0] for panel in at.expander] == ["Glossary"]
    assert not any(GLOSSARY["batch"] in block.value for block in at.markdown)  # closed, it costs nothing
    at.session_state["glossary"] = True
    assert any(f"**batch**: {GLOSSARY['batch']}" in block.value for block in healthy(at.run()).markdown)


def test_the_end_of_a_page_leads_to_the_glossary_and_opens_it():
    *_, link = opened_page(LESSONS[0].file).main.get("page_link")
    assert "glossary=open" in link.proto.query_string
    at = opened_page(FILE, glossary="open")
    assert any(f"**batch**: {GLOSSARY['batch']}" in block.value for block in at.markdown)


def next_link(at):
    """Where the end of the page leads, and with which address."""
    *_, link, _ = at.main.get("page_link")  # the last one leads to the glossary
    return link.proto.label, link.proto.query_string


def test_the_links_of_a_route_follow_it_and_those_of_the_list_leave_it():
    at = opened_page(FILE, route="15")
    _, *links = at.main.get("page_link")  # the first leads to the next stop
    asked = [re.findall(r"route=(\d+)", link.proto.query_string) for link in links]
    assert asked == [[]] * len(LESSONS) + [[route.name] for route in ROUTES for _ in route.stops]
    menu = at.sidebar.get("page_link")[: len(PAGES)]
    assert all("route=15" in link.proto.query_string for link in menu)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_on_a_route_each_stop_leads_to_the_next_with_the_minutes_there(route):
    for stop, following in zip(route.stops, [*route.stops[1:], None], strict=True):
        at = opened_page(page_of(stop.page).file, route=route.name)
        words, query = next_link(at)
        assert f"{stop.minutes} min:</b> {in_one(stop.do)}</p>" in html(at)
        assert re.search(rf"\b{route.minutes}[- ]minute", words)
        assert label(page_of(following.page) if following else COURSE) in words
        assert not following or f"({following.minutes} min)" in words
        assert f"route={route.name}" in query


def test_off_the_route_and_without_one_the_next_lesson_is_next():
    last = LESSONS[-1]
    for at in (opened_page(LESSONS[0].file), opened_page(last.file, route="15")):
        assert "minute" not in next_link(at)[0]
        assert "mbgd-task" not in html(at)
    at = opened_page(LESSONS[0].file, route="15")
    at.query_params.pop("route")  # as a link of the list of lessons
    assert "minute" not in next_link(other_page(at, LESSONS[1].file))[0]


def test_an_unknown_route_is_told_and_not_followed():
    at = opened_page(LESSONS[0].file, route="<b>20")
    assert "route=&lt;b&gt;20" in html(at)
    assert "minute" not in next_link(at)[0]


def test_the_page_marks_the_route_that_is_followed_and_its_next_stop():
    route = ROUTES[0]
    first, second, *_ = route.stops
    at = opened_page(FILE, route=route.name)
    marks = re.findall(r'id="route_(\d+)_(\w+)"><b>\d+ min</b><span><b>', html(at))
    assert marks == [(route.name, page_of(first.page).name)]
    other_page(at, page_of(first.page).file)
    other_page(at, FILE)
    marks = re.findall(r'id="route_(\d+)_(\w+)"><b>\d+ min</b><span><b>', html(at))
    assert marks == [(route.name, page_of(second.page).name)]
    links = [link.proto for link in at.main.get("page_link")]
    assert label(page_of(second.page)) in links[0].label
    assert f"route={route.name}" in links[0].query_string
    for stop in route.stops[1:]:
        other_page(at, page_of(stop.page).file)
    assert "<span><b>" not in html(other_page(at, FILE))


def test_following_a_route_can_be_ended():
    at = press(opened_page(FILE, route="45"), "end_route")
    assert "route" not in dict(at.query_params)
    assert not [button for button in at.button if button.key == "end_route"]
    assert not [link for link in at.sidebar.get("page_link") if "route=" in link.proto.query_string]
