"""Errors planted in people's translations, by the name of what was done to them."""

from __future__ import annotations

import random

import numpy as np
from parallel import Pair

from curation.language import negation, words

FULL = ("es", "fr", "de", "ru", "zh", "ar", "hi", "sw")
UNSPACED = ("zh", "ja", "th")


def cut(text: str, lang: str) -> list[str]:
    """Return the parts that an error takes out or repeats: words, or characters where no spaces part them."""
    return list(text) if lang in UNSPACED else text.split()


def glue(parts: list[str], lang: str) -> str:
    """Return the parts as a text."""
    return ("" if lang in UNSPACED else " ").join(parts)


def dropped_clause(draw: random.Random, pair: Pair, other: Pair, lang: str) -> str | None:
    """Leave out a third of the words in one stretch, but keep the last sign."""
    parts = cut(pair[1], lang)
    if len(parts) < 9:
        return None
    size = max(3, len(parts) // 3)
    at = draw.randrange(0, len(parts) - size)
    return glue(parts[:at] + parts[at + size :], lang)


def negation_lost(draw: random.Random, pair: Pair, other: Pair, lang: str) -> str | None:
    """Leave out the word of negation with the heaviest cue, where the source denies something."""
    table = negation.cues(lang)
    if table is None or not negation.denied_in_english(pair[0]):
        return None
    parts = list(pair[1]) if lang in UNSPACED else pair[1].split()
    weight = {
        i: max((w for cue, w in table[1].items() if cue in f" {' '.join(words.plain(part))} "), default=0.0)
        for i, part in enumerate(parts)
    }
    best = max(weight, key=lambda i: (weight[i], -i))
    return glue(parts[:best] + parts[best + 1 :], lang) if weight[best] > 1.5 else None


def number_changed(draw: random.Random, pair: Pair, other: Pair, lang: str) -> str | None:
    """Change one digit."""
    places = [i for i, char in enumerate(pair[1]) if char.isdigit()]
    if not places:
        return None
    at = draw.choice(places)
    digit = (int(pair[1][at]) + draw.randrange(1, 9)) % 10
    return pair[1][:at] + str(digit) + pair[1][at + 1 :]


def rows_swapped(draw: random.Random, pair: Pair, other: Pair, lang: str) -> str | None:
    """Take the translation of another sentence."""
    return other[1] if other[1] != pair[1] else None


def wrong_language(draw: random.Random, pair: Pair, other: Pair, lang: str) -> str | None:
    """Take a sentence of another language that is written in the same script, where there is one (filled in below)."""
    return None


def loop(draw: random.Random, pair: Pair, other: Pair, lang: str) -> str | None:
    """Repeat two to four words two or three times more."""
    parts = cut(pair[1], lang)
    size = draw.randrange(2, 5)
    if len(parts) < size + 2:
        return None
    at = draw.randrange(0, len(parts) - size)
    return glue(parts[: at + size] + parts[at : at + size] * draw.randrange(2, 4) + parts[at + size :], lang)


def half_untranslated(draw: random.Random, pair: Pair, other: Pair, lang: str) -> str | None:
    """Put the second half of the source in place of the second half of the translation."""
    own, source = cut(pair[1], lang), pair[0].split()
    if len(source) < 6 or len(own) < 4:
        return None
    return glue(own[: len(own) // 2], lang) + " " + " ".join(source[len(source) // 2 :])


ERRORS = {
    "dropped clause": dropped_clause, "dropped negation": negation_lost, "changed number": number_changed,
    "swapped rows": rows_swapped, "wrong language": wrong_language, "loop": loop,
    "half untranslated": half_untranslated,
}  # fmt: skip
NEIGHBOUR = {
    "es": "pt", "fr": "it", "de": "nl", "ru": "bg", "zh": "ja", "ar": "fa", "hi": "mr", "sw": "id",
}  # fmt: skip


def plant(draw: random.Random, pairs: list[Pair], foreign: list[Pair], lang: str) -> tuple[list[Pair], list[str]]:
    """Return the pairs, one in ten with an error, and what each was done: the name of the error, else "".

    ``foreign``: pairs of another language, where there is one, for the error `wrong language`.
    """
    made, kinds = list(pairs), [""] * len(pairs)
    for i in draw.sample(range(len(pairs)), len(pairs) // 10):
        for kind in draw.sample(list(ERRORS), len(ERRORS)):
            other = pairs[draw.randrange(len(pairs))]
            if kind == "wrong language":
                text = draw.choice(foreign)[1] if foreign else None
            else:
                text = ERRORS[kind](draw, pairs[i], other, lang)
            if text is not None and text != pairs[i][1]:
                made[i], kinds[i] = (pairs[i][0], text), kind
                break
    return made, kinds


def auroc(bad: np.ndarray, good: np.ndarray) -> float:
    """Return the share of comparisons in which a bad pair has the lower share of good ones as suspicious."""
    ordered = np.sort(good)
    below = np.searchsorted(ordered, bad, side="left")
    return float(1 - (below + np.searchsorted(ordered, bad, side="right")).mean() / 2 / len(ordered))
