"""The endless list of clean content of every config: the same for every language, split by a hash of what is said."""

from __future__ import annotations

import hashlib
import importlib
import itertools
import random
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Protocol, cast

from curation.core import seeds
from curation.core.errors import unknown
from curation.miniworld.grammar import Grammar
from curation.miniworld.meaning import signature
from curation.miniworld.scene import Rng

GENERATORS = {
    name: name for name in ("nli", "xnli", "paraphrase", "qa", "qa2", "choice", "pos", "ner", "topic", "bitext", "text")
}
"""Config to the module of ``generate`` that draws its content."""
SPLITS = {"train": range(8), "dev": range(8, 9), "test": range(9, 10)}
"""Split to the tenths of all content that are its own."""


class Generator(Protocol):
    """A module of ``generate``."""

    def item(self, rng: Rng) -> list[Any]:
        """Return the content of one group of rows."""

    def core(self, rows: list[Any]) -> object:
        """Return what decides the split of the group, and what may not occur twice in one."""

    def render(self, row: Any, grammar: Grammar) -> dict[str, Any]:
        """Return one row in one language."""


def generator(config: str) -> Generator:
    """Return the generator of ``config``; raises :class:`CairnError` for one the miniworld does not have."""
    if config not in GENERATORS:
        raise unknown("config", config, GENERATORS, "bundled:miniworld")
    return cast("Generator", importlib.import_module(f"curation.miniworld.generate.{GENERATORS[config]}"))


def items(config: str, split: str, seed: int) -> Iterator[Any]:
    """Return the content of one row after the other, endlessly; splits share nothing, and nothing comes twice.

    Raises :class:`CairnError` for an unknown config or split.
    """
    if split not in SPLITS:
        raise unknown("split", split, SPLITS, f"bundled:miniworld, config {config}")
    return _drawn(generator(config), config, split, seed)


def _drawn(maker: Generator, config: str, split: str, seed: int) -> Iterator[Any]:
    seen = set()
    for number in itertools.count():
        rows = maker.item(random.Random(seeds.derive(seed, "miniworld", config, split, number)))
        name = hashlib.blake2b(signature(maker.core(rows)).encode(), digest_size=8).digest()
        if name[0] % 10 in SPLITS[split] and name not in seen:
            seen.add(name)
            yield from rows


@lru_cache(maxsize=4)
def _known(config: str, split: str, seed: int) -> tuple[list[Any], Iterator[Any]]:
    return [], items(config, split, seed)


def first(config: str, split: str, n: int, seed: int) -> list[Any]:
    """Return the content of the first ``n`` rows: a prefix of that of more rows.

    The last few lists are remembered, since the same one is wanted for every language.
    """
    found, more = _known(config, split, seed)
    found.extend(itertools.islice(more, max(0, n - len(found))))
    assert len(found) >= n, "the endless list ended: its drawing was interrupted"
    return found[:n]


def key(split: str, number: int) -> str:
    """Return the key of row ``number``."""
    return f"{split}-{number:06d}"
