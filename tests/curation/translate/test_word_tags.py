import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.translate.alignment import Aligner, carry, itermax
from curation.translate.word_tags import carry_chunks, carry_words, chunks


def links(*pairs):
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


@pytest.mark.parametrize(
    ("tokens", "names", "target", "linked", "expected"),
    [
        (["Ann", "ran"], ["B-PER", "O"], ["Ana", "corrió"], links((0, 0), (1, 1)), (["B-PER", "O"], None)),
        (["Red", "Cross"], ["B-ORG", "I-ORG"], ["Cruz", "Roja"], links((0, 1), (1, 0)), (["B-ORG", "I-ORG"], None)),
        (["Ann", "ran"], ["B-PER", "O"], ["corrió"], links((1, 0)), (None, "entity not found in translation")),
        (["Ann", "Bob"], ["B-PER", "B-PER"], ["x"], links((0, 0), (1, 0)), (None, "two entities in one place")),
        (["a", "Ann"], ["O", "B-PER"], ["Ann", "x"], links(), (["B-PER", "O"], None)),
    ],
)
def test_entities_are_carried_or_the_row_goes(tokens, names, target, linked, expected):
    assert carry_chunks(tokens, names, target, linked) == expected


@given(st.lists(st.sampled_from(["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]), min_size=1, max_size=12), st.data())
def test_what_is_carried_is_valid_and_loses_no_entity(names, data):
    target = [f"t{i}" for i in range(data.draw(st.integers(1, 12)))]
    tokens = [f"s{i}" for i in range(len(names))]
    pair = st.tuples(st.integers(0, len(tokens) - 1), st.integers(0, len(target) - 1))
    tags, reason = carry_chunks(tokens, names, target, links(*data.draw(st.lists(pair, max_size=20))))
    assert (tags is None) == (reason is not None)
    if tags is not None:
        assert len(tags) == len(target)
        assert sorted(kind for *_, kind in chunks(tags)) == sorted(kind for *_, kind in chunks(names))
        for before, tag in zip(["O", *tags], tags, strict=False):
            assert not tag.startswith("I-") or before[2:] == tag[2:]


def test_a_word_without_a_counterpart_has_no_tag():
    assert carry_words(["a", "b"], [3, 4], ["x", "y", "z"], links((0, 0), (1, 2))) == ([3, None, 4], None)
    assert carry_words(["a"], [3], ["x", "y", "z"], links((0, 0)))[1] == "most words have no counterpart"


@given(st.integers(1, 6), st.integers(1, 6), st.integers(0, 99))
def test_alignment_is_within_the_sentence(rows, columns, seed):
    draw = np.random.default_rng(seed)
    real = np.zeros((2, 8, 8), dtype=bool)
    real[0, :rows, :columns] = real[1, :columns, :rows] = True
    found = itermax(draw.uniform(-1, 1, (2, 8, 8)), real)
    for own, (a, b) in zip(found, [(rows, columns), (columns, rows)], strict=True):
        assert (own < np.array([a, b])).all()
        assert len({tuple(link) for link in own.tolist()}) == len(own)


def test_a_stray_link_does_not_widen_what_is_carried():
    assert carry(links((0, 0), (0, 9), *((i, i) for i in range(1, 9))), 0, 0, 10) == (0, 0)


def test_names_align_for_real():
    """The bundled encoder has seen these languages."""
    aligner = Aligner("bundled:tiny")
    pair = (("Anna", "sees", "a", "dog", "."), ("Anna", "sieht", "einen", "Hund", "."))
    found = aligner.align([pair, pair, (("Anna",), ("Anna",))])
    assert found[0].tolist() == found[1].tolist()
    assert [0, 0] in found[0].tolist()
    assert [4, 4] in found[0].tolist()
    assert found[2].tolist() == [[0, 0]]
