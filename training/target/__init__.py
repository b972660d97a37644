"""Stage ``target``: fine-tune on a target task's English rows, from the pretrained or from the intermediate encoder.

Reads ``models/<start>/seed-N`` and ``data/target/<task>/{train,dev}.parquet``; writes
``models/target/<start>/<task>/seed-N`` (encoder, tokenizer, head, ``dynamics.parquet``) and
``reports/target/<start>/<task>/seed-N.{json,csv}``. The head is always fresh.
Languages in ``train.target.zero_shot_languages``: their rows of ``zero_shot.parquet`` are scored on the way, and choose
nothing.
"""
