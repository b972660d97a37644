"""An encoder with heads: loading, saving, batches, predictions."""
