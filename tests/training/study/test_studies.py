"""Every study that Cairn ships, at every size: its arms exist, are compared, and run what they should."""

from pathlib import Path

import pytest

from curation.core import params
from curation.core.errors import CairnError
from curation.core.models import nearby
from training.study import arms, export, plan, questions, rates

ROOT = Path(__file__).parents[3]
NAMES = sorted(file.stem for file in (ROOT / "studies").glob("*.yaml"))
DEMO_ONLY = {"selection"}  # noise can be planted in bundled data alone
CASES = [(name, size) for name in NAMES for size in questions.SIZES if size == "demo" or name not in DEMO_ONLY]


@pytest.fixture(autouse=True)
def _root(monkeypatch):
    monkeypatch.chdir(ROOT)


def test_the_five_questions_and_the_base_paper_are_there():
    wanted = {"size-pawsx", "quality-quantity", "task-by-size", "english-multilingual", "target-size", "stilts"}
    assert wanted <= set(NAMES)


@pytest.mark.parametrize(("name", "size"), CASES)
def test_plan(name, size):
    found = plan.make(name, size)
    assert found.contrasts
    assert len(found.size.seeds) >= 3
    costs = plan.costs(found)
    assert costs["runs"] < costs["runs_asked_for"]
    assert costs["shared"] > 0
    assert {job.arm.name for job in found.jobs} <= {arm.name for arm in found.arms}
    for arm in found.arms:
        assert set(arm.values) == set(params.load(ROOT / "params.yaml"))


@pytest.mark.parametrize("name", NAMES)
def test_demo_needs_nothing_but_the_repository(name):
    for arm in plan.make(name, "demo").arms:
        assert nearby(arm.values["encoder"]["model"]) is not None
        assert all(task.startswith("mini_") for task in (*arm.values["intermediate"], *arm.values["targets"]))


def test_arms_that_cannot_run_are_named_before_any_runs():
    found = plan.make("target-size", "demo")
    assert plan.unable(found) == []
    for arm in found.arms[:2]:
        arm.values["subset"]["size"] = 5000
    assert "subset.size is 5000" in (told := plan.unable(found))[0]
    assert "none-30, none-90" in told[0]
    for arm in found.arms:
        arm.values["subset"]["size"] = 5000
    with pytest.raises(CairnError, match="none of its arms can be run"):
        plan.unable(found)


def test_every_kind_of_run_has_a_size():
    found = plan.make("stilts", "demo")
    told = {run.stage: rates.work(run.name, arm.values) for run, arm in plan.unique(found).values()}
    assert len(told) >= 13
    assert all(one["units"] for one in told.values())


def test_scripts_of_a_study(tmp_path):
    found = plan.make("size-pawsx", "demo")
    made = export.write(found, tmp_path, hours=2, gpus=1)
    assert [path.stem for path in made] == [*(job.name for job in found.jobs), "submit"]
    text = (tmp_path / "rows-400.sh").read_text()
    assert "--only rows-400" in text
    assert "--gres=gpu:1" in text
    assert "afterany:${id[shared-none]}:${id[shared-rows-400]} rows-400.sh" in (tmp_path / "submit.sh").read_text()


def test_the_example_in_the_readme_is_a_study():
    text = (ROOT / "studies/README.md").read_text(encoding="utf-8").split("```yaml\n")[1].split("```")[0]
    from ruamel.yaml import YAML

    found = params.check(questions.Study, YAML(typ="safe", pure=True).load(text), "studies/README.md")
    size = questions.size(found, "x", "demo")
    made = arms.of("x", found, size, arms.base("x", size, ROOT / "profiles/demo.yaml"))
    assert len(arms.contrasts("x", found, made)) == 5


def test_a_size_whose_targets_have_another_metric_says_which():
    assert plan.make("size-pawsx", "demo").study.metric == "f1"
    assert plan.make("size-pawsx", "mirror").study.metric == "macro_f1"
