"""What the choices of a question give away without the question: by their words, and by where they stand.

Who can choose rightly without reading the question has learnt how the data were made (Gururangan et al. 2018), and a
model may learn just that. The model here sees the words of each choice and how long it is beside the others, in a
softmax over the row's own choices; every row is judged by weights that saw neither it nor its group.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from curation.core import seeds
from curation.language import words
from curation.probe import folds
from curation.probe.problems import Choices
from curation.probe.solver import solve

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scipy.sparse import csr_matrix

    from curation.probe.solver import Block

Floats = npt.NDArray[np.float64]

LEAST = 200
"""Rows with a label below which nothing is said of the task: intervals would span most of what can be."""
MOST = 20_000
"""Rows that are looked at, a sample: the task is judged, and a thousandth more or less does not matter."""
SAID = 3
"""Choices that have a word before it counts: what is said less often can be learnt from no other row."""
FOLDS, REGULARISATION = 5, 3.0
RESAMPLES = 1000
LENGTHS = 4


@dataclass
class Bag:
    """Sparse features of choices, for :func:`curation.probe.solver.solve`."""

    items: csr_matrix

    def __post_init__(self) -> None:
        """Count the features of a choice."""
        self.width = int(self.items.shape[1])

    def prepare(self, blocks: Sequence[Block], device: str) -> None:
        """Do nothing: the features are there."""

    def scores(self, block: Block, weights: Any, intercept: Any) -> tuple[Any, Any]:
        """Return the features of a block, and their weighted sums."""
        import torch

        held = self.items[block[0] : block[1]]
        return held, torch.from_numpy(np.asarray(held @ weights.cpu().numpy(), np.float32)).to(
            weights.device
        ) + intercept

    def pull(self, block: Block, held: Any, delta: Any) -> Any:
        """Return the gradient of the weights."""
        import torch

        return torch.from_numpy(np.asarray(held.T @ delta.cpu().numpy(), np.float32)).to(delta.device)


def bag(rows: Sequence[Mapping[str, Any]]) -> Bag:
    """Return the features of all choices of ``rows``: their words, and their lengths beside the row's others.

    A choice has a length of about one after the solver's scaling, as dense features have.
    """
    from scipy.sparse import csr_matrix, hstack

    said = [[words.folded(choice) for choice in row["choices"]] for row in rows]
    counts = Counter(word for row in said for choice in row for word in set(choice))
    place = {word: at for at, word in enumerate(sorted(word for word, count in counts.items() if count >= SAID))}
    found = [sorted({place[word] for word in choice if word in place}) for row in said for choice in row]
    starts = np.concatenate([[0], np.cumsum([len(choice) for choice in found])])
    share = np.concatenate([np.full(len(choice), max(len(choice), 1) ** -0.5) for choice in found] or [np.zeros(0)])
    inside = csr_matrix(
        (share, np.array([at for choice in found for at in choice], np.int64), starts), shape=(len(found), len(place))
    )
    items = hstack([inside, csr_matrix(np.concatenate([_lengths(row["choices"]) for row in rows]))], format="csr")
    return Bag((items * items.shape[1] ** 0.5).astype(np.float32))


def _lengths(choices: Sequence[str]) -> Floats:
    """Return :data:`LENGTHS` features a choice: words and characters beside the row's mean, the longest, the shortest.

    >>> _lengths(["a box", "on the very top shelf"]).round(1).tolist()
    [[-0.3, -0.6, 0.0, 0.5], [0.3, 0.6, 0.5, 0.0]]
    """
    sizes = np.log1p([[len(words.plain(choice)), len(choice)] for choice in choices])
    letters = sizes[:, 1]
    ends = np.stack([letters == letters.max(), letters == letters.min()], 1) & (letters.max() > letters.min())
    return np.concatenate([sizes - sizes.mean(0), ends * 0.5], 1)


def probabilities(rows: Sequence[Mapping[str, Any]], seed: int) -> list[npt.NDArray[np.float32]] | None:
    """Return per row the out-of-fold probability of each choice by the choices alone; ``None`` for too few groups.

    ``rows``: labelled ones with two choices or more.
    """
    merged = folds.merge(
        [row["group"] for row in rows], [words.normal(" ".join([row["prompt"], *row["choices"]])) for row in rows]
    )
    if len(np.unique(merged)) < FOLDS:
        return None
    fold = folds.assign(merged, [None] * len(rows), FOLDS, seed, "choices alone")
    offsets = np.concatenate([[0], np.cumsum([len(row["choices"]) for row in rows])]).astype(np.int64)
    problem = Choices(offsets, np.array([[row["label"]] for row in rows], np.int64), fold, FOLDS)
    found = np.concatenate(solve(problem, bag(rows), REGULARISATION, "choices alone"))
    return np.split(found[:, 0], offsets[1:-1])


def sample(labels: Sequence[int | None], counts: Sequence[int], seed: int) -> list[int]:
    """Return the places of at most :data:`MOST` labelled rows with two choices or more."""
    there = [
        at for at, (label, count) in enumerate(zip(labels, counts, strict=True)) if label is not None and count > 1
    ]
    if len(there) <= MOST:
        return there
    return sorted(
        np.random.default_rng(seeds.derive(seed, "choices alone")).choice(there, MOST, replace=False).tolist()
    )


def given_away(rows: Sequence[Mapping[str, Any]], found: Sequence[npt.NDArray[np.float32]], seed: int) -> str:
    """Return in a sentence how often the likeliest choice is right, beside chance; the interval is over groups.

    Less than chance is no mistake: where the same choices serve several questions (CommonsenseQA), the one that is
    right elsewhere is wrong here.
    """
    hits = np.array([int(p.argmax()) == row["label"] for row, p in zip(rows, found, strict=True)], np.float64)
    chance = np.array([1 / len(p) for p in found])
    low, high = _interval(hits - chance, [row["group"] for row in rows], seed)
    verdict = "give nothing away that was found"
    if low > 0:
        verdict = "give the right one away in part"
    elif high < 0:
        verdict = "mislead (what is right in one row is wrong in others with the same choices)"
    return (
        f"The choices alone {verdict}: a model of their words and lengths that sees no question is right in "
        f"{hits.mean():.1%} of {len(rows):,} rows, by chance in {chance.mean():.1%} (difference "
        f"{100 * (hits - chance).mean():+.1f} points, 95% interval {100 * low:+.1f} to {100 * high:+.1f})."
    )


def positions(rows: Sequence[Mapping[str, Any]], seed: int) -> str:
    """Return in a sentence how often the right choice stands where, beside what even shares would be.

    A place stands out where its interval leaves out the even share; intervals hold together in 95 cases of 100
    (Bonferroni), so that among many places none stands out by chance.
    """
    labels, counts = np.array([row["label"] for row in rows]), np.array([len(row["choices"]) for row in rows])
    groups, told, out = [row["group"] for row in rows], [], []
    for place in range(int(counts.max())):
        expected = np.where(counts > place, 1 / counts, 0.0)
        excess = (labels == place) - expected
        low, high = _interval(excess, groups, seed, 0.05 / int(counts.max()))
        told.append(f"{place + 1}: {(labels == place).mean():.1%}")
        if low > 0 or high < 0:
            out.append(
                f"place {place + 1} by {100 * excess.mean():+.1f} points ({100 * low:+.1f} to {100 * high:+.1f})"
            )
    verdict = f"Out of even shares: {'; '.join(out)}." if out else "No place stands out."
    return f"Where the right choice stands: {', '.join(told)}. {verdict}"


def _interval(values: Floats, groups: Sequence[str], seed: int, outside: float = 0.05) -> tuple[float, float]:
    """Return the interval of the mean of ``values``, by drawing whole groups anew."""
    _, group = np.unique(np.asarray(groups, object).astype(str), return_inverse=True)
    total, size = np.bincount(group, values), np.bincount(group)
    rng = np.random.default_rng(seeds.derive(seed, "choices alone", "interval"))
    means = []
    for _ in range(RESAMPLES):
        drawn = np.bincount(rng.integers(len(size), size=len(size)), minlength=len(size))
        means.append(float(drawn @ total / (drawn @ size)))
    return float(np.quantile(means, outside / 2)), float(np.quantile(means, 1 - outside / 2))
