"""The checks of a mistake: which are right answers, and what is said of those that catch nothing."""

import re
from html import escape

import pytest

from mbgd import load
from mbgd.experiments.mistakes.bugs import BUGS
from mbgd.experiments.mistakes.checks import CHECKS, Finding, caught_by, run_checks
from mbgd.experiments.plain import Parts
from mbgd.experiments.step import finish
from mbgd.share.choices import Choices
from mbgd.ui.kit.predict import UNSURE, mark
from mbgd.ui.mistakes.checks import (
    NONE,
    checks_table,
    in_quotes,
    question_of_checks,
    verdict,
    what_it_does,
    what_they_found,
)

SIDES = ("kept", "dropped")
CODES = ("the code that keeps them", "the code that drops them")
NO, YES, UNKNOWN = Finding(False, "all well"), Finding(True, "16 < 17"), Finding(None, "9 rows may look sorted")
FOUND = {
    "one": [[NO, NO], [NO, YES], [NO, NO], [NO, NO], [NO, NO]],
    "two": [[NO, NO], [NO, YES], [NO, NO], [NO, YES], [NO, NO]],
    "none": [[NO, NO]] * 5,
    "both fail": [[NO, NO], [YES, YES], [NO, NO], [NO, NO], [NO, NO]],
    "cannot tell": [[NO, NO], [NO, NO], [NO, NO], [NO, NO], [UNKNOWN, UNKNOWN]],
}
RIGHT = {"one": {1}, "two": {1, 3}}  # the places of the checks that are right answers


def found(name):
    return dict(zip(CHECKS, FOUND[name], strict=True))


@pytest.mark.parametrize("name", FOUND)
def test_every_check_that_catches_the_mistake_is_right_and_no_other_answer_is(name):
    question = question_of_checks("summed", CODES)
    assert list(question.answers) == [*CHECKS, NONE]
    names = {check for place, check in enumerate(CHECKS) if place in RIGHT.get(name, set())} or {NONE}
    for picked in [*question.answers, UNSURE]:
        kind, text = mark(question, picked, verdict(found(name), codes=CODES))
        assert kind == ("good" if picked in names else "plain" if picked == UNSURE else "bad")
        assert all(f"“{check}”" in text for check in names - {NONE})
        answers = {check for check, answer in question.answers.items() if f"<b>{escape(answer.text)}</b>" in text}
        assert answers == (set() if picked in names else names)


SETTINGS = {
    "batches": ("sine", {"batch": 18}),
    "one row per batch": ("moons", {"mode": "sgd"}),
    "full batch": ("sine", {"mode": "full"}),
    "a linear model": ("penguins", {"hidden": (), "activation": "tanh"}),
    "rows in order": ("moons", {"shuffle": False, "batch": 7}),
}


@pytest.mark.parametrize("settings", SETTINGS)
@pytest.mark.parametrize("name", BUGS)
def test_the_record_of_a_mistake_its_marking_its_table_and_its_sentence_name_the_same_checks(name, settings):
    data, changed = SETTINGS[settings]
    dataset, choices = load(data), Choices(**{"data": data, "hidden": (6,), "epochs": 3} | changed)
    case = BUGS[name].case(dataset, choices.settings(len(dataset.X_train)))
    seen = finish(run_checks(*case, Parts(), BUGS[name].parts(*case)))
    caught = caught_by(seen)
    assert caught in (list(BUGS[name].checks), [])  # none if these settings hide it
    question, decided = question_of_checks(name, CODES), verdict(seen, codes=CODES)
    marked = {picked: mark(question, picked, decided) for picked in question.answers}
    assert [picked for picked, (kind, _) in marked.items() if kind == "good"] == (caught or [NONE])
    assert re.findall(r"<b>([^<]*)</b>", checks_table(seen, SIDES)) == caught
    if caught:
        assert re.findall(r"“([^”]*)”", what_they_found(seen, CODES)) == caught


def test_every_answer_says_what_its_check_does():
    answers = question_of_checks("summed", CODES).answers
    for check in CHECKS:
        assert answers[check].text.lower().startswith(check)
        assert answers[check].text.endswith(what_it_does(check))
    assert len({answer.why for answer in answers.values()}) == len(answers)


def test_checks_that_catch_nothing_are_explained():
    said = {name: what_they_found(found(name), CODES) for name in FOUND}
    checks = list(CHECKS)
    assert len(set(said.values())) == len(said)
    assert not [check for check in checks if f"“{check}”" in said["none"]]
    assert f"“{checks[1]}”" in said["both fail"]
    assert UNKNOWN.saw in said["cannot tell"]
    assert all(code in text.lower() for code in CODES for text in said.values())


def test_names_in_a_sentence():
    assert [in_quotes(list("abc"[:n])) for n in (1, 2, 3)] == ["“a”", "“a” and “b”", "“a”, “b” and “c”"]


def test_the_table_of_checks_begins_with_those_that_catch_the_mistake():
    shown = checks_table({"a": [NO, NO], "b": [NO, YES], "c": [UNKNOWN, UNKNOWN]}, SIDES)
    assert shown.index("<b>b</b>") < shown.index(">a<") < shown.index(">c<")
    assert shown.count('class="mbgd-agrees"') == shown.count("all well") == 3
    assert shown.count('class="mbgd-differs"') == shown.count("16 &lt; 17") == 1
    assert shown.count('data-label="dropped"') == shown.count('data-label="kept"') == 3  # for cards
