"""Quality estimates against the miniworld's planted translation errors, whose truth is known."""

import numpy as np
import pytest

from curation import miniworld
from curation.translate import judge
from curation.translate.drafts import Draft

PLANT = {
    "label_noise": 0.0, "noise_kind": "uniform", "near_duplicates": 0.0, "conflicts": 0.0, "off_topic": 0.0,
    "garbled": 0.0, "leaks": 0.0, "leak_from": "mini_paraphrase", "translation_errors": 0.08,
}  # fmt: skip
ROWS = 1200


@pytest.mark.parametrize("lang", ["de", "ru"])
def test_planted_errors_are_found(lang):
    english = {row["key"]: row for row in miniworld.rows("nli", "train", "en", ROWS, 7, PLANT)}
    other = {row["key"]: row for row in miniworld.rows("nli", "train", lang, ROWS, 7, PLANT)}
    planted = {
        found["key"]: found["detail"]["kind"]
        for found in miniworld.truth("nli", "train", ROWS, 7, PLANT, lang)
        if found["defect"] == "translation_errors"
    }
    keys = sorted(english)
    rows = [{"text_a": english[key]["premise"], "text_b": english[key]["hypothesis"]} for key in keys]
    drafts = [Draft({"text_a": other[key]["premise"], "text_b": other[key]["hypothesis"]}, words=9) for key in keys]
    quality = judge.check("pair", rows, drafts, "en", lang)[judge.QUALITY]
    low = dict(zip(keys, quality < 0.4, strict=True))
    assert len(planted) == round(0.08 * ROWS)
    least = {"language": 0.95, "number": 0.7, "repetition": 0.95, "dropped": 0.2}
    for kind, share in least.items():
        hits = [low[key] for key, name in planted.items() if name == kind]
        assert hits, kind
        assert np.mean(hits) >= share, (kind, np.mean(hits))
    assert np.mean([low[key] for key in keys if key not in planted]) <= 0.015
