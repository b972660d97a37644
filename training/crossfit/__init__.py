"""Stage ``crossfit``: an encoder fine-tuned once a fold, so that every row is judged by one that never saw it.

Off unless params.yaml has ``probe.crossfit``. Reads the train rows; writes ``data/crossfit/<task>/``:
``probabilities.parquet`` and ``manifest.json`` in the form of stage ``probe`` (out of fold, calibrated), and
``dynamics.parquet``: what the models that trained on a row thought of it (:mod:`training.crossfit.dynamics`).
Folds are those of the probe, by group, with the number that ``probe.crossfit.folds`` asks for. Those that are done are
kept in the cache until all are, so that a killed run makes the others only.
"""
