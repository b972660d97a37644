"""Parts of a split that upstream did not cut: a dev set held out of train, one half of a pool.

For ``Source.unfold``. A hash of the group decides, so that rows of one group (premise, paragraph, sentence pair) stay
together, the parts are the same every time, and neither depends on the order or the number of the rows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

Unfold = Callable[[Mapping[str, Any], str, str], Iterable[Mapping[str, Any]]]


def share(group: str) -> float:
    """Return the place of ``group`` in 0..1, evenly spread over groups.

    >>> share("a premise") == share("a premise"), 0 <= share("another") < 1
    (True, True)
    """
    return int.from_bytes(hashlib.blake2b(group.encode("utf-8", "replace"), digest_size=8).digest(), "big") / 2**64


def part(low: float, high: float, column: str | None = None, unfold: Unfold | None = None) -> Unfold:
    """Return an ``unfold`` that keeps the rows whose group has a place in ``low`` to ``high``, of 0..1.

    The group is what stands in ``column`` (``None``: every upstream row is its own), after ``unfold`` where one is
    given. ``part(0, 0.1, c)`` and ``part(0.1, 1, c)`` share no group and lose no row.

    >>> rows = [{"premise": str(number)} for number in range(1000)]
    >>> dev, train = ([one for row in rows for one in part(*edges, "premise")(row, "en", "")]
    ...               for edges in ((0, 0.1), (0.1, 1)))
    >>> len(dev) + len(train), 60 < len(dev) < 140
    (1000, True)
    """

    def kept(row: Mapping[str, Any], lang: str, key: str) -> Iterable[Mapping[str, Any]]:
        for one in unfold(row, lang, key) if unfold else (row,):
            if low <= share(str(one[column]) if column else key) < high:
                yield one

    return kept
