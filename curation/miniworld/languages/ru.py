"""Russian."""

from __future__ import annotations

from curation.miniworld.concepts import COMPANIES, PEOPLE, class_of
from curation.miniworld.concepts import gender as natural_gender
from curation.miniworld.grammar import WHO, Grammar, Wh, variant
from curation.miniworld.lexicons.ru import ADJECTIVES, NAMES, NOUNS, PLACES, TIMES, VERBS
from curation.miniworld.meaning import NP, Clause
from curation.miniworld.words import Word, Words, in_role, without_roles

SOFT = {"ий": ("ий", "яя", "ее", "ие", "его", "ей", "им", "их", "ими", "юю"),
        "hush": ("ий", "ая", "ее", "ие", "его", "ей", "им", "их", "ими", "ую"),
        "k": ("ий", "ая", "ое", "ие", "ого", "ой", "им", "их", "ими", "ую"),
        "hard": ("ый", "ая", "ое", "ые", "ого", "ой", "ым", "ых", "ыми", "ую")}  # fmt: skip
"""Endings: nominative m f n plural; genitive m, f (= instrumental); instrumental m; plural genitive, instr.; acc. f."""
PRONOUNS = {"m": "он", "f": "она"}


def decline(adjective: str, case: str, gender: str, plural: bool, animate: bool) -> str:
    """Return an adjective of the citation form ``adjective`` in agreement.

    >>> decline("большой", "acc", "m", False, True), decline("синий", "ins", "f", False, False)
    ('большого', 'синей')
    """
    stem, ending = adjective[:-2], adjective[-2:]
    last = stem[-1]
    kind = (
        "k"
        if ending == "ой" and last in "жшщч"
        else "hush"
        if last in "жшщч"
        else "k"
        if last in "кгх"
        else "ий"
        if ending == "ий"
        else "hard"
    )
    nom_m, nom_f, nom_n, nom_p, gen_m, gen_f, ins_m, gen_p, ins_p, acc_f = SOFT[kind]
    nom_m = ending
    if case == "acc":
        case = "accf" if gender == "f" and not plural else "gen" if animate and (gender == "m" or plural) else "nom"
    if plural:
        return stem + {"nom": nom_p, "gen": gen_p, "ins": ins_p}[case]
    forms = {"nom": {"m": nom_m, "f": nom_f, "n": nom_n}, "gen": {"m": gen_m, "f": gen_f, "n": gen_m},
             "ins": {"m": ins_m, "f": gen_f, "n": ins_m}, "accf": {"f": acc_f}}  # fmt: skip
    return stem + forms[case][gender]


class Russian(Grammar):
    """Russian: no articles, six cases, gender in the past tense, numerals that govern the genitive."""

    code = "ru"
    city_in, works_for = "в", "на"
    nouns, verbs, adjectives, places, times, names = NOUNS, VERBS, ADJECTIVES, PLACES, TIMES, NAMES

    def gender(self, np: NP) -> str:
        """Return the gender of what ``np`` names."""
        if np.head in COMPANIES:
            return "f"
        if np.det == "name" or np.head == WHO:
            return natural_gender(np.head) or "m"
        return variant(self.nouns[np.head], np.variant)[0]

    def city(self, city: str) -> Words:
        """Return a city's name in the prepositional case."""
        name = self.name(city)
        return [Word((name[:-1] if name.endswith("а") else name) + "е", "PROPN", "", "B-LOC")]

    def _animate(self, np: NP) -> bool:
        return np.head not in COMPANIES and class_of(np.head) in ("person", "animal")

    def np(self, np: NP, case: str = "nom") -> Words:
        """Return the noun phrase; ``by`` is the bare instrumental."""
        case = "ins" if case == "by" else case
        if np.head == WHO:
            return [Word({"nom": "кто", "acc": "кого", "gen": "кого", "ins": "кем"}[case], "PRON")]
        if np.pron:
            genitive = {"m": "его", "f": "её"}[self.gender(np)]
            nominative = PRONOUNS[self.gender(np)]
            return [Word("они" if np.plural else nominative if case == "nom" else genitive, "PRON")]
        core = self._name(np, case) if np.det == "name" else self._core(np, case)
        owner = self.np(NP(np.owner), "gen") if np.owner else []
        return [*core, *owner, *self._relative(np)]

    def _name(self, np: NP, case: str) -> Words:
        gender = natural_gender(np.head)
        first, last = self.name(np.head), self.name(np.surname) if np.surname else None
        if gender == "f":
            stem = first[:-1]
            soft = stem.endswith("и")
            first = stem + {"nom": "а" if not soft else "я", "acc": "ю" if soft else "у", "gen": "и" if soft else "ы",
                            "ins": "ей" if soft else "ой"}[case]  # fmt: skip
        elif gender == "m":
            ending = {"nom": "", "acc": "а", "gen": "а", "ins": "ом"}[case]
            first, last = first + ending, last + ending if last else None
        return self.person(np, first, last)

    def _core(self, np: NP, case: str) -> Words:
        entry, gender, animate = variant(self.nouns[np.head], np.variant), self.gender(np), self._animate(np)
        _, nom, gen, ins, noms, gens = entry
        adjective = self.adjectives[np.adj][0][0] if np.adj else None
        if np.det in ("two", "three"):
            return self._counted(np, case, entry, adjective, animate)
        if np.plural:
            noun = {"nom": noms, "gen": gens, "acc": gens if animate else noms}[case]
        elif case == "acc":
            noun = _accusative(nom, gen, gender, animate)
        else:
            noun = {"nom": nom, "gen": gen, "ins": ins}[case]
        if np.head == "person" and np.plural and case == "acc":
            noun = "людей"
        words = [Word(decline(adjective, case, gender, np.plural, animate), "ADJ")] if adjective else []
        return [*self._determiner(np, case, gender, animate), *words, Word(noun, "NOUN")]

    def _counted(self, np: NP, case: str, entry: tuple[str, ...], adjective: str | None, animate: bool) -> Words:
        gender, _, gen, _, _, gens = entry
        if case == "acc" and animate:
            number = "двух" if np.det == "two" else "трёх"
            words = [Word(decline(adjective, "gen", gender, True, True), "ADJ")] if adjective else []
            return [Word(number, "NUM"), *words, Word(gens, "NOUN")]
        number = {"two": "две" if gender == "f" else "два", "three": "три"}[np.det]
        in_plural = "nom" if gender == "f" else "gen"
        words = [Word(decline(adjective, in_plural, gender, True, False), "ADJ")] if adjective else []
        return [Word(number, "NUM"), *words, Word("животных" if np.head == "animal" else gen, "NOUN")]

    def _determiner(self, np: NP, case: str, gender: str, animate: bool) -> Words:
        if np.det == "all":
            return [Word("всех" if case == "acc" and animate else "все", "DET")]
        if np.det == "some":
            return [Word("некоторых" if case == "acc" and animate else "некоторые", "DET")]
        if np.det == "no":
            return [Word("ни", "PART"), Word({"m": "один", "f": "одна", "n": "одно"}[gender], "DET")]
        return []

    def _relative(self, np: NP) -> Words:
        if np.rel is None:
            return []
        if np.gap == "subject":
            inner = [*self._finite(np.rel, np), *self._rest(np.rel)]
            pronoun = decline("который", "nom", self.gender(np), np.plural, False)
        else:
            subject = np.rel.subject
            inner = [*self.np(subject), *self._finite(np.rel, subject), *self._rest(np.rel, "object")]
            pronoun = decline("который", "acc", self.gender(np), np.plural, self._animate(np))
        return [Word(",", "PUNCT"), Word(pronoun, "PRON"), *without_roles(inner), Word(",", "PUNCT")]

    def _finite(self, c: Clause, np: NP) -> Words:
        negation = [Word("не", "PART")] if c.negated or np.det == "no" else []
        gender = "p" if np.plural else self.gender(np)
        was = Word({"m": "был", "f": "была", "n": "было", "p": "были"}[gender], "AUX" if c.adj or c.passive else "VERB")
        if c.verb == "be":
            return [*negation, was]
        forms = variant(self.verbs[c.verb], c.variant)
        if c.passive:
            return [*negation, was, Word(_short(forms[2], gender), "VERB")]
        return [*negation, Word(_past(forms[0], forms[1], gender), "VERB")]

    def _rest(self, c: Clause, skip: str = "") -> Words:
        found: Words = []
        if c.passive and skip != "subject":
            found += in_role(self.np(c.subject, "by"), "subject")
        elif c.object and not c.passive and skip != "object":
            found += in_role(self.np(c.object, "acc"), "object")
        first = c.object if c.passive and c.object else c.subject
        if c.adj:
            form = variant(self.adjectives[c.adj], c.variant)[0]
            found.append(Word(decline(form, "ins", self.gender(first), first.plural, False), "ADJ", "adjective"))
        found += self.employer(c)
        for name, phrase in (("place", self.place), ("time", self.time)):
            found += phrase(c) if name not in (c.front, skip) else []
        if c.also:
            found += without_roles([Word("и", "CCONJ"), *self._finite(c.also, first), *self._rest(c.also)])
        return found

    def clause(self, c: Clause, wh: Wh = "") -> Words:
        """Return subject, verb, object, place, time; who is not somewhere stands in the genitive."""
        first = c.object if c.passive and c.object else c.subject
        front = {"place": self.place, "time": self.time}[c.front](c) if c.front else []
        asking: Words = []
        if wh in ("place", "time"):
            asking = [Word("где" if wh == "place" else "когда", "ADV")]
        elif wh == "object" and c.object:
            person = c.object.head not in COMPANIES and (c.object.head in PEOPLE or c.object.det == "name")
            asking = [Word("кого" if person else "что", "PRON")]
        if c.verb == "be" and c.place and c.negated and not first.plural and first.det != "no" and not c.also:
            subject = in_role(self.np(first, "gen"), "subject")
            return [*asking, *front, *subject, Word("не", "PART"), Word("было", "VERB"), *self._rest(c, wh)]
        subject = in_role(self.np(first), "object" if c.passive else "subject")
        return [*asking, *front, *subject, *self._finite(c, first), *self._rest(c, wh)]


def _accusative(nom: str, gen: str, gender: str, animate: bool) -> str:
    if nom.endswith("а") and gender in ("f", "m"):
        return nom[:-1] + "у"
    if nom.endswith("я") and gender == "f":
        return nom[:-1] + "ю"
    return gen if gender == "m" and animate else nom


def _past(masculine: str, feminine: str, gender: str) -> str:
    if gender in ("m", "f"):
        return masculine if gender == "m" else feminine
    reflexive = feminine.endswith("ась")
    stem = feminine[:-3] if reflexive else feminine[:-1]
    return stem + {"n": "о", "p": "и"}[gender] + ("сь" if reflexive else "")


def _short(participle: str, gender: str) -> str:
    stem = participle[:-2] + "ен" if participle.endswith("ён") and gender != "m" else participle
    return stem + {"m": "", "f": "а", "n": "о", "p": "ы"}[gender]


GRAMMAR = Russian()
