"""The concepts every lexicon must hold, and what the world knows about them: classes, hypernyms, opposites."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

PEOPLE: Mapping[str, Literal["m", "f"]] = {
    "teacher": "f", "doctor": "m", "nurse": "f", "farmer": "m", "cook": "m", "singer": "f", "king": "m", "queen": "f",
    "boy": "m", "girl": "f", "man": "m", "woman": "f", "writer": "f", "painter": "m", "baker": "m", "dancer": "f",
    "driver": "m", "student": "f",
}  # fmt: skip
"""Common nouns for people and their gender, the same in every language."""
MEN = ("Martin", "David", "Robert", "Victor", "Oscar", "Simon", "Albert", "Roman", "Anton", "Felix")
WOMEN = ("Anna", "Maria", "Laura", "Clara", "Nina", "Eva", "Marta", "Elena", "Irina", "Carla")
SURNAMES = ("Keller", "Novak", "Weber", "Lopez", "Rivas", "Dumont", "Moran", "Winter", "Fischer", "Adler")
CITIES = ("Berlin", "Madrid", "Paris", "Rome", "London", "Vienna", "Prague", "Lisbon", "Milan", "Warsaw")
COMPANIES = ("Orico", "Lumeno", "Tavaro", "Belko", "Sorelli", "Mirando", "Velari", "Kanto")

CLASSES: Mapping[str, tuple[str, ...]] = {
    "person": tuple(PEOPLE),
    "animal": ("dog", "cat", "horse", "cow", "rabbit", "goat", "wolf", "fox", "bear", "mouse", "lion", "duck"),
    "fruit": ("apple", "pear", "banana", "lemon", "peach", "melon"),
    "instrument": ("guitar", "piano", "violin", "drum", "flute", "trumpet"),
    "toy": ("doll", "ball", "robot", "puzzle"),
    "flower": ("rose", "tulip", "lily", "orchid"),
    "vehicle": ("car", "bicycle", "boat", "truck", "bus"),
    "clothes": ("coat", "shirt", "hat", "skirt", "scarf", "jacket"),
    "thing": ("book", "letter", "picture", "key", "cup", "mirror", "lamp", "table", "chair", "box"),
}
"""Class to its members. The classes named in ``HYPERNYMS`` are nouns themselves."""
HYPERNYMS = ("person", "animal", "fruit", "instrument", "toy", "flower")
CLASS_OF: Mapping[str, str] = {member: name for name, members in CLASSES.items() for member in members}
OBJECTS = ("fruit", "instrument", "toy", "flower", "vehicle", "clothes", "thing")
"""Classes of things that can be bought, lost and found."""

PLACES = (
    "kitchen", "garden", "park", "forest", "school", "church", "market", "street", "station", "library", "hotel",
    "museum", "restaurant", "cellar", "hospital", "theatre",
)  # fmt: skip
TIMES = (
    "yesterday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "morning", "evening",
    "night", "summer", "winter", "last_week",
)  # fmt: skip
TIME_SETS = (
    ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
    ("morning", "evening", "night"),
    ("summer", "winter"),
)
"""Times that exclude one another."""

COLOURS = ("red", "blue", "green", "yellow", "white", "black", "grey", "brown")
FURS = ("white", "black", "grey", "brown")
OPPOSITES: Mapping[str, str] = {
    "big": "small", "small": "big", "old": "new", "new": "old", "expensive": "cheap", "cheap": "expensive",
    "clean": "dirty", "dirty": "clean", "heavy": "light", "light": "heavy",
}  # fmt: skip
"""Qualities of things, and what each excludes."""
MOODS: Mapping[str, str] = {
    "happy": "sad", "sad": "happy", "tired": "rested", "rested": "tired", "rich": "poor", "poor": "rich",
    "sick": "healthy", "healthy": "sick", "hungry": "full", "full": "hungry", "calm": "nervous", "nervous": "calm",
}  # fmt: skip
"""States of people, said after *was*, and what each excludes."""
TRAITS: Mapping[str, str] = {"young": "old", "lazy": "diligent", "diligent": "lazy", "strong": "weak", "weak": "strong"}
"""Qualities said before a person or an animal."""


@dataclass(frozen=True)
class Verb:
    """What a verb takes: classes of agents, classes of objects (none = intransitive), whether it has a passive."""

    agents: tuple[str, ...]
    objects: tuple[str, ...] = ()
    passive: bool = False
    opposite: str | None = None


_BEINGS, _ALL = ("person", "animal"), ("person", "animal", *OBJECTS)
VERBS: Mapping[str, Verb] = {
    "see": Verb(_BEINGS, _ALL, True),
    "find": Verb(_BEINGS, ("animal", *OBJECTS), True, "lose"),
    "lose": Verb(("person",), OBJECTS, True, "find"),
    "buy": Verb(("person",), OBJECTS, True, "sell"),
    "sell": Verb(("person",), OBJECTS, True, "buy"),
    "repair": Verb(("person",), ("instrument", "toy", "vehicle"), True, "break"),
    "break": Verb(("person",), ("instrument", "toy", "vehicle"), True, "repair"),
    "wash": Verb(("person",), ("fruit", "vehicle", "clothes", "animal"), True),
    "hide": Verb(("person",), OBJECTS, True, "show"),
    "show": Verb(("person",), OBJECTS, True, "hide"),
    "steal": Verb(("person",), OBJECTS, True),
    "choose": Verb(("person",), OBJECTS, True),
    "draw": Verb(("person",), _ALL, True),
    "photograph": Verb(("person",), _ALL, True),
    "hear": Verb(_BEINGS, _BEINGS, True),
    "invite": Verb(("person",), ("person",), True),
    "greet": Verb(("person",), ("person",), False),
    "chase": Verb(("animal",), _BEINGS, False),
    "eat": Verb(_BEINGS, ("fruit",), True),
    "found": Verb(("person",), ("company",), True),
    "sleep": Verb(_BEINGS),
    "dance": Verb(("person",)),
    "sing": Verb(("person",)),
    "work": Verb(("person",)),
    "laugh": Verb(("person",)),
    "wait": Verb(_BEINGS),
    "fall": Verb(_BEINGS),
    "stay": Verb(_BEINGS),
}
TRANSITIVE = tuple(name for name, verb in VERBS.items() if verb.objects)
INTRANSITIVE = tuple(name for name, verb in VERBS.items() if not verb.objects)
ADJECTIVES = (*COLOURS, *OPPOSITES, *MOODS, *(t for t in TRAITS))
"""Every quality, in the order of the lexicons; *old* is one word for people and things."""

SYNONYMS: frozenset[str] = frozenset({
    "doctor", "cook", "writer", "car", "bicycle", "truck", "picture", "see", "find", "buy", "repair", "hide", "chase",
    "stay", "found", "happy", "rich", "sick",
})  # fmt: skip
"""Concepts with a second word in English. Other languages have one for most of them, and for others too."""


def gender(concept: str) -> Literal["m", "f"] | None:
    """Return the natural gender of a person noun or first name; ``None`` for animals and things."""
    if concept in PEOPLE:
        return PEOPLE[concept]
    return "m" if concept in MEN else "f" if concept in WOMEN else None


def class_of(concept: str) -> str:
    """Return the class of a noun or first name.

    >>> class_of("dog"), class_of("Anna"), class_of("animal")
    ('animal', 'person', 'animal')
    """
    if concept in MEN or concept in WOMEN:
        return "person"
    if concept in COMPANIES:
        return "company"
    return concept if concept in CLASSES else CLASS_OF[concept]
