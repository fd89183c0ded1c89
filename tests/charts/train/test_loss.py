"""The loss chart: its rows are the recorded losses, finite, and in the right place on every axis."""

import math
from dataclasses import replace
from functools import cache
from types import SimpleNamespace

import numpy as np
import pytest

from mbgd import Settings, Training, load
from mbgd.charts.layers import FRAME, X_AXES
from mbgd.charts.train.loss import (
    BATCH,
    FIRST_UPDATES,
    GHOST,
    HEAD,
    LETTER,
    NAME,
    NAME_HEIGHT,
    OFF_THE_CHART,
    RATE,
    TRAIN,
    VAL,
    Curve,
    curve,
    lanes_table,
    look,
    loss_chart,
    loss_ends,
    loss_table,
    numbers_of_lanes,
    numbers_of_run,
)
from mbgd.engine.batches import EpochPlan, plan_epoch
from mbgd.engine.evaluation import Evaluation
from mbgd.engine.history import History
from tests.charts.encoded import assert_draws, column, numbers
from tests.charts.train.runs import ordinary, short_last_batch

AXES = list(X_AXES)
ENDS = [("1", 1.0), ("16", 1.01), ("all", 0.99), ("256", 1.0)]
both_scales = pytest.mark.parametrize("log", [False, True], ids=["linear", "log"])
every_axis = pytest.mark.parametrize("axis", AXES)


@cache
def diverged(rate, hidden):
    training = Training(load("plane"), Settings(16, 100, rate, hidden=hidden), evaluate_share=math.inf)
    training.advance()
    return training


@cache
def spec(axis, log):
    return loss_chart(axis, log, "mean squared error").to_dict()


def recorded(updates, updates_an_epoch):
    """A stand-in for a training of so many updates, without the time it would take."""
    rng = np.random.default_rng(0)
    epoch = np.arange(1, updates // updates_an_epoch + 1)
    history = History(
        update=np.arange(1, updates + 1),
        batch_loss=rng.exponential(size=updates),
        update_seconds=np.arange(1, updates + 1) * 1e-5,
        epoch=epoch,
        epoch_update=epoch * updates_an_epoch,
        train_loss=1 / epoch,
        val_loss=2 / epoch,
        samples=epoch * updates_an_epoch,
        seconds=epoch * updates_an_epoch * 1e-5,
    )
    return SimpleNamespace(
        history=history,
        plan=EpochPlan(batch_size=1, updates=updates_an_epoch, last_rows=1),
        start={"train": Evaluation(1.5, None), "val": Evaluation(2.5, None)},
        updates_done=updates,
        total_updates=updates,
        seconds=updates * 1e-5,
        diverged=False,
        rates=[(0, 0.1)],
        samples_seen=updates,
        evaluate=lambda split: Evaluation({"train": 0.1, "val": 0.2}[split], None),
    )


# --- the chart ---


@both_scales
@every_axis
def test_every_encoded_field_is_a_column_and_every_row_is_drawn(axis, log):
    ghosts = [replace(curve(ordinary(), "an earlier run"), style="16", mark="a", rates=((3, 0.1),))]
    lanes = [replace(ghosts[0], style="1", mark="1")]
    assert_draws(
        spec(axis, log), loss_table(short_last_batch()[0], axis, log, ghosts), lanes_table(lanes, 50, axis, log, ghosts)
    )


@every_axis
def test_a_logarithmic_x_axis_begins_at_the_first_update_and_draws_all_after_it(axis):
    ghosts = [replace(curve(ordinary(), "an earlier run"), style="16", mark="a", rates=((30, 0.1),))]
    lanes = [replace(ghosts[0], style="1", mark="1")]
    training = short_last_batch()[0]
    tables = [loss_table(training, axis, False, log_x=True), loss_table(training, axis, True, ghosts, log_x=True)]
    tables.append(lanes_table(lanes, 50, axis, False, log_x=True))
    of_spec = loss_chart(axis, False, "loss", log_x=True).to_dict()
    assert_draws(of_spec, tables[1], lanes_table(lanes, 50, axis, False, ghosts, log_x=True))
    for table in tables:
        left, right = column(table, "x", series=FRAME)
        x = column(table, "x").astype(float)
        assert 0 < left <= x.min() <= x.max() <= right
    if axis == "updates":
        assert column(tables[0], "x", series=FRAME)[0] == 1
        batches = column(loss_table(ordinary(), axis, False, log_x=True), "x", series=BATCH)
        assert batches[: FIRST_UPDATES - 1].tolist() == list(range(1, FIRST_UPDATES))
    untrained = Training(load("plane"), Settings(16, 2, 0.1))
    left, right = column(loss_table(untrained, axis, False, log_x=True), "x", series=FRAME)
    assert 0 < left < right


@every_axis
def test_a_logarithmic_x_axis_stays_while_a_run_goes_on(axis):
    training = Training(load("plane"), Settings(16, 40, 0.01), evaluate_share=math.inf)
    lefts = set()
    for _ in range(20):
        training.advance(updates=7)
        lefts.add(column(loss_table(training, axis, False, log_x=True), "x", series=FRAME)[0])
    assert len(lefts) == 1 or axis == "seconds"


@both_scales
@every_axis
def test_a_comparison_fills_its_axis_and_names_its_runs(axis, log):
    lanes = [
        replace(curve(ordinary(), name), style=style, mark=style) for name, style in (("B = 4", "4"), ("x", "all"))
    ]
    table = lanes_table(lanes, 50, axis, log)
    assert column(table, "mark", series=NAME).tolist() == ["4", "all"]
    assert column(table, "x").max() == column(table, "x", series=FRAME)[1]
    if axis == "epochs":
        assert column(table, "x", series=FRAME).tolist() == [0, 50]
    long = replace(lanes[0], position=dict.fromkeys(AXES, np.arange(5_000.0)))
    long = replace(long, train_loss=np.random.default_rng(0).uniform(size=5_000), val_loss=np.array([]))
    assert lanes_table([long] * 3, 5_000, axis, log).num_rows < 1_000


@both_scales
def test_names_of_curves_stand_neither_on_each_other_nor_on_the_end_of_another_curve(log):
    fall = np.linspace(1, 0.1, 200)
    position = dict.fromkeys(AXES, np.arange(200.0))
    lanes = [Curve(name, position, fall * factor, fall[:0], (), name, name) for name, factor in ENDS]
    table = lanes_table(lanes, 199, "epochs", log)
    (left, right), (bottom, top) = (column(table, name, series=FRAME) for name in ("x", "y"))

    def place(series):
        x, y = (column(table, name, series=series).astype(float) for name in ("x", "y"))
        up = np.log(y / bottom) / np.log(top / bottom) if log else (y - bottom) / (top - bottom)
        return list(zip((x - left) / (right - left), up, strict=True))

    names, heads = place(NAME), place(HEAD)
    for i, (mark, _) in enumerate(ENDS):
        for others, letters in ((names, [len(name) for name, _ in ENDS]), (heads, [1] * len(ENDS))):
            for j in {*range(len(ENDS))} - {i}:
                (x, y), (other_x, other_y) = names[i], others[j]
                room = LETTER * (1 + (len(mark) + letters[j]) / 2)
                assert abs(x - other_x) >= room or abs(y - other_y) >= NAME_HEIGHT
    apart = lanes_table([lanes[0], replace(lanes[1], train_loss=1 - fall / 2)], 199, "epochs", log)
    assert column(apart, "x", series=NAME).tolist() == [right, right]  # where there is room, they stand at the ends


def test_the_losses_can_be_read_as_a_table_without_columns_of_the_chart():
    run = curve(ordinary(), "a run")
    table = numbers_of_run(run)
    assert table.column_names == [
        *("epochs", "updates", "rows seen", "seconds of computing"),
        *("training loss", "validation loss"),
    ]
    assert table["training loss"].to_pylist() == run.train_loss.tolist()
    assert table["updates"].to_pylist() == run.position["updates"].tolist()
    short = replace(
        run, label="diverged", train_loss=run.train_loss[:2], position={"epochs": run.position["epochs"][:2]}
    )
    both = numbers_of_lanes([run, short])
    assert both.column_names == ["epochs", "a run", "diverged"]
    assert both["diverged"].to_pylist() == [*short.train_loss.tolist(), *[None] * (len(run.train_loss) - 2)]


@every_axis
def test_a_changed_rate_is_marked_on_its_curve(axis):
    training = Training(load("plane", n=50), Settings(10, 8, 0.1), evaluate_share=math.inf)
    training.advance(updates=8)
    training.learning_rate = 0.5
    training.learning_rate = 0.05  # the last one counts
    training.advance(updates=8)
    training.learning_rate = 0.01  # no update follows
    table = loss_table(training, axis, log=False)
    assert column(table, "mark", series=RATE).tolist() == ["rate 0.05"]
    if axis == "updates":
        assert column(table, "x", series=RATE).tolist() == [8]


def test_what_a_learner_looked_at_within_an_epoch_stays_on_the_curve():
    training = Training(load("sine", n=100), Settings(4, 50, 0.05, hidden=(8,)), evaluate_share=math.inf)
    looks = []
    for _ in range(6):
        training.advance(updates=1)
        looks.append(look(training))
    training.advance(epochs=1)
    table = loss_table(training, "updates", log=False, looks=looks)
    assert column(table, "x", series=TRAIN).tolist() == [0, 1, 2, 3, 4, 5, 6, 20]
    assert column(table, "loss", series=TRAIN)[1:7].tolist() == [each.train_loss for each in looks]


@both_scales
@every_axis
def test_the_axes_carry_their_titles_and_scale(axis, log):
    for layer in spec(axis, log)["layer"]:
        x, y = layer["encoding"]["x"], layer["encoding"]["y"]
        assert (x["title"], y["title"]) == (X_AXES[axis], "mean squared error")
        assert y["scale"].get("type") == ("log" if log else None)


# --- positions ---


def test_the_small_run_has_the_batches_it_is_meant_to_have():
    assert short_last_batch()[1] == [7, 7, 2, 7, 7, 2, 7, 7, 2, 7, 7]


@pytest.mark.parametrize(
    ("axis", "batches", "ends"),
    [
        ("updates", np.arange(11), [0, 3, 6, 9, 11]),
        ("epochs", np.arange(11) / 3, [0, 1, 2, 3, 11 / 3]),
        ("samples", [0, 7, 14, 16, 23, 30, 32, 39, 46, 48, 55], [0, 16, 32, 48, 62]),
    ],
)
def test_positions_of_a_run_with_a_short_last_batch(axis, batches, ends):
    table = loss_table(short_last_batch()[0], axis, log=False)
    np.testing.assert_allclose(column(table, "x", series=BATCH), batches, rtol=1e-14)
    for split in (TRAIN, VAL):
        assert column(table, "x", series=split).tolist() == ends
        assert column(table, "x", series=HEAD, split=split).tolist() == ends[-1:]


@every_axis
def test_before_the_first_update_there_are_only_the_first_losses(axis):
    training = Training(load("sine", n=20), Settings(7, 4, 0.05), evaluate_share=math.inf)
    table = loss_table(training, axis, log=False)
    assert len(column(table, "x", series=BATCH)) == 0
    assert column(table, "x", series=TRAIN).tolist() == [0]
    assert column(table, "loss", series=VAL).tolist() == [training.start["val"].loss]
    assert column(table, "x", series=FRAME)[1] > 0


# --- losses ---


@every_axis
def test_losses_are_those_the_run_recorded(axis):
    training, _ = short_last_batch()
    table, history = loss_table(training, axis, log=False), training.history
    assert column(table, "loss", series=BATCH).tolist() == history.batch_loss.tolist()
    now = {split: training.evaluate(split).loss for split in ("train", "val")}  # in the middle of an epoch
    start = {split: training.start[split].loss for split in ("train", "val")}
    assert column(table, "loss", series=TRAIN).tolist() == [start["train"], *history.train_loss, now["train"]]
    assert column(table, "loss", series=VAL).tolist() == [start["val"], *history.val_loss, now["val"]]
    assert column(table, "loss", series=HEAD, split=VAL).tolist() == [now["val"]]


@pytest.mark.parametrize("axis", ["updates", "epochs", "samples", "seconds"])
def test_full_batch_losses_are_the_training_losses_at_the_epoch_ends_before_them(axis):
    training = Training(load("plane", n=50), Settings(1_000, 8, 0.1, hidden=(8,)), evaluate_share=math.inf)
    training.advance()
    table = loss_table(training, axis, log=False)
    assert column(table, "x", series=BATCH).tolist() == column(table, "x", series=TRAIN)[:-1].tolist()
    np.testing.assert_allclose(
        column(table, "loss", series=BATCH), column(table, "loss", series=TRAIN)[:-1], rtol=1e-12
    )


@both_scales
@pytest.mark.parametrize("hidden", [(), (16,)])
@pytest.mark.parametrize("rate", [10, 1000])
@every_axis
def test_a_diverged_run_gives_finite_rows_within_the_axis(axis, rate, hidden, log):
    training = diverged(rate, hidden)
    assert training.diverged
    table = loss_table(training, axis, log, [curve(training, "the same before")])
    assert all(np.isfinite(values).all() for values in numbers(table).values())
    bottom, top = loss_ends(training, log, [curve(training, "the same before")])
    loss, y = column(table, "loss"), column(table, "y")
    assert loss.max() > 1e100 > top >= y.max()
    assert y.min() >= bottom
    assert (bottom > 0) == log
    assert y.tolist() == np.clip(loss, bottom, top).tolist()


@both_scales
def test_the_loss_axis_shows_all_epoch_ends_of_an_ordinary_run(log):
    training = ordinary()
    bottom, top = loss_ends(training, log)
    ends = np.concatenate([training.history.train_loss, training.history.val_loss])
    assert bottom <= ends.min() <= ends.max() < top
    assert column(loss_table(training, "updates", log), "y", series=FRAME).tolist() == [bottom, top]


def test_the_log_axis_ends_at_whole_powers_of_ten():
    bottom, top = np.log10(loss_ends(ordinary(), log=True))
    assert (bottom, top) == (round(bottom), round(top))
    assert bottom < top


def test_a_loss_of_zero_is_at_the_bottom_of_the_log_axis():
    training = recorded(20, 10)
    training.history.batch_loss[5] = 0.0
    table = loss_table(training, "updates", log=True)
    assert column(table, "loss", series=BATCH)[5] == 0
    assert column(table, "y", series=BATCH)[5] == loss_ends(training, log=True)[0] > 0


@pytest.mark.parametrize("tiny", [1e-32, 1e-200])
def test_a_tiny_loss_over_all_rows_is_where_the_log_axis_says(tiny):
    training = recorded(20, 10)
    training.history.train_loss[-1] = tiny
    table = loss_table(training, "updates", log=True)
    assert tiny in column(table, "y", series=TRAIN)
    assert column(table, "y").min() > 0


def test_a_loss_of_zero_over_all_rows_is_below_all_others():
    training = recorded(20, 10)
    training.history.train_loss[-1] = 0.0
    table = loss_table(training, "updates", log=True)
    y, loss = column(table, "y", series=TRAIN), column(table, "loss", series=TRAIN)
    assert y[loss == 0] <= loss[loss > 0].min() / 10


def test_spikes_do_not_move_the_top_of_the_linear_axis():
    training = Training(load("sine", n=100), Settings(1, 10, 0.05, hidden=(8,)), evaluate_share=math.inf)
    tops = []
    for update in training:
        if update.update % 20 == 0:
            tops.append(loss_ends(training, log=False)[1])
    assert len(set(tops)) <= 3
    assert training.history.batch_loss.max() > tops[-1]  # there was a spike above it


@pytest.mark.parametrize("hidden", [(), (16,)], ids=["in a later epoch", "in the first epoch"])
def test_a_diverging_run_stays_in_view_up_to_three_times_its_first_loss(hidden):
    training = diverged(10, hidden)
    first = max(split.loss for split in training.start.values())
    assert loss_ends(training, log=False) == (0.0, pytest.approx(OFF_THE_CHART * first))


# --- ghosts ---


@every_axis
def test_ghosts_come_with_their_labels_and_their_own_positions(axis):
    training, _ = short_last_batch()
    ghosts = [curve(ordinary(), "B = 4"), curve(diverged(10, ()), "rate 10")]
    table = loss_table(training, axis, log=False, ghosts=ghosts)
    for ghost in ghosts:
        for split, losses in ((TRAIN, ghost.train_loss), (VAL, ghost.val_loss)):
            assert column(table, "loss", series=GHOST, split=split, run=ghost.label).tolist() == losses.tolist()
            x = column(table, "x", series=GHOST, split=split, run=ghost.label)
            assert x.tolist() == ghost.position[axis].tolist()
    assert set(column(table, "run", series=TRAIN)) == {""}


@every_axis
def test_the_axis_reaches_the_end_of_the_longest_ghost(axis):
    ghost = curve(ordinary(), "longer")
    table = loss_table(Training(load("sine", n=20), Settings(7, 1, 0.05)), axis, log=False, ghosts=[ghost])
    assert column(table, "x", series=FRAME).tolist() == [0, ghost.position[axis][-1]]


def test_without_ghosts_no_row_names_an_earlier_run():
    table = loss_table(ordinary(), "updates", log=False)
    assert GHOST not in set(column(table, "series"))


def test_the_ghost_of_a_run_without_a_full_epoch_is_its_first_point():
    training = Training(load("sine"), Settings(4, 5, 0.05), evaluate_share=math.inf)
    training.advance(updates=3)
    ghost = curve(training, "short")
    assert ghost.train_loss.tolist() == [training.start["train"].loss]
    assert all(position.tolist() == [0] for position in ghost.position.values())


# --- the ends of the axes ---


@every_axis
@pytest.mark.parametrize("whole", [True, False])
def test_no_row_lies_beyond_the_end_of_the_axis(axis, whole):
    table = loss_table(ordinary(), axis, log=False, whole=whole)
    assert column(table, "x").max() == column(table, "x", series=FRAME)[1]
    assert column(table, "x").min() == 0


# --- size ---


@every_axis
@pytest.mark.parametrize("updates_an_epoch", [1, 10, 80_000])
def test_100_000_updates_give_under_2_000_rows(axis, updates_an_epoch):
    training = recorded(100_000, updates_an_epoch)
    table = loss_table(training, axis, log=False)
    assert 150 < table.num_rows < 2_000
    loss = training.history.batch_loss
    assert {loss[0], loss[-1], loss.max(), loss.min()} <= set(column(table, "loss", series=BATCH))


def test_thinned_points_keep_their_positions():
    training = recorded(100_000, 10)
    table = loss_table(training, "updates", log=False)
    x, loss = column(table, "x", series=BATCH), column(table, "loss", series=BATCH)
    assert training.history.batch_loss[x.astype(int)].tolist() == loss.tolist()
    x, loss = column(table, "x", series=TRAIN)[1:], column(table, "loss", series=TRAIN)[1:]
    np.testing.assert_allclose(loss, 10 / x, rtol=1e-14)


def test_the_stand_in_for_long_runs_has_the_shapes_of_a_real_one():
    real = ordinary()
    stand_in = recorded(400, real.plan.updates)
    assert plan_epoch(80, 4) == real.plan
    for theirs, ours in zip(stand_in.history, real.history, strict=True):
        assert theirs.shape == ours.shape
    assert stand_in.history.epoch_update.tolist() == real.history.epoch_update.tolist()


def test_ghosts_and_the_run_have_colour_scales_of_their_own():
    # with one colour scale for both, the run's names would replace those of the ghosts
    layers = loss_chart("updates", False, "loss").to_dict()["layer"]
    fields = [
        {
            channel: layer["encoding"][channel]["field"]
            for channel in ("stroke", "color", "fill")
            if _field(layer, channel)
        }
        for layer in layers
    ]
    assert {"stroke": "style"} in fields
    assert {"fill": "style"} in fields
    assert all(found.get("color") in (None, "series") for found in fields)
    assert all(found.get("stroke", "style") == found.get("fill", "style") == "style" for found in fields)


def _field(layer, channel):
    return layer["encoding"].get(channel, {}).get("field")
