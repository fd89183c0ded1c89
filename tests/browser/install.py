"""Make sure that the tests find a Chromium (Debian's headless one, where we may install it), nginx and axe-core.

python -m tests.browser.install
"""

import base64
import hashlib
import io
import os
import shutil
import subprocess
import sys
import tarfile
import urllib.request
from pathlib import Path

from deploy.serve import find_nginx
from tests.browser.app import ROOT, SHELL, find_chromium

ADVICE = (
    "The browser tests need Chromium and none was found. Install it (Debian, Ubuntu: sudo apt-get install "
    f"{SHELL}; macOS: brew install --cask google-chrome), or set CHROMIUM to the path of a Chromium or Chrome."
)
NGINX = "nginx"
# axe-core (MPL 2.0) finds faults of accessibility. It is fetched, not kept here: this version, with this content.
AXE = "4.14.1"
AXE_ADDRESS = f"https://registry.npmjs.org/axe-core/-/axe-core-{AXE}.tgz"
AXE_SHA512 = "FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ=="
AXE_SCRIPT = ROOT / ".cache" / f"axe-{AXE}.js"


def main() -> None:
    """Install Debian's headless Chromium and nginx, if they aren't there and we are root; fetch axe-core."""
    install_chromium()
    if not find_nginx():
        install_package(NGINX, "the tests of the served app, which are skipped without it")
    if not AXE_SCRIPT.exists():
        print(f"Fetching axe-core {AXE} for the browser tests ...", flush=True)
        with urllib.request.urlopen(AXE_ADDRESS, timeout=60) as answer:
            unpack_axe(answer.read(), AXE_SCRIPT)


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


def unpack_axe(package: bytes, script: Path) -> None:
    """Write axe-core's script from its package to a file, if the package is the one that we know."""
    found = base64.b64encode(hashlib.sha512(package).digest()).decode()
    if found != AXE_SHA512:
        sys.exit(f"axe-core {AXE} has another content than expected: sha512 {found}. It was not installed.")
    with tarfile.open(fileobj=io.BytesIO(package)) as files:
        member = files.extractfile("package/axe.min.js")
        assert member
        script.parent.mkdir(exist_ok=True)
        script.write_bytes(member.read())


if __name__ == "__main__":
    main()
