"""The made-up sets, one file each. The file's name is the set's name; the file holds its maker and its record, SET."""

from importlib import import_module
from pkgutil import iter_modules

from mbgd.data.making import Made


def find_sets() -> dict[str, Made]:
    """The records of all files in this folder, by file name, in the order of their places."""
    found = {file.name: import_module(f"{__name__}.{file.name}").SET for file in iter_modules(__path__)}
    return dict(sorted(found.items(), key=lambda item: (item[1].place, item[0])))


MADE = find_sets()
