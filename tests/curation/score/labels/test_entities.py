"""Boundary against type: each doubt lowers its own score and not the other."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.score.labels import entities

LABELS = ("O", "B-PER", "I-PER", "B-LOC", "I-LOC")


def matrix(*rows: tuple[float, ...]) -> np.ndarray:
    return np.array(rows)


def test_a_doubted_type_leaves_the_boundary_alone() -> None:
    sure_of_place = matrix(
        (0.98, 0.005, 0.005, 0.005, 0.005), (0.02, 0.03, 0.0, 0.95, 0.0), (0.02, 0.0, 0.03, 0.0, 0.95)
    )
    boundary, kind = entities.boundary_and_type([0, 1, 2], sure_of_place, LABELS)
    assert kind == pytest.approx(0.03 / 0.98, rel=0.01)
    assert boundary == pytest.approx(0.6, abs=0.01)  # PER or O, of what is left
    right, other = entities.boundary_and_type([0, 3, 4], sure_of_place, LABELS)
    assert right > 0.95
    assert other is not None
    assert other > 0.95


def test_an_entity_that_ends_too_early_is_a_doubted_boundary() -> None:
    long = matrix((0.02, 0.96, 0.0, 0.02, 0.0), (0.03, 0.0, 0.95, 0.0, 0.02))
    boundary, kind = entities.boundary_and_type([1, 0], long, LABELS)
    assert boundary < 0.05
    assert kind is not None
    assert kind > 0.95


def test_a_sentence_without_entities_has_no_type() -> None:
    boundary, kind = entities.boundary_and_type([0], matrix((0.1, 0.9, 0.0, 0.0, 0.0)), LABELS)
    assert boundary == pytest.approx(0.1)
    assert kind is None


@given(st.lists(st.floats(0, 1), min_size=1, max_size=9))
def test_the_soft_minimum_lies_between_minimum_and_mean(values: list[float]) -> None:
    found = entities.soft_minimum(values)
    assert min(values) - 1e-9 <= found <= np.mean(values) + 1e-9


def test_the_soft_minimum_is_cleanlabs() -> None:
    from cleanlab.token_classification.rank import _softmin_sentence_score

    values = [np.array([0.9, 0.6]), np.array([0.0, 0.8, 0.8]), np.array([0.8])]
    upstream = _softmin_sentence_score(values, temperature=1 / entities.SHARPNESS)
    assert [entities.soft_minimum(one) for one in values] == pytest.approx(upstream.tolist())
