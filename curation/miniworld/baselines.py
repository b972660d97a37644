"""What trivial models score on the miniworld: ``python -m curation.miniworld.baselines [ROWS]`` prints a table.

A task that one of them solves would say nothing about curation or transfer. Each is fitted on clean English train rows
and scored on English test rows; ``words`` see one side only, where their name says so.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from curation.miniworld import rows

Row = Mapping[str, Any]
SIDES: Mapping[str, tuple[str, str]] = {
    "nli": ("premise", "hypothesis"),
    "xnli": ("premise", "hypothesis"),
    "paraphrase": ("sentence1", "sentence2"),
}
TEST_SHARE = 4
"""One test row for so many train rows."""


def words(text: str) -> list[str]:
    """Return the words of ``text`` in small letters, without marks."""
    return "".join(letter if letter.isalnum() else " " for letter in text.lower()).split()


def overlap(a: str, b: str) -> list[float]:
    """Return how much of each text is in the other, and the Jaccard similarity of their words.

    >>> overlap("a dog ran", "a dog")
    [1.0, 0.6666666666666666, 0.6666666666666666]
    """
    first, second = set(words(a)), set(words(b))
    both = len(first & second)
    return [both / max(1, len(second)), both / max(1, len(first)), both / max(1, len(first | second))]


def lengths(a: str, b: str) -> list[float]:
    """Return the number of words of both texts, their difference, and its size."""
    first, second = len(words(a)), len(words(b))
    return [first, second, second - first, abs(second - first)]


def pair(config: str, train: Sequence[Row], test: Sequence[Row]) -> dict[str, float]:
    """Return the accuracy of each baseline of a task of two texts."""
    one, two = SIDES[config]
    gold = [row["label"] for row in train], [row["label"] for row in test]

    def tree(features: Callable[[str, str], list[float]]) -> float:
        x = [[features(row[one], row[two]) for row in part] for part in (train, test)]
        return _tree(x[0], gold[0], x[1], gold[1])

    def bag(read: Callable[[Row], str]) -> float:
        return _bag([read(row) for row in train], gold[0], [read(row) for row in test], gold[1])

    return {
        "majority": _majority(*gold),
        "overlap": tree(overlap),
        "length": tree(lengths),
        "overlap and length": tree(lambda a, b: overlap(a, b) + lengths(a, b)),
        "words of second text": bag(lambda row: row[two]),
        "words of first text": bag(lambda row: row[one]),
        "words of both texts": bag(lambda row: row[one] + " " + " ".join(f"2_{w}" for w in words(row[two]))),
    }


def choice(test: Sequence[Row]) -> dict[str, float]:
    """Return the accuracy of picking a choice by place, length or words, without reading the story."""
    found = {
        "chance": [1 / len(row["choices"]) for row in test],
        "first": [float(row["label"] == 0) for row in test],
        "longest": [_picked(row, [len(choice) for choice in row["choices"]]) for row in test],
        "shortest": [_picked(row, [-len(choice) for choice in row["choices"]]) for row in test],
        "overlap": [_picked(row, [overlap(row["context"], choice)[0] for choice in row["choices"]]) for row in test],
    }
    return {name: sum(values) / len(values) for name, values in found.items()}


def _picked(row: Row, scores: Sequence[float]) -> float:
    """Return the chance to be right of one who picks among the highest scores."""
    best = [i for i, score in enumerate(scores) if score == max(scores)]
    return (row["label"] in best) / len(best)


def span(test: Sequence[Row]) -> dict[str, float]:
    """Return how often the right answer is found by its place: the first words, or the best sentence."""
    exact = {"first name or word": 0.0, "sentence of most question words": 0.0}
    answered = [row for row in test if row["answers"]["text"]]
    for row in answered:
        answer, start = row["answers"]["text"][0], row["answers"]["answer_start"][0]
        sentences = row["context"].split(". ")
        asked = set(words(row["question"]))
        best = max(range(len(sentences)), key=lambda i: len(asked & set(words(sentences[i]))))
        ends = [sum(len(sentence) + 2 for sentence in sentences[: i + 1]) for i in range(len(sentences))]
        inside = next(i for i, end in enumerate(ends) if start < end)
        exact["first name or word"] += row["context"].startswith(answer)
        exact["sentence of most question words"] += best == inside
    return {name: value / len(answered) for name, value in exact.items()}


def tags(config: str, train: Sequence[Row], test: Sequence[Row]) -> dict[str, float]:
    """Return the share of right tags of the most frequent tag, and of the most frequent tag of each word."""
    column = {"pos": "upos", "ner": "ner_tags"}[config]
    seen: dict[str, Counter[str]] = {}
    everything: Counter[str] = Counter()
    for row in train:
        for token, tag in zip(row["tokens"], row[column], strict=True):
            seen.setdefault(token, Counter())[tag] += 1
            everything[tag] += 1
    common = everything.most_common(1)[0][0]
    pairs = [pair for row in test for pair in zip(row["tokens"], row[column], strict=True)]
    by_word = [seen[token].most_common(1)[0][0] if token in seen else common for token, _ in pairs]
    return {
        "majority": sum(tag == common for _, tag in pairs) / len(pairs),
        "word alone": sum(tag == guess for (_, tag), guess in zip(pairs, by_word, strict=True)) / len(pairs),
    }


def _majority(train: Sequence[int], test: Sequence[int]) -> float:
    common = Counter(train).most_common(1)[0][0]
    return sum(label == common for label in test) / len(test)


def _tree(x: Any, y: Sequence[int], x_test: Any, y_test: Sequence[int]) -> float:
    from sklearn.tree import DecisionTreeClassifier

    return float(DecisionTreeClassifier(max_leaf_nodes=16, random_state=0).fit(x, y).score(x_test, y_test))


def _bag(x: Sequence[str], y: Sequence[int], x_test: Sequence[str], y_test: Sequence[int]) -> float:
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    model = make_pipeline(
        CountVectorizer(tokenizer=str.split, token_pattern=None, binary=True), LogisticRegression(C=0.1, max_iter=500)
    )
    return float(model.fit(x, y).score(x_test, y_test))


def measure(config: str, n: int, seed: int) -> dict[str, float]:
    """Return baseline to score (share of right answers) of ``config``, fitted on ``n`` rows."""
    train, test = rows(config, "train", "en", n, seed), rows(config, "test", "en", n // TEST_SHARE, seed)
    if config in SIDES:
        return pair(config, train, test)
    if config == "choice":
        return choice(test)
    return span(test) if config == "qa" else tags(config, train, test)


def main(n: int = 4000, seed: int = 7) -> None:
    """Print a table of all tasks."""
    for config in (*SIDES, "choice", "qa", "pos", "ner"):
        for name, value in measure(config, n, seed).items():
            sys.stdout.write(f"{config:<12}{name:<34}{value:.3f}\n")


if __name__ == "__main__":
    main(*(int(value) for value in sys.argv[1:2]))
