"""Handwritten digits and the weights that look at them, as small SVG pictures."""

import base64
import io
from collections.abc import Sequence
from html import escape

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mbgd.engine.activations import Array

SIDE = 8  # pixels of a digit
GAP = 2
LABEL = 5  # height of the line below an image, in the picture's units of one pixel


def image_strip(images: Array, captions: Sequence[str], right: Sequence[bool], columns: int, description: str) -> str:
    """Grey images (N, 64), 0 to 1, in rows of `columns`, each with a caption below and its answer marked."""
    grey = (255 * (1 - images)).astype(np.uint8)
    return _sheet(
        [_png(image.reshape(SIDE, SIDE)) for image in grey],
        [f"{'✓' if ok else '✕'} {caption}" for caption, ok in zip(captions, right, strict=True)],
        ["#009E73" if ok else "#D55E00" for ok in right],
        columns,
        description,
    )


def weight_sheet(W: Array, columns: int, description: str) -> str:
    """The weights (units, 64) of a layer over digits, an image a unit: blue negative, white zero, orange positive."""
    largest = np.abs(W).max(axis=1, keepdims=True)
    relative = np.nan_to_num(W / np.where(largest > 0, largest, 1.0))  # (units, 64), -1 to 1
    white = np.array([255.0, 255.0, 255.0])
    towards = np.where(relative[..., None] < 0, np.array([0.0, 114.0, 178.0]), np.array([213.0, 94.0, 0.0]))
    colours = (white + (towards - white) * np.abs(relative)[..., None]).astype(np.uint8)  # (units, 64, 3)
    return _sheet(
        [_png(image.reshape(SIDE, SIDE, 3)) for image in colours],
        [f"unit {i + 1}" for i in range(len(W))],
        ["#8A929C"] * len(W),
        columns,
        description,
    )


def _png(pixels: NDArray[np.uint8]) -> str:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


def _sheet(pictures: list[str], captions: list[str], colours: list[str], columns: int, description: str) -> str:
    cell, row_height = SIDE + GAP, SIDE + LABEL
    rows = -(-len(pictures) // columns)
    parts = []
    for i, (picture, caption, colour) in enumerate(zip(pictures, captions, colours, strict=True)):
        x, y = i % columns * cell, i // columns * row_height
        parts.append(
            f'<image x="{x}" y="{y}" width="{SIDE}" height="{SIDE}" style="image-rendering:pixelated" '
            f'href="data:image/png;base64,{picture}"/>'
            f'<rect x="{x}" y="{y}" width="{SIDE}" height="{SIDE}" fill="none" stroke="{colour}" stroke-width="0.35"/>'
            f'<text x="{x + SIDE / 2}" y="{y + SIDE + 3}" text-anchor="middle" font-size="2.6" fill="currentColor">'
            f"{escape(caption)}</text>"
        )
    return (
        f'<svg role="img" aria-label="{escape(description)}" viewBox="-0.5 -0.5 {columns * cell} {rows * row_height}" '
        f'style="width:100%;max-width:{columns * cell * 6}px" xmlns="http://www.w3.org/2000/svg">{"".join(parts)}</svg>'
    )
