"""Probes of all kinds on made vectors that hold the answer plainly, so that what is tested is the probe."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from curation import embed, probe, tasks
from curation.core import experiment, files, params, paths, records
from curation.core.errors import CairnError
from curation.core.task import Answer, Example, Kind, Task
from curation.embed.cache import Ragged
from curation.language import words
from curation.probe import fit, span, trust
from curation.probe.__main__ import run as run_probe

SETTINGS = probe.Params(folds=3, hidden=0, regularisation=3.0, gigabytes=1.0)
rng = np.random.default_rng(11)
D = 8


def table(kind: Kind, examples: list[Example]) -> Any:
    ids = records.make_ids("t", [records.content_hash(kind, vars(example)) for example in examples])
    return records.table(kind, ids, ["en"] * len(examples), examples)


def noise(*shape: int) -> np.ndarray:
    return (rng.normal(size=shape) * 0.3).astype(np.float16)


def pair(n: int = 150, labelled: Any = lambda i: True, classes: int = 3) -> tuple[Task, Any, embed.Vectors]:
    task = Task(kind="pair", metric="accuracy", labels=("no", "maybe", "yes"))
    examples = [
        Example(text_a=f"a{i}", text_b=f"b{i}", label=i % classes if labelled(i) else None, group=f"g{i // 2}")
        for i in range(n)
    ]
    rows = table("pair", examples)
    match = noise(n, 60)  # the answer is in many columns, as it is in real vectors: dropout counts on that
    number = np.array([int(row["text_a"][1:]) % 3 for row in rows.to_pylist()])
    match += np.tile(np.eye(3), 20)[number].astype(np.float16)
    parts = {"text_a": noise(n, D), "text_b": noise(n, D)}
    return task, rows, embed.Vectors(rows["id"].to_pylist(), noise(n, D), parts, match)


def choice(n: int = 120) -> tuple[Task, Any, embed.Vectors]:
    examples = [
        Example(prompt=f"p{i}", choices=tuple(f"{i} {k}" for k in range(2 + i % 3)), label=i % 2 if i % 9 else None)
        for i in range(n)
    ]
    rows = table("choice", examples)
    right = [k == int(row["prompt"][1:]) % 2 for row in rows.to_pylist() for k in range(len(row["choices"]))]
    match = noise(len(right), 5)
    match[:, 0] += 2 * np.array(right, np.float16)
    parts = {"prompt": noise(n, D), "choices": noise(len(right), D)}
    return (
        Task(kind="choice", metric="accuracy"),
        rows,
        embed.Vectors(rows["id"].to_pylist(), noise(n, D), parts, match),
    )


def ragged(lengths: list[int]) -> Ragged:
    return Ragged(noise(sum(lengths), D), np.concatenate([[0], np.cumsum(lengths)]), np.arange(len(lengths)))


def tags(n: int = 60) -> tuple[Task, Any, embed.Vectors]:
    examples = [
        Example(tokens=tuple(f"w{i}_{k}" for k in range(1 + i % 5)), tags=tuple((i + k) % 2 for k in range(1 + i % 5)))
        for i in range(n)
    ]
    rows = table("tags", examples)
    found = ragged([len(row["tokens"]) for row in rows.to_pylist()])
    found.values[:, 0] += 2 * np.concatenate([row["tags"] for row in rows.to_pylist()]).astype(np.float16)
    task = Task(kind="tags", metric="accuracy", labels=("O", "X"))
    return task, rows, embed.Vectors(rows["id"].to_pylist(), noise(n, D), {}, None, {"tokens": found})


def spans(n: int = 90) -> tuple[Task, Any, embed.Vectors]:
    examples = []
    for i in range(n):
        context = " ".join(f"w{i}x{k}" for k in range(6))
        begin = context.index(f"w{i}x{i % 4}")
        answer = context[begin : context.index(f"w{i}x{i % 4 + 1}") + len(f"w{i}x{i % 4 + 1}")]
        answers = (Answer(answer, begin),) if i % 6 else ()
        examples.append(Example(question=f"q{i}", context=context, answers=answers))
    rows = table("span", examples)
    lists = rows.to_pylist()
    context = ragged([len(words.split(row["context"])) for row in lists])
    for i, row in enumerate(lists):
        first, last = span.gold(row)
        if first:
            context[i][first - 1, 0] += 3
            context[i][last - 1, 1] += 3
    question = ragged([1] * n)
    return (
        Task(kind="span", metric="squad"),
        rows,
        embed.Vectors(rows["id"].to_pylist(), noise(n, D), {}, None, {"context": context, "question": question}),
    )


def fitted(made: tuple[Task, Any, embed.Vectors], **changes: Any) -> probe.Probe:
    task, rows, vectors = made
    return fit.fit("t", task, rows, vectors, SETTINGS.model_copy(update=changes), 17)


@pytest.mark.parametrize("hidden", [0, 64])
def test_pair(hidden: int) -> None:
    made = pair()
    found = fitted(made, hidden=hidden)
    labels = np.array(made[1]["label"].to_pylist())
    matrix = np.stack(found.probabilities)
    np.testing.assert_allclose(matrix.sum(1), 1, atol=1e-4)
    assert (matrix.argmax(1) == labels).mean() > 0.9
    told = found.manifest["out_of_fold"]
    assert told["accuracy"] == pytest.approx((matrix.argmax(1) == labels).mean())
    assert np.sum(told["confusion"]) == len(labels)
    assert np.array(told["confusion"]).trace() == (matrix.argmax(1) == labels).sum()
    assert found.manifest["groups"] == 75


def test_same_seed_same_probabilities() -> None:
    made = pair()
    first, second = fitted(made, hidden=8), fitted(made, hidden=8)
    assert all((a == b).all() for a, b in zip(first.probabilities, second.probabilities, strict=True))


def test_unlabelled_rows_get_probabilities_and_train_nothing() -> None:
    found = fitted(pair(labelled=lambda i: i % 4 > 0))
    assert found.manifest["out_of_fold"]["labelled"] == 112
    assert len(found.probabilities) == 150
    truth = np.array([int(row["text_a"][1:]) % 3 for row in pair()[1].to_pylist()])
    hidden = np.array([int(row["text_a"][1:]) % 4 == 0 for row in pair()[1].to_pylist()])
    assert (np.stack(found.probabilities).argmax(1) == truth)[hidden].mean() > 0.9


def test_choice_counts_may_differ() -> None:
    made = choice()
    found = fitted(made)
    rows = made[1].to_pylist()
    assert [len(p) for p in found.probabilities] == [len(row["choices"]) for row in rows]
    np.testing.assert_allclose([p.sum() for p in found.probabilities], 1, atol=1e-4)
    right = [
        p.argmax() == row["label"] for p, row in zip(found.probabilities, rows, strict=True) if row["label"] is not None
    ]
    assert np.mean(right) > 0.9
    assert found.manifest["out_of_fold"]["chance"] == pytest.approx(13 / 36, abs=0.03)


def test_tags() -> None:
    made = tags()
    found = fitted(made)
    assert [p.shape for p in found.probabilities] == [(len(row["tokens"]), 2) for row in made[1].to_pylist()]
    assert found.manifest["out_of_fold"]["accuracy"] > 0.9


def test_span_finds_begin_end_and_no_answer() -> None:
    made = spans()
    found = fitted(made)
    assert [p.shape for p in found.probabilities] == [(7, 2)] * 90
    assert found.manifest["out_of_fold"]["exact"] > 0.8
    unanswerable = [p for p, row in zip(found.probabilities, made[1].to_pylist(), strict=True) if not row["answers"]]
    assert np.mean([p[0, 0] for p in unanswerable]) > 0.5


def test_random_labels_stay_at_chance() -> None:
    task, rows, vectors = pair(300)
    shuffled = rows.to_pylist()
    for row in shuffled:
        row["label"] = int(rng.integers(3))
    found = fit.fit("t", task, type(rows).from_pylist(shuffled, schema=rows.schema), vectors, SETTINGS, 17)
    assert found.manifest["out_of_fold"]["accuracy"] < 0.45


def test_class_in_one_group_only_is_reported_as_untrained() -> None:
    task, rows, vectors = pair(classes=2)
    listed = rows.to_pylist()
    listed[0]["label"] = 2
    found = fit.fit("t", task, type(rows).from_pylist(listed, schema=rows.schema), vectors, SETTINGS, 17)
    assert found.manifest["untrained"] == {str(int(found.fold[0])): [2]}


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (pair(classes=1), "one label 'no'; a probe needs two"),
        (pair(labelled=lambda i: False), "no row has a label"),
        (pair(4), r"only 2 groups .* 3 folds\. Set probe\.folds to 2"),
    ],
)
def test_data_that_no_probe_can_learn_from(made: Any, message: str) -> None:
    with pytest.raises(CairnError, match=message):
        fitted(made)


def test_kind_without_labels() -> None:
    rows = table("text", [Example(text="x")])
    with pytest.raises(CairnError, match="Kinds with a probe: classify, pair, choice, span, tags"):
        fit.fit("t", Task(kind="text", metric="none"), rows, pair()[2], SETTINGS, 1)


def test_the_flow_goes_on_for_a_kind_without_labels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    rows = table("text", [Example(text=f"word {i}", key=str(i)) for i in range(9)])
    records.write(paths.fetched("intermediate", "t") / "train.parquet", rows)
    monkeypatch.setattr(embed, "load", lambda name: embed.Vectors(rows["id"].to_pylist(), noise(9, D), {}))
    monkeypatch.setattr(params, "read", lambda cls, key: SETTINGS)
    monkeypatch.setattr(experiment, "read", lambda: type("E", (), {"seed": 17}))
    run_probe("t")
    written = files.read_parquet(paths.probe("t") / "probabilities.parquet")
    assert written["id"].to_pylist() == rows["id"].to_pylist()
    assert written["fold"].null_count == written["probabilities"].null_count == 9
    assert files.read_json(paths.probe("t") / "manifest.json")["why"] == "text rows have no labels to predict"


@pytest.mark.parametrize("made", [pair, choice, tags, spans])
def test_stage_writes_what_load_reads(made: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    task, rows, vectors = made()
    records.write(paths.fetched("intermediate", "t") / "train.parquet", rows)
    monkeypatch.setattr(embed, "load", lambda name: vectors)
    monkeypatch.setattr(params, "read", lambda cls, key: SETTINGS)
    monkeypatch.setattr(experiment, "read", lambda: type("E", (), {"seed": 17}))
    monkeypatch.setattr(tasks, "load", lambda name: task)
    run_probe("t")
    expected, found = fit.fit("t", task, rows, vectors, SETTINGS, 17), probe.load("t")
    assert found.ids == expected.ids
    assert (found.fold == expected.fold).all()
    for a, b in zip(found.probabilities, expected.probabilities, strict=True):
        assert a.shape == b.shape
        assert (a == b).all()
    first = files.sha256(paths.probe("t") / "probabilities.parquet")
    run_probe("t")
    assert files.sha256(paths.probe("t") / "probabilities.parquet") == first
    monkeypatch.setattr(embed, "load", lambda name: embed.Vectors(["other"], vectors.row, {}))
    with pytest.raises(CairnError, match="not of these train rows"):
        run_probe("t")


def test_missing_probe_says_what_to_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CairnError, match="dvc repro"):
        probe.load("t")


def test_best_span_is_the_best_of_all_spans() -> None:
    for length in (2, 5, 40):
        p = rng.dirichlet(np.ones(length), 2).T.astype(np.float32)
        every = {(0, 0): float(p[0, 0]) * float(p[0, 1])}
        every |= {
            (i, j): float(p[i, 0]) * float(p[j, 1]) for i in range(1, length) for j in range(i, min(length, i + 30))
        }
        ranked = sorted(every, key=lambda key: -every[key])
        assert span.best(p)[:2] == ranked[0]
        assert span.best(p, excluding=ranked[0])[:2] == ranked[1]


def test_calibration_error_of_a_calibrated_and_an_overconfident_probe() -> None:
    confidence = np.full(1000, 0.7)
    assert trust.calibration_error(confidence, np.arange(1000) < 700) == pytest.approx(0, abs=1e-9)
    assert trust.calibration_error(np.full(1000, 0.99), np.arange(1000) < 700) == pytest.approx(0.29, abs=1e-9)


def test_two_probes_together_are_the_geometric_mean_over_what_sums_to_one() -> None:
    def made(kind: str, *rows: Any) -> probe.Probe:
        found = [np.array(row, np.float32) for row in rows]
        return probe.Probe(["a"] * len(rows), np.zeros(len(rows), np.int8), found, {"kind": kind})

    pair = probe.together(made("pair", [0.5, 0.5], [1, 0]), made("pair", [0.2, 0.8], [0, 1]))
    assert pair.probabilities[0] == pytest.approx(np.array([1, 2]) / 3)
    assert pair.probabilities[1] == pytest.approx([0, 1])  # nothing is likely to both: the second's word
    spans = probe.together(made("span", [[0.5, 0.1], [0.5, 0.9]]), made("span", [[0.5, 0.5], [0.5, 0.5]]))
    assert spans.probabilities[0].sum(0) == pytest.approx([1, 1])
    assert spans.probabilities[0][:, 1] == pytest.approx(np.sqrt([0.1, 0.9]) / np.sqrt([0.1, 0.9]).sum())
    tags = probe.together(made("tags", [[0.9, 0.1], [0.2, 0.8]]), made("tags", [[0.9, 0.1], [0.2, 0.8]]))
    assert tags.probabilities[0].sum(1) == pytest.approx([1, 1])
    with pytest.raises(CairnError, match="other rows"):
        probe.together(made("pair", [1, 0]), made("pair", [1, 0], [1, 0]))


def test_scorers_read_both_probes_where_there_are_two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    def made(*rows: Any) -> probe.Probe:
        return probe.Probe(
            ["a", "b"], np.zeros(2, np.int8), [np.array(row, np.float32) for row in rows], {"kind": "pair"}
        )

    one, other = made([0.9, 0.1], [0.4, 0.6]), made([0.5, 0.5], [0.2, 0.8])
    probe.write(paths.probe("t"), one)
    np.testing.assert_array_equal(probe.judges("t").probabilities, one.probabilities)
    probe.write(paths.crossfit("t"), other)
    np.testing.assert_array_equal(probe.judges("t").probabilities, probe.together(one, other).probabilities)
