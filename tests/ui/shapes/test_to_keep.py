"""What to keep of Shapes: its numbers are those of the two updates."""

from dataclasses import replace

import pytest

from mbgd import Settings, load
from mbgd.experiments.shapes.doubling import doubling
from mbgd.experiments.step import finish
from mbgd.ui.shapes.to_keep import to_keep
from tests.pages.app import numbers


@pytest.fixture(scope="module")
def result():
    return finish(doubling(load("moons"), Settings(8, 1, 0.1, (3,)), "first"))


def test_the_numbers_are_those_of_the_run(result):
    shapes, costs, gradients = to_keep(result)
    assert numbers(shapes)[:4] == [8, 16, len(result.changed), len(result.changed) + len(result.kept)]
    assert "dW1, dW2, db1, db2 kept" in shapes
    assert numbers(costs)[:3] == [result.single.counted[0], result.double.counted[0], result.single.counted[1]]
    assert result.single.counted[1] == result.double.counted[1]
    more = replace(result, double=replace(result.double, counted=(1, result.single.counted[1] + 8)))
    assert numbers(to_keep(more)[1])[2:4] == [result.single.counted[1], result.single.counted[1] + 8]
    assert f"{result.double.operations / result.single.operations:.3g} times" in costs
    assert f"{result.gradient_error:.1g}" in gradients


def test_only_what_the_run_showed_is_said(result):
    grown = replace(result, changed=(*result.changed, *result.kept), kept=())
    assert "kept" not in to_keep(grown)[0]
    assert "one row for each row of the batch" not in to_keep(grown)[0]
    assert "nan" not in to_keep(replace(result, gradient_error=float("nan")))[2]
