"""One encoder with a head per task, on disk: the encoder as ``transformers`` writes it, and ``head.safetensors``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import safetensors.torch
import torch
from torch import nn

from curation.core import checksums, files
from curation.core.errors import CairnError
from training.model import encoder as encoders
from training.model import kind as kinds

if TYPE_CHECKING:
    from pathlib import Path

    from training.model.batches import Batch
    from training.model.encoder import Encoder

INPUTS = ("input_ids", "attention_mask", "token_type_ids")
HEAD, CARD = "head.safetensors", "head.json"
_MADE = re.compile(r"models/target/[^/]+/[^/]+/seed-\d+")
"""Folders that stage ``target`` makes; see curation/core/paths.py."""


class Model(nn.Module):
    """An encoder shared by the heads of several tasks; a batch is of one task."""

    def __init__(self, encoder: nn.Module, heads: dict[str, nn.Module]) -> None:
        super().__init__()
        self.encoder = encoder
        self.heads = nn.ModuleDict(heads)
        self.in_shares = False
        """Does every device hold a share of the weights only, so that all have to compute in step?"""

    def forward(self, task: str, batch: Batch) -> torch.Tensor:
        """Return the output of the head of ``task``."""
        inputs = {name: batch[name] for name in INPUTS if name in batch}
        hidden = self.encoder(**inputs).last_hidden_state
        output: torch.Tensor = self.heads[task](hidden, batch)
        return output


@dataclass(frozen=True)
class Card:
    """What a model folder says about its head, so that prediction needs nothing else."""

    kind: str
    task: str
    labels: list[str]
    facts: kinds.Facts
    max_length: int
    precision: str = "auto"
    """``auto``, ``bf16`` or ``fp32``: what it was trained in, and predicts in."""


def save(model: Model, task: str, tokenizer: Any, card: Card, folder: Path, origin: dict[str, Any]) -> None:
    """Write the encoder, its tokenizer, the head of ``task`` and its card into ``folder``."""
    encoders.save(model.encoder, tokenizer, folder, origin)
    safetensors.torch.save_model(model.heads[task], str(folder / HEAD))
    files.write_json(folder / CARD, card.__dict__)


def read_card(folder: Path) -> Card:
    """Return the card of a saved model; raise :class:`CairnError` when the folder holds none."""
    if not (folder / HEAD).exists():
        raise encoders.absent(folder, f"fine-tuned model ({HEAD} is missing)", HEAD, made=_MADE)
    return Card(**files.read_json(folder / CARD))


def load(folder: Path) -> tuple[Model, Encoder, Card]:
    """Return a saved model in eval mode; raise :class:`CairnError` when a part is missing or does not fit."""
    card = read_card(folder)
    encoder = encoders.load(folder)
    head = kinds.load(card.kind).Head(encoder.model, card.facts)
    try:
        safetensors.torch.load_model(head, str(checksums.checked(folder / HEAD)), strict=True)
    except (RuntimeError, safetensors.SafetensorError) as error:
        what = str(error).splitlines()[0]
        raise CairnError(f"{folder / HEAD} does not fit a head of kind {card.kind}: {what}") from None
    return Model(encoder.model, {card.task: head}).eval(), encoder, card
