"""Checkpoints in the cache: weights, optimizer, random states and position, so that a killed run goes on exactly.

They lie in a folder named after everything that the run depends on, hold safetensors and JSON only, and go when the run
is finished.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import safetensors.torch
import torch

from curation.core import checksums, files
from curation.core.errors import CairnError
from curation.core.locks import Lock
from curation.core.progress import say
from training.finetune import sharding
from training.model import devices

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

RANDOM_CPU, RANDOM_CUDA = "random.cpu", "random.cuda"
MODEL = "model.safetensors"
BLOCK = 8192
"""Rows that are hashed at once."""
DAYS = 14
"""A run whose checkpoint is older is taken for abandoned."""


def key(facts: Mapping[str, Any], tables: Sequence[pa.Table | None]) -> str:
    """Return 24 hex digits that name a run: its facts (JSON values), the records it reads, and the software."""
    digest = hashlib.blake2b(digest_size=12)
    software = {name: version(name) for name in ("torch", "transformers")}
    about = {**facts, **software, "code": code(), "threads": torch.get_num_threads()}
    digest.update(json.dumps(about, sort_keys=True, ensure_ascii=False).encode())
    for table in tables:
        digest.update(b"-" if table is None else _hash_of(table))
    return digest.hexdigest()


def _hash_of(table: pa.Table) -> bytes:
    """Return a hash of the schema and rows of a table, however it is cut into chunks; a block at a time."""
    digest = hashlib.blake2b(table.schema.serialize(), digest_size=12)
    for start in range(0, table.num_rows, BLOCK):
        rows = table.take(np.arange(start, min(start + BLOCK, table.num_rows))).combine_chunks()
        for batch in rows.to_batches():
            digest.update(batch.serialize())
    return digest.digest()


def code(package: Path = Path(__file__).parent) -> str:
    """Return a hash of the source of ``training``: a checkpoint of other code is not gone on from."""
    digest = hashlib.blake2b(digest_size=12)
    for file in sorted(package.rglob("[!.]*.py")):
        digest.update(file.relative_to(package).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


class Run:
    """What is kept of one run, named by :func:`key`: ``step-N`` and the best weights, each in a sealed folder.

    A new checkpoint is whole before the one before goes. One process at a time trains a run, the others wait.
    """

    def __init__(self, name: str, what: str):
        self.folder = files.cache_folder("training") / name
        self._lock = Lock(self.folder.with_suffix(".lock"), f"trains the same: {what}")
        self._needed = 0
        """The step whose best weights the newest checkpoint needs; 0 = none."""

    def start(self) -> None:
        """Wait until no other process trains this run; delete what was given up ``DAYS`` ago or earlier.

        That would be found again only by the very same run, and large ones fill a disk.
        """
        self._lock.acquire()
        for run in self.folder.parent.iterdir():
            if run != self.folder and run.is_dir() and time.time() - run.stat().st_mtime > DAYS * 86400:
                shutil.rmtree(run, ignore_errors=True)

    def stop(self) -> None:
        """Let others train this run; what is kept stays."""
        self._lock.release()

    def finish(self) -> None:
        """Delete what was kept: the run's results are written."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self._lock.release()

    def save(
        self,
        model: Any,
        moments: Mapping[str, torch.Tensor],
        state: Mapping[str, Any],
        own: Sequence[Mapping[str, torch.Tensor]],
    ) -> None:
        """Write the checkpoint of ``state["step"]``; the one before goes when it is whole.

        ``moments`` is the optimizer's state (:func:`moments`). ``own`` holds what each process keeps for itself, in
        order of rank: random states, training dynamics, and the losses since the last evaluation.
        """
        with files.replacing_folder(self._step(state["step"])) as aside:
            safetensors.torch.save_model(model, str(aside / MODEL))
            safetensors.torch.save_file(dict(moments), str(aside / "optimizer.safetensors"))
            for rank, tensors in enumerate(own):
                kept = {name: tensor.contiguous() for name, tensor in tensors.items()}
                safetensors.torch.save_file(kept, str(aside / f"process-{rank}.safetensors"))
            files.write_json(aside / "state.json", state)
        self._needed = state["best_step"]
        for found in [*self.folder.glob("step-*"), *self.folder.glob("best-*")]:
            if found not in (self._step(state["step"]), self._best(self._needed)):
                shutil.rmtree(found, ignore_errors=True)

    def load(self, model: Any, optimizer: Any, rank: int) -> tuple[dict[str, Any], dict[str, torch.Tensor]] | None:
        """Restore the newest checkpoint that is as it was written; return its state and dynamics, or ``None``.

        Damaged ones are named and set aside.
        """
        for last in sorted(self.folder.glob("step-*"), key=lambda path: _number(path), reverse=True):
            try:
                checksums.checked_folder(last)
                state: dict[str, Any] = files.read_json(last / "state.json")
                if state["best_step"]:
                    checksums.checked_folder(self._best(state["best_step"]))
            except CairnError as error:
                if rank == 0:
                    _set_aside(last, error)
                continue
            sharding.load(model, last / MODEL)
            _restore(optimizer, safetensors.torch.load_file(last / "optimizer.safetensors"))
            own = safetensors.torch.load_file(last / f"process-{rank}.safetensors")
            torch.set_rng_state(own.pop(RANDOM_CPU))
            if RANDOM_CUDA in own:
                torch.cuda.set_rng_state(own.pop(RANDOM_CUDA))
            self._needed = state["best_step"]
            return state, own
        return None

    def save_best(self, model: Any, step: int) -> None:
        """Write the weights of ``step``, the best one so far; of those before, the newest checkpoint's stay."""
        with files.replacing_folder(self._best(step)) as aside:
            safetensors.torch.save_model(model, str(aside / MODEL))
        for found in self.folder.glob("best-*"):
            if found not in (self._best(step), self._best(self._needed)):
                shutil.rmtree(found, ignore_errors=True)

    def load_best(self, model: Any, step: int) -> None:
        """Put the weights of ``step`` into ``model``; raise :class:`CairnError` when they were damaged meanwhile."""
        best = self._best(step)
        try:
            if devices.main():
                checksums.checked_folder(best)
        except CairnError as error:
            _set_aside(best, error)
            raise CairnError(f"{best}: the best weights were damaged. Run the same command again.") from None
        sharding.load(model, best / MODEL)

    def _step(self, step: int) -> Path:
        return self.folder / f"step-{step}"

    def _best(self, step: int) -> Path:
        return self.folder / f"best-{step}"


def random_states() -> dict[str, torch.Tensor]:
    """Return the states of this process's random generators."""
    states = {RANDOM_CPU: torch.get_rng_state()}
    return states | ({RANDOM_CUDA: torch.cuda.get_rng_state()} if torch.cuda.is_available() else {})


def _number(path: Path) -> int:
    number = path.name.rpartition("-")[2]
    return int(number) if number.isdecimal() else -1


def _set_aside(folder: Path, error: CairnError) -> None:
    aside = folder.with_name(f"damaged.{folder.name}")
    shutil.rmtree(aside, ignore_errors=True)
    folder.rename(aside)
    say(f"{str(error).partition(': its bytes')[0]}. Its folder was set aside as {aside}, and training goes on without.")


def moments(optimizer: Any) -> dict[str, torch.Tensor]:
    """Return the optimizer's state as ``<number of the weight>.<name>``; what has taken no step yet has none."""
    found = optimizer.state_dict()["state"]
    return {f"{at}.{name}": value.contiguous() for at, values in found.items() for name, value in values.items()}


def _restore(optimizer: Any, flat: dict[str, torch.Tensor]) -> None:
    whole = optimizer.state_dict()
    whole["state"] = {}
    weights = [weight for group in optimizer.param_groups for weight in group["params"]]
    for name, value in flat.items():
        at, _, what = name.partition(".")
        whole["state"].setdefault(int(at), {})[what] = sharding.like(weights[int(at)], value)
    optimizer.load_state_dict(whole)
