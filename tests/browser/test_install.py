"""What make browser installs, the tests find."""

import json
import subprocess

from tests.browser.install import AS_THERE, AXE_SCRIPT, OLDER, OLDER_PYTHON, PYODIDE, lock

SAID = """
import json, sys
from importlib.metadata import version
from importlib.util import find_spec
print(json.dumps({name: version(name) for name in sys.argv[1:]} | {"pyarrow": find_spec("pyarrow").origin}))
"""


def test_what_is_fetched_is_there():
    assert AXE_SCRIPT.stat().st_size > 100_000
    assert {"pyodide.mjs", "pyodide-lock.json", "python_stdlib.zip"} <= {one.name for one in PYODIDE.folder.iterdir()}


def test_the_older_environment_has_the_versions_of_the_browser_and_all_else_from_ours():
    found = json.loads(subprocess.check_output([OLDER_PYTHON, "-c", SAID, "streamlit", *AS_THERE], text=True))
    assert str(OLDER_PYTHON.parents[1]) not in found.pop("pyarrow")
    assert found == {"streamlit": OLDER} | {name: lock()[name]["version"] for name in AS_THERE}
