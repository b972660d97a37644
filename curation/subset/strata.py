"""Orders of taking: matched in labels and length at every size, nested because a smaller size is a prefix.

All functions are pure and work on ids. An *arm* is one stratum of one selector's ranking. Every arm takes its rows
along one *schedule* of cells (label x length class) that depends on the pool alone, so that at any size all arms hold
equally many rows of each cell; what differs between arms is which rows of a cell they hold.
"""

from __future__ import annotations

import heapq
from collections import Counter, deque
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Literal, TypeVar, get_args

from curation.core.seeds import derive

Stratum = Literal["top", "middle", "bottom", "random"]
STRATA: tuple[Stratum, ...] = get_args(Stratum)
Cell = tuple[str, int]
"""Label and length class of a row."""
H = TypeVar("H", bound=Hashable)


def apportion(counts: Mapping[H, int], seats: int, weigh: Callable[[int], float] = float) -> list[H]:
    """Return to which key each of ``seats`` goes, in order, by the weights of ``counts`` (Webster, or Sainte-Lague).

    The method of largest remainders would not do: with it a key can *lose* a row when the size grows (the Alabama
    paradox), and sizes would not nest. Divisor methods cannot. No key gets more than its count.

    >>> apportion({"a": 6, "b": 3}, 6)
    ['a', 'b', 'a', 'a', 'b', 'a']
    >>> from math import sqrt
    >>> Counter(apportion({"a": 900, "b": 100}, 40, sqrt))
    Counter({'a': 30, 'b': 10})
    """
    heap: list[tuple[float, str, int, H]] = [
        (-weigh(count), str(key), 0, key) for key, count in counts.items() if count
    ]
    heapq.heapify(heap)
    given: list[H] = []
    while heap and len(given) < seats:
        _, name, got, key = heapq.heappop(heap)
        given.append(key)
        if got + 1 < counts[key]:
            heapq.heappush(heap, (-weigh(counts[key]) / (2 * (got + 1) + 1), name, got + 1, key))
    return given


def schedule(cells: Mapping[str, Cell]) -> list[Cell]:
    """Return the cell of the 1st, 2nd, ... row to take until all rows of ``cells`` (id to cell) are taken.

    Labels follow the pool's histogram first, length classes follow it within each label.
    """
    counts = Counter(cells.values())
    labels = Counter(label for label, _ in cells.values())
    within = {
        label: iter(apportion({cell: n for cell, n in counts.items() if cell[0] == label}, total))
        for label, total in labels.items()
    }
    return [next(within[label]) for label in apportion(labels, len(cells))]


def arrange(ranking: Sequence[str], stratum: Stratum, seed: int) -> list[str]:
    """Return ``ranking`` (most wanted first) in the order in which ``stratum`` wants it.

    ``top``: as it is; ``bottom``: from its end; ``middle``: from its median outwards; ``random``: shuffled by ``seed``.

    >>> arrange(["a", "b", "c", "d", "e"], "middle", seed=1)
    ['c', 'b', 'd', 'a', 'e']
    """
    if stratum == "top":
        return list(ranking)
    if stratum == "bottom":
        return list(reversed(ranking))
    if stratum == "middle":
        median = (len(ranking) - 1) / 2
        return [ranking[i] for i in sorted(range(len(ranking)), key=lambda i: (abs(i - median), i))]
    return sorted(ranking, key=lambda id_: (derive(seed, "random", id_), id_))


def taking_order(wanted: Sequence[str], cells: Mapping[str, Cell], plan: Sequence[Cell] | None = None) -> list[str]:
    """Return all ids in the order of taking: cells as planned, and within each cell the most wanted first.

    ``plan``: the :func:`schedule` of ``cells``, if it is known already.

    >>> cells = {"a": ("yes", 0), "b": ("yes", 0), "c": ("no", 0), "d": ("no", 0)}
    >>> taking_order(["a", "b", "c", "d"], cells), taking_order(["d", "c", "b", "a"], cells)
    (['c', 'a', 'd', 'b'], ['d', 'b', 'c', 'a'])
    """
    queues: dict[Cell, deque[str]] = {}
    for id_ in wanted:
        queues.setdefault(cells[id_], deque()).append(id_)
    return [queues[cell].popleft() for cell in (schedule(cells) if plan is None else plan)]


def taken(wanted: Sequence[str], cells: Mapping[str, Cell], plan: Sequence[Cell]) -> list[str]:
    """Return the first ``len(plan)`` ids of the order of taking, most wanted first, without making the whole order.

    >>> cells = {"a": ("yes", 0), "b": ("yes", 0), "c": ("no", 0), "d": ("no", 0)}
    >>> taken(["a", "b", "c", "d"], cells, schedule(cells)[:2])
    ['a', 'c']
    """
    left = Counter(plan)
    found = []
    for id_ in wanted:
        if left[cells[id_]]:
            left[cells[id_]] -= 1
            found.append(id_)
    return found


def length_classes(lengths: Mapping[str, int], classes: int) -> dict[str, int]:
    """Return the quantile class (0 = shortest) of each id's length; equal lengths share a class.

    >>> length_classes({"a": 5, "b": 9, "c": 5, "d": 70}, 2)
    {'a': 0, 'b': 1, 'c': 0, 'd': 1}
    """
    ordered = sorted(lengths.values())
    cuts = sorted({ordered[len(ordered) * i // classes] for i in range(1, classes)}) if ordered else []
    return {id_: sum(length >= cut for cut in cuts) for id_, length in lengths.items()}
