"""The questions, texts and charts of the page Remove the last loop."""

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
from mbgd.charts.words import count, in_bytes, in_milliseconds, rows_a_second, short
from mbgd.engine.activations import Array
from mbgd.engine.dense import dense_forward, parameter_gradients
from mbgd.experiments.compare import nearly
from mbgd.experiments.loop.timing import (
    LARGEST_BATCH,
    LONGEST,
    NOISY,
    OFF,
    TURN,
    WHOLE_EPOCH,
    Throughput,
    WayTimes,
    how_many_times,
    spread,
    what_happens,
)
from mbgd.experiments.loop.ways import SAMPLE, WAYS, adding_up, as_matrices, one_by_one
from mbgd.ui.frame.page import heading
from mbgd.ui.kit.claims import Claim
from mbgd.ui.kit.draw import draw
from mbgd.ui.kit.predict import Answer, Question, Verdict
from mbgd.ui.kit.source import show_source

ASKED = 64  # the batch size that the question is about
TRY = "Move B to 1. How much do matrices save there, and why? Then move B up to all rows."
ONE_ROW = (
    "At B = 1, a loop over the rows runs once. The ways differ only in which NumPy functions they call and how often."
)


# --- how many times faster ---


def asked_size(n_samples: int) -> int:
    """The batch size of the question: 64, or all rows if there are fewer."""
    return min(ASKED, n_samples)


def speed_question(n_samples: int) -> Question:
    """The question how many times faster matrices are than one row at a time."""
    return Question(
        "loop_speed",
        f"One epoch at B = {asked_size(n_samples):,}: how many times faster are matrices than one row at a time?",
        {
            "same": Answer(
                "About as fast: it is the same arithmetic.",
                "The multiplications are the same. But each call of NumPy has a fixed cost of about a millionth of a "
                "second, and one row at a time needs a dozen calls or more for each row. With a batch of one row, "
                "matrices gain little or nothing.",
            ),
            "few": Answer(
                "2 to 10 times.",
                "The gain is below 10 only if B is very small, or if the layers are so wide that the multiplications "
                "take longer than the calls of NumPy.",
            ),
            "tens": Answer(
                "10 to 50 times.",
                "With matrices, each NumPy function is called once per batch. With one row at a time, it is called "
                "once per row. So matrices save calls. They do not save multiplications, and they do not save the "
                "update of the weights. So they are less than B times faster.",
            ),
            "more": Answer(
                "More than 50 times.",
                "This needs layers so small that nearly all the time of a row is spent on NumPy calls. It also needs a "
                "large B, so that the cost of the calls is spread over many rows.",
            ),
        },
    )


def speed_verdict(speed: WayTimes) -> Verdict:
    """The right answer, from the times measured at the batch size of the question."""
    at = speed.nearest(speed.compared_size)
    sample, *_, matrices = speed.epoch_seconds[at]
    ratio = speed.times_as_long[at][list(WAYS).index(SAMPLE)]
    return Verdict(
        how_many_times(ratio),
        f"At B = {speed.sizes[at]:,}, one epoch took {in_milliseconds(sample)} with one row at a time and "
        f"{in_milliseconds(matrices)} with matrices. So matrices are {short(ratio)} times faster.",
        near=nearly(how_many_times, ratio, OFF),
    )


def draw_speed(speed: WayTimes | None, n_samples: int, batch_size: int) -> None:
    """Draw the times of the three ways at one batch size, and their ratios at all batch sizes."""
    B = speed.sizes[speed.nearest(batch_size)] if speed else batch_size
    bars_words, ratio_words = _in_words(speed, B)
    heading(f"An epoch at B = {B:,}", "median time in ms, and its ratio (×) to the time with matrices")
    draw(
        bars_chart,
        (),
        bars_table(speed, B),
        key="ways",
        alt=bars_words,
        caption=f"One epoch at B = {B:,} · median time in ms, and its ratio (×) to the time with matrices",
    )
    caption = "The time of each way with a loop ÷ the time with matrices"
    heading("B from 1 to all rows", f"{caption[:1].lower()}{caption[1:]}")
    draw(ratio_chart, (), ratio_table(speed, n_samples, B), key="ratio", alt=ratio_words, caption=caption)


def _in_words(speed: WayTimes | None, batch_size: int) -> tuple[str, str]:
    """The two charts described in words, for readers who do not see them; with numbers after the run is complete.

    The words stay the same during a run, because the browser builds a chart again when its description changes.
    """
    bars = f"Bars: milliseconds per epoch at B = {batch_size:,} for each of the three ways."
    ratio = "Lines: the time of each way with a loop divided by the time with matrices, for each B."
    if speed is None or np.isnan(speed.seconds).any():
        return bars, ratio
    at, times = speed.nearest(batch_size), speed.times_as_long
    measured = zip(WAYS, 1e3 * speed.epoch_seconds[at], times[at], strict=True)
    bars += "".join(f" {name}: {short(ms)} ms, {short(ratio)} times the matrices'." for name, ms, ratio in measured)
    ends = ((0, 1), (-1, speed.n_samples))
    ratio += "".join(f" {SAMPLE}: {short(times[at, 0])} times at B = {B:,}." for at, B in ends)
    return bars, ratio


def speed_claims(speed: WayTimes, batch_size: int) -> list[Claim]:
    """The claims that the three ways agree, at a batch size and over an epoch."""
    agreement = speed.agreements[speed.nearest(batch_size)]
    B, rows = agreement.batch_size, agreement.rows
    of_rows = "" if rows == B else f", the first {rows:,} of its rows"
    bound = 1e-12 * max(1.0, agreement.largest)
    whole = "a whole epoch" if speed.updates * speed.compared_size >= speed.n_samples else "the first part of an epoch"
    return [
        Claim(
            f"Largest difference between the gradients of the three ways for one batch (B = {B:,}{of_rows})",
            "0 except for rounding: about 1e-16 of the largest number in the gradients",
            f"{agreement.difference:.1e}: {agreement.difference / (agreement.largest or 1):.0e} of the largest number"
            if agreement.difference
            else "exactly 0",
            agreement.difference <= bound,
        ),
        Claim(
            f"Largest difference between the weights of the three ways after {whole} "
            f"({count(speed.updates, 'update')} of B = {speed.compared_size:,})",
            "0 except for rounding",
            f"{speed.weights:.1e}",
            speed.weights is not None and speed.weights <= 1e-12,
        ),
    ]


def measured_how(speed: WayTimes) -> str:
    """A few sentences on how the times were measured."""
    rounds, N = len(speed.seconds), speed.n_samples
    turns = f"Each turn takes one or more whole epochs of {N:,} rows."
    if (speed.rows % N).any():
        turns = (
            f"If an epoch of {N:,} rows takes at most {1e3 * WHOLE_EPOCH:.0f} ms, a turn takes one or more whole "
            f"epochs. Otherwise a turn takes some of its batches, for at least {1e3 * TURN:.0f} ms (at least "
            f"{int(speed.rows.min()):,} rows), and the time of the epoch is {N:,} times the time of a row."
        )
    cut = [agreement for agreement in speed.agreements if agreement.rows < agreement.batch_size]
    if cut:
        turns += (
            f" From B = {cut[0].batch_size:,} on, the loops would need more than {1e3 * LONGEST:.0f} ms for one batch, "
            "so they are timed on its first rows."
        )
    return (
        f"**How it was measured.** All times are medians of {rounds} rounds. In each round the three ways take turns "
        f"at each B, and a different way comes first. {turns} The clock runs for whole updates: forward pass, loss, "
        f"backward pass and step. {how_steady(speed.seconds)} Clock: `time.perf_counter`. {machine()}"
    )


def how_steady(seconds: Array) -> str:
    """How well the rounds agree, and what to do if they do not."""
    wide = spread(seconds)
    lot = " **That is a lot: the machine is busy with something else. Measure again when it is idle.**"
    busy = lot if wide > NOISY else ""
    return f"The middle half of the times typically spreads over {wide:.0%} of their median.{busy}"


def machine() -> str:
    """The versions and the kind of processor that the code ran on."""
    threads = os.environ.get("OPENBLAS_NUM_THREADS", "?")
    blas = f"{threads} BLAS thread{'' if threads == '1' else 's'}"
    return f"NumPy {np.__version__}, {blas}, Python {platform.python_version()}, {platform.machine()}."


def show_ways() -> None:
    """Show the code of the three ways, side by side."""
    shown = {
        "1 One row at a time": (one_by_one,),
        "2 A loop that adds up": (adding_up,),
        "3 The batch as matrices": (as_matrices, dense_forward, parameter_gradients),
    }
    with st.container(key="three_ways"):
        for column, (name, sources) in zip(st.columns(3, gap="small"), shown.items(), strict=True):
            with column:
                heading(name, level=3)
                show_source(*sources, wrap_lines=True)


# --- rows per second ---

THROUGHPUT_QUESTION = Question(
    "loop_throughput",
    f"B grows from 1 to {LARGEST_BATCH:,}. (If B is larger than the number of training rows, the rows are repeated.) "
    "What happens to the number of rows per second, with the batch as matrices?",
    {
        "same": Answer(
            "It stays about the same.",
            "Each row needs the same arithmetic. But at B = 1 most of the time is the fixed cost of calling NumPy. "
            "With a larger batch, this cost is spread over more rows.",
        ),
        "rise": Answer(
            "It rises, levels off, and never falls much.",
            "The cost of the calls is spread over more and more rows, until the arithmetic takes most of the time. "
            "This stays so while the batch's arrays fit into the processor's cache.",
        ),
        "peak": Answer(
            "It rises to a peak, then falls.",
            "Up to the peak, the cost of the calls is spread over more and more rows. Beyond it, the batch's arrays no "
            "longer fit into the processor's cache, and each layer waits for the memory.",
        ),
        "fall": Answer(
            "It falls: a larger batch is more work.",
            "A larger batch is more work per update, but it also has more rows. The work per row does not grow while "
            "the arrays fit into the cache.",
        ),
    },
)


def throughput_verdict(throughput: Throughput) -> Verdict:
    """The right answer, from the medians at the smallest batch, the largest, and the peak."""
    rows = throughput.quartiles[1]
    peak, sizes = throughput.peak, throughput.sizes
    return Verdict(
        what_happens(throughput),
        f"Measured: {rows_a_second(rows[0])} at B = 1, {rows_a_second(rows[peak])} at the peak (B = {sizes[peak]:,}) "
        f"and {rows_a_second(rows[-1])} at B = {sizes[-1]:,}.",
    )


def draw_throughput(throughput: Throughput | None) -> None:
    """Draw the rows per second against the batch size."""
    words = "Line: rows per second against the batch size, on log axes."
    if throughput and throughput.sizes and np.isfinite(throughput.seconds).all():
        words += f" {throughput_verdict(throughput).measured}"
    caption = "Rows per second against the batch size · points: medians · pale bars: the middle half of the rounds"
    table = throughput_table(throughput, LARGEST_BATCH)
    draw(throughput_chart, (), table, key="throughput", alt=words, caption=caption)


def at_the_peak(throughput: Throughput) -> str:
    """How many bytes the arrays of an update take at the peak and at the largest batch."""
    at, sizes = throughput.peak, throughput.sizes
    return (
        f"The arrays of one update take **{in_bytes(throughput.bytes[at])}** at the peak (B = {sizes[at]:,}) and "
        f"**{in_bytes(throughput.bytes[-1])}** at B = {sizes[-1]:,}. Compare this with your processor's cache."
    )


def throughput_how(throughput: Throughput) -> str:
    """A few sentences on how the rows per second were measured."""
    sizes = throughput.sizes
    repeated = f", with the {throughput.n_samples:,} rows repeated if B is larger" * (sizes[-1] > throughput.n_samples)
    fewer = f" With this network, more than {sizes[-1]:,} rows would take too long." * (sizes[-1] < LARGEST_BATCH)
    return (
        f"All figures are medians of {len(throughput.seconds)} rounds. In each round every B "
        f"takes a turn of at least {1e3 * TURN:.0f} ms{repeated}.{fewer} {how_steady(throughput.seconds)} The pale "
        f"bars show this middle half. Clock: `time.perf_counter`. {machine()}"
    )
