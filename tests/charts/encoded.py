"""Helpers that read the columns of a chart from its specification, because to_dict() does not see a missing one."""

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from mbgd.charts.layers import FRAME

DATUM = re.compile(r"datum\.(\w+)|datum\[['\"](\w+)['\"]\]")
PICKED = re.compile(r'datum\.series === ("(?:[^"\\]|\\.)*")')


def fields(spec: Any) -> set[str]:
    """The columns that the specification names, as fields or in expressions over `datum`; an axis has its own one."""
    return {name for key, value in _leaves(spec) if key != "labelExpr" for name in _named(key, value)}


def series_named(spec: Any) -> set[str]:
    """The series that layers select from the table."""
    return {name for layer in _layers(spec) for names in layer.picked for name in names}


def series_drawn(spec: Any, table: pa.Table) -> set[str]:
    """The series of the table that some layer draws visibly. Those of a frame may be drawn invisibly."""
    present = set(table["series"].to_pylist())
    drawn = set()
    for layer in _layers(spec):
        kept = present.intersection(*layer.picked)
        drawn |= kept if layer.seen else kept & {FRAME}
    return drawn


def column(table: pa.Table, name: str, **where: str) -> np.ndarray:
    """The values of a column in the rows where the other columns have these values."""
    kept = np.ones(table.num_rows, dtype=bool)
    for other, wanted in where.items():
        kept &= table[other].to_numpy() == wanted
    return table[name].to_numpy()[kept]


def numbers(table: pa.Table) -> dict[str, np.ndarray]:
    """The columns with numbers."""
    columns = {name: table[name].to_numpy() for name in table.column_names}
    return {name: values for name, values in columns.items() if values.dtype.kind in "fiu"}


def assert_draws(spec: dict[str, Any], *tables: pa.Table) -> None:
    """Assert that each table has every named column, and that some layer draws each of its series.

    The tables are states of one chart: each series that a layer selects must be in at least one of them.
    """
    assert len(fields(spec)) >= 2
    for table in tables:
        assert fields(spec) <= set(table.column_names)
        if "series" in table.column_names:
            assert series_drawn(spec, table) == set(table["series"].to_pylist())
    held = [set(table["series"].to_pylist()) for table in tables if "series" in table.column_names]
    assert series_named(spec) <= set().union(*held)


class _Layer(NamedTuple):
    picked: list[set[str]]  # the series that each filter lets through
    seen: bool


def _layers(node: dict[str, Any], above: tuple[set[str], ...] = ()) -> Iterator[_Layer]:
    filters = [step["filter"] for step in node.get("transform", []) if "filter" in step]
    picked = [*above, *(set(_picked(text)) for text in filters if "series" in str(text))]
    for part in node.get("layer", []):
        yield from _layers(part, tuple(picked))
    if "mark" in node:
        mark = node["mark"]
        yield _Layer(picked, seen=isinstance(mark, str) or mark.get("opacity") != 0)


def _picked(text: Any) -> list[str]:
    """The names in a filter as mbgd.charts.layers.only writes it; any other filter on the series fails."""
    clauses = [PICKED.fullmatch(clause) for clause in str(text).split(" || ")]
    assert all(clauses), f"a filter on the series that this helper can't read: {text}"
    return [json.loads(clause[1]) for clause in clauses if clause]


def _leaves(node: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(node, dict):
        for name, value in node.items():
            yield from _leaves(value, name)
    elif isinstance(node, list):
        for value in node:
            yield from _leaves(value, key)
    else:
        yield key, node


def _named(key: str, value: Any) -> list[str]:
    if key == "field":
        return [value]
    return [a or b for a, b in DATUM.findall(value)] if isinstance(value, str) else []


def caption_of(spec: dict) -> list[str]:
    """The lines of a chart's caption, where there is room for it."""
    text = spec["title"]["text"]
    return text if isinstance(text, list) else json.loads(text["expr"].split(" ? '' : ", 1)[1])
