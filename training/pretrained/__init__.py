"""Stage ``pretrained``: a pointer to the encoder that an experiment starts from, with the hash of its weights.

Reads the model (bundled, package, folder, mirror or hub); writes ``models/pretrained/seed-N/encoder.json``: name,
revision and hashes, no path, so that the same pointer holds on every machine.
"""

from __future__ import annotations

from pathlib import Path

from curation.core import files, paths
from curation.core.params import Section, read
from curation.fetch import sources
from training.model import encoder as encoders


class Params(Section):
    """Section ``encoder``."""

    model: str
    """``bundled:tiny``, ``package:...``, a path, or a hub id."""
    revision: str | None
    """40-hex commit of a hub model; null = the newest, recorded in the pointer."""


def pointer(params: Params) -> dict[str, str | None]:
    """Return what the pointer says; raise :class:`CairnError` when the model is not there or is no encoder."""
    found = sources.model(params.model, params.revision)
    encoders.load_tokenizer(Path(found.path))
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
