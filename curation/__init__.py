"""Cairn's curation: choose the rows of the intermediate fine-tuning step, with reasons. Never imports ``training``."""

import sys

from curation.core import threads

threads.settle()
if sys.argv[:1] == ["-m"]:  # `python -m curation.STAGE`: its imports take seconds, and Ctrl-C may fall into them
    from curation.core.edge import say_when_stopped

    say_when_stopped()
