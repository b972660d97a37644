"""The records of an intermediate task in each language: as fetched, or as translated."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow.compute as pc

from curation import review
from curation.core import files, paths, records
from curation.core.errors import CairnError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa


def translation_quality(task: str, languages: Sequence[str]) -> dict[str, float] | None:
    """Return id to the lowest ``translation_quality`` (0..1, 1 = best) over those ``languages`` that are translated.

    ``None`` where none of them is; an id without a translation in one of them is left out.
    """
    found: dict[str, float] | None = None
    for lang in languages:
        file = paths.translated(task, lang) / "checks.parquet"
        if not file.exists():
            continue
        table = files.read_parquet(file)
        values = zip(table["id"].to_pylist(), table["translation_quality"].to_pylist(), strict=True)
        own = {id_: float(value) for id_, value in values if value is not None}
        found = own if found is None else {id_: min(found[id_], own[id_]) for id_ in found.keys() & own.keys()}
    return found


def variants(
    task: str, languages: Sequence[str], where: str, translated: Sequence[str] | None = None
) -> dict[str, pa.Table]:
    """Return the records of ``task`` per language: fetched ones where they exist, else those of ``translate``.

    Labels that people corrected (:mod:`curation.review`) are corrected in all of them.

    ``translated``: the languages that ``translate`` makes now; a folder left over from before is not used.
    """
    fetched = records.read(paths.fetched("intermediate", task) / "train.parquet")
    decided = review.load(task)
    originals = set(fetched["lang"].to_pylist())
    found = {}
    for lang in languages:
        if lang in originals:
            found[lang] = review.apply(fetched.filter(pc.equal(fetched["lang"], lang)), decided)
            continue
        file = paths.translated(task, lang) / "train.parquet"
        if not file.exists() or (translated is not None and lang not in translated):
            raise CairnError(
                f"{where}: {task} has no rows in {lang!r} (see {file}). It is fetched in "
                f"{', '.join(sorted(originals)) or 'no language'}; for a translation add {lang} to translate.languages "
                "and run `dvc repro`."
            )
        found[lang] = review.apply(records.read(file), decided, original=False)
    return found
