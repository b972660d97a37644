"""What Spanish, French and Italian share: gender, agreement of adjectives and participles, one order of words."""

from __future__ import annotations

from abc import abstractmethod

from curation.miniworld.concepts import COMPANIES, class_of, gender
from curation.miniworld.grammar import WHO, Grammar, Wh, variant
from curation.miniworld.meaning import NP, Clause
from curation.miniworld.words import Word, Words, in_role, without_roles


class Romance(Grammar):
    """Subject, negation, verb, object, place, time; the verb's forms are the language's own."""

    also = "y"
    by = "por"
    of = "de"
    before: frozenset[str] = frozenset()
    """Adjectives that stand before their noun."""

    def gender(self, np: NP) -> str:
        """Return the gender of what ``np`` names: that of its noun, or of the person."""
        if np.head in COMPANIES:
            return "f"
        return (
            gender(np.head) or "m"
            if np.det == "name" or np.head == WHO
            else variant(self.nouns[np.head], np.variant)[0]
        )

    @abstractmethod
    def article(self, np: NP, gender: str, following: str) -> Words:
        """Return determiner and numeral before the word ``following``."""

    @abstractmethod
    def adjective(self, adjective: str, gender: str, plural: bool, following: str = "", variant: int = 0) -> Word:
        """Return the adjective in agreement."""

    @abstractmethod
    def finite(self, c: Clause, np: NP, object_first: NP | None = None) -> Words:
        """Return the negated or plain verb whose subject is ``np``; ``object_first`` = the object stands before it."""

    def contract(self, phrase: Words) -> Words:
        """Return ``phrase`` with prepositions and articles fused or elided."""
        return phrase

    def relative(self, np: NP) -> Words:
        """Return the relative pronoun."""
        return [Word("que", "PRON")]

    def np(self, np: NP, case: str = "nom") -> Words:
        """Return the noun phrase; ``by`` adds the preposition."""
        if case == "by":
            return self.contract([Word(self.by, "ADP"), *self.np(np)])
        if np.head == WHO:
            return [Word(self.who, "PRON")]
        if np.pron:
            return [Word(self.pronouns[self.gender(np), np.plural], "PRON")]
        if np.det == "name":
            core = self.person(np, self.name(np.head), self.name(np.surname) if np.surname else None)
        else:
            core = self._core(np)
        if np.owner:
            core = [*core, *self.contract([Word(self.of, "ADP"), *self.np(NP(np.owner))])]
        if np.rel is None:
            return self.contract(core)
        if np.gap == "subject":
            inner = [*self.finite(np.rel, np), *self._rest(np.rel)]
        else:
            inner = [*self.np(np.rel.subject), *self.finite(np.rel, np.rel.subject, np), *self._rest(np.rel, "object")]
        return self.contract([*core, *self.relative(np), *without_roles(inner)])

    who: str
    pronouns: dict[tuple[str, bool], str]

    def _core(self, np: NP) -> Words:
        entry = variant(self.nouns[np.head], np.variant)
        noun = [Word(entry[1 + np.plural], "NOUN")]
        if np.adj:
            early = np.adj in self.before
            adjective = self.adjective(np.adj, entry[0], np.plural, noun[0].text if early else "")
            noun = [adjective, *noun] if early else [*noun, adjective]
        return [*self.article(np, entry[0], noun[0].text), *noun]

    def object_np(self, c: Clause) -> Words:
        """Return the direct object as it stands after the verb."""
        assert c.object is not None
        return self.np(c.object, "acc")

    def _rest(self, c: Clause, skip: str = "") -> Words:
        found: Words = []
        if c.passive and skip != "subject":
            found += in_role(self.np(c.subject, "by"), "subject")
        elif c.object and not c.passive and skip != "object":
            found += in_role(self.object_np(c), "object")
        first = c.object if c.passive and c.object else c.subject
        if c.adj:
            quality = self.adjective(c.adj, self.gender(first), first.plural, variant=c.variant)
            found.append(quality._replace(role="adjective"))
        found += self.employer(c)
        for name, phrase in (("place", self.place), ("time", self.time)):
            found += phrase(c) if name not in (c.front, skip) else []
        if c.also:
            rest = [Word(self.also, "CCONJ"), *self.finite(c.also, first), *self._rest(c.also)]
            found += without_roles(rest)
        return found

    def clause(self, c: Clause, wh: Wh = "") -> Words:
        """Return the statement, or the question for ``wh``."""
        first = c.object if c.passive and c.object else c.subject
        subject = in_role(self.np(first), "object" if c.passive else "subject")
        if wh in ("", "subject"):
            front = {"place": self.place, "time": self.time}[c.front](c) if c.front else []
            return self.contract([*self.fronted(front), *subject, *self.finite(c, first), *self._rest(c)])
        return self.contract(self.question(c, wh, first, subject))

    def fronted(self, front: Words) -> Words:
        """Return the fronted phrase with its comma."""
        return [*front, Word(",", "PUNCT")] if front else []

    def question(self, c: Clause, wh: Wh, first: NP, subject: Words) -> Words:
        """Return question word, verb, subject, rest."""
        return [*self.asking(c, wh), *self.finite(c, first), *subject, *self._rest(c, wh)]

    @abstractmethod
    def asking(self, c: Clause, wh: Wh) -> Words:
        """Return the question words for ``wh``."""

    def animate(self, np: NP | None) -> bool:
        """Return whether ``np`` is a person or an animal."""
        return np is not None and np.head not in COMPANIES and class_of(np.head) in ("person", "animal")
