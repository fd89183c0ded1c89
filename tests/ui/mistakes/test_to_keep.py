"""What to keep of Common mistakes: the two runs, in all the ways that they can end."""

import pytest

from mbgd.experiments.mistakes.bugs import BUGS
from mbgd.ui.mistakes.bugs import lessons
from mbgd.ui.mistakes.to_keep import OTHERS, to_keep
from tests.ui.mistakes.test_bugs import ENDS, figure


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("name", [*lessons(), *OTHERS])
def test_the_numbers_are_those_of_the_two_runs(name, end):
    result = ENDS[end]
    ran, seen, *check = to_keep(name, result)
    assert figure(result.right) in ran
    assert figure(result.broken) in ran
    diverged = [side for side in (result.right, result.broken) if side.diverged]
    if diverged:
        assert ("Both" in seen) == (len(diverged) == 2)
        assert "times" not in seen
    else:
        assert f"{result.broken.end / result.right.end:.3g} times" in seen
    assert check == ([f"The check that is made for this mistake: “{BUGS[name].check}”."] if name in BUGS else [])


def test_higher_lower_and_alike_are_told_apart():
    name = next(iter(lessons()))
    seen = {end: to_keep(name, ENDS[end])[1] for end in ("higher", "lower", "same")}
    assert [("higher" if "as high" in text else "lower" if "lower" in text else "same") for text in seen.values()] == [
        "higher",
        "lower",
        "same",
    ]
