"""Codes of languages as data sets spell them: ``de``, ``pt-BR``, ``zh_CN``, ``zho_Hans``, ``deu_Latn``.

What they mean is BCP 47's to say, through ``langcodes``: a three-letter code becomes the usual one (``rus``: ``ru``),
and a script that a language is always written in goes (``deu_Latn``: ``de``).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

import langcodes

if TYPE_CHECKING:
    from collections.abc import Sequence

_SHAPE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*")


@lru_cache(maxsize=4096)
def standard(code: str) -> str | None:
    """Return ``code`` as BCP 47 spells it, shortest; ``None`` when it is no code of a language.

    >>> [standard(code) for code in ("de", "zho_Hans", "zh_CN", "deu_Latn", "arb_Arab", "pt-BR", "hard")]
    ['de', 'zh-Hans', 'zh-CN', 'de', 'ar', 'pt-BR', None]
    """
    if not _SHAPE.fullmatch(code) or not langcodes.tag_is_valid(code):
        return None
    found = langcodes.Language.get(code, normalize=True)
    whole = langcodes.standardize_tag(code, macro=True)
    return str(langcodes.Language.get(whole).simplify_script() if found.script else whole)


def language(code: str) -> str:
    """Return the language that ``code`` names, without script and region; an unknown code as it is.

    Filipino is Tagalog's ``tl``, as data sets write it, and BCP 47 does not.

    >>> language("zho_Hans"), language("pt-BR"), language("tlh"), language("tgl_Latn"), language("xx_yy_zz!")
    ('zh', 'pt', 'tlh', 'tl', 'xx_yy_zz!')
    """
    known = standard(code)
    name = code if known is None else known.split("-")[0]
    return "tl" if name == "fil" else name


def short(codes: Sequence[str]) -> dict[str, str]:
    """Return each of ``codes`` with the shortest code that tells them apart: a script only where two need it.

    A code that is spelt as it should be stays; of two spellings of one language (``de``, ``deu_Latn``) the second is
    left out, as is what is no code.

    >>> short(["en", "deu_Latn", "zho_Hans"]), short(["zho_Hans", "zho_Hant"])
    ({'en': 'en', 'deu_Latn': 'de', 'zho_Hans': 'zh'}, {'zho_Hans': 'zh-Hans', 'zho_Hant': 'zh-Hant'})
    >>> short(["deu_Latn", "de", "hard"])
    {'de': 'de'}
    """
    known = {code: found for code in codes if (found := standard(code)) is not None}
    order = sorted(known, key=lambda code: known[code] != code)  # those that are spelt so come first
    several = [language(code) for code in dict.fromkeys(known.values())]
    made: dict[str, str] = {}
    for code in order:
        name = known[code]
        if name != code and several.count(language(code)) == 1:
            name = language(code)
        if name not in made.values():
            made[code] = name
    return {code: made[code] for code in codes if code in made}


def among(code: str, there: Sequence[str]) -> str | None:
    """Return which of the codes ``there`` is the language that ``code`` names; ``None`` = none, or more than one.

    The same code comes first, then the same code in another spelling, then the same language in a script that both say
    or that their region writes, then the same language.

    >>> [among(code, ("en", "deu_Latn", "zho_Hans")) for code in ("de", "zh_CN", "zh", "en", "fr")]
    ['deu_Latn', 'zho_Hans', 'zho_Hans', 'en', None]
    >>> [among(code, ("zho_Hans", "zho_Hant")) for code in ("zh", "zh-Hant")], among("pt-BR", ("pt-PT",))
    ([None, 'zho_Hant'], None)
    """
    if code in there:
        return code
    known = standard(code)
    if known is None:
        return None
    same = [other for other in there if standard(other) == known]
    alike = [other for other in there if _may_be(known, standard(other))]
    written = [other for other in alike if None is not _script(known) == _script(str(standard(other)))]
    return same[0] if same else next((some[0] for some in (written, alike) if len(some) == 1), None)


def _may_be(one: str, other: str | None) -> bool:
    """Return whether two standard codes can mean one language: neither says a script or region that the other denies.

    >>> _may_be("zh", "zh-Hans"), _may_be("zh-CN", "zh-Hans"), _may_be("zh-TW", "zh-Hans"), _may_be("pt-BR", "pt-PT")
    (True, True, False, False)
    """
    if other is None:
        return False
    first, second = langcodes.Language.get(one), langcodes.Language.get(other)
    return (
        first.language == second.language
        and (None in (_script(one), _script(other)) or _script(one) == _script(other))
        and (None in (first.territory, second.territory) or first.territory == second.territory)
    )


def said_script(code: str) -> str | None:
    """Return the script that ``code`` says, where its language is not always written in it; else ``None``.

    >>> said_script("sr-Latn"), said_script("srp_Cyrl"), said_script("deu_Latn"), said_script("zh-TW")
    ('Latn', 'Cyrl', None, None)
    """
    known = standard(code)
    return None if known is None else langcodes.Language.get(known).script


def script(code: str) -> str | None:
    """Return the script that ``code`` says, or that its region writes; ``None`` where it says neither.

    >>> script("sr-Latn"), script("zh_TW"), script("sr"), script("hard")
    ('Latn', 'Hant', None, None)
    """
    known = standard(code)
    return None if known is None else _script(known)


def usual_script(code: str) -> str | None:
    """Return the script that the language of ``code`` is mostly written in (CLDR); ``None`` = not known.

    >>> usual_script("sr-Latn"), usual_script("zh"), usual_script("hard")
    ('Cyrl', 'Hans', None)
    """
    known = standard(language(code))
    return None if known is None else langcodes.Language.get(known).maximize().script


def _script(known: str) -> str | None:
    """Return the script that a standard code says, or that its region writes; ``None`` where it says neither.

    >>> _script("zh-TW"), _script("zh-Hans"), _script("zh")
    ('Hant', 'Hans', None)
    """
    found = langcodes.Language.get(known)
    return found.maximize().script if found.script or found.territory else None
