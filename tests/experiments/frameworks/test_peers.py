"""Every program makes the same updates as Training, and does not change the first weights."""

import subprocess
import sys
from itertools import combinations

import numpy as np
import pytest

from mbgd import Settings, Training, load
from mbgd.engine.activations import ACTIVATIONS, Activation
from mbgd.experiments.frameworks.peers import (
    FRAMEWORKS,
    MOST_SAID,
    Framework,
    import_failure,
    import_seconds,
    installed,
    interleaved,
    mbgd_engine,
    objection,
    renumbered,
    slightly_faster,
)
from mbgd.experiments.gradients import flatten, parameters
from mbgd.experiments.plain import start
from tests.test_house import HOUSE

# Frameworks that are not installed are not tested here; the engine's own peers test the interface.
MAKERS = {"mbgd": mbgd_engine, "renumbered": renumbered, "interleaved": interleaved} | {
    name: FRAMEWORKS[name].make for name in installed()
}
NETWORKS = [("diabetes", (6,), "relu", 16), ("sine", (), "relu", 1), ("plane", (5, 4), "tanh", 1_000)]
NETWORKS += [("plane", (7,), "sigmoid", 32), ("penguins", (6, 5), "relu", 16), ("moons", (8,), "identity", 20)]


def trained(make, dataset, settings):
    """The peer's losses and weights after all updates of Training, and the Training."""
    training = Training(dataset, settings)
    peer = make(start(dataset, settings), dataset.loss, settings.learning_rate)
    losses = [peer.update(dataset.X_train[update.rows], dataset.Y_train[update.rows]) for update in training]
    return losses, flatten(peer.weights()), training


@pytest.mark.parametrize(("name", "hidden", "activation", "batch_size"), NETWORKS)
@pytest.mark.parametrize("maker", list(MAKERS))
def test_a_peer_ends_with_the_weights_and_losses_of_training(maker, name, hidden, activation, batch_size):
    dataset = load(name)
    made_for_it = objection(maker, dataset, activation) == ""
    settings = Settings(batch_size, 2 if batch_size == 1 else 6, 0.05, hidden, activation, seed=3)
    losses, weights, training = trained(MAKERS[maker] if made_for_it else mbgd_engine, dataset, settings)
    assert training.updates_done == training.total_updates
    np.testing.assert_allclose(weights, parameters(training.layers), rtol=0, atol=1e-12)
    np.testing.assert_allclose(losses, training.history.batch_loss, rtol=0, atol=1e-12)


@pytest.mark.parametrize("maker", list(MAKERS))
def test_a_peer_copies_the_first_weights_and_returns_them_in_their_shapes(maker):
    dataset, settings = load("diabetes"), Settings(8, 1, 0.1, (6, 3))
    first = start(dataset, settings)
    before = parameters(first)
    peer = MAKERS[maker](first, dataset.loss, 0.1)
    np.testing.assert_array_equal(flatten(peer.weights()), before)
    peer.update(dataset.X_train[:8].copy(), dataset.Y_train[:8].copy())  # PyTorch warns of arrays that are read-only
    np.testing.assert_array_equal(parameters(first), before)
    assert [(W.shape, b.shape) for W, b in peer.weights()] == [(W.shape, b.shape) for W, b, _ in first]
    assert np.abs(flatten(peer.weights()) - before).max() > 1e-4


def test_each_reordered_engine_adds_up_in_its_own_order():
    ends = [trained(make, load("digits"), Settings(64, 1, 0.05, (16,)))[1] for make in (renumbered, interleaved)]
    ends.append(parameters(trained(mbgd_engine, load("digits"), Settings(64, 1, 0.05, (16,)))[2].layers))
    for one, other in combinations(ends, 2):
        assert 0 < np.abs(one - other).max() < 1e-13


def test_a_failed_import_is_reported_in_one_line(monkeypatch, tmp_path):
    (tmp_path / "broken_peer.py").write_text("raise OSError('no library\\nhere' + 'x' * 1000)", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(FRAMEWORKS, "PyTorch", Framework("json", "broken_peer", mbgd_engine))
    import_seconds.cache_clear()
    failure = import_failure("PyTorch")
    assert failure.startswith("OSError: no library here")
    assert len(failure) == MOST_SAID
    monkeypatch.setitem(FRAMEWORKS, "PyTorch", Framework("json", "json", mbgd_engine))
    import_seconds.cache_clear()
    assert import_failure("PyTorch") == ""


def test_a_rate_a_millionth_larger_shows():
    _, weights, training = trained(slightly_faster, load("diabetes"), Settings(16, 20, 0.02))
    assert 1e-9 < np.abs(weights - parameters(training.layers)).max() < 1e-5


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("PyTorch", "digits", ""),
        ("PyTorch", "diabetes", ""),
        ("scikit-learn", "diabetes", ""),
        ("scikit-learn", "moons", "these targets are classes"),
    ],
)
def test_scikit_learn_is_for_a_regression_with_one_output(name, data, said):
    assert said in objection(name, load(data), "tanh")
    assert bool(objection(name, load(data), "tanh")) == bool(said)


def test_an_activation_that_a_framework_s_peer_does_not_know_is_an_objection_and_raises(monkeypatch):
    monkeypatch.setitem(ACTIVATIONS, "square", Activation(np.square, lambda Z: 2.0 * Z))
    layers = start(load("sine"), Settings(8, 1, 0.1, (3,), "square"))
    for name in installed():
        assert objection(name, load("sine"), "square").endswith(" square.")
        with pytest.raises(ValueError, match=r"^activation must be one of 'relu', 'tanh', 'sigmoid', 'identity', not"):
            FRAMEWORKS[name].make(layers, "mse", 0.1)


def test_frameworks_are_found_without_importing_them(tmp_path):
    for module in ("torch", "sklearn"):
        (tmp_path / f"{module}.py").write_text("raise RuntimeError('imported')", encoding="utf-8")
    code = "from mbgd.experiments.frameworks import comparison, peers; print(peers.installed())"
    environment = {"PYTHONPATH": f"{tmp_path}:{HOUSE}", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout.strip() == "['PyTorch', 'scikit-learn']", done.stderr
