"""Tiny mirrors in hub layout, a params file beside them, and a network that raises when touched."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from curation.core import registry

ROOT = Path(__file__).parents[3]
Rows = Sequence[dict[str, Any]]


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object) -> None:
        raise AssertionError(f"the network was touched: {args[1:]}")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.fixture
def params(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Write params.yaml: the demo's, with hub tasks, and ``fetch`` keys changed; work in its folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tasks").mkdir()
    monkeypatch.setattr(registry, "_folders", {})  # a test's task folder is its own
    monkeypatch.setenv("CAIRN_PARAMS", str(tmp_path / "params.yaml"))

    def write(
        task_folder: str = "tasks",
        max_dropped: float = 0.05,
        languages: Any = "all",
        whole_groups: bool | None = None,
        **caps: int | None,
    ):
        values = YAML(typ="safe", pure=True).load((ROOT / "profiles/demo.yaml").read_text(encoding="utf-8"))
        values |= {"intermediate": ["snli"], "targets": ["xnli"], "retrieval": ["tatoeba"], "task_folder": task_folder}
        values["miniworld"] = {"seed": 7, "plant": None}
        values["scorers"] = registry.names("scorers")[:1]
        rows = {"train": None, "dev": None, "test": None, **caps}
        values["fetch"] = {
            "languages": languages,
            "max_dropped": max_dropped,
            "rows": {
                "intermediate": {name: rows[name] for name in ("train", "dev")},
                "target": rows,
                "retrieval": {name: rows[name] for name in ("dev", "test")},
            },
        }
        if whole_groups is not None:  # a newer key, which params.yaml may lack
            values["fetch"]["rows"]["intermediate"]["whole_groups"] = whole_groups
        with (tmp_path / "params.yaml").open("w", encoding="utf-8") as handle:
            YAML(typ="safe", pure=True).dump(values, handle)

    write()
    return write
