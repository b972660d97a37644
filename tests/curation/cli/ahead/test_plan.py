"""What is run ahead: only what can be and what DVC will likely want, from the end towards DVC."""

from __future__ import annotations

from pathlib import Path

import pytest

from curation.check import flow
from curation.cli.ahead.plan import Course

FLOW = """stages:
  check: {cmd: python -m curation.check, outs: [reports/check.json]}
  fetch: {cmd: python -m curation.fetch, deps: [reports/check.json], outs: [data/rows]}
  start: {matrix: {n: [1, 2]}, cmd: "python -m training.start --n ${item.n}", deps: [data/rows],
    outs: ["models/${item.n}", "reports/${item.n}.json"]}
  next: {matrix: {n: [1, 2]}, cmd: "python -m training.next --n ${item.n}", deps: ["models/${item.n}"],
    outs: ["data/next/${item.n}"]}
  report: {cmd: python -m curation.report, deps: [data/next, reports], outs: [report.md]}
"""


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, flow.Run]:
    monkeypatch.chdir(tmp_path)
    Path("dvc.yaml").write_text(FLOW, encoding="utf-8")
    return flow.runs({}, [])


def test_who_reads_whom(runs: dict[str, flow.Run]) -> None:
    assert list(runs) == ["check", "fetch", "start@1", "start@2", "next@1", "next@2", "report"]
    assert runs["next@2"].needs == ("start@2",)
    assert runs["next@2"].command == "python -m training.next --n 2"
    assert runs["report"].reads == {
        "data/next": ("next@1", "next@2"),
        "reports": ("check", "start@1", "start@2"),
    }


def test_nothing_before_dvc_runs_something(runs: dict[str, flow.Run]) -> None:
    course = Course(runs)
    assert list(course.ready()) == []
    course.heard("check", runs=True)
    assert list(course.ready()) == []  # it is at work still


def test_what_dvc_is_past_can_be_read_and_the_last_comes_first(runs: dict[str, flow.Run]) -> None:
    course = Course(runs)
    for name in ("check", "fetch", "start@1"):
        course.heard(name, runs=True)
    assert list(course.ready()) == ["start@2"]
    course.heard("start@2", runs=True)
    assert list(course.ready()) == ["next@1"]
    course.heard("next@1", runs=True)
    assert list(course.ready()) == ["next@2"]


def test_what_was_made_ahead_is_read_where_it_is_one_output(runs: dict[str, flow.Run]) -> None:
    course = Course(runs)
    for name in ("check", "fetch", "start@1"):
        course.heard(name, runs=True)
    course.begun.add("start@2")
    assert list(course.ready()) == []
    course.made.add("start@2")
    assert list(course.ready()) == ["next@2"]
    assert course.above("next@2") == {"models/2": "start@2"}
    course.begun.add("next@2")
    course.made.add("next@2")
    for name in ("start@2", "next@1"):
        course.heard(name, runs=True)
    assert list(course.ready()) == []  # report reads a folder that several write to: only when DVC is past them


def test_what_dvc_has_run_before_waits_for_a_sign(runs: dict[str, flow.Run]) -> None:
    """Nothing is trained again because a gate has passed, nor because another stage was run."""
    course = Course(runs, known=frozenset(runs))
    course.heard("check", runs=True)
    course.heard("fetch", runs=False)
    assert list(course.ready()) == []
    course.heard("start@1", runs=False)
    assert list(course.ready()) == []
    course.heard("start@2", runs=True)
    assert list(course.ready()) == []  # start@1 did not change
    course.heard("next@1", runs=True)
    assert list(course.ready()) == ["next@2"]


def test_the_runs_of_this_repository_are_known_to_dvc() -> None:
    from ruamel.yaml import YAML

    root = Path(__file__).parents[4]
    values = YAML(typ="safe", pure=True).load(root / "params.yaml")
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(root)
        found = flow.runs(values, [])
        assert "target@pretrained-mini_xnli-1" in found
        assert set(found["evaluate@intermediate-mini_xnli-2"].needs) == {
            "fetch-target@mini_xnli", "target@intermediate-mini_xnli-2",
        }  # fmt: skip
