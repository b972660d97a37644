"""``python -m training.pretrained``: see the docstring of the package."""

from __future__ import annotations

from pathlib import Path

from curation.core import files, models, paths
from curation.core.params import read
from curation.core.stage import main
from training.model import encoder as encoders
from training.model.trial import trial
from training.pretrained import Params

SHORT = 32
"""Tokens of the text it is tried on; stage ``trial`` takes the lengths of params.yaml."""


def pointer(params: Params) -> dict[str, str | None]:
    """Return what the pointer says; raise :class:`CairnError` when the model is not there or computes no batch."""
    found = models.model(params.model, params.revision)
    encoder = encoders.load(Path(found.path))
    trial(encoder, min(SHORT, encoder.limit), "training.pretrained")
    return {
        "model": params.model,
        "revision": found.revision,
        "served_by": found.served_by,
        **encoders.hashes(Path(found.path)),
    }


def run(seed: int) -> None:
    """Write the pointer of fine-tuning seed ``seed``; it is the same for each."""
    params = read(Params, "encoder")
    with files.replacing_folder(paths.start("pretrained", seed)) as folder:
        files.write_json(folder / encoders.MARKER, pointer(params))


if __name__ == "__main__":
    main(run)
