"""``curation new-task``: test rows in several languages, and when they are the same rows."""

from __future__ import annotations

import json

LANGS = ("en", "de", "pt-BR")


def write(project, change=lambda lang, n, row: row):
    """Write train rows and a test file a language; return the arguments that name them."""
    for lang in LANGS:
        rows = [{**row, "premise": f"{lang}: {row['premise']}"} for row in project.pairs(20)]
        project.jsonl(f"test.{lang}.jsonl", [change(lang, n, row) for n, row in enumerate(rows)])
    project.jsonl("test.txt.jsonl.bak", [])
    return ["--from", project.jsonl("a.jsonl", project.pairs(20)), "--hold-out", "0.2", "--test", "test.{lang}.jsonl"]


def test_rows_of_one_id_are_one_item_in_all_languages(project):
    said = project.run("own", *write(project))
    assert "test pt-BR 20" in said
    assert " key id " in said
    assert "Note: test: rows of one id were taken to say the same in every language (parallel=True)." in said
    assert project.task("own").parallel
    project.tidy("own")
    found = project.fetched("own", "target")["test"]
    ids = {lang: {row["id"] for row in found if row["lang"] == lang} for lang in LANGS}
    assert len(ids["en"]) == 20
    assert ids["en"] == ids["de"] == ids["pt-BR"]


def test_a_few_ids_may_be_of_one_language_alone(project):
    project.run("own", *write(project, lambda lang, n, row: row | {"id": f"{lang}{n}"} if n < 2 else row))
    assert project.task("own").parallel
    project.run("two", *write(project, lambda lang, n, row: row | {"id": f"{lang}{n}"} if n < 4 else row))
    assert not project.task("two").parallel
    assert "key=row" in project.code("two")


def test_ids_that_count_the_rows_of_each_language_are_not_taken_for_parallel(project):
    def change(lang, n, row):
        return row | {"id": str(n), "label": ("no", "yes")[n // (1 + LANGS.index(lang)) % 2]}

    said = project.run("own", *write(project, change))
    assert not project.task("own").parallel
    assert "have the same ids, but" in said
    assert "so they were not taken for the same rows in several languages (parallel)" in said


def test_an_id_that_comes_twice_in_a_language_is_no_key(project):
    said = project.run("own", *write(project, lambda lang, n, row: row | {"id": str(n // 2)}))
    assert "not used id" in said
    assert not project.task("own").parallel


def test_translated_answers_do_not_count_against_it(project):
    for lang in LANGS:
        rows = [{"id": n, "question": f"{lang} {n}?", "options": [f"{lang} in", f"{lang} at"],
                 "answer": f"{lang} {('in', 'at')[n % 2]}"} for n in range(12)]  # fmt: skip
        project.jsonl(f"test.{lang}.jsonl", rows)
    told = json.loads(project.run("own", "--from", "test.en.jsonl", "--dev", "test.en.jsonl", "--test",
                                  "test.{lang}.jsonl", "--json"))  # fmt: skip
    assert told["parallel"]
