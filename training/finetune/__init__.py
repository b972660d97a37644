"""The one training loop of all kinds and stages, and what a run reports; here its parameters."""

from __future__ import annotations

from typing import Literal, Self

import pydantic
import pydantic_core

from curation.core.errors import CairnError
from curation.core.params import Section, path, read


class Params(Section):
    """Sections ``train.intermediate`` and ``train.target``."""

    steps: int | None = pydantic.Field(gt=0)
    """Optimizer steps; null when epochs are given."""
    epochs: int | None = pydantic.Field(gt=0)
    """Passes over the rows; null when steps are given."""
    batch_tokens: int = pydantic.Field(gt=0)
    """Most tokens of a batch on one device, padding counted."""
    max_length: int = pydantic.Field(ge=8)
    """Most tokens of one sequence, special tokens counted."""
    learning_rate: float = pydantic.Field(gt=0)
    """The rate at the end of the warm-up."""
    warmup: float = pydantic.Field(ge=0, le=1)
    """Share of the steps in which the rate rises from 0; then it falls to 0, both linearly."""
    weight_decay: float = pydantic.Field(ge=0)
    """Decoupled weight decay of AdamW; none on biases and normalisation weights."""
    clip: float = pydantic.Field(gt=0)
    """Largest norm of the whole gradient."""
    evaluate_every: int = pydantic.Field(gt=0)
    """Steps between two evaluations on dev; the last step is evaluated too."""
    precision: Literal["auto", "bf16", "fp32"]
    """bf16 = autocast to bfloat16; auto = bf16 on a GPU that has it, else fp32."""
    pass_tokens: int | None = pydantic.Field(default=None, gt=0)
    """Most tokens of one forward pass, padding counted: a batch of more is computed in pieces whose gradients add up to
    its own (gradient accumulation). Null = the whole batch at once, or what fits the memory."""
    checkpointing: bool = False
    """Keep the activations of layer boundaries only, and compute the others again backwards: less memory, a third more
    time."""
    lora: int | None = pydantic.Field(default=None, ge=1)
    """Train low-rank additions of this rank to the encoder's matrices instead of its weights (Hu et al. 2022; needs
    ``pip install peft``), merged at the end; null = all weights."""
    shard: bool = False
    """Of several devices (``torchrun``) each keeps a share of the weights, their gradients and the optimizer's numbers
    instead of all of them (FSDP): 16 bytes a weight, divided by the devices. Learns the same; more is sent between
    devices. A process alone, as DVC starts it, keeps all of them and says so."""
    zero_shot_languages: tuple[str, ...] = ()
    """``train.target``: languages whose dev rows are scored at every evaluation too; they choose nothing."""

    @pydantic.model_validator(mode="after")
    def _one_length(self) -> Self:
        """Refuse both of ``steps`` and ``epochs``, and neither."""
        if (self.steps is None) == (self.epochs is None):
            given = {"steps": str(self.steps), "epochs": str(self.epochs)}
            raise pydantic_core.PydanticCustomError(
                "length", "steps is {steps} and epochs is {epochs}; set exactly one of them, the other to null", given
            )
        return self


def params(key: str) -> Params:
    """Return section ``key``; raise :class:`CairnError` for what is wrong in it."""
    found = read(Params, key)
    if found.zero_shot_languages and key != "train.target":
        raise CairnError(f"{path()}: {key}.zero_shot_languages: only train.target follows other languages.")
    return found
