"""What all parts of the script stand on: a flow that ran once, unbroken, and what it wrote."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

from tests.faults import flow


class Bench:
    """A folder in which the whole flow has run once, unbroken, and what it wrote; one that is there is used again."""

    def __init__(self, base: Path):
        self.base, self.folder, self.log = base, base / "flow", base / "log"
        self.cache, self.kept = base / "cache", base / "kept"
        self.reference: dict[str, dict[str, str]] = {}
        self.seconds: dict[str, float] = {}
        self.changes: dict[str, int] = {}
        self.bad: list[str] = []
        os.environ["CAIRN_CACHE"] = str(self.cache)
        known = base / "unbroken.json"
        if not known.exists():
            self.folder.mkdir(parents=True)
            flow.small(self.folder)
        self.stages = [stage for stage in flow.stages(self.folder) if stage.name != "check"]
        flow.preload(self.stages)
        if known.exists():
            self.reference, self.seconds, self.changes = json.loads(known.read_text())
            return
        for stage in self.stages:
            ended = flow.run(stage, self.folder, self.log)
            if ended.code:
                raise SystemExit(f"{stage.name} fails unbroken: {ended.said[-2000:]}")
            self.seconds[stage.name], self.changes[stage.name] = ended.seconds, ended.changes
            self.reference[stage.name] = flow.hashes(self.folder, stage.outs)
            print(f"unbroken {stage.name}: {ended.seconds:.1f} s, {ended.changes} changes", flush=True)
        shutil.copytree(self.folder, self.kept, symlinks=True)
        known.write_text(json.dumps([self.reference, self.seconds, self.changes]))

    def wrong(self, what: str, said: str = "") -> None:
        """Note what is not as it must be."""
        self.bad.append(what)
        print(f"WRONG: {what}\n{said[-1500:]}", flush=True)

    def compare(self, stage: flow.Stage, what: str, folder: Path | None = None, *, put_back: bool = True) -> bool:
        """Hold outputs against those of the unbroken run; ``put_back``: put these in their place, as clocks differ."""
        folder = folder or self.folder
        found = flow.hashes(folder, stage.outs)
        if put_back:
            flow.copy(self.kept, folder, stage.outs)
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
        outs = [self.folder / out for out in stage.outs]
        left = [part for out in outs for part in out.parent.glob(f".{out.name}.*.part")]
        if left:
            self.wrong(f"{stage.name}, {what}: {left[0].name} was left")
        return self.compare(stage, what)
