"""The steps of an update in words, HTML and CSV: expressions with their axes, their costs, and what grows with B."""

import csv
import io
from collections.abc import Callable, Sequence
from html import escape

from mbgd.charts.shapes.letters import letter
from mbgd.charts.shapes.tiles import as_it_reads
from mbgd.charts.words import count
from mbgd.engine.trace import (
    DESCENT,
    ELEMENTS,
    GIVEN,
    LOSS,
    PRODUCT,
    Axes,
    Traced,
    TraceStep,
    axis_sizes,
    operation_count,
)
from mbgd.ui.kit.html import Cell, table, tiles


def shape_html(axes: Axes, shape: tuple[int, ...] = (), inner: int | None = None) -> str:
    """(B×n), or a shape (16×10), each part in the colour of its letter. `inner`, an axis summed over, is marked."""
    texts = [f"{size:,}" for size in shape] if shape else axes
    cells = [letter(name, text) for name, text in zip(axes, texts, strict=True)]
    marked = [f'<u class="mbgd-inner">{cell}</u>' if i == inner else cell for i, cell in enumerate(cells)]
    return "(" + "×".join(marked) + ")" if axes else "one number"


def inner_axes(step: TraceStep) -> list[int | None]:
    """For each array of a step, in reading order: the axis that is summed over and vanishes, or None."""
    if step.kind == PRODUCT:
        return [1, 0, *[None] * (len(step.operands) - 1)]
    return [0 if step.code == "dZ.sum(axis=0)" else None, *[None] * 3]


def expression_html(step: TraceStep, loss: str) -> str:
    """A step as a small HTML table: its arrays, their axes in letters, and their sizes in this update."""
    parts = as_it_reads(step, loss)
    arrays = [part for part in parts if isinstance(part, Traced)]
    inner = iter(inner_axes(step))
    marks = {id(array): next(inner, None) for array in arrays}

    def line(title: str, show: Callable[[Traced], str]) -> list[str | Cell]:
        return [title, *(Cell(show(part)) if isinstance(part, Traced) else part for part in parts)]

    rows = [
        line("arrays", lambda part: f"<code>{escape(part.name)}</code>"),
        line("axes", lambda part: shape_html(part.axes, (), marks[id(part)])),
        line("sizes", lambda part: shape_html(part.axes, part.array.shape, marks[id(part)])),
    ]
    return table((), rows, kind="mbgd-expression")


def meeting(step: TraceStep, sizes: dict[str, int]) -> str:
    """One or two sentences about what happens to the axes in a step, as HTML."""
    if step.kind == GIVEN:
        return "Nothing is computed yet: these are rows of the training data."
    if step.kind == PRODUCT:
        inner = step.operands[0].axes[1]
        products = f"the sum of {sizes[inner]:,} products" if sizes[inner] > 1 else "one product"
        bias = "".join(
            f" The axis {letter(b.axes[0])} of {b.name} fits the last axis: {b.name} is added to each of the rows."
            for b in step.operands[2:]
        )
        both = f"The inner axes {letter(inner)} and {letter(inner)} meet and vanish"
        return f"{both}: each number of the result is {products}.{bias}"
    if step.kind == LOSS:
        return f"{letter('B')} and {letter('k')} both vanish: the mean is one number for the whole batch."
    if step.kind in (ELEMENTS, DESCENT):
        return "Number by number: all arrays have the same shape, and no axis vanishes."
    rows = f"{count(sizes['B'], 'row')} {'is' if sizes['B'] == 1 else 'are'}"
    return f"{letter('B')} vanishes: the {rows} summed, column by column."


def terms_text(step: TraceStep) -> str:
    """The number of operations of a step in letters: 2·B·n·h1."""
    texts = []
    for times, axes in step.operations:
        factors = [*([str(abs(times))] if abs(times) != 1 or not axes else []), *axes]
        texts.append(("− " if times < 0 else "+ " if texts else "") + "·".join(factors))
    return " ".join(texts)


def bytes_text(axes: Axes) -> str:
    """The bytes of an array in letters: 8·B·n. Empty for a single number."""
    return "·".join(["8", *axes]) if axes else ""


GROWS = "grows with B"


def rows_of(steps: Sequence[TraceStep], told: bool = True) -> list[dict[str, str | int]]:
    """The table of steps: one dictionary per step, with the columns' names as keys.

    told: whether it may say what grows with B. As long as the page's question is open, it may not.
    """
    sizes = axis_sizes(steps)
    rows: list[dict[str, str | int]] = [
        {
            "step": number,
            "part and layer": f"{step.part} {step.layer or ''}".strip(),
            "result": step.result.name,
            "expression": step.expression,
            "axes": "×".join(step.result.axes) or "1",
            "shape": "×".join(map(str, step.result.array.shape)) or "1",
            "dtype": str(step.result.array.dtype),
            "bytes": step.result.array.nbytes,
            "FLOPs": operation_count(step, sizes),
            "in letters": terms_text(step),
            GROWS: "yes" if "B" in step.result.axes else "no",
            "trained": "yes" if step.trained else "skipped",
        }
        for number, step in enumerate(steps, 1)
    ]
    return [{name: value for name, value in row.items() if told or name != GROWS} for row in rows]


def steps_csv(steps: Sequence[TraceStep], told: bool = True) -> str:
    """The table of steps as CSV."""
    rows, text = rows_of(steps, told), io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([rows[0], *(row.values() for row in rows)])
    return text.getvalue()


def steps_table(steps: Sequence[TraceStep], told: bool = True) -> str:
    """The table as HTML, with the axes in their colours."""
    rows = rows_of(steps, told)
    lines = []
    for step, row in zip(steps, rows, strict=True):
        cells: dict[str, str | Cell] = {
            name: f"{value:,}" if isinstance(value, int) else value for name, value in row.items()
        }
        cells |= {
            "expression": Cell(f"<code>{escape(step.expression)}</code>"),
            "axes": Cell(shape_html(step.result.axes)),
            "shape": Cell(shape_html(step.result.axes, step.result.array.shape)),
        }
        lines.append(list(cells.values()))
    return table(list(rows[0]), lines, kind="mbgd-claims mbgd-steps")


def cost_tiles(step: TraceStep, sizes: dict[str, int], told: bool = True) -> str:
    """The costs of a step as HTML tiles: now, and if `told`, with twice the rows and what grows with B."""
    operations, doubled = operation_count(step, sizes), operation_count(step, sizes | {"B": 2 * sizes["B"]})
    size = step.result.array.nbytes
    grows = "B" in step.result.axes
    what = {(True, True): "memory and work", (False, True): "only the work", (True, False): "only the memory"}
    numbers = (
        (f"Bytes of {step.result.name}", f"{size:,}", bytes_text(step.result.axes)),
        ("Operations (FLOPs)", f"{operations:,}", terms_text(step)),
        ("Bytes with twice the rows", f"{2 * size if grows else size:,}", "× 2" if grows else "the same"),
        ("Operations with twice the rows", f"{doubled:,}", "the same" if doubled == operations else ""),
        ("Grows with B", what.get((grows, doubled > operations), "nothing"), ""),
    )
    return tiles(numbers if told else numbers[:2])


def totals(steps: Sequence[TraceStep], told: bool = True) -> str:
    """Bytes and operations of the whole update. `told`: whether it may say which bytes grow with B."""
    sizes = axis_sizes(steps)
    trained = [step for step in steps if step.trained]
    operations = sum(operation_count(step, sizes) for step in trained)
    results = [step.result for step in trained]
    grows = sum(array.array.nbytes for array in results if "B" in array.axes)
    fixed = sum(array.array.nbytes for array in results if "B" not in array.axes)
    if not told:
        return f"The steps of training take {operations:,} operations. Their results take {grows + fixed:,} bytes."
    return (
        f"The steps of training take {operations:,} operations. Results with one row per sample take {grows:,} bytes, "
        f"which grow with B. All other results take {fixed:,} bytes, which stay the same."
    )
