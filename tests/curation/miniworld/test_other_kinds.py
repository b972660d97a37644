"""Questions, choices, tagged words and sentence pairs: parallel, right, and not to be solved by a trick."""

from __future__ import annotations

from collections import Counter
from functools import cache

import pytest

from curation import metrics, miniworld
from curation.core.errors import CairnError
from curation.language import words
from curation.miniworld import content
from curation.miniworld.generate import choice, ner, qa

SEED = 9
CONFIGS = ("qa", "qa2", "choice", "pos", "ner", "topic", "bitext")
LANGUAGES = miniworld.LANGUAGES


@cache
def rows(config, lang="en", n=400, split="train"):
    return miniworld.rows(config, split, lang, n, SEED)


def without_key(row):
    return str({**row, "key": ""})


def test_every_config_has_a_generator():
    assert set(content.GENERATORS) == {*CONFIGS, "nli", "xnli", "paraphrase", "text"}


@pytest.mark.parametrize("config", CONFIGS)
def test_rows_are_the_same_again_and_the_first_of_more(config):
    lang = "de" if config == "bitext" else "en"
    more = rows(config, lang)
    content._known.cache_clear()  # or the second time would be the first
    assert miniworld.rows(config, "train", lang, 30, SEED) == more[:30]
    assert miniworld.rows(config, "train", lang, 30, SEED + 1) != rows(config, lang)[:30]
    assert [row["key"] for row in rows(config, lang)[:2]] == ["train-000000", "train-000001"]


@pytest.mark.parametrize("config", CONFIGS)
def test_rows_of_one_key_belong_together_in_every_language(config):
    langs = [lang for lang in LANGUAGES if (config, lang) != ("bitext", "en")]
    for parallel in zip(*(rows(config, lang, 40) for lang in langs), strict=True):
        assert len({row["key"] for row in parallel}) == 1
        assert len({without_key(row) for row in parallel}) == len(langs)
        assert len({row.get("label") for row in parallel}) == 1
        assert len({len(row.get("choices", ())) for row in parallel}) == 1
        assert len({bool(row["answers"]["text"]) for row in parallel if "answers" in row}) <= 1
        assert len({row.get("target_sentence") for row in parallel}) == 1


@pytest.mark.parametrize("config", CONFIGS)
def test_splits_share_nothing(config):
    lang = "fr" if config == "bitext" else "en"
    train, dev, test = ({without_key(row) for row in rows(config, lang, 300, split)} for split in content.SPLITS)
    assert len(dev) == len(test) == 300
    assert not train & dev
    assert not train & test
    assert not dev & test


@pytest.mark.parametrize("lang", LANGUAGES)
def test_answers_stand_at_their_offsets_as_whole_words_of_the_role_asked_for(lang):
    found = content.first("qa2", "train", 400, SEED)
    grammar = miniworld.languages.load(lang)
    for row, question in zip(rows("qa2", lang), found, strict=True):
        answers, context = row["answers"], row["context"]
        if question.sentence is None:
            assert answers == {"text": [], "answer_start": []}
            continue
        (text,), (start,) = answers["text"], answers["answer_start"]
        end = start + len(text)
        assert context[start:end] == text
        assert not context[max(0, start - 1) : start].isalnum()
        assert not context[end : end + 1].isalnum()
        before = grammar.text(*question.story[: question.sentence])
        after = grammar.text(*question.story[: question.sentence + 1])
        assert len(before) <= start < end < len(after)
        told = [word for word in grammar.say(question.story[question.sentence]) if word.role == question.asked]
        assert [word.text for word in told] == _tokens(text, told)


def _tokens(text, told):
    found = []
    for word in told:
        text = text.lstrip()
        assert text.startswith(word.text)
        found.append(word.text)
        text = text[len(word.text) :]
    assert not text
    return found


def test_a_question_has_one_answer_and_others_in_the_story_look_like_it():
    for question in content.first("qa", "train", 400, SEED):
        main = question.story[question.sentence]
        alike = [clause for clause in question.story if clause.verb == main.verb and clause != main]
        assert len(alike) == 1
        assert (alike[0].subject.head, alike[0].object.head) != (main.subject.head, main.object.head)
        assert not {main.place, main.time} & {alike[0].place, alike[0].time}
        assert getattr(alike[0], question.asked) != getattr(main, question.asked)
        assert 3 <= len(question.story) <= 5


def test_a_third_of_the_questions_of_qa2_have_no_answer():
    share = sum(not row["answers"]["text"] for row in rows("qa2", n=1000)) / 1000
    assert 0.28 < share < 0.39
    for question in content.first("qa2", "train", 400, SEED):
        if question.sentence is None:
            asked = question.question
            same = [c for c in question.story if c.verb == asked.verb and c.subject.head == asked.subject.head]
            assert not same
            assert asked.subject.head != qa.WHO or asked.verb not in {clause.verb for clause in question.story}


def holds(clause, story):
    """Return whether the story says ``clause``; each verb and subject has at most one event in it."""
    said = any(
        (told.verb, told.subject, told.object) == (clause.verb, clause.subject, clause.object)
        and clause.place in (None, told.place)
        and clause.time in (None, told.time)
        for told in story
    )
    return said != clause.negated


def test_exactly_one_choice_is_right():
    found = content.first("choice", "train", 1000, SEED)
    for row in found:
        if row.asked:
            main = [told for told in row.story if told.verb == row.question.verb and told in row.choices]
            right = [row.choices[row.label] == told for told in main]
            heads = [getattr(clause, row.asked) for clause in row.choices]
            assert any(right)
            assert len(set(map(str, heads))) == len(heads)
        else:
            assert [holds(clause, row.story) for clause in row.choices].count(True) == 1
            assert holds(row.choices[row.label], row.story)
    assert Counter(len(row.choices) for row in found).keys() == {2, 3, 4}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_choices_differ_in_every_language(lang):
    for row in rows("choice", lang, 1000):
        assert len({words.normal(text) for text in row["choices"]}) == len(row["choices"])
        assert 0 <= row["label"] < len(row["choices"])


def gain(found, value):
    """Return the accuracy of choosing what ``value`` is highest for, over that of guessing."""
    right = chance = 0.0
    for row in found:
        values = [value(row, text) for text in row["choices"]]
        best = [i for i, v in enumerate(values) if v == max(values)]
        right += (row["label"] in best) / len(best)
        chance += 1 / len(values)
    return (right - chance) / len(found)


def shared(text, other):
    return sum(word in words.folded(other) for word in words.folded(text)) / len(words.folded(text))


CUES = {
    "longest": lambda row, text: len(text),
    "shortest": lambda row, text: -len(text),
    "first": lambda row, text: -row["choices"].index(text),
    "shares words with the story": lambda row, text: shared(text, row["context"]),
    "shares words with one sentence": lambda row, text: max(shared(text, s) for s in row["context"].split(". ")),
    "stands in the story": lambda row, text: text.rstrip(".").lower() in row["context"].lower(),
    "shares words with the other choices": lambda row, text: sum(shared(text, c) for c in row["choices"]),
    "is denied": lambda row, text: "not" in words.folded(text),
}


@pytest.mark.parametrize("cue", CUES)
def test_no_single_cue_tells_the_right_choice(cue):
    assert gain(rows("choice", n=1500), CUES[cue]) < 0.12


def test_a_giveaway_would_be_seen():
    found = [{**row, "choices": [text + "!" * 40 * (i == row["label"]) for i, text in enumerate(row["choices"])]}
             for row in rows("choice")]  # fmt: skip
    assert gain(found, CUES["longest"]) > 0.12


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(("config", "column"), [("pos", "upos"), ("ner", "ner_tags")])
def test_every_token_has_a_tag_of_the_set(config, column, lang):
    labels = content.generator(config).LABELS
    for row in rows(config, lang):
        assert len(row["tokens"]) == len(row[column]) > 1
        assert set(row[column]) <= set(labels)
        assert all(token and not any(char.isspace() for char in token) for token in row["tokens"])
        assert row["tokens"][-1] in (".", "?")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_parts_of_speech_that_every_language_has_occur(lang):
    found = Counter(tag for row in rows("pos", lang) for tag in row["upos"])
    assert {"ADJ", "ADP", "ADV", "NOUN", "NUM", "PRON", "PROPN", "PUNCT", "VERB"} <= set(found)
    for row in rows("pos", lang):
        punctuation = [tag == "PUNCT" for tag in row["upos"]]
        assert punctuation == [not any(char.isalnum() for char in token) for token in row["tokens"]]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_entities_are_iob2_and_of_all_three_types(lang):
    kinds = Counter()
    for row in rows("ner", lang):
        before = "O"
        for tag in row["ner_tags"]:
            if tag.startswith("I-"):
                assert before[2:] == tag[2:]
            before = tag
            kinds[tag] += 1
    assert min(kinds[f"B-{kind}"] for kind in ("PER", "ORG", "LOC")) > 60
    assert 20 < sum(set(row["ner_tags"]) == {"O"} for row in rows("ner", lang)) < 120


def test_neither_capitals_nor_a_list_of_names_finds_the_entities():
    labels = ner.LABELS
    seen = {}
    for row in rows("ner", n=1500):
        for token, tag in zip(row["tokens"], row["ner_tags"], strict=True):
            seen.setdefault(token, Counter())[tag] += 1
    listed, capitals, gold = [], [], []
    for row in rows("ner", split="test"):
        gold.append([labels.index(tag) for tag in row["ner_tags"]])
        best = [seen[token].most_common(1)[0][0] if token in seen else "O" for token in row["tokens"]]
        listed.append([labels.index(tag) for tag in best])
        big = [token[0].isupper() for token in row["tokens"]]
        tags = [("I-PER" if i and big[i - 1] else "B-PER") if one else "O" for i, one in enumerate(big)]
        capitals.append([labels.index(tag) for tag in tags])
    assert metrics.score("seqeval", gold, capitals, lang="en", labels=labels)["f1"] < 0.5
    assert metrics.score("seqeval", gold, listed, lang="en", labels=labels)["f1"] < 0.9
    assert len(seen["Berlin"]) > 1
    assert len(seen["Keller"]) > 1


@pytest.mark.parametrize("lang", [lang for lang in LANGUAGES if lang != "en"])
def test_no_two_sentences_of_a_pool_read_the_same(lang):
    found = rows("bitext", lang, 1000, "test")
    for side in ("source_sentence", "target_sentence"):
        assert len({words.normal(row[side]) for row in found}) == len(found)


def test_english_is_no_language_of_sentence_pairs():
    with pytest.raises(CairnError, match="English is the target side of every pair"):
        rows("bitext", "en")


def test_the_question_for_the_true_sentence_is_there_in_every_language():
    assert set(choice.WHICH) == set(LANGUAGES)
