"""What a task is: facts and one function. A task is one file in this folder; its file name is its name everywhere.

A task file defines ``TASK`` (a :class:`Task`) and ``to_example(row) -> Example`` which turns one published row into an
:class:`Example` and raises ``Reject("reason in a few words")`` for a row that cannot be used; ``fetch`` counts these.
This folder is the contract between curation and training: no torch, transformers, cleanlab or faiss here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["classify", "pair", "choice", "span", "tags", "bitext", "text"]
Side = Literal["source", "target", "query", "candidate"]
RETRIEVAL_METRICS = ("retrieval", "mining", "ranking")
"""The metrics of candidate pools, one of which a task in the role ``retrieval`` has."""


class Reject(Exception):
    """A row that cannot be used; its text is the reason that ``fetch`` counts."""


@dataclass(frozen=True)
class Answer:
    """One gold answer: its text and where it starts in the context, in characters."""

    text: str
    start: int


@dataclass(frozen=True)
class Example:
    """One row of any kind; only the fields of its kind are set.

    ``label`` is an index into ``Task.labels`` (for ``choice``: into ``choices``), ``tags`` are such indices per token;
    ``None`` means unlabelled, never a made-up label. ``answers == ()`` means unanswerable, ``None`` unlabelled.
    """

    text_a: str | None = None
    text_b: str | None = None
    prompt: str | None = None
    choices: tuple[str, ...] | None = None
    question: str | None = None
    context: str | None = None
    answers: tuple[Answer, ...] | None = None
    tokens: tuple[str, ...] | None = None
    tags: tuple[int, ...] | None = None
    text: str | None = None
    pool: str | None = None
    side: Side | None = None
    """bitext: ``source`` and ``target`` translate each other, and params.yaml says which of them is the query; a
    ``query`` looks for ``candidate`` rows in every language of its pool."""
    gold: tuple[str, ...] | None = None
    """bitext: keys of the rows on the other side that belong to this one; ``None`` = not annotated. One side may name
    them for both. Queries of one key in several languages ask the same, and share their candidates."""
    label: int | None = None
    group: str | None = None
    """Rows of one group stay in one fold (same premise, paragraph, article); ``None`` = a group of its own."""
    key: str | None = None
    """The row's name upstream, equal across languages where they are parallel; ``None`` = its row number."""


@dataclass(frozen=True)
class Source:
    """Where one split comes from."""

    repo: str
    """A hub id ``org/name``, or ``bundled:miniworld``."""
    config: str = "default"
    """The config; ``{lang}`` is replaced by the language (through ``Task.config_names`` where codes differ)."""
    split: str = "train"
    """The upstream split name; ``+`` joins several (``train_r1+train_r2``), ``{lang}`` is replaced as in ``config``."""
    revision: str | None = None
    """40-hex commit; ``None`` = looked up and recorded at first fetch."""
    languages: tuple[str, ...] = ("en",)
    to_example: Callable[[Mapping[str, Any]], Example] | None = None
    """Overrides the task file's ``to_example`` for this split (a target that trains on another data set)."""
    unfold: Callable[[Mapping[str, Any], str, str], Iterable[Mapping[str, Any]]] | None = None
    """``unfold(row, lang, key)`` turns one upstream row into the rows that ``to_example`` reads: two for a sentence
    pair, none for a row of another language. ``key`` is the upstream row's number; ``lang`` in a row overrides it."""
    expected_rows: int | Mapping[str, int] | None = None
    """Rows of the upstream split, after ``unfold``: in every language, or by language; fetch reports a difference."""
    pooled: tuple[Source, ...] = ()
    """More sources of the same columns, whose rows join those of this one: several data sets under one head. The keys
    of all then begin with the name of their data set; ``to_example`` and ``unfold`` are those of this source."""
    candidates: Source | None = None
    """bitext with queries: where the candidates that queries of every language share come from. They are fetched
    whole, in all languages of this source: a smaller pool would be an easier task."""
    supply: str = ""
    """For a ``file:`` source: what the user has to put there, said in the error when it is not there."""

    def expected(self, lang: str) -> int | None:
        """Return the expected rows in ``lang`` of this source and the pooled ones; ``None`` when one is not known.

        >>> both = Source("org/a", expected_rows={"en": 3}, pooled=(Source("org/b", expected_rows=4),))
        >>> both.expected("en"), both.expected("de")
        (7, None)
        """
        found = self.expected_rows
        counts = [
            found.get(lang) if isinstance(found, Mapping) else found,
            *(one.expected(lang) for one in self.pooled),
        ]
        known = [count for count in counts if count is not None]
        return sum(known) if len(known) == len(counts) else None


@dataclass(frozen=True)
class Task:
    """The facts of one task."""

    kind: Kind
    metric: str
    """A module of ``curation/metrics``."""
    train: Source | None = None
    dev: Source | None = None
    test: Source | None = None
    labels: tuple[str, ...] = ()
    parallel: bool = False
    """Rows with the same ``key`` say the same in every language; their ids are then the same too."""
    symmetric: bool = False
    """pair: exchanging the two texts changes neither what the row says nor its label (paraphrases, duplicates)."""
    config_names: Mapping[str, str] = field(default_factory=dict)
    """Language code to the name used in ``Source.config``, where they differ."""
    translations: Source | None = None
    """Existing translations of ``train`` (backend ``provided``): same ``key``, other language. A class or choice of
    theirs that differs from the row's is counted, and the row's stays."""
    zero_shot: Source | None = None
    """target: dev rows in the test languages. Their score is followed while the target is trained on English, and
    chooses nothing."""
    licence: str = "unknown"
    citation: str = ""
    note: str = ""

    def split(self, name: str) -> Source | None:
        """Return the source of split ``train``, ``dev``, ``test`` or ``zero_shot``, or ``None``."""
        return {"train": self.train, "dev": self.dev, "test": self.test, "zero_shot": self.zero_shot}[name]
