"""The two losses of the solver: a class for each item, and one item chosen from each row's items."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from curation.probe.solver import even_blocks

if TYPE_CHECKING:
    from curation.embed.cache import Indices

BLOCK = 4096
"""Items processed together."""


def _training(fold: npt.NDArray[np.int8], labelled: npt.NDArray[np.bool_], folds: int) -> npt.NDArray[np.float32]:
    """Return 1 where a row trains a fold's weights: it is labelled and lies in another fold; ``(n, folds)``."""
    training: npt.NDArray[np.float32] = ((fold[:, None] != np.arange(folds)[None, :]) & labelled[:, None]).astype(
        np.float32
    )
    return training


class Classes:
    """Every item has one of ``classes`` classes (label -1: none known); columns are (fold, class)."""

    def __init__(self, labels: Indices, fold: npt.NDArray[np.int8], classes: int, folds: int):
        self.labels, self.fold, self.classes, self.folds = labels, fold, classes, folds
        self.blocks = even_blocks(np.arange(len(labels) + 1), BLOCK)
        self.columns = folds * classes
        training = _training(fold, labels >= 0, folds)
        counts = np.maximum(training.sum(0, dtype=np.float64), 1.0)
        self.weight = np.repeat(counts, classes)
        self._share = (training / counts).astype(np.float32)

    def loss(self, block: int, logits: Any) -> tuple[float, Any]:
        """Return the cross-entropy of a block and its gradient."""
        import torch

        start, stop = self.blocks[block]
        share = torch.from_numpy(self._share[start:stop]).to(logits.device)
        gold = torch.from_numpy(self.labels[start:stop].clip(0)).to(logits.device)
        log = torch.log_softmax(logits.view(-1, self.folds, self.classes), 2)
        right = log.gather(2, gold[:, None, None].expand(-1, self.folds, 1))
        delta = log.exp()
        delta.scatter_add_(2, gold[:, None, None].expand(-1, self.folds, 1), -torch.ones_like(right))
        delta *= share[:, :, None]
        return -float((right[:, :, 0] * share).sum(dtype=torch.float64)), delta.view(len(gold), -1)

    def probabilities(self, block: int, logits: Any) -> Any:
        """Return ``(items, classes)`` from the weights that never saw the item's fold."""
        import torch

        start, stop = self.blocks[block]
        own = torch.from_numpy(self.fold[start:stop].astype(np.int64)).to(logits.device)
        chosen = logits.view(-1, self.folds, self.classes)[torch.arange(stop - start, device=logits.device), own]
        return torch.softmax(chosen, 1)


class Choices:
    """Each row chooses one of its items, once per head (span: first word, last word); columns are (fold, head).

    Args:
        offsets: row ``r`` has items ``offsets[r]:offsets[r + 1]``.
        labels: ``(rows, heads)``, the chosen item counted within its row; -1 = not known.
        fold: fold of each row.
        folds: number of folds.
    """

    def __init__(self, offsets: Indices, labels: Indices, fold: npt.NDArray[np.int8], folds: int):
        self.offsets, self.labels, self.fold, self.folds = offsets, labels, fold, folds
        self.heads = labels.shape[1]
        self.blocks = even_blocks(offsets, BLOCK)
        self._rows = np.searchsorted(offsets, [start for start, _ in self.blocks] + [int(offsets[-1])])
        self.columns = folds * self.heads
        training = _training(fold, np.asarray((labels >= 0).all(1)), folds)
        counts = np.maximum(training.sum(0, dtype=np.float64), 1.0)
        self.weight = np.repeat(counts, self.heads)
        self._share = (training / counts).astype(np.float32)

    def _padded(self, block: int, logits: Any) -> tuple[Any, Any, slice]:
        """Return log-probabilities ``(rows, longest, columns)``, which cells are real items, and the rows."""
        import torch

        rows = slice(int(self._rows[block]), int(self._rows[block + 1]))
        begin = torch.from_numpy(self.offsets[rows] - self.offsets[rows.start])
        length = torch.from_numpy(np.diff(self.offsets[rows.start : rows.stop + 1]))
        cell = begin[:, None] + torch.arange(int(length.max()))
        real = (torch.arange(int(length.max())) < length[:, None]).to(logits.device)
        padded = logits[cell.clamp(max=len(logits) - 1).to(logits.device)]
        return torch.log_softmax(padded.masked_fill(~real[:, :, None], -1e9), 1), real, rows

    def loss(self, block: int, logits: Any) -> tuple[float, Any]:
        """Return the cross-entropy of a block's rows and its gradient."""
        import torch

        log, real, rows = self._padded(block, logits)
        share = torch.from_numpy(np.repeat(self._share[rows], self.heads, axis=1)).to(logits.device)
        gold = torch.from_numpy(np.tile(self.labels[rows].clip(0), (1, self.folds))).to(logits.device)[:, None, :]
        right = log.gather(1, gold)
        delta = log.exp()
        delta.scatter_add_(1, gold, -torch.ones_like(right))
        delta *= share[:, None, :]
        return -float((right[:, 0] * share).sum(dtype=torch.float64)), delta[real]

    def probabilities(self, block: int, logits: Any) -> Any:
        """Return ``(items, heads)`` from the weights that never saw the row's fold; each head sums to 1 over a row."""
        import torch

        log, real, rows = self._padded(block, logits)
        own = torch.from_numpy(self.fold[rows].astype(np.int64)).to(logits.device)
        grid = log.exp().view(*log.shape[:2], self.folds, self.heads)
        return grid[torch.arange(len(own), device=logits.device), :, own][real]
