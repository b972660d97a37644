"""Tags carried along alignments of words: entities of WikiANN, parts of speech of UDPOS, English to Spanish or French.

    CAIRN_HUB_MIRROR=... python benchmarks/tags.py es fr --rows 1000

English train rows are translated by apertium, and their tags carried over. Reported: the rows kept and why the others
are not; the share of tags of kept rows that a tagger agrees with which learnt from the language's own train rows; and
F1 on other rows of the language of a tagger that learnt from equally many rows of each make: English, carried over,
the language's own. The tagger is a logistic regression on the word vectors of the frozen encoder, so that what differs
is the data alone; it is no fine-tuned tagger, and its scores stand beside one another only.
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
from tqdm import tqdm

from curation.metrics import seqeval
from curation.tasks import load
from curation.translate import judge, word_tags
from curation.translate.alignment import Aligner
from curation.translate.sentences import Engine
from curation.translate.translators import apertium

SETS = {
    "panx": ("unimelb-nlp/wikiann", "{code}", "ner_tags"),
    "udpos": ("google/xtreme", "udpos.{name}", "pos_tags"),
}
NAMES = {"en": "English", "es": "Spanish", "fr": "French"}
LONGEST = 60
MIN_QUALITY = 0.4
Row = dict[str, Any]


def read(task: str, lang: str, split: str) -> list[Row]:
    """Return the rows ``{tokens, tags}`` of at most :data:`LONGEST` words, in an order drawn with one seed."""
    repo, config, column = SETS[task]
    found = [
        {"tokens": list(row["tokens"]), "tags": list(row[column])}
        for row in rows(repo, config.format(code=lang, name=NAMES[lang]), split)
        if 0 < len(row["tokens"]) <= LONGEST and all(word.strip() for word in row["tokens"])
    ]
    return random.Random(3).sample(found, len(found))


def own_and_test(task: str, lang: str) -> tuple[list[Row], list[Row]]:
    """Return rows of the language to learn from and to test on.

    The mirror has no test split here, so half of the validation split is tested on; where it has no train rows either
    (UDPOS), the other half is learnt from.
    """
    validation = read(task, lang, "validation")
    half = len(validation) // 2
    if task == "panx":
        return read(task, lang, "train"), validation[half:]
    return validation[:half], validation[half:]


def vectors(aligner: Aligner, given: list[Row], what: str) -> list[np.ndarray]:
    """Return the word vectors of each row, ``(words, d)``; words beyond the encoder's length are zero."""
    found = []
    for low in tqdm(range(0, len(given), 32), what):
        part = given[low : low + 32]
        made, real = aligner._vectors([tuple(row["tokens"]) for row in part])
        values = (made * real[..., None]).cpu().numpy()
        found += [values[i, : len(row["tokens"])] for i, row in enumerate(part)]
    return found


class Tagger:
    """Multinomial logistic regression on word vectors."""

    def __init__(self, given: list[Row], made: list[np.ndarray]) -> None:
        from sklearn.linear_model import LogisticRegression

        tags = np.concatenate([[-1 if tag is None else tag for tag in row["tags"]] for row in given])
        words = np.concatenate(made)
        self.model = LogisticRegression(C=10.0, max_iter=200).fit(words[tags >= 0], tags[tags >= 0])

    def tags(self, made: list[np.ndarray]) -> list[list[int]]:
        """Return the likeliest tag of every word of every row."""
        every = self.model.predict(np.concatenate(made))
        return [part.tolist() for part in np.split(every, np.cumsum([len(own) for own in made])[:-1])]


def measured(task: str, lang: str, count: int, aligner: Aligner) -> dict[str, Any]:
    """Return what is kept, how far it agrees with the language's own tags, and what it teaches."""
    labels = load(task).labels
    english = read(task, "en", "train")[:count]
    native, test = (part[:count] for part in own_and_test(task, lang))
    run = Engine(
        lambda texts: apertium.translate(texts, "en", lang, None), apertium.describe("en", lang, None), "en", lang, 4096
    )
    drafts = word_tags.from_rows(english, run, labels, aligner)
    reasons = judge.reasons(drafts, judge.check("tags", english, drafts, "en", lang), MIN_QUALITY)
    carried = [dict(draft.fields) for draft, why in zip(drafts, reasons, strict=True) if why is None and draft.fields]
    kept = [row for row, why in zip(english, reasons, strict=True) if why is None]
    size = min(len(carried), len(native))
    test_vectors = vectors(aligner, test, f"{task} {lang} test")
    gold = [row["tags"] for row in test]
    taggers, scores = {}, {}
    for name, own in (("english", kept), ("carried over", carried), ("own", native)):
        taggers[name] = Tagger(own[:size], vectors(aligner, own[:size], f"{task} {lang} {name}"))
        counts = seqeval.statistics(gold, taggers[name].tags(test_vectors), lang=lang, labels=labels)
        scores[name] = round(float(seqeval.values(counts.sum(axis=0), labels)["f1"]), 4)
    agreed = taggers["own"].tags(vectors(aligner, carried, f"{task} {lang} agreement"))
    pairs = [(a, b) for row, own in zip(carried, agreed, strict=True) for a, b in zip(row["tags"], own, strict=True)]
    tagged = [(a, b) for a, b in pairs if a is not None]
    result = {
        "rows": len(english), "kept": len(carried), "trained_on": size,
        "dropped": dict(Counter(why for why in reasons if why).most_common()),
        "words_tagged": round(len(tagged) / len(pairs), 4),
        "agreement_with_own_tagger": round(float(np.mean([a == b for a, b in tagged])), 4),
        "test_f1": scores,
    }  # fmt: skip
    if task == "panx":
        before, after = (
            sum(len(word_tags.chunks([labels[tag] for tag in row["tags"]])) for row in part)
            for part in (english, carried)
        )
        result["entities"] = {"english": before, "in kept rows": after, "kept": round(after / before, 4)}
    return result


def main() -> None:
    """Measure, print, and write the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("languages", nargs="+", choices=[lang for lang in NAMES if lang != "en"])
    parser.add_argument("--rows", type=int, default=1000)
    parser.add_argument("--aligner", default="cairn/minilm-l6-multi")
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/tags.json"))
    given = parser.parse_args()
    aligner = Aligner(given.aligner)
    found = {lang: {task: measured(task, lang, given.rows, aligner) for task in SETS} for lang in given.languages}
    print(json.dumps(found, indent=1))
    command = f"python benchmarks/tags.py {' '.join(given.languages)} --rows {given.rows}"
    text = json.dumps({"command": command, "aligner": given.aligner, "languages": found}, indent=1, ensure_ascii=False)
    given.out.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
