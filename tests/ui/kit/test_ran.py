"""The runs that an address names: written, read back, and checked."""

import pytest

from mbgd.ui.kit.ran import MOST, read_runs, show_runs


def test_keys_come_back_from_the_address():
    runs = ["race", "edge_search", "check_summed"]
    assert read_runs(show_runs(runs)) == runs


def test_an_address_names_the_last_runs_only():
    runs = [f"run{i}" for i in range(MOST + 3)]
    assert read_runs(show_runs(runs)) == runs[3:]


@pytest.mark.parametrize("text", ["", "~", "race.", "<b>x</b>", "a b", "~".join("abcdefghi")])
def test_a_text_that_names_no_runs_is_refused_in_a_sentence(text):
    with pytest.raises(ValueError, match=r"\.$"):
        read_runs(text)
