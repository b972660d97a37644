"""Mewsli-X (Ruder et al. 2021): find the entity that a mention in the news means, among a million descriptions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from curation.rows import columns
from curation.tasks import Example, Reject, Source, Task

SUPPLY = (
    "Mewsli-X is built by get-mewsli-x.sh in https://github.com/google-research/google-research, folder "
    "dense_representations_for_entity_retrieval/mel: it puts the texts of WikiNews back. Put candidate_set_entities"
    ".jsonl, wikinews_mentions-dev.jsonl and wikinews_mentions-test.jsonl from its mewsli_x/output/dataset into the "
    "task folder, in mewslix."
)
_DEV = {
    "ar": 318, "de": 326, "en": 316, "es": 311, "fa": 72, "ja": 310, "pl": 304, "ro": 145, "ta": 312, "tr": 262,
    "uk": 315,
}  # fmt: skip
_TEST = {
    "ar": 1_501, "de": 1_551, "en": 1_490, "es": 1_552, "fa": 458, "ja": 1_519, "pl": 1_562, "ro": 672, "ta": 1_567,
    "tr": 1_215, "uk": 1_537,
}  # fmt: skip
_BRACES = re.compile(r"\{(.*?)\}")


def mentions(row: Mapping[str, Any], lang: str, _key: str) -> Iterable[Mapping[str, Any]]:
    """Yield the mentions of an article in ``lang``, each with its article."""
    context = row["context"]
    if context["language"] == lang:
        for mention in row["mentions"]:
            yield {
                "side": "query",
                "key": mention["example_id"],
                "gold": mention["entity_id"],
                "lang": lang,
                "span": mention["mention_span"],
                "group": context["document_id"],
                "text": context["text"],
                "sentence_spans": context["sentence_spans"],
            }


def entity(row: Mapping[str, Any], _lang: str, _key: str) -> Iterable[Mapping[str, Any]]:
    """Yield an entity of the candidate set in the language of its description."""
    yield {
        "side": "candidate",
        "key": row["entity_id"],
        "lang": row["description_language"],
        "text": row["description"],
        "sentence_spans": row["sentence_spans"],
    }


_CANDIDATES = Source(
    "file:mewslix/candidate_set_entities.jsonl",
    split="all",
    languages=("mul",),  # ISO 639-2: several languages in one file
    unfold=entity,
    expected_rows=1_003_893,
    supply=SUPPLY,
)


def _mentions(split: str, rows: Mapping[str, int]) -> Source:
    return Source(
        "file:mewslix/wikinews_mentions-{split}.jsonl",
        split=split,
        languages=tuple(rows),
        unfold=mentions,
        expected_rows=rows,
        supply=SUPPLY,
        candidates=_CANDIDATES,
    )


TASK = Task(
    kind="bitext",
    metric="ranking",
    dev=_mentions("dev", _DEV),
    test=_mentions("test", _TEST),
    licence="not stated; texts of Wikipedia (CC BY-SA) and WikiNews (CC BY)",
    citation="Ruder et al. 2021, XTREME-R: Towards more challenging and nuanced multilingual evaluation",
    note="Mentions in eleven languages, descriptions in fifty. As in XTREME-R's baseline a query is the mention, a "
    "colon and its sentence with the mention in braces, and a candidate is the description; XTREME-R cuts both at 64 "
    "tokens (retrieve.max_length). One entity is right: mAP@20 is the reciprocal rank. Published models were trained "
    "on Wikipedia's links for this task; here the encoder is scored as it is. The released data is newer than the "
    "paper's.",
)


def to_example(row: Mapping[str, Any]) -> Example:
    """Return a mention in its sentence, or the description of an entity; an article is the group."""
    text = columns.text(row, "text")
    sentences = [(span["start"], span["end"]) for span in row["sentence_spans"]]
    if row["side"] == "candidate":
        text = _one_line(" ".join(text[start:end] for start, end in sentences))
        return Example(text=text, pool="all", side="candidate", gold=(), key=row["key"])
    marked = _one_line(_marked(text, sentences, row["span"]))
    return Example(text=marked, pool="all", side="query", gold=(row["gold"],), group=row["group"], key=row["key"])


def _marked(text: str, sentences: list[tuple[int, int]], span: Mapping[str, Any]) -> str:
    """Return the mention, and its sentence with the mention in braces; other braces become parentheses."""
    start, end, mention = span["start"], span["end"], span["text"]
    if text[start:end] != mention:
        raise Reject("mention is not at its offset")
    around = next(((first, last) for first, last in sentences if first <= start and end <= last), None)
    if around is None:
        raise Reject("mention is not within one sentence")
    left, right = (_BRACES.sub(r"(\1)", part) for part in (text[around[0] : start], text[end : around[1]]))
    return f"{mention}: {left} {{ {mention} }} {right}"


def _one_line(text: str) -> str:
    return " ".join(text.splitlines()).replace("  ", " ").strip()
