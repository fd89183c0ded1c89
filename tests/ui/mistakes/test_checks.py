"""The checks of a mistake: which are right answers, and what is said of those that catch nothing."""

import pytest

from mbgd.experiments.mistakes.checks import CHECKS, Finding
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
        decided = verdict(found(name), codes=CODES, picked=picked)
        kind, text = mark(question, picked, decided)
        assert kind == ("good" if picked in names else "plain" if picked == UNSURE else "bad")
        assert all(f"“{check}”" in text for check in names - {NONE})


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
