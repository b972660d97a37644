"""The hidden states of an encoder by number: which ones there are."""

from __future__ import annotations

from curation.core.errors import CairnError


def check_layer(layer: int, depth: int, where: str = "params.yaml: retrieve.layer") -> int:
    """Return ``layer`` as an index from 0 (embeddings) to ``depth``; negative ones count from the last, -1.

    Raises :class:`CairnError`, which begins with ``where``, for a layer that a model of ``depth`` layers does not have.

    >>> check_layer(-1, 12), check_layer(0, 12)
    (12, 0)
    """
    if not -depth - 1 <= layer <= depth:
        raise CairnError(
            f"{where} is {layer}, but this encoder has {depth} layers: allowed are 0 (embeddings) to {depth}, or -1 "
            f"(last) to {-depth - 1}."
        )
    return layer % (depth + 1)
