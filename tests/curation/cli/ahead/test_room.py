"""How much is made ahead: what the user says, or else idle cores, and only where memory and threads are there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from curation.check import flow
from curation.cli.ahead import room
from curation.core.errors import CairnError

ROOT = Path(__file__).parents[4]


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four cores, no GPU, 16 GB free."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(room, "GPUS", ())
    monkeypatch.setattr(room, "_cores", lambda: 4)
    monkeypatch.setattr(room, "free", lambda: 16.0)
    for name in ("CAIRN_AHEAD", "CAIRN_THREADS", "OMP_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)


def run(stage: str) -> flow.Run:
    body = {"cmd": f"python -m {'curation' if stage == 'probe' else 'training'}.{stage}"}
    return flow.Run(flow.Stage(stage, body["cmd"], (), (), (), ({},)), stage, {}, body["cmd"], (), (), {})


def test_all_cores_but_one(monkeypatch: pytest.MonkeyPatch) -> None:
    assert room.most({}) == 3
    assert room.most({"engine": "ray"}) == 0
    monkeypatch.setattr(room, "_cores", lambda: 1)
    assert room.most({}) == 0
    monkeypatch.setenv("CAIRN_AHEAD", "2")
    assert room.most({}) == 2
    monkeypatch.setattr(room, "GPUS", ("/dev/null",))
    assert room.most({}) == 0


def test_a_number_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAIRN_AHEAD", "0")
    assert room.most({}) == 0
    monkeypatch.setenv("CAIRN_AHEAD", "all")
    with pytest.raises(CairnError, match="CAIRN_AHEAD is 'all'"):
        room.most({})


def test_narrow_encoders_have_a_core_each() -> None:
    narrow: dict[str, Any] = {"encoder": {"model": "bundled:tiny", "revision": None}}
    assert [room.fits(run("target"), narrow, running) for running in (0, 2, 3)] == [True, True, False]


def test_wide_encoders_have_all_cores_already(monkeypatch: pytest.MonkeyPatch) -> None:
    wide: dict[str, Any] = {"encoder": {"model": "package:all-MiniLM-L6-v2", "revision": None}}
    assert not room.fits(run("target"), wide, 0)
    monkeypatch.setenv("CAIRN_THREADS", "2")
    assert room.fits(run("target"), wide, 0)
    assert not room.fits(run("target"), wide, 1)
    monkeypatch.setattr(room, "free", lambda: 1.0)
    assert not room.fits(run("target"), wide, 0)


def test_crossfit_is_judged_by_its_own_encoder() -> None:
    values: dict[str, Any] = {"encoder": {"model": "bundled:tiny"}, "probe": {"crossfit": None}}
    assert room.fits(run("crossfit"), values, 0)
    values["probe"]["crossfit"] = {"model": "package:all-MiniLM-L6-v2"}
    assert not room.fits(run("crossfit"), values, 0)


def test_a_stage_of_curation_may_take_the_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    assert room.fits(run("probe"), {}, 0)
    monkeypatch.setattr(room, "free", lambda: 7.0)
    assert not room.fits(run("probe"), {}, 0)
