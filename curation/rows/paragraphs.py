"""SQuAD's own nested files, and those of its kin (XQuAD, MLQA, TyDi QA): articles, their paragraphs, their questions.

As ``unfold`` of a source (``Source("file:train-v2.0.json", unfold=paragraphs.questions)``) one article becomes rows
like those of SQuAD on the hub, which ``columns.answers`` reads. ``curation new-task`` does so by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from curation.core.errors import CairnError


def nested(row: Mapping[str, Any] | None) -> bool:
    """Return whether ``row`` is an article with paragraphs, or a paragraph with questions, not a question.

    >>> [nested(row) for row in ({"title": "T", "paragraphs": []}, {"context": "A.", "qas": []}, {"question": "When?"})]
    [True, True, False]
    """
    return row is not None and ("paragraphs" in row or {"context", "qas"} <= row.keys()) and "question" not in row


def questions(article: Mapping[str, Any], lang: str, key: str) -> Iterator[dict[str, Any]]:
    """Yield the questions of an article; ``answers`` is null where a question has no such list, as in a hidden test.

    >>> asked = {"id": "1", "question": "When?", "answers": [{"text": "1889", "answer_start": 9}]}
    >>> [row] = questions({"title": "T", "paragraphs": [{"context": "Built in 1889.", "qas": [asked]}]}, "en", "0")
    >>> row["context"], row["question"], row["answers"]
    ('Built in 1889.', 'When?', {'text': ['1889'], 'answer_start': [9]})

    Raises :class:`CairnError` naming the article, counted from 1, and the place in it that is not so built.
    """
    if article.get("paragraphs") is None and "qas" in article:
        article = {**article, "paragraphs": [article]}  # a paragraph alone
    for at, paragraph in _each(article, "paragraphs", f"article {int(key) + 1 if key.isdecimal() else key}"):
        if not isinstance(paragraph.get("context"), str):
            raise CairnError(f"{at} has no text `context`. Each paragraph has `context` and `qas`.")
        for place, question in _each(paragraph, "qas", at):
            answers = [] if question.get("is_impossible") is True else question.get("answers")
            if answers:
                found = [answer for _, answer in _each(question, "answers", place)]
                answers = {name: [one.get(name) for one in found] for name in ("text", "answer_start")}
            elif answers is not None:
                answers = {"text": [], "answer_start": []}
            facts = {"id": str(question.get("id", f"{key}-{at}-{place}")), "title": article.get("title")}
            yield {**facts, "context": paragraph["context"], "question": question.get("question"), "answers": answers}


def _each(holder: Mapping[str, Any], name: str, place: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    found = holder.get(name)
    if not isinstance(found, list) or not all(isinstance(one, Mapping) for one in found):
        raise CairnError(f"{place} has no list of objects `{name}`, as SQuAD's files have.")
    for number, one in enumerate(found, start=1):
        yield f"{place}, {name} {number}", one
