"""What ``curation new-task`` does: understand the columns of a user's rows, and write the task file that reads them.

``interview`` reads the rows (``given_rows``) and finds the kind and the columns of each field (``field_columns``),
asking for what they do not tell; ``reading`` says how each field is read; ``hold_out`` makes a dev split;
``task_code`` writes the file; ``trial`` loads it and converts a sample.
"""
