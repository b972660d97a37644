"""What ``knn_shapley`` and ``ambiguity`` say of planted label errors, beside label_quality, on real rows.

    CAIRN_HUB_MIRROR=../hub python benchmarks/value.py --rows 2000 --seeds 1 2 3 --out benchmarks/results/value.json

Two tasks: the inference pairs of ``snli``, and ``source``, single texts labelled with the data set that they are from
(a premise of SNLI, a question of SQuAD or CommonsenseQA, a begin of HellaSwag). One label in ten is made wrong.
Average precision and AUROC of "low = wrong". ``ambiguity`` is no detector of errors: what it should not do is take them
for ambiguous, so that AUROC near 0.5 is right for it, and beside it stands how often planted and other rows are called
ambiguous. A data set's own errors count as right. Seeds draw rows, errors and folds.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from label_errors import examples

from curation import api, tasks
from curation.core import files, seeds
from curation.core.task import Task
from curation.selftest import judge, noise

SOURCES = {"snli": "text_a", "squad": "question", "commonsense_qa": "prompt", "hellaswag": "prompt"}
SCORERS = ("label_quality", "knn_shapley", "ambiguity")


def pairs(rows: int, seed: int) -> tuple[Task, list[dict[str, Any]]]:
    """Return SNLI and some of its rows."""
    return tasks.load("snli"), [asdict(example) for example in examples("snli", rows, seed)]


def sources(rows: int, seed: int) -> tuple[Task, list[dict[str, Any]]]:
    """Return a task of texts and where they are from, as many of each."""
    task = Task(kind="classify", metric="accuracy", labels=tuple(SOURCES))
    found = []
    for label, (name, field) in enumerate(SOURCES.items()):
        texts = [getattr(example, field) for example in examples(name, rows // len(SOURCES), seed)]
        found += [{"text": text, "label": label} for text in texts]
    return task, found


def measure(name: str, task: Task, rows: list[dict[str, Any]], seed: int) -> list[dict[str, Any]]:
    """Return one result per scorer."""
    rng = np.random.default_rng(seeds.derive(seed, "value", name))
    order = rng.permutation(len(rows)).tolist()
    changed, wrong = noise.plant([rows[at] for at in order], task, "uniform", 0.1, rng)
    scored = api.score(changed, task.kind, labels=task.labels, scorers=SCORERS, seed=seed)
    called = np.array([bool(one) for one in scored["ambiguity.ambiguous"].to_pylist()])
    results = []
    for scorer in SCORERS:
        one = judge.judge(scored[scorer].to_numpy().astype(np.float64), wrong, int(wrong.sum()), seed)
        found = {"task": name, "seed": seed, "rows": len(wrong), "scorer": scorer, **one}
        if scorer == "ambiguity":
            found |= {"ambiguous_planted": float(called[wrong].mean()), "ambiguous_other": float(called[~wrong].mean())}
        print(json.dumps(found), flush=True)
        results.append(found)
    return results


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=3000)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    results = []
    for seed in given.seeds:
        for name, make in (("snli", pairs), ("source", sources)):
            results += measure(name, *make(given.rows, seed), seed)
    if given.out:
        files.write_json(given.out, {"what": __doc__.splitlines()[0], "results": results})


if __name__ == "__main__":
    main()
