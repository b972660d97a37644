"""Labels that other people overrule, found by label_quality and by cleanlab on the same probabilities.

    CAIRN_HUB_MIRROR=../hub python benchmarks/people.py --out benchmarks/results/people.json
    CAIRN_HUB_MIRROR=../hub python benchmarks/people.py --tasks pawsx --rows 2000

``squad``: the validation questions were answered by three people or more. The first answer is the label; it is
*overruled* where more than half of the others agree, word for word after SQuAD's normalisation, on one other answer.
Most of these are other boundaries, and many a matter of taste. ``pawsx``: the validation pairs in English; a label is
overruled where the translators into German, Spanish, French or Chinese, who checked the labels, changed it in one of
these languages. What is measured is how well a score tells what people do not agree with, beside chance (the share of
overruled rows), a random order, cleanlab's scores on the same probabilities, and, where a row has one label, cleanlab's
plain use as in ``label_errors.py``. Of PAWS-X only *paraphrase* was ever overruled, so that to doubt that label is
worth something by itself: ``same label`` judges the rows whose label was overruled anywhere, among themselves. Nothing
was tuned on these rows.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from label_errors import cairn, plain, usual

from curation import embed, tasks
from curation.core import files, params, records, seeds
from curation.core.kinds import KINDS
from curation.core.task import Example, Reject
from curation.embed import store
from curation.fetch.sources import data
from curation.metrics import squad
from curation.selftest import judge, rivals

OTHERS = ("de", "es", "fr", "zh")
"""Languages of PAWS-X beside English, as far as the mirror has them."""


def overruled(texts: list[str]) -> bool:
    """Return whether more than half of all but the first of ``texts`` agree on something other than the first.

    >>> overruled(["the force", "Force", "force"]), overruled(["a concept", "force", "Force", "idea"])
    (False, True)
    """
    first, *others = (squad.normalise(text) for text in texts)
    text, count = Counter(others).most_common(1)[0]
    return text != first and count > len(others) / 2


def _rows(task: str, lang: str, seed: int) -> list[dict[str, Any]]:
    module = tasks.module(task)
    return list(data.rows(module.TASK.dev, lang, module.TASK.config_names, data.Bundled(None, seed)).rows)


def _squad(seed: int) -> Iterator[tuple[Example, bool]]:
    for row in _rows("squad", "en", seed):
        try:
            example = tasks.module("squad").to_example(row)
        except Reject:
            continue
        if example.answers and len(row["answers"]["text"]) >= 3:
            yield replace(example, answers=example.answers[:1]), overruled(list(row["answers"]["text"]))


def _pawsx(seed: int) -> Iterator[tuple[Example, bool]]:
    elsewhere = [{row["id"]: row["label"] for row in _rows("pawsx", lang, seed)} for lang in OTHERS]
    for row in _rows("pawsx", "en", seed):
        try:
            example = tasks.module("pawsx").to_example(row)
        except Reject:
            continue
        yield example, any(of.get(row["id"], row["label"]) != row["label"] for of in elsewhere)


PEOPLE = {"squad": _squad, "pawsx": _pawsx}


def rows_of(task: str, count: int, seed: int) -> tuple[list[Example], np.ndarray]:
    """Return validation examples with the label to be judged, and which of them people overrule."""
    found = list(PEOPLE[task](seed))
    chosen = sorted(np.random.default_rng(seeds.derive(seed, "rows", task)).permutation(len(found))[:count])
    return [found[i][0] for i in chosen], np.array([found[i][1] for i in chosen])


def measure(task: str, rows: int, seed: int) -> list[dict[str, Any]]:
    """Print and return one result per score of a task."""
    examples, wrong = rows_of(task, rows, seed)
    kind = tasks.load(task).kind
    ids = [f"{task}-{number:06}" for number in range(len(examples))]
    table = records.table(kind, ids, ["en"] * len(ids), examples)
    with tempfile.TemporaryDirectory() as folder:
        store.write(Path(folder), table, params.read(embed.Params, "embed"))
        vectors = embed.read(Path(folder))
        result, found = cairn(task, table, vectors, seed)
        methods = {"cairn": result["score"].to_numpy()}
        if kind == "span":
            methods["cairn.boundary"] = result["boundary"].to_numpy().astype(np.float64)
        methods["cleanlab_same"] = rivals.cleanlab(tasks.load(task), table.to_pylist(), found.probabilities)
        labels = np.array([getattr(example, KINDS[kind].label or "") for example in examples], object)
        for name, features in usual(kind, vectors).items():
            methods[name] = plain(features, labels.astype(np.int64))
    methods["random"] = np.random.default_rng(seeds.derive(seed, "random", task)).random(len(ids))
    about = {"task": task, "chance": float(wrong.mean()), "out_of_fold": found.manifest["out_of_fold"]}
    print(f"{len(ids)} rows of {task}, {wrong.sum()} overruled: average precision of chance {wrong.mean():.3f}")
    results = []
    alike = np.ones(len(ids), bool)
    if KINDS[kind].named == "row":
        alike = np.isin(labels.astype(np.int64), labels[wrong].astype(np.int64))
    for name, score in methods.items():
        one = {"method": name, **judge.judge(score, wrong, int(wrong.sum()))}
        if not alike.all():
            one["same_label"] = judge.judge(score[alike], wrong[alike], int(wrong.sum()))
        above = judge.difference(methods["cairn"], score, wrong)
        results.append({**about, **one, "cairn_above": above})
        low, high = one["average_precision_interval"]
        print(
            f"{name:<16}AP {one['average_precision']:.3f} [{low:.3f}, {high:.3f}]  "
            "AUROC {:.3f} [{:.3f}, {:.3f}]  ".format(one["auroc"], *one["auroc_interval"])
            + "P@k {:.3f} [{:.3f}, {:.3f}]  ".format(one["precision"], *one["precision_interval"])
            + "cairn above {:+.3f} [{:+.3f}, {:+.3f}]".format(above["difference"], *above["difference_interval"])
            + ("" if alike.all() else "  same label: AUROC {auroc:.3f}".format(**one["same_label"])),
            flush=True,
        )
    return results


def main() -> None:
    """Measure the tasks named on the command line, and write the results where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", nargs="+", choices=PEOPLE, default=list(PEOPLE))
    parser.add_argument("--rows", type=int, default=3000, help="of each task, at most")
    parser.add_argument("--seed", type=int, default=17)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    results: list[dict[str, Any]] = []
    for task in options.tasks:
        results += measure(task, options.rows, options.seed)
        if options.out:
            files.write_json(options.out, json.loads(json.dumps(results)))


if __name__ == "__main__":
    main()
