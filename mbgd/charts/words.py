"""Numbers in words, for charts, addresses and pages alike."""

import math


def plural(number: float, what: str, several: str = "") -> str:
    """`what` as it stands behind a number: itself behind 1, else `several`, or itself with an s."""
    return what if number == 1 else several or f"{what}s"


def count(number: int, what: str, several: str = "") -> str:
    """How many: 1 row, 2 rows, 1,000 rows."""
    return f"{number:,} {plural(number, what, several)}"


def figures(value: float) -> str:
    """A count that may be a mean, in figures: less than ten with two decimals, unless whole."""
    return f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:.2f}"


def short(number: float) -> str:
    """A positive number with the two digits, or the whole ones, that count."""
    return f"{float(f'{number:.2g}'):g}" if number < 100 else f"{number:,.0f}"


def times(ratio: float) -> str:
    """How many times as much: 2.0 ×."""
    return f"{ratio:.1f} ×"


def duration(seconds: float) -> str:
    """Seconds of waiting, in words short enough for a tile."""
    if seconds < 1:
        return "under 1 s"
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"


def computing_time(seconds: float) -> str:
    """Seconds spent computing: with two decimals, or in milliseconds below one."""
    return f"{seconds:.2f} s" if seconds >= 1 else f"{1e3 * seconds:.1f} ms"


def in_milliseconds(seconds: float) -> str:
    """A short time with three digits of its milliseconds."""
    return f"{1e3 * seconds:.3g} ms"


def in_microseconds(us: float) -> str:
    """Microseconds with one decimal, or none where they are many."""
    return f"{us:.1f} µs" if us < 100 else f"{us:,.0f} µs"


def in_bytes(number: float) -> str:
    """Bytes with three digits, in the unit that suits them."""
    if number < 1000:
        return f"{number:,.0f} bytes"
    power = min(int(math.log10(number)) // 3, 3)
    return f"{number / 1000**power:.3g} {('', 'kB', 'MB', 'GB')[power]}"


def rows_a_second(number: float) -> str:
    """Rows a second with three digits, in millions where they are many."""
    number, unit = (number, "") if number < 1e6 else (number / 1e6, "million ")
    return f"{float(f'{number:.3g}'):,g} {unit}rows/s"
