"""Helpers that read the columns of a chart from its specification, because to_dict() does not see a missing one."""

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa

DATUM = re.compile(r"datum\.(\w+)|datum\[['\"](\w+)['\"]\]")


def fields(spec: Any) -> set[str]:
    """The columns that the specification names, as fields or in expressions over `datum`."""
    return {name for key, value in _leaves(spec) for name in _named(key, value)}


def series_drawn(spec: Any) -> set[str]:
    """The series that layers select from the table."""
    return {value for key, value in _leaves(spec) if key == "oneOf"}


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


def assert_draws(spec: dict[str, Any], table: pa.Table) -> None:
    """Assert that the table has every named column, and that some layer draws each of its rows."""
    assert fields(spec) <= set(table.column_names)
    assert len(fields(spec)) >= 2
    if drawn := series_drawn(spec):
        assert set(table["series"].to_pylist()) <= drawn


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
