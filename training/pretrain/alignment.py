"""First word vectors that already lie together across languages, from nothing but parallel text.

Latent semantic analysis over documents that hold a text in all its languages (Dumais et al. 1997): tokens that
translate each other stand in the same documents, and so get nearly the same vector. Translation language modelling
then starts from there, which a small model on a small budget needs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from training.model import sequences

if TYPE_CHECKING:
    import pyarrow as pa


OWN = 0.4
"""Length of the random part that is a token's own, against 1 for what it shares with its translations."""


def vectors(texts: pa.Table, tokenizer: Any, width: int, spread: float, seed: int) -> torch.Tensor:
    """Return (vocabulary, width): unit rows times ``spread * sqrt(width)``, drawn at random for tokens never seen."""
    from scipy.sparse import csr_matrix
    from sklearn.decomposition import TruncatedSVD

    pieces = sequences.encode(tokenizer, texts["text"].to_pylist())
    _, document = np.unique(np.asarray(texts["id"].to_pylist()), return_inverse=True)
    of = np.repeat(document, pieces.lengths())
    shape = (len(tokenizer), int(document.max()) + 1)
    counts = csr_matrix((np.ones(len(of)), (pieces.values, of)), shape=shape)
    counts.sum_duplicates()
    counts.data = 1 + np.log(counts.data)
    inside = np.diff(counts.indptr)
    rare = np.log((1 + shape[1]) / (1 + inside))
    weighted = counts.multiply(rare[:, None]).tocsr()
    length = np.sqrt(np.asarray(weighted.multiply(weighted).sum(1)))
    weighted = weighted.multiply(1 / np.maximum(length, 1e-9)).tocsr()
    rank = min(width, shape[1] - 1, shape[0] - 1)
    found = np.zeros((shape[0], width))
    found[:, :rank] = TruncatedSVD(rank, random_state=seed).fit_transform(weighted)
    found[:, 0] = 0  # the first axis is how frequent a token is, the same for all frequent ones
    found /= np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-9)
    found -= found[inside > 0].mean(0)
    draw = np.random.default_rng(seed)
    unseen = np.linalg.norm(found, axis=1) < 1e-6
    found[unseen] = draw.normal(size=(int(unseen.sum()), width))
    # The SVD orders its axes by size; a random rotation spreads them over all attention heads.
    turn, _ = np.linalg.qr(draw.normal(size=(width, width)))
    found = found @ turn
    found /= np.linalg.norm(found, axis=1, keepdims=True)
    # Translations must stay tellable apart, or the model could not say in which language to answer.
    found += draw.normal(size=found.shape, scale=OWN / width**0.5)
    found /= np.linalg.norm(found, axis=1, keepdims=True)
    return torch.from_numpy((found * spread * width**0.5).astype(np.float32))
