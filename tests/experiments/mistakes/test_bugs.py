"""Each bug replaces one function, does what it says, and stays out of the engine."""

import ast
import inspect
import re
from dataclasses import astuple, replace
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

import mbgd.engine
from mbgd import Settings, load
from mbgd.engine.batches import minibatches
from mbgd.engine.losses import LOSSES
from mbgd.engine.network import backward, descend, forward
from mbgd.experiments.gradients import batch_gradient, flatten, parameters
from mbgd.experiments.mistakes import bugs
from mbgd.experiments.mistakes.bug import Bug, Derivatives, Rows, leaving_rows_over, original, replacement
from mbgd.experiments.mistakes.bugs import BUGS, find_bugs
from mbgd.experiments.mistakes.bugs.carried_over import CarriedOver
from mbgd.experiments.mistakes.bugs.no_shuffle_sorted import sorted_by_target
from mbgd.experiments.mistakes.checks import GRADIENT
from mbgd.experiments.plain import Parts, plain_training, start

every_bug = pytest.mark.parametrize("name", BUGS)
B = 12


def broken_gradient(name, dataset, settings, rows):
    """The gradient (P,) of some rows at the first weights, with a bug's part in place."""
    parts, layers = BUGS[name].parts(dataset, settings), start(dataset, settings)
    activations, pre_activations = forward(layers, dataset.X_train[rows])
    loss = parts.loss or LOSSES[dataset.loss].with_derivative
    _, dL_dY = loss(dataset.Y_train[rows], activations[-1])
    return flatten((parts.gradients or backward)(layers, activations, pre_activations, dL_dY))


def batches_of(name, n_samples, batch_size, epochs=2, **options):
    """The batches of some epochs, with a bug's part in place."""
    parts = BUGS[name].parts(load("plane"), Settings(batch_size, 1, 0.1, **options))
    rng = np.random.default_rng(0)
    return [list(parts.batches(rng, n_samples, batch_size)) for _ in range(epochs)]


# --- the records ---


def test_every_file_is_a_bug_and_every_bug_a_file():
    files = {path.stem for path in Path(bugs.__file__).parent.glob("*.py")} - {"__init__"}
    assert set(BUGS) == files
    assert find_bugs() == BUGS


def test_the_list_keeps_its_order():
    assert list(BUGS) == [
        "summed",
        "averaged_twice",
        "divided_by_b_alone",
        "no_shuffle_sorted",
        "shuffled_apart",
        "last_dropped",
        "carried_over",
        "activation_derivative_left_out",
        "bias_averaged",
    ]


def test_a_bug_without_a_place_comes_last_and_places_alike_are_ordered_by_name(monkeypatch):
    for name, place in (("summed", None), ("last_dropped", 2)):
        moved = replace(BUGS[name], place=Bug.place if place is None else place)
        monkeypatch.setattr(f"mbgd.experiments.mistakes.bugs.{name}.BUG", moved)
    names = list(find_bugs())
    assert names[:2] == ["averaged_twice", "last_dropped"]
    assert names[-1] == "summed"


def test_a_check_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="check must be one of 'loss against gradient'"):
        replace(BUGS["summed"], checks=("a look at the curve",))


@every_bug
def test_a_bug_has_a_factor_for_each_derivative(name):
    bias, last = np.array([False, True, False, True]), np.array([False, False, True, True])
    found = BUGS[name].factors(Derivatives("mse", "tanh", B, 3, bias, last))
    nan = np.nan
    expected = {
        "summed": [36] * 4,
        "averaged_twice": [1 / 12] * 4,
        "divided_by_b_alone": [3] * 4,
        "activation_derivative_left_out": [nan, nan, 1, 1],
        "bias_averaged": [1, 1 / 12, 1, 1 / 12],
    }
    np.testing.assert_array_equal(found, expected.get(name, [1] * 4))
    assert (GRADIENT in BUGS[name].checks) is (name in expected)


@pytest.mark.parametrize("name", ["no_shuffle_sorted", "shuffled_apart", "summed"])
def test_the_case_of_a_bug_is_its_data_with_the_right_settings(name):
    dataset, settings = load("diabetes"), Settings(16, 1_000, 0.1, shuffle=False, last_batch="drop")
    case = BUGS[name].case(dataset, settings)
    np.testing.assert_array_equal(case.dataset.Y_train, BUGS[name].data(dataset).Y_train)
    assert case.settings == replace(settings, epochs=173, shuffle=name != "summed", last_batch="keep")
    assert (case.N, case.k, case.B, case.rest) == (353, 1, 16, 1)
    assert BUGS[name].case(dataset, replace(settings, batch_size=1_000)).B == 353


@every_bug
@pytest.mark.parametrize("data", ["diabetes", "penguins"])
def test_a_bug_replaces_exactly_one_function_and_trains(name, data):
    bug, settings = BUGS[name], Settings(B, 1, 0.01, (4,), "tanh")
    dataset = bug.data(load(data))
    parts = bug.parts(dataset, settings)
    assert sum(part is not None for part in astuple(parts)) == 1
    layers = start(dataset, settings)
    before = parameters(layers)
    losses = [update.loss for update in islice(plain_training(layers, dataset, settings, parts), 3)]
    assert np.isfinite(losses).all()
    assert not np.array_equal(before, parameters(layers))


@every_bug
def test_a_replacement_and_what_it_replaces_can_be_read_side_by_side(name):
    bug, dataset = name, BUGS[name].data(load("plane"))
    parts = BUGS[name].parts(dataset, Settings(B, 1, 0.1))
    wrong, right = replacement(parts), original(parts, dataset.loss)
    assert inspect.getsource(wrong) != inspect.getsource(right)
    assert inspect.getmodule(right).__name__.startswith("mbgd.engine.")
    assert inspect.getmodule(wrong).__name__ == f"mbgd.experiments.mistakes.bugs.{bug}"
    assert len(inspect.getsourcelines(wrong)[0]) <= 25
    taken = wrong.__call__ if isinstance(wrong, type) else wrong
    names = [name for name in inspect.signature(taken).parameters if name != "self"]
    kept = len(names) if names[0] != "rng" else 3
    assert names[:kept] == list(inspect.signature(right).parameters)[:kept]


@pytest.mark.parametrize(
    ("part", "right"),
    [
        ("batches", minibatches),
        ("loss", LOSSES["mse"].with_derivative),
        ("gradients", backward),
        ("update", descend),
    ],
)
def test_each_part_knows_the_function_whose_place_it_takes(part, right):
    def ours():
        """Something else."""

    assert original(Parts(**{part: ours}), "mse") is right
    assert replacement(Parts(**{part: ours})) is ours


@pytest.mark.parametrize(
    ("name", "data", "factor"),
    [
        ("summed", "diabetes", B),
        ("summed", "penguins", B),
        ("averaged_twice", "diabetes", 1 / B),
        ("averaged_twice", "penguins", 1 / B),
        ("divided_by_b_alone", "diabetes", 3),
        ("divided_by_b_alone", "moons", 2),
        ("divided_by_b_alone", "digits", 10),
    ],
)
def test_a_misplaced_average_scales_the_gradient_by_exactly_this(name, data, factor):
    dataset, settings, rows = BUGS[name].data(load(data)), Settings(B, 1, 0.1, (4,), "tanh"), np.arange(B)
    right = batch_gradient(start(dataset, settings), dataset.X_train[rows], dataset.Y_train[rows], dataset.loss)
    np.testing.assert_allclose(broken_gradient(name, dataset, settings, rows), factor * right, rtol=1e-12, atol=1e-15)


def test_the_sum_over_several_outputs_is_b_times_k_too_large():
    dataset, settings, rows = BUGS["divided_by_b_alone"].data(load("plane")), Settings(B, 1, 0.1, ()), np.arange(B)
    right = batch_gradient(start(dataset, settings), dataset.X_train[rows], dataset.Y_train[rows], "mse")
    np.testing.assert_allclose(broken_gradient("summed", dataset, settings, rows), B * 3 * right, rtol=1e-12)


def test_without_its_derivative_an_activation_counts_as_a_straight_line():
    dataset, rows = load("plane"), np.arange(B)
    straight = Settings(B, 1, 0.1, (4, 3), "identity")
    right = batch_gradient(start(dataset, straight), dataset.X_train[rows], dataset.Y_train[rows], "mse")
    name = "activation_derivative_left_out"
    np.testing.assert_allclose(broken_gradient(name, dataset, straight, rows), right, rtol=1e-12)
    bent = Settings(B, 1, 0.1, (4, 3), "tanh")
    right = batch_gradient(start(dataset, bent), dataset.X_train[rows], dataset.Y_train[rows], "mse")
    wrong = broken_gradient(name, dataset, bent, rows)
    last = 3 + 1  # the parameters of the last layer, which sees no activation's derivative
    np.testing.assert_allclose(wrong[-last:], right[-last:], rtol=1e-12)
    assert np.abs(wrong[:-last] - right[:-last]).max() > 0.01


def test_the_averaged_bias_is_wrong_in_the_biases_alone():
    dataset, settings, rows = load("plane"), Settings(B, 1, 0.1, ()), np.arange(B)
    right = batch_gradient(start(dataset, settings), dataset.X_train[rows], dataset.Y_train[rows], "mse")
    wrong = broken_gradient("bias_averaged", dataset, settings, rows)
    np.testing.assert_allclose(wrong[:2], right[:2], rtol=1e-12)
    assert wrong[2] == pytest.approx(right[2] / B, rel=1e-12)


def test_sorted_rows_come_in_order_and_keep_their_targets():
    dataset = load("sine", noise=0.0)
    by_target = sorted_by_target(dataset)
    assert (np.diff(by_target.Y_train[:, 0]) >= 0).all()
    pairs = np.hstack([dataset.X_train, dataset.Y_train])
    of_sorted = np.hstack([by_target.X_train, by_target.Y_train])
    assert sorted(map(tuple, pairs)) == sorted(map(tuple, of_sorted))
    classes = sorted_by_target(load("digits")).Y_train.argmax(axis=1)
    assert (np.diff(classes) >= 0).all()


def test_in_file_order_is_the_same_order_every_time():
    first, second = batches_of("no_shuffle_sorted", 10, 4)
    assert [rows.tolist() for rows in first] == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]
    assert [rows.tolist() for rows in second] == [rows.tolist() for rows in first]


def test_shuffled_apart_uses_every_row_and_target_once_but_not_together():
    for epoch in batches_of("shuffled_apart", 50, 8):
        rows, targets = (np.concatenate(part) for part in zip(*epoch, strict=True))
        assert sorted(rows) == sorted(targets) == list(range(50))
        assert np.count_nonzero(rows == targets) < 10


@pytest.mark.parametrize("shuffle", [True, False])
def test_dropped_rows_get_no_turn(shuffle):
    epochs = batches_of("last_dropped", 250, 32, 3, shuffle=shuffle)
    left_out = [set(range(250)) - set(np.concatenate(epoch).tolist()) for epoch in epochs]
    assert [len(rows) for rows in left_out] == [26] * 3
    assert [len(rows) for rows in epochs[0]] == [32] * 7
    assert (left_out[0] == left_out[1]) is not shuffle
    assert [len(rows) for rows in batches_of("last_dropped", 10, 64, 1)[0]] == [10]


def test_carried_over_rows_make_the_next_first_batch_of_forty():
    first, second, third = batches_of("carried_over", 250, 30, 3)
    assert [len(rows) for rows in first] == [30] * 8
    assert [len(rows) for rows in second] == [len(rows) for rows in third] == [40] + [30] * 7
    late = set(range(250)) - set(np.concatenate(first).tolist())
    assert set(second[0][:10].tolist()) == late


def test_a_batch_size_above_n_never_updates_where_rows_are_carried_over():
    carried = CarriedOver()
    rng = np.random.default_rng(0)
    assert [list(carried(rng, 20, 30)) for _ in range(3)] == [[], [], []]


def test_the_engine_holds_no_bug_and_no_flag_for_one():
    names = set()
    for path in Path(mbgd.engine.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names |= {
                value for field in ("name", "id", "attr", "arg") if isinstance(value := getattr(node, field, 0), str)
            }
    assert {"minibatches", "dL_dY", "shuffle", "last_batch"} <= names
    data = Rows(*[np.zeros((4, 2))] * 4, "mse")
    ours = set(BUGS) | {replacement(bug.parts(data, Settings(2, 1, 0.1))).__name__ for bug in BUGS.values()}
    assert not names & ours
    assert not {name for name in names if re.search("bug|broken|mistake|wrong|sorted_by|carried|apart|again", name)}


@pytest.mark.parametrize(
    ("B", "n_samples", "nearest"),
    [
        (16, 240, 17),
        (16, 353, 16),
        (1, 240, 7),
        (240, 240, 239),
        (9_999, 240, 239),
        (100, 240, 100),
        (2, 3, 2),
        (3, 3, 2),
    ],
)
def test_a_bug_of_the_last_batch_takes_the_nearest_size_that_leaves_rows_over(B, n_samples, nearest):
    settings = Settings(B, 1, 0.02)
    assert leaving_rows_over(settings, n_samples) == replace(settings, batch_size=nearest)


def test_only_where_no_size_leaves_rows_over_is_none_left_over():
    for n_samples in range(1, 40):
        for B in (1, 2, 16, n_samples, 50):
            size = leaving_rows_over(Settings(B, 1, 0.02), n_samples).batch_size
            assert bool(n_samples % size) == (n_samples > 2)
            assert 1 <= size <= n_samples


@pytest.mark.parametrize("name", BUGS)
def test_only_the_bugs_of_the_last_batch_change_the_batch_size(name):
    case = BUGS[name].case(load("moons"), Settings(16, 1, 0.02))
    assert case.settings.batch_size == (17 if name in ("carried_over", "last_dropped") else 16)
