"""Linear probes on frozen vectors: one module per kind, on one solver (:mod:`~curation.probes.solver`).

A kind's module has ``predict(task, rows, vectors, fold, settings) -> list[array]``: out-of-fold probabilities per row.
"""
