"""Whether two texts may be copies with a slip: a quick look at their letters, for pairs that are few."""

from __future__ import annotations

ALIKE = 0.7
"""Share of the letter triples of both that each has, from which texts are alike."""


def triples(text: str) -> frozenset[str]:
    """Return all runs of three characters of ``text``; the text itself where it is shorter.

    >>> sorted(triples("cats"))
    ['ats', 'cat']
    """
    return frozenset(text[at : at + 3] for at in range(max(len(text) - 2, 1)))


def alike(one: frozenset[str], other: frozenset[str]) -> bool:
    """Return whether two texts with these triples may be one text, misspelt.

    >>> alike(triples("a dog jumps over the lazy fox"), triples("a dog jumsp over the lazy fox"))
    True
    >>> alike(triples("a dog jumps over the lazy fox"), triples("a dog sleeps beside the lazy fox"))
    False
    """
    return len(one & other) >= ALIKE * len(one | other)
