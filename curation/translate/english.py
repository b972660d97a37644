"""The English side that existing translations come with: text to upstream key, converted once for all languages.

Kept in ``.cairn/cache/english/<key>``, sealed; the key is made of the files that were read, the modules beside the
task's, which it may import, and the code that converts rows. One that is damaged is set aside and made again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import xxhash

from curation import fetch, language, rows
from curation.core import aside, checksums, files, records
from curation.core.errors import CairnError
from curation.core.task import Kind, Source
from curation.fetch import splits
from curation.fetch.sources import Loaded
from curation.language import words

_CODE = (fetch, rows, language, records)
"""What a converted row depends on beside the task's own folder."""


def keys(job: splits.Job, source: Source, lang: str) -> dict[bytes, str]:
    """Return :func:`letters` of each row on the English side, in ``lang``, to its upstream key.

    Raises :class:`CairnError` when nobody has that side, or it cannot be used.
    """
    loaded = splits.load_split(job, "train", source, lang)
    kept = _place(job, loaded)
    if kept is not None and (found := _read(kept)) is not None:
        return found
    items = splits.convert_loaded(job, "train", source, lang, loaded).items
    made = {letters(job.task.kind, vars(item.example)): str(item.example.key) for item in items}
    if kept is not None:
        table = pa.table({"letters": pa.array(made, pa.binary(16)), "key": pa.array(made.values(), pa.string())})
        with files.replacing_folder(kept) as folder:
            files.write_parquet(folder / "keys.parquet", table)
    return made


def letters(kind: Kind, row: Mapping[str, Any]) -> bytes:
    """Return a 16-byte name of what a row says, without case, spacing and punctuation.

    >>> one, other, another = ({"text": text} for text in ("It's so.", "it 's so", "It's not."))
    >>> letters("classify", one) == letters("classify", other), letters("classify", one) == letters("classify", another)
    (True, False)
    """
    values = [words.normal(str(row[name])).replace(" ", "") for name in records.content_fields(kind)]
    return xxhash.xxh3_128_digest("\0".join(values).encode())


def _read(kept: Path) -> dict[bytes, str] | None:
    if not kept.exists():
        return None
    try:
        table = files.read_parquet(checksums.checked_folder(kept) / "keys.parquet")
    except CairnError as error:
        aside.set_aside(kept, str(error))
        return None
    return dict(zip(table["letters"].to_pylist(), table["key"].to_pylist(), strict=True))


def _place(job: splits.Job, loaded: Loaded) -> Path | None:
    """Return where the keys of these rows are kept; ``None`` for rows that came from no file."""
    read = [one.hashes for one in (loaded, *loaded.pooled)]
    if not any(read) or job.module.__file__ is None:
        return None
    code = [
        *sorted(Path(job.module.__file__).parent.glob("*.py")),
        *(path for module in _CODE for path in _sources(module.__file__)),
    ]
    made_by = [hashlib.sha256(path.read_bytes()).hexdigest() for path in code]
    name = json.dumps([read, made_by, job.params.max_dropped], sort_keys=True)
    return files.cache_folder("english") / hashlib.sha256(name.encode()).hexdigest()[:32]


def _sources(module: str | None) -> Iterator[Path]:
    path = Path(str(module))
    yield from sorted(path.parent.rglob("*.py")) if path.name == "__init__.py" else [path]
