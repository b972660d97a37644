"""What a cluster of two workers has to give: the bytes of one process. Run by test_engine, with Ray connected."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from curation import embed
from curation.core import engine, records
from curation.core.errors import CairnError
from curation.core.task import Example, Task
from curation.embed import store
from curation.probe import network
from curation.probe.solver import Features
from curation.score import scorers
from curation.score.scorers import surface
from curation.translate.sentences import Engine

if TYPE_CHECKING:
    from collections.abc import Callable


def square(number: int) -> int:
    """Return a square; the seventh is a mistake of the user."""
    if number == 7:
        raise CairnError("seven")
    return number * number


def both(folder: Path, what: str, make: Callable[[Path], Any]) -> None:
    """Make something by either engine, each with an empty cache, and compare."""
    found = []
    for name in ("local", "ray"):
        Path("params.yaml").write_text(f"engine: {name}\nbudget: {{memory_gb: 8.0, disk_gb: 50.0}}\n", encoding="utf-8")
        os.environ["CAIRN_CACHE"] = str(folder / f"{what}-{name}")
        (folder / f"{what}-{name}").mkdir()
        found.append(make(folder / f"{what}-{name}" / "out"))
    assert found[0] == found[1], what
    sys.stdout.write(f"{what}\n")


def pairs(n: int) -> Any:
    """Return records of ``n`` pairs, some of them odd."""
    said = [f"Row {i} {'says more ' * (i % 5)}of {i % 7}." if i % 9 else "null <br/>" for i in range(2 * n)]
    examples = [
        Example(text_a=a, text_b=b, label=i % 2) for i, (a, b) in enumerate(zip(said[:n], said[n:], strict=True))
    ]
    hashes = [records.content_hash("pair", vars(example)) for example in examples]
    return records.table("pair", records.make_ids("t", hashes), ["en"] * n, examples)


def embedded(out: Path) -> Any:
    """Return the bytes of every file of the stage ``embed``."""
    settings = embed.Params(
        model="package:all-MiniLM-L6-v2", revision=None, batch_size=32, max_length=64, word_gigabytes=None
    )
    out.mkdir()
    store.write(out, pairs(300), settings)
    return {file.name: file.read_bytes() for file in sorted(out.iterdir())}


def probed(out: Path) -> Any:
    """Return out-of-fold probabilities."""
    rng = np.random.default_rng(1)
    values = rng.normal(size=(400, 12)).astype(np.float32)
    labels = (values[:, 0] > 0).astype(np.int64)
    features = Features(400, lambda index: values[index], 1.0)
    fold = (np.arange(400) % 4).astype(np.int8)
    return network.out_of_fold(labels, fold, 2, 4, features, 8, 17).tobytes()


def scored(out: Path) -> Any:
    """Return the table of the scorer ``surface``."""
    surface.BLOCK = 50
    inputs = scorers.Inputs("t", Task(kind="pair", metric="accuracy", labels=("a", "b")), pairs(300), 17, {})
    return surface.score(inputs, surface.Params(min_tokens=2, max_tokens=256)).to_pydict()


def turned(texts: list[str]) -> list[str]:
    """Return every text turned round."""
    return [text[::-1] for text in texts]


def translated(out: Path) -> Any:
    """Return texts that were translated in chunks of seven sentences."""
    run = Engine(turned, {"engine": "turned"}, "en", "de", 7)
    return run.texts([f"Sentence {i} is here. It has another." for i in range(40)])


def main(folder: Path) -> None:
    """Compare everything that shards are made of."""
    os.chdir(folder)
    Path("params.yaml").write_text("engine: ray\n", encoding="utf-8")
    assert engine.name() == "ray"
    assert list(engine.each(square, range(6))) == [0, 1, 4, 9, 16, 25]
    sys.stdout.write("order\n")
    with pytest.raises(CairnError, match=r"^seven$"):
        list(engine.each(square, range(5, 30)))
    sys.stdout.write("errors\n")
    both(folder, "embed", embedded)
    both(folder, "probe", probed)
    both(folder, "surface", scored)
    both(folder, "translate", translated)
