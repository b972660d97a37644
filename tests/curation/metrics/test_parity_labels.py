"""Accuracy, F1 and seqeval's F1 against scikit-learn and seqeval themselves, on more than 1,000 cases each.

The packages are installed and are called. Accuracy, precision and recall are equal to the last bit. seqeval computes
``2PR / (P + R)`` from rounded precision and recall where we divide counts once: its F1 differs by at most 2.3e-16.
"""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from seqeval.metrics import f1_score as entity_f1
from seqeval.metrics import precision_score as entity_precision
from seqeval.metrics import recall_score as entity_recall
from sklearn.metrics import accuracy_score, precision_recall_fscore_support

from curation.metrics import score

ROUNDING = 2.3e-16


def sklearn_f1(gold, predicted, **how):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return precision_recall_fscore_support(gold, predicted, zero_division=0, **how)[2]


@pytest.mark.parametrize("classes", [2, 3, 5])
def test_accuracy_and_f1_on_1200_cases(classes):
    rng = np.random.default_rng(classes)
    labels = tuple("abcde"[:classes])
    largest = dict.fromkeys(("accuracy", "macro_f1", "f1", "accuracy_f1"), 0.0)
    for case in range(400):
        size = int(rng.integers(1, 40))
        few = rng.integers(1, classes + 1)  # often only some of the labels occur
        gold, predicted = (rng.integers(0, few, size).tolist() for _ in range(2))
        if case % 4 == 0:
            predicted = [gold[0]] * size  # a constant prediction
        ours = score("f1", gold, predicted, lang="en", labels=labels)
        assert ours["accuracy"] == score("accuracy", gold, predicted, lang="en", labels=labels)["accuracy"]
        theirs = {"accuracy": accuracy_score(gold, predicted), "macro_f1": sklearn_f1(gold, predicted, average="macro")}
        if classes == 2:
            theirs["f1"] = sklearn_f1(gold, predicted, labels=[0, 1], average=None)[1]
            theirs["accuracy_f1"] = (theirs["accuracy"] + theirs["f1"]) / 2  # GLUE's definition for QQP and MRPC
        assert set(ours) == set(theirs)
        for name, value in theirs.items():
            largest[name] = max(largest[name], abs(ours[name] - value))
    assert largest["accuracy"] == 0
    assert max(largest.values()) <= ROUNDING


SCHEMES = {
    "iob2": ("O", "B-PER", "I-PER", "B-ORG", "I-ORG"),
    "iobes": ("O", "B-A", "I-A", "E-A", "S-A", "I-B", "E-B"),
    "upos": ("NOUN", "SCONJ", "SYM", "X", "INTJ", "PUNCT", "ADJ", "VERB"),
    "mixed": ("O", "B", "I", "B-", "I-", "B-A-b", "I-A-b", ".", "", "_")[:8],
}


def overlapping(rng, labels, size):
    """Return tags of one row in runs, so that predicted chunks overlap gold ones at either end."""
    row: list[int] = []
    while len(row) < size:
        row += [int(rng.integers(len(labels)))] * int(rng.integers(1, 4))
    return row[:size]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_entity_f1_on_300_cases_a_scheme(scheme):
    labels = SCHEMES[scheme]
    rng = np.random.default_rng(11)
    largest = dict.fromkeys(("f1", "precision", "recall"), 0.0)
    some = 0
    for case in range(300):
        sizes = rng.integers(1, 9, size=int(rng.integers(1, 5)))
        gold = [overlapping(rng, labels, int(size)) for size in sizes]
        predicted = [overlapping(rng, labels, int(size)) for size in sizes]
        if case % 3 == 0:  # move chunk borders by one word
            predicted = [[row[0], *row[:-1]] for row in gold]
        if case % 7 == 0:
            predicted = [[0] * len(row) for row in gold]
        ours = score("seqeval", gold, predicted, lang="en", labels=labels)
        named = [[[labels[tag] for tag in row] for row in rows] for rows in (gold, predicted)]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            theirs = {"f1": entity_f1(*named), "precision": entity_precision(*named), "recall": entity_recall(*named)}
        some += 0 < ours["f1"] < 1
        for name, value in theirs.items():
            largest[name] = max(largest[name], abs(ours[name] - value))
    assert some > 100
    assert largest["precision"] == largest["recall"] == 0
    assert largest["f1"] <= ROUNDING
