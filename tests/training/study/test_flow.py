from pathlib import Path

import pytest

from curation.check import flow as dvc_yaml
from curation.core import params
from curation.core.errors import CairnError
from curation.results.changes import flatten
from training.study import flow
from training.study.arms import Arm

ROOT = Path(__file__).parents[3]
YAML = """
stages:
  fetch:
    matrix: {task: "${tasks}"}
    cmd: fetch ${item.task}
    params: [rows]
    deps: [code/fetch.py]
    outs: ["data/${item.task}"]
  subset: {cmd: choose, params: [size], deps: [data, code], outs: [kept]}
  pretrained: {cmd: point, params: [encoder], outs: [models/pretrained]}
  intermediate: {cmd: first, deps: [kept, models/pretrained], outs: [models/intermediate]}
  target:
    matrix: {start: [pretrained, intermediate], seed: "${seeds}"}
    cmd: train ${item.start} ${item.seed}
    deps: ["models/${item.start}", data/b]
    outs: ["models/target/${item.start}/${item.seed}"]
  evaluate:
    matrix: {start: [pretrained, intermediate], seed: "${seeds}"}
    cmd: score ${item.start} ${item.seed}
    deps: ["models/target/${item.start}/${item.seed}"]
    outs: ["scores/${item.start}/${item.seed}.json": {cache: false}]
"""
CONTENT = {"code/fetch.py": "1", "code/choose.py": "2", "other.py": "3"}


def arm(name, start="intermediate", **changes):
    values = {"tasks": ["a", "b"], "seeds": [1, 2], "rows": 9, "size": 5, "encoder": "tiny"} | changes
    return Arm(name, name, name, (), start, values, {})


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    (tmp_path / "dvc.yaml").write_text(YAML)
    monkeypatch.chdir(tmp_path)


def names(found):
    return sorted(run.name for run in found.values())


def test_only_what_the_scores_need():
    found = flow.runs(arm("none", "pretrained"), CONTENT)
    targets = ["evaluate@pretrained-1", "evaluate@pretrained-2", "target@pretrained-1", "target@pretrained-2"]
    assert names(found) == sorted([*targets, "fetch@b", "pretrained"])
    assert len(flow.runs(arm("step"), CONTENT)) == 9  # fetch of both, since the subset reads all of data


def test_keys_follow_what_a_run_depends_on():
    def keys(given, content=CONTENT):
        return {run.name: run.key for run in flow.runs(given, content).values()}

    before, smaller = keys(arm("x")), keys(arm("y", size=4))
    changed = {name for name in before if before[name] != smaller[name]}
    assert changed == {
        name for name in before if name.split("@")[0] in ("subset", "intermediate", "target", "evaluate")
    }
    assert keys(arm("x"), CONTENT | {"other.py": "4"}) == before
    edited = keys(arm("x"), CONTENT | {"code/choose.py": "4"})
    assert {name for name in before if before[name] != edited[name]} == changed
    assert not set(keys(arm("x", rows=8)).values()) & set(before.values()) - {before["pretrained"]}


def test_every_run_is_made_by_one_job_and_after_what_it_needs():
    made = [arm("none", "pretrained"), arm("few", size=1), arm("many", size=3), arm("other", encoder="micro")]
    jobs, by_arm = flow.jobs(made, CONTENT)
    owned = [key for job in jobs for key in job.keys]
    assert len(owned) == len(set(owned))
    assert set(owned) == {key for found in by_arm.values() for key in found}
    over: set[str] = set()
    for job in jobs:
        assert set(job.needs) <= {other.name for other in jobs if other.keys <= over}
        behind = by_arm[job.arm.name]
        for key in job.keys:
            assert all(need in over or need in job.keys for need in behind[key].needs)
        over |= job.keys
    assert [job.name for job in jobs if not job.shared] == ["none", "few", "many", "other"]


def test_a_parameter_that_is_missing_is_named():
    lacking = arm("x")
    del lacking.values["size"]
    with pytest.raises(CairnError, match="x: stage subset reads size, which its parameters lack"):
        flow.runs(lacking, CONTENT)


def test_repository_sees_edits_that_are_not_committed(monkeypatch):
    monkeypatch.chdir(ROOT)
    found = flow.repository()
    assert "dvc.yaml" in found
    assert len(found) > 300


def test_what_a_stage_that_only_passes_has_read_makes_nothing_run_again(tmp_path):
    gate = "  trial: {cmd: look, params: [encoder], outs: [reports/trial.json]}\n"
    text = YAML.replace("stages:\n", f"stages:\n{gate}").replace(
        "deps: [code/fetch.py]", "deps: [code/fetch.py, reports/trial.json]"
    )
    (tmp_path / "dvc.yaml").write_text(text)
    made = [arm("tiny"), arm("micro", encoder="micro")]
    jobs, by_arm = flow.jobs(made, CONTENT)
    keys = [{run.name: run.key for run in by_arm[one.name].values()} for one in made]
    assert keys[0]["trial"] != keys[1]["trial"]
    assert keys[0]["fetch@b"] == keys[1]["fetch@b"]
    assert [job.name for job in jobs if job.shared] == ["shared-tiny"]


def test_every_parameter_called_size_is_listed_by_its_whole_name(monkeypatch):
    """DVC overlooks keys called ``size`` and ``nfiles`` inside a section, and would restore a run of another size."""
    monkeypatch.chdir(ROOT)
    values = params.load(Path("params.yaml"))
    risky = {key for key in flatten(values) if key.rpartition(".")[2] in ("size", "nfiles")}
    assert "subset.size" in risky
    for stage in dvc_yaml.read(values, []):
        for key in risky:
            if any(key.startswith(f"{name}.") for name in stage.params):
                assert key in stage.params or stage.name == "report", (stage.name, key)
