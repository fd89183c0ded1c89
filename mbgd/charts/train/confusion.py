"""The confusion matrix of a network as a table in HTML: a row per true class, a column per predicted class."""

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mbgd.charts.train.prediction import outputs
from mbgd.data.dataset import Dataset
from mbgd.engine.network import Layer

DEEPEST = 0.42  # the share of colour in a cell that has all rows of its class: the count stays readable on it
RIGHT, WRONG = "27, 134, 196", "213, 94, 0"  # blue and orange, as red, green and blue
MATRIX_HEADING = "Confusion matrix of the validation rows"


class Matrix(NamedTuple):
    """A confusion matrix: how many validation rows of each true class (k rows) got each prediction (k columns)."""

    classes: tuple[str, ...]
    counts: NDArray[np.int64]

    @property
    def html(self) -> str:
        """The matrix as an HTML table. The colour of a cell only repeats its number and its place."""
        share = self.counts / np.maximum(self.counts.sum(axis=1, keepdims=True), 1)  # (k, k)
        k, names = len(self.classes), [escape(name) for name in self.classes]
        heads = "".join(f'<th scope="col">{name}</th>' for name in names)
        body = "".join(
            f'<tr><th scope="row">{names[i]}</th>'
            + "".join(_cell(self.counts[i, j], share[i, j], i == j) for j in range(k))
            + "</tr>"
            for i in range(k)
        )
        right = f"{np.trace(self.counts):,} of {self.counts.sum():,}"
        return (
            '<div class="mbgd-wide" tabindex="0"><table class="mbgd-confusion">'
            f"<caption>{right} validation rows are predicted correctly: they are on the diagonal.</caption>"
            f'<thead><tr><th scope="col" rowspan="2">true class</th><th scope="colgroup" colspan="{k}">predicted class'
            f"</th></tr><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>"
        )


def _cell(count: int, share: float, right: bool) -> str:
    colour = f' style="background: rgba({RIGHT if right else WRONG}, {DEEPEST * share:.2f})"' if count else ""
    kind = "mbgd-right" if right else "mbgd-wrong" if count else "mbgd-none"
    return f'<td class="{kind}"{colour}>{count:,}</td>'


def confusion(dataset: Dataset, layers: Sequence[Layer]) -> Matrix:
    """The confusion matrix of the validation rows."""
    k = len(dataset.target_names)
    true = dataset.Y_val.argmax(axis=1)  # (N,)
    predicted = outputs(dataset, layers, dataset.X_val).argmax(axis=1)  # (N,)
    counts = np.bincount(true * k + predicted, minlength=k * k).reshape(k, k)
    return Matrix(dataset.target_names, counts)
