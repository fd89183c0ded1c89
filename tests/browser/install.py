"""Make sure that the tests find what is not in the project.

python -m tests.browser.install

That is a Chromium (Debian's headless one, where we may install it), nginx, axe-core, the core of Pyodide, what the
static folder is made of, and an environment with the Streamlit that this folder carries.
"""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path
from typing import Any

from deploy.npm import CACHE, Package, fetch
from deploy.serve import find_nginx
from deploy.static import STLITE, fetch_wheels, is_needed
from tests.browser.app import SHELL, find_chromium

ADVICE = (
    "The browser tests need Chromium and none was found. Install it (Debian, Ubuntu: sudo apt-get install "
    f"{SHELL}; macOS: brew install --cask google-chrome), or set CHROMIUM to the path of a Chromium or Chrome."
)
NGINX = "nginx"
# axe-core (MPL 2.0) finds faults of accessibility. It is fetched, not kept here.
AXE = Package(
    "axe-core", "4.14.1", "FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ=="
)
AXE_SCRIPT = AXE.folder / "axe.min.js"
# The core of the Pyodide that stlite uses: Python for browsers with its standard library, and the list of its packages.
PYODIDE = Package(
    "pyodide", "0.29.3", "22UBuhOJawj7vKUnS7/F3xK+515LJdjiMAHoCfuS6/PbHiOrSQVnYwDe+2sbVwiOZ3sMMexdXICew6NqOMQGgA=="
)
OLDER = "1.62.0"  # the Streamlit that stlite carries
NEEDED_BY_OLDER = ("blinker>=1.5", "httptools>=0.6", "pytz", "toml")  # and not by the newer one
AS_THERE = ("altair", "numpy", "pandas", "pillow")  # in the versions that Pyodide has
OLDER_PYTHON = CACHE / f"streamlit-{OLDER}" / "bin" / "python"


def main() -> None:
    """Install Debian's headless Chromium and nginx, if they aren't there and we are root; fetch the rest."""
    install_chromium()
    if not find_nginx():
        install_package(NGINX, "the tests of the served app, which are skipped without it")
    fetch(AXE, lambda name: name == AXE_SCRIPT.name)
    fetch(PYODIDE, lambda name: not name.endswith(".map"))
    fetch(STLITE, is_needed)
    fetch_wheels()
    install_older_streamlit()


def install_chromium() -> None:
    """Any Chromium will do; Debian's headless one makes the tests shorter."""
    if "CHROMIUM" not in os.environ and not shutil.which(SHELL):
        install_package(SHELL, "the browser tests")
    if not find_chromium():
        sys.exit(ADVICE)


def install_package(name: str, purpose: str) -> None:
    """Install a package of Debian's, if this is Debian or one of its family and we are root."""
    apt = shutil.which("apt-get")
    if apt and os.geteuid() == 0:
        print(f"Installing Debian's {name} for {purpose} ...", flush=True)
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}  # 1: no service is started
        for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", name]):
            subprocess.run([apt, *command], env=environment, check=False, stdout=subprocess.DEVNULL)


def lock() -> dict[str, dict[str, Any]]:
    """What Pyodide says of its packages, by their names: versions, modules and what they need."""
    return json.loads((PYODIDE.folder / "pyodide-lock.json").read_text(encoding="utf-8"))["packages"]


def install_older_streamlit() -> None:
    """Make an environment with the Streamlit that stlite carries, Pyodide's NumPy and pandas, all else is ours."""
    if OLDER_PYTHON.exists():
        return
    print(f"Installing Streamlit {OLDER} for the tests of the static folder ...", flush=True)
    folder = OLDER_PYTHON.parents[1]
    venv.create(folder, symlinks=True, clear=True)
    try:
        own = Path(sysconfig.get_path("purelib", vars={"base": str(folder)}))
        (own / "all_else.pth").write_text(f"{sysconfig.get_path('purelib')}\n")  # searched after its own packages
        needed = [f"streamlit=={OLDER}", *NEEDED_BY_OLDER, *(f"{name}=={lock()[name]['version']}" for name in AS_THERE)]
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-compile", "--target", str(own)]
        subprocess.run([*command, *needed], check=True)
    except BaseException:
        shutil.rmtree(folder)
        raise


if __name__ == "__main__":
    main()
