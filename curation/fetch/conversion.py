"""From upstream rows to examples with ids: every row is used, or dropped with a reason; then a seeded sample.

Pure functions over lists; ``fetch`` reads and writes.
"""

from __future__ import annotations

import hashlib
import itertools
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from curation.core import records, registry
from curation.core.errors import CairnError, raised_at, told
from curation.core.task import Example, Reject, Source, Task
from curation.fetch import validity
from curation.fetch.sources import Loaded

ToExample = Callable[[Mapping[str, Any]], Example]
MOST = 1_000_000
"""Rows that ``unfold`` may make of one: a file of nested JSON is one row, a loop without an end is none."""


class NoColumn(CairnError):
    """A row lacks a column that the task file reads."""

    def __init__(self, what: str, advice: str) -> None:
        """``what`` is wrong, and where; ``advice`` is for people who have both the task file and the rows."""
        super().__init__(f"{what} {advice}")
        self.what = what


@dataclass(frozen=True)
class Item:
    """A usable row: its language and its content; ``example.key`` is set."""

    lang: str
    example: Example
    row: Mapping[str, Any] | None = None
    """The upstream row, where it is a user's own: its other columns go along to exports."""


@dataclass(frozen=True)
class Drop:
    """A row that was not used, and why."""

    lang: str
    key: str
    reason: str
    row: str
    """The upstream row as JSON; empty when it could not be decoded."""


@dataclass(frozen=True)
class Converted:
    """All rows of one split in one language."""

    items: list[Item]
    drops: list[Drop]
    first_dropped: str = ""
    """What messages call the first dropped row."""

    @property
    def found(self) -> int:
        """Rows that were there: kept and dropped."""
        return len(self.items) + len(self.drops)

    def reasons(self) -> dict[str, int]:
        """Return how many rows were dropped for each reason."""
        return dict(sorted(Counter(drop.reason for drop in self.drops).items()))


def convert(
    loaded: Loaded,
    source: Source,
    task: Task,
    to_example: ToExample,
    lang: str,
    *,
    need_label: bool,
    bring: bool = False,
) -> Converted:
    """Return the usable rows of ``loaded`` and the dropped ones with their reasons.

    ``need_label``: drop unlabelled rows (a train split); elsewhere they stay, with a null label. ``bring``: keep
    the upstream rows, for exports.
    Raises :class:`CairnError` for a column that the source does not have, and when ``to_example`` fails.
    """
    items: list[Item] = []
    drops: list[Drop] = []
    seen: set[tuple[str, str | None, str | None, str]] = set()
    shown = first_dropped = ""
    for place, (number, row) in enumerate(zip(loaded.keys, loaded.rows, strict=True)):
        if drops and not first_dropped:
            first_dropped = shown
        shown = row_name(loaded, place)
        if row is None:
            drops.append(Drop(lang, number, "invalid UTF-8", ""))
            continue
        for part in _unfolded(source, row, lang, number, shown, loaded.place):
            part_lang = str(part.get("lang", lang)) if source.unfold else lang
            try:
                example = _example(part, source, to_example, number, shown, loaded.place)
                _check(example, task, shown, loaded.place)
                if need_label and not validity.labelled(example, task):
                    raise Reject("unlabelled")
                name = (part_lang, example.pool, example.side, example.key or number)
                if name in seen:
                    raise Reject("duplicate key")
                seen.add(name)
            except Reject as reason:
                drops.append(Drop(part_lang, number, str(reason) or "no reason given", as_json(part)))
            else:
                items.append(Item(part_lang, example, part if bring else None))
    return Converted(items, drops, first_dropped or shown if drops else "")


def row_name(loaded: Loaded, place: int) -> str:
    """Return what messages call row ``place`` of ``loaded``: upstream by its number; of a file its line, from 1.

    >>> of = lambda key, served_by, lines=(): row_name(Loaded([None], [key], served_by, None, lines=lines), 0)
    >>> of("28", "hub"), of("28", "file"), of("28", "file", [30]), of("train-0", "file", [2])
    ('row 28', 'row 29 of the file', 'line 30', 'line 2 (train)')
    """
    part, _, number = loaded.keys[place].rpartition("-")
    if loaded.served_by != "file" or not number.isdecimal():
        return f"row {loaded.keys[place]}"
    name = f"line {loaded.lines[place]}" if len(loaded.lines) else f"row {int(number) + 1} of the file"
    return name + (f" ({part})" if part else "")


def _unfolded(
    source: Source, row: Mapping[str, Any], lang: str, key: str, shown: str, at: str
) -> Iterable[Mapping[str, Any]]:
    if source.unfold is None:
        return [row]
    try:
        parts = list(itertools.islice(source.unfold(row, lang, key), MOST + 1))
    except (Exception, SystemExit) as error:
        raise _failed(error, "unfold", source, row, shown, at) from error
    if len(parts) > MOST:
        raise CairnError(f"{at}: unfold of the task file makes more than {MOST:,} rows of {shown}: does it ever end?")
    for part in parts:
        if not isinstance(part, Mapping):
            raise CairnError(f"{at}: unfold of the task file gives for {shown} a {type(part).__name__}, not a row.")
    return parts


def _example(
    row: Mapping[str, Any], source: Source, to_example: ToExample, number: str, shown: str, at: str
) -> Example:
    try:
        example = (source.to_example or to_example)(row)
    except Reject:
        raise
    except (Exception, SystemExit) as error:
        raise _failed(error, "to_example", source, row, shown, at) from error
    if not isinstance(example, Example):
        raise CairnError(f"{at}: to_example returned {type(example).__name__} for {shown}, not an Example.")
    group = None if example.group is None else str(example.group)
    return replace(example, key=number if example.key is None else str(example.key), group=group)


def _check(example: Example, task: Task, shown: str, at: str) -> None:
    try:
        validity.check(example, task)
    except (TypeError, ValueError, AttributeError) as error:
        raise CairnError(
            f"{at}: to_example gave for {shown} what is no row of kind {task.kind}: {told(error)}. See "
            "curation/core/task.py for what the fields of an Example hold."
        ) from error


def _failed(error: BaseException, what: str, source: Source, row: Mapping[str, Any], shown: str, at: str) -> CairnError:
    step = raised_at(error, registry.folders("tasks"))
    if isinstance(error, KeyError) and error.args and error.args[0] not in row:
        return NoColumn(
            f"{at}: {shown} has no column {error.args[0]!r}. Columns there: {', '.join(map(str, row))}.",
            f"Correct {step or 'the task file'}, or the file it reads. {source.supply}".rstrip(),
        )
    return CairnError(
        f"{at}: {what} of the task file failed on {shown}: {told(error)}{f' ({step})' if step else ''}. It should "
        "raise Reject('reason') for a row that cannot be used."
    )


def as_json(row: Mapping[str, Any]) -> str:
    """Return an upstream row as JSON, in which what JSON has not (bytes, dates, keys that are no text) is text."""
    try:
        text = json.dumps(row, ensure_ascii=False, sort_keys=True, default=str)
    except (TypeError, ValueError, RecursionError):  # keys of several types, a row in itself
        text = json.dumps({str(key): repr(value) for key, value in row.items()}, ensure_ascii=False)
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def ids(task_name: str, task: Task, items: Sequence[Item], pivot: Mapping[str, str] | None = None) -> list[str]:
    """Return the id of each item; ``pivot`` maps the key of a parallel row to the id of the English one.

    Rows of the same content are numbered in the order of their keys, never of their labels: a corrected label keeps its
    id. With keys from upstream, ids do not depend on the order of the rows; a row number is a key that does.
    """
    hashes = [records.content_hash(task.kind, vars(item.example)) for item in items]
    order = sorted(range(len(items)), key=lambda n: (hashes[n], _natural(str(items[n].example.key))))
    made = dict(zip(order, records.make_ids(task_name, [hashes[n] for n in order]), strict=True))
    known = pivot or {}
    return [known.get(str(item.example.key), made[n]) for n, item in enumerate(items)]


def _natural(key: str) -> tuple[int, str]:
    """Sort ``9`` before ``10``: row numbers in their own order."""
    return len(key), key


def sample(items: Sequence[Item], cap: int | None, seed: int, *, whole: bool = False) -> list[int]:
    """Return the positions of at most ``cap`` items, chosen by a hash of their key; all when ``cap`` is ``None``.

    The same keys are chosen in every language, and a smaller sample is part of a larger one. Translations are chosen
    by group, so that both sides of a pair stay together: the cap counts pairs. Queries are counted one by one.
    ``whole``: groups are drawn, of which the last may lose rows to the cap.
    """
    units = [str(_unit(item.example)) for item in items]
    if cap is None or len(set(units)) <= cap:
        return list(range(len(items)))
    first = {unit: item.example.group for unit, item in zip(units, items, strict=True)} if whole else {}

    def place(unit: str) -> tuple[bytes, bytes, str]:
        return _draw(seed, first.get(unit) or unit) if whole else b"", _draw(seed, unit), unit

    drawn = sorted(set(units), key=place)[:cap]
    chosen = set(drawn)
    return [n for n, unit in enumerate(units) if unit in chosen]


def _unit(example: Example) -> str | None:
    """Return what a cap counts."""
    return example.group if example.side in ("source", "target") else example.key


def _draw(seed: int, unit: str) -> bytes:
    return hashlib.blake2b(f"{seed}\x1f{unit}".encode(), digest_size=8).digest()


def short_group(example: Example, group: str | None = None) -> Example:
    """Return ``example`` with a group of at most 40 characters; a longer one, such as a paragraph, becomes its hash."""
    name = group or example.group
    if name is not None and len(name) > 40:
        name = hashlib.blake2b(name.encode(), digest_size=8).hexdigest()
    return replace(example, group=name)


def check_share(converted: Converted, allowed: float, where: str) -> None:
    """Raise :class:`CairnError` when more than ``allowed`` (0..1) of the rows were dropped."""
    if not converted.drops or len(converted.drops) <= allowed * converted.found:
        return
    reasons = ", ".join(f"{count} {reason}" for reason, count in converted.reasons().items())
    first = converted.drops[0]
    raise CairnError(
        f"{where}: {len(converted.drops)} of {converted.found} rows cannot be used "
        f"({len(converted.drops) / converted.found:.1%}; allowed {allowed:.1%}): {reasons}. First: "
        f"{converted.first_dropped}, {first.reason}: {first.row[:200]}. "
        "Mend the source, or raise fetch.max_dropped in params.yaml."
    )
