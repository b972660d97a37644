"""A new task file on trial: loaded as a stage loads it, with a sample of its rows converted."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

from curation import tasks
from curation.core import task_check
from curation.core.errors import CairnError
from curation.fetch import conversion, validity
from curation.fetch.sources import Bundled, data

SAMPLE = 2000
"""Rows of a split that are converted; ``fetch`` converts all."""


def trial(name: str) -> dict[str, Any]:
    """Return split to what became of a sample of its rows, read and converted as ``fetch`` does it.

    Raises :class:`CairnError` when the task file is broken, or leaves no row, or one label only.
    """
    module = task_check.readable(tasks.module(name, "curation new-task"))
    task = module.TASK
    found = {}
    for split in ("train", "dev", "test"):
        if (source := task.split(split)) is None:
            continue
        for lang in source.languages:
            loaded = data.rows(source, lang, {}, Bundled(None, 0))
            own = [
                number
                for number, (row, key) in enumerate(zip(loaded.rows, loaded.keys, strict=True))
                if row is None or source.unfold is None or list(source.unfold(row, lang, key))
            ]
            chosen = sorted(random.Random(0).sample(own, min(SAMPLE, len(own))))
            some = replace(loaded, rows=[loaded.rows[n] for n in chosen], keys=[loaded.keys[n] for n in chosen])
            need = split == "train"
            converted = conversion.convert(some, source, task, module.to_example, lang, need_label=need)
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
