"""The door for Python."""
