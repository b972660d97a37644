from __future__ import annotations

import numpy as np
import pytest

from curation.core.errors import CairnError
from curation.core.task import Example
from curation.score.scorers import outliers


def test_a_row_about_something_else_is_lowest(make_table, make_inputs, make_examples) -> None:
    odd = Example(text="© 2009 Cookies | Impressum | Alle Rechte vorbehalten", key="odd")
    inputs = make_inputs(make_table("text", [*make_examples("text", 120), odd]))
    result = outliers.score(inputs, outliers.Params(k=5)).to_pylist()
    at = inputs.records["key"].to_pylist().index("odd")
    assert min(result, key=lambda row: row["score"]) == result[at]
    assert result[at]["score"] < 0.001
    assert "far from all others" in result[at]["why"]
    usual = [row for i, row in enumerate(result) if i != at]
    assert np.median([row["score"] for row in usual]) == 1.0
    assert sum(row["why"] is not None for row in usual) <= 6
    assert all(row["deviations"] < result[at]["deviations"] for row in usual)


def test_more_neighbours_than_the_graph_has_is_an_error(make_table, make_inputs, make_examples) -> None:
    inputs = make_inputs(make_table("text", make_examples("text", 20)), k=3)
    with pytest.raises(CairnError, match=r"score\.outliers\.k is 5, but neighbours\.k is 3"):
        outliers.score(inputs, outliers.Params(k=5))


def test_rows_that_are_all_alike_are_no_outliers(make_table, make_inputs) -> None:
    inputs = make_inputs(make_table("text", [Example(text="One more time")] * 12))
    assert outliers.score(inputs, outliers.Params(k=5))["score"].to_pylist() == [1.0] * 12


def test_scores_fall_with_distance() -> None:
    z = outliers.deviations(np.array([0.1, 0.2, 0.2, 0.3, 0.5, 0.9]))
    assert (np.diff(z) >= 0).all()
