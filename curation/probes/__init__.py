"""Small probes on frozen vectors: one module per kind.

A kind's module has ``predict(task, rows, vectors, fold, settings, seed) -> list[array]``: out-of-fold probabilities
per row. Pairs use a network of one hidden layer, the others softmax regression (:mod:`~curation.probes.solver`).
"""
