"""Words of the glossary in a text: each once, with its meaning, and what is no word of it is left as it is."""

import re

from mbgd.ui.frame.glossary import GLOSSARY
from mbgd.ui.frame.terms import MOST, marked


def terms(text: str) -> list[str]:
    return re.findall(r'class="mbgd-term" tabindex="0" aria-describedby="[\w-]+">([^<]+)<', marked(text))


def test_the_first_use_of_a_word_is_marked_with_its_meaning():
    html = marked("A batch, two batches, and the batch again.")
    assert terms("A batch, two batches, and the batch again.") == ["batch"]
    assert html.count(GLOSSARY["batch"].split(".")[0]) == 1


def test_a_longer_word_is_not_taken_for_a_shorter_one():
    assert terms("Mini-batch and full batch, in epochs.") == ["Mini-batch", "full batch", "epochs"]
    assert terms("Sub-batch, batchwise, rowing.") == []


def test_only_a_few_words_are_marked():
    assert len(terms(" ".join(GLOSSARY))) == MOST


def test_a_text_is_escaped_and_stars_make_it_bold():
    assert marked("**a < b** & <i>c</i>") == "<b>a &lt; b</b> &amp; &lt;i&gt;c&lt;/i&gt;"
