"""One row made defective, whatever its config: the letters are changed elsewhere, the columns are known here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from curation.language import words
from curation.miniworld import boilerplate, damage, slips
from curation.miniworld.scene import Rng, maybe

Row = dict[str, Any]
FIELDS: Mapping[str, tuple[str, ...]] = {
    "nli": ("premise", "hypothesis"),
    "xnli": ("premise", "hypothesis"),
    "paraphrase": ("sentence1", "sentence2"),
    "qa": ("question",),
    "qa2": ("question",),
    "choice": ("context",),
    "topic": ("text",),
    "text": ("text",),
}
"""Config to the columns whose text may be written in another way: no label points into them."""
PAIRS = ("nli", "xnli", "paraphrase")
"""Configs of two sentences: leaks go from one to another, or to itself."""
INFERENCE = ("nli", "xnli")
"""Those of them that share their labels."""
TAGS: Mapping[str, str] = {"pos": "upos", "ner": "ner_tags"}
"""Config of tagged words to the column of the tags."""
OUTSIDE: Mapping[str, str] = {"pos": "X", "ner": "O"}
"""Tag of words that are no sentence."""


def slipped(config: str, row: Row, kind: str, rng: Rng, lang: str) -> tuple[Row, str]:
    """Return ``row`` with slips of the pen in one of its texts, or now and then in both, and their kind."""
    if config in TAGS:
        return _slipped_tokens(row, TAGS[config], kind, rng, lang)
    changed: Row = {}
    for name in some(FIELDS[config], rng, 0.2):
        found, done = slips.slipped(row[name], rng, lang, kind)
        if not changed or done == kind:  # a second slip only if it is of the same kind
            changed, kind = {**changed, name: found}, done
    return {**row, **changed}, kind


def _slipped_tokens(row: Row, column: str, kind: str, rng: Rng, lang: str) -> tuple[Row, str]:
    """Return ``row`` with a slip that words with tags can have: spaces are none of them."""
    tokens, tags = row["tokens"], row[column]
    short = [i for i in range(1, len(tokens)) if len(tokens[i]) <= 3 and tokens[i].isalpha() and tags[i][:2] != "B-"]
    if kind in ("spaces", "punctuation"):
        return {**row, "tokens": [*tokens[:-1], rng.choice(["!", "...", ".."])]}, "punctuation"
    if kind == "stutter" and short:
        at = rng.choice(short) + 1
        return {**row, "tokens": [*tokens[:at], *tokens[at - 1 :]], column: [*tags[:at], *tags[at - 1 :]]}, kind
    for name in ("typo", "case") if kind == "typo" else ("case",):
        found = slips.SLIPS[name](" ".join(tokens), rng, lang)
        if found not in (None, " ".join(tokens)):
            return {**row, "tokens": str(found).split(" ")}, name
    return {**row, "tokens": [token.upper() for token in tokens]}, "case"


def some(names: tuple[str, ...], rng: Rng, all_of_them: float) -> tuple[str, ...]:
    """Return all of ``names`` with probability ``all_of_them``, else one."""
    return names if maybe(rng, all_of_them) else (rng.choice(names),)


def off_topic(config: str, row: Row, order: int, rng: Rng, lang: str) -> Row:
    """Return ``row`` with what web pages say instead of its text; ``order`` keeps such rows different."""
    count = boilerplate.COUNT
    first = order * 7 % count
    second = (first + 1 + order // count % (count - 1)) % count
    one, two = boilerplate.line(first, rng, lang), boilerplate.line(second, rng, lang)
    if config in TAGS:
        tokens = words.split(one)
        tags = ["PUNCT" if config == "pos" and not token.isalnum() else OUTSIDE[config] for token in tokens]
        return {**row, "tokens": tokens, TAGS[config]: tags}
    if config in ("qa", "qa2"):
        context = f"{one} {two}"
        found = row["answers"]["text"] and [random_span(context, rng)]
        return {**row, "context": context, "answers": _answers(found)}
    if config == "choice":
        return {**row, "context": f"{one} {two}"}
    return {**row, **dict(zip(FIELDS[config], (one, two), strict=False))}


def random_span(context: str, rng: Rng) -> tuple[str, int]:
    """Return one to three words of ``context`` and where they start."""
    places = words.places(context)
    first = rng.randrange(len(places))
    last = min(first + rng.randrange(3), len(places) - 1)
    return context[places[first][0] : places[last][1]], places[first][0]


def _answers(found: list[tuple[str, int]]) -> dict[str, list[Any]]:
    return {"text": [text for text, _ in found], "answer_start": [start for _, start in found]}


def garbled(config: str, row: Row, kind: str, rng: Rng) -> Row:
    """Return ``row`` with unreadable text; an answer stays where its words are, however they look now."""
    break_ = damage.GARBLED[kind]
    if config in TAGS:
        tokens = row["tokens"]
        if kind != "markup":
            return {**row, "tokens": [break_(token, rng) for token in tokens]}
        hit = set(rng.sample(range(len(tokens)), max(1, len(tokens) // 4)))
        marked = [f"<b>{token}</b>{rng.choice(damage.ENTITIES)}" for token in tokens]
        return {**row, "tokens": [marked[i] if i in hit else token for i, token in enumerate(tokens)]}
    if config in ("qa", "qa2"):
        return _garbled_context(row, kind, rng)
    if config == "choice":
        return {
            **row,
            "context": break_(row["context"], rng),
            "choices": [break_(text, rng) for text in row["choices"]],
        }
    return {**row, **{name: break_(row[name], rng) for name in some(FIELDS[config], rng, 0.5)}}


def _garbled_context(row: Row, kind: str, rng: Rng) -> Row:
    context, answers = row["context"], row["answers"]
    break_ = damage.GARBLED[kind]
    if not answers["text"]:
        return {**row, "context": break_(context, rng)}
    start, answer = answers["answer_start"][0], answers["text"][0]
    before, after = context[:start], context[start + len(answer) :]
    if kind == "markup":
        before, after = (break_(before, rng), after) if len(before) > len(after) else (before, break_(after, rng))
    else:
        before, answer, after = (break_(part, rng) if part else part for part in (before, answer, after))
    return {**row, "context": before + answer + after, "answers": _answers([(answer, len(before))])}
