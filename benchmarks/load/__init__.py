"""Many learners at once on one server, without a browser: see benchmarks/load/__main__.py."""

import psutil

HEAVY = "data=digits&hidden=256-256-256-256-256-256&mode=full&epochs=10000&speed=full-speed"  # the largest settings


def app_process() -> psutil.Process:
    """The process of the server that tests.browser.app.running_app has started last."""
    servers = [child for child in psutil.Process().children() if "mbgd.ui.start" in child.cmdline()]
    return max(servers, key=lambda server: server.create_time())


def megabytes(process: psutil.Process) -> float:
    """The memory of a process, in MB."""
    return process.memory_info().rss / 2**20
