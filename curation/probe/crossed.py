"""Features of words that are never made: a word's vector, its product with its row's vector, and some numbers beside.

A weighted sum of them is one matrix product of the word vectors alone, since ``h.a + (h * q).b = h.(a + q * b)`` with
``q`` the same for all words of a row; rows that share their words (questions on one paragraph) share the product.
So a pass reads the vectors as they are stored, in half of the work and none of the memory of the features. They are
standardised as :class:`curation.probe.solver.Features` does it, by the weights; only the numbers beside are cut at its
``CLIP``: coordinates of vectors of unit length have no odd ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from curation.probe.solver import CLIP, Block, standard

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from curation.embed.cache import Indices, Ragged


class Part(NamedTuple):
    """Rows of a block that share their words."""

    words: Any
    """Their vectors, a tensor ``(words, d)``."""
    rows: slice
    items: slice
    """Of the block."""


@dataclass
class Crossed:
    """Items in rows: item 0 of a row has no vector, item ``1 + w`` is word ``w`` of the row's entry of ``words``.

    Rows are in an order in which those of one entry lie together (:func:`together`).
    """

    words: Ragged
    entry: Indices
    """Row to the entry of its words."""
    beside: npt.NDArray[np.float32]
    """``(rows, d)``: what a row's words are multiplied with."""
    numbers: npt.NDArray[np.float32]
    """``(items, s)``: further features, standardised in place."""
    offsets: Indices
    """Row ``r`` has items ``offsets[r]:offsets[r + 1]``, one more than words."""

    def prepare(self, blocks: Sequence[Block], device: str) -> None:
        """Measure the columns block by block."""
        import torch

        self._device = device
        width = self.beside.shape[1]
        count, total, squares = 0, np.zeros(2 * width), np.zeros(2 * width)
        for start, stop in blocks:
            count += stop - start
            for part in self._parts((start, stop)):
                words, beside = part.words.double(), torch.from_numpy(self.beside[part.rows]).to(device).double()
                sums = words.sum(0), (words**2).sum(0)
                total += torch.cat([sums[0] * len(beside), sums[0] * beside.sum(0)]).cpu().numpy()
                squares += torch.cat([sums[1] * len(beside), sums[1] * (beside**2).sum(0)]).cpu().numpy()
        self.width = 2 * width + self.numbers.shape[1]
        mean, scale = standard(count, total, squares)
        self._mean, self._scale = (torch.from_numpy(value)[:, None].to(device) for value in (mean, scale))
        double = self.numbers.astype(np.float64)
        mean, scale = standard(count, double.sum(0), (double**2).sum(0))
        np.clip((self.numbers - mean) * scale, -CLIP, CLIP, out=self.numbers)

    def _parts(self, block: Block) -> Iterator[Part]:
        import torch

        first, last = np.searchsorted(self.offsets, block)
        entry = self.entry[first:last]
        starts = np.flatnonzero(np.r_[True, entry[1:] != entry[:-1]])
        from_, to = (int(self.words.offsets[at]) for at in (entry[0], entry[-1] + 1))
        values = torch.from_numpy(np.asarray(self.words.values[from_:to], np.float32)).to(self._device)
        for start, stop in zip(starts.tolist(), [*starts[1:].tolist(), len(entry)], strict=True):
            begin, end = (int(self.words.offsets[entry[start] + one]) - from_ for one in (0, 1))
            items = slice(int(self.offsets[first + start]) - block[0], int(self.offsets[first + stop]) - block[0])
            if end > begin:
                yield Part(values[begin:end], slice(int(first) + start, int(first) + stop), items)

    def scores(self, block: Block, weights: Any, intercept: Any) -> tuple[list[Part], Any]:
        """Return what :meth:`pull` needs, and the weighted sums ``(items, columns)``; ``weights`` (width, columns)."""
        import torch

        width, columns = self.beside.shape[1], weights.shape[1]
        own = self._scale * weights[: 2 * width]
        numbers = torch.from_numpy(self.numbers[slice(*block)]).to(self._device)
        found = torch.addmm(intercept - (self._mean * own).sum(0), numbers, weights[2 * width :])
        parts = list(self._parts(block))
        for words, rows, items in parts:
            beside = torch.from_numpy(self.beside[rows]).T[:, :, None].to(self._device)
            mixed = torch.addcmul(own[:width, None], own[width:, None], beside).reshape(width, -1)
            made = (words @ mixed).view(len(words), -1, columns)
            found[items].view(-1, len(words) + 1, columns)[:, 1:] += made.transpose(0, 1)
        return parts, found

    def pull(self, block: Block, parts: list[Part], delta: Any) -> Any:
        """Return the gradient ``(width, columns)`` of the weights, from that of the sums."""
        import torch

        width, columns = self.beside.shape[1], delta.shape[1]
        vectors = torch.zeros(2 * width, columns, device=self._device)
        for words, rows, items in parts:
            beside = torch.from_numpy(self.beside[rows]).T[:, :, None].to(self._device)
            own = delta[items].view(-1, len(words) + 1, columns)[:, 1:].transpose(0, 1).reshape(len(words), -1)
            made = (words.T @ own).view(width, -1, columns)
            vectors[:width] += made.sum(1)
            vectors[width:] += (made * beside).sum(1)
        numbers = torch.from_numpy(self.numbers[slice(*block)]).to(self._device)
        return torch.cat([self._scale * (vectors - self._mean * delta.sum(0)), numbers.T @ delta])


def together(words: Ragged) -> Indices:
    """Return an order of the rows in which those of one entry lie together."""
    order: Indices = np.argsort(words.entry, kind="stable")
    return order
