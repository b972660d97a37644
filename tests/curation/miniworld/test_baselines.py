"""No trivial model solves the sentence-pair tasks; the bounds are those the documentation states."""

from __future__ import annotations

import pytest

from curation.miniworld import baselines

BOUNDS = {
    "nli": {
        "majority": 0.40,
        "overlap": 0.75,
        "length": 0.65,
        "overlap and length": 0.78,
        "words of second text": 0.42,
        "words of first text": 0.65,
        "words of both texts": 0.68,
    },
    "xnli": {
        "majority": 0.40,
        "overlap": 0.72,
        "length": 0.55,
        "overlap and length": 0.74,
        "words of second text": 0.42,
        "words of first text": 0.60,
        "words of both texts": 0.60,
    },
    "paraphrase": {
        "majority": 0.55,
        "overlap": 0.72,
        "length": 0.58,
        "overlap and length": 0.74,
        "words of second text": 0.58,
        "words of first text": 0.58,
        "words of both texts": 0.60,
    },
}


@pytest.mark.parametrize("config", BOUNDS)
def test_trivial_models_stay_below_their_bounds(config: str) -> None:
    found = baselines.measure(config, 2000, 11)
    assert set(found) == set(BOUNDS[config])
    assert {name: value for name, value in found.items() if value > BOUNDS[config][name]} == {}


def test_a_task_with_a_giveaway_would_be_caught() -> None:
    train = [{"premise": "x", "hypothesis": "not a" if i % 2 else "a", "label": i % 2} for i in range(40)]
    assert baselines.pair("nli", train, train)["words of second text"] == 1.0
