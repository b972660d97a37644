"""cleanlab's own scores on the same out-of-fold probabilities, with its defaults: what Cairn is set beside."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from curation.probe import span

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from curation.core.task import Task

Floats = npt.NDArray[np.float64]


def cleanlab(task: Task, rows: Sequence[Mapping[str, Any]], probabilities: Sequence[npt.NDArray[np.float32]]) -> Floats:
    """Return cleanlab's label quality of each row, 0..1, 1 = good; NaN where there is no label.

    One label a row: ``cleanlab.rank``; a choice, too, among rows of as many choices; ``tags``:
    ``cleanlab.token_classification``. A ``span`` is no task of cleanlab: its first and its last word are taken as two
    classifications, of which the worse counts, as with the words of a sentence.
    """
    from cleanlab.rank import get_label_quality_scores
    from cleanlab.token_classification.rank import get_label_quality_scores as of_words

    out = np.full(len(rows), np.nan)
    if task.kind == "tags":
        judged = [i for i, row in enumerate(rows) if row["tags"]]
        by_word = [_scaled(probabilities[i]) for i in judged]
        out[judged] = of_words([list(rows[i]["tags"]) for i in judged], by_word)[0]
        return out
    if task.kind == "span":
        for i, row in enumerate(rows):
            first, last = span.gold(row)
            if first >= 0:
                out[i] = min(probabilities[i][first, 0], probabilities[i][last, 1])
        return out
    by_count = defaultdict(list)
    for i, row in enumerate(rows):
        if row["label"] is not None:
            by_count[len(probabilities[i])].append(i)
    for judged in by_count.values():
        scaled = _scaled(np.stack([probabilities[i] for i in judged]))
        out[judged] = get_label_quality_scores(np.array([rows[i]["label"] for i in judged]), scaled)
    return out


def _scaled(probabilities: npt.NDArray[np.float32]) -> Floats:
    found = np.asarray(probabilities, np.float64)
    scaled: Floats = found / found.sum(1, keepdims=True)
    return scaled
