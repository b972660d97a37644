"""What the labels of a group's other rows say of a row's label, where such labels depend on each other.

Whoever wrote the rows of SNLI or MultiNLI wrote to one premise a sentence that it entails, one that it leaves open and
one that it contradicts (Bowman et al. 2015; Williams et al. 2018), so two rows of a premise seldom share a label, and a
wrong label mostly makes two that do. A probe judges every row alone and cannot know. Here the labels of a group are one
Markov random field: probabilities of the probe to a power, a potential for every two rows, and given labels as noisy
readings of the true ones, symmetric as in Dawid and Skene (1979). Potentials, power and noise are learnt from how the
labels of other folds' groups go together (maximum pseudo-likelihood, Besag 1975: a label given all others), and groups
are small, so that sums over all their labellings are exact. A row's own label has no say on itself.

What is not there is not found: the field counts only where it foretells labels of folds it was not fitted on better
than the same without potentials.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from curation.core import records
from curation.score.labels import alike, copies, held_out

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa

Probabilities = npt.NDArray[np.float64]
Members = npt.NDArray[np.int64]

STATES = 1024
"""Most labellings of a group: the rows of larger ones are taken a few at a time."""
FITTED = 4_000
"""Most groups of a size that are fitted on; more change nothing that can be seen."""
NUMBERS = 2_000_000
"""Numbers of a block of groups."""
PENALTY = 1.0
"""On the squares of potentials: as if half a row spoke for there being none."""
STEPS = 60


@dataclass(frozen=True)
class Field:
    """What was learnt of groups with so many classes."""

    potentials: Any
    """``(2, classes, classes)``, symmetric, log scale, 0 = no dependence: of two rows apart, and of two that are alike
    in every field and may be copies with a slip, of which the other potential says nothing."""
    power: Any
    """Of the probe's probabilities: above 1 where its errors are more of the labels' making than of its own."""
    right: Any
    """How often a label is right, between chance and :data:`copies.MOST`."""


@dataclass(frozen=True)
class Blocks:
    """Groups of one size."""

    rows: Members
    """Positions of their rows, ``(groups, m)``."""
    kind: npt.NDArray[np.int8]
    """Of every two of their rows, ``(groups, m, m)``: 0 apart, 1 alike, 2 copies, whose labels are votes already."""


@dataclass(frozen=True)
class Found:
    """Groups whose labels depend on each other."""

    probabilities: dict[int, Probabilities]
    """Row to the probabilities ``(labels,)`` of its true label given the probe and the rest of its group."""
    others: dict[int, list[int]]
    """Row to the labels of the rest of its group."""
    repeats: float
    """How much more or less often two rows of a group have one label than two rows of different groups do; 1 = as
    often."""


def largest(classes: int) -> int:
    """Return how many rows of a group are looked at together.

    >>> [largest(classes) for classes in (2, 3, 10, 32, 33)]
    [10, 6, 3, 2, 1]
    """
    return int(math.log(STATES) / math.log(classes) + 1e-9)


def find(
    table: pa.Table, labels: Members, probabilities: Probabilities, fold: npt.NDArray[np.int8], *, symmetric: bool
) -> Found | None:
    """Return what groups say of their rows; ``None`` where they say nothing, or nothing that holds in other folds.

    Args:
        table: the rows; those with the same ``group`` are of one group.
        labels: given labels ``(n,)``, -1 = none.
        probabilities: out-of-fold probabilities ``(n, labels)``, after the votes of copies.
        fold: of every row ``(n,)``; a group is in one fold.
        symmetric: whether the two texts of a row may change places.
    """
    classes = probabilities.shape[1]
    groups = list(_blocks(table, labels, largest(classes), symmetric=symmetric))
    logs = np.log(np.maximum(probabilities, 1e-6))
    judged: dict[int, Probabilities] = {}
    gains = []
    for one in np.unique(fold):
        inside = [_chosen(block, fold[block.rows[:, 0]] == one) for block in groups]
        outside = [_chosen(block, fold[block.rows[:, 0]] != one, FITTED) for block in groups]
        if not any(len(block.rows) for block in inside) or not any(len(block.rows) for block in outside):
            continue
        alone, field = (fit(outside, logs, labels, free=free) for free in (False, True))
        for block in inside:
            for part in _parts(block, classes):
                after, foretold = _infer(part, logs, labels, field)
                _, before = _infer(part, logs, labels, alone)
                said = labels[part.rows] >= 0
                at = np.maximum(labels[part.rows], 0)[..., None]
                better = (np.take_along_axis(foretold - before, at, 2)[..., 0] * said).sum(1)
                gains.append(better[said.any(1)])
                judged.update(zip(part.rows.ravel().tolist(), np.exp(after).reshape(-1, classes), strict=True))
    if not held_out.better(np.concatenate(gains) if gains else np.zeros(0)):
        return None
    others = {}
    for block in groups:
        given = labels[block.rows]
        for members, own in zip(block.rows.tolist(), given.tolist(), strict=True):
            for i, row in enumerate(members):
                others[row] = [label for j, label in enumerate(own) if j != i and label >= 0]
    return Found(judged, others, _repeats(groups, labels, classes))


def fit(groups: Sequence[Blocks], logs: Probabilities, labels: Members, *, free: bool) -> Field:
    """Return the field under which the labels of ``groups`` are most likely, each given the others of its group.

    ``logs``: log probabilities ``(n, classes)``. ``free``: potentials are fitted; else they are 0.
    """
    import torch

    classes = logs.shape[1]
    raw = torch.zeros(2, classes, classes, dtype=torch.float64, requires_grad=free)
    noise = torch.tensor(2.0, dtype=torch.float64, requires_grad=True)
    power = torch.tensor(0.0, dtype=torch.float64, requires_grad=True)
    values = [noise, power, *([raw] if free else [])]
    optimiser = torch.optim.LBFGS(values, max_iter=STEPS, line_search_fn="strong_wolfe")
    parts = [part for block in groups for part in _parts(block, classes)]
    count = max(sum(int((labels[part.rows] >= 0).sum()) for part in parts), 1)

    def field() -> Field:
        right = 1 / classes + torch.sigmoid(noise) * (copies.MOST - 1 / classes)
        return Field((raw + raw.transpose(1, 2)) / 2, torch.exp(power), right)

    def loss() -> Any:
        optimiser.zero_grad()
        now = field()
        total = PENALTY / count * (now.potentials**2).sum() if free else torch.zeros((), dtype=torch.float64)
        total.backward() if free else None
        for part in parts:  # block by block, so that memory does not grow with the groups
            now = field()
            _, foretold = _field(part, logs, labels, now)
            given = torch.from_numpy(labels[part.rows])
            lost = foretold.gather(2, given.clamp(min=0)[..., None])[..., 0][given >= 0]
            one = -lost.sum() / count
            one.backward()
            total = total.detach() + one.detach()
        return total

    optimiser.step(loss)  # type: ignore[no-untyped-call]
    with torch.no_grad():
        return field()


def _infer(block: Blocks, logs: Probabilities, labels: Members, field: Field) -> tuple[Probabilities, Probabilities]:
    import torch

    with torch.inference_mode():
        after, foretold = _field(block, logs, labels, field)
        return after.numpy(), foretold.numpy()


def _field(block: Blocks, logs: Probabilities, labels: Members, field: Field) -> tuple[Any, Any]:
    """Return log probabilities ``(groups, m, classes)`` of a row's true label, and of its given one.

    Both given the labels of the others.
    """
    import torch

    classes, (count, m) = logs.shape[1], block.rows.shape
    wrong = torch.log((1 - field.right) / (classes - 1))
    readings = wrong + torch.eye(classes, dtype=torch.float64) * (torch.log(field.right) - wrong)
    given = torch.from_numpy(labels[block.rows])
    votes = readings[given.clamp(min=0)] * (given >= 0)[..., None]  # symmetric, so true and given may change places
    singles = field.power * torch.from_numpy(logs[block.rows]) + votes
    between = torch.cat([field.potentials, torch.zeros(1, classes, classes, dtype=torch.float64)])

    def along(values: Any, *rows: int) -> Any:
        return values.reshape(count, *(classes if row in rows else 1 for row in range(m)))

    total = torch.zeros(count, *[classes] * m, dtype=torch.float64)
    for i in range(m):
        total = total + along(singles[:, i], i)
    kinds = torch.from_numpy(block.kind).long()
    for i, j in combinations(range(m), 2):
        total = total + along(between[kinds[:, i, j]], i, j)
    after = torch.stack(
        [torch.logsumexp(total, [d + 1 for d in range(m) if d != i]) - votes[:, i] for i in range(m)], 1
    )
    after = after - torch.logsumexp(after, -1, keepdim=True)
    return after, torch.logsumexp(after[..., None] + readings, -2)


def _blocks(table: pa.Table, labels: Members, most: int, *, symmetric: bool) -> Iterator[Blocks]:
    """Yield the groups of two rows and more, by size; larger ones than ``most`` in several parts."""
    names = table["group"].combine_chunks().dictionary_encode().indices.to_numpy()
    order = np.argsort(names, kind="stable")
    starts = np.flatnonzero(np.append(True, names[order][1:] != names[order][:-1])) if len(order) else order
    by_size: dict[int, list[Members]] = defaultdict(list)
    for rows in np.split(order, starts[1:]):
        for at in range(0, len(rows), max(most, 1)):
            part = rows[at : at + most]
            if len(part) > 1 and (labels[part] >= 0).sum() > 1:
                by_size[len(part)].append(part)
    for size in sorted(by_size):
        rows = np.stack(by_size[size])
        yield Blocks(rows, _kinds(table, rows, symmetric=symmetric))


def _kinds(table: pa.Table, rows: Members, *, symmetric: bool) -> npt.NDArray[np.int8]:
    """Return of every two rows of a group whether they are apart, alike, or copies; see :class:`Blocks`."""
    fields = records.content_fields(records.kind_of(table))
    out = np.zeros((*rows.shape, rows.shape[1]), np.int8)
    for start in range(0, len(rows), 4096):
        some = rows[start : start + 4096]
        texts = table.select(fields).take(some.ravel()).to_pylist()
        said = [[copies.plain(row[name]) for name in fields] for row in texts]
        triples = [[alike.triples(text) for text in one] for one in said]
        if symmetric:
            said = [sorted(one) for one in said]
        m = rows.shape[1]
        for group in range(len(some)):
            for i, j in combinations(range(m), 2):
                a, b = group * m + i, group * m + j
                if said[a] == said[b]:
                    kind = 2
                elif _all_alike(triples[a], triples[b]) or (symmetric and _all_alike(triples[a], triples[b][::-1])):
                    kind = 1
                else:
                    continue
                out[start + group, i, j] = out[start + group, j, i] = kind
    return out


def _all_alike(one: Sequence[frozenset[str]], other: Sequence[frozenset[str]]) -> bool:
    return all(alike.alike(a, b) for a, b in zip(one, other, strict=True))


def _chosen(block: Blocks, mask: npt.NDArray[np.bool_], most: int | None = None) -> Blocks:
    at = np.flatnonzero(mask)[:most]
    return Blocks(block.rows[at], block.kind[at])


def _parts(block: Blocks, classes: int) -> Iterator[Blocks]:
    step = max(NUMBERS // classes ** block.rows.shape[1], 1)
    for start in range(0, len(block.rows), step):
        yield Blocks(block.rows[start : start + step], block.kind[start : start + step])


def _repeats(groups: Sequence[Blocks], labels: Members, classes: int) -> float:
    """Return how often rows apart in one group share a label, over how often any two rows do."""
    same = pairs = 0
    for block in groups:
        given = labels[block.rows]
        both = (given[:, :, None] >= 0) & (given[:, None, :] >= 0) & (block.kind == 0)
        both &= ~np.eye(given.shape[1], dtype=bool)
        pairs += int(both.sum())
        same += int((both & (given[:, :, None] == given[:, None, :])).sum())
    shares = np.bincount(labels[labels >= 0], minlength=classes) / max(int((labels >= 0).sum()), 1)
    return same / max(pairs, 1) / float((shares**2).sum())
