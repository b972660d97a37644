"""check: params.yaml and dvc.yaml against the code."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import ModuleType

import pytest
from ruamel.yaml import YAML

from curation import cli
from curation.check import checks, flow
from curation.core import params, registry

SECTIONS = 15
"""So many sections at least are held against their class; an empty check would find nothing wrong."""


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workspace: ModuleType) -> Path:
    """Work in a folder with params.yaml and dvc.yaml of the repository, and links to its code."""
    for name in ("params.yaml", "dvc.yaml"):
        shutil.copy(workspace.ROOT / name, tmp_path / name)
    for name in ("curation", "training", "tasks"):
        (tmp_path / name).symlink_to(workspace.ROOT / name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CAIRN_PARAMS", raising=False)
    registry._folders.clear()
    return tmp_path


def edit(name: str, old: str, new: str) -> None:
    """Replace text in a file; it has to be there."""
    text = Path(name).read_text(encoding="utf-8")
    assert old in text, old
    Path(name).write_text(text.replace(old, new, 1), encoding="utf-8")


def problems() -> list[str]:
    return checks.check(Path("params.yaml")).problems


def test_the_repository_has_no_problem(clone: Path) -> None:
    found = checks.check(Path("params.yaml"))
    assert found.problems == []
    assert found.warnings == []
    assert found.checked["sections"] >= SECTIONS
    assert found.checked["plug-ins"] >= 10


def test_every_profile_has_no_problem(clone: Path, workspace: ModuleType) -> None:
    (clone / "benchmarks").symlink_to(workspace.ROOT / "benchmarks")  # the task folder of one of them
    profiles = sorted((workspace.ROOT / "profiles").glob("*.yaml"))
    assert profiles
    for profile in profiles:
        assert checks.check(profile).problems == [], profile.name


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("params.yaml", "probe:\n", "prob:\n", "unknown key 'prob'. Did you mean 'probe'?"),
        ("params.yaml", "  folds: 5", "  fold: 5", "probe: unknown key 'fold'. Did you mean 'folds'?"),
        ("params.yaml", "  folds: 5", "  folds: five", "probe.folds is 'five'"),
        ("params.yaml", "targets: [mini_xnli]", "targets: [mini_xnl]", "Did you mean 'mini_xnli'?"),
        ("params.yaml", "scorers: [label_quality,", "scorers: [label_qualty,", "Did you mean 'label_quality'?"),
        ("params.yaml", "selector: quality", "selector: qality", "Did you mean 'quality'?"),
        ("params.yaml", "backend: provided", "backend: provide", "Did you mean 'provided'?"),
        ("params.yaml", "  languages: [en] ", "  languages: [en, xx] ", "nobody makes xx"),
        ("params.yaml", "also_in: []", "also_in: [xx]", "subset.also_in: nobody makes xx"),
        (
            "params.yaml",
            "targets: [mini_xnli]",
            "targets: [mini_bitext]",
            "mini_bitext is of kind bitext, so it cannot be used as",
        ),
        ("params.yaml", "targets: [mini_xnli]", "targets: [mini_text]", "is of kind text, so it cannot be used as tar"),
        ("params.yaml", "targets: [mini_xnli]", "targets: [squad]", "task squad has no test split"),
        ("params.yaml", "retrieval: [mini_bitext]", "retrieval: [mini_xnli]", "retrieval, which takes bitext"),
        (
            "params.yaml",
            "intermediate: [mini_nli]",
            "intermediate: [tatoeba]",
            "tatoeba is of kind bitext, so it cannot be used",
        ),
        ("params.yaml", "  layer: ", "  layer: 99 # ", "retrieve.layer is 99, but this encoder has "),
        ("params.yaml", "  layer: ", "  layer: -9 # ", "retrieve.layer is -9, but this encoder has "),
        ("params.yaml", "bundled:tiny ", "bundled:tinny ", "encoder.model: unknown model 'bundled:tinny'. Did you"),
        ("params.yaml", "bundled:tiny ", "./no/model ", "encoder.model: './no/model' is not a folder with a config"),
        ("params.yaml", "package:all-MiniLM-L6-v2", "package:all-MiniLM", "embed.model: unknown model 'package:all-Mi"),
        ("params.yaml", "languages: [de]", "languages: [xx]", "for mini_nli by provided: unknown language 'xx'"),
        ("params.yaml", "languages: [de]", "languages: [en]", "mini_nli is in en already"),
        ("params.yaml", "backend: provided", "backend: nllb", "translate.model is null, but backend nllb needs"),
        ("params.yaml", "backend: provided", "backend: marian", "translate.model is null, but backend marian needs"),
        ("params.yaml", "intermediate: [mini_nli]", "intermediate: [snli]", "task snli names no translations"),
        ("params.yaml", "size: 3000", "size: 6001", "subset.size is 6001, but there are at most 6000 rows to choose"),
        ("params.yaml", "near_duplicates, conflicts", "conflicts", "subset.deduplicate needs the scorer near_dup"),
        ("params.yaml", "surface: 0.5, contamination: 0.5,", "surface: 0.5, contamination: 0,", "none is ever flagged"),
        (
            "params.yaml",
            "zero_shot_languages: []",
            "zero_shot_languages: [de, xx]",
            "no dev rows in 'xx'. It will in: ",
        ),
        ("params.yaml", "zero_shot_languages: []", "zero_shot_languages: [en]", "no dev rows in 'en'."),
        ("params.yaml", "seeds: [1, 2, 3]", "seeds: [1, 1, 1]", "seeds is [1, 1, 1]: it names 1 twice"),
        ("params.yaml", "seed: 17", "sed: 17", "seed is missing"),
        ("dvc.yaml", "task_folder, probe]", "task_folder, probe, probe.fold]", "Did you mean 'probe.folds'?"),
        ("params.yaml", "task_folder: tasks", "task_folder: null", "Set task_folder: tasks."),
        ("dvc.yaml", 'matrix: {task: "${intermediate}"}', 'matrix: {task: "${intermediat}"}', "has no intermediat."),
    ],
)
def test_one_mistake_is_one_clear_problem(clone: Path, file: str, old: str, new: str, message: str) -> None:
    before = problems()
    edit(file, old, new)
    fresh = [text for text in problems() if text not in before]
    assert any(message in text for text in fresh), fresh


def test_a_metric_has_to_score_the_kind_of_its_task(clone: Path) -> None:
    Path("own").mkdir()
    shutil.copy("curation/tasks/mini_xnli.py", "own/mine.py")
    edit("own/mine.py", 'metric="accuracy"', 'metric="squad"')
    edit("params.yaml", "task_folder: tasks", "task_folder: own")
    edit("params.yaml", "targets: [mini_xnli]", "targets: [mine]")
    assert any("mine.py: TASK.metric is 'squad', which scores tasks of kind span" in text for text in problems())


def test_a_subset_in_two_languages_takes_whole_ids(clone: Path) -> None:
    edit("params.yaml", "  languages: [en] ", "  languages: [en, de] ")
    assert problems() == []
    edit("params.yaml", "size: 3000", "size: 3001")
    assert [text for text in problems() if "Set it to 3000 or 3002." in text]
    edit("params.yaml", "size: 3001", "size: 12000")
    assert problems() == []
    edit("params.yaml", "size: 12000", "size: 12002")
    assert [text for text in problems() if "at most 12000 rows" in text]
    edit("params.yaml", "intermediate: {train: 6000", "intermediate: {train: null")
    assert problems() == []


def test_a_layer_is_chosen_on_dev_only(clone: Path) -> None:
    edit("params.yaml", "  layer: 2 ", "  layer: auto ")
    assert problems() == []  # mini_bitext has a dev split
    edit("params.yaml", "retrieval: [mini_bitext]", "retrieval: [mini_bitext, tatoeba]")
    assert [text for text in problems() if "there is no dev split in tatoeba. Name a layer" in text]


def test_models_of_the_hub_are_not_looked_up(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from curation.core import models

    monkeypatch.setattr(models, "_from_hub", lambda *_: pytest.fail("the hub was asked"))
    edit("params.yaml", "model: bundled:tiny", "model: nobody/has-this")
    edit("params.yaml", "backend: provided", "backend: nllb")
    edit("params.yaml", "  model: null ", "  model: facebook/nllb ")
    assert problems() == []
    edit("params.yaml", "languages: [de]", "languages: [xx]")
    assert [text for text in problems() if "by nllb (or give a FLORES code): unknown language 'xx'" in text]


@pytest.mark.parametrize("section", ["evaluate", "retrieve"])
def test_a_key_of_older_files_that_nothing_reads_is_accepted_and_pointed_out(clone: Path, section: str) -> None:
    edit("params.yaml", f"\n{section}:\n", f"\n{section}:\n  bootstrap: 1000\n")
    found = checks.check(Path("params.yaml"))
    assert found.problems == found.warnings == []
    assert [text for text in found.notes if f"{section}.bootstrap is not read any more" in text]


def test_the_scoring_encoder_is_not_the_one_under_evaluation(clone: Path) -> None:
    edit("params.yaml", "model: bundled:tiny", "model: sentence-transformers/all-MiniLM-L6-v2")
    found = checks.check(Path("params.yaml"))
    assert any("leaks into curation" in text for text in found.warnings)
    assert not [text for text in found.problems if "encoder" in text]


def test_exit_codes(clone: Path, capsys: pytest.CaptureFixture[str], workspace: ModuleType) -> None:
    def run(*args: str) -> int:
        with pytest.raises(SystemExit) as stop:
            cli.main(["check", *args])
        return int(stop.value.code or 0)

    edit("params.yaml", "model: bundled:tiny", "model: sentence-transformers/all-MiniLM-L6-v2")
    good = not problems()
    assert run("--json") == (0 if good else 1)
    assert workspace.as_json(capsys.readouterr().out)["ok"] is good
    assert run("--strict") == 1
    edit("params.yaml", "probe:\n", "prob:\n")
    assert run() == 1
    out = capsys.readouterr().out
    assert "Did you mean 'probe'?" in " ".join(out.split())
    assert max(map(len, out.splitlines())) <= 80
    assert run("--params", "gone.yaml") == 2
    Path("dvc.yaml").unlink()
    assert run() == 2
    assert "dvc.yaml is missing" in capsys.readouterr().err


def test_every_stage_is_read(workspace: ModuleType, clone: Path) -> None:
    found: list[str] = []
    stages = flow.read(params.load(), found)
    assert found == []
    assert len(stages) == len(params.load(Path("dvc.yaml"))["stages"]) >= 15
    score = next(stage for stage in stages if stage.name == "score")
    assert len(score.items) == len(params.load()["intermediate"]) * len(params.load()["scorers"])
    assert "score.conflicts" in score.filled(score.params)


@pytest.mark.parametrize(
    ("phase", "key", "value"),
    [
        (phase, key, value)
        for phase in ("intermediate", "target")
        for key, value in (
            ("steps", "x"),
            ("steps", "0"),
            ("steps", "10"),  # with epochs too
            ("epochs", "null"),  # neither
            ("epochs", "-1"),
            ("batch_tokens", "0"),
            ("batch_tokens", ".nan"),
            ("max_length", "4"),
            ("max_length", "128.5"),
            ("learning_rate", "0"),
            ("learning_rate", ".nan"),
            ("learning_rate", ".inf"),
            ("learning_rate", "'5e-4'"),
            ("warmup", "2"),
            ("warmup", ".nan"),
            ("weight_decay", "-1"),
            ("clip", "0"),
            ("evaluate_every", "0"),
            ("precision", "fp8"),
            ("precision", "null"),
            ("learning_rat", "1"),
        )
    ],
)
def test_every_wrong_value_of_training_is_a_problem(clone: Path, phase: str, key: str, value: str) -> None:
    text = Path("params.yaml").read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if line.startswith(f"  {phase}: {{steps"))
    values = dict(part.split(": ", 1) for part in line.split("{", 1)[1].rstrip("}").split(", "))
    assert key in values or key == "learning_rat"
    changed = ", ".join(f"{name}: {one}" for name, one in (values | {key: value}).items())
    Path("params.yaml").write_text(text.replace(line, f"  {phase}: {{{changed}}}"), encoding="utf-8")
    assert any(f"train.{phase}" in problem for problem in problems())


def test_a_phase_or_a_scorer_that_nobody_reads_is_a_problem(clone: Path) -> None:
    edit("params.yaml", "train:\n", "train:\n  intermediat: {}\n")
    edit("params.yaml", "score:\n", "score:\n  outlier: {}\n")
    assert "params.yaml: train: unknown key 'intermediat'. Did you mean 'intermediate'?" in " ".join(problems())
    assert "params.yaml: score: unknown key 'outlier'. Did you mean 'outliers'?" in " ".join(problems())


@pytest.mark.parametrize(("key", "value"), [("train", None), ("train", 7), ("intermediate", None), ("target", [1])])
def test_a_section_that_is_none_is_a_problem(clone: Path, key: str, value: object) -> None:
    values = YAML().load(clone / "params.yaml")
    (values if key == "train" else values["train"])[key] = value
    YAML().dump(values, clone / "params.yaml")
    assert f"{key} is {value!r}" in " ".join(problems())


def test_languages_that_a_metric_does_not_know_are_a_problem(clone: Path) -> None:
    edit("params.yaml", "targets: [mini_xnli]", "targets: [own]")
    Path("tasks").unlink()
    Path("tasks").mkdir()
    source = 'Source("file:a.jsonl", languages=("en", "ru"))'
    Path("tasks/own.py").write_text(
        "from curation.tasks import Example, Source, Task\n"
        f'TASK = Task(kind="span", metric="mlqa", train={source}, dev={source}, test={source})\n'
        "def to_example(row):\n    return Example()\n",
        encoding="utf-8",
    )
    assert any("own is tested in ru, which its metric mlqa does not know" in problem for problem in problems())
    edit("params.yaml", "  languages: all ", "  languages: [en] ")
    assert not any("mlqa" in problem for problem in problems())


def test_a_subset_larger_than_the_task_is_a_problem(clone: Path) -> None:
    edit("params.yaml", "intermediate: [mini_nli]", "intermediate: [mnli]")
    edit("params.yaml", "intermediate: {train: 6000, dev: 400}", "intermediate: {train: null, dev: 400}")
    edit("params.yaml", "  size: 3000 ", "  size: 400000 ")
    assert any("at most 392702 rows to choose from: mnli 392702" in problem for problem in problems())


def test_links_to_nowhere_in_the_task_folder_are_a_problem(clone: Path) -> None:
    Path("tasks").unlink()
    Path("tasks").mkdir()
    Path("tasks/a.jsonl").symlink_to("/nowhere/a.jsonl")
    Path("tasks/self").symlink_to("self")
    Path("tasks/there").symlink_to(clone)
    found = next(problem for problem in problems() if "task_folder" in problem)
    assert "links that lead nowhere: tasks/a.jsonl to /nowhere/a.jsonl, tasks/self to self. DVC reads" in found
    assert found.endswith("take them out: rm tasks/a.jsonl tasks/self")
    shutil.rmtree("tasks")
    Path("tasks").symlink_to("gone")
    assert any("a link that leads nowhere: tasks to gone. " in problem for problem in problems())
