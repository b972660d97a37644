"""What may be wrong with a translation, looked at without a reference: one number per pair of texts for each fault.

Higher = more suspicious, in units of its own; what a value means is for :mod:`curation.translate.calibration`. NaN =
nothing can be said. ``length``, ``content``, ``gap`` and ``letters`` are relative to the other pairs of the table
(robust z-values, by length of the source), so that they fit any backend, domain and pair of languages.
"""

from __future__ import annotations

from collections import Counter
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from curation.language import identification, negation, numbers, scripts, words
from curation.translate import lexicon

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

Floats = NDArray[np.float64]
ENOUGH = 100
"""Distinct pairs from which on an estimate relative to the table is made."""


class Pairs:
    """Texts and their translations, with their words cut once."""

    def __init__(self, sources: Sequence[str], targets: Sequence[str], src: str, tgt: str) -> None:
        self.sources, self.targets, self.src, self.tgt = list(sources), list(targets), src, tgt

    def __len__(self) -> int:
        return len(self.sources)

    @cached_property
    def source_words(self) -> list[list[str]]:
        """The words of each source, lower case."""
        return [words.plain(text) for text in self.sources]

    @cached_property
    def target_words(self) -> list[list[str]]:
        """The words of each target, lower case."""
        return [words.plain(text) for text in self.targets]

    @cached_property
    def keys(self) -> list[str]:
        """What sorts the pairs whatever order they come in."""
        return [f"{a}\x1f{b}" for a, b in zip(self.sources, self.targets, strict=True)]

    @cached_property
    def length_class(self) -> NDArray[np.int64]:
        """The quantile class of each source's length: at most 8 classes of at least :data:`ENOUGH` pairs."""
        size = np.array([len(text) for text in self.sources])
        classes = max(1, min(8, len(size) // ENOUGH))
        return np.searchsorted(np.quantile(size, np.arange(1, classes) / classes), size, side="right")


def deviations(values: Floats, floor: float) -> Floats:
    """Return how many robust deviations (1.4826 MAD, at least ``floor``) each value is above the median."""
    distance = values - np.median(values)
    result: Floats = distance / max(floor, 1.4826 * float(np.median(np.abs(distance))))
    return result


def relative(pairs: Pairs, values: Floats, floor: float) -> Floats:
    """Return the :func:`deviations` of each value from those of its class of lengths."""
    if len(pairs) < ENOUGH:
        return np.full(len(values), np.nan)
    found = np.full(len(values), np.nan)
    for name in np.unique(pairs.length_class):
        mine = (pairs.length_class == name) & ~np.isnan(values)
        if mine.sum() < ENOUGH // 3:
            continue
        found[mine] = deviations(values[mine], floor)
    return found


def length(pairs: Pairs) -> Floats:
    """Return how unusual the ratio of lengths is, either way: dropped clauses are too short."""
    ratio = np.array([np.log((len(b) + 3) / (len(a) + 3)) for a, b in zip(pairs.sources, pairs.targets, strict=True)])
    return np.abs(relative(pairs, ratio, 0.05))


def number(pairs: Pairs) -> Floats:
    """Return how far the numbers of both texts are from agreeing; NaN where neither has any."""
    known = numbers.has_words(pairs.src) and numbers.has_words(pairs.tgt)
    a = [numbers.find(text, own, pairs.src) for text, own in zip(pairs.sources, pairs.source_words, strict=True)]
    b = [numbers.find(text, own, pairs.tgt) for text, own in zip(pairs.targets, pairs.target_words, strict=True)]
    return np.array([numbers.disagreement(x, y, known) for x, y in zip(a, b, strict=True)], dtype=np.float64)


def untranslated(pairs: Pairs) -> Floats:
    """Return the share of the target's words, numbers and names aside, that stand in the source; NaN below three words.

    A word is taken for a name when it is not at the beginning and has a capital.
    """
    found = np.full(len(pairs), np.nan)
    for i, (own, text, other) in enumerate(zip(pairs.target_words, pairs.targets, pairs.source_words, strict=True)):
        if len(own) < 3:
            continue
        known = set(other)
        same = sum(word in known and not word[0].isdigit() for word in own)
        if same:
            names = Counter(
                word.casefold() for part in text.split()[1:] if part[0].isupper() for word in words.plain(part)
            )
            names &= Counter(word for word in own if word in known)
            same -= sum(count for word, count in names.items() if not word[0].isdigit())
        found[i] = max(0, same) / len(own)
    return found


def repeated(own: Sequence[str]) -> float:
    """Return the share of words that continue a loop: they repeat what stood 1 to 6 words before, for a whole period.

    >>> repeated("a big dog a big dog ran".split()), repeated("the dog and the cat".split())
    (0.42857142857142855, 0.0)
    """
    looping = [False] * len(own)
    for period in range(1, 7):
        run = 0
        for i in range(period, len(own)):
            run = run + 1 if own[i] == own[i - period] else 0
            if run >= period:
                looping[i - period + 1 : i + 1] = [True] * period
    return sum(looping) / max(1, len(own))


def loops(pairs: Pairs) -> Floats:
    """Return the share of words in loops, less that of the source, plus how much more any one word recurs."""
    found = np.zeros(len(pairs))
    for i, (own, other) in enumerate(zip(pairs.target_words, pairs.source_words, strict=True)):
        if len(set(own)) < len(own):
            more = repeated(own) - (repeated(other) if len(set(other)) < len(other) else 0.0)
            found[i] = max(0.0, more)
    return found


def script(pairs: Pairs) -> Floats:
    """Return the share of letters in other scripts than those of the target language, names of the source left out."""
    if not scripts.of(pairs.tgt):
        return np.full(len(pairs), np.nan)
    found = np.full(len(pairs), np.nan)
    for i, (own, other) in enumerate(zip(pairs.target_words, pairs.source_words, strict=True)):
        names = set(other)
        found[i] = 1 - scripts.share("".join(word for word in own if word not in names), pairs.tgt)
    return found


def language(pairs: Pairs) -> Floats:
    """Return how much likelier another language is than the target's (:func:`identification.doubts`)."""
    return identification.doubts(pairs.targets, pairs.tgt)


def negated(pairs: Pairs) -> Floats:
    """Return how far both texts differ in whether they deny something, 0..1; NaN for a language without cues."""
    source = negation.denies(pairs.sources, pairs.source_words, pairs.src)
    return np.abs(source - negation.denies(pairs.targets, pairs.target_words, pairs.tgt))


def _coverage(pairs: Pairs) -> tuple[Floats, Floats]:
    """Return (content, gap): the worse of both directions of the lexicon, in robust deviations."""
    if len(pairs) < ENOUGH:
        return np.full(len(pairs), np.nan), np.full(len(pairs), np.nan)
    forth = lexicon.uncovered(lexicon.surprises(pairs.source_words, pairs.target_words, pairs.keys))
    back = lexicon.uncovered(lexicon.surprises(pairs.target_words, pairs.source_words, pairs.keys))
    content, gap = (np.fmax(relative(pairs, a, 0.1), relative(pairs, b, 0.1)) for a, b in zip(forth, back, strict=True))
    return content, gap


def letters(pairs: Pairs) -> Floats:
    """Return how unusual the letters of a target are among all: mean log probability of its trigrams, turned round.

    Learnt from the table itself: garbled text and another language stand out, with no list of languages.
    """
    distinct = sorted(set(pairs.targets))
    if len(distinct) < ENOUGH:
        return np.full(len(pairs), np.nan)
    texts = [f"\x02\x02{text.casefold()}\x03" for text in distinct]
    codes = np.frombuffer("".join(texts).encode("utf-32-le"), dtype=np.uint32).astype(np.uint64)
    ends = np.cumsum([len(text) for text in texts])
    owner = np.repeat(np.arange(len(texts)), np.diff(ends, prepend=0))
    inside = owner[:-2] == owner[2:]
    two = ((codes[:-2] * np.uint64(0x9E3779B1) + codes[1:-1]) * np.uint64(0x85EBCA6B)) % np.uint64(1 << 20)
    three = ((two * np.uint64(0xC2B2AE35)) + codes[2:] * np.uint64(0x27D4EB2F)) % np.uint64(1 << 22)
    two, three, owner = two[inside].astype(np.int64), three[inside].astype(np.int64), owner[:-2][inside]
    size = len(np.unique(codes))
    seen_two, seen_three = np.bincount(two, minlength=1 << 20), np.bincount(three, minlength=1 << 22)
    cost = -np.log(seen_three[three] / (seen_two[two] - 1 + size))  # its own occurrence taken out, add-one
    mean = np.bincount(owner, cost) / np.bincount(owner)
    value = dict(zip(distinct, mean.tolist(), strict=True))
    return relative(pairs, np.array([value[text] for text in pairs.targets]), 0.05)


_CLOSING = "\"'”’»)]』」）›"
_END = set(".!?…。！？।۔؟።׃")


def _closed(text: str) -> bool:
    return text.rstrip().rstrip(_CLOSING)[-1:] in _END


def ending(pairs: Pairs) -> Floats:
    """Return how odd a target ends: 2 for a missing full stop, and decades by which its last word is rarely a last one.

    The share of other distinct targets with that word which end in it, smoothed; counted for words that 30 of them
    hold. A sentence cut short stands out.
    """
    cut = np.array([_closed(a) and not _closed(b) for a, b in zip(pairs.sources, pairs.targets, strict=True)])
    distinct = dict(zip(pairs.targets, pairs.target_words, strict=True))
    holds = Counter(word for own in distinct.values() for word in set(own))
    ends = Counter(own[-1] for own in distinct.values() if own)
    rare = np.zeros(len(pairs))
    for i, own in enumerate(pairs.target_words):
        if own and holds[own[-1]] > 30 and not words.alone(own[-1]):
            rare[i] = -np.log10((ends[own[-1]] - 1 + 0.1) / (holds[own[-1]] - 1 + 0.1))
    return 2.0 * cut + np.maximum(0.0, rare - 1.0)


ESTIMATES: Mapping[str, Callable[[Pairs], Floats]] = {
    "length": length, "numbers": number, "untranslated": untranslated, "loops": loops, "script": script,
    "language": language, "negation": negated, "letters": letters, "ending": ending,
}  # fmt: skip
"""Name to estimate; ``content`` and ``gap`` come from one pass of the lexicon."""
NAMES = (*ESTIMATES, "content", "gap")


def estimate(pairs: Pairs) -> dict[str, Floats]:
    """Return every estimate, ``(n,)`` each; empty pairs (on both sides) are NaN in all of them."""
    found = {name: make(pairs) for name, make in ESTIMATES.items()}
    found["content"], found["gap"] = _coverage(pairs)
    nothing = np.array([not a.strip() and not b.strip() for a, b in zip(pairs.sources, pairs.targets, strict=True)])
    return {name: np.where(nothing, np.nan, values) for name, values in found.items()}
