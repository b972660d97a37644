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
from parallel import LANGUAGES, Pair, held_out
from planted import FULL, NEIGHBOUR, auroc, plant
from tqdm import tqdm

from curation.translate import calibration, estimates

STATED = (0.05, 0.01, calibration.false_drops(0.4))


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
        made, kinds = plant(draw, pairs, foreign.get(name, []), lang) if lang in FULL else (pairs, [""] * len(pairs))
        share = judge(made, lang)
        for i, value in enumerate(share.tolist()):
            (bad[kinds[i]] if kinds[i] else good).append(value)
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
        found["caught_at_0.4"] = {
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
        print(lang, own["good"], own["false_drops"], own.get("auroc", ""), own.get("caught_at_0.4", ""))
    if set(given.languages) == set(LANGUAGES):
        command = f"python benchmarks/translation_quality.py --rows {given.rows} --seed {given.seed}"
        text = json.dumps({"command": command, "rows": given.rows, "languages": found}, indent=1, ensure_ascii=False)
        given.out.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
