"""A run as a script: it trains the same network, with NumPy alone."""

import hashlib
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mbgd.data.catalogue import datasets
from mbgd.engine.activations import ACTIVATIONS, Activation, sigmoid
from mbgd.share.choices import OWN
from mbgd.share.formulas import without_annotations
from mbgd.share.script import LARGEST, OwnFile, Taken, file_name, prepared, script
from tests.share.taken import ran, same, trained

MOST_LINES = 119


@pytest.mark.parametrize("data", datasets())
def test_the_script_trains_the_same_network_on_every_data_set(data):
    run, training = trained(data=data, epochs=2, rate=0.02)
    text = script(run)
    names = ran(text)
    same(names, training)
    assert len(text.splitlines()) <= MOST_LINES
    assert names["history"][-1][0] == training.updates_done
    np.testing.assert_array_equal(names["X_val"], run.dataset.X_val)


@pytest.mark.parametrize("data", datasets())
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_no_script_is_too_long_or_too_wide(data, activation):
    run, _ = trained(data=data, activation=activation, epochs=1, updates=1)
    lines = script(run._replace(diverged=True)).splitlines()
    assert len(lines) <= MOST_LINES
    assert all(len(line) <= 120 for line in lines if not line.startswith("DATA = "))


@pytest.mark.parametrize("hidden", [(), (3,), (4, 3), (4, 3, 5), (3,) * 4, (3,) * 5, (5, 4, 3, 4, 5, 6)])
@pytest.mark.parametrize("data", ["sine", "penguins"])
def test_with_none_to_six_hidden_layers(data, hidden):
    run, training = trained(data=data, hidden=hidden, epochs=2, rate=0.05, activation="tanh")
    same(ran(script(run)), training)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("data", ["diabetes", "penguins"])
def test_with_every_activation_and_loss(data, activation):
    run, training = trained(data=data, activation=activation, epochs=2, rate=0.02)
    text = script(run)
    same(ran(text), training)
    assert len(text.splitlines()) <= MOST_LINES


@pytest.mark.parametrize("mode", ["sgd", "mini", "full"])
@pytest.mark.parametrize("last", ["keep", "drop"])
@pytest.mark.parametrize("shuffle", [False, True])
def test_with_every_policy_of_batches(mode, last, shuffle):
    run, training = trained(data="moons", size=50, mode=mode, batch=16, last=last, shuffle=shuffle, epochs=3, rate=0.1)
    assert len(run.dataset.X_train) % 16
    same(ran(script(run)), training)


def test_a_run_paused_within_an_epoch_ends_after_the_same_update():
    run, training = trained(updates=37, epochs=5)
    names = ran(script(run))
    same(names, training)
    assert names["history"][-1][0] == 37
    assert names["history"][-1][1] == pytest.approx(training.evaluate("train").loss)


def test_changes_of_the_learning_rate_are_part_of_the_run():
    run, training = trained(rates={10: 0.02, 25: 0.5}, epochs=3)
    names = ran(script(run))
    same(names, training)
    assert names["STAGES"] == [(10, 0.2), (25, 0.02), (45, 0.5)]
    constant = ran(script(run._replace(stages=[(45, 0.2)])))
    assert np.abs(constant["layers"][0][0] - names["layers"][0][0]).max() > 1e-3


@pytest.mark.parametrize(("activation", "rate"), [("relu", 10.0), ("relu", 5.0), ("tanh", 5.0)])
def test_a_run_that_diverges_ends_where_it_did(capsys, activation, rate):
    run, training = trained(data="diabetes", activation=activation, rate=rate, epochs=6)
    assert training.diverged
    names = ran(script(run))
    assert f"the loss of update {training.updates_done + 1}" in capsys.readouterr().out
    np.testing.assert_allclose(names["layers"][-1][1], training.layers[-1].b, rtol=1e-6)


def test_an_activation_that_somebody_has_added(monkeypatch):
    monkeypatch.setitem(ACTIVATIONS, "softplus", Activation(softplus, sigmoid))
    run, training = trained(activation="softplus", epochs=2)
    same(ran(script(run)), training)


def softplus(Z):
    return np.logaddexp(0.0, Z)


def test_it_says_what_the_losses_were(capsys):
    run, training = trained(epochs=1)
    ran(script(run))
    told = capsys.readouterr().out
    for split in ("train", "val"):
        assert told.count(f"{training.evaluate(split).loss:.12g}") == 2
    ran(script(run._replace(losses={"train": float("nan"), "val": float("inf")})))
    assert "in the app nan" in capsys.readouterr().out


def test_it_runs_where_there_is_nothing_but_numpy(tmp_path):
    run, training = trained(epochs=2)
    folder = tmp_path / "only"
    folder.mkdir()
    numpy = Path(np.__file__).parent
    for part in (numpy, numpy.parent / "numpy.libs"):
        if part.exists():
            (folder / part.name).symlink_to(part)
    file = tmp_path / file_name(run, "py")
    file.write_text(script(run), encoding="utf-8")
    command = f"import runpy, sys; sys.path.insert(0, {str(folder)!r}); runpy.run_path({str(file)!r})"
    done = subprocess.run([sys.executable, "-I", "-S", "-c", command], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert not done.stderr
    assert f"{training.evaluate('val').loss:.6g}" in done.stdout


# --- data in a file of the learner's own ---

READING = """
rows = np.frombuffer(content).reshape(20, 3)
X_train, Y_train, X_val, Y_val = rows[:15, :2], rows[:15, 2:], rows[15:, :2], rows[15:, 2:]
"""


def test_own_data_stay_in_their_file_which_must_be_the_same(tmp_path):
    run, _ = trained(data="plane", size=20, hidden=(), epochs=1)
    content = np.random.default_rng(0).normal(size=(20, 3)).tobytes()
    path = tmp_path / "my 'own' data.csv"
    path.write_bytes(content)
    text = script(run._replace(own=OwnFile(str(path), hashlib.sha256(content).hexdigest(), READING)))
    assert ran(text)["X_train"].shape == (15, 2)
    assert "DATA =" not in text
    path.write_bytes(content[::-1])
    with pytest.raises(SystemExit, match="fingerprint"):
        ran(text)


def test_the_rows_of_own_data_are_a_file_of_their_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run, training = trained(data="penguins", epochs=2, rate=0.05)
    run = run._replace(choices=replace(run.choices, data=OWN, own="abc123"))
    text = script(run)
    assert "DATA =" not in text
    assert "abc123" in text
    assert len(text.splitlines()) <= MOST_LINES + 10  # with the check of the file
    with pytest.raises(FileNotFoundError):
        ran(text)
    (tmp_path / file_name(run, "npy")).write_bytes(prepared(run))
    names = ran(text)
    same(names, training)
    assert names["FINGERPRINT"] == hashlib.sha256(prepared(run)).hexdigest()


# --- what can't be written ---


@pytest.mark.parametrize("stages", [[], [(0, 0.1)], [(5, 0.1), (5, 0.2)], [(9, 0.1), (5, 0.2)]])
def test_a_run_without_an_update_is_refused(stages):
    run, _ = trained(epochs=1)
    with pytest.raises(ValueError, match="rising updates"):
        script(run._replace(stages=stages))


def test_data_that_are_too_large_are_refused(monkeypatch):
    monkeypatch.setattr("mbgd.share.script.LARGEST", 1_000)
    run, _ = trained(epochs=1)
    with pytest.raises(ValueError, match="MB"):
        script(run)
    assert LARGEST > 1_000


@pytest.mark.parametrize("title", ['"""\nimport os\n"""', "a\nb", "back\\slash\\", 'ends with "'])
def test_a_title_is_words_and_never_code(title):
    run, training = trained(epochs=1)
    names = ran(script(run._replace(title=title)))
    same(names, training)
    assert "os" not in names


def test_a_function_loses_its_annotations_and_the_rest_of_its_docstring():
    source = '''
def f(x: int, *rest: str, y: float = 2.0) -> int:
    """First
    words.

    More words.
    """
    return x  # a comment
'''
    assert without_annotations(source) == 'def f(x, *rest, y=2.0):\n    """First words."""\n    return x  # a comment'


def test_the_file_is_named_after_the_data_and_the_batch():
    run, _ = trained(epochs=1)
    assert file_name(run, "py") == "spiral-batch-16.py"
    odd = Taken(run.choices.__class__(data="../x y"), run.dataset, run.stages)
    assert "/" not in file_name(odd, "ipynb")
