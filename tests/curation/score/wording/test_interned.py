"""Words as numbers say what tuples of words said, and take little room."""

from __future__ import annotations

import gc
import tracemalloc
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.core import params, registry
from curation.core.task import Answer, Example
from curation.embed import Vectors
from curation.language import words
from curation.probe import Probe
from curation.score.scorers import answers, outliers, surface
from curation.score.wording import duplicates, interned, overlap, searched, texts
from curation.search import exact, knn
from tests.curation.score.scorers.test_conformance import NAMES, PROFILE

if TYPE_CHECKING:
    from pathlib import Path

SAID = [
    "the dog runs",
    "the the dog runs",
    "a dog runs",
    "dogs run",
    "",
    "!",
    "un dog",
    "The dog, runs!",
    "3 dogs 狗在跑",
]


def test_rows_keep_their_words(make_table) -> None:
    rows = [Example(text_a=a, text_b=b) for a in SAID for b in SAID]
    table = make_table("pair", rows)
    found = interned.rows(table)
    for i, row in enumerate(table.to_pylist()):
        split = [tuple(words.folded(row[name])) for name in ("text_a", "text_b")]
        assert found.words(i) == tuple(split)
        first = found.starts[i]
        for place, mine in enumerate(split):
            same = [
                other for other, at in enumerate(found.field) if found.light[0][other] == found.light[0][first + place]
            ]
            heavy = texts.heavy(mine, "en")
            assert all(texts.heavy(found._text(found.field[other]), "en") == heavy for other in same[:20])
    counted = interned.vocabulary(found).counts
    assert counted["dog"] == sum(words.folded(text).count("dog") for row in rows for text in (row.text_a, row.text_b))


some_words = st.lists(st.sampled_from(["a", "dog", "cat", "runs", "house", "huose", "not", "3", "the"]), max_size=14)


@given(some_words, some_words, st.sampled_from([0.0, 0.02, 0.2]), st.booleans())
def test_the_quick_look_passes_all_that_the_words_would(one: Any, other: Any, edits: float, turned: bool) -> None:
    from tests.curation.conftest import table

    pair = [Example(text_a="x", text_b=" ".join(one)), Example(text_a=" ".join(other), text_b="x")]
    pair.append(replace(pair[1], text_a="x", text_b=" ".join(other)))
    rows = interned.rows(table("pair", pair))
    known = interned.vocabulary(rows)
    for i in range(3):
        for j in range(3):
            same = duplicates.same_rows(rows.words(i), rows.words(j), "en", known, edits, turned=turned)
            at = (rows, np.array([i]), rows, np.array([j]), edits)
            assert not same or duplicates.may_be_same(*at, turned=turned)[0]


def test_exchanged_sides_are_one_row_in_a_symmetric_task_only(make_table, make_examples) -> None:
    rows = make_examples("pair", 12)
    turned = [Example(text_a=row.text_b, text_b=row.text_a, label=1, key=f"turned {i}") for i, row in enumerate(rows)]
    slip = Example(text_a=rows[0].text_b.replace("garden", "gardne"), text_b=rows[0].text_a, key="slip")
    table = make_table("pair", [*rows, *turned, slip])
    none = knn.Neighbours(np.zeros((25, 0), np.int32), np.zeros((25, 0), np.float32))
    before = {row for group in duplicates.find(table, none, 0.8, 0.02).members for row in group}
    groups = duplicates.find(table, none, 0.8, 0.02, symmetric=True)
    assert len(before) <= 2
    assert sum(len(group) for group in groups.members) in (24, 25)
    assert {similarity for _, similarity in groups.twin.values()} == {1.0}
    all_near = knn.Neighbours(
        np.array([[j for j in range(25) if j != i] for i in range(25)], np.int32), np.full((25, 24), 0.9, np.float32)
    )
    found = duplicates.find(table, all_near, 0.8, 0.02, symmetric=True)
    assert max(len(group) for group in found.members) == 3


def test_the_second_scorer_is_told_what_the_first_found(
    make_table, make_inputs, make_examples, tmp_path, monkeypatch
) -> None:
    monkeypatch.setenv("CAIRN_CACHE", str(tmp_path))
    rows = [
        *make_examples("pair", 20),
        *(replace(row, label=0, key=f"again {i}") for i, row in enumerate(make_examples("pair", 3))),
    ]
    inputs, calls = make_inputs(make_table("pair", rows)), []
    find = duplicates.find
    monkeypatch.setattr(duplicates, "find", lambda *a, **k: calls.append(1) or find(*a, **k))
    first = searched.groups(inputs, 0.8, 0.02)
    assert searched.groups(inputs, 0.8, 0.02) == first
    assert first.members
    assert len(calls) == 1
    searched.groups(inputs, 0.8, 0.0)
    assert len(calls) == 2
    for file in (tmp_path / "duplicates").iterdir():
        file.write_bytes(file.read_bytes()[:50])
    assert searched.groups(inputs, 0.8, 0.02) == first


def test_whether_two_words_are_one_does_not_depend_on_the_size_of_the_corpus() -> None:
    for one, other, times in (("hike", "bike", 3), ("rain", "train", 40), ("sleepnig", "sleeping", 1)):
        verdicts = set()
        for more in (0, 1_000, 100_000, 10_000_000):
            known = texts.Vocabulary({one: times, other: 30 * times, "the": more})
            verdicts.add(known.misspelt(one, other))
        assert verdicts == {times == 1}


BOUNDS = {"near_duplicates": 500, "conflicts": 500, "outliers": 400}
"""Bytes a row, at the peak; with words as Python strings it took 2,000 and more."""
BOUND = 900
"""Of any other scorer in the folder."""


@pytest.mark.parametrize("name", NAMES)
def test_a_scorer_takes_little_room_for_a_row(name: str, make_table, make_inputs, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("CAIRN_CACHE", str(tmp_path))
    module = registry.load("scorers", name)
    for one in (
        answers,
        duplicates,
        interned,
        overlap,
        outliers,
        surface,
    ):  # what a block takes is the same for all sizes
        monkeypatch.setattr(one, "BLOCK", 100)
    section = params.read(module.Params, f"score.{name}", PROFILE)
    plenty = [f"word{i}" for i in range(400)]
    rng = np.random.default_rng(1)

    def peak(n: int) -> int:
        said = [" ".join(rng.choice(plenty, 12)) for _ in range(2 * n)]
        pairs = list(zip(said[:n], said[n:], strict=True))
        if "pair" in module.KINDS:
            table = make_table("pair", [Example(text_a=a, text_b=b, label=i % 2) for i, (a, b) in enumerate(pairs)])
        else:
            first = [(Answer(b.split(" ")[0], 0),) for _, b in pairs]
            rows = [Example(question=a, context=b, answers=one) for (a, b), one in zip(pairs, first, strict=True)]
            table = make_table("span", rows)
        near = knn.Neighbours(rng.integers(0, n, (n, 40)).astype(np.int32), np.full((n, 40), 0.85, np.float32))
        inputs = make_inputs(table, targets={"other": {"dev": table.slice(0, 20)}})
        some = exact.unit(rng.standard_normal((n, 16)).astype(np.float32)).astype(np.float16)
        made = Vectors([], some, {})  # few dimensions: what is measured is words
        sure = rng.dirichlet(np.ones(2), n).astype(np.float32)
        judged = Probe(table["id"].to_pylist(), np.zeros(n, np.int8), list(sure), {"untrained": {}})
        inputs.loaders.update(neighbours=lambda: near, vectors=lambda: made, encode=lambda said: some[: len(said)])
        inputs.loaders.update(probe=lambda: judged)
        for need in module.NEEDS:
            getattr(inputs, need)
        gc.collect()
        tracemalloc.start()
        module.score(inputs, section)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(50)  # imports and caches
    assert (peak(3000) - peak(1000)) / 2000 < BOUNDS.get(name, BOUND)
