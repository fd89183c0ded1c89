"""What the page Sweep shows: the measure that is chosen, the map, a cell's curves, and the table to download."""

import csv
import io
from html import escape
from urllib.parse import urlencode

import streamlit as st

from mbgd.charts.batch_sizes import batch_name
from mbgd.charts.layers import LOSS_NAMES
from mbgd.charts.sweep import PICKED, curves_chart, curves_table, map_chart, map_table
from mbgd.charts.words import count, short
from mbgd.experiments.sweep.measures import (
    COSTS,
    MEASURES,
    OF_CLASSES,
    Judge,
    Judged,
    best,
    judged,
    suggested_target,
)
from mbgd.experiments.sweep.records import COLUMNS, Cell, Run, row_of
from mbgd.experiments.sweep.steps import Map
from mbgd.share.address import to_query
from mbgd.share.allowed import YES_OR_NO, Among, Between
from mbgd.share.choices import Choices
from mbgd.ui.kit.draw import draw
from mbgd.ui.kit.html import note, refusal, summed
from mbgd.ui.kit.state import choose, keep, linked
from mbgd.ui.sweep.words import by_loss

SPLITS = {"val": "validation", "train": "training"}
CLICKED = "sweep_clicked"  # the session's note of a click on a cell
SUGGESTED, MOST_LOSS = 0.0, 1e9


def measure_chosen(found: Map | None, loss: str) -> Judge:
    """Draw the switches of the measure; return what they ask for. A regression has no accuracy."""
    classes = (found.dataset.loss if found else loss) == "cross_entropy"
    offered = [name for name in MEASURES if classes or name not in OF_CLASSES]
    left, middle, right = st.columns([4, 3, 3], gap="small", vertical_alignment="bottom")
    left.selectbox(
        "Measure", offered, key=linked("measure", "sweep_measure", "loss", offered), format_func=MEASURES.__getitem__
    )
    middle.segmented_control(
        "Rows",
        list(SPLITS),
        key=linked("split", "sweep_split", "val", SPLITS),
        format_func=SPLITS.__getitem__,
        required=True,
    )
    measure, split = keep("sweep_measure"), keep("sweep_split")
    target = 0.0
    if measure in COSTS:
        right.number_input(
            "Loss to reach (0: suggested)",
            SUGGESTED,
            MOST_LOSS,
            key=linked("target", "sweep_target", SUGGESTED, Between(SUGGESTED, MOST_LOSS)),
            step=None,
            format="%.3g",
        )
        target = keep("sweep_target") or (suggested_target(found.cells, split) if found else 0.0)
    return Judge(measure, split, len(found.dataset.X_train) if found else 1, target)


def switches() -> tuple[bool, bool]:
    """Draw the switches of what is laid over the map: the lines of constant η/B, and the predicted edge."""
    with st.container(horizontal=True, gap="small", key="sweep_switches"):
        st.toggle("lines of constant η/B", key=linked("ratios", "sweep_ratios", False, YES_OR_NO))
        st.toggle(
            "predicted edge 2/λₘₐₓ",
            key=linked("edge", "sweep_edge", False, YES_OR_NO),
            help="The largest stable learning rate of full batch at the first weights of the first seed.",
        )
    return keep("sweep_ratios"), keep("sweep_edge")


def draw_map(found: Map | None, loss: str) -> None:
    """Draw the map so far. loss: that of the page's data set."""
    judge = measure_chosen(found, loss)
    ratios, edge = switches()
    if found is None:
        st.html(note("plain", "The map will fill here: batch sizes upwards, learning rates to the right."))
        return
    if found.problem:
        st.html(refusal(f"{found.problem} What is done stays: {count(found.runs_done, 'run')}.", "sweep", "bad"))
    cells = judged(found.cells, judge)
    complete = found.runs_done == found.grid.runs
    grid, what = found.grid, f"{MEASURES[judge.measure]}, {SPLITS[judge.split]} rows"
    draw(
        map_chart,
        (tuple(sorted(grid.batch_sizes)), tuple(sorted(grid.rates)), what, complete),
        map_table(found, cells, judge, ratios=ratios, edge=edge),
        key="sweep_chart",
        alt=in_words(found, cells, judge),
        caption=f"{what}: median over {count(len(grid.seeds), 'seed')}, {grid.amount:,} {grid.budget} each",
        on_pick=pick if complete else None,
    )
    if st.session_state.pop(CLICKED, False):  # its curves are in another part of the page
        st.rerun()
    target = f" Loss to reach: {judge.target:.3g}." if judge.measure in COSTS else ""
    st.html(
        summed(
            f"Each number: {escape(what)}, the median over the seeds. Light is better. ✕: at least half of the runs "
            f"diverged. –: the median run did not reach the loss. Blue frame: best of its row. ★: best of all.{target}"
            " Click a cell to see its curves below." + _lines(found, ratios=ratios, edge=edge)
        )
    )
    if found.again:
        st.html(note("changed", f"{count(found.again, 'task')} ran again, because a process was killed."))


def pick() -> None:
    """Look into the cell that was clicked."""
    picked = st.session_state["picks_sweep_chart"]["selection"].get(PICKED)
    if picked and picked[0].get("batch"):
        choose("sweep_cell", (int(picked[0]["batch"]), picked[0]["rate"]))
        st.session_state[CLICKED] = True


def _lines(found: Map, *, ratios: bool, edge: bool) -> str:
    said = " Dashed: η/B as in the best cell, and 4 times more or less." if ratios else ""
    if edge and found.curvature:
        said += f" Dotted: 2/λₘₐₓ = {2 / found.curvature:.3g}, the predicted edge of full batch."
    elif edge:
        said += " The predicted edge is computed last. For large networks it is not computed."
    return said


def in_words(found: Map, cells: list[Judged], judge: Judge) -> str:
    """The map in words; constant until it is complete."""
    grid = found.grid
    shown = f"A map of {len(grid.batch_sizes)} batch sizes and {len(grid.rates)} learning rates."
    of_all = best(cells, judge)
    if found.runs_done < grid.runs or of_all is None:
        return shown
    cell = of_all.cell
    return f"{shown} Best: {batch_name(cell.batch_size)}, learning rate {cell.learning_rate:g}, {short(of_all.median)}."


def show_cell(found: Map, choices: Choices) -> None:
    """Draw the choice of a cell, its curves, and a link to each of its runs on the page Train.

    choices: the sidebar's choices with which the map was made.
    """
    cells = {(cell.batch_size, cell.learning_rate): cell for cell in found.cells}
    keys = sorted(cells)
    judge = by_loss(found)
    of_all = best(judged(found.cells, judge), judge)
    first = (of_all.cell.batch_size, of_all.cell.learning_rate) if of_all else keys[0]
    allowed = Among(["best", *keys], lambda key: key if key == "best" else f"{key[0]}x{key[1]:g}")
    st.selectbox(
        "Cell to look into",
        ["best", *keys],
        key=linked("cell", "sweep_cell", "best", allowed),
        format_func=lambda key: "the best one" if key == "best" else f"B = {key[0]:,}, η = {key[1]:g}",
    )
    chosen = keep("sweep_cell")
    cell = cells[first if chosen == "best" else chosen]
    draw(
        curves_chart,
        (LOSS_NAMES[found.dataset.loss],),
        curves_table(cell),
        key="sweep_curves",
        alt=f"Training and validation loss of B = {cell.batch_size}, learning rate {cell.learning_rate:g}.",
        caption=f"{batch_name(cell.batch_size)}, learning rate {cell.learning_rate:g}: a line for each seed",
    )
    with st.container(horizontal=True, gap="small", key="sweep_open"):
        for run in cell.runs:
            lost = f", diverged at update {run.diverged:,}" if run.diverged else ""
            label = f"Open seed {run.seed} in Train ({run.val_loss[-1]:.4g}{lost})"
            st.link_button(label, address_in_train(found, cell, run, choices))


def address_in_train(found: Map, cell: Cell, run: Run, choices: Choices) -> str:
    """The address of the page Train with the settings of a run, which it offers to train to the same update."""
    n_train = len(found.dataset.X_train)
    settings = found.grid.settings_of(cell.batch_size, cell.learning_rate, run.seed, n_train)
    own = {
        "mode": "mini",
        "batch": cell.batch_size,
        "rate": cell.learning_rate,
        "epochs": settings.epochs,
        "seed": run.seed,
    }
    query = to_query(choices) | {name: str(value) for name, value in own.items()}
    return f"./?{urlencode(query | {'trained': str(run.diverged or run.updates)})}"


def table_of(found: Map) -> str:
    """The runs as a table, CSV, ordered by batch size, learning rate and seed."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(COLUMNS)
    runs = (run for cell in found.cells for run in cell.runs)
    table.writerows(map(row_of, sorted(runs, key=lambda run: run[:3])))
    return text.getvalue()


def download(found: Map) -> None:
    """A button that downloads the runs as a table."""
    st.download_button(
        "Download the runs as CSV",
        table_of(found),
        "sweep.csv",
        "text/csv",
        key="sweep_csv",
        icon=":material/download:",
        on_click="ignore",
    )
