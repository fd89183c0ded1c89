"""Runs with one change each: from the same seed, with as many updates, ranked by one decision."""

from dataclasses import replace

import numpy as np
import pytest

from mbgd import Settings, load
from mbgd.experiments.diagnose.problem import lesson_problem, own_problem
from mbgd.experiments.diagnose.remedies import BASE, BATCH, DATA, DECAY, NAMES, SMALL, rank, side_by_side, variants_of
from mbgd.experiments.diagnose.watch import watch
from mbgd.experiments.step import finish

QUICK = Settings(8, 6, 0.05, hidden=(16,))


def quick(name="moons", **settings):
    problem = own_problem(load(name, n=60), replace(QUICK, **settings))
    return finish(side_by_side(variants_of(problem, 0.03)))


def test_each_variant_has_one_change():
    problem = lesson_problem(0)
    variants = variants_of(problem, 0.03)
    assert tuple(variant.name for variant in variants) == NAMES
    by_name = {variant.name: variant for variant in variants}
    base = by_name[BASE].settings
    assert base == problem.settings
    changed = {
        DATA: {"epochs"},
        SMALL: {"hidden"},
        DECAY: {"weight_decay"},
        BATCH: {"batch_size", "epochs"},
    }
    for name, fields in changed.items():
        settings = by_name[name].settings
        assert {field for field in vars(base) if getattr(settings, field) != getattr(base, field)} == fields
        assert (by_name[name].dataset is problem.dataset) == (name != DATA)


@pytest.mark.parametrize("batch_size", [1, 7, 16])
@pytest.mark.parametrize("last_batch", ["keep", "drop"])
def test_all_make_as_many_updates_and_less_than_an_epoch_more(batch_size, last_batch):
    result = quick(batch_size=batch_size, last_batch=last_batch)
    base = result.runs[0].updates
    assert all(base <= run.updates < base + run.updates_an_epoch for run in result.runs)


@pytest.mark.parametrize(
    ("settings", "left_out"), [({"hidden": ()}, SMALL), ({"hidden": (4,)}, SMALL), ({"batch_size": 1_000}, BATCH)]
)
def test_a_change_that_can_not_be_made_is_left_out(settings, left_out):
    assert left_out not in {variant.name for variant in quick(**settings).variants}


def test_each_run_is_the_run_by_itself():
    result = quick()
    for variant, run in zip(result.variants, result.runs, strict=True):
        alone = finish(watch(variant.dataset, variant.settings))
        np.testing.assert_array_equal(run.val, alone.val)
    first = [run.train[0] for run in result.runs]
    assert first[0] == first[3] == first[4]  # the same first weights and rows


def test_a_run_that_diverges_is_not_the_best():
    result = finish(side_by_side(variants_of(own_problem(load("diabetes"), replace(QUICK, learning_rate=10.0)), 0.03)))
    ranking = rank(result)
    gone = {one.name for one, run in zip(result.variants, result.runs, strict=True) if run.failed}
    assert gone
    assert not gone & set(ranking.ends + ranking.on_the_way)


@pytest.mark.thorough
@pytest.mark.parametrize("seed", range(6))
def test_on_the_lessons_problem_more_data_or_weight_decay_ends_lowest(seed):
    """Of the seeds 0 to 19, more data ended lowest with 11 and weight decay with 9."""
    result = finish(side_by_side(variants_of(lesson_problem(seed), 0.03)))
    assert set(rank(result).ends) <= {DATA, DECAY}
    found = {one.name: run.diagnosis for one, run in zip(result.variants, result.runs, strict=True)}
    assert found[DECAY].val < 0.7 * found[BASE].val
    assert abs(found[BATCH].val / found[BASE].val - 1) < 0.15  # a bigger batch changes little
