"""Planted defects: everything that differs from the clean rows is in the truth, and nothing else."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from curation import miniworld
from curation.core.errors import CairnError
from curation.language import words
from curation.miniworld import boilerplate, content, planting
from curation.score.wording import texts

PLANT = {
    "label_noise": 0.10, "noise_kind": "uniform", "near_duplicates": 0.06, "conflicts": 0.04, "off_topic": 0.04,
    "garbled": 0.04, "leaks": 0.04, "leak_from": "mini_paraphrase", "translation_errors": 0.08,
}  # fmt: skip
N, SEED = 200, 5
CONFIGS = ("nli", "xnli", "paraphrase", "qa", "qa2", "choice", "pos", "ner", "text")
SHARES = {"label_noise": 20, "near_duplicates": 12, "conflicts": 8, "off_topic": 8, "garbled": 8, "leaks": 8}


def planted(config, lang="en", n=N, **changes):
    return _planted(config, lang, n, tuple(sorted(changes.items())))


@cache
def _planted(config, lang, n, changes):
    plant = PLANT | dict(changes)
    rows = miniworld.rows(config, "train", lang, n, SEED, plant)
    return {row["key"]: row for row in rows}, miniworld.truth(config, "train", n, SEED, plant, lang)


@cache
def clean(config, lang="en", n=N, split="train"):
    return {row["key"]: row for row in miniworld.rows(config, split, lang, n, SEED)}


def of(truth, defect):
    return [entry for entry in truth if entry["defect"] == defect]


@pytest.mark.parametrize("lang", ["en", "de", "ru"])
@pytest.mark.parametrize("config", CONFIGS)
def test_truth_accounts_for_every_difference_from_the_clean_rows_and_nothing_else(config, lang):
    (rows, truth), right = planted(config, lang), clean(config, lang)
    assert len(rows) == N
    assert list(rows) == list(right)  # the same keys in the same order
    assert {key for key in rows if rows[key] != right[key]} == {entry["key"] for entry in truth}
    assert len({entry["key"] for entry in truth}) == len(truth)  # one defect a row
    expected = dict(SHARES)
    if config == "text":
        del expected["label_noise"], expected["conflicts"]
    if config not in ("nli", "xnli", "paraphrase"):
        del expected["leaks"]
    if lang != "en":
        expected["translation_errors"] = 16
    assert Counter(entry["defect"] for entry in truth) == expected


def test_the_same_seed_gives_the_same_rows_and_another_one_does_not():
    found, _ = planted("nli", "fr")
    content._known.cache_clear()  # or the second time would be the first
    assert miniworld.rows("nli", "train", "fr", N, SEED, PLANT) == [*found.values()]
    assert planted("nli")[1] != miniworld.truth("nli", "train", N, SEED + 1, PLANT)


@pytest.mark.parametrize("config", ["nli", "qa", "ner"])
def test_what_is_planted_where_is_the_same_in_every_language(config):
    plans = []
    for lang in miniworld.LANGUAGES:
        truth = [entry for entry in planted(config, lang)[1] if entry["defect"] != "translation_errors"]
        plans.append([(entry["key"], entry["defect"], entry["detail"].get("twin")) for entry in truth])
    assert all(plan == plans[0] for plan in plans)


def test_planted_rows_stand_anywhere():
    truth = planted("nli", n=1000)[1]
    numbers = sorted(int(entry["key"].split("-")[1]) for entry in truth)
    counts = Counter(number // 250 for number in numbers)
    assert all(60 < counts[quarter] < 120 for quarter in range(4)), counts
    twins = of(truth, "near_duplicates")
    before = sum(entry["key"] < entry["detail"]["twin"] for entry in twins)
    assert 0.3 < before / len(twins) < 0.7


@pytest.mark.parametrize("config", ["nli", "paraphrase", "choice"])
def test_noise_is_another_label_and_the_original_is_told(config):
    (rows, truth), right = planted(config), clean(config)
    for entry in of(truth, "label_noise"):
        row = rows[entry["key"]]
        assert entry["detail"]["original"] == right[entry["key"]]["label"] != row["label"]
        assert {**row, "label": entry["detail"]["original"]} == right[entry["key"]]


def test_uniform_noise_takes_any_other_label_and_class_conditional_noise_always_the_next():
    for kind, pairs in (("uniform", 6), ("class_conditional", 3)):
        rows, truth = planted("nli", n=400, label_noise=0.5, noise_kind=kind)
        found = {(entry["detail"]["original"], rows[entry["key"]]["label"]) for entry in of(truth, "label_noise")}
        assert len(found) == pairs
        if kind == "class_conditional":
            assert found == {(0, 1), (1, 2), (2, 0)}


@pytest.mark.parametrize("lang", miniworld.LANGUAGES)
def test_twins_say_the_same_with_slips_and_conflicts_have_another_label(lang):
    rows, truth = planted("nli", lang)
    defective = {entry["key"] for entry in truth}
    twins = of(truth, "near_duplicates") + of(truth, "conflicts")
    assert len({entry["detail"]["twin"] for entry in twins}) == len(twins)
    vocabulary = texts.Vocabulary.of(
        words.folded(row[name]) for row in rows.values() for name in ("premise", "hypothesis")
    )
    for entry in twins:
        row, twin = rows[entry["key"]], rows[entry["detail"]["twin"]]
        assert twin["key"] not in defective
        names = [name for name in ("premise", "hypothesis") if row[name] != twin[name]]
        assert names
        for name in names:
            one, other = words.folded(row[name]), words.folded(twin[name])
            if entry["detail"]["kind"] in ("case", "punctuation", "spaces"):
                assert one == other
            elif entry["detail"]["kind"] == "stutter":
                assert len(one) == len(other) + 1
            elif entry["detail"]["kind"] == "typo":
                assert sum(a != b for a, b in zip(one, other, strict=True)) == 1
                assert vocabulary.counts[next(a for a, b in zip(one, other, strict=True) if a != b)] < 5
        assert (row["label"] == twin["label"]) == (entry["defect"] == "near_duplicates")
        if entry["defect"] == "conflicts":
            assert entry["detail"]["original"] == twin["label"]


@pytest.mark.parametrize("lang", ["en", "es"])
def test_leaks_are_the_first_dev_and_test_rows_of_the_target_and_half_of_them_verbatim(lang):
    (rows, truth), kinds = planted("nli", lang), Counter()
    target = {**clean("paraphrase", lang, 4, "dev"), **clean("paraphrase", lang, 4, "test")}
    assert {entry["detail"]["leaked"] for entry in of(truth, "leaks")} == set(target)
    for entry in of(truth, "leaks"):
        row, leaked = rows[entry["key"]], target[entry["detail"]["leaked"]]
        same = (row["premise"], row["hypothesis"]) == (leaked["sentence1"], leaked["sentence2"])
        assert same == (entry["detail"]["kind"] == "verbatim")
        assert (row["label"] == 0) == (leaked["label"] == 1)
        kinds[entry["detail"]["kind"] == "verbatim", entry["detail"]["leaked"][:4]] += 1
    assert kinds == {(True, "dev-"): 2, (False, "dev-"): 2, (True, "test"): 2, (False, "test"): 2}


def test_leaks_need_a_bundled_task_of_two_sentences():
    for task in ("mini_qa", "xnli"):
        with pytest.raises(CairnError, match=f"leak_from: {task} is no bundled task of two sentences"):
            planted("nli", leak_from=task)
    with pytest.raises(CairnError, match=r"leak_from.*Did you mean 'mini_paraphrase'"):
        planted("nli", leak_from="mini_paraphras")
    planted("qa", leak_from="mini_qa")  # where nothing can leak nobody asks


def test_off_topic_rows_differ_from_each_other_and_are_no_sentence_of_the_world():
    for lang in miniworld.LANGUAGES:
        rows, truth = planted("nli", lang, off_topic=0.3)
        found = [rows[entry["key"]] for entry in of(truth, "off_topic")]
        patterns = [re.sub(r"\\\{\w+\\\}|\{\w+\}", r"\\d+", re.escape(line)) for line in boilerplate.LINES[lang]]
        for row in found:
            assert any(re.fullmatch(pattern, row["premise"]) for pattern in patterns), row["premise"]
            assert row["premise"] != row["hypothesis"]
        assert len({(re.sub(r"\d+", "", row["premise"]), re.sub(r"\d+", "", row["hypothesis"])) for row in found}) == 60


def test_boilerplate_has_the_same_lines_with_the_same_blanks_in_every_language():
    assert set(boilerplate.LINES) == set(miniworld.LANGUAGES)
    blanks = {
        lang: [sorted(re.findall(r"\{\w+\}", line)) for line in lines] for lang, lines in boilerplate.LINES.items()
    }
    assert all(found == blanks["en"] for found in blanks.values())


@pytest.mark.parametrize("lang", miniworld.LANGUAGES)
@pytest.mark.parametrize("config", ["qa", "qa2"])
def test_every_answer_stands_at_its_offset_whatever_was_done_to_the_row(config, lang):
    rows, truth = planted(config, lang)
    for row in rows.values():
        for text, start in zip(row["answers"]["text"], row["answers"]["answer_start"], strict=True):
            assert text
            assert row["context"][start : start + len(text)] == text
    right = clean(config, lang)
    for entry in of(truth, "label_noise"):
        assert rows[entry["key"]]["answers"]["text"] != right[entry["key"]]["answers"]["text"]
        assert entry["detail"]["original"] == right[entry["key"]]["answers"]


@pytest.mark.parametrize("lang", miniworld.LANGUAGES)
@pytest.mark.parametrize(("config", "column"), [("pos", "upos"), ("ner", "ner_tags")])
def test_tagged_rows_keep_one_tag_per_word_and_noise_changes_some(config, column, lang):
    (rows, truth), right = planted(config, lang), clean(config, lang)
    for row in rows.values():
        assert len(row["tokens"]) == len(row[column]) > 0
        assert all(row["tokens"])
        assert set(row[column]) <= set(content.generator(config).LABELS)
    for entry in of(truth, "label_noise"):
        row = rows[entry["key"]]
        assert row["tokens"] == right[entry["key"]]["tokens"]
        assert row[column] != right[entry["key"]][column] == entry["detail"]["original"]


@pytest.mark.parametrize("lang", ["de", "es", "fr", "it", "ru"])
def test_translations_go_wrong_in_four_ways_in_rows_of_each_language_s_own(lang):
    (rows, truth), right = planted("nli", lang, 300), clean("nli", lang, 300)
    english = clean("nli", "en", 300)
    wrong = of(truth, "translation_errors")
    copied = {entry["detail"].get("twin") for entry in truth}
    kinds = Counter(entry["detail"]["kind"] for entry in wrong)
    assert set(kinds) == {"dropped", "number", "language", "repetition"}
    assert min(kinds.values()) >= 5
    for entry in wrong:
        row, good = rows[entry["key"]], right[entry["key"]]
        assert entry["key"] not in copied
        assert row["label"] == good["label"]
        changed = [name for name in ("premise", "hypothesis") if row[name] != good[name]]
        if entry["detail"]["kind"] == "repetition":
            assert all(row[name].startswith(good[name] + " ") for name in changed)
        if entry["detail"]["kind"] == "dropped":
            assert all(len(row[name].split()) < len(good[name].split()) for name in changed)
        if entry["detail"]["kind"] == "number":
            assert sum(len(row[name].split()) - len(good[name].split()) for name in changed) == 0
    assert not of(planted("nli", "en", 300)[1], "translation_errors")
    as_english = [rows[e["key"]][name] == english[e["key"]][name] for e in wrong for name in ("premise", "hypothesis")]
    assert any(as_english)
    others = {
        entry["key"] for entry in of(planted("nli", "it" if lang == "de" else "de", 300)[1], "translation_errors")
    }
    assert others != {entry["key"] for entry in wrong}


def test_shares_that_do_not_fit_are_refused():
    with pytest.raises(CairnError, match=r"do not fit in 20 rows. Lower the shares"):
        planted("nli", n=20, label_noise=0.5, near_duplicates=0.3, conflicts=0.3)
    with pytest.raises(CairnError, match=r"miniworld.plant.label_noise is 2.0"):
        miniworld.rows("nli", "train", "en", 5, SEED, PLANT | {"label_noise": 2.0})
    with pytest.raises(CairnError, match="bitext"):
        planted("bitext", "de")


def test_every_shipped_profile_plants_what_can_be_planted():
    profiles = sorted((Path(__file__).parents[3] / "profiles").glob("*.yaml"))
    assert profiles
    for profile in profiles:
        found = YAML(typ="safe", pure=True).load(profile.read_text(encoding="utf-8"))["miniworld"]["plant"]
        assert miniworld.truth("nli", "train", 100, 7, found)


@settings(max_examples=25, deadline=None)
@given(
    n=st.integers(0, 60),
    seed=st.integers(0, 2**16),
    shares=st.tuples(*[st.sampled_from([0.0, 0.05, 0.1, 0.15]) for _ in planting.ORDER]),
)
def test_any_shares_give_exactly_so_many_rows_with_so_many_defects(n, seed, shares):
    plant = PLANT | dict(zip(planting.ORDER, shares, strict=True))
    try:
        rows = miniworld.rows("nli", "train", "en", n, seed, plant)
    except CairnError:
        assert sum(shares) + shares[1] + shares[2] > 0.9
        return
    truth = miniworld.truth("nli", "train", n, seed, plant)
    assert len(rows) == len({row["key"] for row in rows}) == n
    for name, share in zip(planting.ORDER, shares, strict=True):
        assert len(of(truth, name)) == round(share * n)


@pytest.mark.parametrize("lang", ["en", "ru"])
@pytest.mark.parametrize(("config", "column"), [("pos", "upos"), ("ner", "ner_tags")])
def test_tagged_twins_say_the_same_and_have_the_same_tags(config, column, lang):
    rows, truth = planted(config, lang)
    kinds = Counter()
    for entry in of(truth, "near_duplicates"):
        row, twin, kind = rows[entry["key"]], rows[entry["detail"]["twin"]], entry["detail"]["kind"]
        kinds[kind] += 1
        assert row["tokens"] != twin["tokens"]
        if kind == "stutter":
            twice = [i for i in range(1, len(row["tokens"])) if row["tokens"][i] == row["tokens"][i - 1]]
            assert any(row[column][:i] + row[column][i + 1 :] == twin[column] for i in twice)
        else:
            assert row[column] == twin[column]
            low = [[token.lower() for token in found["tokens"]] for found in (row, twin)]
            assert sum(a != b for a, b in zip(*low, strict=True)) == (kind != "case")
    assert {"case", "punctuation", "typo"} <= set(kinds) <= {"case", "punctuation", "typo", "stutter"}


def test_answers_of_conflicting_twins_stand_apart():
    rows, truth = planted("qa")
    for entry in of(truth, "conflicts"):
        (wrong,), (right,) = (
            zip(found["answer_start"], found["text"], strict=True)
            for found in (rows[entry["key"]]["answers"], entry["detail"]["original"])
        )
        assert wrong[0] + len(wrong[1]) <= right[0] or right[0] + len(right[1]) <= wrong[0]
