"""Frozen vectors of texts and words, kept by content, and the nearest neighbours among them."""
