"""The one exception a user is meant to read: what is wrong, where, what is allowed, what to type."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class CairnError(Exception):
    """A mistake that the user can mend; stages and CLIs print it without a traceback and exit with 2."""


def unknown(what: str, name: str, allowed: Iterable[str], where: str) -> CairnError:
    """Return the error for a name nobody knows, with the nearest match and the whole list.

    >>> print(unknown("scorer", "outlier", ["outliers", "surface"], "params.yaml: scorers"))
    params.yaml: scorers: unknown scorer 'outlier'. Did you mean 'outliers'? Allowed: outliers, surface.
    """
    choices = sorted(allowed)
    near = difflib.get_close_matches(name, choices, n=1, cutoff=0.5)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    return CairnError(f"{where}: unknown {what} {name!r}.{hint} Allowed: {', '.join(choices) or '(none)'}.")
