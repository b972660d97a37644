"""What is ambiguous is not what is wrong."""

import numpy as np
import pytest

from curation.core import records
from curation.core.task import Example, Task
from curation.probe import Probe
from curation.score import scorers
from curation.score.scorers import ambiguity
from curation.search.knn import Neighbours

LABELS = ("no", "maybe", "yes")


def scored(kind, examples, found, near):
    ids = [f"t-{at}" for at in range(len(examples))]
    table = records.table(kind, ids, ["en"] * len(ids), examples)
    probe = Probe(ids, np.zeros(len(ids), np.int8), [np.array(p, np.float32) for p in found], {})
    graph = Neighbours(np.array(near, np.int32), np.ones((len(near), len(near[0])), np.float32))
    task = Task(kind=kind, metric="accuracy", labels=LABELS)
    inputs = scorers.Inputs("t", task, table, 1, {"probe": lambda: probe, "neighbours": lambda: graph})
    return ambiguity.score(inputs, ambiguity.Params(k=2, least=0.7)).to_pylist()


def test_a_sure_error_is_clear_and_two_labels_that_fit_are_not():
    texts = [Example(text=f"text {at}", label=label) for at, label in enumerate([0, 0, 0, 2, None])]
    p = [[0.96, 0.02, 0.02], [0.02, 0.96, 0.02], [0.45, 0.45, 0.1], [0.45, 0.45, 0.1], [0.4, 0.3, 0.3]]
    clear, wrong, unsure, other, unlabelled = scored("classify", texts, p, [[1, 2], [2, 3], [0, 1], [2, 4], [0, -1]])
    assert clear["score"] == wrong["score"] > 0.8  # the probe is as sure of the one as against the other
    assert unsure["score"] < 0.2
    assert unsure["ambiguous"]
    assert unsure["between"] == ["no", "maybe"]
    assert unsure["why"] == "no (0.45) fits about as well as maybe (0.45)"
    assert not wrong["ambiguous"]
    assert not other["ambiguous"]  # two labels fit, and the given one is neither
    assert unlabelled["score"] is None
    assert unlabelled["neighbours_entropy"] is None
    assert clear["neighbours_entropy"] == 0
    assert wrong["neighbours_entropy"] == pytest.approx(np.log(2) / np.log(3))
    assert other["neighbours_entropy"] == 0  # one of the two has no label


def test_a_choice_is_named_by_its_text():
    one = Example(prompt="Why?", choices=("rain", "snow"), label=1)
    (row,) = scored("choice", [one], [[0.5, 0.5]], [[-1]])
    assert row["between"] == ["'rain'", "'snow'"]
    assert row["score"] == pytest.approx(0)
    assert row["neighbours_entropy"] is None
