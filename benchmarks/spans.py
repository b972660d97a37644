"""Answers carried into a translation against people's: SQuAD questions of XQuAD, English to Spanish.

    CAIRN_HUB_MIRROR=... python benchmarks/spans.py es --rows 300 --list 100

The human translation of a context is not the machine's, so places cannot be compared; what can is the answer's text:
F1 in words between the machine's answer (by apertium) and the person's. `--list` prints so many kept rows for reading.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from parallel import rows

from curation.language import words
from curation.translate import answers, judge
from curation.translate.alignment import Aligner
from curation.translate.sentences import Engine
from curation.translate.translators import apertium

MIN_QUALITY = 0.4


def f1(a: str, b: str) -> float:
    """Return SQuAD's F1 in lower-case words."""
    left, right = Counter(words.plain(a)), Counter(words.plain(b))
    shared = (left & right).total()
    return 2 * shared / max(1, left.total() + right.total())


def measured(lang: str, count: int, aligner: str | None, show: int) -> dict[str, Any]:
    """Return how many rows are kept, by whom the answers are borne out, and their F1 against people's answers."""
    english, other = rows("google/xquad", "xquad.en", "validation"), rows("google/xquad", f"xquad.{lang}", "validation")
    pairs = random.Random(7).sample(list(zip(english, other, strict=True)), count)
    given = [
        {
            "question": a["question"], "context": a["context"],
            "answers": [{"text": a["answers"]["text"][0], "start": a["answers"]["answer_start"][0]}],
        }
        for a, _ in pairs
    ]  # fmt: skip
    run = Engine(
        lambda texts: apertium.translate(texts, "en", lang, None), apertium.describe("en", lang, None), "en", lang, 4096
    )
    made = answers.from_rows(given, run, apertium.MARKERS, Aligner(aligner) if aligner else None)
    estimates = judge.check("span", given, made, "en", lang)
    reasons = judge.reasons(made, estimates, MIN_QUALITY)
    scores: dict[str, list[float]] = {}
    for (_, person), row, draft, reason in zip(pairs, given, made, reasons, strict=True):
        if reason is None and draft.fields is not None:
            own = draft.fields["answers"][0]["text"]
            scores.setdefault(draft.how or "", []).append(f1(own, person["answers"]["text"][0]))
            if show > 0:
                show -= 1
                print(f"{row['answers'][0]['text']} -> {own} [{draft.how}] (person: {person['answers']['text'][0]})")
    every = [value for own in scores.values() for value in own]
    return {
        "rows": count, "aligner": aligner, "kept": len(every),
        "dropped": dict(Counter(reason for reason in reasons if reason)),
        "answer_f1": round(float(np.mean(every)), 4),
        "by": {how: [len(own), round(float(np.mean(own)), 4)] for how, own in sorted(scores.items())},
    }  # fmt: skip


def main() -> None:
    """Measure with and without an aligner, print, and write the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lang")
    parser.add_argument("--rows", type=int, default=300)
    parser.add_argument("--list", type=int, default=0)
    parser.add_argument("--aligner", default="cairn/minilm-l6-multi")
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/spans.json"))
    given = parser.parse_args()
    found = {
        "markers and the answer alone": measured(given.lang, given.rows, None, 0),
        "with alignment": measured(given.lang, given.rows, given.aligner, given.list),
    }
    print(json.dumps(found, indent=1))
    stored = json.loads(given.out.read_text()) if given.out.is_file() else {}
    stored[given.lang] = {"command": f"python benchmarks/spans.py {given.lang} --rows {given.rows}", **found}
    given.out.write_text(json.dumps(stored, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
