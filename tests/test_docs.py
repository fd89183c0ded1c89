"""What docs/ says about the course agrees with the app."""

import re
from pathlib import Path

from docs.pictures import SHAPES, TRAIN, WIDTH
from mbgd.ui.frame.menu import LESSONS, PAGES, label, page_of
from mbgd.ui.frame.routes import BEFORE, ROUTES

DOCS = Path(__file__).parents[1] / "docs"
TEACHING = (DOCS / "teaching.md").read_text(encoding="utf-8")
PARTS = ("Point", "Misconception", "Ask", "The class will see", "Typical answers")


def test_the_routes_are_those_of_the_page_course():
    rows = [f"| {stop.minutes} | {label(page_of(stop.page))} | {stop.do} |" for route in ROUTES for stop in route.stops]
    assert re.findall(r"^\| \d+ \|.*\|$", TEACHING, flags=re.MULTILINE) == rows
    assert all(f"## {route.minutes}-minute route" in TEACHING for route in ROUTES)
    assert all(f"- {sentence}\n" in TEACHING for sentence in BEFORE)


def test_each_lesson_has_its_point_misconception_question_numbers_and_answers():
    assert re.findall(r"^## (\d+ .*)$", TEACHING, flags=re.MULTILINE) == [label(page) for page in LESSONS]
    for page in LESSONS:
        part = TEACHING.split(f"## {label(page)}\n")[1].split("\n## ")[0]
        assert all(f"- **{name}.**" in part for name in PARTS), page.title
        assert re.search(r"\d", part.split("**The class will see.**")[1].split("- **Typical")[0])


def test_files_and_lessons_that_it_names_exist():
    assert all((DOCS.parent / name).exists() for name in re.findall(r"`(docs/\S+)`", TEACHING))
    (named,) = re.findall(r"`done=([\w.]+)`", TEACHING)
    assert set(named.split(".")) <= {page.name for page in PAGES}


def test_the_pictures_are_as_wide_as_their_command_takes_them():
    for picture in (TRAIN, SHAPES):
        assert int.from_bytes(picture.read_bytes()[16:20], "big") == WIDTH
        assert f"docs/{picture.name}" in (DOCS.parent / "README.md").read_text(encoding="utf-8")
    assert "-m docs.pictures`" in (DOCS.parent / "CONTRIBUTING.md").read_text(encoding="utf-8")
