"""Scores that the official scripts themselves gave to answers of our own making.

How they were obtained: the answers are random (``test_parity_answers.cases``). ``squad_v2`` was scored by the official
SQuAD 2.0 script as transformers 4.46.3 ships it (``data/metrics/squad_metrics.py``: ``compute_exact``, ``compute_f1``,
gold answers as ``get_raw_scores`` takes them), ``mlqa.<lang>`` by ``mlqa_evaluation_v1.py`` (facebookresearch/MLQA,
5ef5c73). Of 5,000 answers each, all agreed to the last bits of a float, but for empty predictions in MLQA where a gold
answer normalises to nothing: there is why in ``test_parity_answers``. Golden rows: prediction, answers, EM, F1.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from curation import metrics

GOLDEN = json.loads(Path(__file__).with_name("golden").joinpath("answers.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", GOLDEN)
def test_scores_are_those_of_the_official_script(name):
    metric, _, lang = name.partition(".")
    rows = GOLDEN[name]
    assert len(rows) > 50
    assert any(0 < f1 < 1 for *_, f1 in rows)
    gold, predicted = [answers for _, answers, _, _ in rows], [guess for guess, *_ in rows]
    found = metrics.load(metric).statistics(gold, predicted, lang=lang or "en", labels=())
    for row, (guess, answers, exact, f1) in zip(found, rows, strict=True):
        assert row[0] == exact, (guess, answers)
        assert row[1] == pytest.approx(f1, abs=3e-16), (guess, answers)
