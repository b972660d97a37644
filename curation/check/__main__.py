"""``python -m curation.check``: the first stage of the flow; all others wait for its file.

The file says the same each time, so that a check which passes again makes nothing run again.
"""

from __future__ import annotations

import sys

from curation.check import checks
from curation.core import files, params, paths
from curation.core.errors import CairnError
from curation.core.stage import main


def run() -> None:
    """Hold params.yaml against the code, the tasks and the models; raise :class:`CairnError` with every problem."""
    found = checks.check(params.path())
    for warning in found.warnings:
        sys.stderr.write(f"warning: {warning}\n")
    if found.problems:
        raise CairnError("\n".join(["params.yaml or dvc.yaml cannot be run as it is:", *found.problems]))
    files.write_json(paths.report("check"), {"passed": True})


if __name__ == "__main__":
    main(run, check=False)  # it says more
