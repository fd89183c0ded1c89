"""Many learners at once on one server, without a browser: see benchmarks/load/__main__.py."""

from collections.abc import Iterable

import psutil

HEAVY = "data=digits&hidden=256-256-256-256-256-256&mode=full&epochs=10000&speed=full-speed"  # the largest settings


def app_process() -> psutil.Process:
    """The process of the server that tests.browser.app.running_app has started last, without nginx."""
    servers = [child for child in psutil.Process().children() if "mbgd.ui.start" in child.cmdline()]
    return max(servers, key=lambda server: server.create_time())


def served() -> list[psutil.Process]:
    """The processes that answer browsers: one server, or several with their nginx."""
    started = psutil.Process().children(recursive=True)
    return [
        child for child in started if "mbgd.ui.start" in command_of(child) or "nginx:" in " ".join(command_of(child))
    ]


def command_of(process: psutil.Process) -> list[str]:
    """The command of a process; empty if it has ended."""
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def megabytes(*processes: psutil.Process) -> float:
    """The memory of processes, in MB."""
    return sum(process.memory_info().rss for process in processes) / 2**20


def processor_seconds(processes: Iterable[psutil.Process]) -> float:
    """The processor time that processes have used."""
    return sum(sum(process.cpu_times()[:2]) for process in processes)
