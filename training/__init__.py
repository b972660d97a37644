"""Fine-tuning twice and testing zero-shot: what happens to the data that ``curation`` chose."""
