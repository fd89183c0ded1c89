"""The numbers of a chart as a table to read: what its tooltips say of each point, in columns with the same names.

A chart's own table has columns that only the drawing needs, and rows that only set the ends of its axes.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import pandas as pd
import pyarrow as pa

SERIES = re.compile(r'datum\.series === ("(?:[^"\\]|\\.)*")')


def numbers_of(spec: dict[str, Any], table: pa.Table) -> pd.DataFrame:
    """The rows of a chart's table that have a tooltip, with the tooltips' names as columns. It may be empty.

    Layers that show different quantities fill different columns.
    """
    parts = [_part(layer, filters, table) for layer, filters in _layers(spec) if _tooltips(layer)]
    parts = [part for part in parts if len(part)]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def _part(layer: dict[str, Any], filters: list[str], table: pa.Table) -> pd.DataFrame:
    """The rows of one layer. A filter that only thins out the points is passed over: the table has all of them."""
    rows = table.to_pandas()
    for names in filter(None, ([json.loads(name) for name in SERIES.findall(text)] for text in filters)):
        rows = rows[rows["series"].isin(names)]
    return pd.DataFrame({tip.get("title") or tip["field"]: rows[tip["field"]] for tip in _tooltips(layer)})


def _tooltips(layer: dict[str, Any]) -> list[dict[str, Any]]:
    tips = layer.get("encoding", {}).get("tooltip", [])
    return tips if isinstance(tips, list) else [tips]


def _layers(node: dict[str, Any], above: tuple[str, ...] = ()) -> Iterator[tuple[dict[str, Any], list[str]]]:
    """The layers that draw, each with its filters."""
    filters = [*above, *(str(step["filter"]) for step in node.get("transform", []) if "filter" in step)]
    for part in node.get("layer", []):
        yield from _layers(part, tuple(filters))
    if "mark" in node:
        yield node, filters
