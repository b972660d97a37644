"""Italian."""

from __future__ import annotations

from curation.miniworld.concepts import PEOPLE
from curation.miniworld.grammar import Wh, variant
from curation.miniworld.languages.romance import Romance
from curation.miniworld.lexicons.it import ADJECTIVES, NAMES, NOUNS, PLACES, TIMES, VERBS
from curation.miniworld.meaning import NP, Clause
from curation.miniworld.words import Word, Words

INVARIABLE = frozenset({"blu"})
HARD = frozenset({"bianco", "sporco", "stanco", "ricco"})
"""Adjectives in -co with plurals in -chi, -che."""
PLURALS = {"grigio": "grigi", "vecchio": "vecchi", "sazio": "sazi", "economico": "economici"}
FUSED = {"di": "de", "da": "da", "a": "a"}


class Italian(Romance):
    """Italian: *lo* and *l'*, fused prepositions (*dal, dello*), agreement with *essere*."""

    code = "it"
    nouns, verbs, adjectives, places, times, names = NOUNS, VERBS, ADJECTIVES, PLACES, TIMES, NAMES
    also, by, of, city_in, works_for, who = "e", "da", "di", "a", "per", "chi"
    pronouns = {("m", False): "lui", ("f", False): "lei", ("m", True): "loro", ("f", True): "loro"}  # noqa: RUF012

    def article(self, np: NP, gender: str, following: str) -> Words:
        """Return the determiner in the form the next word asks for."""
        the = _the(gender, np.plural, following)
        match np.det:
            case "two" | "three":
                return [Word({"two": "due", "three": "tre"}[np.det], "NUM")]
            case "all":
                return [Word("tutti" if gender == "m" else "tutte", "DET"), Word(the, "DET")]
            case "some":
                return [Word("alcuni" if gender == "m" else "alcune", "DET")]
            case "no" | "a":
                return [Word(("ness" if np.det == "no" else "") + _a(gender, following), "DET")]
            case _:
                return [Word(the, "DET")]

    def adjective(self, adjective: str, gender: str, plural: bool, following: str = "", variant: int = 0) -> Word:
        """Return the adjective: *rosso, rossa, rossi, rosse*; *verde, verdi*; *bianchi, bianche*."""
        forms = self.adjectives[adjective]
        form = forms[min(variant, len(forms) - 1)][0]
        if form in INVARIABLE:
            return Word(form, "ADJ")
        hard = form in HARD or (plural and gender == "f" and form.endswith("co"))
        if plural and gender == "m":
            form = PLURALS.get(form) or form[:-1] + ("h" if hard else "") + "i"
        elif form.endswith("e"):
            form = form[:-1] + ("i" if plural else "e")
        elif gender == "f":
            form = form[:-1] + (("h" if hard else "") + "e" if plural else "a")
        return Word(form, "ADJ")

    def finite(self, c: Clause, np: NP, object_first: NP | None = None) -> Words:
        """Return the verb in the perfect, with *non* before it."""
        negation = [Word("non", "PART")] if c.negated else []
        if c.verb == "be":
            return [*negation, Word("erano" if np.plural else "era", "AUX" if c.adj else "VERB")]
        participle, auxiliary = variant(self.verbs[c.verb], c.variant)
        if c.passive or auxiliary == "e":
            agreed = (
                participle[:-1]
                + {("m", False): "o", ("f", False): "a", ("m", True): "i", ("f", True): "e"}[self.gender(np), np.plural]
            )
            been = [Word("stat" + agreed[-1], "AUX")] if c.passive else []
            return [*negation, Word("sono" if np.plural else "è", "AUX"), *been, Word(agreed, "VERB")]
        return [*negation, Word("hanno" if np.plural else "ha", "AUX"), Word(participle, "VERB")]

    def relative(self, np: NP) -> Words:
        """Return *che*."""
        return [Word("che", "PRON")]

    def contract(self, phrase: Words) -> Words:
        """Return ``phrase`` with *di, da, a* fused with the article after them."""
        found: Words = []
        for word in phrase:
            if found and found[-1].text == "e" and found[-1].pos == "CCONJ" and word.text[0] in "eè":
                found[-1] = found[-1]._replace(text="ed")
            if (
                found
                and found[-1].text in FUSED
                and found[-1].pos == "ADP"
                and word.text in _ARTICLES
                and word.pos == "DET"
            ):
                double = "" if word.text in ("i", "gli") else "l" if word.text in ("il", "lo", "la", "l'", "le") else ""
                ending = {"il": "l", "i": "i", "gli": "gli"}.get(word.text) or double + word.text
                found[-1] = found[-1]._replace(text=FUSED[found[-1].text] + ending)
            else:
                found.append(word)
        return found

    def fronted(self, front: Words) -> Words:
        """Return the fronted phrase; Italian needs no comma here."""
        return front

    def question(self, c: Clause, wh: Wh, first: NP, subject: Words) -> Words:
        """Return question word, verb, rest, and the subject last."""
        short = [w for w in self._rest(c, wh) if w.role == "object"]
        rest = [w for w in self._rest(c, wh) if w.role != "object"]
        if c.passive:
            return [*self.asking(c, wh), *self.finite(c, first), *subject, *self._rest(c, wh)]
        return [*self.asking(c, wh), *self.finite(c, first), *short, *subject, *rest]

    def asking(self, c: Clause, wh: Wh) -> Words:
        """Return *che cosa*, *chi*, *dove*, *quando*."""
        if wh == "object":
            person = (
                c.object is not None and (c.object.head in PEOPLE or c.object.det == "name") and self.animate(c.object)
            )
            return [Word("chi", "PRON")] if person else [Word("che", "DET"), Word("cosa", "NOUN")]
        return [Word("dove" if wh == "place" else "quando", "ADV")]


_ARTICLES = frozenset({"il", "lo", "la", "l'", "i", "gli", "le"})


def _impure(word: str) -> bool:
    """Return whether *lo* and *uno* stand before ``word``: s and a consonant, z, gn, ps, x, y."""
    return (word[0] == "s" and word[1] not in "aeiou") or word[0] in "zxy" or word.startswith(("gn", "ps", "chef"))


def _the(gender: str, plural: bool, following: str) -> str:
    vowel = following[0] in "aeiouè"
    if gender == "f":
        return "le" if plural else "l'" if vowel else "la"
    if plural:
        return "gli" if vowel or _impure(following) else "i"
    return "l'" if vowel else "lo" if _impure(following) else "il"


def _a(gender: str, following: str) -> str:
    if gender == "f":
        return "un'" if following[0] in "aeiou" else "una"
    return "uno" if _impure(following) else "un"


GRAMMAR = Italian()
