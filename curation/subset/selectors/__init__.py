"""Selectors: one file per way to rank a pool of rows. Subset rules (strata, quotas, budgets) live once, in the stage.

A selector is one file here; its file name is its name in params.yaml (``subset.selector``). It has

* ``NEEDS``: which of :data:`NEEDS` it reads beside the table; anything else is refused;
* ``class Params(Section)``: its section ``subset.selectors.<name>``, where it has settings;
* ``select(inputs, params) -> list[str]``: every id of ``inputs.table``, most wanted first, none twice. The first rows
  of this one order are taken at every size, so that sizes nest. The same seed gives the same order.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from curation.core import files, params, paths, records, registry
from curation.core.errors import CairnError, unknown
from curation.core.seeds import derive

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import ModuleType

    import numpy.typing as npt

    from curation.core.params import Section
    from curation.core.task import Task
    from curation.search.knn import Neighbours

    Floats = npt.NDArray[np.float64]

NEEDS = frozenset({"records", "vectors", "neighbours", "dynamics", "targets"})
"""What a selector may ask for beside the table."""
PARTS = ("NEEDS", "select")
"""What a selector module has to define."""


@dataclass(frozen=True)
class Inputs:
    """Everything a selector may read about the eligible rows of one task; the large parts are loaded at first use."""

    name: str
    """The task's name."""
    task: Task
    """The task's facts: kind, labels."""
    table: pa.Table
    """One row per eligible row, by id: ``id``, ``quality`` (0..1, 1 = best, never null), ``rank`` (1 = best), ``flags``
    and every column of ``data/quality/<task>.parquet``; ``translation_quality`` where translations are taken."""
    seed: int
    """Ties and draws derive from it."""
    loaders: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    _loaded: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def ids(self) -> list[str]:
        """The ids in the order of the table."""
        found: list[str] = self.table["id"].to_pylist()
        return found

    @property
    def records(self) -> pa.Table:
        """The rows themselves, in the order of the table."""
        found: pa.Table = self._need("records")
        return found

    @property
    def vectors(self) -> npt.NDArray[np.float16]:
        """``(n, d)``, L2-normalised: each row as one text, in the order of the table."""
        found: npt.NDArray[np.float16] = self._need("vectors")
        return found

    @property
    def neighbours(self) -> Neighbours:
        """The kNN graph of stage ``neighbours`` among the rows of the table; -1 and NaN where a neighbour is not."""
        found: Neighbours = self._need("neighbours")
        return found

    @property
    def dynamics(self) -> pa.Table:
        """The training dynamics of stage ``crossfit``, in the order of the table."""
        found: pa.Table = self._need("dynamics")
        return found

    @property
    def targets(self) -> Mapping[str, pa.Table]:
        """Target task to the rows that it is fine-tuned on. Those it is tested or chosen on are not to be seen here."""
        found: Mapping[str, pa.Table] = self._need("targets")
        return found

    def encode(self, texts: list[str]) -> npt.NDArray[np.float16]:
        """Return vectors ``(n, d)`` of ``texts`` by the encoder that made :attr:`vectors`; needs ``vectors``."""
        found: npt.NDArray[np.float16] = self._loader("encode", "vectors")(texts)
        return found

    def column(self, name: str, where: str) -> Floats:
        """Return a column of numbers of the table, ``(n,)``; what is null counts as the median.

        Raises :class:`CairnError` where the table has no such column of numbers; ``where`` says who names it.
        """
        numbers = [
            one.name for one in self.table.schema if pa.types.is_floating(one.type) or pa.types.is_integer(one.type)
        ]
        if name not in numbers:
            raise unknown("column", name, numbers, where)
        found = self.table[name].to_numpy(zero_copy_only=False).astype(np.float64)
        known = found[np.isfinite(found)]
        return np.where(np.isfinite(found), found, np.median(known) if len(known) else 0.0)

    def ties(self) -> npt.NDArray[np.uint64]:
        """Return a number per row that depends on the seed and its id alone."""
        return np.fromiter((derive(self.seed, id_) for id_ in self.ids), np.uint64, len(self.ids))

    def highest_first(self, value: npt.ArrayLike) -> list[str]:
        """Return all ids by ``value`` (n,), highest first; equal ones in an order drawn by the seed."""
        order = np.lexsort((np.arange(len(self.ids)), self.ties(), -np.asarray(value, np.float64)))
        return [self.ids[at] for at in order.tolist()]

    def _need(self, need: str) -> Any:
        if need not in self._loaded:
            self._loaded[need] = self._loader(need, need)()
        return self._loaded[need]

    def _loader(self, name: str, need: str) -> Callable[..., Any]:
        if name not in self.loaders:
            have = ", ".join(sorted(set(self.loaders) & NEEDS)) or "nothing"
            raise CairnError(
                f"the selector asked for {need!r} but has {have}. Add {need!r} to NEEDS in its file; outside of a "
                "project (api.subset) there is the table alone."
            )
        return self.loaders[name]


def checked(module: Any, name: str) -> Any:
    """Return ``module`` if it is a selector; raise :class:`CairnError` naming what is missing or unknown in it."""
    return registry.complete(module, "selectors", name, PARTS, NEEDS)


def settings(module: ModuleType, name: str) -> Section:
    """Return the section of a selector; raise :class:`CairnError` where params.yaml lacks it."""
    if not hasattr(module, "Params"):
        return params.Section()
    section: Section = params.read(module.Params, f"subset.selectors.{name}")
    return section


def ranking(inputs: Inputs, name: str, section: Section | None = None) -> list[str]:
    """Return the order of the selector ``name``; raise :class:`CairnError` where that is no order of all the rows."""
    module = checked(registry.load("selectors", name, "params.yaml: subset.selector"), name)
    found: list[str] = module.select(inputs, settings(module, name) if section is None else section)
    if len(found) != len(inputs.ids) or set(found) != set(inputs.ids):
        raise CairnError(
            f"selector {name!r} on task {inputs.name!r}: {len(found)} ids, which are not the {len(inputs.ids)} "
            "eligible ones, each once."
        )
    return found


def from_disk(
    name: str, task: Task, table: pa.Table, seed: int, needs: frozenset[str], targets: tuple[str, ...]
) -> Inputs:
    """Return the inputs of the eligible rows ``table`` of task ``name`` that read from the outputs of stages."""
    file = paths.fetched("intermediate", name) / "train.parquet"

    def at() -> npt.NDArray[np.int64]:
        place = {id_: row for row, id_ in enumerate(files.read_parquet(file)["id"].to_pylist())}
        return np.array([place[id_] for id_ in table["id"].to_pylist()], np.int64)

    available: dict[str, Callable[..., Any]] = {
        "records": lambda: records.read(file).take(pa.array(at())),
        "vectors": lambda: _embed().load(name).row[at()],
        "neighbours": lambda: _among(name, at()),
        "dynamics": lambda: _dynamics(name, at()),
        "targets": lambda: {one: records.read(paths.fetched("target", one) / "train.parquet") for one in targets},
    }
    loaders = {need: available[need] for need in needs}
    if "vectors" in needs:
        loaders["encode"] = _encode
    return Inputs(name, task, table, seed, loaders)


def _embed() -> Any:
    from curation import embed

    return embed


def _encode(texts: list[str]) -> Any:
    from curation.embed import store

    return store.encode(texts, params.read(_embed().Params, "embed"))


def _among(name: str, at: npt.NDArray[np.int64]) -> Neighbours:
    from curation import neighbours
    from curation.search.knn import Neighbours

    whole = neighbours.load(name)
    new = np.full(len(whole.indices) + 1, -1, np.int32)  # the last place is that of -1: no neighbour
    new[at] = np.arange(len(at))
    indices = new[whole.indices[at]]
    return Neighbours(indices, np.where(indices < 0, np.nan, whole.similarity[at]).astype(np.float32))


def _dynamics(name: str, at: npt.NDArray[np.int64]) -> pa.Table:
    file = paths.crossfit(name) / "dynamics.parquet"
    if not file.exists():
        raise CairnError(
            f"{file} is missing: training dynamics come from fine-tuning across folds. Set probe.crossfit in "
            "params.yaml, or take another subset.selector."
        )
    return files.read_parquet(file).take(pa.array(at))
