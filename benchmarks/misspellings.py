"""When are two words one letter apart one word: the rule of near-duplicates, on real words and real misspellings.

    CAIRN_HUB_MIRROR=... python benchmarks/misspellings.py [--out benchmarks/results/misspellings.json]

Words come from every English row of two texts that the mirror has: SNLI and its counterfactuals, MNLI, XNLI, ANLI,
RTE, SICK, PAWS-X, QQP, STS-B, no row twice. They are told real by edited text (Wikipedia paragraphs of SQuAD and TyDi
QA, NTREX, the Bible), where a real word occurs three times and a misspelling never. Pairs are all words a letter apart
(:func:`texts.typo`) and, of these, the minimal pairs: two texts differ in that word and in nothing else. Two real words
that are called one word are a false merge, but for two spellings (*honored*, *honoured*); a real word and one that
edited text does not know are mostly a misspelling, and should be one. ``list``: the rule with a list of English words.
Corpora of several sizes are samples of the texts.
"""

from __future__ import annotations

import argparse
import json
import os
import random
from collections import Counter, defaultdict
from functools import partial
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq

from curation.language import words
from curation.score.wording import texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

PAIRS = (
    "stanfordnlp/snli/plain_text", "sagnikrayc/snli-cf-kaushik/plain_text", "nyu-mll/glue/mnli",
    "nyu-mll/glue/mnli_pooled", "facebook/xnli/en", "facebook/anli/plain_text", "nyu-mll/glue/rte",
    "RobZamp/sick/default", "google-research-datasets/paws-x/en", "nyu-mll/glue/qqp", "nyu-mll/glue/qqp_pooled",
    "PhilipMay/stsb_multi_mt/en",
)  # fmt: skip
SIDES = (
    ("premise", "hypothesis"), ("sentence1", "sentence2"), ("sentence_A", "sentence_B"), ("question1", "question2"),
)  # fmt: skip
EDITED = (
    "rajpurkar/squad/plain_text", "google-research-datasets/tydiqa/secondary_task", "mteb/NTREX/default",
    "christos-c/bible-corpus/eng",
)  # fmt: skip
Pair = tuple[str, str]


def tables(mirror: Path, folders: Iterable[str]) -> Iterator[Any]:
    """Yield every table of ``folders``."""
    for folder in folders:
        for file in sorted((mirror / folder).glob("*.parquet")):
            yield pq.read_table(file)


def rows(mirror: Path) -> list[Pair]:
    """Return the different pairs of texts."""
    found: dict[Pair, None] = {}
    for table in tables(mirror, PAIRS):
        one, other = next(sides for sides in SIDES if sides[0] in table.column_names)
        found |= dict.fromkeys(zip(table[one].to_pylist(), table[other].to_pylist(), strict=True))
    return [pair for pair in found if None not in pair]


def counted(found: Iterable[str]) -> Counter[str]:
    """Return how often each word occurs in texts."""
    return Counter(word for text in found for word in words.folded(text))


def edited(mirror: Path) -> Counter[str]:
    """Return the words of edited English text."""
    total: Counter[str] = Counter()
    for table in tables(mirror, EDITED):
        for name in ("context", "eng_Latn", "text"):
            if name in table.column_names:
                total += counted(set(table[name].to_pylist()))
    return total


def a_letter_apart(vocabulary: Iterable[str]) -> set[Pair]:
    """Return all pairs of words that a rule could call one, found by their common deletions."""
    by_rest: dict[str, set[str]] = defaultdict(set)
    for word in vocabulary:
        if len(word) > 1 and words.lettered(word):
            for rest in {word, *(word[:i] + word[i + 1 :] for i in range(len(word)))}:
                by_rest[rest].add(word)
    return {
        pair
        for some in by_rest.values()
        for pair in combinations(sorted(some), 2)
        if texts.typo(*pair, inflected=False)
    }


def minimal(said: Iterable[str]) -> set[Pair]:
    """Return the pairs of words in which two texts differ, and in nothing else."""
    by_rest: dict[int, set[str]] = defaultdict(set)
    for text in set(said):
        found = words.folded(text)
        for i, word in enumerate(found):
            if len(word) > 1:
                by_rest[hash((i, *found[:i], None, *found[i + 1 :]))].add(word)
    groups = [some for some in by_rest.values() if 1 < len(some) < 200]
    return {pair for some in groups for pair in combinations(sorted(some), 2) if texts.typo(*pair, inflected=False)}


def rules(counts: Counter[str]) -> dict[str, Callable[[str, str], bool]]:
    """Return the rule as it was (rare is a share of the corpus, 1 word in 20,000) and with several counts."""
    known = texts.Vocabulary(counts)
    share = max(2, sum(counts.values()) // 20_000)
    found = {"1 in 20,000": partial(known.misspelt, rare=share)}
    found |= {f"at most {rare}": partial(known.misspelt, rare=rare) for rare in (1, 2, 3, 5, 10)}
    return found | {f"list, at most {rare}": partial(known.misspelt, lang="en", rare=rare) for rare in (1, 2, 3, 5)}


def main() -> None:
    """Print a line per rule and size, and write the JSON when asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--shares", type=float, nargs="+", default=[0.125, 0.5, 1.0])
    options = parser.parse_args()
    mirror = Path(os.environ["CAIRN_HUB_MIRROR"])
    whole = rows(mirror)
    said = [text for row in whole for text in row]
    known, every, least = edited(mirror), a_letter_apart(counted(said)), minimal(said)
    results = []
    for share in options.shares:
        some = random.Random(17).sample(whole, round(share * len(whole)))
        counts = counted(text for row in some for text in row)
        here = {pair for pair in every if counts[pair[0]] and counts[pair[1]]}
        real = {pair for pair in here if min(known[word] for word in pair) >= 3}
        wrong = {
            (a, b)
            for pair in here
            for a, b in (pair, pair[::-1])
            if not known[a] and known[b] >= 3 and counts[a] < counts[b]
        }
        pairs = {
            "real": real,
            "real minimal": real & least,
            "misspelt": wrong,
            "misspelt minimal": {p for p in least if p in wrong or p[::-1] in wrong},
        }
        print(
            f"{len(some):,} rows, {sum(counts.values()):,} words; pairs: "
            + ", ".join(f"{len(p):,} {n}" for n, p in pairs.items())
        )
        for name, rule in rules(counts).items():
            found = {kind: sum(rule(*pair) for pair in of) for kind, of in pairs.items()}
            results.append(
                {"rows": len(some), "rule": name, "called one": found, "of": {k: len(p) for k, p in pairs.items()}}
            )
            print(f"    {name:16} " + "  ".join(f"{n:>6} {kind}" for kind, n in found.items()))
    if options.out:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
