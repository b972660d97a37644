"""Whether two texts may be copies with a slip: a quick look at how they begin, for pairs that are few."""

from __future__ import annotations

ALIKE = 0.7
"""Share of the letter triples of both that each has, from which texts are alike."""
BEGINNING = 300
"""Characters that are looked at."""


def triples(text: str) -> frozenset[str]:
    """Return the runs of three characters that ``text`` begins with, capitals apart; itself where it is shorter.

    >>> sorted(triples("Cats"))
    ['ats', 'cat']
    """
    text = " ".join(text[:BEGINNING].casefold().split())
    return frozenset(text[at : at + 3] for at in range(max(len(text) - 2, 1)))


def alike(one: frozenset[str], other: frozenset[str]) -> bool:
    """Return whether two texts with these triples may be one text, misspelt.

    >>> alike(triples("a dog jumps over the lazy fox"), triples("a dog jumsp over the lazy fox"))
    True
    >>> alike(triples("a dog jumps over the lazy fox"), triples("a dog sleeps beside the lazy fox"))
    False
    """
    few, many = sorted((len(one), len(other)))
    return few >= ALIKE * many and len(one & other) >= ALIKE * len(one | other)
