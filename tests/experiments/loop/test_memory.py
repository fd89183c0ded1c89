"""Memory: the bytes predicted from the shapes are alive in the engine, exactly, and the allocator agrees."""

import sys
import tracemalloc

import pytest

from mbgd.engine.network import backward, forward
from mbgd.experiments.loop.memory import live_bytes, widest_moment
from tests.experiments.loop.test_ways import epoch_of

HIDDEN = [(), (1,), (16,), (2,), (8, 30, 4), (30, 8), (3, 3, 3, 3, 3, 3)]


@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid", "identity"])
@pytest.mark.parametrize("hidden", HIDDEN)
@pytest.mark.parametrize("name", ["diabetes", "digits", "moons"])
def test_the_bytes_counted_are_those_predicted(name, hidden, activation):
    epoch = epoch_of(name, hidden, activation)
    for B in (1, 2, 7, 64, 200):
        assert live_bytes(epoch.first(B)) == widest_moment(epoch.layers, B).bytes(B)


@pytest.mark.parametrize("h", [1, 5, 16])
def test_one_hidden_layer_has_n_4h_2k_numbers_per_row(h):
    moment = widest_moment(epoch_of("diabetes", (h,)).layers, 64)
    assert sum(moment.a_row.values()) == 10 + 4 * h + 2 * 1
    parameters = 10 * h + h + h + 1
    assert moment.constant == 2 * parameters
    assert moment.bytes(64) == 8 * (64 * (10 + 4 * h + 2) + 2 * parameters)


@pytest.mark.parametrize("hidden", [(), (16,), (40, 20, 10)])
def test_memory_is_linear_in_the_batch_size(hidden):
    epoch = epoch_of("digits", hidden)
    a, b, c = (live_bytes(epoch.first(B)) for B in (100, 200, 300))
    assert c - b == b - a == 8 * 100 * sum(widest_moment(epoch.layers, 100).a_row.values())


@pytest.mark.parametrize("hidden", [(16,), (40, 20, 10)])
def test_the_allocator_agrees_except_for_memory_within_expressions(hidden):
    batch = epoch_of("digits", hidden, "tanh").first(500)
    predicted = widest_moment(batch.layers, 500)
    given = 8 * (500 * batch.X.shape[1] + sum(W.size + b.size for W, b, _ in batch.layers))  # allocated before
    backward(batch.layers, *forward(batch.layers, batch.X), batch.Y)
    tracemalloc.start()
    try:
        activations, pre_activations = forward(batch.layers, batch.X)
        dL_dY = batch.loss.with_derivative(batch.Y, activations[-1])[1]
        tracemalloc.reset_peak()
        backward(batch.layers, activations, pre_activations, dL_dY)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    widest = 8 * 500 * max(batch.layers[0].W.shape[0], batch.X.shape[1])
    assert predicted.bytes(500) - given <= peak <= predicted.bytes(500) - given + 2 * widest + 20_000


def test_counting_leaves_the_profiler_unchanged():
    seen = []

    def profiler(frame, event, argument):
        seen.append(event)

    sys.setprofile(profiler)
    try:
        live_bytes(epoch_of("sine").first(5))
        assert sys.getprofile() is profiler
    finally:
        sys.setprofile(None)
