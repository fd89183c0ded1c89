"""What the page about the last loop asks, says and draws."""

import os
import platform

import numpy as np
import streamlit as st

from mbgd.charts.loop import (
    bars_chart,
    bars_table,
    ratio_chart,
    ratio_table,
    throughput_chart,
    throughput_table,
)
from mbgd.charts.words import count, in_bytes, rows_a_second, short
from mbgd.engine.activations import Array
from mbgd.engine.dense import dense_forward, parameter_gradients
from mbgd.experiments.loop.timing import (
    LARGEST_BATCH,
    LONGEST,
    NOISY,
    TURN,
    WHOLE_EPOCH,
    Speed,
    Throughput,
    how_many_times,
    nearly_how_many_times,
    spread,
    what_happens,
)
from mbgd.experiments.loop.ways import SAMPLE, WAYS, adding_up, as_matrices, one_by_one
from mbgd.ui.frame.page import heading
from mbgd.ui.kit.claims import Claim, show_claims
from mbgd.ui.kit.draw import draw
from mbgd.ui.kit.predict import Answer, Question, Verdict
from mbgd.ui.kit.source import show_source

ASKED = 64  # the batch size that the question is about


# --- how many times faster ---


def asked_size(n_samples: int) -> int:
    """The batch size of the question: 64, or all rows where there are fewer."""
    return min(ASKED, n_samples)


def speed_question(n_samples: int) -> Question:
    """How many times faster matrices are than one sample at a time."""
    return Question(
        "loop_speed",
        f"An epoch at B = {asked_size(n_samples):,}: how many times faster are matrices than one sample at a time?",
        {
            "same": Answer(
                "About as fast: it is the same arithmetic.",
                "The multiplications are the same, but each call of NumPy has a fixed price of about a millionth of a "
                "second, and the loop pays some dozen of them for each sample: only a batch of one gains nothing.",
            ),
            "few": Answer(
                "2 to 10 times.",
                "Less than 10 is gained only where B is very small, or the layers so wide that multiplying takes "
                "longer than calling NumPy.",
            ),
            "tens": Answer(
                "10 to 50 times.",
                "A batch makes its calls once where the loop makes them for each sample, but not all of B is gained: "
                "the multiplications remain, and so does the update.",
            ),
            "more": Answer(
                "More than 50 times.",
                "More than 50 is gained only where the layers are so small that calling NumPy is nearly all that a "
                "sample costs, and B is large enough to spread that price.",
            ),
        },
    )


def speed_verdict(speed: Speed) -> Verdict:
    """Which answer was right, by the measured times at the size asked about."""
    at = speed.nearest(speed.compared_size)
    sample, *_, matrices = 1e3 * speed.epoch_seconds[at]
    ratio = speed.times_as_long[at][list(WAYS).index(SAMPLE)]
    return Verdict(
        how_many_times(ratio),
        f"At B = {speed.sizes[at]:,} an epoch took {short(sample)} ms one sample at a time and {short(matrices)} ms as "
        f"matrices: {short(ratio)} times faster.",
        near=nearly_how_many_times(ratio),
    )


def draw_speed(speed: Speed | None, n_samples: int, batch_size: int) -> None:
    """The seconds of the three ways at one batch size, and their ratio at all."""
    B = speed.sizes[speed.nearest(batch_size)] if speed else batch_size
    bars_words, ratio_words = _in_words(speed, B)
    left, right = st.columns(2, gap="medium")
    with left:
        heading(f"An epoch at B = {B:,}", "median milliseconds, × the matrices' time")
        draw(bars_chart, (), bars_table(speed, B), key="ways", alt=bars_words)
    with right:
        heading("From one row to all rows", "how many times as long as the matrices")
        draw(ratio_chart, (), ratio_table(speed, n_samples, B), key="ratio", alt=ratio_words)


def _in_words(speed: Speed | None, batch_size: int) -> tuple[str, str]:
    """What the two charts show, for those who don't see them: with numbers once the run is complete.

    The same words all through a run: a chart whose description changes is built anew in the browser.
    """
    bars = f"Bars of milliseconds an epoch takes at B = {batch_size:,}, three ways."
    ratio = "Lines of how many times as long as the matrices the loops take, for each B."
    if speed is None or np.isnan(speed.seconds).any():
        return bars, ratio
    at, times = speed.nearest(batch_size), speed.times_as_long
    measured = zip(WAYS, 1e3 * speed.epoch_seconds[at], times[at], strict=True)
    bars += "".join(f" {name}: {short(ms)}, {short(ratio)} times the matrices' time." for name, ms, ratio in measured)
    ends = ((0, 1), (-1, speed.n_samples))
    ratio += "".join(f" {SAMPLE}: {short(times[at, 0])} times at B = {B:,}." for at, B in ends)
    return bars, ratio


def show_speed_claims(speed: Speed, batch_size: int) -> None:
    """The three ways agree: predicted and measured."""
    agreement = speed.agreements[speed.nearest(batch_size)]
    B, rows = agreement.batch_size, agreement.rows
    of_rows = "" if rows == B else f", the first {rows:,} of its rows"
    bound = 1e-12 * max(1.0, agreement.largest)
    whole = "a whole epoch" if speed.updates * speed.compared_size >= speed.n_samples else "the first part of an epoch"
    show_claims(
        Claim(
            f"Largest difference between the three gradients of a batch (B = {B:,}{of_rows})",
            "0, but for rounding: about 1e-16 of the largest number in them",
            f"{agreement.difference:.1e}: {agreement.difference / (agreement.largest or 1):.0e} of the largest"
            if agreement.difference
            else "exactly 0",
            agreement.difference <= bound,
        ),
        Claim(
            f"Largest difference between their weights after {whole} ({count(speed.updates, 'update')} of "
            f"B = {speed.compared_size:,})",
            "0, but for rounding",
            f"{speed.weights:.1e}",
            speed.weights is not None and speed.weights <= 1e-12,
        ),
    )


def measured_how(speed: Speed) -> str:
    """How the seconds were measured, in a few sentences."""
    rounds, N = len(speed.seconds), speed.n_samples
    turns = f"Each turn is one or more whole epochs of {N:,} rows."
    if (speed.rows % N).any():
        turns = (
            f"A turn is whole epochs of {N:,} rows where one takes under {1e3 * WHOLE_EPOCH:.0f} ms, else whole "
            f"batches for {1e3 * TURN:.0f} ms or more ({int(speed.rows.min()):,} rows at least), and the seconds of an "
            f"epoch are {N:,} times those of a row."
        )
    cut = [agreement for agreement in speed.agreements if agreement.rows < agreement.batch_size]
    if cut:
        turns += (
            f" From B = {cut[0].batch_size:,} on, one batch would take the loops longer than {1e3 * LONGEST:.0f} ms: "
            "they are timed on its first rows."
        )
    return (
        f"**How it was measured.** Medians of {rounds} rounds; in each round the three ways take turns at each B, and "
        f"another one begins. {turns} Timed is all of an update: forward, loss, backward, and the step of the weights. "
        f"{how_steady(speed.seconds)} Clock: `time.perf_counter`. {machine()}"
    )


def how_steady(seconds: Array) -> str:
    """How far the rounds agree, and what to do where they don't."""
    wide = spread(seconds)
    busy = " **That is much: the machine is busy with something else. Measure again when it is calm.**"
    return f"The middle half of the rounds is as a rule {wide:.0%} of the median wide.{busy if wide > NOISY else ''}"


def machine() -> str:
    """What it ran on."""
    threads = os.environ.get("OPENBLAS_NUM_THREADS", "?")
    blas = f"{threads} BLAS thread{'' if threads == '1' else 's'}"
    return f"NumPy {np.__version__}, {blas}, Python {platform.python_version()}, {platform.machine()}."


def show_ways() -> None:
    """The code of the three ways, side by side."""
    shown = {
        "1 One sample at a time": (one_by_one,),
        "2 A loop that adds up": (adding_up,),
        "3 The batch as matrices": (as_matrices, dense_forward, parameter_gradients),
    }
    with st.container(key="three_ways"):
        for column, (name, sources) in zip(st.columns(3, gap="small"), shown.items(), strict=True):
            with column:
                heading(name)
                show_source(*sources, wrap_lines=True)


# --- rows a second ---

THROUGHPUT_QUESTION = Question(
    "loop_throughput",
    f"B grows from 1 to {LARGEST_BATCH:,}: what do the rows a second do that the matrices get through?",
    {
        "same": Answer(
            "They stay about the same.",
            "Each row has the same arithmetic, but at B = 1 most of the time is the price of calling NumPy, and a "
            "larger batch shares it among its rows.",
        ),
        "rise": Answer(
            "They rise, level off, and never fall much.",
            "The price of the calls is shared by more and more rows, until the arithmetic itself is what costs; it "
            "stays so as long as the batch's arrays are small enough for the processor's cache.",
        ),
        "peak": Answer(
            "They rise to a peak, and then fall.",
            "First the price of the calls is shared by more rows; then the batch's arrays outgrow the processor's "
            "cache, and each layer waits for the memory.",
        ),
        "fall": Answer(
            "They fall: a larger batch is more work.",
            "A larger batch is more work for one update, but also more rows: the work of a row doesn't grow, as long "
            "as the arrays fit into the cache.",
        ),
    },
)


def throughput_verdict(throughput: Throughput) -> Verdict:
    """Which answer was right, by the medians from the smallest to the largest batch."""
    rows = throughput.quartiles[1]
    peak, sizes = throughput.peak, throughput.sizes
    return Verdict(
        what_happens(throughput),
        f"Measured: {rows_a_second(rows[0])} at B = 1, {rows_a_second(rows[peak])} at the peak, B = {sizes[peak]:,}, "
        f"and {rows_a_second(rows[-1])} at B = {sizes[-1]:,}.",
    )


def draw_throughput(throughput: Throughput | None) -> None:
    """Rows a second against the batch size."""
    words = "Line of rows a second against the batch size, on log axes."
    if throughput and throughput.sizes and np.isfinite(throughput.seconds).all():
        words += f" {throughput_verdict(throughput).measured}"
    draw(throughput_chart, (), throughput_table(throughput, LARGEST_BATCH), key="throughput", alt=words)


def throughput_how(throughput: Throughput) -> str:
    """How it was measured, and what the arrays of an update take at the peak."""
    at, sizes = throughput.peak, throughput.sizes
    repeated = f", the {throughput.n_samples:,} rows repeated where B is larger" * (sizes[-1] > throughput.n_samples)
    fewer = f" Batches larger than {sizes[-1]:,} would take this network too long." * (sizes[-1] < LARGEST_BATCH)
    return (
        f"The arrays of an update take **{in_bytes(throughput.bytes[at])}** at the peak, B = {sizes[at]:,}, and "
        f"**{in_bytes(throughput.bytes[-1])}** at B = {sizes[-1]:,}: compare that with the cache of the processor.\n\n"
        f"**How it was measured.** Medians of {len(throughput.seconds)} rounds, in each of which every B takes a turn "
        f"of {1e3 * TURN:.0f} ms or more{repeated}.{fewer} {how_steady(throughput.seconds)} The pale bars are that "
        f"middle half. Clock: `time.perf_counter`. {machine()}"
    )
