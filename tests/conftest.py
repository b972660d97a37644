"""Property tests: the same examples in every run, and no deadline, because shared machines stall now and then."""

from hypothesis import settings

settings.register_profile("cairn", deadline=None, derandomize=True, max_examples=60)
settings.load_profile("cairn")
