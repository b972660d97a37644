"""A process beside ``curation repro`` that makes runs of stages ahead, on cores that DVC's one stage at a time leaves.

``repro`` tells it on standard input which stage DVC is at. What can be run, and what DVC will likely want, is decided
in ``plan``; what the machine has room for, in ``room``; how a run made ahead reaches DVC, in
:mod:`curation.core.ahead`. The process ends with its input, and whatever it is at ends with it.
"""
