"""SQuAD's own JSON and CoNLL files through new-task, to the rows that fetch makes of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest


def test_the_json_of_squad(project):
    def article(first, count):
        asked = [
            {"id": f"q{n}", "question": f"Who is {n}?", "answers": [{"text": "Ann", "answer_start": 0}]}
            for n in range(first, first + count)
        ]
        asked[0] |= {"answers": [], "is_impossible": True}
        return {"title": "T", "paragraphs": [{"context": f"Ann met Bo {first}.", "qas": asked}]}

    value = {"version": "v2.0", "data": [article(n, 3) for n in range(0, 30, 3)]}
    Path("train.json").write_text(json.dumps(value), encoding="utf-8")
    said = project.run("own", "--from", "train.json", "--hold-out", "0.2")
    assert " kind span " in said
    found = project.fetched("own")
    rows = {row["key"]: row for split in found.values() for row in split}
    assert len(rows) == 30
    assert rows["q1"]["answers"] == [{"text": "Ann", "start": 0}]
    assert rows["q0"]["answers"] == []
    assert not {r["context"] for r in found["train"]} & {r["context"] for r in found["dev"]}


def articles(count):
    """Return articles of a paragraph with a question each; the fourth question has half a surrogate."""
    found = []
    for n in range(count):
        word = "Who\ud83d" if n == 3 else "Who"
        asked = [{"id": f"q{n}", "question": f"{word} is {n}?", "answers": [{"text": "Ann", "answer_start": 0}]}]
        found.append({"title": "T", "paragraphs": [{"context": f"Ann met Bo {n}.", "qas": asked}]})
    return found


@pytest.mark.parametrize(
    ("name", "of"),
    [
        ("a.json", lambda found: {"data": found}),
        ("a.json", lambda found: found),
        ("a.json", lambda found: {"title": "T", "paragraphs": [p for one in found for p in one["paragraphs"]]}),
        ("a.json", lambda found: {"data": [p for one in found for p in one["paragraphs"]]}),
        ("a.jsonl", lambda found: found),
    ],
)
def test_the_json_of_squad_in_part(name, of, project):
    """Articles, one article, or paragraphs alone; half a surrogate costs its question, not its article."""
    value = of(articles(25))
    text = "".join(f"{json.dumps(one)}\n" for one in value) if name == "a.jsonl" else json.dumps(value)
    Path(name).write_text(text, encoding="utf-8")
    said = project.run("own", "--from", name, "--hold-out", "0", "--kind", "span")
    assert "1 invalid UTF-8" in said


@pytest.mark.parametrize(
    ("name", "line"),
    [("a.conll", "{w} NNP B-NP {t}"), ("a.bio", "{w}\t{t}"), ("a.conllu", "{n}\t{w}\t_\t{t}\t_\t_\t0\t_\t_\t_")],
)
def test_a_word_a_line(name, line, project):
    sentences = []
    for n in range(20):
        words = [("Ann", "B-PER"), ("met", "O"), (f"Bo{n}", "B-PER" if n % 2 else "O")]
        sentences.append("\n".join(line.format(w=w, t=t, n=i) for i, (w, t) in enumerate(words, 1)))
    head = "# sent_id = 1\n1-2\tx\t_\t_\n" if name.endswith("u") else "-DOCSTART- -X- -X- O\n\n"
    Path(name).write_text(head + "\n\n".join(sentences) + "\r\n\r\n", encoding="utf-8")
    project.run("own", "--from", name, "--hold-out", "0.2")
    found = project.fetched("own")
    rows = [row for split in found.values() for row in split]
    assert len(rows) == 20
    assert set(project.task("own").labels) == {"B-PER", "O"}
    assert {tuple(row["tokens"][:2]) for row in rows} == {("Ann", "met")}


def test_a_word_without_a_tag_is_named(project):
    Path("a.conll").write_text("Ann B-PER\nmet\n", encoding="utf-8")
    assert "line 2 has no tag: 'met'" in project.refused("own", "--from", "a.conll", "--hold-out", "0.2")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("Ann B-PER\rcaf\u00e9 O\r".encode("latin-1"), "line 2 is not valid UTF-8"),
        ("Ann B-PER\n".encode("utf-16"), "is UTF-16 text"),
        (b"PK\x03\x04", "is a packed file"),
    ],
)
def test_what_is_no_text_is_named(content, said, project):
    Path("a.conll").write_bytes(content)
    assert said in project.refused("own", "--from", "a.conll", "--hold-out", "0.2")
