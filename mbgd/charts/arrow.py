"""Pyarrow in a browser.

stlite, which runs Streamlit in a browser, puts a stand-in in the place of pyarrow, because its own Streamlit does
without. Charts need the real one, which the folder for browsers loads as well. So the stand-in is taken away here.
"""

import sys

PYARROW = "pyarrow"


def take_stand_in_away() -> bool:
    """Have the real pyarrow imported from now on. Return whether there was a stand-in."""
    installer = sys.modules.get("micropip")  # Pyodide's, which made the stand-in
    if installer is None or PYARROW not in installer.list_mock_packages():
        return False
    installer.remove_mock_package(PYARROW)
    return True


STAND_IN = take_stand_in_away()  # then this process has a Streamlit that reads no table of pyarrow's
