"""The drawing of a step: mounts tiles.js, which reacts to pointer and arrow keys without a run of the script."""

from pathlib import Path
from typing import Any

import streamlit as st

from mbgd.charts.shapes.letters import letter_css
from mbgd.ui.kit.versions import component

HERE = Path(__file__).parent
HTML = """
<div class="tiles">
  <div class="stage"></div>
  <p class="spelled"></p>
  <p class="key">Choose a number of the result: point at it, tap it, or use the arrow keys.
    <i class="above"></i>above 0 <i class="below"></i>below 0, underlined. The darkest colour is the number after ±.</p>
</div>
"""

_mount = component(
    "mbgd_tiles",
    html=HTML,
    css=(HERE / "tiles.css").read_text(encoding="utf-8") + letter_css(),
    js=(HERE / "tiles.js").read_text(encoding="utf-8"),
)


def draw_tiles(data: dict[str, Any], key: str) -> None:
    """Draw a step, as mbgd.charts.shapes.tiles.drawing describes it."""
    with st.container(key=key):
        _mount(key=f"{key}_tiles", data=data)
