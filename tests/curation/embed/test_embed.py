"""With the packaged MiniLM: a real sentence encoder, loaded once for this file."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from curation import embed
from curation.core import files, paths, records
from curation.core.errors import CairnError
from curation.core.task import Answer, Example
from curation.embed import encoder, store
from curation.embed import matching as words
from curation.embed.__main__ import run as run_embed
from curation.embed.cache import keys
from curation.embed.encoder import Encoder

MODEL = "package:all-MiniLM-L6-v2"
SETTINGS = embed.Params(model=MODEL, revision=None, batch_size=4, max_length=32, word_gigabytes=1.0)
WHOLE = Encoder.model
"""The property itself, which the shared model takes the place of."""
TEXTS = ["A dog runs.", "The cat sleeps on the old sofa in the sun.", "", "A dog runs.", "Собака бежит."]


@pytest.fixture(scope="module")
def model() -> Any:
    return Encoder(MODEL, None, 4, 32).model


@pytest.fixture(autouse=True)
def _shared_model(model: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAIRN_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Encoder, "model", model)


def table(kind: Any, examples: list[Example]) -> Any:
    hashes = [records.content_hash(kind, vars(example)) for example in examples]
    return records.table(kind, records.make_ids("t", hashes), ["en"] * len(examples), examples)


def pairs() -> Any:
    return table(
        "pair",
        [
            Example(text_a="A dog runs.", text_b="An animal moves.", label=0),
            Example(text_a="A dog runs.", text_b="A dog runs.", label=0),
            Example(text_a="A dog runs.", text_b="", label=1),
        ],
    )


def written(kind_table: Any, settings: embed.Params = SETTINGS) -> embed.Vectors:
    folder = Path("vectors")
    folder.mkdir()
    store.write(folder, kind_table, settings)
    return embed.read(folder)


def test_vectors_are_those_of_sentence_transformers(model: Any) -> None:
    found = store.encode(TEXTS, SETTINGS)
    expected = model.encode(TEXTS, normalize_embeddings=True, show_progress_bar=False)
    assert found.dtype == np.float16
    np.testing.assert_allclose(found.astype(float), expected, atol=1e-3)
    assert (found[0] == found[3]).all()


def test_nothing_is_encoded_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    first = store.encode(TEXTS, SETTINGS)
    monkeypatch.setattr(Encoder, "model", None)  # any use of the model is now an error
    assert (store.encode(TEXTS[::-1], SETTINGS)[::-1] == first).all()
    with pytest.raises(AttributeError):
        store.encode(["new"], SETTINGS)


def test_cache_changes_with_length_limit_but_not_batch_size() -> None:
    names = {Encoder(MODEL, None, batch, length).name for batch, length in ((4, 32), (8, 32), (4, 64))}
    assert len(names) == 2


def test_precision_is_what_was_asked_for_and_auto_is_float32_on_a_cpu(monkeypatch: Any, capsys: Any) -> None:
    for native in (True, False):
        monkeypatch.setattr(encoder, "_has_bf16", lambda native=native: native)
        found = [Encoder(MODEL, None, 4, 32, asked) for asked in ("auto", "fp32", "bf16")]
        assert [one.precision for one in found] == ["float32", "float32", "bfloat16"]
        assert len({one.name for one in found}) == 2
        assert ("in software" in capsys.readouterr().err) is not native


def test_brain_float_gives_unit_vectors_in_nearly_the_same_direction(monkeypatch: Any) -> None:
    expected = store.encode(TEXTS, SETTINGS).astype(float)
    settings = SETTINGS.model_copy(update={"precision": "bf16"})
    monkeypatch.setattr(Encoder, "model", WHOLE)
    found = store.encode(TEXTS, settings).astype(float)
    assert abs(np.linalg.norm(found, axis=1) - 1).max() < 1e-3
    assert 0.999 < (found * expected).sum(1).min() < 1  # another precision, and not another model


def test_pairs_of_long_texts_make_small_shards() -> None:
    """What a kill loses of ``match`` is one shard at most, beyond what is kept every 20 seconds."""
    pairs = [(f"{i} " + "word " * 200, "word " * 200) for i in range(100)]
    shards = list(encoder._shards(pairs, keys(pairs), encoder.SHARD_PAIRS, encoder.SHARD_PAIR_CHARACTERS))
    assert max(sum(len(part) for i in shard for part in pairs[i]) for shard in shards) < 1.1 * 30_000
    assert sum(map(len, shards)) == 100


def test_killed_run_continues_and_gives_the_same_bytes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("curation.embed.encoder.SHARD", 8)
    texts = [f"Row {i} {'says more ' * (i % 5)}." for i in range(24)]
    monkeypatch.setenv("CAIRN_CACHE", str(tmp_path / "undisturbed"))
    expected = store.encode(texts, SETTINGS)
    whole = Encoder._sentences

    def dies(self: Encoder, contents: Any) -> Any:
        seen.append(len(contents))
        if len(seen) == 4:
            raise KeyboardInterrupt
        return whole(self, contents)

    def counts(self: Encoder, contents: Any) -> Any:
        seen.append(len(contents))
        return whole(self, contents)

    for seconds, left in ((20.0, 16), (0.0, 12)):  # kept at the end of a shard, and whenever so much time has passed
        monkeypatch.setenv("CAIRN_CACHE", str(tmp_path / f"killed-{seconds}"))
        monkeypatch.setattr("curation.embed.encoder.SECONDS", seconds)
        seen: list[int] = []
        monkeypatch.setattr(Encoder, "_sentences", dies)
        with pytest.raises(KeyboardInterrupt):
            store.encode(texts, SETTINGS)
        seen = []
        monkeypatch.setattr(Encoder, "_sentences", counts)
        assert (store.encode(texts, SETTINGS) == expected).all()
        assert sum(seen) == left


def test_long_texts_make_small_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    contents = [(text,) for text in ("x" * 10, "y" * 20, "z" * 30, "w" * 70, "v" * 71)]
    assert sorted(map(len, encoder._shards(contents, keys(contents), 100, 60))) == [1, 1, 1, 2]
    assert sorted(map(len, encoder._shards(contents[:3], keys(contents[:3]), 1, 60))) == [1, 1, 1]


def test_pair_has_its_parts_and_how_words_match(model: Any) -> None:
    vectors = written(pairs())
    rows = pairs().to_pylist()
    assert vectors.ids == [row["id"] for row in rows]
    assert set(vectors.parts) == {"text_a", "text_b"}
    np.testing.assert_allclose(np.linalg.norm(vectors.row.astype(float), axis=1), 1, atol=1e-3)
    np.testing.assert_allclose(
        vectors.parts["text_b"].astype(float), store.encode([row["text_b"] for row in rows], SETTINGS), atol=1e-3
    )
    assert vectors.match is not None
    assert vectors.match.shape == (3, words.features(384))
    by_text = {row["text_b"]: np.abs(m.astype(float)) for row, m in zip(rows, vectors.match, strict=True)}
    residue = slice(0, 384)
    assert by_text["A dog runs."][residue].max() < 0.01  # nothing of an equal text is unmatched
    assert by_text["An animal moves."][residue].max() > 0.02
    assert not by_text[""].any()


def test_unmatched_words_show_up_in_their_own_direction(model: Any) -> None:
    _, states = words.read(model, ["A dog runs.", "A dog runs in the park at night."])
    short, long = states
    found = words.match([("s", "l")], {"s": short, "l": long})[0]
    one = 3 * 384 + words.STATISTICS
    looking_long, looking_short = (
        found[one - words.STATISTICS : one],
        found[2 * one - words.STATISTICS : 2 * one],
    )
    assert looking_long[1] > 5 * looking_short[1]  # summed mismatch of the same word pieces
    assert (looking_long[-1], looking_short[-1]) == (len(long), len(short))


def test_match_does_not_depend_on_the_batch(model: Any) -> None:
    texts = ["A dog runs.", "No animal moves quickly in the park.", "Yes."]
    states = dict(zip(texts, words.read(model, texts)[1], strict=True))
    every = [(a, b) for a in texts for b in texts]
    together = words.match(every, states)
    alone = np.concatenate([words.match([pair], states) for pair in every])
    np.testing.assert_allclose(together, alone, atol=1e-4)


def test_words_of_long_texts_are_all_there(model: Any) -> None:
    text = tuple(f"word{i}" for i in range(100))  # hundreds of tokens, the model reads 32 at a time
    found = words.word_vectors(model, [text, (), ("dog",)])
    assert found.shape == (101, 384)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-4)


def test_span_tags_and_choice_store_what_their_probes_read() -> None:
    tags = written(
        table("tags", [Example(tokens=("A", "dog"), tags=(0, 1)), Example(tokens=("Run", "!", "Go"), tags=(1, 2, 1))])
    )
    assert sorted(len(tags.words["tokens"][i]) for i in range(2)) == [2, 3]
    Path("vectors").rename("tags")
    answer = (Answer("dog", 2),)
    twice = [Example(question=q, context="A dog ran.", answers=answer) for q in ("Who ran?", "What ran?")]
    span = written(table("span", twice))
    assert [len(span.words["context"][i]) for i in range(2)] == [4, 4]
    assert len(span.words["context"].values) == 4  # the shared context is stored once
    Path("vectors").rename("span")
    choice = written(
        table(
            "choice",
            [
                Example(prompt="Dogs", choices=("bark", "sing"), label=0),
                Example(prompt="Cats", choices=("a", "b", "c")),
            ],
        )
    )
    assert choice.match is not None
    assert len(choice.parts["choices"]) == len(choice.match) == 5


def test_word_budget_refuses_and_says_what_to_change() -> None:
    tiny = SETTINGS.model_copy(update={"word_gigabytes": 1e-7})
    Path("vectors").mkdir()
    with pytest.raises(CairnError, match=r"embed\.word_gigabytes is 1e-07.*lower fetch\.rows"):
        store.write(Path("vectors"), table("tags", [Example(tokens=("A", "dog"), tags=(0, 1))]), tiny)


def test_more_than_the_disk_budget_is_refused_before_anything_is_made() -> None:
    Path("params.yaml").write_text("budget: {memory_gb: 8.0, disk_gb: 1.0e-5}\n", encoding="utf-8")
    Path("vectors").mkdir()
    with pytest.raises(CairnError, match=r"budget\.disk_gb is 1e-05, but the vectors of 9 texts, 3 pairs and 0 words"):
        store.write(Path("vectors"), pairs(), SETTINGS)
    assert not list(Path("vectors").iterdir())


def test_no_rows_is_an_error() -> None:
    with pytest.raises(CairnError, match="no train rows"):
        store.write(Path(), pairs().slice(0, 0), SETTINGS)


def test_stage_writes_what_load_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    records.write(paths.fetched("intermediate", "t") / "train.parquet", pairs())
    section = "\n".join(f"  {k}: {'null' if v is None else v}" for k, v in SETTINGS.model_dump().items())
    Path("params.yaml").write_text(f"embed:\n{section}\n", encoding="utf-8")
    run_embed("t")
    assert embed.load("t").ids == pairs()["id"].to_pylist()
    manifest = files.read_json(paths.vectors("t") / "manifest.json")
    assert manifest["model"]["sha256"].startswith("53aa5117")
    assert isinstance(embed.load("t").row, np.memmap)
    for file in sorted(paths.vectors("t").glob("*.npy")):
        whole = file.read_bytes()
        file.unlink()  # match.npy has a second name in the cache
        file.write_bytes(whole[:-5] + bytes([whole[-5] ^ 1]) + whole[-4:])
        with pytest.raises(CairnError, match=rf"{file.name} is damaged"):
            embed.load("t")
        file.write_bytes(whole)


def test_model_without_name_or_weights(tmp_path: Path) -> None:
    with pytest.raises(CairnError, match=r"Did you mean 'package:all-MiniLM-L6-v2'\?"):
        store.encode(["a"], SETTINGS.model_copy(update={"model": "package:all-MiniLM-L6"}))
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "config.json").write_text("{}", encoding="utf-8")
    with pytest.raises(CairnError, match=r"no weights"):
        store.encode(["a"], SETTINGS.model_copy(update={"model": str(tmp_path / "empty")}))


def test_a_grown_cache_differs_in_the_last_bits_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches of what is missing have other shapes; an empty cache gives the first run's bytes again."""
    texts = [f"{'A small dog runs. ' * (i % 5)}Number {i}." for i in range(40)]
    found = {}
    for name, first in (("fresh", 0), ("again", 0), ("grown", 13)):
        monkeypatch.setenv("CAIRN_CACHE", f"cache-{name}")
        Path(f"cache-{name}").mkdir()
        if first:
            store.encode(texts[:first], SETTINGS)
        found[name] = np.array(store.encode(texts, SETTINGS))
    assert found["fresh"].tobytes() == found["again"].tobytes()
    np.testing.assert_allclose(found["grown"].astype(float), found["fresh"].astype(float), rtol=0, atol=2.5e-4)
