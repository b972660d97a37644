"""Studies answered from made-up predictions whose truth is known, by the plans and statistics of the real thing."""

import base64
import hashlib
import re
from pathlib import Path

import numpy as np
import pytest

from curation import metrics, tasks
from curation.results.arms import Named
from curation.results.places import Place
from curation.results.runs import Arm
from curation.results.statistics import Rows
from training.study import answer, plan, report

ROOT = Path(__file__).parents[3]
LABELS = tasks.load("mini_topic").labels
LANGUAGES = ("en", "de", "ru")
ROWS = 150


class Nowhere(Place):
    """A place whose reports say that every run learnt something, on a sample of the test rows."""

    def read(self, path):
        if "evaluate" in path.parts:
            return {"cap": ROWS}
        return {"degenerate": "seed-3" in path.stem and "rows" not in str(path)} if "target" in path.parts else None


def runs(rng, accuracy, seeds, sd):
    """Rows of one arm: every seed has its own accuracy; languages share their items."""
    found = {}
    for seed in seeds:
        level = accuracy + rng.normal(0, sd)
        gold = rng.integers(0, 7, ROWS)
        tables = {}
        for lang in LANGUAGES:
            right = rng.random(ROWS) < level
            said = np.where(right, gold, (gold + 1) % 7)
            given = {"lang": lang, "labels": LABELS}
            tables[lang] = metrics.load("accuracy").statistics(gold.tolist(), said.tolist(), **given)
        found[seed] = Rows({lang: [f"r{i}" for i in range(ROWS)] for lang in LANGUAGES}, tables)
    return found


@pytest.fixture
def answered(monkeypatch):
    """A function from the true accuracy of each arm to the answer of ``target-size`` at demo size."""
    monkeypatch.chdir(ROOT)
    made = plan.make("target-size", "demo")

    def give(truth, seed=1, sd=0.01, without=()):
        rng = np.random.default_rng(seed)

        def named(_, arm):
            seeds = made.size.seeds
            rows = runs(rng, truth(arm), seeds, sd)
            reports = {number: {"languages": {lang: {"rows": ROWS} for lang in LANGUAGES}} for number in seeds}
            scored = {("evaluate", "mini_topic"): Arm("mini_topic", "accuracy", "accuracy", reports, rows)}
            return Named(arm.name, Nowhere(arm.name, ROOT), arm.start, arm.values, scored)

        known = {made.experiment(arm): "0" * 40 for arm in made.arms if arm.name not in without}
        monkeypatch.setattr(answer, "_named", named)
        monkeypatch.setattr(answer.places, "experiments", lambda: known)
        return answer.gather(made)

    return give


def gain(small, large):
    """The step helps by so much at the smallest and at the other target sizes."""

    def truth(arm):
        place = arm.place[0]
        return 0.5 + 0.08 * place + (small if place == 0 else large) * (arm.start == "intermediate")

    return truth


def test_planted_effects_are_found_and_have_the_right_sign(answered):
    found = answered(gain(0.25, 0.0))
    first, last, interaction = found.compared
    assert first.effect.low > 0.1
    assert first.adjusted < 0.01
    assert abs(last.effect.value) < 0.06
    assert interaction.effect.high < 0  # the gain shrinks: that of the largest less that of the smallest
    assert interaction.effect.value == pytest.approx(last.effect.value - first.effect.value)
    assert found.first is first
    assert "a gain (p " in answer.headline(found)


def test_a_loss_is_called_a_loss(answered):
    assert "a loss (p " in answer.headline(answered(gain(-0.2, 0.0)))


def test_null_studies_come_out_null(answered):
    wrong = [
        any(one.adjusted < 0.05 for one in answered(gain(0.0, 0.0), seed=seed, sd=0.04).compared) for seed in range(20)
    ]
    assert sum(wrong) <= 2


def test_what_is_not_told_apart_says_how_many_seeds_it_would_take(answered):
    found = answered(gain(0.0, 0.0), sd=0.05)
    assert re.search(
        r"not told apart, .* \d+ seeds per arm would be needed to tell 2 points apart", answer.headline(found)
    )
    assert found.first.seeds_needed > 3


def test_arms_that_have_not_run_are_named_and_give_no_answer(answered):
    found = answered(gain(0.2, 0.2), without=("step-30",))
    assert found.missing == ["step-30"]
    assert found.first is None
    assert answer.headline(found) == "No answer yet: 1 of 6 arms have not run."
    assert [one.says for one in found.undone] == [found.plan.contrasts[0].says, found.plan.contrasts[2].says]
    assert len(found.compared) == 1
    assert "not run yet" in report.html(found)


def test_page_needs_nothing_beside_it(answered):
    page = report.html(answered(gain(0.2, 0.1)))
    assert not re.search(r'(src|href)="(?!#)', page)
    script = re.search(r"<script>(.*?)</script>", page, re.DOTALL)[1]
    allowed = re.search(r"script-src 'sha256-([^']+)'", page)[1]
    assert base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() == allowed
    assert page.count("<svg") == 2
    assert page.count('class="sortable"') == 2
    assert all(f"<dt>{kind}</dt>" in page for kind in ("Degenerate runs", "Scorer", "Seeds", "Caps", "Checkpoints"))


def test_texts_of_a_study_are_escaped(answered):
    found = answered(gain(0.2, 0.1))
    hostile = found.plan.study.model_copy(update={"question": "<script>alert(1)</script>"})
    from dataclasses import replace

    page = report.html(replace(found, plan=replace(found.plan, study=hostile)))
    assert "<script>alert" not in page


def test_table_has_every_arm_language_and_comparison(answered):
    found = answered(gain(0.2, 0.1))
    lines = report.table(found).splitlines()
    assert len(lines) == 1 + 6 * (len(LANGUAGES) + 2) + 3 * (len(LANGUAGES) + 2)
    numbers = answer.plain(found)
    assert set(numbers["levels"]) == {arm.name for arm in found.plan.arms}
    assert len(numbers["comparisons"]) == 3
