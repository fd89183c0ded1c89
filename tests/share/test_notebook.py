"""A run as a notebook: valid, and executed in a Jupyter kernel."""

import json

import nbformat
import numpy as np
import pytest

from mbgd.share.notebook import notebook
from tests.share.taken import ran, same, trained

RUNS = [
    {"epochs": 2},
    {"data": "diabetes", "rate": 0.02, "hidden": (), "epochs": 2},
    {"data": "diabetes", "rate": 10.0, "epochs": 2},  # it diverges
    {"data": "digits", "rate": 0.1, "epochs": 1, "updates": 3},
]


def cells_of(text, kind):
    return ["".join(cell["source"]) for cell in json.loads(text)["cells"] if cell["cell_type"] == kind]


@pytest.mark.parametrize("chosen", RUNS)
def test_it_is_a_valid_notebook_whose_cells_train_the_same_network(chosen):
    run, training = trained(**chosen)
    text = notebook(run)
    nbformat.validate(nbformat.reads(text, as_version=nbformat.NO_CONVERT))
    names = ran("\n".join(cells_of(text, "code")))
    if not training.diverged:
        same(names, training)
    picture = names["loss_chart"](names["history"])
    points = [line.split('"')[0].split() for line in picture.split('points="')[1:]]
    finite = sum(bool(np.isfinite(row).all()) for row in names["history"])
    assert [len(line) for line in points] == [finite, finite]
    assert "nan" not in picture


def test_the_line_of_data_is_folded():
    run, _ = trained(epochs=1)
    folded = [cell for cell in json.loads(notebook(run))["cells"] if cell["metadata"]]
    assert ["DATA =" in "".join(cell["source"]) for cell in folded] == [True]


def test_words_are_words_and_neither_html_nor_links():
    run, _ = trained(epochs=1)
    words = "\n".join(cells_of(notebook(run._replace(title="<img src=x> [a](http://b)")), "markdown"))
    assert "\\<img" in words
    assert "\\[a\\]" in words


@pytest.mark.thorough
def test_a_kernel_executes_it_and_shows_the_chart():
    nbclient = pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    run, training = trained(epochs=2)
    book = nbformat.reads(notebook(run), as_version=4)
    nbclient.NotebookClient(book, timeout=60).execute()
    cells = [cell for cell in book.cells if cell.cell_type == "code"]
    printed = "".join(output.text for output in cells[-2].outputs)
    assert f"{training.evaluate('val').loss:.9g}" in printed
    assert cells[-1].outputs[0].data["image/svg+xml"].startswith("<svg")
    assert [len(cell.outputs) for cell in cells[:-2]] == [0] * (len(cells) - 2)
