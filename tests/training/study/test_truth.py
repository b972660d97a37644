"""The studies at demo size by the real pipeline: what was planted in the miniworld comes out, beyond chance."""

import json

import pytest

TRUTHS = {
    "size-pawsx": {"the largest intermediate set against none": "gain"},
    "target-size": {
        "the step at the smallest target set": "gain",
        "the gain at the largest target set less that at the smallest": "loss",
    },
    "quality-quantity": {
        "few clean rows against many noisy ones, equal steps": "gain",
        "clean against noisy rows, both many, equal epochs": "gain",
        "many clean rows against no step": "gain",
    },
    "english-multilingual": {
        "one translation against English": "gain",
        "a mixture of translations against English": "gain",
        "English and its translations against English alone": "gain",
    },
    "task-by-size": {
        "the related task, larger encoder": "gain",
        "the related task, smaller encoder": "gain",
        "shuffled labels, larger encoder": "no gain",
    },
}
"""Study to its comparisons and what is true of them."""


@pytest.mark.slow
@pytest.mark.parametrize("study", TRUTHS)
def test_what_was_planted_comes_out(clone, study):
    made = clone(study)
    assert made.start("run", study, "--jobs", "2").wait() == 0
    assert made.start("report", study).wait() == 0
    numbers = json.loads((made.folder / f"reports/studies/{study}-demo.json").read_text(encoding="utf-8"))
    check(study, numbers)


def check(study, numbers):
    told = {one["says"]: one for one in numbers["comparisons"]}
    for says, truth in TRUTHS[study].items():
        gap, p = told[says]["difference"], told[says]["p_holm"]
        if truth == "gain":
            assert gap["low"] > 0, (says, gap)
            assert p < 0.05, (says, p)
        elif truth == "loss":
            assert gap["high"] < 0, (says, gap)
            assert p < 0.05, (says, p)
        else:
            assert gap["low"] <= 0, (says, gap)
