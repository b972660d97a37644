"""What a usable row is, kind by kind; and what a usable set of rows is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from numbers import Integral
from typing import TypeVar, get_args

from curation.core.errors import CairnError
from curation.core.kinds import KINDS
from curation.core.task import Answer, Example, Reject, Side, Task

T = TypeVar("T")


def check(example: Example, task: Task) -> None:
    """Return when ``example`` is a whole row of ``task``'s kind, else raise :class:`Reject` with the reason.

    Unlabelled rows are whole: whether they can be used is for the split to say.
    """
    _CHECKS.get(task.kind, _texts_alone)(example, task)
    for text in _texts(example):
        try:
            text.encode("utf-8")
        except UnicodeEncodeError:
            raise Reject("invalid UTF-8") from None


def labelled(example: Example, task: Task) -> bool:
    """Return whether the row has its gold label; text needs none, so every row of it has."""
    field = KINDS[task.kind].label
    return field is None or getattr(example, field) is not None


def classes(examples: Sequence[Example], task: Task) -> Counter[str]:
    """Return how often each label occurs: of rows for ``classify``, ``pair`` and ``choice``, of tokens for ``tags``.

    ``span`` counts ``answerable`` and ``unanswerable``; unlabelled rows count as ``unlabelled``.
    """
    counts: Counter[str] = Counter()
    for example in examples:
        if not labelled(example, task):
            counts["unlabelled"] += 1
        elif KINDS[task.kind].named == "row" and example.label is not None:
            counts[task.labels[example.label]] += 1
        elif task.kind == "choice":
            counts[str(example.label)] += 1
        elif task.kind == "tags":
            counts.update(task.labels[tag] for tag in example.tags or ())
        elif task.kind == "span":
            counts["answerable" if example.answers else "unanswerable"] += 1
    return counts


def check_set(examples: Sequence[Example], task: Task, where: str) -> None:
    """Return when a set can be learned from or scored; raise :class:`CairnError` when empty or of one class only."""
    if not examples:
        raise CairnError(f"{where}: no usable rows. Look at the source that the task file names.")
    if KINDS[task.kind].named == "no":
        return
    found = classes(examples, task)
    known = [name for name in found if name != "unlabelled"]
    if len(known) == 1 and len(task.labels) > 1:
        raise CairnError(
            f"{where}: every row has the label {known[0]!r}, so nothing can be learned or scored. The task has "
            f"{', '.join(task.labels)}: check to_example in the task file, and the label column of the source."
        )


def _filled(value: str | None, what: str) -> str:
    if value is not None and not isinstance(value, str):
        raise Reject(f"{what} is not text")
    if value is None or not value.strip():
        raise Reject(f"{what} is empty")
    return value


def _several(value: Sequence[T] | None, what: str) -> Sequence[T]:
    """Return a list or tuple; anything else is a mistake of the task file: a set has no order, a generator one reading.

    Raises :class:`TypeError`, which ``fetch`` puts in words, and :class:`Reject` for a text, which rows may bring.
    """
    if isinstance(value, str):
        raise Reject(f"{what} is one text, not a sequence of texts")
    if value is not None and not isinstance(value, list | tuple):
        raise TypeError(f"{what} is a {type(value).__name__}, not a list or tuple")
    return value or ()


def _in_range(value: int | None, size: int, what: str) -> None:
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise Reject(f"{what} is not a number")
    if not 0 <= value < size:
        raise Reject(f"{what} out of range")


def _texts_alone(example: Example, task: Task) -> None:
    """Classify, pair and text: texts, and where the task names them, classes."""
    for name in KINDS[task.kind].content:
        _filled(getattr(example, name), name)
    _in_range(example.label, len(task.labels), "label")


def _choice(example: Example, task: Task) -> None:
    _filled(example.prompt, "prompt")
    choices = _several(example.choices, "choices")
    if len(choices) < 2:
        raise Reject("fewer than two choices")
    for choice in choices:
        _filled(choice, "a choice")
    _in_range(example.label, len(choices), "label")


def _span(example: Example, task: Task) -> None:
    _filled(example.question, "question")
    context = _filled(example.context, "context")
    for answer in _several(example.answers, "answers"):
        if not isinstance(answer, Answer):
            raise TypeError(f"an answer is a {type(answer).__name__}, not an Answer(text, start)")
        _filled(answer.text, "an answer")
        if isinstance(answer.start, bool) or not isinstance(answer.start, Integral):
            raise Reject("answer offset is not a number")
        if answer.start < 0 or answer.start + len(answer.text) > len(context):
            raise Reject("answer offset outside the context")
        if context[answer.start : answer.start + len(answer.text)] != answer.text:
            raise Reject("answer text is not at its offset")


def _tags(example: Example, task: Task) -> None:
    tokens = _several(example.tokens, "tokens")
    if not tokens:
        raise Reject("no tokens")
    for token in tokens:
        _filled(token, "a token")
    if example.tags is not None and len(_several(example.tags, "tags")) != len(tokens):
        raise Reject("not one tag per token")
    for tag in _several(example.tags, "tags"):
        _in_range(tag, len(task.labels), "tag")


def _bitext(example: Example, task: Task) -> None:
    _filled(example.text, "text")
    _filled(example.pool, "pool")
    if example.side not in get_args(Side):
        raise Reject(f"side is none of {', '.join(get_args(Side))}")
    for key in _several(example.gold, "gold"):
        _filled(key, "a key in gold")


_CHECKS = {"choice": _choice, "span": _span, "tags": _tags, "bitext": _bitext}


def _texts(example: Example) -> list[str]:
    alone = (example.text_a, example.text_b, example.prompt, example.question, example.context, example.text)
    names = (example.key, example.group, example.pool)
    many = (*(example.choices or ()), *(example.tokens or ()), *(answer.text for answer in example.answers or ()))
    return [text for text in (*alone, *names, *many) if text is not None]
