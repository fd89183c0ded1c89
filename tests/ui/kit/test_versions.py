"""Options of later versions of Streamlit are left out where an older one does not take them."""

import sys

from streamlit import runtime

from mbgd.ui.kit import versions
from mbgd.ui.kit.versions import component, fragment, has_threads, known


def test_options_that_a_version_does_not_take_are_left_out():
    def of_today(label: str, *, wrap: bool = False) -> None: ...
    def of_yesterday(label: str) -> None: ...

    assert known(of_today, wrap=True) == {"wrap": True}
    assert known(of_yesterday, wrap=True) == {}


def test_an_older_version_tells_two_parts_of_one_place_apart(monkeypatch):
    """Streamlit 1.62 makes the id of a part from the name of its function and the container around it."""
    seen = []

    def of_yesterday(draw, run_every=None):
        seen.append((draw.__qualname__, run_every))
        return draw

    monkeypatch.setattr(versions.st, "fragment", of_yesterday)
    for key in ("race", "noise"):

        def drawn() -> None: ...

        fragment(key, drawn, 0.5)
    assert len({name for name, _ in seen}) == 2
    assert [seconds for _, seconds in seen] == [0.5, 0.5]


def test_there_are_threads_except_in_a_browser(monkeypatch):
    assert has_threads()
    monkeypatch.setattr(sys, "platform", "emscripten")
    assert not has_threads()


def test_a_runtime_without_two_functions_is_given_them_before_a_component_asks_for_them(monkeypatch):
    class Runtime:
        """That of stlite 1.9."""

    asked = []
    monkeypatch.setattr(runtime, "Runtime", Runtime)
    monkeypatch.setattr(runtime, "exists", lambda: False)
    monkeypatch.setattr(versions, "streamlit_component", lambda name, **parts: asked.append((Runtime.exists(), parts)))
    component("tiles", js="1")
    assert asked == [(False, {"js": "1"})]
    assert Runtime.instance is runtime.get_instance
