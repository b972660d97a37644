"""The contract of a kind of task, as training sees it; the kinds are the files of ``training/kinds``.

A kind module defines what :class:`Kind` lists. The loop and ``predict`` call nothing else, and know no kind by name.
The way of a row: ``features`` (once) -> ``collate`` (per batch) -> encoder -> ``Head`` -> ``loss`` and ``gold`` while
training, ``decode`` and then ``join`` in prediction. ``tune`` sets what ``join`` needs and only dev rows can tell.
Truncated and unusable items are counted, never lost in silence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, cast

from curation.core import registry

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa
    import torch

    from curation.metrics import Floats
    from training.model.batches import Batch, Features
    from training.model.heads import Met
    from training.model.sequences import Ints

Facts = dict[str, Any]
"""What a head must know beside its weights (number of labels, may it say "no answer"): plain JSON values."""


class Kind(Protocol):
    """What a module in ``training/kinds`` defines."""

    def facts(self, records: pa.Table, labels: Sequence[str]) -> Facts:
        """Return what the head must know, from the training records and the task's label names.

        Raises :class:`curation.core.errors.CairnError` when nothing can be learnt from these records.
        """

    def features(self, records: pa.Table, tokenizer: Any, max_length: int, facts: Facts) -> Features:
        """Return all records as model inputs of at most ``max_length`` tokens; unlabelled ones are not ``usable``."""

    def collate(self, features: Features, chosen: Ints, tokenizer: Any, seed: int) -> Batch:
        """Return the tensors of the items ``chosen``; most kinds take :func:`training.model.batches.collate`."""

    def Head(self, encoder: Any, facts: Facts) -> torch.nn.Module:  # noqa: N802 - a class in the module
        """Return a fresh head; it maps ``(hidden (sequences, tokens, width), batch)`` to the output of this kind."""

    def loss(self, output: torch.Tensor, batch: Batch) -> torch.Tensor:
        """Return the mean loss of a batch, a scalar in nats."""

    def gold(self, output: torch.Tensor, batch: Batch) -> Met | None:
        """Return, per item, what the scores say of the gold label; ``None`` if meaningless."""

    def odds(self, output: torch.Tensor, batch: Batch) -> list[Any]:
        """Return one piece of the probabilities of all labels per item; kinds without labels lack it."""

    def spread(self, pieces: list[Any], record: Mapping[str, Any]) -> npt.NDArray[np.float32]:
        """Return the probabilities of a record from those pieces, as :class:`curation.probe.Probe` has them."""

    def decode(self, output: torch.Tensor, batch: Batch, facts: Facts) -> list[Any]:
        """Return one piece of prediction per item."""

    def join(self, pieces: list[Any], record: Mapping[str, Any], facts: Facts) -> Any:
        """Return the prediction of a record from the pieces of its items, in order."""

    def tune(
        self, pieces: list[list[Any]], records: pa.Table, facts: Facts, judge: Callable[[list[Any]], Floats]
    ) -> Facts:
        """Return facts to add, chosen on dev: ``judge(predictions)`` gives each record's primary value, 0..1.

        ``pieces`` are those of each record. Most kinds have nothing to tune: ``heads.nothing_to_tune``.
        """

    def chance(self, features: Features, facts: Facts) -> float:
        """Return the loss in nats of a model that knows nothing: ln(classes)."""

    def majority(self, train: pa.Table, dev: pa.Table) -> list[Any] | None:
        """Return, per dev record, the prediction of a model that has learnt the most frequent answer only."""


def load(name: str) -> Kind:
    """Return the kind module ``name``; raise :class:`CairnError` with the nearest match otherwise."""
    return cast("Kind", registry.load("kinds", name, "kind"))
