"""``training study``: list, plan, run, status, report, rates, export."""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from curation.core.errors import unknown

if TYPE_CHECKING:
    from collections.abc import Callable

_SIZE = click.option(
    "--size", type=click.Choice(["demo", "mirror", "paper"]), default="demo", help="How much of everything."
)
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def study() -> None:
    """Answer a question of studies/NAME.yaml: its arms, run once each, and a page with the answer.

    \b
    training study list
    training study plan size-pawsx
    training study run size-pawsx --jobs 2
    training study report size-pawsx
    """  # noqa: D301 - click wants a real backspace: do not wrap


@study.command("list")
@_JSON
def list_(as_json: bool) -> None:
    """List the studies and what they ask."""
    from curation.core import output
    from training.study import questions

    found = {name: questions.load(name) for name in questions.names()}
    if as_json:
        output.echo_json({name: one.model_dump(mode="json") for name, one in found.items()})
        return
    for name, one in found.items():
        facts = [("asks", one.question), ("metric", one.metric), ("sizes", ", ".join(one.sizes))]
        output.show(output.heading(name), output.facts(facts))
    click.echo("\nNext: training study plan NAME")


@study.command()
@click.argument("name")
@_SIZE
@_JSON
def plan(name: str, size: str, as_json: bool) -> None:
    """Say what running NAME means: arms, what they share, hours by measured rates, disk."""
    from curation.core import output
    from training.study import plan as planning

    found = planning.make(name, size)
    costs = planning.costs(found)
    if as_json:
        arms = {arm.name: {"experiment": found.experiment(arm), **arm.axes} for arm in found.arms}
        jobs = {job.name: {"runs": len(job.keys), "needs": job.needs, "targets": job.targets} for job in found.jobs}
        output.echo_json({"arms": arms, "comparisons": [c.says for c in found.contrasts], "jobs": jobs, **costs})
        return
    from training.study.shown import plan_text

    output.show(*plan_text(found, costs))


@study.command()
@click.argument("name")
@_SIZE
@click.option(
    "--jobs",
    type=click.IntRange(1),
    help="Jobs at a time, a core and in turn one of the GPUs each; else 1, or as many as the cluster can do.",
)
@click.option("--only", multiple=True, metavar="JOB", help="Run this job and what it needs; else all.")
@click.option("--alone", is_flag=True, help="With --only: without what it needs, which others have made.")
@click.option("--remote", is_flag=True, help="Pull what is made already from DVC's remote, and push what is made.")
@click.option(
    "--engine",
    type=click.Choice(["local", "ray"]),
    default="local",
    help="ray: on the machines of a cluster; --remote.",
)
def run(name: str, size: str, jobs: int | None, only: tuple[str, ...], alone: bool, remote: bool, engine: str) -> None:
    """Run NAME: shared stages first, then the arms; go on where an earlier run ended.

    Several of these commands, on one machine or on several that share the
    disk, divide the jobs among them. Machines without a common disk share
    what they make through DVC's default remote (--remote), and Ray's do with
    --engine ray, which sends them this repository as it is. A failed arm is
    reported with its log and the rest goes on; the exit code is then 1.
    """
    from training.study import gpus, worker
    from training.study import plan as planning
    from training.study import remote as remotes
    from training.study import run as running

    found = planning.make(name, size)
    worker.check_known(found.task_folders)
    for problem in planning.unable(found):
        _say(f"cannot be run: {problem}")
    for job in only:
        if job not in {one.name for one in found.jobs}:
            raise unknown("job", job, [one.name for one in found.jobs], "--only")
    chosen = running.closure(found.jobs, only or [job.name for job in found.jobs])
    if alone:
        if not only:
            raise click.UsageError("--alone goes with --only JOB.")
        chosen = [replace(job, needs=()) for job in chosen if job.name in only]
    workers: list[running.Work]
    if engine == "ray":
        from training.study.machines import Machines

        machines = Machines(remotes.default())
        most = machines.connect()
        workers = [machines.work] * (jobs or most)
    else:
        devices = gpus.spread(jobs or 1)
        if devices[0] is not None:
            _say(f"GPUs, of which each job at a time has one: {', '.join(dict.fromkeys(filter(None, devices)))}")
        pulled = remotes.default() if remote else None
        workers = [partial(worker.work, remote=pulled, device=device) for device in devices]
    outcome = running.Runner(chosen, found.keys, found.place, _say, workers).run()
    click.echo(
        f"{len(outcome.done)} jobs done now, {len(outcome.before)} before, {len(outcome.failed)} failed", err=True
    )
    if outcome.stopped:
        sys.exit(130)
    for job, error in outcome.failed.items():
        click.echo(f"error: {job}: {error}", err=True)
    if outcome.failed:
        sys.exit(1)
    click.echo(f"Next: training study report {name}{'' if size == 'demo' else f' --size {size}'}", err=True)


def _say(text: str) -> None:
    from curation.core.progress import say

    say(f"{time.strftime('%H:%M:%S')} {text}")


@study.command()
@click.argument("name")
@_SIZE
@click.option("--watch", is_flag=True, help="Go on showing it until nothing runs.")
@_JSON
def status(name: str, size: str, watch: bool, as_json: bool) -> None:
    """Say how the jobs of NAME stand; --watch shows it live."""
    from curation.core import output
    from training.study import plan as planning
    from training.study import status as looking

    found = planning.make(name, size)
    lines = looking.lines(found)
    if as_json:
        output.echo_json(looking.as_json(lines))
        return
    if watch and sys.stdout.isatty():
        _watch(lambda: looking.table(found, looking.lines(found)), lambda: looking.lines(found))
        return
    output.show(looking.table(found, lines))


def _watch(draw: Callable[[], Any], look: Callable[[], Any]) -> None:
    from rich.live import Live

    with Live(draw(), refresh_per_second=2) as live:
        while any(line.state == "running" for line in look()):
            time.sleep(1)
            live.update(draw())


@study.command()
@click.argument("name")
@_SIZE
@_JSON
def report(name: str, size: str, as_json: bool) -> None:
    """Answer the question: a page, a table (CSV) and the numbers (JSON) in reports/studies."""
    from curation.core import output
    from training.study import plan as planning
    from training.study import report as reporting

    found = planning.make(name, size)
    answer = reporting.write(found)
    if as_json:
        output.echo_json(answer.numbers)
        return
    click.echo(answer.sentence)
    for text in answer.minded:
        click.echo(text)
    for path in answer.paths:
        click.echo(f"  {path}")


@study.command()
@click.option("--write", is_flag=True, help="Write them into studies/rates.json, for machines that measured none.")
@_JSON
def rates(write: bool, as_json: bool) -> None:
    """Show the rates by which `plan` tells the time: measured by every run of a study on this machine."""
    from curation.core import files, output
    from training.study import rates as measured

    found = measured.known()
    if write:
        files.write_json(measured.SHIPPED, measured.ship())
    if as_json:
        output.echo_json(measured.ship())
        return
    rows = [
        [kind, f"{one.start:.1f}", f"{one.seconds:.2g}", one.runs, "here" if one.here else "shipped"]
        for kind, one in sorted(found.items())
    ]
    title = "seconds to start, seconds per row, token or step, runs measured"
    names = ["work", "start", "per unit", "runs", "measured"]
    output.show(output.table(names, rows, title=title, right=["start", "per unit", "runs"], wrap=["work"]))
    if write:
        click.echo(f"  {measured.SHIPPED}")


@study.command()
@click.argument("name")
@_SIZE
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder for the scripts.")
@click.option("--hours", default=24, type=click.IntRange(1), help="Time limit of each script.")
@click.option("--gpus", default=0, type=click.IntRange(0), help="GPUs for each script.")
def export(name: str, size: str, out: Path, hours: int, gpus: int) -> None:
    """Write one script per job for Slurm and its like, and one that hands them in."""
    from training.study import export as exporting
    from training.study import plan as planning
    from training.study import worker

    found = planning.make(name, size)
    worker.check_known(found.task_folders)
    made = exporting.write(found, out, hours, gpus)
    click.echo(f"{len(made)} scripts in {out}. Next: {out / 'submit.sh'}, or run them one by one in this order:")
    for path in made[:-1]:
        click.echo(f"  {path}")
