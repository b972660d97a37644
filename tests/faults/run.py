"""Kills, full disks, read-only folders, two workers: each stage, many times. ``python tests/faults/run.py all``.

    python tests/faults/run.py kills --count 100 --seed 1
    python tests/faults/run.py disk
    python tests/faults/run.py two
    python tests/faults/run.py dvc --count 10

Prints what was done and what was found; exit code 1 when anything was not as it must be. The disk part needs Linux, and
for a full disk and a read-only one the right to mount (root); without it these are said to be left out.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))
os.environ |= {"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false", "TQDM_DISABLE": "1"}

from tests.faults import flow  # noqa: E402


class Bench:
    """A folder in which the whole flow has run once, unbroken, and what it wrote."""

    def __init__(self, base: Path):
        self.base, self.folder, self.log = base, base / "flow", base / "log"
        self.cache = base / "cache"
        self.folder.mkdir()
        os.environ["CAIRN_CACHE"] = str(self.cache)
        flow.small(self.folder)
        self.stages = [stage for stage in flow.stages(self.folder) if stage.name != "check"]
        flow.preload(self.stages)
        self.reference: dict[str, dict[str, str]] = {}
        self.seconds: dict[str, float] = {}
        self.changes: dict[str, int] = {}
        self.bad: list[str] = []
        for stage in self.stages:
            ended = flow.run(stage, self.folder, self.log)
            if ended.code:
                raise SystemExit(f"{stage.name} fails unbroken: {ended.said[-2000:]}")
            self.seconds[stage.name], self.changes[stage.name] = ended.seconds, ended.changes
            self.reference[stage.name] = flow.hashes(self.folder, stage.outs)
            print(f"unbroken {stage.name}: {ended.seconds:.1f} s, {ended.changes} changes", flush=True)

    def wrong(self, what: str, said: str = "") -> None:
        """Note what is not as it must be."""
        self.bad.append(what)
        print(f"WRONG: {what}\n{said[-1500:]}", flush=True)

    def compare(self, stage: flow.Stage, what: str, folder: Path | None = None) -> bool:
        """Hold the outputs against those of the unbroken run."""
        found = flow.hashes(folder or self.folder, stage.outs)
        if found != self.reference[stage.name]:
            names = sorted(set(found.items()) ^ set(self.reference[stage.name].items()))
            self.wrong(f"{stage.name}, {what}: other bytes in {', '.join(dict.fromkeys(name for name, _ in names))}")
            return False
        return True

    def again(self, stage: flow.Stage, what: str) -> bool:
        """Run ``stage`` to its end, as people would after a fault, and compare; leftovers must be gone."""
        ended = flow.run(stage, self.folder, self.log)
        if ended.code:
            self.wrong(f"{stage.name}, {what}: the next run ends with {ended.code}", ended.said)
            return False
        left = [p for out in stage.outs for p in (self.folder / out).parent.glob(".*.part")]
        if left:
            self.wrong(f"{stage.name}, {what}: {left[0].name} was left")
        return self.compare(stage, what)


def kills(bench: Bench, count: int, draw: random.Random) -> dict[str, object]:
    """SIGKILL ``count`` runs of random stages: half at a change in a folder, half at a random moment."""
    done, fine, points, tries = 0, 0, Counter[str](), 0
    while done < count and tries < 4 * count:
        tries += 1
        stage = draw.choice(bench.stages)
        fresh, emptied = draw.random() < 0.5, draw.random() < 0.5
        if fresh:
            shutil.rmtree(bench.cache, ignore_errors=True)
        if emptied:  # as DVC does
            flow.remove(bench.folder, stage.outs)
        at_change = draw.random() < 0.5
        how = (
            {"kill_at": draw.randint(1, max(1, bench.changes[stage.name]))}
            if at_change
            else {"kill_after": draw.uniform(0, bench.seconds[stage.name])}
        )
        ended = flow.run(stage, bench.folder, bench.log, **how)
        what = f"killed {'at change' if at_change else 'after'} {next(iter(how.values())):.3g}"
        if ended.code == -signal.SIGKILL:
            done += 1
            points["at a change in a folder" if at_change else "at a random moment"] += 1
        elif ended.code:
            bench.wrong(f"{stage.name}, {what}: ends with {ended.code}", ended.said)
        else:
            bench.compare(stage, f"{what} (it was over before)")
            continue
        if done % 3 == 0:  # a second kill on top, at a change
            flow.run(stage, bench.folder, bench.log, kill_at=draw.randint(1, max(1, bench.changes[stage.name])))
        fine += bench.again(stage, what)
        if done % 10 == 0:
            print(f"{done} kills, {fine} as unbroken", flush=True)
    return {"kills": done, "as an unbroken run": fine, **points, "stages": len(bench.stages)}


def disk(bench: Bench) -> dict[str, object]:
    """Run every stage on a full disk, on one that is read-only, and with files that may not grow."""
    found: dict[str, object] = {}
    for kind in ("no file above 2 kB", "full disk", "read-only"):
        told = kept = refused = 0
        for stage in bench.stages:
            ended = _squeezed(bench, stage, kind)
            if ended is None:
                continue
            refused += ended.code != 0
            if ended.code and ("error: " not in ended.said or "Traceback" in ended.said):
                bench.wrong(f"{stage.name}, {kind}: ends with {ended.code} and no sentence", ended.said)
            else:
                told += 1
            kept += bench.again(stage, kind)
        found[kind] = {"stages": told, "refused in a sentence": refused, "as an unbroken run afterwards": kept}
        print(kind, found[kind], flush=True)
    return found


def _squeezed(bench: Bench, stage: flow.Stage, kind: str) -> flow.Ended | None:
    """Return how ``stage`` ends where it cannot write; ``None`` where that cannot be brought about here."""
    if kind == "no file above 2 kB":
        import resource

        def limit() -> None:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (2048, 2048))

        return flow.run(stage, bench.folder, bench.log, before=limit)
    if os.geteuid():
        return None
    place = bench.base / "mounted"
    place.mkdir(exist_ok=True)
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(place)], check=False).returncode:
        return None
    try:
        shutil.copytree(bench.folder, place / "flow", symlinks=True)
        if kind == "full disk":
            os.environ["CAIRN_CACHE"] = str(place / "cache")
            with (place / "ballast").open("wb") as handle:
                free = os.statvfs(place)
                handle.write(b"x" * max(0, free.f_bavail * free.f_frsize - 4096))
        else:
            subprocess.run(["mount", "-o", "remount,ro", str(place)], check=True)
        ended = flow.run(stage, place / "flow", bench.log)
        bench.compare(stage, f"{kind}: what was there stays", place / "flow")
        return ended
    finally:
        os.environ["CAIRN_CACHE"] = str(bench.cache)
        subprocess.run(["umount", str(place)], check=False)


def two(bench: Bench) -> dict[str, object]:
    """Run every stage twice at once, in two clones on one cache, and twice at once in one clone."""
    found = {}
    other = bench.base / "other"
    for kind in ("two clones, one cache", "one clone"):
        fine = 0
        for stage in bench.stages:
            shutil.rmtree(bench.cache, ignore_errors=True)
            shutil.rmtree(other, ignore_errors=True)
            if kind != "one clone":
                shutil.copytree(bench.folder, other, symlinks=True)
            second = bench.folder if kind == "one clone" else other
            logs = [bench.base / "log1", bench.base / "log2"]
            children = [flow.start(stage, place, log) for place, log in zip((bench.folder, second), logs, strict=True)]
            ended = [flow.wait(child, log) for child, log in zip(children, logs, strict=True)]
            if any(one.code for one in ended):
                bench.wrong(
                    f"{stage.name}, {kind}: ends with {[one.code for one in ended]}", "".join(e.said for e in ended)
                )
            fine += bench.compare(stage, kind) and bench.compare(stage, kind, second)
        found[kind] = {"stages": len(bench.stages), "both as an unbroken run": fine}
        print(kind, found[kind], flush=True)
    return found


def dvc(bench: Bench, count: int, draw: random.Random) -> dict[str, object]:
    """Kill ``dvc repro`` with all its children at random moments, then let it end; at last two at once."""
    clone = bench.base / "clone"
    subprocess.run(["git", "clone", "-q", str(ROOT), str(clone)], check=True)
    shutil.copy(bench.folder / "params.yaml", clone)
    environment = os.environ | {"PYTHONPATH": str(clone), "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    targets = ["fetch-target", "translate", "pretrained"]

    def begin(*flags: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "dvc", "repro", *flags, *targets], cwd=clone, env=environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip

    began = time.monotonic()
    said, _ = (process := begin()).communicate()
    whole = time.monotonic() - began
    if process.returncode:
        bench.wrong("dvc repro fails unbroken", said)
    wanted = [s for s in flow.stages(clone) if s.name.split("@")[0] in ("fetch-intermediate", *targets)]
    fine = 0
    for number in range(count):
        shutil.rmtree(bench.cache, ignore_errors=True)
        process = begin("--force")
        try:
            said, _ = process.communicate(timeout=draw.uniform(1, whole))
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
        said, _ = (process := begin()).communicate()
        if process.returncode:
            bench.wrong(f"dvc repro after kill {number}", said)
        fine += all([bench.compare(stage, f"dvc repro, kill {number}", clone) for stage in wanted])
        print(f"dvc repro: {number + 1} kills, {fine} as unbroken", flush=True)
    pair = [begin("--force"), begin("--force")]
    ended = [process.communicate()[0] for process in pair]
    codes = [process.returncode for process in pair]
    both = all([bench.compare(stage, "two dvc repro", clone) for stage in wanted])
    if not any(code == 0 for code in codes):
        bench.wrong(f"two dvc repro in one clone: {codes}", "".join(ended))
    return {"kills of dvc repro": count, "as an unbroken run": fine, "two at once": {"codes": codes, "bytes": both}}


def main() -> None:
    """Run the parts that were asked for; print counts as JSON; exit with 1 when anything was wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", choices=["kills", "disk", "two", "dvc", "all"])
    parser.add_argument("--count", type=int)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    draw = random.Random(given.seed)
    with tempfile.TemporaryDirectory() as base:
        bench = Bench(Path(base))
        found: dict[str, object] = {}
        if given.part in ("kills", "all"):
            found["kills"] = kills(bench, given.count or 100, draw)
        if given.part in ("disk", "all"):
            found["disk"] = disk(bench)
        if given.part in ("two", "all"):
            found["two"] = two(bench)
        if given.part in ("dvc", "all"):
            found["dvc"] = dvc(bench, given.count or 10, draw)
    print(json.dumps({**found, "wrong": bench.bad}, indent=1))
    sys.exit(bool(bench.bad))


if __name__ == "__main__":
    main()
