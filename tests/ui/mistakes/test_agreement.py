"""The marking of a mistake agrees with the losses, the claims, the gauge and the labels beside it, whatever was run."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from mbgd import Settings, load
from mbgd.charts.mistakes import END, EXPLODED, RATE, gauge_table, sides_table
from mbgd.experiments.mistakes.bugs import BUGS
from mbgd.experiments.mistakes.epochs import budget_plans
from mbgd.experiments.mistakes.side_by_side import ALIKE, NEAR, RunPlan, Side, SideBySide, outcome_of_rows, side_by_side
from mbgd.experiments.mistakes.stability import ZONES, Edge, Search, edge
from mbgd.experiments.step import finish
from mbgd.ui.mistakes import epochs, rate
from mbgd.ui.mistakes.bugs import lessons, question_of
from tests.charts.encoded import column

pytestmark = pytest.mark.thorough

LESSONS = lessons()
OF_LOSSES = [name for name in LESSONS if BUGS[name].outcome is not outcome_of_rows]
DATA = ("sine", "diabetes", "moons", "penguins")
MANY = range(24)


def drawn(seed):
    """Short runs with settings drawn at random: a data set and its settings."""
    rng = np.random.default_rng(seed)
    name = DATA[seed % len(DATA)]
    options = {} if name in ("diabetes", "penguins") else {"n": int(rng.choice([20, 50, 100]))}
    dataset = load(name, seed=seed, **options)
    size = int(rng.choice([1, 4, 16, 50, 1_000]))
    hidden = ((), (4,), (8, 4))[int(rng.integers(3))]
    return dataset, Settings(
        size, int(rng.choice([1, 3, 6])), float(10 ** rng.uniform(-3, 0.3)), hidden, "relu", seed=seed
    )


def ran(name, dataset, settings):
    bug = BUGS[name]
    case = bug.case(dataset, settings)
    broken = RunPlan(*case, bug.parts(*case))
    return case, finish(side_by_side(RunPlan(*case), broken))


def assert_follows_from_losses(right, result):
    """The answer is that of the two final losses which the marking shows."""
    first, second = result.right, result.broken
    if right == "explodes":
        assert second.diverged
    elif right == "lower":
        assert not second.diverged
        assert first.diverged or second.end * ALIKE < first.end
    elif right in ("higher", "constant"):
        assert not first.diverged
        assert not second.diverged
        assert second.end > ALIKE * first.end
    else:
        assert right == "same"
        assert max(first.end, second.end) <= ALIKE * min(first.end, second.end)


def assert_claims_follow(name, case, right, result):
    """The claims on the run agree exactly when the marking says what they predict."""
    for claim in LESSONS[name].run_claims(case, result):
        assert claim.agrees == LESSONS[name].shows(right), (claim, right)


def labels(result, series):
    return column(sides_table(result), "label", series=series).tolist()


@pytest.mark.parametrize("seed", MANY)
@pytest.mark.parametrize("name", OF_LOSSES)
def test_the_answer_follows_from_the_final_losses_and_the_claims_from_the_answer(name, seed):
    case, result = ran(name, *drawn(seed))
    verdict = question_of(name).verdict(result)
    assert_follows_from_losses(verdict.right, result)
    for side in (result.right, result.broken):
        assert (f"{side.diverged:,}" if side.diverged else f"{side.end:.3g}") in verdict.measured
    assert_claims_follow(name, case, verdict.right, result)
    lost = [side for side in (result.right, result.broken) if side.diverged]
    assert len(labels(result, EXPLODED)) == len(lost) == 2 - len(labels(result, END))


def side(loss, diverged=None):
    return Side(np.arange(2.0), np.array([1.0, loss]), 1, diverged)


ENDS = [0.5, 0.52, 0.56, 0.8, 0.84, 0.87, 0.93, 1.0, 1.1, 1.14, 1.2, 3.0]


@pytest.mark.parametrize("name", ["no_shuffle_sorted", "shuffled_apart"])
@pytest.mark.parametrize("right", [*ENDS, None])
def test_no_pair_of_final_losses_is_marked_against_its_claim(name, right):
    case = BUGS[name].case(load("sine", n=50), Settings(4, 3, 0.1, ()))
    for broken in (*ENDS, None):
        sides = [side(1e12, 1) if loss is None else side(loss) for loss in (right, broken)]
        result = SideBySide(*sides, 1.0, 1)
        found = question_of(name).verdict(result).right
        assert_follows_from_losses(found, result)
        assert_claims_follow(name, case, found, result)
        if name == "shuffled_apart" and found == "constant":
            assert abs(broken - 1.0) < NEAR


@pytest.mark.parametrize("seed", MANY)
@pytest.mark.parametrize("name", [name for name in LESSONS if name not in OF_LOSSES])
def test_the_answer_on_rows_follows_from_the_counts(name, seed):
    case, result = ran(name, *drawn(seed))
    verdict, broken = question_of(name).verdict(result), result.broken
    expected = {
        "explodes": bool(broken.diverged),
        "larger": broken.sizes[1] > case.B,
        "once": not any(broken.unused) and broken.sizes[1] <= case.B,
        "never": any(broken.unused) and broken.never_used == max(broken.unused),
        "others": any(broken.unused) and broken.never_used < max(broken.unused),
    }
    assert expected[verdict.right]
    if broken.unused:
        for number in (*broken.unused, *broken.sizes):
            assert f"{number:,}" in verdict.measured
        never = f"; {broken.never_used:,} row" if broken.never_used else ", but each row is used"
        assert never in verdict.measured
    for claim in LESSONS[name].run_claims(case, result):
        assert claim.agrees or broken.diverged


@pytest.mark.parametrize("seed", MANY)
def test_on_epochs_the_answer_and_the_claims_follow_from_the_final_losses(seed):
    dataset, settings = drawn(seed)
    plans = budget_plans(dataset, replace(settings, batch_size=4))
    result = finish(side_by_side(*plans))
    assert_follows_from_losses(epochs.ASKED.verdict(result).right, result)
    ended = "diverged" if result.third.diverged else f"{result.third.end:.3g}"
    assert ended in epochs.third_in_words(result)
    if not any(side.diverged for side in (result.right, result.broken, result.third)):
        _, claim = epochs.budget_claims(result, plans)
        assert claim.agrees == (result.third.end <= ALIKE * result.broken.end)


# --- the learning rate ---


def zone_on_the_gauge(here, value):
    """Where the gauge's marker is: between the ends of the zones that it draws."""
    table = gauge_table(here, value)
    (marker,) = column(table, "start", series=RATE)
    (inside,) = [
        zone for zone in ZONES if column(table, "start", series=zone) <= marker <= column(table, "end", series=zone)
    ]
    assert column(table, "label", series=RATE)[0].endswith(f": {inside}")
    return inside


@pytest.mark.parametrize("seed", MANY)
def test_the_reason_speaks_of_the_place_that_the_gauge_shows(seed):
    dataset, settings = drawn(seed)
    here = finish(edge(dataset, settings))
    for times in (0.2, 0.7, 1.0, 1.33, 3.0):
        value = here.here * times
        plans = [RunPlan(dataset, replace(settings, learning_rate=one)) for one in (here.half, value)]
        result = finish(side_by_side(*plans))
        verdict = rate.ASKED._replace(why=partial(rate.reason, here, value)).verdict(result)
        assert_follows_from_losses(verdict.right, result)
        zone = zone_on_the_gauge(here, value)
        words = {name: f" {words} " for name, words in rate.PLACES.items()}
        assert [name for name in ZONES if words[name] in verdict.why.split(". ")[0]] == [zone]


PLACED = {"half": 0.2, "below": 0.7, "edge": 1.0, "above": 2.0}
OUTCOMES = {"explodes": side(9.0, 1), "higher": side(2.0), "same": side(0.5), "lower": side(0.1)}


@pytest.mark.parametrize("kind", ["exact", "local"])
@pytest.mark.parametrize("outcome", OUTCOMES)
def test_above_the_edge_no_reason_speaks_of_rates_below_it(kind, outcome):
    here, result = Edge(2.0, 1.0, 1.0, kind), SideBySide(side(0.5), OUTCOMES[outcome], 1.0, 1)
    reasons = {at: rate.reason(here, times, result) for at, times in PLACED.items()}
    assert rate.ASKED.outcome(result) == outcome
    assert {at: rate.place(here, times) for at, times in PLACED.items()} == {at: at for at in PLACED}
    assert len(set(reasons.values())) == 4
    assert "below" not in reasons["above"]
    assert "below" not in reasons["edge"]
    assert "above" not in reasons["below"]
    lost = SideBySide(side(9.0, 1), side(0.5), 1.0, 1)
    assert rate.RIGHT_DIVERGED in rate.reason(here, 0.7, lost)


def test_no_learning_rate_is_listed_both_as_stable_and_as_diverged():
    near = [(0.1127 * (1 + i * 1e-6), i > 2) for i in range(6)]
    listed = [text.split()[0] for text in rate.tried(Search(0.1, 0.12, tuple(near)))]
    assert len(set(listed)) == len(listed)
    assert [float(text) for text in listed] == sorted(float(text) for text in listed)


# --- an old picture ---


def test_the_labels_of_a_result_are_those_it_was_run_with():
    dataset, settings = drawn(0)
    names = ("B = 4", "B = 16, same epochs")
    result = finish(side_by_side(RunPlan(dataset, settings), RunPlan(dataset, settings), names=names))
    assert labels(result, END) == list(names)
    assert result.loss == dataset.loss
