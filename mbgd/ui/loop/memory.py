"""The part of the page Remove the last loop about memory."""

import numpy as np

from mbgd.charts.loop import memory_chart, memory_table
from mbgd.charts.words import in_bytes
from mbgd.experiments.gradients import parameters
from mbgd.experiments.loop.memory import BYTES, live_bytes, widest_moment
from mbgd.experiments.loop.timing import powers_of_two
from mbgd.experiments.loop.ways import Batch
from mbgd.ui.kit.claims import Claim, show_claims
from mbgd.ui.kit.draw import draw

MOST_COUNTED = 2**26  # rows × weights: up to this, counting in the running engine takes a few hundredths of a second


def show_memory(epoch: Batch, batch_size: int) -> None:
    """Show the bytes of the arrays of one update: predicted from the shapes, and counted in the engine."""
    weights = parameters(epoch.layers).size
    sizes = powers_of_two(len(epoch.X))
    counted = [live_bytes(epoch.first(B)) for B in sizes if B == 1 or B * weights <= MOST_COUNTED]
    predicted = [widest_moment(epoch.layers, B).bytes(B) for B in sizes]
    at = min(sizes.index(batch_size), len(counted) - 1)
    B, moment = sizes[at], widest_moment(epoch.layers, sizes[at])
    fixed = BYTES * moment.constant
    words = f"Bytes against the batch size. Counted: {in_bytes(counted[0])} at B = 1, {in_bytes(counted[-1])} at "
    words += f"B = {sizes[len(counted) - 1]:,}. Weights and their gradients: {in_bytes(fixed)} at B = {B:,}."
    table = memory_table(np.array(sizes), np.array(counted), np.array(predicted), fixed, batch_size)
    marks = "points: counted · line: predicted · dashed: weights and their gradients"
    draw(memory_chart, (), table, key="memory", alt=words, caption=f"Bytes of the arrays of one update · {marks}")
    arrays = " + ".join(f"{count:,} ({name})" for name, count in moment.a_row.items())
    a_row = sum(moment.a_row.values())
    claim = Claim(
        f"Largest number of bytes in memory at once during the backward pass, B = {B:,}",
        f"8 · ({B:,} · {a_row:,} + {moment.constant:,}) = {moment.bytes(B):,}",
        f"{counted[at]:,} counted",
        counted[at] == moment.bytes(B),
    )
    most = "" if len(counted) == len(sizes) else f" Here the count ends at B = {sizes[len(counted) - 1]:,}."
    why = (
        f"At the moment that needs most memory, each row of a batch has **{a_row:,} numbers** of 8 bytes: {arrays}. "
        f"The other {moment.constant:,} numbers are the {weights:,} weights and biases and those of their gradients "
        "that are already computed. *Counted* means: at each moment of the backward pass, the page adds up all arrays "
        f"that have a name in the engine's functions. The largest sum is shown.{most}"
    )
    show_claims("memory", [claim], why)
