"""The run of the page Train to take home."""

import pytest

from mbgd.share.script import script
from mbgd.ui.train.take_home import taken
from tests.share.taken import ran, same
from tests.ui.train.runs import choose, ended_run, make_run


def test_the_script_of_a_run_whose_rate_was_changed_is_that_run():
    run = make_run()
    run.step(updates=5)
    choose(run, rate=0.05)
    run.step(updates=4)
    home = taken(run)
    assert list(home.stages) == [(5, 0.02), (9, 0.05)]
    same(ran(script(home)), run.training)


def test_it_holds_the_run_as_it_was_shown_when_the_run_goes_on():
    run = make_run()
    run.step(updates=3)
    home = taken(run)
    before = script(home)
    run.step(updates=1)
    choose(run, hidden=(3,), seed=5)
    assert script(home) == before


@pytest.mark.parametrize("chosen", [{"rate": 10.0}, {"epochs": 1}])
def test_the_script_of_a_run_that_has_ended_ends_alike(chosen, capsys):
    run = ended_run(**chosen)
    home = taken(run)
    assert home.diverged == run.training.diverged
    names = ran(script(home))
    assert ("diverges" in capsys.readouterr().out) == run.training.diverged
    if not run.training.diverged:
        same(names, run.training)


def test_other_choices_in_the_sidebar_do_not_change_the_run():
    run = make_run()
    run.step(updates=2)
    choose(run, batch=32, seed=3, activation="tanh")
    same(ran(script(taken(run))), run.training)
