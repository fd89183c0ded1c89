"""Several servers behind nginx: each visitor stays with one of them, and one that ends is replaced."""

import asyncio
import http.cookiejar
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from contextlib import suppress
from email.message import Message
from types import SimpleNamespace

import psutil
import pytest
from playwright.sync_api import expect
from websockets.exceptions import ConnectionClosed

from benchmarks.load import command_of, served
from deploy.serve import configuration, cores_of, find_nginx, free_ports, server_command
from tests.browser.app import PROGRESS, ROOT, button, new_page, running_app, settle
from tests.protocol.client import Client
from tests.protocol.test_bursts import BATCH, QUERY, drawn, run
from tests.protocol.test_restarts import updates_of

VISITORS = 30
BOUNDARY = "boundary"
FORM = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n1\r\n--{BOUNDARY}--\r\n'
needs_nginx = pytest.mark.skipif(find_nginx() is None, reason="nginx is not installed")


class Visitor(Client):
    """A browser that keeps cookies, as those do that open the page through nginx."""

    def __init__(self, address: str, query: str = "") -> None:
        super().__init__(address, query)
        self.jar, self.server = http.cookiejar.CookieJar(), address
        self._http = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(self.jar)
        )
        self.response_headers = dict(self._http.open(f"{address}/", timeout=30).headers)
        self._http.open(f"{address}/_stcore/health", timeout=30).close()  # what a browser asks next
        self._send_cookies()

    def _send_cookies(self) -> None:
        self.headers = {"Cookie": "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.jar)}

    async def connect(self) -> None:
        """Open the socket, and keep the cookies of its answer, as a browser does."""
        await super().connect()
        asked, answered = urllib.request.Request(self.server), Message()
        for cookie in self._socket.response.headers.get_all("Set-Cookie"):
            answered["Set-Cookie"] = cookie
        self.jar.extract_cookies(SimpleNamespace(info=lambda: answered), asked)  # pyright: ignore
        self._send_cookies()

    def upload(self, session: str, server: str = "") -> int:
        """The status with which the visitor's server answers an upload for this session, or a server asked directly."""
        xsrf = next(cookie.value for cookie in self.jar if cookie.name == "_streamlit_xsrf")
        asked = urllib.request.Request(
            f"{server or self.server}/_stcore/upload_file/{session}/a", data=FORM.encode(), method="PUT"
        )
        asked.add_header("Content-Type", f"multipart/form-data; boundary={BOUNDARY}")
        asked.add_header("X-Xsrftoken", xsrf or "")
        try:
            return self._http.open(asked, timeout=30).status
        except urllib.error.HTTPError as refused:
            return refused.code


@pytest.fixture(scope="module")
def served_at():
    with running_app(servers=2) as address:
        yield address


def own_servers() -> list[psutil.Process]:
    """The server processes of the app that run behind nginx now."""
    return [process for process in served() if "127.0.0.1" in command_of(process)]


async def uploads(address: str) -> tuple[list[int], list[list[int]]]:
    """The status of each visitor's upload to its own session, and to the sessions of all others."""
    visitors = [Visitor(address) for _ in range(VISITORS)]
    try:
        for visitor in visitors:
            await visitor.__aenter__()
        sessions = [visitor._session for visitor in visitors]
        own = [visitor.upload(visitor._session) for visitor in visitors]
        return own, [[visitor.upload(other) for other in sessions if other != visitor._session] for visitor in visitors]
    finally:
        for visitor in visitors:
            await visitor.__aexit__()


@needs_nginx
def test_every_upload_reaches_the_server_of_its_session(served_at):
    own, others = run(uploads(served_at))
    assert Counter(own) == {204: VISITORS}
    statuses = Counter(status for of_one in others for status in of_one)
    assert set(statuses) == {204, 400}  # both servers have visitors: what goes to the wrong one is refused


@needs_nginx
def test_nginx_says_what_a_browser_may_do_and_hides_the_servers_figures(served_at):
    visitor = Visitor(served_at)
    assert visitor.response_headers["X-Content-Type-Options"] == "nosniff"
    assert visitor.response_headers["Referrer-Policy"] == "same-origin"
    cookie = next(cookie for cookie in visitor.jar if cookie.name == "mbgd_server")
    assert cookie.has_nonstandard_attr("HttpOnly")
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"{served_at}/_stcore/metrics", timeout=30)


@needs_nginx
def test_the_page_is_sent_compressed(served_at):
    page = urllib.request.urlopen(f"{served_at}/", timeout=30).read().decode()
    script = re.search(r'src="\./(static/js/[^"]+\.js)"', page)
    assert script
    asked = urllib.request.Request(f"{served_at}/{script[1]}", headers={"Accept-Encoding": "gzip"})
    with urllib.request.urlopen(asked, timeout=60) as answer:
        assert answer.headers["Content-Encoding"] == "gzip"


@needs_nginx
def test_the_security_policy_refuses_nothing_that_the_pages_need(served_at, browser):
    page, refused = new_page(browser), []
    page.on("console", lambda message: refused.append(message.text) if "Security Policy" in message.text else None)
    page.on("pageerror", lambda error: refused.append(str(error)))
    page.goto(f"{served_at}/shapes")  # it has tiles with a script of their own
    settle(page)
    page.goto(served_at)
    settle(page)
    button(page, "train").click()
    expect(button(page, "pause")).to_be_enabled()
    button(page, "pause").click()
    expect(page.locator(PROGRESS)).to_contain_text("paused")
    page.close()
    assert refused == []


def server_of(visitor: Visitor) -> psutil.Process:
    """The server that has the visitor's session: the only one that takes an upload for it."""
    for server in own_servers():
        command = command_of(server)
        port = command[command.index("--server.port") + 1]
        if visitor.upload(visitor._session, f"http://127.0.0.1:{port}") == 204:
            return server
    raise AssertionError("no server has this session")


async def trained_while_a_server_ends(address: str) -> tuple[str, str]:
    """The address of a run when its server ends, and after it was trained again by a click."""
    async with Visitor(address, QUERY) as visitor:
        await visitor.click("train")
        await visitor._until(lambda: "trained=" in visitor.query)
        before = own_servers()
        server_of(visitor).kill()
        await visitor.ended()
        query = visitor.query
        visitor.buttons.clear()
        await visitor.connect()  # another server answers at once
        await visitor._until(lambda: "train_again" in visitor.buttons)
        await visitor._until(lambda: len(own_servers()) == len(before))  # the one that ended is started again
        assert visitor.upload(visitor._session) == 204  # but the visitor stays with the other one
        await visitor.click("train_again")
        await visitor._until(lambda: updates_drawn(visitor) == updates_of(query))
        await visitor.settled()
        assert visitor.errors == []
        return query, visitor.query


def updates_drawn(visitor: Visitor) -> int:
    """The updates that the loss chart shows; 0 before it is drawn."""
    if visitor.chart is None:
        return 0
    updates, _ = drawn(visitor, BATCH)
    return int(updates[-1].round()) + 1 if len(updates) else 0


@needs_nginx
def test_after_the_end_of_its_server_a_run_is_trained_again_with_one_click(served_at):
    before, after = run(trained_while_a_server_ends(served_at))
    assert before == after


LEARNERS = 30


class Learner(Visitor):
    """A visitor who trains, and who has the run trained again when its server is replaced."""

    lost = 0  # connections
    had = 0  # updates, when it was lost
    since = 0.0  # when the connection was lost for which the run is not back yet, or 0

    def __init__(self, address: str, query: str = "") -> None:
        super().__init__(address, query)
        self.back: list[float] = []  # the seconds from each loss until the run was back where it had been

    async def trains_through(self, until: asyncio.Event) -> None:
        """Train; when the connection ends, connect again and press the offer to train again."""
        await self.click("train")
        while not until.is_set():
            if self.since and updates_drawn(self) >= self.had > 0:
                self.back.append(time.monotonic() - self.since)
                self.since = 0.0
            if self._reader.done():
                await self.ended()
                self.lost += 1
                self.had, self.since = updates_of(self.query), self.since or time.monotonic()
                self.buttons.clear()
                self.chart = None
                await self.connect()
            elif "train_again" in self.buttons:
                with suppress(ConnectionClosed):  # just now
                    await self.click("train_again")
                self.buttons.pop("train_again")
            await asyncio.sleep(0.02)


async def class_while_all_servers_are_replaced(address: str) -> list[Learner]:
    """Learners who train while each server is replaced, and then pause."""
    learners, over = [Learner(address, QUERY) for _ in range(LEARNERS)], asyncio.Event()
    for learner in learners:
        await learner.__aenter__()
    lives = [asyncio.create_task(learner.trains_through(over)) for learner in learners]
    await learners[-1]._until(lambda: all("trained=" in learner.query for learner in learners))
    before = own_servers()
    (serve,) = {server.parent() for server in before}
    serve.send_signal(signal.SIGHUP)
    await learners[0]._until(lambda: not {server.pid for server in before} & {server.pid for server in own_servers()})
    await learners[0]._until(lambda: all(learner.back and not learner.since for learner in learners))
    over.set()
    await asyncio.gather(*lives)
    for learner in learners:
        await learner.settled("pause")
        await learner.__aexit__()
    return learners


@needs_nginx
def test_while_its_servers_are_replaced_a_class_loses_nothing(served_at):
    for learner in run(class_while_all_servers_are_replaced(served_at)):
        assert learner.errors == []
        assert updates_drawn(learner) == updates_of(learner.query) > 0  # the run is there, up to where the address says


def test_without_nginx_one_server_answers_alone(monkeypatch):
    from deploy import serve

    started = []
    monkeypatch.setattr(serve, "find_nginx", lambda: None)
    monkeypatch.setattr(serve.os, "execv", lambda path, command: started.append(command))
    monkeypatch.setattr(serve, "serve", lambda *_: None)
    monkeypatch.setattr(sys, "argv", ["serve", "--port", "8765", "--servers", "4"])
    serve.main()
    assert started == [server_command(8765)]


@pytest.mark.parametrize("asked", [["--servers", "0"], ["--servers", "65"], ["--servers", "many"]])
def test_a_number_of_servers_that_can_not_be_is_refused_in_a_sentence(asked):
    done = subprocess.run([sys.executable, "-m", "deploy.serve", *asked], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2
    assert asked[1] in done.stderr
    assert "Traceback" not in done.stderr


def test_a_port_in_use_is_refused_in_a_sentence():
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "deploy.serve", "--port", port]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2
    assert port in done.stderr


def test_the_configuration_names_each_server_once_and_leaves_nothing_open(tmp_path):
    ports = free_ports(3)
    text = configuration(tmp_path, 8501, ports)
    found = re.findall(r"^upstream (\w+) \{\n(.*?)^\}", text, flags=re.MULTILINE | re.DOTALL)
    named = {name: [int(port) for port in re.findall(r"server 127\.0\.0\.1:(\d+)", lines)] for name, lines in found}
    assert named["mbgd"] == ports
    for port in ports:  # each visitor's own server first, then the others
        own = named.pop(f"mbgd_s{port}")
        assert own == [port, *(other for other in ports if other != port)]
    assert named.keys() == {"mbgd"}
    assert "listen 8501;" in text
    assert "${" not in text


def test_each_server_has_a_core_of_its_own_if_there_are_equally_many_for_each(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {2, 5}, raising=False)
    assert cores_of(2) == [2, 5]
    assert cores_of(4) == [2, 5, 2, 5]
    assert cores_of(3) == [None] * 3


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="this system binds no process to a core")
def test_the_servers_run_on_their_cores(served_at):
    asked = [{core} if core is not None else os.sched_getaffinity(0) for core in cores_of(2)]
    assert sorted(map(sorted, asked)) == sorted(sorted(os.sched_getaffinity(one.pid)) for one in own_servers())
