"""Numbers as text, for charts, addresses and pages."""

import math


def plural(number: float, what: str, several: str = "") -> str:
    """The noun after a number: `what` after 1, else `several`, or `what` with an s."""
    return what if number == 1 else several or f"{what}s"


def count(number: int, what: str, several: str = "") -> str:
    """A number with its noun: 1 row, 2 rows, 1,000 rows."""
    return f"{number:,} {plural(number, what, several)}"


def figures(value: float) -> str:
    """A count or a mean of counts: whole from a hundred on, else with at most three digits."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def short(number: float) -> str:
    """A positive number: two significant digits below 100, a whole number from 100 on."""
    return f"{float(f'{number:.2g}'):g}" if number < 100 else f"{number:,.0f}"


def times(ratio: float) -> str:
    """A ratio: 2.0 ×."""
    return f"{ratio:.1f} ×"


def duration(seconds: float) -> str:
    """A waiting time, short enough for a tile: 12 s, 3 min or 1.5 h."""
    if seconds < 1:
        return "under 1 s"
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"


def computing_time(seconds: float) -> str:
    """A computing time: seconds with two decimals, or milliseconds below one second."""
    return f"{seconds:.2f} s" if seconds >= 1 else f"{1e3 * seconds:.1f} ms"


def in_milliseconds(seconds: float) -> str:
    """A short time in milliseconds, with three digits."""
    return f"{1e3 * seconds:.3g} ms"


def in_microseconds(us: float) -> str:
    """A time in microseconds, with one decimal below 100 and none from 100 on."""
    return f"{us:.1f} µs" if us < 100 else f"{us:,.0f} µs"


def in_bytes(number: float) -> str:
    """Bytes with three digits, in bytes, kB, MB or GB."""
    if number < 1000:
        return f"{number:,.0f} bytes"
    power = min(int(math.log10(number)) // 3, 3)
    return f"{number / 1000**power:.3g} {('', 'kB', 'MB', 'GB')[power]}"


def rows_a_second(number: float) -> str:
    """Rows per second with three digits; from a million on, in millions."""
    number, unit = (number, "") if number < 1e6 else (number / 1e6, "million ")
    return f"{float(f'{number:.3g}'):,g} {unit}rows/s"
