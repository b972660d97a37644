"""Predictions of a saved model, and hidden states of an encoder, in length-sorted batches without gradients."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel

from curation.core import progress, records
from curation.core.errors import CairnError
from training.model import batches, devices, memory, model, sequences
from training.model import encoder as encoders
from training.model import kind as kinds

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import pyarrow as pa

    from training.model.batches import Batch, Features
    from training.model.encoder import Encoder
    from training.model.kind import Facts, Kind


def predict(model_folder: Path, table: pa.Table, batch_tokens: int, max_length: int) -> list[Any]:
    """Return one prediction per record, in order: int (pair, choice), str (span; empty = no answer), list[int] (tags).

    It is computed in the precision that the model was trained in.
    Raises :class:`CairnError` when the folder holds no model, the records are of another kind, or ``max_length`` is
    more than the encoder reads.
    """
    whole, encoder, card = model.load(model_folder)
    if records.kind_of(table) != card.kind:
        raise CairnError(f"{model_folder} predicts {card.kind}, but the records are of kind {records.kind_of(table)}.")
    encoders.check_length(encoder, max_length, "max_length")
    kind, facts = kinds.load(card.kind), card.facts
    features = kind.features(table, encoder.tokenizer, max_length, facts)
    target = device()
    whole.to(target)
    with progress.bar(len(features), f"predict {card.task}") as bar:
        pieces = run(
            whole,
            card.task,
            kind,
            features,
            encoder.tokenizer,
            batch_tokens,
            facts,
            target,
            bar,
            card.precision,
            shared=True,
        )
    return together(kind, pieces, features, table, card.facts)


def run(
    whole: model.Model,
    task: str,
    kind: Kind,
    features: Features,
    tokenizer: Any,
    batch_tokens: int,
    facts: Facts,
    target: torch.device,
    bar: Any = None,
    computed_in: str = "auto",
    *,
    probabilities: bool = False,
    shared: bool = False,
) -> list[Any]:
    """Return one piece of prediction per item, or of ``probabilities``; the model is left in the mode it was in.

    ``computed_in`` is ``auto``, ``bf16`` or ``fp32``, as in the training parameters. ``shared``: each device of several
    computes its share, and all are given all.
    """
    pieces: list[Any] = [None] * len(features)
    was_training = whole.training
    whole.eval()

    def read(chosen: sequences.Ints) -> list[Any]:
        batch = move(kind.collate(features, chosen, tokenizer, 0), target)
        output = whole(task, batch)
        return kind.odds(output, batch) if probabilities else kind.decode(output, batch, facts)

    # Not inference_mode: weights in shares that are put together there could not be trained after.
    with torch.no_grad(), half(target, computed_in):
        plan = batches.plan(features, np.arange(len(features)), batch_tokens, None)
        own = plan[devices.rank() :: devices.world()] if shared else plan
        for chosen, found in memory.each(own, read, f"predict {task}", alone=not whole.in_shares):
            for item, piece in zip(chosen.tolist(), found, strict=True):
                pieces[item] = piece
            if bar is not None:
                bar.update(len(chosen))
    if shared:
        pieces = devices.filled(pieces)
    whole.train(was_training)
    return pieces


def together(kind: Kind, pieces: list[Any], features: Features, table: pa.Table, facts: Facts) -> list[Any]:
    """Return one prediction per record from the pieces of its items."""
    rows = zip(grouped(pieces, features, len(table)), table.to_pylist(), strict=True)
    return [kind.join(found, record, facts) for found, record in rows]


def grouped(pieces: list[Any], features: Features, count: int) -> list[list[Any]]:
    """Return, for each of ``count`` records, the pieces of its items in order."""
    by_row: list[list[Any]] = [[] for _ in range(count)]
    for row, piece in zip(features.row.tolist(), pieces, strict=True):
        by_row[row].append(piece)
    return by_row


def hidden_states(
    encoder: Encoder, texts: Sequence[str], batch_tokens: int, max_length: int, layers: Sequence[int]
) -> Iterator[tuple[sequences.Ints, list[torch.Tensor], torch.Tensor]]:
    """Yield ``(positions (b,), one hidden (b, tokens, width) float32 per layer, mask (b, tokens) bool)`` per batch.

    Of several devices each yields its own share of the texts.

    Every text is met once: one pass serves all ``layers``, which count from 0 = embeddings. The mask is true for all
    but padding, special tokens included. Texts longer than ``max_length`` tokens are cut at the end. Tensors are on the
    encoder's device. All is computed in float32: neighbours differ by little, and bfloat16 keeps three digits.
    """
    encoders.check_length(encoder, max_length, "max_length")
    depth = int(encoder.model.config.num_hidden_layers)
    for layer in layers:
        if not 0 <= layer <= depth:
            raise CairnError(f"layer is {layer}; this encoder has hidden states 0 (embeddings) to {depth}.")
    shape = sequences.template(encoder.tokenizer, pair=False)
    found = sequences.encode(encoder.tokenizer, texts).cut_end(max_length - shape.specials)
    count = len(texts)
    features = batches.single(sequences.assemble(shape, found), np.arange(count), np.ones(count, dtype=bool))
    target = device()
    encoder.model.to(target).eval()

    def read(chosen: sequences.Ints) -> tuple[list[torch.Tensor], torch.Tensor]:
        batch = move(batches.collate(features, chosen, encoder.tokenizer, 0), target)
        inputs = {name: batch[name] for name in model.INPUTS if name in batch}
        with torch.inference_mode():
            states = encoder.model(**inputs, output_hidden_states=True).hidden_states
            return [states[layer].float() for layer in layers], batch["attention_mask"].bool()

    plan = batches.plan(features, np.arange(count), batch_tokens, None)
    for chosen, (states, mask) in memory.each(plan[devices.rank() :: devices.world()], read, "encode"):
        yield chosen, states, mask


def device() -> torch.device:
    """Return the accelerator of this process if there is one, else the CPU."""
    return torch.device("cuda", devices.local()) if torch.cuda.is_available() else torch.device("cpu")


def precision(name: str, target: torch.device) -> str:
    """Return what ``name`` comes to on ``target``: ``bf16`` or ``fp32``; ``auto`` is bf16 on a GPU that computes in it.

    On a CPU ``auto`` is fp32: few compute in bfloat16, and the same run should give the same scores on all of them.
    GPUs that only emulate bfloat16 (before Ampere) are slower in it than in float32, so they count as without.
    """
    if name != "auto":
        return name
    fast = target.type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False)
    return "bf16" if fast else "fp32"


@contextmanager
def half(target: torch.device, name: str) -> Iterator[None]:
    """Compute in bfloat16 inside, where precision ``name`` means that on ``target``; elsewhere as always."""
    with (
        torch.autocast(target.type, dtype=torch.bfloat16, enabled=precision(name, target) == "bf16"),
        attention(target, name),
    ):
        yield


@contextmanager
def attention(target: torch.device, name: str) -> Iterator[None]:
    """Compute attention inside in the way that is fast in precision ``name`` on ``target``.

    The fused kernel of PyTorch 2.13 for CPUs is slow backwards in bfloat16: a training step of MiniLM's shape took 956
    ms with it and 588 as matrix products (docs/results.md, "Threads, and bfloat16 on a CPU"; benchmarks/step.py).
    """
    if target.type != "cpu" or precision(name, target) != "bf16":
        yield
        return
    with sdpa_kernel(SDPBackend.MATH):
        yield


def move(batch: Batch, target: torch.device) -> Batch:
    """Return the batch on ``target``."""
    if target.type == "cpu":
        return batch
    return {name: values.pin_memory().to(target, non_blocking=True) for name, values in batch.items()}
