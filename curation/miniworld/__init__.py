"""The miniworld: parallel data in six languages from a small grammar, in any number, with defects planted on request.

``rows("nli", "train", "de", n=1000, seed=7)`` gives dicts like those of a published data set, each with a ``key``; the
same key says the same in every language, and no language depends on which others are asked for. ``truth(...)`` tells
afterwards which defects were planted where; nothing about them is in the rows.

====================  ==========================================================================================
config                columns beside ``key``
====================  ==========================================================================================
``nli``               premise, hypothesis, label (0 entailment, 1 neutral, 2 contradiction)
``xnli``              the same, of another make: longer premises, more quantities and pronouns
``paraphrase``        sentence1, sentence2, label (0 different, 1 paraphrase)
``qa``, ``qa2``       context, question, answers {text: [...], answer_start: [...]}; qa2 has questions without answer
``choice``            context, question, choices [2 to 4], label
``pos``               tokens, upos [str]
``ner``               tokens, ner_tags [str, IOB2 with PER, ORG, LOC]
``bitext``            source_sentence (``lang``), target_sentence (English): one row per pair; not for ``en``
``topic``             text, label (0 animal, 1 fruit, 2 instrument, 3 toy, 4 flower, 5 vehicle, 6 clothes)
``text``              text
====================  ==========================================================================================

How to call it: ask for exactly the rows you need (``rows(..., n)`` without ``plant`` is a prefix of ``rows(..., m)``,
n < m). Pass ``plant`` for the train split of an intermediate task, in every language, English or translated, and never
for another split: ``rows(config, "train", lang, n, params.seed, params.plant)``. Leaks copy the first English dev and
test rows of ``plant.leak_from``: ask for that target with the same seed and ``leaks * n / 2`` rows or more.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from curation.miniworld import content, planting
from curation.miniworld.languages import LANGUAGES, load
from curation.miniworld.planting import Params, Plant

__all__ = ["LANGUAGES", "Params", "Plant", "rows", "truth"]


def rows(
    config: str, split: str, lang: str, n: int, seed: int, plant: Plant | Mapping[str, Any] | None = None
) -> list[dict[str, Any]]:
    """Return ``n`` rows of ``config`` in ``lang``, with the defects of ``plant`` when it is given.

    Raises :class:`CairnError` for an unknown config, split or language.

    >>> [row["key"] for row in rows("nli", "train", "de", 2, seed=7)]
    ['train-000000', 'train-000001']
    """
    grammar = load(lang)
    if plant is not None:
        return planting.rows(config, split, lang, n, seed, planting.section(plant))
    render = content.generator(config).render
    found = content.first(config, split, n, seed)
    return [{"key": content.key(split, i), **render(row, grammar)} for i, row in enumerate(found)]


def truth(
    config: str, split: str, n: int, seed: int, plant: Plant | Mapping[str, Any], lang: str = "en"
) -> list[dict[str, Any]]:
    """Return what was planted in ``rows(config, split, lang, n, seed, plant)``: dicts of key, defect and detail.

    ``detail`` is a dict: the ``original`` label, the key of the ``twin``, the ``leaked`` row, the ``kind`` of an edit.
    For a ``lang`` other than English, translation errors are added.
    """
    return planting.truth(config, split, lang, n, seed, planting.section(plant))
