"""What all tests share: one server and one Chromium, no search for garbage in what stays, errors of a page in full, and
nothing done twice.
"""

import functools
import gc
import os
import sys
from collections.abc import Iterator
from types import CodeType

import pytest

import benchmarks  # noqa: F401  It chooses OpenBLAS's kernels before NumPy is imported, here and in processes started here


@pytest.hookimpl(wrapper=True)
def pytest_collection():
    """Collect the tests without collecting garbage, which they aren't, and leave them out of each later search for it.

    Thousands of tests and all modules stay until the end: to look through them took a tenth of the time.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.fixture(scope="session", autouse=True)
def app_test():
    """Have AppTest tell errors in full, and do once what need not be done at each run of a page.

    Each time it compiles the page, reads the metadata of every installed package, and looks a thousand times a second
    whether the script has ended, which takes the processor from the script.
    """
    if "streamlit.testing.v1" not in sys.modules:
        yield
        return
    from streamlit import config
    from streamlit.components.v2 import manifest_scanner
    from streamlit.runtime.scriptrunner import script_cache
    from streamlit.testing.v1 import local_script_runner

    config.set_option("client.showErrorDetails", "full")  # the variable of the environment works for servers alone
    compiled = functools.cache(_compiled_by(script_cache.ScriptCache.get_bytecode))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            manifest_scanner, "scan_component_manifests", functools.cache(manifest_scanner.scan_component_manifests)
        )
        patch.setattr(
            script_cache.ScriptCache, "get_bytecode", lambda cache, path: compiled(path, os.stat(path).st_mtime_ns)
        )
        patch.setattr(local_script_runner, "require_widgets_deltas", _wait_until_it_has_ended)
        yield


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    """The address of a server that all tests share; each has sessions of its own."""
    from tests.browser.app import running_app

    with running_app() as address:
        yield address


@pytest.fixture(scope="session")
def browser(address: str):
    """All tabs share one process, and an empty tab keeps it alive, so that it reads the app's scripts once."""
    from tests.browser.app import chromium, new_page

    with chromium("--process-per-site") as browser:
        new_page(browser).goto(f"{address}/_stcore/health")
        yield browser


def _compiled_by(get_bytecode):
    from streamlit.runtime.scriptrunner.script_cache import ScriptCache

    def compiled(path: str, _changed: int) -> CodeType:
        return get_bytecode(ScriptCache(), path)

    return compiled


def _wait_until_it_has_ended(runner, timeout: float = 3) -> None:
    runner._script_thread.join(timeout)
    if not runner.script_stopped():
        runner.request_stop()
        runner.join()
        raise RuntimeError(f"AppTest script run timed out after {timeout}(s)")
