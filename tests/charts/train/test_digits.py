"""Small pictures of digits and weights: when decoded, they are the numbers they were made from."""

import base64
import io
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image, ImageColor

from mbgd import load
from mbgd.charts.train.digits import WEIGHT_RAMP, image_strip, weight_sheet
from mbgd.data.real import read_table

DARK, MIDDLE, LIGHT = (list(ImageColor.getrgb(colour)) for colour in WEIGHT_RAMP)


def parts(html):
    """The sheet, its pictures as arrays, and its captions."""
    sheet = ElementTree.fromstring(html)
    pictures = [
        np.asarray(Image.open(io.BytesIO(base64.b64decode(image.get("src").removeprefix("data:image/png;base64,")))))
        for image in sheet.iter("img")
    ]
    return sheet, pictures, [caption.text for caption in sheet.iter("figcaption")]


def strip(captions, right, description="Some digits"):
    return image_strip(np.zeros((len(captions), 8, 8)), captions, right, description)


def test_a_picture_a_digit_with_its_answer_marked():
    _, pictures, captions = parts(strip(["3", "8 ≠ 5", "0"], [True, False, np.True_]))
    assert len(pictures) == 3
    assert captions == ["✓ 3", "✕ 8 ≠ 5", "✓ 0"]


def test_right_and_wrong_answers_differ_in_more_than_colour():
    sheet, _, _ = parts(strip(["3", "5"], [True, False]))
    assert [figure.get("class") for figure in sheet.iter("figure")] == ["mbgd-right", "mbgd-wrong"]


@pytest.mark.parametrize(
    "html",
    [
        strip(["3"], [True], '20 <digits> & "more"'),
        weight_sheet(np.eye(1, 64).reshape(1, 8, 8), '20 <digits> & "more"'),
    ],
)
def test_the_sheet_is_one_image_with_a_description(html):
    sheet, _, _ = parts(html)
    assert sheet.get("role") == "img"
    assert sheet.get("aria-label") == '20 <digits> & "more"'
    assert all(image.get("alt") == "" for image in sheet.iter("img"))  # described once, by the sheet


def test_captions_are_text_not_markup():
    _, _, captions = parts(strip(["<b>&"], [True]))
    assert captions == ["✓ <b>&"]


@pytest.mark.parametrize("right", [[True], [True, False, True]])
def test_an_answer_a_caption(right):
    with pytest.raises(ValueError, match="zip"):
        strip(["3", "5"], right)


def test_digits_decode_to_the_ink_of_the_file():
    dataset = load("digits")
    images = dataset.images(dataset.X_val[:20])
    _, pictures, _ = parts(image_strip(images, ["?"] * 20, [True] * 20, "Digits"))
    ink = read_table("digits").X[dataset.rows_val[:20]]
    for grey, row in zip(pictures, ink, strict=True):
        assert grey.shape == (8, 8)
        assert grey.dtype == np.uint8
        np.testing.assert_allclose(grey.ravel(), 255 * (1 - row / 16), atol=1.01)  # black ink on white
    assert {0, 255} <= set(np.unique(pictures))


def test_images_keep_their_height_and_width():
    _, (grey,), _ = parts(image_strip(np.zeros((1, 2, 5)), ["?"], [True], "An image"))
    assert grey.shape == (2, 5)
    _, (coloured,), _ = parts(weight_sheet(np.ones((1, 2, 5)), "Weights"))
    assert coloured.shape == (2, 5, 3)


def test_weights_are_dark_below_zero_grey_at_zero_and_light_above():
    W = np.zeros((2, 8, 8))
    W[0, 0, :3] = -0.5, 0.25, 0.5
    W[1, 7, 7] = 1e-9  # each unit is scaled by its own largest weight
    _, (first, second), captions = parts(weight_sheet(W, "Weights"))
    assert first[0, 0].tolist() == DARK
    assert first[0, 2].tolist() == second[7, 7].tolist() == LIGHT
    assert first[0, 3].tolist() == MIDDLE
    np.testing.assert_allclose(first[0, 1], (np.array(MIDDLE) + LIGHT) / 2, atol=1)
    assert captions == ["unit 1", "unit 2"]


@pytest.mark.parametrize("value", [0.0, np.nan])
def test_weights_of_zero_or_nan_are_grey(value):
    _, pictures, _ = parts(weight_sheet(np.full((3, 8, 8), value), "No weights"))
    assert len(pictures) == 3
    assert (np.array(pictures) == MIDDLE).all()


def test_huge_weights_are_drawn_like_small_ones():
    W = np.random.default_rng(0).normal(size=(4, 8, 8))
    assert weight_sheet(W * 2.0**1000, "") == weight_sheet(W, "")
