"""NLLB-200 through transformers: one model for 200 languages, named by FLORES codes. Weights are CC-BY-NC."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from curation.core.errors import unknown
from curation.language import codes
from curation.translate.translators import _seq2seq

if TYPE_CHECKING:
    from collections.abc import Sequence

MARKERS = _seq2seq.MARKERS

_TABLE = """
af=afr_Latn am=amh_Ethi ar=arb_Arab az=azj_Latn be=bel_Cyrl bg=bul_Cyrl bn=ben_Beng bs=bos_Latn ca=cat_Latn
cs=ces_Latn cy=cym_Latn da=dan_Latn de=deu_Latn el=ell_Grek en=eng_Latn eo=epo_Latn es=spa_Latn et=est_Latn
eu=eus_Latn fa=pes_Arab fi=fin_Latn fr=fra_Latn ga=gle_Latn gl=glg_Latn gu=guj_Gujr he=heb_Hebr hi=hin_Deva
hr=hrv_Latn ht=hat_Latn hu=hun_Latn hy=hye_Armn id=ind_Latn is=isl_Latn it=ita_Latn ja=jpn_Jpan jv=jav_Latn
ka=kat_Geor kk=kaz_Cyrl km=khm_Khmr kn=kan_Knda ko=kor_Hang ku=kmr_Latn ky=kir_Cyrl lo=lao_Laoo lt=lit_Latn
lv=lvs_Latn mk=mkd_Cyrl ml=mal_Mlym mn=khk_Cyrl mr=mar_Deva ms=zsm_Latn my=mya_Mymr nb=nob_Latn ne=npi_Deva
nl=nld_Latn nn=nno_Latn no=nob_Latn pa=pan_Guru pl=pol_Latn ps=pbt_Arab pt=por_Latn qu=quy_Latn ro=ron_Latn
ru=rus_Cyrl si=sin_Sinh sk=slk_Latn sl=slv_Latn so=som_Latn sq=als_Latn sr=srp_Cyrl sv=swe_Latn sw=swh_Latn
ta=tam_Taml te=tel_Telu th=tha_Thai tl=tgl_Latn tr=tur_Latn uk=ukr_Cyrl ur=urd_Arab uz=uzn_Latn vi=vie_Latn
xh=xho_Latn yo=yor_Latn zh=zho_Hans zh-Hant=zho_Hant zu=zul_Latn
"""
CODES = dict(pair.split("=") for pair in _TABLE.split())
"""Two-letter code to FLORES-200 code (NLLB Team 2022, table 1)."""


_FLORES = re.compile(r"[a-z]{3}_[A-Z][a-z]{3}")


def code(lang: str) -> str:
    """Return the FLORES code of ``lang``; a FLORES code stands for itself.

    Raises :class:`CairnError` for a language that has none, or none in the script that ``lang`` says or its region
    writes.

    >>> code("sw"), code("arz_Arab"), code("zh_CN"), code("zh-TW"), code("pt-BR")
    ('swh_Latn', 'arz_Arab', 'zho_Hans', 'zho_Hant', 'por_Latn')
    """
    if _FLORES.fullmatch(lang):
        return lang
    found = lang if lang in CODES else codes.among(lang, tuple(CODES)) or codes.language(lang)
    said, written = codes.said_script(lang), codes.script(lang)
    if written != codes.usual_script(lang):  # else a name of its own may do: Korean's is Kore, or Hang
        said = said or written
    if found not in CODES or (said is not None and not CODES[found].endswith(said)):
        raise unknown("language", lang, CODES, "translate.languages, by nllb (or give a FLORES code)")
    return CODES[found]


def describe(src: str, tgt: str, params: Any) -> dict[str, str]:
    """Return the model, its revision, versions and the two language codes."""
    return {**_seq2seq.describe("nllb", src, tgt, params), "from": code(src), "to": code(tgt)}


def check(task: str, src: str, tgt: str, params: Any) -> None:
    """Raise :class:`CairnError` for a language that NLLB lacks, and when no model or a missing folder is named."""
    for lang in (src, tgt):
        code(lang)
    _seq2seq.check("nllb", src, tgt, params)


def translate(texts: Sequence[str], src: str, tgt: str, params: Any) -> list[str]:
    """Return one translation per text by ``params.model`` (``facebook/nllb-200-distilled-600M``, or a folder)."""
    path = _seq2seq.place("nllb", src, tgt, params).path
    return _seq2seq.generate(path, texts, params, code(src), code(tgt))
