"""Pieces of HTML: tables name their rows and scroll, texts are escaped, cells may contain HTML."""

import pytest

from mbgd.ui.kit.html import Cell, announcement, note, picture_heading, refusal, summed, table, tiles, unbroken


def test_a_table_of_texts_names_its_rows_and_scrolls_below_its_width():
    html = table(("", "a < b"), [("one", "1 & 2"), ("two", "3")], width=20)
    assert '<th scope="col">a &lt; b</th>' in html
    assert '<tr><th scope="row">one</th><td>1 &amp; 2</td></tr><tr><th scope="row">two</th><td>3</td></tr>' in html
    assert 'style="min-width: 20rem"' in html
    assert html.startswith(
        '<div class="mbgd-wide" role="region" aria-label="a &lt; b" tabindex="0"><table class="mbgd-claims"'
    )


def test_a_cell_may_contain_html_have_a_class_and_cover_several_columns():
    html = table(("a", "b", "c", "d"), [("x", Cell("<b>1</b>", "mbgd-agrees", 2), "2")])
    assert '<td colspan="2" class="mbgd-agrees"><b>1</b></td><td data-label="d">2</td>' in html
    assert "min-width" not in html


def test_a_table_may_have_no_head_no_row_names_and_its_own_class():
    html = table((), [("x", "@")], name="x @ w", kind="mbgd-expression", named=False)
    assert (
        '<table class="mbgd-expression" aria-label="x @ w"><tbody><tr><td>x</td><td>@</td></tr></tbody></table>' in html
    )


def test_a_value_knows_the_head_of_its_column_where_a_row_may_be_a_card():
    html = table(("claim", "a < b"), [("one", "1")])
    assert html.startswith('<div class="mbgd-wide mbgd-cards" role="region"')
    assert '<tr><th scope="row">one</th><td data-label="a &lt; b">1</td></tr>' in html
    assert "mbgd-cards" not in table(("claim", "a"), [("one", "1")], width=20) + table((), [("one", "1")])


def test_tiles_have_a_title_a_number_and_a_few_words_all_escaped():
    html = tiles([("a < b", "1", "of 2 & 3")])
    assert html == ('<dl class="mbgd-tiles"><div><dt>a &lt; b</dt><dd>1 <small>of 2 &amp; 3</small></dd></div></dl>')


def test_a_heading_of_a_picture_may_have_small_words():
    assert picture_heading("Loss") == '<h2 class="mbgd-heading">Loss</h2>'
    assert picture_heading("Loss", "live") == '<h2 class="mbgd-heading">Loss <span>live</span></h2>'


@pytest.mark.parametrize(
    "number",
    [
        "1e-12",
        "2 × 10⁻⁵",
        "B = 16",
        "0.171 of",
        "B = N = 1,437",
        "3.5 s",
        "−1.5e-3 ms",
        "1,500 updates",
        "η = 0.2",
        "3.74 times",
    ],
)
def test_no_line_breaks_inside_a_number_or_before_its_unit(number):
    for html in (note("plain", f"It is {number}, so."), table((), [("x", f"up to {number}")]), summed(number)):
        assert f'<span class="mbgd-one">{number}</span>' in html


def test_what_is_no_number_may_break():
    for text in (
        "",
        "16, 16",
        "the 45-minute route",
        "x2 = x1",
        "one row",
        '<a title="B = 16">16</a>',
        "0.1, of",
        "W1 is 5.",
    ):
        assert unbroken(text) == text
    assert unbroken("<b>B = 16</b>") == '<b><span class="mbgd-one">B = 16</span></b>'


def test_what_is_spoken_of_a_run_is_known_by_the_run():
    assert announcement("a < b", of="race") == '<p class="mbgd-announce" data-of="race">a &lt; b</p>'
    assert "data-new" in announcement("", of="race", new=True)


def test_a_refusal_is_seen_and_heard():
    html = refusal("a < b", "hidden", "bad")
    assert 'class="mbgd-status mbgd-bad"' in html
    assert '<p class="mbgd-announce" data-of="hidden" data-new>a &lt; b</p>' in html
    assert html.count("a &lt; b") == 2
