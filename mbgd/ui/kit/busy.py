"""A sentence on the page while the server is busy with other sessions, so that nobody thinks the page is broken."""

LATE = 0.5  # seconds by which a redraw is late if the server is busy
RECOVERED = 0.25  # seconds by which it may be late if it is busy no more
IN_A_ROW = 3  # redraws that tell it


class Lateness:
    """Whether the redraws of a session come late, and not by their own fault."""

    def __init__(self) -> None:
        self.busy = False
        self._began: float | None = None
        self._usual = 0.0
        self._in_a_row = 0

    def begin(self, now: float) -> None:
        """Note that a redraw has begun."""
        if self._began is not None:
            late = now - self._began - self._usual
            changes = late < RECOVERED if self.busy else late > LATE
            self._in_a_row = self._in_a_row + 1 if changes else 0
            if self._in_a_row >= IN_A_ROW:
                self.busy, self._in_a_row = not self.busy, 0
        self._began = now

    def end(self, took: float, pace: float) -> None:
        """Note the seconds of work in this redraw, and those after which the next is due on a server without others."""
        self._usual = max(took, pace)

    def paused(self) -> None:
        """Note that no redraw is due until the next one begins."""
        self._began = None
        self._in_a_row = 0


def busy_words(others: int) -> str:
    """The words behind the progress of a run, while so many other sessions train."""
    who = f" with {others:,} other runs" if others > 1 else " with another run" * others
    return f" · The server is busy{who}: this page is redrawn less often, and its results stay the same."
