"""The door for Python: score a table, take a subset of it, open a task that the stages have scored. No DVC needed.

The same functions as the stages, on tables in memory. Settings are those of the profile ``demo`` unless a params.yaml
is named. It is ``from curation import api``, not ``curation.score``: that is the stage's package, and a name that is a
package in one line and a function in the next helps nobody.

>>> from curation import api
>>> rows = [{"text": f"My parcel {n} is late.", "label": "delivery"} for n in range(3)]
>>> api.convert.records_of(rows, "classify", ("billing", "delivery"))["label"].to_pylist()
[1, 1, 1]
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from curation.api import convert
from curation.api.convert import NAME
from curation.core import files, kinds, params, paths, records
from curation.core.errors import CairnError, unknown
from curation.core.task import Kind, Task

if TYPE_CHECKING:
    import pyarrow as pa

    from curation.subset.strata import Stratum


def settings() -> Path:
    """Return the parameters that hold where none are named: the profile ``demo`` of this version."""
    inside = Path(__file__).parent / "project/profiles/demo.yaml"
    return inside if inside.exists() else Path(__file__).parents[2] / "profiles/demo.yaml"


def score(
    table: Any,
    kind: Kind,
    *,
    labels: Sequence[str] | None = None,
    embedder: str | None = None,
    scorers: Sequence[str] | None = None,
    parameters: Path | None = None,
    seed: int = 17,
) -> pa.Table:
    """Return the rows of ``table`` with quality, flags and the evidence of every scorer, in the order of ``table``.

    Args:
        table: an Arrow table, a pandas frame, a ``datasets.Dataset``, or a list of dicts. It has the columns of its
            kind (``curation.core.kinds``; answers as in SQuAD), and may have ``group`` and ``lang``. Others come along.
        kind: the kind of the rows.
        labels: the names of classes or tags, in the order of their numbers; by default the values that occur, sorted.
        embedder: a sentence encoder; by default that of the parameters.
        scorers: names of scorers; by default those of the parameters, without contamination: there is no target here.
        parameters: a params.yaml; by default :func:`settings`.
        seed: folds and ties derive from it.

    Raises :class:`CairnError` for rows that cannot be used, with the number of each reason.
    """
    import pyarrow as pa

    from curation.core import registry
    from curation.quality import Params, checked
    from curation.quality.combine import table as combined
    from curation.score import evaluate, in_memory

    file = parameters or settings()
    rows = convert.plain(table)
    names = tuple(labels) if labels is not None else convert.label_names(rows, kind)
    task = Task(kind=kind, metric="accuracy", labels=names)
    made = convert.records_of(rows, kind, names)
    default = params.read(params.Experiment, "", file).scorers
    wanted = tuple(scorers) if scorers is not None else tuple(name for name in default if name != "contamination")
    section = checked(params.read(Params, "quality", file), wanted)
    with tempfile.TemporaryDirectory() as folder:
        inputs = in_memory.inputs(NAME, task, made, Path(folder), file, seed, embedder)
        scored = {}
        for name in wanted:
            module = registry.load("scorers", name, "scorers")
            scored[name] = evaluate(module, name, inputs, params.read(module.Params, f"score.{name}", file))
    judged = combined(made["id"].to_pylist(), scored, section, seed)
    place = {id_: at for at, id_ in enumerate(made["id"].to_pylist())}
    order = pa.array([place[id_] for id_ in convert.ids(rows, kind, names)], pa.int64())
    return convert.beside(rows, made.take(order), judged.take(order), names)


def subset(
    scored: pa.Table,
    kind: Kind,
    size: int | None = None,
    *,
    stratum: Stratum = "top",
    selector: str = "quality",
    length_bins: int = 4,
    seed: int = 17,
) -> pa.Table:
    """Return rows of what :func:`score` returned, in the order of taking: matched in labels and length, nested by size.

    Rows without label or score are left out, and of near-duplicates all but the best. Raises :class:`CairnError` when
    fewer than ``size`` rows are left; ``None`` takes all.
    """
    import pyarrow as pa

    from curation.core import registry
    from curation.core.seeds import derive
    from curation.subset import selectors
    from curation.subset.pool import duplicate_groups, representatives
    from curation.subset.strata import arrange, length_classes, taking_order

    label = kinds.KINDS[kind].label
    rows = {row["id"]: row for row in scored.to_pylist()}
    fit = {id_ for id_, row in rows.items() if row["quality"] is not None and (not label or row[label] is not None)}
    groups = duplicate_groups(scored)
    best = representatives(scored, groups, fit, derive(seed, "pool", NAME))
    ids = sorted(id_ for id_ in fit if id_ not in groups or id_ in best)
    if size is not None and size > len(ids):
        raise CairnError(f"size is {size}, but {len(ids)} of {len(rows)} rows can be taken. Ask for so many at most.")
    own = derive(seed, "subset", NAME)
    lengths = length_classes({id_: len(records.text_of(kind, rows[id_])) for id_ in ids}, length_bins)
    cells = {id_: (str(rows[id_].get("label_name") or rows[id_].get(label or "")), lengths[id_]) for id_ in ids}
    place = {id_: at for at, id_ in enumerate(scored["id"].to_pylist())}
    eligible = scored.take(pa.array([place[id_] for id_ in ids], pa.int64()))
    registry.check("selectors", selector, "selector")
    facts = Task(kind=kind, metric="accuracy")
    ranking = selectors.ranking(selectors.Inputs(NAME, facts, eligible, own), selector)
    taken = taking_order(arrange(ranking, stratum, own), cells)[:size]
    return scored.take(pa.array([place[id_] for id_ in taken], pa.int64()))


@dataclass(frozen=True)
class Scored:
    """A task that the stages have scored, in the project of the working directory."""

    name: str
    task: Task
    rows: pa.Table
    """The train records, with the labels that people corrected."""
    quality: pa.Table
    """Quality, flags and evidence, in the same order."""

    def kept(self) -> list[str]:
        """Return the ids in the subset."""
        from curation.api import export

        return export.kept(self.name)

    def flagged(self) -> pa.Table:
        """Return the rows of :attr:`quality` that have a flag."""
        import pyarrow.compute as pc

        return self.quality.filter(pc.greater(pc.list_value_length(self.quality["flags"]), 0))

    def export(
        self, folder: Path, chosen: Sequence[str] | None = None, form: str = "hub", *, force: bool = False
    ) -> Any:
        """Write rows to ``folder``, by default those of the subset; see :func:`curation.api.export.write`."""
        from curation.api import export

        return export.write(self.name, self.kept() if chosen is None else chosen, folder, form, force=force)


def open(task: str) -> Scored:  # noqa: A001 - api.open("tickets") says what it does
    """Return a task of params.yaml with its scores; raise :class:`CairnError` when the stages have not run."""
    from curation import review, tasks
    from curation.core import experiment

    chosen = experiment.read()
    if task not in chosen.intermediate:
        raise unknown("task", task, chosen.intermediate, f"{params.path()}: intermediate")
    table = records.read(paths.fetched("intermediate", task) / "train.parquet")
    corrected = review.apply(table, review.load(task))
    return Scored(task, tasks.load(task, "api.open"), corrected, files.read_parquet(paths.quality(task)))
