"""Texts to token sequences, laid end to end in flat arrays: cheap to keep, to cut, and to batch.

A tokenizer's special tokens are read off one encoded example (:class:`Template`), so that no family of models is
hard-wired: ``[CLS] A [SEP] B [SEP]`` with segment ids for BERT, ``<s> A </s></s> B </s>`` without for XLM-R.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Sequence

Ints = npt.NDArray[np.int64]
_CHUNK = 2048


@dataclass(frozen=True)
class Pieces:
    """Token ids of n texts; text i is ``values[begin[i]:end[i]]``. Cutting moves begin and end, and copies nothing."""

    values: npt.NDArray[np.int32]
    begin: Ints
    end: Ints
    offsets: npt.NDArray[np.int32]
    """(tokens, 2): first and last-plus-one character of each token in its own text; empty when not asked for."""

    def lengths(self) -> Ints:
        """Return the number of tokens of each text."""
        return self.end - self.begin

    def take(self, chosen: Ints) -> Pieces:
        """Return the texts at ``chosen``, repeats allowed."""
        return replace(self, begin=self.begin[chosen], end=self.end[chosen])

    def cut_end(self, most: Ints | int) -> Pieces:
        """Return the texts with at most ``most`` tokens each, from the front."""
        return replace(self, end=np.minimum(self.end, self.begin + most))

    def cut_front(self, most: Ints | int) -> Pieces:
        """Return the texts with at most ``most`` tokens each, the last ones."""
        return replace(self, begin=np.maximum(self.begin, self.end - most))


def encode(tokenizer: Any, texts: Sequence[str], *, offsets: bool = False) -> Pieces:
    """Return the tokens of ``texts``, whole and without special tokens."""
    values, lengths = [np.zeros(0, dtype=np.int32)], []
    spans = [np.zeros((0, 2), dtype=np.int32)]
    for at in range(0, len(texts), _CHUNK):
        found = tokenizer(
            list(texts[at : at + _CHUNK]),
            add_special_tokens=False,
            return_attention_mask=False,
            return_token_type_ids=False,
            return_offsets_mapping=offsets,
            verbose=False,
        )
        lengths += [len(ids) for ids in found["input_ids"]]
        values += [np.asarray(ids, dtype=np.int32) for ids in found["input_ids"]]
        if offsets:
            spans += [np.asarray(pairs, dtype=np.int32).reshape(-1, 2) for pairs in found["offset_mapping"]]
    sizes = np.asarray(lengths, dtype=np.int64)
    end = np.cumsum(sizes)
    return Pieces(np.concatenate(values), end - sizes, end, np.concatenate(spans))


@dataclass(frozen=True)
class Template:
    """The special tokens around one text, or around and between two; ``types`` are segment ids, if there are any."""

    prefix: tuple[int, ...]
    middle: tuple[int, ...]
    suffix: tuple[int, ...]
    types: tuple[int, ...] | None
    """Segment ids of prefix, first text, middle, second text, suffix, one for each token of the specials and one for
    each text; ``None`` where the tokenizer gives none."""

    @property
    def specials(self) -> int:
        """The number of special tokens."""
        return len(self.prefix) + len(self.middle) + len(self.suffix)


def template(tokenizer: Any, *, pair: bool) -> Template:
    """Return the special tokens that ``tokenizer`` puts around one text or two."""
    texts = ("a", "b") if pair else ("a",)
    found = tokenizer(*texts, return_special_tokens_mask=True, verbose=False)
    ids, special, types = found["input_ids"], found["special_tokens_mask"], found.get("token_type_ids")
    runs: list[list[int]] = [[]]  # special, text, special, text, special
    for at, is_special in enumerate(special):
        if bool(is_special) == bool(len(runs) % 2):
            runs[-1].append(at)
        else:
            runs.append([at])
    assert len(runs) == (5 if pair else 3), "a tokenizer with special tokens around each text"
    outer = [tuple(ids[at] for at in run) for run in runs[::2]]
    kept = [at for i, run in enumerate(runs) for at in (run[:1] if i % 2 else run)]
    return Template(outer[0], outer[1] if pair else (), outer[-1], tuple(types[at] for at in kept) if types else None)


@dataclass(frozen=True)
class Sequences:
    """n model inputs laid end to end; input i is ``ids[starts[i]:starts[i + 1]]``."""

    ids: npt.NDArray[np.int32]
    types: npt.NDArray[np.int32] | None
    starts: Ints
    origin: npt.NDArray[np.int32]
    """For each token: its index in the second text's pieces (the first's where there is one text); -1 for special
    tokens, -2 for tokens of the first text of two."""

    def lengths(self) -> Ints:
        """Return the number of tokens of each input, special tokens included."""
        return np.diff(self.starts)


def assemble(shape: Template, first: Pieces, second: Pieces | None = None) -> Sequences:
    """Return the model inputs made of ``first`` (and ``second``) between special tokens; nothing is cut here."""
    count = len(first.begin)
    last = first if second is None else second
    a, b = first.lengths(), np.zeros(count, dtype=np.int64) if second is None else last.lengths()
    starts = np.concatenate([[0], np.cumsum(a + b + shape.specials)])
    ids = np.empty(starts[-1], dtype=np.int32)
    types = None if shape.types is None else np.empty(starts[-1], dtype=np.int32)
    origin = np.full(starts[-1], -1, dtype=np.int32)
    place = starts[:-1].copy()
    segment = iter(shape.types or ())
    for part in (shape.prefix, first, shape.middle, second, shape.suffix):
        if isinstance(part, Pieces):
            where, source = ranges(place, part.lengths()), ranges(part.begin, part.lengths())
            ids[where] = part.values[source]
            origin[where] = source if part is last else -2
            if types is not None:
                types[where] = next(segment)
            place += part.lengths()
        for special in part if isinstance(part, tuple) else ():
            ids[place] = special
            if types is not None:
                types[place] = next(segment)
            place += 1
    return Sequences(ids, types, starts, origin)


def ranges(begin: Ints, lengths: Ints) -> Ints:
    """Return ``begin[0], begin[0] + 1, ...`` for each range, joined.

    >>> ranges(np.array([5, 0]), np.array([2, 3])).tolist()
    [5, 6, 0, 1, 2]
    """
    ends = np.cumsum(lengths)
    return np.repeat(begin - (ends - lengths), lengths) + np.arange(ends[-1] if len(ends) else 0)


def share(a: Ints, b: Ints, room: int) -> tuple[Ints, Ints]:
    """Return how many tokens of two texts fit ``room`` when the longer one gives way first.

    >>> [n.tolist() for n in share(np.array([9, 2]), np.array([3, 2]), 8)]
    [[5, 2], [3, 2]]
    """
    half = room // 2
    keep_a = np.minimum(a, np.maximum(room - b, room - half))
    return keep_a, np.minimum(b, room - keep_a)


def windows(lengths: Ints, width: int, overlap: int) -> tuple[Ints, Ints, Ints]:
    """Return ``(text, begin, end)`` of the windows of at most ``width`` tokens that cover every text.

    Neighbouring windows share ``overlap`` tokens; a text that fits is one window.

    >>> [n.tolist() for n in windows(np.array([3, 7]), width=4, overlap=2)]
    [[0, 1, 1, 1], [0, 0, 2, 4], [3, 4, 6, 7]]
    """
    step = max(1, width - overlap)
    counts = 1 + np.maximum(0, -(-(lengths - width) // step))
    text = np.repeat(np.arange(len(lengths)), counts)
    begin = ranges(np.zeros(len(lengths), dtype=np.int64), counts) * step
    return text, begin, np.minimum(begin + width, lengths[text])
