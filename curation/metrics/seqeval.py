"""Entity F1 and token accuracy of tags: the micro and macro F1 of seqeval's default (lenient) mode.

Source: seqeval 1.2.2, ``get_entities`` and ``f1_score``. A label is read as its first character (B, I, E, S, O) and a
type (what follows the first ``-`` after it). Labels without such prefixes (universal POS) are read the same way: equal
neighbouring tags merge into one chunk, except tags that start with S or B, which never merge. XTREME calls that
number accuracy; it is an F1, so token accuracy is given beside it.

One oddity is kept, to give seqeval's number exactly: a one-letter tag (universal POS ``X``) at the start of a row
opens no chunk; its chunk seems to begin where the last chunk of the rows before began. The count of such a row
thus depends, very slightly, on the order of the rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from curation.core.errors import CairnError
from curation.metrics import Floats, check_lengths, ratio

if TYPE_CHECKING:
    from collections.abc import Sequence

KINDS = ("tags",)
PRIMARY = "f1"

_Ints = NDArray[np.int64]


def statistics(
    gold: Sequence[Sequence[int]], predicted: Sequence[Sequence[int]], *, lang: str, labels: Sequence[str]
) -> Floats:
    """Return ``(n, 3 * types + 2)``: per type chunks that match, predicted and gold; then right tokens, tokens.

    Raises :class:`CairnError` when a row has not one predicted tag per token, or for a tag index out of range.

    >>> statistics([[1, 2, 0, 1]], [[1, 2, 0, 0]], lang="en", labels=("O", "B-PER", "I-PER")).tolist()
    [[1.0, 1.0, 2.0, 3.0, 4.0]]
    """
    check_lengths(gold, predicted, "seqeval")
    lengths = np.asarray([len(row) for row in gold], dtype=np.int64)
    for number, (true, guess) in enumerate(zip(gold, predicted, strict=True)):
        if len(true) != len(guess):
            raise CairnError(f"metric seqeval: row {number} has {len(true)} tokens but {len(guess)} predicted tags.")
    rows = np.repeat(np.arange(len(gold)), lengths + 1)
    true_tags, guessed_tags = _flat(gold, len(labels)), _flat(predicted, len(labels))
    true_end, true_begin, true_type = _chunks(true_tags, labels)
    end, begin, type_ = _chunks(guessed_tags, labels)
    token = true_tags < len(labels)
    match = true_end & end & (true_begin == begin) & (true_type == type_)
    columns = []
    for number in _types(labels).values():
        columns += [match & (type_ == number), end & (type_ == number), true_end & (true_type == number)]
    columns += [token & (true_tags == guessed_tags), token]
    return np.column_stack([np.bincount(rows[column], minlength=len(gold)) for column in columns]).astype(np.float64)


def values(total: Floats, labels: Sequence[str]) -> dict[str, Any]:
    """Return ``f1``, ``precision``, ``recall`` of chunks, ``macro_f1`` and ``token_accuracy`` from the sums.

    ``macro_f1`` is the mean of F1 over the types that occur in gold or prediction.
    """
    by_type = total[..., :-2].reshape(*total.shape[:-1], (total.shape[-1] - 2) // 3, 3)
    match, guess, true = np.moveaxis(by_type, -1, 0)
    f1 = ratio(2 * match, guess + true)
    right, tokens = total[..., -2], total[..., -1]
    sums = [one.sum(axis=-1) for one in (match, guess, true)]
    return {
        "f1": ratio(2 * sums[0], sums[1] + sums[2]),
        "precision": ratio(sums[0], sums[1]),
        "recall": ratio(sums[0], sums[2]),
        "macro_f1": ratio(np.sum(f1, axis=-1), (guess + true > 0).sum(axis=-1)),
        "token_accuracy": ratio(right, tokens),
    }


def _types(labels: Sequence[str]) -> dict[str, int]:
    """Return the types of ``labels`` that a chunk can have, and their numbers."""
    names = [label for label in labels if label[0] not in ("O", ".")]
    return {_type(name): _numbers(labels)[_type(name)] for name in names}


def _type(label: str) -> str:
    return label[1:].split("-", 1)[-1] or "_"


def _numbers(labels: Sequence[str]) -> dict[str, int]:
    return {name: number for number, name in enumerate(dict.fromkeys(map(_type, [*labels, "O"])))}


def _flat(sequences: Sequence[Sequence[int]], outside: int) -> _Ints:
    """Return all tags in one array, with the index ``outside`` (one past the labels) after every row."""
    for wrong in (tag for row in sequences for tag in row if not 0 <= tag < outside):
        raise CairnError(f"metric seqeval: tag index {wrong} is out of range, allowed 0..{outside - 1}.")
    return np.asarray([tag for row in sequences for tag in (*row, outside)], dtype=np.int64)


def _chunks(tags: _Ints, labels: Sequence[str]) -> tuple[NDArray[np.bool_], _Ints, _Ints]:
    """Return, per position: does a chunk end here, where did it begin, and which type is it."""
    names = [*labels, "O"]
    numbers = _numbers(labels)
    letter = np.asarray([name[0] for name in names])[tags]
    kind = np.asarray([numbers[_type(name)] for name in names], dtype=np.int64)[tags]
    before, kind_before = np.r_[["O"], letter][:-1], np.r_[[-1], kind][:-1]

    changed = kind != kind_before
    starts = (
        np.isin(letter, ["B", "S"])
        | (np.isin(before, ["E", "S", "O"]) & np.isin(letter, ["E", "I"]))
        | (~np.isin(letter, ["O", "."]) & changed)
    )
    ends_before = (
        np.isin(before, ["E", "S"])
        | (np.isin(before, ["B", "I"]) & np.isin(letter, ["B", "S", "O"]))
        | (~np.isin(before, ["O", "."]) & changed)
    )
    begin = np.maximum.accumulate(np.where(starts, np.arange(len(tags)), 0)) if len(tags) else tags
    return np.r_[ends_before, [False]][1:], begin, kind
