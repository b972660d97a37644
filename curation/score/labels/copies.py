"""What the labels of other copies of a row say, where the copies of one content do not all have the same label.

Copies with different labels were labelled apart, so each is a vote: as in CROWDLAB (Goh et al. 2022), a row's
probabilities are those of the probe times the likelihood of the other copies' labels, with the symmetric noise of Dawid
and Skene (1979), whose one number is learnt from how often copies agree. A row's own label is no vote for itself.
Copies that all agree change nothing: they may be one label that was copied along.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from curation.core import records

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

PRIOR = (8.0, 10.0)
"""Pairs of copies that agree, of how many, before any are seen: four in five."""
LEAST, MOST = 0.5, 0.99
"""Bounds of a label's accuracy, in shares of the way from chance to certainty."""


def groups(labels: Sequence[int | None], content: npt.NDArray[np.uint64]) -> list[list[int]]:
    """Return the labelled rows of each :func:`content` that two or more of them have, in record order."""
    labelled = np.flatnonzero([label is not None for label in labels])
    order = labelled[np.argsort(content[labelled], kind="stable")]
    first = np.append(True, content[order][1:] != content[order][:-1])
    starts = np.flatnonzero(first) if len(order) else np.zeros(0, np.int64)
    sizes = np.diff(np.append(starts, len(order)))
    found = [order[a : a + size].tolist() for a, size in zip(starts[sizes > 1], sizes[sizes > 1], strict=True)]
    return sorted(found)


def content(table: pa.Table, *, symmetric: bool) -> npt.NDArray[np.uint64]:
    """Return a hash of what every row says ``(n,)``, equal for copies.

    Capitals and spaces do not count; if ``symmetric``, neither does the order of the two texts.
    """
    fields = records.content_fields(records.kind_of(table))

    def key(row: dict[str, Any]) -> int:
        parts = [" ".join((row[name] or "").casefold().split()) for name in fields]
        said = "\x1f".join(sorted(parts) if symmetric else parts)
        return int.from_bytes(hashlib.blake2b(said.encode(), digest_size=8).digest(), "little")

    texts = records.Rows(table.select(fields), block=256)  # rows as Python objects: few at a time
    return np.fromiter((key(row) for row in texts), np.uint64, table.num_rows)


def accuracy(labels: Sequence[int | None], copies: Sequence[Sequence[int]], classes: int) -> float:
    """Return how often a label is right, by the share of pairs of copies that agree.

    With accuracy ``a`` and ``c`` classes two labels agree with ``a^2 + (1 - a)^2 / (c - 1)``, solved for ``a``.

    >>> round(accuracy([0, 0, 1, 1], [[0, 1], [2, 3]], 2), 2), round(accuracy([0, 1] * 50, [range(100)], 2), 2)
    (0.91, 0.75)
    """
    agree, pairs = PRIOR
    for rows in copies:
        counts = Counter(labels[at] for at in rows)
        agree += sum(n * (n - 1) / 2 for n in counts.values())
        pairs += len(rows) * (len(rows) - 1) / 2
    chance = 1 / classes
    share = float(np.sqrt(max(agree / pairs - chance, 0.0) / (1 - chance)))  # of the way from chance to certainty
    return chance + min(max(share, LEAST), MOST) * (1 - chance)


def after_votes(
    labels: Sequence[int | None], probabilities: Sequence[npt.NDArray[np.float32]], rows: Sequence[int], right: float
) -> list[npt.NDArray[Any]]:
    """Return the probabilities ``(labels,)`` of each of ``rows`` after the votes of the others.

    ``right``: how often a label is right (:func:`accuracy`).

    >>> p = [np.array([0.5, 0.5], np.float32)] * 3
    >>> [found.round(2).tolist() for found in after_votes([0, 0, 1], p, [0, 1, 2], 0.9)]
    [[0.5, 0.5], [0.5, 0.5], [0.99, 0.01]]
    """
    classes = len(probabilities[rows[0]])
    gain = np.log(right * (classes - 1) / (1 - right))
    own = np.eye(classes)[np.array([labels[at] for at in rows], np.int64)]
    out = []
    for at, vote in zip(rows, own, strict=True):
        scaled = np.log(np.maximum(probabilities[at].astype(np.float64), 1e-12)) + gain * (own.sum(0) - vote)
        exponents = np.exp(scaled - scaled.max())
        out.append(exponents / exponents.sum())
    return out


def voted(
    labels: Sequence[int | None], probabilities: Sequence[npt.NDArray[Any]], content: npt.NDArray[np.uint64]
) -> dict[int, npt.NDArray[Any]]:
    """Return the probabilities ``(labels,)`` of rows whose copies have other labels, after the votes of these."""
    found = groups(labels, content)
    right = accuracy(labels, found, len(probabilities[0])) if found else 0.0
    out: dict[int, npt.NDArray[Any]] = {}
    for rows in found:
        if len({labels[i] for i in rows}) > 1:
            out |= dict(zip(rows, after_votes(labels, probabilities, rows, right), strict=True))
    return out
