"""How well the estimates of stage `translate` find errors planted in people's translations, and what they drop besides.

    CAIRN_HUB_MIRROR=... python benchmarks/translation_quality.py            # a few minutes; writes results/
    CAIRN_HUB_MIRROR=... python benchmarks/translation_quality.py --rows 300 es sw

Held-out pairs of NTREX, Tatoeba (odd rows) and XNLI's test set. In every table of --rows pairs of each set one pair in
ten has one error. False drops are counted on the pairs without an error of the same tables.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
from parallel import LANGUAGES, held_out
from tqdm import tqdm

from curation.language import negation, words
from curation.translate import calibration, estimates

FULL = ("es", "fr", "de", "ru", "zh", "ar", "hi", "sw")
STATED = (0.05, 0.01, calibration.false_drops(0.3))
UNSPACED = ("zh", "ja", "th")
Pair = tuple[str, str]


def cut(text: str, lang: str) -> list[str]:
    """Return the parts that an error takes out or repeats: words, or characters where no spaces part them."""
    return list(text) if lang in UNSPACED else text.split()


def glue(parts: list[str], lang: str) -> str:
    """Return the parts as a text."""
    return ("" if lang in UNSPACED else " ").join(parts)


def dropped_clause(draw: random.Random, pair: Pair, other: Pair, lang: str) -> str | None:
    """Leave out a third of the words in one stretch, but keep the last sign."""
    parts = cut(pair[1], lang)
    if len(parts) < 9:
        return None
    size = max(3, len(parts) // 3)
    at = draw.randrange(0, len(parts) - size)
    return glue(parts[:at] + parts[at + size :], lang)


def negation_lost(draw: random.Random, pair: Pair, other: Pair, lang: str) -> str | None:
    """Leave out the word of negation with the heaviest cue, where the source denies something."""
    table = negation.cues(lang)
    if table is None or not negation.denied_in_english(pair[0]):
        return None
    parts = list(pair[1]) if lang in UNSPACED else pair[1].split()
    weight = {
        i: max((w for cue, w in table[1].items() if cue in f" {' '.join(words.plain(part))} "), default=0.0)
        for i, part in enumerate(parts)
    }
    best = max(weight, key=lambda i: (weight[i], -i))
    return glue(parts[:best] + parts[best + 1 :], lang) if weight[best] > 1.5 else None


def number_changed(draw: random.Random, pair: Pair, other: Pair, lang: str) -> str | None:
    """Change one digit."""
    places = [i for i, char in enumerate(pair[1]) if char.isdigit()]
    if not places:
        return None
    at = draw.choice(places)
    digit = (int(pair[1][at]) + draw.randrange(1, 9)) % 10
    return pair[1][:at] + str(digit) + pair[1][at + 1 :]


def rows_swapped(draw: random.Random, pair: Pair, other: Pair, lang: str) -> str | None:
    """Take the translation of another sentence."""
    return other[1] if other[1] != pair[1] else None


def wrong_language(draw: random.Random, pair: Pair, other: Pair, lang: str) -> str | None:
    """Take a sentence of another language that is written in the same script, where there is one (filled in below)."""
    return None


def loop(draw: random.Random, pair: Pair, other: Pair, lang: str) -> str | None:
    """Repeat two to four words two or three times more."""
    parts = cut(pair[1], lang)
    size = draw.randrange(2, 5)
    if len(parts) < size + 2:
        return None
    at = draw.randrange(0, len(parts) - size)
    return glue(parts[: at + size] + parts[at : at + size] * draw.randrange(2, 4) + parts[at + size :], lang)


def half_untranslated(draw: random.Random, pair: Pair, other: Pair, lang: str) -> str | None:
    """Put the second half of the source in place of the second half of the translation."""
    own, source = cut(pair[1], lang), pair[0].split()
    if len(source) < 6 or len(own) < 4:
        return None
    return glue(own[: len(own) // 2], lang) + " " + " ".join(source[len(source) // 2 :])


ERRORS = {
    "dropped clause": dropped_clause, "dropped negation": negation_lost, "changed number": number_changed,
    "swapped rows": rows_swapped, "wrong language": wrong_language, "loop": loop,
    "half untranslated": half_untranslated,
}  # fmt: skip
NEIGHBOUR = {
    "es": "pt", "fr": "it", "de": "nl", "ru": "bg", "zh": "ja", "ar": "fa", "hi": "mr", "sw": "id",
}  # fmt: skip


def auroc(bad: np.ndarray, good: np.ndarray) -> float:
    """Return the share of comparisons in which a bad pair has the lower share of good ones as suspicious."""
    ordered = np.sort(good)
    below = np.searchsorted(ordered, bad, side="left")
    return float(1 - (below + np.searchsorted(ordered, bad, side="right")).mean() / 2 / len(ordered))


def tables(lang: str, rows: int) -> list[tuple[str, list[Pair]]]:
    """Return tables of held-out pairs, so many rows each, one per data set."""
    found = []
    for name, pairs in held_out(lang).items():
        own = random.Random(f"{lang} {name}").sample(pairs, min(rows, len(pairs)))
        found.append((name, own))
    return [(name, own) for name, own in found if len(own) >= min(rows, 300)]


def judge(pairs: list[Pair], lang: str) -> np.ndarray:
    """Return the share of good translations that are as suspicious as each pair."""
    found = estimates.estimate(estimates.Pairs([a for a, _ in pairs], [b for _, b in pairs], "en", lang))
    return calibration.shares(found, lang)[calibration.COMBINED]


def planted(lang: str, rows: int, seed: int) -> dict[str, Any]:
    """Return AUROC by type of error, and the share of good pairs dropped at every stated rate."""
    bad: dict[str, list[float]] = defaultdict(list)
    good: list[float] = []
    foreign = dict(tables(NEIGHBOUR[lang], rows)) if lang in NEIGHBOUR else {}
    for name, pairs in tables(lang, rows):
        draw = random.Random(f"{seed} {lang} {name}")
        made = list(pairs)
        kinds: dict[int, str] = {}
        wanted = draw.sample(range(len(pairs)), len(pairs) // 10) if lang in FULL else []
        for i in wanted:
            order = draw.sample(list(ERRORS), len(ERRORS))
            for kind in order:
                other = pairs[draw.randrange(len(pairs))]
                if kind == "wrong language":
                    text = draw.choice(foreign[name])[1] if name in foreign else None
                else:
                    text = ERRORS[kind](draw, pairs[i], other, lang)
                if text is not None and text != pairs[i][1]:
                    made[i], kinds[i] = (pairs[i][0], text), kind
                    break
        share = judge(made, lang)
        for i, value in enumerate(share.tolist()):
            if i in kinds:
                bad[kinds[i]].append(value)
            else:
                good.append(value)
    clean = np.array(good)
    every = np.array([value for own in bad.values() for value in own])
    found: dict[str, Any] = {
        "good": len(good),
        "false_drops": {f"{s:.4f}": round(float((clean < s).mean()), 4) for s in STATED},
    }
    if len(every):
        found["errors"] = {kind: len(own) for kind, own in sorted(bad.items())}
        found["auroc"] = {"all": round(auroc(every, clean), 4)} | {
            kind: round(auroc(np.array(own), clean), 4) for kind, own in sorted(bad.items())
        }
        found["caught_at_0.3"] = {
            kind: round(float((np.array(own) < STATED[-1]).mean()), 3) for kind, own in sorted(bad.items())
        }
    return found


def main() -> None:
    """Measure, print, and write the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("languages", nargs="*", default=list(LANGUAGES))
    parser.add_argument("--rows", type=int, default=900)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/translation_quality.json"))
    given = parser.parse_args()
    found = {lang: planted(lang, given.rows, given.seed) for lang in tqdm(given.languages)}
    for lang, own in found.items():
        print(lang, own["good"], own["false_drops"], own.get("auroc", ""), own.get("caught_at_0.3", ""))
    if set(given.languages) == set(LANGUAGES):
        command = f"python benchmarks/translation_quality.py --rows {given.rows} --seed {given.seed}"
        text = json.dumps({"command": command, "rows": given.rows, "languages": found}, indent=1, ensure_ascii=False)
        given.out.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
