"""Where data sets come from: bundled, then the mirror folder ``CAIRN_HUB_MIRROR``, then the hub."""

from __future__ import annotations

from curation.fetch.sources.data import Bundled, Loaded, rows

__all__ = ["Bundled", "Loaded", "rows"]
