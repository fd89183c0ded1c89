"""A run as a Jupyter notebook: the parts of its script, each under its words, and then the chart of its losses.

The chart is a picture in SVG, written as text, so the notebook needs NumPy alone, too.
"""

import json
from typing import Any

from mbgd.share.script import Section, Taken, headline, sections

CHART = '''
class Picture(str):
    """A picture as the text of an SVG file. A notebook draws what has a _repr_svg_."""

    def _repr_svg_(self):
        return self

def loss_chart(history, width=640, height=340, left=60, right=30, bottom=40):
    """The losses in history as a picture: one line for the training rows, a dashed one for the validation rows."""
    rows = np.array([row for row in history if np.isfinite(row).all()])  # (points, 3)
    last, top = max(rows[-1:, 0].max(initial=1), 1), max(rows[:, 1:].max(initial=0), 1e-300) * 1.05
    x = left + rows[:, 0] / last * (width - left - right)
    parts = []
    for share in (0, 0.25, 0.5, 0.75, 1):  # grid lines with their numbers
        at = (height - bottom) * (1 - share) + 10 * share
        parts.append(f'<path d="M{left} {at}H{width - right}" stroke="#ddd"/>')
        parts.append(f'<text x="{left - 6}" y="{at + 4}" text-anchor="end">{top * share:.3g}</text>')
        along = left + share * (width - left - right)
        parts.append(f'<text x="{along}" y="{height - bottom + 18}" text-anchor="middle">{last * share:,.0f}</text>')
    for column, colour, dash in ((1, "#1B86C4", ""), (2, "#D55E00", "6 4")):
        y = height - bottom - rows[:, column] / top * (height - bottom - 10)
        points = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, y))
        looks = f'fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}"'
        parts.append(f'<polyline points="{points}" {looks}/>')
    legend = "loss after so many updates: blue, training rows; orange and dashed, validation rows"
    parts.append(f'<text x="{left}" y="{height - 6}">{legend}</text>')
    parts.insert(0, '<rect width="100%" height="100%" fill="white"/>')
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"'
    return Picture(f'{head} font-family="sans-serif" font-size="12">{"".join(parts)}</svg>')

loss_chart(history)
'''


def notebook(run: Taken) -> str:
    """The notebook as JSON, in Jupyter's format 4.5. Raises ValueError as `script` does."""
    title, about = _plain(run.title or run.choices.data), _plain(headline(run))
    cells = [_words("title", f"# {title}\n\n{about} It needs NumPy alone.")]
    for section in [*sections(run), Section("The losses", "", CHART.strip())]:
        name = section.title.lower().replace(" ", "-")
        cells.append(_words(f"{name}-words", f"## {section.title}\n\n{_plain(section.words)}".strip()))
        cells.append(_code(name, section))
    metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    return json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}, ensure_ascii=False)


def _words(name: str, text: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "id": name, "metadata": {}, "source": text.splitlines(keepends=True)}


def _code(name: str, section: Section) -> dict[str, Any]:
    """A cell of code. One with a very long line is folded."""
    return {
        "cell_type": "code",
        "id": name,
        "metadata": {"jupyter": {"source_hidden": True}} if section.wide else {},
        "execution_count": None,
        "outputs": [],
        "source": section.code.splitlines(keepends=True),
    }


def _plain(text: str) -> str:
    """Text that Markdown shows as it is: names from a file may hold its signs."""
    return "".join(f"\\{letter}" if letter in "\\`*_[]<>#|!$&~" else letter for letter in text)
