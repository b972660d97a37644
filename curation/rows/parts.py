"""Parts of a split that upstream did not cut: a dev set held out of train, one half of a pool.

For ``Source.unfold``. A hash of the group decides, so that rows of one group (premise, paragraph, sentence pair) stay
together, the parts are the same every time, and neither depends on the order or the number of the rows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Unfold = Callable[[Mapping[str, Any], str, str], Iterable[Mapping[str, Any]]]


def share(group: str) -> float:
    """Return the place of ``group`` in 0..1, evenly spread over groups.

    >>> share("a premise") == share("a premise"), 0 <= share("another") < 1
    (True, True)
    """
    return int.from_bytes(hashlib.blake2b(group.encode("utf-8", "replace"), digest_size=8).digest(), "big") / 2**64


@dataclass(frozen=True)
class Part:
    """An ``unfold`` that keeps the rows whose group has a place in ``low`` to ``high``, of 0..1.

    ``Part(0, 0.1, c)`` and ``Part(0.1, 1, c)`` share no group and lose no row.

    >>> rows = [{"premise": str(number)} for number in range(1000)]
    >>> dev, train = ([one for row in rows for one in Part(*edges, "premise")(row, "en", "")]
    ...               for edges in ((0, 0.1), (0.1, 1)))
    >>> len(dev) + len(train), 60 < len(dev) < 140
    (1000, True)
    """

    low: float
    high: float
    column: str | tuple[str, ...] | None = None
    """What stands in this column is the group; of several columns the text that sorts first, so that a pair and the
    same pair with its sides exchanged are in one part. ``None``: every upstream row is its own."""
    unfold: Unfold | None = None
    """Applied first, so that ``column`` is one of the rows that it makes."""

    def __call__(self, row: Mapping[str, Any], lang: str, key: str) -> Iterable[Mapping[str, Any]]:
        """Yield the rows of ``row`` that are in this part."""
        for one in self.unfold(row, lang, key) if self.unfold else (row,):
            if self.low <= share(self._group(one, key)) < self.high:
                yield one

    def _group(self, row: Mapping[str, Any], key: str) -> str:
        if isinstance(self.column, tuple):
            return min(str(row[name]) for name in self.column)
        return str(row[self.column]) if self.column else key
