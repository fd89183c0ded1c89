"""The pace of a run: it follows the chosen speed, in slices that end in time."""

import pytest

from mbgd.charts.batch_sizes import DASHES
from mbgd.charts.train.loss import GHOST, loss_table
from mbgd.ui.kit.pace import SPEEDS, Speed
from mbgd.ui.train.pacer import LONGEST_GAP
from tests.charts.encoded import column
from tests.ui.train.runs import FULL, LONG, PLANE, TEN_EPOCHS, choose, make_run


@pytest.fixture
def clock(monkeypatch):
    """The clock of the pace, which a test sets by hand."""
    now = [100.0]
    monkeypatch.setattr("mbgd.ui.train.pacer.monotonic", lambda: now[0])
    return now


def test_ten_epochs_per_second_makes_the_updates_that_are_due(clock):
    run = make_run(**PLANE)  # 15 updates per epoch: 150 per second
    run.train()
    run.play(TEN_EPOCHS, LONG)
    assert run.training.updates_done == 1  # at once
    for seconds, expected in ((0.5, 76), (0.25, 113), (0.0, 113), (0.25, 151)):
        clock[0] += seconds
        run.play(TEN_EPOCHS, LONG)
        assert run.training.updates_done == expected


def test_one_update_per_second(clock):
    run = make_run(**PLANE)
    run.train()
    done = []
    for _ in range(9):
        run.play(SPEEDS["1 update/s"], LONG)
        done.append(run.training.updates_done)
        clock[0] += 0.5
    assert done == [1, 1, 2, 2, 3, 3, 4, 4, 5]


def test_a_backlog_does_not_grow(clock):
    run = make_run(**PLANE)
    run.train()
    run.play(TEN_EPOCHS, LONG)
    clock[0] += 5.0  # 750 updates due, and no time for them
    run.play(TEN_EPOCHS, 1e-9)
    done = run.training.updates_done
    assert done <= 2
    clock[0] += 0.125  # 18.75 updates due since
    run.play(TEN_EPOCHS, LONG)
    assert run.training.updates_done == done + 19


def test_no_updates_are_due_for_the_time_in_pause(clock):
    run = make_run(**PLANE)
    run.train()
    run.play(TEN_EPOCHS, LONG)
    run.pause()
    clock[0] += 100
    run.train()
    run.play(TEN_EPOCHS, LONG)
    assert run.training.updates_done == 2


def test_the_pace_of_a_new_speed_begins_at_the_change(clock):
    run = make_run(**PLANE)
    run.train()
    run.play(SPEEDS["1 update/s"], LONG)
    clock[0] += 0.9
    run.play(TEN_EPOCHS, LONG)
    assert run.training.updates_done == 2


def test_slow_motion_after_full_speed_makes_one_update_at_a_time(clock):
    run = make_run(data="plane", epochs=10_000)
    run.train()
    while run.training.updates_done <= 10:  # on a busy machine, a slice may hold a single update
        run.play(SPEEDS["full speed"], 0.05)
    before = run.training.updates_done
    for later in range(1, 4):
        run.play(SPEEDS["1 update/s"], LONG)
        assert run.training.updates_done == before + later
        clock[0] += 1


@pytest.mark.parametrize("data", ["moons", "sine"])
def test_a_ghost_of_other_data_stays_in_the_list_and_is_not_drawn(data):
    run = make_run(data="plane")
    run.step(epochs=1)
    choose(run, data=data)
    assert not run.comparable
    run.step(updates=1)
    assert len(run.ghosts) == 1
    assert run.ghosts.drawn(run.choices, run.dataset.loss) == []
    choose(run, data="plane", batch=8)
    run.step(updates=1)
    assert [curve.mark for curve in run.ghosts.drawn(run.choices, run.dataset.loss)] == ["a"]


def test_play_ends_with_the_last_epoch(clock):
    run = make_run(**PLANE, epochs=2)
    run.train()
    clock[0] += 60
    run.play(TEN_EPOCHS, LONG)
    assert run.training.finished
    assert run.training.updates_done == 30
    assert not run.playing


def test_a_slice_ends_in_time():
    run = make_run(**PLANE, epochs=10_000)
    run.train()
    run.play(FULL, 0.05)
    assert run.playing
    assert run.pacer.wall_seconds >= 0.05
    assert 0 < run.pacer.engine_seconds <= run.pacer.wall_seconds


def test_a_slice_checks_for_clicks_every_few_milliseconds():
    run, looks = make_run(**PLANE, epochs=10_000), []
    run.train()
    run.play(FULL, 0.12, between=lambda: looks.append(run.training.updates_done))
    assert len(looks) >= 2
    assert looks == sorted(set(looks))
    assert looks[-1] == run.training.updates_done


@pytest.mark.parametrize("speed", [FULL, TEN_EPOCHS])
def test_an_interrupted_slice_keeps_its_updates(clock, speed):
    def click():
        raise InterruptedError

    run = make_run(**PLANE, epochs=10_000)
    run.train()
    clock[0] += 1_000
    with pytest.raises(InterruptedError):
        run.play(speed, LONG, between=click)
    done = run.training.updates_done
    assert done >= 1
    assert run.playing
    run.play(speed, 0.1)
    assert run.training.updates_done > done
    assert 0 < run.pacer.engine_seconds <= run.pacer.wall_seconds


def test_the_measured_pace_is_known_half_a_second_after_the_start(clock):
    run = make_run(**PLANE)
    run.train()
    run.play(TEN_EPOCHS, LONG)
    clock[0] += 0.25
    assert run.updates_a_second is None
    clock[0] += 0.75
    run.play(TEN_EPOCHS, LONG)
    assert run.updates_a_second == 151
    run.pause()
    assert run.updates_a_second is None


def test_every_speed_trains_something():
    for speed in (*SPEEDS.values(), Speed(epochs=0.5)):
        run = make_run(**PLANE)
        run.train()
        run.play(speed, LONG)
        assert run.training.updates_done >= 1


def test_no_updates_are_due_for_the_time_of_a_cut_network(clock):
    run = make_run(**PLANE)
    run.train()
    run.play(TEN_EPOCHS, LONG)
    clock[0] += 1.0
    run.play(TEN_EPOCHS, LONG)
    before = run.training.updates_done
    clock[0] += 3_000.0
    run.play(TEN_EPOCHS, LONG)
    assert run.training.updates_done - before <= 10 * 15 * LONGEST_GAP + 1
    clock[0] += 1.0
    before = run.training.updates_done
    run.play(TEN_EPOCHS, LONG)
    assert abs(run.training.updates_done - before - 150) <= 1


@pytest.fixture
def no_time(monkeypatch):
    """A click on a step has time for nothing: all of the step goes on as a run does."""
    monkeypatch.setattr("mbgd.ui.train.run.STEP_SLICE", 0.0)


@pytest.mark.usefixtures("no_time")
def test_a_long_step_goes_on_in_slices_to_the_end_of_its_epoch_at_any_speed():
    run, whole = make_run(**PLANE), make_run(**PLANE)
    whole.training.advance(epochs=1)
    run.step(epochs=1)
    assert run.playing
    while run.playing:
        run.play(SPEEDS["1 update/s"], 1e-3)
    assert run.training.updates_done == 15
    assert [one.updates for one in run.looks] == [15]
    assert run.training.history.batch_loss.tolist() == whole.training.history.batch_loss.tolist()


@pytest.mark.usefixtures("no_time")
def test_a_step_asked_for_during_another_one_comes_after_it():
    run = make_run(**PLANE)
    run.step(updates=1)
    run.step(epochs=1)
    run.step(epochs=1)
    run.step(updates=3)
    run.play(FULL, LONG)
    assert run.training.updates_done == 33
    assert not run.playing


@pytest.mark.usefixtures("no_time")
@pytest.mark.parametrize("act", [lambda run: run.pause(), lambda run: choose(run, batch=8)])
def test_a_step_ends_with_a_pause_or_a_change_that_needs_a_fresh_network(act):
    run = make_run(**PLANE)
    run.training.advance(updates=1)
    run.step(epochs=1)
    act(run)
    assert (run.playing, run.goal) == (False, None)


@pytest.mark.usefixtures("no_time")
def test_after_a_step_that_was_left_train_goes_on_at_its_own_pace(clock):
    run = make_run(**PLANE)
    run.step(epochs=1)
    run.train()
    run.play(SPEEDS["1 update/s"], LONG)
    assert run.training.updates_done == 1
    assert run.playing


def test_earlier_runs_of_one_batch_size_have_different_dashes_and_keep_them():
    run = make_run(data="plane")
    for rate in (0.01, 0.02, 0.05, 0.1):
        choose(run, rate=rate, seed=int(100 * rate))
        run.step(updates=2)
    run.reset()
    drawn = run.ghosts.drawn(run.choices, run.dataset.loss, ["16"])
    assert len({DASHES[curve.dash] for curve in drawn} - {DASHES["16"]}) == len(drawn) > 1
    run.ghosts.change(next(iter(run.ghosts)).number, hidden=True)
    assert run.ghosts.drawn(run.choices, run.dataset.loss, ["16"]) == drawn[1:]
    run.ghosts.delete(next(iter(run.ghosts)).number)
    assert run.ghosts.drawn(run.choices, run.dataset.loss, ["16"]) == drawn[1:]
    table = loss_table(run.training, "updates", False, drawn)
    assert set(column(table, "dash", series=GHOST)) == {curve.dash for curve in drawn}
