"""What is right elsewhere: where rows share choices, those that are right in one may be wrong in the others.

CommonsenseQA's questions were written in threes about the same three choices, each right once, and two more choices
came to each question later (Talmor et al. 2019). So a choice that other rows have too is more likely than one that none
has, and one that is right there is less likely. A probe judges every row alone and cannot know. Here the probe's
probabilities to a power are multiplied by what both facts are worth in other rows, a softmax over the row's choices.

What is not there is not found: each fact counts only where, beside those before it, it foretells labels that it was not
fitted on. Rows that share choices, directly or through others, are never both fitted on and judged.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from curation.language import words
from curation.score.labels import alike, held_out
from curation.search.components import components

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Floats = npt.NDArray[np.float64]

SHARED = 2
"""Choices that rows have in common before one says anything of the other."""
COMMON = 30
"""A choice of more rows than this (*yes*, *none of these*) makes them no kin."""
MOST = 3.0
"""Rows that count: more say the same again."""
PENALTY = 1.0
"""On the squares of the weights of the two facts."""
FOLDS = 5


@dataclass(frozen=True)
class Found:
    """Rows whose choices other rows share."""

    probabilities: dict[int, Floats]
    """Row to the probabilities ``(choices,)`` that each of its choices is right."""
    taken: dict[int, list[int]]
    """Row to those of its choices that are labelled right in other rows; empty where this says nothing."""
    shared: dict[int, list[int]]
    """Row to those of its choices that other rows have."""
    repeats: float
    """How many times as often a row's right choice is right in a row that shares its choices as any shared one is."""


def find(rows: Iterable[Mapping[str, Any]], probabilities: Sequence[npt.NDArray[Any]]) -> Found | None:
    """Return what rows that share choices say of each other; ``None`` where it is nothing that holds in other rows.

    Args:
        rows: with ``prompt``, ``choices`` and ``label`` (``None`` = none).
        probabilities: out-of-fold probabilities ``(choices,)`` of each row.
    """
    labels, facts, kin = _facts(rows)
    order = sorted(facts)
    if not order:
        return None
    family = _families(order, kin)
    every = Choices.of(
        [np.log(np.maximum(probabilities[i], 1e-6)) for i in order],
        [facts[i] for i in order],
        [labels[i] for i in order],
    )
    counted, read = 0, _read(every, family, 0)
    while counted < 2 and held_out.better(_gains(every, family, (more := _read(every, family, counted + 1)) - read)):
        counted, read = counted + 1, more
    if not counted:
        return None
    after = np.split(np.exp(read), every.starts[1:-1])
    judged = [i for i in order if labels[i] >= 0]
    own = np.mean([facts[i][labels[i], 1] > 0 for i in judged])
    any_ = np.concatenate([facts[i][facts[i][:, 0] > 0, 1] > 0 for i in judged]).mean()
    return Found(
        dict(zip(order, after, strict=True)),
        {i: np.flatnonzero(facts[i][:, 1]).tolist() for i in order} if counted == 2 else {},
        {i: np.flatnonzero(facts[i][:, 0]).tolist() for i in order},
        float(own / max(any_, 1e-9)),
    )


def _families(order: Sequence[int], kin: Mapping[int, Sequence[int]]) -> npt.NDArray[np.int64]:
    """Return a number per row of ``order``, equal for rows that are kin, also through others."""
    at = {row: place for place, row in enumerate(order)}
    ends = np.array([(at[i], at[j]) for i in order for j in kin[i]], np.int64)
    return components(len(order), ends[:, 0], ends[:, 1])


def _read(every: Choices, family: npt.NDArray[np.int64], count: int) -> Floats:
    """Return log probabilities ``(choices,)`` with the first ``count`` facts, fitted on other families."""
    fold = np.unique(family, return_inverse=True)[1] % FOLDS
    out = np.zeros(len(every.logs))
    for one in range(FOLDS):
        inside, outside = np.flatnonzero(fold == one), np.flatnonzero((fold != one) & (every.labels >= 0))
        if len(inside):
            weights = every.take(outside).fit(count) if len(outside) else np.array([1.0, 0.0, 0.0])
            where = np.concatenate([np.arange(every.starts[row], every.starts[row + 1]) for row in inside])
            out[where] = every.take(inside).log_probabilities(weights)
    return out


def _gains(every: Choices, family: npt.NDArray[np.int64], more: Floats) -> Floats:
    """Return by how much the labels of each family became likelier."""
    known = every.labels >= 0
    gains = np.bincount(family[known], more[(every.starts[:-1] + every.labels)[known]])
    return np.asarray(gains[np.unique(family[known])], np.float64)


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

    def fit(self, count: int) -> Floats:
        """Return the most likely weights of these rows, all labelled; those of facts after ``count`` are 0."""
        from scipy.optimize import minimize

        used = np.arange(3) <= count
        seen = np.concatenate([self.logs[:, None], self.facts], 1) * used
        chosen = self.starts[:-1] + self.labels
        penalty = np.array([0.0, PENALTY, PENALTY])

        def loss(weights: Floats) -> tuple[float, Floats]:
            logs = self.log_probabilities(weights * used)
            gradient = seen.T @ np.exp(logs) - seen[chosen].sum(0) + 2 * penalty * weights
            return float(-logs[chosen].sum() + (penalty * weights**2).sum()), gradient

        found: Floats = minimize(loss, np.array([1.0, 0.0, 0.0]), jac=True, method="L-BFGS-B").x
        return found * used


def _facts(
    rows: Iterable[Mapping[str, Any]],
) -> tuple[list[int], dict[int, Floats], dict[int, list[int]]]:
    """Return every row's label (-1 = none); two facts a choice of each row that has kin; and its kin.

    The facts, ``(choices, 2)``, are the number of kin that have the choice, and of those where it is labelled right.
    Kin are rows with :data:`SHARED` choices in common and another prompt, not the same misspelt.
    """
    labels, asked, said = [], [], []
    by_text: dict[str, list[int]] = defaultdict(list)
    for i, row in enumerate(rows):
        labels.append(-1 if row["label"] is None else int(row["label"]))
        asked.append(row["prompt"][: alike.BEGINNING])
        said.append([words.normal(choice) for choice in row["choices"]])
        for text in set(said[i]):
            by_text[text].append(i)
    some = {text: found for text, found in by_text.items() if text and 1 < len(found) <= COMMON}
    triples = lru_cache(10_000)(alike.triples)  # of all prompts they would fill the memory
    facts, kin = {}, {}
    for i, texts in enumerate(said):
        common = Counter(j for text in set(texts) for j in some.get(text, ()) if j != i)
        near = [j for j, count in common.items() if count >= SHARED]
        near = [j for j in near if not alike.alike(triples(asked[i]), triples(asked[j]))]
        if near:
            has = Counter(text for j in near for text in set(said[j]))
            right = Counter(said[j][labels[j]] for j in near if labels[j] >= 0)
            facts[i] = np.minimum(np.array([[has[text], right[text]] for text in texts], np.float64), MOST)
            kin[i] = near
    return labels, facts, kin
