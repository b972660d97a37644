"""Ways to train an encoder with less memory: activation checkpointing and LoRA.

Each is a parameter of ``train.*`` and off by default. None leaves a trace in the encoder that is saved.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from curation.core.errors import CairnError

if TYPE_CHECKING:
    from training.finetune import Params


def begin(encoder: Any, params: Params) -> None:
    """Change ``encoder`` in place into what ``params`` trains; raise :class:`CairnError` where it cannot be."""
    if params.lora is not None:
        _inject(encoder, params.lora)
    if params.checkpointing:
        try:
            _checkpointing(encoder, "enable", {"use_reentrant": False})
        except ValueError:
            raise CairnError(
                f"train: checkpointing is true, but {type(encoder).__name__} cannot. Set it to false."
            ) from None


def end(encoder: Any, params: Params) -> None:
    """Make ``encoder`` the plain one again, with what was learnt in its own weights."""
    if params.checkpointing:
        _checkpointing(encoder, "disable")
    if params.lora is not None:
        _merge(encoder)


def _checkpointing(encoder: Any, how: str, *settings: Any) -> None:
    """Call what ``transformers`` names ``activation_checkpointing_...``; before 5.2x it was ``gradient_...``."""
    name = next(name for name in ("activation", "gradient") if hasattr(encoder, f"{name}_checkpointing_{how}"))
    getattr(encoder, f"{name}_checkpointing_{how}")(*settings)


def _inject(encoder: Any, rank: int) -> None:
    """Put additions of ``rank`` beside every linear layer, scaled by 2, and hold all other weights still."""
    try:
        from peft import LoraConfig, inject_adapter_in_model
    except ImportError:
        raise CairnError(
            "train: lora is set, and peft is not installed. Type `pip install peft`, or set lora: null."
        ) from None
    linear = sorted({name for name, module in encoder.named_modules() if type(module).__name__ == "Linear"})
    config = LoraConfig(r=rank, lora_alpha=2 * rank, lora_dropout=0.0, target_modules=linear)
    inject_adapter_in_model(config, encoder)


def _merge(encoder: Any) -> None:
    """Add the additions to the weights that they stand beside, and take them out."""
    from peft.tuners.lora import LoraLayer

    for name, module in list(encoder.named_modules()):
        if isinstance(module, LoraLayer):
            module.merge()
            parent, _, child = name.rpartition(".")
            setattr(encoder.get_submodule(parent), child, module.get_base_layer())
    encoder.requires_grad_(True)
    if hasattr(encoder, "peft_config"):
        del encoder.peft_config
