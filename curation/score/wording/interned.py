"""The words of a table as flat arrays: every distinct text once, every word a number.

A row costs 4 bytes a field, a distinct text 4 bytes a word and some dozens for its hashes, where tuples of Python
strings took two kilobytes a row. Texts are split a batch at a time; equal texts (one premise, three hypotheses) once.
Hashes are sums of mixed 64-bit numbers: among the 1.5 million texts of 1.1 million pairs, some two differ and hash
alike with a chance of 1 in 16 million.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from curation.core import records
from curation.language import words
from curation.score.wording.texts import LIGHT, Vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

Ints = npt.NDArray[np.integer[Any]]
Hashes = npt.NDArray[np.uint64]
Words = tuple[str, ...]

BLOCK = 8192
"""Texts that are looked at at a time."""
BITS = 256
"""Width of a text's signature: one bit set for each of its heavy words."""


class Numbers(dict[str, int]):
    """Word to number; an unknown word gets the next one. Tables numbered by one of these can be compared."""

    def __init__(self) -> None:
        super().__init__()
        self._words: list[str] = []

    def __missing__(self, word: str) -> int:
        self[word] = len(self)
        return self[word]

    def words(self) -> list[str]:
        """Return the words, by number."""
        if len(self._words) != len(self):
            self._words = list(self)
        return self._words


@dataclass(frozen=True)
class Texts:
    """Distinct texts; text i has the words ``words[starts[i]:starts[i + 1]]``."""

    words: npt.NDArray[np.int32]
    starts: npt.NDArray[np.int64]

    @property
    def lengths(self) -> npt.NDArray[np.int64]:
        """Return how many words each text has."""
        return np.diff(self.starts)

    def __len__(self) -> int:
        """Return the number of texts."""
        return len(self.starts) - 1

    def blocks(self) -> Iterator[tuple[slice, npt.NDArray[np.int32], npt.NDArray[np.int64]]]:
        """Yield some texts at a time, their words, and which of these texts each word is of."""
        for start in range(0, len(self), BLOCK):
            lengths = np.diff(self.starts[start : start + BLOCK + 1])
            said = self.words[self.starts[start] : self.starts[start] + lengths.sum()]
            yield slice(start, start + len(lengths)), said, np.repeat(np.arange(len(lengths)), lengths)

    @cached_property
    def hashes(self) -> Hashes:
        """One hash per text: equal for equal words in equal order."""
        out = np.zeros(len(self), np.uint64)
        for texts, said, of in self.blocks():
            mixed, _, first = self._mixed(texts, said, of)
            out[texts] = summed(mixed, np.append(first, len(said)))
        return out

    def _mixed(self, texts: slice, said: Ints, of: Ints) -> tuple[Hashes, Ints, Ints]:
        """Return what each word of some texts adds to its text's hash, its place, and where each text begins."""
        first = self.starts[texts] - self.starts[texts.start]
        place = np.arange(len(said)) - first[of]
        return mix(mix(said.astype(np.uint64) + np.uint64(1)) + place.astype(np.uint64)), place, first

    def rests(self) -> Iterator[tuple[slice, Ints, Ints, Hashes]]:
        """Yield as :meth:`blocks` does, and for every word a hash of all the others and of its place."""
        for texts, said, of in self.blocks():
            mixed, place, _ = self._mixed(texts, said, of)
            yield texts, said, of, mix(self.hashes[texts][of] - mixed + mix(place.astype(np.uint64)))

    def without(self, light: npt.NDArray[np.bool_]) -> Texts:
        """Return the texts without the words that ``light`` marks, and of a word that then follows itself only one.

        The same as :func:`curation.score.wording.texts.heavy` for every text.
        """
        parts, lengths = [np.zeros(0, np.int32)], np.zeros(len(self), np.int64)
        for texts, said, of in self.blocks():
            kept = ~light[said]
            left, owner = said[kept], of[kept]
            first = np.ones(len(left), np.bool_)
            first[1:] = (left[1:] != left[:-1]) | (owner[1:] != owner[:-1])
            parts.append(left[first])
            lengths[texts] = np.bincount(owner[first], minlength=texts.stop - texts.start)
        return Texts(np.concatenate(parts), np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64))

    @cached_property
    def signatures(self) -> Hashes:
        """Return which words a text has, ``(texts, BITS / 64)``: a bit that two differ in is a word of one of them."""
        out = np.zeros((len(self), BITS // 64), np.uint64)
        for texts, said, of in self.blocks():
            bit = (mix(said.astype(np.uint64) + np.uint64(1)) % np.uint64(BITS)).astype(np.int64)
            np.bitwise_or.at(out[texts], (of, bit // 64), np.uint64(1) << (bit % 64).astype(np.uint64))
        return out


@dataclass(frozen=True)
class Rows:
    """The words of every row of a table, field by field."""

    numbers: Numbers
    texts: Texts
    field: npt.NDArray[np.int32]
    """The text of every field, row after row; the choices of a question are in the order of their words."""
    starts: npt.NDArray[np.int64]
    """Row i has the fields ``field[starts[i]:starts[i + 1]]``."""
    lang: npt.NDArray[np.int32]
    """Number of the language of each row."""
    langs: tuple[str, ...]
    """Names of the languages, by number."""

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.starts) - 1

    def words(self, row: int) -> tuple[Words, ...]:
        """Return the words of each field of a row."""
        return tuple(self._text(text) for text in self.field[self.starts[row] : self.starts[row + 1]].tolist())

    def _text(self, text: int) -> Words:
        known = self.numbers.words()
        return tuple(known[word] for word in self.texts.words[self.texts.starts[text] : self.texts.starts[text + 1]])

    def counts(self) -> npt.NDArray[np.int64]:
        """Return how often each word occurs in the rows, by number."""
        uses = np.bincount(self.field, minlength=len(self.texts.starts) - 1)
        total = np.zeros(len(self.numbers), np.int64)
        for texts, said, of in self.texts.blocks():
            total += np.bincount(said, uses[texts][of], minlength=len(total)).astype(np.int64)
        return total

    def heavy(self, lang: int) -> Texts:
        """Return the texts without the light words of a language, by its number."""
        light = np.zeros(len(self.numbers), np.bool_)
        light[[self.numbers[word] for word in LIGHT.get(self.langs[lang], ()) if word in self.numbers]] = True
        return self.texts.without(light)

    def owner(self) -> npt.NDArray[np.int64]:
        """Return the row of every field."""
        return np.repeat(np.arange(len(self)), np.diff(self.starts))

    @cached_property
    def light(self) -> tuple[Hashes, Hashes]:
        """Of every field, in the language of its row: the hash of its heavy words, and their signature."""
        hashes = np.zeros(len(self.field), np.uint64)
        signatures = np.zeros((len(self.field), BITS // 64), np.uint64)
        of = self.lang[self.owner()]
        for lang in np.unique(of).tolist():
            heavy, mine = self.heavy(lang), of == lang
            hashes[mine] = heavy.hashes[self.field[mine]]
            signatures[mine] = heavy.signatures[self.field[mine]]
        return hashes, signatures

    def keys(self, hashes: Hashes, *, ordered: bool) -> Hashes:
        """Return a hash per row of the ``hashes`` of its fields, in their order or in any."""
        place = np.arange(len(self.field), dtype=np.int64) - np.repeat(self.starts[:-1], np.diff(self.starts))
        mixed = mix(hashes + (place if ordered else 0 * place).astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15))
        return summed(mix(mixed), self.starts)

    def said(self, hashes: Hashes) -> npt.NDArray[np.bool_]:
        """Return which rows have a word, by the ``hashes`` of their fields: that of no word is 0."""
        total = np.concatenate([[0], np.cumsum(hashes != 0)])
        return np.asarray(total[self.starts[1:]] > total[self.starts[:-1]])


def summed(values: Hashes, starts: Ints) -> Hashes:
    """Return the sums, modulo 2^64, of the ranges of ``values`` that begin at all ``starts`` but the last one."""
    total = np.concatenate([np.zeros(1, np.uint64), np.cumsum(values, dtype=np.uint64)])
    return np.asarray(total[starts[1:]] - total[starts[:-1]], np.uint64)


def mix(values: Hashes) -> Hashes:
    """Return the finaliser of splitmix64 (Steele et al. 2014) of each value: neighbours become far apart."""
    with np.errstate(over="ignore"):
        values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def rows(table: pa.Table, numbers: Numbers | None = None) -> Rows:
    """Return the words of the records of ``table``, in its order; ``numbers`` are those of a table to compare with."""
    numbers = Numbers() if numbers is None else numbers
    kind = records.kind_of(table)
    fields, counts = _fields(kind, table)
    codes = fields.dictionary_encode().combine_chunks()
    codes = codes if isinstance(codes, pa.DictionaryArray) else codes.dictionary_encode()
    texts = split(_batches(codes.dictionary), numbers)
    field = codes.indices.to_numpy(zero_copy_only=False).astype(np.int32)
    starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    field = _arranged(kind, field, starts, codes.dictionary)
    langs = table["lang"].combine_chunks().dictionary_encode()
    names = tuple(langs.dictionary.to_pylist())
    return Rows(numbers, texts, field, starts, langs.indices.to_numpy(zero_copy_only=False).astype(np.int32), names)


def split(batches: Iterable[Sequence[str]], numbers: Numbers) -> Texts:
    """Return the words of texts, numbered by ``numbers``."""
    found, lengths = array("i"), array("i")
    for batch in batches:
        for text in batch:
            mine = [numbers[word] for word in words.folded(text)]
            found.extend(mine)
            lengths.append(len(mine))
    starts = np.concatenate([[0], np.cumsum(np.frombuffer(lengths, np.int32) if lengths else [])]).astype(np.int64)
    return Texts(np.frombuffer(found, np.int32) if found else np.zeros(0, np.int32), starts)


def _batches(column: pa.Array) -> Iterable[list[str]]:
    for start in range(0, len(column), BLOCK):
        yield column.slice(start, BLOCK).to_pylist()


def _fields(kind: str, table: pa.Table) -> tuple[pa.ChunkedArray, Ints]:
    """Return all texts that are compared, column after column, and how many each row has."""
    n = table.num_rows
    names = [name for name in records.content_fields(kind) if name not in ("pool", "side")]  # type: ignore[arg-type]
    columns, counts = [], np.zeros(n, np.int64)
    for name in names:
        column = table[name]
        if name == "tokens":
            column = pc.binary_join(column, " ")
        if pa.types.is_list(column.type):
            counts += pc.fill_null(pc.list_value_length(column), 0).to_numpy()
            column = pc.list_flatten(column)
        else:
            counts += 1
        columns += pc.fill_null(column, "").chunks
    return pa.chunked_array(columns, pa.string()), counts


def _arranged(kind: str, field: npt.NDArray[np.int32], starts: Ints, texts: pa.Array) -> npt.NDArray[np.int32]:
    """Return the fields row after row, where they were column after column; choices by their words."""
    n = len(starts) - 1
    if kind != "choice":
        return np.ascontiguousarray(field.reshape(-1, n).T).ravel()
    rank = np.empty(len(texts), np.int64)
    rank[sorted(range(len(texts)), key=[words.normal(text) for text in texts.to_pylist()].__getitem__)] = np.arange(
        len(texts)
    )
    owner = np.concatenate([np.arange(n), np.repeat(np.arange(n), np.diff(starts) - 1)])
    key = np.concatenate([np.full(n, -1), rank[field[n:]]])
    return field[np.lexsort((key, owner))]


def vocabulary(*tables: Rows) -> Vocabulary:
    """Return how often each word occurs in ``tables``, which share their numbers."""
    total = np.zeros(len(tables[0].numbers), np.int64)
    for table in tables:
        total += table.counts()
    return Vocabulary(dict(zip(tables[0].numbers, total.tolist(), strict=True)))


def joined(tables: Sequence[Rows], numbers: Numbers) -> Rows:
    """Return the rows of ``tables``, all numbered by ``numbers``, one after another."""
    texts, fields, langs = 0, 0, sorted({lang for table in tables for lang in table.langs})
    parts: dict[str, list[Ints]] = {name: [np.zeros(0, np.int64)] for name in ("words", "field", "lang")}
    parts["starts"] = [np.zeros(1, np.int64)]
    rows: list[Ints] = [np.zeros(1, np.int64)]
    begun = 0
    for table in tables:
        parts["words"].append(table.texts.words)
        parts["starts"].append(table.texts.starts[1:] + begun)
        parts["field"].append(table.field + texts)
        parts["lang"].append(np.array([langs.index(lang) for lang in table.langs], np.int32)[table.lang])
        rows.append(table.starts[1:] + fields)
        begun, texts, fields = begun + len(table.texts.words), texts + len(table.texts.starts) - 1, rows[-1][-1]
    whole = {name: np.concatenate(some) for name, some in parts.items()}
    return Rows(
        numbers,
        Texts(whole["words"].astype(np.int32), whole["starts"].astype(np.int64)),
        whole["field"].astype(np.int32),
        np.concatenate(rows).astype(np.int64),
        whole["lang"].astype(np.int32),
        tuple(langs),
    )
