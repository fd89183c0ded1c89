"""Start the app as `streamlit run app.py` does, with the same options.

    python -m mbgd.ui.start [options]

The first session then has what all others have: the server asks no other host for its address, gives back the memory of
each session that ends, and sends small messages without delay.
"""

import sys
from pathlib import Path

from streamlit.web import cli

from mbgd.ui.kit.memory import forget_ended, return_large_arrays
from mbgd.ui.kit.network import send_at_once
from mbgd.ui.kit.offline import ask_nobody

APP = Path(__file__).parents[2] / "app.py"


def main() -> None:
    """Start the server; it ends when it is stopped."""
    ask_nobody()
    return_large_arrays()
    forget_ended()
    send_at_once()
    sys.argv = ["streamlit", "run", str(APP), *sys.argv[1:]]
    cli.main()


if __name__ == "__main__":
    main()
