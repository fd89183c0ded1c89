"""Numbers in the words that every page may use."""


def duration(seconds: float) -> str:
    """Seconds in words short enough for a tile."""
    if seconds < 1:
        return "under 1 s"
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"
