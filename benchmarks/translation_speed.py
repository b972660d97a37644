"""The stage `translate` beside the command line of apertium, and what its checks cost: SNLI, English to Spanish.

    CAIRN_HUB_MIRROR=... python benchmarks/translation_speed.py --sentences 6000

The peer reads the same distinct sentences in one process, as a user would type it: `apertium -u eng-spa < sentences`.
Both give the same translations (compared without the marks of unknown words, which `-u` leaves out). Seconds are the
best of --repeat; the share of the checks is in seconds of CPU, which other work on the machine does not change.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import time
from pathlib import Path
from typing import Any

from parallel import rows

from curation.language import identification
from curation.translate import drafts, judge
from curation.translate.drafts import Draft
from curation.translate.translators import apertium


def sentences(count: int) -> list[str]:
    """Return so many distinct hypotheses of SNLI, without white space at their ends."""
    found = dict.fromkeys(
        row["hypothesis"].strip() for row in rows("stanfordnlp/snli", "plain_text", "train")[: 2 * count]
    )
    return [text for text in found if text][:count]


def peer(texts: list[str], direction: str) -> list[str]:
    """Return what apertium's own command makes of the sentences, one process, a blank line between two."""
    given = "".join(f"{text}\n\n" for text in texts)
    done = subprocess.run(["apertium", "-u", direction], input=given, capture_output=True, text=True, check=True)
    return done.stdout.split("\n\n")[: len(texts)]


def cpu(who: int) -> float:
    """Return the seconds of CPU used so far."""
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Measure, print, and write the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sentences", type=int, default=6000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/translation_speed.json"))
    given = parser.parse_args()
    texts = sentences(given.sentences)
    ours: list[float] = []
    theirs: list[float] = []
    for _ in range(given.repeat):
        began = time.perf_counter()
        made = apertium.translate(texts, "en", "es", None)
        ours.append(time.perf_counter() - began)
        began = time.perf_counter()
        plain = peer(texts, apertium.steps("en", "es")[0])
        theirs.append(time.perf_counter() - began)
    clean = [drafts.clean(text)[0] for text in made]
    same = sum(" ".join(a.split()) == " ".join(b.split()) for a, b in zip(clean, plain, strict=True))
    before = cpu(resource.RUSAGE_CHILDREN)
    apertium.translate(texts, "en", "es", None)
    translating = cpu(resource.RUSAGE_CHILDREN) - before
    before = cpu(resource.RUSAGE_SELF)
    identification.doubts(["una frase"], "es")
    loading = cpu(resource.RUSAGE_SELF) - before
    before = cpu(resource.RUSAGE_SELF)
    lines = [{"text": text} for text in texts]
    judge.check("text", lines, [Draft({"text": text}) for text in clean], "en", "es")
    checking = cpu(resource.RUSAGE_SELF) - before
    found: dict[str, Any] = {
        "command": f"python benchmarks/translation_speed.py --sentences {given.sentences}",
        "sentences": len(texts), "cores": len(os.sched_getaffinity(0)), "load_before": round(os.getloadavg()[0], 2),
        "seconds": {"ours": [round(s, 2) for s in ours], "apertium -u": [round(s, 2) for s in theirs]},
        "ratio": round(min(theirs) / min(ours), 2), "same_translations": round(same / len(texts), 4),
        "cpu_seconds": {"apertium": round(translating, 2), "checks": round(checking, 2),
                        "language model, once": round(loading, 2)},
        "share_of_checks": round(checking / (checking + translating), 4),
    }  # fmt: skip
    print(json.dumps(found, indent=1))
    given.out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
