"""Near-duplicates found by Cairn, by MinHash LSH (datasketch), and by vectors alone, on the same rows in the same run.

    python benchmarks/duplicates.py data/intermediate/snli/train.parquet --rows 8000

Into rows of kind ``pair`` it plants copies with slips (case, punctuation, spaces, a typo, an article or filler) and, as
many, copies that look alike but say something else (a negation, a number, another word, fields swapped). With ``--slips
unknown`` the slips are of a make that no rule of Cairn was written for: a letter struck on a neighbouring key, or read
wrongly by a scanner (:mod:`curation.selftest.noise`). Recall: share
of the planted slips found. Precision: share of the pairs found that were planted as slips. The rivals may tune their
threshold on the truth; Cairn runs with the parameters of params.yaml.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from curation import embed
from curation.core import params, records
from curation.core.task import Example
from curation.embed import store
from curation.language import words
from curation.score.scorers import near_duplicates
from curation.score.wording import duplicates, texts
from curation.search import knn
from curation.selftest import noise

Pairs = set[tuple[int, int]]
NUMBERS = ("two", "three", "four", "five", "seven", "eight")


def slip(text: str, rng: random.Random) -> str:
    """Return ``text`` with one slip that leaves what it says untouched."""
    words = text.split()
    at = rng.randrange(len(words))
    long = [i for i, word in enumerate(words) if len(word) > 4 and word.isalpha()]
    kind = rng.choice(("case", "punctuation", "space", "typo", "typo", "article", "filler"))
    if kind == "typo" and long:
        at = rng.choice(long)
        word, i = words[at], rng.randrange(1, len(words[at]) - 2)
        words[at] = rng.choice(
            (word[:i] + word[i + 1 :], word[:i] + word[i + 1] + word[i] + word[i + 2 :], word[:i] + word[i] + word[i:])
        )
    elif kind == "article" and any(word in ("a", "the") for word in words):
        at = next(i for i, word in enumerate(words) if word in ("a", "the"))
        words[at] = "the" if words[at] == "a" else "a"
    elif kind == "filler":
        words.insert(at + 1, rng.choice(("really", "just", "then")))
    elif kind == "space":
        words[at] = f" {words[at]} "
    elif kind == "case":
        return rng.choice((text.upper(), text.lower(), text.title()))
    else:
        return text.rstrip(".") if text.endswith(".") else f"{text}{rng.choice('.!…')}"
    return " ".join(words)


def unknown_slip(text: str, rng: random.Random) -> str:
    """Return ``text`` with one slip of a keyboard or of a scanner."""
    make = noise.keyboard if rng.random() < 0.5 else noise.scanned
    return make(text, np.random.default_rng(rng.randrange(2**32)))


SLIPS = {"ours": slip, "unknown": unknown_slip}


def change(row: Example, rng: random.Random, vocabulary: list[str]) -> Example:
    """Return a row that looks like ``row`` but says something else."""
    words = (row.text_b or "").split()
    kind = rng.choice(("negation", "number", "word", "swap"))
    if kind == "negation":
        words.insert(min(len(words), 2), "not")
    elif kind == "number":
        words.insert(0, rng.choice(NUMBERS))
    elif kind == "word":
        words[rng.randrange(len(words))] = rng.choice(vocabulary)
    else:
        return replace(row, text_a=row.text_b, text_b=row.text_a)
    return replace(row, text_b=" ".join(words))


def planted(
    base: list[Example], share: float, rng: random.Random, make: Callable[[str, random.Random], str]
) -> tuple[list[Example], Pairs]:
    """Return the rows with copies added, and the pairs of positions that are slips of each other."""
    known = texts.Vocabulary.of(words.folded(row.text_b or "") for row in base)
    vocabulary = [word for word, count in Counter(known.counts).most_common(400) if len(word) > 3]
    rows, truth = list(base), set()
    for at in rng.sample(range(len(base)), round(share * len(base))):
        row = base[at]
        fields = rng.choice((("text_a",), ("text_b",), ("text_a", "text_b")))
        truth.add((at, len(rows)))
        rows.append(replace(row, **{name: make(getattr(row, name), rng) for name in fields}))
    rows.extend(change(base[at], rng, vocabulary) for at in rng.sample(range(len(base)), round(share * len(base))))
    return rows, truth


def ours(table: Any, graph: knn.Neighbours, at: list[int]) -> Pairs:
    """Return the pairs of Cairn's groups; ``at`` maps record order to planting order."""
    section = params.read(near_duplicates.Params, "score.near_duplicates")
    groups = duplicates.find(table, graph, section.similarity, section.edits)
    return {tuple(sorted((at[i], at[j]))) for group in groups.members for i, j in combinations(group, 2)}  # type: ignore[misc]


def minhash(rows: list[Example], threshold: float) -> Pairs:
    """Return the pairs that datasketch's MinHash LSH calls similar: character 5-grams of both fields, 128 hashes."""
    from datasketch import MinHash, MinHashLSH

    lsh, pairs = MinHashLSH(threshold=threshold, num_perm=128), set()
    shingles = []
    for row in rows:
        text = f"{words.normal(row.text_a or '')} | {words.normal(row.text_b or '')}"
        shingles.append([text[i : i + 5].encode() for i in range(max(1, len(text) - 4))])
    for i, signature in enumerate(MinHash.generator(shingles, num_perm=128)):
        pairs |= {(j, i) for j in lsh.query(signature)}
        lsh.insert(i, signature)
    return pairs


def vectors_only(graph: knn.Neighbours, at: list[int], threshold: float) -> Pairs:
    """Return the pairs of neighbours above a cosine, without looking at the words."""
    near, columns = np.nonzero(graph.similarity >= threshold)
    others = graph.indices[near, columns]
    return {tuple(sorted((at[i], at[j]))) for i, j in zip(near.tolist(), others.tolist(), strict=True)}  # type: ignore[misc]


def judged(found: Pairs, truth: Pairs) -> tuple[float, float, float]:
    """Return recall, precision and F1."""
    hits = len(found & truth)
    recall, precision = hits / len(truth), hits / max(len(found), 1)
    return recall, precision, 2 * recall * precision / max(recall + precision, 1e-9)


def main() -> None:
    """Print one line per method."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("records", type=Path)
    parser.add_argument("--rows", type=int, default=4000)
    parser.add_argument("--share", type=float, default=0.05)
    parser.add_argument("--slips", choices=SLIPS, default="ours")
    parser.add_argument("--no-minhash", action="store_true", help="leave out datasketch, which is slow")
    parser.add_argument("--seed", type=int, default=17)
    options = parser.parse_args()
    found_rows = records.read(options.records).slice(0, options.rows).to_pylist()
    base = [Example(text_a=row["text_a"], text_b=row["text_b"], label=row["label"]) for row in found_rows]
    rows, truth = planted(base, options.share, random.Random(options.seed), SLIPS[options.slips])
    table = records.table(
        "pair",
        [f"t-{i:09}" for i in range(len(rows))],
        ["en"] * len(rows),
        [replace(row, key=str(i)) for i, row in enumerate(rows)],
    )
    at = list(range(len(rows)))
    encoded = store.encode(store.row_texts("pair", table.to_pylist()), params.read(embed.Params, "embed"))

    begun = time.perf_counter()
    graph, _ = knn.graph(encoded, 10, "flat", 1.0)
    searched = time.perf_counter() - begun
    begun = time.perf_counter()
    mine = ours(table, graph, at)
    results = {"cairn": (judged(mine, truth), searched + time.perf_counter() - begun, "params.yaml")}
    tries = {}
    for threshold in () if options.no_minhash else (0.5, 0.6, 0.7, 0.8, 0.9):
        begun = time.perf_counter()
        found = minhash(rows, threshold)
        tries[threshold] = (judged(found, truth), time.perf_counter() - begun, f"threshold {threshold}")
    if tries:
        results["datasketch MinHash LSH"] = max(tries.values(), key=lambda tried: tried[0][2])
    tuned = [
        (judged(vectors_only(graph, at, cosine), truth), searched, f"cosine {cosine:.2f}")
        for cosine in np.arange(0.80, 1.0, 0.01)
    ]
    results["vectors alone"] = max(tuned, key=lambda tried: tried[0][2])

    print(
        f"{len(rows)} rows, {len(truth)} planted slips, as many look-alikes; vectors are made by `embed` and not timed"
    )
    print(f"{'method':24} recall  precision  F1     seconds  time / cairn  setting")
    for name, ((recall, precision, f1), seconds, setting) in results.items():
        ratio = seconds / results["cairn"][1]
        print(f"{name:24} {recall:.3f}   {precision:.3f}      {f1:.3f}  {seconds:7.2f}  {ratio:12.2f}  {setting}")


if __name__ == "__main__":
    main()
