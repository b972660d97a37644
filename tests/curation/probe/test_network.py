"""The probe's network: what does not fit in memory is read forwards, and judged as what does."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest

from curation.core import engine
from curation.probe import network
from curation.probe.solver import Features


def out_of_fold(gigabytes: float) -> tuple[np.ndarray, list[Any]]:
    rng = np.random.default_rng(1)
    values = rng.normal(size=(300, 6)).astype(np.float32)
    labels = (values[:, :2].sum(1) > 0).astype(np.int64)
    asked: list[Any] = []

    def make(index: Any) -> np.ndarray:
        asked.append(index)
        return values[index]

    fold = (np.arange(300) % 3).astype(np.int8)
    return network.out_of_fold(labels, fold, 2, 3, Features(300, make, gigabytes), 8, 17), asked


def test_features_that_do_not_fit_are_read_forwards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "WINDOW", 64)
    monkeypatch.setattr(network, "EPOCHS", (2, 2))
    monkeypatch.setattr(network, "STEPS", 10)
    kept, _ = out_of_fold(1.0)
    made_again, asked = out_of_fold(1e-9)
    assert (kept == made_again).all()
    places = [index for index in asked if not isinstance(index, slice)]
    assert all((np.diff(index) > 0).all() and np.ptp(index) < 2 * 64 for index in places if len(index) <= 64)
    assert len(places) > 3 * 3


def test_what_is_sent_to_a_worker_gives_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "EPOCHS", (2, 2))
    monkeypatch.setattr(network, "STEPS", 10)
    here, _ = out_of_fold(1.0)
    monkeypatch.setattr(engine, "name", lambda: "ray")
    monkeypatch.setattr(engine, "each", lambda judge, folds: map(pickle.loads(pickle.dumps(judge)), folds))  # noqa: S301
    sent, _ = out_of_fold(1.0)
    assert (here == sent).all()
