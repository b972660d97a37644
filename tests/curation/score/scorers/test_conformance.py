"""What every scorer promises, tried on every scorer found on disk and every kind it claims."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pytest

import curation.score.scorers
from curation import quality, score
from curation.core import kinds, params, registry
from curation.core.task import Example, Kind
from curation.score import scorers

if TYPE_CHECKING:
    from collections.abc import Callable

FOLDER = Path(curation.score.scorers.__file__).parent
NAMES = sorted(file.stem for file in FOLDER.glob("*.py") if not file.stem.startswith("_"))
KINDS: tuple[Kind, ...] = kinds.having("intermediate")
PROFILE = Path(__file__).parents[4] / "profiles" / "demo.yaml"
CASES = [(name, kind) for name in NAMES for kind in KINDS]


def module(name: str) -> Any:
    return score.checked(registry.load("scorers", name), name)


def section(name: str) -> Any:
    return params.read(module(name).Params, f"score.{name}", PROFILE)


@pytest.fixture
def defective(make_examples: Callable[..., list[Example]]) -> Callable[[Kind], list[Example]]:
    """Rows of a kind, some repeated, one of them with another label, one without a label."""

    def make(kind: Kind) -> list[Example]:
        rows = make_examples(kind, 40)
        again = {name: getattr(rows[4], name) for name in Example.__dataclass_fields__}
        label = {
            "classify": {"label": 1},
            "pair": {"label": 1},
            "choice": {"label": 2},
            "span": {"answers": None},
            "tags": {"tags": None},
        }
        rows += [Example(**again), Example(**(again | label.get(kind, {})))]
        none = {kind: kinds.KINDS[kind].label for kind in kinds.PROBED}
        other = {name: getattr(rows[9], name) for name in Example.__dataclass_fields__}
        return [*rows, Example(**(other | ({none[kind]: None} if kind in none else {})))]

    return make


def test_the_folder_holds_the_scorers_of_the_demo_and_two_that_one_has_to_ask_for() -> None:
    demo = params.read(params.Experiment, "", PROFILE).judges
    assert registry.names("scorers") == NAMES
    assert set(NAMES) - set(demo) == {"ambiguity", "answers", "knn_shapley"}
    section = params.read(quality.Params, "quality", PROFILE)
    assert all(section.weights[name] == section.flags[name] == 0 for name in ("ambiguity", "knn_shapley"))


@pytest.mark.parametrize("name", NAMES)
def test_a_scorer_declares_what_it_is(name: str) -> None:
    found = module(name)
    assert found.KINDS
    assert set(KINDS) >= found.KINDS
    assert found.NEEDS <= scorers.NEEDS
    assert found.__doc__
    assert found.score.__doc__
    assert section(name)
    assert all(field.description for field in found.Params.model_fields.values())


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_one_score_per_record_in_order_between_0_and_1(
    name: str, kind: Kind, make_table, make_inputs, defective
) -> None:
    rows = make_table(kind, defective(kind))
    inputs = make_inputs(rows, targets={"other": {"dev": rows.slice(0, 2)}}, k=40)
    result = score.evaluate(module(name), name, inputs, section(name))
    assert result["id"].to_pylist() == rows["id"].to_pylist()
    values = result["score"].to_numpy(zero_copy_only=False)
    if kind not in module(name).KINDS:
        assert np.isnan(values).all()
        assert set(result["why"].to_pylist()) == {f"not applicable to {kind} rows"}
    else:
        assert np.isfinite(values).any()
        assert ((values >= 0) & (values <= 1) | np.isnan(values)).all()
    assert result.schema.metadata[b"cairn.scorer"] == name.encode()


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_the_order_of_the_source_and_repetition_change_nothing(
    name: str, kind: Kind, make_table, make_inputs, defective
) -> None:
    rows = make_table(kind, defective(kind))
    shuffled = rows.take(pa.array(np.random.default_rng(3).permutation(rows.num_rows)))
    targets = {"other": {"dev": rows.slice(0, 2)}}

    def scored(table: pa.Table) -> dict[str, Any]:
        inputs = make_inputs(table, targets=targets, k=40)
        found = score.evaluate(module(name), name, inputs, section(name))
        return {row["id"]: (row["score"], row["why"]) for row in found.select(["id", "score", "why"]).to_pylist()}

    first, again, moved = scored(rows), scored(rows), scored(shuffled)
    assert first == again
    assert {key: why for key, (_, why) in first.items()} == {key: why for key, (_, why) in moved.items()}
    for key, (value, _) in first.items():
        assert moved[key][0] == (None if value is None else pytest.approx(value, abs=1e-6))


@pytest.mark.parametrize("name", NAMES)
def test_a_scorer_reads_only_what_it_declares(name: str, make_table, make_inputs, make_examples) -> None:
    found, full = module(name), make_inputs(make_table("pair", make_examples("pair", 30)), k=40)
    allowed = {need: full.loaders[need] for need in found.NEEDS}
    if "vectors" in allowed:
        allowed["encode"] = full.loaders["encode"]
    if "targets" in allowed:
        allowed["targets"] = lambda: {"other": {"dev": full.records.slice(0, 2)}}
    inputs = scorers.Inputs("t", full.task, full.records, 17, allowed)
    assert score.evaluate(found, name, inputs, section(name)).num_rows == 30


def test_the_package_itself_imports_nothing_heavy() -> None:
    import subprocess

    heavy = "{'torch', 'faiss', 'cleanlab', 'transformers'}"
    code = f"import sys, curation.score.scorers; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout.strip() == "[]"
