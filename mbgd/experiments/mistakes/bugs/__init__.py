"""The bugs, one file per bug. A bug has the name of its file, which holds its function and its record, BUG.

Each bug replaces exactly one function of the engine. The replacement has the signature of the engine's function, so
that the two can be read side by side. The engine itself holds no bug.
"""

from importlib import import_module
from pkgutil import iter_modules

from mbgd.experiments.mistakes.bug import Bug


def find_bugs() -> dict[str, Bug]:
    """The record of every file in this folder, by the file's name, in the order of their places."""
    found = {file.name: import_module(f"{__name__}.{file.name}").BUG for file in iter_modules(__path__)}
    return dict(sorted(found.items(), key=lambda item: (item[1].place, item[0])))


BUGS = find_bugs()
