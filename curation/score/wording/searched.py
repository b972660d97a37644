"""The duplicate search of a task, run once: ``near_duplicates`` and ``conflicts`` ask the same, and the second is told.

Scorers are processes of their own, which DVC runs in any order. So whichever comes first leaves the groups in the cache
folder ``duplicates``, under a hash of all that they follow from: ids (which hash the content), languages, order, graph,
settings, and the code.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import BadZipFile

import numpy as np
import pyarrow as pa
import regex

from curation.core import files
from curation.language import dictionary, scripts, words
from curation.score.wording import duplicates, interned, misspelt, texts

if TYPE_CHECKING:
    from curation.score.scorers import Inputs

CODE = (dictionary, scripts, words, interned, texts, misspelt, duplicates)
KEPT = 32
"""Searches that the cache holds; the oldest go first."""


def groups(inputs: Inputs, similarity: float, edits: float) -> duplicates.Groups:
    """Return the near-duplicate groups of a task's rows: see :func:`curation.score.wording.duplicates.find`."""
    symmetric = inputs.task.symmetric
    file = files.cache_folder("duplicates") / f"{_key(inputs, similarity, edits, symmetric=symmetric)}.npz"
    if (known := _read(file)) is not None:
        return known
    found = duplicates.find(inputs.records, inputs.neighbours, similarity, edits, symmetric=symmetric)
    sizes = np.array([len(group) for group in found.members], np.int64)
    members = np.array([row for group in found.members for row in group], np.int64)
    twins = [found.twin[row] for row in members.tolist()]
    with files.replacing(file) as part, part.open("wb") as handle:
        np.savez(
            handle,
            sizes=sizes,
            members=members,
            twin=np.array([row for row, _ in twins], np.int64),
            similarity=np.array([value for _, value in twins], np.float64),
        )
    for old in sorted(file.parent.glob("*.npz"), key=lambda one: one.stat().st_mtime)[:-KEPT]:
        old.unlink(missing_ok=True)
    return found


def _read(file: Path) -> duplicates.Groups | None:
    try:
        with file.open("rb") as handle, np.load(handle) as stored:
            sizes, members, twin, similarity = (stored[name] for name in ("sizes", "members", "twin", "similarity"))
    except (OSError, ValueError, KeyError, EOFError, BadZipFile):  # not there, or damaged: searched again
        return None
    parts = np.split(members, np.cumsum(sizes)[:-1]) if len(sizes) else []
    nearest = zip(twin.tolist(), similarity.tolist(), strict=True)
    return duplicates.Groups([part.tolist() for part in parts], dict(zip(members.tolist(), nearest, strict=True)))


def _key(inputs: Inputs, similarity: float, edits: float, *, symmetric: bool) -> str:
    digest = hashlib.blake2b(repr((similarity, edits, symmetric, regex.__version__)).encode(), digest_size=16)
    for module in CODE:
        digest.update(Path(str(module.__file__)).read_bytes())
    sink = pa.BufferOutputStream()
    table = inputs.records.select(["id", "lang", "key"])
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table.combine_chunks())
    digest.update(sink.getvalue())
    graph = inputs.neighbours
    for array in (graph.indices, graph.similarity):
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()
