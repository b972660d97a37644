"""Rule-based translation by the program ``apertium`` and its language pairs: offline, deterministic, Debian packages.

Where no pair goes from source to target directly, a path through other languages is taken (en -> es -> fr), the
shortest one, by breadth-first search over the installed directions.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from curation.core.errors import CairnError
from curation.language.codes import language
from curation.translate.translators import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MARKERS = ("\ue010", "\ue011")
CHUNK = 4096
"""Sentences at a time: starting the program costs as much as some hundred of them."""
SMALL = 128
"""Sentences for which a second process is not worth starting."""
_LITERAL = str.maketrans({"*": "\ue020", "@": "\ue021", "#": "\ue022", "^": "\ue023", "$": "\ue024", "\\": "\ue025"})
_BACK = str.maketrans({value: chr(key) for key, value in _LITERAL.items()})
_MARK = re.compile(r"[*@#]+(?=\w)")
_SEPARATOR = "\n\n"
"""A blank line ends a sentence for apertium's text format, which no ``-f line`` does: there, words of one line were
seen to move into the next."""


@cache
def directions() -> dict[tuple[str, str], str]:
    """Return the installed directions: ``(src, tgt)`` in two-letter codes to apertium's name of it.

    Raises :class:`CairnError` when the program is not installed.
    """
    if shutil.which("apertium") is None:
        raise CairnError(
            "translate.backend apertium: the program is not installed. Type `apt-get install apertium "
            "apertium-eng-spa` (`apt-cache search apertium-` lists the pairs), or choose another backend."
        )
    listed = subprocess.run(["apertium", "-l"], capture_output=True, text=True, check=False).stdout.split()  # noqa: S607
    found: dict[tuple[str, str], str] = {}
    for name in sorted(listed, key=lambda name: ("_" in name, name)):  # a plain pair before its regional variants
        parts = name.split("-")
        if len(parts) == 2:
            src, tgt = (language(part.split("_")[0]) for part in parts)
            found.setdefault((src, tgt), name)
    return found


def shortest(pairs: Iterable[tuple[str, str]], src: str, tgt: str) -> list[str] | None:
    """Return the languages on the shortest way from ``src`` to ``tgt`` over ``pairs``; ties go by the alphabet.

    >>> shortest([("en", "es"), ("es", "fr"), ("es", "en")], "en", "fr")
    ['en', 'es', 'fr']
    """
    ways = deque([[src]])
    seen = {src}
    known = sorted(pairs)
    while ways:
        way = ways.popleft()
        if way[-1] == tgt:
            return way
        for a, b in known:
            if a == way[-1] and b not in seen:
                seen.add(b)
                ways.append([*way, b])
    return None


def steps(src: str, tgt: str) -> list[str]:
    """Return the names of apertium's directions that lead from ``src`` to ``tgt``."""
    found = directions()
    way = shortest(found, src, tgt)
    if way is None:
        have = ", ".join(sorted(f"{a}->{b}" for a, b in found)) or "none"
        raise CairnError(
            f"translate.backend apertium: no way from {src} to {tgt}. Installed: {have}. Find a pair with "
            f"`apt-cache search apertium-` and `apt-get install` it, or choose another backend."
        )
    return [found[pair] for pair in pairwise(way)]


def _version(package: str) -> str:
    if shutil.which("dpkg-query") is None:
        return "unknown"
    asked = ["dpkg-query", "--show", "--showformat=${Version}", package]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)  # noqa: S603
    return done.stdout.strip() if done.returncode == 0 else "unknown"


def _package(direction: str) -> str:
    """Return the Debian package that owns a direction's mode file."""
    if shutil.which("dpkg") is None:
        return "unknown"
    asked = ["dpkg", "--search", f"/usr/share/apertium/modes/{direction}.mode"]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)  # noqa: S603
    return done.stdout.partition(":")[0] if done.returncode == 0 else "unknown"


def describe(src: str, tgt: str, params: Any) -> dict[str, str]:
    """Return the path of directions and the versions of apertium and of every pair on it."""
    path = steps(src, tgt)
    packages = sorted({_package(direction) for direction in path} - {"unknown"})
    versions = {name: _version(name) for name in ["apertium", "lttoolbox", *packages]}
    return {"engine": "apertium", "path": " ".join(path), "scheme": "1", **versions}


def check(task: str, src: str, tgt: str, params: Any) -> None:
    """Raise :class:`CairnError` when the program is not installed, or no way leads from ``src`` to ``tgt``."""
    steps(src, tgt)


def translate(texts: Sequence[str], src: str, tgt: str, params: Any) -> list[str]:
    """Return one translation per text; :data:`UNKNOWN` stands before words that some step did not know."""
    path = steps(src, tgt)
    wanted = [i for i, text in enumerate(texts) if text.strip()]
    parts = max(1, min(_cores(), -(-len(wanted) // SMALL)))
    with ThreadPoolExecutor(parts) as pool:  # threads that wait for processes
        done = pool.map(lambda own: _way(path, [texts[i] for i in own]), [wanted[k::parts] for k in range(parts)])
        found = list(done)
    result = ["" for _ in texts]
    for k, own in enumerate(found):
        for i, text in zip(wanted[k::parts], own, strict=True):
            result[i] = re.sub(r" {2,}", " ", text).strip().translate(_BACK)
    return result


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _way(path: Sequence[str], texts: Sequence[str]) -> list[str]:
    """Return ``texts`` after every direction of ``path``, one process at a time."""
    found = [text.translate(_LITERAL) for text in texts]
    for direction in path if found else ():
        found = _step(direction, found)
    return found


def _step(direction: str, texts: Sequence[str]) -> list[str]:
    """Return the texts after one direction, with its marks ``*`` (unknown), ``@`` and ``#`` turned into one.

    A word that one step leaves as it is reaches the next step without a mark, and is marked again unless known there.
    """
    unmarked = [text.replace(UNKNOWN, "") for text in texts]
    given = "".join(text + _SEPARATOR for text in unmarked)
    command = ["apertium", "-f", "txt", direction]
    done = subprocess.run(command, input=given, capture_output=True, text=True, encoding="utf-8", check=False)  # noqa: S603
    parts = done.stdout.split(_SEPARATOR)
    if done.returncode or len(parts) != len(texts) + 1:
        if len(texts) > 1 and not done.returncode:  # one text upset the count: halve until it stands alone
            half = len(texts) // 2
            return _step(direction, texts[:half]) + _step(direction, texts[half:])
        raise CairnError(
            f"apertium {direction} ended with code {done.returncode} and {len(parts) - 1} of {len(texts)} translations "
            f"({done.stderr.strip()[:200] or unmarked[0][:200]!r}). Try `echo hello | apertium {direction}`."
        )
    return [_MARK.sub(UNKNOWN, part) for part in parts[:-1]]
