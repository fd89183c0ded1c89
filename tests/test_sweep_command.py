"""The command: a table with a row for each run, in order, with all digits; bad arguments get one sentence."""

import csv

import numpy as np
import pytest

from mbgd import Settings, Training, load
from mbgd.sweep import main

COMMAND = "--data moons --batch 32 4 --rate 0.1 0.01 --seeds 2 --epochs 3 --hidden 8 --size 60"


def test_the_table(tmp_path, capsys):
    out = tmp_path / "sweep.csv"
    assert main([*COMMAND.split(), "--out", str(out)]) == 0
    with out.open(encoding="utf-8") as file:
        first = file.readline().strip()
        rows = list(csv.DictReader(file, first.split(",")))
    assert first == "batch_size,learning_rate,seed,train_loss,val_loss,updates,seconds,diverged"
    keys = [(int(row["batch_size"]), float(row["learning_rate"]), int(row["seed"])) for row in rows]
    assert keys == [(batch, rate, seed) for batch in (4, 32) for rate in (0.01, 0.1) for seed in (0, 1)]
    for (batch_size, rate, seed), row in zip(keys, rows, strict=True):
        training = Training(load("moons", seed, n=60), Settings(batch_size, 3, rate, (8,), seed=seed))
        training.advance()
        assert float(row["train_loss"]) == pytest.approx(training.evaluate("train").loss, rel=1e-12)
        assert float(row["val_loss"]) == pytest.approx(training.evaluate("val").loss, rel=1e-12)
        assert int(row["updates"]) == training.updates_done
        assert float(row["seconds"]) > 0
        assert row["diverged"] == "False"
    assert "8 of 8 runs" in capsys.readouterr().err


def test_a_pool_writes_the_same_losses(tmp_path):
    tables = []
    for options in ([], ["--workers", "1"]):
        assert main([*COMMAND.split(), "--out", str(tmp_path / "sweep.csv"), *options]) == 0
        tables.append(np.genfromtxt(tmp_path / "sweep.csv", delimiter=",", skip_header=1, usecols=range(6)))
    np.testing.assert_array_equal(*tables)


@pytest.mark.parametrize(
    "bad",
    [
        "--seeds 0",
        "--seeds 1000000",
        "--rate nan",
        "--rate 0.1 0.1",
        "--batch 0",
        "--data nonsense",
        "--epochs 0",
        "--activation nonsense",
        "--hidden 0",
        "--size 3",
        "--validation 2",
        "--workers 0",
        "--out /nowhere/at/all.csv",
        "--out .",
        "--cluster nonsense",
    ],
)
def test_a_bad_value_gets_one_sentence(bad, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main([*COMMAND.split(), "--out", str(tmp_path / "sweep.csv"), *bad.split()]) == 2
    said = capsys.readouterr().err.strip()
    assert said.endswith(".")
    assert "\n" not in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    "bad", ["--rate x", "--batch 1.5", "--epochs 1 --updates 1", "--workers 1 --cluster tcp://a:1"]
)
def test_what_argparse_refuses(bad):
    with pytest.raises(SystemExit, match="2"):
        main([*COMMAND.split(), *bad.split()])
