"""Metrics: one file per metric. Each is a sum of per-row statistics and a function of that sum.

A metric module defines

* ``KINDS``: the kinds of task whose predictions it can read;
* ``LANGUAGES``, if it does not know all: the codes that it knows;
* ``PRIMARY``: the name of the value that ranks arms (higher is better for every primary value here);
* ``statistics(gold, predicted, *, lang, labels) -> float64 (n, k)``: sufficient statistics per row, which add up;
* ``values(total, labels) -> dict``: every value in 0..1 from summed statistics ``(..., k)``; the last axis goes.

All metrics share one signature: ``lang`` is the one language of all rows (only ``mlqa`` reads it), ``labels`` the
task's label names. Intervals then leave rows out of the sum, for accuracy, F1 and seqeval alike.
``gold`` and ``predicted`` hold, per row: an int for ``pair`` and ``choice``; for ``span`` gold a list of answer strings
(empty = unanswerable) and predicted one string (empty = no answer); for ``tags`` lists of tag indices; for ``bitext``
gold a list of keys of the other side (empty = has no translation) and predicted one key (empty = none found); for
``ranking`` predicted is a list of keys, best first.

>>> score("accuracy", [0, 1, 1, 2], [0, 1, 2, 2], lang="en", labels=())
{'accuracy': 0.75}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from curation.core import registry
from curation.core.errors import CairnError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Floats = NDArray[np.float64]


class Metric(Protocol):
    """What a metric module defines; see the text above."""

    KINDS: tuple[str, ...]
    PRIMARY: str

    def statistics(self, gold: Sequence[Any], predicted: Sequence[Any], *, lang: str, labels: Sequence[str]) -> Floats:
        """Return the additive statistics of every row, shape ``(n, k)``."""

    def values(self, total: Floats, labels: Sequence[str]) -> Mapping[str, Any]:
        """Return every value of the metric, 0..1, from summed statistics ``(..., k)``."""


def load(name: str, where: str = "metric") -> Metric:
    """Return the metric module ``name``; raise :class:`CairnError` with the nearest match when there is none."""
    return cast("Metric", registry.load("metrics", name, where))


def check_kind(name: str, kind: str, where: str) -> None:
    """Raise :class:`CairnError` unless metric ``name`` reads the predictions of tasks of ``kind``.

    ``text`` is for pretraining alone, which no metric here scores.

    >>> check_kind("accuracy", "choice", "my_task.py: TASK.metric")
    """
    if kind == "text" or kind in load(name, where).KINDS:
        return
    readable, others = load(name).KINDS, [other for other in registry.names("metrics") if kind in load(other).KINDS]
    raise CairnError(
        f"{where} is {name!r}, which scores tasks of kind {' and '.join(readable)}; this one is of kind {kind}. "
        f"Allowed: {', '.join(others)}."
    )


def score(
    name: str, gold: Sequence[Any], predicted: Sequence[Any], *, lang: str, labels: Sequence[str]
) -> dict[str, float]:
    """Return all values of metric ``name`` over the rows, as plain floats; raise :class:`CairnError` for no rows."""
    metric = load(name)
    if not len(gold):
        raise CairnError(f"metric {name}: there is no row to score in language {lang!r}.")
    total = metric.statistics(gold, predicted, lang=lang, labels=labels).sum(axis=0)
    return {key: float(value) for key, value in metric.values(total, labels).items()}


def names(name: str, labels: Sequence[str]) -> list[str]:
    """Return the names of all values that metric ``name`` gives for a task with ``labels``, the primary one first.

    >>> names("f1", ("no", "yes")), names("squad", ())
    (['accuracy', 'macro_f1', 'f1', 'accuracy_f1'], ['f1_em', 'f1', 'exact_match'])
    """
    metric = load(name)
    total = metric.statistics([], [], lang="en", labels=labels).sum(axis=0)
    return sorted(metric.values(total, labels), key=lambda one: one != metric.PRIMARY)


def chosen(name: str, labels: Sequence[str], wanted: str | None) -> str:
    """Return the value of metric ``name`` to look at: ``wanted`` where the metric gives it, else its primary one.

    >>> chosen("f1", ("no", "yes"), "macro_f1"), chosen("squad", (), "macro_f1"), chosen("squad", (), None)
    ('macro_f1', 'f1_em', 'f1_em')
    """
    return wanted if wanted is not None and wanted in names(name, labels) else load(name).PRIMARY


def ratio(numerator: Any, denominator: Any) -> Any:
    """Return the quotient element by element, 0 where the denominator is 0 (as the upstream metrics define it)."""
    numerator, denominator = np.asarray(numerator, dtype=np.float64), np.asarray(denominator, dtype=np.float64)
    zeros = np.zeros(np.broadcast_shapes(numerator.shape, denominator.shape))
    return np.divide(numerator, denominator, out=zeros, where=denominator != 0)[()]


def check_lengths(gold: Sequence[Any], predicted: Sequence[Any], metric: str) -> None:
    """Raise :class:`CairnError` unless there is exactly one prediction per row."""
    if len(gold) != len(predicted):
        raise CairnError(
            f"metric {metric}: {len(gold)} gold rows but {len(predicted)} predictions; one each is needed."
        )
