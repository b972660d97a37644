"""German."""

from __future__ import annotations

from dataclasses import replace

from curation.miniworld.concepts import gender as natural_gender
from curation.miniworld.grammar import WHO, Grammar, Wh, variant
from curation.miniworld.lexicons.de import ADJECTIVES, NAMES, NOUNS, PLACES, TIMES, VERBS
from curation.miniworld.meaning import NP, Clause
from curation.miniworld.words import Word, Words, in_role, without_roles

THE = {"nom": {"m": "der", "f": "die", "n": "das"}, "acc": {"m": "den", "f": "die", "n": "das"},
       "dat": {"m": "dem", "f": "der", "n": "dem"}, "gen": {"m": "des", "f": "der", "n": "des"}}  # fmt: skip
A = {
    "nom": {"m": "", "f": "e", "n": ""},
    "acc": {"m": "en", "f": "e", "n": ""},
    "dat": {"m": "em", "f": "er", "n": "em"},
}
WEAK = {("nom", "m"): "e", ("nom", "f"): "e", ("nom", "n"): "e", ("acc", "f"): "e", ("acc", "n"): "e"}
MIXED = {**WEAK, ("nom", "m"): "er", ("nom", "n"): "es", ("acc", "n"): "es"}
PLURALS = {"the_pl": "die", "two": "zwei", "three": "drei", "all": "alle", "some": "einige"}
PRONOUNS = {"nom": {"m": "er", "f": "sie"}, "acc": {"m": "ihn", "f": "sie"}, "dat": {"m": "ihm", "f": "ihr"}}


class German(Grammar):
    """German: cases, adjective inflection, verb second in main clauses, verb last in relative ones."""

    code = "de"
    city_in, works_for = "in", "für"
    nouns, verbs, adjectives, places, times, names = NOUNS, VERBS, ADJECTIVES, PLACES, TIMES, NAMES

    def np(self, np: NP, case: str = "nom") -> Words:
        """Return the noun phrase; ``by`` is *von* with the dative, contracted to *vom*."""
        if case == "by":
            inner = self.np(np, "dat")
            if inner[0].text == "dem":
                return [Word("vom", "ADP"), *inner[1:]]
            return [Word("von", "ADP"), *inner]
        if np.head == WHO:
            return [Word({"nom": "wer", "acc": "wen", "dat": "wem"}[case], "PRON")]
        if np.pron:
            return [Word("sie" if np.plural else PRONOUNS[case][natural_gender(np.head) or "m"], "PRON")]
        if np.det == "name":
            core = self.person(np, self.name(np.head), self.name(np.surname) if np.surname else None)
            return [*core, *self._relative(np)]
        owner = self._owner(np.owner) if np.owner else []
        return [*self._core(np, case), *owner, *self._relative(np)]

    def _core(self, np: NP, case: str) -> Words:
        entry = variant(self.nouns[np.head], np.variant)
        gender, noun = entry[0], entry[1 + np.plural]
        if not np.plural and entry[-1] == "weak" and case != "nom":
            noun += "n" if noun.endswith("e") else "en"
        if np.plural:
            article = [Word(PLURALS[np.det], "NUM" if np.det in ("two", "three") else "DET")]
            ending = "en" if np.det in ("the_pl", "all") else "e"
        elif np.det in ("a", "no"):
            article = [Word(("k" if np.det == "no" else "") + "ein" + A[case][gender], "DET")]
            ending = MIXED.get((case, gender), "en")
        else:
            article, ending = [Word(THE[case][gender], "DET")], WEAK.get((case, gender), "en")
        adjective = [Word(self.adjectives[np.adj][0][-1] + ending, "ADJ")] if np.adj else []
        return [*article, *adjective, Word(noun, "NOUN")]

    def _owner(self, owner: str) -> Words:
        gender, noun, _, *weak = self.nouns[owner][0]
        if weak:
            noun += "n"
        elif gender != "f":
            vowels = sum(letter.lower() in "aeiouäöü" for letter in noun)
            noun += "es" if vowels == 1 else "s"
        return [Word(THE["gen"][gender], "DET"), Word(noun, "NOUN")]

    def _relative(self, np: NP) -> Words:
        if np.rel is None:
            return []
        gender = natural_gender(np.head) if np.det == "name" else variant(self.nouns[np.head], np.variant)[0]
        case = "nom" if np.gap == "subject" else "acc"
        pronoun = "die" if np.plural else THE[case][gender or "m"]
        subject = [] if np.gap == "subject" else self.np(np.rel.subject)
        plural = np.plural if np.gap == "subject" else np.rel.subject.plural
        middle, last = self._middle(np.rel, without_object=np.gap == "object"), self._participle(np.rel)
        inner = [*subject, *middle, *last, self._finite(np.rel, plural)]
        return [Word(",", "PUNCT"), Word(pronoun, "PRON"), *without_roles(inner), Word(",", "PUNCT")]

    def _finite(self, c: Clause, plural: bool) -> Word:
        if c.verb == "be":
            return Word("waren" if plural else "war", "AUX")
        if c.passive:
            return Word("wurden" if plural else "wurde", "AUX")
        if self._verb(c)[1] == "s":
            return Word("sind" if plural else "ist", "AUX")
        return Word("haben" if plural else "hat", "AUX")

    def _verb(self, c: Clause) -> tuple[str, ...]:
        return variant(self.verbs[c.verb], c.variant)

    def _participle(self, c: Clause) -> Words:
        return [] if c.verb == "be" else [Word(self._verb(c)[0], "VERB")]

    def _middle(self, c: Clause, without_object: bool = False, skip: str = "") -> Words:
        """Return what stands between the finite verb and the participle: time, object, *nicht*, place."""
        time = self.time(c) if "time" not in (c.front, skip) else []
        place = self.place(c) if "place" not in (c.front, skip) else []
        object_, negated = c.object, c.negated
        if object_ and negated and object_.det == "a" and not c.passive and not without_object:
            object_, negated = _no(object_), False
        if c.passive:
            complement = in_role(self.np(c.subject, "by"), "subject")
        else:
            complement = in_role(self.np(object_, "acc"), "object") if object_ and not without_object else []
        quality = [Word(variant(self.adjectives[c.adj], c.variant)[0], "ADJ", "adjective")] if c.adj else []
        return [*time, *complement, *([Word("nicht", "PART")] if negated else []), *self.employer(c), *place, *quality]

    def _also(self, c: Clause, plural: bool) -> Words:
        if c.also is None:
            return []
        rest = [self._finite(c.also, plural), *self._middle(c.also), *self._participle(c.also)]
        return [Word("und", "CCONJ"), *without_roles(rest)]

    def clause(self, c: Clause, wh: Wh = "") -> Words:
        """Return one phrase, the finite verb, the rest, the participle."""
        first = c.object if c.passive and c.object else c.subject
        subject = in_role(self.np(first), "object" if c.passive else "subject")
        front = {"place": self.place, "time": self.time}[c.front](c) if c.front else []
        if wh in ("place", "time"):
            front = [Word("wo" if wh == "place" else "wann", "ADV")]
        elif wh == "object" and c.object:
            animate = natural_gender(c.object.head) is not None
            front = [Word("wen" if animate else "was", "PRON")]
        verb = self._finite(c, first.plural)
        start = [*front, verb, *subject] if front else [*subject, verb]
        middle = self._middle(c, without_object=wh == "object", skip=wh)
        return [*start, *middle, *self._participle(c), *self._also(c, first.plural)]


def _no(np: NP) -> NP:
    return replace(np, det="no")


GRAMMAR = German()
