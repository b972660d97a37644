"""When two texts say the same in almost the same words: the surface check behind duplicates, conflicts and leaks.

Vectors alone cannot tell: "a man is not sleeping" lies next to "a man is sleeping". Two texts are near-identical when
their words agree in order, once case, punctuation, articles and fillers are set aside, and whatever still differs is a
slip of the pen. A negation, a number or another content word that differs makes them different texts.
"""

from __future__ import annotations

from collections import Counter
from difflib import SequenceMatcher
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from curation.language import dictionary

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import numpy.typing as npt

LIGHT: Mapping[str, frozenset[str]] = {
    lang: frozenset(line.split(" "))
    for lang, line in {
        "en": "a an the very really quite just also then so that actually indeed",
        "de": "der die das den dem des ein eine einen einem einer eines sehr wirklich auch",
        "es": "el la los las un una unos unas muy realmente también",
        "fr": "le la les l un une très vraiment aussi",
        "it": "il lo la gli i le l un uno una molto davvero anche",
        "pt": "o a os as um uma uns umas muito realmente também",
        "nl": "de het een heel erg ook",
    }.items()
}
"""Words that may come and go without changing what is said: articles and fillers, by language."""

_POLAR = (
    "never ever none nothing something nobody somebody nowhere without within neither either cannot dont wont want "
    "cant isnt arent wasnt werent doesnt didnt hasnt havent hadnt couldnt wouldnt shouldnt mustnt aint "
    "kein keine keinen keinem keiner keines eine einen einem einer eines nicht nichts niemand jemand nie niemals "
    "jamais aucun aucune personne nunca nadie alguien ninguno ninguna alguno alguna nessuno nulla niente mai "
    "nenhum nenhuma ninguém alguém nooit niemand iemand geen"
)
POLAR = frozenset(_POLAR.split(" "))
"""Words that turn a statement round, and those one letter away from them: never taken for misspellings."""


def heavy(found: Iterable[str], lang: str) -> tuple[str, ...]:
    """Return the words that carry the meaning, and a word only once where it is stuttered (``the the``, ``dog dog``).

    >>> heavy("the dog is is really in the the house".split(), "en")
    ('dog', 'is', 'in', 'house')
    """
    light = LIGHT.get(lang, frozenset())
    kept: list[str] = []
    for word in found:
        if word not in light and (not kept or kept[-1] != word):
            kept.append(word)
    return tuple(kept)


@lru_cache(maxsize=65536)
def slip(one: str, other: str) -> bool:
    """Return whether two words differ by one slip of the pen: a letter lost, added or changed, or two swapped.

    Not at the last letter, which inflects (``girl``, ``girls``; ``gato``, ``gata``), not in words with digits (but for
    one digit inside, where the other has a letter: few words are written so), not between words that turn a statement
    round, and in words under four letters only a swap: too much hangs on a letter.

    >>> slip("sleeping", "sleepnig"), slip("house", "huse"), slip("dog", "dgo")
    (True, True, True)
    >>> slip("cat", "cut"), slip("1990", "1890"), slip("girl", "girls"), slip("never", "ever")
    (False, False, False, False)
    >>> slip("world", "wor1d"), slip("2cans", "scans"), slip("rooms", "room5"), slip("mp3s", "mp4s")
    (True, False, False, False)
    """
    if one == other or abs(len(one) - len(other)) > 1 or one in POLAR or other in POLAR:
        return False
    if any(char.isdigit() for char in one + other):
        return _digit_for_letter(one, other)
    head = 0
    while head < min(len(one), len(other)) and one[head] == other[head]:
        head += 1
    a, b = one[head:], other[head:]
    if a[:2] == b[1::-1] and a[2:] == b[2:] and len(a) > 1:
        return len(one) > 2
    if min(len(one), len(other)) < 4:
        return False
    if len(a) == len(b):
        return a[1:] == b[1:] != ""
    longer, shorter = (a, b) if len(a) > len(b) else (b, a)
    return longer[1:] == shorter != ""


def _digit_for_letter(one: str, other: str) -> bool:
    """Return whether one of two words has one digit inside, and the other a letter there and no digit at all.

    Not at either end, where a number is often set against a word (``2cans``, ``type2``).
    """
    if len(one) != len(other) or len(one) < 4 or one[0] != other[0] or one[-1] != other[-1]:
        return False
    digits = [sum(char.isdigit() for char in word) for word in (one, other)]
    return sorted(digits) == [0, 1] and sum(a != b for a, b in zip(one, other, strict=True)) == 1


@lru_cache(maxsize=65536)
def typo(word: str, other: str, *, inflected: bool) -> bool:
    """Return whether ``other``, which is no word of the language, is ``word`` with one slip of the pen.

    Wider than :func:`slip`, since the other is known to be no word: also at the last letter where it is changed and the
    language does not inflect by that (``inflected``), in words of two and three letters, where one letter stands for
    two, and in a word that turns a statement round, if it could be no other such word.

    >>> typo("the", "thw", inflected=False), typo("on", "oon", inflected=False), typo("woman", "womam", inflected=False)
    (True, True, True)
    >>> typo("summer", "sumrner", inflected=False), typo("man", "rnan", inflected=False)
    (True, True)
    >>> typo("nothing", "nothinq", inflected=False), typo("never", "nver", inflected=False)  # or is it ever?
    (True, False)
    >>> typo("frisbee", "frisbees", inflected=False), typo("perrito", "perrita", inflected=True)
    (False, False)
    """
    if slip(word, other):
        return True
    if other in POLAR or not (word.isalpha() and other.isalpha()) or not _a_letter_apart(word, other, inflected):
        return False
    return word not in POLAR or [polar for polar in POLAR if _a_letter_apart(polar, other, inflected)] == [word]


def _a_letter_apart(word: str, other: str, inflected: bool) -> bool:
    """Return whether a letter is changed, lost, added, swapped with the next, or stands for two; see :func:`typo`."""
    longer, shorter = (word, other) if len(word) > len(other) else (other, word)
    if not shorter or len(longer) - len(shorter) > 1:
        return False
    if len(longer) == len(shorter):
        changed = [at for at, (a, b) in enumerate(zip(word, other, strict=True)) if a != b]
        if len(changed) == 2 and changed[1] == changed[0] + 1:
            return word[changed[0] :][1::-1] == other[changed[0] :][:2]
        return len(changed) == 1 and len(word) > 1 and not (inflected and changed[0] == len(word) - 1)
    if len(longer) < 3:
        return False
    if any(longer[:i] + longer[i + 1 :] == shorter for i in range(len(shorter))):
        return True
    if longer[:-1] == shorter:  # this inflects
        return False
    last = len(shorter) - 1
    return last > 1 and any(
        shorter[:i] == longer[:i] and shorter[i + 1 :] == longer[i + 2 :]
        for i in range(last if inflected else last + 1)
    )


def digit_at_an_end(word: str, other: str) -> str | None:
    """Return the rest of ``other`` where it is ``word`` but for a digit as its first or last character, else ``None``.

    >>> digit_at_an_end("girl", "gir1"), digit_at_an_end("types", "type2"), digit_at_an_end("girl", "g1rl")
    ('gir', 'type', None)
    """
    if len(word) != len(other) or not word.isalpha():
        return None
    if other[0].isdigit() and other[1:] == word[1:]:
        return other[1:]
    return other[:-1] if other[-1].isdigit() and other[:-1] == word[:-1] else None


RARE = 2
"""Times that a misspelling occurs in a corpus of any size, at most. A share would grow with the corpus, until words as
common as *hike* and *bike* were one (benchmarks/misspellings.py)."""
CHANNEL = 10_000
"""Times as often as another word a word has to be said for the other to be taken for its misspelling: about one in as
many words is struck as one given neighbour (the noisy channel of Kernighan, Church and Gale 1990)."""
FLOOR = 50
"""Count of words that a list has no count for."""
SHORT = 10
"""Times as many where they have two letters: most of these stand for something (*uk*, *tv*), listed or not."""


class Vocabulary:
    """How often each word occurs in a corpus: tells a slip of the pen (rare) from another word (``form``, ``from``)."""

    def __init__(self, counts: Mapping[str, int]):
        self.counts = counts

    @classmethod
    def of(cls, texts: Iterable[Iterable[str]]) -> Vocabulary:
        """Return the vocabulary of texts, given as their words."""
        return cls(Counter(word for found in texts for word in found))

    def misspelt(self, one: str, other: str, lang: str = "", rare: int = RARE) -> bool:
        """Return whether one of the two words is a misspelling of the other.

        Where the language has a list of its words (:mod:`curation.language.dictionary`): one is a word, the other none,
        occurs ``rare`` times at most, and is a :func:`typo` of the first. Two words are never misspellings, unless the
        language says one :data:`CHANNEL` times as often as the other. A digit at the end of a word is a slip where what
        is left is no word (``gir1``; ``type2`` is not *types*).

        Elsewhere, and of two that are no words: it occurs ``rare`` times at most, and the other one three times as
        often; of two rare words only long ones count, and those where letters were swapped or doubled, which hardly
        ever gives another word. So it depends on these two words, and on nothing else in the corpus.
        """
        counts = self.counts.get(one, 0), self.counts.get(other, 0)
        if min(counts) > rare:
            return False
        listed = dictionary.words(lang)
        if listed is not None and (one in listed or other in listed):
            word, none = sorted((one, other), key=lambda found: (-listed.get(found, 0), found))
            if self.counts.get(none, 0) > rare:
                return False
            if (rest := digit_at_an_end(word, none)) is not None and len(rest) > 1:
                return rest not in listed
            short = SHORT if min(len(word), len(none)) < 3 else 1
            if (none in listed or short > 1) and listed[word] < CHANNEL * short * listed.get(none, FLOOR):
                return False
            return typo(word, none, inflected=lang != "en")
        if not slip(one, other):
            return False
        low, high = sorted(counts)
        clear = sorted(one) == sorted(other) or _undoubled(one) == _undoubled(other)
        return clear or high >= 3 * max(low, 1) or min(len(one), len(other)) > 7


def _undoubled(word: str) -> str:
    return "".join(char for i, char in enumerate(word) if i == 0 or word[i - 1] != char)


def most_different(longest: npt.NDArray[np.int64], edits: float) -> npt.NDArray[np.int64]:
    """Return how many heavy words may stand in one of two texts only, in :func:`same`, by the words of the longer one.

    >>> most_different(np.array([5, 60]), 0.02).tolist()
    [3, 20]
    """
    return np.asarray(2 * np.floor(edits * longest).astype(np.int64) + 3 * np.maximum(1, longest // 10), np.int64)


def same(one: Sequence[str], other: Sequence[str], lang: str, vocabulary: Vocabulary, edits: float) -> bool:
    """Return whether two texts, given as their :func:`curation.language.words.folded`, are near-identical.

    One slip of the pen (a misspelt word, a space lost or added) is allowed, and one more in every ten words.

    Args:
        one: words of one text, in order.
        other: words of the other.
        lang: language code of both; decides which words are light.
        vocabulary: tells misspellings from other words.
        edits: share (0..1) of the words that may differ otherwise, rounded down; 0.02 lets one in fifty differ. Words
            with digits and words under five letters (many negations are short) may never differ.
    """
    one, other = sorted((tuple(one), tuple(other)))  # the alignment below depends on the order
    light_one, light_other = heavy(one, lang), heavy(other, lang)
    if light_one == light_other:
        return bool(light_one) or one == other
    longest = max(len(one), len(other))
    allowed: float = int(edits * longest)
    slips = max(1, longest // 10)
    if len(set(light_one) ^ set(light_other)) > 2 * allowed + 3 * slips:
        return False  # most pairs end here
    for tag, i, k, j, m in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        lost, slipped = _difference(one[i:k], other[j:m], lang, vocabulary)
        allowed, slips = allowed - lost, slips - slipped
        if slips < 0 or allowed < 0:
            return False
    return True


def _difference(left: Sequence[str], right: Sequence[str], lang: str, vocabulary: Vocabulary) -> tuple[float, int]:
    """Return how many words are lost (infinite when they must not be) and how many slips of the pen were made."""
    if "".join(left) == "".join(right):
        return 0, 1
    light = heavy(left, lang), heavy(right, lang)
    for a, b in ((left, right), light):
        if len(a) == len(b) and all(x == y or vocabulary.misspelt(x, y, lang) for x, y in zip(a, b, strict=True)):
            return 0, sum(x != y for x, y in zip(a, b, strict=True))
    left, right = light
    if any(len(word) < 5 or word in POLAR or any(char.isdigit() for char in word) for word in (*left, *right)):
        return float("inf"), 0
    return max(len(left), len(right)), 0
