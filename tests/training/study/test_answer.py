"""Studies answered from made-up predictions whose truth is known, by the plans and statistics of the real thing."""

import base64
import hashlib
import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from curation import metrics, tasks
from curation.results.arms import Named
from curation.results.places import Place
from curation.results.runs import Arm
from curation.results.statistics import Rows, Run
from training.study import answer, plan, report, threats

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


def runs(rng, accuracy, seeds, sd, labels=LABELS):
    """Rows of one arm: every seed has its own accuracy; languages share their items."""
    found = {}
    for seed in seeds:
        level = accuracy + rng.normal(0, sd)
        gold = rng.integers(0, len(labels), ROWS)
        tables = {}
        for lang in LANGUAGES:
            right = rng.random(ROWS) < level
            said = np.where(right, gold, (gold + 1) % len(labels))
            given = {"lang": lang, "labels": labels}
            tables[lang] = metrics.load("accuracy").statistics(gold.tolist(), said.tolist(), **given)
        found[seed] = Rows({lang: [f"r{i}" for i in range(ROWS)] for lang in LANGUAGES}, tables)
    return found


@pytest.fixture
def answered(monkeypatch):
    """A function from the true accuracy of each arm to the answer of ``target-size`` at demo size."""
    monkeypatch.chdir(ROOT)
    made = plan.make("target-size", "demo")

    def give(truth, seed=1, sd=0.01, without=(), targets=("mini_topic",), older=None, values=None):
        """``older``: arm to the targets and seeds that it was run with, where these are others."""
        rng = np.random.default_rng(seed)
        size = made.size.model_copy(update={"targets": targets})
        wanted = replace(made, size=size, arms=[replace(arm, values=arm.values | (values or {})) for arm in made.arms])

        def named(_, arm):
            own, seeds = (older or {}).get(arm.name, (targets, size.seeds))
            scored = {}
            for task in own:
                rows = runs(rng, truth(arm), seeds, sd, tasks.load(task).labels)
                reports = {number: {"languages": {lang: {"rows": ROWS} for lang in LANGUAGES}} for number in seeds}
                scored["evaluate", task] = Arm(task, "accuracy", "accuracy", reports, rows)
            return Named(arm.name, Nowhere(arm.name, ROOT), arm.start, arm.values, scored)

        known = {made.experiment(arm): "0" * 40 for arm in made.arms if arm.name not in without}
        monkeypatch.setattr(answer, "_named", named)
        monkeypatch.setattr(answer.places, "experiments", lambda: known)
        return answer.gather(wanted)

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


def test_what_is_written_says_whether_seeds_were_pooled(answered):
    found = answered(gain(0.2, 0.0), sd=0.04)
    for p, pooled in ((0.5, True), (0.0001, False)):
        told = answer.plain(replace(found, spread=replace(found.spread, p=p)))["seeds_pooled"]
        assert told == {"pooled": pooled, "arms_alike_p": p, "freedom": found.spread.freedom}


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


def test_comparisons_that_cannot_be_had_yet_count_in_holm(answered):
    some, every = answered(gain(0.08, 0.08), without=("step-30",)), answered(gain(0.08, 0.08))
    (one,) = some.compared
    assert len(every.compared) == len(some.plan.contrasts) == 3
    assert one.effect.p < one.adjusted == pytest.approx(3 * one.effect.p)


@pytest.mark.parametrize(
    "run_with",
    [(("mini_topic",), (1, 2, 3)), (("mini_topic", "mini_nli"), (1, 2)), (("mini_topic",), (1, 2))],
    ids=["a target less", "a seed less", "both"],
)
def test_an_older_arm_of_fewer_targets_or_seeds_has_not_run(answered, run_with):
    found = answered(gain(0.2, 0.2), targets=("mini_topic", "mini_nli"), older={"step-30": run_with})
    assert found.missing == ["step-30"]
    assert set(found.levels) == {arm.name for arm in found.plan.arms} - {"step-30"}
    assert [one.says for one in found.undone] == [found.plan.contrasts[0].says, found.plan.contrasts[2].says]
    assert "1 of 6 arms have not run" in report.html(found)


def test_an_older_arm_of_more_seeds_counts_with_those_declared(answered):
    found = answered(gain(0.2, 0.2), older={"step-30": (("mini_topic",), (1, 2, 3, 4, 5))})
    assert not found.missing
    assert {len(runs) for runs in found.runs.values()} == {len(found.plan.size.seeds)}
    assert len(found.compared) == 3


def test_what_is_written_says_beside_the_sentence_which_arms_lack_and_which_are_old(answered, tmp_path, monkeypatch):
    found = answered(gain(0.2, 0.2), without=("step-30",))
    monkeypatch.setattr(report, "FOLDER", tmp_path)
    lacking, old = report.write(found.plan).minded
    label = next(arm.label for arm in found.plan.arms if arm.name == "step-30")
    assert f"“{label}”" in lacking
    assert f"“{label}”" not in old
    assert "`training study run target-size --size demo` makes them again" in old


def test_caps_tell_the_rows_of_every_target(answered):
    found = answered(gain(0.2, 0.2), targets=("mini_topic", "mini_nli"))
    first, second = found.tables
    found = replace(found, tables=[replace(first, rows={"en": 40, "de": 150}), second])
    assert any("mini_nli, mini_topic, 40 to 150 per language" in text for _, text in threats.threats(found))


def test_sizes_whose_scores_follow_no_power_law_predict_nothing(monkeypatch):
    rng, arms = np.random.default_rng(0), {x: SimpleNamespace(name=f"rows-{x}") for x in (500, 2000, 8000)}
    monkeypatch.setattr(report, "_lines", lambda *_: {"rows": list(arms.items())})

    def seed(value):
        return Run({"all": value + rng.normal(0, 0.01)}, {"all": np.zeros(9)}, {}, {"all": 9})

    def told(*values):
        runs = {arm.name: [seed(value) for _ in range(3)] for arm, value in zip(arms.values(), values, strict=True)}
        plan = SimpleNamespace(arms=list(arms.values()), study=SimpleNamespace(x="subset.size"))
        (line,) = report.fits(SimpleNamespace(plan=plan, levels=runs, runs=runs))
        return line

    bent = (
        "rows: the scores over 3 nested sizes follow no power law (p < 0.001), so nothing is predicted for more rows."
    )
    assert told(0.22, 0.18, 0.44) == bent
    assert "16,000 rows bring +" in told(0.2, 0.3, 0.38)


def test_an_encoder_that_judged_the_labels_and_is_evaluated_is_named(answered):
    crossfit = {"crossfit": {"model": "bundled:tiny"}}
    found = answered(gain(0.2, 0.2), values={"probe": crossfit, "encoder": {"model": "bundled:tiny"}})
    told = [text for kind, text in threats.threats(found) if kind == "scorer"]
    assert told == ["bundled:tiny scored the rows and is evaluated too, so quality may favour it."]


def test_leaks_that_stay_are_said_to_stay(answered):
    found = answered(gain(0.2, 0.2), values={"subset": {"decontaminate": False}})
    (told,) = [text for kind, text in threats.threats(found) if kind == "contamination"]
    assert "were not left out (subset.decontaminate: false) in step-" in told


def test_page_needs_nothing_beside_it(answered):
    page = report.html(answered(gain(0.2, 0.1)))
    assert not re.search(r'(src|href)="(?!#)', page)
    script = re.search(r"<script>(.*?)</script>", page, re.DOTALL)[1]
    allowed = re.search(r"script-src 'sha256-([^']+)'", page)[1]
    assert base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() == allowed
    assert page.count("<svg") == 2
    assert page.count('class="sortable') == 2
    assert all(f"<dt>{kind}</dt>" in page for kind in ("Degenerate runs", "Scorer", "Seeds", "Caps", "Checkpoints"))


def test_texts_of_a_study_are_escaped(answered):
    found = answered(gain(0.2, 0.1))
    hostile = found.plan.study.model_copy(update={"question": "<script>alert(1)</script>"})
    page = report.html(replace(found, plan=replace(found.plan, study=hostile)))
    assert "<script>alert" not in page


def test_table_has_every_arm_language_and_comparison(answered):
    found = answered(gain(0.2, 0.1))
    lines = report.table(found).splitlines()
    assert len(lines) == 1 + 6 * (len(LANGUAGES) + 2) + 3 * (len(LANGUAGES) + 2)
    numbers = answer.plain(found)
    assert set(numbers["levels"]) == {arm.name for arm in found.plan.arms}
    assert len(numbers["comparisons"]) == 3
