"""English."""

from __future__ import annotations

from curation.miniworld.concepts import class_of, gender
from curation.miniworld.grammar import WHO, Grammar, Wh, phrases, table, variant
from curation.miniworld.meaning import NP, Clause
from curation.miniworld.words import Word, Words, in_role, without_roles

NOUNS = table("""
teacher teacher teachers
doctor doctor doctors | physician physicians
nurse nurse nurses
farmer farmer farmers
cook cook cooks | chef chefs
singer singer singers
king king kings
queen queen queens
boy boy boys
girl girl girls
man man men
woman woman women
writer writer writers | author authors
painter painter painters
baker baker bakers
dancer dancer dancers
driver driver drivers
student student students
dog dog dogs
cat cat cats
horse horse horses
cow cow cows
rabbit rabbit rabbits
goat goat goats
wolf wolf wolves
fox fox foxes
bear bear bears
mouse mouse mice
lion lion lions
duck duck ducks
apple apple apples
pear pear pears
banana banana bananas
lemon lemon lemons
peach peach peaches
melon melon melons
guitar guitar guitars
piano piano pianos
violin violin violins
drum drum drums
flute flute flutes
trumpet trumpet trumpets
doll doll dolls
ball ball balls
robot robot robots
puzzle puzzle puzzles
rose rose roses
tulip tulip tulips
lily lily lilies
orchid orchid orchids
car car cars | automobile automobiles
bicycle bicycle bicycles | bike bikes
boat boat boats
truck truck trucks | lorry lorries
bus bus buses
coat coat coats
shirt shirt shirts
hat hat hats
skirt skirt skirts
scarf scarf scarves
jacket jacket jackets
book book books
letter letter letters
picture picture pictures | painting paintings
key key keys
cup cup cups
mirror mirror mirrors
lamp lamp lamps
table table tables
chair chair chairs
box box boxes
person person people
animal animal animals
fruit fruit fruits
instrument instrument instruments
toy toy toys
flower flower flowers
""")
VERBS = table("""
see see saw seen | notice noticed noticed
find find found found | discover discovered discovered
lose lose lost lost
buy buy bought bought | purchase purchased purchased
sell sell sold sold
repair repair repaired repaired | fix fixed fixed
break break broke broken
wash wash washed washed
hide hide hid hidden | conceal concealed concealed
show show showed shown
steal steal stole stolen
choose choose chose chosen
draw draw drew drawn
photograph photograph photographed photographed
hear hear heard heard
invite invite invited invited
greet greet greeted greeted
chase chase chased chased | pursue pursued pursued
eat eat ate eaten
sleep sleep slept slept
dance dance danced danced
sing sing sang sung
work work worked worked
laugh laugh laughed laughed
wait wait waited waited
fall fall fell fallen
stay stay stayed stayed | remain remained remained
found found founded founded | establish established established
""")
ADJECTIVES = table("""
red red
blue blue
green green
yellow yellow
white white
black black
grey grey
brown brown
big big
small small
old old
new new
expensive expensive
cheap cheap
clean clean
dirty dirty
heavy heavy
light light
happy happy | glad
sad sad
tired tired
rested rested
rich rich | wealthy
poor poor
sick sick | ill
healthy healthy
hungry hungry
full full
calm calm
nervous nervous
young young
lazy lazy
diligent diligent
strong strong
weak weak
""")
PLACES = phrases("""
kitchen in the kitchen
garden in the garden
park in the park
forest in the forest
school at the school
church in the church
market at the market
street in the street
station at the station
library in the library
hotel in the hotel
museum in the museum
restaurant in the restaurant
cellar in the cellar
hospital in the hospital
theatre in the theatre
""")
TIMES = phrases("""
yesterday yesterday
monday on Monday / ADP PROPN
tuesday on Tuesday / ADP PROPN
wednesday on Wednesday / ADP PROPN
thursday on Thursday / ADP PROPN
friday on Friday / ADP PROPN
saturday on Saturday / ADP PROPN
sunday on Sunday / ADP PROPN
morning in the morning
evening in the evening
night at night
summer in summer
winter in winter
last_week last week / ADJ NOUN
""")
DETERMINERS = {
    "the": "the", "the_pl": "the", "two": "two", "three": "three", "all": "all the", "some": "some", "no": "no"
}  # fmt: skip
PRONOUNS = {"m": ("he", "him"), "f": ("she", "her"), None: ("it", "it")}


class English(Grammar):
    """English: do-support, possessive 's, no agreement but number."""

    code = "en"
    city_in, works_for = "in", "for"
    nouns, verbs, adjectives, places, times, names = NOUNS, VERBS, ADJECTIVES, PLACES, TIMES, {}  # noqa: RUF012

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
