"""The glossary: in order, short, and the same in the app and in docs/glossary.md."""

from pathlib import Path

import pytest

from mbgd.ui.frame.glossary import GLOSSARY, glossary_text

DOCS = Path(__file__).parents[3] / "docs"


def test_words_are_in_order_and_each_has_one_or_two_sentences():
    assert list(GLOSSARY) == sorted(GLOSSARY, key=str.lower)
    for word, meaning in GLOSSARY.items():
        assert meaning.endswith("."), word
        assert len(meaning) < 200, word


def test_the_file_in_docs_is_the_same():
    assert (DOCS / "glossary.md").read_text(encoding="utf-8").endswith(f"\n\n{glossary_text()}")


@pytest.mark.parametrize("word", ["batch", "epoch", "update", "gradient", "learning rate", "loss", "mini-batch", "SGD"])
def test_the_words_of_the_first_minutes_are_in_it(word):
    assert word in GLOSSARY
