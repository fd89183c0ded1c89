"""Options of later versions of Streamlit are left out where an older one does not take them."""

from mbgd.ui.kit import versions
from mbgd.ui.kit.versions import fragment, known


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
