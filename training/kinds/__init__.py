"""Kinds of task as training sees them, a file each. The contract: :mod:`training.model.kind`."""
