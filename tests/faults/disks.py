"""Disks that are full, small or read-only, and too little memory."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
from pathlib import Path

from tests.faults import flow
from tests.faults.bench import Bench


def disk(bench: Bench) -> dict[str, object]:
    """Run every stage on a full disk, on one that is read-only, and with files that may not grow."""
    found: dict[str, object] = {}
    for kind in ("no file above 2 kB", "full disk", "read-only", "no memory to speak of"):
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

        def limit() -> None:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (2048, 2048))

        return flow.run(stage, bench.folder, bench.log, before=limit)
    if kind == "no memory to speak of":

        def starve() -> None:
            held = int(Path("/proc/self/statm").read_text().split()[5]) * resource.getpagesize()
            resource.setrlimit(resource.RLIMIT_DATA, (held + (4 << 20),) * 2)

        return flow.run(stage, bench.folder, bench.log, before=starve)
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
        bench.compare(stage, f"{kind}: what was there stays", place / "flow", put_back=False)
        return ended
    finally:
        os.environ["CAIRN_CACHE"] = str(bench.cache)
        subprocess.run(["umount", str(place)], check=False)
