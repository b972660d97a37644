"""Masked language modelling: 15% of the tokens are hidden and told from the rest; long texts in windows.

Of the chosen tokens 80% become the mask, 10% a random token, 10% stay (BERT, Devlin et al. 2019). The head is the one
that ``transformers`` builds for the encoder's family, with its pretrained weights where the start folder has them.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import nn

from curation.core.errors import CairnError
from training.model import batches, sequences
from training.model import encoder as encoders
from training.model.batches import NOTHING, Batch, Features
from training.model.heads import nothing_to_tune
from training.model.sequences import Pieces

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa

SHARE = 0.15
tune = nothing_to_tune


def facts(records: pa.Table, labels: Sequence[str]) -> dict[str, Any]:
    """Return the share of tokens to mask; raise when there is no text."""
    if not len(records):
        raise CairnError("there is no text to train on. Check the subset.")
    return {"masked": SHARE}


def features(records: pa.Table, tokenizer: Any, max_length: int, facts: dict[str, Any]) -> Features:
    """Return one item per window of at most ``max_length`` tokens; windows do not overlap."""
    shape = sequences.template(tokenizer, pair=False)
    pieces = sequences.encode(tokenizer, records["text"].to_pylist())
    rows, begin, end = sequences.windows(pieces.lengths(), max_length - shape.specials, 0)
    parts = Pieces(pieces.values, pieces.begin[rows] + begin, pieces.begin[rows] + end, pieces.offsets)
    return maskable(sequences.assemble(shape, parts), rows, 0, facts)


def maskable(whole: sequences.Sequences, rows: sequences.Ints, truncated: int, facts: dict[str, Any]) -> Features:
    """Return features that say how likely each token is masked, in thousandths: special ones never."""
    free = whole.origin != -1
    chance = np.where(free, round(1000 * facts["masked"]), 0)
    usable = np.add.reduceat(free, whole.starts[:-1]) > 0
    return batches.single(whole, rows, usable, per_token={"chance": chance}, truncated=truncated)


def collate(features: Features, chosen: sequences.Ints, tokenizer: Any, seed: int) -> Batch:
    """Return a batch with masked ``input_ids`` and the true tokens as ``label``; the same seed masks the same."""
    batch = batches.collate(features, chosen, tokenizer, seed)
    draw = np.random.default_rng([seed, *chosen[:4].tolist()])
    likely = batch.pop("chance").numpy() / 1000
    score = np.where(likely > 0, draw.random(likely.shape), 2.0)
    picked = score < likely
    if not picked.any():
        picked = score == score.min()
    ids = batch["input_ids"].numpy()
    how = draw.random(ids.shape)
    label = np.where(picked, ids, NOTHING)
    ids = np.where(picked & (how < 0.8), tokenizer.mask_token_id, ids)
    ids = np.where(picked & (how >= 0.9), draw.integers(0, len(tokenizer), ids.shape), ids)
    return batch | {"input_ids": torch.from_numpy(ids), "label": torch.from_numpy(label)}


class _Given(nn.Module):
    """Stands where the encoder stood in a masked language model, and hands on hidden states it is given."""

    hidden: torch.Tensor

    def forward(self, *_: Any, **__: Any) -> Any:
        from transformers.modeling_outputs import BaseModelOutput

        return BaseModelOutput(last_hidden_state=self.hidden)


class Head(nn.Module):
    """Scores of every token of the vocabulary, at masked places only; the output layer is the input embedding."""

    def __init__(self, encoder: Any, facts: dict[str, Any]) -> None:
        super().__init__()
        from transformers import AutoModelForMaskedLM

        with encoders.quiet():
            if (Path(encoder.name_or_path) / "config.json").exists():
                whole = AutoModelForMaskedLM.from_pretrained(encoder.name_or_path, dtype=torch.float32)
            else:
                whole = AutoModelForMaskedLM.from_config(encoder.config)
        self.given = _Given()
        setattr(whole, whole.base_model_prefix, self.given)
        whole.get_output_embeddings().weight = encoder.get_input_embeddings().weight
        self.whole = whole

    def forward(self, hidden: torch.Tensor, batch: Batch) -> torch.Tensor:
        """Return (masked tokens, vocabulary)."""
        self.given.hidden = hidden[batch["label"] != NOTHING][None]
        found: torch.Tensor = self.whole(input_ids=batch["input_ids"][:1, :1]).logits[0]
        del self.given.hidden
        return found


def loss(output: torch.Tensor, batch: Batch) -> torch.Tensor:
    """Return the mean cross-entropy of the masked tokens."""
    return nn.functional.cross_entropy(output.float(), batch["label"][batch["label"] != NOTHING])


def gold(output: torch.Tensor, batch: Batch) -> None:
    """Return nothing: text has no gold label whose learning could be followed."""


def decode(output: torch.Tensor, batch: Batch, facts: dict[str, Any]) -> list[Any]:
    """Return, per window, how many masked tokens were found and how many there were."""
    here = batch["label"] != NOTHING
    right = torch.zeros_like(batch["label"])
    right[here] = (output.argmax(-1) == batch["label"][here]).long()
    return list(zip(right.sum(1).tolist(), here.sum(1).tolist(), strict=True))


def join(pieces: list[Any], record: Mapping[str, Any], facts: dict[str, Any]) -> list[int]:
    """Return ``[found, masked]`` over the record's windows."""
    return [sum(piece[0] for piece in pieces), sum(piece[1] for piece in pieces)]


def chance(features: Features, facts: dict[str, Any]) -> float:
    """Return ln(largest token id + 1): close to ln(vocabulary) for any sizeable text."""
    return math.log(int(features.sequences.ids.max()) + 1)


def majority(train: pa.Table, dev: pa.Table) -> None:
    """Return nothing: no answer is the same everywhere."""
