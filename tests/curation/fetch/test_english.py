"""The English side of existing translations is converted once for all languages, and again when anything changed."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from curation.core import files, paths, records
from curation.core.task import Example
from curation.fetch import splits
from curation.translate import english
from curation.translate.existing import provided


@pytest.fixture
def published(put, params, tmp_path, monkeypatch):
    """Fetched rows of mnli, its English side in another spelling and two translations; returns how to write rows."""
    monkeypatch.setenv("CAIRN_CACHE", str(tmp_path / "cache"))
    said = [("One, two.", "It's so."), ("Three.", "No."), ("Five.", "Odd.")]
    made = [Example(text_a=a, text_b=b, label=0, key=str(n)) for n, (a, b) in enumerate(said)]
    fetched = records.table("pair", ["mnli-a", "mnli-b", "mnli-c"], ["en"] * 3, made)
    records.write(paths.fetched("intermediate", "mnli") / "train.parquet", fetched)

    def write(lang, texts):
        put(
            "facebook/xnli",
            lang,
            "train",
            [{"premise": a, "hypothesis": b, "label": n % 3} for n, (a, b) in enumerate(texts)],
        )

    write("en", [("Three .", "No ."), ("One , two .", "It 's so ."), ("Gone.", "x.")])
    write("de", [("Drei.", "Nein."), ("Eins, zwei.", "So ist es."), ("Weg.", "y.")])
    write("es", [("Tres.", "No."), ("Uno, dos.", "Así es."), ("Fuera.", "y.")])
    return write


def converted(monkeypatch):
    """Return the list of languages that are converted from now on."""
    seen, convert = [], splits.convert_loaded

    def counting(job, split, source, lang, loaded):
        seen.append(lang)
        return convert(job, split, source, lang, loaded)

    monkeypatch.setattr(splits, "convert_loaded", counting)
    return seen


def test_english_is_converted_once(published, monkeypatch):
    seen = converted(monkeypatch)
    german, spanish = (provided("mnli", lang, {"0", "1", "2"}) for lang in ("de", "es"))
    assert seen.count("en") == 1
    assert {key: e.text_a for key, e in german.items()} == {"0": "Eins, zwei.", "1": "Drei."}
    assert {key: e.text_a for key, e in spanish.items()} == {"0": "Uno, dos.", "1": "Tres."}


def test_other_english_rows_are_converted_again(published, monkeypatch):
    provided("mnli", "de", {"0"})
    seen = converted(monkeypatch)
    published("en", [("One , two .", "It 's so ."), ("Three .", "No ."), ("Gone.", "x.")])
    assert provided("mnli", "de", {"0"})["0"].text_a == "Drei."  # key 0 is another row now
    assert seen.count("en") == 1


def test_a_damaged_one_is_named_and_made_again(published, monkeypatch, capsys):
    before = provided("mnli", "de", {"0", "1"})
    (kept,) = files.cache_folder("english").iterdir()
    data = (kept / "keys.parquet").read_bytes()
    (kept / "keys.parquet").write_bytes(data[: len(data) // 2] + b"x" + data[len(data) // 2 + 1 :])
    seen = converted(monkeypatch)
    assert provided("mnli", "de", {"0", "1"}) == before
    assert seen.count("en") == 1
    assert "is damaged" in capsys.readouterr().err


def test_a_module_beside_the_task_is_part_of_the_key(tmp_path, monkeypatch):
    monkeypatch.setenv("CAIRN_CACHE", str(tmp_path / "cache"))
    (tmp_path / "own.py").write_text("import shared\n", encoding="utf-8")
    (tmp_path / "shared.py").write_text("A = 1\n", encoding="utf-8")
    module, settings = SimpleNamespace(__file__=str(tmp_path / "own.py")), SimpleNamespace(max_dropped=0.1)
    job, loaded = SimpleNamespace(module=module, params=settings), SimpleNamespace(hashes={"x": "1"}, pooled=())
    before = english._place(job, loaded)
    assert english._place(job, loaded) == before
    (tmp_path / "shared.py").write_text("A = 2\n", encoding="utf-8")
    assert english._place(job, loaded) != before
