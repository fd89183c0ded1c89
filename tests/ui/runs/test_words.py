"""A run in words, what several have in common, and their order in the table."""

from dataclasses import replace

from mbgd.charts.batch_sizes import STYLES
from mbgd.ui.runs.curves import MOST_DRAWN, curves_of, styles_of, together, why_left_out
from mbgd.ui.runs.table import APART, differences, row
from mbgd.ui.runs.words import ORDERS, SETTINGS, alike, apart, in_order, in_words, length, loss_in_words, numbered
from tests.share.runs.made import record, usual

ONE = replace(usual(), number=1)
TWO = replace(record(20, batch=16, rates=((10, 0.1),), seed=3), number=2)
FAILED = replace(record(data="plane", hidden=(), rate=10.0, epochs=2_000), number=3)


def test_what_differs_and_what_does_not_are_all_settings():
    differ = {setting.title for setting in apart([ONE, TWO])}
    assert differ == {"batch size", "learning rate", "seed"}
    same = alike([ONE, TWO])
    assert all((setting.title in same) != (setting.title in differ) for setting in SETTINGS)
    assert apart([ONE]) == []


def test_a_run_is_called_by_its_name_or_by_its_settings():
    assert numbered(replace(ONE, name="mine")) == "1: mine"
    for part in ("spiral", "B = 16", "rate 0.2 → 0.1", "seed 3"):
        assert part in in_words(TWO)


def test_a_row_marks_only_what_differs():
    differ = apart([ONE, TWO])
    shown = row(TWO, apart([ONE, TWO]), differ)
    assert sum(APART in str(getattr(cell, "html", cell)) for cell in shown) == len(differ) == 3
    assert not any(APART in str(getattr(cell, "html", cell)) for cell in row(TWO, differ, []))
    assert all(title in differences([ONE, TWO], differ) for title in ("1 and 2", "batch size", "seed"))


def test_a_name_is_text():
    assert "<i>" not in str(row(replace(ONE, name="<i>x</i>"), [], [])[0].html)


def test_a_diverged_run_says_so_and_has_its_best_loss():
    assert f"{FAILED.failed:,}" in length(FAILED)
    assert loss_in_words(FAILED, "train").startswith("diverged")
    assert f"{FAILED.best('train'):.4g}" in loss_in_words(FAILED, "train")


def test_runs_are_sorted_and_those_without_a_number_are_last():
    runs = [FAILED, ONE, TWO]
    for order in ORDERS:
        for falling in (False, True):
            found = in_order(runs, order, falling=falling)
            assert sorted(run.number for run in found) == [1, 2, 3]
    assert in_order(runs, "train", falling=True)[-1] is FAILED
    assert in_order(runs, "train", falling=False)[-1] is FAILED
    assert in_order(runs, "batch", falling=False)[0] is ONE


def test_the_newest_run_and_those_of_its_data_are_drawn_together():
    assert together([ONE, TWO, FAILED]) == [FAILED]
    assert together([TWO, ONE]) == [TWO, ONE]
    assert together([]) == []
    assert "mean squared error" in why_left_out(ONE, FAILED)
    assert "data" in why_left_out(ONE, replace(TWO, choices=replace(TWO.choices, data="moons")))


def test_runs_of_one_batch_size_have_styles_of_their_own_and_others_that_of_their_batch_size():
    alike_in_size = [replace(ONE, number=number) for number in range(MOST_DRAWN)]
    styles = styles_of(alike_in_size)
    assert len(set(styles)) == MOST_DRAWN
    assert styles[0] == "8"
    assert len({STYLES[style].dash for style in styles}) == MOST_DRAWN
    assert styles_of([ONE, TWO, ONE]) == ["8", "16", "8"]
    curves = curves_of([ONE, TWO, ONE])
    assert len({curve.dash for curve in curves}) == 3
    assert curves[1].rates == ((10, 0.1),)
