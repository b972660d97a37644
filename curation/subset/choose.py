"""Which rows each task gives, in which order: budgets, ranking, manifest."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING

import pyarrow as pa

from curation.core.errors import CairnError
from curation.subset import pool
from curation.subset.strata import Stratum, apportion, arrange, schedule, taken, taking_order

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
from curation.subset import Mixture, check_size

MANIFEST = pa.schema(
    [("task", pa.string()), ("id", pa.string()), ("lang", pa.string()), ("rank", pa.int32()),
     ("stratum", pa.string()), ("kept", pa.bool_()), ("reason", pa.string())]
)  # fmt: skip


def budgets(available: Mapping[str, int], size: int | None, mixture: Mixture, languages: int = 1) -> dict[str, int]:
    """Return the rows of each task, whole ids only: an id is one row in each of so many ``languages``.

    ``available``: eligible rows of each task. Raises :class:`CairnError` when there are not enough, and for a size
    that is no multiple of ``languages``.

    >>> budgets({"a": 300, "b": 100}, 40, "proportional"), budgets({"a": 300, "b": 100}, 41, "equal")
    ({'a': 30, 'b': 10}, {'a': 21, 'b': 20})
    >>> budgets({"a": 300, "b": 100}, 42, "equal", languages=2)
    {'a': 22, 'b': 20}
    >>> budgets({"a": 900, "b": 100, "c": 1}, 41, "square_root")
    {'a': 30, 'b': 10, 'c': 1}
    >>> [budgets({"a": 8000, "b": 1000}, 90, heat) for heat in (1.0, 3.0, 100.0)]
    [{'a': 80, 'b': 10}, {'a': 60, 'b': 30}, {'a': 45, 'b': 45}]
    """
    check_size(size, languages)
    total = sum(available.values())
    have = ", ".join(f"{task} {rows}" for task, rows in available.items())
    if size is None and total:
        return dict.fromkeys(available, min(available.values())) if mixture == "equal" else dict(available)
    if size is None or size > total:
        raise CairnError(
            f"subset.size is {size}, but {total} rows are eligible ({have}). Set it to at most {total}, null for all, "
            "or make more rows eligible: fetch more, or see subset.deduplicate, decontaminate and also_in."
        )
    if mixture == "equal":
        share, left = divmod(size // languages, len(available))
        shares = {task: (share + (i < left)) * languages for i, task in enumerate(available)}
        short = [task for task, rows in shares.items() if rows > available[task]]
        if short:
            raise CairnError(
                f"subset.size {size} with mixture equal needs {shares[short[0]]} rows of {short[0]}, eligible: {have}. "
                f"Set size to at most {min(available.values()) * len(available)}, or take mixture: "
                "proportional, square_root or a number."
            )
        return shares
    ids = {task: rows // languages for task, rows in available.items()}
    weigh = {"proportional": float, "square_root": math.sqrt}.get(str(mixture))
    given = Counter(apportion(ids, size // languages, weigh or (lambda rows: rows ** (1 / float(mixture)))))
    return {task: given[task] * languages for task in available}


class Order:
    """The order in which a task's eligible rows are taken, and what the other strata would take.

    ``ranking``: all eligible ids as the selector wants them, most wanted first; ``seed``: of the random stratum.
    """

    def __init__(self, source: pool.Pool, ranking: Sequence[str], stratum: Stratum, seed: int):
        self._source, self._ranking, self._seed = source, ranking, seed
        self.plan = schedule(source.cells)
        """The cell of each row to take, whatever the stratum."""
        self.ids = taking_order(arrange(self._ranking, stratum, self._seed), source.cells, self.plan)
        """Eligible ids in the order of taking."""

    def arm(self, stratum: Stratum, count: int) -> list[str]:
        """Return the ids that ``stratum`` takes first."""
        return taken(arrange(self._ranking, stratum, self._seed), self._source.cells, self.plan[:count])


def manifest(
    pools: Sequence[pool.Pool], orders: Mapping[str, Order], shares: Mapping[str, int], stratum: str
) -> pa.Table:
    """Return the manifest: by task, id and language; ``rank`` counts rows, all languages of an id follow each other."""
    table: dict[str, list[object]] = {name: [] for name in MANIFEST.names}
    for source in pools:
        place = {id_: i for i, id_ in enumerate(orders[source.task].ids)}
        for (id_, lang), reason in sorted(source.reasons.items(), key=lambda item: item[0]):
            rank = None if reason else place[id_] * len(source.languages) + source.languages.index(lang) + 1
            kept = rank is not None and rank <= shares[source.task]
            row = (source.task, id_, lang, rank, stratum, kept, None if kept else reason or "over_budget")
            for name, value in zip(MANIFEST.names, row, strict=True):
                table[name].append(value)
    return pa.table(table, schema=MANIFEST)
