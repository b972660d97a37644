"""Quality estimates on people's translations of XNLI's test set, with faults put into some of them."""

import os
import random
import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from curation.core import files
from curation.translate import checks

pytestmark = pytest.mark.real


def column(lang):
    folder = Path(os.environ["CAIRN_HUB_MIRROR"]) / "facebook/xnli" / lang
    table = files.read_parquet(next(iter(sorted(folder.glob("test*.parquet"))))).to_pylist()
    return [text for row in table for text in (row["premise"], row["hypothesis"])]


def spoil(draw, source, target, other):
    """Return the translation, now and then with a fault, and the name of the fault."""
    chance, words = draw.random(), target.split()
    if chance < 0.02 and len(words) >= 8:
        return " ".join(words[: len(words) // 2]), "dropped clause"
    if chance < 0.04:
        return other, "wrong language"
    if chance < 0.06 and len(words) >= 3:
        at = draw.randint(0, len(words) - 3)
        return " ".join(words[: at + 3] + words[at : at + 3] * 3 + words[at + 3 :]), "repetition"
    if chance < 0.08:
        return source, "copied"
    if re.search(r"\d", target) and draw.random() < 0.5:
        return re.sub(r"\d", lambda m: str((int(m.group()) + 3) % 10), target, count=1), "changed number"
    return target, None


@pytest.mark.parametrize(("lang", "other"), [("de", "fr"), ("fr", "de"), ("ru", "bg"), ("zh", "de")])
def test_planted_faults_are_found_and_good_translations_spared(lang, other):
    from sklearn.metrics import average_precision_score

    draw = random.Random(3)
    triples = dict.fromkeys(zip(column("en"), column(lang), column(other), strict=True))
    rows = [(source, *spoil(draw, source, target, third)) for source, target, third in triples]
    quality = checks.combine(checks.estimate([row[0] for row in rows], [row[1] for row in rows], "en", lang))
    faults = np.array([row[2] is not None for row in rows])
    low = quality < 0.3
    found = Counter(row[2] for row, is_low in zip(rows, low, strict=True) if is_low and row[2])
    planted = Counter(row[2] for row in rows if row[2])
    summary = {
        "average_precision": average_precision_score(faults, 1 - quality), "precision": faults[low].mean(),
        "recall": low[faults].mean(), "spared": 1 - low[~faults].mean(),
        **{name: found[name] / planted[name] for name in planted},
    }  # fmt: skip
    assert summary["average_precision"] > 0.85, summary
    assert summary["precision"] > 0.9, summary
    assert summary["spared"] > 0.985, summary
