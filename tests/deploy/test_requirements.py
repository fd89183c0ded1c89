"""What the app imports is declared: in requirements.txt, or as an optional framework."""

import ast
import re
import sys
from importlib.metadata import packages_distributions

import pytest

from tests.browser.app import ROOT

ASKED_FOR = ("requirements.txt", "requirements-frameworks.txt", "requirements-figures.txt")
OWN = {"app", "deploy", "mbgd", "pages"}
FILES = [ROOT / "app.py", *(path for folder in OWN for path in sorted((ROOT / folder).rglob("*.py")))]
OPTIONAL = {"torch": "torch", "sklearn": "scikit-learn"}  # in requirements-frameworks.txt; not installed for the tests


def imported(source: str) -> set[str]:
    """The top names of all packages that a source imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
    return {name.partition(".")[0] for name in found} - OWN - set(sys.stdlib_module_names)


def declared(name: str) -> set[str]:
    """The distributions that a file of requirements names."""
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    return {found[0].lower() for line in lines if (found := re.match(r"[A-Za-z][\w.-]*", line))}


def test_all_that_is_imported_is_declared_and_nothing_else():
    names = set().union(*(imported(path.read_text(encoding="utf-8")) for path in FILES))
    owners = packages_distributions() | {name: [owner] for name, owner in OPTIONAL.items()} | {"google": ["protobuf"]}
    needed = {owner.lower() for name in names for owner in owners[name][:1]}
    assert needed == set().union(*map(declared, ASKED_FOR))


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("import numpy.linalg as la, os", {"numpy"}),
        ("def f():\n    from pyarrow import ipc", {"pyarrow"}),
        ("from mbgd.engine import core\nfrom . import near", set()),
    ],
)
def test_an_import_is_seen(source, names):
    assert imported(source) == names


def test_each_requirement_has_a_lowest_and_a_highest_version():
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    assert all(re.fullmatch(r"[\w-]+>=[\d.]+,<\d+", line) for line in lines)
