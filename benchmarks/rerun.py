"""CPU seconds of `dvc repro` after two corrected labels, in a project that has run: only what hangs on them runs again.

    python benchmarks/rerun.py PROJECT TASK --out benchmarks/results/rerun.json

PROJECT is what `curation init`, `new-task`, `profile own` and `dvc repro` made of a file of yours. Two rows with a
suggested label are relabelled as suggested, as `curation browse` does, and the decisions taken back at the end. Beside
it the CPU of `dvc repro` right before, which runs nothing: what DVC itself costs.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any


def repro() -> dict[str, Any]:
    """Run `dvc repro`; return seconds, CPU seconds with all children, and the stages that ran."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run([sys.executable, "-m", "dvc", "repro"], capture_output=True, text=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    ran = re.findall(r"Running stage '([^']+)'", done.stdout)
    return {"seconds": time.perf_counter() - began, "cpu_s": cpu, "ran": ran}


def main() -> None:
    """Run it before and after two decisions."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("project", type=Path)
    parser.add_argument("task")
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    out = asked.out and asked.out.resolve()
    os.chdir(asked.project)
    from curation.cli.browsing import story
    from curation.cli.browsing.decisions import Desk
    from curation.cli.browsing.store import Store

    store, desk = Store(asked.task), Desk(asked.task, "benchmark")
    store.say(desk.standing.values())
    found: dict[str, Any] = {"rows": store.frame.rows, "kind": store.kind, "load": os.getloadavg()[0]}
    found["nothing_changed"] = repro()
    doubted = store.places("label_quality.suggested_label IS NOT NULL AND decision IS NULL", "label_quality")
    for place in doubted[:2].tolist():
        told = story.tell(store, place)
        desk.decide(told.mark, told.record["id"], "relabel", told.suggested)
    found["two_labels"] = repro()
    while desk.undo():
        pass
    text = json.dumps(found, indent=1)
    print(text)
    if out:
        out.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
