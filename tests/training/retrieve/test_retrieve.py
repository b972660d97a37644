"""The retrieve stage: accuracy at 1, rankings, mining with a threshold from dev, every setting echoed; real Tatoeba."""

import json
import os
from pathlib import Path

import numpy as np
import pytest

from curation import metrics
from curation.core import files, params, paths, records, registry
from curation.core.errors import CairnError
from curation.core.task import Example
from curation.metrics import ranking
from curation.search import exact
from training import retrieve
from training.retrieve import matching, pools, states, sweep
from training.retrieve.__main__ import run as run_retrieve
from training.retrieve.__main__ import warn_of_recall

SECTION = {
    "layer": -1,
    "pooling": "mean",
    "similarity": "cosine",
    "margin": "none",
    "direction": "to_foreign",
    "k": 3,
    "index": "flat",
    "flat_limit": 1000,
    "recall": 0.95,
    "memory_mb": 500,
    "batch_tokens": 512,
    "max_length": 64,
}


def section(**changes):
    return params.check(retrieve.Params, {**SECTION, **changes}, "params.yaml: retrieve")


def bitext(texts, lang="de", extra=()):
    """Return a pool of (foreign, English) pairs, and sentences without a partner as (side, text)."""
    rows = []
    for n, (foreign, english) in enumerate(texts):
        here, there = f"{lang}-{n}", f"{lang}-{n}-en"
        rows.append((lang, Example(pool=lang, side="source", text=foreign, key=here, gold=(there,), group=str(n))))
        rows.append(("en", Example(pool=lang, side="target", text=english, key=there, gold=(here,), group=str(n))))
    for n, (side, text) in enumerate(extra):
        example = Example(pool=lang, side=side, text=text, key=f"{lang}-x{n}", gold=(), group=f"x{n}")
        rows.append((lang if side == "source" else "en", example))
    ids = records.make_ids("t", [records.content_hash("bitext", vars(example)) for _, example in rows])
    return records.table("bitext", ids, [row[0] for row in rows], [row[1] for row in rows])


class Table:
    """Vectors by text, for tests."""

    def __init__(self, rows):
        self.rows = rows

    def of(self, side):
        return exact.unit(np.asarray([self.rows[text] for text in side.texts], dtype=np.float32))


def noisy(count, spread, seed=0):
    """Return pairs, and vectors in which a translation lies ``spread`` away from its sentence."""
    rng = np.random.default_rng(seed)
    texts = [(f"{seed} f{n}", f"{seed} e{n}") for n in range(count)]
    rows = {}
    for foreign, english in texts:
        rows[english] = rng.normal(size=16)
        rows[foreign] = rows[english] + spread * rng.normal(size=16)
    return texts, rows


def test_accuracy_is_one_for_equal_vectors_and_chance_for_one_and_the_same():
    texts, rows = noisy(50, 0.0)
    test = pools.pools(bitext(texts), "to_foreign", 1, "f")
    scored, facts = matching.rank(test, Table(rows), section(), "retrieval")
    assert scored["de"].statistics[:, 0].mean() == 1
    assert facts["de"] == {
        "pairs": 50,
        "candidates": 50,
        "queries_without_gold": 0,
        "chance": 0.02,
        "search": {"candidates": {"index": "flat", "k": 1, "recall": 1.0}},
    }
    scored, _ = matching.rank(test, Table(dict.fromkeys(rows, np.ones(16))), section(), "retrieval")
    assert scored["de"].statistics[:, 0].sum() == 1  # all ties: one candidate for every query


def test_accuracy_counts_queries_without_gold_but_does_not_score_them():
    texts, rows = noisy(5, 0.0)
    table = bitext(texts, extra=[("target", "alone"), ("source", "distractor")])
    rows |= {"alone": np.ones(16), "distractor": -np.ones(16)}
    found = pools.pools(table, "to_foreign", 1, "f")
    scored, facts = matching.rank(found, Table(rows), section(margin="ratio"), "retrieval")
    assert len(scored["de"].ids) == 5
    assert {side: known["k"] for side, known in facts["de"]["search"].items()} == {"candidates": 3, "queries": 3}
    assert (facts["de"]["candidates"], facts["de"]["queries_without_gold"]) == (6, 1)


def test_mining_tunes_on_dev_and_applies_to_test():
    """Distractors score lower than translations; the threshold from dev keeps them out of test."""
    splits, vectors = [], {}
    for seed in (0, 1):
        texts, rows = noisy(60, 0.3, seed)
        rng = np.random.default_rng(10 + seed)
        alone = {(side, f"{seed} {side} {n}"): rng.normal(size=16) for n in range(40) for side in ("source", "target")}
        splits.append(pools.pools(bitext(texts, extra=alone), "to_foreign", 1, "f"))
        vectors |= rows | {text: vector for (_, text), vector in alone.items()}
    asked, table = section(margin="ratio"), Table(vectors)
    (tuned,) = sweep.curve(splits[0], {4: table}, asked, "mining")
    scored, facts = matching.mine(splits[1], table, asked, tuned.thresholds)
    found, rows = facts["de"], scored["de"].statistics
    assert (found["pairs"], found["queries"], found["merged"]) == (60, 100, 0)
    assert found["dev_f1"] == pytest.approx(tuned.mean, abs=1e-6)
    assert found["dev_f1"] > 0.9
    assert 2 * rows[:, 0].sum() / rows[:, 1:].sum() > 0.9
    assert scored["de"].predicted.count("") == 100 - found["mined"] > 30
    # The threshold is dev's: what test holds does not move it.
    again, other = matching.mine(splits[0], table, asked, tuned.thresholds)
    assert other["de"]["threshold"] == found["threshold"]
    rows = again["de"].statistics
    assert 2 * rows[:, 0].sum() / rows[:, 1:].sum() == pytest.approx(found["dev_f1"], abs=1e-6)


def questions(languages=("de", "en", "ru"), count=30, others=20):
    """Return a pool that languages share: every question has an answer in each of them, and there are others."""
    rows = []
    for lang in languages:
        for n in range(count):
            ask = Example(pool="all", side="query", text=f"{lang} q{n}", key=f"q{n}", gold=(), group=f"p{n // 3}")
            say = Example(pool="all", side="candidate", text=f"{lang} a{n}", key=f"{lang}-{n}", gold=(f"q{n}",))
            rows += [(lang, ask), (lang, say)]
        for n in range(others):
            other = Example(pool="all", side="candidate", text=f"{lang} x{n}", key=f"{lang}-x{n}", gold=())
            rows.append((lang, other))
    ids = records.make_ids("t", [records.content_hash("bitext", vars(example)) for _, example in rows])
    table = records.table("bitext", ids, [row[0] for row in rows], [row[1] for row in rows])
    return pools.pools(table, "to_foreign", 5, "f")


def planted(found, spread, own=0.0, seed=0):
    """Return vectors: answers lie ``spread`` from their question, each language ``own`` in a direction of its own."""
    rng = np.random.default_rng(seed)
    meaning, language = {}, {}
    rows = {}
    for text in states.texts(found):
        lang, what = text.split()
        base = meaning.setdefault(what[1:] if what[0] in "qa" else what, rng.normal(size=16))
        rows[text] = base + spread * rng.normal(size=16) + own * language.setdefault(lang, rng.normal(size=16))
    return rows


@pytest.mark.parametrize("index", ["flat", "ivf"])
@pytest.mark.parametrize(("spread", "own"), [(0.7, 0.0), (0.7, 0.5), (2.0, 0.0)])
def test_a_shared_pool_is_ranked_as_sorting_all_products_does(spread, own, index):
    found = questions()
    rows = planted(found, spread, own)
    asked = section(index=index, flat_limit=1, recall=1.0)
    scored, facts = matching.rank(found, Table(rows), asked, "ranking")
    assert set(scored) == {"de", "en", "ru"}
    candidates = [(lang, f"{lang} {w}{n}") for lang in scored for w, c in (("a", 30), ("x", 20)) for n in range(c)]
    units = {text: row / np.linalg.norm(row) for text, row in rows.items()}
    for lang in scored:
        precisions, firsts = [], []
        for n in range(30):
            order = sorted(candidates, key=lambda c, n=n: -float(units[f"{lang} q{n}"] @ units[c[1]]))[:20]
            hits = [text.split()[1] == f"a{n}" for _, text in order]
            precision = sum(sum(hits[: at + 1]) / (at + 1) for at, hit in enumerate(hits) if hit) / 3
            precisions.append(precision)
            firsts.append(order[0][0] == lang)
        values = metrics.load("ranking").values(scored[lang].statistics.sum(axis=0), ())
        assert values["map_at_20"] == pytest.approx(np.mean(precisions), abs=1e-9)
        assert facts[lang]["own_language"] == {
            "first": pytest.approx(np.mean(firsts), abs=1e-6), "candidates": pytest.approx(1 / 3, abs=1e-6),
            "gold": pytest.approx(1 / 3, abs=1e-6),
        }  # fmt: skip
        assert (facts[lang]["rows"], facts[lang]["candidates"], facts[lang]["queries_without_gold"]) == (30, 150, 0)
        assert facts[lang]["search"]["candidates"]["index"] == index
        assert len(scored[lang].units) == 30
        assert len(set(scored[lang].units)) == 10
        assert len(json.loads(scored[lang].predicted[0])) == 20
        assert facts[lang]["chance"] == pytest.approx(ranking.chance([3], 150), abs=1e-6)


def test_an_encoder_that_is_biased_to_languages_is_seen_to_be():
    found = questions()
    _, blind = matching.rank(found, Table(planted(found, 0.7)), section(), "ranking")
    scored, biased = matching.rank(found, Table(planted(found, 0.7, own=6.0)), section(), "ranking")
    assert all(facts["own_language"]["first"] == 1 for facts in biased.values())
    assert all(facts["own_language"]["first"] < 0.6 for facts in blind.values())
    rows = scored["de"].statistics
    assert rows[:, 2].mean() > 2 * rows[:, 0].mean()  # the first one is right, those in other languages are not found


def test_a_shared_pool_is_indexed_once(monkeypatch):
    from curation.search import index as indexes

    built, build = [], indexes.build
    monkeypatch.setattr(indexes, "build", lambda *given: built.append(len(given[0])) or build(*given))
    found = questions()
    _, facts = matching.rank(found, Table(planted(found, 0.7)), section(index="ivf"), "ranking")
    assert built == [150]
    assert all(0.95 <= one["search"]["candidates"]["recall"] <= 1 for one in facts.values())
    assert facts["de"]["search"]["candidates"]["sampled"] == 30


def test_an_index_that_finds_too_little_is_said(capsys):
    facts = {"de": {"search": {"candidates": {"index": "hnsw", "recall": 0.874}, "queries": {"recall": 1.0}}}}
    warn_of_recall(section(recall=0.9), facts)
    said = capsys.readouterr().err
    assert "index hnsw finds 87.4% of the nearest neighbours" in said
    assert "retrieve.recall asks for 90.0%. Take retrieve.index: flat" in said
    warn_of_recall(section(recall=0.87), facts)
    assert capsys.readouterr().err == ""


def test_the_margin_ranks_as_deep_as_the_metric_judges():
    found = questions()
    scored, facts = matching.rank(found, Table(planted(found, 0.5)), section(margin="ratio", k=2), "ranking")
    assert len(json.loads(scored["de"].predicted[0])) == 20
    assert facts["de"]["search"]["candidates"]["k"] == 20
    assert facts["de"]["search"]["queries"]["k"] == 2
    assert scored["de"].statistics[:, 0].mean() > 0.8


def layers_of(tables):
    return {layer: Table(rows) for layer, rows in enumerate(tables)}


@pytest.mark.parametrize("metric", ["retrieval", "ranking", "mining"])
@pytest.mark.parametrize("index", ["flat", "ivf"])
def test_the_sweep_picks_the_planted_layer(metric, index):
    """Layer 2 alone has translations near each other; layers 0, 1 and 3 have them at growing distances."""
    spreads = (1.2, 0.8, 0.1, 0.9)
    if metric == "ranking":
        dev = questions()
        tables = [planted(dev, spread, seed=n) for n, spread in enumerate(spreads)]
    else:
        dev = pools.pools(bitext(noisy(80, 0)[0]), "to_foreign", 1, "f")
        tables = [noisy(80, spread)[1] for spread in spreads]
    tried = sweep.curve(dev, layers_of(tables), section(index=index, margin="ratio"), metric)
    chosen = sweep.best(tried)
    assert chosen.layer == 2
    assert [one.layer for one in tried] == [0, 1, 2, 3]
    assert chosen.mean > 0.9 > tried[0].mean
    told = sweep.told(tried, chosen, metric)
    assert (told["chosen"], told["split"], len(told["curve"])) == (2, "dev", 4)
    assert told["value"] == {"retrieval": "accuracy", "ranking": "map_at_20", "mining": "f1"}[metric]
    for one in told["curve"]:
        assert one["mean"] == pytest.approx(np.mean(list(one["languages"].values())), abs=1e-6)
    # The threshold of mining is each layer's own.
    assert ("thresholds" in told["curve"][0]) == (metric == "mining")
    if metric == "mining":
        assert len({one["thresholds"]["de"] for one in told["curve"]}) == 4


def test_of_equal_layers_the_lowest_is_taken():
    tried = [sweep.Tried(layer, {"de": value}, {}) for layer, value in ((0, 0.2), (1, 0.7), (2, 0.7000000001))]
    assert sweep.best(tried).layer == 1


TASK_FILE = """
from curation.tasks import Example, Source, Task
source = Source("bundled:miniworld")
TASK = Task(kind="bitext", metric="{metric}", dev=source, test=source)
def to_example(row):
    return Example()
"""
PARAMS = """
profile: demo
seed: 17
seeds: [1]
task_folder: tasks
intermediate: [own_bitext]
targets: [own_bitext]
retrieval: [own_bitext]
scorers: [{scorer}]
retrieve: {section}
"""


@pytest.fixture
def stage(home, encoders, monkeypatch):
    """A function that lays out a retrieval task and its start folder, and writes the parameters."""

    def lay_out(metric="retrieval", dev=False, **changes):
        (home / "tasks").mkdir(exist_ok=True)
        (home / "tasks" / "own_bitext.py").write_text(TASK_FILE.format(metric=metric))
        text = PARAMS.format(scorer=registry.names("scorers")[0], section=json.dumps({**SECTION, **changes}))
        (home / "params.yaml").write_text(text)
        words = ["dog", "cat", "book", "park", "chair", "tom", "mary", "red", "old", "green", "garten", "katze"]
        # The same words on both sides, so that even an untrained encoder finds most of them.
        texts = [(f"{word} {words[n - 1]} .", f"{word} {words[n - 1]} ;") for n, word in enumerate(words)]
        folder = paths.fetched("retrieval", "own_bitext")
        records.write(folder / "test.parquet", bitext(texts))
        (folder / "dev.parquet").unlink(missing_ok=True)
        if dev:
            ready = [(foreign.replace("garten", "chair"), english + " red") for foreign, english in texts[:8]]
            records.write(folder / "dev.parquet", bitext(texts[:8] if dev == "test" else ready))
        start = paths.start("pretrained", 1)
        if not start.exists():
            start.parent.mkdir(parents=True)
            start.symlink_to(encoders["bert"], target_is_directory=True)

    return lay_out


def report():
    return files.read_json(paths.report("retrieve", "pretrained", "own_bitext", "seed-1"))


def test_stage_echoes_every_setting_and_repeats_itself(stage):
    stage()
    run_retrieve("pretrained", "own_bitext", 1)
    found = report()
    assert {key: found[key] for key in SECTION} == {**SECTION, "layer": 2}
    assert (found["layers"], found["metric"], found["primary"]) == (2, "retrieval", "accuracy")
    assert (found["precision"], found["storage"]) == ("fp32", "fp16")
    assert found["index"] == "flat"
    assert found["engine"].startswith(("faiss", "torch"))
    assert "layer_sweep" not in found
    assert found["candidate_order"] == {"shuffled": True, "seed": 17}
    assert found["languages"]["de"]["pairs"] == 12
    assert found["languages"]["de"]["accuracy"] == found["mean"]["all"] > 2 / 12
    rows = paths.predictions("pretrained", "own_bitext", 1)
    table = files.read_parquet(rows)
    assert table.num_rows == 12
    assert json.loads(table["gold"][0].as_py())[0].startswith("de-")
    before = rows.read_bytes(), found
    run_retrieve("pretrained", "own_bitext", 1)
    assert (rows.read_bytes(), report()) == before


def test_seeds_and_settings_share_what_one_encoder_gives(stage, monkeypatch, capsys):
    passes, hidden = [], states.predict.hidden_states
    monkeypatch.setattr(states.predict, "hidden_states", lambda *given: passes.append(len(given[1])) or hidden(*given))
    stage()
    run_retrieve("pretrained", "own_bitext", 1)
    first = paths.predictions("pretrained", "own_bitext", 1).read_bytes()
    for start in (paths.start("pretrained", 2), paths.start("intermediate", 2)):
        start.parent.mkdir(exist_ok=True)
        start.symlink_to(paths.start("pretrained", 1).resolve(), target_is_directory=True)
    run_retrieve("pretrained", "own_bitext", 2)
    assert paths.predictions("pretrained", "own_bitext", 2).read_bytes() == first
    assert "24 of 24 sentences were encoded before" in capsys.readouterr().err
    stage(margin="ratio", direction="from_foreign", similarity="dot")
    run_retrieve("pretrained", "own_bitext", 1)
    assert passes == [24]
    run_retrieve("intermediate", "own_bitext", 2)  # an encoder of one run keeps nothing
    run_retrieve("intermediate", "own_bitext", 2)
    assert passes == [24, 24, 24]


def test_layer_and_direction_change_what_they_should(stage):
    stage(layer=0)
    run_retrieve("pretrained", "own_bitext", 1)
    assert report()["layer"] == 0
    stage(direction="from_foreign")
    run_retrieve("pretrained", "own_bitext", 1)
    rows = files.read_parquet(paths.predictions("pretrained", "own_bitext", 1))
    assert all(key.endswith("-en") for key in rows["prediction"].to_pylist())


def test_stage_mines_when_the_task_says_so(stage):
    stage("mining", dev=True, margin="ratio")
    run_retrieve("pretrained", "own_bitext", 1)
    found = report()
    assert found["primary"] == "f1"
    assert (found["dev_queries"], found["dev_queries_in_test"]) == (8, 0)
    assert set(found["languages"]["de"]) >= {"f1", "precision", "recall", "threshold", "dev_f1", "low", "high", "pairs"}


def test_stage_errors(stage):
    stage(layer=5)
    with pytest.raises(CairnError, match=r"retrieve.layer is 5, but this encoder has 2 layers"):
        run_retrieve("pretrained", "own_bitext", 1)
    stage(max_length=500)
    with pytest.raises(CairnError, match=r"retrieve.max_length is 500"):
        run_retrieve("pretrained", "own_bitext", 1)
    stage("accuracy")
    with pytest.raises(
        CairnError, match="has metric 'accuracy'; `retrieval:` takes tasks with retrieval, mining, ranking"
    ):
        run_retrieve("pretrained", "own_bitext", 1)
    stage("mining")
    with pytest.raises(CairnError, match=r"dev.parquet is missing: mining tunes its threshold on dev"):
        run_retrieve("pretrained", "own_bitext", 1)
    for wrong in ("last", True, 1.5, None):
        with pytest.raises(CairnError, match=r"retrieve.layer is .*: a whole number or auto is needed"):
            section(layer=wrong)


def test_the_best_layer_on_dev_scores_test_as_if_it_had_been_named(stage, monkeypatch, capsys):
    passes, hidden = [], states.predict.hidden_states
    monkeypatch.setattr(
        states.predict,
        "hidden_states",
        lambda *given: passes.append((list(given[1]), list(given[4]))) or hidden(*given),
    )
    for metric in ("retrieval", "mining", "ranking"):
        passes.clear()
        monkeypatch.setenv("CAIRN_CACHE", f"cache-{metric}")
        stage(metric, dev=True, layer="auto")
        run_retrieve("pretrained", "own_bitext", 1)
        found, rows = report(), paths.predictions("pretrained", "own_bitext", 1).read_bytes()
        swept = found.pop("layer_sweep")
        assert [one["layer"] for one in swept["curve"]] == [0, 1, 2]
        assert max(swept["curve"], key=lambda one: (one["mean"], -one["layer"]))["layer"] == swept["chosen"]
        assert found["layer"] == swept["chosen"]
        assert f"layer {found['layer']} of 0 to 2 is the best on dev" in capsys.readouterr().err
        # One pass over dev for all layers, one for the chosen one over what test has beside.
        assert [layers for _, layers in passes] == [[0, 1, 2], [found["layer"]]]
        assert len(passes[0][0]) == 16
        assert len(passes[1][0]) == 24 - 8
        stage(metric, dev=True, layer=found["layer"])
        run_retrieve("pretrained", "own_bitext", 1)
        named = report()
        if metric != "mining":  # without a threshold to tune, a named layer needs no dev
            assert (found.pop("dev_queries"), found.pop("dev_queries_in_test")) == (8, 0)
        assert named == found
        assert paths.predictions("pretrained", "own_bitext", 1).read_bytes() == rows


def test_a_layer_cannot_be_chosen_without_dev_and_dev_that_is_test_is_said(stage, capsys):
    stage(layer="auto")
    with pytest.raises(
        CairnError, match=r"no dev split to choose a layer on.*0 \(embeddings\) to 2 .*-S retrieve.layer=2"
    ):
        run_retrieve("pretrained", "own_bitext", 1)
    stage(layer="auto", dev="test")
    run_retrieve("pretrained", "own_bitext", 1)
    assert (report()["dev_queries"], report()["dev_queries_in_test"]) == (8, 8)
    assert "8 of 8 dev queries are test queries too" in capsys.readouterr().err


def test_vectors_that_memory_does_not_hold_are_the_same_from_a_file(encoders, monkeypatch, tmp_path):
    from training.model import encoder

    found, sentences = (
        encoder.load(encoders["xlmr"]),
        ["the small dog runs", "tom", "a red cat sleeps on the old chair ."],
    )
    side = pools.Side(sentences, sentences, sentences, sentences[::-1], ["en"] * 3)
    small = section().model_copy(update={"memory_mb": 0})
    inside, outside = (states.encode(found, sentences, [0, 2], one) for one in (section(), small))
    assert isinstance(outside[2].rows, np.memmap)
    for layer in (0, 2):
        assert np.array_equal(inside[layer].of(side), outside[layer].of(side))
        alone = states.encode(found, sentences, [layer], section())[layer]
        assert np.array_equal(alone.of(side), inside[layer].of(side))
    assert not np.allclose(inside[0].of(side), inside[2].of(side))

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(states.os, "posix_fallocate", full)
    with pytest.raises(CairnError, match=r"vectors of 2 layers take 0 MB.*memory_mb \(0\).*No space left.*TMPDIR"):
        states.encode(found, sentences, [0, 2], small)


def test_a_side_takes_the_memory_of_its_vectors_once(encoders):
    """A million candidates of 1,024 numbers take 4 GB; a copy more, to make them unit vectors, took 8."""
    import tracemalloc

    from training.model import encoder

    sentences = [f"dog {n}" for n in range(40)]
    encoded = states.encode(encoder.load(encoders["bert"]), sentences, [2], section())[2]
    dot = states.encode(encoder.load(encoders["bert"]), sentences, [2], section(similarity="dot"))[2]
    many = pools.Side(*([sentences * 500] * 4), ["en"] * 20_000)
    assert np.linalg.norm(encoded.of(many), axis=1) == pytest.approx(1, abs=1e-6)
    np.testing.assert_allclose(exact.unit(dot.of(many)), encoded.of(many), atol=1e-6)
    assert np.linalg.norm(dot.of(many), axis=1).min() > 1.1
    tracemalloc.start()
    found = encoded.of(many)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    places = 16 * len(many.texts)  # the list of rows, and the same as an array
    assert peak < 1.2 * found.nbytes + places


CARD = {"de": 0.53, "es": 0.58, "fr": 0.60, "it": 0.52, "ru": 0.30}
"""Accuracy that the card of the encoder states: English query, 1,000 foreign candidates, cosine, last layer, mean."""


@pytest.mark.real
def test_tatoeba_gives_what_the_card_of_the_encoder_says(tmp_path):
    import pyarrow.parquet as pq

    from training.model import encoder

    mirror = Path(os.environ["CAIRN_HUB_MIRROR"])
    names = {"de": "deu", "es": "spa", "fr": "fra", "it": "ita", "ru": "rus"}
    test = []
    for lang, name in names.items():
        (file,) = (mirror / "google/xtreme" / f"tatoeba.{name}").glob("*.parquet")
        upstream = pq.read_table(file)
        texts = list(zip(upstream["source_sentence"].to_pylist(), upstream["target_sentence"].to_pylist(), strict=True))
        test += pools.pools(bitext(texts, lang), "to_foreign", 17, name)
    found = encoder.load(mirror / "cairn/minilm-l6-multi")
    asked = section(batch_tokens=4096, max_length=128)
    vectors = states.encode(found, states.texts(test), [6], asked)[6]
    scored, _ = matching.rank(test, vectors, asked, "retrieval")
    accuracy = {lang: float(rows.statistics[:, 0].mean()) for lang, rows in scored.items()}
    assert accuracy == pytest.approx(CARD, abs=0.006)
