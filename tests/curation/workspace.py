"""A small finished experiment on disk, made of the files that the stages write, for the CLI and the report."""

from __future__ import annotations

import csv
import io
import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from ruamel.yaml import YAML

from curation import metrics
from curation.core import files, params, paths, records
from curation.core.task import Example
from curation.results import statistics

ROOT = Path(__file__).parents[2]
LABELS = ("entailment", "neutral", "contradiction")
LANGS = ("en", "de", "ru")
SCORERS = ("label_quality", "near_duplicates", "conflicts", "outliers", "surface", "contamination")
"""What quality combines; the last one is a stage of its own."""
NASTY = "<script>alert('x')</script> & =1+1 | `code` [a](b)"

NLI = '''
"""A pair task."""
from curation.tasks import Example, Source, Task
TASK = Task(kind="pair", metric="accuracy", labels=("entailment", "neutral", "contradiction"),
            train=Source("org/toy", revision="a" * 40, expected_rows=60), dev=Source("org/toy", split="dev"),
            licence="CC0", citation="Nobody 2024")
def to_example(row): return Example(text_a=row["a"], text_b=row["b"], label=row["label"])
'''
PARA = '''
"""A target task in three languages."""
from curation.tasks import Example, Source, Task
TASK = Task(kind="pair", metric="accuracy", labels=("different", "paraphrase"), parallel=True,
            train=Source("org/para"), dev=Source("org/para", split="dev"),
            test=Source("org/para", "{lang}", "test", languages=("en", "de", "ru")), licence="CC0")
def to_example(row): return Example(text_a=row["a"], text_b=row["b"], label=row["label"])
'''
BITEXT = '''
"""A retrieval task."""
from curation.tasks import Example, Source, Task
TASK = Task(kind="bitext", metric="retrieval", test=Source("org/bi", "{lang}", "test", languages=("de", "ru")))
def to_example(row): return Example(text=row["text"], pool=row["pool"], side=row["side"])
'''


def build(root: Path, profile: str = "demo", **changes: Any) -> None:
    """Write the experiment into ``root``, which must be the working directory; ``changes`` go into params.yaml."""
    (root / "tasks").mkdir()
    for name, text in (("toy_nli", NLI), ("toy_para", PARA), ("toy_bitext", BITEXT)):
        (root / "tasks" / f"{name}.py").write_text(text.lstrip(), encoding="utf-8")
    values = params.load(ROOT / "profiles" / f"{profile}.yaml")
    values |= {
        "task_folder": "tasks",
        "intermediate": ["toy_nli"],
        "targets": ["toy_para"],
        "retrieval": ["toy_bitext"],
    }
    values |= {"seeds": [1, 2, 3], "scorers": list(SCORERS[:-1]), **changes}
    write_params(root, values)
    rng = random.Random(5)
    train = nli_rows(60, rng)
    ids = fetched(train)
    scores(ids, [*values["scorers"], SCORERS[-1]], rng)
    neighbours(ids)
    subset(ids, values)
    translated(train)
    target(rng)
    for start, skill in (("pretrained", 0.6), ("intermediate", 0.85)):
        for seed in values["seeds"]:
            training("target", start, "toy_para", seed, skill)
            evaluated(start, seed, skill)
            retrieved(start, seed, skill)
    for seed in values["seeds"]:
        training("intermediate", "pretrained", "toy_nli", seed, 0.8)
        dynamics(ids, seed)
        files.write_json(
            paths.start("pretrained", seed) / "encoder.json",
            {"model": "bundled:tiny", "revision": None, "served_by": "bundled", "weights_sha256": "ab" * 32},
        )


def write_params(root: Path, values: dict[str, Any]) -> None:
    """Write params.yaml, and the task folder that it names."""
    (root / values["task_folder"]).mkdir(exist_ok=True)
    yaml = YAML()
    with (root / "params.yaml").open("w", encoding="utf-8") as handle:
        yaml.dump(values, handle)


def nli_rows(n: int, rng: random.Random) -> list[Example]:
    """Return pairs; the first has a text that no output may take for mark-up or a formula."""
    words = ["dog", "cat", "child", "river", "bridge", "teacher", "old", "green", "sings", "runs", "sleeps"]
    rows = []
    for i in range(n):
        text = NASTY if i == 0 else "=SUM(A1)" if i == 1 else f"The {rng.choice(words)} {rng.choice(words)} {i}."
        rows.append(Example(text_a=text, text_b=f"A {rng.choice(words)} {i}.", label=i % 3, key=f"train-{i:06d}"))
    return rows


def _write(path: Path, task: str, kind: Any, langs: list[str], examples: list[Example]) -> list[str]:
    hashes = [records.content_hash(kind, vars(example)) for example in examples]
    table = records.table(kind, records.make_ids(task, hashes), langs, examples)
    records.write(path, table)
    return [str(id_) for id_ in records.read(path)["id"].to_pylist()]


def _manifest(role: Any, task: str, kind: str, splits: dict[str, Any]) -> None:
    folder = paths.fetched(role, task)
    facts = {"task": task, "kind": kind, "licence": "CC0", "citation": "Nobody 2024", "note": "", "splits": splits}
    files.write_json(folder / "manifest.json", facts)


def _entry(kept: int, found: int, lang: str = "en", **more: Any) -> dict[str, Any]:
    return {
        "source": f"org/toy, config {lang}, split x",
        "revision": "a" * 40,
        "served_by": "mirror",
        "rows_found": found,
        "rows_dropped": found - kept,
        "dropped_for": {"text is empty": found - kept} if found > kept else {},
        "rows_kept": kept,
        "cap": 60,
        "as_expected": None,
        **more,
    }


def fetched(train: list[Example]) -> list[str]:
    """Write the intermediate task's rows; return their ids in record order."""
    folder = paths.fetched("intermediate", "toy_nli")
    ids = _write(folder / "train.parquet", "toy_nli", "pair", ["en"] * len(train), train)
    _write(folder / "dev.parquet", "toy_nli", "pair", ["en"] * 3, nli_rows(3, random.Random(9)))
    dropped = {"split": ["train"] * 2, "lang": ["en"] * 2, "key": ["7", "9"], "reason": ["text is empty"] * 2}
    files.write_parquet(folder / "dropped.parquet", pa.table({**dropped, "row": ["{}", "{}"]}))
    splits = {"train": {"en": _entry(60, 62)}, "dev": {"en": _entry(3, 3)}}
    _manifest("intermediate", "toy_nli", "pair", splits)
    return ids


def scores(ids: list[str], scorers: list[str], rng: random.Random) -> None:
    """Write one file per scorer and the quality table; the first rows are flagged by the first scorer."""
    columns: dict[str, Any] = {"id": ids}
    evidence: dict[str, Any] = {}
    texts = records.read(paths.fetched("intermediate", "toy_nli") / "train.parquet")["text_a"].to_pylist()
    for number, scorer in enumerate(scorers):
        score = [
            0.01 if texts[i] == NASTY and number == 0 else 0.05 if i % 10 == number else round(rng.uniform(0.6, 1.0), 4)
            for i in range(len(ids))
        ]
        why = [f"looks wrong to {scorer}" if value < 0.5 else None for value in score]
        twin = [ids[(i + 1) % len(ids)] if value < 0.5 else None for i, value in enumerate(score)]
        table = pa.table(
            {"id": ids, "score": score, "why": pa.array(why, pa.string()), "twin": pa.array(twin, pa.string())}
        )
        files.write_parquet(paths.scores("toy_nli", scorer), table)
        columns[scorer] = score
        evidence |= {f"{scorer}.why": pa.array(why, pa.string()), f"{scorer}.twin": pa.array(twin, pa.string())}
    quality = np.mean([columns[scorer] for scorer in scorers], axis=0)
    rank = np.empty(len(ids), np.int32)
    rank[np.argsort(-quality, kind="stable")] = np.arange(1, len(ids) + 1)
    flags = [[s for s in scorers if columns[s][i] < 0.5] for i in range(len(ids))]
    why = [", ".join(f"{s}: looks wrong to {s}" for s in row) or None for row in flags]
    columns |= {"quality": quality, "rank": rank, "flags": pa.array(flags, pa.list_(pa.string())), "why": pa.array(why)}
    files.write_parquet(paths.quality("toy_nli"), pa.table({**columns, **evidence}))


def neighbours(ids: list[str]) -> None:
    """Write a kNN graph in which the next rows are the nearest."""
    folder = paths.neighbours("toy_nli")
    folder.mkdir(parents=True)
    n = len(ids)
    np.save(folder / "indices.npy", np.array([[(i + 1) % n, (i + 2) % n, -1] for i in range(n)], np.int32))
    np.save(folder / "similarity.npy", np.array([[0.9, 0.8, np.nan]] * n, np.float32))
    table = {"id": ids, "fold": [i % 5 for i in range(n)], "probabilities": [[0.7, 0.2, 0.1]] * n}
    files.write_parquet(paths.probe("toy_nli") / "probabilities.parquet", pa.table(table))


def subset(ids: list[str], values: dict[str, Any], keep: int = 30) -> None:
    """Write a manifest that keeps every second row, and its report."""
    rows = []
    for i, id_ in enumerate(ids):
        kept = i % 2 == 0 and i // 2 < keep
        reason = None if kept else "near_duplicate" if i % 3 else "over_budget"
        rank = i // 2 + 1 if kept else None
        rows.append(
            {"task": "toy_nli", "id": id_, "lang": "en", "rank": rank, "stratum": "top", "kept": kept, "reason": reason}
        )
    schema = pa.schema(
        [(name, pa.int32() if name == "rank" else pa.bool_() if name == "kept" else pa.string()) for name in rows[0]]
    )
    files.write_parquet(paths.subset(), pa.Table.from_pylist(rows, schema=schema))
    arm = {"ids": 30, "labels": {"neutral": 10}, "label_distance_to_pool": 0.0, "length_distance_to_pool": 0.01}
    arm |= {"length_distance_to_kept": 0.0, "overlap_with_kept": 1.0, "mean_quality": 0.8}
    found = {"kept": 30, "eligible": 50, "listed": 60, "kept_by_language": {"en": 30}, "labels_of_pool": {}}
    found |= {"not_kept": {"near_duplicate": 20, "over_budget": 10}, "arms": {"kept": arm}}
    proofs = [{"claim": "no two kept rows are near-duplicates", "holds": True, "detail": "30 rows"}]
    report = {
        "rows": 30,
        "stratum": "top",
        "tasks": {"toy_nli": found},
        "proofs": proofs,
        "parameters": values["subset"],
    }
    files.write_json(paths.report("subset"), report)


def translated(train: list[Example]) -> None:
    """Write a translation that dropped one row; one more, which is kept, came with another label."""
    folder = paths.translated("toy_nli", "de")
    ids = _write(folder / "train.parquet", "toy_nli", "pair", ["de"] * len(train), train)
    kept = [i > 0 for i in range(len(ids))]
    reason = [None if ok else "number differs" for ok in kept]
    other = ["contradiction" if i < 2 else None for i in range(len(ids))]
    checks = {
        "id": ids,
        "kept": kept,
        "reason": pa.array(reason, pa.string()),
        "other_label": pa.array(other, pa.string()),
    }
    checks["length_ratio"] = [1.0] * len(ids)
    files.write_parquet(folder / "checks.parquet", pa.table(checks))


def target(rng: random.Random) -> None:
    """Write the target task's rows: English train and dev, a parallel test."""
    folder = paths.fetched("target", "toy_para")
    english = [Example(text_a=f"Text {i}", text_b=f"Words {i}", label=i % 2, key=str(i)) for i in range(40)]
    for split, rows in (("train", english), ("dev", english[:10])):
        _write(folder / f"{split}.parquet", "toy_para", "pair", ["en"] * len(rows), rows)
    hashes = [records.content_hash("pair", vars(row)) for row in english]
    ids = records.make_ids("toy_para", hashes)
    table = records.table("pair", ids * len(LANGS), [lang for lang in LANGS for _ in ids], english * len(LANGS))
    records.write(folder / "test.parquet", table)
    splits = {"train": {"en": _entry(40, 40)}, "test": {lang: _entry(40, 40, lang) for lang in LANGS}}
    _manifest("target", "toy_para", "pair", splits)


def _predictions(path: Path, test: pa.Table, gold: list[str], correct: list[bool]) -> None:
    prediction = [g if ok else "wrong" for g, ok in zip(gold, correct, strict=True)]
    columns = {"id": test["id"], "lang": test["lang"], "prediction": prediction, "gold": gold}
    statistic = [[float(ok), 1.0] for ok in correct]
    files.write_parquet(path, pa.table({**columns, "statistics": statistic, "unit": test["id"]}))


def _report(path: Path, table: pa.Table, facts: dict[str, Any], rows: str) -> None:
    module = metrics.load("accuracy")
    found = statistics.intervals(statistics.from_table(table), lambda t: module.values(t, ())["accuracy"])
    langs = table["lang"].to_pylist()
    languages = {
        lang: {"accuracy": found[lang].value, "low": found[lang].low, "high": found[lang].high, rows: langs.count(lang)}
        for lang in sorted(set(langs))
    }
    mean = {"all": found["all"].value, "without_english": found["without_english"].value}
    files.write_json(
        path, {**facts, "languages": languages, "mean": {**mean, "low": found["all"].low, "high": found["all"].high}}
    )


def evaluated(start: Any, seed: int, skill: float) -> None:
    """Write predictions and report of one zero-shot evaluation."""
    test = records.read(paths.fetched("target", "toy_para") / "test.parquet")
    rng = random.Random(f"{start}{seed}")
    gold = [("different", "paraphrase")[label] for label in test["label"].to_pylist()]
    path = paths.predictions(start, "toy_para", seed)
    _predictions(path, test, gold, [rng.random() < skill for _ in gold])
    facts = {"start": start, "task": "toy_para", "seed": seed, "metric": "accuracy", "primary": "accuracy"}
    facts["majority_baseline"] = {"languages": dict.fromkeys(LANGS, 0.5), "all": 0.5}
    agreement = {lang: {"agreement": skill, "rows": 40} for lang in LANGS[1:]}
    facts["consistency"] = {"measure": "same prediction", "languages": agreement, "all": skill}
    _report(paths.report("evaluate", start, "toy_para", f"seed-{seed}"), files.read_parquet(path), facts, "rows")


def retrieved(start: Any, seed: int, skill: float) -> None:
    """Write predictions and report of one retrieval evaluation."""
    rng = random.Random(f"r{start}{seed}")
    langs = [lang for lang in ("de", "ru") for _ in range(30)]
    ids = [f"toy_bitext-{lang}{i:03d}" for i, lang in enumerate(langs)]
    table = pa.table({"id": ids, "lang": langs})
    path = paths.predictions(start, "toy_bitext", seed)
    _predictions(path, table, ["key"] * len(ids), [rng.random() < skill for _ in ids])
    facts = {"start": start, "task": "toy_bitext", "seed": seed, "metric": "retrieval", "primary": "accuracy"}
    facts |= {
        "layer": 2,
        "pooling": "mean",
        "similarity": "cosine",
        "margin": "none",
        "direction": "to_foreign",
        "k": 4,
    }
    path_ = paths.report("retrieve", start, "toy_bitext", f"seed-{seed}")
    _report(path_, files.read_parquet(path), facts, "pairs")


def training(stage: str, start: str, task: str, seed: int, skill: float, degenerate: bool = False) -> None:
    """Write report and curve of one fine-tuning."""
    names = (start, task, f"seed-{seed}") if stage == "target" else (f"seed-{seed}",)
    path = paths.report(stage, *names)
    points = [(step, 0.5 + (skill - 0.5) * min(1.0, step / 60) + 0.003 * seed) for step in range(0, 101, 20)]
    report = {
        "task": task, "seed": seed, "start": start, "rows": 40, "epochs": 3.0, "steps": 100, "tokens": 10_000,
        "seconds": 12.5, "rows_per_second": 80.0, "dev": {"accuracy": skill}, "best_step": 80,
        "best_dev": points[-1][1],
        "majority_baseline": 0.5, "degenerate": degenerate, "steps_to_95": 60, "tokens_to_95": 6000,
        "degenerate_why": "the best dev value is within 0.01 of the majority baseline" if degenerate else None,
        "curve_area": 0.7, "peak_memory_mb": 500.0,
    }  # fmt: skip
    files.write_json(path, report)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["step", "tokens", "seconds", "loss", "learning_rate", "dev"])
    writer.writerows([step, step * 100, step / 8, "" if step == 0 else 0.5, 1e-4, dev] for step, dev in points)
    files.write_text(path.with_suffix(".csv"), text.getvalue())


def dynamics(ids: list[str], seed: int) -> None:
    """Write the training dynamics of the kept rows."""
    rows = [{"task": "toy_nli", "id": id_, "lang": "en", "epoch": e, "confidence": 0.5 + 0.1 * e, "correct": e > 0}
            for id_ in ids[::2] for e in range(3)]  # fmt: skip
    files.write_parquet(paths.start("intermediate", seed) / "dynamics.parquet", pa.Table.from_pylist(rows))


def as_json(text: str) -> Any:
    """Parse JSON, refusing NaN."""

    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is no JSON")

    return json.loads(text, parse_constant=refuse)
