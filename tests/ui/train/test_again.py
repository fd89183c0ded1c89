"""A run that the address names is trained again: with the same learning rates, to the same weights."""

import pytest

from mbgd.ui.train.again import in_address, read_stages, show_stages, stages_of
from mbgd.ui.train.run import Stage
from tests.ui.train.runs import FULL, LONG, PLANE, choose, make_run, weights


def trained_again(run):
    """The same run, made from the text that the address has for it."""
    again = make_run(**PLANE | {"rate": run.choices.rate})
    again.train_again(read_stages(in_address(run), again.chosen.rate, again.training.total_updates))
    while again.playing:
        choose(again)  # as each run of the page's script does
        again.play(FULL, LONG)
    return again


def test_a_run_is_made_again_to_the_last_bit():
    run = make_run(**PLANE)
    run.step(updates=37)
    assert in_address(run) == "37"
    again = trained_again(run)
    assert again.training.updates_done == 37
    assert weights(again).tolist() == weights(run).tolist()


def test_changes_of_the_learning_rate_are_made_again():
    run = make_run(**PLANE)
    run.step(updates=20)
    choose(run, rate=0.05)
    run.step(updates=17)
    choose(run, rate=0.002)
    run.step(updates=1)
    assert in_address(run) == "20-0.01_37-0.05_38"
    again = trained_again(run)
    assert weights(again).tolist() == weights(run).tolist()
    assert again.label == run.label
    again.step(updates=1)
    run.step(updates=1)
    assert weights(again).tolist() == weights(run).tolist()


def test_a_divergence_is_made_again():
    run = make_run(**PLANE, epochs=100)
    choose(run, rate=10.0)
    run.training.advance()
    assert run.training.diverged
    again = trained_again(run)
    assert (again.training.diverged, again.training.updates_done) == (True, run.training.updates_done)


def test_a_run_of_other_choices_is_not_in_the_address():
    run = make_run(**PLANE)
    assert in_address(run) == ""
    run.step(updates=3)
    choose(run, batch=8)
    assert in_address(run) == ""


def test_a_pause_ends_the_stages_and_the_sidebar_decides_again():
    run = make_run(**PLANE)
    run.train_again([Stage(1, 0.05), Stage(15 * 99, 0.02), Stage(15 * 100, 0.01)])
    run.pause()
    choose(run)
    assert run.training.learning_rate == PLANE["rate"]


@pytest.mark.parametrize("text", ["", "0", "1501", "x", "20-0.01", "20_10", "20-9999_30", "1e3-0.1_1200_", "5-nan_9"])
def test_a_text_that_can_not_be_trained_is_refused(text):
    with pytest.raises(ValueError, match=r"\.$"):
        read_stages(text, 0.01, 1500)


def test_a_run_with_very_many_rates_is_not_named():
    stages = [Stage(i, 0.01 * i) for i in range(1, 40)]
    assert show_stages(stages[:20]).count("_") == 19
    assert show_stages(stages) == ""


def test_the_stages_of_a_run_end_with_its_updates():
    run = make_run(**PLANE)
    run.step(updates=4)
    assert stages_of(run.training) == [Stage(4, 0.01)]
