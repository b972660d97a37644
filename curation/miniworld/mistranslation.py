"""Translations gone wrong in the ways of machines: something left out, another number, another language, a loop.

What is left out or miscounted is left out of the content, so that the translation reads well and is wrong; only
questions and choices, whose answers must stay where they are, are cut as text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from typing import Any, Literal

from curation.miniworld.defects import FIELDS, PAIRS, TAGS, Row, some
from curation.miniworld.meaning import NP, Clause
from curation.miniworld.scene import Rng, other

Kind = Literal["dropped", "number", "language", "repetition"]
KINDS: tuple[Kind, ...] = ("dropped", "number", "language", "repetition")
Change = Callable[[Clause, Rng], Clause | None]


def without(clause: Clause, rng: Rng) -> Clause | None:
    """Return ``clause`` without its place, time, second predicate, relative clause or an adjective."""
    found: list[Clause] = []
    if clause.place and clause.verb != "be":
        found.append(replace(clause, place=None, front=None if clause.front == "place" else clause.front))
    if clause.time:
        found.append(replace(clause, time=None, front=None if clause.front == "time" else clause.front))
    if clause.also:
        found.append(replace(clause, also=None))
    if clause.subject.rel or clause.subject.adj:
        found.append(replace(clause, subject=replace(clause.subject, rel=None, adj=None)))
    if clause.object and clause.object.adj:
        found.append(replace(clause, object=replace(clause.object, adj=None)))
    return rng.choice(found) if found else None


def miscounted(clause: Clause, rng: Rng) -> Clause | None:
    """Return ``clause`` with *three* for *two* or the other way round; ``None`` when nothing in it is counted."""
    if clause.object and clause.object.det in ("two", "three"):
        return replace(clause, object=_miscounted(clause.object))
    return replace(clause, subject=_miscounted(clause.subject)) if clause.subject.det in ("two", "three") else None


def _miscounted(np: NP) -> NP:
    return replace(np, det="three" if np.det == "two" else "two")


def changed(content: Any, change: Change, rng: Rng) -> Any | None:
    """Return the content of a row with ``change`` made in one of its clauses; ``None`` when it fits none of them."""
    if isinstance(content, Clause):
        return change(content, rng)
    places: list[tuple[str, int]] = []
    for field in fields(content):
        value = getattr(content, field.name)
        parts = value if isinstance(value, tuple) else (value,)
        places += [(field.name, i) for i, part in enumerate(parts) if isinstance(part, Clause)]
    for name, i in rng.sample(places, len(places)):
        value = getattr(content, name)
        found = change(value[i] if isinstance(value, tuple) else value, rng)
        if found is not None:
            return replace(
                content, **{name: (*value[:i], found, *value[i + 1 :]) if isinstance(value, tuple) else found}
            )
    return None


def row(
    config: str,
    content: Any,
    render: Callable[[Any, str], Row],
    kind: Kind,
    rng: Rng,
    lang: str,
    langs: tuple[str, ...],
) -> tuple[Row, Kind]:
    """Return the row of ``content`` as a bad translation into ``lang``, and what is bad about it.

    ``kind`` may come out as another one where it cannot be made. ``render(content, lang)`` makes a row.
    """
    right = render(content, lang)
    if kind == "language":
        foreign = render(content, "en" if rng.random() < 0.5 else other(rng, langs, lang, "en"))
        if config in PAIRS:
            foreign = {**right, **{name: foreign[name] for name in some(FIELDS[config], rng, 0.5)}}
        if foreign != right:
            return foreign, kind
    if kind in ("dropped", "number"):
        if config in ("qa", "qa2", "choice"):
            edit: Callable[[str], str | None] = cut if kind == "dropped" else lambda text: renumbered(text, lang)
            found = _edited(config, right, edit, rng)
        else:
            content = changed(content, without if kind == "dropped" else miscounted, rng)
            found = render(content, lang) if content is not None else None
        if found not in (None, right):
            assert found is not None
            return found, kind
    return _looped(config, right, rng), "repetition"


def _edited(config: str, right: Row, edit: Callable[[str], str | None], rng: Rng) -> Row | None:
    for name in rng.sample(FIELDS[config], len(FIELDS[config])):
        found = edit(right[name])
        if found not in (None, right[name]):
            return {**right, name: found}
    return None


def cut(text: str) -> str | None:
    """Return ``text`` without its last sentence, or its last words; ``None`` when it is too short."""
    sentences = re.split(r"(?<=[.?!]) ", text)
    if len(sentences) > 1:
        return " ".join(sentences[:-1])
    parts, end = text.rstrip(".?!").split(" "), text[len(text.rstrip(".?!")) :]
    return " ".join(parts[: -max(1, len(parts) // 3)]).rstrip(",") + end if len(parts) > 3 else None


def _looped(config: str, right: Row, rng: Rng) -> Row:
    size, times = rng.randrange(2, 5), rng.randrange(2, 4)
    if config in TAGS:
        return {**right, **{name: [*right[name], *right[name][-size:] * times] for name in ("tokens", TAGS[config])}}
    name = rng.choice(FIELDS[config])
    return {**right, name: repeated(right[name], size, times)}


def repeated(text: str, size: int, times: int) -> str:
    """Return ``text`` whose last ``size`` words come so many times more, as a decoder in a loop writes.

    >>> repeated("Anna saw a dog.", 2, 1)
    'Anna saw a dog. a dog.'
    """
    parts = text.split(" ")
    return " ".join([*parts, *parts[-size:] * times])


NUMBERS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "de": (("zwei", "drei"),),
    "es": (("dos", "tres"),),
    "fr": (("deux", "trois"),),
    "it": (("due", "tre"),),
    "ru": (("два", "три"), ("две", "три"), ("двух", "трёх"), ("двумя", "тремя")),
}
"""Language to words for two and three in the same form."""


def renumbered(text: str, lang: str) -> str | None:
    """Return ``text`` with *three* for *two* or the other way round; ``None`` when it holds neither."""
    other = {three: two for two, three in reversed(NUMBERS[lang])} | dict(NUMBERS[lang])
    found = re.search(rf"\b({'|'.join(other)})\b", text, re.IGNORECASE)
    if found is None:
        return None
    word = other[found[0].lower()]
    return text[: found.start()] + (word.capitalize() if found[0][0].isupper() else word) + text[found.end() :]
