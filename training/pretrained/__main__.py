"""``python -m training.pretrained``: see the docstring of the package."""

from __future__ import annotations

from pathlib import Path

from curation.core import files, models, paths
from curation.core.params import read
from curation.core.stage import main
from training.model import encoder as encoders
from training.pretrained import Params


def pointer(params: Params) -> dict[str, str | None]:
    """Return what the pointer says; raise :class:`CairnError` when the model is not there or is no encoder."""
    found = models.model(params.model, params.revision)
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


if __name__ == "__main__":
    main(run)
