"""Test items in other languages found in an English set that holds their originals: ``score.contamination.translated``.

    CAIRN_HUB_MIRROR=../hub python benchmarks/translated.py --model ../hub/cairn/minilm-l6-multi

The English set is rows of MNLI, and originals of XNLI's test rows; the targets are the test rows in another language,
of which the originals of a third are in the set. No row of MNLI is in XNLI. For every language: the share of planted
originals whose margin is above that of all but 1% of MNLI's rows (and 0.1%), and both shares at fixed margins. The
mean of several draws of all rows, with the least and the greatest. The weights of what the margin is made of were set
on the validation set.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from curation import embed
from curation.core import files
from curation.core.task import Source
from curation.embed import store
from curation.fetch.sources import data
from curation.search import translations

FIELDS = ("premise", "hypothesis")
MARGINS = (1.1, 1.2, 1.3, 1.4, 1.5, 1.6)


def rows(source: Source, lang: str, seed: int) -> list[dict[str, Any]]:
    """Return all rows of a source, as the hub has them."""
    return list(data.rows(source, lang, {}, data.Bundled(None, seed)).rows)


def side(found: list[dict[str, Any]], lang: str, settings: embed.Params) -> translations.Side:
    """Return rows with their vectors."""
    columns: dict[str, list[str]] = {"lang": [lang] * len(found)}
    columns |= {field: [row[field] for row in found] for field in FIELDS}
    return translations.Side(pa.table(columns), FIELDS, [store.encode(columns[field], settings) for field in FIELDS])


def drawn(lang: str, settings: embed.Params, planted: int, clean: int, seed: int) -> dict[str, Any]:
    """Return what is found in one draw of ``planted`` and ``clean`` rows."""
    rng = np.random.default_rng(seed)
    xnli = Source("facebook/xnli", config="{lang}", split="test")
    english, foreign = rows(xnli, "en", seed), rows(xnli, lang, seed)
    asked = np.sort(rng.permutation(len(english))[: 3 * planted])
    there = np.sort(rng.permutation(asked)[:planted])
    mnli = rows(Source("nyu-mll/glue", config="mnli_pooled", split="train"), "en", seed)
    corpus = [english[i] for i in there] + [mnli[i] for i in rng.permutation(len(mnli))[:clean]]
    ours = side([foreign[i] for i in asked], lang, settings)
    found = translations.likeliest(ours, side(corpus, "en", settings), lambda texts: store.encode(texts, settings))
    best = np.zeros(len(corpus))  # of each row of the set, over the targets that it is likeliest for
    np.maximum.at(best, found.index, found.margin)
    leaks, others = best[:planted], best[planted:]
    return {
        "lang": lang, "seed": seed, "planted": len(leaks), "clean": len(others),
        **{f"recall_at_{p:g}": float((leaks > np.quantile(others, 1 - p)).mean()) for p in (0.01, 0.001)},
        "at": {f"{m:g}": [float((leaks >= m).mean()), float((others >= m).mean())] for m in MARGINS},
    }  # fmt: skip


def main() -> None:
    """Print one line per language; write all with ``--out``."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="package:all-MiniLM-L6-v2")
    parser.add_argument("--langs", nargs="+", default=["de", "es", "fr", "ru", "zh"])
    parser.add_argument("--planted", type=int, default=500)
    parser.add_argument("--clean", type=int, default=3000)
    parser.add_argument("--precision", default="auto", choices=["auto", "bf16", "fp32"])
    parser.add_argument("--seed", type=int, default=17, help="of the first draw; each of the others has the next")
    parser.add_argument("--draws", type=int, default=3)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    settings = embed.Params(
        model=given.model, revision=None, batch_size=256, max_length=128, precision=given.precision, word_gigabytes=None
    )
    results = []
    for lang in given.langs:
        some = [drawn(lang, settings, given.planted, given.clean, given.seed + draw) for draw in range(given.draws)]
        results += some
        found = ", at ".join(
            f"{p:.1%} {np.mean(values):.3f} ({min(values):.3f} to {max(values):.3f})"
            for p in (0.01, 0.001)
            for values in [[one[f"recall_at_{p:g}"] for one in some]]
        )
        fixed = ", ".join(
            "{}: {:.1%} and {:.1%}".format(m, *np.mean([one["at"][f"{m:g}"] for one in some], axis=0)) for m in MARGINS
        )
        print(f"{lang}  found at {found} false alarms; found and false at margin {fixed}", flush=True)
    if given.out:
        files.write_json(given.out, {"model": Path(given.model).name, "rows": results})


if __name__ == "__main__":
    main()
