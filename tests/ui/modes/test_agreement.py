"""The marking of each part agrees with its table, stars, claims and sentences, whatever was run."""

import re
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from mbgd import Settings, load
from mbgd.charts.modes.race import NAME, PRICE, STAR, race_table
from mbgd.data.dataset import Dataset
from mbgd.experiments.modes.exhaustion import every_size
from mbgd.experiments.modes.noise import FACTORS, noise, noise_sizes, quarter_pair
from mbgd.experiments.modes.prices import AXES, decide, fate, lost_runs
from mbgd.experiments.modes.race import race
from mbgd.experiments.modes.rules import Rules
from mbgd.experiments.modes.surface import descent, one_input
from mbgd.experiments.plain import start
from mbgd.experiments.step import finish
from mbgd.ui.kit.predict import mark
from mbgd.ui.modes import exhaustion, surface
from mbgd.ui.modes import noise as noise_part
from mbgd.ui.modes import race as race_part
from mbgd.ui.modes.prices import prices_table, race_claims
from tests.charts.encoded import column
from tests.pages.app import plain

pytestmark = pytest.mark.thorough

MANY = range(30)
DATA = ("sine", "diabetes", "moons", "penguins")


def drawn(seed):
    rng = np.random.default_rng(seed)
    name = DATA[seed % len(DATA)]
    dataset = load(name, seed=seed, **({} if name in ("diabetes", "penguins") else {"n": 60}))
    hidden = ((), (4,))[int(rng.integers(2))]
    return rng, dataset, Settings(1, 1, float(10 ** rng.uniform(-2.5, 0.3)), hidden, seed=seed)


@cache
def raced(seed):
    """A short race with rules drawn at random; in every second one the learning rates are proportional to B."""
    rng, dataset, settings = drawn(seed)
    rules = Rules((1, 8, len(dataset.X_train)), int(rng.integers(1, 4)), "epochs", 4, 8 if seed % 2 else None)
    return finish(race(dataset, settings, rules))


def noisy(seed):
    """A race whose losses jump at random: lanes reach the line, rise, and diverge."""
    made = raced(seed)
    rng = np.random.default_rng(seed)
    lanes = []
    for lane in made.lanes:
        C, S = lane.train_loss.shape
        losses = np.exp(rng.normal(0, 1, (C, S)).cumsum(axis=0) * rng.choice([0.1, 0.5, 3.0]))
        losses[0] = 1.0
        losses[rng.integers(1, C + 1) :, rng.random(S) < 0.2] = np.inf
        lanes.append(replace(lane, train_loss=losses, val_loss=losses))
    return replace(made, lanes=tuple(lanes))


def cells(html):
    found = re.findall(r"<tr>(.*?)</tr>", html, flags=re.DOTALL)
    return [[plain(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, flags=re.DOTALL)] for row in found]


def names_in(text):
    return {int(size.replace(",", "")) for size in re.findall(r"B = ([\d,]*\d)", text)}


@pytest.mark.parametrize("make", [raced, noisy])
@pytest.mark.parametrize("seed", MANY)
def test_the_race_has_one_result_for_the_marking_the_table_the_stars_and_the_claims(make, seed):
    run = make(seed)
    decision, verdict = race_part.marked_decision(run), race_part.PART.verdict(run)
    assert (verdict.right, verdict.also, verdict.near) == (decision.right, decision.also, None)
    best, sizes = decision.winners, run.rules.batch_sizes
    lost = {lane.batch_size for lane in run.lanes if 2 * lost_runs(lane).sum() >= run.rules.seeds}

    # the table
    _, *rows = cells(prices_table(run, decision))
    for lane, row in zip(run.lanes, rows, strict=True):
        stars = [i for i, cell in enumerate(row[1:5]) if "★" in cell]
        if len(row) == 6:
            assert [AXES[i] for i in stars] == [axis for axis in AXES if lane.batch_size in best[axis]]
        else:
            assert not any(lane.batch_size in best[axis] for axis in AXES)
            assert ("✕" in row[1]) == bool(fate(lane))
    for lane in run.lanes:
        assert bool(fate(lane)) == (lane.batch_size in lost)

    # the stars and the names in the chart
    for axis in AXES:
        table = race_table(run, axis, "train", decision.target, False, False)
        assert {f"B = {size:,}" for size in best[axis]} == set(column(table, "lane", series=STAR))
        assert set(column(table, "lane", series=STAR)) <= set(column(table, "lane", series=PRICE))
        crossed = {name for name in column(table, "text", series=NAME) if "✕" in name}
        assert names_in(" ".join(crossed)) == lost

    # the sentence
    says = re.search(r"epochs[^:]*: (.*?)\. Fewest updates[^:]*: (.*?)\.", verdict.measured)
    assert bool(says) == bool(best["epochs"])
    if says:
        for axis, text in zip(("epochs", "updates"), says.groups(), strict=True):
            assert names_in(text) == set(best[axis])
            assert ("tie" in text) == (len(best[axis]) > 1)
            assert not set(best[axis]) & lost
    assert bool(verdict.why) == bool(says and seed % 2)

    # the answers: those that are marked right are those that hold, one at least
    small, between, large = sizes
    ends, reverse = (
        one in best["epochs"] and other in best["updates"] for one, other in ((small, large), (large, small))
    )
    holds = {
        "ends": ends,
        "reverse": reverse,
        "same": any(size in best["epochs"] and size in best["updates"] for size in sizes),
        "other": not best["epochs"] or (between in best["epochs"]) != (between in best["updates"]),
    }
    marked = {name: mark(race_part.QUESTION, name, verdict) for name in race_part.QUESTION.answers}
    assert {name for name, (kind, _) in marked.items() if kind == "good"} == {name for name in holds if holds[name]}
    assert decision.right in verdict.all_right
    assert len(verdict.all_right) == sum(holds.values())
    if sum(holds.values()) > 1:
        assert any(len(best[axis]) > 1 for axis in ("epochs", "updates"))

    # the claims
    won = [claim for claim in race_claims(run, decision) if claim.says.startswith("fewest")]
    assert len(won) == (0 if not best["updates"] else 1 if seed % 2 else 2)
    if len(won) == 2:
        assert all(claim.agrees for claim in won) == ends


@pytest.mark.parametrize("seed", range(6))
def test_no_star_is_shown_before_the_race_is_over(seed):
    run = replace(raced(seed), finished=False)
    decision = race_part.marked_decision(run)
    assert "★" not in prices_table(run, decision)
    for axis in AXES:
        assert not len(column(race_table(run, axis, "train", decision.target, False, False), "x", series=STAR))


def test_all_answers_that_hold_in_a_tie_are_right():
    run = raced(0)
    lanes = tuple(
        replace(lane, update=np.array([0, 1, 2]), train_loss=np.array([[1.0], [0.1], [0.1]]), seconds=np.ones((3, 1)))
        for lane in run.lanes
    )
    tied = replace(run, lanes=lanes)
    decision = decide(tied, 0.5)
    assert decision.winners["updates"] == run.rules.batch_sizes
    assert (decision.right, *decision.also) == ("same", "ends", "other")  # the smallest wins both, one in between one
    verdict = race_part.PART.verdict(tied)
    assert names_in(verdict.measured) == set(run.rules.batch_sizes)
    assert "tie" in verdict.measured
    assert mark(race_part.QUESTION, "other", verdict)[0] == "good"
    assert mark(race_part.QUESTION, "reverse", verdict)[0] == "bad"


# --- the other parts ---


def line_of(seed) -> tuple[Dataset, float]:
    rng, dataset, _ = drawn(seed - seed % 4 + seed % 2)  # the sine or the diabetes
    return one_input(dataset, 0, float(rng.choice([0.0, 1.5]))), float(10 ** rng.uniform(-3, 1))


@pytest.mark.parametrize("seed", MANY)
def test_on_the_surface_the_answer_follows_from_the_lengths_in_the_table(seed):
    line, rate = line_of(seed)
    found = finish(descent(line, (1, 16, len(line.X_train)), rate, 30, seed))
    verdict = surface.PART.verdict(found)
    first, last = found.paths[0], found.paths[-1]
    rows = [surface._way(path, found, found.updates) for path in found.paths]
    for path, row in zip(found.paths, rows, strict=True):
        assert ("✕" in row[0]) == (path.updates < found.updates)
    if verdict.right == "away":
        ends = [found.surface.loss(path.points[[0, -1]]) for path in found.paths]
        assert all(after > before for before, after in ends)
        assert len(names_in(verdict.measured)) == 3
        return
    assert rows[0][2] in verdict.measured
    assert rows[-1][2] in verdict.measured
    ratio = first.length / last.length
    least, most = {"shorter": (0, 0.9), "alike": (0.9, 1.5), "several": (1.5, 10), "many": (10, np.inf)}[verdict.right]
    assert least <= ratio <= most
    full, climbs = surface.surface_claims(found)[1], found.climbs(last)
    assert full.agrees
    assert not (climbs and full.predicted == surface.COURSES["shrinks"])


@pytest.mark.parametrize("seed", range(12))
def test_the_factor_of_the_noise_is_that_of_the_two_claims(seed):
    _, dataset, settings = drawn(seed)
    sizes = noise_sizes(len(dataset.X_train))
    found = finish(noise(start(dataset, settings), dataset, sizes, 50, np.random.default_rng(seed)))
    verdict = noise_part.PART.verdict(found)
    small, large = quarter_pair(found.sizes)
    claims = noise_part.noise_claims(found)
    measured = {claim.says.split(" (")[0]: float(claim.measured.split()[0]) for claim in claims}
    before, after = (measured[f"mean of ‖g_B − G‖² at B = {found.sizes[i]:,}"] for i in (small, large))
    nearest = min(FACTORS, key=lambda name: abs(np.log(FACTORS[name] * before / after)))
    assert verdict.right == nearest
    for i in (small, large):
        assert f"{found.squared[i]:.3g}" in verdict.measured
    for claim in claims[:-2]:  # the bars are those by which it is judged; they are rounded to two digits
        middle, bar = map(float, claim.measured.split(" ± "))
        assert (abs(float(claim.predicted) - middle) <= 1.05 * bar) >= claim.agrees


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("off", [0.0, 1e-6])
def test_all_batches_have_the_full_gradient_as_their_mean_exactly_if_each_claim_says_so(seed, off):
    _, dataset, settings = drawn(seed)
    X, Y = dataset.X_train[:6], dataset.Y_train[:6]
    sizes = finish(every_size(start(dataset, settings), X, Y, dataset.loss))
    sizes = (*sizes[:2], sizes[2]._replace(gradients=sizes[2].gradients * (1 + off)), *sizes[3:])
    claims = [exhaustion.exhaustion_claims(found)[1] for found in sizes]
    assert (exhaustion.PART.verdict(sizes).right == "full") == all(claim.agrees for claim in claims) == (not off)
