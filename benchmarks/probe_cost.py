"""What the probe of pairs costs and finds: ways to train its network on the same rows, folds and planted errors.

    CAIRN_HUB_MIRROR=../hub python benchmarks/probe_cost.py --rows 10000 --out benchmarks/results/probe_cost.json

Wrong labels are planted into clean train rows as in ``label_errors.py``, once a draw. Compared with the probe as it is:

* ``cells``: the network as it was when an aim for its cost was set (one network a fold, twelve passes over batches of a
  fiftieth of the rows, features dropped cell by cell, no vector of the second text);
* ``brackets``: the network as it is, by slower operations of PyTorch;
* ``one network`` a fold, ``half the passes`` (also at ``twice the rate``), and logistic regression.

Judged is the average precision of "the given label is unlikely". Differences carry 95% intervals over rows, drawn anew
in each draw, of the mean over the draws. Seconds are of the CPU, for the probe as a whole: features, calibration and
all.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

import numpy as np
import pyarrow as pa
import torch
from label_errors import clean
from torch import nn

from curation import probe, tasks
from curation.core import files, params, seeds
from curation.probe import fit, network, pair
from curation.probe.solver import Features
from curation.selftest import judge, noise

if TYPE_CHECKING:
    from collections.abc import Callable

    from curation.embed.cache import Floats, Indices

RESAMPLES = 200


def stepping(made: nn.Module, steps: int) -> Callable[[Any], None]:
    """Return what makes one step of the plain AdamW for a loss, under the schedule that all ways have."""
    optimiser = torch.optim.AdamW(made.parameters(), lr=1e-3, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 1e-3, total_steps=steps, pct_start=0.1)

    def step(loss: Any) -> None:
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()

    return step


def cells(
    features: Features, rows: Indices, labels: Indices, classes: int, hidden: int, device: str, advance: Any
) -> Any:
    """Train the network as it was: every cell of the features is dropped on its own."""
    made = nn.Sequential(
        nn.Dropout(0.5), nn.Linear(features.width, hidden), nn.GELU(), nn.Dropout(0.7), nn.Linear(hidden, classes)
    )
    batch, epochs = min(max(len(rows) // 50, 16), 512), 12
    steps = epochs * -(-len(rows) // batch)
    step = stepping(made, steps)
    gold = torch.from_numpy(labels)
    for _ in range(epochs):
        order = torch.randperm(len(rows)).numpy()
        for start in range(0, len(rows), batch):
            chosen = order[start : start + batch]
            loss = nn.functional.cross_entropy(made(features.rows(rows[chosen])), gold[torch.from_numpy(chosen)])
            step(loss)
            advance(len(chosen))
    return made.eval()


def brackets(
    features: Features, rows: Indices, labels: Indices, classes: int, hidden: int, device: str, advance: Any
) -> Any:
    """Train the network as it is, with advanced indexing, PyTorch's dropout and the plain AdamW."""
    made = nn.Sequential(
        nn.Linear(features.width, hidden), nn.GELU(), nn.Dropout(network.DROPOUT[1]), nn.Linear(hidden, classes)
    )
    first: Any = made[0]
    kept = max(1, round(features.width * (1 - network.DROPOUT[0])))
    batch, epochs = network._batch(len(rows)), network._epochs(len(rows))
    steps = epochs * -(-len(rows) // batch)
    step = stepping(made, steps)
    gold = torch.from_numpy(labels)
    for _ in range(epochs):
        near = features.rows(rows)
        for chosen in torch.split(torch.randperm(len(near)), batch):
            columns = torch.randperm(features.width)[:kept].sort().values
            some = near[chosen][:, columns] * (features.width / kept)
            scores = made[1:](nn.functional.linear(some, first.weight[:, columns], first.bias))
            loss = nn.functional.cross_entropy(scores, gold[chosen])
            step(loss)
            advance(len(chosen))
    return made.eval()


def compared(
    task: Any, rows: Any, vectors: Any, fold: Any, settings: probe.Params, seed: int
) -> list[Floats]:  # fmt: skip
    """Return what the probe of pairs gives from the features of old, without the second text."""
    a, b, match = vectors.parts["text_a"], vectors.parts["text_b"], vectors.match
    return pair.by_row.predict(
        task, rows, lambda index: pair.compare(a[index], b[index], match[index]), fold, settings, seed
    )


HALF: dict[tuple[Any, str], Any] = {(network, "EPOCHS"): (2, 5), (network, "STEPS"): 125}
WAYS: dict[str, dict[tuple[Any, str], Any]] = {
    "now": {},
    "cells": {(network, "_fit"): cells, (network, "NETWORKS"): 1, (pair, "predict"): compared},
    "brackets": {(network, "_fit"): brackets},
    "one network": {(network, "NETWORKS"): 1},
    "half the passes": HALF,
    "twice the rate": {**HALF, (network, "LEARNING_RATE"): 2e-3},
    "logistic regression": {},
}


def average_precision(p: Floats, given: Indices, wrong: Any) -> Callable[[Any], float]:
    """Return what gives the average precision of rows, by their places."""
    own = p[np.arange(len(given)), given]
    return lambda some: judge.average_precision(own[some], wrong[some])


def main() -> None:
    """Print one line per draw and way, and one per way for all draws."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--task", default="snli")
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--share", type=float, default=0.1)
    parser.add_argument("--draws", type=int, default=3)
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=list(WAYS))
    parser.add_argument("--seed", type=int, default=17)
    parser.add_argument("--vectors", type=Path, help="keep rows and vectors here, and take them from here")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    name, task = options.task, tasks.load(options.task)
    settings = params.read(probe.Params, "probe")
    found: dict[str, list[Any]] = {way: [] for way in options.ways}
    spent: dict[str, list[float]] = {way: [] for way in options.ways}
    drawn: list[list[Any]] = []
    with tempfile.TemporaryDirectory() as temporary:
        table, vectors = clean(
            name, options.rows, options.seed, (options.vectors or Path(temporary)) / f"{name}-{options.rows}"
        )
        for draw in range(options.draws):
            rng = np.random.default_rng(seeds.derive(options.seed, "noise", draw))
            changed, wrong = noise.plant(table.to_pylist(), task, "uniform", options.share, rng)
            given = pa.Table.from_pylist(changed, schema=table.schema)
            labels, bad, good = (
                np.array([row["label"] for row in changed]),
                np.flatnonzero(wrong),
                np.flatnonzero(~wrong),
            )
            drawn.append(
                [np.concatenate([rng.choice(bad, len(bad)), rng.choice(good, len(good))]) for _ in range(RESAMPLES)]
            )
            for way in options.ways:
                own = settings.model_copy(update={"hidden": 0}) if way == "logistic regression" else settings
                begun = time.process_time()
                with _patched(WAYS[way]):
                    one = fit.fit(name, task, given, vectors, own, seeds.derive(options.seed, "draw", draw))
                spent[way].append(time.process_time() - begun)
                found[way].append(average_precision(np.stack(one.probabilities), labels, wrong))
                print(f"draw {draw}  {way:<20}AP {found[way][-1](slice(None)):.3f}  {spent[way][-1]:.1f} s", flush=True)
    results = []
    for way in options.ways:
        apart = [
            np.mean([mine(s[i]) - base(s[i]) for mine, base, s in zip(found[way], found["now"], drawn, strict=True)])
            for i in range(RESAMPLES)
        ]
        whole = [mine(slice(None)) for mine in found[way]]
        results.append({
            "way": way, "task": name, "rows": options.rows, "share": options.share, "average_precision": whole,
            "above_now": float(np.mean(whole) - np.mean([base(slice(None)) for base in found["now"]])),
            "above_now_interval": [float(np.quantile(apart, q)) for q in (0.025, 0.975)], "cpu_seconds": spent[way],
        })  # fmt: skip
        print(
            "{way:<20}{above_now:+.4f} {above_now_interval}".format(**results[-1]),
            f"AP {np.mean(whole):.4f}, {np.mean(spent[way]):.1f} s",
        )
    if options.out:
        files.write_json(options.out, json.loads(json.dumps(results)))


def _patched(changes: dict[tuple[Any, str], Any]) -> Any:
    """Return a context in which some names of some modules stand for something else."""
    from contextlib import ExitStack

    stack = ExitStack()
    for (module, name), value in changes.items():
        stack.enter_context(mock.patch.object(module, name, value))
    return stack


if __name__ == "__main__":
    main()
