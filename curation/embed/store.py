"""Texts and words of rows to vectors on disk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from curation.core import budget, files, records
from curation.core.errors import CairnError
from curation.embed import matching
from curation.embed.cache import Floats
from curation.embed.encoder import Encoder
from curation.language import words

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa

    from curation.core.task import Kind
from curation.embed import Params, Row


def row_texts(kind: Kind, rows: Sequence[Row]) -> list[str]:
    """Return the one text per row whose vector is the row's vector."""
    return [records.text_of(kind, row) for row in rows]


def encode(texts: Sequence[str], settings: Params) -> Floats:
    """Return one L2-normalised vector per text, float16 ``(n, d)``; each distinct text is encoded once and cached."""
    return _encoder(settings).encode(texts)


def word_lists(kind: Kind, rows: Sequence[Row]) -> dict[str, list[tuple[str, ...]]]:
    """Return the words whose vectors are stored: field to a word list per row (``tags``, ``span``)."""
    if kind == "tags":
        return {"tokens": [tuple(row["tokens"]) for row in rows]}
    if kind == "span":
        return {name: [tuple(words.split(row[name])) for row in rows] for name in ("question", "context")}
    return {}


def matched_pairs(kind: Kind, rows: Sequence[Row]) -> list[tuple[str, str]]:
    """Return the text pairs whose words are matched: one per ``pair`` row, one per choice of a ``choice`` row."""
    if kind == "pair":
        return [(row["text_a"], row["text_b"]) for row in rows]
    if kind == "choice":
        return [(row["prompt"], choice) for row in rows for choice in row["choices"]]
    return []


def _encoder(settings: Params) -> Encoder:
    return Encoder(settings.model, settings.revision, settings.batch_size, settings.max_length, settings.precision)


COPIES = 3
"""Where vectors lie at most: the cache, ``data/`` and DVC's cache, of which the last two are one where files can be
linked (``cache.type`` in .dvc/config)."""


def _check_budget(
    rows: int, pairs: int, lists: Mapping[str, Sequence[tuple[str, ...]]], width: int, allowed: float | None
) -> None:
    """Raise :class:`CairnError` when the vectors to be made take more disk than there may be."""
    total = sum(len(one) for texts in lists.values() for one in set(texts))
    needed = total * width * 2 / 1e9
    whole = COPIES * (needed + (rows * width + pairs * matching.features(width)) * 2 / 1e9)
    budget.check_disk(whole, f"the vectors of {rows} texts, {pairs} pairs and {total} words")
    if allowed is not None and needed > allowed:
        raise CairnError(
            f"params.yaml: embed.word_gigabytes is {allowed}, but the {total} distinct words of this task need "
            f"{needed:.1f} GB. Raise embed.word_gigabytes, or lower fetch.rows.intermediate.train."
        )


def write(folder: Path, table: pa.Table, settings: Params) -> None:
    """Write the vectors of the records ``table`` to the existing, empty ``folder``.

    Raises :class:`CairnError` for a table without rows, and for more word vectors than ``word_gigabytes``.
    """
    kind, rows = records.kind_of(table), records.Rows(table)
    if not rows:
        raise CairnError("no train rows to embed. dropped.parquet beside them says why rows were dropped.")
    encoder = _encoder(settings)
    names = [name for name in records.content_fields(kind) if isinstance(rows[0][name], str)]
    parts = {name: table[name].to_pylist() for name in names}
    if kind == "choice":
        parts["choices"] = [choice for row in rows for choice in row["choices"]]
    pairs, lists = matched_pairs(kind, rows), word_lists(kind, rows)
    count = len(rows) + sum(map(len, parts.values()))
    _check_budget(count, len(pairs), lists, encoder.width, settings.word_gigabytes)
    width = encoder.encode(row_texts(kind, rows), folder / "row.npy").shape[1]
    if pairs:  # first, because the vectors of the texts themselves come from the same pass
        encoder.match(pairs, folder / "match.npy")
    for name, texts in parts.items():
        encoder.encode(texts, folder / f"part-{name}.npy")
    for name, word_list in lists.items():
        (folder / f"words-{name}").mkdir()
        encoder.words(word_list, folder / f"words-{name}")
    files.write_parquet(folder / "ids.parquet", table.select(["id"]))
    shape = {"kind": kind, "rows": len(rows), "dimension": width}
    stored = {"parts": sorted(parts), "match": bool(pairs), "words": sorted(lists)}
    files.write_json(folder / "manifest.json", {**shape, **stored, "model": _described(settings, encoder)})


def _described(settings: Params, encoder: Encoder) -> dict[str, Any]:
    source = encoder.source
    return {
        "name": settings.model,
        "revision": source.revision,
        "sha256": source.sha256,
        "served_by": source.served_by,
        "max_length": settings.max_length,
        "precision": encoder.precision,
    }
