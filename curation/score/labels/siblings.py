"""What the labels of a group's other rows say of a row's label, where such labels depend on each other.

Whoever wrote the rows of SNLI or MultiNLI wrote to one premise a sentence that it entails, one that it leaves open and
one that it contradicts (Bowman et al. 2015; Williams et al. 2018), so two rows of a premise seldom share a label, and a
wrong label mostly makes two that do. A probe judges every row alone and cannot know. Here the labels of a group are one
Markov random field: probabilities of the probe to a power, a potential for every two rows, and given labels as noisy
readings of the true ones, symmetric as in Dawid and Skene (1979). Potentials, power and noise are learnt from how the
labels of other folds' groups of the same size go together (maximum pseudo-likelihood, Besag 1975: a label given all
others), and groups are taken so small that sums over all their labellings are exact. In the field a row's own label has
no say on it.

What is not there is not found: the field counts only for sizes where it foretells labels of folds it was not fitted on
better than the same without potentials. It takes errors for independent, so that two labels of a premise that changed
places would clear each other: they go together as well as right ones do. So a label counts no more than it can when
that is reckoned with, the probe's word alone deciding (:data:`EXCHANGED`). Where rows of a group tend to share a label,
errors that befall a whole group look like the dependence itself; there the field only speaks against labels.
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

TOGETHER, STATES = 6, 1024
"""Most rows, and most labellings, that are looked at together: larger groups are taken in parts of about one size."""
FITTED, NUMBERS = 4_000, 500_000
"""Most groups that a fit reads, and most labellings of all of them; more change nothing that can be seen."""
PENALTY = 1.0
"""On the squares of potentials: as if half a row spoke for there being none."""
STEPS = 60
EXCHANGED, TRUSTED = 0.05, 2.0
"""How likely two given labels of a group are to have changed places, beside being where they belong, before the probe
has its say; and the power of its probabilities there. The field's own power is of no use: labels that changed places
teach it to trust the group and not the probe."""


@dataclass(frozen=True)
class Field:
    """What was learnt of groups of one size."""

    potentials: Any
    """``(2, classes, classes)``, symmetric, log scale, 0 = no dependence: of two rows apart, and of two that are alike
    in every field and may be copies with a slip, of which the other potential says nothing."""
    bias: Any
    """``(classes,)``, log scale: how the share of each class differs from what the probe expects. Without it potentials
    would make up for that, and find a dependence in groups that mean nothing."""
    power: Any
    """Of the probe's probabilities: above 1 where its errors are more of the labels' making than of its own."""
    right: Any
    """How often a label is right, between chance and :data:`copies.MOST`."""


@dataclass(frozen=True)
class Groups:
    """Groups, or parts of larger ones, with equally many different rows."""

    rows: Members
    """Positions of their rows, of copies the first one, ``(groups, m)``."""
    whole: Members
    """Number of the whole group that each is or is a part of, ``(groups,)``."""
    alike: npt.NDArray[np.bool_] | None = None
    """Which two of their rows are alike, ``(groups, m, m)``; ``None`` before anyone has looked."""

    def chosen(self, at: Any) -> Groups:
        """Return some of the groups."""
        return Groups(self.rows[at], self.whole[at], None if self.alike is None else self.alike[at])


@dataclass(frozen=True)
class Found:
    """Groups whose labels depend on each other."""

    probabilities: dict[int, Probabilities]
    """Row to the probabilities ``(labels,)`` of its true label given the probe and the rest of its group."""
    rest: dict[int, list[int]]
    """Row to the rows of its group that it was judged by."""
    repeats: float
    """How many times as often two different rows of a group have one label as any two rows do."""


def largest(classes: int) -> int:
    """Return how many rows of a group are looked at together; below 2 = none.

    >>> [largest(classes) for classes in (1, 2, 3, 10, 32, 33)]
    [0, 6, 6, 3, 2, 1]
    """
    return min(TOGETHER, int(math.log(STATES) / math.log(classes) + 1e-9)) if classes > 1 else 0


def find(
    table: pa.Table, labels: Members, content: npt.NDArray[np.uint64], probabilities: Probabilities,
    fold: npt.NDArray[np.int8], *, symmetric: bool,
) -> Found | None:  # fmt: skip
    """Return what groups say of their rows; ``None`` where they say nothing, or nothing that holds in other folds.

    Args:
        table: the rows; those with the same ``group`` are of one group.
        labels: given labels ``(n,)``, -1 = none.
        content: of every row ``(n,)``, equal for copies (:func:`copies.content`).
        probabilities: out-of-fold probabilities ``(n, labels)``, before any votes of copies.
        fold: of every row ``(n,)``; a group is in one fold.
        symmetric: whether the two texts of a row may change places.
    """
    classes = probabilities.shape[1]
    logs = np.log(np.maximum(probabilities, 1e-6))
    after: dict[int, Probabilities] = {}
    rest: dict[int, list[int]] = {}
    same = usual = 0.0
    for groups in _by_size(table, labels, content, largest(classes)):
        fields = _fields(table, groups, logs, labels, fold, symmetric=symmetric)
        if fields is None:
            continue
        often, expected = _repeats(groups, labels, classes)
        same, usual = same + often, usual + expected
        for block in groups:
            for part in _parts(block, classes):
                seen = _looked_at(table, part, symmetric=symmetric)
                for one, field in fields.items():
                    inside = seen.chosen(fold[part.rows[:, 0]] == one)
                    found = np.exp(_infer(inside, logs, labels, field)[0])
                    found = _unexchanged(inside, found, logs, labels)
                    for members, values in zip(inside.rows.tolist(), found, strict=True):
                        for i, row in enumerate(members):
                            raised = labels[row] >= 0 and values[i, labels[row]] > probabilities[row, labels[row]]
                            if not (raised and often > expected):
                                after[row], rest[row] = values[i], [other for j, other in enumerate(members) if j != i]
    if not after:
        return None
    _add_copies(after, rest, table, content)
    return Found(after, rest, same / usual)


def _unexchanged(groups: Groups, after: Probabilities, logs: Probabilities, labels: Members) -> Probabilities:
    """Return ``after`` ``(groups, m, classes)`` with given labels at most as likely as never to have changed places.

    Labels ``a`` of one row and ``b`` of another changed places with odds of :data:`EXCHANGED` times what the probe says
    for (b, a) over what it says for (a, b), to the power :data:`TRUSTED`; ``logs``: of its probabilities
    ``(n, classes)``. What a given label loses goes to those that it would have changed places with.
    """
    rows, m = groups.rows, groups.rows.shape[1]
    given = np.maximum(labels[rows], 0)
    said = np.take_along_axis(logs[rows], np.broadcast_to(given[:, None, :], (len(rows), m, m)), 2)  # of row i: l_j
    own = said[:, np.arange(m), np.arange(m)]
    more = said + said.transpose(0, 2, 1) - own[:, :, None] - own[:, None, :]
    known = labels[rows] >= 0
    possible = known[:, :, None] & known[:, None, :] & (given[:, :, None] != given[:, None, :])
    odds = EXCHANGED * np.where(possible, np.exp(np.minimum(TRUSTED * more, 50.0)), 0.0)
    most = 1 / (1 + odds.sum(2))
    likely = np.take_along_axis(after, given[..., None], 2)[..., 0]
    lost = np.where(known, np.maximum(likely - most, 0.0), 0.0)
    share = odds / np.maximum(odds.sum(2, keepdims=True), 1e-300)
    gained = np.zeros_like(after)
    for j in range(m):
        np.add.at(gained, (*np.indices((len(rows), m)), given[:, j][:, None]), share[:, :, j] * lost)
    out = after + gained
    np.put_along_axis(out, given[..., None], (likely - lost)[..., None], 2)
    return out


def _fields(
    table: pa.Table, groups: Sequence[Groups], logs: Probabilities, labels: Members, fold: npt.NDArray[np.int8], *,
    symmetric: bool,
) -> dict[int, Field] | None:  # fmt: skip
    """Return a field for every fold, fitted on the others; ``None`` unless they foretell labels of their own folds."""
    classes = logs.shape[1]
    some = [
        _looked_at(table, block.chosen(slice(2 * _enough(block.rows.shape[1], classes))), symmetric=symmetric)
        for block in groups
    ]
    fields: dict[int, Field] = {}
    gains: dict[int, float] = defaultdict(float)
    for one in np.unique(fold[np.concatenate([block.rows[:, 0] for block in groups])]).tolist():
        outside = [
            block.chosen(np.flatnonzero(fold[block.rows[:, 0]] != one)[: _enough(block.rows.shape[1], classes)])
            for block in some
        ]
        if not any(len(block.rows) for block in outside):
            return None
        alone, fields[one] = (fit(outside, logs, labels, free=free) for free in (False, True))
        for block in some:
            for part in _parts(block.chosen(fold[block.rows[:, 0]] == one), classes):
                given = labels[part.rows]
                more = _infer(part, logs, labels, fields[one])[1] - _infer(part, logs, labels, alone)[1]
                better = np.take_along_axis(more, np.maximum(given, 0)[..., None], 2)[..., 0] * (given >= 0)
                for number, gain in zip(part.whole.tolist(), better.sum(1).tolist(), strict=True):
                    gains[number] += gain
    return fields if held_out.better(np.array(list(gains.values()))) else None


def _enough(m: int, classes: int) -> int:
    return max(min(FITTED, NUMBERS // int(classes**m)), 1)


def fit(groups: Sequence[Groups], logs: Probabilities, labels: Members, *, free: bool) -> Field:
    """Return the field under which the labels of ``groups`` are most likely, each given the others of its group.

    ``logs``: log probabilities ``(n, classes)``. ``free``: potentials are fitted; else they are 0.
    """
    import torch

    classes = logs.shape[1]
    raw = torch.zeros(2, classes, classes, dtype=torch.float64, requires_grad=free)
    bias = torch.zeros(classes, dtype=torch.float64, requires_grad=True)
    noise = torch.tensor(2.0, dtype=torch.float64, requires_grad=True)
    power = torch.tensor(0.0, dtype=torch.float64, requires_grad=True)
    values = [noise, power, bias, *([raw] if free else [])]
    optimiser = torch.optim.LBFGS(values, max_iter=STEPS, line_search_fn="strong_wolfe")
    parts = [part for block in groups for part in _parts(block, classes)]
    count = max(sum(int((labels[part.rows] >= 0).sum()) for part in parts), 1)

    def field() -> Field:
        right = 1 / classes + torch.sigmoid(noise) * (copies.MOST - 1 / classes)
        return Field((raw + raw.transpose(1, 2)) / 2, bias, torch.exp(power), right)

    def loss() -> Any:
        optimiser.zero_grad()
        total = PENALTY / count * ((raw**2).sum() + (bias**2).sum())
        total.backward()  # type: ignore[no-untyped-call]
        for part in parts:  # block by block, so that memory does not grow with the groups
            _, foretold = _field(part, logs, labels, field())
            given = torch.from_numpy(labels[part.rows])
            likely = foretold.gather(2, given.clamp(min=0)[..., None])[..., 0][given >= 0]
            lost = -likely.sum() / count
            lost.backward()
            total = total.detach() + lost.detach()
        return total

    optimiser.step(loss)  # type: ignore[no-untyped-call]
    with torch.no_grad():
        return field()


def _infer(groups: Groups, logs: Probabilities, labels: Members, field: Field) -> tuple[Probabilities, Probabilities]:
    import torch

    with torch.inference_mode():
        after, foretold = _field(groups, logs, labels, field)
        return after.numpy(), foretold.numpy()


def _field(groups: Groups, logs: Probabilities, labels: Members, field: Field) -> tuple[Any, Any]:
    """Return log probabilities ``(groups, m, classes)`` of a row's true label, and of its given one.

    Both given the labels of the others.
    """
    import torch

    classes, (count, m) = logs.shape[1], groups.rows.shape
    wrong = torch.log((1 - field.right) / (classes - 1))
    readings = wrong + torch.eye(classes, dtype=torch.float64) * (torch.log(field.right) - wrong)
    given = torch.from_numpy(labels[groups.rows])
    votes = readings[given.clamp(min=0)] * (given >= 0)[..., None]  # symmetric, so true and given may change places
    singles = field.power * torch.from_numpy(logs[groups.rows]) + field.bias + votes
    assert groups.alike is not None
    kinds = torch.from_numpy(groups.alike).long()

    def along(values: Any, *rows: int) -> Any:
        return values.reshape(count, *(classes if row in rows else 1 for row in range(m)))

    total = torch.zeros(count, *[classes] * m, dtype=torch.float64)
    for i in range(m):
        total = total + along(singles[:, i], i)
    for i, j in combinations(range(m), 2):
        total = total + along(field.potentials[kinds[:, i, j]], i, j)
    after = torch.stack(
        [torch.logsumexp(total, [d + 1 for d in range(m) if d != i]) - votes[:, i] for i in range(m)], 1
    )
    after = after - torch.logsumexp(after, -1, keepdim=True)
    return after, torch.logsumexp(after[..., None] + readings, -2)


def _by_size(table: pa.Table, labels: Members, content: npt.NDArray[np.uint64], most: int) -> Iterator[list[Groups]]:
    """Yield the groups of one size after the other, counting different rows; last those of more rows than ``most``."""
    if most < 2 or not table.num_rows:
        return
    names = table["group"].combine_chunks().dictionary_encode().indices.to_numpy()
    order = np.lexsort([np.arange(len(names)), content, names])
    fresh = np.append(True, (names[order][1:] != names[order][:-1]) | (content[order][1:] != content[order][:-1]))
    order = np.sort(order[fresh])  # of copies the first, in record order
    order = order[np.argsort(names[order], kind="stable")]
    starts = np.flatnonzero(np.append(True, names[order][1:] != names[order][:-1]))
    by_size: dict[int, dict[int, list[tuple[Members, int]]]] = defaultdict(lambda: defaultdict(list))
    for number, rows in enumerate(np.split(order, starts[1:])):
        if len(rows) > 1 and (labels[rows] >= 0).sum() > 1:
            for part in np.array_split(rows, math.ceil(len(rows) / most)):  # of 7 rows 4 and 3: none is left alone
                by_size[min(len(rows), most + 1)][len(part)].append((part, number))
    for size in sorted(by_size):
        yield [
            Groups(np.stack([part for part, _ in found]), np.array([number for _, number in found], np.int64))
            for _, found in sorted(by_size[size].items())
        ]


def _add_copies(
    after: dict[int, Probabilities], rest: dict[int, list[int]], table: pa.Table, content: npt.NDArray[np.uint64]
) -> None:
    """Judge the copies of a row in its group as the row: by the rest of the group, in which none of them is."""
    names = table["group"].to_pylist()
    first = {(names[row], int(content[row])): row for row in after}
    for row, key in enumerate(zip(names, content.tolist(), strict=True)):
        if row not in after and (of := first.get(key)) is not None:
            after[row], rest[row] = after[of], rest[of]


def _looked_at(table: pa.Table, groups: Groups, *, symmetric: bool) -> Groups:
    """Return ``groups`` with :attr:`Groups.alike`."""
    fields = records.content_fields(records.kind_of(table))
    m = groups.rows.shape[1]
    out = np.zeros((len(groups.rows), m, m), np.bool_)
    for start in range(0, len(groups.rows), 512):
        some = groups.rows[start : start + 512]
        texts = table.select(fields).take(some.ravel()).to_pylist()
        for group in range(len(some)):
            said = [[row[name] or "" for name in fields] for row in texts[group * m : (group + 1) * m]]
            seen = [[alike.triples(text) for text in row] for row in said]
            for i, j in combinations(range(m), 2):
                if _all_alike(seen[i], seen[j]) or (symmetric and _all_alike(seen[i], seen[j][::-1])):
                    out[start + group, i, j] = out[start + group, j, i] = True
    return Groups(groups.rows, groups.whole, out)


def _all_alike(one: Sequence[frozenset[str]], other: Sequence[frozenset[str]]) -> bool:
    return all(alike.alike(a, b) for a, b in zip(one, other, strict=True))


def _parts(groups: Groups, classes: int) -> Iterator[Groups]:
    step = max(NUMBERS // classes ** groups.rows.shape[1], 1)
    for start in range(0, len(groups.rows), step):
        yield groups.chosen(slice(start, start + step))


def _repeats(groups: Sequence[Groups], labels: Members, classes: int) -> tuple[float, float]:
    """Return how many pairs of rows in one group share a label, and how many would if groups meant nothing."""
    same = pairs = 0
    for block in groups:
        given = labels[block.rows]
        both = (given[:, :, None] >= 0) & (given[:, None, :] >= 0) & ~np.eye(given.shape[1], dtype=bool)
        pairs += int(both.sum())
        same += int((both & (given[:, :, None] == given[:, None, :])).sum())
    shares = np.bincount(labels[labels >= 0], minlength=classes) / max(int((labels >= 0).sum()), 1)
    return float(same), pairs * float((shares**2).sum())
