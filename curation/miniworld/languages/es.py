"""Spanish."""

from __future__ import annotations

from curation.miniworld.concepts import MOODS, PEOPLE
from curation.miniworld.grammar import Wh, variant
from curation.miniworld.languages.romance import Romance
from curation.miniworld.lexicons.es import ADJECTIVES, NAMES, NOUNS, PLACES, TIMES, VERBS
from curation.miniworld.meaning import NP, Clause
from curation.miniworld.words import Word, Words, sentence

SER = frozenset({"rich", "poor"})
"""Moods that take *ser*; the others take *estar*."""
FIXED = {
    "azul": "azules",
    "gris": "grises",
    "marrón": "marrones",
    "joven": "jóvenes",
    "débil": "débiles",
    "feliz": "felices",
}


class Spanish(Romance):
    """Spanish: *ser* and *estar*, the personal *a*, *al* and *del*."""

    code = "es"
    nouns, verbs, adjectives, places, times, names = NOUNS, VERBS, ADJECTIVES, PLACES, TIMES, NAMES
    also, by, of, city_in, works_for, who = "y", "por", "de", "en", "para", "quién"
    pronouns = {("m", False): "él", ("f", False): "ella", ("m", True): "ellos", ("f", True): "ellas"}  # noqa: RUF012

    def article(self, np: NP, gender: str, following: str) -> Words:
        """Return the determiner: *el, la, un, dos, todos los, algunos, ningún*."""
        masculine = gender == "m"
        the = {("m", False): "el", ("f", False): "la", ("m", True): "los", ("f", True): "las"}[gender, np.plural]
        match np.det:
            case "two" | "three":
                return [Word({"two": "dos", "three": "tres"}[np.det], "NUM")]
            case "all":
                return [Word("todos" if masculine else "todas", "DET"), Word(the, "DET")]
            case "some":
                return [Word("algunos" if masculine else "algunas", "DET")]
            case "no":
                return [Word("ningún" if masculine else "ninguna", "DET")]
            case "a":
                return [Word("un" if masculine else "una", "DET")]
            case _:
                return [Word(the, "DET")]

    def adjective(self, adjective: str, gender: str, plural: bool, following: str = "", variant: int = 0) -> Word:
        """Return the adjective: *rojo, roja, rojos, rojas*; *azul, azules*."""
        forms = self.adjectives[adjective]
        form = forms[min(variant, len(forms) - 1)][0]
        if form.endswith("o"):
            form = form[:-1] + ("o" if gender == "m" else "a")
        if plural:
            form = FIXED.get(form, form + "s")
        return Word(form, "ADJ")

    def finite(self, c: Clause, np: NP, object_first: NP | None = None) -> Words:
        """Return the verb in the preterite, with *no* before it."""
        negation = [Word("no", "PART")] if c.negated else []
        if c.verb == "be":
            state = (c.place is not None and c.adj is None) or (c.adj in MOODS and c.adj not in SER)
            form = ("estaba" if state else "era") + ("n" if np.plural else "")
            return [*negation, Word(form, "AUX" if c.adj else "VERB")]
        forms = variant(self.verbs[c.verb], c.variant)
        if c.passive:
            participle = forms[2][:-1] + ("o" if self.gender(np) == "m" else "a") + ("s" if np.plural else "")
            return [*negation, Word("fueron" if np.plural else "fue", "AUX"), Word(participle, "VERB")]
        return [*negation, Word(forms[np.plural], "VERB")]

    def object_np(self, c: Clause) -> Words:
        """Return the object, with *a* before people and animals."""
        phrase = super().object_np(c)
        return self.contract([Word("a", "ADP"), *phrase]) if self.animate(c.object) else phrase

    def relative(self, np: NP) -> Words:
        """Return *que*, or *al que* for a person or animal that is the object."""
        if np.gap == "object" and self.animate(np):
            the = {("m", False): "el", ("f", False): "la", ("m", True): "los", ("f", True): "las"}
            return [Word("a", "ADP"), Word(the[self.gender(np), np.plural], "DET"), Word("que", "PRON")]
        return [Word("que", "PRON")]

    def contract(self, phrase: Words) -> Words:
        """Return ``phrase`` with *a el* as *al* and *de el* as *del*."""
        found: Words = []
        for word in phrase:
            if found and found[-1].text == "y" and word.text.startswith(("i", "hi")):
                found[-1] = found[-1]._replace(text="e")
            if word.text == "el" and word.pos == "DET" and found and found[-1].text in ("a", "de"):
                found[-1] = found[-1]._replace(text=found[-1].text + "l")
            else:
                found.append(word)
        return found

    def fronted(self, front: Words) -> Words:
        """Return the fronted phrase; Spanish sets no comma here."""
        return front

    def asking(self, c: Clause, wh: Wh) -> Words:
        """Return *qué*, *a quién*, *dónde*, *cuándo*."""
        if wh == "object":
            person = (
                c.object is not None and (c.object.head in PEOPLE or c.object.det == "name") and self.animate(c.object)
            )
            return [Word("a", "ADP"), Word("quién", "PRON")] if person else [Word("qué", "PRON")]
        return [Word("dónde" if wh == "place" else "cuándo", "ADV")]

    def ask(self, clause: Clause, wh: Wh) -> Words:
        """Return the question with its opening mark."""
        return [Word("¿", "PUNCT"), *sentence(self.clause(clause, wh), "?")]


GRAMMAR = Spanish()
