"""``curation new-task``: a task file for rows that a user brings, checked on these rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from curation.core.errors import CairnError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from curation.cli.drafting.given_rows import Given
    from curation.cli.drafting.task_code import Draft
    from curation.core.task import Source


EPILOG = """\b
Fields by kind (--map FIELD=COLUMN; several columns: a,b):
  classify  text label
  pair      text_a text_b label
  choice    prompt choices label
  span      question context answers [start]
  tags      tokens tags
  text      text
All may have: group (rows that belong together), key (their own id).
A part of a struct: --map text_a=data.premise"""


@click.command(epilog=EPILOG)
@click.argument("name")
@click.option(
    "--from", "spec", required=True, metavar="FILE",
    help="A .csv, .tsv, .jsonl, .json (SQuAD's too), .parquet or .conll file, a folder saved by datasets, or a hub id.",
)  # fmt: skip
@click.option("--kind", help="classify, pair, choice, span, tags or text.")
@click.option("--map", "mapping", multiple=True, metavar="FIELD=COLUMN", help="Such as text_a=premise; repeatable.")
@click.option("--labels", help="The labels' names, comma-separated, in the order of their numbers.")
@click.option(
    "--label-says", metavar="READING",
    help="choice: what a label is: zero or one (a number from it), letter, or text (of the choice).",
)  # fmt: skip
@click.option("--unanswerable", is_flag=True, help="span: an empty answer means that there is none.")
@click.option("--dev", metavar="FILE", help="The development rows: a file, or a split of --from.")
@click.option(
    "--hold-out",
    type=float,
    metavar="SHARE",
    help="Make a dev split of this share of the rows, 0..1; 0: all are judged, none trained on.",
)
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
    from curation.cli import _task_report
    from curation.cli.drafting import hold_out, interview, reading, task_code
    from curation.core import registry

    folder = task_folder()
    check_name(name, folder)
    if told["metric"]:
        registry.check("metrics", told["metric"], "--metric")
    given = interview.splits(spec, told)
    if not any(one.readable for one in given.values()):
        unread = sum(row is None for one in given.values() for row in one.rows)
        raise CairnError(f"{spec} has no rows." if not unread else f"{spec}: none of {unread:,} rows is valid UTF-8.")
    kind, fields = interview.understand(given, told["kind"], told["mapping"], spec)
    how = reading.read(kind, given, fields, told)
    given = hold_out.with_dev(given, fields, kind, told["hold_out"], symmetric=how.symmetric)

    def draft(sources: Mapping[str, Source]) -> Draft:
        return task_code.Draft(name, kind, fields, how, sources, given["train"].shown, told["licence"])

    written, found = write(given, draft, name, folder, told["lang"], link=link)
    return _task_report.report(written, folder / f"{name}.py", given, found, as_json=as_json)


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
    from curation.cli.drafting import given_rows, task_code, trial
    from curation.core import files

    made: list[Path] = []
    try:
        sources: dict[str, Source] = {}
        for split in ("train", "dev", "test"):
            if split in given:
                sources[split] = given_rows.put(given[split], split, name, folder, lang, made, link=link)
        written = draft(sources)
        files.write_text(folder / f"{name}.py", task_code.render(written))
        made.append(folder / f"{name}.py")
        return written, trial.trial(name, given)
    except BaseException:
        for file in made:
            file.unlink(missing_ok=True)
        if (folder / name).is_dir() and not any((folder / name).iterdir()):
            (folder / name).rmdir()
        raise


def task_folder() -> Path:
    """Return ``params.yaml: task_folder``, made if need be."""
    from pathlib import Path

    from curation.core import params

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

    from curation.core import registry

    registry.add_folder("tasks", folder)
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or keyword.iskeyword(name):
        better = re.sub(r"\W+", "_", name.lower(), flags=re.ASCII).strip("_")
        better = f"my_{better}" if not better[:1].isalpha() or keyword.iskeyword(better) else better
        raise CairnError(f"{name!r} is no name for a task: small letters, digits and _, a letter first. Try {better}.")
    if name in registry.names("tasks"):
        at = folder / f"{name}.py"
        where = f"it is {at}" if at.exists() else "it comes with Cairn"
        raise CairnError(f"there is a task {name} already; {where}. Choose another name, such as my_{name}.")
