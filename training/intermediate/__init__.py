"""Stage ``intermediate``: the encoder fine-tuned on the rows of the subset, saved without its heads.

Reads ``models/pretrained/seed-N``, ``data/subset`` and the records it names, ``data/intermediate/<task>/dev.parquet``;
writes ``models/intermediate/seed-N`` (weights, tokenizer, ``encoder.json``, ``dynamics.parquet``) and
``reports/intermediate/seed-N.{json,csv}``. Several tasks are one phase: a batch is of one task, each has its head.
"""
