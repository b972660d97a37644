"""``curation selftest``: what the scorers are worth on a task of yours, before you act on what they say."""

from __future__ import annotations

import click

from curation.cli import _complete


@click.command()
@click.argument("task", required=False, shell_complete=_complete.curated)
@click.option("--rows", default=4000, show_default=True, type=click.IntRange(min=50), help="Rows sampled at most.")
@click.option("--share", default=0.1, show_default=True, type=click.FloatRange(0.01, 0.3), help="Rows spoilt.")
@click.option("--budget", type=click.IntRange(min=1), help="Rows you would look at; without it as many as were spoilt.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(task: str | None, rows: int, share: float, budget: int | None, as_json: bool) -> int:
    """Plant known defects in a task's own rows, and count what is found.

    Wrong labels of every kind that the task can have, copies with slips of the
    keyboard or a scanner, such copies with another label, and garbled rows.
    For each: average precision (AP) with its 95% interval, AUROC, and the share
    of wrong rows among the first as many as were planted, or among the rows
    of --budget (P); for labels cleanlab beside it on the same probabilities,
    and how far ahead of it label_quality is. Labels as they are count as right.

    Also written, with all intervals, to reports/selftest/TASK.json, which the
    report shows when it is made next, for as long as the task's rows are these.
    Your data and the outputs of the stages stay as they are.

    \b
    curation selftest mini_nli --rows 1000 --share 0.2
    """  # noqa: D301 - click wants a real backspace: do not wrap
    from rich.table import Table

    from curation import tasks
    from curation.cli import _tables
    from curation.core import files, output, params, paths, records
    from curation.selftest import run

    name = _tables.pick(task)
    chosen, facts = _tables.experiment(), tasks.load(name, "curation selftest")
    file = paths.fetched("intermediate", name) / "train.parquet"
    table = records.read(file)
    some = run.sample(table, rows, chosen.seed)
    results = run.test(name, facts, some, params.path(), share, chosen.seed, budget)
    found = {
        "task": name,
        "of": files.sha256(file),
        "rows": some.num_rows,
        "share": share,
        "budget": budget,
        "results": results,
    }
    files.write_json(paths.report("selftest", name), found)
    if as_json:
        output.echo_json(found)
        return 0
    click.echo(f"{name}: {some.num_rows:,} rows, of which {share:.0%} were spoilt, one defect at a time")
    if budget is not None:
        click.echo(f"P: the share of wrong rows among the {budget:,} that look worst")
    shown = Table(box=None, pad_edge=False)
    for column in ("defect", "found by", "n", "AP", "AUROC", "P"):
        shown.add_column(column, no_wrap=True, justify="right" if column == "n" else "left")
    for line in run.lines(results):
        defect, finder, count, precise, area, share_found, _ = line
        short = (value.split(" ")[0] for value in (area, share_found))
        shown.add_row(defect, finder.replace("label_quality.", "its "), count, precise, *short)
    output.show(shown)
    for one in results:
        if "ahead" in one:
            low, high = one["ahead"]["difference_interval"]
            click.echo(
                f"{one['defect']}: label_quality ahead of cleanlab by {one['ahead']['difference']:+.3f} AP "
                f"[{low:+.3f}, {high:+.3f}]"
            )
    click.echo("In the report: dvc repro --single-item --force report")
    return 0
