"""Quality estimates of translations without references: cheap, offline, for every segment, 0..1 and 1 = nothing wrong.

Each estimate looks at one way in which machine translation fails. Two of them, ``length`` and ``fluency``, are relative
to the other translations of the same table: robust z-values, so that no language pair needs a constant of its own.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from curation.language import scripts
from curation.language.words import alone, plain
from curation.translate.languages import FREQUENT, NUMBER_WORDS, numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

Scores = NDArray[np.float64]
ESTIMATES = ("length", "numbers", "copied", "repetition", "script", "language", "fluency", "ending")
ENOUGH = 100
"""Distinct segments from which on ``length`` and ``fluency`` are estimated; with fewer they are NaN."""


def ramp(value: Scores, good: float, bad: float) -> Scores:
    """Return 1 where ``value`` is at or beyond ``good``, 0 at or beyond ``bad``, and a straight line between.

    >>> ramp(np.array([0.0, 4.0, 9.0]), good=3, bad=5).tolist()
    [1.0, 0.5, 0.0]
    """
    return np.clip((value - bad) / (good - bad), 0.0, 1.0)


def robust_z(values: Scores, floor: float) -> Scores:
    """Return how many robust standard deviations (1.4826 MAD, at least ``floor``) each value is from the median."""
    centre = np.nanmedian(values)
    spread = max(floor, 1.4826 * float(np.nanmedian(np.abs(values - centre))))
    return np.asarray((values - centre) / spread, dtype=np.float64)


def length(sources: Sequence[str], targets: Sequence[str]) -> Scores:
    """Return how usual the ratio of lengths is among pairs as long: 1 within 2.5 robust deviations, 0 at 5.

    A dropped clause is too short, an invented one too long. Logarithmic ratios of characters, 3 added on both sides;
    median and deviation are those of the pairs of similar source length, since short segments vary more.
    """
    if len(set(zip(sources, targets, strict=True))) < ENOUGH:
        return np.full(len(sources), np.nan)
    size = np.array([len(source) for source in sources])
    ratio = np.log(np.array([len(target) + 3 for target in targets]) / (size + 3))
    classes = max(1, min(8, len(sources) // ENOUGH))
    group = np.searchsorted(np.quantile(size, np.arange(1, classes) / classes), size, side="right")
    found = np.empty(len(sources))
    for name in np.unique(group):
        found[group == name] = robust_z(ratio[group == name], 0.05)
    return ramp(np.abs(found), good=2.5, bad=5.0)


def number_agreement(sources: Sequence[str], targets: Sequence[str], src: str, tgt: str) -> Scores:
    """Return the share of agreeing numbers on both sides, as multisets; NaN where neither side has any.

    Number words count where both languages are in the table. A number on one side only weighs 1 of both sides' total
    in digits and half that as a word (*both* may well become *the two*); one in another's place weighs 3 (1 of 2
    replaced scores 0.25): *two* is never *four*.

    >>> number_agreement(["3 dogs, two cats", "A dog"], ["3 Hunde, vier Katzen", "Ein Hund"], "en", "de").tolist()
    [0.25, nan]
    """
    words = src in NUMBER_WORDS and tgt in NUMBER_WORDS
    found = []
    for source, target in zip(sources, targets, strict=True):
        a, b = Counter(numbers(source, src, words)), Counter(numbers(target, tgt, words))
        left, right = (a - b).total(), (b - a).total()
        digits = (Counter(numbers(source, src, False)) - b).total() + (Counter(numbers(target, tgt, False)) - a).total()
        wrong = max(3.0 * min(left, right) + 0.5 * abs(left - right), digits if words else 0)
        total = a.total() + b.total()
        found.append(max(0.0, 1 - wrong / total) if total else np.nan)
    return np.array(found, dtype=np.float64)


def copied(sources: Sequence[str], targets: Sequence[str]) -> Scores:
    """Return 1 unless much was left as it was: the share of target words found in the source; 1 to 0.4, 0 from 0.9.

    NaN below three words: a name or number alone is rightly the same.

    >>> copied(["The dog sees a cat"], ["The dog sees a cat"]).tolist()
    [0.0]
    """
    found = []
    for source, target in zip(sources, targets, strict=True):
        known = set(plain(source))
        words = [word for word in plain(target) if not word.isdigit()]
        found.append(sum(word in known for word in words) / len(words) if len(words) >= 3 else np.nan)
    return ramp(np.array(found, dtype=np.float64), good=0.4, bad=0.9)


def repeated(words: Sequence[str]) -> float:
    """Return the share of words that continue a loop: they repeat what stood 1 to 6 words before, for a whole period.

    >>> repeated("a big dog a big dog ran".split()), repeated("the dog and the cat".split())
    (0.42857142857142855, 0.0)
    """
    looping = [False] * len(words)
    for period in range(1, 7):
        run = 0
        for i in range(period, len(words)):
            run = run + 1 if words[i] == words[i - period] else 0
            if run >= period:
                looping[i - period + 1 : i + 1] = [True] * period
    return sum(looping) / max(1, len(words))


def repetition(sources: Sequence[str], targets: Sequence[str]) -> Scores:
    """Return 1 unless the target loops more than its source: 0 when it does so for a third of its words more."""
    pairs = zip(sources, targets, strict=True)
    more = [repeated(plain(target)) - repeated(plain(source)) for source, target in pairs]
    return ramp(np.array(more, dtype=np.float64), good=0.02, bad=0.34)


def script(sources: Sequence[str], targets: Sequence[str], tgt: str) -> Scores:
    """Return the share of letters in the script of ``tgt``, full marks from 0.8 on; NaN for an unlisted language.

    Words that stand in the source as well (names) are left out.
    """
    shares = []
    for source, target in zip(sources, targets, strict=True):
        names = set(plain(source))
        shares.append(scripts.share(" ".join(word for word in plain(target) if word not in names), tgt))
    return ramp(np.array(shares, dtype=np.float64), good=0.8, bad=0.2)


def language(targets: Sequence[str], tgt: str) -> Scores:
    """Return frequent words of ``tgt`` against those of the best other language: 1 = as many or more, 0 = none of them.

    NaN where ``tgt`` is not in the table or fewer than two frequent words of any language stand in the segment.
    """
    found = []
    for target in targets if tgt in FREQUENT else ():
        words = Counter(plain(target))
        hits = {lang: sum(words[word] for word in frequent) for lang, frequent in FREQUENT.items()}
        best = max(hits.values())
        found.append(hits[tgt] / best if best >= 2 else np.nan)
    return np.array(found, dtype=np.float64) if tgt in FREQUENT else np.full(len(targets), np.nan)


def fluency(targets: Sequence[str]) -> Scores:
    """Return how usual a segment's letters are among all: 1 to 3 robust deviations below the median, 0 at 7.

    Mean log probability of its character trigrams under the other distinct segments (its own counts taken out, add-one
    smoothing). Another language and garbled text stand out, with no list of languages; that everything is in the wrong
    language does not: for that there is ``language``.
    """
    distinct = sorted(set(targets))
    if len(distinct) < ENOUGH:
        return np.full(len(targets), np.nan)
    pieces = {text: Counter(_trigrams(text)) for text in distinct}
    three: Counter[str] = Counter()
    for counts in pieces.values():
        three.update(counts)
    two: Counter[str] = Counter()
    for piece, count in three.items():
        two[piece[:2]] += count
    size = len({piece[2] for piece in three})
    mean = {}
    for text, counts in pieces.items():
        own: Counter[str] = Counter()
        for piece, count in counts.items():
            own[piece[:2]] += count
        total = sum(
            count * np.log((three[piece] - count + 1) / (two[piece[:2]] - own[piece[:2]] + size))
            for piece, count in counts.items()
        )
        mean[text] = total / max(1, counts.total())
    values = np.array([mean[text] for text in targets], dtype=np.float64)
    return ramp(-robust_z(values, 0.05), good=3.0, bad=7.0)


def ending(targets: Sequence[str]) -> Scores:
    """Return whether a segment may end as it does: 0.5 for a last word that hardly ever is one, such as *the*.

    The share of other distinct segments with that word which end in it: 1 from 0.03 on, 0.5 below 0.01; NaN for a word
    that fewer than 30 others hold, or under scripts that put no spaces between words. A sentence cut short stands out,
    but so do fine ones: hence never below 0.5, which drops only what another estimate doubts too.
    """
    words = {text: plain(text) for text in set(targets)}
    holds = Counter(word for own in words.values() for word in set(own))
    ends = Counter(own[-1] for own in words.values() if own)
    share = {
        text: (ends[own[-1]] - 1) / (holds[own[-1]] - 1)
        for text, own in words.items()
        if own and not alone(own[-1]) and holds[own[-1]] > 30
    }
    return (
        0.5 + ramp(np.array([share.get(text, np.nan) for text in targets], dtype=np.float64), good=0.03, bad=0.01) / 2
    )


def _trigrams(text: str) -> list[str]:
    padded = f"\x02\x02{text.casefold()}\x03"
    return [padded[i : i + 3] for i in range(len(padded) - 2)]


def estimate(sources: Sequence[str], targets: Sequence[str], src: str, tgt: str) -> dict[str, Scores]:
    """Return every estimate per segment, each ``(n,)`` in 0..1 or NaN; empty segments (on both sides) are all NaN."""
    checks: Mapping[str, Callable[[], Scores]] = {
        "length": lambda: length(sources, targets),
        "numbers": lambda: number_agreement(sources, targets, src, tgt),
        "copied": lambda: copied(sources, targets),
        "repetition": lambda: repetition(sources, targets),
        "script": lambda: script(sources, targets, tgt),
        "language": lambda: language(targets, tgt),
        "fluency": lambda: fluency(targets),
        "ending": lambda: ending(targets),
    }
    return {name: checks[name]() for name in ESTIMATES}


def rows(estimates: Mapping[str, Scores], row_of: Sequence[int], count: int) -> dict[str, Scores]:
    """Return per row the worst of its segments, for each estimate; NaN where none of them has one.

    >>> rows({"length": np.array([1.0, 0.2, np.nan])}, [0, 0, 1], 2)["length"].tolist()
    [0.2, nan]
    """
    found = {}
    for name, values in estimates.items():
        worst = np.full(count, np.inf)
        np.minimum.at(worst, np.asarray(row_of, dtype=np.intp), np.where(np.isnan(values), np.inf, values))
        found[name] = np.where(np.isinf(worst), np.nan, worst)
    return found


def combine(estimates: Mapping[str, Scores]) -> Scores:
    """Return ``translation_quality``: the product of the estimates that apply, 1 where none does.

    A product, since one serious fault spoils a translation however good it is otherwise.
    """
    stacked = np.vstack(list(estimates.values()))
    return np.asarray(np.prod(np.where(np.isnan(stacked), 1.0, stacked), axis=0), dtype=np.float64)
