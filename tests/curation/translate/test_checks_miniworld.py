"""Quality estimates against the miniworld's planted translation errors, whose truth is known."""

import numpy as np
import pytest

from curation import miniworld
from curation.translate import checks

PLANT = {
    "label_noise": 0.0, "noise_kind": "uniform", "near_duplicates": 0.0, "conflicts": 0.0, "off_topic": 0.0,
    "garbled": 0.0, "leaks": 0.0, "leak_from": "mini_paraphrase", "translation_errors": 0.08,
}  # fmt: skip
ROWS = 1200


@pytest.mark.parametrize("lang", ["de", "ru"])
def test_planted_errors_are_found_but_for_phrases_that_are_left_out(lang):
    english = {row["key"]: row for row in miniworld.rows("nli", "train", "en", ROWS, 7, PLANT)}
    other = {row["key"]: row for row in miniworld.rows("nli", "train", lang, ROWS, 7, PLANT)}
    planted = {
        found["key"]: found["detail"]["kind"]
        for found in miniworld.truth("nli", "train", ROWS, 7, PLANT, lang)
        if found["defect"] == "translation_errors"
    }
    keys = sorted(english)
    pairs = [(english[key][name], other[key][name]) for key in keys for name in ("premise", "hypothesis")]
    estimates = checks.estimate([a for a, _ in pairs], [b for _, b in pairs], "en", lang)
    quality = checks.combine(checks.rows(estimates, [i // 2 for i in range(len(pairs))], len(keys)))
    low = dict(zip(keys, quality < 0.3, strict=True))
    assert len(planted) == round(0.08 * ROWS)
    for kind in ("language", "number", "repetition"):  # grammatical sentences with a phrase less need their meaning
        hits = [low[key] for key, name in planted.items() if name == kind]
        assert hits, kind
        assert np.mean(hits) >= 0.95, kind
    assert np.mean([low[key] for key in keys if key not in planted]) <= 0.01
