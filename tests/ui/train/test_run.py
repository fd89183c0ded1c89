"""A run in the browser: the effect of the buttons and the sidebar on the network, the curve and the ghosts."""

import numpy as np
import pytest

from mbgd.experiments.gradients import batch_gradient
from mbgd.share.allowed import CAPS
from mbgd.share.choices import DEFAULT
from mbgd.ui.train.ghosts import MOST_GHOSTS
from mbgd.ui.train.run import LARGEST_WEIGHT
from tests.ui.train.runs import FULL, LONG, PLANE, choose, ended_run, make_run, weights


def play_a_little(run):
    """Play slices of a millisecond until one makes an update: on a busy machine the first may make none."""
    before = run.training.updates_done
    while run.playing and run.training.updates_done == before:
        run.play(FULL, 0.001)


# --- the buttons ---


def test_a_new_run_is_paused_with_an_untrained_network():
    run = make_run(**PLANE)
    assert (run.playing, run.stepped, run.stale, run.ended) == (False, False, False, False)
    assert (run.training.updates_done, list(run.ghosts), run.changes) == (0, [], [])
    assert run.batch_rows.tolist() == []


def test_train_plays_and_pause_keeps_the_network():
    run = make_run(**PLANE)
    run.train()
    assert run.playing
    play_a_little(run)
    before, done = weights(run), run.training.updates_done
    run.pause()
    assert not run.playing
    assert done >= 1
    assert (run.training.updates_done, weights(run).tolist()) == (done, before.tolist())


def test_train_goes_on_after_pause():
    run = make_run(**PLANE)
    run.step(updates=5)
    training = run.training
    run.train()
    play_a_little(run)
    assert run.training is training
    assert run.training.updates_done > 5
    assert not run.stepped


def test_a_step_is_one_update_and_a_pause():
    run = make_run(**PLANE)
    run.train()
    run.step(updates=1)
    assert (run.training.updates_done, run.playing, run.stepped) == (1, False, True)
    assert run.batch_rows.tolist() == run.training.last.rows.tolist()
    assert len(run.batch_rows) == 16


@pytest.mark.parametrize("before", [0, 1, 14, 15, 20])
def test_a_step_of_one_epoch_ends_at_the_end_of_the_epoch(before):
    run = make_run(**PLANE)
    run.step(updates=before)
    run.step(epochs=1)
    assert run.training.updates_done == (before // 15 + 1) * 15
    assert not run.playing


def test_steps_and_play_make_the_same_run():
    stepped, played = make_run(**PLANE, epochs=2), make_run(**PLANE, epochs=2)
    for _ in range(30):
        stepped.step(updates=1)
    played.train()
    while played.playing and played.training.updates_done < 30:
        played.play(FULL, 0.001)
    assert not played.playing
    assert weights(stepped).tolist() == weights(played).tolist()


def test_reset_brings_back_the_first_network_and_keeps_earlier_runs():
    run = make_run(**PLANE)
    first = weights(run)
    run.step(epochs=1)
    choose(run, batch=8)
    run.train()
    assert len(run.ghosts) == 1
    choose(run, batch=16)
    run.reset()
    assert (run.training.updates_done, run.playing, run.stepped) == (0, False, False)
    assert [ghost.curve.mark for ghost in run.ghosts] == ["a"]
    assert weights(run).tolist() == first.tolist()
    assert run.training.plan.batch_size == 16


def test_reset_keeps_the_run_itself_only_if_a_fresh_one_would_not_make_it_again():
    run = make_run(**PLANE)
    run.step(epochs=1)
    run.reset()
    assert len(run.ghosts) == 0
    run.step(epochs=1)
    choose(run, rate=0.05)
    run.step(epochs=1)
    run.reset()
    assert len(run.ghosts) == 1
    run.step(epochs=1)
    choose(run, batch=8)
    run.reset()
    assert len(run.ghosts) == 2


def test_reset_takes_the_choices_of_the_sidebar():
    run = make_run(**PLANE)
    run.step(updates=1)
    choose(run, hidden=(4,), rate=0.5)
    run.reset()
    assert [layer.W.shape for layer in run.training.layers] == [(4, 2), (1, 4)]
    assert (run.training.learning_rate, run.stale) == (0.5, False)


# --- choices that act at once ---


def test_a_rate_acts_on_the_running_network_at_once():
    run = make_run(**PLANE)
    run.train()
    play_a_little(run)
    training, before = run.training, weights(run)
    choose(run, rate=0.5)
    assert run.playing
    assert (run.training, run.stale, run.changes) == (training, False, [])
    assert weights(run).tolist() == before.tolist()
    assert run.training.learning_rate == 0.5
    assert run.training.rates[-1] == (run.training.updates_done, 0.5)


def test_the_next_update_is_made_with_the_new_rate():
    slow, fast = make_run(**PLANE), make_run(**PLANE)
    choose(fast, rate=0.02)
    first = weights(slow)
    for run in (slow, fast):
        run.step(updates=1)
    np.testing.assert_allclose(weights(fast) - first, 2 * (weights(slow) - first), rtol=1e-9)


def test_more_epochs_let_a_finished_run_go_on():
    run = ended_run(**PLANE, epochs=2)
    run.train()
    assert run.ended
    assert not run.playing
    training = run.training
    choose(run, epochs=3)
    assert not run.ended
    run.train()
    assert run.playing
    run.play(FULL, LONG)
    assert run.training is training
    assert (training.updates_done, run.playing, list(run.ghosts)) == (45, False, [])


@pytest.mark.parametrize(("done", "ends_after"), [(20, 2), (30, 2), (5, 1)])
def test_fewer_epochs_end_the_run_at_the_end_of_the_current_epoch(done, ends_after):
    run = make_run(**PLANE)
    run.step(updates=done)
    choose(run, epochs=1)
    run.step(epochs=5)
    assert run.training.epochs_done == ends_after
    assert run.training.finished


# --- choices that wait for a fresh network ---

WAITING = [
    ({"batch": 8}, "batch size 16 → 8"),
    ({"mode": "sgd"}, "batch size 16 → 1"),
    ({"mode": "full"}, "batch size 16 → 240"),
    ({"hidden": (8, 4)}, "hidden layers none → 8, 4"),
    ({"activation": "tanh"}, "activation relu → tanh"),
    ({"data": "sine"}, "data set plane → sine"),
    ({"size": 500}, "rows 300 → 500"),
    ({"noise": 0.3}, "noise 0.2 → 0.3"),
    ({"validation": 10}, "held out 20% → 10%"),
    ({"shuffle": False}, "shuffle on → off"),
    ({"last": "drop"}, "last batch kept → dropped"),
    ({"seed": 7}, "seed 0 → 7"),
]


@pytest.mark.parametrize(("change", "phrase"), WAITING)
def test_another_choice_pauses_the_run_is_named_and_keeps_the_network(change, phrase):
    run = make_run(**PLANE)
    run.train()
    play_a_little(run)
    training, dataset, before = run.training, run.dataset, weights(run)
    choose(run, **change)
    assert not run.playing
    assert run.stale
    assert run.changes == [phrase]
    assert (run.training, run.dataset, list(run.ghosts)) == (training, dataset, [])
    assert weights(run).tolist() == before.tolist()


@pytest.mark.parametrize(("change", "phrase"), WAITING)
def test_train_then_starts_fresh_with_the_old_curve_as_a_ghost(change, phrase):
    run = make_run(**PLANE)
    run.step(epochs=2)
    old, label = run.training, run.label
    choose(run, **change)
    run.train()
    assert run.playing
    assert not run.stale
    assert (run.training.updates_done, run.changes) == (0, [])
    assert [ghost.curve.label for ghost in run.ghosts] == [label]
    losses, shown = [old.start["train"].loss, *old.history.train_loss], run.ghosts.kept[0].curve.train_loss.tolist()
    assert shown[: len(losses)] == losses  # a busy machine leaves epoch ends out
    assert shown[-1] == old.evaluate("train").loss


def test_back_to_the_sets_own_noise_is_named_with_its_number():
    run = make_run(**PLANE, noise=0.3)
    run.step(updates=1)
    choose(run, noise=None)
    assert run.changes == ["noise 0.3 → 0.2"]


@pytest.mark.parametrize("change", [{"data": "diabetes"}, {"data": "moons", "noise": 0.3}])
def test_the_noise_of_another_set_is_not_compared(change):
    run = make_run(**PLANE)
    run.step(updates=1)
    choose(run, **change)
    assert run.changes == [f"data set plane → {change['data']}"]


def test_all_changes_are_named():
    run = make_run(**PLANE)
    run.step(updates=1)
    choose(run, batch=8, seed=3, activation="tanh", rate=0.5)
    assert run.changes == ["activation relu → tanh", "seed 0 → 3", "batch size 16 → 8", "learning rate 0.01 → 0.5"]


@pytest.mark.parametrize("step", [{"updates": 1}, {"epochs": 1}])
def test_a_step_with_other_choices_starts_fresh_too(step):
    run = make_run(**PLANE)
    run.step(epochs=1)
    choose(run, batch=120)
    run.step(**step)
    assert run.training.plan.updates == 2
    assert run.training.updates_done == (1 if "updates" in step else 2)
    assert len(run.ghosts) == 1


def test_of_two_runs_about_the_same_the_longer_one_stays_an_earlier_run():
    run = make_run(**PLANE)
    for updates in (60, 30, 90):
        run.step(updates=updates)
        choose(run, batch=120)
        run.step(updates=1)
        choose(run, batch=16)
    kept = {ghost.choices.batch: ghost.curve.position["updates"][-1] for ghost in run.ghosts}
    assert kept[16] == 90
    run.step(updates=30)
    choose(run, batch=120)
    run.step(updates=1)
    assert {ghost.choices.batch: ghost.curve.position["updates"][-1] for ghost in run.ghosts}[16] == 90


def test_the_fresh_network_starts_from_the_same_weights_when_only_the_batch_size_changes():
    run = make_run(**PLANE)
    first = weights(run)
    run.step(updates=3)
    choose(run, batch=8)
    run.train()
    assert weights(run).tolist() == first.tolist()


def test_changing_back_makes_the_run_current_again():
    run = make_run(**PLANE)
    run.step(updates=3)
    training = run.training
    choose(run, batch=8)
    assert run.stale
    choose(run, batch=16)
    assert not run.stale
    assert run.changes == []
    run.train()
    assert (run.training, list(run.ghosts)) == (training, [])


def test_a_rate_chosen_together_with_a_batch_size_waits_with_it():
    run = make_run(**PLANE)
    run.step(updates=3)
    choose(run, batch=8, rate=0.5)
    assert run.training.learning_rate == 0.01
    choose(run, batch=16)
    assert run.training.learning_rate == 0.5


def test_a_mini_batch_of_all_rows_goes_on_after_full_batch():
    run = make_run(**PLANE, mode="full")
    run.train()
    play_a_little(run)
    choose(run, mode="mini", batch=240)
    assert run.playing
    assert not run.stale


@pytest.mark.parametrize(("change", "phrase"), WAITING)
def test_before_any_update_a_change_replaces_the_network_without_a_ghost(change, phrase):
    run = make_run(**PLANE)
    old = run.training
    choose(run, **change)
    assert run.training is not old
    assert not run.stale
    assert (list(run.ghosts), run.changes, run.training.updates_done) == ([], [], 0)
    assert run.training.dataset is run.chosen_dataset


def test_the_last_six_runs_are_kept_as_ghosts_each_with_a_style_of_its_own():
    run = make_run(**PLANE)
    for batch in (8, 4, 32, 64, 120, 60, 40, 16):
        run.step(epochs=1)
        choose(run, batch=batch)
    run.train()
    assert MOST_GHOSTS == 6
    assert [ghost.curve.label for ghost in run.ghosts] == [
        f"plane, B = {B}, rate 0.01, hidden layers none" for B in (4, 32, 64, 120, 60, 40)
    ]
    assert [ghost.curve.mark for ghost in run.ghosts] == list("cdefgh")
    assert run.ghosts.dropped
    assert run.ghosts.dropped.curve.mark == "b"
    assert [ghost.curve.style for ghost in run.ghosts] == ["4", "32", "64", "64+", "32+", "32+"]


def test_a_rate_changed_in_mid_run_is_part_of_the_name():
    run = make_run(**PLANE)
    run.step(epochs=2)
    choose(run, rate=0.05)
    run.step(epochs=1)
    assert "rate 0.01 → 0.05 at epoch 2" in run.label
    choose(run, batch=8)
    run.train()
    (ghost,) = run.ghosts
    assert ghost.curve.rates == ((30, 0.05),)


def test_the_label_names_the_choices_that_are_not_the_default():
    run = make_run(data="moons", mode="full", rate=0.5, hidden=DEFAULT.hidden)
    assert run.label == "moons, B = 240, rate 0.5"
    assert make_run(data="moons", hidden=(8,), seed=3).label == "moons, B = 16, rate 0.02, hidden layers 8, seed 3"


# --- divergence ---


def test_a_diverged_run_stops_playing():
    run = make_run(data="plane", rate=10.0)
    run.train()
    run.play(FULL, LONG)
    assert run.training.diverged
    assert run.ended
    assert not run.playing
    run.train()
    assert not run.playing


def test_after_divergence_another_choice_can_train():
    run = ended_run(data="plane", rate=10.0)
    choose(run, batch=240, rate=0.1)
    run.train()
    assert run.playing
    assert not run.training.diverged
    assert run.ghosts.kept[0].curve.label == "plane, B = 16, rate 10, hidden layers 16"


def test_after_divergence_a_smaller_rate_starts_fresh():
    run = ended_run(data="plane", rate=10.0)
    choose(run, rate=0.1)
    assert run.stale
    assert run.changes == ["learning rate 10 → 0.1"]
    run.train()
    assert run.playing
    assert not run.training.diverged
    assert run.training.learning_rate == 0.1
    assert [ghost.curve.label for ghost in run.ghosts] == ["plane, B = 16, rate 10, hidden layers 16"]


def test_after_divergence_the_old_rate_shows_the_old_run_again():
    run = ended_run(data="plane", rate=10.0)
    choose(run, rate=0.1)
    choose(run, rate=10.0)
    assert not run.stale
    assert run.changes == []
    assert run.training.diverged


# --- its weights on other pages ---


def test_a_run_counts_as_trained_while_it_fits_the_sidebar():
    run = make_run(**PLANE)
    assert not run.trained
    run.step(updates=1)
    assert run.trained
    choose(run, rate=0.02)
    assert run.trained
    choose(run, batch=40)
    assert not run.trained


@pytest.mark.parametrize("place", ["W", "b"])
def test_weights_whose_gradients_would_overflow_do_not_count_as_finite(place):
    run = make_run(**PLANE)
    run.step(updates=1)
    for value, finite in ((1e6, True), (1.1e6, False), (np.nan, False), (np.inf, False)):
        getattr(run.training._layers[0], place)[...] = value
        assert run.finite == finite


def test_a_run_that_diverged_is_trained_but_not_finite():
    run = ended_run(data="diabetes", rate=10.0)
    assert run.training.diverged
    assert run.trained
    assert not run.finite


def test_below_the_limit_gradients_and_their_squares_are_finite():
    run = make_run(data="digits", hidden=(CAPS.units,) * CAPS.layers, activation="relu")
    for W, b, _ in (layers := run.training.layers):
        W[...] = b[...] = LARGEST_WEIGHT
    rows = slice(0, 4)
    gradient = batch_gradient(layers, np.abs(run.dataset.X_train[rows]), run.dataset.Y_train[rows], "mse")
    assert np.isfinite(gradient @ gradient)


def test_the_state_of_a_run_tells_its_weights_from_others():
    run, other = make_run(**PLANE), make_run(**PLANE)
    first = run.state
    assert first == other.state
    run.step(updates=3)
    assert run.state != first
    other.step(updates=3)
    assert run.state == other.state
    for changed in (
        make_run(**PLANE | {"size": 100}),
        make_run(**PLANE | {"seed": 1}),
        make_run(**PLANE | {"batch": 8}),
    ):
        changed.step(updates=3)
        assert changed.state != run.state
    slower = make_run(**PLANE | {"rate": 0.005})
    slower.step(updates=3)
    assert slower.state != run.state


def test_more_epochs_make_the_same_weights_no_other_ones():
    run, longer = make_run(**PLANE), make_run(**PLANE | {"epochs": 50})
    run.step(updates=3)
    longer.step(updates=3)
    assert np.array_equal(weights(run), weights(longer))
    assert run.state == longer.state
