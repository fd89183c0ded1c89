"""Make sure that a Chromium is there for the browser tests: Debian's own, where we may install it.

python -m tests.browser.install
"""

import os
import shutil
import subprocess
import sys

from tests.browser.app import find_chromium

ADVICE = (
    "The browser tests need Chromium and none was found. Install it (Debian, Ubuntu: sudo apt-get install chromium; "
    "macOS: brew install --cask google-chrome), or set CHROMIUM to the path of a Chromium or Chrome."
)


def main() -> None:
    """Install Debian's chromium if none is found and we are root; else say how."""
    if find_chromium():
        return
    apt = shutil.which("apt-get")
    if apt and os.geteuid() == 0:
        print("Installing Debian's chromium for the browser tests ...", flush=True)
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", "chromium"]):
            subprocess.run([apt, *command], env=environment, check=False, stdout=subprocess.DEVNULL)
    if not find_chromium():
        sys.exit(ADVICE)


if __name__ == "__main__":
    main()
