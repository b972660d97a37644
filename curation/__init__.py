"""Cairn's curation: choose the rows of the intermediate fine-tuning step, with reasons. Never imports ``training``."""
