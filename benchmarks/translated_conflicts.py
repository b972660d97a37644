"""Labels that differ between a row and its translation, found in one table of both: ``score.conflicts.translated``.

    CAIRN_HUB_MIRROR=../hub python benchmarks/translated_conflicts.py --model ../hub/cairn/minilm-l6-multi

Rows of the validation sets of XNLI and PAWS-X in English and German, whose labels are the same (where PAWS-X has other
ones, German has a placeholder for a text, and the row is left out); a tenth of the German labels is changed by us. For
several margins: the share of rows with another label in the other language that the scorer ``conflicts`` calls so, with
the right row as their twin; and the share of right calls among all. PAWS-X is made of pairs that are hard to tell
apart. One draw.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from curation import embed, tasks
from curation.core import files, records, seeds
from curation.core.task import Example, Reject, Source
from curation.embed import store
from curation.fetch.sources import data
from curation.score import scorers
from curation.score.scorers import conflicts
from curation.search import knn

if TYPE_CHECKING:
    from collections.abc import Callable

SETS = {"pawsx": "google-research-datasets/paws-x", "xnli": "facebook/xnli"}
MARGINS = (1.1, 1.2, 1.3, 1.4, 1.5)


def pairs(name: str, lang: str, seed: int) -> list[Example | None]:
    """Return the validation set in one language, in the order that all languages share; ``None``: not usable."""
    source = Source(SETS[name], config="{lang}", split="validation")
    found: list[Example | None] = []
    for row in data.rows(source, lang, {}, data.Bundled(None, seed)).rows:
        try:
            found.append(tasks.module(name).to_example(row))
        except Reject:
            found.append(None)
    return found


def measure(name: str, lang: str, count: int, share: float, settings: embed.Params, seed: int) -> list[dict[str, Any]]:
    """Return one result per margin."""
    rng = np.random.default_rng(seeds.derive(seed, "translated conflicts", name))
    whole, task = {one: pairs(name, one, seed) for one in ("en", lang)}, tasks.load(name)
    there = [at for at, both in enumerate(zip(*whole.values(), strict=True)) if None not in both]
    chosen = np.sort(rng.permutation(there)[:count]).tolist()
    sides = {one: [example for at in chosen if (example := rows[at])] for one, rows in whole.items()}
    labels = {one: np.array([example.label for example in rows]) for one, rows in sides.items()}
    changed = rng.permutation(len(chosen))[: round(share * len(chosen))]
    labels[lang][changed] = (labels[lang][changed] + 1) % len(task.labels)
    examples = [
        replace(example, label=int(label), key=f"{one} {at}")
        for one, rows in sides.items()
        for at, (example, label) in enumerate(zip(rows, labels[one], strict=True))
    ]
    langs = [one for one in sides for _ in chosen]
    ids = [f"{name}-{at:06}" for at in range(len(examples))]
    table = records.table(task.kind, ids, langs, examples)
    parts = {
        name: store.encode([getattr(example, name) or "" for example in examples], settings)
        for name in ("text_a", "text_b")
    }
    row = np.concatenate(list(parts.values()), 1).astype(np.float32) / np.sqrt(2)
    vectors = embed.Vectors(ids, row, parts)
    loaders: dict[str, Callable[..., Any]] = {
        "vectors": lambda: vectors,
        "neighbours": lambda: knn.graph(row, 10, "flat", 1.0)[0],
        "encode": lambda texts: store.encode(texts, settings),
    }
    inputs = scorers.Inputs(name, task, table, seed, loaders)
    n, differ = len(chosen), np.tile(labels["en"] != labels[lang], 2)
    other = np.roll(np.arange(2 * n), n)
    results = []
    for margin in MARGINS:
        section = conflicts.Params(similarity=0.8, edits=0.02, translated=margin)
        found = conflicts.score(inputs, section)
        called = np.array([one is not None for one in found["lang"].to_pylist()])
        twin = np.array([ids.index(one) if one else -1 for one in found["twin"].to_pylist()])
        right = called & differ & (twin == other)
        results.append({
            "set": name, "lang": lang, "rows": n, "differ": int(differ.sum()) // 2, "planted": len(changed),
            "margin": margin, "called": int(called.sum()), "recall": float(right[differ].mean()),
            "precision": float(right.sum() / max(called.sum(), 1)),
        })  # fmt: skip
        print(
            "{set} {lang}, {rows} rows, {differ} differ: margin {margin}: recall {recall:.3f}, "
            "precision {precision:.3f} of {called} called".format(**results[-1]),
            flush=True,
        )
    return results


def main() -> None:
    """Measure both sets."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="package:all-MiniLM-L6-v2")
    parser.add_argument("--lang", default="de")
    parser.add_argument("--rows", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=17)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    settings = embed.Params(
        model=given.model, revision=None, batch_size=256, max_length=128, precision="auto", word_gigabytes=None
    )
    results = measure("xnli", given.lang, given.rows // 2, 0.1, settings, given.seed)
    results += measure("pawsx", given.lang, given.rows, 0.1, settings, given.seed)
    if given.out:
        files.write_json(given.out, {"model": Path(given.model).name, "rows": json.loads(json.dumps(results))})


if __name__ == "__main__":
    main()
