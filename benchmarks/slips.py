"""Of texts with one slip of a keyboard or a scanner, how many pass the word check of near-duplicates, and why not.

    CAIRN_HUB_MIRROR=../hub python benchmarks/slips.py --rows 3000

Premises and hypotheses of SNLI, each beside a copy with one slip of a make that the check has no table of
(:mod:`curation.selftest.noise`); the copy's words count in the vocabulary, as in a corpus that holds it. No vectors are
made: this is an upper bound of what ``near_duplicates`` finds of such copies, and costs seconds. ``without those of two
words``: the share that would pass if all did but those whose slip made another word. ``in one table``: of the copies
of every tenth text those that pass where all are in one table, and those found in a group with their original there.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path

import numpy as np
from label_errors import examples

from curation.core import files, params, records, seeds
from curation.core.task import Example
from curation.language import dictionary, words
from curation.score.scorers import near_duplicates
from curation.score.wording import duplicates, interned, texts
from curation.search import knn
from curation.selftest import noise

MAKES = ("keyboard", "scanned")
BOTH = "both are words"
"""Both are in the list of English words, as two words of a minimal pair are: no rule that asks the list alone tells."""


def why(one: tuple[str, ...], other: tuple[str, ...], known: texts.Vocabulary) -> str:
    """Return in a word why two texts do not pass the check."""
    pairs = [(a, b) for a, b in zip(one, other, strict=False) if a != b]
    if len(one) != len(other) or len(pairs) != 1:
        return "words split or joined"
    a, b = pairs[0]
    if any(char.isdigit() for char in b):
        return "a digit, in a short word or at an end"
    if a in texts.LIGHT["en"]:
        return "an article or filler"
    listed = dictionary.words("en") or {}
    if a in listed and b in listed:
        return BOTH
    return "both words are rare" if known.counts[a] <= texts.RARE else "other"


def found_alone(said: list[str], make: str, edits: float, rng: np.random.Generator) -> tuple[float, float]:
    """Return the share of copies with a slip that pass the check, and that are grouped with their originals.

    All of them are in one table, where no row has a neighbour.
    """
    copies = {at: noise.TEXTS[make](said[at], rng) for at in range(0, len(said), 10)}
    rows = [Example(text=text) for text in [*said, *copies.values()]]
    table = records.table("classify", [f"{at:06}" for at in range(len(rows))], ["en"] * len(rows), rows)
    none = knn.Neighbours(np.zeros((len(rows), 0), np.int32), np.zeros((len(rows), 0), np.float32))
    of, known = duplicates.find(table, none, 0.8, edits).of(), interned.vocabulary(interned.rows(table))
    pairs = [(at, len(said) + place) for place, at in enumerate(copies) if copies[at] != said[at]]
    found = [a in of and of.get(a) == of.get(b) for a, b in pairs]
    passed = [texts.same(words.folded(said[a]), words.folded(copies[a]), "en", known, edits) for a, _ in pairs]
    return float(np.mean(passed)), float(np.mean(found))


def main() -> None:
    """Print and write the share that passes, by make, and the reasons of the rest."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=17)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    found = examples("snli", options.rows, options.seed)
    said = list(dict.fromkeys(text or "" for row in found for text in (row.text_a, row.text_b)))
    edits = params.read(near_duplicates.Params, "score.near_duplicates").edits
    counts = Counter(word for text in said for word in words.folded(text))
    results = {}
    for make in MAKES:
        rng = np.random.default_rng(seeds.derive(options.seed, "slips", make))
        verdicts: Counter[str] = Counter()
        for text in said:
            one, other = words.folded(text), words.folded(noise.TEXTS[make](text, rng))
            if one == other:
                continue  # in capitals or punctuation only
            counts.update(other)
            known = texts.Vocabulary(counts)
            verdicts["passes" if texts.same(one, other, "en", known, edits) else why(one, other, known)] += 1
            counts.subtract(other)
        total = verdicts.total()
        shares = {"passes": verdicts["passes"] / total, "without those of two words": 1 - verdicts[BOTH] / total}
        shares["in one table"], shares["found there without neighbours"] = found_alone(said, make, edits, rng)
        results[make] = {"texts": total, **shares, "verdicts": dict(verdicts.most_common())}
        print(f"{make}, {total:,} texts: " + ", ".join(f"{name} {share:.3f}" for name, share in shares.items()))
        print("   ", dict(verdicts.most_common()))
    if options.out:
        files.write_json(options.out, json.loads(json.dumps(results)))


if __name__ == "__main__":
    main()
