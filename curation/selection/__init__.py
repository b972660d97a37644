"""Which rows may enter a subset, in which order they are taken, and the proof of what was promised."""
