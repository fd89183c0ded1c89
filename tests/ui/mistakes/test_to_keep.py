"""What to keep of Common mistakes: the two runs, in all the ways that they can end."""

import pytest

from mbgd import Settings, load
from mbgd.experiments.mistakes.bugs import BUGS
from mbgd.experiments.mistakes.checks import caught_by, run_checks
from mbgd.experiments.plain import Parts
from mbgd.experiments.step import finish
from mbgd.ui.mistakes.bugs import lessons
from mbgd.ui.mistakes.to_keep import OTHERS, to_keep
from tests.ui.mistakes.test_bugs import ENDS, figure


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("name", [*lessons(), *OTHERS])
def test_the_numbers_are_those_of_the_two_runs(name, end):
    result = ENDS[end]
    ran, seen = to_keep(name, result)  # nothing of the checks, before they have run
    assert figure(result.right) in ran
    assert figure(result.broken) in ran
    diverged = [side for side in (result.right, result.broken) if side.diverged]
    if diverged:
        assert ("Both" in seen) == (len(diverged) == 2)
        assert "times" not in seen
    else:
        assert f"{result.broken.end / result.right.end:.3g} times" in seen or result.broken.end == result.right.end


def test_once_the_checks_have_run_those_that_catch_the_mistake_are_kept():
    name = next(iter(lessons()))
    case = BUGS[name].case(load("sine"), Settings(16, 1, 0.02, (4,)))
    found = finish(run_checks(*case, Parts(), BUGS[name].parts(*case)))
    *_, last = to_keep(name, ENDS["higher"], found)
    assert all(f"“{check}”" in last for check in caught_by(found))
    assert caught_by(found) == list(BUGS[name].checks)


def test_higher_lower_and_alike_are_told_apart():
    name = next(iter(lessons()))
    seen = {end: to_keep(name, ENDS[end])[1] for end in ("higher", "lower", "same")}
    assert ["lower" in text for text in seen.values()] == [False, True, False]
    assert ["not tell the two runs apart" in text for text in seen.values()] == [False, False, True]
