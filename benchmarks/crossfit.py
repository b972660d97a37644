"""Planted label errors found by the linear probe, by fine-tuning across folds, and by both, on the same rows.

    CAIRN_HUB_MIRROR=../hub python benchmarks/crossfit.py --task snli --rows 3000

Wrong labels are planted into clean train rows as in ``label_errors.py``. Judged are the score of ``label_quality`` on
the probe's out-of-fold probabilities, on those of the encoder fine-tuned across folds, and on both together
(:func:`curation.probe.together`); cleanlab's scores with their defaults on each of the three; and the training dynamics
of the models that trained on the rows. Intervals are over rows; cost is in seconds of CPU a thousand rows.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from label_errors import cairn, clean, kept

from curation import probe, tasks
from curation.core import files, params, seeds
from curation.score import scorers
from curation.score.scorers import label_quality
from curation.selftest import judge, noise, rivals
from training.crossfit import fit


def scored(name: str, table: pa.Table, found: probe.Probe, seed: int) -> np.ndarray:
    """Return the score of label_quality on given probabilities."""
    inputs = scorers.Inputs(name, tasks.load(name), table, seed, {"probe": lambda: found})
    section = params.read(label_quality.Params, "score.label_quality")
    return label_quality.score(inputs, section)["score"].to_numpy()


def main() -> None:
    """Print and write one line per method."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--task", default="snli")
    parser.add_argument("--rows", type=int, default=3000)
    parser.add_argument("--whole-groups", action="store_true", help="sample groups, not rows")
    parser.add_argument("--defect", default="uniform")
    parser.add_argument("--share", type=float, default=0.1)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--batch-tokens", type=int, default=512)
    parser.add_argument("--learning-rate", type=float, default=1e-4)
    parser.add_argument("--precision", default="auto", choices=["auto", "bf16", "fp32"])
    parser.add_argument("--seed", type=int, default=17)
    parser.add_argument("--vectors", type=Path, help="keep rows and vectors here, and take them from here")
    parser.add_argument("--keep", type=Path, help="also keep all probabilities here (npz)")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    name, task = options.task, tasks.load(options.task)
    with tempfile.TemporaryDirectory() as temporary:
        whole = options.whole_groups
        folder = kept(options.vectors or Path(temporary), name, options.rows, whole=whole)
        table, vectors = clean(name, options.rows, options.seed, folder, whole=whole)
        rng = np.random.default_rng(seeds.derive(options.seed, "noise", options.defect, int(options.share * 1000)))
        changed, wrong = noise.plant(table.to_pylist(), task, options.defect, options.share, rng)
        given = pa.Table.from_pylist(changed, schema=table.schema)
        begun = time.process_time()
        _, linear = cairn(name, given, vectors, options.seed)
    spent = {"linear": time.process_time() - begun}
    settings = probe.Crossfit(
        folds=options.folds, model="package:all-MiniLM-L6-v2", epochs=options.epochs, batch_tokens=options.batch_tokens,
        max_length=128, learning_rate=options.learning_rate, precision=options.precision,
    )  # fmt: skip
    begun = time.process_time()
    outcome = fit.across_folds(name, task, given, settings, options.seed)
    spent["crossfit"] = time.process_time() - begun
    assert outcome is not None
    tuned, dynamics = outcome
    spent["both"] = spent["linear"] + spent["crossfit"]
    found = {"linear": linear, "crossfit": tuned, "both": probe.together(linear, tuned)}
    scores = {f"cairn.{key}": scored(name, given, one, options.seed) for key, one in found.items()}
    scores |= {f"cleanlab.{key}": rivals.cleanlab(task, changed, one.probabilities) for key, one in found.items()}
    scores |= {key: dynamics[key].to_numpy() for key in ("confidence", "aum", "correctness")}
    if options.keep and task.kind in ("pair", "classify"):
        raw = {f"p_{key}": np.stack(one.probabilities) for key, one in found.items()}
        labels = np.array([row["label"] for row in changed])
        np.savez(options.keep, wrong=wrong, labels=labels, **raw, **{k.replace(".", "_"): v for k, v in scores.items()})
    print(f"{len(wrong)} rows of {name}, {wrong.sum()} planted ({options.defect}): chance {wrong.mean():.3f}")
    results: list[dict[str, Any]] = []
    for key, score in scores.items():
        one = judge.judge(score, wrong, int(wrong.sum()))
        above = judge.difference(score, scores["cairn.linear"], wrong)
        of = key.partition(".")[2] or "crossfit"
        cpu = 1000 * spent[of] / len(wrong)
        accuracy = found[of].manifest.get("out_of_fold", {}).get("accuracy")
        results.append({
            "method": key, "rows": len(wrong), "defect": options.defect, "share": options.share,
            "folds": options.folds, "epochs": options.epochs, "precision": options.precision,
            "accuracy_out_of_fold": accuracy, "cpu_per_1000_rows": cpu, "above_linear": above, **one,
        })  # fmt: skip
        low, high = one["average_precision_interval"]
        print(
            f"{key:<20}AP {one['average_precision']:.3f} [{low:.3f}, {high:.3f}]  AUROC {one['auroc']:.3f}  "
            f"above linear {above['difference']:+.3f} [{above['difference_interval'][0]:+.3f}, "
            f"{above['difference_interval'][1]:+.3f}]  {cpu:.0f} s CPU / 1,000 rows",
            flush=True,
        )
    if options.out:
        files.write_json(options.out, json.loads(json.dumps(results)))


if __name__ == "__main__":
    main()
