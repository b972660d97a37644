"""Slips of the pen: the same text written again by somebody in a hurry, clearly saying the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

from curation.miniworld.languages import load
from curation.miniworld.scene import Rng

Slip = Callable[[str, Rng, str], str | None]
"""``slip(text, rng, lang)``: the text with the slip, or ``None`` where it cannot be made."""
ALPHABET = "abcdefghijklmnopqrstuvwxyz"
CYRILLIC = "абвгдежзиклмнопрстуфхцчшыьэюя"
CONTRACTIONS: Mapping[str, Mapping[str, str]] = {
    "en": {"did not": "didn't", "was not": "wasn't", "were not": "weren't"},
    "de": {"auf das": "aufs", "in das": "ins", "an dem": "am", "in dem": "im"},
}
"""Language to pairs of words and how they are drawn together."""


def case(text: str, rng: Rng, lang: str) -> str | None:
    """Return ``text`` in small letters, in capitals, or with one word in capitals."""
    parts = text.split(" ")
    longer = [i for i, part in enumerate(parts) if len(part) > 3]
    way = rng.choice(["lower", "upper", "word"])
    if way == "word" and longer:
        at = rng.choice(longer)
        return " ".join([*parts[:at], parts[at].upper(), *parts[at + 1 :]])
    return text.upper() if way == "upper" else text.lower()


def punctuation(text: str, rng: Rng, lang: str) -> str | None:
    """Return ``text`` with another end, or with a comma too many."""
    body, parts = text.rstrip(".?!"), text.split(" ")
    ways = [body, body + "!", body + "...", body + " ."]
    if len(parts) > 3:
        at = rng.randrange(1, len(parts) - 1)
        ways.append(" ".join([*parts[:at], parts[at].rstrip(".,") + ",", *parts[at + 1 :]]))
    return rng.choice(ways)


def spaces(text: str, rng: Rng, lang: str) -> str | None:
    """Return ``text`` with spaces too many: between two words, before the end, or around it."""
    parts = text.split(" ")
    ways = [f" {text}", f"{text}  ", text.replace(" ", "  "), f"{text[:-1]} {text[-1]}"]
    if len(parts) > 2:
        at = rng.randrange(1, len(parts))
        ways += [" ".join(parts[:at]) + rng.choice(["  ", "   ", "\u00a0"]) + " ".join(parts[at:])] * 2
    return rng.choice(ways)


def typo(text: str, rng: Rng, lang: str) -> str | None:
    """Return ``text`` with one misspelt word, of five letters at least: no word of the language comes out."""
    parts = text.split(" ")
    longer = [i for i, part in enumerate(parts) if len(part.strip(".,?!¿:;")) >= 5 and part.strip(".,?!¿:;").isalpha()]
    for at in rng.sample(longer, len(longer)):
        found = misspelt(parts[at], rng, lang)
        if found:
            return " ".join([*parts[:at], found, *parts[at + 1 :]])
    return None


def misspelt(word: str, rng: Rng, lang: str) -> str | None:
    """Return ``word`` with one letter lost, doubled, changed, or swapped with the next; never the first or the last."""
    size = len(word.rstrip(".,?!:;"))
    letters = CYRILLIC if lang == "ru" else ALPHABET
    for _ in range(20):
        at = rng.randrange(1, size - 2)
        a, b = word[at], word[at + 1]
        found = word[:at] + rng.choice([b + a, b, a + a + b, rng.choice(letters) + b]) + word[at + 2 :]
        if found.lower() != word.lower() and found.rstrip(".,?!:;").lower() not in _vocabulary(lang):
            return found
    return None


def stutter(text: str, rng: Rng, lang: str) -> str | None:
    """Return ``text`` with a short word written twice, as in *the the dog*."""
    parts = text.split(" ")
    short = [i for i, part in enumerate(parts) if len(part) <= 3 and part.isalpha() and i]
    if not short:
        return None
    at = rng.choice(short)
    return " ".join([*parts[: at + 1], *parts[at:]])


def contraction(text: str, rng: Rng, lang: str) -> str | None:
    """Return ``text`` with two words drawn together, where the language does that."""
    for long, short in CONTRACTIONS.get(lang, {}).items():
        if f" {long} " in text:
            return text.replace(f" {long} ", f" {short} ", 1)
    return None


SLIPS: Mapping[str, Slip] = {
    "case": case,
    "punctuation": punctuation,
    "spaces": spaces,
    "typo": typo,
    "stutter": stutter,
    "contraction": contraction,
}


def slipped(text: str, rng: Rng, lang: str, kind: str) -> tuple[str, str]:
    """Return ``text`` with a slip of ``kind``, or of another kind where it cannot be made, and the kind it became."""
    for name in [kind, *rng.sample([*SLIPS], len(SLIPS))]:
        found = SLIPS[name](text, rng, lang)
        if found is not None and found != text:
            return found, name
    raise AssertionError(f"no slip can be made in {text!r}")


@cache
def _vocabulary(lang: str) -> frozenset[str]:
    grammar = load(lang)
    tables = (grammar.nouns, grammar.verbs, grammar.adjectives)
    forms = {form for table in tables for forms in table.values() for one in forms for form in one}
    forms |= {word.text for phrases in (grammar.places, grammar.times) for words in phrases.values() for word in words}
    return frozenset(form.lower() for form in forms)
