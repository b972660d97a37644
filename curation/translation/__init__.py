"""Drafts of translations, labels carried into them, and checks that need no reference."""
