"""Every task found on disk, on three rows in upstream's own columns and one bad row, which goes with a reason."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curation import fetch, miniworld, tasks
from curation.core import files, paths, records, registry
from curation.core.errors import CairnError
from curation.core.task import Reject, Source
from curation.fetch import conversion, splits
from curation.fetch.__main__ import run as run_fetch
from curation.fetch.sources import Loaded
from curation.tasks import ccg_substitute

TASKS = registry.names("tasks")
BUNDLED = [name for name in TASKS if name.startswith("mini_")]
PUBLISHED = [name for name in TASKS if name not in BUNDLED]
NLI = ["entailment", "neutral", "contradiction"]
NER = ["O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC"]
POS = [
    "ADJ", "ADP", "ADV", "AUX", "CCONJ", "DET", "INTJ", "NOUN", "NUM", "PART", "PRON", "PROPN", "PUNCT", "SCONJ",
    "SYM", "VERB", "X",
]  # fmt: skip
TOWER = "The tower was built in 1889 by Gustave."


class Layout(NamedTuple):
    """How a data set is published: row ``n`` of a language, what makes a row bad and why, and its class names."""

    row: Callable[[int, str], dict[str, Any]]
    bad: dict[str, Any]
    reason: str
    names: dict[str, list[str]] = {}  # noqa: RUF012


def nli(n: int, lang: str) -> dict[str, Any]:
    return {"premise": f"A dog runs {n}. [{lang}]", "hypothesis": f"It moves {n}. [{lang}]", "label": n % 3}


def span(n: int, lang: str) -> dict[str, Any]:
    answer = {"text": ["1889"] * 3, "answer_start": [TOWER.index("1889")] * 3}
    return {"id": f"{lang}-q{n}", "title": "Tower", "context": TOWER, "question": f"When {n}?", "answers": answer}


def without(row: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in names}


def copa(n: int, lang: str) -> dict[str, Any]:
    return {
        "premise": f"The man fell {n}. [{lang}]", "choice1": "The floor was wet.", "choice2": "He sang.",
        "question": ["cause", "effect"][n % 2], "idx": n, "label": n % 2,
    }  # fmt: skip


def hellaswag(n: int, _lang: str) -> dict[str, Any]:
    return {
        "ind": n, "activity_label": "Mowing", "ctx_a": f"A man starts a mower {n}.", "ctx_b": "he",
        "ctx": f"A man starts a mower {n}. he", "endings": ["mows.", "sings.", "flies.", "melts."], "source_id": "a~v1",
        "split": "train", "split_type": "indomain", "label": str(n),
    }  # fmt: skip


def cosmos(n: int, _lang: str) -> dict[str, Any]:
    answers = {f"answer{i}": text for i, text in enumerate(["A divorce.", "A party.", "A car.", "None of these."])}
    return {"id": f"c{n}", "context": f"I wanted to marry {n}.", "question": "What comes?", **answers, "label": n}


def commonsense(n: int, _lang: str) -> dict[str, Any]:
    choices = {"label": list("ABCDE"), "text": ["race track", "town", "desert", "flat", "block"]}
    return {"id": f"q{n}", "question": f"Where to {n}?", "question_concept": "people", "choices": choices,
            "answerKey": "ABC"[n]}  # fmt: skip


def social(n: int, _lang: str) -> dict[str, Any]:
    return {"context": f"Kim held a party {n}.", "question": "How would others feel?", "answerA": "glad",
            "answerB": "tired", "answerC": "cold", "label": f"{n + 1}\n"}  # fmt: skip


def tagged(column: str, tags: list[Any]) -> Callable[[int, str], dict[str, Any]]:
    return lambda n, _lang: {"tokens": ["Ann", "sees", str(n)], column: tags}


def sentences(n: int, lang: str) -> dict[str, Any]:
    return {"source_sentence": f"Satz {n}.", "target_sentence": f"One {n}.", "source_lang": lang, "target_lang": "en"}


def wikiann(n: int, _lang: str) -> dict[str, Any]:
    return {"tokens": ["Ann", "sees", str(n)], "ner_tags": [1, 0, n], "langs": ["en"] * 3, "spans": ["PER: Ann"]}


def paws(n: int, _lang: str) -> dict[str, Any]:
    return {"id": n + 1, "sentence1": f"Ann sees Bob {n}.", "sentence2": f"Bob sees Ann {n}.", "label": n % 2}


def article(n: int, lang: str) -> dict[str, Any]:
    """An article of XQuAD-R: one paragraph of two sentences, one question, whose answer is in the second."""
    text = f"[{lang}] Nothing {n}. {TOWER}"
    asked = {"id": f"q{n}", "question": f"When {n}? [{lang}]", "answers": [{"answer_start": 30, "text": "1889"}]}
    first = text.index(" The tower")
    breaks = [[0, first], [first + 1, len(text)]]
    return {
        "title": "Tower",
        "paragraphs": [
            {"context": text, "qas": [asked], "sentence_breaks": breaks, "sentences": [text[a:b] for a, b in breaks]}
        ],
    }


def beyond(row: dict[str, Any]) -> dict[str, Any]:
    """The article with an answer that starts nowhere."""
    (paragraph,) = row["paragraphs"]
    asked = {**paragraph["qas"][0], "id": "q9", "answers": [{"answer_start": 900, "text": "1889"}]}
    return {"paragraphs": [{**paragraph, "qas": [asked]}]}


def news(n: int, lang: str) -> dict[str, Any]:
    """An article of WikiNews with one mention in its second sentence, as Mewsli-X has it."""
    text = f"Title {n}\nIn {{old}} Paris it rains {n}. More."
    spans = [{"start": 0, "end": 7}, {"start": 8, "end": len(text) - 6}, {"start": len(text) - 5, "end": len(text)}]
    at = text.index("Paris")
    mention = {"example_id": f"{lang}{n}", "entity_id": f"Q{n}",
               "mention_span": {"start": at, "end": at + 5, "text": "Paris"}, "metadata": {"curid": "1"}}  # fmt: skip
    context = {"document_title": "T", "document_url": "u", "document_id": f"{lang}-{n}", "language": lang,
               "text": text, "sentence_spans": spans}  # fmt: skip
    return {"context": context, "mentions": [mention]}


def described(n: int, _lang: str) -> dict[str, Any]:
    text = f"Paris {n} is a city.  It lies\non the Seine."
    return {"entity_id": f"Q{n}", "title": "Paris", "description": text, "description_url": "u",
            "description_language": ("fr", "id", "zh", "de")[n],
            "sentence_spans": [{"start": 0, "end": 18}, {"start": 20, "end": len(text)}]}  # fmt: skip


NO_PREMISE = {"premise": " "}, "premise is empty"
NO_QUESTION = {"question": ""}, "question is empty"
WRONG_OFFSET = {"answers": {"text": ["1889"], "answer_start": [0]}}, "answer text is not at its offset"
LAYOUTS = {
    "facebook/anli": Layout(
        lambda n, lang: {"uid": f"u{n}", **nli(n, lang), "reason": ""}, *NO_PREMISE, {"label": NLI}
    ),
    "nyu-mll/glue mnli": Layout(lambda n, lang: {**nli(n, lang), "idx": n}, *NO_PREMISE, {"label": NLI}),
    "nyu-mll/glue qqp": Layout(
        lambda n, _: {"question1": f"Why {n}?", "question2": f"How so {n}?", "label": n % 2, "idx": n},
        {"question2": None}, "question2 is missing", {"label": ["not_duplicate", "duplicate"]},
    ),
    "stanfordnlp/snli": Layout(nli, {"label": -1}, "no gold label", {"label": NLI}),
    "facebook/xnli": Layout(nli, {"hypothesis": ""}, "hypothesis is empty", {"label": NLI}),
    "google-research-datasets/paws-x": Layout(
        paws, {"sentence2": " "}, "sentence2 is empty", {"label": ["0", "1"]}
    ),
    "rajpurkar/squad": Layout(span, *WRONG_OFFSET),
    "rajpurkar/squad_v2": Layout(span, *WRONG_OFFSET),
    "google/xquad": Layout(lambda n, lang: without(span(n, lang), "title"), *WRONG_OFFSET),
    "facebook/mlqa": Layout(lambda n, lang: without(span(n, lang), "title"), *NO_QUESTION),
    "google-research-datasets/tydiqa": Layout(lambda n, lang: span(n, {"en": "english"}[lang]), *NO_QUESTION),
    "Rowan/hellaswag": Layout(hellaswag, {"endings": ["mows.", " ", "flies.", "melts."]}, "an ending is empty"),
    "allenai/cosmos_qa": Layout(cosmos, {"label": 4}, "label out of range"),
    "tau/commonsense_qa": Layout(commonsense, {"answerKey": "F"}, "answerKey out of range"),
    "allenai/social_i_qa": Layout(social, {"answerB": ""}, "answerB is empty"),
    "aps/super_glue": Layout(copa, {"choice2": ""}, "choice2 is empty", {"label": ["choice1", "choice2"]}),
    "cambridgeltl/xcopa": Layout(
        lambda n, lang: {**copa(n, lang), "changed": False}, {"question": "why"}, "question is neither cause nor effect"
    ),
    "google/xtreme udpos": Layout(tagged("pos_tags", [11, 15, 8]), {"tokens": []}, "no tokens", {"pos_tags": POS}),
    "Davlan/sib200": Layout(
        lambda n, _: {"index_id": n, "category": ["travel", "health", "sports"][n], "text": f"It costs {n} more."},
        {"category": "weather"}, "category out of range",
    ),
    "unimelb-nlp/wikiann": Layout(wikiann, {"ner_tags": [7, 0, 0]}, "ner_tags out of range", {"ner_tags": NER}),
    "google/xtreme tatoeba": Layout(sentences, {"source_sentence": ""}, "text is empty"),
    "google/xtreme bucc18": Layout(sentences, {"target_sentence": ""}, "text is empty"),
    "eriktks/conll2000": Layout(
        lambda n, lang: {"id": str(n), **tagged("chunk_tags", [11, 21, 11])(n, lang), "pos_tags": [1, 2, 3]},
        {"tokens": [], "chunk_tags": [], "pos_tags": []}, "no tokens", {"chunk_tags": list(ccg_substitute.LABELS)},
    ),
    "file:ccgbank/{split}.jsonl": Layout(tagged("tags", ["NP", "(S[dcl]\\NP)/NP", "NP"]), {"tags": ["NP"]},
                                         "not one tag per token"),
    "file:bucc2018/{lang}-en/{split}.parquet": Layout(
        lambda n, lang: {"id": f"{lang}-{n}", "sentence": f"Satz {n}.", "gold_id": f"en-{n}" if n == 1 else ""},
        {"id": "xx-9"}, "id does not begin with its language",
    ),
    "file:lareqa/xquad-r/{lang}.json": Layout(
        article, beyond(article(3, "en")), "its one answer starts in no sentence"
    ),
    "file:mewslix/wikinews_mentions-{split}.jsonl": Layout(
        news, {"context": {**news(3, "en")["context"], "text": ""}}, "text is empty"
    ),
    "file:mewslix/candidate_set_entities.jsonl": Layout(described, {"description": " "}, "text is empty"),
}  # fmt: skip


def layout(source: Source) -> str:
    return source.repo if source.repo in LAYOUTS else f"{source.repo} {source.config.split('.')[0]}"


def place(source: Source, lang: str, task: Any, put: Callable[..., None], folder: Path) -> list[dict[str, Any]]:
    """Write three good rows and a bad one where ``source`` looks for them, for each upstream split; return them."""
    made = LAYOUTS[layout(source)]
    rows = [made.row(n, lang) for n in range(3)]
    rows.append({**made.row(3 if source.repo.startswith(("file:b", "file:m")) else 2, lang), **made.bad})
    for part in source.split.replace("{lang}", lang).split("+"):
        if source.repo.startswith("file:"):
            file = folder / source.repo.removeprefix("file:").replace("{lang}", lang).replace("{split}", part)
            file.parent.mkdir(parents=True, exist_ok=True)
            if file.suffix == ".json":
                file.write_text(json.dumps({"version": 1.1, "data": rows}), encoding="utf-8")
            elif file.suffix == ".jsonl":
                file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
            else:  # the English side: the same rows under the other name, and no bad one
                other = [{**row, "id": row["id"].replace(lang, "en"), "gold_id": ""} for row in rows[:3]]
                pq.write_table(pa.Table.from_pylist(other if part.endswith(".en") else rows), file)
        else:
            put(source.repo, source.config.replace("{lang}", task.config_names.get(lang, lang)), part, rows, made.names)
    return rows


def test_every_layout_belongs_to_a_task() -> None:
    assert (len(BUNDLED), len(PUBLISHED)) == (10, 28)
    used = {
        layout(one)
        for name in PUBLISHED
        for split in ("train", "dev", "test", "translations")
        if (source := getattr(tasks.load(name), split)) is not None
        for one in (source, *source.pooled, *([source.candidates] if source.candidates else []))
    }
    assert used == set(LAYOUTS)


@pytest.mark.parametrize("name", [name for name in PUBLISHED if name != "bucc2018_sample"])  # it has a test below
def test_three_rows_are_read_and_the_bad_one_is_dropped_with_a_reason(name, put, params, tmp_path) -> None:
    params(max_dropped=1.0)
    task = tasks.load(name)
    wanted = [split for split in ("train", "dev", "test", "translations") if getattr(task, split) is not None]
    for split in wanted:
        source = getattr(task, split)
        lang = fetch.pivot(source)
        for one in (source, *source.pooled):
            place(one, lang, task, put, tmp_path / "tasks")
        job = splits.open_job("intermediate", name)  # afterwards: the labels of ccg are those of its files
        loaded, found = splits.convert_split(job, "train" if split == "translations" else split, source, lang)
        pooled = (source, *source.pooled)
        parts = sum(len(one.split.split("+")) for one in pooled)
        reasons = [d.reason for d in found.drops]
        expected = {LAYOUTS[layout(one)].reason for one in pooled}
        assert set(reasons) == expected
        if name == "bucc2018_pool":
            assert (len(found.items), len(found.drops)) == (6, 1)
        elif source.candidates is not None:
            assert (len(found.items), len(found.drops)) == (3, 1)
            assert {item.example.side for item in found.items} == {"query"}
        elif task.kind == "bitext":
            assert (len(found.items), len(found.drops)) == (7, 1)  # both sides; the other side of the bad row is good
        else:
            assert (len(found.items), len(found.drops)) == (3 * parts, parts)
        assert all(item.lang in (lang, "en") for item in found.items)
        assert len(set(conversion.ids(name, job.task, found.items))) == len(found.items)
        if len(pooled) > 1:
            assert len(loaded.pooled) == len(pooled)


@pytest.mark.parametrize("name", BUNDLED)
def test_bundled_rows_are_read_and_an_emptied_one_is_dropped(name) -> None:
    module = tasks.module(name)
    source = module.TASK.test or module.TASK.dev
    lang = next(lang for lang in source.languages if lang != "en" or module.TASK.kind != "bitext")
    rows = [dict(row) for row in miniworld.rows(source.config, source.split, lang, 3, 7, None)]
    texts = [name for name, value in rows[0].items() if isinstance(value, str) and name not in ("key", "lang", "label")]
    emptied = {name: [] for name, value in rows[0].items() if isinstance(value, list)} | dict.fromkeys(texts[:1], " ")
    bad = {**rows[0], **emptied, "key": "bad"}
    loaded = Loaded([*rows, bad], ["0", "1", "2", "3"], "bundled", None)
    found = conversion.convert(loaded, source, module.TASK, module.to_example, lang, need_label=False)
    assert len(found.drops) == 1
    assert found.drops[0].reason
    assert {item.example.key for item in found.items} >= {
        str(row["key"]) for row in rows if module.TASK.kind != "bitext"
    }


def test_anli_plus_pools_three_data_sets_under_one_head(put, params) -> None:
    params(max_dropped=1.0)
    task = tasks.load("anli_plus")
    for split in ("train", "dev"):
        source = getattr(task, split)
        for one in (source, *source.pooled):
            for part in one.split.split("+"):
                rows = [{**LAYOUTS[layout(one)].row(n, "en"), "premise": f"{one.repo} {part} {n}"} for n in range(3)]
                put(one.repo, one.config, part, rows, {"label": NLI[::-1] if one.repo == "facebook/anli" else NLI})
    run_fetch("intermediate", "anli_plus")
    rows = records.read(paths.fetched("intermediate", "anli_plus") / "train.parquet").to_pylist()
    assert len(rows) == len({row["id"] for row in rows}) == 3 * 5
    assert {row["key"].rsplit("-", 1)[0] for row in rows} == {
        "anli-train_r1", "anli-train_r2", "anli-train_r3", "glue", "snli",
    }  # fmt: skip
    labels = {(row["key"].split("-")[0], row["text_a"][-1]): row["label"] for row in rows}
    assert [labels["glue", str(n)] for n in range(3)] == [0, 1, 2]
    assert [labels["anli", str(n)] for n in range(3)] == [2, 1, 0]  # each file's numbers mean its own class names
    entry = files.read_json(paths.fetched("intermediate", "anli_plus") / "manifest.json")["splits"]["train"]["en"]
    assert (entry["rows_expected"], entry["rows_found"]) == (549_367 + 785 + 392_702 + 162_865, 15)
    assert [one["rows"] for one in entry["pooled"]] == [9, 3, 3]
    assert len(entry["files"]) == 5  # two of the data sets have a folder plain_text


def test_ccg_without_the_files_says_what_to_supply_and_where(params) -> None:
    assert tasks.load("ccg").labels == ("known once the files are there",)
    with pytest.raises(CairnError, match=r"tasks/ccgbank/train.jsonl is missing. CCGbank is licensed.*ccg_substitute"):
        run_fetch("intermediate", "ccg")


def test_the_labels_of_ccg_are_the_categories_of_all_its_files(params, tmp_path) -> None:
    folder = tmp_path / "tasks/ccgbank"
    folder.mkdir()
    for split, tag in (("train", "N/N"), ("dev", "S\\NP")):
        lines = [json.dumps({"tokens": ["a", str(n)], "tags": ["N", tag]}) for n in range(3)]
        (folder / f"{split}.jsonl").write_text("\n".join(lines), encoding="utf-8")
    job = splits.open_job("intermediate", "ccg")
    assert job.task.labels == ("N", "N/N", "S\\NP")
    _, found = splits.convert_split(job, "dev", job.task.dev, "en")
    assert {item.example.tags for item in found.items} == {(0, 2)}


def test_the_bucc_sample_is_cut_in_two_with_pairs_kept_whole(params, tmp_path) -> None:
    params(languages=["zh"])
    folder = tmp_path / "tasks/bucc2018/zh-en"
    folder.mkdir(parents=True)
    for own, other in (("zh", "en"), ("en", "zh")):
        rows = [
            {"id": f"{own}-{n}", "sentence": f"{own} {n}", "gold_id": f"{other}-{n}" if n % 2 else ""}
            for n in range(60)
        ]
        pq.write_table(pa.Table.from_pylist(rows), folder / f"sample.{own}.parquet")
    run_fetch("retrieval", "bucc2018_sample")
    halves = [
        records.read(paths.fetched("retrieval", "bucc2018_sample") / f"{split}.parquet").to_pylist()
        for split in ("dev", "test")
    ]
    assert sum(map(len, halves)) == 120
    for rows in halves:
        keys = {row["key"] for row in rows}
        assert 30 < len(rows) < 90
        assert {key for row in rows for key in row["gold"]} <= keys
        assert {row["side"] for row in rows if row["lang"] == "zh"} == {"source"}
        assert any(row["gold"] == [] for row in rows)


def test_bucc_pools_that_are_not_there_say_what_to_supply(params) -> None:
    params(languages=["de"])
    with pytest.raises(CairnError, match=r"bucc2018/de-en/sample.de.parquet is missing. The pools of BUCC 2018"):
        run_fetch("retrieval", "bucc2018_pool")


def test_lareqa_is_one_pool_of_eleven_languages_with_the_answers_of_a_question_in_all(params, put, tmp_path) -> None:
    params(languages=["de", "en"], max_dropped=1.0, test=2)
    task = tasks.load("lareqa")
    for lang in task.test.languages:
        place(task.test, lang, task, put, tmp_path / "tasks")
    run_fetch("retrieval", "lareqa")
    folder = paths.fetched("retrieval", "lareqa")
    rows = records.read(folder / "test.parquet").to_pylist()
    queries, candidates = ([row for row in rows if row["side"] == side] for side in ("query", "candidate"))
    # The cap counts questions, the same ones in both languages; all sentences of all languages are there.
    asked = {row["key"] for row in queries}
    assert len(asked) == 2
    assert {(row["key"], row["lang"]) for row in queries} == {(key, lang) for key in asked for lang in ("de", "en")}
    assert {row["lang"] for row in candidates} == set(task.test.languages)
    assert len(candidates) == 11 * 2 * 3
    assert len({row["key"] for row in candidates}) == len(candidates)
    assert {row["pool"] for row in rows} == {"all"}
    right = [row for row in candidates if row["gold"]]
    assert len(right) == 11 * 3
    assert all(row["text"] == TOWER for row in right)
    assert {tuple(row["gold"]) for row in right} == {("q0",), ("q1",), ("q2",)}
    assert {row["group"] for row in queries} <= {"q0", "q1", "q2"}
    manifest = files.read_json(folder / "manifest.json")["splits"]["test"]
    assert manifest["de"]["rows_kept"] == 2
    assert manifest["de"]["rows_expected"] == 1190
    assert (manifest["th candidates"]["rows_expected"], manifest["th candidates"]["cap"]) == (852, None)
    expected = [
        sum(source.expected(lang) for lang in task.test.languages) for source in (task.test, task.test.candidates)
    ]
    assert expected == [13_090, 13_014]


def test_a_sentence_that_stands_twice_answers_twice_and_paragraphs_without_questions_have_no_candidates() -> None:
    module = tasks.module("lareqa")
    row = article(0, "en")
    paragraph = row["paragraphs"][0]
    twice = paragraph["context"] + " " + TOWER
    breaks = [*paragraph["sentence_breaks"], [len(paragraph["context"]) + 1, len(twice)]]
    row["paragraphs"] = [{**paragraph, "context": twice, "sentence_breaks": breaks}, {**paragraph, "qas": []}]
    found = list(module.sentences(row, "en", "0"))
    assert [(one["key"], one["gold"]) for one in found] == [
        ("en-0-0-0", ()), ("en-0-0-1", ("q0",)), ("en-0-0-2", ("q0",)),
    ]  # fmt: skip


def test_plain_xquad_is_not_taken_for_xquad_r(params, tmp_path) -> None:
    params(languages=["en"])
    folder = tmp_path / "tasks/lareqa/xquad-r"
    folder.mkdir(parents=True)
    row = article(0, "en")
    del row["paragraphs"][0]["sentence_breaks"]
    (folder / "en.json").write_text(json.dumps({"data": [row]}), encoding="utf-8")
    with pytest.raises(
        CairnError,
        match=r"^\S*tasks/lareqa/xquad-r/en.json: row 1 .* no column 'sentence_breaks'.*XQuAD-R is published",
    ):
        run_fetch("retrieval", "lareqa")


def test_an_empty_sentence_is_dropped_as_such() -> None:
    module = tasks.module("lareqa")
    row = article(0, "en")
    row["paragraphs"][0]["sentence_breaks"].append([40, 40])
    *good, empty = module.sentences(row, "en", "0")
    assert [module.to_example(one).gold for one in good] == [(), ("q0",)]
    with pytest.raises(Reject, match="text is empty"):
        module.to_example(empty)


def test_mewslix_marks_the_mention_and_takes_every_description_in_its_own_language(params, put, tmp_path) -> None:
    params(languages=["en"], max_dropped=1.0)
    task = tasks.load("mewslix")
    for source in (task.dev, task.test, task.test.candidates):
        place(source, "en", task, put, tmp_path / "tasks")
    run_fetch("retrieval", "mewslix")
    rows = records.read(paths.fetched("retrieval", "mewslix") / "test.parquet").to_pylist()
    queries = {row["key"]: row for row in rows if row["side"] == "query"}
    assert set(queries) == {"en0", "en1", "en2"}
    assert queries["en1"]["text"] == "Paris: In (old) { Paris } it rains 1."
    assert (queries["en1"]["gold"], queries["en1"]["group"]) == (["Q1"], "en-1")
    candidates = {row["key"]: row for row in rows if row["side"] == "candidate"}
    assert {key: row["lang"] for key, row in candidates.items()} == {"Q0": "fr", "Q1": "id", "Q2": "zh"}
    assert candidates["Q1"]["text"] == "Paris 1 is a city. It lies on the Seine."
    assert sum(task.test.expected(lang) for lang in task.test.languages) == 14_624
    assert sum(task.dev.expected(lang) for lang in task.dev.languages) == 2_991


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"span": {"start": 3, "end": 8, "text": "Paris"}}, "mention is not at its offset"),
        ({"sentence_spans": [{"start": 0, "end": 20}]}, "mention is not within one sentence"),
        ({"sentence_spans": []}, "mention is not within one sentence"),
    ],
)
def test_mentions_that_cannot_be_shown(change, reason) -> None:
    module = tasks.module("mewslix")
    (row,) = module.mentions(news(0, "en"), "en", "0")
    assert module.to_example(row).side == "query"
    with pytest.raises(Reject, match=reason):
        module.to_example({**row, **change})
    assert list(module.mentions(news(0, "en"), "de", "0")) == []


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("lareqa", r"lareqa/xquad-r/de.json is missing. XQuAD-R is published at .*lareqa, folder xquad-r"),
        ("mewslix", r"wikinews_mentions-dev.jsonl is missing. Mewsli-X is built by get-mewsli-x.sh"),
    ],
)
def test_ranking_tasks_that_are_not_there_say_what_to_supply(params, name, said) -> None:
    params(languages=["de"])
    with pytest.raises(CairnError, match=said):
        run_fetch("retrieval", name)
