"""``curation new-task``: a task file for rows that a user brings, checked on these rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from curation.errors import CairnError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from curation.cli._given import Given
    from curation.cli._task_code import Draft
    from curation.tasks import Source

SAMPLE = 2000
"""Rows of a split that are converted; ``fetch`` converts all."""


EPILOG = """\b
Fields by kind (--map FIELD=COLUMN; several columns: a,b):
  pair    text_a text_b label
  choice  prompt choices label
  span    question context answers [start]
  tags    tokens tags
  text    text
All may have: group (rows that belong together), key (their own id)."""


@click.command(epilog=EPILOG)
@click.argument("name")
@click.option(
    "--from", "spec", required=True, metavar="FILE",
    help="A .csv, .tsv, .jsonl or .parquet file, a folder saved by datasets, or a hub id org/name.",
)  # fmt: skip
@click.option("--kind", help="pair, choice, span, tags or text.")
@click.option("--map", "mapping", multiple=True, metavar="FIELD=COLUMN", help="Such as text_a=premise; repeatable.")
@click.option("--labels", help="The labels' names, comma-separated, in the order of their numbers.")
@click.option("--dev", metavar="FILE", help="The development rows: a file, or a split of --from.")
@click.option("--hold-out", type=float, metavar="SHARE", help="Make a dev split of this share of the rows, 0..1.")
@click.option("--test", metavar="FILE", help="The test rows, as for --dev; {lang} in the name: a file a language.")
@click.option("--lang", default="en", show_default=True, help="The language of the rows.")
@click.option("--config", help="The hub's config.")
@click.option("--split", help="The split to train on, where --from has several.")
@click.option("--metric", help="One of curation/metrics; by default the usual one of the kind.")
@click.option("--licence", default="unknown", help="The licence of the rows, for manifests and reports.")
@click.option("--link", is_flag=True, help="Link the files into the task folder, do not copy them.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(name: str, spec: str, link: bool, as_json: bool, **told: Any) -> int:
    """Write the task file NAME.py for rows of your own.

    The columns tell the kind of task and their meaning where their names
    are usual; on a terminal you are asked for the rest, elsewhere an error
    names the flag to give. The rows are copied into the task folder
    (params.yaml: task_folder); the hub's stay there. The new file is loaded
    and up to 2,000 rows of each split are converted. Exit code 1: more rows
    are unusable than fetch.max_dropped allows.
    """
    from curation import registry
    from curation.cli import _interview, _labels, _task_code

    folder = task_folder()
    check_name(name, folder)
    if told["metric"]:
        registry.check("metrics", told["metric"], "--metric")
    given = _interview.splits(spec, told)
    rows = [row for one in given.values() for row in one.rows if row is not None]
    if not rows:
        raise CairnError(f"{spec} has no rows.")
    kind, fields = _interview.understand(rows, given["train"].columns, told["kind"], told["mapping"], spec)
    _interview.check_columns(given, fields)
    names = [one.strip() for one in (told["labels"] or "").split(",") if one.strip()]
    labels = _labels.labels(kind, rows, fields, names, given["train"].classes)
    stored = _interview.shapes(kind, rows, fields)
    given = _interview.with_dev(given, fields, kind, told["hold_out"])
    metric = told["metric"] or ("f1" if kind == "pair" and len(labels.names) == 2 else _task_code.METRICS[kind])

    def draft(sources: Mapping[str, Source]) -> Draft:
        shown, licence = given["train"].shown, told["licence"]
        return _task_code.Draft(name, kind, metric, fields, labels, stored, sources, shown, licence)

    written, found = write(given, draft, name, folder, told["lang"], link=link)
    return report(written, folder / f"{name}.py", found, as_json=as_json)


def write(
    given: Mapping[str, Given],
    draft: Callable[[Mapping[str, Source]], Draft],
    name: str,
    folder: Path,
    lang: str,
    *,
    link: bool,
) -> tuple[Draft, dict[str, Any]]:
    """Write rows and task file; return what was written and how a sample fared. After an error nothing is left."""
    from curation import files
    from curation.cli import _given, _task_code

    made: list[Path] = []
    try:
        sources: dict[str, Source] = {}
        for split in ("train", "dev", "test"):
            if split in given:
                sources[split] = _given.put(given[split], split, name, folder, lang, made, link=link)
        written = draft(sources)
        files.write_text(folder / f"{name}.py", _task_code.render(written))
        made.append(folder / f"{name}.py")
        return written, validate(name)
    except BaseException:
        for file in made:
            file.unlink(missing_ok=True)
        if (folder / name).is_dir() and not any((folder / name).iterdir()):
            (folder / name).rmdir()
        raise


def task_folder() -> Path:
    """Return ``params.yaml: task_folder``, made if need be."""
    from pathlib import Path

    from curation import params

    value = params.load().get("task_folder")
    if not isinstance(value, str):
        raise CairnError(
            f"{params.path()}: task_folder is {value!r}. Name the folder of your tasks: task_folder: tasks"
        )
    folder = Path(value)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def check_name(name: str, folder: Path) -> None:
    """Raise :class:`CairnError` unless ``name`` can be a new task's name."""
    import keyword
    import re

    from curation import registry

    registry.add_folder("tasks", folder)
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or keyword.iskeyword(name):
        better = re.sub(r"\W+", "_", name.lower(), flags=re.ASCII).strip("_")
        better = f"my_{better}" if not better[:1].isalpha() or keyword.iskeyword(better) else better
        raise CairnError(f"{name!r} is no name for a task: small letters, digits and _, a letter first. Try {better}.")
    if name in registry.names("tasks"):
        at = folder / f"{name}.py"
        where = f"it is {at}" if at.exists() else "it comes with Cairn"
        raise CairnError(f"there is a task {name} already; {where}. Choose another name, such as my_{name}.")


def validate(name: str) -> dict[str, Any]:
    """Return split to what became of a sample of its rows, read and converted as ``fetch`` does it.

    Raises :class:`CairnError` when the task file is broken, or leaves no row, or one label only.
    """
    import random
    from dataclasses import replace

    from curation import registry
    from curation.rows import conversion, validity
    from curation.sources import Bundled, data
    from curation.tasks import _check

    module = _check.readable(registry.load("tasks", name, "curation new-task"))
    task = module.TASK
    found = {}
    for split in ("train", "dev", "test"):
        if (source := task.split(split)) is None:
            continue
        for lang in source.languages:
            loaded = data.rows(source, lang, {}, Bundled(None, 0))
            own = [
                number
                for number, (row, key) in enumerate(zip(loaded.rows, loaded.keys, strict=True))
                if row is None or source.unfold is None or list(source.unfold(row, lang, key))
            ]
            chosen = sorted(random.Random(0).sample(own, min(SAMPLE, len(own))))
            some = replace(loaded, rows=[loaded.rows[n] for n in chosen], keys=[loaded.keys[n] for n in chosen])
            need = split == "train"
            converted = conversion.convert(some, source, task, module.to_example, lang, need_label=need)
            if not converted.items:
                first = "; ".join(f"{count:,} {reason}" for reason, count in converted.reasons().items())
                raise CairnError(
                    f"{split} ({loaded.place}): none of {len(chosen):,} rows is usable: {first or 'no rows'}."
                )
            validity.check_set([item.example for item in converted.items], task, f"{split} ({loaded.place})")
            found[split if len(source.languages) == 1 else f"{split} {lang}"] = {
                "rows": len(own),
                "looked_at": len(chosen),
                "usable": len(converted.items),
                "labelled": sum(validity.labelled(item.example, task) for item in converted.items),
                "not_usable": converted.reasons(),
            }
    return found


def report(draft: Draft, path: Path, found: Mapping[str, Any], *, as_json: bool) -> int:
    """Print what was made and how its rows fared; return 1 when more rows were unusable than fetch allows."""
    from curation import params
    from curation.cli import _output

    section = params.load().get("fetch")
    allowed = section.get("max_dropped", 0.0) if isinstance(section, dict) else 0.0
    bad = [s for s, one in found.items() if one["looked_at"] - one["usable"] > allowed * one["looked_at"]]
    blank = [split for split, one in found.items() if not one["labelled"]]
    notes = [*draft.labels.notes, *(f"{s} has no gold labels, only placeholders: it cannot be scored." for s in blank)]
    fields = {field: list(columns) for field, columns in draft.fields.items()}
    if as_json:
        facts = {
            "name": draft.name,
            "path": path,
            "kind": draft.kind,
            "metric": draft.metric,
            "labels": draft.labels.names,
        }
        _output.echo_json({**facts, "fields": fields, "splits": found, "too_many_unusable": bad, "notes": notes})
        return 1 if bad else 0
    said = [("kind", draft.kind), ("metric", draft.metric), ("labels", draft.labels.names)]
    said += [(field, " ".join(columns)) for field, columns in fields.items()]
    said += [("rows in", " ".join(dict.fromkeys(source.repo for source in draft.sources.values())))]
    _output.show(_output.heading(str(path)), _output.facts(said))
    rows = [
        (split, one["rows"], one["looked_at"], one["usable"],
         "; ".join(f"{count:,} {reason}" for reason, count in one["not_usable"].items()))
        for split, one in found.items()
    ]  # fmt: skip
    columns = ("split", "rows", "looked at", "usable", "not usable")
    click.echo()
    _output.show(_output.table(columns, rows, right=["rows", "looked at", "usable"], wrap=["not usable"]))
    for note in notes:
        click.echo(f"\nNote: {note}")
    if bad:
        click.echo(f"\nMore rows of {', '.join(bad)} are unusable than fetch.max_dropped allows ({allowed:.0%}):")
        click.echo(f"mend the rows, or to_example in {path}, or raise it in params.yaml.")
    click.echo(f"\nNext, with `intermediate: [{draft.name}]` in params.yaml: dvc repro")
    return 1 if bad else 0
