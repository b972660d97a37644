"""What a kind of task is, in one table: its columns, its label, who names that label, and the roles it can have.

Everything that treats kinds alike asks here and names none of them; see CONTRIBUTING.md for the files of a new kind.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from curation.core.task import Kind

Named = Literal["row", "word", "no"]
Role = Literal["intermediate", "target", "retrieval"]
Type = Literal["string", "strings", "int", "ints", "answers"]
"""The types of columns; :mod:`curation.core.records` says what they are in Arrow."""

_trained: tuple[Role, ...] = ("intermediate", "target")


@dataclass(frozen=True)
class Facts:
    """One kind of row."""

    says: str
    """What one row is, for people: ``one text and a label``."""
    content: Mapping[str, Type]
    """The columns that a model reads, in order."""
    label: str | None
    """The column of the gold label; ``None`` = rows of this kind have none."""
    type: Type
    """The type of that column."""
    named: Named
    """What ``Task.labels`` names: the class of a ``row``, of each ``word``, or ``no`` label of this kind."""
    roles: tuple[Role, ...]
    """What params.yaml may use such a task for."""

    @property
    def fields(self) -> list[tuple[str, Type]]:
        """The columns of the kind in the order of its schema: the content, then the label."""
        return [*self.content.items(), *([(self.label, self.type)] if self.label else [])]


KINDS: Mapping[Kind, Facts] = {
    "classify": Facts("one text and its class", {"text": "string"}, "label", "int", "row", _trained),
    "pair": Facts(
        "two texts and the class of the pair", {"text_a": "string", "text_b": "string"}, "label", "int", "row", _trained
    ),
    "choice": Facts(
        "a question and its choices", {"prompt": "string", "choices": "strings"}, "label", "int", "no", _trained
    ),
    "span": Facts(
        "a question, and its answer within a text", {"question": "string", "context": "string"}, "answers", "answers",
        "no", _trained,
    ),
    "tags": Facts("words, each with a tag", {"tokens": "strings"}, "tags", "ints", "word", _trained),
    "bitext": Facts(
        "a sentence, and those that belong to it", {"pool": "string", "side": "string", "text": "string"}, "gold",
        "strings", "no", ("retrieval",),
    ),
    "text": Facts("a text without a label", {"text": "string"}, None, "string", "no", ("intermediate",)),
}  # fmt: skip
"""Kind to its facts."""

PROBED: tuple[Kind, ...] = tuple(kind for kind, facts in KINDS.items() if "target" in facts.roles)
"""Kinds with a label that a model can be asked for: they are probed, fine-tuned on and scored."""


def having(role: Role) -> tuple[Kind, ...]:
    """Return the kinds that can have ``role``.

    >>> having("retrieval")
    ('bitext',)
    """
    return tuple(kind for kind, facts in KINDS.items() if role in facts.roles)


def named(what: Named) -> tuple[Kind, ...]:
    """Return the kinds whose labels ``Task.labels`` names for each row, or for each word.

    >>> named("row"), named("word")
    (('classify', 'pair'), ('tags',))
    """
    return tuple(kind for kind, facts in KINDS.items() if facts.named == what)


def in_words(kind: Kind, value: Any, labels: Sequence[str]) -> Any:
    """Return a gold value or prediction with the names of its labels for their numbers, where the task has names.

    >>> in_words("pair", 1, ("no", "yes")), in_words("tags", [0, 1], ("O", "B-PER")), in_words("span", ["a"], ())
    ('yes', ['O', 'B-PER'], ['a'])
    """
    if labels and KINDS[kind].named == "word":
        return [labels[tag] for tag in value]
    return labels[value] if labels and (KINDS[kind].named == "row" or kind == "choice") else value


def shown(kind: Kind, row: Mapping[str, Any], labels: Sequence[str]) -> str | None:
    """Return the gold label of a record in words; ``None`` = unlabelled.

    >>> shown("pair", {"label": 1}, ("no", "yes")), shown("tags", {"tags": [0, 1]}, ("O", "B-PER"))
    ('yes', 'O B-PER')
    >>> shown("span", {"answers": [{"text": "a dog"}]}, ()), shown("span", {"answers": []}, ())
    ('a dog', '(no answer)')
    """
    facts = KINDS[kind]
    value = row.get(facts.label) if facts.label else None
    if value is None:
        return None
    if facts.named == "row":
        return str(in_words(kind, value, labels))
    if facts.named == "word":
        return " ".join(in_words(kind, value, labels))
    if kind == "choice":
        return str(row["choices"][value])
    if kind == "span":
        return "; ".join(answer["text"] for answer in value) or "(no answer)"
    return ", ".join(value)
