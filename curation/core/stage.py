"""The edge of every stage: ``python -m package.stage --name value`` calls its ``run(name=value)``.

Mistakes of the user (:class:`CairnError`) are printed without a traceback and end with exit code 2; anything else is
our mistake and keeps its traceback.
"""

from __future__ import annotations

import argparse
import inspect
import sys
from collections.abc import Callable

from curation.core.errors import CairnError


def main(run: Callable[..., None]) -> None:
    """Parse one ``--option`` per parameter of ``run`` (``str`` or ``int``), call it, and exit."""
    parser = argparse.ArgumentParser(description=inspect.getdoc(run))
    for name, parameter in inspect.signature(run, eval_str=True).parameters.items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=parameter.annotation, required=True)
    try:
        run(**vars(parser.parse_args()))
    except CairnError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
