"""One forward pass of an encoder before anything is trained: what a batch will ask of it, asked once.

Whether a family of models fits cannot be read off its configuration: attention kernels, positions, segment ids and the
shape of the output differ, and ``transformers`` finds out when it computes. So it is made to compute, in a second, and
not after the hours of curation that come before the first training step.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import torch

from curation.core.errors import CairnError
from training.model import encoder as encoders

if TYPE_CHECKING:
    from training.model.encoder import Encoder

_WORDS = "a b c d e f g h i j k l m n o p q r s t u v w x y z"


def trial(encoder: Encoder, max_length: int, where: str) -> None:
    """Run ``encoder`` on a long and a short pair of texts; ``max_length``: tokens of the long one, set by ``where``.

    Raises :class:`CairnError` when it reads fewer tokens, has no row for a segment id of its tokenizer, cannot compute
    the batch, gives anything but one finite vector per token, or when its first token does not see the last one: as in
    models that read from left to right, where it is no summary of the text.
    """
    encoders.check_length(encoder, max_length, where)
    device = next(encoder.model.parameters()).device
    batch = _batch(encoder.tokenizer, max_length)
    inputs = {name: values.to(device) for name, values in batch.items()}
    name = f"{encoder.folder}: model type {encoder.model.config.model_type!r}"
    _segments(encoder, batch)
    try:
        hidden = _hidden(encoder.model, inputs)
    except Exception as error:
        short, long = inputs["attention_mask"].sum(1).sort().values.tolist()
        what = (str(error).strip().splitlines() or [""])[0][:300].rstrip(".")
        raise CairnError(
            f"{name} cannot compute a batch of texts of {long} and {short} tokens ({type(error).__name__}: {what}). "
            f"{encoders.NAME_ONE}"
        ) from error
    expected = (*batch["input_ids"].shape, encoder.width)
    if tuple(hidden.shape) != expected:
        raise CairnError(f"{name} gives hidden states {tuple(hidden.shape)}, where one per token is {expected}.")
    if not bool(hidden[inputs["attention_mask"].bool()].isfinite().all()):
        raise CairnError(f"{name} gives hidden states that are not finite (NaN or infinite): broken weights.")
    if not _sees(encoder.model, inputs, hidden):
        raise CairnError(
            f"{name}: its first token, which heads take as the summary of the input, does not see the last one. It "
            f"reads from left to right, or lacks a kernel on this machine. {encoders.NAME_ONE}"
        )


def _batch(tokenizer: Any, length: int) -> dict[str, torch.Tensor]:
    """Return two pairs of texts, the first of ``length`` tokens, the second short and padded."""
    words = _WORDS.split()
    long, short = " ".join(words[n % len(words)] for n in range(length)), " ".join(words[:4])
    found = tokenizer([long, short], [long, "a"], truncation="longest_first", max_length=length, padding=True)
    names = ("input_ids", "attention_mask", *(("token_type_ids",) if "token_type_ids" in found else ()))
    return {name: torch.tensor(found[name]) for name in names}


def _hidden(model: Any, inputs: dict[str, torch.Tensor]) -> torch.Tensor:
    with torch.inference_mode():
        found: torch.Tensor = model(**inputs).last_hidden_state
    return found


def _segments(encoder: Encoder, batch: dict[str, torch.Tensor]) -> None:
    """Every segment id that the tokenizer gives has a row, in encoders that have segments."""
    if "token_type_ids" not in batch or "token_type_ids" not in inspect.signature(encoder.model.forward).parameters:
        return
    last = int(batch["token_type_ids"].max())
    for name, module in encoder.model.named_modules():
        table = name.endswith("token_type_embeddings") and isinstance(module, torch.nn.Embedding)
        if table and last >= module.num_embeddings:
            raise CairnError(
                f"{encoder.folder}: the tokenizer gives the second text segment {last}, but the encoder has rows for "
                f'segments 0 to {module.num_embeddings - 1}. Set "model_input_names": ["input_ids", "attention_mask"] '
                f"in {encoder.folder / 'tokenizer_config.json'}, or take the tokenizer of this encoder."
            )


def _sees(model: Any, inputs: dict[str, torch.Tensor], hidden: torch.Tensor) -> bool:
    """Return whether the first token's vector changes with the last word of the short text."""
    last = int(inputs["attention_mask"][1].sum()) - 2  # before the final special token
    changed = inputs["input_ids"].clone()
    others = [token for token in changed[1, 1:last].tolist() if token != changed[1, last]]
    changed[1, last] = others[0] if others else changed[1, 0]
    return not torch.equal(_hidden(model, inputs | {"input_ids": changed})[1, 0], hidden[1, 0])
