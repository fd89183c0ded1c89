"""Words of the glossary on a page: underlined where they are first used, with their meaning on hover and on focus."""

import re
from html import escape

import streamlit as st

from mbgd.ui.frame.glossary import GLOSSARY
from mbgd.ui.kit.html import Html, unbroken

MOST = 4  # words that are underlined in one text
BOLD = re.compile(r"\*\*(.+?)\*\*")
MEANINGS = {word.lower(): meaning for word, meaning in GLOSSARY.items()}
# Longer words first: a mini-batch is not found as a batch.
LONGEST_FIRST = "|".join(sorted(map(re.escape, MEANINGS), key=len, reverse=True))
TERM = re.compile(rf"(?<![\w-])({LONGEST_FIRST})(s|es)?(?![\w-])", re.IGNORECASE)


def lead(text: str) -> None:
    """The first lines of a page. Two asterisks around words make them bold."""
    st.html(f'<p class="mbgd-lead">{unbroken(marked(text))}</p>')


def marked(text: str) -> Html:
    """A text as HTML, in which the first words of the glossary have their meanings."""
    known: set[str] = set()

    def mark(found: re.Match[str]) -> str:
        word = found[1].lower()
        if word in known or len(known) == MOST:
            return found[0]
        known.add(word)
        name = f"term-{re.sub(r'[^a-z]', '-', word)}"
        return (
            f'<span class="mbgd-term" tabindex="0" aria-describedby="{name}">{found[0]}'
            f'<span class="mbgd-meaning" role="tooltip" id="{name}">{escape(MEANINGS[word])}</span></span>'
        )

    return Html(BOLD.sub(r"<b>\1</b>", TERM.sub(mark, escape(text, quote=False))))
