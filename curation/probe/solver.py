"""Regularised softmax regression for all folds at once: one pass over the features serves every fold's weights.

Minimises, per fold, mean cross-entropy + ``|W|^2 / (2 C n)`` over the rows of the *other* folds, by L-BFGS with
exact gradients summed block by block, so that memory does not grow with the rows (features over budget are made again
in each pass). Columns are standardised and scaled so that a row has unit length on average: then ``C = 1`` is a
sensible strength whatever the number of features. (Column means and deviations are of all rows; they know no labels.)
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

from curation.core.progress import bar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from curation.embed.cache import Floats, Indices

Block = tuple[int, int]
ITERATIONS = 150
"""L-BFGS steps at most; fits usually stop earlier, when the loss no longer falls by a relative 1e-6."""
CLIP = 6.0
"""Standardised features are cut here: one odd row shall not steer a probe."""


class Problem(Protocol):
    """What differs between classes per item and a choice among a row's items."""

    blocks: list[Block]
    """Item ranges that are processed together."""
    columns: int
    """Weight columns: folds times outputs."""
    weight: npt.NDArray[np.float64]
    """Labelled rows outside each column's fold."""

    def loss(self, block: int, logits: Any) -> tuple[float, Any]:
        """Return the summed loss of a block, each row divided by its fold's ``weight``, and the gradient of logits."""

    def probabilities(self, block: int, logits: Any) -> Any:
        """Return the out-of-fold probabilities of a block's items."""


class Design(Protocol):
    """Standardised features of items, as far as the solver needs them: what weights make of them."""

    width: int
    """Features of an item; known when prepared."""

    def prepare(self, blocks: Sequence[Block], device: str) -> None:
        """Measure the columns."""

    def scores(self, block: Block, weights: Any, intercept: Any) -> tuple[Any, Any]:
        """Return what :meth:`pull` needs of a block, and its weighted sums ``(items, columns)``."""

    def pull(self, block: Block, held: Any, delta: Any) -> Any:
        """Return the gradient of the weights ``(width, columns)``, given that of the sums."""


def standard(
    count: int, total: npt.NDArray[np.float64], squares: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Return mean and scale of columns, from their sums and their sums of squares; scale 0 where all is the same."""
    mean = total / count
    spread = np.sqrt(np.maximum(squares / count - mean**2, 0.0))
    alive = spread > 1e-6 * np.maximum(1.0, np.abs(mean))
    return mean.astype(np.float32), np.where(alive, 1.0 / np.where(alive, spread, 1.0), 0.0).astype(np.float32)


@dataclass
class Features:
    """Standardised features of ``items`` items, from ``make(index) -> float32 (len(index), width)``."""

    items: int
    make: Callable[[slice | Indices], Floats]
    gigabytes: float
    """Keep them in memory up to this size, beyond it make them again at every use."""

    def prepare(self, blocks: Sequence[Block], device: str) -> None:
        """Measure the columns block by block, and keep the standardised features if they fit."""
        import torch

        count, total, squares = 0, 0.0, 0.0
        for start, stop in blocks:
            block = self.make(slice(start, stop)).astype(np.float64)
            count, total, squares = count + len(block), total + block.sum(0), squares + (block**2).sum(0)
        self._mean, self._scale = standard(count, np.asarray(total), np.asarray(squares))
        self.width, self._device = len(self._mean), device
        self._kept: Any = None
        if self.items * self.width * 4 <= self.gigabytes * 1e9:
            kept = torch.empty(self.items, self.width, device=device)
            for start, stop in blocks:
                kept[start:stop] = self.rows(slice(start, stop))
            self._kept = kept

    @property
    def sendable(self) -> bool:
        """Return whether the features are in memory: those that are made again come from files of this machine."""
        return self._kept is not None and self._device == "cpu"

    def __getstate__(self) -> dict[str, Any]:
        """Return what another process needs: the features, as an array that processes of a machine can share."""
        assert self.sendable
        return {"width": self.width, "_device": self._device, "_kept": self._kept.numpy()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take the features, without a copy."""
        import warnings

        import torch

        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="The given NumPy array is not writable")  # nobody writes
            self.__dict__.update(state, _kept=torch.from_numpy(state["_kept"]))

    def rows(self, index: slice | Indices) -> Any:
        """Return the standardised features of some items, a float32 tensor on the device."""
        import torch

        if self._kept is not None:
            return self._kept[index if isinstance(index, slice) else torch.from_numpy(index).to(self._device)]
        values = np.clip((self.make(index) - self._mean) * self._scale, -CLIP, CLIP)
        return torch.from_numpy(values.astype(np.float32)).to(self._device)

    def scores(self, block: Block, weights: Any, intercept: Any) -> tuple[Any, Any]:
        """Return the features of a block, and their weighted sums."""
        import torch

        found = self.rows(slice(*block))
        return found, torch.addmm(intercept, found, weights)

    def pull(self, block: Block, held: Any, delta: Any) -> Any:
        """Return the gradient of the weights."""
        return held.T @ delta


def solve(problem: Problem, features: Design, regularisation: float, what: str) -> list[npt.NDArray[np.float32]]:
    """Return the out-of-fold probabilities of every block."""
    import torch
    from scipy.optimize import minimize

    device = "cuda" if torch.cuda.is_available() else "cpu"
    features.prepare(problem.blocks, device)
    unit = features.width**-0.5  # a row then has unit length on average, whatever the number of features
    shape = (features.width + 1, problem.columns)  # the last row is the intercept, hardly regularised
    ridge = np.ones((shape[0], 1)) / (regularisation * problem.weight[None, :])
    ridge[-1] *= 1e-4

    def objective(flat: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        weights = torch.from_numpy(flat.reshape(shape).astype(np.float32)).to(device)
        value, gradient = 0.0, torch.zeros(shape, dtype=torch.float64, device=device)
        for number, block in enumerate(problem.blocks):
            held, scores = features.scores(block, weights[:-1] * unit, weights[-1])
            loss, delta = problem.loss(number, scores)
            value += loss
            gradient[:-1] += features.pull(block, held, delta).double() * unit
            gradient[-1] += delta.sum(0, dtype=torch.float64)
        w = flat.reshape(shape)
        value += 0.5 * float((ridge * w * w).sum())
        return value, (gradient.cpu().numpy() + ridge * w).ravel()

    with bar(ITERATIONS, what, "step") as progress:
        found = minimize(
            objective,
            np.zeros(shape[0] * shape[1]),
            jac=True,
            method="L-BFGS-B",
            callback=lambda _: progress.update(1) and None,
            options={"maxiter": ITERATIONS, "ftol": 1e-6, "gtol": 1e-7, "maxcor": 10},
        )
    final = torch.from_numpy(found.x.reshape(shape).astype(np.float32)).to(device)
    return [
        problem.probabilities(number, features.scores(block, final[:-1] * unit, final[-1])[1]).cpu().numpy()
        for number, block in enumerate(problem.blocks)
    ]


def even_blocks(offsets: Indices, size: int) -> list[Block]:
    """Return item ranges of about ``size`` items that cut no row; row ``r`` has items ``offsets[r]:offsets[r + 1]``.

    >>> even_blocks(np.array([0, 3, 5, 9]), 4)
    [(0, 5), (5, 9)]
    """
    cuts = [0]
    for stop in offsets[1:].tolist():
        if stop - cuts[-1] >= size:
            cuts.append(stop)
    if cuts[-1] != offsets[-1]:
        cuts.append(int(offsets[-1]))
    return list(pairwise(cuts))
