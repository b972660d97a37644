"""Fetch: the rows of one task in one role, checked, with ids; every dropped row is counted with a reason.

Reads the source that the task file names (bundled, a local file, the mirror, the hub). Writes
``data/<role>/<task>/{train,dev,test}.parquet`` (those the role has), ``dropped.parquet`` and ``manifest.json``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, get_args

import pydantic

from curation.core import kinds, paths
from curation.core.errors import CairnError
from curation.core.params import Section
from curation.core.task import RETRIEVAL_METRICS, Source, Task
from curation.language import codes

Cap = pydantic.PositiveInt | None


class IntermediateRows(Section):
    """Caps of an intermediate task: rows per split, null = all."""

    train: Cap
    """Rows that are scored and chosen from."""
    dev: Cap
    """Rows that judge the intermediate training."""
    whole_groups: bool = False
    """Cut train by whole groups, a premise with all its hypotheses, say: fewer different texts, but labels that depend
    on each other stay together, and ``label_quality`` judges them by each other. Else every row is drawn by itself."""


class TargetRows(Section):
    """Caps of a target task: rows per split and language, null = all."""

    train: Cap
    """English rows to fine-tune on."""
    dev: Cap
    """English rows that choose the best step; and rows per other language that are followed on the way."""
    test: Cap
    """Rows per language; the same keys in every language where the test is parallel."""


class RetrievalRows(Section):
    """Caps of a retrieval task: sentence pairs, or queries, per split and language, null = all.

    Candidates that languages share are never capped.
    """

    dev: Cap
    """Pairs or queries to tune on."""
    test: Cap
    """Pairs or queries that are scored."""


class Rows(Section):
    """How many rows to take at most, by role."""

    intermediate: IntermediateRows
    """Caps of the intermediate tasks."""
    target: TargetRows
    """Caps of the target tasks."""
    retrieval: RetrievalRows
    """Caps of the retrieval tasks."""


class Params(Section):
    """Section ``fetch``."""

    languages: Literal["all"] | tuple[str, ...]
    """Test languages: all that a task has, or a list of codes, of which each task takes those it has."""
    max_dropped: float = pydantic.Field(ge=0, le=1)
    """Share of unusable rows (of one split in one language) above which fetch fails, 0..1."""
    rows: Rows
    """Caps: a seeded sample of so many rows, never the first ones."""


SPLITS: Mapping[paths.Role, tuple[str, ...]] = {
    "intermediate": ("train", "dev"),
    "target": ("train", "dev", "test"),
    "retrieval": ("dev", "test"),
}


"""Splits that a role fetches; all are needed but ``dev`` of retrieval. A target may have ``zero_shot`` as well."""


def check_role(name: str, task: Task, role: paths.Role, *, trained: bool = True) -> None:
    """Raise :class:`CairnError` when ``task`` cannot have ``role``: it is of another kind or metric, or lacks a split.

    ``trained``: of an intermediate task: it is trained on, which needs dev rows; curation alone does not.

    The role's last stage would refuse it too, hours later.
    """
    if task.kind not in kinds.having(role):
        raise CairnError(
            f"task {name} is of kind {task.kind}, so it cannot be used as {role}, which takes "
            f"{', '.join(kinds.having(role))}. `curation tasks --kind {kinds.having(role)[0]}` lists tasks that can."
        )
    spare = role == "retrieval" or (role == "intermediate" and not trained)
    lacking = [split for split in SPLITS[role] if task.split(split) is None and not (spare and split == "dev")]
    if lacking:
        raise CairnError(
            f"task {name} has no {' and no '.join(lacking)} split, so it cannot be used as {role}. "
            f"It has: {', '.join(s for s in ('train', 'dev', 'test') if task.split(s)) or 'none'}. "
            "Name another task in params.yaml, or add the split to the task file."
        )
    if role == "retrieval" and task.metric not in RETRIEVAL_METRICS:
        raise CairnError(
            f"task {name} has metric {task.metric!r}; `retrieval:` takes tasks with {', '.join(RETRIEVAL_METRICS)}."
        )
    if task.metric == "mining" and task.dev is None:
        raise CairnError(f"task {name} has metric mining, which tunes its threshold on dev. Give it a dev split.")


def chosen(asked: Sequence[str], there: Sequence[str]) -> list[str]:
    """Return the languages ``there`` that are ``asked`` for, however their codes are spelt, sorted.

    >>> chosen(["en", "zh", "fr"], ["en", "deu_Latn", "zho_Hans"])
    ['en', 'zho_Hans']
    """
    return sorted({found for code in asked if (found := codes.among(code, there)) is not None})


def pivot(source: Source) -> str:
    """Return the language whose rows give parallel rows their ids: English, or the first one there is."""
    return codes.among("en", source.languages) or source.languages[0]


assert set(SPLITS) == set(get_args(paths.Role))
