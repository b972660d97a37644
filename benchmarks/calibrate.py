"""Make the tables of `curation/translate` and `curation/language` from the parallel texts of the data mirror.

    CAIRN_HUB_MIRROR=... python benchmarks/calibrate.py negation   # curation/language/negation.json
    CAIRN_HUB_MIRROR=... python benchmarks/calibrate.py quality    # curation/translate/calibration.json
    CAIRN_HUB_MIRROR=... python benchmarks/calibrate.py transfer   # benchmarks/results/transfer.json: a make left out

Half of NTREX, Tatoeba and XNLI's validation set is used; `python benchmarks/translation_quality.py` measures on the
rest.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from parallel import LANGUAGES, Pair, calibration, held_out
from planted import ERRORS, FULL, NEIGHBOUR, auroc, plant
from tqdm import tqdm

from curation.language import negation, words
from curation.translate import calibration as tables
from curation.translate import estimates

if TYPE_CHECKING:
    from collections.abc import Callable

TABLE = 1000
"""Pairs that are looked at together, since some estimates are relative to a table."""
MOST_CUES = 40
RIDGE = 1e-3
HALF = 220
"""Pairs from which on half a language's rows make a table for the other half."""
OWN = 900
"""Pairs from which on a language has a table of all evidence together; others share one of all languages."""


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


Raw = dict[str, np.ndarray]
"""A column of values of each estimate."""
Shares = dict[str, np.ndarray]
"""A column of shares of each estimate."""


def quality(keep: Path | None) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what each estimate weighs, and the tables of every language with those of all together under ``*``."""
    values = all_raw(keep)
    made: dict[str, dict[str, list[float]]] = {}
    for lang, own in {**values, "*": pooled(values)}.items():
        made[lang] = {name: found for name, column in own.items() if (found := tables.table(column)) is not None}

    def shares(lang: str, own: Raw) -> Shares:
        return {name: tables.share(column, made[lang].get(name) or made["*"][name]) for name, column in own.items()}

    known = {lang: shares(lang, own) for lang, own in values.items()}
    fitted = weighed(known, shares)
    joint = {lang: tables.evidence(out_of_fold(own, made["*"]), fitted) for lang, own in values.items()}
    for lang, own in joint.items():
        if (found := tables.table(own, OWN)) is not None:
            made[lang][tables.COMBINED] = found
    everything = tables.table(np.concatenate(list(joint.values())))
    assert everything is not None
    made["*"][tables.COMBINED] = everything
    return fitted, {lang: own for lang, own in made.items() if own}


def out_of_fold(own: dict[str, np.ndarray], rest: dict[str, list[float]]) -> Shares:
    """Return shares by tables of the other half of the rows.

    By tables that a row had a part in, no share is smaller than chance has it, and the tail of all together too thin.
    ``rest``: tables for estimates of which half the rows are too few.
    """
    found = {name: np.full(len(column), np.nan) for name, column in own.items()}
    for name, column in own.items():
        for half in (0, 1):
            made = tables.table(column[1 - half :: 2], HALF) or rest[name]
            found[name][half::2] = tables.share(column[half::2], made)
    return found


@dataclass(frozen=True)
class Planted:
    """Pairs of which one in ten has an error: evidence ``(n, 3 * estimates)``, what was done to each, its weight.

    Every make of error counts alike, and all together as much as the good pairs of their table.
    """

    rows: np.ndarray
    kinds: np.ndarray
    langs: np.ndarray
    weights: np.ndarray


def planted(half: Callable[[str], dict[str, list[Pair]]], shares: Callable[[str, Raw], Shares]) -> Planted:
    """Return pairs with errors in the languages :data:`FULL`, in tables of :data:`TABLE`."""
    rows, done, langs, weights = [], [], [], []
    for lang in tqdm(FULL, "planted errors"):
        foreign = half(NEIGHBOUR[lang])
        for name, pairs in half(lang).items():
            for low in range(0, len(pairs) - TABLE // 4, TABLE):
                draw = random.Random(f"{lang} {name} {low}")
                made, kinds = plant(draw, pairs[low : low + TABLE], foreign.get(name, []), lang)
                own = estimates.Pairs([a for a, _ in made], [b for _, b in made], "en", lang)
                found = shares(lang, estimates.estimate(own))
                counts = Counter(kinds)
                rows.append(np.concatenate([tables.pieces(found[name]) for name in estimates.NAMES], axis=1))
                done += kinds
                langs += [lang] * len(kinds)
                weights += [1 / counts[kind] / (len(ERRORS) if kind else 1) for kind in kinds]
    return Planted(np.concatenate(rows), np.array(done), np.array(langs), np.array(weights))


def weighed(known: dict[str, Shares], shares: Callable[[str, Raw], Shares]) -> dict[str, Any]:
    """Return what each estimate's share weighs as evidence, fitted on errors planted in the pairs for calibration."""
    found = planted(calibration, shares)
    slopes = rising(found.rows, found.kinds != "", found.weights).reshape(-1, 3).round(3)
    fitted: dict[str, Any] = {}
    for name, own in zip(estimates.NAMES, slopes, strict=True):
        each = [tables.pieces(one[name]) @ own for one in known.values()]
        spread = [float(np.mean([f(one) for one in each])) for f in (np.mean, np.var)]
        fitted[name] = {"slopes": own.tolist(), "usual": [float(f"{value:.4g}") for value in spread]}
    return fitted


def transfer() -> dict[str, Any]:
    """Return the AUROC on held-out pairs of weights fitted without a make of error, and without a language."""

    def shares(lang: str, own: Raw) -> Shares:
        return {name: tables.share(column, tables._table(lang, name)) for name, column in own.items()}

    known, test = planted(calibration, shares), planted(held_out, shares)

    def fitted(keep: np.ndarray) -> np.ndarray:
        return test.rows @ rising(known.rows[keep], known.kinds[keep] != "", known.weights[keep])

    def found(score: np.ndarray, bad: np.ndarray, lang: str) -> float:
        here = test.langs == lang
        return round(auroc(-score[here & bad], -score[here & (test.kinds == "")]), 3)

    every = fitted(np.ones(len(known.kinds), dtype=bool))
    without: dict[str, Any] = {}
    for kind in ERRORS:
        score, bad = fitted(known.kinds != kind), test.kinds == kind
        without[kind] = {lang: [found(every, bad, lang), found(score, bad, lang)] for lang in FULL}
    bad = test.kinds != ""
    without["a language"] = {
        lang: [found(every, bad, lang), found(fitted(known.langs != lang), bad, lang)] for lang in FULL
    }
    return {"auroc of weights fitted with and without": without}


def rising(rows: np.ndarray, truth: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the weights, none below 0, of a logistic regression ``(n, p)`` with a small ridge."""
    from scipy.optimize import minimize

    def loss(found: np.ndarray) -> tuple[float, np.ndarray]:
        logit = rows @ found[1:] + found[0]
        error = (1 / (1 + np.exp(-logit)) - truth) * weights
        value = (np.logaddexp(0, logit) - truth * logit) @ weights + RIDGE * (found[1:] ** 2).sum()
        return float(value), np.concatenate([[error.sum()], rows.T @ error + 2 * RIDGE * found[1:]])

    start = np.concatenate([[-2.0], np.full(rows.shape[1], 0.3)])
    bounds = [(None, None), *[(0, None)] * rows.shape[1]]
    found = minimize(loss, start, jac=True, bounds=bounds, method="L-BFGS-B", options={"maxiter": 2000})
    return np.asarray(found.x[1:])


def pooled(values: dict[str, dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """Return the values of all languages together."""
    return {name: np.concatenate([own[name] for own in values.values()]) for name in estimates.NAMES}


def main() -> None:
    """Make one of the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["negation", "quality", "transfer"])
    parser.add_argument("--raw", type=Path, help="quality: keep raw values in this .npz, or use what it holds")
    given = parser.parse_args()
    command = "python benchmarks/calibrate.py "
    sources = "even rows of NTREX (CC BY-SA 4.0), Tatoeba (CC BY 2.0 FR) and XNLI validation (CC BY-NC 4.0)"
    if given.what == "negation":
        made = {lang: found for lang in tqdm(LANGUAGES) if (found := cues(lang)) is not None}
        write(negation.FILE, {"made_by": command + "negation", "from": sources, "languages": made})
    elif given.what == "transfer":
        text = json.dumps({"command": command + "transfer", **transfer()}, indent=1)
        Path("benchmarks/results/transfer.json").write_text(text + "\n", encoding="utf-8")
        print(text)
    else:
        facts = {"made_by": command + "quality", "from": sources, "tails": list(tables.TAILS), "table_rows": TABLE}
        fitted, languages = quality(given.raw)
        write(tables.FILE, {**facts, "evidence": fitted, "languages": languages})


if __name__ == "__main__":
    main()
