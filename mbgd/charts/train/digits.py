"""Images, and weights over images, as small pictures with captions, in HTML."""

import base64
import io
from collections.abc import Sequence
from html import escape

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mbgd.charts.train.thumbnail import blend
from mbgd.engine.activations import Array
from mbgd.engine.guards import quiet

WEIGHT_RAMP = ("#0B4F80", "#A8ADB1", "#FFE3B5")  # from below 0 to above 0: the sign is seen without colour, too


def image_strip(images: Array, captions: Sequence[str], right: Sequence[bool], description: str) -> str:
    """Grey images (N, height, width), 0 to 1, as HTML: each has a caption, and a mark for a right or wrong answer."""
    grey = (255 * (1 - images)).astype(np.uint8)
    return _sheet(
        [_png(image) for image in grey],
        [f"{'✓' if ok else '✕'} {caption}" for caption, ok in zip(captions, right, strict=True)],
        ["right" if ok else "wrong" for ok in right],
        description,
    )


def weight_sheet(W: Array, description: str) -> str:
    """A layer's weights (units, height, width) as HTML, one image per unit: dark blue below 0, grey 0, light above."""
    largest = np.abs(W).max(axis=(1, 2), keepdims=True)
    with quiet():  # weights of a diverged run
        relative = np.nan_to_num(W / np.where(largest > 0, largest, 1.0))  # (units, height, width), -1 to 1
    colours = blend((relative + 1) / 2, WEIGHT_RAMP)  # (units, height, width, 3)
    return _sheet(
        [_png(image) for image in colours],
        [f"unit {i + 1}" for i in range(len(W))],
        ["unit"] * len(W),
        description,
    )


def _png(pixels: NDArray[np.uint8]) -> str:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


def _sheet(pictures: list[str], captions: list[str], kinds: list[str], description: str) -> str:
    figures = (
        f'<figure class="mbgd-{kind}"><img src="data:image/png;base64,{picture}" alt=""/>'
        f"<figcaption>{escape(caption)}</figcaption></figure>"
        for picture, caption, kind in zip(pictures, captions, kinds, strict=True)
    )
    return f'<div class="mbgd-sheet" role="img" aria-label="{escape(description)}">{"".join(figures)}</div>'
