"""Fine-tuning twice and testing zero-shot: what happens to the data that ``curation`` chose."""

import sys

import curation  # noqa: F401 - it settles how threads wait, before PyTorch is loaded

if sys.argv[:1] == ["-m"]:  # `python -m training.STAGE`: its imports take seconds, and Ctrl-C may fall into them
    from curation.core.edge import say_when_stopped

    say_when_stopped()
