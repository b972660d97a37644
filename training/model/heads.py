"""Small parts that heads share, and the checks of labels before anything is trained on them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from torch import nn

from curation.core.errors import CairnError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import pyarrow as pa

    from curation.metrics import Floats


def pooled(config: Any, outputs: int) -> nn.Module:
    """Return the usual classifier on one hidden state: dropout, dense, tanh, dropout, scores."""
    rate, width = dropout(config), config.hidden_size
    dense, score = nn.Linear(width, width), nn.Linear(width, outputs)
    for layer in (dense, score):
        start(layer, config)
    return nn.Sequential(nn.Dropout(rate), dense, nn.Tanh(), nn.Dropout(rate), score)


def scores(config: Any, outputs: int) -> nn.Module:
    """Return a linear layer on every hidden state, with dropout before it."""
    layer = nn.Linear(config.hidden_size, outputs)
    start(layer, config)
    return nn.Sequential(nn.Dropout(dropout(config)), layer)


def start(layer: nn.Linear, config: Any) -> None:
    """Draw the weights of a fresh layer as the encoder's own were drawn, and zero its bias."""
    nn.init.normal_(layer.weight, std=float(getattr(config, "initializer_range", 0.02)))
    nn.init.zeros_(layer.bias)


def dropout(config: Any) -> float:
    """Return the dropout rate of the encoder's head, or of its hidden states; families name it differently."""
    for name in ("classifier_dropout", "hidden_dropout_prob"):
        if (rate := getattr(config, name, None)) is not None:
            return float(rate)
    return 0.1


class Met(NamedTuple):
    """What a model thought of the gold label of each item it met in training, one value an item."""

    confidence: torch.Tensor
    """Probability of the gold label, 0..1."""
    correct: torch.Tensor
    """Whether it wins."""
    error: torch.Tensor
    """Length of (probabilities - gold), 0..sqrt(2): EL2N of Paul et al. 2021."""
    margin: torch.Tensor
    """Score of the gold label less that of the best other one: its mean over epochs is the area under the margin (AUM)
    of Pleiss et al. 2020. Negative where another label wins."""


def met(scores: torch.Tensor, gold: torch.Tensor) -> Met:
    """Return what ``scores`` ``(n, labels)`` say of ``gold`` ``(n,)``; minus infinity marks labels that are not there.

    >>> [round(float(one), 3) for one in met(torch.tensor([[0.0, 0.0]]), torch.tensor([1]))]
    [0.5, 0.0, 0.707, 0.0]
    """
    probability = scores.softmax(-1)
    chosen = probability.gather(1, gold[:, None])[:, 0]
    error = ((probability**2).sum(1) - 2 * chosen + 1).clamp(min=0).sqrt()
    score = scores.gather(1, gold[:, None])[:, 0]
    others = scores.scatter(1, gold[:, None], -torch.inf).max(1).values
    margin = torch.where(others.isinf(), torch.zeros_like(score), score - others)
    return Met(chosen, scores.argmax(-1) == gold, error, margin)


def check_labels(labels: Iterable[int | None], names: Sequence[str]) -> int:
    """Return the number of labels; raise :class:`CairnError` for a label out of range, or fewer than two in use."""
    found = Counter(label for label in labels if label is not None)
    if not found:
        raise CairnError("no training row has a label. Check the task's to_example and the subset.")
    count = len(names) or max(found) + 1
    if wrong := sorted(label for label in found if not 0 <= label < count):
        raise CairnError(f"{found[wrong[0]]} training rows have label {wrong[0]}; allowed: 0 to {count - 1}.")
    if len(found) < 2:
        raise CairnError(f"every training row has label {next(iter(found))}: nothing to tell apart. Check the subset.")
    return count


def most_frequent(labels: Iterable[Any]) -> Any:
    """Return the most frequent value that is not ``None``; of equally frequent ones the smallest."""
    found = Counter(label for label in labels if label is not None)
    return min(found, key=lambda label: (-found[label], label))


def nothing_to_tune(
    pieces: list[list[Any]], records: pa.Table, facts: dict[str, Any], judge: Callable[[list[Any]], Floats]
) -> dict[str, Any]:
    """Return no facts: this kind's predictions need nothing that dev rows would have to tell."""
    return {}
