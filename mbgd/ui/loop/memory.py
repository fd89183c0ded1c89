"""What the page about the last loop says of memory."""

import numpy as np
import streamlit as st

from mbgd.charts.loop import memory_chart, memory_table
from mbgd.charts.words import in_bytes
from mbgd.experiments.gradients import parameters
from mbgd.experiments.loop.memory import BYTES, live_bytes, widest_moment
from mbgd.experiments.loop.timing import powers_of_two
from mbgd.experiments.loop.ways import Batch
from mbgd.ui.kit.claims import Claim, show_claims
from mbgd.ui.kit.draw import draw

MOST_COUNTED = 2**26  # rows × weights up to which memory is counted by running the engine: some hundredths of a second


def show_memory(epoch: Batch, batch_size: int) -> None:
    """Bytes of an update's arrays: predicted from the shapes, counted in the engine."""
    weights = parameters(epoch.layers).size
    sizes = powers_of_two(len(epoch.X))
    counted = [live_bytes(epoch.first(B)) for B in sizes if B == 1 or B * weights <= MOST_COUNTED]
    predicted = [widest_moment(epoch.layers, B).bytes(B) for B in sizes]
    at = min(sizes.index(batch_size), len(counted) - 1)
    B, moment = sizes[at], widest_moment(epoch.layers, sizes[at])
    fixed = BYTES * moment.constant
    words = f"Bytes against the batch size, counted: {in_bytes(counted[0])} at B = 1, {in_bytes(counted[-1])} at "
    words += f"B = {sizes[len(counted) - 1]:,}. Weights and their gradients: {in_bytes(fixed)}, whatever B is."
    table = memory_table(np.array(sizes), np.array(counted), np.array(predicted), fixed, batch_size)
    draw(memory_chart, (), table, key="memory", alt=words)
    arrays = " + ".join(f"{count:,} ({name})" for name, count in moment.a_row.items())
    a_row = sum(moment.a_row.values())
    show_claims(
        Claim(
            f"Bytes alive at once, at most, on the way back of B = {B:,}",
            f"8 · ({B:,} · {a_row:,} + {moment.constant:,}) = {moment.bytes(B):,}",
            f"{counted[at]:,} counted",
            counted[at] == moment.bytes(B),
        )
    )
    most = "" if len(counted) == len(sizes) else f" This network is counted up to B = {sizes[len(counted) - 1]:,}."
    st.markdown(
        f"Each row of a batch has **{a_row:,} numbers** of 8 bytes at the widest moment, {arrays}. The other "
        f"{moment.constant:,} are the {weights:,} weights and biases and the gradients made of them by then. "
        "*Counted* means: while the engine goes back, every array that one of its functions has a name for at that "
        f"moment.{most}"
    )
