"""One row in full, as text for the screen: labels, decision, reasons, its own words, twins and neighbours."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from curation.core import kinds, records
from curation.core.output import cell, clean
from curation.review import labels, log

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.text import Text

    from curation.cli.browsing.store import Store
    from curation.review.log import Decision

NEIGHBOURS = 5


@dataclass(frozen=True)
class Other:
    """Another row that tells something about this one."""

    what: str
    """``twin (conflicts)``, ``nearest, 0.93``."""
    id: str
    label: str | None
    content: Mapping[str, Any]


@dataclass(frozen=True)
class Story:
    """What one row is."""

    place: int
    record: Mapping[str, Any]
    mark: str
    """Its fingerprint."""
    given: str | None
    suggested: Any
    """The label that label_quality suggests, as the record would hold it; ``None`` = none."""
    said: str | None
    """The same in words."""
    quality: float | None
    reasons: Sequence[str]
    """One per flag: scorer and why."""
    confidence: tuple[float | None, float | None]
    """In the given and in the suggested label."""
    others: Sequence[Other] = field(default=())


def tell(store: Store, place: int) -> Story:
    """Read one row and those it points to."""
    record, scored = store.record(place), store.scored(place)
    task, kind = store.task, store.kind
    suggested = labels.suggestion(kind, record, scored, task.labels)
    flagged = scored.get("flagged") or scored["flags"] or ()  # decisions clear the flags, not the reasons to look
    reasons = [f"{name}: {scored.get(f'{name}.why') or f'score {cell(scored.get(name))}'}" for name in flagged]
    return Story(
        place, record, log.fingerprint(kind, record), kinds.shown(kind, record, task.labels), suggested,
        None if suggested is None else shown(store, record, suggested), scored["quality"], reasons,
        (scored.get("label_quality.given_confidence"), scored.get("label_quality.suggested_confidence")),
        _others(store, place, scored),
    )  # fmt: skip


def shown(store: Store, record: Mapping[str, Any], value: Any) -> str | None:
    """Return a label that ``record`` does not have, in words."""
    return kinds.shown(store.kind, {**record, str(kinds.KINDS[store.kind].label): value}, store.task.labels)


def _others(store: Store, place: int, scored: Mapping[str, Any]) -> list[Other]:
    twins = {name.removesuffix(".twin"): id_ for name, id_ in scored.items() if name.endswith(".twin") and id_}
    where = store.place_of(list(twins.values()))
    asked = [(f"twin ({name})", where[id_]) for name, id_ in twins.items() if id_ in where]
    asked += [(f"nearest, {close:.2f}", at) for at, close in store.near(place, NEIGHBOURS)]
    found = store.all_records([at for _, at in asked]) if asked else {}
    fields = records.content_fields(store.kind)
    return [
        Other(what, str(found[at]["id"]), kinds.shown(store.kind, found[at], store.task.labels),
              {name: found[at][name] for name in fields})
        for what, at in asked
    ]  # fmt: skip


def text(story: Story, decision: Decision | None, shown_label: str | None, fields: Sequence[str]) -> Text:
    """Return the row for the screen; ``shown_label``: the label of ``decision`` in words."""
    from rich.text import Text

    made = Text()
    made.append("given ", "dim").append(clean(story.given or "(none)"), "bold").append(
        _share(story.confidence[0]), "dim"
    )
    if story.said is not None:
        made.append("  suggested ", "dim").append(clean(story.said), "bold yellow")
        made.append(_share(story.confidence[1]), "dim")
    made.append(f"  quality {cell(story.quality)}  {story.record['id']}\n", "dim")
    if decision is not None:
        what = decision.decision + (f" {shown_label}" if decision.decision == "relabel" else "")
        made.append(f"{what}", "bold green").append(f"  by {clean(decision.author)}, {decision.time}\n", "dim")
    for reason in story.reasons:
        made.append("! ", "bold red").append(f"{clean(reason)}\n")
    _content(made, {name: story.record[name] for name in fields})
    for other in story.others:
        made.append(f"\n{other.what}", "bold").append("  label ", "dim").append(clean(other.label or "(none)"))
        made.append(f"  {other.id}\n", "dim")
        _content(made, other.content)
    return made


def _share(value: float | None) -> str:
    return "" if value is None or value != value else f" {value:.2f}"


def _content(made: Text, content: Mapping[str, Any]) -> None:
    for name, value in content.items():
        words = " ".join(value) if name == "tokens" else " / ".join(value) if isinstance(value, list) else str(value)
        made.append(f"{name} ", "cyan").append(f"{clean(words)}\n")
