"""One module per language: its words, written by hand. Each says which forms its lines hold."""
