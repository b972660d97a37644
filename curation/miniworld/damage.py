"""Broken text: another encoding, mark-up, shuffled letters, lost characters."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from curation.miniworld.scene import Rng, maybe

ACCENTS = str.maketrans("aeiouAEIOUn", "àéíöüÀÉÍÖÜñ")
TAGS = ("p", "b", "i", "span", "div", "li", "td", "h2")
ENTITIES = ("&nbsp;", "&quot;", "&amp;", "&lt;", "&#8217;")


def mojibake(text: str, rng: Rng) -> str:
    """Return ``text``, every other letter with an accent where it has none, as UTF-8 read in a Western code page."""
    accented = "".join(char.translate(ACCENTS) if maybe(rng, 0.5) else char for char in text)
    accented = text.translate(ACCENTS) if accented == text else accented
    return "".join(_western(byte) for byte in accented.encode("utf-8"))


def _western(byte: int) -> str:
    try:
        return bytes([byte]).decode("cp1252")
    except UnicodeDecodeError:
        return chr(byte)


def markup(text: str, rng: Rng) -> str:
    """Return ``text`` with what is left of a web or wiki page."""
    tag, parts = rng.choice(TAGS), text.split(" ")
    at = rng.randrange(len(parts))
    inside = " ".join([*parts[:at], rng.choice(ENTITIES) + parts[at], *parts[at + 1 :]])
    ways = [
        f'<{tag} class="c{rng.randrange(100)}">{inside}</{tag}>',
        f"{inside}<br/>{rng.choice(ENTITIES)}",
        f"[[File:{rng.randrange(10_000)}.jpg|thumb]] {inside}",
        f"{{{{cite|{rng.randrange(1900, 2020)}}}}} {inside}",
    ]
    return rng.choice(ways)


def shuffled(text: str, rng: Rng) -> str:
    """Return ``text`` with the letters of every word in another order."""
    return re.sub(r"\w+", lambda found: "".join(rng.sample(found[0], len(found[0]))), text)


def lost(text: str, rng: Rng) -> str:
    """Return ``text`` with the replacement character in the place of some letters."""
    found = "".join("\ufffd" if char.isalpha() and maybe(rng, 0.25) else char for char in text)
    return found if found != text else re.sub(r"\w", "\ufffd", text, count=1)


GARBLED: Mapping[str, Callable[[str, Rng], str]] = {
    "mojibake": mojibake,
    "markup": markup,
    "shuffled": shuffled,
    "lost": lost,
}
