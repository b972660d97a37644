"""The layer of an encoder that does best on the dev pools, and the whole curve; test is not seen here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from curation import metrics
from training.evaluate.scoring import rounded
from training.retrieve import matching, pools

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from training.retrieve import Params
    from training.retrieve.matching import Finder, Threshold
    from training.retrieve.pools import Pool


@dataclass(frozen=True)
class Tried:
    """What one layer comes to on dev."""

    layer: int
    languages: Mapping[str, float]
    """The metric's primary value per language; of mining at the threshold that is best there."""
    thresholds: Mapping[str, Threshold]
    """Mining: the thresholds, tuned per language; empty otherwise."""

    @property
    def mean(self) -> float:
        """The unweighted mean over languages."""
        return float(np.mean(list(self.languages.values())))


def curve(dev: Sequence[Pool], layers: Mapping[int, Finder], section: Params, metric: str) -> list[Tried]:
    """Return what each of ``layers`` comes to on the dev pools, in their order."""
    if metric == "mining":
        unique = [pools.unique(pool) for pool in dev]
        return [_mined(unique, layer, vectors, section) for layer, vectors in layers.items()]
    return [_ranked(dev, layer, vectors, section, metric) for layer, vectors in layers.items()]


def _mined(dev: Sequence[Pool], layer: int, vectors: Finder, section: Params) -> Tried:
    tuned = {pool.name: matching.tune(pool, vectors, section) for pool in dev}
    return Tried(layer, {lang: found.f1 for lang, found in tuned.items()}, tuned)


def _ranked(dev: Sequence[Pool], layer: int, vectors: Finder, section: Params, metric: str) -> Tried:
    module = metrics.load(metric)
    scored, _ = matching.rank(dev, vectors, section, metric)
    totals = {lang: found.statistics.sum(axis=0) for lang, found in scored.items()}
    return Tried(layer, {lang: float(module.values(total, ())[module.PRIMARY]) for lang, total in totals.items()}, {})


def best(tried: Sequence[Tried]) -> Tried:
    """Return the one with the highest mean over languages; of equals, the lowest layer.

    Means count to six decimals, as they are reported.
    """
    return max(tried, key=lambda one: (rounded(one.mean), -one.layer))


def told(tried: Sequence[Tried], chosen: Tried, metric: str) -> dict[str, Any]:
    """Return the curve as plain values for the report."""
    return {
        "split": "dev",
        "value": metrics.load(metric).PRIMARY,
        "rule": "the highest mean over languages on dev; of equals the lowest layer",
        "chosen": chosen.layer,
        "curve": [
            {
                "layer": one.layer,
                "mean": rounded(one.mean),
                "languages": {lang: rounded(value) for lang, value in sorted(one.languages.items())},
                **(
                    {"thresholds": {n: rounded(t.score) for n, t in sorted(one.thresholds.items())}}
                    if one.thresholds
                    else {}
                ),
            }
            for one in tried
        ],
    }
