"""A dev split for a new task that has none: whole groups of its train rows, the same ones every time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from curation.cli.drafting import cell_shapes, exchanged, field_columns, interview
from curation.cli.drafting.field_columns import Fields
from curation.cli.drafting.given_rows import Given
from curation.core.errors import CairnError
from curation.rows import parts


def with_dev(
    given: dict[str, Given], fields: Fields, kind: str, share: float | None, *, symmetric: bool = False
) -> dict[str, Given]:
    """Return the splits with a dev split: the one there is, or a part of the train rows held out by group.

    A ``share`` of 0 holds nothing out: every row is a train row, and is judged; such a task can be curated, and not
    trained on. ``symmetric``: a pair stays together with the same pair in the other order.
    """
    if share == 0 or ("dev" in given and share is None):
        return given
    if share is None:
        why = f"{given['train'].shown}: no dev split, which training needs. To look for wrong rows only, hold out 0."
        answer = interview.ask("Share of the rows to hold out", "--dev FILE, --hold-out 0.1, or --hold-out 0", why)
        try:
            share = float(answer)
        except ValueError:
            share = -1.0
        if not 0 <= share < 1:
            raise CairnError(f"{answer!r} is no share between 0 and 1, such as 0.1.")
        if share == 0:
            return given
    together = fields.get("group") or fields[field_columns.NEEDS[kind][kind == "span"]][:1]
    sides = (*fields["text_a"], *fields["text_b"]) if symmetric else together
    if given["train"].source is not None and len(together) == 1 and set(sides) <= set(given["train"].columns):
        train, dev = parts_of(given["train"], share, tuple(sides) if symmetric else together[0])
        return {**given, "train": train, "dev": dev}
    group: list[Any] = [[cell_shapes.at(row or {}, column) for column in together] for row in given["train"].rows]
    if symmetric:
        group = exchanged.together(given["train"].rows, fields, group)
    train, dev = split_off(given["train"], share, group)
    return {**given, "train": train, "dev": dev}


def parts_of(given: Given, share: float, column: str | tuple[str, ...]) -> tuple[Given, Given]:
    """Return the hub's rows in two, about ``share`` of the groups that ``column`` names in the second one.

    The rows stay on the hub: the task file says which of them belong to which part. Raises :class:`CairnError` when a
    part has no row.
    """
    assert given.source is not None
    both = []
    for low, high in ((share, 1.0), (0.0, share)):
        part = parts.Part(low, high, column)
        rows = [row for row in given.rows if row is None or list(part(row, "", ""))]
        if not rows:
            raise CairnError(
                f"{given.shown}: no group of {column!r} falls into a share of {share:g}. Give another --hold-out."
            )
        shown = _shown(given, share, second=low == 0)
        both.append(replace(given, rows=rows, shown=shown, source=replace(given.source, unfold=part)))
    return both[0], both[1]


def split_off(given: Given, share: float, group: Sequence[Any]) -> tuple[Given, Given]:
    """Return ``given`` in two, about ``share`` of its groups in the second one: the same ones every time.

    ``group`` holds one value per row; rows of one group stay together, as in the folds of probe.
    """
    if None in given.rows:
        at = given.rows.index(None)
        name = f"line {given.numbers[at]}" if len(given.numbers) else f"row {at + 1}"
        raise CairnError(f"{given.shown}: {name} is not valid UTF-8. Mend it, or give --dev FILE.")
    drawn = sorted({str(one) for one in group}, key=parts.share)
    if len(drawn) < 2:
        raise CairnError(f"{given.shown}: all rows belong together, so none can be held out. Give --dev FILE.")
    held = set(drawn[: min(len(drawn) - 1, max(1, round(share * len(drawn))))])
    both = []
    for second in (False, True):
        chosen = [at for at, one in enumerate(group) if (str(one) in held) == second]
        rows, numbers = [given.rows[at] for at in chosen], [given.numbers[at] for at in chosen if len(given.numbers)]
        both.append(Given(rows, _shown(given, share, second=second), lines=True, numbers=numbers))
    return both[0], both[1]


def _shown(given: Given, share: float, *, second: bool) -> str:
    return f"{given.shown}: {share:g} of its groups" if second else given.shown
