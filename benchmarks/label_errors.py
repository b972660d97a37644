"""Planted label errors found by Cairn's label_quality and by cleanlab's defaults, on the same rows in the same run.

    python benchmarks/label_errors.py                                   # mini_nli, bundled
    CAIRN_HUB_MIRROR=../hub python benchmarks/label_errors.py --tasks mini_nli snli --out benchmarks/results/x.json

Into clean train rows of kind ``pair`` it plants wrong labels: ``uniform`` (any other label) or ``class_conditional``
(each label turns into one other). Every method ranks the rows; judged are average precision, AUROC and precision among
the first as many rows as there are errors. Cairn runs with params.yaml. The rivals are cleanlab's ``CleanLearning``
around scikit-learn's logistic regression with the defaults of both, on the sentence vectors that a user has at hand:
``row``, one vector of the whole row, or ``pair``, the usual [a, b, |a-b|, a*b]. mini_nli has no other planted defects
here; SNLI's own label errors count as correct rows for every method, so no method can reach 1 there.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from curation import embed, probe, tasks
from curation.core import files, params, records, seeds
from curation.core.task import Example, Reject
from curation.embed import store
from curation.fetch.sources import data
from curation.probe import fit
from curation.score import scorers
from curation.score.scorers import label_quality

SHARES = (0.05, 0.10, 0.20)
KINDS = ("uniform", "class_conditional")


def examples(name: str, rows: int, seed: int) -> list[Example]:
    """Return ``rows`` clean train examples of a task, sampled by ``seed``."""
    module = tasks.module(name)
    source, found = module.TASK.train, []
    for row in data.rows(source, "en", module.TASK.config_names, data.Bundled(rows, seed)).rows:
        try:
            found.append(module.to_example(row))
        except Reject:
            continue
    chosen = np.random.default_rng(seeds.derive(seed, "rows", name)).permutation(len(found))[:rows]
    return [found[i] for i in sorted(chosen)]


def plant(labels: np.ndarray, classes: int, share: float, kind: str, seed: int) -> np.ndarray:
    """Return ``labels`` of which exactly ``round(share * n)`` are wrong."""
    rng = np.random.default_rng(seeds.derive(seed, "noise", kind, int(share * 1000)))
    wrong = rng.choice(len(labels), round(share * len(labels)), replace=False)
    noisy = labels.copy()
    step = rng.integers(1, classes, len(wrong)) if kind == "uniform" else 1
    noisy[wrong] = (labels[wrong] + step) % classes
    return noisy


def judge(score: np.ndarray, wrong: np.ndarray) -> dict[str, float]:
    """Return how well low scores find the wrong rows."""
    from sklearn.metrics import average_precision_score, roc_auc_score

    first = np.argsort(score, kind="stable")[: wrong.sum()]
    return {
        "average_precision": float(average_precision_score(wrong, 1 - score)),
        "auroc": float(roc_auc_score(wrong, 1 - score)),
        "precision_at_k": float(wrong[first].mean()),
    }


def cairn(name: str, table: Any, vectors: embed.Vectors, seed: int) -> tuple[np.ndarray, float]:
    """Return the label_quality score and the probe's out-of-fold accuracy against the labels as given."""
    task = tasks.load(name)
    found = fit.fit(name, task, table, vectors, params.read(probe.Params, "probe"), seed)
    inputs = scorers.Inputs(name, task, table, seed, {"probe": lambda: found})
    result = label_quality.score(inputs, params.read(label_quality.Params, "score.label_quality"))
    return result["score"].to_numpy(), found.manifest["out_of_fold"]["accuracy"]


def rival(features: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return cleanlab's label quality by CleanLearning around logistic regression, the defaults of both."""
    from cleanlab.classification import CleanLearning
    from sklearn.linear_model import LogisticRegression

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # L-BFGS stops at its default of 100 steps
        issues = CleanLearning(LogisticRegression(), seed=0).find_label_issues(features, labels)
    return issues["label_quality"].to_numpy()


def measure(name: str, rows: int, seed: int) -> list[dict[str, Any]]:
    """Return one result per kind and share of noise and per method."""
    task, found = tasks.load(name), examples(name, rows, seed)
    ids = records.make_ids(name, [records.content_hash("pair", vars(example)) for example in found])
    table = records.table("pair", ids, ["en"] * len(ids), found)
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        store.write(Path(folder), table, params.read(embed.Params, "embed"))
        vectors = embed.read(Path(folder))
        embedding = time.perf_counter() - start
        a, b = (vectors.parts[part].astype(np.float32) for part in ("text_a", "text_b"))
        plain = {"row": vectors.row.astype(np.float32), "pair": np.concatenate([a, b, np.abs(a - b), a * b], 1)}
        clean, results = table["label"].to_numpy(), []
        for kind in KINDS:
            for share in SHARES:
                noisy = plant(clean, len(task.labels), share, kind, seed)
                wrong = noisy != clean
                given = table.set_column(table.column_names.index("label"), table.schema.field("label"), [noisy])
                about = {"task": name, "rows": len(ids), "noise": kind, "share": share, "embed_seconds": embedding}
                start = time.perf_counter()
                score, accuracy = cairn(name, given, vectors, seed)
                seconds = time.perf_counter() - start
                results.append(
                    {**about, "method": "cairn", "seconds": seconds, "accuracy": accuracy, **judge(score, wrong)}
                )
                for which, features in plain.items():
                    start = time.perf_counter()
                    score = rival(features, noisy)
                    seconds = time.perf_counter() - start
                    results.append({**about, "method": f"cleanlab_{which}", "seconds": seconds, **judge(score, wrong)})
                for result in results[-3:]:
                    print(line(result), flush=True)
    return results


def line(result: dict[str, Any]) -> str:
    """Return one result as a line of the table."""
    return (
        f"{result['task']:<9} {result['noise']:<18}{result['share']:>5.0%}  {result['method']:<14}"
        f"AP {result['average_precision']:.3f}  AUROC {result['auroc']:.3f}  P@k {result['precision_at_k']:.3f}"
        f"  {result['seconds']:6.1f} s"
    )


def main() -> None:
    """Measure the tasks named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", nargs="+", default=["mini_nli"])
    parser.add_argument("--rows", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=17)
    parser.add_argument("--out", type=Path, help="also write the results here, as JSON")
    options = parser.parse_args()
    results = [result for name in options.tasks for result in measure(name, options.rows, options.seed)]
    if options.out:
        files.write_json(options.out, json.loads(json.dumps(results)))


if __name__ == "__main__":
    main()
