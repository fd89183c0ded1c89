"""The page Course: the lessons in their order, and the routes."""

from mbgd.ui.course.glossary import GLOSSARY
from mbgd.ui.course.routes import ROUTES
from mbgd.ui.frame.menu import LESSONS, label, page_of
from tests.pages.app import healthy, html, opened_page

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
