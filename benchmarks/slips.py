"""Of texts with one slip of a keyboard or a scanner, how many pass the word check of near-duplicates, and why not.

    CAIRN_HUB_MIRROR=../hub python benchmarks/slips.py --rows 3000

Premises and hypotheses of SNLI, each beside a copy with one slip of a make that the check has no table of
(:mod:`curation.selftest.noise`); the copy's words count in the vocabulary, as in a corpus that holds it. No vectors are
made: this is an upper bound of what ``near_duplicates`` finds of such copies, and costs seconds.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path

import numpy as np
from label_errors import examples

from curation.core import files, params, seeds
from curation.language import dictionary, words
from curation.score.scorers import near_duplicates
from curation.score.wording import texts
from curation.selftest import noise

MAKES = ("keyboard", "scanned")


def why(one: tuple[str, ...], other: tuple[str, ...], known: texts.Vocabulary) -> str:
    """Return in a word why two texts do not pass the check."""
    left, right = ([word for word in a if word not in b] for a, b in ((one, other), (other, one)))
    if len(left) != 1 or len(right) != 1:
        return "an article or filler, or words split"
    a, b = left[0], right[0]
    if any(char.isdigit() for char in b):
        return "a digit at an end"
    if min(len(a), len(b)) < 3:
        return "a word under three letters"
    listed = dictionary.words("en") or {}
    if a in listed and b in listed:
        return "both are words"
    return "both words are rare" if known.counts[a] <= texts.RARE else "other"


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
        results[make] = {"texts": total, "passes": verdicts["passes"] / total, "verdicts": dict(verdicts.most_common())}
        print(f"{make}: {verdicts['passes'] / total:.3f} of {total:,} pass; {dict(verdicts.most_common())}")
    if options.out:
        files.write_json(options.out, json.loads(json.dumps(results)))


if __name__ == "__main__":
    main()
