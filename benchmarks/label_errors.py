"""Planted label errors of every kind found by Cairn's label_quality, and by cleanlab, on the same rows in the same run.

    python benchmarks/label_errors.py                                   # mini_nli, bundled
    CAIRN_HUB_MIRROR=../hub python benchmarks/label_errors.py --tasks snli squad panx --out benchmarks/results/x.json
    CAIRN_HUB_MIRROR=../hub python benchmarks/label_errors.py --tasks mirror_mnli --whole-groups --draws 3

Rows are sampled one by one, which breaks up what is written in sets (the hypotheses of a premise), or by whole groups.

Into clean train rows it plants wrong labels (:mod:`curation.selftest.noise`): uniform and class-conditional ones,
swapped choices, answers that are shifted, cut or elsewhere, entities with a wrong boundary or type. Every method ranks
the rows; judged are average precision, AUROC and precision among the first as many rows as there are errors, with 95%
intervals over rows. Cairn runs with params.yaml. The rivals:

* ``cleanlab_same``: cleanlab's scores with their defaults on Cairn's own out-of-fold probabilities (a span: its first
  and its last word are two classifications, and the worse one counts, as cleanlab does with the words of a sentence);
* ``cleanlab_row`` and ``cleanlab_pair`` (one label a row only): ``CleanLearning`` around scikit-learn's logistic
  regression with the defaults of both, on what a user has at hand: one vector of the row, or the usual
  [a, b, |a-b|, a*b].

A data set's own label errors count as correct rows for every method, so no method can reach 1 there.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
import warnings
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from curation import embed, probe, tasks
from curation.core import files, params, records, seeds
from curation.core.kinds import KINDS
from curation.core.task import Example, Reject
from curation.embed import store
from curation.fetch.sources import data
from curation.probe import fit
from curation.score import scorers
from curation.score.scorers import label_quality
from curation.selftest import judge, noise, rivals, run

SHARES = (0.05, 0.10, 0.20)
WHOLE = ("exchanged", "moved")
"""Errors that befall groups, not rows, planted where --defects names them."""


def examples(name: str, rows: int, seed: int, *, whole: bool = False) -> list[Example]:
    """Return ``rows`` clean train examples of a task, sampled by ``seed``; ``whole``: group by group."""
    module = tasks.module(name)
    source, found = module.TASK.train, []
    for row in data.rows(source, "en", module.TASK.config_names, data.Bundled(rows, seed)).rows:
        try:
            found.append(module.to_example(row))
        except Reject:
            continue
    rng = np.random.default_rng(seeds.derive(seed, "rows", name))
    if whole:
        _, group = np.unique([one.group or f"row {n}" for n, one in enumerate(found)], return_inverse=True)
        chosen = np.argsort(rng.permutation(group.max() + 1)[group], kind="stable")[:rows]
    else:
        chosen = rng.permutation(len(found))[:rows]
    return [found[i] for i in sorted(chosen)]


def kept(root: Path, name: str, rows: int, *, whole: bool) -> Path:
    """Return the folder in ``root`` for so many rows of a task and their vectors."""
    return root / f"{name}-{rows}{'-whole' if whole else ''}"


def clean(name: str, rows: int, seed: int, folder: Path, *, whole: bool = False) -> tuple[pa.Table, embed.Vectors]:
    """Return clean rows of a task and their vectors, which are kept in ``folder`` for the next run."""
    file = folder / "rows.parquet"
    if not file.exists():
        kind, found = tasks.load(name).kind, examples(name, rows, seed, whole=whole)
        ids = records.make_ids(name, [records.content_hash(kind, vars(example)) for example in found])
        table = records.table(kind, ids, ["en"] * len(ids), found)
        folder.mkdir(parents=True, exist_ok=True)
        store.write(folder, table, params.read(embed.Params, "embed"))
        records.write(file, table)
    return records.read(file), embed.read(folder)


def cairn(name: str, table: pa.Table, vectors: embed.Vectors, seed: int) -> tuple[pa.Table, probe.Probe]:
    """Return the result of label_quality, and the probabilities that it was made from."""
    task = tasks.load(name)
    found = fit.fit(name, task, table, vectors, params.read(probe.Params, "probe"), seed)
    inputs = scorers.Inputs(name, task, table, seed, {"probe": lambda: found})
    return label_quality.score(inputs, params.read(label_quality.Params, "score.label_quality")), found


def plain(features: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return cleanlab's label quality by CleanLearning around logistic regression, the defaults of both."""
    from cleanlab.classification import CleanLearning
    from sklearn.linear_model import LogisticRegression

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # L-BFGS stops at its default of 100 steps
        issues = CleanLearning(LogisticRegression(), seed=0).find_label_issues(features, labels)
    return issues["label_quality"].to_numpy()


def usual(kind: str, vectors: embed.Vectors) -> dict[str, np.ndarray]:
    """Return the features that a user of cleanlab has at hand, by name; none where a row has more than one label."""
    if KINDS[kind].named != "row":
        return {}
    found = {"cleanlab_row": vectors.row.astype(np.float32)}
    if kind == "pair":
        a, b = (vectors.parts[part].astype(np.float32) for part in ("text_a", "text_b"))
        found["cleanlab_pair"] = np.concatenate([a, b, np.abs(a - b), a * b], 1)
    return found


def in_groups(
    rows: list[dict[str, Any]], defect: str, share: float, rng: np.random.Generator
) -> tuple[list[dict[str, Any]], np.ndarray]:
    """Return rows with errors that are not independent, in ``share`` of the groups of several rows; and which they are.

    ``exchanged``: two labels of the group changed places; ``moved``: all its labels are the next one.
    """
    members: dict[str, list[int]] = {}
    for at, row in enumerate(rows):
        members.setdefault(row["group"], []).append(at)
    several = [found for _, found in sorted(members.items()) if len(found) > 1]
    given, classes = [row["label"] for row in rows], 1 + max(row["label"] for row in rows)
    for at in rng.choice(len(several), round(share * len(several)), replace=False):
        if defect == "exchanged":
            one, other = rng.choice(several[at], 2, replace=False)
            given[one], given[other] = given[other], given[one]
        else:
            for row in several[at]:
                given[row] = (given[row] + 1) % classes
    wrong = np.array([label != row["label"] for label, row in zip(given, rows, strict=True)])
    return [{**row, "label": label} for label, row in zip(given, rows, strict=True)], wrong


def measure(
    name: str,
    table: pa.Table,
    vectors: embed.Vectors,
    seed: int,
    defects: list[str],
    shares: list[float],
    *,
    rivalled: bool,
    draw: int = 0,
) -> list[dict[str, Any]]:
    """Return one result per defect, share and method."""
    task, rows, results = tasks.load(name), table.to_pylist(), []
    column = KINDS[task.kind].label
    known = [one for one in noise.LABELS[task.kind] if not defects or one in defects]
    for defect in [*known, *(one for one in WHOLE if one in defects)]:
        for share in shares:
            names = (defect, int(share * 1000), *([draw] if draw else []))
            rng = np.random.default_rng(seeds.derive(seed, "noise", *names))
            plant = partial(in_groups, rows, defect) if defect in WHOLE else partial(noise.plant, rows, task, defect)
            changed, wrong = plant(share, rng)
            given = pa.Table.from_pylist(changed, schema=table.schema)
            about = {"task": name, "rows": len(rows), "defect": defect, "share": share, "draw": draw}
            begun = time.process_time()
            result, found = cairn(name, given, vectors, seed)
            score = result["score"].to_numpy()
            spent = time.process_time() - begun
            budget = int(wrong.sum())
            accuracy = {"out_of_fold": found.manifest["out_of_fold"]}
            results.append({**about, **accuracy, "method": "cairn", "cpu": spent, **judge.judge(score, wrong, budget)})
            if (own := run.OWN.get(defect)) is not None:
                evidence = result[own].to_numpy().astype(np.float64)
                results.append({
                    **about, "method": f"cairn.{own}", "cpu": 0.0, **judge.judge(evidence, wrong, budget)
                })  # fmt: skip
            same = rivals.cleanlab(task, changed, found.probabilities)
            results.append({
                **about, "method": "cleanlab_same", "cpu": 0.0, **judge.judge(same, wrong, budget),
                "cairn_above": judge.difference(score, same, wrong),
            })  # fmt: skip
            for method, features in usual(task.kind, vectors).items() if rivalled else ():
                begun = time.process_time()
                other = plain(features, np.array([row[column] for row in changed]))
                spent = time.process_time() - begun
                results.append({
                    **about, "method": method, "cpu": spent, **judge.judge(other, wrong, budget),
                    "cairn_above": judge.difference(score, other, wrong),
                })  # fmt: skip
            for one in results:
                if (one["defect"], one["share"], one["draw"]) == (defect, share, draw):
                    print(line(one), flush=True)
    return results


def line(result: dict[str, Any]) -> str:
    """Return one result as a line of the table."""
    low, high = result["average_precision_interval"]
    above = result.get("cairn_above")
    more = "" if above is None else "  cairn {:+.3f} [{:+.3f}, {:+.3f}]".format(
        above["difference"], *above["difference_interval"]
    )  # fmt: skip
    return (
        f"{result['task']:<15}{result['defect']:<18}{result['share']:>4.0%}  {result['method']:<14}"
        f"AP {result['average_precision']:.3f} [{low:.3f}, {high:.3f}]  AUROC {result['auroc']:.3f}  "
        f"P@k {result['precision']:.3f} {result['cpu']:6.1f} s{more}"
    )


def main() -> None:
    """Measure the tasks named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", nargs="+", default=["mini_nli"])
    parser.add_argument("--rows", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=17)
    parser.add_argument(
        "--defects", nargs="+", default=[], help="only these; also exchanged and moved, of whole groups"
    )
    parser.add_argument("--shares", nargs="+", type=float, default=list(SHARES))
    parser.add_argument("--draws", type=int, default=1, help="of the errors, into the same rows")
    parser.add_argument("--whole-groups", action="store_true", help="sample groups, not rows")
    parser.add_argument("--no-plain", action="store_true", help="leave out cleanlab's plain use, which is slow")
    parser.add_argument("--vectors", type=Path, help="keep rows and vectors here, and take them from here")
    parser.add_argument("--out", type=Path, help="also write the results here, as JSON")
    options = parser.parse_args()
    results: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as temporary:
        for name in options.tasks:
            whole = options.whole_groups
            folder = kept(options.vectors or Path(temporary), name, options.rows, whole=whole)
            table, vectors = clean(name, options.rows, options.seed, folder, whole=whole)
            for draw in range(options.draws):
                results += measure(
                    name, table, vectors, options.seed, options.defects, options.shares,
                    rivalled=not options.no_plain, draw=draw,
                )  # fmt: skip
                if options.out:
                    files.write_json(options.out, json.loads(json.dumps(results)))


if __name__ == "__main__":
    main()
