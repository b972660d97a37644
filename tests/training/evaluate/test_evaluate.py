"""Evaluation from records to report: gold, placeholders, values, means, baseline, consistency, and the whole stage."""

import json

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation import metrics
from curation.core import files, paths, records, registry
from curation.core.errors import CairnError
from curation.core.task import Answer, Example, Task
from training.evaluate import gold, scoring, zero_shot
from training.evaluate.__main__ import run as run_evaluate
from training.model import encoder as encoder_
from training.model import kind as kinds
from training.model import model, predict

PAIR = Task(kind="pair", metric="accuracy", labels=("no", "yes"), parallel=True)


def pairs(labels, langs=("de", "en"), prefix="i"):
    """Return parallel records with one label list per language."""
    examples, ids, where = [], [], []
    for lang in langs:
        for number, label in enumerate(labels[lang] if isinstance(labels, dict) else labels):
            examples.append(Example(text_a=f"the small dog {number}", text_b="tom reads", label=label))
            ids.append(f"{prefix}{number:03}")
            where.append(lang)
    return records.table("pair", ids, where, examples)


def test_gold_of_each_kind():
    assert gold.gold(pairs([0, 1]), "f") == [0, 0, 1, 1]
    span = records.table(
        "span",
        ["a", "b"],
        ["en"] * 2,
        [
            Example(question="q", context="one two", answers=(Answer("one", 0), Answer("two", 4))),
            Example(question="q", context="one two", answers=()),
        ],
    )
    assert gold.gold(span, "f") == [["one", "two"], []]
    tags = records.table("tags", ["a"], ["en"], [Example(tokens=("x", "y"), tags=(0, 2))])
    assert gold.gold(tags, "f") == [[0, 2]]


def constant(kind):
    example = {
        "classify": Example(text="a", label=1),
        "pair": Example(text_a="a", text_b="b", label=1),
        "choice": Example(prompt="p", choices=("a", "b"), label=0),
        "span": Example(question="q", context="c", answers=()),
        "tags": Example(tokens=("x", "y"), tags=(0, 0)),
    }[kind]
    return records.table(kind, [f"i{n}" for n in range(10)], ["en"] * 10, [example] * 10)


@pytest.mark.parametrize("kind", ["classify", "pair", "choice", "span", "tags"])
def test_placeholder_labels_are_refused(kind):
    with pytest.raises(CairnError, match=r"f, 'en': all 10 rows have the same gold .*stripped.*dvc repro"):
        gold.gold(constant(kind), "f")
    assert len(gold.gold(constant(kind).slice(0, 9), "f")) == 9  # so few may be equal by chance


def test_one_language_of_placeholders_is_enough():
    mixed = {"de": [0] * 12, "en": [0, 1] * 6}
    with pytest.raises(CairnError, match="f, 'de': all 12 rows"):
        gold.gold(pairs(mixed), "f")


def test_missing_labels_and_rows_are_refused():
    with pytest.raises(CairnError, match=r"f: 2 of 4 rows have no gold label.*placeholders"):
        gold.gold(pairs([1, None]), "f")
    with pytest.raises(CairnError, match="f has no rows"):
        gold.gold(pairs([]), "f")
    text = records.table("text", ["a"], ["en"], [Example(text="x")])
    with pytest.raises(CairnError, match="kind text"):
        gold.gold(text, "f")


def test_score_by_language_and_readable_predictions():
    test = pairs([0, 1, 1])
    true = gold.gold(test, "f")
    predicted = [p for p, g in zip([0, 0, 1, 1, 0, 1], true, strict=True)]  # rows: (0,de) (0,en) (1,de) ...
    rows, raw = zero_shot.score(PAIR, test, true, predicted)
    assert raw == {"de": [0, 1, 0], "en": [0, 1, 1]}
    assert rows["de"].predicted == ["no", "yes", "no"]
    assert rows["de"].gold == ["no", "yes", "yes"]
    languages, mean = scoring.summary(rows, metrics.load("accuracy"), PAIR.labels)
    assert languages["de"]["accuracy"] == pytest.approx(2 / 3, abs=1e-6)
    assert (languages["en"]["accuracy"], languages["en"]["macro_f1"], languages["en"]["high"]) == (1, 1, 1)
    assert languages["en"]["low"] < 0.5  # three right of three say little
    assert languages["en"]["bounds"]["macro_f1"] == [languages["en"]["low"], 1]
    assert mean["all"] == pytest.approx(5 / 6, abs=1e-6)
    assert mean["without_english"] == pytest.approx(2 / 3, abs=1e-6)
    assert languages["de"]["low"] <= languages["de"]["accuracy"] <= languages["de"]["high"]
    table = scoring.table(rows)
    assert table.schema.equals(scoring.SCHEMA)
    assert table["id"].to_pylist() == ["i000", "i000", "i001", "i001", "i002", "i002"]
    assert table["statistics"].to_pylist()[4] == [0, 1, 0, 0, 0, 1]  # "no" for "yes"
    with pytest.raises(CairnError, match="6 gold rows but 5 predictions"):
        zero_shot.score(PAIR, test, true, predicted[:5])


def test_consistency_compares_with_english_item_by_item():
    test = pairs([0, 1, 1])
    rows, raw = zero_shot.score(PAIR, test, gold.gold(test, "f"), [1, 1, 0, 1, 0, 0])
    found = zero_shot.consistency(PAIR, rows, raw)
    assert found == {
        "measure": "same prediction",
        "languages": {"de": {"agreement": pytest.approx(2 / 3, abs=1e-6), "kappa": 0.4, "rows": 3}},
        "all": pytest.approx(2 / 3, abs=1e-6),
        "pairs": {"agreement": pytest.approx(2 / 3, abs=1e-6), "pairs": 1},
    }
    apart = Task(kind="pair", metric="accuracy", labels=("no", "yes"), parallel=False)
    assert zero_shot.consistency(apart, rows, raw) is None
    german = {"de": rows["de"]}
    assert zero_shot.consistency(PAIR, german, raw) is None


def test_consistency_without_english_is_over_pairs_of_languages():
    test = pairs([0, 1, 1, 0], langs=("de", "fr", "ru"))
    rows, raw = zero_shot.score(PAIR, test, gold.gold(test, "f"), [0, 1, 1, 0, 0, 1, 1, 1, 1, 0, 0, 1])  # item by item
    found = zero_shot.consistency(PAIR, rows, raw)
    assert found["languages"] == {}
    assert found["all"] is None
    assert found["pairs"] == {"agreement": pytest.approx((3 / 4 + 1 / 4 + 2 / 4) / 3, abs=1e-6), "pairs": 3}


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=40))
@pytest.mark.filterwarnings("ignore")  # scikit-learn warns where kappa is undefined
def test_kappa_is_that_of_scikit_learn(answers):
    from sklearn.metrics import cohen_kappa_score

    one, two = ({str(n): pair[side] for n, pair in enumerate(answers)} for side in (0, 1))
    found = scoring.agreement(one, two)
    assert found.share == pytest.approx(sum(a == b for a, b in answers) / len(answers))
    expected = cohen_kappa_score([a for a, _ in answers], [b for _, b in answers])
    assert (found.kappa is None and expected != expected) or found.kappa == pytest.approx(expected, abs=1e-9)
    assert scoring.agreement(one, {"other": 1}) is None


def test_baseline_is_the_most_frequent_training_label():
    test = pairs({"de": [0, 1, 1, 1], "en": [0, 0, 0, 1]})
    train = pairs([1, 1, 0], langs=("en",))
    found = zero_shot.baseline(PAIR, train, test, gold.gold(test, "f"))
    assert (found["languages"], found["all"]) == ({"de": 0.75, "en": 0.25}, 0.5)
    assert found["values"] == {"macro_f1": {"de": 0.428571, "en": 0.2}}


TASK_FILE = """
from curation.tasks import Example, Source, Task
source = Source("bundled:miniworld")
TASK = Task(kind="pair", metric="f1", labels=("no", "yes"), train=source, dev=source, test=source, parallel=True)
def to_example(row):
    return Example()
"""
PARAMS = """
profile: demo
seed: 17
seeds: [1]
task_folder: tasks
intermediate: [own_pairs]
targets: [own_pairs]
retrieval: []
scorers: [{scorer}]
evaluate: {{batch_tokens: 512, max_length: 64}}
"""


@pytest.fixture
def stage(home, encoders):
    """A working directory with a task, its test rows and an untrained target model."""
    (home / "tasks").mkdir()
    (home / "tasks" / "own_pairs.py").write_text(TASK_FILE)
    (home / "params.yaml").write_text(PARAMS.format(scorer=registry.names("scorers")[0]))
    folder = paths.fetched("target", "own_pairs")
    train = pairs([0, 1, 0], langs=("en",), prefix="train")
    records.write(folder / "train.parquet", train)
    records.write(folder / "test.parquet", pairs([0, 1] * 8))
    files.write_json(folder / "manifest.json", {"splits": {"test": {"de": {"cap": 16}, "en": {"cap": 16}}}})
    encoder = encoder_.load(encoders["xlmr"])
    kind = kinds.load("pair")
    facts = kind.facts(train, ("no", "yes"))
    whole = model.Model(encoder.model, {"own_pairs": kind.Head(encoder.model, facts)})
    card = model.Card("pair", "own_pairs", ["no", "yes"], facts, 64)
    model.save(whole, "own_pairs", encoder.tokenizer, card, paths.target_model("pretrained", "own_pairs", 1), {})
    return home


def test_stage_writes_report_and_predictions_the_same_twice(stage):
    run_evaluate("pretrained", "own_pairs", 1)
    report_file = paths.report("evaluate", "pretrained", "own_pairs", "seed-1")
    rows_file = paths.predictions("pretrained", "own_pairs", 1)
    first = report_file.read_bytes(), rows_file.read_bytes()
    report = json.loads(first[0])
    assert {key: report[key] for key in ("start", "task", "seed", "metric", "primary", "rows", "cap")} == {
        "start": "pretrained",
        "task": "own_pairs",
        "seed": 1,
        "metric": "f1",
        "primary": "accuracy",
        "rows": 32,
        "cap": 16,
    }
    assert set(report["languages"]) == {"de", "en"}
    assert set(report["languages"]["de"]) == {
        *("accuracy", "macro_f1", "f1", "accuracy_f1", "low", "high", "bounds", "rows")
    }
    assert report["precision"] == predict.precision("auto", predict.device())
    assert report["majority_baseline"]["all"] == 0.5
    assert report["consistency"]["languages"]["de"]["agreement"] == 1  # the rows are the same in both
    rows = files.read_parquet(rows_file)
    assert isinstance(rows, pa.Table)
    total = sum(rows["statistics"].to_numpy(zero_copy_only=False))
    assert report["languages"]["de"]["accuracy"] == report["languages"]["en"]["accuracy"]
    assert metrics.load("f1").values(total, ("no", "yes"))["accuracy"] == report["mean"]["all"]
    run_evaluate("pretrained", "own_pairs", 1)
    assert (report_file.read_bytes(), rows_file.read_bytes()) == first


def test_stage_errors(stage):
    with pytest.raises(CairnError, match=r"unknown start 'pretraind'. Did you mean 'pretrained'"):
        run_evaluate("pretraind", "own_pairs", 1)
    with pytest.raises(CairnError, match=r"models/target/intermediate/own_pairs/seed-1.*dvc repro"):
        run_evaluate("intermediate", "own_pairs", 1)
    records.write(paths.fetched("target", "own_pairs") / "test.parquet", pairs([1] * 16))
    with pytest.raises(CairnError, match="all 16 rows have the same gold"):
        run_evaluate("pretrained", "own_pairs", 1)
