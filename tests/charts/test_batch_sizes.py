"""How a batch size is named and drawn: alike everywhere, apart without colour, and readable in both themes."""

import re
import tomllib
from itertools import accumulate, combinations
from pathlib import Path

import pytest

from mbgd.charts.batch_sizes import DASHES, STYLES, apart, dashed_in_css, mode_name, style_name
from mbgd.charts.modes.race import race_chart
from mbgd.charts.modes.surface import surface_chart
from mbgd.charts.train.loss import loss_chart

CONFIG = tomllib.loads((Path(__file__).parents[2] / ".streamlit/config.toml").read_text(encoding="utf-8"))
POWERS = ["1", "2", "4", "8", "16", "32", "64", "128", "256", "all"]


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    parts = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", list(STYLES))
def test_each_colour_stands_out_from_the_background_of_the_theme(theme, name):
    assert contrast(STYLES[name].colour, CONFIG["theme"][theme]["backgroundColor"]) >= 3


def test_styles_differ_in_dash_and_symbol_and_not_in_colour_alone():
    assert len({style.dash for style in STYLES.values()}) == len(STYLES)
    for one, other in combinations(POWERS, 2):
        assert STYLES[one].symbol != STYLES[other].symbol
        assert STYLES[one].shape != STYLES[other].shape
        assert STYLES[one].colour != STYLES[other].colour


@pytest.mark.parametrize(
    ("batch_size", "n_train", "name", "mode"),
    [
        (1, 240, "1", "SGD"),
        (2, 240, "2", ""),
        (16, 240, "16", ""),
        (24, 240, "16+", ""),
        (240, 240, "all", "full batch"),
        (240, 1_000, "128+", ""),
        (256, 1_000, "256", ""),
        (512, 1_000, "256+", ""),
        (16, 16, "all", "full batch"),
    ],
)
def test_a_batch_size_has_one_style_and_one_name_for_its_mode(batch_size, n_train, name, mode):
    assert style_name(batch_size, n_train) == name
    assert mode_name(batch_size, n_train) == mode


def test_all_dashes_are_different():
    assert len(set(DASHES.values())) == len(DASHES)


@pytest.mark.parametrize("taken", [("16",), ("1", "16", "all"), ("1", "8", "all")])
def test_six_runs_beside_others_have_a_dash_each_whatever_their_batch_sizes(taken):
    for sizes in [("16",) * 6, ("1",) * 6, ("1", "16", "all") * 2, ("8", "8", "8", "16+", "16+", "2")]:
        names = apart(sizes, taken)
        assert len({DASHES[name] for name in (*names, *taken)}) == 6 + len(taken)
    assert apart(("2", "4"), taken) == ["2", "4"]  # a dash that is free is the batch size's own


def test_a_dash_in_css_has_the_lengths_of_the_dash():
    assert dashed_in_css((8, 4)).endswith("(90deg, var(--line) 0px 8px, transparent 8px 12px)")
    for dash in DASHES.values():
        assert [int(end) for end in re.findall(r"(\d+)px[,)]", dashed_in_css(dash))] == list(accumulate(dash))


def looks_in(spec):
    """The colour and the dash that a chart gives to each name, as far as its scales name them."""
    found = {}
    for layer in spec["layer"]:
        for channel in ("color", "stroke", "fill", "strokeDash", "shape"):
            scale = layer["encoding"].get(channel, {}).get("scale", {})
            for name, value in zip(scale.get("domain", []), scale.get("range", []), strict=True):
                kind = "colour" if channel in ("color", "stroke", "fill") else channel
                found.setdefault(name, {})[kind] = value
    return found


def test_race_surface_and_comparison_draw_a_batch_size_alike():
    sizes, n_train = (1, 16, 240), 240
    names, styles = tuple(f"B = {size}" for size in sizes), tuple(style_name(size, n_train) for size in sizes)
    race = looks_in(race_chart("epochs", True, True, "loss", names, styles).to_dict())
    surface = looks_in(surface_chart(names, styles, (0.0, 1.0), (0.0, 1.0)).to_dict())
    train = looks_in(loss_chart("epochs", False, "loss").to_dict())
    for name, style in zip(names, styles, strict=True):
        expected = {
            "colour": STYLES[style].colour,
            "strokeDash": list(STYLES[style].dash),
            "shape": STYLES[style].shape,
        }
        assert race[name] == surface[name] == train[style] == expected
