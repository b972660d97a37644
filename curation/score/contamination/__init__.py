"""Stage ``contamination``: which train rows give away a target's dev or test row.

Writes ``data/contamination/<task>.parquet``, a table as ``score`` writes them. A stage of its own, since of all scores
this one alone reads the targets: adding a target scores nothing else again. What it finds:
:mod:`curation.score.scorers.contamination`.
"""
