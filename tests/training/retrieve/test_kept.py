"""Sentence vectors that are kept: what is read back, who shares them, and what becomes of damaged and left ones."""

import os
import threading
import time

import numpy as np
import pytest

from curation.core import params
from curation.embed.cache import VectorCache
from training import retrieve
from training.model import encoder as models
from training.retrieve import kept, pools, states

SECTION = {
    "layer": -1, "pooling": "mean", "similarity": "cosine", "margin": "none", "direction": "to_foreign", "k": 3,
    "index": "flat", "flat_limit": 1000, "recall": 0.95, "memory_mb": 500, "batch_tokens": 64, "max_length": 64,
}  # fmt: skip
TEXTS = [f"the small dog {'runs in the park ' * (n % 4)}{n}" for n in range(30)]
SIDE = pools.Side(TEXTS, TEXTS, TEXTS, TEXTS, ["en"] * len(TEXTS))
LAST_PLACE = 2.0**-11
"""The largest step of float16 below 1."""


def section(**changes):
    return params.check(retrieve.Params, {**SECTION, **changes}, "params.yaml: retrieve")


@pytest.fixture
def asked(monkeypatch):
    """Lists of the sentences that the encoder was given, a list a pass."""
    passes, hidden = [], states.predict.hidden_states

    def seen(*given):
        passes.append(list(given[1]))
        return hidden(*given)

    monkeypatch.setattr(states.predict, "hidden_states", seen)
    return passes


@pytest.fixture
def found(encoders, home):
    return models.load(encoders["bert"])


def cache_of(encoder, **changes):
    return VectorCache(kept.name(encoder, section(**changes)))


def test_what_is_kept_gives_both_similarities_back():
    rng = np.random.default_rng(0)
    vectors = (rng.normal(size=(50, 384)) * np.geomspace(1e-6, 1e7, 50)[:, None]).astype(np.float32)
    vectors[3] = 0
    packed = kept.pack(vectors)
    assert (packed.dtype, packed.shape) == (np.float16, (50, 386))
    length = np.linalg.norm(vectors, axis=1)
    own = kept.unpack(packed, cosine=False)
    np.testing.assert_allclose(np.linalg.norm(own, axis=1), length, rtol=1e-6)
    unit = kept.unpack(packed, cosine=True)
    true = np.divide(vectors, length[:, None], out=np.zeros_like(vectors), where=length[:, None] > 0)
    assert np.abs(unit - true).max() < 1e-4
    assert np.abs(unit @ unit.T - true @ true.T).max() < 1e-4
    assert not unit[3].any()


def test_a_text_is_encoded_once_whoever_asks(found, asked):
    cache = cache_of(found)
    first = states.encode(found, TEXTS[:20], [0, 2], section(), cache)
    one = pools.Side(*([TEXTS[:20]] * 4), ["en"] * 20)
    # Other settings of the search, one layer of those, in another order, from a new process's point of view.
    some = section(similarity="dot", margin="ratio", k=9, batch_tokens=512)
    again = states.encode(models.load(found.folder), TEXTS[19::-1], [2], some, cache_of(found))
    assert [len(one) for one in asked] == [20]
    np.testing.assert_allclose(
        again[2].of(one) / np.linalg.norm(again[2].of(one), axis=1, keepdims=True), first[2].of(one), atol=1e-6
    )
    # Of a larger set only the others; a layer that is not there is encoded.
    states.encode(found, TEXTS, [2], section(), cache)
    assert sorted(asked[1]) == sorted(TEXTS[20:])
    states.encode(found, TEXTS[:3], [1, 2], section(), cache)
    assert asked[2] == TEXTS[:3]
    assert len(asked) == 3


def test_vectors_are_those_of_an_encoder_without_a_cache_to_the_last_place(found):
    alone = states.encode(found, TEXTS, [0, 2], section())
    cache = cache_of(found)
    states.encode(found, TEXTS[::3], [0, 2], section(), cache)
    grown = states.encode(found, TEXTS, [0, 2], section(), cache)
    read = states.encode(found, TEXTS, [0, 2], section(), cache)
    for layer in (0, 2):
        assert np.abs(grown[layer].of(SIDE) - alone[layer].of(SIDE)).max() <= LAST_PLACE
        assert np.array_equal(read[layer].of(SIDE), grown[layer].of(SIDE))
        assert np.abs(alone[layer].of(SIDE)[0] - alone[layer].of(SIDE)[1]).max() > 10 * LAST_PLACE


def test_another_encoder_or_setting_has_a_cache_of_its_own(found, encoders, tmp_path):
    names = {kept.name(found, section()), kept.name(found, section(max_length=32))}
    names |= {kept.name(found, section(pooling="cls")), kept.name(models.load(encoders["xlmr"]), section())}
    import shutil

    other = shutil.copytree(found.folder, tmp_path / "other")
    assert kept.name(models.load(other), section()) in names
    config = other / "config.json"
    config.write_text(config.read_text().replace('"layer_norm_eps": 1e-12', '"layer_norm_eps": 1e-05'))
    names.add(kept.name(models.load(other), section()))
    assert len(names) == 5
    assert kept.name(found, section(similarity="dot", margin="ratio", layer=0, index="ivf", k=7)) in names


def test_a_killed_run_goes_on(found, asked, monkeypatch):
    monkeypatch.setattr(kept, "SECONDS", 0.0)
    hidden = states.predict.hidden_states

    def killed(*given):
        for number, batch in enumerate(hidden(*given)):
            if number == 3:
                raise KeyboardInterrupt
            yield batch

    monkeypatch.setattr(states.predict, "hidden_states", killed)
    with pytest.raises(KeyboardInterrupt), kept.vectors(found, section(), "intermediate", "t") as cache:
        states.encode(found, TEXTS, [2], section(), cache)
    monkeypatch.setattr(states.predict, "hidden_states", hidden)
    with kept.vectors(found, section(), "intermediate", "t") as cache:
        ended = states.encode(found, TEXTS, [2], section(), cache)
    assert len(asked[0]) == 30
    assert len(asked[1]) < 30
    alone = states.encode(found, TEXTS, [2], section())
    assert np.abs(ended[2].of(SIDE) - alone[2].of(SIDE)).max() <= LAST_PLACE


def test_a_damaged_block_is_encoded_again(found, asked, capsys):
    import sqlite3

    cache = cache_of(found)
    first = states.encode(found, TEXTS, [2], section(), cache)
    with sqlite3.connect(cache.path) as database:
        database.execute("update blocks set vectors = zeroblob(length(vectors))")
    second = states.encode(found, TEXTS, [2], section(), cache)
    assert [len(one) for one in asked] == [30, 30]
    assert np.array_equal(first[2].of(SIDE), second[2].of(SIDE))
    assert "is damaged" in capsys.readouterr().err


def test_two_runs_that_score_one_encoder_wait_for_each_other(found):
    order = []

    def other():
        with kept.vectors(found, section(), "intermediate", "a"):
            order.append("the other")

    with kept.vectors(found, section(), "intermediate", "a") as cache:
        waiting = threading.Thread(target=other)
        waiting.start()
        waiting.join(0.3)
        states.encode(found, TEXTS[:3], [2], section(), cache)
        assert cache.path.exists()
        order.append("the first")
    waiting.join(30)
    assert order == ["the first", "the other"]
    assert list(cache.path.parent.glob("*.run")) == []


def test_vectors_of_an_intermediate_encoder_go_with_its_run(found):
    for start, task, stay in (("pretrained", "a", True), ("intermediate", "a", False)):
        with kept.vectors(found, section(), start, task) as cache:
            states.encode(found, TEXTS[:3], [2], section(), cache)
            assert cache.path.exists()
        assert cache.path.exists() == stay
    with kept.vectors(found, section(), "intermediate", "left") as cache:
        states.encode(found, TEXTS[:3], [2], section(), cache)
        left = cache.path.with_name(cache.path.name.replace("left", "killed"))
        left.write_bytes(cache.path.read_bytes())
    with kept.vectors(found, section(), "pretrained", "b"):
        pass
    assert left.exists()
    os.utime(left, (time.time() - 15 * 86400,) * 2)
    with kept.vectors(found, section(), "pretrained", "b") as cache:
        pass
    assert not left.exists()
    assert cache.path.exists()
