"""Labels of a group: what depends on each other is learnt and used, what does not is left alone."""

from collections.abc import Sequence
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.core import records
from curation.core.task import Example
from curation.score.labels import copies, siblings
from curation.selftest import judge

CLASSES = 3


class World:
    """Groups of labels, some given wrong, and a probe that is right more often than not."""

    def __init__(
        self, groups: int, labels: Sequence[Sequence[int]], *, wrong: float = 0.1, seed: int = 1, hears: float = 1.2
    ):
        rng = np.random.default_rng(seed)
        chosen = [labels[at] for at in rng.integers(len(labels), size=groups)]
        group = np.repeat(np.arange(groups), [len(one) for one in chosen])
        true = np.concatenate([rng.permutation(one) for one in chosen])
        flipped = rng.random(len(true)) < wrong
        given_ = np.where(flipped, (true + rng.integers(1, CLASSES, len(true))) % CLASSES, true)
        heard = np.eye(CLASSES)[true] * hears + rng.gumbel(size=(len(true), CLASSES))
        said = np.exp(heard - heard.max(1, keepdims=True))
        examples = [
            Example(text_a=f"premise {g}", text_b=f"number {i} says {rng.integers(10**9)}", label=int(y), group=str(g))
            for i, (g, y) in enumerate(zip(group, given_, strict=True))
        ]
        self.table = records.table("pair", [f"{i:06}" for i in range(len(true))], ["en"] * len(true), examples)
        self.labels, self.wrong = given_.astype(np.int64), flipped
        self.probabilities = said / said.sum(1, keepdims=True)
        self.fold = (group % 5).astype(np.int8)

    def find(self) -> siblings.Found | None:
        content = copies.content(self.table, symmetric=False)
        return siblings.find(self.table, self.labels, content, self.probabilities, self.fold, symmetric=False)

    def score(self, found: siblings.Found) -> np.ndarray:
        after = self.probabilities.copy()
        after[list(found.probabilities)] = list(found.probabilities.values())
        return after[np.arange(len(after)), self.labels]


ONE_EACH = [(0, 1, 2)]
ALL_ALIKE = [(0, 0, 0), (1, 1, 1), (2, 2, 2)]
ANY = [(a, b, c) for a in range(3) for b in range(3) for c in range(3)]


@pytest.mark.parametrize("labels", [ONE_EACH, ALL_ALIKE])
def test_wrong_labels_are_found_by_the_rest_of_their_group(labels: list[tuple[int, ...]]) -> None:
    world = World(400, labels)
    found = world.find()
    assert found
    own = world.probabilities[np.arange(len(world.labels)), world.labels]
    before, after = (judge.average_precision(one, world.wrong) for one in (own, world.score(found)))
    assert after > before + 0.2
    assert (found.repeats < 0.6) == (labels is ONE_EACH)


@pytest.mark.parametrize("seed", range(5))
def test_labels_that_do_not_depend_on_each_other_are_left_alone(seed: int) -> None:
    assert World(300, ANY, seed=seed).find() is None


def test_probabilities_are_of_labels_and_the_same_every_time() -> None:
    world = World(200, ONE_EACH)
    found, again = world.find(), world.find()
    assert found
    assert again
    for row, p in found.probabilities.items():
        assert p.sum() == pytest.approx(1)
        assert (p >= 0).all()
        assert (p == again.probabilities[row]).all()


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 599), st.integers(1, 2))
def test_a_rows_own_label_has_no_say_on_it_but_for_having_changed_places(row: int, step: int) -> None:
    world = World(200, ONE_EACH)
    with mock.patch.object(siblings, "EXCHANGED", 0.0):
        first = world.find()
        world.labels[row] = (world.labels[row] + step) % CLASSES
        second = world.find()
    assert first
    assert second
    assert first.probabilities[row] == pytest.approx(second.probabilities[row])
    assert first.rest[row] == second.rest[row]


def test_unlabelled_rows_are_judged_and_vote_for_nothing() -> None:
    world = World(300, ONE_EACH)
    world.labels[::7] = -1
    found = world.find()
    assert found
    alone = [row for row, rest in found.rest.items() if not rest]
    assert set(range(0, 900, 7)) & set(found.probabilities) == {
        row for row in range(0, 900, 7) if (world.labels[row // 3 * 3 : row // 3 * 3 + 3] >= 0).sum() > 1
    }
    assert all(label >= 0 for rest in found.rest.values() for label in rest)
    assert not alone  # a group with one labelled row is none


def test_groups_of_any_size_are_taken_a_few_rows_at_a_time() -> None:
    world = World(120, [(0,) * 20, (1,) * 20, (2,) * 20, (2,) * 7, (1,) * 7, (0,) * 7])
    found = world.find()
    assert found
    sizes = np.bincount([len(rest) + 1 for rest in found.rest.values()])
    assert np.flatnonzero(sizes).tolist() == [3, 4, 5]  # 7 as 4 and 3, 20 as four times 5


def test_a_copy_with_a_slip_does_not_make_its_row_doubtful() -> None:
    """Rows of a premise never share a label, but a tenth of the groups holds a misspelt copy with the same one."""
    world = World(400, ONE_EACH, wrong=0.0)
    rows = world.table.to_pylist()
    spelt = "the quick brown fox jumps over the lazy dog by the river"
    copied = []
    for group in range(0, 400, 10):
        one, other = 3 * group, 3 * group + 1
        rows[one]["text_b"], rows[other]["text_b"] = f"{spelt} {group}", f"{spelt.replace('jumps', 'jumsp')} {group}"
        rows[other]["label"] = rows[one]["label"]
        world.labels[other] = world.labels[one]
        world.probabilities[other] = world.probabilities[one]
        copied += [one, other]
    world.table = world.table.from_pylist(rows, schema=world.table.schema)
    found = world.find()
    assert found
    own = np.array([world.probabilities[row, world.labels[row]] for row in copied])
    after = world.score(found)[copied]
    assert after.mean() > own.mean() - 0.1


def test_copies_are_judged_as_one_and_are_no_siblings_of_each_other() -> None:
    world = World(200, ONE_EACH)
    before = world.find()
    rows = world.table.to_pylist()
    copied = [{**rows[i], "id": f"{len(rows) + i:06}", "text_b": rows[i]["text_b"].upper()} for i in range(0, 600, 30)]
    world.table = world.table.from_pylist(rows + copied, schema=world.table.schema)
    for name in ("labels", "probabilities", "fold"):
        values = getattr(world, name)
        setattr(world, name, np.concatenate([values, values[0:600:30]]))
    world.labels[600:] = (world.labels[600:] + 1) % CLASSES
    after = world.find()
    assert before
    assert after
    assert set(after.probabilities) & set(range(600)) == set(before.probabilities)
    for at, row in enumerate(range(0, 600, 30)):
        for other, found in ((row, before), (600 + at, after)):
            if row in after.probabilities and other in found.probabilities:
                assert found.probabilities[other] == pytest.approx(after.probabilities[row])
    assert all(row < 600 for rest in after.rest.values() for row in rest)


@pytest.mark.parametrize("seed", range(4))
def test_classes_of_different_size_make_no_dependence(seed: int) -> None:
    """A probe that expects classes to be alike is wrong about their shares, which groups must not make up for."""
    rng = np.random.default_rng(seed)
    world = World(400, ANY, wrong=0.0, seed=seed)
    true = rng.choice(CLASSES, len(world.labels), p=[0.8, 0.13, 0.07])
    heard = np.eye(CLASSES)[true] * 1.2 + rng.gumbel(size=(len(true), CLASSES))
    world.labels = true.astype(np.int64)
    world.probabilities = np.exp(heard) / np.exp(heard).sum(1, keepdims=True)
    assert world.find() is None


def test_a_size_of_which_nothing_holds_is_left_alone() -> None:
    pairs = [(a, b) for a in range(3) for b in range(3)]
    world = World(800, [(0, 1, 2), *pairs[:1], (0, 1, 2), *pairs, (0, 1, 2)])
    found = world.find()
    assert found
    groups = np.array([int(name) for name in world.table["group"].to_pylist()])
    sizes = np.bincount(groups)[groups]
    assert {int(sizes[row]) for row in found.probabilities} == {3}


def test_what_befalls_a_whole_group_is_not_cleared_where_labels_are_alike() -> None:
    world = World(400, ALL_ALIKE, wrong=0.0)
    world.labels[:120] = (world.labels[:120] + 1) % CLASSES  # forty groups, each wrong in the same way
    found = world.find()
    assert found
    for row in set(range(120)) & set(found.probabilities):
        assert found.probabilities[row][world.labels[row]] <= world.probabilities[row, world.labels[row]]


def test_labels_that_changed_places_do_not_clear_each_other() -> None:
    world = World(400, ONE_EACH, wrong=0.0, hears=2.0)
    for group in range(0, 400, 10):
        one, other = 3 * group, 3 * group + 2
        world.labels[[one, other]] = world.labels[[other, one]]
        world.wrong[[one, other]] = True
    found = world.find()
    assert found
    own = world.probabilities[np.arange(len(world.labels)), world.labels]
    before, after = (judge.average_precision(one, world.wrong) for one in (own, world.score(found)))
    assert after > before
    for p in found.probabilities.values():
        assert p.sum() == pytest.approx(1)
        assert (p >= 0).all()


def test_many_classes_and_no_groups_say_nothing() -> None:
    world = World(50, ONE_EACH)
    wide = np.full((150, 40), 1 / 40)
    content = copies.content(world.table, symmetric=False)
    assert siblings.find(world.table, world.labels, content, wide, world.fold, symmetric=False) is None
    lonely = World(50, [(0,), (1,), (2,)])
    assert lonely.find() is None
