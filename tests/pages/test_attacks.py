"""What a link says is text on every page: it is never markup, and it breaks nothing."""

import pytest

from mbgd.ui.frame.menu import PAGES
from tests.pages.app import html, linked_page, told
from tests.share.test_attacks import ATTACKS

MARKUP = '<img src=x onerror="alert(1)"><script>alert(1)</script>[x](javascript:alert(1))$x$:material/delete:'


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_markup_in_every_choice_of_a_page_is_shown_as_text(page):
    names = [*page.links, *(name for name, *_ in ATTACKS), '<b onclick="x">']
    at = linked_page(page.file, **dict.fromkeys(names, MARKUP))
    source = html(at).replace("</script>", "")
    assert "<img src=x" not in source
    assert "<script>alert" not in source
    assert "<b onclick" not in source
    assert len(told(at)) > len(ATTACKS)
    assert not any("javascript:" in text.value for text in at.markdown)
