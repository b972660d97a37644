"""Bytes that a disk, a copy or a hand has changed: in what a stage reads, and in what it keeps between runs."""

from __future__ import annotations

import random
import shutil
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.faults import flow
from tests.faults.bench import Bench


def _flip(content: bytes, draw: random.Random) -> bytes:
    place = draw.randrange(len(content)) if content else 0
    return (
        content[:place] + bytes([content[place] ^ (1 << draw.randrange(8))]) + content[place + 1 :] if content else b"x"
    )


def _zeros(content: bytes, draw: random.Random) -> bytes:
    start = draw.randrange(len(content) + 1)
    length = min(len(content) - start, 64)
    return content[:start] + bytes(length) + content[start + length :]


DAMAGES: Mapping[str, Callable[[bytes, random.Random], bytes]] = {
    "cut short": lambda content, draw: content[: draw.randrange(len(content) + 1)],
    "empty": lambda content, draw: b"",
    "a bit flipped": _flip,
    "zeros within": _zeros,
    "grown": lambda content, draw: content + draw.randbytes(40),
    "other bytes": lambda content, draw: draw.randbytes(len(content)),
    "text": lambda content, draw: b"<html>404</html>\n",
}
GONE = ("removed", "a folder instead")


def damage(bench: Bench, count: int, draw: random.Random) -> dict[str, object]:
    """Damage ``count`` files, half of them inputs of a random stage, half left in the cache by a run that was killed.

    An input is refused in a sentence that names it or its folder, or it changes nothing; what is kept is made again.
    """
    found: Counter[str] = Counter()
    while sum(found.values()) < count:
        stage = draw.choice(bench.stages)
        kept = draw.random() < 0.5
        shutil.rmtree(bench.cache, ignore_errors=True)
        if kept:
            flow.remove(bench.folder, stage.outs)
            flow.run(stage, bench.folder, bench.log, kill_at=draw.randint(1, max(1, bench.changes[stage.name])))
        places = [bench.cache] if kept else [bench.folder / dep for dep in stage.deps]
        files = [file for place in places for file in ([place] if place.is_file() else sorted(place.rglob("*")))]
        files = [file for file in files if file.is_file() and ".part" not in str(file)]
        if not files:
            bench.compare(stage, "nothing to damage") if not kept else flow.copy(bench.kept, bench.folder, stage.outs)
            continue
        file, how = draw.choice(files), draw.choice([*DAMAGES, *GONE])
        content = file.read_bytes()
        _harm(file, content, how, draw)
        what = f"{file.relative_to(bench.base)} {how}"
        ended = flow.run(stage, bench.folder, bench.log)
        if not kept:
            shutil.rmtree(file) if file.is_dir() else file.unlink(missing_ok=True)
            file.write_bytes(content)
        if ended.code == 2 and not kept and "error: " in ended.said and "Traceback" not in ended.said:
            named = any(str(place.relative_to(bench.folder)) in ended.said for place in (file, file.parent))
            if not named:
                bench.wrong(f"{stage.name}, {what}: it is not named", ended.said)
            found["refused in a sentence"] += 1
            bench.compare(stage, f"{what}: what was there stays")
        elif ended.code:
            bench.wrong(f"{stage.name}, {what}: ends with {ended.code}", ended.said)
            found["wrong"] += 1
            flow.copy(bench.kept, bench.folder, stage.outs)
        else:
            found["as an unbroken run" if bench.compare(stage, what) else "wrong"] += 1
    return {"damaged files": sum(found.values()), **found}


def _harm(file: Path, content: bytes, how: str, draw: random.Random) -> None:
    if how in DAMAGES:
        file.write_bytes(DAMAGES[how](content, draw))
        return
    file.unlink()
    if how == "a folder instead":
        file.mkdir()
