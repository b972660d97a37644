"""What a sentence means, in no language: noun phrases and clauses over concepts. Grammars turn these into words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Det = Literal["the", "a", "the_pl", "two", "three", "all", "some", "no", "name"]
PLURAL: frozenset[str] = frozenset({"the_pl", "two", "three", "all", "some"})
"""Determiners whose noun is plural in every language."""
Role = Literal["subject", "object", "place", "time", "adjective"]


@dataclass(frozen=True)
class NP:
    """A noun phrase: a common noun with its determiner, a name, or a pronoun for either."""

    head: str
    """A concept of :mod:`concepts`, or a person's first name (``det == "name"``)."""
    det: Det = "the"
    adj: str | None = None
    owner: str | None = None
    """A person: *the doctor's dog*; the determiner is then definite."""
    surname: str | None = None
    rel: Clause | None = None
    """A relative clause; the role in it that equals this phrase is left out (``gap``)."""
    gap: Literal["subject", "object"] = "subject"
    variant: int = 0
    """1 = the synonym of the noun, in languages which have one."""
    pron: bool = False
    """Say only the pronoun, agreeing with the noun or name."""

    @property
    def plural(self) -> bool:
        """Whether verbs agree in the plural."""
        return self.det in PLURAL


@dataclass(frozen=True)
class Clause:
    """One statement in the past: who did what to whom, where and when; ``verb == "be"`` states a place or a quality."""

    subject: NP
    verb: str = "be"
    object: NP | None = None
    adj: str | None = None
    employer: str | None = None
    """A company: *worked for Orico*."""
    place: str | None = None
    """A place, or a city."""
    time: str | None = None
    negated: bool = False
    passive: bool = False
    """Say it from the object's side; needs an object and a singular subject."""
    front: Literal["place", "time"] | None = None
    """Put this adverbial first."""
    variant: int = 0
    """1 = the synonym of the verb."""
    also: Clause | None = None
    """A second predicate of the same subject, joined by *and*; its own subject is not said."""


def signature(*parts: object) -> str:
    """Return a text that is equal for equal content; *a* and *the* count as equal, as not all languages have both.

    >>> signature(NP("dog", "a")) == signature(NP("dog", "the"))
    True
    """
    return repr(parts).replace("det='a'", "det='the'")
