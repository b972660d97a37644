"""Making a small encoder from the bundled world."""
