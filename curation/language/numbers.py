"""Numbers of a text as values: digits of any script, number words, Roman numerals, in a form that translations share.

Number words come from num2words: those of 0 to 100 and of hundred, thousand, million, billion are generated once per
language, in every case and gender it knows, and turned round. Words of a few languages that it lacks stand below.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from math import prod
from typing import TYPE_CHECKING, Any

from curation.language import codes
from curation.language import words as language_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_GROUP = r"[ .,\u00a0\u202f\u066c'’]"
_NUMBER = re.compile(rf"(?<![A-Za-z])(?:\d{{1,3}}(?:{_GROUP}\d{{3}})+(?!\d)|\d+)")
_ROMAN = re.compile(r"(?<![\w.])(?=[IVXLC])(C{0,3})(XC|XL|L?X{0,3})(IX|IV|V?I{0,3})(?![\w])")
_SCALES = (1_000, 1_000_000, 1_000_000_000)
_EXTRA_SCALES: Mapping[str, Mapping[str, int]] = {
    "zh": {"千": 10**3, "万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8},
    "ja": {"千": 10**3, "万": 10**4, "億": 10**8},
    "ko": {"천": 10**3, "만": 10**4, "억": 10**8},
    "hi": {"हज़ार": 10**3, "हजार": 10**3, "लाख": 10**5, "मिलियन": 10**6, "करोड़": 10**7, "बिलियन": 10**9, "अरब": 10**9},
    "sw": {"elfu": 10**3, "milioni": 10**6, "bilioni": 10**9},
    "el": {"χιλιάδες": 10**3, "εκατομμύρια": 10**6, "δισεκατομμύρια": 10**9},
    "bg": {"хиляди": 10**3, "милиона": 10**6, "милиарда": 10**9},
    "ur": {"ہزار": 10**3, "لاکھ": 10**5, "ملین": 10**6, "کروڑ": 10**7, "بلین": 10**9, "ارب": 10**9},
    "en": {"bn": 10**9},
}
_LACKING: Mapping[str, str] = {  # 2..10 and what else is short, where num2words has nothing
    "sw": "mbili/wawili/viwili tatu/watatu/vitatu nne/wanne/vinne tano/watano/vitano sita saba nane/wanane tisa kumi",
    "bg": "два/две/двама три/трима четири/четирима пет шест седем осем девет десет",
    "el": "δύο/δυο τρεις/τρία/τριών τέσσερις/τέσσερα πέντε έξι επτά/εφτά οκτώ/οχτώ εννέα/εννιά δέκα",
    "hi": "दो/दोनों तीन चार पांच/पाँच छह/छः सात आठ नौ दस",
    "ur": "دو/دونوں تین چار پانچ چھ سات آٹھ نو دس",
    "zh": "二/两/兩 三 四 五 六 七 八 九 十",
}


@dataclass
class Numbers:
    """What one text says in numbers."""

    digits: Counter[int] = field(default_factory=Counter)
    words: Counter[int] = field(default_factory=Counter)
    maybe: Counter[int] = field(default_factory=Counter)
    """Values that answer for one on the other side, and are not missed: Roman numerals, ordinals, *one*, a century."""


def _forms(value: int, name: str) -> Iterator[tuple[str, bool]]:
    """Return the words of ``value`` in every case and gender that num2words knows, and whether each is an ordinal."""
    from num2words import num2words

    ways: list[dict[str, Any]] = [{}]
    if name in ("ru", "uk"):
        ways += [{"case": case, "gender": gender} for case in "ngdaip" for gender in "mfn"]
    for way in ways:
        for to in ("cardinal", "ordinal"):
            try:
                yield str(num2words(value, lang=name, to=to, **way)), to == "ordinal"
            except (NotImplementedError, TypeError, KeyError, ValueError, IndexError, OverflowError):
                continue


@dataclass(frozen=True)
class _Table:
    words: Mapping[str, int]
    """Words joined by a blank, as the tokeniser cuts them, to value: those that a translation must say again."""
    maybe: Mapping[str, int]
    longest: int
    scales: Mapping[str, int]
    scale: re.Pattern[str] | None
    """A number in digits followed by one of ``scales``."""


@cache
def _library(lang: str) -> str | None:
    from num2words import CONVERTER_CLASSES

    names = {"kk": "kz", "nb": "no", "nn": "no"}
    return next((name for name in (lang, names.get(lang, "")) if name in CONVERTER_CLASSES), None)


@cache
def _table(lang: str) -> _Table:
    sure: dict[str, int] = {}
    maybe: dict[str, int] = {}
    scales: dict[str, int] = dict(_EXTRA_SCALES.get(lang, {}))
    name = _library(lang)

    def put(form: str, value: int, doubtful: bool) -> None:
        parts = language_words.plain(form)
        if not parts or any(part.isdigit() for part in parts):
            return
        # of one letter, or of letters that stand in other words too (Chinese): they answer, and are not missed
        loose = doubtful or value < 2 or (len(parts[0]) == 1 and len(parts) == 1)
        (maybe if loose else sure).setdefault(" ".join(parts), value)

    if name is not None:
        for value in (*range(101), 200, 300, 400, 500, 600, 700, 800, 900):
            for form, ordinal in _forms(value, name):
                put(form, value, ordinal)
        for scale in _SCALES:
            for times in (1, 2, 5):
                for form, ordinal in _forms(times * scale, name):
                    if not ordinal and language_words.plain(form):
                        scales.setdefault(language_words.plain(form)[-1], scale)
        for form, ordinal in _forms(100, name):
            if not ordinal and language_words.plain(form):
                maybe.setdefault(language_words.plain(form)[-1], 100)  # *hundred* beside *one hundred*
    for value, group in enumerate(_LACKING.get(lang, "").split(), start=2):
        for form in group.split("/"):
            put(form, value, doubtful=len(form) == 1)
    for form in [form for form in sure if form in maybe]:
        del sure[form]
    for form, value in scales.items():
        maybe.setdefault(form, value)
        sure.pop(form, None)
    longest = max((form.count(" ") + 1 for form in {*sure, *maybe}), default=0)
    joined = "|".join(sorted(map(re.escape, scales), key=len, reverse=True))
    end = "" if lang in ("zh", "ja", "ko") else r"(?!\w)"
    one = rf"[\s\u00a0-]*({joined}){end}"
    pattern = re.compile(rf"(\d+(?:[.,]\d+)*){one}(?:{one})?", re.IGNORECASE) if joined else None
    return _Table(sure, maybe, longest, scales, pattern)


def has_words(lang: str) -> bool:
    """Return whether number words of ``lang`` are known.

    >>> has_words("de"), has_words("sw"), has_words("xx")
    (True, True, False)
    """
    table = _table(codes.language(lang))
    return bool(table.words or table.maybe)


def roman(text: str) -> int:
    """Return the value of a Roman numeral.

    >>> roman("XIX"), roman("IV")
    (19, 4)
    """
    values = [{"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}[letter] for letter in text]
    return sum(-v if any(later > v for later in values[i + 1 : i + 2]) else v for i, v in enumerate(values))


def _value(digits: str) -> float:
    """Return the value of digits with points and commas: the last of these parts decimals unless three follow it.

    >>> _value("1,200"), _value("1.5"), _value("1.200,5")
    (1200.0, 1.5, 1200.5)
    """
    head, mark, tail = re.fullmatch(r"(.*?)(?:([.,])(\d+))?", digits).groups("")  # type: ignore[union-attr]
    whole = re.sub(r"\D", "", head) or "0"
    return float(whole + tail) if mark and len(tail) == 3 else float(f"{whole}.{tail or 0}")


def find(text: str, tokens: Sequence[str], lang: str) -> Numbers:
    """Return the numbers of ``text``, whose lower-case words are ``tokens``; number words only where these are known.

    >>> text = "Two of 1,200 dogs in ٢٠٢٤; the 19th century, 1.5 million"
    >>> found = find(text, language_words.plain(text), "en")
    >>> sorted(found.digits), sorted(found.words)
    ([19, 1200, 2024, 1500000], [2])
    >>> find("siglo XIX", ["siglo", "xix"], "es").maybe[19]
    1
    """
    table = _table(codes.language(lang))
    found = Numbers()
    rest = text
    if any(map(str.isdigit, text)):
        if table.scale is not None:
            for match in table.scale.finditer(text):
                times = [table.scales.get(word.casefold(), 1) for word in match.groups()[1:] if word]
                found.digits[round(_value(match[1]) * prod(times))] += 1
            rest = table.scale.sub(" ", text)
        for digits in _NUMBER.findall(rest):
            value = int(re.sub(r"\D", "", digits))
            found.digits[value] += 1
            if value % 100 == 0 and 1000 <= value <= 2000:
                found.maybe[value // 100 + 1] += 1  # the 1800s are the 19th century
            if 1000 <= value <= 2100:
                found.maybe[value % 100] += 1  # the 1970s are the seventies
    if any(letter in text for letter in "IVXLC"):
        for match in _ROMAN.finditer(text):
            if match[0]:
                value = roman(match[0])
                found.maybe[value] += 1
                found.maybe[(value - 1) * 100] += 1
    at = 0
    while at < len(tokens) and table.longest:
        step = 1
        for size in range(min(table.longest, len(tokens) - at), 0, -1):
            part = " ".join(tokens[at : at + size])
            known = table.words.get(part)
            if known is not None:
                found.words[known] += 1
            elif part in table.maybe:
                found.maybe[table.maybe[part]] += 1
            else:
                continue
            step = size
            break
        at += step
    return found


def disagreement(a: Numbers, b: Numbers, words: bool) -> float:
    """Return how far the numbers of two texts are from agreeing: 0 = they do, about 1.5 = none does; NaN without any.

    A number on one side only weighs 1 of both sides' total in digits and half that as a word (*both* may well become
    *the two*); one in another's place weighs 3: *two* is never *four*. ``words``: both languages' words are known.
    """
    left, right = a.digits + (a.words if words else Counter()), b.digits + (b.words if words else Counter())
    total = left.total() + right.total()
    if not total:
        return float("nan")
    only_left = left - right - b.maybe - (b.words if not words else Counter())
    only_right = right - left - a.maybe - (a.words if not words else Counter())
    swapped = min(only_left.total(), only_right.total())
    in_digits = sum(count for value, count in only_left.items() if value in a.digits)
    in_digits += sum(count for value, count in only_right.items() if value in b.digits)
    alone = abs(only_left.total() - only_right.total())
    return max(3.0 * swapped + 0.5 * alone, float(in_digits)) / total
