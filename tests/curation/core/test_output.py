"""Tables for spreadsheets: no cell is a formula, whatever the spreadsheet separates cells by."""

import csv
import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from curation.core import output

TEXTS = st.text("a=+-@＝;,\t\n\r\"' \ufeff|1", max_size=12)
ROWS = st.lists(st.tuples(TEXTS, TEXTS, TEXTS), min_size=1, max_size=4)


def formulas(text: str, delimiter: str) -> list[str]:
    """The cells of a CSV text that begin with a formula, when another separator than the comma is taken."""
    found = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    return [cell for row in found for cell in row if cell.lstrip(" \ufeff\t\r\n")[:1] in tuple("=+-@＝＋－＠")]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@given(ROWS)
@example([("x", "a;=1", "y")])
@example([("x", 'a;"=1+1";b', "y"), ("a\n=1", '";', ";=1")])
@example([('"=1"', 'b";"', "=2")])
def test_no_cell_is_a_formula_by_whatever_cells_are_separated(end, delimiter, rows):
    guarded = [[output.safe_cell(cell) for cell in row] for row in rows]
    assert formulas(output.csv_lines(guarded, end), delimiter) == []


@given(st.lists(st.tuples(TEXTS, st.text("=a;\t \x0b\x1c\x85\xa0\u2003\u2028", max_size=6)), min_size=1, max_size=3))
@example([("a", "\xa0=1")])
def test_no_cell_between_tabs_is_a_formula_whatever_blanks_stood_before_it(rows):
    text = output.tsv_text(["a", "b"], rows)
    assert formulas(text, "\t") == []
    assert [line.count("\t") for line in text.split("\n")] == [1] * (len(rows) + 1) + [0]


def test_quotation_marks_alone_do_not_keep_a_text_together_where_the_comma_separates_nothing():
    to = io.StringIO()
    csv.writer(to, quoting=csv.QUOTE_ALL).writerow(["x", "a;=1", "y"])
    assert formulas(to.getvalue(), ",") == []
    assert formulas(to.getvalue(), ";") == ['=1","y"']


@given(TEXTS | st.text())
def test_a_guarded_text_comes_back(text):
    assert output.unguarded(output.safe_cell(text)) == text.replace("\r\n", "\n").replace("\r", "\n")


def test_texts_without_a_formula_stay_as_they_are():
    for text in ("it's 5; 6", "a - b", "well-known; so-called", "1 = 1", "a;b", "", "  \n"):
        assert output.safe_cell(text) == text
