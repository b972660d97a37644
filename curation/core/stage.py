"""The edge of every stage: ``python -m package.stage --name value`` calls its ``run(name=value)``."""

from __future__ import annotations

import argparse
import inspect
from collections.abc import Callable

from curation.core import experiment, names, params
from curation.core.budget import limit_memory
from curation.core.edge import edge


def main(run: Callable[..., None], *, check: bool = True) -> None:
    """Parse one ``--option`` per parameter of ``run`` (a plain name or an ``int``), call it, and exit.

    ``check``: refuse a params.yaml of which any section is wrong, before anything runs.
    """
    with edge():
        parser = argparse.ArgumentParser(description=inspect.getdoc(run))
        for name, parameter in inspect.signature(run, eval_str=True).parameters.items():
            parser.add_argument(f"--{name.replace('_', '-')}", type=parameter.annotation, required=True)
        given = vars(parser.parse_args())
        for name, value in given.items():
            names.plain(str(value), f"--{name}")
        if check and params.path().exists():
            experiment.whole()
        limit_memory()
        run(**given)
