"""Test items in other languages found in an English set that holds their originals: ``score.contamination.translated``.

    CAIRN_HUB_MIRROR=../hub python benchmarks/translated.py --model ../hub/cairn/minilm-l6-multi

The English set is rows of MNLI, and originals of XNLI's test rows; the targets are the test rows in another language,
of which the originals of a third are in the set. No row of MNLI is in XNLI. For every language: the share of planted
originals whose margin is above that of all but 1% of MNLI's rows (and 0.1%), and both shares at fixed margins. One
draw of rows.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np

from curation import embed
from curation.core import files
from curation.core.task import Source
from curation.embed import store
from curation.fetch.sources import data
from curation.search import margin

FIELDS = ("premise", "hypothesis")
MARGINS = (1.05, 1.1, 1.15, 1.2, 1.3)


def rows(source: Source, lang: str, seed: int) -> list[dict[str, Any]]:
    """Return all rows of a source, as the hub has them."""
    return list(data.rows(source, lang, {}, data.Bundled(None, seed)).rows)


def main() -> None:
    """Print one line per language; write all with ``--out``."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="package:all-MiniLM-L6-v2")
    parser.add_argument("--langs", nargs="+", default=["de", "es", "fr", "ru", "zh"])
    parser.add_argument("--planted", type=int, default=500)
    parser.add_argument("--clean", type=int, default=3000)
    parser.add_argument("--precision", default="auto", choices=["auto", "bf16", "fp32"])
    parser.add_argument("--seed", type=int, default=17)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    settings = embed.Params(
        model=given.model, revision=None, batch_size=256, max_length=128, precision=given.precision, word_gigabytes=None
    )
    rng = np.random.default_rng(given.seed)
    xnli = Source("facebook/xnli", config="{lang}", split="test")
    english = rows(xnli, "en", given.seed)
    asked = np.sort(rng.permutation(len(english))[: 3 * given.planted])
    planted = np.sort(rng.permutation(asked)[: given.planted])
    mnli = rows(Source("nyu-mll/glue", config="mnli_pooled", split="train"), "en", given.seed)
    clean = [mnli[i] for i in rng.permutation(len(mnli))[: given.clean]]
    corpus_rows = [english[i] for i in planted] + clean
    corpus = [store.encode([row[field] for row in corpus_rows], settings) for field in FIELDS]
    results = []
    for lang in given.langs:
        foreign = rows(xnli, lang, given.seed)
        found = margin.likeliest(
            [store.encode([foreign[i][field] for i in asked], settings) for field in FIELDS], corpus, lang
        )
        best = np.zeros(len(corpus_rows))  # of each row of the set, over the targets that it is likeliest for
        np.maximum.at(best, found.index, found.margin)
        leaks, others = best[: len(planted)], best[len(planted) :]
        one = {
            "lang": lang, "planted": len(leaks), "clean": len(others),
            **{f"recall_at_{p:g}": float((leaks > np.quantile(others, 1 - p)).mean()) for p in (0.01, 0.001)},
            "at": {f"{m:g}": [float((leaks >= m).mean()), float((others >= m).mean())] for m in MARGINS},
        }  # fmt: skip
        results.append(one)
        fixed = ", ".join(f"{m}: {a:.1%} and {b:.1%}" for m, (a, b) in one["at"].items())
        print(
            f"{lang}  found at 1% false alarms {one['recall_at_0.01']:.3f}, at 0.1% {one['recall_at_0.001']:.3f}; "
            f"found and false at margin {fixed}",
            flush=True,
        )
    if given.out:
        files.write_json(given.out, {"model": Path(given.model).name, "rows": results})


if __name__ == "__main__":
    main()
