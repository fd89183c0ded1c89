"""The numbers of a run, in the words a learner reads."""

import re

import numpy as np
import pytest

from mbgd.data.real import read_table
from mbgd.engine.network import predict
from mbgd.ui.kit.pace import SPEEDS, Speed
from mbgd.ui.train.numbers import batch_sentence, divergence_sentence, progress, run_tiles, status
from tests.ui.train.runs import choose, ended_run, make_run

FULL = Speed()


def stepped(updates=None, epochs=None, **chosen):
    run = make_run(**chosen)
    run.step(updates=updates, epochs=epochs)
    return run


def plain(html):
    """The text a reader sees."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


# --- progress ---


def test_progress_before_the_first_update():
    assert progress(make_run(data="plane"), FULL) == (0.0, "Epoch 0 of 100 · update 0 of 1,500")


@pytest.mark.parametrize(("updates", "epoch"), [(1, 1), (14, 1), (15, 1), (16, 2), (150, 10)])
def test_progress_of_a_paused_run(updates, epoch):
    share, text = progress(stepped(updates, data="plane"), FULL)
    assert share == updates / 1_500
    assert text == f"Epoch {epoch} of 100 · update {updates} of 1,500 · paused"


def test_progress_of_a_finished_run():
    assert progress(ended_run(data="plane", epochs=2), FULL) == (1.0, "Epoch 2 of 2 · update 30 of 30 · finished")


def test_progress_of_a_diverged_run():
    share, text = progress(ended_run(data="plane", rate=10.0), FULL)
    assert 0 < share < 0.1
    assert re.search(r"update 5 of 1,500 · diverged at update 6$", text)


@pytest.mark.parametrize(("name", "left"), [("1 update/s", "25 min"), ("10 epochs/s", "10 s"), ("full speed", None)])
def test_progress_says_how_long_a_playing_run_will_take(name, left):
    run = make_run(data="plane")
    run.train()
    text = progress(run, SPEEDS[name])[1]
    assert text.endswith(f" · {left} left") if left else "left" not in text


# --- tiles ---


def test_tiles_show_the_error_in_units_of_the_target():
    run = stepped(epochs=3, data="diabetes")
    dataset, text = run.dataset, plain(run_tiles(run, FULL))
    for split, title in (("train", "Training"), ("val", "Validation")):
        X, rows = getattr(dataset, f"X_{split}"), getattr(dataset, f"rows_{split}")
        predicted = predict(run.training.layers, X)[:, 0] * dataset.targets.scale[0] + dataset.targets.mean[0]
        rmse = np.sqrt(np.mean((predicted - read_table("diabetes").Y[rows, 0]) ** 2))
        assert 40 < rmse < 80
        assert f"{title} loss {run.training.evaluate(split).loss:.4g} ± {rmse:.3g} points" in text


def test_tiles_show_the_accuracy_of_classes():
    run = stepped(epochs=3, data="moons")
    dataset, text = run.dataset, plain(run_tiles(run, FULL))
    for split, title in (("train", "Training"), ("val", "Validation")):
        X, Y = getattr(dataset, f"X_{split}"), getattr(dataset, f"Y_{split}")
        right = np.mean(predict(run.training.layers, X).argmax(axis=1) == Y.argmax(axis=1))
        assert 0.5 < right < 1
        assert f"{title} loss {run.training.evaluate(split).loss:.4g} {right:.1%} right" in text


def test_tiles_before_the_first_update():
    text = plain(run_tiles(make_run(data="moons", rate=0.015), FULL))
    assert "Learning rate 0.015" in text
    assert "Rows per second of computing – " in text
    assert text.endswith("Computing 0.0 ms")


def test_tiles_show_rows_a_second():
    run = stepped(updates=50, data="moons")
    training = run.training
    rows_a_second = training.samples_seen / training.seconds
    assert f"Rows per second of computing {rows_a_second:,.0f} " in plain(run_tiles(run, FULL))


def test_tiles_show_the_engines_share_at_full_speed_only():
    run = stepped(updates=5, data="moons")
    run.wall_seconds, run.engine_seconds = 2.0, 1.5
    assert "75% of the time" in run_tiles(run, FULL)
    assert "of the time" not in run_tiles(run, SPEEDS["10 epochs/s"])


@pytest.mark.parametrize("data", ["diabetes", "moons"])
def test_tiles_of_a_diverged_run_claim_no_number(data):
    run = ended_run(data=data, rate=10.0, activation="identity", hidden=(16, 16, 16))
    assert not np.isfinite(run.training.evaluate("train").loss)
    assert plain(run_tiles(run, FULL)).startswith("Training loss overflow Validation loss overflow Learning rate 10 ")


@pytest.mark.parametrize(("seconds", "words"), [(0.0123, "12.3 ms"), (2.5, "2.50 s")])
def test_tiles_show_the_time_spent_computing(seconds, words, monkeypatch):
    run = make_run(data="moons")
    monkeypatch.setattr(run.training, "_seconds", seconds)
    assert plain(run_tiles(run, FULL)).endswith(f"Computing {words}")


# --- the batch ---


def test_before_the_first_batch_the_sentence_says_how_to_see_one():
    assert "press Step 1 update" in batch_sentence(make_run())


def test_the_sentence_tells_the_loss_before_and_after_the_update():
    run = stepped(updates=25, data="diabetes")
    rows, X, Y = run.training.last.rows, run.dataset.X_train, run.dataset.Y_train
    after = np.mean((predict(run.training.layers, X[rows]) - Y[rows]) ** 2)
    text = plain(batch_sentence(run))
    assert "Update 25 (epoch 2, batch 2 of 23)" in text
    assert f"its loss {run.training.last.loss:.4g} before → {after:.4g} after" in text
    assert ("↓" in text) == (after < run.training.last.loss)


def test_the_loss_before_is_that_of_the_network_before():
    run = stepped(updates=3, data="diabetes")
    earlier = stepped(updates=2, data="diabetes")
    rows = run.training.last.rows
    assert f"its loss {earlier.training.loss_of(rows):.4g} before" in batch_sentence(run)


@pytest.mark.parametrize(("rate", "arrow"), [(1e-4, "↓"), (7.0, "↑")])
def test_the_arrow_shows_which_way_the_loss_went(rate, arrow):
    assert f" after {arrow}" in plain(batch_sentence(stepped(updates=1, data="plane", hidden=(), rate=rate)))


def test_a_diverged_loss_is_no_number_and_went_up():
    run = ended_run(data="diabetes", rate=10.0, activation="identity")
    assert not np.isfinite(run.training.loss_of(run.training.last.rows))
    assert "→ overflow after ↑" in plain(batch_sentence(run))


def test_rows_are_numbered_as_in_the_file():
    run = stepped(updates=1, data="diabetes")
    listed = plain(batch_sentence(run)).split("16 rows of the data set: ")[1]
    numbers = np.array([int(number) for number in listed.split(", ")])
    seen = run.dataset.inputs.restore(run.dataset.X_train[run.training.last.rows])
    np.testing.assert_allclose(read_table("diabetes").X[numbers - 1], seen, rtol=1e-12)


@pytest.mark.parametrize(
    ("chosen", "words"),
    [({"mode": "sgd"}, "1 row of the data set: "), ({"batch": 64}, "64 rows of the data set: ")],
)
def test_the_sentence_counts_its_rows(chosen, words):
    assert words in plain(batch_sentence(stepped(updates=1, **chosen)))


def test_long_batches_name_24_rows():
    text = plain(batch_sentence(stepped(updates=1, mode="full")))
    assert text.endswith(" and 329 more")
    assert text.split("data set: ")[1].count(",") == 23


# --- the status line ---


def test_the_divergence_sentence_names_update_rate_and_what_to_try():
    run = ended_run(data="plane", rate=10.0)
    failed = run.training.updates_done + 1
    text = divergence_sentence(run)
    assert text.startswith(f"Diverged at update {failed} (epoch 1, a batch of 16) with learning rate 10:")
    assert "until the loss (inf) was past the largest number" in text
    assert "Try a learning rate of 1, or a larger batch" in text
    assert text in plain(status(run))


def test_the_divergence_sentence_names_the_rate_that_failed_not_the_one_chosen_since():
    run = ended_run(data="plane", rate=10.0)
    choose(run, rate=0.1)
    assert "with learning rate 10:" in divergence_sentence(run)
    assert "learning rate 10 → 0.1" in plain(status(run))
    assert "Train or a step starts a fresh network" in plain(status(run))


def test_a_run_that_did_not_diverge_has_no_divergence_sentence():
    assert divergence_sentence(make_run()) == ""


@pytest.mark.parametrize(
    ("chosen", "which"),
    [({"mode": "sgd"}, "one row"), ({"mode": "full"}, "all 353 rows"), ({"batch": 16}, "16 of 353 rows")],
)
def test_the_status_says_what_an_update_sees(chosen, which):
    text = plain(status(make_run(**chosen)))
    assert text.startswith(f"Each update sees {which} ")
    assert ("averages their gradients" in text) == (which != "one row")
    assert "Press Train" in text


def test_the_status_of_a_started_run_no_longer_says_how_to_start():
    assert "Press Train" not in plain(status(stepped(updates=1)))


def test_the_status_of_a_finished_run_says_how_to_go_on():
    text = plain(status(ended_run(data="plane", epochs=2)))
    assert text.startswith("Finished: 2 epochs, 30 updates. Raise Epochs to go on")


def test_the_status_names_what_changed_and_what_train_will_do():
    run = stepped(updates=1, data="plane")
    choose(run, batch=8, seed=3)
    html = status(run)
    assert "Changed since this run: seed 0 → 3; batch size 16 → 8." in plain(html)
    assert "Train or a step starts a fresh network" in plain(html)
    assert "mbgd-changed" in html


@pytest.mark.parametrize("run", [make_run(), ended_run(data="plane", rate=10.0)], ids=["new", "diverged"])
def test_the_status_is_announced_to_screen_readers(run):
    assert 'role="status"' in status(run)
