"""What the agreement of a probe adds to the estimates of translation quality: XNLI's rows in two languages.

    CAIRN_HUB_MIRROR=... python benchmarks/agreement.py de es fr ru

English rows of XNLI's validation set beside their human translations, every tenth with the hypothesis of another row of
another label in its place (in the right language, so that the text itself is in order). AUROC of the planted rows for
the probe alone, the usual estimates alone, and both.
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path
from typing import Any

import numpy as np
from parallel import rows
from planted import auroc

from curation.embed.encoder import Encoder
from curation.translate import agreement, calibration, judge
from curation.translate.drafts import Draft


def measured(lang: str, count: int, encoder: Encoder, seed: int) -> dict[str, Any]:
    """Return the AUROC of swapped hypotheses, and how many there are."""
    draw = random.Random(seed)
    both = list(zip(rows("facebook/xnli", "en", "validation"), rows("facebook/xnli", lang, "validation"), strict=True))
    both = draw.sample(both, min(count, len(both)))
    english = [
        {"id": f"{i:05}", "text_a": a["premise"], "text_b": a["hypothesis"], "label": a["label"]}
        for i, (a, _) in enumerate(both)
    ]
    drafts = [Draft({"text_a": b["premise"], "text_b": b["hypothesis"]}) for _, b in both]
    bad = np.zeros(len(both), dtype=bool)
    for i in range(0, len(both), 10):
        other = draw.choice([j for j in range(len(both)) if english[j]["label"] != english[i]["label"]])
        drafts[i] = Draft({"text_a": both[i][1]["premise"], "text_b": both[other][1]["hypothesis"]})
        bad[i] = True
    found = agreement.of_drafts("pair", english, drafts, encoder.encode)
    columns = judge.check("pair", english, drafts, "en", lang, by_row={agreement.NAME: found})
    text = 10 ** (calibration.DECADES * (columns[judge.QUALITY] - 1))
    number = [*range(len(both))] * 2
    joint = calibration.quality(calibration.rows(np.concatenate([text, columns[agreement.NAME]]), number, len(both)))
    values = {"probe": -found, "usual estimates": columns[judge.QUALITY], "both": joint}
    return {
        "rows": len(both), "planted": int(bad.sum()),
        "auroc": {name: round(auroc(value[bad], value[~bad]), 4) for name, value in values.items()},
        "good_rows_below_0.4": {
            name: round(float((values[name][~bad] < 0.4).mean()), 4) for name in ("usual estimates", "both")
        },
        "caught_at_0.4": {
            name: round(float((values[name][bad] < 0.4).mean()), 4) for name in ("usual estimates", "both")
        },
    }  # fmt: skip


def main() -> None:
    """Measure, print, and write the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("languages", nargs="+")
    parser.add_argument("--rows", type=int, default=2000)
    parser.add_argument("--encoder", default="cairn/minilm-l6-multi")
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/agreement.json"))
    given = parser.parse_args()
    encoder = Encoder(given.encoder, None, 32, 128)
    found = {lang: measured(lang, given.rows, encoder, 1) for lang in given.languages}
    command = f"python benchmarks/agreement.py {' '.join(given.languages)} --rows {given.rows}"
    text = json.dumps({"command": command, "encoder": given.encoder, "languages": found}, indent=1)
    print(text)
    given.out.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
