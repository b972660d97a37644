"""A tiny multilingual encoder from nothing: XLM-R's architecture, masked and translation language modelling.

What it reads is the bundled miniworld, in all its languages; ``training pretrain`` writes the encoder that ships as
``bundled:tiny``. Same seed, same machine: same weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import torch

from curation import miniworld
from curation.core import files, records
from curation.core.seeds import derive
from curation.core.task import Example
from training.finetune import Params, loop
from training.finetune.jobs import Job
from training.model import encoder as encoders
from training.model.encoder import Encoder, LoadReport
from training.pretrain import alignment, vocabulary


@dataclass(frozen=True)
class Shape:
    """The size of an encoder."""

    vocabulary: int = 3000
    layers: int = 4
    width: int = 128
    heads: int = 4
    inner: int = 384
    """Width of the feed-forward layers."""
    positions: int = 256
    """Longest input in tokens."""
    dropout: float = 0.0
    """While pretraining: so small an encoder underfits, and on a CPU dropout takes a quarter of the time."""
    spread: float = 0.05
    """Standard deviation of the first weights."""


@dataclass(frozen=True)
class Recipe:
    """How an encoder is pretrained."""

    languages: tuple[str, ...]
    rows: int
    """Texts per language; the same content in each."""
    steps: int
    batch_tokens: int
    learning_rate: float
    masked: float
    """Share of the tokens that is masked. More than the usual 15% teaches a small model faster."""
    seed: int
    world_seed: int
    """Seed of the miniworld's texts."""


def corpus(languages: Sequence[str], split: str, count: int, seed: int) -> pa.Table:
    """Return ``count`` texts in every language, parallel by id."""
    ids, langs, made = [], [], []
    for lang in languages:
        for row in miniworld.rows("text", split, lang, count, seed):
            ids.append(row["key"])
            langs.append(lang)
            made.append(Example(text=row["text"], key=row["key"]))
    return records.table("text", ids, langs, made)


def fresh(tokenizer: Any, shape: Shape, seed: int) -> Any:
    """Return a masked language model of XLM-R's architecture with random weights."""
    from transformers import XLMRobertaConfig, XLMRobertaForMaskedLM

    torch.manual_seed(derive(seed, "weights"))
    config = XLMRobertaConfig(
        vocab_size=len(tokenizer),
        hidden_size=shape.width,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        intermediate_size=shape.inner,
        max_position_embeddings=shape.positions + 2,
        type_vocab_size=1,
        initializer_range=shape.spread,
        hidden_dropout_prob=shape.dropout,
        attention_probs_dropout_prob=shape.dropout,
        bos_token_id=tokenizer.bos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        eos_token_id=tokenizer.eos_token_id,
    )
    return XLMRobertaForMaskedLM(config)


def pretrain(recipe: Recipe, shape: Shape, output: Path) -> dict[str, Any]:
    """Write the pretrained encoder, float16 weights with the masked-language head, and return the report of the run.

    A killed run goes on from its last checkpoint when the same command is typed again.
    """
    texts = corpus(recipe.languages, "train", recipe.rows, recipe.world_seed)
    dev = corpus(recipe.languages, "dev", 50, recipe.world_seed)
    tokenizer = vocabulary.learn(texts["text"].to_pylist(), shape.vocabulary, shape.positions)
    whole = fresh(tokenizer, shape, recipe.seed)
    table = whole.get_input_embeddings()
    first = alignment.vectors(texts, tokenizer, shape.width, shape.spread, derive(recipe.seed, "alignment"))
    with torch.no_grad():
        table.weight.copy_(first)
        table.weight[tokenizer.pad_token_id].zero_()
    prefix = whole.base_model_prefix
    facts = {"shape": asdict(shape), "recipe": asdict(recipe)}
    encoder = Encoder(getattr(whole, prefix), tokenizer, LoadReport((), ()), facts, output)
    masked = {"masked": recipe.masked}
    work = [Job("text", "text", "", (), texts, dev, options=masked)]
    if len(recipe.languages) > 1:
        work.append(Job("tlm", "tlm", "", (), texts, dev, shares_head_of="text", options=masked))
    params = Params(
        steps=recipe.steps,
        epochs=None,
        batch_tokens=recipe.batch_tokens,
        max_length=min(128, shape.positions),
        learning_rate=recipe.learning_rate,
        warmup=0.06,
        weight_decay=0.01,
        clip=1.0,
        evaluate_every=max(1, recipe.steps // 10),
        precision="auto",
    )
    outcome = loop.train(encoder, work, params, recipe.seed, "pretrain")
    found: Any = outcome.model.heads["text"].whole
    setattr(found, prefix, outcome.model.encoder)
    write(found, tokenizer, output)
    report = {
        **facts,
        **outcome.summary,
        **encoders.hashes(output),
        "parameters": sum(weight.numel() for weight in found.parameters()),
        "vocabulary": len(tokenizer),
        "megabytes": round((output / "model.safetensors").stat().st_size / 1e6, 2),
    }
    outcome.run.finish()
    return report


def write(whole: Any, tokenizer: Any, output: Path) -> None:
    """Write a masked language model as float16 safetensors that load as float32."""
    with files.replacing_folder(output) as folder, encoders.quiet():
        tokenizer.save_pretrained(folder)
        whole.half().save_pretrained(folder)
        config = files.read_json(folder / "config.json")
        config.pop("_name_or_path", None)
        files.write_json(folder / "config.json", config | {"dtype": "float32"})
