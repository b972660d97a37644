"""``curation check``: params.yaml and dvc.yaml against the code."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.option("--params", "file", type=click.Path(path_type=Path), help="Another parameter file, such as a profile.")
@click.option("--strict", is_flag=True, help="Count warnings as problems.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(file: Path | None, strict: bool, as_json: bool) -> int:
    """Check params.yaml and dvc.yaml against the code.

    Every section parses, unknown names are named with the nearest match,
    every parameter that dvc.yaml declares exists and every one that a stage
    reads is declared, modules, options, code files and plug-ins are there,
    the encoder under evaluation is not the one that scores, and the tasks,
    models and translators can do what they are named for. Models of the hub
    are not looked up.

    Exit code 1: a problem was found.
    """
    from curation.check import checks
    from curation.core import output, params

    file = file or params.path()
    found = checks.check(file)
    failed = bool(found.problems) or (strict and bool(found.warnings))
    if as_json:
        result = {
            "params": file,
            "problems": found.problems,
            "warnings": found.warnings,
            "notes": found.notes,
            "checked": found.checked,
        }
        output.echo_json({"ok": not failed, **result})
        return int(failed)
    import textwrap

    for kind, texts in (("problem", found.problems), ("warning", found.warnings), ("note", found.notes)):
        for text in texts:
            click.echo(textwrap.fill(f"{kind}: {text}", output.width(), subsequent_indent="  ", break_on_hyphens=False))
    checked = ", ".join(f"{count} {what}" for what, count in found.checked.items())
    problems = f"{len(found.problems)} problem{'' if len(found.problems) == 1 else 's'}"
    warnings = f"{len(found.warnings)} warning{'' if len(found.warnings) == 1 else 's'}"
    summary = f"{file} and dvc.yaml: {problems}, {warnings}. Checked: {checked}."
    click.echo(textwrap.fill(summary, output.width(), break_on_hyphens=False))
    return int(failed)
