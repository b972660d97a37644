"""Signs that a model is dead rather than untaught: one answer for every dev row, one set of scores for every input."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from training.model import predict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from training.finetune.jobs import Prepared
    from training.model.encoder import Encoder

LOOKED_AT = 32
"""Dev items whose scores are held against each other."""
ENOUGH = 10
"""From so many dev rows on, one answer for all of them says something."""
ALIKE = 1e-6
"""Scores that differ by less than this share of the largest are the same."""


def only_answer(predictions: Sequence[Any], gold: Sequence[Any]) -> str | None:
    """Return the one prediction that every row is given, as JSON, though their gold labels differ; else ``None``.

    >>> only_answer([1] * 10, [0, 1] * 5), only_answer([1, 0] * 5, [0, 1] * 5), only_answer([1] * 10, [1] * 10)
    ('1', None, None)
    """
    if len(predictions) < ENOUGH:
        return None
    given, wanted = ({json.dumps(one) for one in values} for values in (predictions, gold))
    return given.pop() if len(given) == 1 and len(wanted) > 1 else None


def dead(model: Any, part: Prepared, encoder: Encoder, target: torch.device, precision: str) -> bool:
    """Return whether the head of ``part`` gives the same scores whatever it reads, on some of its dev items."""
    assert part.dev is not None
    chosen = np.arange(len(part.dev))[:LOOKED_AT]
    batch = predict.move(part.kind.collate(part.dev, chosen, encoder.tokenizer, 0), target)
    was_training = model.training
    model.eval()
    with torch.no_grad(), predict.half(target, precision):
        output = model(part.job.name, batch).float()
    model.train(was_training)
    return constant(output[batch["attention_mask"].bool()] if output.ndim == 3 else output)


def constant(scores: torch.Tensor) -> bool:
    """Return whether all rows of ``scores`` ``(n, m)`` are the same; minus infinity marks what is not there.

    >>> constant(torch.tensor([[0.3, 0.1], [0.3, 0.1]])), constant(torch.tensor([[0.3, 0.1], [0.3, 0.2]]))
    (True, False)
    """
    real = scores.isfinite()
    high, low = (scores.masked_fill(~real, end) for end in (-torch.inf, torch.inf))
    spread = (high.amax(0) - low.amin(0))[real.any(0)]
    largest = float(scores[real].abs().max()) if real.any() else 0.0
    return len(scores) > 1 and bool((spread <= ALIKE * max(1e-6, largest)).all())


def signs(found: Any, name: str, answer: str | None, rate: float) -> str | None:
    """Return what is wrong with a trained head in words, with the remedy; ``None`` when nothing shows.

    ``found``: whether the head is dead; ``answer``: the only one it gives.
    """
    if found:
        return (
            f"the head of {name} gives every input the same scores: it is dead. Lower the learning rate ({rate:g}), "
            "lengthen the warm-up, or set precision: fp32"
        )
    if answer is not None:
        return (
            f"every dev row of {name} is given one and the same answer ({answer}): it collapsed. Lower the learning "
            f"rate ({rate:g}) or lengthen the warm-up; if the loss was still falling, train longer"
        )
    return None
