"""Remove the last loop: the same epoch computed one row at a time, with a loop that adds up, and as matrices."""

import streamlit as st

from mbgd.engine.dense import dense_backward_batch
from mbgd.engine.network import backward, forward
from mbgd.experiments.loop.memory import live_bytes, widest_moment
from mbgd.experiments.loop.timing import TimedWay, compare_ways, measure_throughput, powers_of_two, turns
from mbgd.experiments.loop.ways import first_epoch
from mbgd.ui.frame.ending import end_lesson
from mbgd.ui.frame.page import heading, open_page, title
from mbgd.ui.frame.terms import lead
from mbgd.ui.kit.claims import show_claims
from mbgd.ui.kit.experiment import experiment
from mbgd.ui.kit.source import folded, source_panel
from mbgd.ui.kit.state import keep, linked
from mbgd.ui.loop import ways
from mbgd.ui.loop.memory import show_memory
from mbgd.ui.loop.to_keep import to_keep

choices, dataset = open_page("Remove the last loop")
N = len(dataset.X_train)
asked = ways.asked_size(N)
title("Remove the last loop", "the same epoch computed in three ways, and timed on this machine")
lead(
    "The gradient of a batch is the mean of its rows' gradients. It can be computed in three ways: (1) **one row at a "
    "time**; (2) with matrices, but with **a loop that adds up** the rows' gradients; (3) with **the batch as "
    "matrices** only. Each way makes one update per batch, and all end at the same weights. Only the time differs."
)
sizes = powers_of_two(N)
key = linked("rows", "loop_batch", asked, sizes)
left, right = st.columns([5, 7], gap="large")
asking = left.container()
B = left.select_slider(
    "Rows in a batch, B",
    sizes,
    key=key,
    format_func="{:,}".format,
    help="The batch size that the bars show, from 1 to all N training rows. You can change it after the run, too.",
)
keep(key)

settings = choices.settings(N)
epoch = first_epoch(dataset, settings)
about = (choices.data_key, settings.hidden, settings.activation, settings.shuffle)
with right:
    speed = experiment(
        "speed",
        lambda: compare_ways(epoch, asked),
        about,
        lambda result: ways.draw_speed(result, N, B),
        question=ways.speed_question(N),
        verdict=ways.speed_verdict,
        tries=ways.TRY,
        controls=asking,
    )
if speed:
    show_claims("speed", ways.speed_claims(speed, B), ways.measured_how(speed))

heading("The same gradient in three ways", "the code that was measured: find the loop over the rows in ways 1 and 2")
st.markdown(
    "**Way 1** makes a forward and a backward pass for each row by itself, with `W @ x + b`. **Way 2** uses "
    "matrices for everything except the sum over the rows. In **way 3**, that sum is a matrix product, too: "
    "`dZ.T @ X`."
)
if speed:
    st.markdown(ways.ONE_ROW)
ways.show_ways()

heading("Rows per second", "with matrices: whole updates, logarithmic axes")
left, right = st.columns([5, 7], gap="large")
with right:
    throughput = experiment(
        "throughput",
        lambda: measure_throughput(epoch),
        about,
        ways.draw_throughput,
        label="Measure",
        question=ways.THROUGHPUT_QUESTION,
        verdict=ways.throughput_verdict,
        controls=left,
    )
if throughput:
    st.markdown(ways.at_the_peak(throughput))
    folded("How it was measured", "details_throughput", lambda: st.markdown(ways.throughput_how(throughput)))

heading("Memory", "of the arrays of one update, in bytes · points: counted in the running engine · line: predicted")
show_memory(epoch, B)

engine = (forward, backward, dense_backward_batch)
source_panel(
    "The code of this page",
    *engine,
    TimedWay,
    turns,
    widest_moment,
    live_bytes,
    intro="The engine's forward pass and backward pass, how a turn is timed, and how memory is counted.",
)
end_lesson("Remove the last loop", speed, to_keep)
