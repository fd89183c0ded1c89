"""The made-up sets, one file each. A set has the name of its file, which holds its maker and its record, SET."""

from importlib import import_module
from pkgutil import iter_modules

from mbgd.data.making import Made


def find_sets() -> dict[str, Made]:
    """The record of every file in this folder by the file's name, in the order of their places."""
    found = {file.name: import_module(f"{__name__}.{file.name}").SET for file in iter_modules(__path__)}
    return dict(sorted(found.items(), key=lambda item: (item[1].place, item[0])))


MADE = find_sets()
