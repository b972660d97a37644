"""What both fine-tunings share: the seed of a run, and its report with the learning curve beside it."""

from __future__ import annotations

import csv
import io
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any

from curation.core import files
from training.finetune.convergence import Point

if TYPE_CHECKING:
    from pathlib import Path

    from training.finetune.loop import Outcome
    from training.model.encoder import Encoder


def write_report(path: Path, outcome: Outcome, encoder: Encoder, facts: dict[str, Any]) -> None:
    """Write ``path`` (JSON) and, beside it, the learning curve as CSV for ``dvc plots``."""
    tensors = {"loaded": len(encoder.report.loaded), "skipped": list(encoder.report.skipped)}
    files.write_json(path, {**facts, **outcome.summary, "encoder_tensors": tensors})
    table = io.StringIO()
    writer = csv.DictWriter(table, [field.name for field in fields(Point)], lineterminator="\n")
    writer.writeheader()
    writer.writerows({k: "" if v is None else v for k, v in asdict(point).items()} for point in outcome.curve)
    files.write_text(path.with_suffix(".csv"), table.getvalue())
