"""What each signal adds to ``quality``: all scorers, all but one, and one alone, on real rows with planted defects.

    CAIRN_HUB_MIRROR=../hub python benchmarks/ablation.py --tasks snli qqp --foreign mnli --rows 2000 --seeds 1 2 3 \
        --out benchmarks/results/ablation.json

Into clean train rows it plants at once, each into rows of its own: wrong labels (10%), garbled texts (2%), a text of
``--foreign``, another task (2%), copies with a slip (3%) and such copies with another label (3%), by
:mod:`curation.selftest.noise`. Quality is made as the stage makes it, with the weights of the demo's params; a scorer
left out has weight 0, one alone has all of it. Judged are the average precision of "low quality = planted", over all
defects and by defect, and the share of the planted rows that the best half takes in, which is what a subset is made of.
Twins of copies count for neither side. A data set's own errors count as right. Seeds draw rows, defects and folds.
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
from curation.core import files, params, seeds
from curation.quality import Params
from curation.quality.combine import combine
from curation.selftest import judge, noise

SHARES = {"label": 0.10, "garbled": 0.02, "foreign": 0.02, "duplicate": 0.03, "conflict": 0.03}
OUTLIERS = (0.05, 0.1, 0.25)


def planted(name: str, foreign: str, rows: int, seed: int) -> tuple[list[dict[str, Any]], list[str]]:
    """Return rows of a task with defects in them, and what each row is: "", "twin", or the name of its defect."""
    task = tasks.load(name)
    rng = np.random.default_rng(seeds.derive(seed, "ablation", name))
    made = [asdict(example) for example in examples(name, rows, seed)]
    others = examples(foreign, round(SHARES["foreign"] * rows), seed)
    what, texts = [""] * len(made), ("text_a", "text_b")
    sizes = np.cumsum([round(share * len(made)) for share in SHARES.values()])
    picked = np.split(rng.permutation(len(made))[: sizes[-1]], sizes[:-1])
    for defect, places in zip(SHARES, picked, strict=True):
        for at in places.tolist():
            row, field = made[at], texts[int(rng.integers(2))]
            if defect == "label":
                made[at] = row | (noise.uniform(row, task, rng) or {})
                what[at] = defect
            elif defect == "foreign":
                made[at] = row | {field: others.pop().text_a}
                what[at] = defect
            elif defect == "garbled":
                made[at] = row | {field: noise.garbled(row[field], rng)}
                what[at] = defect
            else:
                slip = noise.keyboard if rng.random() < 0.5 else noise.scanned
                other = noise.uniform(row, task, rng) or {} if defect == "conflict" else {}
                made.append(row | {field: slip(row[field], rng)} | other)
                what[at] = "twin"
                what.append(defect)
    order = rng.permutation(len(made)).tolist()
    return [made[at] for at in order], [what[at] for at in order]


def measure(name: str, foreign: str, rows: int, seed: int) -> list[dict[str, Any]]:
    """Return one result per way of combining: which scorers count, and how well quality then tells the planted rows."""
    task = tasks.load(name)
    given, what = planted(name, foreign, rows, seed)
    columns = ("text_a", "text_b", "label")
    plain = [{column: row[column] for column in columns} for row in given]
    scored = api.score(plain, task.kind, labels=task.labels, seed=seed)
    names = [one for one in params.read(params.Experiment, "", api.settings()).scorers if one in scored.column_names]
    weights = {one: params.read(Params, "quality", api.settings()).weights[one] for one in names}
    scores = {one: scored[one].to_numpy().astype(np.float64) for one in names}
    kinds = np.array(what)
    counts = kinds != "twin"
    ways = {"all": weights, **{f"without {one}": weights | {one: 0.0} for one in names}}
    ways |= {f"outliers at {weight:g}": weights | {"outliers": weight} for weight in OUTLIERS}
    ways |= {f"{one} alone": dict.fromkeys(names, 0.0) | {one: 1.0} for one in names}
    whole = np.nan_to_num(combine(scores, weights), nan=1.0)
    results = []
    for way, own in ways.items():
        quality = np.nan_to_num(combine(scores, own), nan=1.0)
        ties = np.random.default_rng(seed).permutation(len(quality))
        best = np.lexsort((ties, -quality))[: len(quality) // 2]
        wrong = counts & (kinds != "")
        found = {
            "task": name, "seed": seed, "rows": len(quality), "way": way,
            "all": judge.average_precision(quality[counts], wrong[counts]),
            "in_the_best_half": float(wrong[best].sum() / wrong.sum()),
            "whole_above": judge.difference(whole[counts], quality[counts], wrong[counts], seed),
        }  # fmt: skip
        for defect in SHARES:
            some = (kinds == "") | (kinds == defect)
            found[defect] = judge.average_precision(quality[some], kinds[some] == defect)
        results.append(found)
        print(json.dumps(found), flush=True)
    return results


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", nargs="+", default=["mini_nli"], help="of kind pair")
    parser.add_argument("--foreign", default="mini_paraphrase", help="of kind pair: whose texts are out of place")
    parser.add_argument("--rows", type=int, default=1000)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    results = [
        one for name in given.tasks for seed in given.seeds for one in measure(name, given.foreign, given.rows, seed)
    ]
    if given.out:
        files.write_json(given.out, {"what": __doc__.splitlines()[0], "shares": SHARES, "results": results})


if __name__ == "__main__":
    main()
