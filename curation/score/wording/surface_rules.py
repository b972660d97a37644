"""Rules on the letters of one text: each returns what is wrong with it in a few words, or ``None``.

A rule is a plain function of the text and its language; running the rules over rows and weighing them is the scorer's
business. They know the scripts of many languages, so that Thai, Chinese, Arabic or Russian is not taken for garbage.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from operator import eq

from curation.language import scripts, words

PLACEHOLDER = re.compile(
    r"\W*(ns|n/?a|null|nan|todo|tbd|undefined|untitled|lorem ipsum.*|deleted|removed|x{3,})\W*", re.I | re.S
)
MARKUP = re.compile(
    r"</?[a-z][a-z0-9]*(\s[^<>]*)?/?>|&([a-z]{2,8}|#\d{2,5}|#x[0-9a-f]{2,5});|\{\{|\}\}|\[\[|\]\]", re.I
)
# Characters that bytes 0x80-0xFF become in Windows-1252 or Latin-1: two or more in a row may be UTF-8 read wrongly.
HIGH = re.compile(r"[\u0080-\u00ff\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u2122]{2,}")


def empty(text: str, lang: str) -> str | None:
    """Say that a text has no words.

    >>> empty(" … ", "en")
    'is empty'
    """
    return None if words.folded(text) else "is empty"


def placeholder(text: str, lang: str) -> str | None:
    """Say that a text stands for a missing one (PAWS-X has ``NS`` where nobody translated).

    >>> placeholder("NS", "de"), placeholder("Null Grad", "de")
    ("is a placeholder: 'NS'", None)
    """
    return f"is a placeholder: {text.strip()[:20]!r}" if PLACEHOLDER.fullmatch(text) else None


def unreadable(text: str, lang: str) -> str | None:
    r"""Say that a text holds replacement characters, control characters or code points without a meaning.

    >>> unreadable("caf\ufffd", "fr")
    'holds 1 unreadable character (U+FFFD)'
    """
    if text.isprintable() and "\ufffd" not in text:
        return None
    bad = [char for char in text if _meaningless(char)]
    return f"holds {len(bad)} unreadable character{'s' * (len(bad) > 1)} (U+{ord(bad[0]):04X})" if bad else None


def _meaningless(char: str) -> bool:
    return char == "\ufffd" or (char not in "\t\n\r" and unicodedata.category(char) in ("Cc", "Co", "Cn"))


def mojibake(text: str, lang: str) -> str | None:
    """Say that a text is UTF-8 that was read in another encoding.

    >>> mojibake("Le cafÃ© dâ€™en face", "fr"), mojibake("«CAFÉ»", "fr")
    ("was read in the wrong encoding: 'Ã©' is 'é'", None)
    """
    found = []
    for run in HIGH.findall(text):
        raw = b"".join(_byte(char) for char in run)
        try:
            right = raw.decode("utf-8")
        except UnicodeDecodeError:
            right = raw.decode("utf-8", "ignore") if run[0] in "ÃÂâ" else ""
        if right:
            found.append((run, right))
    if not found or (len(found) == 1 and found[0][0][0] not in "ÃÂâ" and len(found[0][0]) < 4):
        return None
    wrong, right = found[0]
    return f"was read in the wrong encoding: {wrong[:12]!r} is {right[:12]!r}"


def _byte(char: str) -> bytes:
    try:
        return char.encode("cp1252")
    except UnicodeEncodeError:
        return char.encode("latin-1", "ignore")


def markup(text: str, lang: str) -> str | None:
    """Say that a text holds remnants of HTML or wiki markup.

    >>> markup("He said &quot;hi&quot;<br/>", "en"), markup("if a < b and c > d", "en")
    ("holds markup: '&quot;'", None)
    """
    match = MARKUP.search(text)
    return f"holds markup: {match[0][:20]!r}" if match else None


def repetition(text: str, lang: str) -> str | None:
    """Say that a text repeats a word four times in a row (a single character eight times), or a phrase three times.

    >>> repetition("the dog the dog the dog", "en"), repetition("no no no", "en")
    ("repeats 'the dog' 3 times in a row", None)
    """
    found = words.folded(text)
    for size in range(1, min(6, len(found) // 3) + 1):
        if sum(map(eq, found[size:], found)) < max(3, 2 * size):  # so many in a row it would take
            continue
        run = 0
        for i in range(size, len(found)):
            run = run + 1 if found[i] == found[i - size] else 0
            phrase, times = found[i - size + 1 : i + 1], run // size + 1
            limit = 3 if size > 1 else 8 if len(phrase[0]) == 1 or words.alone(phrase[0]) else 4
            if times >= limit and (size == 1 or len(set(phrase)) > 1):
                return f"repeats {' '.join(phrase)!r} {times} times in a row"
    return None


def symbols(text: str, lang: str) -> str | None:
    """Say that more than two fifths of the visible characters of a text are neither letters nor digits.

    >>> symbols("$$$ ^^ {} ;;; <> && x", "en")
    'is 93% symbols'
    """
    if len(re.findall(r"\w", text)) > 0.6 * len(text):
        return None
    visible = [unicodedata.category(char)[0] for char in text if not char.isspace()]
    share = sum(kind in "PS" for kind in visible) / max(len(visible), 1)
    return f"is {share:.0%} symbols" if len(visible) >= 8 and share > 0.4 else None


def wrong_script(text: str, lang: str) -> str | None:
    """Say that most words of a text (characters, where words are not spaced) are not in its language's script.

    >>> wrong_script("Собака бежит", "en"), wrong_script("狗在跑", "zh")
    ('is mostly in Cyrillic letters, but its language is en', None)
    >>> wrong_script("他和 Silence of the Lambs", "zh")
    'is mostly in Latin letters, but its language is zh'
    """
    expected = scripts.of(lang)
    if not expected or (text.isascii() and "Latin" in expected):
        return None
    counts = Counter(name for word in words.folded(text) if (name := scripts.script(word[0])))
    if len(text) < 4 or not counts:
        return None
    right = sum(count for name, count in counts.items() if name in expected)
    top = max(sorted(counts), key=counts.__getitem__)
    return f"is mostly in {top} letters, but its language is {lang}" if 2 * right < sum(counts.values()) else None
