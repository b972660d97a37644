"""LAReQA on XQuAD-R (Roy et al. 2020): find the answers to a question in a pool of sentences in eleven languages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from curation.rows import columns
from curation.tasks import Example, Reject, Source, Task

SUPPLY = (
    "XQuAD-R is published at https://github.com/google-research-datasets/lareqa, folder xquad-r: one JSON file per "
    "language, with the sentence breaks that the hub's copy lacks. Put that folder into the task folder as "
    "lareqa/xquad-r (ar.json to zh.json, all eleven: they share one pool)."
)
_FILE = "file:lareqa/xquad-r/{lang}.json"
_SENTENCES = {
    "ar": 1_222, "de": 1_276, "el": 1_234, "en": 1_180, "es": 1_215, "hi": 1_244, "ru": 1_219, "th": 852, "tr": 1_167,
    "vi": 1_209, "zh": 1_196,
}  # fmt: skip


def questions(row: Mapping[str, Any], lang: str, _key: str) -> Iterable[Mapping[str, Any]]:
    """Yield the questions of an article; its paragraph's sentences say which of them answer it."""
    for paragraph in row["paragraphs"]:
        for asked in paragraph["qas"]:
            yield {
                "side": "query",
                "lang": lang,
                "key": asked["id"],
                "text": asked["question"],
                "gold": (),
                "group": _group(paragraph),
                "answer": _answer(paragraph, asked),
            }


def sentences(row: Mapping[str, Any], lang: str, key: str) -> Iterable[Mapping[str, Any]]:
    """Yield the sentences of an article with the questions that each answers.

    As upstream, a sentence that stands twice in a paragraph answers twice, and a paragraph without an answer gives
    none.
    """
    for number, paragraph in enumerate(row["paragraphs"]):
        answers = [(text, asked["id"]) for asked in paragraph["qas"] if (text := _answer(paragraph, asked))]
        for place, text in enumerate(_sentences(paragraph) if answers else ()):
            yield {
                "side": "candidate",
                "lang": lang,
                "key": f"{lang}-{key}-{number}-{place}",
                "text": text,
                "gold": tuple(question for answer, question in answers if answer == text),
                "group": _group(paragraph),
            }


def _sentences(paragraph: Mapping[str, Any]) -> list[str]:
    return [paragraph["context"][start:end] for start, end in paragraph["sentence_breaks"]]


def _answer(paragraph: Mapping[str, Any], asked: Mapping[str, Any]) -> str:
    """Return the sentence in which the one answer starts; empty when there is no such sentence."""
    starts = [answer["answer_start"] for answer in asked["answers"]]
    breaks = zip(paragraph["sentence_breaks"], _sentences(paragraph), strict=True)
    return next((text for (start, end), text in breaks if len(starts) == 1 and start <= starts[0] < end), "")


def _group(paragraph: Mapping[str, Any]) -> str:
    """Return a name of the paragraph that its translations share: its first question, by name."""
    return min((str(asked["id"]) for asked in paragraph["qas"]), default="")


TASK = Task(
    kind="bitext",
    metric="ranking",
    test=Source(
        _FILE,
        split="test",
        languages=tuple(_SENTENCES),
        unfold=questions,
        expected_rows=dict.fromkeys(_SENTENCES, 1_190),
        supply=SUPPLY,
        candidates=Source(
            _FILE,
            split="test",
            languages=tuple(_SENTENCES),
            unfold=sentences,
            expected_rows=_SENTENCES,
            supply=SUPPLY,
        ),
    ),
    licence="CC BY-SA 4.0",
    citation="Roy et al. 2020, LAReQA: Language-agnostic answer retrieval from a multilingual pool",
    note="A question in any language ranks the 13,014 sentences of all eleven languages; the sentence with the answer "
    "is right in every language. A candidate is the sentence alone: the published models read its paragraph behind it, "
    "in which a mean over tokens would drown it. They were also trained on SQuAD for this task; here the encoder is "
    "scored as it is. The questions are XQuAD's. No dev split.",
)


def to_example(row: Mapping[str, Any]) -> Example:
    """Return a question or a sentence; a paragraph is the group, in all languages."""
    if row["side"] == "query" and not row["answer"]:
        raise Reject("its one answer starts in no sentence")
    return Example(
        text=columns.text(row, "text"),
        pool="all",
        side=row["side"],
        gold=row["gold"],
        group=row["group"],
        key=row["key"],
    )
