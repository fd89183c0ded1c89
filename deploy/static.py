"""Build a folder that any file host can serve, in which the app runs in the browser of each visitor.

    python -m deploy.static [--pyodide https://host/pyodide.mjs] [--folder static]

stlite runs Streamlit in the browser, on Pyodide, which is Python for browsers. The folder holds the app, stlite and
what Streamlit needs besides. A visitor's browser gets Pyodide and its packages, such as NumPy, from the host from which
stlite gets them, or from a copy of your own that --pyodide names.
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable
from pathlib import Path
from string import Template
from typing import Any
from urllib.parse import urlparse

from deploy.npm import CACHE, ROOT, Package, fetch

STLITE = Package(
    "@stlite/browser",
    "1.9.2",
    "VkIpNlHjOmImBvxTScRUOWXNVY3D+Vh4C83kBbiQk9pLDEl4n2kDJrlI1zmQmcmnq4EPz8gDNKW7tYk00ppEUQ==",
)
PYODIDE = "https://cdn.jsdelivr.net/pyodide/v0.29.3/full/pyodide.mjs"  # what this version of stlite asks for
SITE_PACKAGES = "/lib/python3.13/site-packages"  # in Pyodide
CORE = 12.2  # MB of Pyodide itself, without packages, before compression
WHEELS = Path(__file__).with_name("wheels.txt")
APACHE = Path(__file__).with_name("apache-2.0.txt")
PAGE = Template(Path(__file__).with_name("static.html").read_text(encoding="utf-8"))
STUB = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>mbgd</title>
<script>
const query = new URLSearchParams(location.search)
query.set("open", "$page")
location.replace("../?" + query)
</script>
<p><a href="../">mbgd</a></p>
</html>
"""
APP = (".streamlit/config.toml", "app.py", "pages", "mbgd")
KINDS = {".py", ".css", ".js", ".csv", ".json", ".toml", ".png"}
# stlite brings its own Streamlit, and a newer protobuf than Pyodide's comes with the folder (wheels.txt).
BROUGHT = {"streamlit", "protobuf"}
# stlite installs nothing under this name, because a stand-in has it; so it is loaded as one of Pyodide's packages.
NAMED_ONLY = {"pyarrow"}
LICENCES = """The parts of this folder, and their licences

mbgd, in app.zip: the MIT licence, below. Its data sets have their own: mbgd/data/files/*.toml in app.zip.
stlite {version} (https://github.com/whitphx/stlite), in stlite/, with the Streamlit that it carries: the Apache License
2.0, below. Its scripts hold parts of others, whose licences they name.
The packages in wheels/: each has its licence below.
"""
FIRST = (1980, 1, 1, 0, 0, 0)  # the time of each file in the archive: the same content makes the same archive


def main() -> None:
    """Build the folder and say how to look at it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pyodide", default=PYODIDE, help="the address of the file pyodide.mjs of a copy of Pyodide")
    parser.add_argument("--folder", type=Path, default=ROOT / "static", help="where the folder is built")
    arguments = parser.parse_args()
    address = urlparse(arguments.pyodide)
    if address.scheme not in ("http", "https") or not address.netloc or not address.path.endswith("/pyodide.mjs"):
        parser.error(
            f"--pyodide is {arguments.pyodide}; it must be the address of the file pyodide.mjs in a copy of Pyodide, "
            f"such as {PYODIDE}"
        )
    folder: Path = arguments.folder
    if folder.is_file() or (folder.exists() and any(folder.iterdir()) and not (folder / "stlite").is_dir()):
        parser.error(f"--folder is {folder}, which holds something else: choose an empty folder or a new one")
    build(folder, arguments.pyodide)
    files = [path for path in folder.rglob("*") if path.is_file()]
    shown = folder.relative_to(Path.cwd()) if folder.is_relative_to(Path.cwd()) else folder
    print(
        f"{shown}/ is ready: {len(files)} files, {megabytes(files):.0f} MB. Copy it to any file host.\n"
        f"To look at it here: python3 -m http.server -d {shown}\n"
        f"At a first visit, the browser also downloads Python and its packages from {address.netloc}."
    )


def build(folder: Path, pyodide: str = PYODIDE) -> None:
    """Build the folder anew; it replaces the one that was there."""
    stlite, wheels = fetch(STLITE, is_needed), fetch_wheels()
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as place:
        new = Path(place, "new")
        shutil.copytree(stlite / "build", new / "stlite")
        (new / "wheels").mkdir()
        for wheel in wheels:
            shutil.copy(wheel, new / "wheels")
        write_archive(new / "app.zip", app_files())
        shutil.copy(ROOT / "mbgd" / "ui" / "frame" / "icon.png", new)
        (new / "LICENCES.txt").write_text(licences(wheels), encoding="utf-8")
        (new / ".nojekyll").touch()  # GitHub Pages would leave out the files whose names begin with "_"
        for page in pages():
            (new / page).mkdir()
            (new / page / "index.html").write_text(Template(STUB).substitute(page=page), encoding="utf-8")
        own = megabytes(path for path in new.rglob("*") if loaded_by_all(path))
        index = PAGE.substitute(
            options=json.dumps(options(wheels, pyodide), indent=1).replace("</", r"<\/"),
            host=urlparse(pyodide).netloc,
            own=f"about {own:.0f} MB",
            core=f"about {CORE:.0f} MB for Python",
        )
        (new / "index.html").write_text(index, encoding="utf-8")
        if folder.exists():
            shutil.rmtree(folder)
        shutil.move(new, folder)


def is_needed(name: str) -> bool:
    """Whether the folder needs this file of stlite's package: all that its build has, except the maps to its source."""
    return name.startswith("build/") and not name.endswith((".map", ".d.ts"))


def fetch_wheels() -> list[Path]:
    """The wheels that wheels.txt names; pip fetches them, if they aren't here, and checks their content."""
    wanted = re.findall(r"^([\w-]+)==([\d.]+)", WHEELS.read_text(encoding="utf-8"), flags=re.MULTILINE)
    folder = CACHE / "wheels"
    names = [folder / f"{name.replace('-', '_')}-{version}-py3-none-any.whl" for name, version in wanted]
    if not all(name.exists() for name in names):
        target = ["--no-deps", "--only-binary=:all:", "--python-version=3.13", "--implementation=py", "--abi=none"]
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--require-hashes", *target, "--platform=any"]
        if subprocess.run([*command, "--dest", str(folder), "--requirement", str(WHEELS)]).returncode:
            raise SystemExit(f"pip could not fetch what {WHEELS} names. Try again with a network.")
    return names


def app_files() -> list[str]:
    """The files of the app, from the root of the project."""
    found = [path for name in APP for path in [ROOT / name, *(ROOT / name).rglob("*")]]
    return sorted(path.relative_to(ROOT).as_posix() for path in found if path.is_file() and path.suffix in KINDS)


def pages() -> list[str]:
    """The names of all pages but the first one."""
    return sorted(path.stem for path in (ROOT / "pages").glob("*.py"))


def write_archive(archive: Path, files: Iterable[str]) -> None:
    """Pack these files of the project. The same files make the same archive."""
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in files:
            about = zipfile.ZipInfo(name, FIRST)
            about.external_attr = 0o644 << 16
            packed.writestr(about, (ROOT / name).read_bytes(), zipfile.ZIP_DEFLATED)


def options(wheels: Iterable[Path], pyodide: str) -> dict[str, Any]:
    """What stlite is told: the app's files, its configuration among them, the packages, and where Pyodide is."""
    needed = requirements()
    return {
        "entrypoint": "app.py",
        "archives": [
            {"url": "app.zip", "format": "zip"},
            *(
                {"url": f"wheels/{one.name}", "format": "zip", "options": {"extractDir": SITE_PACKAGES}}
                for one in wheels
            ),
        ],
        "prebuiltPackageNames": list(needed),
        "requirements": [f"{name}{bounds}" for name, bounds in needed.items() if name not in NAMED_ONLY],
        "env": {"OPENBLAS_NUM_THREADS": "1"},
        "pyodideUrl": pyodide,
    }


def requirements() -> dict[str, str]:
    """What requirements.txt asks of Pyodide's packages: the bounds of each version by the package's name."""
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    found = [re.split(r"(?=>=)", line, maxsplit=1) for line in lines]
    return {name: bounds for name, bounds in found if name not in BROUGHT}


def licences(wheels: Iterable[Path]) -> str:
    """The licences of all that the folder holds."""
    texts = {"mbgd": (ROOT / "LICENSE").read_text(encoding="utf-8")}
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as packed:
            own = [name for name in packed.namelist() if re.search(r"\.dist-info/(licenses/)?LICENSE", name)]
            texts[wheel.name] = "\n".join(packed.read(name).decode() for name in own)
    texts["The Apache License 2.0"] = APACHE.read_text(encoding="utf-8")
    parts = [f"\n\n{'=' * 78}\n{name}\n{'=' * 78}\n\n{text.strip()}\n" for name, text in texts.items()]
    return LICENCES.format(version=STLITE.version) + "".join(parts)


def loaded_by_all(path: Path) -> bool:
    """Whether each visitor's browser gets this file of the folder; it gets other scripts when a page needs them."""
    main = path.suffix == ".js" and path.stat().st_size > 4e6 and path.name.startswith("index-")
    return main or path.suffix in {".zip", ".whl", ".wasm", ".css"} or path.name == "stlite.js"


def megabytes(files: Iterable[Path]) -> float:
    """The size of these files together."""
    return sum(path.stat().st_size for path in files) / 1e6


if __name__ == "__main__":
    main()
