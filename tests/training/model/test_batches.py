import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from training.model import batches
from training.model.batches import NOTHING, Features
from training.model.sequences import Sequences


class Tokenizer:
    pad_token_id, pad_token_type_id = 9, 0


def made(sizes: list[list[int]]) -> Features:
    """Items with sequences of the given lengths; token values are their sequence's number."""
    lengths = [n for item in sizes for n in item]
    starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    ids = np.repeat(np.arange(len(lengths)), lengths).astype(np.int32)
    items = np.concatenate([[0], np.cumsum([len(item) for item in sizes])]).astype(np.int64)
    rows = np.arange(len(sizes))
    whole = Sequences(ids, None, starts, np.full(len(ids), -1))
    return Features(whole, items, rows, np.ones(len(sizes), bool), {"label": rows * 10}, {"here": ids.astype(np.int64)})


sizes = st.lists(st.lists(st.integers(1, 30), min_size=1, max_size=4), min_size=1, max_size=60)


@given(sizes, st.integers(1, 200), st.one_of(st.none(), st.integers(0, 99)))
def test_a_plan_holds_every_item_once_within_the_budget(shape, budget, seed):
    features = made(shape)
    plan = batches.plan(features, np.arange(len(shape)), budget, seed)
    assert sorted(np.concatenate(plan).tolist()) == list(range(len(shape)))
    for batch in plan:
        sequences = sum(len(shape[i]) for i in batch)
        assert len(batch) == 1 or sequences * max(max(shape[i]) for i in batch) <= budget


def test_a_plan_depends_on_its_seed_alone_and_pads_little():
    draw = np.random.default_rng(0)
    features = made([[int(n)] for n in draw.integers(5, 60, 2000)])
    chosen = np.arange(2000)
    a, b, c = (batches.plan(features, chosen, 512, seed) for seed in (1, 1, 2))
    assert [x.tolist() for x in a] == [x.tolist() for x in b]
    assert [x.tolist() for x in a] != [x.tolist() for x in c]
    _, width = features.shape()
    padded = sum(len(x) * width[x].max() for x in a)
    assert width.sum() / padded > 0.95


def test_collate_pads_behind_and_keeps_choices_together():
    features = made([[2], [1, 3]])
    batch = batches.collate(features, np.array([1, 0]), Tokenizer(), 0)
    assert batch["input_ids"].tolist() == [[1, 9, 9], [2, 2, 2], [0, 0, 9]]
    assert batch["attention_mask"].tolist() == [[1, 0, 0], [1, 1, 1], [1, 1, 0]]
    assert batch["here"][0].tolist() == [1, NOTHING, NOTHING]
    assert batch["item"].tolist() == [0, 0, 1]
    assert batch["label"].tolist() == [10, 0]
    assert "token_type_ids" not in batch
