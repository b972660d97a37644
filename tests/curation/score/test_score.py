from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest

from curation import score
from curation.core import experiment, files, params, paths, records, registry
from curation.core.errors import CairnError
from curation.core.params import Section
from curation.core.task import Example, Task
from curation.score import scorers
from curation.score.__main__ import run as run_score

PROFILE = (Path(__file__).parents[3] / "profiles" / "demo.yaml").read_text(encoding="utf-8")


def inputs(n: int = 3) -> scorers.Inputs:
    texts = [f"This is row number {i} of them all." for i in range(n)]
    ids = records.make_ids("t", [records.content_hash("text", {"text": text}) for text in texts])
    rows = records.table("text", ids, ["en"] * n, [Example(text=text, key=str(i)) for i, text in enumerate(texts)])
    return scorers.Inputs("t", Task(kind="text", metric="none"), rows, 17)


def scorer(result: Any, kinds: frozenset[str] = frozenset({"text"}), **changed: Any) -> Any:
    plain = {"KINDS": kinds, "NEEDS": frozenset(), "Params": Section, "__name__": "mine"}
    return SimpleNamespace(**(plain | {"score": lambda given, _: result(given)} | changed))


def good(given: scorers.Inputs) -> pa.Table:
    return scorers.table(given, [0.5, float("nan"), 1.0], ["odd", None, None], {"n": [1, 2, 3]})


def test_a_good_result_passes_with_its_name_and_version() -> None:
    result = score.evaluate(scorer(good), "mine", inputs(), Section())
    assert result["score"].to_pylist() == [0.5, None, 1.0]
    assert result.schema.metadata == {b"cairn.scorer": b"mine"}


def test_other_kinds_get_nulls_that_say_why() -> None:
    result = score.evaluate(scorer(good, frozenset({"tags"})), "mine", inputs(), Section())
    assert result["score"].to_pylist() == [None] * 3
    assert result["why"].to_pylist() == ["not applicable to text rows"] * 3


@pytest.mark.parametrize(
    ("result", "message"),
    [
        (
            lambda given: scorers.table(given, [0.5, 1.5, 1.0], [None] * 3),
            r"has score 1\.5; it must be in 0\.\.1, or null",
        ),
        (lambda given: scorers.table(given, [-0.1, 0.5, 1.0], [None] * 3), r"has score -0\.1"),
        (lambda given: scorers.table(given, pa.array([0.0, float("nan"), 1.0]), [None] * 3), "has score nan"),
        (lambda given: scorers.table(given, [0, 1, float("inf")], [None] * 3), "has score inf"),
        (lambda given: good(given).take([1, 0, 2]), "not the 3 records in their order"),
        (lambda given: good(given).slice(0, 2), "2 rows, which are not the 3 records"),
        (lambda given: good(given).select(["id", "why", "score"]), "columns must begin with id, score, why"),
        (lambda given: good(given).set_column(1, "score", pa.array([0, 1, 1])), "score must be float64"),
    ],
)
def test_a_broken_promise_is_named(result: Any, message: str) -> None:
    with pytest.raises(CairnError, match=f"scorer 'mine' on task 't'.*{message}"):
        score.evaluate(scorer(result), "mine", inputs(), Section())


def test_a_module_that_is_no_scorer_is_named() -> None:
    with pytest.raises(CairnError, match=r"scorer 'mine' \(mine\) defines no NEEDS, score"):
        score.checked(SimpleNamespace(KINDS=1, Params=1, __name__="mine"), "mine")
    with pytest.raises(CairnError, match=r"needs 'embeddings', which nobody makes\. Allowed: neighbours, probe"):
        score.checked(scorer(good, NEEDS=frozenset({"embeddings"})), "mine")


def test_an_undeclared_need_is_refused() -> None:
    with pytest.raises(CairnError, match="asked for 'neighbours' but declares nothing"):
        _ = inputs().neighbours
    with pytest.raises(CairnError, match="asked for 'vectors'"):
        inputs().encode(["x"])


def test_needs_are_loaded_once() -> None:
    calls: list[int] = []
    given = scorers.Inputs("t", inputs().task, inputs().records, 17, {"probe": lambda: calls.append(1)})
    _ = given.probe, given.probe
    assert calls == [1]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project folder whose intermediate task is one of the user's own files."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(registry, "_folders", {})
    (tmp_path / "mine").mkdir()
    code = "from curation.tasks import Task\nTASK = Task(kind='text', metric='accuracy')\ndef to_example(row): ...\n"
    (tmp_path / "mine" / "my_texts.py").write_text(code)
    text = PROFILE.replace("intermediate: [mini_nli]", "intermediate: [my_texts]")
    text = text.replace("targets: [mini_xnli]", "targets: [my_texts]").replace(
        "retrieval: [mini_bitext]", "retrieval: []"
    )
    text = text.replace("task_folder: tasks", "task_folder: mine")
    lines = ["scorers: [surface]" if line.startswith("scorers:") else line for line in text.splitlines()]
    (tmp_path / "params.yaml").write_text("\n".join(lines) + "\n")
    return tmp_path


def test_the_stage_writes_the_same_bytes_twice(project: Path) -> None:
    records.write(paths.fetched("intermediate", "my_texts") / "train.parquet", inputs(5).records)
    run_score("my_texts", "surface")
    file = paths.scores("my_texts", "surface")
    first = file.read_bytes()
    run_score("my_texts", "surface")
    assert file.read_bytes() == first
    assert files.read_parquet(file)["score"].to_pylist() == [1.0] * 5


def test_older_params_may_still_name_contamination_among_the_scorers(project: Path) -> None:
    """Without a target on disk: the stage ``score`` does not read them."""
    text = Path("params.yaml").read_text().replace("scorers: [surface]", "scorers: [contamination, surface]")
    Path("params.yaml").write_text(text)
    records.write(paths.fetched("intermediate", "my_texts") / "train.parquet", inputs(5).records)
    run_score("my_texts", "contamination")
    column = files.read_parquet(paths.scored("my_texts", "contamination"))
    assert column["score"].to_pylist() == [None] * 5
    assert set(column["why"].to_pylist()) == {"made by the stage contamination: data/contamination/my_texts.parquet"}
    assert not paths.scores("my_texts", "contamination").exists()
    assert experiment.read().judges == ("surface", "contamination")


def test_mistakes_name_what_to_type(project: Path) -> None:
    with pytest.raises(CairnError, match=r"unknown scorer 'surfce'\. Did you mean 'surface'"):
        run_score("my_texts", "surfce")
    with pytest.raises(CairnError, match=r"train\.parquet is missing. Run `dvc repro`"):
        run_score("my_texts", "surface")
    records.write(paths.fetched("intermediate", "my_texts") / "train.parquet", inputs(5).records)
    with pytest.raises(CairnError, match=r"data/neighbours/my_texts/indices\.npy cannot be read.*Run `dvc repro`"):
        run_score("my_texts", "outliers")
    changed = Path("params.yaml").read_text().replace("min_tokens: 2", "min_tokns: 2")
    Path("params.yaml").write_text(changed)
    with pytest.raises(CairnError, match=r"score\.surface: unknown key 'min_tokns'. Did you mean 'min_tokens'"):
        run_score("my_texts", "surface")
    assert params.path() == Path("params.yaml")
