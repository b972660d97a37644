"""Frozen vectors of an intermediate task's train rows, for neighbours, probe and everything built on them.

Reads ``data/intermediate/<task>/train.parquet``; writes ``data/vectors/<task>/`` (float16, see :class:`Vectors`) and
``manifest.json``. Vectors are cached by content in the cache folder ``vectors``: an interrupted run continues where it
was, and a changed row costs one row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import pydantic

from curation.core import files, params, paths
from curation.embed import pairs
from curation.embed.cache import Floats, Ragged

if TYPE_CHECKING:
    from pathlib import Path


Row = Mapping[str, Any]
Precision = Literal["auto", "bf16", "fp32"]


class Params(params.Section):
    """Section ``embed``."""

    model: str
    """A sentence encoder: package:..., bundled:..., a folder, or a hub id. Never the encoder under evaluation."""
    revision: str | None
    """Commit of a hub model; null = the newest, which the manifest then names."""
    batch_size: int = pydantic.Field(ge=1)
    """Texts per forward pass at most; their tokens are limited too, to what suits the machine."""
    max_length: int = pydantic.Field(ge=8)
    """Tokens after which a text is cut (word vectors: read in windows of so many tokens, nothing is cut)."""
    precision: Precision = "auto"
    """What the encoder computes in: bf16 = bfloat16; auto = bf16 on a GPU that has it, else fp32. May be left out."""
    word_gigabytes: float | None = pydantic.Field(gt=0)
    """Refuse to store more word vectors than this (span and tags: one vector per word); null = ``budget.disk_gb`` alone
    decides."""


@dataclass(frozen=True)
class Vectors:
    """What ``embed`` made of one task, in record order; arrays are memory-mapped float16."""

    ids: list[str]
    row: Floats
    """``(n, d)``, L2-normalised: the whole row as one text (:func:`row_texts`)."""
    parts: dict[str, Floats]
    """Content field to ``(n, d)``, L2-normalised; fields of one string. For ``choice`` also ``choices``, one vector per
    choice, rows after one another."""
    match: Floats | None = None
    """How the words of two texts match (:func:`token_vectors.match`), ``(n, f)``: for ``pair`` a row per row, for
    ``choice`` a row per choice, prompt against choice."""
    words: dict[str, Ragged] = field(default_factory=dict)
    """Word vectors: ``tags``: of ``tokens``; ``span``: of ``question`` and ``context`` (:func:`words.split`)."""


def load(task: str) -> Vectors:
    """Return the vectors of ``task``; raise :class:`CairnError` when ``embed`` has not run or its files are broken."""
    return read(paths.vectors(task))


def read(folder: Path) -> Vectors:
    """Return what :func:`write` wrote to ``folder``."""
    manifest = files.read_json(folder / "manifest.json")
    match = files.open_array(folder / "match.npy") if manifest["match"] else None
    if match is not None:
        pairs.share(folder / "match.npy")
    return Vectors(
        ids=files.read_parquet(folder / "ids.parquet")["id"].to_pylist(),
        row=files.open_array(folder / "row.npy"),
        parts={name: files.open_array(folder / f"part-{name}.npy") for name in manifest["parts"]},
        match=match,
        words={name: Ragged.load(folder / f"words-{name}") for name in manifest["words"]},
    )
