"""Stage ``pretrained``: a pointer to the encoder that an experiment starts from, with the hash of its weights.

Reads the model (bundled, package, folder, mirror or hub); writes ``models/pretrained/seed-N/encoder.json``: name,
revision and hashes, no path, so that the same pointer holds on every machine.
"""

from __future__ import annotations

from curation.core.params import Section


class Params(Section):
    """Section ``encoder``."""

    model: str
    """``bundled:tiny``, ``package:...``, a path, or a hub id."""
    revision: str | None
    """40-hex commit of a hub model; null = the newest, recorded in the pointer."""
