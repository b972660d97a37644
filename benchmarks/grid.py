"""Intermediate task x target task on the data mirror: one experiment per intermediate task, one table of all.

    curation profile mirror-grid && dvc repro       # the first arm, and the runs without an intermediate step
    git add -A && git commit -m "First arm"
    python benchmarks/grid.py queue                 # the other arms, into DVC's queue
    dvc queue start
    python benchmarks/grid.py table --out benchmarks/results/grid.json

All arms share the stages that do not depend on the intermediate task. The table is Markdown: every target's mean over
languages without an intermediate step, and the difference that each intermediate task makes, with its 95% interval.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from curation.cli import _arms, _places
from curation.report.results import as_json, points
from curation.statistics import ALL

ARMS = {
    "snli": ["snli"],
    "mnli": ["mirror_mnli"],
    "qqp": ["mirror_qqp"],
    "squad": ["squad"],
    "commonsense_qa": ["commonsense_qa"],
    "cosmos_qa": ["mirror_cosmos_qa"],
    "hellaswag": ["hellaswag"],
    "udpos": ["udpos"],
    "all_eight": [
        "snli", "mirror_mnli", "mirror_qqp", "squad", "commonsense_qa", "mirror_cosmos_qa", "hellaswag", "udpos",
    ],
}  # fmt: skip
"""Arm to its intermediate tasks."""
SIZES = {"hellaswag": 900, "all_eight": 4000}
"""Rows of the subset where the profile's do not fit: the mirror has 1,000 of HellaSwag, and eight tasks need more."""
PREFIX = "grid-"


def queue(first: str) -> None:
    """Queue every arm but ``first``, which the workspace holds."""
    for arm, tasks in ARMS.items():
        if arm == first:
            continue
        command = ["dvc", "exp", "run", "--queue", "-n", PREFIX + arm, "-S", f"intermediate=[{','.join(tasks)}]"]
        if arm in SIZES:
            command += ["-S", f"subset.size={SIZES[arm]}"]
        subprocess.run(command, check=True)


def collect(first: str) -> dict[str, Any]:
    """Return, per arm that has run, the comparison of each target with the same arm's runs without the step."""
    known = _places.experiments()
    found = {}
    for arm in ARMS:
        spec = "workspace" if arm == first else PREFIX + arm
        if spec != "workspace" and spec not in known:
            print(f"no experiment {spec} yet", file=sys.stderr)
            continue
        compared = _arms.compare_arms(f"{spec}:pretrained", spec)
        subset = compared["b"]["subset"]
        found[arm] = {
            "intermediate": ARMS[arm],
            "rows": subset["rows"] if subset else None,
            "targets": {one.task: as_json(one) for one in compared["comparisons"]},
        }
    return found


def table(found: dict[str, Any]) -> str:
    """Return the Markdown table; differences whose interval leaves out 0 are bold."""
    targets = list(next(iter(found.values()))["targets"])
    names = [name.removeprefix("mirror_") for name in targets]
    lines = ["| intermediate | rows | " + " | ".join(names) + " |", "| --- | ---: |" + " --- |" * len(targets)]
    first = next(iter(found.values()))["targets"]
    lines.append("| none | | " + " | ".join(points(first[t]["values"][ALL]["a"]["value"]) for t in targets) + " |")
    for arm, one in found.items():
        cells = [_cell(one["targets"][target]["values"][ALL]["difference"]) for target in targets]
        lines.append(f"| {arm} | {one['rows']:,} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _cell(gap: dict[str, float]) -> str:
    value, low, high = (points(gap[name], signed=True) for name in ("value", "low", "high"))
    return f"**{value}** [{low}, {high}]" if gap["low"] > 0 or gap["high"] < 0 else f"{value} [{low}, {high}]"


def main() -> None:
    """Run the command that was named."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=["queue", "table"])
    parser.add_argument("--out", type=Path, help="also write all languages as JSON")
    given = parser.parse_args()
    params = YAML(typ="safe", pure=True).load(Path("params.yaml").read_text(encoding="utf-8"))
    first = next((arm for arm, tasks in ARMS.items() if tasks == params["intermediate"]), None)
    if params["profile"] != "mirror-grid" or first is None:
        sys.exit("params.yaml is not an arm of the profile mirror-grid. Type: curation profile mirror-grid")
    if given.command == "queue":
        queue(first)
        return
    found = collect(first)
    print(table(found))
    if given.out:
        given.out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
