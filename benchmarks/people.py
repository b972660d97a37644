"""Labels that other people overrule, found by label_quality and by cleanlab on the same probabilities.

    CAIRN_HUB_MIRROR=../hub python benchmarks/people.py --out benchmarks/results/people.json

SQuAD's validation questions were answered by three people or more. The first answer is the label; it is *overruled*
where more than half of the others agree, word for word after SQuAD's normalisation, on one other answer. Most of these
are other boundaries, and many a matter of taste. What is measured is how well a score tells what people do not agree
with, beside chance (the share of overruled rows), a random order and cleanlab's scores on the same probabilities.
Nothing was tuned on these rows. Labels of PAWS-X differ between languages only where a text is a placeholder (``NS``).
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
from label_errors import cairn

from curation import embed, tasks
from curation.core import files, params, records, seeds
from curation.core.task import Example, Reject
from curation.embed import store
from curation.fetch.sources import data
from curation.metrics import squad
from curation.selftest import judge, rivals


def overruled(texts: list[str]) -> bool:
    """Return whether more than half of all but the first of ``texts`` agree on something other than the first.

    >>> overruled(["the force", "Force", "force"]), overruled(["a concept", "force", "Force", "idea"])
    (False, True)
    """
    first, *others = (squad.normalise(text) for text in texts)
    text, count = Counter(others).most_common(1)[0]
    return text != first and count > len(others) / 2


def rows_of(count: int, seed: int) -> tuple[list[Example], np.ndarray]:
    """Return validation examples with the answer to be judged, and which of them people overrule."""
    module, found = tasks.module("squad"), []
    for row in data.rows(module.TASK.dev, "en", module.TASK.config_names, data.Bundled(None, seed)).rows:
        try:
            example = module.to_example(row)
        except Reject:
            continue
        if example.answers and len(row["answers"]["text"]) >= 3:
            found.append((replace(example, answers=example.answers[:1]), overruled(list(row["answers"]["text"]))))
    chosen = sorted(np.random.default_rng(seeds.derive(seed, "rows", "squad")).permutation(len(found))[:count])
    return [found[i][0] for i in chosen], np.array([found[i][1] for i in chosen])


def main() -> None:
    """Print and write one line per score."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=3000, help="at most")
    parser.add_argument("--seed", type=int, default=17)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    examples, wrong = rows_of(options.rows, options.seed)
    ids = [f"squad-{number:06}" for number in range(len(examples))]
    table = records.table("span", ids, ["en"] * len(ids), examples)
    with tempfile.TemporaryDirectory() as folder:
        store.write(Path(folder), table, params.read(embed.Params, "embed"))
        result, found = cairn("squad", table, embed.read(Path(folder)), options.seed)
    methods = {
        "cairn": result["score"].to_numpy(),
        "cairn.boundary": result["boundary"].to_numpy().astype(np.float64),
        "cleanlab_same": rivals.cleanlab(tasks.load("squad"), table.to_pylist(), found.probabilities),
        "random": np.random.default_rng(seeds.derive(options.seed, "random", "squad")).random(len(ids)),
    }
    about = {"task": "squad", "chance": float(wrong.mean()), "out_of_fold": found.manifest["out_of_fold"]}
    print(f"{len(ids)} rows, {wrong.sum()} overruled: average precision of chance {wrong.mean():.3f}")
    results = []
    for name, score in methods.items():
        one = {"method": name, **judge.judge(score, wrong, int(wrong.sum()))}
        above = judge.difference(methods["cairn"], score, wrong)
        results.append({**about, **one, "cairn_above": above})
        low, high = one["average_precision_interval"]
        print(
            f"{name:<16}AP {one['average_precision']:.3f} [{low:.3f}, {high:.3f}]  "
            "AUROC {:.3f} [{:.3f}, {:.3f}]  ".format(one["auroc"], *one["auroc_interval"])
            + "P@k {:.3f} [{:.3f}, {:.3f}]  ".format(one["precision"], *one["precision_interval"])
            + "cairn above {:+.3f} [{:+.3f}, {:+.3f}]".format(above["difference"], *above["difference_interval"]),
            flush=True,
        )
    if options.out:
        files.write_json(options.out, json.loads(json.dumps(results)))


if __name__ == "__main__":
    main()
