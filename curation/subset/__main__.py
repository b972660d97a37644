"""``python -m curation.subset``: see the docstring of the package."""

from __future__ import annotations

from curation import tasks
from curation.core import budget, experiment, files, paths, registry
from curation.core.errors import CairnError
from curation.core.params import Experiment, load, path, read
from curation.core.seeds import derive
from curation.core.stage import main
from curation.subset import Params, check, leak_threshold, pool, selectors
from curation.subset.choose import Order, budgets, manifest
from curation.subset.proof import prove

KILOBYTES = 2.5
"""Memory of a row at the peak, about (``benchmarks/size.py``)."""


def run() -> None:
    """Choose the rows of this arm and prove what the manifest promises."""
    chosen = experiment.read()
    given = read(Params, "subset")
    check(given, chosen, str(path()))
    threshold = leak_threshold(given, path())
    rows = sum(files.parquet_rows(paths.quality(task)) for task in chosen.intermediate)
    budget.check_memory(rows * KILOBYTES, f"a subset of {rows} rows", "lower fetch.rows.intermediate.train")
    pools = [
        pool.build(
            task, given.languages, given.also_in, deduplicate=given.deduplicate, decontaminate=given.decontaminate,
            length_bins=given.length_bins, seed=derive(chosen.seed, "pool", task), where=f"{path()}: subset.languages",
            translated=load().get("translate", {}).get("languages", []), min_translation=given.min_translation,
        )
        for task in chosen.intermediate
    ]  # fmt: skip
    available = {source.task: source.rows for source in pools}
    shares = budgets(available, given.size, given.mixture, len(given.languages))
    orders = {source.task: _order(source, given, chosen) for source in pools}
    with files.replacing_folder(paths.subset().parent) as folder:
        files.write_parquet(folder / paths.subset().name, manifest(pools, orders, shares, given.stratum))
    report = prove(
        files.read_parquet(paths.subset()), pools, orders, given.size, given.deduplicate, threshold,
        divide=lambda size: budgets(available, size, given.mixture, len(given.languages)),
    )  # fmt: skip
    report["parameters"] = given.model_dump(mode="json")
    report["manifest_sha256"] = files.sha256(paths.subset())
    files.write_json(paths.report("subset"), report)
    failed = [proof for proof in report["proofs"] if not proof["holds"]]
    if failed:
        raise CairnError(
            "\n".join(f"{paths.subset()}: not true: {proof['claim']} ({proof['detail']})" for proof in failed)
        )


def _order(source: pool.Pool, given: Params, chosen: Experiment) -> Order:
    """Return the order of taking of one task, by the selector and the stratum of params.yaml."""
    seed = derive(chosen.seed, "subset", source.task)
    module = selectors.checked(registry.load("selectors", given.selector, f"{path()}: subset.selector"), given.selector)
    facts = tasks.load(source.task, f"{path()}: intermediate")
    inputs = selectors.from_disk(source.task, facts, source.eligible, seed, module.NEEDS, chosen.targets)
    return Order(source, selectors.ranking(inputs, given.selector), given.stratum, seed)


if __name__ == "__main__":
    main(run)
