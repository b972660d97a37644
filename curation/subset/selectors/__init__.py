"""Selectors: one file per way to rank a pool of rows. Subset rules (strata, quotas, budgets) live once, in the stage.

A selector module defines ``select(table, budget, seed) -> list[str]``:

* ``table`` has one row per eligible row of one task, in any order: ``id``, ``quality`` (0..1, 1 = best, never null),
  ``rank`` (1 = best), ``flags`` and every column of ``data/quality/<task>.parquet``;
* it returns exactly ``budget`` ids of the table, most wanted first, none twice; a smaller budget gives a prefix of a
  larger one; the same seed gives the same ids, however the rows of the table are ordered.
"""
