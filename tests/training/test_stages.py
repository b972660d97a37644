"""The three stages on disk, with the shipped profile's recipe cut short, a user's task, and a tiny random encoder."""

import csv
import json
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from ruamel.yaml import YAML

from curation.core import files, paths, records, registry
from curation.core.errors import CairnError
from curation.subset import choose
from training.intermediate.__main__ import run as run_intermediate
from training.model import encoder, model, predict
from training.pretrained.__main__ import run as run_pretrained
from training.target.__main__ import run as run_target

TASK = '''
"""A task of the user."""
from curation.tasks import Source, Task
TASK = Task(kind="{kind}", metric="{metric}", labels={labels}, train=Source("x/y"), dev=Source("x/y"))
'''
PROFILES = Path(__file__).parents[2] / "profiles"


@pytest.fixture
def project(encoders, home, rows, monkeypatch):
    """A folder in which everything before training has run; two tasks, ``first`` (pair) and ``second`` (span)."""
    monkeypatch.setattr(registry, "_folders", {})
    (home / "mytasks").mkdir()
    (home / "mytasks/first.py").write_text(TASK.format(kind="pair", metric="accuracy", labels=("no", "yes")))
    (home / "mytasks/second.py").write_text(TASK.format(kind="span", metric="squad", labels=()))
    shutil.copytree(encoders["xlmr"], home / "enc")
    write_params(home, "demo", model="enc")
    for role in ("intermediate", "target"):
        for task, kind in (("first", "pair"), ("second", "span")):
            for split in ("train", "dev"):
                records.write(paths.fetched(role, task) / f"{split}.parquet", rows(kind))
    manifest(range(4, 24))
    return home


def write_params(home, profile, model, **intermediate_changes):
    found = YAML(typ="safe", pure=True).load(PROFILES / f"{profile}.yaml")
    found |= {"task_folder": "mytasks", "intermediate": ["first"], "targets": ["second"], "retrieval": []}
    found["scorers"] = registry.names("scorers")[:1]
    found["encoder"] = {"model": model, "revision": None}
    short = {"steps": 6, "epochs": None, "evaluate_every": 3, "max_length": 64}
    for phase in ("intermediate", "target"):
        found["train"][phase] |= short
    found["train"]["intermediate"] |= intermediate_changes
    YAML(typ="safe", pure=True).dump(found, home / "params.yaml")


def manifest(kept):
    ids = [f"t-{n:04d}" for n in range(24)]
    values = {
        "task": ["first"] * 24,
        "id": ids,
        "lang": ["en"] * 24,
        "rank": list(range(24)),
        "stratum": ["top"] * 24,
        "kept": [n in kept for n in range(24)],
        "reason": [None] * 24,
    }
    files.write_parquet(paths.subset(), pa.table(values).cast(choose.MANIFEST))


@pytest.mark.parametrize("profile", ["demo", "mirror", "xlmr-base", "xlmr-large"])
def test_the_protocol_runs_with_the_recipe_of_every_profile(project, profile):
    write_params(project, profile, model="enc")
    run_pretrained(1)
    run_intermediate(1)
    for start in ("pretrained", "intermediate"):
        run_target(start, "second", 1)

    report = json.loads(Path("reports/intermediate/seed-1.json").read_text())
    assert report["rows"] == 20
    assert report["start"] == "pretrained"
    assert report["encoder"]["model"] == "enc"
    folder = paths.start("intermediate", 1)
    assert not (folder / "head.safetensors").exists()
    assert encoder.load(folder).report.skipped == ()
    assert files.read_json(folder / "encoder.json")["trained_on"] == ["first"]
    seen = set(pq.read_table(folder / "dynamics.parquet")["id"].to_pylist())
    assert seen <= {f"t-{n:04d}" for n in range(4, 24)}

    reports = {}
    for start in ("pretrained", "intermediate"):
        reports[start] = json.loads(Path(f"reports/target/{start}/second/seed-1.json").read_text())
        assert reports[start]["steps"] == 6
        assert set(reports[start]["dev"]) >= {"f1", "exact_match"} or "f1" in reports[start]["dev"]
        with Path(f"reports/target/{start}/second/seed-1.csv").open() as handle:
            curve = list(csv.DictReader(handle))
        assert [int(point["step"]) for point in curve] == [0, 3, 6]
        assert float(curve[-1]["dev"]) == pytest.approx(reports[start]["last_dev"])
        card = model.load(paths.target_model(start, "second", 1))[2]
        assert (card.kind, card.task, card.precision) == ("span", "second", "auto")
        assert card.facts == {"no_answer": True, "null_threshold": card.facts["null_threshold"]}
    assert reports["pretrained"]["encoder"]["weights_sha256"] != reports["intermediate"]["encoder"]["weights_sha256"]
    table = records.read(paths.fetched("target", "second") / "dev.parquet")
    found = predict.predict(paths.target_model("intermediate", "second", 1), table, 512, 64)
    assert len(found) == len(table)
    assert all(isinstance(text, str) for text in found)
    assert not any(Path("cache/training").iterdir()), "checkpoints of finished runs are gone"
    head = paths.target_model("intermediate", "second", 1) / "head.safetensors"
    whole = head.read_bytes()
    head.write_bytes(whole[:-5] + bytes([whole[-5] ^ 1]) + whole[-4:])
    with pytest.raises(CairnError, match=r"head\.safetensors is damaged"):
        model.load(head.parent)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(project):
    run_pretrained(1)
    run_pretrained(2)
    run_target("pretrained", "first", 1)
    one = files.sha256(paths.target_model("pretrained", "first", 1) / "model.safetensors")
    run_target("pretrained", "first", 1)
    assert files.sha256(paths.target_model("pretrained", "first", 1) / "model.safetensors") == one
    run_target("pretrained", "first", 2)
    assert files.sha256(paths.target_model("pretrained", "first", 2) / "model.safetensors") != one


def test_a_wrong_start_or_kind_is_named(project, rows):
    with pytest.raises(CairnError, match=r"Did you mean 'pretrained'"):
        run_target("pretraind", "first", 1)
    with pytest.raises(CairnError, match=r"no encoder .* `dvc repro`"):
        run_target("intermediate", "first", 1)
    run_pretrained(1)
    run_target("pretrained", "first", 1)
    with pytest.raises(CairnError, match="predicts pair, but the records are of kind span"):
        predict.predict(paths.target_model("pretrained", "first", 1), rows("span"), 512, 64)
    with pytest.raises(CairnError, match="holds no fine-tuned model"):
        predict.predict(paths.start("pretrained", 1), rows("pair"), 512, 64)
