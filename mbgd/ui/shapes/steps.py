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


def plain_shape(shape: tuple[int, ...]) -> str:
    """A shape without letters and colours: (16×10)."""
    return "(" + "×".join(f"{size:,}" for size in shape) + ")" if shape else "one number"


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


def expression_html(step: TraceStep, loss: str, told: bool = True) -> str:
    """A step as a small HTML table: its arrays, their axes in letters, and their sizes in this update.

    told: whether the axes may have their letters. As long as the page's question is open, they may not.
    """
    parts = as_it_reads(step, loss)
    arrays = [part for part in parts if isinstance(part, Traced)]
    inner = iter(inner_axes(step))
    marks = {id(array): next(inner, None) for array in arrays}

    def line(title: str, show: Callable[[Traced], str]) -> list[str | Cell]:
        return [title, *(Cell(show(part)) if isinstance(part, Traced) else part for part in parts)]

    rows = [line("arrays", lambda part: f"<code>{escape(part.name)}</code>")]
    if told:
        rows.append(line("axes", lambda part: shape_html(part.axes, (), marks[id(part)])))
        rows.append(line("sizes", lambda part: shape_html(part.axes, part.array.shape, marks[id(part)])))
    else:
        rows.append(line("sizes", lambda part: plain_shape(part.array.shape)))
    return table((), rows, name=f"{step.result.name} = {step.expression}", kind="mbgd-expression")


def meeting(step: TraceStep, sizes: dict[str, int], told: bool = True) -> str:
    """One to three sentences about what happens to the axes in a step, as HTML. told: whether they may be named."""
    if step.kind == GIVEN:
        return "Nothing is computed yet: these are rows of the training data."
    if step.kind == PRODUCT:
        left, right, *biases = (operand.name for operand in step.operands)
        inner = step.operands[0].axes[1]
        products = f"the sum of {sizes[inner]:,} products" if sizes[inner] > 1 else "one product"
        text = f"Each number of {step.result.name} is {products}: a row of {left} times a column of {right}."
        if told:
            text += f" The sum runs over the axis {letter(inner)}, so {step.result.name} does not have this axis."
        return text + "".join(f" {bias} is added to every row." for bias in biases)
    if step.kind == LOSS:
        over = f" The mean runs over {letter('B')} and {letter('k')}." if told else ""
        return f"Each row has a loss, and {step.result.name} is their mean: one number for the whole batch.{over}"
    if step.kind in (ELEMENTS, DESCENT):
        return "Each number is computed from the numbers in the same place." + (
            " All arrays have the same shape." if told else ""
        )
    rows = f"The {count(sizes['B'], 'row')} {'is' if sizes['B'] == 1 else 'are'} summed, column by column."
    return f"{rows} So {step.result.name} has no axis {letter('B')}." if told else rows


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
ANSWERS = ("axes", "shape", "bytes", "in letters", GROWS)  # columns that answer the page's question, for all arrays


def growth(step: TraceStep) -> str:
    """What of a step grows with B: its result takes more memory, or computing it more work, or both, or neither."""
    memory, work = "B" in step.result.axes, any("B" in axes for _, axes in step.operations)
    return {
        (True, True): "memory and work",
        (False, True): "only the work",
        (True, False): "only the memory",
        (False, False): "nothing",
    }[memory, work]


def rows_of(steps: Sequence[TraceStep], told: bool = True) -> list[dict[str, str | int]]:
    """The table of steps: one dictionary per step, with the columns' names as keys.

    told: whether it may have the columns ANSWERS. As long as the page's question is open, it may not.
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
            GROWS: growth(step),
            "trained": "yes" if step.trained else "skipped",
        }
        for number, step in enumerate(steps, 1)
    ]
    return [{name: value for name, value in row.items() if told or name not in ANSWERS} for row in rows]


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
        cells["expression"] = Cell(f"<code>{escape(step.expression)}</code>")
        if told:
            cells |= {
                "axes": Cell(shape_html(step.result.axes)),
                "shape": Cell(shape_html(step.result.axes, step.result.array.shape)),
            }
        lines.append(list(cells.values()))
    return table(list(rows[0]), lines, kind="mbgd-claims mbgd-steps")


def cost_tiles(step: TraceStep, sizes: dict[str, int], told: bool = True) -> str:
    """The costs of a step as HTML tiles: now, and if `told`, in letters, with twice the rows and what grows with B."""
    operations, doubled = operation_count(step, sizes), operation_count(step, sizes | {"B": 2 * sizes["B"]})
    size = step.result.array.nbytes
    grows, factor = "B" in step.result.axes, f"{doubled / max(operations, 1):.3g} times as many"
    numbers = (
        (f"Bytes of {step.result.name}", f"{size:,}", bytes_text(step.result.axes) if told else ""),
        ("Operations (FLOPs)", f"{operations:,}", terms_text(step) if told else ""),
        ("Bytes with twice the rows", f"{2 * size if grows else size:,}", "2 times as many" if grows else "the same"),
        ("Operations with twice the rows", f"{doubled:,}", "the same" if doubled == operations else factor),
        ("Grows with B", growth(step), ""),
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
        f"The steps of training take {operations:,} operations. Results with one row for each row of the batch "
        f"take {grows:,} bytes, "
        f"which grow with B. All other results take {fixed:,} bytes, which stay the same."
    )
