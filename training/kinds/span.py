"""Extractive answers: first and last token of the answer in the context; long contexts in windows.

"No answer" is a span at the first token. Where every training question has an answer, it is learnt for windows
without one but never predicted; else it wins when it scores higher than the best answer by a threshold that is tuned on
dev, as SQuAD 2.0's evaluation does. The answer is read out by character offsets, never put together from tokens.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from curation.core.errors import CairnError
from curation.language import words
from training.model import batches, sequences
from training.model.batches import NOTHING, Batch, Features
from training.model.heads import Met, met, scores
from training.model.sequences import Ints, Pieces, Sequences

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pyarrow as pa

    from curation.metrics import Floats

STRIDE, QUESTION, BEST, LONGEST = 128, 64, 20, 30
"""Tokens from one window's begin to the next one's, most tokens of a question, candidates for each end, most tokens of
an answer: BERT's and jiant's for SQuAD. (In ``transformers``, ``stride`` is the overlap instead.)"""

collate = batches.collate


def facts(records: pa.Table, labels: Sequence[str]) -> dict[str, Any]:
    """Return whether "no answer" may be predicted; raise when no training row has an answer."""
    found = [answers for answers in records["answers"].to_pylist() if answers is not None]
    if not any(found):
        raise CairnError("no training row has an answer. Check the task's to_example and the subset.")
    return {"no_answer": not all(found)}


def features(records: pa.Table, tokenizer: Any, max_length: int, facts: dict[str, Any]) -> Features:
    """Return one item per window ``[question, part of the context]``; ``start`` and ``end`` are token places."""
    shape = sequences.template(tokenizer, pair=True)
    question = sequences.encode(tokenizer, records["question"].to_pylist())
    context = sequences.encode(tokenizer, records["context"].to_pylist(), offsets=True)
    room = max_length - shape.specials
    asked = question.cut_end(min(QUESTION, room // 2))
    rows, begin, end = _windows(context.lengths(), room - asked.lengths())
    parts = Pieces(context.values, context.begin[rows] + begin, context.begin[rows] + end, context.offsets)
    whole = sequences.assemble(shape, asked.take(rows), parts)
    # Characters of each context token, NOTHING for the others; the first token stands for "no answer".
    inside = whole.origin >= 0
    char_start, char_end = (np.where(inside, context.offsets[whole.origin, i], NOTHING) for i in (0, 1))
    answers = records["answers"].to_pylist()
    start, last = _targets(whole, context, rows, char_start, char_end, answers)
    return batches.single(
        whole,
        rows,
        start != NOTHING,
        per_item={"start": start, "end": last},
        per_token={"char_start": char_start, "char_end": char_end},
        truncated=int((asked.lengths() < question.lengths()).sum()),
    )


def _windows(lengths: Ints, width: Ints) -> tuple[Ints, Ints, Ints]:
    """Return row, begin, end of every window; the width differs with the length of the question.

    Windows advance by ``STRIDE`` tokens, or by half their width where that is less, so that neighbours always overlap.
    """
    found = [np.zeros((3, 0), dtype=np.int64)]
    for size in np.unique(width):
        rows = np.flatnonzero(width == size)
        which, begin, end = sequences.windows(lengths[rows], int(size), max(int(size) - STRIDE, int(size) // 2))
        found.append(np.stack([rows[which], begin, end]))
    row, begin, end = np.concatenate(found, axis=1)
    order = np.lexsort((begin, row))
    return row[order], begin[order], end[order]


def _targets(
    whole: Sequences, context: Pieces, rows: Ints, char_start: Ints, char_end: Ints, answers: Sequence[Any]
) -> tuple[Ints, Ints]:
    """Return first and last token of the first answer per window; 0, 0 where the window does not hold all of it."""
    spans = np.array([(a[0]["start"], a[0]["start"] + len(a[0]["text"])) if a else (0, 0) for a in answers])
    low, high = spans.reshape(-1, 2)[rows].T
    lengths = whole.lengths()
    hit: Any = (char_end > np.repeat(low, lengths)) & (char_start < np.repeat(high, lengths)) & (char_end > char_start)
    in_window = _counts(hit, whole.starts[:-1], whole.starts[1:])
    of = np.repeat(np.arange(len(context.begin)), context.lengths())
    a, b = context.offsets[:, 0], context.offsets[:, 1]
    full = spans.reshape(-1, 2)[of]
    in_text = _counts((b > full[:, 0]) & (a < full[:, 1]) & (b > a), context.begin, context.end)[rows]
    place = np.arange(len(hit)) - np.repeat(whole.starts[:-1], lengths)
    first = np.minimum.reduceat(np.where(hit, place, len(hit)), whole.starts[:-1])
    last = np.maximum.reduceat(np.where(hit, place, -1), whole.starts[:-1])
    holds = (in_window == in_text) & (in_window > 0)
    # Unlabelled rows, and answers that no token touches, cannot be trained on.
    unlabelled, answered = (np.array([f(a) for a in answers], dtype=bool)[rows] for f in (lambda a: a is None, bool))
    asked = ~unlabelled & ~(answered & (in_text == 0))
    return np.where(asked, np.where(holds, first, 0), NOTHING), np.where(asked, np.where(holds, last, 0), NOTHING)


def _counts(hit: Any, begin: Ints, end: Ints) -> Ints:
    total = np.concatenate([[0], np.cumsum(hit)])
    found: Ints = total[end] - total[begin]
    return found


class Head(nn.Module):
    """Scores of being the first and the last token of the answer."""

    def __init__(self, encoder: Any, facts: dict[str, Any]) -> None:
        super().__init__()
        self.score = scores(encoder.config, 2)

    def forward(self, hidden: torch.Tensor, batch: Batch) -> torch.Tensor:
        """Return (sequences, tokens, 2), minus infinity everywhere but on the context and the first token."""
        allowed = batch["char_start"] != NOTHING
        allowed[:, 0] = True
        found: torch.Tensor = self.score(hidden).float().masked_fill(~allowed[..., None], -torch.inf)
        return found


def loss(output: torch.Tensor, batch: Batch) -> torch.Tensor:
    """Return the mean of both cross-entropies."""
    first = nn.functional.cross_entropy(output[..., 0], batch["start"])
    return (first + nn.functional.cross_entropy(output[..., 1], batch["end"])) / 2


def gold(output: torch.Tensor, batch: Batch) -> Met:
    """Return per window what the scores say of the answer: both ends win together, the rest are means."""
    first, last = (met(output[..., end], batch[name]) for end, name in enumerate(("start", "end")))
    return Met(
        first.confidence * last.confidence,
        first.correct & last.correct,
        (first.error + last.error) / 2,
        (first.margin + last.margin) / 2,
    )


def odds(output: torch.Tensor, batch: Batch) -> list[Any]:
    """Return, per window, the scores of beginning and ending at each token of the context, and their characters.

    The first token of a window, which says *no answer*, has characters 0 to 0.
    """
    found, begin = output.cpu().numpy(), batch["char_start"].cpu().numpy()
    end, pieces = batch["char_end"].cpu().numpy(), []
    for odd, low, high in zip(found, begin, end, strict=True):
        here = low != NOTHING
        here[0] = True
        pieces.append((odd[here], np.maximum(low[here], 0), np.maximum(high[here], 0)))
    return pieces


def spread(pieces: list[Any], record: Mapping[str, Any]) -> npt.NDArray[np.float32]:
    """Return ``(1 + words, 2)``: the probability that the answer begins, and ends, at each word; item 0 = no answer.

    Of a token that several windows hold the highest score counts; of *no answer* the lowest, since all windows must
    agree on it. The tokens of one word share its item.
    """
    places = words.places(record["context"])
    ends = np.array([stop for _, stop in places], dtype=np.int64)
    out = np.full((1 + len(places), 2), -np.inf)
    out[0] = np.min([piece[0][0] for piece in pieces], axis=0)
    best: dict[tuple[int, int], npt.NDArray[Any]] = {}
    for odd, low, high in pieces:
        for score, begin, end in zip(odd[1:], low[1:].tolist(), high[1:].tolist(), strict=True):
            known = best.get((begin, end))
            best[begin, end] = score if known is None else np.maximum(known, score)
    for (begin, _), score in best.items():
        word = min(int(np.searchsorted(ends, begin, side="right")), len(places) - 1)
        if word >= 0:
            out[1 + word] = np.logaddexp(out[1 + word], score)
    odds = np.exp(out - out.max(0))
    return np.asarray(odds / odds.sum(0), np.float32)


def decode(output: torch.Tensor, batch: Batch, facts: dict[str, Any]) -> list[Any]:
    """Return, per window, ``(score, first character, end character, score of no answer)`` of the best answer."""
    empty = output[:, 0].sum(-1)
    inside = output.clone()
    inside[:, 0] = -torch.inf
    count = min(BEST, inside.shape[1])
    start_score, start = inside[..., 0].topk(count, dim=1)
    end_score, end = inside[..., 1].topk(count, dim=1)
    length = end[:, None, :] - start[:, :, None] + 1
    both = start_score[:, :, None] + end_score[:, None, :]
    both = both.masked_fill((length < 1) | (length > LONGEST), -torch.inf).flatten(1)
    score, best = both.max(1)
    first = start.gather(1, (best // count)[:, None])
    last = end.gather(1, (best % count)[:, None])
    begin, stop = batch["char_start"].gather(1, first)[:, 0], batch["char_end"].gather(1, last)[:, 0]
    return list(zip(score.tolist(), begin.tolist(), stop.tolist(), empty.tolist(), strict=True))


def join(pieces: list[Any], record: Mapping[str, Any], facts: dict[str, Any]) -> str:
    """Return the best answer of all windows, or nothing when "no answer" beats it by the threshold in each."""
    score, begin, end, _ = max(pieces, key=lambda piece: piece[0])
    if score == -float("inf") or (facts["no_answer"] and _lead(pieces) > facts.get("null_threshold", 0.0)):
        return ""
    context: str = record["context"]
    # What a tokenizer drops belongs to the letter before it: the marks of one that strips accents (vowel signs of Thai
    # and Hindi), and format characters, which one in fifty Spanish answers of MLQA ends in (U+200B).
    while end < len(context) and unicodedata.category(context[end])[0:2] in ("Mn", "Mc", "Me", "Cf"):
        end += 1
    return context[begin:end].strip()


def _lead(pieces: list[Any]) -> float:
    """Return by how much "no answer", in the window where it scores lowest, is ahead of the best answer."""
    return float(min(piece[3] for piece in pieces) - max(piece[0] for piece in pieces))


def tune(
    pieces: list[list[Any]], records: pa.Table, facts: dict[str, Any], judge: Callable[[list[Any]], Floats]
) -> dict[str, Any]:
    """Return ``null_threshold``: the lead above which "no answer" wins, best for the mean of ``judge`` on dev."""
    if not facts["no_answer"]:
        return {}
    always = facts | {"no_answer": False}
    answers = [join(found, row, always) for found, row in zip(pieces, records.to_pylist(), strict=True)]
    gain = judge(answers) - judge([""] * len(answers))
    return {"null_threshold": threshold(np.array([_lead(found) for found in pieces]), gain)}


def threshold(lead: Floats, gain: Floats) -> float:
    """Return the cut for which answering the rows of at most that lead gains most in sum; of equal cuts that nearest 0.

    It lies halfway between two leads, or a whole unit beyond the first or last; a cut at 0 stays there.

    >>> threshold(np.array([-4.0, 1.0, 3.0]), np.array([1.0, 1.0, -1.0]))
    2.0
    >>> threshold(np.array([-4.0, 1.0, 3.0]), np.array([1.0, -1.0, -1.0]))
    0.0
    """
    order = np.argsort(lead, kind="stable")
    order = order[np.isfinite(lead[order])]
    edges = np.concatenate([[-np.inf], lead[order], [np.inf]])
    low, high = edges[:-1], edges[1:]
    between = (np.where(np.isinf(low), high - 2, low) + np.where(np.isinf(high), low + 2, high)) / 2
    cut = np.where((low <= 0) & (high > 0), 0.0, between)
    total = np.where(low < high, np.concatenate([[0.0], np.cumsum(gain[order])]), -np.inf)
    best = cut[total >= total.max() - 1e-9]
    return float(best[np.abs(best).argmin()])


def chance(features: Features, facts: dict[str, Any]) -> float:
    """Return the mean of ln(number of tokens)."""
    return float(np.log(features.sequences.lengths()).mean())


def majority(train: pa.Table, dev: pa.Table) -> list[Any]:
    """Return "no answer" for every question."""
    return [""] * len(dev)
