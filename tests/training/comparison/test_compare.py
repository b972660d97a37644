"""``training compare``: made-up runs beside the published tables."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from ruamel.yaml import YAML

from curation import metrics
from curation.core import files, params, paths
from curation.core.errors import CairnError
from curation.metrics import accuracy
from curation.results import effects, statistics
from curation.results.suites import aggregate
from curation.tasks import load as load_task
from training import cli, published
from training.comparison import compare, measured, outcome
from training.evaluate import scoring

ROOT = Path(__file__).parents[3]
SETS = params.load(published.FOLDER / published.LANGUAGES)
XLMR = "FacebookAI/xlm-roberta-large"
ROWS = 20
RETRIEVAL = {
    "layer": 14,
    "pooling": "mean",
    "similarity": "cosine",
    "margin": "none",
    "direction": "to_foreign",
    "k": 4,
}


def _statistics(task: str, share: float, rows: int) -> np.ndarray:
    """Return statistics of ``rows`` rows of which ``share`` are right; half of the wrong answers overlap, by half."""
    right = np.arange(rows) < round(share * rows)
    one = np.ones(rows)
    metric = load_task(task).metric
    if metric in ("squad", "mlqa"):
        return np.column_stack([right, np.where(right, 1.0, 0.5 * (np.arange(rows) % 2)), one])
    if metric == "seqeval":
        return np.column_stack([2 * right, 2 * one, 2 * one, 3 * right + 1, 4 * one])
    if metric == "mining":
        return np.column_stack([right, one, one])
    if metric == "f1":
        true = np.arange(rows) % 2 == 1
        wrong = ~right
        return np.column_stack(
            [~true & right, true & wrong, ~true & wrong, true & right, ~true & wrong, true & wrong]
        ).astype(float)
    return np.column_stack([right, one])


def scored(task: str, share: float, languages: Any, rows: int) -> dict[str, scoring.Scored]:
    """Return ``rows`` scored rows in each language, parallel, each a unit of its own."""
    ids = [f"{task}-{number:03d}" for number in range(rows)]
    found = _statistics(task, share, rows).astype(np.float64)
    return {lang: scoring.Scored(ids, ids, [""] * rows, [""] * rows, found) for lang in languages}


class Workspace:
    """Writes params.yaml, reports and predictions as the stages do."""

    def __init__(self, **changes: Any) -> None:
        self.values = params.load(ROOT / "profiles" / "xlmr-large.yaml")
        self.values |= {"targets": ["xnli", "xquad"], "retrieval": ["tatoeba"], "task_folder": None, **changes}
        with Path("params.yaml").open("w", encoding="utf-8") as handle:
            YAML().dump(self.values, handle)

    def origin(self, start: str) -> dict[str, Any]:
        pointer = {"model": self.values["encoder"]["model"], "revision": None}
        return pointer if start == "pretrained" else {"start": pointer, "trained_on": self.values["intermediate"]}

    def score(self, start: Any, task: str, shares: list[float], languages: Any = None, **facts: Any) -> None:
        """Write what evaluate or retrieve write, for seeds 1, 2, ...; ``shares`` of right rows, one per seed."""
        stage = "retrieve" if task in self.values["retrieval"] else "evaluate"
        module, labels = (
            metrics.load(load_task(task).metric),
            load_task(task).labels,
        )
        languages = languages or SETS["xtreme"][task]
        for seed, share in enumerate(shares, start=1):
            rows = scored(task, share, languages, ROWS)
            found, mean = scoring.summary(rows, module, labels)
            size = {"pairs" if stage == "retrieve" else "rows": ROWS}
            report = {
                "start": start, "task": task, "seed": seed, "metric": load_task(task).metric,
                "primary": module.PRIMARY, "languages": {lang: {**one, **size} for lang, one in found.items()},
                "mean": mean,
            }  # fmt: skip
            if stage == "retrieve":
                report |= {**RETRIEVAL, "max_length": 512, "encoder": self.origin(start)}
            files.write_json(paths.report(stage, start, task, f"seed-{seed}"), {**report, **facts})
            files.write_parquet(paths.predictions(start, task, seed), scoring.table(rows))
            if stage == "evaluate":
                self.trained("target", start, task, seed, 392_702 if task == "xnli" else 87_599)

    def trained(self, stage: str, start: str, task: str, seed: int, rows: int, degenerate: bool = False) -> None:
        """Write the report of a fine-tuning."""
        names = (start, task, f"seed-{seed}") if stage == "target" else (f"seed-{seed}",)
        told = {"rows": rows, "degenerate": degenerate, "encoder": self.origin(start), "seed": seed}
        files.write_json(paths.report(stage, *names), told)


@pytest.fixture
def runs(home: Path) -> Workspace:
    """XLM-R Large with SQuAD v1.1 in between, three seeds, all of XTREME's languages."""
    made = Workspace()
    made.score("pretrained", "xnli", [0.75, 0.80, 0.85])
    made.score("intermediate", "xnli", [0.80, 0.80, 0.95])
    made.score("pretrained", "xquad", [0.5, 0.5, 0.5])
    made.score("intermediate", "xquad", [0.6, 0.6, 0.6])
    made.score("pretrained", "tatoeba", [0.3, 0.3, 0.3])
    made.score("intermediate", "tatoeba", [0.7, 0.8, 0.9])
    for seed in (1, 2, 3):
        made.trained("intermediate", "pretrained", "", seed, 87_599)
    return made


def _run(*tables: str, starts: Any = measured.STARTS, tasks: Any = ()) -> outcome.Outcome:
    return compare.run(tables, starts, tasks)


def _block(found: outcome.Outcome, table: str, start: str, row: str) -> outcome.Block:
    (one,) = (one for one in found.tables if one.name == table)
    (block,) = (block for block in one.blocks if (block.start, block.row) == (start, row))
    return block


def _line(block: outcome.Block, task: str, metric: str, lang: str = "all") -> outcome.Line:
    (line,) = (x for x in block.lines if (x.task, x.metric, x.language) == (task, metric, lang))
    return line


def _shell(*words: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(cli.main, ["compare", *words], env={"COLUMNS": "80"})
    return done.exit_code, done.stdout, done.stderr


def test_ours_beside_theirs(runs: Workspace) -> None:
    found = _run("phang2020")
    none = _block(found, "phang2020", "pretrained", "none")
    line = _line(none, "xnli", "accuracy")
    assert line.ours.value == pytest.approx(0.80)
    assert line.median == pytest.approx(0.80)
    assert line.published.percent == 80.1
    assert line.difference is not None
    assert line.difference.value == pytest.approx(0.80 - 0.801)
    # F1 with F1, EM with EM, and their mean with their mean
    assert _line(none, "xquad", "exact_match").ours.value == pytest.approx(0.5)
    assert _line(none, "xquad", "exact_match").published.percent == 60.0
    assert _line(none, "xquad", "f1").ours.value == pytest.approx(0.5 + 0.125)
    assert _line(none, "xquad", "f1").published.percent == 76.1
    assert _line(none, "xquad", "f1_em").ours.value == pytest.approx((0.5 + 0.625) / 2)
    assert _line(none, "xquad", "f1_em").published.percent == pytest.approx((76.1 + 60.0) / 2)
    squad = _block(found, "phang2020", "intermediate", "SQuAD v1.1")
    assert _line(squad, "xnli", "accuracy").published.percent == pytest.approx(80.1 - 1.9)
    assert _line(squad, "xnli", "accuracy").ours.value == pytest.approx(0.85)
    assert _line(squad, "xnli", "accuracy").median == pytest.approx(0.80)
    gain = _line(_block(found, "phang2020", "gain", "SQuAD v1.1"), "xnli", "accuracy")
    assert gain.ours.value == pytest.approx(0.05)
    assert gain.median == pytest.approx(0)
    assert gain.published.percent == -1.9
    assert gain.difference is not None
    assert gain.difference.value == pytest.approx(0.05 + 0.019)
    assert found.tables[0].unmatched is None


def test_intervals_are_those_of_the_statistics(runs: Workspace) -> None:
    found = _run("phang2020")
    files_ = {start: [paths.predictions(start, "xnli", seed) for seed in (1, 2, 3)] for start in measured.STARTS}
    arms = {
        start: [
            statistics.run(
                statistics.from_table(files.read_parquet(file)), lambda t: accuracy.values(t, ())["accuracy"]
            )
            for file in found_
        ]
        for start, found_ in files_.items()
    }
    both = effects.spreads(list(arms.values()))["all"]
    alone = effects.level(arms["pretrained"], "all", both)
    gain = effects.difference(arms["intermediate"], arms["pretrained"], "all", both)
    for start, row, wanted in (("pretrained", "none", alone), ("gain", "SQuAD v1.1", gain)):
        line = _line(_block(found, "phang2020", start, row), "xnli", "accuracy")
        assert (line.ours.low, line.ours.high) == pytest.approx((wanted.low, wanted.high))


def test_the_interval_of_a_difference_is_that_of_our_own_value(runs: Workspace) -> None:
    """A published value has none; the page says that the interval covers nothing of theirs."""
    lines = _shell("--table", "phang2020")[1].splitlines()
    (row, *_) = (line for line in lines if line.startswith("xnli accuracy"))
    assert row.count("[") == 2
    assert "covers nothing of theirs" in " ".join(" ".join(lines).split())
    (block, *_) = json.loads(_shell("--json", "--table", "phang2020")[1])["tables"]["phang2020"]["blocks"]
    for value in block["values"]:
        width = value["ours"]["high"] - value["ours"]["low"]
        assert value["difference"]["high"] - value["difference"]["low"] == pytest.approx(width, abs=2e-6)


def test_means_over_tasks_keep_retrieval_apart(runs: Workspace) -> None:
    trained, every = _block(_run("phang2020"), "phang2020", "gain", "SQuAD v1.1").means
    assert (trained.over, every.over) == ("trained", "all")
    assert trained.tasks == ("xnli", "xquad")
    assert trained.ours == pytest.approx((0.05 + 0.0875) / 2)  # EM +0.1, F1 +0.075
    assert trained.published.percent == pytest.approx((-1.9 + (1.8 + 2.5) / 2) / 2)
    assert trained.difference == pytest.approx(trained.ours - trained.published.percent / 100)
    assert trained.median == pytest.approx((0 + 0.0875) / 2)  # XNLI's medians are 80 before and after
    assert every.tasks == ("xnli", "xquad", "tatoeba")
    assert every.ours == pytest.approx((0.05 + 0.0875 + 0.5) / 3)


def test_a_run_chooses_the_tables_of_its_encoder_and_the_rows_of_its_intermediate_task(runs: Workspace) -> None:
    found = _run()
    names = ["phang2020", "xtreme", "jiant_retrieval", "xnli_reproduced", "xquad", "xtreme_r"]
    assert [one.name for one in found.tables] == names  # those with more of the tasks first
    assert list(found.others) == ["mt5"]
    beside = {(one.name, block.start): block.row for one in found.tables for block in one.blocks}
    assert beside["phang2020", "intermediate"] == "SQuAD v1.1"
    assert beside["xtreme_r", "intermediate"] == "XLM-R Large, SQuAD first"  # Tatoeba, after SQuAD
    assert all(block.model == "XLM-R Large" for one in found.tables for block in one.blocks)
    assert [b.row for one in _run(starts=("pretrained",)).tables for b in one.blocks if one.name == "phang2020"] == [
        "none"
    ]


def test_a_user_sees_marks_medians_and_why_not_comparable(runs: Workspace) -> None:
    code, text, _ = _shell("--table", "phang2020", "--table", "xtreme")
    assert code == 0
    lines = text.splitlines()
    assert max(map(len, lines)) <= 80
    none = lines[lines.index("Without the intermediate step, beside 'none' (XLM-R Large)") :]
    assert none[3].split()[:2] == ["xnli", "accuracy"]
    assert none[3].split()[2] == "80.0"
    assert "80.1?" in none[3]
    assert none[4].split() == ["median", "80.0", "−0.1"]
    verified = lines[lines.index("Without the intermediate step, beside 'XLM-R Large'") :]
    assert "79.2 " in verified[3]
    assert "?" not in verified[3]
    assert not verified[4].lstrip().startswith("median")  # XTREME's are no medians
    assert "? unverified  from memory, not read in the paper" in text
    flat = " ".join(text.split())
    assert "mind xnli: another split: published on dev; ours on test" in flat
    assert "another encoder" not in text
    assert flat.count("another split") == 1  # XQuAD and Tatoeba have one split
    assert "tatoeba: published with a layer and pooling that are not known; ours: layer 14, mean" in flat
    assert "other retrieval settings" not in flat  # as in Phang et al.
    assert "test rows are capped: 20 of 5,010 per language" in flat


def test_no_mark_is_lost_on_the_way(runs: Workspace) -> None:
    """Every "?" stands by an unverified value and every unverified value has one, in text and JSON."""
    _, text, _ = _shell()
    told = json.loads(_shell("--json")[1])
    values = [v for table in told["tables"].values() for block in table["blocks"] for v in block["values"]]
    means = [m for table in told["tables"].values() for block in table["blocks"] for m in block["means"]]
    doubtful = [one for one in (*values, *means) if not one["published"]["verified"]]
    assert doubtful
    assert len(doubtful) < len(values)
    assert "…" not in text  # nothing is cut off
    rows = [line for line in text.splitlines() if "?" in line and "unverified" not in line]
    assert len(rows) == len(doubtful)
    for one in values:
        assert one["published"]["evidence"]
        assert one["published"]["verified"] == ("from memory" not in " ".join(one["published"]["evidence"]))


def test_json_says_the_same(runs: Workspace) -> None:
    code, text, _ = _shell("--json", "--table", "xquad")

    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is no JSON")

    told = json.loads(text, parse_constant=refuse)
    assert code == 0
    assert json.loads(json.dumps(told)) == told
    (block,) = told["tables"]["xquad"]["blocks"]
    assert (told["encoder"], told["intermediate"], told["seeds"]) == (XLMR, ["squad"], [1, 2, 3])
    german = next(v for v in block["values"] if (v["metric"], v["language"]) == ("f1", "de"))
    assert german["ours"]["value"] == pytest.approx(0.625)
    assert german["published"] == {"value": 0.804, "verified": True, "evidence": ["read in XQuAD's README"]}
    assert german["difference"]["value"] == pytest.approx(0.625 - 0.804)
    whole = next(v for v in block["values"] if (v["metric"], v["language"]) == ("f1", "all"))
    assert whole["published"]["value"] == pytest.approx(0.766, abs=5e-4)  # of the eleven that were tested, without ro
    assert sorted(whole["mean_over"]) == sorted(SETS["xtreme"]["xquad"])


def test_languages_that_were_not_tested(runs: Workspace) -> None:
    runs.score("pretrained", "xnli", [0.8, 0.8, 0.8], ["de", "en"])
    runs.score("pretrained", "tatoeba", [0.3, 0.3, 0.3], ["de", "xx"])
    found = _run("phang2020", "jiant_retrieval", starts=("pretrained",))
    block = _block(found, "phang2020", "pretrained", "none")
    assert _line(block, "xnli", "accuracy").difference is None  # a mean over fifteen cannot be cut to two
    (why,) = (reason for reason in block.reasons if reason.startswith("no difference") and "15" in reason)
    assert "ar bg el es fr hi ru sw and 5 more" in why
    assert all("xnli" not in mean.tasks for mean in block.means)
    tatoeba = _block(found, "jiant_retrieval", "pretrained", "XLM-R Large")
    german = _line(tatoeba, "tatoeba", "accuracy")
    assert german.over == ("de",)
    assert german.published.percent == 63.9
    assert german.difference is not None
    assert "left out of our mean, since not in the published one: xx" in tatoeba.reasons
    assert any(reason.startswith("compared over 1 of 36 languages") for reason in tatoeba.reasons)


def test_starts_that_were_tested_in_other_languages_are_each_compared(runs: Workspace) -> None:
    runs.score("intermediate", "tatoeba", [0.8, 0.8, 0.8], ["de", "fr"])
    found = _run("jiant_retrieval", "phang2020")
    plain = _line(_block(found, "jiant_retrieval", "pretrained", "XLM-R Large"), "tatoeba", "accuracy")
    assert len(plain.over) == 36
    assert plain.ours.value == pytest.approx(0.3)
    for start, value in (("intermediate", 0.8), ("gain", 0.5)):
        line = _line(_block(found, "phang2020", start, "SQuAD v1.1"), "tatoeba", "accuracy")
        assert line.over == ("de", "fr")
        assert line.ours.value == pytest.approx(value)
        assert line.difference is None


def test_a_seed_that_only_one_start_has_counts_for_that_start_alone(runs: Workspace) -> None:
    paths.report("evaluate", "pretrained", "xnli", "seed-3").unlink()
    found = _run("phang2020")
    assert _line(_block(found, "phang2020", "pretrained", "none"), "xnli", "accuracy").ours.value == pytest.approx(
        0.775
    )
    after = _line(_block(found, "phang2020", "intermediate", "SQuAD v1.1"), "xnli", "accuracy").ours
    assert (after.seeds, after.value) == (3, pytest.approx(0.85))
    gain = _line(_block(found, "phang2020", "gain", "SQuAD v1.1"), "xnli", "accuracy").ours
    assert (gain.seeds, gain.value) == (2, pytest.approx(0.025))


def test_why_two_numbers_are_not_comparable(home: Path) -> None:
    runs = Workspace(intermediate=["ccg_substitute"], encoder={"model": "org/other", "revision": None})
    for start in ("pretrained", "intermediate"):
        runs.score(start, "xnli", [0.8, 0.8, 0.4], cap=ROWS)
        runs.score(start, "tatoeba", [0.3], layer=7, pooling="cls", dev_queries=40, dev_queries_in_test=4)
        runs.trained("target", start, "xnli", 3, 2_000, degenerate=True)
        runs.trained("target", start, "xnli", 1, 2_000)
    found = _run("phang2020")
    for start, row in (("pretrained", "none"), ("intermediate", "CCG"), ("gain", "CCG")):
        reasons = _block(found, "phang2020", start, row).reasons
        assert reasons["another encoder: org/other, published XLM-R Large"] == ("xnli", "tatoeba")
        assert reasons["another split: published on dev; ours on test"] == ("xnli",)
        assert reasons["test rows are capped: 20 of 5,010 per language"] == ("xnli",)
        assert reasons["target training on 2,000 of 392,702 rows"] == ("xnli",)
        assert reasons["other retrieval settings: layer 7 (published 14), pooling cls (published mean)"] == ("tatoeba",)
        assert reasons["4 of the 40 dev queries that it was tuned on are test queries"] == ("tatoeba",)
        assert reasons["no report yet of seed 2, 3"] == ("tatoeba",)
        one_seed = any("one seed" in why and "(published: median of 3 seeds)" in why for why in reasons)
        assert one_seed == (start != "pretrained")  # Tatoeba with the plain encoder: nothing is trained
        assert any(why.startswith("degenerate: seed 3 learnt nothing") for why in reasons)
        stand_in = "the intermediate task ccg_substitute stands for ccg"
        assert (stand_in in reasons) == (start != "pretrained")
    (without,) = (why for why in _block(found, "phang2020", "pretrained", "none").reasons if "degenerate" in why)
    assert without.endswith("; accuracy without it: 80.0")


def test_an_approximate_search_is_said(runs: Workspace) -> None:
    path = paths.report("retrieve", "pretrained", "tatoeba", "seed-1")
    for recall, said in ((1.0, 0), (0.956, 1)):
        report = files.read_json(path)
        report["languages"]["de"]["search"] = {"candidates": {"index": "ivf", "k": 1, "recall": recall}}
        files.write_json(path, report)
        reasons = _block(_run("phang2020"), "phang2020", "pretrained", "none").reasons
        told = [tasks for why, tasks in reasons.items() if "found 95.6% of the nearest neighbours" in why]
        assert told == [("tatoeba",)] * said


def test_a_degenerate_intermediate_step_counts_behind_its_own_runs_only(runs: Workspace) -> None:
    runs.trained("intermediate", "pretrained", "", 2, 5_000, degenerate=True)
    runs.trained("intermediate", "pretrained", "", 1, 5_000)
    found = _run("phang2020")
    blocks = {block.start: " ".join(block.reasons) for block in found.tables[0].blocks}
    assert "degenerate" not in blocks["pretrained"]
    assert "intermediate step on" not in blocks["pretrained"]
    for start in ("intermediate", "gain"):
        assert "degenerate: seed 2" in blocks[start]
        assert "intermediate step on 5,000 of 87,599 rows" in blocks[start]


def test_without_predictions_the_values_stay_and_intervals_of_f1_go(runs: Workspace) -> None:
    """Reports of older versions have intervals of the primary value only."""
    before = _run("phang2020")
    shutil.rmtree("data/predictions")
    with_bounds = _run("phang2020")
    assert all(x.ours.low < x.ours.high for x in _block(with_bounds, "phang2020", "gain", "SQuAD v1.1").lines)
    for file in Path("reports/evaluate").rglob("*.json"):
        told = files.read_json(file)
        for cell in told["languages"].values():
            cell.pop("bounds", None)
        files.write_json(file, told)
    after = _run("phang2020")
    for start, row in (("pretrained", "none"), ("gain", "SQuAD v1.1")):
        old, new = (_block(found, "phang2020", start, row) for found in (before, after))
        for one, two in zip(old.lines, new.lines, strict=True):
            assert two.ours.value == pytest.approx(one.ours.value, abs=1e-5)
            assert two.median == pytest.approx(one.median, abs=1e-5)
            assert np.isnan(two.ours.low) == (two.metric in ("f1", "exact_match"))
        assert any("predictions are not on this disk" in reason for reason in new.reasons)
    code, text, _ = _shell("--table", "phang2020")
    assert code == 0
    assert "nan" not in text
    told = json.loads(_shell("--json", "--table", "xquad")[1])
    values = told["tables"]["xquad"]["blocks"][0]["values"]
    assert {v["metric"] for v in values if v["ours"]["low"] is None} == {"f1", "exact_match"}


def test_a_whole_suite_is_averaged_as_the_suite_says(home: Path) -> None:
    tasks = ["xnli", "pawsx", "udpos", "panx", "xquad", "mlqa", "tydiqa"]
    runs = Workspace(targets=tasks, retrieval=["tatoeba", "bucc2018_pool"], seeds=[1])
    shares = {task: 0.5 + 0.05 * number for number, task in enumerate([*tasks, "tatoeba", "bucc2018_pool"])}
    for task, share in shares.items():
        runs.score("pretrained", task, [share])
    found = _run("xtreme", starts=("pretrained",))
    block = _block(found, "xtreme", "pretrained", "XLM-R Large")
    lines = [x for x in block.lines if x.language == "all" and x.metric == found.own.primary(x.task)]
    wanted = aggregate("xtreme", {x.task: x.ours.value for x in lines})
    assert len(lines) == 9
    assert block.suite is not None
    assert block.suite.ours == pytest.approx(wanted["all"], abs=1e-6)
    assert block.suite.published.percent == 68.1
    (suite,) = (one for one in found.suites if one["suite"] == "xtreme")
    assert suite["missing"] == []
    assert suite["groups"] == pytest.approx(wanted["groups"], abs=1e-6)
    text = _shell("--table", "xtreme", "--start", "pretrained")[1]
    assert "xtreme average" in text
    assert "mean of 7 trained" in text
    assert "mean of 9 tasks" not in text  # the same mean once more
    reasons = _block(_run("phang2020", starts=("pretrained",)), "phang2020", "pretrained", "none").reasons
    assert [tasks for why, tasks in reasons.items() if "pools are far smaller" in why] == [("bucc2018_pool",)]


def test_the_best_task_for_each_target_is_not_one_intermediate_task(runs: Workspace) -> None:
    found = _run("xtreme")
    assert [(block.start, block.row) for block in found.tables[0].blocks] == [
        ("pretrained", "XLM-R Large"),
        ("intermediate", "best intermediate"),
        ("intermediate", "leaderboard"),
    ]
    for block in found.tables[0].blocks:
        told = [why for why in block.reasons if "the best of several intermediate tasks" in why]
        assert len(told) == (block.start == "intermediate")
        assert all(why.endswith("ours: squad") for why in told)


def test_an_unfinished_suite_names_what_is_missing(runs: Workspace) -> None:
    runs.score("pretrained", "xnli", [0.8], ["de", "en"])
    (suite,) = (one for one in _run("phang2020", starts=("pretrained",)).suites if one["suite"] == "xtreme")
    assert suite["all"] is None
    assert set(suite["missing"]) == {"xnli", "pawsx", "udpos", "panx", "mlqa", "tydiqa", "bucc2018_pool"}
    assert len(suite["untested"]["xnli"]) == 13
    assert "xnli (13 languages not tested)" in _shell("--start", "pretrained")[1]


def test_an_easier_task_is_not_taken_for_the_published_one(home: Path) -> None:
    runs = Workspace(targets=["xnli"], retrieval=["bucc2018"], seeds=[1])
    runs.score("pretrained", "xnli", [0.8])
    runs.score("pretrained", "bucc2018", [0.9], ["de", "fr", "ru", "zh"])
    found = _run(starts=("pretrained",))
    assert "pairs alone" in found.alone["bucc2018"]
    assert all(line.task == "xnli" for one in found.tables for block in one.blocks for line in block.lines)
    assert all("bucc2018_pool" in one["missing"] for one in found.suites if one["suite"] == "xtreme")


def test_an_intermediate_task_without_a_row_is_said(home: Path) -> None:
    runs = Workspace(intermediate=["snli"], seeds=[1])
    for start in ("pretrained", "intermediate"):
        runs.score(start, "xnli", [0.8])
    found = _run("phang2020")
    assert [block.row for block in found.tables[0].blocks] == ["none"]
    assert found.tables[0].unmatched is not None
    assert "no row for the intermediate step on snli" in found.tables[0].unmatched
    assert "SQuAD v1.1" in found.tables[0].unmatched


def test_another_encoder_gets_a_list_and_the_command(home: Path) -> None:
    runs = Workspace(encoder={"model": "org/other", "revision": None}, seeds=[1])
    runs.score("pretrained", "xnli", [0.8])
    code, text, _ = _shell()
    assert code == 0
    flat = " ".join(text.split())
    assert "no table has a row for org/other. To compare with another encoder all the same: training compare" in flat
    assert "xtreme mBERT, XLM-R Large xnli" in flat
    assert max(map(len, text.splitlines())) <= 80


def test_the_demo_is_told_that_nobody_published_its_tasks(home: Path) -> None:
    runs = Workspace(targets=["mini_xnli"], retrieval=[], intermediate=["mini_nli"], seeds=[1])
    runs.score("pretrained", "mini_xnli", [0.8], ["de", "en"])
    code, text, _ = _shell()
    flat = " ".join(text.split())
    assert code == 0
    assert "mini_xnli made for this program: nobody published a number" in flat
    assert "`curation profile xlmr-large`" in flat
    assert max(map(len, text.splitlines())) <= 80
    code, _, error = _shell("--table", "xtreme")
    assert code == 2
    assert "this run was scored on mini_xnli. No table has one of them." in error


def test_errors_say_what_to_type(runs: Workspace) -> None:
    code, _, error = _shell("--table", "xtrem")
    assert code == 2
    assert "error: --table: unknown table 'xtrem'. Did you mean 'xtreme'?" in error
    code, _, error = _shell("--task", "xnl")
    assert code == 2
    assert "unknown scored task 'xnl'. Did you mean 'xnli'? Allowed: tatoeba, xnli, xquad." in error
    code, _, error = _shell("--table", "mt5", "--task", "tatoeba")
    assert code == 2
    assert "Tables with one of them: jiant_retrieval, phang2020, xtreme, xtreme_r." in error
    shutil.rmtree("reports")
    code, _, error = _shell()
    assert code == 2
    assert "no run was scored yet" in error
    assert "xnli, xquad, tatoeba" in error
    assert "Run `dvc repro`." in error
    Path("params.yaml").unlink()
    code, _, error = _shell()
    assert code == 2
    assert "curation profile demo" in error


def test_reports_of_two_encoders_or_two_intermediate_steps_are_refused(runs: Workspace) -> None:
    runs.values["intermediate"] = ["mnli"]
    runs.score("intermediate", "xquad", [0.6, 0.6, 0.6])
    with pytest.raises(CairnError, match=r"several intermediate tasks: mnli; squad. Run `dvc repro`"):
        _run()
    runs.values["encoder"]["model"] = "org/other"
    runs.score("intermediate", "xquad", [0.6, 0.6, 0.6])
    with pytest.raises(CairnError, match=r"several encoders: FacebookAI/xlm-roberta-large; org/other"):
        _run()


def test_a_new_file_is_a_new_table(runs: Workspace, table_folder: Path) -> None:
    text = (table_folder / "xnli_reproduced.yaml").read_text(encoding="utf-8")
    (table_folder / "mine.yaml").write_text(text.replace("80.1", "12.5"), encoding="utf-8")
    found = _run("mine", starts=("pretrained",))
    line = _line(_block(found, "mine", "pretrained", "Large, highest"), "xnli", "accuracy")
    assert line.difference is not None
    assert line.difference.value == pytest.approx(0.80 - 0.125)


def test_no_torch_is_needed_to_compare() -> None:
    modules = "training.comparison.compare, training.comparison.text, training.comparison.plain"
    code = f"import sys, {modules}; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True)  # noqa: S603
    assert done.stdout.strip() == "False"
