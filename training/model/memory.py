"""What happens when a batch does not fit the memory: it is done again in smaller pieces, and said."""

from __future__ import annotations

import gc
from collections import deque
from typing import TYPE_CHECKING, TypeVar

import torch

from curation.core.edge import ran_out
from curation.core.errors import CairnError
from curation.core.progress import say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from training.model.sequences import Ints

R = TypeVar("R")


def retried(work: Callable[[], R], shrink: Callable[[], None]) -> R:
    """Return ``work()``; as often as memory runs out in it, call ``shrink`` and start it again.

    ``shrink`` makes the next try need less, or raises what is to be said.
    """
    while True:
        try:
            return work()
        except (MemoryError, RuntimeError) as error:
            if not ran_out(error):
                raise
        # Out here, because the error holds on to every tensor of the failed try.
        gc.collect()  # what an earlier training left in a circle
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        shrink()


def each(
    plan: Sequence[Ints], compute: Callable[[Ints], R], what: str, *, alone: bool = True
) -> Iterator[tuple[Ints, R]]:
    """Yield every batch of ``plan`` with ``compute(batch)``; one that does not fit the memory comes in halves.

    Not ``alone``: other devices compute the same batch in step with this one, so that it cannot be halved.
    """
    waiting: deque[Ints] = deque(plan)
    said = False

    def halve() -> None:
        nonlocal said
        chosen = waiting.popleft()
        if len(chosen) == 1:
            raise CairnError(f"{what}: one row does not fit the memory. Lower max_length, or take a smaller encoder.")
        if not alone:
            raise CairnError(f"{what}: {len(chosen)} rows do not fit the memory of a device. Lower batch_tokens.")
        if not said:
            say(f"{what}: {len(chosen)} rows do not fit the memory at once. It goes on by halves; lower batch_tokens.")
        said, half = True, -(-len(chosen) // 2)
        waiting.extendleft((chosen[half:], chosen[:half]))

    while waiting:
        found = retried(lambda: compute(waiting[0]), halve)
        yield waiting.popleft(), found


def unable(what: str) -> CairnError:
    """Return the error for an optimizer whose state does not fit: no smaller pass would help."""
    return CairnError(
        f"{what}: weights, gradients and AdamW's two numbers a weight do not fit the memory, whatever the batch. Set "
        "lora: 16 (it trains a small share of the weights), or shard: true (on several devices; more of them hold less "
        "each), or take a smaller encoder."
    )


def refusal(what: str, tokens: int, rows: int) -> CairnError:
    """Return the error for a pass of ``rows`` rows and ``tokens`` tokens that cannot be halved."""
    if rows == 1:
        return CairnError(
            f"{what}: one row of {tokens} tokens does not fit the memory. Lower max_length, set checkpointing: true or "
            "precision: bf16, or take a smaller encoder."
        )
    return CairnError(
        f"{what}: {tokens} tokens do not fit the memory of one of the devices, and the others wait for it. Set "
        f"pass_tokens: {tokens // 2}, which learns the same, or checkpointing: true."
    )
