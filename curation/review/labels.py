"""Labels as people write them into a review: in words, and back into what a record holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from curation.core import kinds
from curation.core.errors import CairnError, unknown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from curation.core.task import Kind

NO_ANSWER = "(no answer)"


def parse(kind: Kind, said: str, row: Mapping[str, Any], names: Sequence[str], where: str) -> Any:
    """Return the value of a record's label column that ``said`` means for ``row``.

    A class or tag is named; a choice is its text, or its number from 1; an answer is a piece of the context that
    occurs there once, or :data:`NO_ANSWER`; tags are separated by blanks, one a word. Raises :class:`CairnError`.

    >>> parse("pair", "yes", {}, ("no", "yes"), "x"), parse("choice", "2", {"choices": ["a", "b"]}, (), "x")
    (1, 1)
    >>> parse("span", "dog", {"context": "A dog ran."}, (), "x")
    [{'text': 'dog', 'start': 2}]
    >>> parse("tags", "O B-PER", {"tokens": ["by", "Ann"]}, ("O", "B-PER"), "x")
    [0, 1]
    """
    said = said.strip()
    if kinds.KINDS[kind].named == "row":
        return _index(said, names, where)
    if kinds.KINDS[kind].named == "word":
        tags = said.split()
        if len(tags) != len(row["tokens"]):
            raise CairnError(f"{where}: {len(tags)} tags for {len(row['tokens'])} words. Give one a word.")
        return [_index(tag, names, where) for tag in tags]
    if kind == "choice":
        choices = row["choices"]
        if said in choices:
            return choices.index(said)
        if said.isdecimal() and 1 <= int(said) <= len(choices):
            return int(said) - 1
        raise unknown("choice", said, choices, f"{where}; or its number, 1 to {len(choices)}")
    if kind == "span":
        return _answer(said, row["context"], where)
    raise CairnError(f"{where}: rows of kind {kind} have no label to correct. Write keep, drop or unsure.")


def _index(said: str, names: Sequence[str], where: str) -> int:
    if said not in names:
        raise unknown("label", said, names, where)
    return list(names).index(said)


def _answer(said: str, context: str, where: str) -> list[dict[str, Any]]:
    if said == NO_ANSWER:
        return []
    times = context.count(said) if said else 0
    if times != 1:
        raise CairnError(
            f"{where}: {said!r} occurs {times} times in the context, so it is not clear which is meant. Write more of "
            f"the text around it, or {NO_ANSWER}."
        )
    return [{"text": said, "start": context.index(said)}]


def suggestion(kind: Kind, row: Mapping[str, Any], scored: Mapping[str, Any], names: Sequence[str]) -> Any:
    """Return the label that ``label_quality`` suggests for ``row``, as the record would hold it; ``None`` = none.

    ``scored``: the row of the quality table.
    """
    index, said = scored.get("label_quality.suggested_index"), scored.get("label_quality.suggested_label")
    if index is None or said is None:
        return None
    if kinds.KINDS[kind].type == "int":
        return int(index)
    if kinds.KINDS[kind].named == "word":
        return [list(names).index(said) if at == index else tag for at, tag in enumerate(row["tags"])]
    if kind != "span":
        return None
    if said == NO_ANSWER:
        return []
    text = _unquoted(said)
    found = row["context"][index : index + len(text)]
    return [{"text": text, "start": int(index)}] if found == text else None


def _unquoted(said: str) -> str:
    """Return a text that the scorer quoted as Python does."""
    import ast

    value = ast.literal_eval(said)
    return str(value)
