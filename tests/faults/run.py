"""Kills, Ctrl-C, full disks, damaged files, two at once: each stage, many times. ``python tests/faults/run.py all``.

    python tests/faults/run.py kills --count 100 --seed 1
    python tests/faults/run.py stops
    python tests/faults/run.py disk
    python tests/faults/run.py damage --count 100
    python tests/faults/run.py two
    python tests/faults/run.py dvc --count 10

Prints what was done and what was found; exit code 1 when anything was not as it must be. Bytes are those of an unbroken
run but for the times and the memory that reports of trainings measure. The disk part needs Linux, and for a full disk
and a read-only one the right to mount (root); without it they are left out, and count 0 stages.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))
os.environ |= {"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false", "TQDM_DISABLE": "1"}

from tests.faults.bench import Bench  # noqa: E402
from tests.faults.damage import damage  # noqa: E402
from tests.faults.disks import disk  # noqa: E402
from tests.faults.kills import kills, stops  # noqa: E402
from tests.faults.pairs import dvc, two  # noqa: E402


def main() -> None:
    """Run the parts that were asked for; print counts as JSON; exit with 1 when anything was wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", nargs="+", choices=["kills", "stops", "disk", "damage", "two", "dvc", "all"])
    parser.add_argument("--count", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--stages", default="", help="only runs of stages whose name begins so, such as target")
    parser.add_argument("--folder", type=Path, help="keep the unbroken run here, for the next call")
    given = parser.parse_args()
    draw = random.Random(given.seed)
    with tempfile.TemporaryDirectory() as base:
        bench = Bench(given.folder or Path(base) / "bench")
        bench.stages = [stage for stage in bench.stages if stage.name.startswith(given.stages)]
        parts = {
            "kills": lambda: kills(bench, given.count or 100, draw),
            "stops": lambda: stops(bench, draw),
            "disk": lambda: disk(bench),
            "damage": lambda: damage(bench, given.count or 100, draw),
            "two": lambda: two(bench),
            "dvc": lambda: dvc(bench, given.count or 10, draw),
        }
        found = {name: part() for name, part in parts.items() if name in given.part or "all" in given.part}
    print(json.dumps({**found, "wrong": bench.bad}, indent=1))
    sys.exit(bool(bench.bad))


if __name__ == "__main__":
    main()
