"""Our entity F1 against seqeval 1.2.2 itself, in IOB2, IOBES and universal POS, random and adversarial."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from seqeval.metrics import accuracy_score, f1_score, precision_score, recall_score

from curation.core.errors import CairnError
from curation.metrics import score, seqeval

IOB2 = ("O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC")
IOBES = ("O", "B-A", "I-A", "E-A", "S-A", "B-B-x", "I-B-x", "E-B-x", "S-B-x", "I-", "B")
UPOS = (
    "ADJ",
    "ADP",
    "ADV",
    "AUX",
    "CCONJ",
    "DET",
    "INTJ",
    "NOUN",
    "NUM",
    "PART",
    "PRON",
    "PROPN",
    "PUNCT",
    "SCONJ",
    "SYM",
    "VERB",
    "X",
)
CCG = ("N", "NP", "S\\NP", "(S[dcl]\\NP)/NP", "N/N", ".", ",", "conj", "B-N", "I-N", "O")
SCHEMES = {"iob2": IOB2, "iobes": IOBES, "upos": UPOS, "ccg": CCG}


def names(rows, labels):
    return [[labels[tag] for tag in row] for row in rows]


def oracle(gold, predicted, labels):
    true, guess = names(gold, labels), names(predicted, labels)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return {
            "f1": f1_score(true, guess),
            "precision": precision_score(true, guess),
            "recall": recall_score(true, guess),
            "macro_f1": np.nan_to_num(f1_score(true, guess, average="macro")),  # NaN without any chunk
            "token_accuracy": accuracy_score(true, guess),
        }


def random_rows(rng, labels, noise):
    """Return gold rows with long runs, and predictions that differ in a share ``noise`` of the tags."""
    gold = []
    for length in rng.integers(1, 12, size=rng.integers(1, 6)):
        tags = rng.integers(0, len(labels), size=length)
        repeat = rng.random(length) < 0.5
        for place in range(1, length):
            if repeat[place]:
                tags[place] = tags[place - 1]
        gold.append(tags.tolist())
    predicted = [[int(rng.integers(len(labels))) if rng.random() < noise else tag for tag in row] for row in gold]
    return gold, predicted


@pytest.mark.parametrize("scheme", SCHEMES)
def test_equals_seqeval_on_random_rows(scheme):
    labels = SCHEMES[scheme]
    rng = np.random.default_rng(5)
    cases = 0
    for noise in (0.0, 0.1, 0.3, 0.6, 1.0):
        for _ in range(50):
            gold, predicted = random_rows(rng, labels, noise)
            ours = score("seqeval", gold, predicted, lang="en", labels=labels)
            assert ours == pytest.approx(oracle(gold, predicted, labels), abs=1e-12), (gold, predicted)
            cases += 1
    assert cases == 250


ADVERSARIAL = [
    (IOB2, [[1, 1, 2, 2]], [[1, 2, 2, 2]]),  # neighbours of one type
    (IOB2, [[1, 2, 4, 4]], [[1, 2, 3, 4]]),  # I- of another type opens a chunk
    (IOB2, [[2, 2, 0]], [[1, 2, 0]]),  # I- without B-
    (IOB2, [[0, 0]], [[0, 0]]),  # nothing at all: F1 is 0 by definition
    (IOB2, [[0, 1]], [[0, 0]]),  # no prediction
    (IOB2, [[0, 0]], [[0, 1]]),  # no gold
    (IOB2, [[1], [2]], [[1], [2]]),  # a chunk does not cross rows
    (IOB2, [[1, 2], [2, 2]], [[1, 2], [1, 2]]),
    (UPOS, [[7, 7, 13, 13, 14, 14]], [[7, 7, 13, 13, 14, 14]]),  # NOUN NOUN is 1, SCONJ SCONJ is 2
    (UPOS, [[7, 0], [16, 16]], [[0, 7], [16, 16]]),  # X opens a row: the chunk start is stale
    (UPOS, [[16]], [[16]]),
    (UPOS, [[7, 16, 7]], [[7, 16, 16]]),
    (UPOS, [[6, 6, 1]], [[6, 1, 1]]),  # INTJ starts with I
]


@pytest.mark.parametrize(("labels", "gold", "predicted"), ADVERSARIAL)
def test_equals_seqeval_on_adversarial_rows(labels, gold, predicted):
    expected = oracle(gold, predicted, labels)
    assert score("seqeval", gold, predicted, lang="en", labels=labels) == pytest.approx(expected, abs=1e-12)


def test_pos_tags_merge_except_those_in_s():
    rows = seqeval.statistics([[7, 7], [13, 13]], [[7, 7], [13, 13]], lang="en", labels=UPOS)
    assert rows[:, :-2].reshape(2, -1, 3)[:, :, 2].sum(axis=1).tolist() == [1, 2]
    assert rows[:, -1].tolist() == [2, 2]


row_pairs = st.lists(
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=8), min_size=1, max_size=8
)


@given(row_pairs, st.randoms())
def test_f1_is_symmetric_bounded_and_the_same_in_any_order(rows, random):
    gold, predicted = [[g for g, _ in row] for row in rows], [[p for _, p in row] for row in rows]
    found = score("seqeval", gold, predicted, lang="en", labels=IOB2)
    turned = score("seqeval", predicted, gold, lang="en", labels=IOB2)
    assert all(0 <= value <= 1 for value in found.values())
    assert found["f1"] == turned["f1"]
    assert found["precision"] == turned["recall"]
    order = list(range(len(rows)))
    random.shuffle(order)
    again = score("seqeval", [gold[i] for i in order], [predicted[i] for i in order], lang="en", labels=IOB2)
    assert again == found


@given(row_pairs)
def test_perfect_prediction_scores_one_when_there_is_an_entity(rows):
    gold = [[g for g, _ in row] for row in rows]
    found = score("seqeval", gold, gold, lang="en", labels=IOB2)
    assert found["token_accuracy"] == 1
    assert found["f1"] == (1 if any(tag for row in gold for tag in row) else 0)


def test_empty_rows_and_wrong_input():
    empty = seqeval.statistics([[], [1]], [[], [1]], lang="en", labels=IOB2)
    assert empty.tolist() == [[0] * 11, [1, 1, 1, *[0] * 6, 1, 1]]
    assert seqeval.statistics([], [], lang="en", labels=IOB2).shape == (0, 11)
    assert seqeval.values(np.zeros(2), ())["macro_f1"] == 0
    with pytest.raises(CairnError, match="row 1 has 2 tokens but 1 predicted"):
        seqeval.statistics([[0], [0, 1]], [[0], [0]], lang="en", labels=IOB2)
    with pytest.raises(CairnError, match=r"tag index 7 is out of range, allowed 0\.\.6"):
        seqeval.statistics([[7]], [[0]], lang="en", labels=IOB2)
    with pytest.raises(CairnError, match="tag index -1"):
        seqeval.statistics([[0]], [[-1]], lang="en", labels=IOB2)
