"""Real data sets: a small table in files/NAME.csv, its facts in files/NAME.toml, and its name in REAL.

The facts are the description, source and licence, the loss, and the target and features with their units. If the
columns alone don't decide how to picture the data set, the facts say that too.
"""

import csv
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from mbgd.data.dataset import Table, one_hot
from mbgd.data.pictured import Pictured
from mbgd.engine.checks import one_of
from mbgd.engine.guards import immutable

FILES = Path(__file__).parent / "files"
REAL = (
    "diabetes",
    "penguins",
    "digits",
)


@cache
def about(name: str) -> dict:
    """The facts in NAME.toml: description, source, licence, loss, target, features and, for some, picture."""
    return tomllib.loads((FILES / f"{name}.toml").read_text(encoding="utf-8"))


@cache
def read_table(name: str) -> Table:
    """The whole table. Its last column is the target."""
    with (FILES / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    facts = about(name)
    features, target = facts["features"], facts["target"]
    described = [features.get(column) or features["*"] | {"name": column} for column in header[:-1]]
    X = np.array([row[:-1] for row in rows], dtype=np.float64)  # (N, n)
    last_column = [row[-1] for row in rows]
    if facts["loss"] == "cross_entropy":
        target_names = tuple(sorted(set(last_column)))
        labels = np.array([target_names.index(label) for label in last_column])
        Y = one_hot(labels, len(target_names))  # (N, k)
    else:
        target_names = (target["name"],)
        Y = np.array(last_column, dtype=np.float64)[:, None]  # (N, 1)
    return Table(
        immutable(X),
        immutable(Y),
        facts["loss"],
        tuple(feature["name"] for feature in described),
        tuple(feature["unit"] for feature in described),
        target_names,
        target["unit"],
        facts["source"],
        facts["licence"],
        _pictured(facts["picture"], header[:-1]) if "picture" in facts else None,
    )


def _pictured(told: dict, columns: list[str]) -> Pictured:
    """The picture that NAME.toml describes. It names features by their columns in the file."""
    facts: dict[str, Any] = {fact: tuple(value) if isinstance(value, list) else value for fact, value in told.items()}
    if "features" in facts:
        facts["features"] = tuple(
            columns.index(one_of("A feature of the picture", f, columns)) for f in told["features"]
        )
    return Pictured(**facts)
