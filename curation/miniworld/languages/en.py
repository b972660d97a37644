"""English."""

from __future__ import annotations

from curation.miniworld.concepts import class_of, gender
from curation.miniworld.grammar import WHO, Grammar, Wh, variant
from curation.miniworld.lexicons.en import ADJECTIVES, NOUNS, PLACES, TIMES, VERBS
from curation.miniworld.meaning import NP, Clause
from curation.miniworld.words import Word, Words, in_role, without_roles

DETERMINERS = {
    "the": "the", "the_pl": "the", "two": "two", "three": "three", "all": "all the", "some": "some", "no": "no"
}  # fmt: skip
PRONOUNS = {"m": ("he", "him"), "f": ("she", "her"), None: ("it", "it")}


class English(Grammar):
    """English: do-support, possessive 's, no agreement but number."""

    code = "en"
    city_in, works_for = "in", "for"
    nouns, verbs, adjectives, places, times, names = NOUNS, VERBS, ADJECTIVES, PLACES, TIMES, {}

    def np(self, np: NP, case: str = "nom") -> Words:
        """Return the noun phrase; ``by`` adds the preposition."""
        if case == "by":
            return [Word("by", "ADP"), *self.np(np, "acc")]
        if np.head == WHO:
            return [Word("who", "PRON")]
        if np.pron:
            pronoun = ("they", "them") if np.plural else PRONOUNS[gender(np.head)]
            return [Word(pronoun[case == "acc"], "PRON")]
        if np.det == "name":
            core = self.person(np, self.name(np.head), self.name(np.surname) if np.surname else None)
            return [*core, *self._relative(np)]
        noun = variant(self.nouns[np.head], np.variant)[np.plural]
        core = [Word(self.adjectives[np.adj][0][0], "ADJ"), Word(noun, "NOUN")] if np.adj else [Word(noun, "NOUN")]
        return [*self._determiner(np, core[0].text), *core, *self._relative(np)]

    def _determiner(self, np: NP, following: str) -> Words:
        if np.owner:
            quantity = [Word(np.det, "NUM")] if np.det in ("two", "three") else []
            return [Word("the", "DET"), Word(self.nouns[np.owner][0][0], "NOUN"), Word("'s", "PART"), *quantity]
        if np.det == "a":
            return [Word("an" if following[0] in "aeio" else "a", "DET")]
        tag = "NUM" if np.det in ("two", "three") else "DET"
        return [Word(text, tag) for text in DETERMINERS[np.det].split()]

    def _relative(self, np: NP) -> Words:
        if np.rel is None:
            return []
        who = "who" if class_of(np.head) == "person" else "that"
        if np.gap == "subject":
            inner = self._predicate(np.rel, np.plural)
        else:
            inner = [*self.np(np.rel.subject), *self._predicate(np.rel, np.rel.subject.plural, without_object=True)]
        return [Word(who, "PRON"), *without_roles(inner)]

    def _predicate(self, c: Clause, plural: bool, without_object: bool = False) -> Words:
        ends = [*(self.place(c) if c.front != "place" else []), *(self.time(c) if c.front != "time" else [])]
        return [*self._verb(c, plural), *([] if without_object else self._complement(c)), *ends, *self._also(c, plural)]

    def _also(self, c: Clause, plural: bool) -> Words:
        return [Word("and", "CCONJ"), *without_roles(self._predicate(c.also, plural))] if c.also else []

    def _complement(self, c: Clause) -> Words:
        if c.passive:
            return in_role(self.np(c.subject, "by"), "subject")
        if c.object:
            return in_role(self.np(c.object, "acc"), "object")
        quality = [Word(variant(self.adjectives[c.adj], c.variant)[0], "ADJ", "adjective")] if c.adj else []
        return [*quality, *self.employer(c)]

    def _verb(self, c: Clause, plural: bool) -> Words:
        negation = [Word("not", "PART")] if c.negated else []
        was = Word("were" if plural else "was", "AUX")
        if c.verb == "be":
            return [was, *negation]
        base, past, participle = _forms(variant(self.verbs[c.verb], c.variant))
        if c.passive:
            return [was, *negation, Word(participle, "VERB")]
        return [Word("did", "AUX"), *negation, Word(base, "VERB")] if c.negated else [Word(past, "VERB")]

    def clause(self, c: Clause, wh: Wh = "") -> Words:
        """Return subject, verb, object, place, time; a question word first with inversion."""
        first = c.object if c.passive and c.object else c.subject
        subject = in_role(self.np(first), "object" if c.passive else "subject")
        if wh in ("", "subject"):
            front = {"place": self.place, "time": self.time}[c.front](c) if c.front else []
            return [*front, *([Word(",", "PUNCT")] if front else []), *subject, *self._predicate(c, first.plural)]
        word = {"object": "who" if c.object and class_of(c.object.head) == "person" else "what",
                "place": "where", "time": "when"}[wh]  # fmt: skip
        rest = [*([] if wh == "object" else self._complement(c)), *([] if wh == "place" else self.place(c)),
                *([] if wh == "time" else self.time(c))]  # fmt: skip
        negation = [Word("not", "PART")] if c.negated else []
        verb = variant(self.verbs[c.verb], c.variant) if c.verb != "be" else ("",)
        aux = Word("were" if first.plural else "was", "AUX") if c.verb == "be" or c.passive else Word("did", "AUX")
        main = [] if c.verb == "be" else [Word(verb[-1] if c.passive else verb[0], "VERB")]
        return [Word(word, "PRON" if wh == "object" else "ADV"), aux, *subject, *negation, *main, *rest]


def _forms(verb: tuple[str, ...]) -> tuple[str, str, str]:
    return verb[0], verb[1], verb[2]


GRAMMAR = English()
