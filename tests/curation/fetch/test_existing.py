"""Translations that exist are matched to the fetched rows: by key, or through the English side they come with."""

from __future__ import annotations

import pytest

from curation.core import paths, records
from curation.core.errors import CairnError
from curation.core.task import Example
from curation.translate.existing import provided

ANSWER = {"text": ["1889"], "answer_start": [3]}


def test_by_key(put, params):
    rows = [{"id": f"q{n}", "context": "in 1889.", "question": f"Wann {n}?", "answers": ANSWER} for n in (2, 0, 7)]
    put("facebook/mlqa", "mlqa-translate-train.de", "train", rows)
    found = provided("squad", "de", {"q0", "q1", "q2"})
    assert {key: example.question for key, example in found.items()} == {"q0": "Wann 0?", "q2": "Wann 2?"}


def test_through_the_english_side_when_the_order_differs(put, params):
    def rows(texts):
        return [{"premise": a, "hypothesis": b, "label": n % 3} for n, (a, b) in enumerate(texts)]

    said = [("One, two.", "It's so."), ("Three.", "No."), ("Five.", "Odd.")]
    made = [Example(text_a=a, text_b=b, label=0, key=str(n)) for n, (a, b) in enumerate(said)]
    fetched = records.table("pair", ["mnli-a", "mnli-b", "mnli-c"], ["en"] * 3, made)
    records.write(paths.fetched("intermediate", "mnli") / "train.parquet", fetched)
    put("facebook/xnli", "en", "train", rows([("Three .", "No ."), ("One , two .", "It 's so ."), ("Gone.", "x.")]))
    put("facebook/xnli", "de", "train", rows([("Drei.", "Nein."), ("Eins, zwei.", "So ist es."), ("Weg.", "y.")]))
    found = provided("mnli", "de", {"0", "1", "2"})
    assert {key: (e.text_a, e.text_b) for key, e in found.items()} == {
        "0": ("Eins, zwei.", "So ist es."),
        "1": ("Drei.", "Nein."),
    }


def test_a_language_or_a_task_without_translations(mirror, params):
    with pytest.raises(CairnError, match=r"unknown language 'fr'.*Allowed: ar, de, es, hi, vi, zh"):
        provided("squad", "fr", set())
    with pytest.raises(CairnError, match="task snli names no translations"):
        provided("snli", "de", set())
