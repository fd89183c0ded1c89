"""What all tests share: errors on a page are shown in full, and AppTest does nothing twice."""

import functools
import os
import sys
from types import CodeType

import pytest

os.environ["STREAMLIT_CLIENT_SHOW_ERROR_DETAILS"] = "full"


@pytest.fixture(scope="session", autouse=True)
def quick_app_test():
    """AppTest starts afresh at each run. Here it looks up only once what stays the same.

    It compiles every page, reads the metadata of every installed package, and looks a thousand times a second whether
    the script has ended, which takes the processor from the script.
    """
    if "streamlit.testing.v1" not in sys.modules:
        yield
        return
    from streamlit.components.v2 import manifest_scanner
    from streamlit.runtime.scriptrunner import script_cache
    from streamlit.testing.v1 import local_script_runner

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
