"""The longest stretch for which one run of one page holds the process, at its largest settings.

    python -m benchmarks.load.stretches [--seconds 10] [word of a name ...]

While a stretch is computed, a click of any other session waits. Every run of every page is started as a learner starts
it, and works for so many seconds or until it is finished. A stretch is one step of a run, or the answer to one click.
The times are those of the processor, so other programs on the machine do not count. A page's own drawing is not a run:
its whole script run is listed as "page".
"""

import argparse
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from unittest.mock import patch

from streamlit.testing.v1 import AppTest

from mbgd.experiments.mistakes.bugs import BUGS
from mbgd.ui.kit.experiment import Job
from tests.pages.app import healthy, linked_page, press

LARGEST = {"data": "digits", "hidden": "256-256-256-256-256-256"}
ROWS = {"one row": {"mode": "sgd"}, "B = 16": {}, "all rows": {"mode": "full"}}
MANY_POINTS = {"data": "spiral", "size": "2000", "hidden": LARGEST["hidden"]}
MODES = ("the-race", "the-noise-of-a-batch", "on-the-loss-surface", "every-batch-size")


class Found(NamedTuple):
    """A run of a page, and the processor seconds of its longest step, of its first one, and of a whole page."""

    name: str
    longest: float
    steps: int
    page: float


def cases() -> Iterator[tuple[str, str, dict[str, str]]]:
    """A name, a page's file and its query, for every page at its largest settings."""
    for rows, batch in ROWS.items():
        query = LARGEST | batch
        yield f"Train, {rows}", "app.py", query
        yield f"Shapes, {rows}", "pages/shapes.py", query
        yield f"Remove the last loop, {rows}", "pages/loop.py", query
        yield f"Gradient check, {rows}", "pages/gradient_check.py", query
        yield f"Frameworks, {rows}", "pages/frameworks.py", query
        yield f"Under the hood, {rows}", "pages/under_the_hood.py", query
        for bug in (*BUGS, "epochs", "rate"):
            yield f"Mistake {bug}, {rows}", "pages/mistakes.py", query | {"mistake": bug}
    for part in MODES:
        yield f"Three modes {part}", "pages/modes.py", LARGEST | {"part": part, "lanes": "1-16-all", "draws": "1000"}
    yield "Train, all points", "app.py", MANY_POINTS
    yield "Data", "pages/data.py", LARGEST


class Clock:
    """Notes the longest call of a function, in seconds of the processor."""

    def __init__(self) -> None:
        self.longest, self.calls = 0.0, 0

    def timed(self, work: Callable[[], Any]) -> Any:
        """work(), timed."""
        began = time.process_time()
        try:
            return work()
        finally:
            self.longest = max(self.longest, time.process_time() - began)
            self.calls += 1


class Timed:
    """The steps of a run, each of them timed."""

    def __init__(self, steps: Iterator[Any], clock: Clock) -> None:
        self._steps, self._clock = steps, clock

    def __iter__(self) -> "Timed":
        return self

    def __next__(self) -> Any:
        return self._clock.timed(lambda: next(self._steps))


def answered(at: AppTest) -> AppTest:
    """Give the last answer to each question of a page."""
    for radio in [one for one in at.radio if str(one.key).startswith("predict_") and not one.disabled]:
        at.radio(key=radio.key).set_value(radio.options[-1])
    return healthy(at.run())


def _keys(at: AppTest) -> list[str]:
    return [str(button.key) for button in at.button if str(button.key).startswith(("run_", "check_"))]


def runs(name: str, file: str, query: dict[str, str], seconds: float) -> Iterator[Found]:
    """What each run of a page costs."""
    page = Clock()
    at = linked_page(file, **query)
    at.default_timeout = 120
    page.timed(at.run)
    if file == "app.py":
        for key in ("step_update", "step_epoch"):
            clock = Clock()
            clock.timed(lambda key=key: press(at, key))
            yield Found(f"{name}: {key}", clock.longest, 1, page.longest)
        return
    answered(at)
    walked: set[str] = set()
    while left := [key for key in _keys(at) if key not in walked]:  # a run may bring up another one
        key = left[0]
        walked.add(key)
        clock = Clock()
        real = Job.__init__

        def begin(job: Job, *given: Any, clock: Clock = clock, real: Callable[..., None] = real, **named: Any) -> None:
            real(job, *given, **named)
            job.steps = Timed(job.steps, clock)  # pyright: ignore[reportAttributeAccessIssue]

        with patch.object(Job, "__init__", begin):
            if at.button(key=key).disabled:
                continue
            if key.startswith("check_"):
                clock.timed(lambda key=key: press(at, key))
            else:
                press(at, key)
        until = time.monotonic() + seconds
        stop = f"stop_{key.removeprefix('run_')}"
        while time.monotonic() < until and key.startswith("run_"):
            if at.button(key=stop).disabled:
                break
            healthy(at.run())
        yield Found(f"{name}: {key}", clock.longest, clock.calls, page.longest)
        if key.startswith("run_") and not at.button(key=stop).disabled:
            press(at, stop)


def main() -> None:
    """Walk every run and print the table, the longest stretch first."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("words", nargs="*", help="only the cases whose names hold one of these")
    parser.add_argument("--seconds", type=float, default=10.0, help="of a run")
    arguments = parser.parse_args()
    found = []
    for name, file, query in cases():
        if not arguments.words or any(word.lower() in name.lower() for word in arguments.words):
            found += runs(name, file, query, arguments.seconds)
    print("| run | longest step | steps | whole page |\n|---|---|---|---|")
    for one in sorted(found, key=lambda one: -one.longest):
        print(f"| {one.name} | {1000 * one.longest:.0f} ms | {one.steps} | {1000 * one.page:.0f} ms |")


if __name__ == "__main__":
    main()
