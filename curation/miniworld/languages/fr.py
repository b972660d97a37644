"""French."""

from __future__ import annotations

from dataclasses import replace

from curation.miniworld.concepts import PEOPLE
from curation.miniworld.grammar import Wh, variant
from curation.miniworld.languages.romance import Romance
from curation.miniworld.lexicons.fr import ADJECTIVES, NAMES, NOUNS, PLACES, TIMES, VERBS
from curation.miniworld.meaning import NP, Clause
from curation.miniworld.words import Word, Words

EARLY = frozenset({"big", "small", "old", "new", "young"})
BEFORE_VOWEL = {"vieux": "vieil", "nouveau": "nouvel"}
PLURALS = {"nouveau": "nouveaux"}
VOWELS = "aeiouyàâéèêëîïôûœh"
"""Letters before which words are elided; every h of the lexicon is mute."""
ELIDED = {"le": "l'", "la": "l'", "de": "d'", "ne": "n'", "que": "qu'"}


class French(Romance):
    """French: elision, *du*, *ne ... pas*, *pas de*, adjectives before nouns, agreement of participles."""

    code = "fr"
    nouns, verbs, adjectives, places, times, names = NOUNS, VERBS, ADJECTIVES, PLACES, TIMES, NAMES
    also, by, of, city_in, works_for, who, before = "et", "par", "de", "à", "pour", "qui", EARLY
    pronouns = {("m", False): "il", ("f", False): "elle", ("m", True): "ils", ("f", True): "elles"}  # noqa: RUF012
    end_question = "?"

    def article(self, np: NP, gender: str, following: str) -> Words:
        """Return the determiner: *le, la, un, deux, tous les, quelques, aucun*."""
        masculine = gender == "m"
        the = "les" if np.plural else "le" if masculine else "la"
        match np.det:
            case "two" | "three":
                return [Word({"two": "deux", "three": "trois"}[np.det], "NUM")]
            case "all":
                return [Word("tous" if masculine else "toutes", "DET"), Word("les", "DET")]
            case "some":
                return [Word("quelques", "DET")]
            case "no":
                return [Word("aucun" if masculine else "aucune", "DET")]
            case "a":
                return [Word("un" if masculine else "une", "DET")]
            case _:
                return [Word(the, "DET")]

    def adjective(self, adjective: str, gender: str, plural: bool, following: str = "", variant: int = 0) -> Word:
        """Return the adjective: *vieux, vieil* before a vowel, *vieille*, *vieilles*."""
        variants = self.adjectives[adjective]
        masculine, feminine = variants[min(variant, len(variants) - 1)]
        if gender == "f":
            return Word(feminine + ("s" if plural else ""), "ADJ")
        if plural:
            return Word(PLURALS.get(masculine) or masculine + ("" if masculine[-1] in "sx" else "s"), "ADJ")
        early = following[:1] in VOWELS if following else False
        return Word(BEFORE_VOWEL.get(masculine, masculine) if early else masculine, "ADJ")

    def finite(self, c: Clause, np: NP, object_first: NP | None = None) -> Words:
        """Return the verb in the perfect between *ne* and *pas*; no *pas* after *aucun*."""
        nobody = np.det == "no"
        ne = [Word("ne", "PART")] if c.negated or nobody else []
        pas = [Word("pas", "PART")] if c.negated else []
        if c.verb == "be":
            return [*ne, Word("étaient" if np.plural else "était", "AUX" if c.adj else "VERB"), *pas]
        participle, auxiliary = variant(self.verbs[c.verb], c.variant)
        if c.passive:
            have = Word("ont" if np.plural else "a", "AUX")
            return [*ne, have, *pas, Word("été", "AUX"), Word(self._agreed(participle, np), "VERB")]
        if auxiliary == "e":
            return [*ne, Word("sont" if np.plural else "est", "AUX"), *pas, Word(self._agreed(participle, np), "VERB")]
        form = self._agreed(participle, object_first) if object_first else participle
        return [*ne, Word("ont" if np.plural else "a", "AUX"), *pas, Word(form, "VERB")]

    def _agreed(self, participle: str, np: NP) -> str:
        feminine = participle + ("e" if self.gender(np) == "f" else "")
        return feminine + ("s" if np.plural and not feminine.endswith("s") else "")

    def object_np(self, c: Clause) -> Words:
        """Return the object; *un* becomes *de* after *pas* and *aucun*."""
        assert c.object is not None
        if (c.negated or c.subject.det == "no") and c.object.det == "a":
            bare = self.np(replace(c.object, det="the"))
            start = 1 if bare[0].text in ("le", "la", "l'") else 0
            return self.contract([Word("de", "DET"), *bare[start:]])
        return super().object_np(c)

    def relative(self, np: NP) -> Words:
        """Return *qui* or *que*."""
        return [Word("qui" if np.gap == "subject" else "que", "PRON")]

    def contract(self, phrase: Words) -> Words:
        """Return ``phrase`` with *de le* as *du*, and *le, la, de, ne, que* elided before vowels."""
        found: Words = []
        for word, after in zip(phrase, [*phrase[1:], None], strict=True):
            vowel = after is not None and after.text[0].lower() in VOWELS and after.pos != "PUNCT"
            if word.text in ELIDED and vowel:
                found.append(word._replace(text=ELIDED[word.text]))
            elif (
                word.text in ("le", "les")
                and word.pos == "DET"
                and found
                and found[-1].text == "de"
                and found[-1].pos == "ADP"
            ):
                found[-1] = found[-1]._replace(text="du" if word.text == "le" else "des")
            else:
                found.append(word)
        return found

    def question(self, c: Clause, wh: Wh, first: NP, subject: Words) -> Words:
        """Return question words, *est-ce que*, and the order of a statement."""
        statement = [*subject, *self.finite(c, first), *self._rest(c, wh)]
        return [*self.asking(c, wh), Word("est-ce", "AUX"), Word("que", "SCONJ"), *statement]

    def asking(self, c: Clause, wh: Wh) -> Words:
        """Return *que*, *qui*, *où*, *quand*."""
        if wh == "object":
            person = (
                c.object is not None and (c.object.head in PEOPLE or c.object.det == "name") and self.animate(c.object)
            )
            return [Word("qui" if person else "que", "PRON")]
        return [Word("où" if wh == "place" else "quand", "ADV")]


GRAMMAR = French()
