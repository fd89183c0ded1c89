"""Which mbgd a process has: tasks and records only fit between processes that have the same one."""

from functools import cache
from hashlib import sha256
from pathlib import Path

PACKAGE = Path(__file__).parents[2]


@cache
def version_here() -> str:
    """Twelve hexadecimal digits that change with any line of what computes: the engine, the data, the experiments."""
    digest = sha256()
    for room in ("engine", "data", "experiments"):
        for path in sorted(PACKAGE.joinpath(room).rglob("*.py")):
            digest.update(path.relative_to(PACKAGE).as_posix().encode())
            digest.update(path.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()[:12]
