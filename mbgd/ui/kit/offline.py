"""The server asks no other host for anything.

Streamlit 1.67 asks a host on the internet for the server's own address in two places: when a server without a window
starts, unless its address is set (.streamlit/config.toml sets it), and at each websocket of a foreign origin. The
second keeps all sessions waiting for up to two seconds, and anybody can open such websockets in a loop.
"""

from streamlit import net_util


def ask_nobody() -> None:
    """From now on, Streamlit takes the server's address in the internet for unknown. Nothing here needs it."""
    net_util.get_external_ip = lambda: None
