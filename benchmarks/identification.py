"""Language identification on short texts: py3langid beside lingua, accuracy by language, time, size.

    pip install lingua-language-detector   # a peer, no dependency of ours
    CAIRN_HUB_MIRROR=... python benchmarks/identification.py

200 sentences of Tatoeba in each language (60 characters of NTREX where Tatoeba has none).
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable
from pathlib import Path

from parallel import LANGUAGES, held_out

from curation.language import identification

ROWS = 200


def peer() -> Callable[[str], str | None]:
    """Return lingua over all its languages."""
    from lingua import LanguageDetectorBuilder

    detector = LanguageDetectorBuilder.from_all_languages().build()

    def identify(text: str) -> str | None:
        found = detector.detect_language_of(text)
        return None if found is None else found.iso_code_639_1.name.lower()

    return identify


def texts(lang: str) -> list[str]:
    """Return short texts in a language."""
    sets = held_out(lang)
    name = "tatoeba" if "tatoeba" in sets else "ntrex"
    own = [target[:60] for _, target in sets[name]]
    return random.Random(0).sample(own, min(ROWS, len(own)))


def main() -> None:
    """Measure, print, write."""
    found: dict[str, dict[str, object]] = {}
    for name, identify in {"py3langid": identification.identify, "lingua": peer()}.items():
        identify("warm up")
        right: dict[str, float] = {}
        spent = count = 0.0
        for lang in LANGUAGES:
            own = texts(lang)
            start = time.process_time()
            got = [identify(text) for text in own]
            spent, count = spent + time.process_time() - start, count + len(own)
            wanted = {lang} | ({"no"} if lang == "nb" else set())
            right[lang] = round(sum(one in wanted for one in got) / len(own), 3)
        mean = sum(right.values()) / len(right)
        found[name] = {"mean": round(mean, 4), "microseconds": round(spent / count * 1e6), "by_language": right}
        print(name, found[name])
    text = json.dumps({"command": "python benchmarks/identification.py", **found}, indent=1)
    Path("benchmarks/results/identification.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
