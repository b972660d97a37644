"""What every grammar shares: reading lexicon tables, phrases of place and time, and the interface of a language."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Literal

from curation.miniworld.concepts import CITIES, COMPANIES
from curation.miniworld.meaning import NP, Clause
from curation.miniworld.words import Word, Words, in_role, sentence, text_of, words

Table = Mapping[str, tuple[tuple[str, ...], ...]]
Wh = Literal["", "subject", "object", "place", "time"]
_DEFAULT_TAGS = {1: "ADV", 2: "ADP NOUN", 3: "ADP DET NOUN"}
WHO = "who?"
"""The head of a noun phrase that asks for a person."""


def table(text: str) -> Table:
    """Return concept to variants, each a tuple of forms; a line reads ``concept form form | synonym form``.

    >>> table("car car cars | automobile automobiles")["car"][1]
    ('automobile', 'automobiles')
    """
    result = {}
    for line in text.strip().splitlines():
        concept, _, rest = line.strip().partition(" ")
        assert concept not in result, concept
        result[concept] = tuple(tuple(variant.split()) for variant in rest.split("|"))
    return result


def phrases(text: str) -> Mapping[str, Words]:
    """Return concept to words; a line reads ``concept words`` or ``concept words / TAGS``."""
    result = {}
    for line in text.strip().splitlines():
        concept, _, rest = line.strip().partition(" ")
        form, _, tags = (part.strip() for part in rest.partition("/"))
        result[concept] = words(form, tags or _DEFAULT_TAGS[len(form.split())])
    return result


def variant(forms: tuple[tuple[str, ...], ...], index: int) -> tuple[str, ...]:
    """Return the synonym ``index``, or the only form there is."""
    return forms[index] if index < len(forms) else forms[0]


class Grammar(ABC):
    """A language: how it says noun phrases, statements and questions."""

    code: str
    nouns: Table
    verbs: Table
    adjectives: Table
    places: Mapping[str, Words]
    times: Mapping[str, Words]
    names: Mapping[str, str]
    """Names of people, cities and companies in this language, where it writes them in its own way."""
    end_question = "?"
    city_in: str
    """The preposition before a city."""
    works_for: str
    """The preposition before an employer."""

    @abstractmethod
    def np(self, np: NP, case: str = "nom") -> Words:
        """Return the noun phrase in ``case`` (``nom``, ``acc``, ``by`` = agent of a passive)."""

    @abstractmethod
    def clause(self, clause: Clause, wh: Wh = "") -> Words:
        """Return a statement, or the question that asks for the role ``wh``, without capital and end mark."""

    def say(self, clause: Clause) -> Words:
        """Return the statement as a sentence."""
        return sentence(self.clause(clause))

    def ask(self, clause: Clause, wh: Wh) -> Words:
        """Return the question as a sentence."""
        return sentence(self.clause(clause, wh), self.end_question)

    def text(self, *clauses: Clause) -> str:
        """Return statements, one sentence each, as they are set."""
        return " ".join(text_of(self.say(clause)) for clause in clauses)

    def name(self, name: str) -> str:
        """Return a name as this language writes it."""
        return self.names.get(name, name)

    def place(self, clause: Clause) -> Words:
        """Return the phrase of place, or nothing."""
        if clause.place in CITIES:
            return in_role([Word(self.city_in, "ADP"), *self.city(clause.place)], "place")
        return in_role(self.places[clause.place], "place") if clause.place else []

    def city(self, city: str) -> Words:
        """Return a city's name as it stands after *in*."""
        return [Word(self.name(city), "PROPN", "", "B-LOC")]

    def employer(self, clause: Clause) -> Words:
        """Return the phrase of the employer, or nothing."""
        if clause.employer is None:
            return []
        return [Word(self.works_for, "ADP"), Word(self.name(clause.employer), "PROPN", "", "B-ORG")]

    def time(self, clause: Clause) -> Words:
        """Return the phrase of time, or nothing."""
        return in_role(self.times[clause.time], "time") if clause.time else []

    def person(self, np: NP, first: str, last: str | None) -> Words:
        """Return the name of a person or a company as one entity."""
        found = [Word(first, "PROPN", "", "B-ORG" if np.head in COMPANIES else "B-PER")]
        return [*found, Word(last, "PROPN", "", "I-PER")] if last else found
