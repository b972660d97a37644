"""What a target model's predictions are worth in every language."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from curation import metrics
from curation.core import files
from curation.core.kinds import KINDS
from training.evaluate import scoring
from training.evaluate.gold import shown
from training.evaluate.scoring import Scored
from training.model import kind as kinds

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa

    from curation.core.task import Task


def by_language(test: pa.Table) -> dict[str, list[int]]:
    """Return the places of each language's rows, in record order."""
    places: dict[str, list[int]] = {}
    for place, lang in enumerate(test["lang"].to_pylist()):
        places.setdefault(lang, []).append(place)
    return dict(sorted(places.items()))


def score(
    task: Task, test: pa.Table, true: Sequence[Any], predicted: Sequence[Any]
) -> tuple[dict[str, Scored], dict[str, list[Any]]]:
    """Return the scored rows of every language, and the predictions as they were made.

    Raises :class:`CairnError` unless there is one prediction per record.
    """
    metrics.check_lengths(true, predicted, task.metric)
    metric = metrics.load(task.metric)
    ids, groups = test["id"].to_pylist(), test["group"].to_pylist()
    rows, raw = {}, {}
    for lang, places in by_language(test).items():
        g, p = [true[place] for place in places], [predicted[place] for place in places]
        own, units = [ids[place] for place in places], [groups[place] for place in places]
        found = metric.statistics(g, p, lang=lang, labels=task.labels)
        said, wanted = ([shown(task.kind, one, task.labels) for one in values] for values in (p, g))
        rows[lang], raw[lang] = Scored(own, units, said, wanted, found), p
    return rows, raw


def baseline(task: Task, train: pa.Table, test: pa.Table, true: Sequence[Any]) -> dict[str, Any] | None:
    """Return the values of always giving the most frequent answer of the training rows; null for spans.

    ``languages`` and their mean ``all`` are of the primary value, ``values`` has the others by language.
    """
    guess = kinds.load(task.kind).majority(train, test)
    if guess is None:
        return None
    found: dict[str, dict[str, float]] = {}
    for lang, places in by_language(test).items():
        g, p = [true[place] for place in places], [guess[place] for place in places]
        for name, value in metrics.score(task.metric, g, p, lang=lang, labels=task.labels).items():
            found.setdefault(name, {})[lang] = scoring.rounded(value)
    languages = found.pop(metrics.load(task.metric).PRIMARY)
    told: dict[str, Any] = {"languages": languages, "all": scoring.rounded(np.mean(list(languages.values())))}
    return told | ({"values": found} if found else {})


def consistency(task: Task, rows: Mapping[str, Scored], raw: Mapping[str, Sequence[Any]]) -> dict[str, Any] | None:
    """Return how often two languages give the same answer to the same item (after Qi et al. 2023), right or wrong.

    ``languages``: each against English, with Cohen's kappa, since answers that are always the same agree as well;
    ``all``: the mean of these; ``pairs``: the mean over all pairs of languages. Answers to span questions are in
    different languages, so there both must be exactly right or both not. Tags have no counterpart word by word: null,
    as for test sets that are not parallel.
    """
    if not task.parallel or KINDS[task.kind].named == "word":
        return None
    span = task.kind == "span"
    own = {
        lang: dict(zip(found.ids, (found.statistics[:, 0] == 1).tolist() if span else raw[lang], strict=True))
        for lang, found in rows.items()
    }
    pairs = {pair: scoring.agreement(own[pair[0]], own[pair[1]]) for pair in combinations(sorted(own), 2)}
    known = {pair: found for pair, found in pairs.items() if found is not None}
    if not known:
        return None
    english = {(set(pair) - {"en"}).pop(): found for pair, found in known.items() if "en" in pair}
    return {
        "measure": "both exactly right or both not" if span else "same prediction",
        "languages": {lang: _told(found) for lang, found in sorted(english.items())},
        "all": scoring.rounded(np.mean([found.share for found in english.values()])) if english else None,
        "pairs": {
            "agreement": scoring.rounded(np.mean([found.share for found in known.values()])),
            "pairs": len(known),
        },
    }


def _told(found: scoring.Agreement) -> dict[str, Any]:
    kappa = None if found.kappa is None else scoring.rounded(found.kappa)
    return {"agreement": scoring.rounded(found.share), "kappa": kappa, "rows": found.rows}


def cap(file: Any) -> int | None:
    """Return the most rows per language that ``fetch`` took (``fetch.rows.target.test``), null = all."""
    splits = files.read_json(file.with_name("manifest.json"))["splits"]
    caps = [entry["cap"] for entry in splits.get("test", {}).values() if entry.get("cap") is not None]
    return max(caps, default=None)
