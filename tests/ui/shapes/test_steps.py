"""The steps in words: their axes, sizes, bytes and operations are those of the arrays."""

import csv
import io
import re

import numpy as np
import pytest

from mbgd.charts.shapes.letters import COLOURS
from mbgd.engine.trace import DESCENT, ELEMENTS, GIVEN, LOSS, PRODUCT, axis_sizes, operation_count
from mbgd.ui.shapes.steps import (
    ANSWERS,
    GROWS,
    cost_tiles,
    expression_html,
    growth,
    inner_axes,
    meeting,
    rows_of,
    steps_csv,
    steps_table,
    terms_text,
    totals,
)
from tests.charts.shapes.test_tiles import traced


def text(html):
    return " ".join(re.sub(r"<[^>]+>", "", html.replace("</td>", " ").replace("</th>", " ")).split())


@pytest.mark.parametrize("k", [1, 10])
@pytest.mark.parametrize("depth", range(7))
def test_the_table_has_one_row_per_step_with_the_shape_and_bytes_of_its_array(depth, k):
    steps = traced(depth, k)
    for step, row in zip(steps, rows_of(steps), strict=True):
        shape = step.result.array.shape
        assert row["shape"] == ("×".join(map(str, shape)) or "1")
        assert row["bytes"] == step.result.array.nbytes == 8 * int(np.prod(shape))
        assert row[GROWS] == growth(step)
        assert "(" + "×".join(f"{size:,}" for size in shape) + ")" in text(steps_table(steps)) or not shape


def test_the_csv_reads_back_as_the_table():
    steps = traced(2, 10)
    read = list(csv.DictReader(io.StringIO(steps_csv(steps))))
    assert [{name: str(value) for name, value in row.items()} for row in rows_of(steps)] == read
    assert [row["result"] for row in read if row["trained"] == "skipped"] == ["dX"]


def test_an_expression_shows_its_axes_in_letters_and_in_sizes():
    steps = {step.result.name: step for step in traced(1, 1, B=16, n=10)}
    rows = ["X @ W1.T + b1 → Z1", "(B×n) @ (n×h1) + (h1) → (B×h1)", "(16×10) @ (10×20) + (20) → (16×20)"]
    html = expression_html(steps["Z1"], "mse")
    assert [text(row.split("</th>")[1]) for row in html.split("<tr>")[1:]] == rows
    assert expression_html(steps["Z1"], "mse").count('class="mbgd-inner"') == 4  # n and n, and 10 and 10
    assert expression_html(steps["db1"], "mse").count('class="mbgd-inner"') == 2
    assert "mbgd-inner" not in expression_html(steps["A1"], "mse")


@pytest.mark.parametrize("k", [1, 10])
def test_the_marked_axes_are_the_same_and_not_in_the_result(k):
    for step in traced(2, k):
        if step.kind == PRODUCT:
            left, right, *_ = inner_axes(step)
            assert left is not None
            assert right is not None
            assert step.operands[0].axes[left] == step.operands[1].axes[right]
            rest = [axes for i, axes in enumerate(step.operands[0].axes) if i != left]
            rest += [axes for i, axes in enumerate(step.operands[1].axes) if i != right]
            assert tuple(rest) == step.result.axes


def test_operations_in_letters_give_the_number():
    steps = traced(2, 10)
    sizes = axis_sizes(steps)
    for step in steps:
        written = terms_text(step).replace("·", "*").replace("−", "-") or "0"
        assert eval(written, {}, dict(sizes)) == operation_count(step, sizes)


def test_the_costs_tell_what_grows_with_the_batch():
    steps = {step.result.name: step for step in traced(1, 1)}
    sizes = axis_sizes(list(steps.values()))
    says = {name: text(cost_tiles(step, sizes)) for name, step in steps.items()}
    assert "memory and work" in says["Z1"]
    assert "only the work" in says["dW1"]
    assert "only the memory" in says["X"]
    assert "nothing" in says["new W1"]


@pytest.mark.parametrize("k", [1, 10])
@pytest.mark.parametrize("depth", range(4))
def test_what_grows_follows_from_the_bytes_and_the_operations_and_is_said_alike_everywhere(depth, k):
    small, large = traced(depth, k, B=4), traced(depth, k, B=8)
    sizes = axis_sizes(small)
    for one, two, row in zip(small, large, rows_of(small), strict=True):
        memory = two.result.array.nbytes > one.result.array.nbytes
        work = operation_count(two, axis_sizes(large)) > operation_count(one, sizes)
        words = ["memory"] * memory + ["work"] * work
        assert [word for word in ("memory", "work") if word in growth(one)] == words
        assert row[GROWS] == growth(one)
        assert growth(one) in text(cost_tiles(one, sizes))
        if work:
            assert "B" in str(row["in letters"]).split(" ")[0].split("·")


def test_before_the_question_is_answered_no_letter_of_an_axis_is_shown():
    steps = traced(2, 10)
    sizes = axis_sizes(steps)
    assert not set(ANSWERS) & rows_of(steps, told=False)[0].keys()
    for step in steps:
        shown = [expression_html(step, "cross_entropy", told=False), cost_tiles(step, sizes, told=False)]
        shown += [meeting(step, sizes, told=False)]
        assert not [html for html in shown if 'class="letter' in html or "·B" in html]
    assert 'class="letter' not in steps_table(steps, told=False)
    assert "axes" not in steps_csv(steps, told=False).splitlines()[0].split(",")


def test_every_step_names_the_axes_that_vanish_and_their_size():
    steps = traced(1, 10)
    sizes = axis_sizes(steps)
    for step in steps:
        html = meeting(step, sizes)
        letters, numbers = re.findall(r"letter-(\w+)", html), re.findall(r"\b\d+\b", text(html))
        if step.kind == PRODUCT:
            inner = step.operands[0].axes[1]
            assert (letters, numbers) == ([inner], [str(sizes[inner])])
            assert all(operand.name in html for operand in (*step.operands, step.result))
        elif step.kind == LOSS:
            assert (letters, numbers) == (["B", "k"], [])
        elif step.kind in (GIVEN, ELEMENTS, DESCENT):
            assert text(html)
            assert (letters, numbers) == ([], [])
        else:
            assert (letters, numbers) == (["B"], [str(sizes["B"])])
        assert "letter" not in meeting(step, sizes, told=False)


def test_the_totals_are_those_of_the_rows():
    steps = traced(1, 1)
    rows = [row for row in rows_of(steps) if row["trained"] == "yes"]
    for grows in (True, False):
        kept = [row for row in rows if ("memory" in str(row[GROWS])) == grows]
        assert f"{sum(int(row['bytes']) for row in kept):,} bytes" in totals(steps)
    assert f"{sum(int(row['FLOPs']) for row in rows):,} operations" in totals(steps)


def test_every_letter_has_its_own_colour():
    assert set(COLOURS) == {"B", "n", "k", *(f"h{i}" for i in range(1, 7))}
    assert len(set(COLOURS.values())) == len(COLOURS)
