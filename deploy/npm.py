"""Packages from npm, each of one version and with one content: another content is refused."""

import base64
import hashlib
import io
import shutil
import tarfile
import tempfile
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
CACHE = ROOT / ".cache"
REGISTRY = "https://registry.npmjs.org"


class Package(NamedTuple):
    """A package of npm; `sha512` is that of its archive in base64, as npm states it."""

    name: str
    version: str
    sha512: str

    @property
    def address(self) -> str:
        """Where its archive is."""
        return f"{REGISTRY}/{self.name}/-/{self.name.rpartition('/')[2]}-{self.version}.tgz"

    @property
    def folder(self) -> Path:
        """Where its files are kept."""
        return CACHE / "npm" / f"{self.name.replace('/', '-')}-{self.version}"


def everything(name: str) -> bool:
    """Keep each file of a package."""
    return True


def fetch(package: Package, wanted: Callable[[str], bool] = everything) -> Path:
    """The folder with a package's files: those whose path in the package is wanted. It is fetched if it isn't there."""
    if not package.folder.exists():
        print(f"Fetching {package.name} {package.version} ...", flush=True)
        try:
            with urllib.request.urlopen(package.address, timeout=60) as answer:
                archive = answer.read()
        except OSError as fault:
            raise SystemExit(f"{package.address} could not be fetched: {fault}. Try again with a network.") from None
        unpack(package, archive, wanted)
    return package.folder


def unpack(package: Package, archive: bytes, wanted: Callable[[str], bool] = everything) -> None:
    """Write the wanted files of a package's archive into its folder, if the archive is the one that we know."""
    found = base64.b64encode(hashlib.sha512(archive).digest()).decode()
    if found != package.sha512:
        raise SystemExit(
            f"{package.name} {package.version} has another content than expected: sha512 {found} instead of "
            f"{package.sha512}. It was not installed."
        )
    package.folder.parent.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(dir=package.folder.parent) as place,
        tarfile.open(fileobj=io.BytesIO(archive)) as all_,
    ):
        for member in all_.getmembers():
            name = member.name.partition("/")[2]  # all are in a folder "package"
            file = all_.extractfile(member) if wanted(name) else None
            if file is not None:
                path = Path(place, "new", name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(file.read())
        shutil.move(Path(place, "new"), package.folder)  # all at once: what is there is complete
