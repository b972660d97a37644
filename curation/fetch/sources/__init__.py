"""Where data sets and models come from: bundled, then the mirror folder ``CAIRN_HUB_MIRROR``, then the hub."""

from __future__ import annotations

from curation.core.models import ModelSource, model
from curation.fetch.sources.data import Bundled, Loaded, rows

__all__ = ["Bundled", "Loaded", "ModelSource", "model", "rows"]
