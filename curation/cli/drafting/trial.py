"""A new task file on trial: loaded as a stage loads it, with a sample of its rows converted."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from curation import tasks
from curation.core import task_check
from curation.core.errors import CairnError
from curation.fetch import conversion, validity
from curation.fetch.sources import Bundled, data

if TYPE_CHECKING:
    from collections.abc import Mapping

    from curation.cli.drafting.given_rows import Given

SAMPLE = 2000
"""Rows of a split that are converted; ``fetch`` converts all."""


def trial(name: str, given: Mapping[str, Given]) -> dict[str, Any]:
    """Return split to what became of a sample of its rows, read and converted as ``fetch`` does it.

    Messages name the user's own files, which ``given`` came from, and their lines: the copies go when a trial fails.

    Raises :class:`CairnError` when the task file is broken, or leaves no row, or one label only.
    """
    module = task_check.readable(tasks.module(name, "curation new-task"))
    task = module.TASK
    found = {}
    for split in ("train", "dev", "test"):
        if (source := task.split(split)) is None:
            continue
        for lang in source.languages:
            loaded = _as_given(data.rows(source, lang, {}, Bundled(None, 0)), given.get(split), lang)
            own = [
                number
                for number, (row, key) in enumerate(zip(loaded.rows, loaded.keys, strict=True))
                if row is None or source.unfold is None or list(source.unfold(row, lang, key))
            ]
            chosen = sorted(random.Random(0).sample(own, min(SAMPLE, len(own))))
            lines = [loaded.lines[n] for n in chosen if len(loaded.lines)]
            some = replace(
                loaded, rows=[loaded.rows[n] for n in chosen], keys=[loaded.keys[n] for n in chosen], lines=lines
            )
            need = split == "train"
            try:
                converted = conversion.convert(some, source, task, module.to_example, lang, need_label=need)
            except conversion.NoColumn as error:  # the task file that it would have corrected goes, too
                raise CairnError(f"{error.what} Correct the file, or give another --kind.") from error
            if not converted.items:
                first = "; ".join(f"{count:,} {reason}" for reason, count in converted.reasons().items())
                raise CairnError(
                    f"{split} ({loaded.place}): none of {len(chosen):,} rows is usable: {first or 'no rows'}."
                )
            validity.check_set([item.example for item in converted.items], task, f"{split} ({loaded.place})")
            found[split if len(source.languages) == 1 else f"{split} {lang}"] = {
                "rows": len(own),
                "looked_at": len(chosen),
                "usable": len(converted.items),
                "labelled": sum(validity.labelled(item.example, task) for item in converted.items),
                "not_usable": converted.reasons(),
            }
    return found


def _as_given(loaded: data.Loaded, given: Given | None, lang: str) -> data.Loaded:
    """Return rows of a copied file under the name and the lines of the file that was copied."""
    if given is None or given.source is not None:
        return loaded
    named = replace(loaded, place=given.shown.replace("{lang}", given.codes.get(lang, lang)))
    return replace(named, lines=given.numbers) if given.lines else named
