"""The comparison distinguishes rounding from other mathematics, for any program."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.frameworks import markdown
from mbgd import Settings, Training, load
from mbgd.engine.losses import LOSSES
from mbgd.engine.network import Layer, backward, descend, forward
from mbgd.experiments.frameworks.comparison import (
    AS_FAR,
    CONTROLS,
    MOST_UPDATES,
    MOST_WORK,
    OURS,
    RENUMBERED,
    ROUNDING,
    SLIGHTLY_FASTER,
    compare,
    planned_updates,
    recorded,
    size_of,
)
from mbgd.experiments.frameworks.peers import (
    FRAMEWORKS,
    Framework,
    Peer,
    import_seconds,
    installed,
    mbgd_engine,
    objection,
    renumbered,
)
from mbgd.experiments.step import finish


def in_single_precision(layers, loss, rate):
    """A program that keeps its weights in float32, as frameworks do by default."""
    peer = mbgd_engine(layers, loss, rate)

    def update(X, Y):
        batch_loss = peer.update(X, Y)
        for W, b in peer.weights():
            W[...], b[...] = W.astype(np.float32), b.astype(np.float32)
        return batch_loss

    return Peer(update, peer.weights)


def without_average(layers, loss, rate):
    """A program that sums over the batch where the engine averages."""
    layers = [Layer(W.copy(), b.copy(), name) for W, b, name in layers]

    def update(X, Y):
        activations, pre_activations = forward(layers, X)
        batch_loss, dL_dY = LOSSES[loss].with_derivative(Y, activations[-1])
        for layer, (dW, db) in zip(layers, backward(layers, activations, pre_activations, dL_dY * len(X)), strict=True):
            descend(layer, dW, db, rate)
        return batch_loss

    return Peer(update, lambda: [(W, b) for W, b, _ in layers])


SETTINGS = Settings(16, 5, 0.02)


def compared(frameworks, settings=SETTINGS, name="diabetes", rounds=1):
    return finish(compare(load(name), settings, frameworks, rounds))


@pytest.mark.parametrize(
    ("make", "size"),
    [(mbgd_engine, "none"), (renumbered, "rounding"), (in_single_precision, "visible"), (without_average, "other")],
)
def test_it_distinguishes_rounding_from_other_mathematics(make, size):
    comparison = compared({"another": make})
    assert size_of(comparison) == size
    assert comparison.is_rounding(comparison.difference("another")) == (size in ("none", "rounding"))


def test_the_framework_with_the_largest_difference_decides():
    comparison = compared({"near": renumbered, "far": in_single_precision, "same": mbgd_engine})
    assert comparison.frameworks == ["near", "far", "same"]
    assert comparison.farthest == ("far", comparison.difference("far"))
    assert size_of(comparison) == "visible"


@pytest.mark.parametrize("name", ["diabetes", "sine", "digits", "moons"])
@pytest.mark.parametrize("batch_size", [1, 32, 100_000])
def test_without_frameworks_the_engine_is_compared_with_itself(name, batch_size):
    comparison = compared({}, Settings(batch_size, 1, 0.02, (8, 4), seed=2), name)
    assert comparison.farthest[0] == RENUMBERED
    assert size_of(comparison) in ("none", "rounding")
    assert comparison.is_rounding(comparison.difference(RENUMBERED))
    assert not comparison.is_rounding(comparison.differences[SLIGHTLY_FASTER].max())


def test_every_installed_framework_differs_from_the_engine_by_rounding_only():
    for name in ("diabetes", "penguins", "sine"):
        dataset = load(name)
        makers = {peer: FRAMEWORKS[peer].make for peer in installed() if not objection(peer, dataset, "tanh")}
        comparison = compared(makers, Settings(16, 20, 0.05, (16, 8), "tanh"), name)
        for peer in [*makers, RENUMBERED]:
            assert comparison.is_rounding(comparison.difference(peer))
            assert comparison.difference(peer) <= 1e-12


def test_the_batches_are_those_of_training():
    seen = []

    def watching(layers, loss, rate):
        peer = mbgd_engine(layers, loss, rate)

        def update(X, Y):
            seen.append((X, Y))
            return peer.update(X, Y)

        return Peer(update, peer.weights)

    dataset = load("diabetes")
    comparison = compared({"watching": watching}, rounds=2)
    updates = list(Training(dataset, SETTINGS))
    assert comparison.updates == len(updates)
    assert len(seen) == 2 * len(updates)  # each round takes the same batches
    for (X, Y), update in zip(seen, updates * 2, strict=True):
        np.testing.assert_array_equal(X, dataset.X_train[update.rows])
        np.testing.assert_array_equal(Y, dataset.Y_train[update.rows])
    np.testing.assert_allclose(comparison.losses[OURS], [update.loss for update in updates], rtol=0, atol=1e-12)


def test_its_steps_end_at_one_and_earlier_results_do_not_change():
    steps = list(compare(load("plane"), Settings(2, 4, 0.02), {"another": renumbered}, 2))
    shares = [step.share for step in steps]
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert max(shares[:-1]) < 1
    last = steps[-1].result
    for step in steps:
        result = step.result
        done = len(result.checkpoints)
        assert result.checkpoints.tolist() == last.checkpoints[:done].tolist()
        for name, differences in result.differences.items():
            assert len(differences) == done
            assert differences.tolist() == last.differences[name][:done].tolist()
    assert last.checkpoints[-1] == last.updates
    assert {name: len(seconds) for name, seconds in last.seconds.items()} == {OURS: 2, "another": 2}
    assert all((seconds > 0).all() for seconds in last.seconds.values())
    assert set(last.differences) == {"another", *CONTROLS}


@pytest.mark.parametrize("rate", [0.7, 10.0])
def test_a_run_that_diverges_is_compared_up_to_its_end(rate):
    settings = Settings(16, 100, rate)
    training = Training(load("diabetes"), settings)
    training.advance(epochs=100)
    comparison = compared({"another": renumbered}, settings)
    assert comparison.diverged
    assert comparison.updates == training.updates_done < comparison.asked
    assert np.isfinite(comparison.differences["another"]).all()
    assert comparison.largest_weights[-1] > 1e20
    assert not comparison.steady
    assert comparison.checkpoints[comparison.judged] == 1
    assert comparison.is_rounding(comparison.differences["another"][1])


def test_weights_that_grow_without_bound_are_compared_relative_to_their_size():
    comparison = compared({}, Settings(16, 100, 10.0), "sine")
    assert comparison.difference(RENUMBERED) > 1e100
    for at in (-1, 1):
        expected = comparison.differences[RENUMBERED][at] / comparison.largest_weights[at]
        assert comparison.relative(at)[RENUMBERED] == expected < 1e-10


def test_a_run_that_multiplies_rounding_is_judged_by_its_first_update():
    comparison = compared({"another": renumbered}, Settings(1, 1, 0.5, (32, 32), "tanh"), "digits")
    assert not comparison.diverged
    assert not comparison.steady
    assert size_of(comparison) == "other"
    assert comparison.is_rounding(comparison.differences["another"][comparison.judged])


def test_a_reordering_that_changed_the_mathematics_would_not_pass_as_rounding(monkeypatch):
    monkeypatch.setitem(CONTROLS, RENUMBERED, in_single_precision)
    comparison = compared({})
    assert not comparison.is_rounding(comparison.farthest_until_judged(RENUMBERED))


def test_an_unstable_run_is_judged_by_its_first_update_alone():
    comparison = compared({}, Settings(16, 2, 1.0, (32,)), "digits")
    assert not comparison.steady
    first = {name: float(seen[1]) for name, seen in comparison.differences.items()}
    for name in CONTROLS:
        assert comparison.farthest_until_judged(name) == first[name] < comparison.difference(name)
    assert comparison.is_rounding(first[RENUMBERED])
    assert not comparison.is_rounding(first[SLIGHTLY_FASTER])
    assert comparison.yardstick <= 1e-14 * comparison.largest_weights[1]


def test_a_steady_run_is_judged_by_all_of_it():
    comparison = compared({})
    assert comparison.farthest_until_judged(SLIGHTLY_FASTER) == comparison.differences[SLIGHTLY_FASTER].max()


def test_a_program_whose_import_fails_is_left_out(monkeypatch):
    monkeypatch.setitem(FRAMEWORKS, "PyTorch", Framework("json", "no_such_module", mbgd_engine))
    import_seconds.cache_clear()
    comparison = compared({"PyTorch": mbgd_engine, "another": renumbered}, rounds=2)
    assert comparison.broken == {"PyTorch": "ModuleNotFoundError: No module named 'no_such_module'"}
    assert comparison.frameworks == ["another"]
    assert set(comparison.differences) == {"another", *CONTROLS}
    assert [len(seconds) for seconds in comparison.seconds.values()] == [2, 2]


def test_long_runs_are_cut_to_a_few_seconds():
    dataset = load("digits")
    assert planned_updates(dataset, Settings(32, 2, 0.1)) == (90, 90)
    assert planned_updates(dataset, Settings(1, 1_000, 0.1)) == (MOST_UPDATES, 1_000 * 1_437)
    large = Settings(2_000, 10_000, 0.1, (256,) * 6)
    count = 64 * 256 + 256 + 5 * (256 * 256 + 256) + 256 * 10 + 10
    assert planned_updates(dataset, large) == (max(20, int(MOST_WORK / (count * 1_437))), 10_000)


# --- the record ---


def test_the_record_shows_rounding_only():
    record = recorded()
    assert set(record["versions"]) == set(record["imports"]) == {OURS, *FRAMEWORKS}
    assert {name for case in record["cases"] for name in case["programs"]} == {OURS, *FRAMEWORKS}
    for case in record["cases"]:
        for name, seen in case["programs"].items():
            assert seen["seconds"] > 0
            assert (seen["difference"] == 0) == (name == OURS)
            assert seen["difference"] <= AS_FAR * max(case["rounding"], ROUNDING)


def test_the_table_of_the_benchmark_is_that_of_the_record():
    table = Path(__file__).parents[3] / "benchmarks" / "frameworks.md"
    text, record = table.read_text(encoding="utf-8"), recorded()
    assert text.endswith(markdown(record))
    assert record["date"] in text
