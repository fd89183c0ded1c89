"""Small pictures: an image for every kind of data set, whatever the network says, quickly."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from mbgd import Settings, load
from mbgd.charts.layers import RAMP
from mbgd.charts.train.digits import WEIGHT_RAMP
from mbgd.charts.train.thumbnail import SIDE, blend, thumbnail
from mbgd.data.catalogue import datasets


def image_of(src):
    return Image.open(io.BytesIO(base64.b64decode(src.removeprefix("data:image/png;base64,"))))


@pytest.mark.parametrize("name", list(datasets()))
@pytest.mark.parametrize("weights", ["first", "nan", "huge"])
def test_every_data_set_has_its_small_picture(name, weights):
    dataset = load(name)
    layers = Settings(1, 1, 0.1).first_weights(dataset.X_train.shape[1], dataset.Y_train.shape[1])
    if weights != "first":
        layers[0].W[...] = np.nan if weights == "nan" else 1e300
    image = image_of(thumbnail(dataset, layers))
    assert image.size == (SIDE, SIDE)
    assert len(image.convert("RGB").getcolors(100_000)) > 1


def test_other_weights_give_another_picture():
    dataset = load("spiral")
    one, other = (Settings(1, 1, 0.1, seed=seed).first_weights(2, 2) for seed in (0, 1))
    assert thumbnail(dataset, one) == thumbnail(dataset, one) != thumbnail(dataset, other)


def test_colours_run_from_blue_to_orange_and_a_missing_number_is_white():
    low, high, missing = blend(np.array([0.0, 1.0, np.nan]))
    assert low[2] > low[0]
    assert high[0] > high[2]
    assert missing.tolist() == [255, 255, 255]


@pytest.mark.parametrize("ramp", [RAMP, WEIGHT_RAMP])
def test_without_colour_a_higher_value_is_lighter(ramp):
    grey = blend(np.linspace(0, 1, 21), ramp).astype(float) @ [0.2126, 0.7152, 0.0722]
    assert (np.diff(grey) > 0).all()
    assert grey[10] - grey[0] > 25  # of 255: below and above the middle can be told apart
    assert grey[20] - grey[10] > 25
