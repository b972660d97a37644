"""When are two words one letter apart one word: the rule of near-duplicates, on real words and real misspellings.

    CAIRN_HUB_MIRROR=... python benchmarks/misspellings.py [--out benchmarks/results/misspellings.json]

Words come from the premises and hypotheses of SNLI, MNLI and ANLI; they are told real by edited text (Wikipedia
paragraphs of SQuAD and TyDi QA, NTREX, the Bible), where a real word occurs three times and a misspelling never. Pairs:
all words of the vocabulary that :func:`slip` calls a letter apart, and apart from them the minimal pairs, which stand in
the same place of two hypotheses of one premise. A pair of two real words that is called one word is a false merge; a
pair of a real word and one that edited text does not know is a misspelling, and should be. Larger corpora are the same rows
counted several times: the rule sees counts only.
"""

from __future__ import annotations

import argparse
import json
import os
from collections import Counter, defaultdict
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq

from curation.language import words
from curation.score.wording import texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

NLI = ("stanfordnlp/snli/plain_text", "nyu-mll/glue/mnli", "nyu-mll/glue/mnli_pooled", "facebook/anli/plain_text")
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
    """Return all pairs of words that :func:`slip` calls a slip of each other, found by their common deletions."""
    by_rest: dict[str, set[str]] = defaultdict(set)
    for word in vocabulary:
        if len(word) > 2 and words.lettered(word):
            for rest in {word, *(word[:i] + word[i + 1 :] for i in range(len(word)))}:
                by_rest[rest].add(word)
    return {pair for some in by_rest.values() for pair in combinations(sorted(some), 2) if texts.slip(*pair)}


def minimal(by_premise: dict[str, set[str]]) -> set[Pair]:
    """Return the pairs of words in which two hypotheses of one premise differ, and in nothing else."""
    pairs = set()
    for said in by_premise.values():
        split = [words.folded(text) for text in sorted(said)]
        for one, other in combinations(split, 2):
            if len(one) == len(other):
                apart = [(a, b) for a, b in zip(one, other, strict=True) if a != b]
                if len(apart) == 1 and texts.slip(*apart[0]):
                    pairs.add(tuple(sorted(apart[0])))
    return pairs  # type: ignore[return-value]


def by_share(counts: Counter[str], times: int) -> Callable[[str, str], bool]:
    """Return the rule as it was: rare is a share (1 in 20,000) of the corpus."""
    found = texts.Vocabulary({word: count * times for word, count in counts.items()})
    return lambda a, b: found.misspelt(a, b, rare=max(2, sum(counts.values()) * times // 20_000))


def by_count(counts: Counter[str], times: int, rare: int) -> Callable[[str, str], bool]:
    """Return the rule with ``rare`` as a count."""
    found = texts.Vocabulary({word: count * times for word, count in counts.items()})
    return lambda a, b: found.misspelt(a, b, rare=rare)


def main() -> None:
    """Print a line per rule and size, and write the JSON when asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--times", type=int, nargs="+", default=[1, 7, 20])
    options = parser.parse_args()
    mirror = Path(os.environ["CAIRN_HUB_MIRROR"])
    said: list[str] = []
    by_premise: dict[str, set[str]] = defaultdict(set)
    rows = 0
    for table in tables(mirror, NLI):
        rows += table.num_rows
        for premise, hypothesis in zip(table["premise"].to_pylist(), table["hypothesis"].to_pylist(), strict=True):
            said += [premise, hypothesis]
            by_premise[premise].add(hypothesis)
    counts, known = counted(said), edited(mirror)
    every, least = a_letter_apart(counts), minimal(by_premise)
    real = {pair for pair in every if min(known[word] for word in pair) >= 3}
    wrong = {pair for pair in every if sorted(known[word] > 2 for word in pair) == [False, True]
             and min(known[word] for word in pair) == 0
             and counts[min(pair, key=known.__getitem__)] < counts[max(pair, key=known.__getitem__)]}  # fmt: skip
    pairs = {"real words": real, "minimal pairs of real words": real & least, "misspellings": wrong}
    print(f"{rows:,} rows, {sum(counts.values()):,} words, {len(counts):,} different; edited: {sum(known.values()):,}")
    print("called one word, of " + ", ".join(f"{len(some):,} {name}" for name, some in pairs.items()))
    results = []
    for times in options.times:
        rules = {"a share, 1 in 20,000": by_share(counts, times)}
        rules |= {f"at most {rare}": by_count(counts, times, rare) for rare in (1, 2, 3, 5, 10)}
        for name, rule in rules.items():
            found = {kind: sum(rule(*pair) for pair in some) for kind, some in pairs.items()}
            results.append({"rows": rows * times, "rule": name, **found})
            print(f"{rows * times:>9,} rows  {name:20} " + "  ".join(f"{n:>6} {kind}" for kind, n in found.items()))
    if options.out:
        document = {"rows": rows, "pairs": {name: len(some) for name, some in pairs.items()}, "called one": results}
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
