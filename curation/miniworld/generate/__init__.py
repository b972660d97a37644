"""One module per task: `item(rng)` draws the content of one group of rows, in no language."""
