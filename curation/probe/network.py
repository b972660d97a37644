"""A network of one hidden layer for pairs: what two texts share decides a label only together with what they do not.

Heavy dropout on features and hidden units keeps it from learning the wrong labels by heart, which is the one thing a
probe that looks for wrong labels must not do; it also made the better half of the difference to logistic regression.
Features are dropped for a whole step at a time, as in the random subspaces of Ho (1998): a step then multiplies three
columns in ten only, and draws one number a column instead of one a cell. Two networks of other random numbers answer
together: what they agree on depends less on which wrong labels either was fed last.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from curation.core import engine, seeds
from curation.core.progress import bar
from curation.search.exact import blocks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from curation.embed.cache import Floats, Indices
    from curation.probe.solver import Features

EPOCHS = (3, 10)
"""Passes over the training rows: many rows need fewer, few never more."""
PRESENTED = 300_000
"""Rows presented in training a fold, where that lies within EPOCHS."""
STEPS = 250
"""Steps at least, whatever the epochs: few rows need many passes."""
BATCH = (16, 512)
"""Rows per step: a 25th of the training rows, within these bounds."""
WINDOW = 16_384
"""Rows that are read in one go and shuffled among themselves, window after window in random order: features that do not
fit in memory are read forwards. Records are in the order of a hash, so that a window is a sample."""
DROPOUT = (0.7, 0.7)
"""Of features, of hidden units."""
NETWORKS = 2
"""Networks a fold, whose probabilities are averaged."""
LEARNING_RATE = 1e-3
WEIGHT_DECAY = 1e-2


def out_of_fold(
    labels: Indices,
    fold: npt.NDArray[np.int8],
    classes: int,
    folds: int,
    features: Features,
    hidden: int,
    seed: int,
) -> npt.NDArray[np.float32]:
    """Return probabilities ``(n, classes)``, each row's from the network trained on labelled rows of other folds."""
    import torch

    device = "cuda" if torch.cuda.is_available() else "cpu"
    features.prepare([(start, min(start + 4096, len(labels))) for start in range(0, len(labels), 4096)], device)
    out = np.full((len(labels), classes), 1.0 / classes, np.float32)
    sizes = [int(((fold != one) & (labels >= 0)).sum()) for one in range(folds)]
    there = [one for one in range(folds) if sizes[one] and (fold == one).any()]
    with bar(sum(NETWORKS * size * _epochs(size) for size in sizes), "probe", "row") as progress:
        judge = partial(_judge, labels, fold, classes, features, hidden, device, seed)
        if engine.name() == "local" or not features.sendable:
            found: Iterable[Floats] = map(partial(judge, progress.update), there)
        else:
            found = engine.each(partial(judge, _silent), there)
        for one, probabilities in zip(there, found, strict=True):
            out[fold == one] = probabilities
    return out


def _silent(rows: int) -> None:
    """Show no progress: a worker's is not seen."""


def _judge(
    labels: Indices, fold: npt.NDArray[np.int8], classes: int, features: Features, hidden: int, device: str, seed: int,
    advance: Callable[[int], Any], one: int,
) -> Floats:  # fmt: skip
    """Return what networks that were trained on the other folds say of the rows of fold ``one``."""
    import torch

    train, held_out = np.flatnonzero((fold != one) & (labels >= 0)), np.flatnonzero(fold == one)
    members = []
    with torch.random.fork_rng():
        for member in range(NETWORKS):
            torch.manual_seed(seeds.derive(seed, "fold", one, member))
            network = _fit(features, train, labels[train], classes, hidden, device, advance)
            members.append(_predict(network, features, held_out))
    mean: Floats = np.mean(members, 0)
    return mean


def _epochs(rows: int) -> int:
    """Return how often a fold's training rows are seen.

    >>> [_epochs(rows) for rows in (100, 3_000, 50_000, 500_000)]
    [36, 10, 6, 3]
    """
    usual = min(max(PRESENTED // max(rows, 1), EPOCHS[0]), EPOCHS[1])
    return max(usual, -(-STEPS // -(-rows // _batch(rows)))) if rows else 0


def _batch(rows: int) -> int:
    return min(max(rows // 25, BATCH[0]), BATCH[1])


def _fit(
    features: Features, rows: Indices, labels: Indices, classes: int, hidden: int, device: str, advance: Any
) -> Any:
    import torch
    from torch import nn

    network = nn.Sequential(nn.Linear(features.width, hidden), nn.GELU(), nn.Linear(hidden, classes)).to(device)
    first: Any = network[0]
    last: Any = network[2]
    kept = max(1, round(features.width * (1 - DROPOUT[0])))
    batch, epochs = _batch(len(rows)), _epochs(len(rows))
    windows = list(blocks(len(rows), WINDOW))
    steps = epochs * sum(-(-(window.stop - window.start) // batch) for window in windows)
    optimiser = torch.optim.AdamW(network.parameters(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY, fused=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, LEARNING_RATE, total_steps=steps, pct_start=0.1)
    gold = torch.from_numpy(labels).to(device)
    read, near = -1, torch.empty(0)
    for _ in range(epochs):
        for number in torch.randperm(len(windows)).tolist() if len(windows) > 1 else [0]:
            if number != read:
                near = features.rows(rows[windows[number]]).mul_(features.width / kept)  # in place: it is a copy
            read, right = number, gold[windows[number]]
            for chosen in torch.split(torch.randperm(len(near)).to(device), batch):
                columns = torch.randperm(features.width)[:kept].sort().values.to(device)
                some = near.index_select(0, chosen).index_select(1, columns)  # six times as fast as brackets
                sums = nn.functional.linear(some, first.weight.index_select(1, columns), first.bias)
                loss: Any = nn.functional.cross_entropy(last(_dropped(nn.functional.gelu(sums))), right[chosen])
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()
                schedule.step()
                advance(len(chosen))
    return network.eval()


def _dropped(units: Any) -> Any:
    """Return hidden units with :data:`DROPOUT` of them zero, the rest larger: ``nn.Dropout``, in half its time."""
    import torch

    return units * ((torch.rand(units.shape, device=units.device) >= DROPOUT[1]) / (1 - DROPOUT[1]))


def _predict(network: Any, features: Features, rows: Indices) -> Floats:
    import torch

    with torch.inference_mode():
        parts = [network(features.rows(rows[i : i + 4096])).softmax(1).cpu().numpy() for i in range(0, len(rows), 4096)]
    found: Floats = np.concatenate(parts)
    return found
