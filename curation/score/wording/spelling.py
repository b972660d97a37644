"""How words are spelt in a corpus: tells random letters from rare words, in any alphabet, without a dictionary."""

from __future__ import annotations

from collections import Counter
from math import log, sqrt
from statistics import fmean, stdev
from typing import TYPE_CHECKING

from curation.language import words
from curation.language.scripts import script

if TYPE_CHECKING:
    from collections.abc import Iterable

ENOUGH = 100
"""Words used three times or more, below which a language is not judged."""
USUAL = 3


class Letters:
    """The words of one language in a corpus, and how their letters follow each other."""

    def __init__(self, counts: Counter[str]):
        self.counts = counts
        scripts: Counter[str] = Counter()
        for word, count in counts.items():
            scripts[script(word[0])] += count
        self.script = max(sorted(scripts), key=scripts.__getitem__, default="")
        usual = [word for word, count in counts.items() if count >= USUAL and len(word) > 2]
        self._pairs = Counter(pair for word in usual for pair in _pairs(word))
        self._firsts = Counter(pair[0] for word in usual for pair in _pairs(word))
        values = [self._surprisal(word) for word in usual]
        self.known = len(usual) >= ENOUGH
        self._mean, self._spread = (fmean(values), stdev(values) or 1.0) if self.known else (0.0, 1.0)

    def _surprisal(self, word: str) -> float:
        """Return the mean negative log probability of a word's letters, each given the one before."""
        kinds, firsts, pairs = len(self._firsts) + 1, self._firsts, self._pairs
        values = [log((firsts[pair[0]] + 0.1 * kinds) / (pairs[pair] + 0.1)) for pair in _pairs(word)]
        return sum(values) / len(values)

    def strangeness(self, words: list[str]) -> float:
        """Return how many standard deviations the words' mean surprisal lies above that of the usual words."""
        return (fmean(self._surprisal(word) for word in words) - self._mean) / self._spread


class Spelling:
    """The letters of every language in a corpus."""

    def __init__(self, found: Iterable[tuple[str, str]]):
        """Read ``found``, pairs of text and language code."""
        counts: dict[str, Counter[str]] = {}
        for text, lang in found:
            counts.setdefault(lang, Counter()).update(words.folded(text))
        self._letters = {
            lang: Letters(Counter({word: count for word, count in said.items() if words.lettered(word)}))
            for lang, said in counts.items()
        }

    def gibberish(self, text: str, lang: str) -> str | None:
        """Say that a text looks like random letters; ``None`` for a language with too few words to tell.

        That is: at least half of its words of three letters or more, and two of them, occur nowhere else; and these
        are spelt strangely, by 2.2 standard deviations on average and by more when they are few.
        """
        letters = self._letters.get(lang)
        if letters is None or not letters.known:
            return None
        found = [word for word in words.folded(text) if len(word) > 2 and words.lettered(word)]
        own = [word for word in dict.fromkeys(found) if script(word[0]) == letters.script]
        unseen = [
            word for word in own if letters.counts[word] <= len(found) and letters.counts[word] <= found.count(word)
        ]
        if len(unseen) < 2 or 2 * len(unseen) < len(own):
            return None
        if letters.strangeness(unseen) <= max(2.2, 4 / sqrt(len(unseen))):
            return None
        return f"looks like random letters: {' '.join(unseen[:3])!r}"


def _pairs(word: str) -> list[str]:
    padded = f"^{word}$"
    return [padded[i : i + 2] for i in range(len(padded) - 1)]
