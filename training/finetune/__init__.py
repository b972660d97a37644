"""The one training loop of all kinds and stages, and what a run reports."""
