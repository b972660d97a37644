"""Lists and mappings that one cell of a table holds as text: as JSON, or as Python and pandas write them."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Mapping
from typing import Any

from curation.core.task import Reject
from curation.rows import columns

_QUOTED = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\"""", re.DOTALL)
_ARRAY = re.compile(r"\barray\(|\0\s*\0|\d\.?\s+-?\d")


def parsed(row: Mapping[str, Any], column: str, *, empty: Any = None) -> Any:
    """Return the list or mapping that ``column`` holds as text; raise :class:`Reject` where it holds none.

    ``empty`` is what an empty cell stands for; ``None``: it is rejected.

    >>> parsed({"tokens": '["Ann", "runs"]'}, "tokens"), parsed({"tokens": "['Ann', 'runs']"}, "tokens")
    (['Ann', 'runs'], ['Ann', 'runs'])
    """
    if empty is not None and columns.empty(columns.at(row, column)):
        return empty
    return read(columns.text(row, column), column)


def read(text: str, column: str) -> Any:
    """Return the list or mapping that ``text`` writes down; see :func:`parsed`.

    What NumPy prints has no commas: Python would read two words side by side as one, so it is not read.
    """
    try:
        value = json.loads(text)
    except ValueError:
        if _ARRAY.search(_QUOTED.sub("\0", text)):
            raise Reject(f"{column} is a NumPy array as text; write it as JSON") from None
        try:
            value = ast.literal_eval(text.strip())
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            raise Reject(f"{column} is no JSON") from None
    if isinstance(value, tuple):
        return list(value)
    if not isinstance(value, (list, Mapping)):
        raise Reject(f"{column} is no list")
    return value
