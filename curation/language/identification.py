"""Which language a text is in: py3langid, 140 languages, the model inside the package (4.5 MB).

Measured beside lingua on 200 short texts in each of 61 languages: 93% right against 87%, 0.07 ms a text against 2.5,
4.5 MB against 96 (`python benchmarks/identification.py`).
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from curation.language import codes

if TYPE_CHECKING:
    from collections.abc import Sequence


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE)


_ALIASES = {"nb": "no", "in": "id", "iw": "he", "tl": "tl"}


def known(lang: str) -> str | None:
    """Return the name that the model has for ``lang`` (a code, with a region or without); ``None`` = not known.

    >>> known("sw"), known("pt-BR"), known("zho_Hans"), known("xx")
    ('sw', 'pt', 'zh', None)
    """
    code = codes.language(lang)
    labels = _identifier().labels
    return next((name for name in (lang, code, _ALIASES.get(code, "")) if name in labels), None)


def identify(text: str) -> str:
    """Return the most likely language of ``text``.

    >>> identify("Der Hund schläft im Garten.")
    'de'
    """
    return str(_identifier().classify(text)[0])


def doubts(texts: Sequence[str], lang: str) -> NDArray[np.float64]:
    """Return how much likelier another language is than ``lang``, ``(n,)``: below 0 where ``lang`` is the likeliest.

    The difference of log likelihoods over the square root of the bytes, the temperature at which the library's own
    probabilities are calibrated over lengths. NaN for a text without letters, and for a language not known.
    """
    name = known(lang)
    if name is None:
        return np.full(len(texts), np.nan)
    model = _identifier()
    column = model.nb_classes.index(name)
    found = np.full(len(texts), np.nan)
    for i, text in enumerate(texts):
        if not any(map(str.isalpha, text)):
            continue
        scores = model._decide(text)  # what `rank` sorts; sorting 140 names would double the time
        own = float(scores[column])
        scores[column] = -np.inf
        found[i] = (float(scores.max()) - own) / np.sqrt(len(text.encode()))
    return found
