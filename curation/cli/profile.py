"""``curation profile``: list the profiles, or take one as params.yaml."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import click

from curation.cli import _complete, _own
from curation.core.errors import CairnError, unknown

FOLDER = Path("profiles")


def profiles() -> dict[str, Path]:
    """Return profile names and files of ``profiles/`` in the working directory.

    The profiles belong to the repository like dvc.yaml does, not to the installed package: without that checkout there
    is no pipeline to run them in. Raises :class:`CairnError` elsewhere.
    """
    found = {file.stem: file for file in sorted(FOLDER.glob("[!.]*.yaml"))}
    if not found:
        raise CairnError(
            f"no profiles in {FOLDER.resolve()}. Run `curation profile` in the root of a clone of Cairn, "
            "where dvc.yaml and profiles/ lie."
        )
    return found


def _summary(name: str, file: Path, current: bytes | None) -> dict[str, Any]:
    from curation.core import params

    values = params.load(file)
    first = file.read_text(encoding="utf-8").split("\n", 1)[0]
    encoder = values.get("encoder")
    return {
        "name": name,
        "current": file.read_bytes() == current,
        "intermediate": values.get("intermediate"),
        "targets": values.get("targets"),
        "retrieval": values.get("retrieval"),
        "encoder": encoder.get("model") if isinstance(encoder, dict) else None,
        "about": first.lstrip("# ") if first.startswith("#") else "",
    }


@click.command()
@click.argument("name", required=False, shell_complete=_complete.profiles)
@click.option(
    "--task", "tasks", multiple=True, help="own: a task to curate; repeatable.", shell_complete=_complete.every_task
)
@click.option(
    "--target",
    "targets",
    multiple=True,
    help="own: a task to train on next and to test; repeatable.",
    shell_complete=_complete.every_task,
)
@click.option("--force", is_flag=True, help="Overwrite a params.yaml with changes of your own.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(name: str | None, tasks: tuple[str, ...], targets: tuple[str, ...], force: bool, as_json: bool) -> int:
    """List the profiles, or write params.yaml from profiles/NAME.yaml.

    NAME own is made for tasks of your own (--task): all their rows, nothing
    translated. Without --target they are curated and nothing is trained.

    Run in the root of the project. A params.yaml that is not, byte for
    byte, one of the profiles holds changes of your own and is overwritten
    only with --force. CAIRN_PARAMS names another file to write.
    """
    from curation.core import files, output, params

    known = profiles()
    target = params.path()
    current = target.read_bytes() if target.exists() else None
    if name is None:
        found = [_summary(profile, file, current) for profile, file in known.items()]
        if as_json:
            output.echo_json(found)
        else:
            _list(found, current, target)
        return 0
    if name == _own.PROFILE and tasks:
        wanted = _own.text(known["demo"], tasks, targets).encode()
    elif tasks or targets or name == _own.PROFILE:
        raise CairnError(f"--task and --target go with own: curation profile {_own.PROFILE} --task TASK")
    elif name not in known:
        raise unknown("profile", name, [*known, _own.PROFILE], str(FOLDER))
    else:
        wanted = known[name].read_bytes()
    if current not in (None, wanted) and not untouched(target) and not force:
        raise CairnError(_refusal(target, wanted, name, tasks, targets))
    changed = current != wanted
    if changed:
        files.write_text(target, wanted.decode("utf-8"))
    if as_json:
        output.echo_json({"profile": name, "path": target, "changed": changed})
    else:
        click.echo(f"{target} {'is now' if changed else 'was already'} profile {name}. Next: dvc repro")
    return 0


def untouched(target: Path) -> bool:
    """Return whether ``target`` is, byte for byte, one of the profiles, or what ``own`` makes of its tasks."""
    from curation.core import params

    known = profiles()
    current = target.read_bytes()
    if current in [file.read_bytes() for file in known.values()]:
        return True
    try:
        values = params.load(target)
        made = _own.text(known["demo"], values.get("intermediate") or (), values.get("targets") or ())
    except (CairnError, TypeError):
        return False
    return values.get("profile") == _own.PROFILE and made.encode() == current


def _refusal(target: Path, wanted: bytes, name: str, tasks: tuple[str, ...], targets: tuple[str, ...]) -> str:
    from curation.core import params
    from curation.core.output import cell
    from curation.results.changes import differences

    try:
        with tempfile.TemporaryDirectory() as folder:
            made = Path(folder) / f"{name}.yaml"
            made.write_bytes(wanted)
            changes = differences(params.load(made), params.load(target))
    except CairnError as error:
        changes = []
        detail = f"  ({error})"
    else:
        lines = [f"  {key}: {cell(new) or 'null'} (profile {name}: {cell(old) or 'null'})" for key, old, new in changes]
        detail = "\n".join(lines[:10] + ([f"  and {len(lines) - 10} more"] if len(lines) > 10 else []))
    again = " ".join(
        ["curation profile", name, *(f"--task {one}" for one in tasks), *(f"--target {one}" for one in targets)]
    )
    return (
        f"{target} holds changes of your own that profile {name} would overwrite:\n{detail or '  (comments only)'}\n"
        f"Keep a copy if you need them, then: {again} --force"
    )


def _list(found: list[dict[str, Any]], current: bytes | None, target: Path) -> None:
    from curation.core import output

    for item in found:
        mark = "   (this is params.yaml now)" if item["current"] else ""
        output.show(
            output.heading(item["name"] + mark),
            output.facts((key, item[key]) for key in ("about", "intermediate", "targets", "retrieval", "encoder")),
        )
    if current is not None and not any(item["current"] for item in found):
        click.echo(f"\n{target} is none of them as it stands: it holds changes of your own.")
    click.echo("\nTake one: curation profile NAME. For a task of your own: curation profile own --task TASK")
