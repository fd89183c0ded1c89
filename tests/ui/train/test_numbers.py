"""The numbers of a run, in the texts that a learner reads."""

import re

import numpy as np
import pytest

from mbgd.charts.words import computing_time
from mbgd.data.real import read_table
from mbgd.engine.network import predict
from mbgd.ui.kit.html import note
from mbgd.ui.kit.pace import SPEEDS, Speed
from mbgd.ui.train.numbers import (
    batch_sentence,
    divergence_sentence,
    progress,
    results_of_comparison,
    results_of_run,
    run_tiles,
    spoken,
    status,
)
from tests.pages.app import in_one, numbers, plain
from tests.ui.train.runs import LONG, choose, ended_run, make_run

FULL = Speed()


def stepped(updates=None, epochs=None, **chosen):
    run = make_run(**chosen)
    run.step(updates=updates, epochs=epochs)
    return run


def tile_texts(run, speed=FULL):
    """The numbers of the tiles, each with the few words after it: losses, learning rate, rows per second, time."""
    return [plain(number) for number in re.findall(r"<dd>(.*?)</dd>", run_tiles(run, speed))]


def batch_parts(run):
    """The numbers of the batch: update, epoch, batch, batches, loss before and after; and its row count and rows."""
    about, rows = batch_sentence(run).split("<br>")
    return numbers(plain(about)), [int(number) for number in numbers(plain(rows))]


# --- charts in words ---


def test_the_charts_tell_their_results_once_the_run_stands():
    run = make_run(data="moons", epochs=10_000)
    assert results_of_run(run) == []
    run.train()
    run.play(FULL, 0.02)
    assert results_of_run(run) == []
    run.pause()
    losses, accuracies = results_of_run(run)
    for split in ("train", "val"):
        now = run.training.evaluate(split)
        assert f"{now.loss:.4g}" in losses
        assert f"{now.accuracy:.1%}" in accuracies
    assert f"{run.training.updates_done:,}" in losses


def test_the_lowest_loss_is_not_above_that_of_now():
    run = stepped(3, data="moons")
    losses = numbers(results_of_run(run)[0])
    assert losses[-1] == min(losses[1], losses[-1])
    assert run.training.evaluate("train").loss < run.training.start["train"].loss  # no epoch has ended since


def test_a_comparison_tells_the_last_and_the_lowest_loss_of_each_run():
    run = make_run(data="moons", epochs=3)
    run.compare()
    run.compared.comparison.advance(3, np.inf)
    assert results_of_comparison(run.compared) == []
    run.pause()
    (said,) = results_of_comparison(run.compared)
    for lane in run.compared.comparison.lanes:
        assert f"B = {lane.batch_size:,}: loss {lane.last:.3g}, lowest {lane.train_loss.min():.3g}" in said


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
    dataset = run.dataset
    for split, text in zip(("train", "val"), tile_texts(run), strict=False):
        X, rows = getattr(dataset, f"X_{split}"), getattr(dataset, f"rows_{split}")
        predicted = predict(run.training.layers, X)[:, 0] * dataset.targets.scale[0] + dataset.targets.mean[0]
        rmse = np.sqrt(np.mean((predicted - read_table("diabetes").Y[rows, 0]) ** 2))
        assert 40 < rmse < 80
        assert text == f"{run.training.evaluate(split).loss:.4g} RMSE {rmse:.3g} points"


def test_tiles_show_the_accuracy_of_classes():
    run = stepped(epochs=3, data="moons")
    dataset = run.dataset
    for split, text in zip(("train", "val"), tile_texts(run), strict=False):
        X, Y = getattr(dataset, f"X_{split}"), getattr(dataset, f"Y_{split}")
        right = np.mean(predict(run.training.layers, X).argmax(axis=1) == Y.argmax(axis=1))
        assert 0.5 < right < 1
        assert text.startswith(f"{run.training.evaluate(split).loss:.4g} accuracy {right:.1%}")


def test_tiles_before_the_first_update():
    assert tile_texts(make_run(data="moons", rate=0.015))[2:] == ["0.015", "–", "0.0 ms"]


def test_tiles_show_rows_per_second():
    run = stepped(updates=50, data="moons")
    training = run.training
    assert tile_texts(run)[3].split()[0] == f"{training.samples_seen / training.seconds:,.0f}"


def test_tiles_show_the_engines_share_at_full_speed_only():
    run = stepped(updates=5, data="moons")
    run.pacer.wall_seconds, run.pacer.engine_seconds = 2.0, 1.5
    time = computing_time(run.training.seconds)
    assert tile_texts(run)[4].startswith(f"{time} 75% ")
    assert tile_texts(run, SPEEDS["10 epochs/s"])[4] == time


@pytest.mark.parametrize("data", ["diabetes", "moons"])
def test_tiles_of_a_diverged_run_show_no_loss(data):
    run = ended_run(data=data, rate=10.0, activation="identity", hidden=(16, 16, 16))
    assert not np.isfinite(run.training.evaluate("train").loss)
    assert tile_texts(run)[:3] == ["overflow", "overflow", "10"]


@pytest.mark.parametrize(("seconds", "words"), [(0.0123, "12.3 ms"), (2.5, "2.50 s")])
def test_tiles_show_the_time_spent_computing(seconds, words, monkeypatch):
    run = make_run(data="moons")
    monkeypatch.setattr(run.training, "_now", run.training._now._replace(seconds=seconds))
    assert tile_texts(run)[4] == words


# --- the batch ---


def test_before_the_first_batch_the_sentence_names_the_button():
    assert "<b>Step 1 update</b>" in in_one(batch_sentence(make_run()))


def test_the_sentence_gives_the_loss_before_and_after_the_update():
    run = stepped(updates=25, data="diabetes")
    rows, X, Y = run.training.last.rows, run.dataset.X_train, run.dataset.Y_train
    after = np.mean((predict(run.training.layers, X[rows]) - Y[rows]) ** 2)
    before = run.training.last.loss
    assert batch_parts(run)[0] == [25, 2, 2, 23, float(f"{before:.4g}"), float(f"{after:.4g}")]
    assert ("↓" in batch_sentence(run)) == (after < before)


def test_the_loss_before_is_that_of_the_network_before():
    run = stepped(updates=3, data="diabetes")
    earlier = stepped(updates=2, data="diabetes")
    rows = run.training.last.rows
    assert batch_parts(run)[0][4] == float(f"{earlier.training.loss_of(rows):.4g}")


@pytest.mark.parametrize(("rate", "arrow"), [(1e-4, "↓"), (7.0, "↑")])
def test_the_arrow_shows_which_way_the_loss_went(rate, arrow):
    text = batch_sentence(stepped(updates=1, data="plane", hidden=(), rate=rate))
    assert [sign for sign in "↓↑=" if f" {sign}<br>" in text] == [arrow]


def test_equal_digits_have_no_arrow():
    run = ended_run(data="diabetes", rate=1.0, hidden=(16, 16), epochs=3)
    before, after = batch_parts(run)[0][4:]
    assert before == after > 1e50
    assert not set("↓↑") & set(batch_sentence(run))


def test_a_diverged_loss_is_an_overflow_and_went_up():
    run = ended_run(data="diabetes", rate=10.0, activation="identity")
    assert not np.isfinite(run.training.loss_of(run.training.last.rows))
    text = batch_sentence(run)
    assert "→ <b>overflow</b>" in text
    assert " ↑<br>" in text


def test_rows_are_numbered_as_in_the_file():
    run = stepped(updates=1, data="diabetes")
    listed = np.array(batch_parts(run)[1][1:])
    seen = run.dataset.inputs.restore(run.dataset.X_train[run.training.last.rows])
    np.testing.assert_allclose(read_table("diabetes").X[listed - 1], seen, rtol=1e-12)


@pytest.mark.parametrize(("chosen", "words"), [({"mode": "sgd"}, "1 row "), ({"batch": 64}, "64 rows ")])
def test_the_sentence_counts_its_rows(chosen, words):
    assert in_one(batch_sentence(stepped(updates=1, **chosen))).split("<br>")[1].startswith(words)


def test_long_batches_name_24_rows_and_count_the_others():
    count, *named, others = batch_parts(stepped(updates=1, mode="full"))[1]
    assert (count, len(set(named)), others) == (353, 24, 329)


# --- the status line ---


@pytest.mark.parametrize(("mode", "batch", "tries_larger"), [("mini", 16, True), ("full", 240, False)])
def test_the_divergence_sentence_names_update_loss_and_rate_and_says_what_to_try(mode, batch, tries_larger):
    run = ended_run(data="plane", rate=10.0, mode=mode)
    failure = run.training.failure
    text = divergence_sentence(run)
    assert numbers(text) == [run.training.updates_done + 1, failure.epoch, batch, 10]
    run.seek_advice()
    run.advice.work(LONG)
    safe = run.advice.safe
    assert numbers(divergence_sentence(run)) == [*numbers(text), safe.rate, safe.epochs]
    text = divergence_sentence(run)
    assert f"({failure.loss:g})" in text
    assert ("larger batch" in text) == tries_larger
    assert status(run) == note("bad", text)


def test_the_divergence_sentence_names_the_rate_that_failed_not_the_one_chosen_since():
    run = ended_run(data="plane", rate=10.0)
    choose(run, rate=0.1)
    assert numbers(divergence_sentence(run))[3:] == [10]
    assert "learning rate 10 → 0.1" in status(run)
    assert "mbgd-changed" in status(run)


def test_a_run_that_did_not_diverge_has_no_divergence_sentence():
    assert divergence_sentence(make_run()) == ""


@pytest.mark.parametrize(
    ("chosen", "which"),
    [({"mode": "sgd"}, []), ({"mode": "full"}, [353]), ({"batch": 16}, [16, 353, 1]), ({"batch": 12}, [12, 353, 5])],
)
def test_the_status_says_how_many_rows_an_update_uses_and_how_many_the_last_of_an_epoch(chosen, which):
    html = in_one(status(make_run(**chosen)))
    assert numbers(plain(html).split("Step 1 update. ")[1]) == which
    assert ("averages" in html) == (which != [])
    assert "<b>Train</b>" in html
    assert "<b>Compare " in html


def test_the_status_of_a_started_run_no_longer_says_how_to_start():
    html = status(stepped(updates=1))
    assert "mbgd-plain" in html
    assert "<b>Train</b>" not in html


def test_the_status_of_a_finished_run_says_how_to_go_on():
    html = status(ended_run(data="plane", epochs=2))
    assert "mbgd-good" in html
    assert numbers(plain(html)) == [2, 30]
    assert "<b>Epochs</b>" in html


@pytest.mark.parametrize(("chosen", "diverged"), [({"data": "diabetes"}, True), ({"mode": "sgd"}, False)])
def test_a_run_that_ends_above_its_first_loss_says_so_and_does_not_count_as_done(chosen, diverged):
    run = ended_run(**{"data": "spiral", "rate": 1.0, "hidden": (16, 16), "epochs": 3} | chosen)
    training = run.training
    assert training.finished
    first, last = training.start["train"].loss, training.evaluate("train").loss
    assert run.grown == last / first
    html = status(run)
    assert "mbgd-bad" in html
    assert ("diverged" in html) == ("Diverged" in spoken(run)) == diverged
    assert numbers(plain(html))[-2:] == [float(f"{first:.4g}"), float(f"{last:.4g}")]


def test_a_run_that_ends_below_its_first_loss_has_not_grown():
    assert ended_run(data="plane", epochs=2).grown == 1
    assert make_run(data="plane").grown == 1


def test_the_status_of_a_finished_run_tells_when_fewer_epochs_are_chosen():
    run = ended_run(data="plane", epochs=2)
    choose(run, epochs=1)
    assert numbers(plain(status(run))) == [2, 30, 1]


def test_the_status_names_the_changes_and_the_button_that_starts_again():
    run = stepped(updates=1, data="plane")
    choose(run, batch=8, seed=3)
    html = status(run)
    assert "seed 0 → 3; batch size 16 → 8." in html
    assert "<b>Train</b>" in html
    assert "mbgd-changed" in html


def test_a_screen_reader_hears_of_the_end_of_a_run_with_its_losses():
    run = ended_run(data="plane")
    for split in ("train", "val"):
        assert f"{run.training.evaluate(split).loss:.4g}" in spoken(run)
    assert f"{run.training.updates_done:,}" in spoken(run)
    assert "overflow" in spoken(ended_run(data="plane", rate=10.0))


def test_a_screen_reader_hears_once_that_the_result_is_of_other_settings():
    run = ended_run(data="plane", epochs=2)
    finished = spoken(run)
    choose(run, batch=8)
    changed = spoken(run)
    assert changed != finished
    choose(run, batch=8, seed=3)
    assert spoken(run) == changed
    choose(run, batch=16, seed=0)
    assert spoken(run) == finished


def test_a_screen_reader_hears_of_the_start_and_of_nothing_during_the_run():
    run = make_run()
    new = spoken(run)
    run.train()
    started = spoken(run)
    run.step(updates=1)
    run.train()
    assert spoken(run) == started != new
