"""Every task of the hub, on a few rows in upstream's own columns."""

from __future__ import annotations

from collections import Counter

import pytest

from curation.core import files, paths, records
from curation.fetch.__main__ import run as run_fetch

NLI = ["entailment", "neutral", "contradiction"]
SENTENCES = ["A dog runs.", "A cat sleeps.", "Two men talk.", "It rains.", "She reads."]
POS = [
    "ADJ", "ADP", "ADV", "AUX", "CCONJ", "DET", "INTJ", "NOUN", "NUM", "PART", "PRON", "PROPN", "PUNCT", "SCONJ",
    "SYM", "VERB", "X",
]  # fmt: skip
NER = ["O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC"]


def nli(lang: str = "en", **more):
    return [
        {"premise": f"{s} [{lang}]", "hypothesis": f"So {s} [{lang}]", "label": n % 3, **more}
        for n, s in enumerate(SENTENCES)
    ]


def squad(lang: str = "en", **more):
    context = f"The {lang} tower was built in 1889 by Gustave."
    answer = {"text": ["1889", "1889"], "answer_start": [context.index("1889")] * 2}
    return [
        {"id": f"q{n}", "context": context, "question": f"When {n} [{lang}]?", "answers": answer, **more}
        for n in range(5)
    ]


def fetched(role, task):
    run_fetch(role, task)
    folder = paths.fetched(role, task)
    return {name: records.read(folder / f"{name}.parquet").to_pylist() for name in _splits(folder)}


def _splits(folder):
    return [name for name in ("train", "dev", "test", "zero_shot") if (folder / f"{name}.parquet").exists()]


def test_snli_without_gold_label_is_dropped_and_counted(put, params):
    rows = [{**row, "label": -1} if n == 3 else row for n, row in enumerate(nli())]
    put("stanfordnlp/snli", "plain_text", "train", rows, {"label": NLI})
    put("stanfordnlp/snli", "plain_text", "validation", nli(), {"label": NLI})
    params(max_dropped=0.2)
    found = fetched("intermediate", "snli")
    assert {(r["text_a"], r["label"]) for r in found["train"]} == {
        ("A dog runs. [en]", 0), ("A cat sleeps. [en]", 1), ("Two men talk. [en]", 2), ("She reads. [en]", 1),
    }  # fmt: skip
    manifest = files.read_json(paths.fetched("intermediate", "snli") / "manifest.json")
    entry = manifest["splits"]["train"]["en"]
    assert entry["dropped_for"] == {"no gold label": 1}
    assert (entry["rows_found"], entry["rows_kept"], entry["as_expected"]) == (5, 4, False)
    assert entry["labels"] == {"contradiction": 1, "entailment": 1, "neutral": 2}
    assert entry["served_by"] == "mirror"
    dropped = files.read_parquet(paths.fetched("intermediate", "snli") / "dropped.parquet").to_pylist()
    assert [(d["split"], d["lang"], d["key"], d["reason"]) for d in dropped] == [("train", "en", "3", "no gold label")]
    assert '"hypothesis": "So It rains. [en]"' in dropped[0]["row"]


def test_a_cap_may_take_premises_with_all_their_hypotheses(put, params):
    rows = [{"premise": f"Premise {n // 3}.", "hypothesis": f"Hypothesis {n}.", "label": n % 3} for n in range(90)]
    put("stanfordnlp/snli", "plain_text", "train", rows, {"label": NLI})
    put("stanfordnlp/snli", "plain_text", "validation", nli(), {"label": NLI})

    def sizes() -> set[int]:
        return set(Counter(row["group"] for row in fetched("intermediate", "snli")["train"]).values())

    params(train=30, whole_groups=True)
    assert sizes() == {3}
    params(train=30)
    assert sizes() != {3}


@pytest.mark.parametrize(
    "labels", [[0, 1, 2, 0, 1], ["entailment", "neutral", "contradiction", "entailment", "neutral"]]
)
@pytest.mark.parametrize("named", [True, False])
def test_labels_may_be_class_numbers_or_names(put, params, labels, named):
    rows = [{**row, "label": label} for row, label in zip(nli(idx=1), labels, strict=True)]
    for split in ("train", "validation_matched"):
        put("nyu-mll/glue", "mnli", split, rows, {"label": NLI} if named and labels[0] == 0 else None)
    found = fetched("intermediate", "mnli")
    assert sorted((int(r["key"]), r["label"]) for r in found["train"]) == list(enumerate([0, 1, 2, 0, 1]))


def test_class_numbers_follow_the_order_of_names_in_the_file(put, params):
    names = ["contradiction", "entailment", "neutral"]
    for split in ("train", "validation_matched"):
        put("nyu-mll/glue", "mnli", split, nli(), {"label": names})
    found = fetched("intermediate", "mnli")
    assert sorted((int(r["key"]), r["label"]) for r in found["dev"]) == list(enumerate([2, 0, 1, 2, 0]))


def test_xnli_shares_ids_groups_and_sampled_keys_between_languages(put, params):
    put("nyu-mll/glue", "mnli", "train", nli(idx=0), {"label": NLI})
    put("nyu-mll/glue", "mnli", "validation_matched", nli("matched", idx=0), {"label": NLI})
    for lang in ("en", "de", "ru"):
        put("facebook/xnli", lang, "test", nli(lang), {"label": NLI})
        put("facebook/xnli", lang, "validation", nli(f"dev {lang}"), {"label": NLI})
    params(languages=["de", "ru"], test=3)  # English is not asked for, yet gives the ids
    found = fetched("target", "xnli")
    assert {r["text_b"].split()[-1] for r in found["dev"]} == {"[matched]"}  # MultiNLI's, as the protocol has it
    by_lang = {lang: [r for r in found["test"] if r["lang"] == lang] for lang in ("en", "de", "ru")}
    assert not by_lang["en"]
    assert len(by_lang["de"]) == 3
    for field in ("id", "key", "group", "label"):
        assert [r[field] for r in by_lang["de"]] == [r[field] for r in by_lang["ru"]]
    followed = {lang: [r for r in found["zero_shot"] if r["lang"] == lang] for lang in ("de", "ru")}
    assert [r["id"] for r in followed["de"]] == [r["id"] for r in followed["ru"]] != []
    assert not {r["id"] for r in followed["de"]} & {r["id"] for r in found["test"]}
    hashed = records.content_hash("pair", {"text_a": "A dog runs. [en]", "text_b": "So A dog runs. [en]"})
    params(languages=["de"])
    assert f"xnli-{hashed}" in {r["id"] for r in fetched("target", "xnli")["test"]}


def test_xquad_trains_on_squad(put, params):
    put("rajpurkar/squad", "plain_text", "train", squad(title="T"))
    put("rajpurkar/squad", "plain_text", "validation", squad(title="T"))
    for lang in ("en", "de"):
        put("google/xquad", f"xquad.{lang}", "validation", squad(lang))
    params(languages=["en", "de"])
    found = fetched("target", "xquad")
    assert [len(found[name]) for name in ("train", "dev", "test")] == [5, 5, 10]
    row = found["test"][0]
    assert row["answers"] == [{"text": "1889", "start": row["context"].index("1889")}]
    assert len({r["group"] for r in found["test"]}) == 1  # one paragraph, in two languages
    assert {r["key"] for r in found["test"]} == {f"q{n}" for n in range(5)}


def test_squad_needs_an_answer_and_squad_v2_does_not(put, params):
    none = {"text": [], "answer_start": []}
    for repo, config in (("rajpurkar/squad", "plain_text"), ("rajpurkar/squad_v2", "squad_v2")):
        rows = [{**row, "answers": none} if row["id"] == "q4" else row for row in squad(title="T")]
        for split in ("train", "validation"):
            put(repo, config, split, rows)
    params(max_dropped=0.2)
    assert len(fetched("intermediate", "squad")["train"]) == 4
    answers = {r["key"]: r["answers"] for r in fetched("intermediate", "squad_v2")["train"]}
    assert answers["q4"] == []
    assert len(answers["q0"]) == 1


def test_mlqa_takes_context_and_question_in_one_language(put, params):
    put("rajpurkar/squad", "plain_text", "train", squad(title="T"))
    put("rajpurkar/squad", "plain_text", "validation", squad("SQuAD", title="T"))
    for lang, rows in (("en", squad()), ("vi", squad("vi")[:2])):
        put("facebook/mlqa", f"mlqa.{lang}.{lang}", "test", rows)
    params(languages=["vi"])
    found = fetched("target", "mlqa")
    assert [r["lang"] for r in found["test"]] == ["vi", "vi"]
    assert {(r["lang"], r["context"].split()[1]) for r in found["dev"]} == {("en", "SQuAD")}


def test_tydiqa_is_split_by_the_language_in_the_id(put, params):
    rows = [{**row, "id": f"{lang}-{row['id']}"} for lang in ("english", "korean") for row in squad(lang, title="T")]
    for split in ("train", "validation"):
        put("google-research-datasets/tydiqa", "secondary_task", split, rows)
    params(languages=["en", "ko"])
    found = fetched("target", "tydiqa")
    assert {r["key"].split("-")[0] for r in found["train"]} == {"english"}
    assert {(r["lang"], r["key"].split("-")[0]) for r in found["test"]} == {("en", "english"), ("ko", "korean")}
    manifest = files.read_json(paths.fetched("target", "tydiqa") / "manifest.json")
    assert manifest["splits"]["train"]["en"]["rows_found"] == 5


def test_pawsx_labels_are_digits_and_placeholders_go_from_train_alone(put, params):
    rows = [
        {"id": n + 1, "sentence1": f"{s} one", "sentence2": "NS" if n == 4 else f"{s} two", "label": n % 2}
        for n, s in enumerate(SENTENCES)
    ]
    for split in ("train", "validation", "test"):
        put("google-research-datasets/paws-x", "en", split, rows, {"label": ["0", "1"]})
    params(languages=["en"], max_dropped=0.2)
    found = fetched("target", "pawsx")
    labels = [("1", 0), ("2", 1), ("3", 0), ("4", 1)]
    assert sorted((r["key"], r["label"]) for r in found["train"]) == labels
    assert sorted((r["key"], r["label"]) for r in found["test"]) == [*labels, ("5", 0)]  # scored, as XTREME does


@pytest.mark.parametrize(
    ("task", "repo", "config", "column", "names"),
    [
        ("udpos", "google/xtreme", "udpos.English", "pos_tags", POS),
        ("panx", "unimelb-nlp/wikiann", "en", "ner_tags", NER),
    ],
)
def test_tags_stand_beside_their_tokens(put, params, task, repo, config, column, names):
    rows = [{"tokens": ["Ann", "sees", str(n)], column: [1, 0, n % 3]} for n in range(5)]
    for split in ("train", "validation", "test"):
        put(repo, config, split, rows, {column: names})
    params(languages=["en"])
    found = fetched("target", task)["test"]
    assert {(tuple(r["tokens"]), tuple(r["tags"])) for r in found} == {
        (("Ann", "sees", str(n)), (1, 0, n % 3)) for n in range(5)
    }


def test_tatoeba_gives_both_sides_and_no_shared_order(put, params):
    pairs = [
        {"source_sentence": f"Satz {n}", "target_sentence": f"sentence {n}", "source_lang": "deu", "target_lang": "eng"}
        for n in range(200)
    ]
    put("google/xtreme", "tatoeba.deu", "validation", pairs)
    params(languages=["de"], test=150)
    test = fetched("retrieval", "tatoeba")["test"]
    source = [r for r in test if r["side"] == "source"]
    target = [r for r in test if r["side"] == "target"]
    assert (len(source), len(target)) == (150, 150)
    assert {r["lang"] for r in source} == {"de"}
    assert {r["lang"] for r in target} == {"en"}
    place = {r["key"]: n for n, r in enumerate(target)}
    gold = [place[r["gold"][0]] for r in source]  # every gold sentence survived the cap
    assert sorted(gold) == list(range(150))
    assert all(target[g]["text"].split()[1] == s["text"].split()[1] for g, s in zip(gold, source, strict=True))
    assert sum(n == g for n, g in enumerate(gold)) / 150 < 0.05  # answering "the same row" does not score
