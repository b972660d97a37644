"""Make the tables of `curation/translate` and `curation/language` from the parallel texts of the data mirror.

    CAIRN_HUB_MIRROR=... python benchmarks/calibrate.py negation   # curation/language/negation.json
    CAIRN_HUB_MIRROR=... python benchmarks/calibrate.py quality    # curation/translate/calibration.json

Half of NTREX, Tatoeba and XNLI's validation set is used; `python benchmarks/translation_quality.py` measures on the
rest.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from parallel import LANGUAGES, calibration
from tqdm import tqdm

from curation.language import negation, words
from curation.translate import calibration as tables
from curation.translate import estimates

TABLE = 1000
"""Pairs that are looked at together, since some estimates are relative to a table."""
MOST_CUES = 40


def write(path: Path, value: dict[str, Any]) -> None:
    """Write JSON with one language a line."""
    head = {name: part for name, part in value.items() if name != "languages"}
    lines = [
        f" {json.dumps(k, ensure_ascii=False)}: {json.dumps(v, ensure_ascii=False)}"
        for k, v in value["languages"].items()
    ]
    text = json.dumps(head, ensure_ascii=False)[:-1] + ', "languages": {\n' + ",\n".join(lines) + "\n}}\n"
    path.write_text(text, encoding="utf-8")


def substrings(word: str) -> frozenset[str]:
    """Return a word with blanks around it, and its parts of 2 to 6 characters."""
    spaced = f" {word} "
    return frozenset({spaced} | {spaced[i : i + n] for n in range(2, 7) for i in range(len(spaced) - n + 1)})


def cues(lang: str) -> dict[str, Any] | None:
    """Return the cues of negation in ``lang``, or ``None`` where too few sentences deny anything."""
    from sklearn.linear_model import LogisticRegression

    pairs = [pair for part in calibration(lang).values() for pair in part][:3000]
    truth = np.array([negation.denied_in_english(source) for source, _ in pairs])
    if truth.sum() < 40:
        return None
    texts = [negation.spaced(words.plain(target)) for _, target in pairs]
    pieces = cache(substrings)
    grams = [set[str]().union(*map(pieces, text.split())) for text in texts]
    holds: Counter[str] = Counter(g for own in grams for g in own)
    denied: Counter[str] = Counter(g for own, yes in zip(grams, truth, strict=True) if yes for g in own)
    rate = truth.mean()
    lift = {g: denied[g] / n / rate for g, n in holds.items() if n >= 5 and denied[g] >= 4}
    best = sorted((g for g in lift if lift[g] > 2.5), key=lambda g: (-denied[g] * np.log(lift[g]), g))[:600]
    if not best:
        return None
    place = {g: i for i, g in enumerate(best)}
    matrix = np.zeros((len(texts), len(best)), dtype=np.float32)
    for row, own in enumerate(grams):
        for g in own & place.keys():
            matrix[row, place[g]] = 1
    same: dict[bytes, int] = {}  # of substrings that stand in the same texts, the longest
    for i in sorted(range(len(best)), key=lambda i: -len(best[i])):
        same.setdefault(matrix[:, i].tobytes(), i)
    keep = sorted(same.values())
    matrix, best = matrix[:, keep], [best[i] for i in keep]
    model = LogisticRegression(C=0.3, l1_ratio=1.0, solver="liblinear").fit(matrix, truth)
    order = np.argsort(-np.abs(model.coef_[0]))[:MOST_CUES]
    chosen = [int(i) for i in order if abs(model.coef_[0][i]) > 0.05]
    again = LogisticRegression(C=1.0).fit(matrix[:, chosen], truth)
    weights = {best[i]: round(float(w), 2) for i, w in zip(chosen, again.coef_[0], strict=True)}
    return {"bias": round(float(again.intercept_[0]), 2), "cues": weights}


def raw(pairs: dict[str, list[tuple[str, str]]], lang: str) -> dict[str, np.ndarray]:
    """Return every estimate of good translations, each data set a table of its own."""
    found: dict[str, list[np.ndarray]] = {}
    for part in pairs.values():
        for low in range(0, len(part), TABLE):
            own = part[low : low + TABLE]
            if len(own) < TABLE // 4:
                continue
            made = estimates.estimate(estimates.Pairs([a for a, _ in own], [b for _, b in own], "en", lang))
            for name, values in made.items():
                found.setdefault(name, []).append(values)
    return {name: np.concatenate(values) for name, values in found.items()}


def all_raw(keep: Path | None) -> dict[str, dict[str, np.ndarray]]:
    """Return the raw values of every language; ``keep``: a file to read them from, or to write them to."""
    if keep is not None and keep.is_file():
        stored = np.load(keep)
        found: dict[str, dict[str, np.ndarray]] = {}
        for key in stored.files:
            lang, _, name = key.partition(".")
            found.setdefault(lang, {})[name] = stored[key]
        return found
    made = {lang: own for lang in tqdm(LANGUAGES) if (own := raw(calibration(lang), lang))}
    if keep is not None:
        np.savez(keep, **{f"{lang}.{name}": column for lang, own in made.items() for name, column in own.items()})
    return made


def quality(keep: Path | None) -> dict[str, Any]:
    """Return the tables of every language, and those of all together under ``*``."""
    values = all_raw(keep)
    made: dict[str, dict[str, list[float]]] = {}
    for lang, own in {**values, "*": pooled(values)}.items():
        made[lang] = {name: found for name, column in own.items() if (found := tables.table(column)) is not None}
    joint = {}
    for lang, own in values.items():
        known = {name: tables.share(column, made[lang].get(name) or made["*"][name]) for name, column in own.items()}
        joint[lang] = -np.log10(tables.cauchy(known))
        if (found := tables.table(joint[lang])) is not None:
            made[lang][tables.COMBINED] = found
    everything = tables.table(np.concatenate(list(joint.values())))
    assert everything is not None
    made["*"][tables.COMBINED] = everything
    return {lang: own for lang, own in made.items() if own}


def pooled(values: dict[str, dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """Return the values of all languages together."""
    return {name: np.concatenate([own[name] for own in values.values()]) for name in estimates.NAMES}


def main() -> None:
    """Make one of the two tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["negation", "quality"])
    parser.add_argument("--raw", type=Path, help="quality: keep raw values in this .npz, or use what it holds")
    given = parser.parse_args()
    command = "python benchmarks/calibrate.py "
    sources = "even rows of NTREX (CC BY-SA 4.0), Tatoeba (CC BY 2.0 FR) and XNLI validation (CC BY-NC 4.0)"
    if given.what == "negation":
        made = {lang: found for lang in tqdm(LANGUAGES) if (found := cues(lang)) is not None}
        write(negation.FILE, {"made_by": command + "negation", "from": sources, "languages": made})
    else:
        facts = {"made_by": command + "quality", "from": sources, "tails": list(tables.TAILS), "table_rows": TABLE}
        write(tables.FILE, {**facts, "languages": quality(given.raw)})


if __name__ == "__main__":
    main()
