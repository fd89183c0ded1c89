"""Looks at the app's modules in Pyodide, without NumPy and Streamlit; its last expression is what it found, as JSON.

Each module must parse. A module that needs only the standard library and protobuf must import. What others import at
their top level must be in the standard library of Pyodide, or is told for the test to look up; what they import from
Streamlit must be in the one that stlite carries.
"""

import ast
import importlib
import importlib.util
import json
import marshal
import sys
import types
from functools import cache
from pathlib import Path

HOME, STLITE = Path("/home/pyodide"), Path("/stlite")
FILES = [HOME / "app.py", *sorted(HOME.glob("pages/*.py")), *sorted(HOME.glob("mbgd/**/*.py"))]


def at_the_top(body):
    """The import statements that run when a module is imported: those outside functions."""
    for node in body:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            yield node
        elif not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            for part in ("body", "orelse", "finalbody", "handlers"):
                yield from at_the_top(getattr(node, part, []))


def names_of(nodes):
    """The dotted names that import statements ask for: modules, and names in modules."""
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from ((alias.name, None) for alias in node.names)
        else:
            yield from ((node.module, alias.name) for alias in node.names)


def compiled(module):
    """The file of one of Streamlit's modules in stlite; None if there is none."""
    path = STLITE / module.replace(".", "/")
    return next((file for file in (path.with_suffix(".pyc"), path / "__init__.pyc") if file.exists()), None)


@cache
def names_in(file):
    """The names that a compiled module uses at its top level, those that it defines among them."""
    return set(marshal.loads(file.read_bytes()[16:]).co_names)


def streamlit_has(module, name):
    """Whether stlite's Streamlit has this module, and in it this name."""
    file = compiled(module)
    if file is None or name is None:
        return file is not None
    if file.stem.endswith("_pb2"):  # its classes are made from a description when it is imported
        return name.encode() in file.read_bytes()
    return compiled(f"{module}.{name}") is not None or name in names_in(file)


def in_standard_library(name):
    """Whether this Python has a module of its own of this name."""
    try:
        return name in sys.stdlib_module_names and importlib.util.find_spec(name) is not None
    except (ModuleNotFoundError, ValueError):
        return False


def name_of(file):
    """mbgd/data/real.py -> mbgd.data.real, mbgd/data/__init__.py -> mbgd.data"""
    parts = file.relative_to(HOME).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def with_parents(module):
    """a.b.c -> a.b.c, a.b, a"""
    parts = module.split(".")
    return {".".join(parts[:end]) for end in range(1, len(parts) + 1)}


found = {"parsed": 0, "not_there": [], "not_in_streamlit": [], "packages": set(), "imported": [], "failed": {}}
needs = {}  # what each module imports at its top level, by its name
for file in FILES:
    tree = ast.parse(file.read_text(encoding="utf-8"), str(file))
    found["parsed"] += 1
    imports = set(names_of(at_the_top(tree.body)))
    needs[name_of(file)] = set().union(
        *(with_parents(f"{module}.{name}" if name else module) for module, name in imports)
    )
    for module, name in imports:
        top = module.partition(".")[0]
        if top == "streamlit":
            if not streamlit_has(module, name):
                found["not_in_streamlit"].append(f"{file.name}: {module} {name}")
        elif top in sys.stdlib_module_names:
            if not in_standard_library(top):
                found["not_there"].append(f"{file.name}: {top}")
        elif top != "mbgd":
            found["packages"].add(top)

# What needs a package that is not here, itself or through another module, is out of reach.
beyond = {package for package in {"streamlit", *found["packages"]} if importlib.util.find_spec(package) is None}
missing = sorted(beyond)
# Without its own __init__, which needs NumPy, the package's other modules can be imported one by one.
front = types.ModuleType("mbgd")
front.__path__ = [str(HOME / "mbgd")]
sys.modules["mbgd"] = front
needs.pop("mbgd")
while more := {
    module for module, wanted in needs.items() if module not in beyond and (wanted | with_parents(module)) & beyond
}:
    beyond |= more
for module in needs.keys() - beyond:
    try:
        importlib.import_module(module)
        found["imported"].append(module)
    except Exception as fault:
        found["failed"][module] = repr(fault)
json.dumps(found | {"packages": sorted(found["packages"]), "missing": missing, "imported": sorted(found["imported"])})
