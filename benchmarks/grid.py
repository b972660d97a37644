"""Intermediate task x target task on the data mirror: one experiment per intermediate task, one table of all.

    curation profile mirror-grid && git commit -am "The grid"
    python benchmarks/grid.py queue                 # one experiment per intermediate task, into DVC's queue
    dvc queue start
    python benchmarks/grid.py table --out benchmarks/results/grid.json

The experiments share the stages that do not depend on the intermediate task. The table is Markdown: the mean of every
target over languages without an intermediate step, and the difference that each intermediate task makes, with its
95% interval.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from curation.core import paths
from curation.results import arms, places
from curation.results.comparison import Comparison, as_json, points
from curation.results.statistics import ALL, WITHOUT_ENGLISH

ARMS: dict[str, tuple[list[str], int]] = {
    "snli": (["snli"], 2000),
    "mnli": (["mirror_mnli"], 2000),
    "qqp": (["mirror_qqp"], 2000),
    "squad": (["squad"], 1000),
    "commonsense_qa": (["commonsense_qa"], 1000),
    "cosmos_qa": (["mirror_cosmos_qa"], 400),
    "hellaswag": (["hellaswag"], 400),
    "udpos": (["udpos"], 2000),
    "anli_plus": (["mirror_anli_plus"], 2000),
    "all nine": (
        [
            "mirror_anli_plus",
            "mirror_mnli",
            "mirror_qqp",
            "mirror_squad_v2",
            "squad",
            "hellaswag",
            "udpos",
            "mirror_cosmos_qa",
            "commonsense_qa",
        ],
        2000,
    ),
}
"""Arm to its intermediate tasks and the rows of its subset: fewer where a row is a paragraph, or a paragraph with four
choices, and costs several times as much. All nine are those of Phang et al. (2020), with UDPOS in the place of CCG,
which is not free; they share the rows by the square root of what each has."""
PREFIX = "grid-"


def name(arm: str) -> str:
    """Return the name of an arm's experiment."""
    return PREFIX + arm.replace(" ", "_")


def queue() -> None:
    """Queue every arm."""
    for arm, (tasks, size) in ARMS.items():
        changes = [f"intermediate=[{','.join(tasks)}]", f"subset.size={size}"]
        changes += ["subset.mixture=square_root"] if len(tasks) > 1 else []
        flags = [part for change in changes for part in ("-S", change)]
        subprocess.run(["dvc", "exp", "run", "--queue", "-n", name(arm), *flags], check=True)


def collect() -> dict[str, Any]:
    """Return, per arm that has run, the comparison of each target with the same arm's runs without the step."""
    known = places.experiments()
    found = {}
    for arm, (tasks, _) in ARMS.items():
        spec = name(arm)
        if spec not in known:
            print(f"no experiment {spec} yet", file=sys.stderr)
            continue
        compared = arms.compare(f"{spec}:pretrained", spec)
        found[arm] = {
            "intermediate": tasks,
            "rows": compared["b"]["subset"]["rows"],
            "dev": _dev(spec),
            "targets": {
                one.task: {**_means(as_json(one)), **_degenerate(spec, one)} for one in compared["comparisons"]
            },
        }
    if not found:
        sys.exit("no arm has run yet. Type: python benchmarks/grid.py queue && dvc queue start")
    return found


def _means(target: dict[str, Any]) -> dict[str, Any]:
    """Return a comparison without its languages, of which there are too many for a table."""
    values = {name: value for name, value in target["values"].items() if name in (ALL, WITHOUT_ENGLISH)}
    return {**target, "rows": sum(target["rows"].values()), "languages": len(target["rows"]), "values": values}


def _degenerate(spec: str, one: Comparison) -> dict[str, bool]:
    """Return, for the runs without (``a``) and with (``b``) the step, whether the target training learnt nothing."""
    found = {}
    for side, start in (("a", "pretrained"), ("b", "intermediate")):
        reports = [_read(spec, "target", start, one.task, f"seed-{seed}") for seed in one.seeds]
        found[f"{side}_degenerate"] = any(report["degenerate"] for report in reports if report)
    return found


def _read(spec: str, *parts: str) -> Any:
    return places.resolve(spec)[0].read(paths.report(*parts))


def _dev(spec: str) -> dict[str, Any]:
    """Return what the intermediate training of an arm came to."""
    report = _read(spec, "intermediate", "seed-1")
    return {key: report[key] for key in ("best_dev", "majority_baseline", "steps", "degenerate")}


def table(found: dict[str, Any]) -> str:
    """Return the Markdown table; differences whose interval leaves out 0 are bold, and † means a target not learnt."""
    first = next(iter(found.values()))["targets"]
    names = [target.removeprefix("mirror_") for target in first]
    lines = ["| intermediate | rows | own dev | " + " | ".join(names) + " |"]
    lines.append("| --- | ---: | ---: |" + " --- |" * len(first))
    none = [points(one["values"][ALL]["a"]["value"]) + _mark(one["a_degenerate"]) for one in first.values()]
    lines.append("| none | | | " + " | ".join(none) + " |")
    for arm, one in found.items():
        cells = [_cell(one["targets"].get(target)) for target in first]
        dev = points(one["dev"]["best_dev"]) + (" (degenerate)" if one["dev"]["degenerate"] else "")
        lines.append(f"| {arm} | {one['rows']:,} | {dev} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _cell(target: dict[str, Any] | None) -> str:
    if target is None:
        return ""
    gap = target["values"][ALL]["difference"]
    value, low, high = (points(gap[name], signed=True) for name in ("value", "low", "high"))
    shown = f"**{value}**" if gap["low"] > 0 or gap["high"] < 0 else value
    return f"{shown}{_mark(target['b_degenerate'])} [{low}, {high}]"


def _mark(degenerate: bool) -> str:
    return " †" if degenerate else ""


def main() -> None:
    """Run the command that was named."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=["queue", "table"])
    parser.add_argument("--out", type=Path, help="also write the means as JSON")
    given = parser.parse_args()
    params = YAML(typ="safe", pure=True).load(Path("params.yaml").read_text(encoding="utf-8"))
    if params["profile"] != "mirror-grid":
        sys.exit("params.yaml is not the profile mirror-grid. Type: curation profile mirror-grid")
    if given.command == "queue":
        queue()
        return
    found = collect()
    print(table(found))
    if given.out:
        given.out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
