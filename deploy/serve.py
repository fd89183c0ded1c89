"""Serve the app with several server processes behind nginx, because one Python process uses one core only.

    python -m deploy.serve [--port 8501] [--servers 2]

Without --servers there are as many as the machine has cores. Without nginx, one server answers alone. A server that
ends is started again; its learners go on with another one. The signal HUP replaces the servers one after the other, so
that they run the code that is there now: kill -HUP and the number of this process. Ctrl-C ends them all. The
environment variable MBGD_FRAME_ANCESTORS names the sites that may show the app in a frame, such as
"'self' https://moodle.example.org".
"""

import argparse
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from string import Template
from types import FrameType

ROOT = Path(__file__).parents[1]
TEMPLATE = Path(__file__).with_name("nginx.conf.template")
MOST_SERVERS = 64
# Only a cookie that names another server is set anew: "s1 s1" is one that is right, and " " an answer of nginx itself.
SET_COOKIE = r"""map "$cookie_mbgd_server $mbgd_answered" $mbgd_set_cookie {
    default "mbgd_server=$mbgd_answered; Path=/; HttpOnly; $mbgd_cookie_for";
    "~^(\w*) \1$" "";
    "~ $" "";
}"""
PATIENCE = 60.0  # seconds in which a server must answer for the first time
LOOK = 0.5  # seconds from one look at the servers to the next
FIRST_WAIT, MOST_WAIT = 1.0, 30.0  # seconds before a server that ended is started again; they double if it ends again


def main() -> None:
    """Start the servers and nginx, and keep them running until a signal ends this process."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=8501, help="where browsers find the app")
    parser.add_argument("--servers", type=int, default=cores(), help=f"1 to {MOST_SERVERS}; as many as cores")
    arguments = parser.parse_args()
    if not 1 <= arguments.servers <= MOST_SERVERS:
        parser.error(f"--servers is {arguments.servers}; it must be 1 to {MOST_SERVERS}")
    if not is_free(arguments.port):
        parser.error(f"port {arguments.port} is in use: end what uses it, or choose another --port")
    nginx = find_nginx()
    if nginx is None or arguments.servers == 1:
        why = "nginx is not installed" if nginx is None else "--servers is 1"
        print(f"One server process on port {arguments.port}: {why}.", flush=True)
        command = server_command(arguments.port)
        os.execv(command[0], command)
    signal.signal(signal.SIGTERM, _end)
    try:
        serve(nginx, arguments.port, arguments.servers)
    except KeyboardInterrupt:
        pass


def own_cores() -> list[int]:
    """The numbers of the cores that this process may use; empty where the system does not tell."""
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []


def cores() -> int:
    """The cores that this process may use."""
    return len(own_cores()) or os.cpu_count() or 1


def cores_of(servers: int) -> list[int | None]:
    """The core on which each of so many servers runs; None: on any, unless each core has equally many.

    Only one thread of a Python process works at a time. If it moves from core to core, its threads wait for each other
    longer: 30 learners had 1.2 redraws a second instead of 1.7, and clicks that took three times as long.
    """
    own = own_cores()
    return [own[i % len(own)] for i in range(servers)] if own and servers % len(own) == 0 else [None] * servers


def find_nginx() -> str | None:
    """The path of nginx, which Debian installs where only root looks for programs; None without it."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")


def server_command(port: int, address: str = "") -> list[str]:
    """The command that starts one server of the app, for all who come or for this address of the machine only."""
    command = [sys.executable, "-m", "mbgd.ui.start", "--server.port", str(port), "--server.headless", "true"]
    return [*command, "--server.address", address] if address else command


def configuration(folder: Path, port: int, servers: Sequence[int]) -> str:
    """nginx's configuration, for these ports of servers; nginx keeps what it needs in this folder."""
    site = Template(TEMPLATE.read_text(encoding="utf-8")).safe_substitute(
        LISTEN=str(port),
        FRAME_ANCESTORS=os.environ.get("MBGD_FRAME_ANCESTORS", "'self'"),
        UPSTREAM=upstreams(servers),
    )
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    places = "".join(f"    {kind}_temp_path {folder / kind};\n" for kind in kinds)
    return (
        f"pid {folder / 'nginx.pid'};\nerror_log stderr warn;\ndaemon off;\nworker_processes 1;\n"
        f"events {{ worker_connections 4096; }}\nhttp {{\n    access_log off;\n{places}{site}}}\n"
    )


def upstreams(servers: Sequence[int]) -> str:
    """nginx's lines on the servers with these ports, and on the cookie that names the one that answered a visitor.

    A visitor without a cookie gets the server with the fewest connections. One whose server doesn't answer gets another
    one, and its cookie then names that, so that what belongs to its new session finds it, too.
    """
    ports = {f"s{port}": f"server 127.0.0.1:{port} max_fails=1 fail_timeout=2s" for port in servers}
    lines = ["upstream mbgd {", "    least_conn;", *(f"    {server};" for server in ports.values()), "}"]
    for name, own in ports.items():
        others = [f"    {server} backup;" for other, server in ports.items() if other != name]
        lines += [f"upstream mbgd_{name} {{", f"    {own};", *others, "}"]
    asked = [f"    {name} mbgd_{name};" for name in ports]
    lines += ["map $cookie_mbgd_server $mbgd_upstream {", "    default mbgd;", *asked, "}"]
    answered = [f"    ~:{port}$ s{port};" for port in servers]  # the last address is that of the server that answered
    lines += ["map $upstream_addr $mbgd_answered {", '    default "";', *answered, "}"]
    return "\n".join([*lines, SET_COOKIE])


def serve(nginx: str, port: int, count: int) -> None:
    """Run nginx and so many servers until a signal comes."""
    ports = free_ports(count)
    # The servers sign their cookies with one secret, so that each takes those of the others.
    environment = {"OPENBLAS_NUM_THREADS": "1", "STREAMLIT_SERVER_COOKIE_SECRET": secrets.token_hex(32)} | os.environ
    with ExitStack() as ends:
        folder = Path(ends.enter_context(tempfile.TemporaryDirectory(prefix="mbgd-nginx-")))
        folder.chmod(0o755)  # nginx's worker may be another user than root
        servers = [Server(own, environment, core) for own, core in zip(ports, cores_of(len(ports)), strict=True)]
        for server in servers:
            ends.callback(server.end)
            server.start()
        for server in servers:
            if not server.answers_soon():
                sys.exit(f"The server on port {server.port} did not start: its message is above.")
        path = folder / "nginx.conf"
        path.write_text(configuration(folder, port, ports), encoding="utf-8")
        front = subprocess.Popen([nginx, "-e", "stderr", "-p", str(folder), "-c", str(path)])
        ends.callback(end, front)
        print(f"{count} server processes behind nginx, for all browsers: http://localhost:{port}", flush=True)
        replace = threading.Event()
        if hasattr(signal, "SIGHUP"):
            signal.signal(signal.SIGHUP, lambda *_: replace.set())
        while front.poll() is None:
            time.sleep(LOOK)
            for server in servers:
                server.look()
            if replace.is_set():
                replace.clear()
                replace_all(servers)
        sys.exit(f"nginx ended with code {front.returncode}: its message is above.")


def replace_all(servers: Sequence["Server"]) -> None:
    """End and start one server after the other, each once the one before answers; stop if one does not start."""
    for number, server in enumerate(servers, start=1):
        server.end()
        server.start()
        if not server.answers_soon():
            print(f"The new server on port {server.port} does not start: the others are left as they are.", flush=True)
            return
        print(f"Server {number} of {len(servers)} is replaced.", flush=True)


class Server:
    """One server process of the app, on a port of its own; with a `core`, on this one alone."""

    def __init__(self, port: int, environment: dict[str, str], core: int | None = None) -> None:
        self.port, self._core = port, core
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None
        self._wait, self._again = FIRST_WAIT, 0.0

    def start(self) -> None:
        """Start the process."""
        self._process = subprocess.Popen(
            server_command(self.port, "127.0.0.1"), cwd=ROOT, env=self._environment, stdout=subprocess.DEVNULL
        )
        if self._core is not None:
            os.sched_setaffinity(self._process.pid, {self._core})  # before it has other threads, which follow

    def answers_soon(self) -> bool:
        """Wait until the server can be asked for a page; whether it can."""
        until = time.monotonic() + PATIENCE
        while not answers(self.port):
            if self._process is None or self._process.poll() is not None or time.monotonic() > until:
                return False
            time.sleep(0.1)
        return True

    def look(self) -> None:
        """Start the server again if it has ended: after a moment, and later each time that it ends soon."""
        now = time.monotonic()
        if self._process is not None and self._process.poll() is None:
            if now > self._again + PATIENCE:
                self._wait = FIRST_WAIT
            return
        if self._process is not None:
            print(f"The server on port {self.port} ended. It is started again in {self._wait:g} s.", flush=True)
            self._process, self._again, self._wait = None, now + self._wait, min(2 * self._wait, MOST_WAIT)
        elif now >= self._again:
            self.start()

    def end(self) -> None:
        """End the process."""
        if self._process is not None:
            end(self._process)


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process, and wait until it has ended."""
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def answers(port: int) -> bool:
    """Whether a server on this port of the machine can be asked for a page."""
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=1).close()
    except OSError:
        return False
    return True


def is_free(port: int) -> bool:
    """Whether nothing answers on this port."""
    with socket.socket() as asked:
        return asked.connect_ex(("127.0.0.1", port)) != 0


def free_ports(count: int) -> list[int]:
    """So many ports that nobody uses now."""
    with ExitStack() as held:
        asked = [held.enter_context(socket.socket()) for _ in range(count)]
        for one in asked:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in asked]


def _end(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
