"""What the choices of real tasks give away without the question, and where the right ones stand.

    CAIRN_HUB_MIRROR=../hub python benchmarks/choices.py --out benchmarks/results/choices.json

Rows as they are, nothing planted: the sentences that the scorer ``answers`` says of a task, with the mean probability
that the choices alone give the right one.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

from curation import tasks
from curation.core import facts, files, params, records
from curation.core.task import Reject
from curation.fetch.sources import data
from curation.score import scorers
from curation.score.scorers import answers

SETS = (
    ("cosmos_qa", "dev", "en"),
    ("hellaswag", "train", "en"),
    ("xcopa", "test", "it"),
    ("commonsense_qa", "train", "en"),
)


def main() -> None:
    """Print and write what is said of each task."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=17)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    results = []
    for name, split, lang in SETS:
        module, found = tasks.module(name), []
        source = getattr(module.TASK, split)
        for row in data.rows(source, lang, module.TASK.config_names, data.Bundled(None, options.seed)).rows:
            try:
                found.append(module.to_example(row))
            except Reject:
                continue
        ids = records.make_ids(name, [records.content_hash("choice", vars(example)) for example in found])
        table = records.table("choice", ids, [lang] * len(ids), found)
        begun = time.process_time()
        inputs = scorers.Inputs(name, tasks.load(name), table, options.seed)
        result = answers.score(inputs, params.read(answers.Params, "score.answers"))
        said = facts.of(result.schema)
        mean = float(result["alone"].drop_null().to_numpy().mean())
        results.append({
            "task": name, "split": split, "lang": lang, "rows": len(ids), "facts": said, "mean_probability": mean,
            "cpu_seconds": time.process_time() - begun,
        })  # fmt: skip
        print(f"{name} {split}, {len(ids):,} rows", *said, sep="\n    ", flush=True)
    if options.out:
        files.write_json(options.out, json.loads(json.dumps(results)))


if __name__ == "__main__":
    main()
