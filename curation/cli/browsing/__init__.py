"""The inside of ``curation browse``: a table of any length asked page by page, one row in full, and decisions.

``store`` answers (SQL over the files as they lie; no table in memory), ``decisions`` writes the log, ``story`` says
what one row is, ``grid`` draws the lines that are on the screen, ``choosers`` ask, and ``app`` puts them together.
"""
