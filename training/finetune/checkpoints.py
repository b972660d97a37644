"""Checkpoints in the cache: weights, optimizer, random states and position, so that a killed run goes on exactly.

A checkpoint is a folder named after everything that the run depends on. It is written aside and renamed, holds
safetensors and JSON only, and goes when its run is finished.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import safetensors.torch
import torch

from curation.core import files

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

RANDOM_CPU, RANDOM_CUDA = "random.cpu", "random.cuda"
DAYS = 14
"""A run whose checkpoint is older is taken for abandoned."""


def key(facts: Mapping[str, Any], tables: Sequence[pa.Table | None]) -> str:
    """Return 24 hex digits that name a run: its facts (JSON values), the records it reads, and the software."""
    digest = hashlib.blake2b(digest_size=12)
    software = {name: version(name) for name in ("torch", "transformers")}
    about = {**facts, **software, "code": code(), "threads": torch.get_num_threads()}
    digest.update(json.dumps(about, sort_keys=True, ensure_ascii=False).encode())
    for table in tables:
        sink = pa.BufferOutputStream()
        if table is not None:
            with pa.ipc.new_stream(sink, table.schema) as writer:
                writer.write_table(table.combine_chunks())
        digest.update(sink.getvalue())
    return digest.hexdigest()


def code(package: Path = Path(__file__).parent) -> str:
    """Return a hash of the source of ``training``: a checkpoint of other code is not gone on from."""
    digest = hashlib.blake2b(digest_size=12)
    for file in sorted(package.rglob("*.py")):
        digest.update(file.relative_to(package).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def sweep(keep: Path) -> None:
    """Delete the checkpoints of runs that were given up ``DAYS`` ago or earlier, but for ``keep``.

    They would be found again only by the very same run, and large ones fill a disk.
    """
    for run in keep.parent.iterdir():
        if run != keep and run.is_dir() and time.time() - run.stat().st_mtime > DAYS * 86400:
            remove(run)


def folder(name: str) -> Path:
    """Return the folder of the run ``name``; it holds ``last`` and the best weights."""
    return files.cache_folder("training") / name


def save(run: Path, model: Any, optimizer: Any, state: dict[str, Any], own: Sequence[dict[str, torch.Tensor]]) -> None:
    """Write checkpoint ``last``; it takes the place of the one before when it is whole.

    ``own`` holds what each process keeps for itself, in order of rank: its random states and training dynamics.
    """
    with files.replacing_folder(run / "last") as aside:
        safetensors.torch.save_model(model, str(aside / "model.safetensors"))
        safetensors.torch.save_file(_flat(optimizer), str(aside / "optimizer.safetensors"))
        for rank, tensors in enumerate(own):
            kept = {name: tensor.contiguous() for name, tensor in tensors.items()}
            safetensors.torch.save_file(kept, str(aside / f"process-{rank}.safetensors"))
        files.write_json(aside / "state.json", state)
    for file in run.glob("best-*.safetensors"):
        if file != _best(run, state["best_step"]):
            file.unlink()


def load(run: Path, model: Any, optimizer: Any, rank: int) -> tuple[dict[str, Any], dict[str, torch.Tensor]] | None:
    """Restore ``last`` into model, optimizer and random states; return state and dynamics, or ``None`` without it."""
    last = run / "last"
    if not last.exists():
        return None
    safetensors.torch.load_model(model, str(last / "model.safetensors"))
    _restore(optimizer, safetensors.torch.load_file(last / "optimizer.safetensors"))
    own = safetensors.torch.load_file(last / f"process-{rank}.safetensors")
    torch.set_rng_state(own.pop(RANDOM_CPU))
    if RANDOM_CUDA in own:
        torch.cuda.set_rng_state(own.pop(RANDOM_CUDA))
    state: dict[str, Any] = files.read_json(last / "state.json")
    return state, own


def save_best(run: Path, model: Any, step: int) -> None:
    """Write the weights of ``step``, the best one so far."""
    with files.replacing(_best(run, step)) as aside:
        safetensors.torch.save_model(model, str(aside))


def load_best(run: Path, model: Any, step: int) -> None:
    """Put the weights of ``step`` into ``model``."""
    safetensors.torch.load_model(model, str(_best(run, step)))


def remove(run: Path) -> None:
    """Delete the checkpoints of a finished run."""
    shutil.rmtree(run, ignore_errors=True)


def random_states() -> dict[str, torch.Tensor]:
    """Return the states of this process's random generators."""
    states = {RANDOM_CPU: torch.get_rng_state()}
    return states | ({RANDOM_CUDA: torch.cuda.get_rng_state()} if torch.cuda.is_available() else {})


def _best(run: Path, step: int) -> Path:
    return run / f"best-{step}.safetensors"


def _flat(optimizer: Any) -> dict[str, torch.Tensor]:
    found = optimizer.state_dict()["state"]
    return {f"{at}.{name}": value.contiguous() for at, values in found.items() for name, value in values.items()}


def _restore(optimizer: Any, flat: dict[str, torch.Tensor]) -> None:
    whole = optimizer.state_dict()
    whole["state"] = {}
    for name, value in flat.items():
        at, _, what = name.partition(".")
        whole["state"].setdefault(int(at), {})[what] = value
    optimizer.load_state_dict(whole)
