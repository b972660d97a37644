"""What is right elsewhere: where rows share choices, those that are right in one may be wrong in the others.

CommonsenseQA's questions were written in threes about the same three choices, each right once, and two more choices
came to each question later (Talmor et al. 2019). So a choice that other rows have too is more likely than one that none
has, and one that is right there is less likely. A probe judges every row alone and cannot know. Here the probe's
probabilities to a power are multiplied by what both facts are worth in other folds, a softmax over the row's choices.

What is not there is not found: this counts only where it foretells labels of folds it was not fitted on better than the
power alone does.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from curation.language import words
from curation.score.labels import alike, held_out

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Floats = npt.NDArray[np.float64]

SHARED = 2
"""Choices that rows have in common before one says anything of the other."""
COMMON = 100
"""A choice of more rows than this (*yes*, *none of these*) makes them no kin."""
MOST = 3.0
"""Rows that count: more say the same again."""
PENALTY = 1.0
"""On the squares of the weights of the two facts."""


@dataclass(frozen=True)
class Found:
    """Rows whose choices other rows share."""

    probabilities: dict[int, Floats]
    """Row to the probabilities ``(choices,)`` that each of its choices is right."""
    taken: dict[int, list[int]]
    """Row to those of its choices that are labelled right in other rows."""
    repeats: float
    """How often a row's label is right in a row that shares its choices too, over how often any shared choice is."""


def find(
    rows: Iterable[Mapping[str, Any]], probabilities: Sequence[npt.NDArray[Any]], fold: npt.NDArray[np.int8]
) -> Found | None:
    """Return what rows that share choices say of each other; ``None`` where it is nothing that holds in other folds.

    Args:
        rows: with ``choices`` and ``label`` (``None`` = none).
        probabilities: out-of-fold probabilities ``(choices,)`` of each row.
        fold: of every row ``(n,)``.
    """
    labels, facts = _facts(rows)
    order = sorted(facts)
    if not order:
        return None
    where = np.asarray(fold)[order]
    every = Choices.of(
        [np.log(np.maximum(probabilities[i], 1e-6)) for i in order],
        [facts[i] for i in order],
        [labels[i] for i in order],
    )
    after: dict[int, Floats] = {}
    gains = []
    for one in np.unique(where):
        inside, outside = np.flatnonzero(where == one), np.flatnonzero((where != one) & (every.labels >= 0))
        if not len(outside):
            continue
        learnt, held = every.take(outside), every.take(inside)
        with_facts, without = (held.log_probabilities(learnt.fit(facts=used)) for used in (True, False))
        picked = held.starts[:-1] + np.maximum(held.labels, 0)
        gains.append((with_facts - without)[picked][held.labels >= 0])
        after.update(zip((order[at] for at in inside), np.split(np.exp(with_facts), held.starts[1:-1]), strict=True))
    if not held_out.better(np.concatenate(gains) if gains else np.zeros(0)):
        return None
    taken = {i: np.flatnonzero(facts[i][:, 1]).tolist() for i in order}
    judged = [i for i in order if labels[i] >= 0]
    own = np.mean([facts[i][labels[i], 1] > 0 for i in judged])
    shared = np.concatenate([facts[i][facts[i][:, 0] > 0, 1] > 0 for i in judged]).mean()
    return Found(after, taken, float(own / max(shared, 1e-9)))


@dataclass(frozen=True)
class Choices:
    """The choices of some rows, one after the other."""

    logs: Floats
    """Of the probe's probabilities ``(choices,)``."""
    facts: Floats
    """``(choices, 2)``; see :func:`_facts`."""
    starts: npt.NDArray[np.int64]
    """Where each row begins, and the end."""
    labels: npt.NDArray[np.int64]
    """The label of each row, -1 = none."""

    @classmethod
    def of(cls, logs: Sequence[Floats], facts: Sequence[Floats], labels: Sequence[int]) -> Choices:
        """Return the choices of rows with these log probabilities, facts and labels."""
        starts = np.concatenate([[0], np.cumsum([len(one) for one in logs])]).astype(np.int64)
        return cls(np.concatenate(logs), np.concatenate(facts), starts, np.array(labels, np.int64))

    def take(self, rows: npt.NDArray[np.int64]) -> Choices:
        """Return the choices of ``rows`` only."""
        parts = [slice(self.starts[row], self.starts[row + 1]) for row in rows]
        return Choices.of([self.logs[p] for p in parts], [self.facts[p] for p in parts], self.labels[rows].tolist())

    def log_probabilities(self, weights: Floats) -> Floats:
        """Return log probabilities ``(choices,)`` under ``weights``: the power, and one for each fact."""
        logits = self.logs * weights[0] + self.facts @ weights[1:]
        counts = np.diff(self.starts)
        logits = logits - np.repeat(np.maximum.reduceat(logits, self.starts[:-1]), counts)
        found: Floats = logits - np.repeat(np.log(np.add.reduceat(np.exp(logits), self.starts[:-1])), counts)
        return found

    def fit(self, *, facts: bool) -> Floats:
        """Return the most likely weights of these rows, all labelled; those of the facts are 0 unless ``facts``."""
        from scipy.optimize import minimize

        seen = np.concatenate([self.logs[:, None], self.facts * facts], 1)
        chosen = self.starts[:-1] + self.labels
        penalty = np.array([0.0, PENALTY, PENALTY])

        def loss(weights: Floats) -> tuple[float, Floats]:
            logs = self.log_probabilities(weights if facts else weights * [1, 0, 0])
            gradient = seen.T @ np.exp(logs) - seen[chosen].sum(0) + 2 * penalty * weights
            return float(-logs[chosen].sum() + (penalty * weights**2).sum()), gradient

        found: Floats = minimize(loss, np.array([1.0, 0.0, 0.0]), jac=True, method="L-BFGS-B").x
        return found if facts else found * [1, 0, 0]


def _facts(rows: Iterable[Mapping[str, Any]]) -> tuple[list[int], dict[int, Floats]]:
    """Return every row's label (-1 = none), and two facts a choice of each row that has kin, ``(choices, 2)``.

    They are the number of kin that have the choice, and of those where it is labelled right. Kin are rows with
    :data:`SHARED` choices in common and another prompt, not the same misspelt.
    """
    labels, asked, said = [], [], []
    by_text: dict[str, list[int]] = defaultdict(list)
    for i, row in enumerate(rows):
        labels.append(-1 if row["label"] is None else int(row["label"]))
        asked.append(alike.triples(words.normal(row["prompt"])))
        said.append([words.normal(choice) for choice in row["choices"]])
        for text in set(said[i]):
            by_text[text].append(i)
    some = {text: found for text, found in by_text.items() if text and 1 < len(found) <= COMMON}
    facts = {}
    for i, texts in enumerate(said):
        common = Counter(j for text in set(texts) for j in some.get(text, ()) if j != i)
        kin = [j for j, count in common.items() if count >= SHARED and not alike.alike(asked[i], asked[j])]
        if not kin:
            continue
        has = [sum(text in said[j] for j in kin) for text in texts]
        right = [sum(labels[j] >= 0 and said[j][labels[j]] == text for j in kin) for text in texts]
        facts[i] = np.minimum(np.array([has, right], np.float64).T, MOST)
    return labels, facts
