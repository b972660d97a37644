"""M2M-100 through transformers: one model for 100 languages, named by their two-letter codes. Weights are MIT."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from curation.core.errors import CairnError
from curation.language import codes
from curation.translate.translators import _seq2seq

if TYPE_CHECKING:
    from collections.abc import Sequence

MARKERS = _seq2seq.MARKERS
CALLED = {"nb": "no", "nso": "ns"}
"""Languages that M2M-100 calls otherwise than we do."""


def code(lang: str) -> str:
    """Return the code by which M2M-100 knows the language of ``lang``, without script and region.

    It has one code a language, and none for a script. Raises :class:`CairnError` where ``lang`` says a script, or its
    region writes one, that the language is not usually written in.

    >>> code("zh_CN"), code("srp_Cyrl"), code("pt-BR"), code("nb")
    ('zh', 'sr', 'pt', 'no')
    """
    name, asked, usual = codes.language(lang), codes.script(lang), codes.usual_script(lang)
    if asked is not None and usual is not None and asked != usual:
        raise CairnError(
            f"translate.languages, by m2m100: {lang} is {name} in the script {asked}, but M2M-100 knows languages "
            f"without their scripts, and {name} is usually written in {usual}. To have that, name {name}; for {asked} "
            "set translate.backend: provided (translations that exist), nllb, or marian with a model that writes it."
        )
    return CALLED.get(name, name)


def describe(src: str, tgt: str, params: Any) -> dict[str, str]:
    """Return the model, its revision, licence and versions, and the two language codes."""
    return _seq2seq.describe("m2m100", src, tgt, params) | {"from": code(src), "to": code(tgt)}


def check(task: str, src: str, tgt: str, params: Any) -> None:
    """Raise :class:`CairnError` for a script that M2M-100 cannot be asked for, and when no model is named.

    Neither may a folder be named that is not there.
    """
    for lang in (src, tgt):
        code(lang)
    _seq2seq.check("m2m100", src, tgt, params)


def translate(texts: Sequence[str], src: str, tgt: str, params: Any) -> list[str]:
    """Return one translation per text by ``params.model`` (``facebook/m2m100_418M``, or a folder)."""
    path = _seq2seq.place("m2m100", src, tgt, params).path
    return _seq2seq.generate(path, texts, params, code(src), f"__{code(tgt)}__")
