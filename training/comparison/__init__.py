"""Helpers of ``training compare``: what was measured, what was published and may be compared, and the pages."""
