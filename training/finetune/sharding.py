"""One model in shares: every device keeps a part of each weight, of its gradient and of AdamW's two numbers (FSDP).

A layer's weights are put together when it computes, and let go after. ``fully_shard`` of PyTorch does it; accelerate's
plugin would do it on GPUs only. What is written is whole: :func:`whole` and :func:`gathered` are called by every
process, and the first one is given the result. PyTorch's own ``set_..._state_dict`` reads neither a head that two tasks
share, nor an optimizer in which a head has taken no step yet.
"""

from __future__ import annotations

import copy
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, cast

import safetensors.torch
import torch
from torch import nn

from curation.core.errors import CairnError
from training.model import devices
from training.model.model import Model

if TYPE_CHECKING:
    from torch.distributed.fsdp import FSDPModule


def shard(model: Model, target: torch.device) -> Model:
    """Share out ``model`` in place, each block of its encoder on its own; return its form, which holds no weights.

    It is moved to ``target`` block by block, so that no device ever holds all of it. Weights that two modules share
    stay shared as long as both lie outside the blocks, as embeddings and the heads of masked words do. Raises
    :class:`CairnError` for an encoder without blocks, or whose blocks share weights.
    """
    from torch.distributed.device_mesh import init_device_mesh
    from torch.distributed.fsdp import fully_shard

    layers, name = list(blocks(model.encoder)), type(model.encoder).__name__
    if not layers:
        raise CairnError(f"train: shard is true, but {name} is no list of layers. Set it to false.")
    form = _with(model, {name: weight.to("meta") for name, weight in model.named_parameters()})
    mesh = init_device_mesh(target.type, (devices.world(),))
    before = len(list(model.parameters()))
    for part in (*layers, model):
        fully_shard(part, mesh=mesh)
    if len(list(model.parameters())) != before:
        raise CairnError(f"train: shard is true, but layers of {name} share weights. Set it to false.")
    model.in_shares = True
    # Some heads return views; nothing here writes into them.
    warnings.filterwarnings("ignore", message="FSDP2-wrapped module")
    return form


def blocks(module: nn.Module) -> Iterator[nn.Module]:
    """Yield the members of the outermost lists of modules within ``module``: a transformer's layers."""
    for child in module.children():
        if isinstance(module, nn.ModuleList) and not isinstance(child, nn.ModuleList):
            yield child
        else:
            yield from blocks(child)


def whole(model: Model, form: Model) -> Model:
    """Return on the first process ``form`` with the weights of ``model``, on the CPU; on others ``form`` itself."""
    _apart(model)
    found = gathered(dict(model.named_parameters()))
    return _with(form, found) if devices.main() else form


@torch.no_grad()
def gathered(tensors: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Return on the first process whole tensors on the CPU for those in shares; on others nothing."""
    from torch.distributed.tensor import DTensor

    found = {}
    for name, tensor in tensors.items():  # one after the other: a device has no room for all
        one = tensor.full_tensor() if isinstance(tensor, DTensor) else tensor
        if devices.main():
            # A tensor of fewer rows than devices is a view of padded ones, which would not be written.
            found[name] = one.cpu() if one.nbytes == one.untyped_storage().nbytes() else one.cpu().clone()
    return found


def like(weight: torch.Tensor, tensor: torch.Tensor, source: int | None = None) -> torch.Tensor:
    """Return this device's share of ``tensor``, which is whole, if ``weight`` is in shares; else ``tensor``.

    It is the tensor of process ``source``; ``None``: every process has the same.
    """
    from torch.distributed.tensor import DTensor, distribute_tensor

    if not isinstance(weight, DTensor) or tensor.ndim == 0:
        return tensor
    tensor = tensor.to(weight.device_mesh.device_type)
    return distribute_tensor(tensor, weight.device_mesh, weight.placements, src_data_rank=source)


@torch.no_grad()
def load(model: Model, file: Path) -> None:
    """Put the weights in ``file``, which are whole, into ``model``; of a model in shares only the first process reads.

    Every process calls it.
    """
    if not model.in_shares:
        safetensors.torch.load_model(model, str(file))
        return
    _apart(model)
    found = safetensors.torch.load_file(file) if devices.main() else {}
    names: dict[nn.Parameter, list[str]] = {}
    for name, weight in model.named_parameters(remove_duplicate=False):
        names.setdefault(weight, []).append(name)
    for weight, own in names.items():  # what modules share is in the file once, under one of its names
        one = next(found[name] for name in own if name in found) if devices.main() else torch.empty(weight.shape)
        weight.copy_(like(weight, one, source=0))


def _apart(model: Model) -> None:
    """Let go what a forward pass without a backward one has put together and left: all outside the blocks."""
    cast("FSDPModule", model).reshard()


def _with(model: Model, tensors: Mapping[str, torch.Tensor]) -> Model:
    """Return a copy of ``model`` that has ``tensors`` as its weights; what modules share, they share in the copy."""
    weights = {id(p): nn.Parameter(tensors[name], p.requires_grad) for name, p in model.named_parameters()}
    return copy.deepcopy(model, weights)
