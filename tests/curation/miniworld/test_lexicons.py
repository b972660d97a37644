"""Every lexicon holds every concept, with all the forms that its grammar reads."""

from __future__ import annotations

import pytest

from curation.miniworld import concepts as world
from curation.miniworld.grammar import Grammar, variant
from curation.miniworld.languages import LANGUAGES, load

NOUN_FORMS = {"en": {2}, "de": {3, 4}, "es": {3}, "fr": {3}, "it": {3}, "ru": {6}}
CONCEPTS = {name for members in world.CLASSES.values() for name in members} | set(world.HYPERNYMS)


@pytest.fixture(params=LANGUAGES)
def grammar(request: pytest.FixtureRequest) -> Grammar:
    return load(request.param)


def test_every_concept_is_there(grammar: Grammar) -> None:
    assert len(CONCEPTS) > 70
    assert set(grammar.nouns) == CONCEPTS
    assert set(grammar.verbs) == set(world.VERBS)
    assert set(grammar.adjectives) == set(world.ADJECTIVES)
    assert set(grammar.places) == set(world.PLACES)
    assert set(grammar.times) == set(world.TIMES)


def test_every_noun_has_its_forms(grammar: Grammar) -> None:
    for concept, variants in grammar.nouns.items():
        assert {len(forms) for forms in variants} <= NOUN_FORMS[grammar.code], concept
        if grammar.code != "en":
            assert {forms[0] for forms in variants} <= {"m", "f", "n"}, concept


def test_people_have_their_natural_gender(grammar: Grammar) -> None:
    if grammar.code == "en":
        return
    for concept, gender in world.PEOPLE.items():
        found = {forms[0] for forms in grammar.nouns[concept]}
        assert found == {gender} or (grammar.code, concept) == ("de", "girl")


def test_passive_verbs_have_a_participle(grammar: Grammar) -> None:
    forms = {"en": 3, "de": 2, "es": 3, "fr": 2, "it": 2, "ru": 3}[grammar.code]
    for name, verb in world.VERBS.items():
        if verb.passive:
            assert {len(entry) for entry in grammar.verbs[name]} == {forms}, name


def test_every_name_is_written_in_the_script() -> None:
    names = (*world.MEN, *world.WOMEN, *world.SURNAMES, *world.CITIES, *world.COMPANIES)
    assert len(set(names)) == len(names)
    assert all("а" <= load("ru").name(name)[-1] <= "я" for name in names)


def test_synonyms_of_english_are_those_the_sampler_knows() -> None:
    english = load("en")
    entries = {**english.nouns, **english.verbs, **english.adjectives}
    assert {concept for concept, variants in entries.items() if len(variants) > 1} == set(world.SYNONYMS)


def test_no_two_concepts_share_a_noun(grammar: Grammar) -> None:
    """Else a pair of different content would read the same."""
    words = [
        variants[i][0 if grammar.code == "en" else 1]
        for variants in grammar.nouns.values()
        for i in range(len(variants))
    ]
    assert len(set(words)) == len(words), sorted(word for word in set(words) if words.count(word) > 1)


def test_opposites_are_mutual() -> None:
    for pairs in (world.OPPOSITES, world.MOODS):
        assert all(pairs[pairs[name]] == name for name in pairs)
    for name, verb in world.VERBS.items():
        assert verb.opposite is None or world.VERBS[verb.opposite].opposite == name


def test_a_missing_synonym_is_the_word_itself() -> None:
    assert variant((("dog", "dogs"),), 1) == ("dog", "dogs")
