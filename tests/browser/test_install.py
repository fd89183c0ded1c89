"""What make browser fetches is what we know, or it is not installed."""

from pathlib import Path

import pytest

from tests.browser.install import unpack_axe


def test_a_package_of_another_content_is_not_installed(tmp_path: Path):
    script = tmp_path / "axe.js"
    with pytest.raises(SystemExit, match="sha512"):
        unpack_axe(b"something else", script)
    assert not script.exists()
