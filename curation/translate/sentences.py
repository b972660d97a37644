"""Texts cut into sentences, translated once each through a cache that survives a kill, and put together again."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import xxhash

from curation.core import engine as engines
from curation.core import files, progress
from curation.core.database import Database
from curation.core.errors import CairnError

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

_LINES = re.compile(r"\s*[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]\s*")
_END = re.compile(r"(?<=[.!?…])[\"'”’»)\]]*\s+(?=[^\sa-z])|(?<=[。！？])[」』”）]*\s*")
_ABBREVIATION = re.compile(r"(?:\b(?:[A-Z]|Mr|Mrs|Ms|Dr|Prof|St|Jr|Sr|vs|etc|e\.g|i\.e|No|Inc|Ltd|Co|approx|ca|cf))\.$")


def spans(text: str) -> list[tuple[int, int]]:
    r"""Return start and end of each sentence of ``text``; the white space between them belongs to none.

    >>> [text[a:b] for text in ["Dr. Li ran.  She won! \n(Twice.) ok"] for a, b in spans(text)]
    ['Dr. Li ran.', 'She won!', '(Twice.) ok']
    """
    found: list[tuple[int, int]] = []
    ends = (m for m in _END.finditer(text) if not _ABBREVIATION.search(text[max(0, m.start() - 12) : m.start()]))
    cuts = [m.end() for m in _LINES.finditer(text)] + [m.end() for m in ends]
    start = 0
    for cut in [*sorted(set(cuts)), len(text)]:
        piece = text[start:cut]
        left = start + len(piece) - len(piece.lstrip())
        right = start + len(piece.rstrip())
        if left < right:
            found.append((left, right))
        start = cut
    return found


@dataclass(frozen=True)
class Sentence:
    """One sentence of a translated text: where it lies in the source and in the translation."""

    source: tuple[int, int]
    target: tuple[int, int]


def join(
    text: str, sentences: Sequence[tuple[int, int]], translations: Mapping[str, str]
) -> tuple[str, list[Sentence]]:
    """Return ``text`` with each sentence replaced by its translation, and where the sentences lie in both.

    >>> join("A b.  C d.", [(0, 4), (6, 10)], {"A b.": "X.", "C d.": "Y."})[0]
    'X.  Y.'
    """
    parts: list[str] = []
    places: list[Sentence] = []
    at = length = 0
    for start, end in sentences:
        translation = translations[text[start:end]]
        parts += [text[at:start], translation]
        length += start - at
        places.append(Sentence((start, end), (length, length + len(translation))))
        length += len(translation)
        at = end
    return "".join([*parts, text[at:]]), places


_SCHEMA = """
create table if not exists translations (key blob primary key, text blob not null, checksum blob not null) without rowid
"""


class Cache:
    """Sentence translations on disk, keyed by engine, languages and sentence; damaged ones are translated again."""

    def __init__(self, path: Path, engine: Mapping[str, str], src: str, tgt: str):
        self._database = Database(path, _SCHEMA)
        self._engine = json.dumps([dict(engine), src, tgt], sort_keys=True)

    def _key(self, sentence: str) -> bytes:
        return hashlib.blake2b(f"{self._engine}\x1f{sentence}".encode(), digest_size=16).digest()

    def get(self, sentences: Iterable[str]) -> dict[str, str]:
        """Return the translations that are known."""
        wanted = {sentence: self._key(sentence) for sentence in sentences}

        def read(database: sqlite3.Connection) -> dict[str, str]:
            found = {}
            for sentence, key in wanted.items():
                row = database.execute("select text, checksum from translations where key = ?", [key]).fetchone()
                if row is not None and isinstance(row[0], bytes) and _checksum(key, row[0]) == row[1]:
                    found[sentence] = row[0].decode()
            return found

        return self._database.do(read)

    def put(self, translations: Mapping[str, str]) -> None:
        """Keep ``translations``: all of them or, after a kill, none."""
        texts = [(self._key(sentence), text.encode()) for sentence, text in translations.items()]
        rows = [(key, text, _checksum(key, text)) for key, text in texts]
        self._database.do(
            lambda database: database.executemany("insert or replace into translations values (?, ?, ?)", rows)
        )


def _checksum(key: bytes, text: bytes) -> bytes:
    return xxhash.xxh3_64_digest(key + text)


class Engine:
    """A sentence backend with its cache: each distinct sentence is translated once, chunk by chunk."""

    def __init__(
        self, translate: Callable[[Sequence[str]], list[str]], engine: Mapping[str, str], src: str, tgt: str, chunk: int
    ):
        self._translate = translate
        self._cache = Cache(files.cache_folder("translations") / f"{engine['engine']}.sqlite", engine, src, tgt)
        self._chunk = chunk
        self._what = f"translate {src}-{tgt}"
        self._known: dict[str, str] = {}

    def sentences(self, wanted: Iterable[str]) -> dict[str, str]:
        """Return a translation of every distinct sentence; raise :class:`CairnError` when the backend loses some."""
        distinct = sorted(set(wanted), key=lambda text: (len(text), text))
        known = self._cache.get(distinct)
        missing = [sentence for sentence in distinct if sentence not in known]
        if not missing:
            return known
        with progress.bar(len(missing), self._what, "sentence") as bar:
            parts = [missing[at : at + self._chunk] for at in range(0, len(missing), self._chunk)]
            for part, done in zip(parts, engines.each(self._translate, parts), strict=True):
                if len(done) != len(part):
                    raise CairnError(f"the translation backend returned {len(done)} texts for {len(part)}.")
                fresh = dict(zip(part, done, strict=True))
                self._cache.put(fresh)
                known.update(fresh)
                bar.update(len(part))
        return known

    def texts(self, wanted: Iterable[str], and_sentences: Iterable[str] = ()) -> dict[str, tuple[str, list[Sentence]]]:
        """Return, for every distinct text, its translation and its sentences.

        ``and_sentences`` are translated in the same go, as one sentence each, for :meth:`known`.
        """
        cut = {text: spans(text) for text in wanted}
        every = [text[start:end] for text, places in cut.items() for start, end in places]
        self._known.update(self.sentences([*every, *and_sentences]))
        return {text: join(text, places, self._known) for text, places in cut.items()}

    def known(self, sentence: str) -> str | None:
        """Return the translation of a sentence that was translated with :meth:`texts`; ``None`` for any other."""
        return self._known.get(sentence)
