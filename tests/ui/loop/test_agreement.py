"""Remove the last loop: marking, charts, claims and what to keep follow from the same times, whatever they are."""

import re

import numpy as np
import pytest

from mbgd.charts.loop import bars_table, throughput_table
from mbgd.charts.words import rows_a_second, short
from mbgd.experiments.loop.timing import (
    LARGEST_BATCH,
    OFF,
    Agreement,
    Throughput,
    WayTimes,
    how_many_times,
    powers_of_two,
    what_happens,
)
from mbgd.experiments.loop.ways import SAMPLE, WAYS
from mbgd.ui.kit.predict import mark
from mbgd.ui.loop.to_keep import to_keep
from mbgd.ui.loop.ways import (
    THROUGHPUT_QUESTION,
    asked_size,
    at_the_peak,
    speed_claims,
    speed_question,
    speed_verdict,
    throughput_verdict,
)
from tests.charts.encoded import column

pytestmark = pytest.mark.thorough


def drawn_ways(seed):
    """Times drawn at random: one row at a time takes 0.8 to 200 times as long as matrices."""
    rng = np.random.default_rng(seed)
    N = int(rng.choice([20, 100, 353, 1_437]))
    sizes = tuple(powers_of_two(N))
    matrices = 10 ** rng.uniform(-7, -5, len(sizes))
    loops = 10 ** rng.uniform(-0.1, 2.3, (2, len(sizes)))
    seconds = np.tile(np.stack([*(loops * matrices), matrices], axis=1), (3, 1, 1))
    agreements = tuple(Agreement(B, B, 10.0 ** -rng.integers(8, 17), float(rng.choice([0.1, 1, 5]))) for B in sizes)
    weights = 10.0 ** -rng.integers(8, 17)
    rows = np.full(seconds.shape[1:], N)
    return WayTimes(N, sizes, asked_size(N), seconds, rows, agreements, 3, weights)


@pytest.mark.parametrize("seed", range(40))
def test_one_ratio_decides_and_is_the_one_that_everything_shows(seed):
    speed = drawn_ways(seed)
    at, sample = speed.nearest(speed.compared_size), list(WAYS).index(SAMPLE)
    *_, B = [size for size in speed.sizes if size <= speed.compared_size]
    ratio = speed.seconds[0, at, sample] / speed.seconds[0, at, -1]
    found, question = speed_verdict(speed), speed_question(speed.n_samples)
    assert found.right == how_many_times(ratio)
    assert found.near in {how_many_times(ratio * OFF), how_many_times(ratio / OFF), None} - {found.right}
    good = {name for name in question.answers if mark(question, name, found)[0] == "good"}
    assert good == {found.right, found.near} - {None}
    assert f"{short(ratio)} times" in found.measured
    assert f"{short(ratio)} times" in to_keep(speed)[0]
    for said in (found.measured, to_keep(speed)[0]):
        assert f"B = {speed.sizes[at]:,}," in said
    (label,) = column(bars_table(speed, speed.sizes[at]), "label", series=SAMPLE)
    assert label.endswith(f"×{short(ratio)}")
    assert B == speed.sizes[at] or speed.compared_size not in speed.sizes


@pytest.mark.parametrize("seed", range(40))
def test_the_claims_are_those_of_the_shown_batch_size(seed):
    speed = drawn_ways(seed)
    for agreement in speed.agreements:
        gradients, weights = speed_claims(speed, agreement.batch_size)
        assert f"B = {agreement.batch_size:,}" in gradients.says
        assert f"{agreement.difference:.1e}" in gradients.measured
        assert gradients.agrees == (agreement.difference <= 1e-12 * max(1.0, agreement.largest))
        assert weights.agrees == (speed.weights <= 1e-12)
    worst = max(agreement.difference for agreement in speed.agreements)
    assert f"{worst:.1e}" in to_keep(speed)[2]


@pytest.mark.parametrize("seed", range(60))
def test_the_rows_per_second_decide_what_happens_and_are_those_of_the_chart(seed):
    rng = np.random.default_rng(seed)
    sizes = tuple(powers_of_two(LARGEST_BATCH))
    peak = int(rng.integers(len(sizes)))
    far = np.abs(np.arange(len(sizes)) - peak)
    rows = 10 ** rng.uniform(4, 6) * np.exp(-rng.choice([0.001, 0.05, 0.3]) * far) * rng.uniform(0.95, 1, len(sizes))
    found = Throughput(240, sizes, tuple(1_000 * size for size in sizes), np.tile(1 / rows, (5, 1)))
    decided, highest = throughput_verdict(found), int(rows.argmax())
    expected = {
        "same": rows.max() < 1.5 * rows.min(),
        "rise": rows[-1] >= 0.85 * rows.max(),
        "fall": rows[0] >= 0.85 * rows.max(),
    }
    assert decided.right == what_happens(found) == next((name for name, holds in expected.items() if holds), "peak")
    good = {name for name in THROUGHPUT_QUESTION.answers if mark(THROUGHPUT_QUESTION, name, decided)[0] == "good"}
    assert good == {decided.right}
    for at in (0, highest, -1):
        assert f"{rows_a_second(rows[at])}" in decided.measured
    for text in (decided.measured, at_the_peak(found)):
        assert re.search(rf"at the peak \(B = {sizes[highest]:,}\)", text)
    (label,) = [
        text for text in column(throughput_table(found, LARGEST_BATCH), "label") if str(text).startswith("peak")
    ]
    assert label.endswith(f"B = {sizes[highest]:,}")
