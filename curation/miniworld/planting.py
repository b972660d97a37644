"""Planted defects: which row gets which, the rows with them, and afterwards the truth about them.

The plan depends on the seed alone and holds for every language. A row with a defect keeps the number and key of the
clean row in its place, so that neither order nor key tells which rows are planted; copies and leaks stand at random
numbers, too, where the clean row is lost.
"""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from pydantic import Field

from curation import tasks
from curation.core import params as parameters
from curation.core import seeds
from curation.core.errors import CairnError
from curation.core.params import Section
from curation.miniworld import content, damage, defects, mislabel, mistranslation, slips
from curation.miniworld.languages import LANGUAGES, load
from curation.miniworld.scene import Rng


class Plant(Section):
    """Shares of the train rows that get each defect; a row gets one at most."""

    label_noise: float = Field(ge=0, le=0.9)
    """Another label than the right one; for spans a shifted answer, for tags a wrong tag. Where the share is that
    of the wrong labels among all, nothing of the truth is left: a control."""
    noise_kind: Literal["uniform", "class_conditional"]
    """Any other label, or always the next one (each class is mistaken for one certain other)."""
    near_duplicates: float = Field(ge=0, le=0.3)
    """The same row again with slips: case, punctuation, spaces, a typo; same label."""
    conflicts: float = Field(ge=0, le=0.3)
    """Such a second row with another label."""
    off_topic: float = Field(ge=0, le=0.3)
    """Web page boilerplate instead of the text."""
    garbled: float = Field(ge=0, le=0.3)
    """Broken encoding, mark-up, shuffled letters."""
    leaks: float = Field(ge=0, le=0.3)
    """English dev and test rows of the task ``leak_from``, some with slips."""
    leak_from: str
    """The target whose rows leak: a miniworld task of two sentences."""
    translation_errors: float = Field(ge=0, le=0.5)
    """Of the translations: a dropped clause, a changed number, the wrong language, a repetition."""


class Params(Section):
    """Section ``miniworld``."""

    seed: int = Field(ge=0)
    """The content of every bundled set derives from it."""
    plant: Plant | None
    """Defects in the train split of intermediate tasks; null = none."""


def section(plant: Plant | Mapping[str, Any]) -> Plant:
    """Return ``plant`` as a checked section."""
    return plant if isinstance(plant, Plant) else parameters.check(Plant, dict(plant), "params.yaml: miniworld.plant")


Rows = list[dict[str, Any]]
ORDER = ("label_noise", "near_duplicates", "conflicts", "off_topic", "garbled", "leaks")
NEED_LABEL = frozenset({"label_noise", "conflicts"})
"""Defects that rows without a label (``text``) cannot have."""


@dataclass(frozen=True)
class Planted:
    """One defect: the row it is in, and what it needs to be made again."""

    slot: int
    """Number of the row; what the clean list has there is lost when the defect is a whole row of its own."""
    defect: str
    kind: str = ""
    """How a text is edited."""
    source: int = -1
    """Number of the row that is copied, in the same split or in that of ``leaked``."""
    leaked: str = ""
    """Split of the target."""
    order: int = 0
    """Number of this row among those with its defect."""


def plan(config: str, split: str, n: int, seed: int, plant: Plant) -> dict[int, Planted]:
    """Return row number to defect, the same for every language; raise :class:`CairnError` when there are too many."""
    if config == "bitext":
        raise CairnError("bundled:miniworld, config bitext: nothing is planted in sentence pairs; set plant to null.")
    counts = {name: round(getattr(plant, name) * n) for name in ORDER if _possible(name, config)}
    copies = counts.get("near_duplicates", 0) + counts.get("conflicts", 0)
    if sum(counts.values()) + copies > n:
        raise CairnError(
            f"params.yaml: miniworld.plant: {sum(counts.values())} defects and the {copies} rows that they copy "
            f"do not fit in {n} rows. Lower the shares."
        )
    rng = _rng(seed, config, split, "plan")
    slots = iter(rng.sample(range(n), sum(counts.values()) + copies))
    found = {}
    for defect, count in counts.items():
        kinds = _kinds(defect, count, rng)
        for i in range(count):
            slot = next(slots)
            found[slot] = Planted(slot, defect, kinds[i], order=i)
            if defect in ("near_duplicates", "conflicts"):
                found[slot] = replace(found[slot], source=next(slots))
            if defect == "leaks":
                found[slot] = replace(found[slot], source=i // 2, leaked=("dev", "test")[i % 2])
    return found


def _possible(defect: str, config: str) -> bool:
    return not (defect in NEED_LABEL and config == "text") and not (defect == "leaks" and config not in defects.PAIRS)


def _kinds(defect: str, count: int, rng: Rng) -> list[str]:
    """Return ``count`` kinds of edit, all equally often but contractions, which few sentences have room for."""
    edits = [kind for kind in slips.SLIPS if kind != "contraction"]
    if defect in ("near_duplicates", "conflicts"):
        options = [*edits * 4, "contraction"]
    elif defect == "leaks":  # dev and test take turns, and so do verbatim rows and slips in each
        return [rng.choice(edits) if i // 2 % 2 else "verbatim" for i in range(count)]
    else:
        options = [*damage.GARBLED] if defect == "garbled" else [""]
    found = list(itertools.islice(itertools.cycle(options), count))
    rng.shuffle(found)
    return found


def rows(config: str, split: str, lang: str, n: int, seed: int, plant: Plant) -> Rows:
    """Return ``n`` rows of ``config`` in ``lang`` with the defects of ``plant``."""
    return [row for row, _, _ in _made(config, split, lang, n, seed, plant)]


def truth(config: str, split: str, lang: str, n: int, seed: int, plant: Plant) -> Rows:
    """Return key, defect and detail of every defective row of :func:`rows`, made again from the seed."""
    made = _made(config, split, lang, n, seed, plant)
    return [{"key": row["key"], "defect": defect, "detail": detail} for row, defect, detail in made if defect]


def _made(
    config: str, split: str, lang: str, n: int, seed: int, plant: Plant
) -> Iterator[tuple[dict[str, Any], str, dict[str, Any]]]:
    """Yield every row with its defect (empty = none) and the detail of it."""
    found = plan(config, split, n, seed, plant)
    maker = _Maker(config, split, lang, seed, plant, content.first(config, split, n, seed))
    wrong = maker.translation_errors(n, found)
    for slot in range(n):
        if slot in found:
            yield maker.defective(found[slot])
        elif slot in wrong:
            yield maker.mistranslated(slot, wrong[slot])
        else:
            yield maker.clean(slot), "", {}


class _Maker:
    """Makes the rows of one config, split and language."""

    def __init__(self, config: str, split: str, lang: str, seed: int, plant: Plant, found: list[Any]):
        self.config, self.split, self.lang, self.seed, self.plant = config, split, lang, seed, plant
        self.content = found
        self.generator = content.generator(config)
        self._leaks: dict[str, list[Any]] = {}

    def clean(self, slot: int, lang: str | None = None) -> dict[str, Any]:
        """Return the row without a defect."""
        return {"key": self.key(slot), **self.generator.render(self.content[slot], load(lang or self.lang))}

    def key(self, slot: int) -> str:
        """Return the key of row ``slot``."""
        return content.key(self.split, slot)

    def rng(self, slot: int, *names: str) -> Rng:
        """Return the generator of everything drawn for row ``slot``."""
        return _rng(self.seed, self.config, self.split, slot, *names)

    def defective(self, planted: Planted) -> tuple[dict[str, Any], str, dict[str, Any]]:
        """Return the row with its defect, the defect's name and detail."""
        make = {
            "label_noise": self._noise, "near_duplicates": self._copy, "conflicts": self._copy,
            "off_topic": self._off_topic, "garbled": self._garbled, "leaks": self._leak,
        }[planted.defect]  # fmt: skip
        row, detail = make(planted)
        return {**row, "key": self.key(planted.slot)}, planted.defect, detail

    def translation_errors(self, n: int, found: Mapping[int, Planted]) -> dict[int, mistranslation.Kind]:
        """Return the rows whose translation goes wrong, and how: others in every language, never one that is copied."""
        if self.lang == "en":
            return {}
        rng = _rng(self.seed, self.config, self.split, "translation", self.lang)
        taken = {*found, *(planted.source for planted in found.values() if not planted.leaked)}
        free = rng.sample([slot for slot in range(n) if slot not in taken], n - len(taken))
        wrong: dict[int, mistranslation.Kind] = {}
        for kind in itertools.islice(itertools.cycle(mistranslation.KINDS), round(self.plant.translation_errors * n)):
            fits = (i for i, slot in enumerate(free) if kind != "number" or self._counted(slot))
            if free:
                wrong[free.pop(next(fits, 0))] = kind
        return wrong

    def _counted(self, slot: int) -> bool:
        return re.search(r"det='(two|three)'", repr(self.content[slot])) is not None

    def mistranslated(self, slot: int, kind: mistranslation.Kind) -> tuple[dict[str, Any], str, dict[str, Any]]:
        """Return the row as a bad translation."""

        def render(found: Any, lang: str) -> dict[str, Any]:
            return self.generator.render(found, load(lang))

        rng = self.rng(slot, self.lang)
        row, done = mistranslation.row(self.config, self.content[slot], render, kind, rng, self.lang, LANGUAGES)
        return {"key": self.key(slot), **row}, "translation_errors", {"kind": done}

    def _noise(self, planted: Planted) -> tuple[dict[str, Any], dict[str, Any]]:
        labels = getattr(self.generator, "LABELS", ())
        rng = self.rng(planted.slot)
        row, right = mislabel.wrong(self.config, self.clean(planted.slot), self.plant.noise_kind, labels, rng)
        return row, {"original": right}

    def _copy(self, planted: Planted) -> tuple[dict[str, Any], dict[str, Any]]:
        rng = self.rng(planted.slot, self.lang)
        row, kind = defects.slipped(self.config, self.clean(planted.source), planted.kind, rng, self.lang)
        detail = {"twin": self.key(planted.source), "kind": kind}
        if planted.defect == "near_duplicates":
            return row, detail
        labels = getattr(self.generator, "LABELS", ())
        row, right = mislabel.wrong(self.config, row, "uniform", labels, self.rng(planted.slot), clear=True)
        return row, {**detail, "original": right}

    def _off_topic(self, planted: Planted) -> tuple[dict[str, Any], dict[str, Any]]:
        rng = self.rng(planted.slot)
        return defects.off_topic(self.config, self.clean(planted.slot), planted.order, rng, self.lang), {}

    def _garbled(self, planted: Planted) -> tuple[dict[str, Any], dict[str, Any]]:
        rng = self.rng(planted.slot, self.lang)
        return defects.garbled(self.config, self.clean(planted.slot), planted.kind, rng), {"kind": planted.kind}

    def _leak(self, planted: Planted) -> tuple[dict[str, Any], dict[str, Any]]:
        source = target(self.plant.leak_from)
        if planted.leaked not in self._leaks:
            count = round(self.plant.leaks * len(self.content)) // 2 + 1
            self._leaks[planted.leaked] = content.first(source, planted.leaked, count, self.seed)
        leaked = content.generator(source).render(self._leaks[planted.leaked][planted.source], load(self.lang))
        texts = zip(defects.FIELDS[self.config], (leaked[name] for name in defects.FIELDS[source]), strict=True)
        label = _label(source, self.config, leaked["label"], self.rng(planted.slot))
        row, kind = {**dict(texts), "label": label}, "verbatim"
        if planted.kind != kind:
            rng = self.rng(planted.slot, self.lang)
            row, kind = defects.slipped(self.config, row, planted.kind, rng, self.lang)
        return row, {"leaked": content.key(planted.leaked, planted.source), "from": self.plant.leak_from, "kind": kind}


def target(name: str) -> str:
    """Return the config of the leaking task ``name``; raise :class:`CairnError` when its rows cannot leak."""
    source = tasks.load(name, "params.yaml: miniworld.plant.leak_from").test
    if source is None or source.repo != "bundled:miniworld" or source.config not in defects.PAIRS:
        raise CairnError(
            f"params.yaml: miniworld.plant.leak_from: {name} is no bundled task of two sentences. "
            "Use mini_xnli, mini_paraphrase or mini_nli, or set leaks: 0."
        )
    return str(source.config)


def _label(source: str, config: str, label: int, rng: Rng) -> int:
    """Return what somebody would call a row of ``source`` in ``config``: a paraphrase entails."""
    if source == config or {source, config} == set(defects.INFERENCE):
        return label
    if config in defects.INFERENCE:
        return 0 if label == 1 else rng.choice([1, 2])
    return int(label == 0)


def _rng(seed: int, *names: str | int) -> Rng:
    return random.Random(seeds.derive(seed, "miniworld", "plant", *names))
