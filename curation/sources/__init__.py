"""Where data sets and models come from: bundled, then the mirror folder ``CAIRN_HUB_MIRROR``, then the hub."""

from __future__ import annotations

from curation.sources.data import Bundled, Loaded, rows
from curation.sources.models import ModelSource, model

__all__ = ["Bundled", "Loaded", "ModelSource", "model", "rows"]
