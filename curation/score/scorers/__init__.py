"""What a scorer is, and the only things it may read.

A scorer is one file here; its file name is its name in params.yaml (``scorers:`` and ``score.<name>``). It has

* ``KINDS``: the kinds of row it can judge; for any other kind the stage writes nulls and says so;
* ``NEEDS``: which of :data:`NEEDS` it reads beside the records; anything else is refused, so that dvc.yaml stays true;
* ``class Params(Section)``: its section ``score.<name>``;
* ``score(inputs, params) -> pa.Table``: one row per record in record order, built with :func:`table`.

Scores lie in 0..1 and 1 always means *keep*; null means *not applicable to this row*. A scorer never drops a row.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from curation.core import facts as facts_of_task
from curation.core import paths, records
from curation.core.errors import CairnError
from curation.embed import store

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy as np
    import numpy.typing as npt

    from curation.core.params import Experiment
    from curation.core.task import Kind, Task
    from curation.embed import Vectors
    from curation.probe import Probe
    from curation.search.knn import Neighbours

NEEDS = frozenset({"vectors", "neighbours", "probe", "targets"})
"""What a scorer may ask for beside the records."""


@dataclass(frozen=True)
class Inputs:
    """Everything one scorer may read about one task; the large parts are loaded at first use.

    ``loaders`` holds one function per declared need (and ``encode``); asking for a need that the scorer did not declare
    is an error of the scorer, because its results would not be rebuilt when that input changes.
    """

    name: str
    """The task's name."""
    task: Task
    """The task's facts: kind, labels."""
    records: pa.Table
    """The train rows in record order."""
    seed: int
    """``params.yaml: seed``; use it through :func:`curation.core.seeds.derive`."""
    loaders: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    _loaded: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def kind(self) -> Kind:
        """The kind of the rows."""
        return records.kind_of(self.records)

    @property
    def ids(self) -> list[str]:
        """The ids in record order."""
        ids: list[str] = self.records["id"].to_pylist()
        return ids

    @property
    def vectors(self) -> Vectors:
        """Vectors of the rows in record order: ``row`` (n, d), L2-normalised, and ``parts`` per content field."""
        vectors: Vectors = self._need("vectors")
        return vectors

    @property
    def neighbours(self) -> Neighbours:
        """The kNN graph of the rows: ``indices`` (n, k), -1 where there is none, and cosine ``similarity`` (n, k)."""
        neighbours: Neighbours = self._need("neighbours")
        return neighbours

    @property
    def probe(self) -> Probe:
        """Out-of-fold probabilities of the rows in record order, and how far to trust them.

        Those of the probe, together with those of the encoder fine-tuned across folds where ``probe.crossfit`` asks.
        """
        probe: Probe = self._need("probe")
        return probe

    @property
    def targets(self) -> Mapping[str, Mapping[str, pa.Table]]:
        """Records of every target task: task name to split (``dev``, ``test``) to rows in all fetched languages."""
        targets: Mapping[str, Mapping[str, pa.Table]] = self._need("targets")
        return targets

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return vectors (n, d) of ``texts`` by the encoder that made :attr:`vectors`; needs ``vectors``."""
        if "encode" not in self.loaders:
            raise self._undeclared("vectors")
        vectors: npt.NDArray[np.float32] = self.loaders["encode"](texts)
        return vectors

    def _need(self, need: str) -> Any:
        if need not in self._loaded:
            if need not in self.loaders:
                raise self._undeclared(need)
            self._loaded[need] = self.loaders[need]()
        return self._loaded[need]

    def _undeclared(self, need: str) -> CairnError:
        have = ", ".join(sorted(set(self.loaders) & NEEDS)) or "nothing"
        return CairnError(f"scorer asked for {need!r} but declares {have}. Add {need!r} to NEEDS in its file.")


def from_disk(name: str, task: Task, needs: frozenset[str], experiment: Experiment) -> Inputs:
    """Return the inputs of task ``name`` that read from the stages' outputs; loads the records only.

    Raises :class:`CairnError` for a missing or broken records file, and later, at first use, for any other input.
    """
    rows = records.read(paths.fetched("intermediate", name) / "train.parquet")
    available: dict[str, Callable[..., Any]] = {
        "vectors": lambda: _embed().load(name),
        "neighbours": lambda: _neighbours().load(name),
        "probe": lambda: _probe().judges(name),
        "targets": lambda: {target: _splits(target) for target in experiment.targets},
    }
    loaders = {need: available[need] for need in needs}
    if "vectors" in needs:
        loaders["encode"] = _encode
    return Inputs(name=name, task=task, records=rows, seed=experiment.seed, loaders=loaders)


def _splits(target: str) -> dict[str, pa.Table]:
    folder = paths.fetched("target", target)
    if not folder.is_dir():
        raise CairnError(f"{folder} is missing. Run `dvc repro fetch-target` to make it.")
    found = {split: folder / f"{split}.parquet" for split in ("dev", "test")}
    return {split: records.read(file) for split, file in found.items() if file.exists()}


def _encode(texts: Sequence[str]) -> Any:
    from curation.core import params

    embed = _embed()
    return store.encode(texts, params.read(embed.Params, "embed"))


def _embed() -> Any:
    from curation import embed

    return embed


def _neighbours() -> Any:
    from curation import neighbours

    return neighbours


def _probe() -> Any:
    from curation import probe

    return probe


def table(
    inputs: Inputs,
    score: npt.ArrayLike,
    why: Sequence[str | None],
    evidence: Mapping[str, Sequence[Any] | pa.Array] | None = None,
    facts: Sequence[str] = (),
) -> pa.Table:
    """Return a scorer's result: ``id``, ``score`` (float64, NaN becomes null), ``why`` and the evidence columns.

    Args:
        inputs: the scorer's inputs; gives the ids.
        score: one number per record in record order, 0..1 with 1 = keep; NaN or null = not applicable.
        why: what is remarkable about the row, in words a person can act on; ``None`` = nothing.
        evidence: further columns, one value per record; give an Arrow array where a column may be all null.
        facts: sentences about the task as a whole, for the report (:mod:`curation.core.facts`).
    """
    columns = {
        "id": inputs.records["id"].combine_chunks(),
        "score": pa.array(score, pa.float64(), from_pandas=True),
        "why": pa.array(why, pa.string()),
        **{
            name: values if isinstance(values, pa.Array) else pa.array(values)
            for name, values in (evidence or {}).items()
        },
    }
    return pa.table(columns, metadata=facts_of_task.metadata(facts))
