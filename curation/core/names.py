"""Names that become part of a path, of a stage's name and of a command line: plain ones, and no others.

dvc.yaml writes names from params.yaml into commands that a shell reads. A name that a shell would take for more than a
word, or a path for more than one step, is refused before any of that.
"""

from __future__ import annotations

import re

from curation.core.errors import CairnError

_PLAIN = re.compile(r"\w[\w.-]*")
ALLOWED = "letters, digits and _, and after the first also - and ."


def is_plain(name: str) -> bool:
    """Return whether ``name`` means itself, and nothing more, to a shell and in a path.

    >>> [is_plain(name) for name in ("mini_nli", "zho_Hans", "pt-BR", "", "..", "a b", "a;b", "$(a)", "../a", "-x")]
    [True, True, True, False, False, False, False, False, False, False]
    """
    return _PLAIN.fullmatch(name) is not None


def plain(name: str, where: str = "name") -> str:
    """Return ``name`` if it is plain; raise :class:`CairnError` otherwise."""
    if not is_plain(name):
        raise CairnError(f"{where}: {name!r} is no plain name. Allowed: {ALLOWED}.")
    return name
