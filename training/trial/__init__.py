"""Trial: one forward pass of the encoder under evaluation, and of the one that scores, before anything else runs.

Reads both models; writes ``reports/trial.json``, whose bytes never change: all stages wait for it, and none runs again
because another encoder passed. What passes here does not end a training of hours at its first batch.
"""
