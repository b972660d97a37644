import json
import random
import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from ruamel.yaml import YAML

from curation import subset
from curation.core import experiment, files, params, paths, records
from curation.core.errors import CairnError
from curation.core.task import Example, Task
from curation.subset import pool, selectors
from curation.subset.__main__ import run as run_subset
from curation.subset.kept import rows as rows_of_subset

TASK = """
from curation.tasks import Task
TASK = Task(kind="{kind}", metric="accuracy", labels=("no", "yes", "maybe"))
def to_example(row): raise NotImplementedError
"""
BASE = {
    "size": 40, "stratum": "top", "selector": "quality", "languages": ["en"], "also_in": [], "mixture": "proportional",
    "length_bins": 3, "deduplicate": True, "decontaminate": True,
}  # fmt: skip


@pytest.fixture
def world(tmp_path, monkeypatch):
    """Two tasks with scores, near-duplicate groups, leaks, an unlabelled row, and a German version of most of one."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine").mkdir()
    for task, n in (("alpha", 120), ("beta", 60)):
        Path("mine", f"{task}.py").write_text(TASK.format(kind="pair"))
        draw = random.Random(n)
        examples = [
            Example(
                text_a=f"{task} {i} " + "word " * draw.randint(1, 30), text_b=f"b{i}", key=str(i),
                label=None if i == 7 else draw.choice([0, 0, 1, 2]),
            )
            for i in range(n)
        ]  # fmt: skip
        ids = records.make_ids(task, [records.content_hash("pair", vars(e)) for e in examples])
        table = records.table("pair", ids, ["en"] * n, examples)
        records.write(paths.fetched("intermediate", task) / "train.parquet", table)
        ordered = table["id"].to_pylist()
        files.write_parquet(
            paths.quality(task),
            pa.table(
                {
                    "id": ordered,
                    "quality": [round(draw.random(), 2) for _ in ordered],
                    "rank": list(range(1, n + 1)),
                    "flags": pa.array(
                        [["contamination"] if i % 20 == 3 else [] for i in range(n)], pa.list_(pa.string())
                    ),
                    "near_duplicates.group": pa.array([i // 10 if i % 10 < 2 else None for i in range(n)], pa.int64()),
                }
            ),
        )
        if task == "alpha":
            german = table.slice(0, n - 10).set_column(1, "lang", pa.array(["de"] * (n - 10)))
            records.write(paths.translated(task, "de") / "train.parquet", german)
    Path("params.yaml").write_text("")
    return tmp_path


def write_params(**changes):
    translated, flag = changes.pop("translated", ["de"]), changes.pop("flag", 0.5)
    top = {key: changes.pop(key) for key in ("intermediate", "scorers", "seed") if key in changes}
    value = {
        "profile": "test", "seed": 5, "seeds": [1], "task_folder": "mine", "intermediate": ["alpha"],
        "targets": ["alpha"], "retrieval": [], "scorers": ["near_duplicates"], **top,
        "translate": {"languages": translated}, "quality": {"flags": {"contamination": flag}},
        "subset": {**BASE, **changes},
    }  # fmt: skip
    YAML().dump(value, Path("params.yaml"))


def run(monkeypatch, **changes):
    write_params(**changes)
    monkeypatch.setattr(subset.registry, "check", lambda group, name, where: name)  # the scorers are not under test
    run_subset()
    return files.read_parquet(paths.subset()).to_pylist(), json.loads(paths.report("subset").read_text())


def kept(manifest):
    return {(row["task"], row["id"], row["lang"]) for row in manifest if row["kept"]}


def test_manifest_accounts_for_every_row_and_proves_itself(world, monkeypatch):
    manifest, report = run(monkeypatch)
    assert len(manifest) == 120
    assert len(kept(manifest)) == 40
    assert all(row["kept"] == (row["reason"] is None) for row in manifest)
    reasons = Counter(row["reason"] for row in manifest)
    assert reasons["unlabelled"] == 1
    assert reasons["contaminated"] + reasons["near_duplicate"] + reasons["over_budget"] + 1 == 80
    assert reasons["contaminated"] > 0
    assert reasons["near_duplicate"] > 0
    assert len(report["proofs"]) == 8
    leaks = next(proof for proof in report["proofs"] if "leak" in proof["claim"])
    assert leaks["detail"] == f"40 rows kept, {reasons['contaminated']} left out with a contamination score below 0.5"
    assert all(proof["holds"] for proof in report["proofs"])


def test_same_parameters_give_the_same_bytes(world, monkeypatch):
    run(monkeypatch, stratum="random")
    first = paths.subset().read_bytes()
    shutil.rmtree("data/subset")
    run(monkeypatch, stratum="random")
    assert paths.subset().read_bytes() == first
    run(monkeypatch, stratum="random", seed=6)
    assert paths.subset().read_bytes() != first


@pytest.mark.parametrize("stratum", ["top", "middle", "bottom", "random"])
def test_sizes_nest(world, monkeypatch, stratum):
    small, large = (
        run(monkeypatch, size=size, stratum=stratum, intermediate=["alpha", "beta"])[0] for size in (23, 80)
    )
    assert len(kept(small)) == 23
    assert kept(small) < kept(large)


def test_strata_differ_in_quality_and_match_in_labels_and_length(world, monkeypatch):
    quality = {row["id"]: row["quality"] for row in files.read_parquet(paths.quality("alpha")).to_pylist()}
    label = {
        row["id"]: row["label"]
        for row in records.read(paths.fetched("intermediate", "alpha") / "train.parquet").to_pylist()
    }
    mean, labels = {}, {}
    for stratum in ("top", "random", "bottom"):
        manifest, report = run(monkeypatch, stratum=stratum, size=30)
        ids = [id_ for _, id_, _ in kept(manifest)]
        mean[stratum] = sum(quality[id_] for id_ in ids) / 30
        labels[stratum] = Counter(label[id_] for id_ in ids)
    assert mean["top"] > mean["random"] + 0.1 > mean["bottom"] + 0.2
    assert labels["top"] == labels["random"] == labels["bottom"]
    arms = report["tasks"]["alpha"]["arms"]
    assert arms["kept"]["overlap_with_kept"] == 1
    assert arms["top"]["overlap_with_kept"] < 0.4
    assert max(arm["length_distance_to_pool"] for arm in arms.values()) < 0.25


def judged(seed=1):
    """A translation quality for every id of alpha, as stage translate writes it."""
    ids = files.read_parquet(paths.quality("alpha"))["id"].to_pylist()
    draw = random.Random(seed)
    worth = {id_: round(draw.random(), 2) for id_ in ids}
    table = pa.table({"id": ids, "translation_quality": [worth[id_] for id_ in ids]})
    files.write_parquet(paths.translated("alpha", "de") / "checks.parquet", table)
    return worth


def test_strata_of_translation_quality_match_as_those_of_quality_do(world, monkeypatch):
    worth, mean, sizes = judged(), {}, {}
    for stratum in ("top", "bottom"):
        manifest, report = run(
            monkeypatch, languages=["en", "de"], stratum=stratum, selector="translation_quality", size=40
        )
        ids = {id_ for _, id_, _ in kept(manifest)}
        mean[stratum], sizes[stratum] = sum(worth[id_] for id_ in ids) / len(ids), len(ids)
        assert all(proof["holds"] for proof in report["proofs"])
        assert report["tasks"]["alpha"]["arms"]["kept"]["mean_translation_quality"] == pytest.approx(mean[stratum])
    assert sizes == {"top": 20, "bottom": 20}
    assert mean["top"] > mean["bottom"] + 0.3


def test_arms_over_languages_share_the_ids_whose_translation_is_good_enough(world, monkeypatch):
    worth = judged()
    english, _ = run(monkeypatch, also_in=["de"], min_translation=0.5, size=20)
    both, _ = run(monkeypatch, languages=["en", "de"], min_translation=0.5, size=40)
    assert {id_ for _, id_, _ in kept(english)} == {id_ for _, id_, _ in kept(both)}
    assert all(worth[id_] >= 0.5 for _, id_, _ in kept(both))
    assert Counter(row["reason"] for row in both)["translation_low"] > 20
    with pytest.raises(CairnError, match=r"none of subset\.languages"):
        run(monkeypatch, selector="translation_quality")


def test_one_row_of_each_near_duplicate_group_the_best(world, monkeypatch):
    manifest, _ = run(monkeypatch, size=None, decontaminate=False)
    table = {row["id"]: row for row in files.read_parquet(paths.quality("alpha")).to_pylist()}
    taken = [table[id_] for _, id_, _ in kept(manifest)]
    groups = Counter(row["near_duplicates.group"] for row in taken if row["near_duplicates.group"] is not None)
    assert set(groups.values()) == {1}
    for row in taken:
        same = [r for r in table.values() if r["near_duplicates.group"] == row["near_duplicates.group"] is not None]
        unlabelled = {r["id"] for r in manifest if r["reason"] == "unlabelled"}
        assert all(row["quality"] >= other["quality"] for other in same if other["id"] not in unlabelled)


def test_languages_of_an_id_come_together_and_count_against_the_size(world, monkeypatch):
    manifest, report = run(monkeypatch, languages=["en", "de"], size=40)
    assert Counter(lang for _, _, lang in kept(manifest)) == {"en": 20, "de": 20}
    assert len({id_ for _, id_, _ in kept(manifest)}) == 20
    assert len(manifest) == 240
    assert report["tasks"]["alpha"]["not_kept"]["translation_dropped"] > 0
    assert (
        report["tasks"]["alpha"]["not_kept"]["incomplete"]
        == report["tasks"]["alpha"]["not_kept"]["translation_dropped"]
    )
    german = run(monkeypatch, languages=["de"], size=20)[0]
    english = run(monkeypatch, languages=["en"], also_in=["de"], size=20)[0]
    assert {id_ for _, id_, _ in kept(german)} == {id_ for _, id_, _ in kept(english)}


@pytest.mark.parametrize("mixture", ["proportional", "equal"])
@pytest.mark.parametrize("size", [2, 38, 50])
def test_no_id_is_split_over_the_languages(world, monkeypatch, mixture, size):
    """Shares are counted in ids: 38 rows of two tasks in two languages are 19 ids, never 9.5 of each task."""
    german = records.read(paths.fetched("intermediate", "beta") / "train.parquet")
    german = german.set_column(1, "lang", pa.array(["de"] * german.num_rows))
    records.write(paths.translated("beta", "de") / "train.parquet", german)
    manifest, report = run(
        monkeypatch, languages=["en", "de"], size=size, mixture=mixture, intermediate=["alpha", "beta"]
    )
    times = Counter(id_ for _, id_, _ in kept(manifest))
    assert set(times.values()) == {2}
    assert len(kept(manifest)) == size
    assert {"claim": "each kept id is kept in every language", "holds": True, "detail": "en, de"} in report["proofs"]


def test_rows_materialises_the_kept_records(world, monkeypatch):
    manifest, _ = run(monkeypatch, languages=["en", "de"], size=40)
    found = rows_of_subset(experiment.read())["alpha"]
    assert {("alpha", row["id"], row["lang"]) for row in found.to_pylist()} == kept(manifest)
    assert records.kind_of(found) == "pair"
    assert found.to_pylist() == records.canonical(found).to_pylist()
    write_params(intermediate=["beta"])
    with pytest.raises(CairnError, match="is for alpha"):
        rows_of_subset(experiment.read())


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"size": 5000}, r"size is 5000, but \d+ rows are eligible \(alpha \d+\)"),
        ({"size": 120, "mixture": "equal", "intermediate": ["alpha", "beta"]}, "needs 60 rows of beta"),
        ({"languages": ["en", "fr"]}, "add fr to translate.languages"),
        ({"languages": ["de"], "translated": []}, "add de to translate.languages"),
        ({"languages": ["en", "en"]}, "names a language twice"),
        ({"scorers": ["surface"]}, "deduplicate needs the scorer near_duplicates"),
        ({"size": 0}, "greater than 0"),
        ({"size": 41, "languages": ["en", "de"]}, "takes 2 rows, one for each of subset.languages. Set it to 40 or 42"),
        ({"size": 1, "languages": ["en", "de"]}, "Set it to 2"),
        ({"flag": 0}, "quality.flags.contamination is 0, so none is ever flagged"),
        ({"stratum": "best"}, "'top', 'middle', 'bottom' or 'random'"),
    ],
)
def test_mistakes_are_named(world, monkeypatch, changes, message):
    with pytest.raises(CairnError, match=message):
        run(monkeypatch, **changes)


def test_scores_of_other_rows_are_refused(world, monkeypatch):
    table = files.read_parquet(paths.quality("alpha"))
    files.write_parquet(paths.quality("alpha"), table.slice(1))
    with pytest.raises(CairnError, match="scores other rows"):
        run(monkeypatch)


def test_a_claim_that_does_not_hold_is_an_error(world, monkeypatch):
    written = files.read_parquet

    def tampered(path):
        table = written(path)
        if path == paths.subset():
            flags = table["kept"].to_pylist()
            flags[flags.index(True)] = False
            table = table.set_column(5, "kept", pa.array(flags))
        return table

    monkeypatch.setattr(files, "read_parquet", tampered)
    with pytest.raises(CairnError, match="not true"):
        run(monkeypatch)


def test_equal_mixture_shares_the_size(world, monkeypatch):
    manifest, _ = run(monkeypatch, intermediate=["alpha", "beta"], mixture="equal", size=41)
    assert sorted(Counter(task for task, _, _ in kept(manifest)).values()) == [20, 21]


@pytest.mark.parametrize(
    ("kind", "row", "expected"),
    [
        ("choice", {"label": 2}, "2"),
        ("choice", {"label": None}, None),
        ("span", {"answers": []}, "unanswerable"),
        ("span", {"answers": [{"text": "x", "start": 0}]}, "answerable"),
        ("span", {"answers": None}, None),
        ("text", {"text": "x"}, "all"),
        ("tags", {"tags": [3, 0, 1, 2]}, "LOC+PER"),
        ("tags", {"tags": [0, -100]}, "none"),
        ("tags", {"tags": None}, None),
    ],
)
def test_label_classes_of_the_kinds(kind, row, expected):
    assert (
        pool.label_class(kind, row, Task(kind=kind, metric="accuracy", labels=("O", "B-PER", "I-PER", "B-LOC")))
        == expected
    )


@pytest.mark.parametrize("selector", ["facility_location", "message_passing", "importance", "coverage"])
def test_selectors_read_what_the_stages_made_of_the_eligible_rows(world, monkeypatch, selector):
    n, rng = 120, np.random.default_rng(1)
    paths.neighbours("alpha").mkdir(parents=True)
    indices = (np.arange(n)[:, None] + np.arange(1, 6)) % n
    np.save(paths.neighbours("alpha") / "indices.npy", indices.astype(np.int32))
    similarity = np.sort(rng.random((n, 5)).astype(np.float32), 1)[:, ::-1]
    np.save(paths.neighbours("alpha") / "similarity.npy", similarity)
    train = paths.fetched("intermediate", "alpha") / "train.parquet"
    (paths.fetched("target", "alpha")).mkdir(parents=True)
    shutil.copy(train, paths.fetched("target", "alpha") / "train.parquet")
    settings = params.load(Path(__file__).parents[3] / "profiles" / "demo.yaml")["subset"]["selectors"]
    manifest, report = run(monkeypatch, selector=selector, selectors=settings)
    assert len(kept(manifest)) == 40
    assert all(proof["holds"] for proof in report["proofs"])
    smaller, _ = run(monkeypatch, selector=selector, selectors=settings, size=20)
    assert kept(smaller) < kept(manifest)


def test_neighbours_that_are_not_eligible_are_no_neighbours(world):
    paths.neighbours("alpha").mkdir(parents=True)
    np.save(paths.neighbours("alpha") / "indices.npy", np.array([[1, 2], [2, -1], [0, 1]], np.int32))
    np.save(paths.neighbours("alpha") / "similarity.npy", np.array([[0.9, 0.8], [0.7, np.nan], [0.6, 0.5]], np.float32))
    found = selectors._among("alpha", np.array([2, 0]))
    assert found.indices.tolist() == [[1, -1], [-1, 0]]
    assert found.similarity[0, 0] == pytest.approx(0.6)
    assert np.isnan(found.similarity[0, 1])


def test_a_selector_without_its_settings_says_what_is_missing(world, monkeypatch):
    with pytest.raises(CairnError, match=r"subset\.selectors\.coverage is missing"):
        run(monkeypatch, selector="coverage")
