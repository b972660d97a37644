"""Which fold a row is in: groups and equal contents stay together, folds are alike in size and labels."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Hashable, Sequence

import numpy as np
import numpy.typing as npt

from curation.core.errors import CairnError
from curation.search.components import components


def merge(groups: Sequence[str], contents: Sequence[str]) -> npt.NDArray[np.int64]:
    """Return a number per row, equal for rows linked by an equal group or equal content, also through other rows.

    >>> merge(["g", "g", "h", "i"], ["x", "y", "y", "z"]).tolist()
    [0, 0, 0, 3]
    """
    ends: list[int] = []
    for values in (groups, contents):
        first: dict[str, int] = {}
        ends.extend(first.setdefault(value, i) for i, value in enumerate(values))
    return components(len(groups), np.array(ends, np.int64), np.tile(np.arange(len(groups)), 2))


def assign(
    merged: npt.NDArray[np.int64], labels: Sequence[Hashable], folds: int, seed: int, where: str
) -> npt.NDArray[np.int8]:
    """Return the fold of every row, shape ``(n,)``: whole groups, the largest first, each to where it balances best.

    Balance is the sum, over the group's labels, of what the fold already has of that label, in shares of the label's
    total, plus the fold's share of all rows. Equal groups are ordered by a hash of ``seed``, so the result depends on
    seed and rows only.

    Raises :class:`CairnError` when there are fewer groups than folds.
    """
    members: dict[int, list[int]] = defaultdict(list)
    for row, group in enumerate(merged.tolist()):
        members[group].append(row)
    if len(members) < folds:
        raise CairnError(
            f"{where}: {len(merged)} rows make only {len(members)} groups (same group or same content), fewer than the "
            f"{folds} folds. Set probe.folds to {max(2, len(members))} or less, or raise fetch.rows.intermediate.train."
        )
    total = Counter(labels)
    load = [Counter[Hashable]() for _ in range(folds)]
    size = [0] * folds
    fold = np.zeros(len(merged), np.int8)

    def order(group: int) -> tuple[int, bytes]:
        return -len(members[group]), hashlib.blake2b(f"{seed}:{group}".encode(), digest_size=8).digest()

    for group in sorted(members, key=order):
        inside = Counter(labels[row] for row in members[group])
        best = min(
            range(folds),
            key=lambda f: (sum(n * load[f][label] / total[label] for label, n in inside.items()), size[f], f),
        )
        load[best].update(inside)
        size[best] += len(members[group])
        fold[members[group]] = best
    return fold
