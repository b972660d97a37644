"""Check: what params.yaml asks for, held against the code and the tasks before anything runs.

The first stage of the flow, and ``curation check``. Reads params.yaml, dvc.yaml and the task files; writes
``reports/check.json``, whose bytes never change. That the encoder computes is for the stage ``trial`` to find out.
"""
