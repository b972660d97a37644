"""LAReQA and Mewsli-X from the user's files to scores: made-up rows, fetched and retrieved with the bundled encoder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from curation import tasks
from curation.core import files, paths, registry
from curation.fetch.__main__ import run as run_fetch
from training.retrieve.__main__ import run as run_retrieve

ROOT = Path(__file__).parents[3]
OPENINGS = {
    "en": "The old dog sleeps in the house.", "de": "Der alte Hund schläft im Haus.",
    "fr": "Le vieux chien dort dans la maison.",
}  # fmt: skip
"""The sentence before the one with the answer; languages that are not here get the English one."""
WORDS = ["dog", "cat", "house", "book", "apple", "river", "teacher", "doctor"]


@pytest.fixture
def experiment(home, monkeypatch):
    """A function that writes params.yaml for one retrieval task, with the bundled encoder as it is to start from."""
    monkeypatch.setattr(registry, "_folders", {})
    monkeypatch.delenv("CAIRN_PARAMS", raising=False)

    def write(task, **changes):
        values = YAML(typ="safe", pure=True).load((ROOT / "profiles/demo.yaml").read_text(encoding="utf-8"))
        values["retrieval"] = [task]
        values["fetch"] |= {"max_dropped": 0.0}
        values["retrieve"] |= changes
        YAML().dump(values, home / "params.yaml")
        start = paths.start("pretrained", 1)
        if not start.exists():
            start.parent.mkdir(parents=True)
            start.symlink_to(ROOT / "training/encoders/tiny", target_is_directory=True)

    return write


def score(task):
    run_fetch("retrieval", task)
    run_retrieve("pretrained", task, 1)
    return files.read_json(paths.report("retrieve", "pretrained", task, "seed-1"))


def test_lareqa_from_its_files_to_scores_per_language_of_the_question(experiment, home):
    experiment("lareqa")
    folder = home / "tasks/lareqa/xquad-r"
    folder.mkdir(parents=True)
    source = tasks.load("lareqa").test
    for lang in source.languages:
        paragraphs = []
        for n in range(6):
            first, last = OPENINGS.get(lang, OPENINGS["en"]), f"The {WORDS[n]}."
            text = f"{first} {last}"
            at = len(first) + 1
            asked = {"id": f"q{n}", "question": f"The {WORDS[n]}?",
                     "answers": [{"answer_start": at, "text": last}]}  # fmt: skip
            breaks = [[0, len(first)], [at, len(text)]]
            paragraphs.append({"context": text, "qas": [asked], "sentence_breaks": breaks})
        (folder / f"{lang}.json").write_text(json.dumps({"data": [{"paragraphs": paragraphs}]}), encoding="utf-8")
    found = score("lareqa")
    assert (found["metric"], found["primary"], found["direction"]) == ("ranking", "map_at_20", None)
    assert set(found["languages"]) == set(source.languages)
    for facts in found["languages"].values():
        assert (facts["rows"], facts["candidates"]) == (6, 132)
        assert set(facts["own_language"]) == {"first", "candidates", "gold"}
        assert facts["low"] <= facts["map_at_20"] <= facts["high"]
        assert facts["map_at_20"] > 5 * facts["chance"]
    assert found["mean"]["all"] > 0.9  # question and answer share all their words, in every language
    rows = files.read_parquet(paths.predictions("pretrained", "lareqa", 1)).to_pylist()
    assert len(rows) == 66
    assert len(json.loads(rows[0]["gold"])) == 11
    assert len(json.loads(rows[0]["prediction"])) == 20
    assert len({row["unit"] for row in rows}) == 6


def test_mewslix_from_its_files_to_the_best_layer_on_dev(experiment, home):
    experiment("mewslix", layer="auto", index="hnsw", max_length=64)
    folder = home / "tasks/mewslix"
    folder.mkdir(parents=True)
    languages = tasks.load("mewslix").test.languages
    described = [
        {"entity_id": f"Q{n}", "title": word, "description": f"The {word}. A {word}.", "description_url": "",
         "description_language": ["en", "id", "de"][n % 3],
         "sentence_spans": [{"start": 0, "end": len(word) + 5}, {"start": len(word) + 6, "end": 2 * len(word) + 9}]}
        for n, word in enumerate(WORDS)
    ]  # fmt: skip
    (folder / "candidate_set_entities.jsonl").write_text("\n".join(map(json.dumps, described)), encoding="utf-8")
    for split, some in (("dev", WORDS[:4]), ("test", WORDS[4:])):
        lines = []
        for lang in languages:
            for word in some:
                text = f"News. The {word} is here."
                mention = {"example_id": f"{lang}-{word}", "entity_id": f"Q{WORDS.index(word)}",
                           "mention_span": {"start": 10, "end": 10 + len(word), "text": word}}  # fmt: skip
                spans = [{"start": 0, "end": 5}, {"start": 6, "end": len(text)}]
                context = {"document_title": "", "document_url": "", "document_id": f"{lang}-{word}", "language": lang,
                           "text": text, "sentence_spans": spans}  # fmt: skip
                lines.append(json.dumps({"context": context, "mentions": [mention]}))
        (folder / f"wikinews_mentions-{split}.jsonl").write_text("\n".join(lines), encoding="utf-8")
    found = score("mewslix")
    assert set(found["languages"]) == set(languages)
    assert found["index"] == "hnsw"
    assert found["languages"]["uk"]["search"]["candidates"]["recall"] == 1.0
    assert found["mean"]["values"]["map_at_20"] == found["mean"]["values"]["mrr_at_20"]  # one entity is right
    assert found["mean"]["all"] > found["languages"]["en"]["chance"]
    assert found["languages"]["en"]["own_language"]["candidates"] == pytest.approx(3 / 8)
    assert [one["layer"] for one in found["layer_sweep"]["curve"]] == list(range(found["layers"] + 1))
    assert found["layer_sweep"]["chosen"] == found["layer"]
    assert found["dev_queries_in_test"] == 0
