"""The source panel: closed it holds nothing, open it shows the functions, below each other or side by side."""

import pytest
from streamlit.testing.v1 import AppTest


def page(side_by_side):
    from mbgd.engine.activations import relu, tanh
    from mbgd.ui.kit.source import source_panel

    source_panel("Code", relu, tanh, intro="Read this.", side_by_side=side_by_side)


@pytest.mark.parametrize("side_by_side", [False, True])
def test_the_source_is_there_once_the_panel_is_open(side_by_side):
    at = AppTest.from_function(page, args=(side_by_side,)).run()
    assert not at.exception
    assert not len(at.code)
    at.session_state["code"] = True
    at.run()
    assert [block.value.splitlines()[0] for block in at.code] == [
        "def relu(Z: Array) -> Array:",
        "def tanh(Z: Array) -> Array:",
    ]
    assert at.markdown[0].value == "Read this."
    assert len(at.columns) == (2 if side_by_side else 0)
