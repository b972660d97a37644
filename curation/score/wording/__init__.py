"""What texts say, compared by their words and letters: duplicates, overlap, spelling, broken text."""
