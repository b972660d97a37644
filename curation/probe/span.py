"""Span: which word of the context begins the answer and which ends it, given the question.

Two softmaxes over the row's items: item 0 says *no answer*, item ``1 + w`` is word ``w`` of the context
(:func:`curation.language.words.split`). Features of a word: its vector, its product with the question's mean word
vector, and how well it and the words around it match words of the question.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from curation.language import words
from curation.probe import crossed
from curation.probe.problems import Choices
from curation.probe.solver import solve

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from curation.core.task import Task
    from curation.embed import Vectors
    from curation.embed.cache import Floats
    from curation.probe import Params

WINDOWS = (1, 3, 8, 20)
"""Words to each side over which question matches are averaged."""
LONGEST = 30
"""Words of a predicted answer at most, as in the SQuAD baselines."""
_STATISTICS = 3 + 2 + 2 * len(WINDOWS) + 5


def gold(row: Mapping[str, Any]) -> tuple[int, int]:
    """Return first and last item of the first gold answer: ``(0, 0)`` = unanswerable, ``(-1, -1)`` = unlabelled.

    >>> gold({"context": "A dog ran.", "answers": [{"text": "dog", "start": 2}]})
    (2, 2)
    """
    if row["answers"] is None:
        return -1, -1
    if not row["answers"]:
        return 0, 0
    answer = row["answers"][0]
    found = words.covered(words.places(row["context"]), answer["start"], answer["start"] + len(answer["text"]))
    return (-1, -1) if found is None else (found[0] + 1, found[1] + 1)


def best(probabilities: npt.NDArray[np.float32], excluding: tuple[int, int] | None = None) -> tuple[int, int, float]:
    """Return first item, last item and P(begin) x P(end) of the likeliest answer; ``(0, 0)`` = no answer.

    ``excluding`` names an answer (first and last item) that is not to be returned.

    >>> p = np.array([[0.1, 0.1], [0.7, 0.1], [0.2, 0.8]], np.float32)
    >>> best(p)[:2], best(p, excluding=(1, 2))[:2]
    ((1, 2), (2, 2))
    """
    begin, end = probabilities[:, 0].astype(np.float64), probabilities[:, 1].astype(np.float64)
    none = -1.0 if excluding == (0, 0) else float(begin[0] * end[0])
    if len(begin) == 1:
        return 0, 0, max(none, 0.0)
    padded = np.concatenate([end[1:], np.full(LONGEST - 1, -1.0)])
    spans = begin[1:, None] * np.lib.stride_tricks.sliding_window_view(padded, LONGEST)  # (word, further words)
    if excluding is not None and excluding[0] > 0 and excluding[1] - excluding[0] < LONGEST:
        spans[excluding[0] - 1, excluding[1] - excluding[0]] = -1.0
    word, further = np.unravel_index(int(spans.argmax()), spans.shape)
    found = float(spans[word, further])
    return (int(word) + 1, int(word + further) + 1, max(found, 0.0)) if found > none else (0, 0, max(none, 0.0))


def _statistics(row: Mapping[str, Any], context: Floats, question: Floats) -> npt.NDArray[np.float32]:
    """Return ``(words + 1, _STATISTICS)``: the no-answer item first."""
    text = words.split(row["context"])
    out = np.zeros((len(text) + 1, _STATISTICS), np.float32)
    out[0, 0] = 1.0
    if not text or not len(question):
        return out
    similarity = context.astype(np.float32) @ question.astype(np.float32).T
    best = similarity.max(1)
    asked = {word.casefold() for word in words.split(row["question"])}
    same = np.array([word.casefold() in asked for word in text], np.float32)
    out[0, 1:3] = best.max(), similarity.max(0).mean()
    around = [_around(values, width) for width in WINDOWS for values in (best, same)]
    shape = [[word[:1].isupper(), any(map(str.isdigit, word)), not any(map(str.isalnum, word))] for word in text]
    place = np.arange(len(text)) / len(text)
    out[1:, 3:] = np.column_stack([best, similarity.mean(1), *around, same, place, np.array(shape, np.float32)])
    return out


def _around(values: Floats, width: int) -> Floats:
    """Return the sum of ``values`` over ``width`` neighbours to each side.

    >>> _around(np.array([1.0, 0.0, 2.0, 0.0]), 1).tolist()
    [1.0, 3.0, 2.0, 2.0]
    """
    total = np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])
    here = np.arange(len(values))
    sums: Floats = total[np.minimum(here + width + 1, len(values))] - total[np.maximum(here - width, 0)]
    return sums


def predict(
    task: Task,
    rows: Sequence[Mapping[str, Any]],
    vectors: Vectors,
    fold: npt.NDArray[np.int8],
    settings: Params,
    seed: int,
) -> list[npt.NDArray[np.float32]]:
    """Return per row ``(1 + words, 2)``: out-of-fold probability that the answer begins, and ends, at each item."""
    contexts, questions = vectors.words["context"], vectors.words["question"]
    order = crossed.together(contexts)
    entry = np.asarray(contexts.entry)[order]
    offsets = np.concatenate([[0], np.cumsum(contexts.offsets[entry + 1] - contexts.offsets[entry] + 1)])
    asked = np.stack([_mean(questions[i]) for i in order])
    numbers = np.empty((int(offsets[-1]), _STATISTICS), np.float32)
    labels = np.empty((len(order), 2), np.int64)
    places = np.argsort(order).tolist()
    for i, (row, at) in enumerate(zip(rows, places, strict=True)):
        numbers[offsets[at] : offsets[at + 1]] = _statistics(row, contexts[i], questions[i])
        labels[at] = gold(row)
    problem = Choices(offsets, labels, fold[order], settings.folds)
    design = crossed.Crossed(contexts, entry, asked, numbers, offsets)
    found = np.split(np.concatenate(solve(problem, design, settings.regularisation, "probe")), offsets[1:-1])
    return [found[at] for at in places]


def _mean(vectors: Floats) -> npt.NDArray[np.float32]:
    if not len(vectors):
        return np.zeros(vectors.shape[1], np.float32)
    total = vectors.astype(np.float32).mean(0)
    return np.asarray(total / max(float(np.linalg.norm(total)), 1e-6), np.float32)
