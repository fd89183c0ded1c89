"""What is said of a run follows from one decision: the marking, the table, the claims, the chart and what to keep."""

import re
from dataclasses import replace

import numpy as np
import pytest

from mbgd import Settings, load
from mbgd.experiments.diagnose.diagnosis import DIVERGED, FINE, KINDS, OVERFITS, UNDERFITS
from mbgd.experiments.diagnose.meanings import ABOVE, BELOW, OFF, SAME, measure_meanings
from mbgd.experiments.diagnose.problem import lesson_problem, own_problem
from mbgd.experiments.diagnose.remedies import BASE, DATA, rank, side_by_side, variants_of
from mbgd.experiments.diagnose.watch import watch
from mbgd.experiments.step import finish
from mbgd.ui.diagnose import meanings as meanings_part
from mbgd.ui.diagnose import remedies as remedies_part
from mbgd.ui.diagnose import watch as watch_part
from mbgd.ui.diagnose.to_keep import OF_PARTS, of_run, to_keep
from mbgd.ui.diagnose.words import SHORT, diagnosis_in_words, number, variant_names
from mbgd.ui.kit.predict import mark
from tests.pages.app import numbers, plain

pytestmark = pytest.mark.thorough

DATA_SETS = ("sine", "moons", "diabetes", "penguins", "xor", "circles")
KIND_IN_WORDS = {OVERFITS: "overfits", UNDERFITS: "underfits", FINE: "fine", DIVERGED: "diverged"}
MANY = range(36)


def drawn(seed):
    """A problem drawn at random: the lesson's with every sixth seed, else one of any data and settings."""
    rng = np.random.default_rng(seed)
    if seed % 6 == 5:
        problem = lesson_problem(seed)
        return problem._replace(settings=replace(problem.settings, epochs=300))
    name = DATA_SETS[seed % len(DATA_SETS)]
    dataset = load(name, seed, **({} if name in ("diabetes", "penguins") else {"n": int(rng.choice([20, 60]))}))
    hidden = ((), (8,), (32, 32))[int(rng.integers(3))]
    settings = Settings(
        int(rng.choice([1, 8, 1_000])),
        int(rng.choice([1, 5, 40])),
        float(10 ** rng.uniform(-2.5, 0.7)),
        hidden,
        activation=str(rng.choice(["relu", "tanh"])),
        seed=seed,
    )
    return own_problem(dataset, settings)


def good_answers(question, verdict):
    return {name for name in question.answers if mark(question, name, verdict)[0] == "good"}


@pytest.mark.parametrize("patience", [None, 5])
@pytest.mark.parametrize("seed", MANY)
def test_one_diagnosis_decides_the_marking_the_words_and_what_to_keep(seed, patience):
    problem = drawn(seed)
    run = finish(watch(problem.dataset, problem.settings, patience))
    found, verdict = run.diagnosis, watch_part.verdict(run)
    assert good_answers(watch_part.QUESTION, verdict) == {watch_part.OF_KIND[found.kind]}
    said = diagnosis_in_words(run)
    assert verdict.measured == said == of_run(run)[0]
    assert [kind for kind in KINDS if re.search(rf"\b{KIND_IN_WORDS[kind]}\b", said)] == [found.kind]
    assert said.startswith("Early stopping") == run.stopped
    if found.kind in (OVERFITS, FINE):
        told = numbers(said)
        assert {found.since, *(float(f"{loss:.3g}") for loss in (found.lowest, found.val, found.train))} <= set(told)
    if found.kind == OVERFITS:
        assert found.val > found.val_then >= found.lowest
        assert found.train < found.train_then
        assert {float(f"{loss:.3g}") for loss in (found.val_then, found.train_then)} <= set(told)
        alone = found.then == (found.since, found.since)
        assert set(found.then) <= set(told)
        assert (f"{found.epochs:,} epoch" in said) == alone
    assert all(claim.agrees for claim in watch_part.watch_claims(run))
    assert len(watch_part.watch_claims(run)) == 1 + run.stopped
    tiles = dict((title, number_) for title, number_, _ in watch_part.numbers_of(run))
    assert tiles["Lowest validation loss"] == number(found.lowest)
    assert tiles["Gap at the end"] == (number(found.gap) if np.isfinite(found.gap) else "none")
    assert number(found.lowest) in of_run(run)[1]


def test_runs_of_each_kind_are_among_them():
    kinds = {finish(watch(drawn(seed).dataset, drawn(seed).settings)).diagnosis.kind for seed in MANY}
    assert kinds == set(KINDS)


@pytest.mark.parametrize("seed", range(18))
def test_one_ranking_decides_the_marking_the_stars_and_what_to_keep(seed):
    problem = drawn(seed)
    result = finish(side_by_side(variants_of(problem, 0.03)))
    ranking, verdict = rank(result), remedies_part.verdict(result)
    question = remedies_part.question(result.variants)
    assert list(question.answers) == [variant.name for variant in result.variants]
    assert good_answers(question, verdict) == set(ranking.ends or (BASE,))
    cells = re.findall(r"<tr>(.*?)</tr>", remedies_part.results_table(result), flags=re.DOTALL)[1:]
    cells = [[plain(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, flags=re.DOTALL)] for row in cells]
    finals = [np.inf if run.diagnosis.kind == DIVERGED else run.diagnosis.val for run in result.runs]
    for name, variant, run, row in zip(
        variant_names(result.variants), result.variants, result.runs, cells, strict=True
    ):
        assert row[0] == name
        assert ("★" in row[1]) == (variant.name in ranking.on_the_way)
        assert ("★" in row[3]) == (variant.name in ranking.ends)
        assert row[6] == plain(SHORT[run.diagnosis.kind]).replace("\N{NO-BREAK SPACE}", " ")
        told = "diverged" if run.diagnosis.kind == DIVERGED else number(run.diagnosis.val)
        assert f"{name}: {told}" in remedies_part.in_words(result)
    kept = remedies_part.to_keep(result)[0]
    if ranking.ends:
        assert number(min(finals)) in kept
        assert verdict.right == result.variants[int(np.argmin(finals))].name
        less = len(problem.other.X_train) < len(problem.dataset.X_train)
        assert question.answers[DATA].why == (remedies_part.LESS if less else remedies_part.WHY[DATA])
    unfinished = replace(result, finished=False)
    assert "★" not in remedies_part.results_table(unfinished)
    updates = [claim for claim in remedies_part.remedies_claims(result) if claim.says.startswith("Updates")]
    assert all(claim.agrees for claim in updates)


@pytest.mark.parametrize("seed", range(24))
def test_one_ratio_decides_which_training_loss_is_higher(seed):
    problem = drawn(seed)
    found = finish(measure_meanings(problem.dataset, problem.settings))
    verdict = meanings_part.verdict(found)
    assert verdict.right in (ABOVE, SAME, BELOW)
    ratio = found.mean.sum() / found.after[1:].sum() if len(found.mean) else np.nan
    if np.isfinite(ratio):
        assert verdict.right == (SAME if abs(ratio - 1) <= OFF else ABOVE if ratio > 1 else BELOW)
        assert number(ratio) in verdict.measured
        assert number(found.mean[0]) in meanings_part.to_keep(found)[0]
        assert number(found.after[1]) in meanings_part.to_keep(found)[0]
    claims = meanings_part.meanings_claims(found)
    assert claims[0].agrees


def test_what_to_keep_names_the_settings_of_parts_that_are_not_shown():
    problem = drawn(5)
    run = finish(watch(problem.dataset, problem.settings))
    kept = to_keep({"overfit": run}, {"overfit": "seed 5"})
    assert kept[-1].endswith("(Run with: seed 5.)")
    assert list(OF_PARTS) == ["overfit", "remedies", "meanings"]
