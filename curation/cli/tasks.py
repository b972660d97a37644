"""``curation tasks``: what there is to train and test on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from curation.cli import _complete
from curation.core import kinds
from curation.core.errors import CairnError

if TYPE_CHECKING:
    from curation.core.task import Source, Task

WIDE = 120
"""Columns of a terminal that has room for licences."""
SPLITS = ("train", "dev", "test", "translations")


def _source(source: Source | None) -> dict[str, Any] | None:
    if source is None:
        return None
    return {
        "repo": source.repo,
        "config": source.config,
        "split": source.split,
        "revision": source.revision,
        "languages": list(source.languages),
        "rows": dict(source.expected_rows) if isinstance(source.expected_rows, Mapping) else source.expected_rows,
        "pooled": [_source(one) for one in source.pooled],
        "candidates": _source(source.candidates),
    }


def describe(name: str, task: Task) -> dict[str, Any]:
    """Return the facts of a task as plain values."""
    return {
        "name": name,
        "kind": task.kind,
        "metric": task.metric,
        "labels": list(task.labels),
        "languages": languages(task),
        "parallel": task.parallel,
        **{split: _source(getattr(task, split)) for split in SPLITS},
        "supply": supply(task),
        "licence": task.licence,
        "citation": task.citation,
        "note": task.note,
    }


def languages(task: Task) -> list[str]:
    """Return the languages the task can be tested in, or else trained in."""
    source = task.test or task.dev or task.train
    return list(source.languages) if source else []


def supply(task: Task) -> str:
    """Return what the user has to put where, of all splits; empty where nothing."""
    found = [source.supply for split in SPLITS if (source := getattr(task, split)) is not None]
    return " ".join(dict.fromkeys(text for text in found if text))


@click.command()
@click.argument("names", nargs=-1, metavar="[TASK]...", shell_complete=_complete.every_task)
@click.option("--kind", help="Only tasks of this kind: pair, choice, span, tags, bitext, text.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(names: tuple[str, ...], kind: str | None, as_json: bool) -> int:
    """List the tasks, or show all facts of some.

    Which task is the intermediate one and which is a target is a matter of
    params.yaml; a task file only states facts.

    Exit code 1: none of them is of
    that kind, or a task file of yours is broken; the others are listed.
    """
    from curation.core import output, registry
    from curation.tasks import load as load_task

    known = registry.names("tasks")
    found, broken = [], []
    for name in names or known:
        try:
            found.append(describe(name, load_task(name, "curation tasks")))
        except CairnError as error:
            if names:
                raise
            broken.append(str(error))
    if kind is not None:
        from typing import get_args

        from curation.core.errors import unknown
        from curation.core.task import Kind

        if kind not in get_args(Kind):
            raise unknown("kind", kind, get_args(Kind), "--kind")
        found = [item for item in found if item["kind"] == kind]
    if as_json:
        output.echo_json(found)
    elif names:
        _details(found)
    else:
        _list(found)
    for text in broken:
        click.echo(f"not listed: {text}", err=True)
    return 0 if found and not broken else 1


def _list(found: list[dict[str, Any]]) -> None:
    from curation.core import output

    narrow = output.width() < WIDE
    rows: list[tuple[Any, ...]] = []
    for item in found:
        source = item["train"] or item["test"] or {"repo": "", "rows": None}
        size = "any" if source["repo"].startswith("bundled:") else _size(source)
        count = len(item["languages"])
        repo = _cut(source["repo"], 29) if narrow else source["repo"]
        rows.append((item["name"], item["kind"], _uses(item), count, size, repo, _cut(item["licence"])))
    columns: tuple[str, ...] = ("task", "kind", "use", "in", "rows", "source", "licence")
    if narrow:
        columns, rows = columns[:-1], [row[:-1] for row in rows]
    output.show(output.table(columns, rows, right=["in", "rows"]))
    click.echo(
        f"\n{len(found)} tasks. Use: i intermediate, t target, r retrieval. In: languages. Rows: of\n"
        "the train split, or else of test. All facts of a task, its licence too:\n"
        "curation tasks NAME"
    )


def _size(source: Mapping[str, Any]) -> str:
    """Return the rows of a source and those pooled with it, in all languages; empty when they are not known."""
    counts = [one.get("rows") for one in (source, *source.get("pooled", ()))]
    if not all(counts):
        return ""
    return f"{sum(sum(count.values()) if isinstance(count, Mapping) else count for count in counts):,}"


def _cut(text: str, most: int = 30) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _uses(item: dict[str, Any]) -> str:
    """Return what a task can be in params.yaml: it takes train rows to learn from, test rows to be a target."""
    if item["kind"] == "bitext":
        return "r"
    return ("i" if item["train"] else "") + (
        "t" if item["train"] and item["test"] and item["kind"] in kinds.having("target") else ""
    )


def _on_hub(source: Mapping[str, Any]) -> bool:
    return ":" not in source["repo"]


def _where(source: Mapping[str, Any]) -> str:
    """Return repository, config and split; a file of the user has no config."""
    keys = ("repo", "split") if source["repo"].startswith("file:") else ("repo", "config", "split")
    return " ".join(source[key] for key in keys)


def _place(name: str, source: Mapping[str, Any]) -> tuple[str, str]:
    """Return a line of the facts: where rows come from, and how many there are."""
    rows = f", {_size({**source, 'pooled': ()})} rows" if source["rows"] else ""
    return name, f"{_where(source)}{rows}"


def _details(found: list[dict[str, Any]]) -> None:
    from curation.core import output

    for item in found:
        lines: list[tuple[str, Any]] = [(key, item[key]) for key in ("kind", "metric", "labels")]
        lines.append(("languages", " ".join(item["languages"]) + (" (parallel)" if item["parallel"] else "")))
        for split in SPLITS:
            source = item[split]
            if source:
                lines += [_place(split, source), *(_place("and", one) for one in source["pooled"])]
                lines.append(("", f"languages {' '.join(source['languages'])}"))
                if _on_hub(source):
                    lines.append(("", f"revision {source['revision'] or 'looked up at first fetch'}"))
                lines += [_place("among", source["candidates"])] if source["candidates"] else []
        lines += [("supply", item["supply"])] if item["supply"] else []
        lines += [(key, item[key]) for key in ("licence", "citation", "note")]
        output.show(output.heading(item["name"]), output.facts(lines))
