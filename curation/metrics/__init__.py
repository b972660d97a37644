"""Metrics: one file per metric. Each is a sum of per-row statistics and a function of that sum.

A metric module defines

* ``PRIMARY``: the name of the value that ranks arms (higher is better for every primary value here);
* ``statistics(gold, predicted, lang, labels) -> float64 (n, k)``: sufficient statistics per row, which add up;
* ``values(total, labels) -> dict[str, float]``: the metric from the summed statistics ``(k,)``, in 0..1.

The bootstrap then resamples rows and adds up, for accuracy, F1 and seqeval alike.
``gold`` and ``predicted`` hold, per row: an int for ``pair`` and ``choice``; for ``span`` gold a list of answer strings
(empty = unanswerable) and predicted one string (empty = no answer); for ``tags`` lists of tag indices.
"""
