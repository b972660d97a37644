"""Which words of a text have a counterpart in its translation, learnt from the table of translations itself.

IBM Model 1 (Brown et al. 1993, section 4.2), in arrays: no model file, any pair of languages, and the better the more
regular the translations are. A sentence is judged by a lexicon that it had no part in (two folds), and words seen
fewer than :data:`SEEN` times in the other fold are not judged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Sequence

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
SEEN = 4
"""Occurrences in the other fold from which on a word is judged."""
STEM = 6
"""Letters of a word that count: a plain stemmer that serves every language alike."""
ROUNDS = 4
BY_CHANCE = 0.1
"""Share of words that have no counterpart in a good translation."""
LEARN = 20_000
"""Sentences per fold that the lexicon is learnt from; the first in an order given by their text."""
LONGEST = 80
"""Words of a text that are looked at."""


def _numbered(texts: Sequence[Sequence[str]]) -> tuple[Ints, Ints]:
    """Return word numbers, ``(n, longest)`` with -1 beyond the end, and how often each word occurs."""
    names: dict[str, int] = {}
    width = min(LONGEST, max((len(words) for words in texts), default=1)) or 1
    found = np.full((len(texts), width), -1, dtype=np.int64)
    for i, words in enumerate(texts):
        own = [names.setdefault(word[:STEM], len(names)) for word in words[:width]]
        found[i, : len(own)] = own
    counts = np.bincount(found[found >= 0], minlength=len(names)).astype(np.int64)
    return found, counts


def _cells(source: Ints, target: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """Return, for every pair of a source word and a target word of one sentence: row, place, and both words.

    Each sentence has one more target word, number 0, that stands for none (the null word of the model).
    """
    null = np.concatenate([np.zeros((len(target), 1), dtype=np.int64), target + 1], axis=1)
    null[:, 1:][target < 0] = -1
    mask = (source >= 0)[:, :, None] & (null >= 0)[:, None, :]
    row, place, other = np.nonzero(mask)
    return row, place, source[row, place], null[row, other]


def _learn(source: Ints, target: Ints, size: int) -> tuple[Ints, Floats]:
    """Return the pairs of words seen together (``source * size + target``), sorted, and t(source | target) of each."""
    row, place, s, t = _cells(source, target)
    pairs, of = np.unique(s * size + t, return_inverse=True)
    given = pairs % size
    width = source.shape[1]
    slot = row * width + place
    prob = np.full(len(pairs), 1.0)
    for _ in range(ROUNDS):
        share = prob[of]
        share /= np.bincount(slot, share, minlength=len(source) * width)[slot]
        counts = np.bincount(of, share, minlength=len(pairs))
        prob = counts / np.bincount(given, counts, minlength=size)[given]
    return pairs, prob


def _surprise(source: Ints, target: Ints, pairs: Ints, prob: Floats, counts: Ints, size: int) -> Floats:
    """Return how little each source word gains by the target words, in nats, NaN where it is not judged.

    -log of the mean t(s | t) over what the word's own frequency says; a share :data:`BY_CHANCE` of words stands for
    nothing in the other text, which bounds what one missing word can cost.
    """
    found = np.full(source.shape, np.nan)
    usual = np.append(counts, 0) / max(1, int(counts.sum()))
    step = max(1, 4_000_000 // (source.shape[1] * (target.shape[1] + 1)))
    for low in range(0, len(source), step):
        part = slice(low, low + step)
        row, place, s, t = _cells(source[part], target[part])
        key = s * size + t
        at = np.minimum(np.searchsorted(pairs, key), len(pairs) - 1)
        value = np.where(pairs[at] == key, prob[at], 0.0)
        width = source.shape[1]
        total = np.bincount(row * width + place, value, minlength=len(source[part]) * width).reshape(-1, width)
        length = (target[part] >= 0).sum(axis=1)[:, None] + 1
        ratio = total / length / np.maximum(usual[source[part]], 1e-12)
        found[part] = -np.log((1 - BY_CHANCE) * ratio + BY_CHANCE)
    known = np.append(counts, 0)[source] >= SEEN
    found[~known] = np.nan
    return found


def surprises(sources: Sequence[Sequence[str]], targets: Sequence[Sequence[str]], keys: Sequence[str]) -> Floats:
    """Return how little each source word is accounted for by the target, ``(n, longest)``: nats above what is usual.

    0 is what the word usually costs; NaN for words too rare to say, and beyond the end. ``keys`` decide the fold (by
    their order when sorted), so that the result does not depend on the order of rows.
    """
    source, _ = _numbered(sources)
    target, _ = _numbered(targets)
    order = np.argsort(np.array(keys, dtype=object), kind="stable")
    fold = np.empty(len(order), dtype=np.int64)
    fold[order] = np.arange(len(order)) % 2
    size = int(target.max(initial=-1)) + 2
    found = np.full(source.shape, np.nan)
    words = int(source.max(initial=-1)) + 1
    for own in (0, 1):
        rest = order[fold[order] != own][:LEARN]
        mine = fold == own
        if not len(rest) or not mine.any() or not words:
            continue
        pairs, prob = _learn(source[rest], target[rest], size)
        learnt = source[rest]
        counts = np.bincount(learnt[learnt >= 0], minlength=words).astype(np.int64)
        found[mine] = _surprise(source[mine], target[mine], pairs, prob, counts, size)
    judged = ~np.isnan(found)
    of, cost = source[judged], found[judged]
    seen = np.bincount(of, minlength=words)
    usual = np.bincount(of, cost, minlength=words) / np.maximum(1, seen)
    found[judged] = cost - usual[of]
    return found


def uncovered(surprise: Floats) -> tuple[Floats, Floats]:
    """Return per text the mean surprise over its judged words, and the largest sum of one stretch of them.

    The mean says that two texts have little to do with each other; the stretch, that a part was left out. NaN where
    fewer than three words are judged.
    """
    judged = ~np.isnan(surprise)
    count = judged.sum(axis=1)
    values = np.where(judged, surprise, 0.0)
    mean = values.sum(axis=1) / np.sqrt(np.maximum(1, count))
    sums = np.cumsum(np.where(judged, values - 0.5, 0.0), axis=1)
    sums = np.concatenate([np.zeros((len(sums), 1)), sums], axis=1)
    stretch = (sums - np.minimum.accumulate(sums, axis=1)).max(axis=1)
    few = count < 3
    return np.where(few, np.nan, mean), np.where(few, np.nan, stretch)
