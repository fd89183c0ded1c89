"""Tables as HTML: their rows are named, their texts escaped, and a narrow window scrolls them."""

from mbgd.ui.kit.html import html_table


def test_a_table_of_texts_names_its_rows_and_scrolls_below_its_width():
    table = html_table(("", "a < b"), [("one", "1 & 2"), ("two", "3")], width=20)
    assert '<th scope="col">a &lt; b</th>' in table
    assert '<tr><th scope="row">one</th><td>1 &amp; 2</td></tr><tr><th scope="row">two</th><td>3</td></tr>' in table
    assert "min-width: 20rem" in table
    assert "overflow-x: auto" in table
