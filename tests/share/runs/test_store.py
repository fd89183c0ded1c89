"""The list of a session's runs: numbers, names, pins, and what goes when there is no more room."""

from dataclasses import replace

from mbgd.share.runs.store import LONGEST_NAME, MOST_RUNS, Runs
from tests.share.runs.made import record, usual


def other(about, updates=20, **changes):
    return replace(usual(), about=(about,), updates=updates, **changes)


def test_runs_are_numbered_and_a_number_is_given_once():
    runs = Runs()
    assert [runs.add(other(about)).number for about in "abc"] == [1, 2, 3]
    runs.delete(3)
    assert runs.add(other("d")).number == 4
    assert [run.number for run in runs] == [1, 2, 4]
    assert runs.get(3) is None


def test_the_same_run_is_kept_once_and_one_that_goes_on_takes_its_place():
    runs = Runs()
    assert runs.add(other("a")).number == runs.add(other("a")).number == 1
    assert len(runs) == 1
    longer = runs.add(other("a", 30))
    assert (longer.number, longer.updates, len(runs)) == (1, 30, 1)
    assert runs.add(other("a", 25)) is longer
    assert len(runs) == 1


def test_a_pinned_or_named_run_stays_beside_the_longer_one():
    runs = Runs()
    runs.add(other("a", pinned=True))
    runs.add(other("b"))
    runs.change(2, name="mine")
    runs.add(other("a", 30))
    runs.add(other("b", 30))
    runs.add(other("a", 10, pinned=True))
    assert [(run.number, run.updates) for run in runs] == [(1, 20), (2, 20), (3, 30), (4, 30), (5, 10)]


def test_pinning_a_run_that_is_there_pins_it():
    runs = Runs()
    runs.add(other("a"))
    runs.add(other("a", pinned=True))
    assert [run.pinned for run in runs] == [True]


def test_the_oldest_that_is_not_pinned_goes_first():
    runs = Runs()
    for about in range(MOST_RUNS):
        runs.add(other(about, pinned=about == 0))
    assert runs.dropped is None
    runs.add(other("new"))
    assert len(runs) == MOST_RUNS
    assert runs.dropped.number == 2
    assert runs.get(1)


def test_if_all_are_pinned_the_new_one_goes():
    runs = Runs()
    for about in range(MOST_RUNS + 1):
        runs.add(other(about, pinned=True))
    assert (len(runs), runs.dropped.number) == (MOST_RUNS, MOST_RUNS + 1)


def test_a_name_is_one_line_and_short():
    runs = Runs()
    runs.add(usual())
    runs.change(1, name="  two\n lines " + "x" * 100)
    name = next(iter(runs)).name
    assert name.startswith("two lines x")
    assert len(name) == LONGEST_NAME


def test_runs_of_other_data_or_another_loss_are_not_comparable():
    run = usual()
    assert run.comparable(record(5, seed=3))
    assert run.comparable(record(5, validation=30))
    assert not run.comparable(record(5, data="moons"))
    assert not run.comparable(record(5, size=50))
    assert not run.comparable(replace(run, loss="mse"))


def test_a_deleted_or_dropped_run_comes_back_only_if_it_is_pinned():
    runs = Runs()
    run = runs.add(other("a"))
    assert not runs.wants(run.about, run.updates, pinned=False)
    runs.delete(run.number)
    assert not runs.wants(run.about, run.updates, pinned=False)
    assert runs.wants(run.about, run.updates, pinned=True)
    assert runs.wants(run.about, run.updates + 1, pinned=False)
    for about in range(MOST_RUNS + 1):
        runs.add(other(about))
    assert not runs.wants((0,), 20, pinned=False)
