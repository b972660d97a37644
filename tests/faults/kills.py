"""Runs that are killed, or stopped with Ctrl-C, and run again."""

from __future__ import annotations

import random
import shutil
import signal
from collections import Counter

from tests.faults import flow
from tests.faults.bench import Bench


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


def stops(bench: Bench, draw: random.Random) -> dict[str, object]:
    """Send every stage a Ctrl-C: at a change in a folder, at a random moment, and as soon as it works."""
    sent = told = fine = 0
    for stage in bench.stages:
        for how in (
            {"kill_at": draw.randint(1, max(1, bench.changes[stage.name]))},
            {"kill_after": draw.uniform(0.02, bench.seconds[stage.name])},
            {"kill_after": 0.05},
        ):
            flow.remove(bench.folder, stage.outs)
            shutil.rmtree(bench.cache, ignore_errors=True)
            what = f"Ctrl-C {next(iter(how))} {next(iter(how.values())):.3g}"
            ended = flow.run(stage, bench.folder, bench.log, sign=signal.SIGINT, **how)
            if ended.code == 0:  # it was over before
                bench.compare(stage, what)
                continue
            sent += 1
            if ended.code != 130 or "stopped. " not in ended.said or "Traceback" in ended.said:
                bench.wrong(f"{stage.name}, {what}: ends with {ended.code}", ended.said)
            else:
                told += 1
            fine += bench.again(stage, what)
    return {"stopped": sent, "in a sentence, with 130": told, "as an unbroken run afterwards": fine}
