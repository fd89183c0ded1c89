"""One colour for each letter of an axis, on every page. The letter itself is always shown too."""

from html import escape

COLOURS = {
    "B": "#0072B2",
    "n": "#D55E00",
    "k": "#009E73",
    "h1": "#A14B97",
    "h2": "#8A6D00",
    "h3": "#C2336B",
    "h4": "#17808F",
    "h5": "#7C5A3A",
    "h6": "#5B5BD0",
}


def letter_css() -> str:
    """The CSS rules of the letters' colours, mixed with the text's colour, so that they are readable in both themes."""
    rules = (
        f".letter-{letter} {{ color: color-mix(in srgb, {colour} 72%, currentColor); }}"
        for letter, colour in COLOURS.items()
    )
    return ".letter { font-weight: 700; }\n" + "\n".join(rules)


def letter(name: str, text: str | None = None) -> str:
    """A letter in its colour, or `text` in that colour, as HTML."""
    return f'<b class="letter letter-{escape(name)}">{escape(name if text is None else text)}</b>'
