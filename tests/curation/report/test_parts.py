"""The parts of the report: comparisons, charts, planted defects."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score

from curation import tasks
from curation.core import experiment, files, paths, registry
from curation.core.errors import CairnError
from curation.report import curated, planted
from curation.results import charts, effects
from curation.results import comparison as results
from curation.results.runs import load_arm


def _arms(start_a: Any, start_b: Any, find: Any) -> results.Comparison:
    registry.add_folder("tasks", Path("tasks"))

    def read(path: Path) -> Any:
        return files.read_json(path) if path.exists() else None

    arms = [load_arm("evaluate", start, "toy_para", (1, 2, 3), read, find) for start in (start_a, start_b)]
    assert arms[0] is not None
    assert arms[1] is not None
    return results.compare(arms[0], arms[1], tasks.load("toy_para"))


def test_a_comparison_is_b_minus_a(inside: Path) -> None:
    one = _arms("pretrained", "intermediate", lambda path: path)
    other = _arms("intermediate", "pretrained", lambda path: path)
    reports = [files.read_json(paths.report("evaluate", "intermediate", "toy_para", f"seed-{s}")) for s in (1, 2, 3)]
    assert one.b["all"].value == pytest.approx(np.mean([report["mean"]["all"] for report in reports]))
    for name in ("en", "de", "ru", "all", "without_english"):
        assert one.difference[name].value == pytest.approx(one.b[name].value - one.a[name].value)
        assert one.difference[name].value == pytest.approx(-other.difference[name].value)
        assert one.difference[name].value > 0
    assert one.languages == ["en", "de", "ru"]
    assert one.consistency["de"] == pytest.approx((0.6, 0.85))


def test_levels_stay_between_0_and_1(inside: Path) -> None:
    one = _arms("pretrained", "intermediate", lambda path: path)
    assert all(0 <= e.low <= e.value <= e.high <= 1 for arm in (one.a, one.b) for e in arm.values())


def test_reports_alone_give_the_same_values_and_wider_intervals(inside: Path) -> None:
    paired = _arms("pretrained", "intermediate", lambda path: path)
    alone = _arms("pretrained", "intermediate", lambda path: None)
    assert paired.method == results.PAIRED
    assert alone.method == results.UNPAIRED
    for name in ("en", "de", "ru", "all", "without_english"):
        assert alone.difference[name].value == pytest.approx(paired.difference[name].value, abs=1e-6)
        assert alone.b[name].value == pytest.approx(paired.b[name].value, abs=1e-6)
        assert alone.difference[name].seed_sd == pytest.approx(paired.difference[name].seed_sd, abs=1e-6)
        assert alone.difference[name].low < alone.difference[name].value < alone.difference[name].high
    widths = [one.difference["all"].high - one.difference["all"].low for one in (paired, alone)]
    assert widths[1] > widths[0]


def test_a_report_without_an_interval_is_the_reason_for_no_verdict_and_not_the_groups_of_rows(inside: Path) -> None:
    """As older versions wrote them: every value, and an interval of the primary one alone."""
    registry.add_folder("tasks", Path("tasks"))

    def old(path: Path) -> Any:
        report = files.read_json(path)
        for cell in report["languages"].values():
            cell["macro_f1"] = cell["accuracy"] - 0.01
        return report

    def new(path: Path) -> Any:
        report = old(path)
        for cell in report["languages"].values():
            cell["bounds"] = {"macro_f1": [cell["low"], cell["high"]]}
        return report

    def compared(a: Any, b: Any) -> results.Comparison:
        starts = (("pretrained", a), ("intermediate", b))
        arms = [load_arm("evaluate", start, "toy_para", (1, 2, 3), read, lambda _: None) for start, read in starts]
        assert arms[0] is not None
        assert arms[1] is not None
        return results.compare(arms[0], arms[1], tasks.load("toy_para"), "macro_f1")

    assert compared(new, new).difference["all"].why_not is None
    found = compared(new, old).difference["all"]
    assert found.why_not == (
        "the reports of b on toy_para hold no interval over test rows for macro_f1 (de, seed 1 and 8 more): make them "
        "anew with `dvc repro` at that arm, or compare by metric accuracy"
    )
    assert np.isnan([found.low, found.high, found.p, found.at(0.9).low]).all()
    assert effects.seeds_needed(found, 0.01) is None


def test_arms_without_a_common_seed_cannot_be_compared(inside: Path) -> None:
    registry.add_folder("tasks", Path("tasks"))
    arms = [
        load_arm("evaluate", start, "toy_para", seeds, lambda p: files.read_json(p), lambda p: None)  # type: ignore[arg-type]
        for start, seeds in (("pretrained", (1,)), ("intermediate", (2,)))
    ]
    assert arms[0] is not None
    assert arms[1] is not None
    with pytest.raises(CairnError, match=r"share no seed \(\[1\] and \[2\]\)\. .* such as 2, in params\.yaml: seeds"):
        results.compare(arms[0], arms[1], tasks.load("toy_para"))


values = st.floats(0, 1, allow_nan=False)


@given(
    st.dictionaries(st.text(min_size=1, max_size=8), st.tuples(values, values, values), min_size=1, max_size=12),
    st.booleans(),
)
def test_interval_charts_are_well_formed_and_inside_their_frame(rows: dict[str, Any], zero: bool) -> None:
    marks = {
        n: [charts.Interval(v[1], v[0], v[2])] for n, v in ((n, sorted(v)) for n, v in rows.items() if n.isprintable())
    }
    drawn = charts.intervals(marks, [("with", "b")], "a <title> & more", "percent", zero=zero)
    tree = ET.fromstring(str(drawn))  # noqa: S314 - our own drawing
    frame = [float(v) for v in tree.attrib["viewBox"].split()]
    whiskers = [node for node in tree.iter() if node.attrib.get("class") == "whisker-b"]
    assert len(whiskers) == len(marks)
    for node in whiskers:
        assert 0 <= float(node.attrib["x1"]) <= float(node.attrib["x2"]) <= frame[2] + 0.1
    assert tree.attrib["aria-label"] == "a <title> & more"


@given(
    st.lists(st.integers(0, 10_000), min_size=20, max_size=20),
    st.lists(st.integers(0, 10_000), min_size=20, max_size=20),
)
def test_bars_have_the_height_of_their_counts(kept: list[int], rest: list[int]) -> None:
    drawn = charts.histogram(curated.EDGES, [("in", "b", kept), ("out", "muted", rest)], "t", "x")
    tree = ET.fromstring(str(drawn))  # noqa: S314
    heights = {
        c: [float(n.attrib["height"]) for n in tree.iter() if n.attrib.get("class") == c]
        for c in ("fill-b", "fill-muted")
    }
    bars = heights["fill-b"] + heights["fill-muted"]
    assert len(bars) >= sum(n > 0 for n in (*kept, *rest))
    most = max(a + b for a, b in zip(kept, rest, strict=True))
    if most and max(kept) > 100:
        tallest = max(kept) / most * 170
        assert max(h for h in heights["fill-b"]) == pytest.approx(tallest, abs=10.1)


def test_every_tone_has_a_style_for_what_is_drawn_in_it() -> None:
    """A line without a stroke is not seen."""
    style = (Path(curated.__file__).parent / "style.css").read_text(encoding="utf-8")
    drawn = [f".{what}-{tone}" for tone in get_args(charts.Tone) for what in ("fill", "line", "whisker")]
    assert len(drawn) == 15
    assert [name for name in drawn if not re.search(re.escape(name) + "[{,]", style)] == []


def test_axis_ticks_are_round_and_inside() -> None:
    assert charts.ticks(0.513, 0.887, 4) == [0.6, 0.7, 0.8]
    assert charts.ticks(0, 1234) == [0, 500, 1000]


def test_a_curve_of_one_point_is_a_mark() -> None:
    drawn = str(charts.lines([charts.Line("n", "a", [0.0], [0.5])], "t", "x", "y"))
    assert "circle" in drawn.split("polyline", 1)[1]


@given(st.lists(st.tuples(st.integers(0, 6), st.booleans()), min_size=2, max_size=60))
def test_average_precision_is_that_of_scikit_learn(rows: list[tuple[int, bool]]) -> None:
    score, positive = np.array([row[0] / 6 for row in rows]), np.array([row[1] for row in rows])
    found = planted.average_precision(score, positive)
    if not positive.any():
        assert found is None
    else:
        assert found == pytest.approx(average_precision_score(positive, -score))


def test_a_copy_and_its_twin_are_one_item() -> None:
    truth = [
        {"key": "b", "defect": "near_duplicates", "detail": {"twin": "a"}},
        {"key": "z", "defect": "near_duplicates"},
    ]
    assert planted.items(truth, "near_duplicates", {"a": 0, "b": 1, "c": 2}) == [[1, 0]]
    score, flagged = np.array([0.1, 0.9, 0.5, 0.2]), np.array([True, False, False, True])
    told = planted.judge(score, flagged, [[1, 0]], ignored=set())
    assert told == {"average_precision": 1.0, "recall": 1.0, "precision": 0.5}
    assert planted.judge(score, flagged, [[1, 0]], ignored={3})["precision"] == 1.0
    assert planted.judge(1 - score / 2, ~flagged, [[0], [1]], ignored=set())["average_precision"] < 1.0


def test_a_score_that_does_not_apply_finds_nothing() -> None:
    told = planted.judge(np.array([np.nan, 0.5, 0.6]), np.array([False] * 3), [[0]], ignored=set())
    assert told["average_precision"] == pytest.approx(1 / 3)


def test_rows_without_a_score_are_tied_with_each_other() -> None:
    """A scorer that judged nothing has the precision of chance, wherever the positives stand."""
    nothing = np.full(8, np.nan)
    for positives in ([[0], [1]], [[6], [7]]):
        told = planted.judge(nothing, np.zeros(8, bool), positives, ignored=set())
        assert told["average_precision"] == pytest.approx(0.25)
    assert told["recall"] == 0.0
    assert told["precision"] is None


def test_agreement_is_spearmans_and_skips_what_does_not_apply() -> None:
    from scipy.stats import spearmanr

    rng = np.random.default_rng(3)
    a, b = rng.random(50), rng.random(50)
    b[:10] = np.nan
    found = curated.agreement({"a": a, "b": b, "same": np.ones(50)})
    assert found[0][1] == pytest.approx(spearmanr(a[10:], b[10:]).statistic, abs=1e-6)
    assert found[0][2] is None
    assert found[1][0] == found[0][1]


def test_every_bundled_defect_has_its_finder() -> None:
    from curation.miniworld.planting import Plant

    shares = {"label_noise", "near_duplicates", "conflicts", "off_topic", "garbled", "leaks"}
    assert shares == set(planted.FINDER)
    assert shares <= set(Plant.model_fields)
    assert set(planted.FINDER.values()) <= set(registry.names("scorers"))


def test_mini_nli_is_judged_against_what_was_planted() -> None:
    """The keys of the truth are keys of the rows that fetch would ask for."""
    from curation import miniworld
    from curation.core import params

    values = params.load(Path(__file__).parents[3] / "profiles/demo.yaml")
    source, plant, rows, seed = planted._plant("mini_nli", values) or (None, None, 0, 0)
    assert source is not None
    assert rows == values["fetch"]["rows"]["intermediate"]["train"]
    made = miniworld.rows(source.config, source.split, "en", 200, seed, plant)
    truth = miniworld.truth(source.config, source.split, 200, seed, plant)
    at = {row["key"]: i for i, row in enumerate(made)}
    assert {entry["defect"] for entry in truth} <= set(planted.FINDER)
    for defect in ("label_noise", "near_duplicates", "conflicts"):
        placed = planted.items(truth, defect, at)
        assert placed, defect
        assert all(len(item) == (1 if defect == "label_noise" else 2) for item in placed)


def test_a_pipeline_that_knows_all_finds_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workspace: Any) -> None:
    """Scores and checks made from the truth itself get full marks; inverted ones do not."""
    import pyarrow as pa

    from curation import miniworld
    from curation.core import params, records

    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CAIRN_PARAMS", raising=False)
    values = params.load(workspace.ROOT / "profiles/demo.yaml")
    values["fetch"]["rows"]["intermediate"]["train"] = 300
    workspace.write_params(tmp_path, values)
    module = tasks.module("mini_nli")
    plant, seed = values["miniworld"]["plant"], values["miniworld"]["seed"]
    examples = [module.to_example(row) for row in miniworld.rows("nli", "train", "en", 300, seed, plant)]
    ids = workspace._write(
        paths.fetched("intermediate", "mini_nli") / "train.parquet", "mini_nli", "pair", ["en"] * 300, examples
    )
    key = records.read(paths.fetched("intermediate", "mini_nli") / "train.parquet")["key"].to_pylist()
    wrong = {entry["key"]: entry["defect"] for entry in miniworld.truth("nli", "train", 300, seed, plant)}
    finders = [planted.FINDER.get(wrong.get(k, "")) for k in key]
    judges = params.read(params.Experiment).judges
    columns: dict[str, Any] = {s: [0.1 if f == s else 0.9 for f in finders] for s in judges}
    flags = pa.array([[f] if f else [] for f in finders], pa.list_(pa.string()))
    files.write_parquet(paths.quality("mini_nli"), pa.table({"id": ids, "flags": flags, **columns}))
    bad = {
        e["key"] for e in miniworld.truth("nli", "train", 300, seed, plant, "de") if e["defect"] == "translation_errors"
    }
    checks = {"id": ids, "kept": [k not in bad for k in key], "translation_quality": [float(k not in bad) for k in key]}
    files.write_parquet(paths.translated("mini_nli", "de") / "checks.parquet", pa.table(checks))
    found = planted.found("mini_nli", experiment.read(), values)
    assert found is not None
    assert {line["defect"] for line in found["lines"]} == set(planted.FINDER)
    for line in found["lines"]:
        told = (line["average_precision"], line["recall"], line["precision"], line["any_recall"])
        assert told == (1.0, 1.0, 1.0, 1.0), line["defect"]
    (one,) = found["translated"]
    assert (one["lang"], one["planted"], one["recall"], one["precision"]) == ("de", len(bad), 1.0, 1.0)
    checks["kept"] = [not kept for kept in checks["kept"]]
    files.write_parquet(paths.translated("mini_nli", "de") / "checks.parquet", pa.table(checks))
    told = planted.translation("mini_nli", "de", values)
    assert told is not None
    assert told["recall"] == 0.0


def test_both_encoders_are_named_with_the_hash_of_their_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workspace: Any
) -> None:
    from curation.core import params
    from curation.report import versions

    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CAIRN_PARAMS", raising=False)
    workspace.build(tmp_path)
    model = {"name": "package:all-MiniLM-L6-v2", "revision": None, "served_by": "package", "sha256": "cd" * 32}
    files.write_json(paths.vectors("toy_nli") / "manifest.json", {"kind": "pair", "model": model})
    evaluated, scoring = versions.encoders(experiment.read(), params.load())
    assert (evaluated["model"], evaluated["sha256"]) == ("bundled:tiny", "abababababab")
    assert (scoring["model"], scoring["served_by"]) == ("package:all-MiniLM-L6-v2", "package")
    assert scoring["sha256"] == "cdcdcdcdcdcd"
    registry._folders.clear()
