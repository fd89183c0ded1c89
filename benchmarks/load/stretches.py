"""The longest stretch for which one run of one page holds the process, at its largest settings.

    python -m benchmarks.load.stretches [--seconds 10] [word of a name ...]

Every run of every page is started as a learner starts it, and works for so many seconds or until it is finished. A
step is one step of a run, or the answer to one click. A page's own drawing is not a run: its whole script run is listed
as "page". Meanwhile another session "clicks" all the time: its wait is that for the interpreter and for its turn.
All times are those of this process's processor time, so other programs on the machine do not count.
"""

import argparse
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from unittest.mock import patch

from streamlit.testing.v1 import AppTest

from mbgd.experiments.mistakes.bugs import BUGS
from mbgd.ui.kit.experiment import Job
from mbgd.ui.kit.pace import SHARE
from tests.pages.app import healthy, linked_page, press

LARGEST = {"data": "digits", "hidden": "256-256-256-256-256-256"}
ROWS = {"one row": {"mode": "sgd"}, "B = 16": {}, "all rows": {"mode": "full"}}
MANY_POINTS = {"data": "spiral", "size": "2000", "hidden": LARGEST["hidden"]}
BETWEEN_CLICKS = 0.01  # seconds
MODES = ("the-race", "the-noise-of-a-batch", "on-the-loss-surface", "every-batch-size")

DIAGNOSE = ("two-losses", "what-helps", "three-training-losses")


class Found(NamedTuple):
    """A run of a page, and the processor seconds of its longest step, of the whole page, and of the longest wait of
    another session's click.
    """

    name: str
    longest: float
    steps: int
    page: float
    wait: float


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
        for part in DIAGNOSE:
            yield f"Diagnose {part}, {rows}", "pages/diagnose.py", query | {"sidebar": "yes", "part": part}
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


class Clicks:
    """Another session that clicks all the time, in a thread of its own, and notes the longest wait for its turn."""

    def __init__(self) -> None:
        self._longest = 0.0
        threading.Thread(target=self._click, daemon=True).start()

    def _click(self) -> None:
        while True:
            time.sleep(BETWEEN_CLICKS)  # the thread must get the interpreter to go on, as the server's own must
            began = time.process_time()
            with SHARE.turn(ahead=True):
                pass
            self._longest = max(self._longest, time.process_time() - began)

    def longest(self) -> float:
        """The longest wait since this was last asked."""
        longest, self._longest = self._longest, 0.0
        return longest


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


def runs(name: str, file: str, query: dict[str, str], seconds: float, clicks: Clicks) -> Iterator[Found]:
    """What each run of a page costs."""
    page = Clock()
    at = linked_page(file, **query)
    at.default_timeout = 120
    page.timed(at.run)
    if file == "app.py":
        for key in ("step_update", "step_epoch"):
            clock = Clock()
            clock.timed(lambda key=key: press(at, key))
            yield Found(f"{name}: {key}", clock.longest, 1, page.longest, clicks.longest())
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
        yield Found(f"{name}: {key}", clock.longest, clock.calls, page.longest, clicks.longest())
        if key.startswith("run_") and not at.button(key=stop).disabled:
            press(at, stop)


def main() -> None:
    """Walk every run and print the table, the longest stretch first."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("words", nargs="*", help="only the cases whose names hold one of these")
    parser.add_argument("--seconds", type=float, default=10.0, help="of a run")
    arguments = parser.parse_args()
    found, clicks = [], Clicks()
    for name, file, query in cases():
        if not arguments.words or any(word.lower() in name.lower() for word in arguments.words):
            found += runs(name, file, query, arguments.seconds, clicks)
    print("| run | longest step | steps | whole page | longest wait of a click |\n|---|---|---|---|---|")
    for one in sorted(found, key=lambda one: -one.wait):
        times = (f"{1000 * seconds:.0f} ms" for seconds in (one.longest, one.page, one.wait))
        print("| {} | {} | {steps} | {} | {} |".format(one.name, *times, steps=one.steps))


if __name__ == "__main__":
    main()
