"""A package of npm is the one that we know, or it is not installed; what is there is complete."""

import base64
import hashlib
import io
import tarfile

import pytest

from deploy import npm
from deploy.npm import Package, fetch, unpack


def archive(**files: str) -> bytes:
    """A package with these files, whose names' dots are written as two underscores."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as all_:
        for name, text in files.items():
            member = tarfile.TarInfo(f"package/{name.replace('__', '.')}")
            member.size = len(text)
            all_.addfile(member, io.BytesIO(text.encode()))
    return packed.getvalue()


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setattr(npm, "CACHE", tmp_path)
    return tmp_path


def test_a_package_of_another_content_is_not_installed(cache):
    package = Package("@of/some", "1.2.3", "AAAA")
    with pytest.raises(SystemExit, match="sha512"):
        unpack(package, archive(a__js="1"))
    assert list(cache.rglob("*")) == []


def test_the_wanted_files_of_a_package_are_installed_and_nothing_else(cache):
    content = archive(a__js="1", a__map="2")
    package = Package("@of/some", "1.2.3", base64.b64encode(hashlib.sha512(content).digest()).decode())
    unpack(package, content, lambda name: name.endswith(".js"))
    assert [path.name for path in package.folder.iterdir()] == ["a.js"]
    assert [path for path in cache.rglob("*") if path.is_file()] == [package.folder / "a.js"]
    assert package.address.endswith("/@of/some/-/some-1.2.3.tgz")


def test_without_a_network_it_says_so_in_a_sentence_and_leaves_nothing(cache, monkeypatch):
    def no_network(address, timeout):
        raise OSError("no route")

    monkeypatch.setattr(npm.urllib.request, "urlopen", no_network)
    with pytest.raises(SystemExit, match=r"some-1\.2\.3\.tgz could not be fetched: no route"):
        fetch(Package("@of/some", "1.2.3", "AAAA"))
    assert list(cache.rglob("*")) == []


def test_what_is_there_is_not_fetched_again(cache, monkeypatch):
    package = Package("@of/some", "1.2.3", "AAAA")
    package.folder.mkdir(parents=True)
    monkeypatch.setattr(npm.urllib.request, "urlopen", lambda *_, **__: pytest.fail("fetched"))
    assert fetch(package) == package.folder
