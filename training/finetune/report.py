"""What both fine-tunings write beside a model: the report of the run, and its learning curve as CSV."""

from __future__ import annotations

import csv
import io
from dataclasses import fields
from statistics import fmean
from typing import TYPE_CHECKING, Any

from curation.core import files
from training.finetune.convergence import Point

if TYPE_CHECKING:
    from pathlib import Path

    from training.finetune.loop import Outcome
    from training.model.encoder import Encoder


def write_report(path: Path, outcome: Outcome, encoder: Encoder, facts: dict[str, Any]) -> None:
    """Write ``path`` (JSON) and, beside it, the learning curve as CSV for ``dvc plots``.

    Where other languages are followed, ``zero_shot`` is their mean and ``zero_shot_de``, ... each one's value.
    """
    tensors = {"loaded": len(encoder.report.loaded), "skipped": list(encoder.report.skipped)}
    files.write_json(path, {**facts, **outcome.summary, "encoder_tensors": tensors})
    table = io.StringIO()
    names = [field.name for field in fields(Point) if field.name != "zero_shot"]
    watched = list(outcome.curve[0].zero_shot)
    columns = [*names, *(["zero_shot", *(f"zero_shot_{lang}" for lang in watched)] if watched else [])]
    writer = csv.DictWriter(table, columns, lineterminator="\n")
    writer.writeheader()
    for point in outcome.curve:
        row = {name: "" if (value := getattr(point, name)) is None else value for name in names}
        if watched:
            row["zero_shot"] = fmean(point.zero_shot.values())
            row |= {f"zero_shot_{lang}": value for lang, value in point.zero_shot.items()}
        writer.writerow(row)
    files.write_text(path.with_suffix(".csv"), table.getvalue())
