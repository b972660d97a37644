"""Known defects put into rows: wrong labels of every kind, and rows damaged in ways that no scorer has rules for.

Each function of :data:`LABELS` and :data:`TEXTS` takes one row (a record as a dict), the task and a random source, and
returns the changed columns, or ``None`` where the row cannot bear this defect. Keyboard and OCR slips follow tables of
their own (QWERTY neighbours; letter shapes that scanners confuse), which ``near_duplicates`` and ``surface`` do not
read: a defect made by the rules that find it proves nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from curation.core.kinds import KINDS
from curation.language import words
from curation.score.labels.entities import entities, types

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy.typing as npt

    from curation.core.task import Kind, Task

Row = "Mapping[str, Any]"
Change = "Callable[[Mapping[str, Any], Task, np.random.Generator], dict[str, Any] | None]"

_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_SHAPES = {"m": "rn", "w": "vv", "l": "1", "i": "l", "o": "0", "e": "c", "h": "b", "s": "5", "g": "q", "a": "o"}
LONGEST_SHIFT = 3
"""Words by which a planted answer may be off at one end."""


def uniform(row: Mapping[str, Any], task: Task, rng: np.random.Generator) -> dict[str, Any] | None:
    """Return any other label; of a tagged sentence, of one word."""
    return _other(row, task, lambda count: int(rng.integers(1, count)), rng)


def class_conditional(row: Mapping[str, Any], task: Task, rng: np.random.Generator) -> dict[str, Any] | None:
    """Return the label that always stands for the given one: the next in the task's list."""
    return _other(row, task, lambda count: 1, rng)


def _other(
    row: Mapping[str, Any], task: Task, step: Callable[[int], int], rng: np.random.Generator
) -> dict[str, Any] | None:
    count = len(row["choices"]) if task.kind == "choice" else len(task.labels)
    if KINDS[task.kind].named == "word":
        at = _some([i for i, tag in enumerate(row["tags"] or ()) if tag is not None], rng)
        if at is None or count < 2:
            return None
        tags = list(row["tags"])
        tags[at] = (tags[at] + step(count)) % count
        return {"tags": tags}
    if row["label"] is None or count < 2:
        return None
    return {"label": (row["label"] + step(count)) % count}


def shifted(row: Mapping[str, Any], task: Task, rng: np.random.Generator) -> dict[str, Any] | None:
    """Return the answer moved by one to three words: both ends alike."""
    by = int(rng.integers(1, LONGEST_SHIFT + 1)) * (1 if rng.random() < 0.5 else -1)
    return _moved(row, by, by) or _moved(row, -by, -by)


def cut(row: Mapping[str, Any], task: Task, rng: np.random.Generator) -> dict[str, Any] | None:
    """Return the answer one to three words too long or too short, at one end."""
    by = int(rng.integers(1, LONGEST_SHIFT + 1)) * (1 if rng.random() < 0.5 else -1)
    return (
        (_moved(row, by, 0) or _moved(row, -by, 0))
        if rng.random() < 0.5
        else (_moved(row, 0, by) or _moved(row, 0, -by))
    )


def elsewhere(row: Mapping[str, Any], task: Task, rng: np.random.Generator) -> dict[str, Any] | None:
    """Return an answer of as many words at any other place of the context."""
    if (found := _span(row)) is None:
        return None
    places, first, last = found
    width = last - first
    free = [start for start in range(len(places) - width) if start + width < first or start > last]
    start = _some(free, rng)
    return None if start is None else _answer(row, places, start, start + width)


def _span(row: Mapping[str, Any]) -> tuple[list[tuple[int, int]], int, int] | None:
    if not row["answers"]:
        return None
    answer, places = row["answers"][0], words.places(row["context"])
    found = words.covered(places, answer["start"], answer["start"] + len(answer["text"]))
    return None if found is None else (places, *found)


def _moved(row: Mapping[str, Any], begin: int, end: int) -> dict[str, Any] | None:
    if (found := _span(row)) is None:
        return None
    places, first, last = found
    first, last = first + begin, last + end
    return _answer(row, places, first, last) if 0 <= first <= last < len(places) else None


def _answer(row: Mapping[str, Any], places: Sequence[tuple[int, int]], first: int, last: int) -> dict[str, Any]:
    start, stop = places[first][0], places[last][1]
    return {"answers": [{"text": row["context"][start:stop], "start": start}]}


def boundary(row: Mapping[str, Any], task: Task, rng: np.random.Generator) -> dict[str, Any] | None:
    """Return tags of which one entity is a word too long or too short."""
    return _entity(row, task, rng, same_type=True)


def wrong_type(row: Mapping[str, Any], task: Task, rng: np.random.Generator) -> dict[str, Any] | None:
    """Return tags of which one whole entity has another type."""
    return _entity(row, task, rng, same_type=False)


def _entity(row: Mapping[str, Any], task: Task, rng: np.random.Generator, *, same_type: bool) -> dict[str, Any] | None:
    labels, tags = list(task.labels), row["tags"] or ()
    kinds, found = types(labels), entities(tags, labels)
    if not found or not kinds or None in tags:
        return None
    first, last, kind = found[int(rng.integers(len(found)))]
    if same_type:
        inside = {at for a, b, _ in found for at in range(a, b + 1)}
        ways = [(first, last + 1)] if last + 1 < len(tags) and last + 1 not in inside else []
        ways += [(first - 1, last)] if first and first - 1 not in inside else []
        ways += [(first + 1, last), (first, last - 1)] if last > first else []
    else:
        ways, kinds = [(first, last)], [other for other in kinds if other != kind]
    if not ways or not kinds:
        return None
    begin, end = ways[int(rng.integers(len(ways)))]
    new = kind if same_type else kinds[int(rng.integers(len(kinds)))]
    changed = [labels.index("O") if first <= at <= last else tag for at, tag in enumerate(tags)]
    for at in range(begin, end + 1):
        changed[at] = labels.index(f"{'B' if at == begin else 'I'}-{new}")
    return {"tags": changed}


LABELS: Mapping[Kind, Mapping[str, Callable[..., dict[str, Any] | None]]] = {
    "classify": {"uniform": uniform, "class_conditional": class_conditional},
    "pair": {"uniform": uniform, "class_conditional": class_conditional},
    "choice": {"uniform": uniform},
    "span": {"shifted": shifted, "cut": cut, "elsewhere": elsewhere},
    "tags": {"uniform": uniform, "class_conditional": class_conditional, "boundary": boundary, "type": wrong_type},
}
"""Kind to its wrong labels: name to maker. Positions of a choice are no classes, so it has no class-conditional one."""


def keyboard(text: str, rng: np.random.Generator) -> str:
    """Return ``text`` with one letter struck on a neighbouring key of a QWERTY keyboard (no Latin letter: as it is)."""
    places = [i for i, letter in enumerate(text) if letter.lower() in "".join(_ROWS)]
    if (at := _some(places, rng)) is None:
        return text
    row = next(keys for keys in _ROWS if text[at].lower() in keys)
    key = row.index(text[at].lower())
    near = [row[i] for i in (key - 1, key + 1) if 0 <= i < len(row)]
    struck = near[int(rng.integers(len(near)))]
    return text[:at] + (struck.upper() if text[at].isupper() else struck) + text[at + 1 :]


def scanned(text: str, rng: np.random.Generator) -> str:
    """Return ``text`` with one letter read as its like by a scanner (``m`` as ``rn``, ``l`` as ``1``)."""
    at = _some([i for i, letter in enumerate(text) if letter in _SHAPES], rng)
    return text if at is None else text[:at] + _SHAPES[text[at]] + text[at + 1 :]


def garbled(text: str, rng: np.random.Generator) -> str:
    """Return ``text`` as an encoding mistake leaves it, or with its letters in any order within each word."""
    if rng.random() < 0.5 and not text.isascii():
        return text.encode().decode("latin-1")
    return " ".join("".join(rng.permutation(list(word))) for word in text.split())


TEXTS: Mapping[str, Callable[[str, np.random.Generator], str]] = {
    "keyboard": keyboard,
    "scanned": scanned,
    "garbled": garbled,
}
"""Name to what it does to one text."""


def _some(values: Sequence[int], rng: np.random.Generator) -> int | None:
    return int(values[int(rng.integers(len(values)))]) if len(values) else None


def plant(
    rows: Sequence[Mapping[str, Any]], task: Task, defect: str, share: float, rng: np.random.Generator
) -> tuple[list[dict[str, Any]], npt.NDArray[np.bool_]]:
    """Return the rows with wrong labels in ``round(share * n)`` of them, and which those are.

    Rows that cannot bear the defect are passed over, so fewer are planted where there are not enough others.
    """
    make, changed = LABELS[task.kind][defect], [dict(row) for row in rows]
    wrong = np.zeros(len(rows), bool)
    left = round(share * len(rows))
    for at in rng.permutation(len(rows)).tolist():
        if not left:
            break
        if (new := make(rows[at], task, rng)) is not None:
            changed[at] |= new
            wrong[at], left = True, left - 1
    return changed, wrong
