"""The published tables as data: they hold together, agree with their own averages, and speak of our tasks."""

from __future__ import annotations

from pathlib import Path
from statistics import fmean

import numpy as np
import pytest

from curation import metrics
from curation.core import params, registry
from curation.core.errors import CairnError
from curation.results.suites import SUITES, aggregate
from curation.tasks import load as load_task
from training import published

SETS = params.load(published.FOLDER / published.LANGUAGES)


def _primary(cells: published.Cells, lang: str = "all") -> dict[str, float]:
    """Return the values that an average over tasks takes, in percent."""
    found = {}
    for task, metric, where in cells:
        if where == lang and metric in ("accuracy", "f1", "f1_em"):
            found[task] = cells[task, metric, lang].percent if (task, "f1_em", lang) not in cells else 0.0
            if (task, "f1_em", lang) in cells:
                found[task] = cells[task, "f1_em", lang].percent
    return found


@pytest.mark.parametrize("name", published.names())
def test_a_table_is_whole_and_speaks_of_our_tasks_and_metrics(name: str) -> None:
    table = published.load(name)
    assert table.rows
    assert table.source
    assert (table.seeds is None) == (table.runs == "unknown")
    used = {e for row in table.rows.values() for e in row.values}
    used |= {row.average.evidence for row in table.rows.values() if row.average}
    assert used == set(table.evidence)
    assert {row.model for row in table.rows.values()} == set(table.models)
    assert all("/" not in encoder for encoders in table.models.values() for encoder in encoders)
    for row in table.rows.values():
        assert row.values  # without one it could never stand beside a run
        trained = () if row.intermediate == published.BEST else row.intermediate
        for task in trained:
            registry.check("tasks", task, name)
    for key in {key for row in table.rows for key in published.levels(table, row)}:
        task, metric, _ = key
        module = metrics.load(load_task(task, name).metric)
        labels = load_task(task).labels
        width = module.statistics([], [], lang="en", labels=labels).shape[1]
        assert metric in module.values(np.ones(width), labels), key


def test_every_cell_says_how_it_is_known() -> None:
    for name in published.names():
        table = published.load(name)
        for row in table.rows:
            for key, cell in published.levels(table, row).items():
                assert cell.evidence, (name, row, key)
                assert all(one.reason for one in cell.evidence)
    phang, low = published.load("phang2020"), published.load("xtreme_r")
    assert not any(one.verified for table in (phang, low) for one in table.evidence.values())


def test_a_gain_or_a_pair_is_verified_only_when_both_its_values_are() -> None:
    table = published.load("xtreme")
    own, best = published.levels(table, "XLM-R Large"), published.levels(table, "best intermediate")
    assert own["xquad", "f1_em", "all"].verified  # both F1 and EM were read
    assert own["tydiqa", "f1", "all"].verified
    assert not own["tydiqa", "f1_em", "all"].verified  # its EM is from memory
    assert best["xnli", "accuracy", "all"].verified
    assert not best["xquad", "f1_em", "all"].verified
    row = table.rows["best intermediate"].model_copy(update={"baseline": "XLM-R Large"})
    gains = published.gains(table.model_copy(update={"rows": {**table.rows, "new": row}}), "new")
    assert gains["xnli", "accuracy", "all"].verified
    assert not gains["tatoeba", "accuracy", "all"].verified  # one of the two is from memory
    assert gains["xnli", "accuracy", "all"].percent == pytest.approx(1.2)


def test_no_gain_is_over_the_baseline_of_other_authors() -> None:
    """Phang et al.'s best models stand beside XTREME's XLM-R, which was trained with another recipe."""
    table = published.load("xtreme")
    assert all(not published.gains(table, row) for row in table.rows)


def test_the_sets_of_languages_have_the_sizes_of_the_benchmarks() -> None:
    sizes = {"xnli": 15, "pawsx": 7, "udpos": 33, "panx": 40, "xquad": 11, "mlqa": 7, "tydiqa": 9}
    assert {t: len(langs) for t, langs in SETS["xtreme"].items()} == {**sizes, "bucc2018_pool": 4, "tatoeba": 36}
    assert {lang for langs in SETS["xtreme"].values() for lang in langs} == set(SETS["xtreme"]["panx"])
    assert len({lang for langs in SETS["xtreme_r"].values() for lang in langs}) == 50
    assert set(SETS["xtreme"]["udpos"]) - set(SETS["xtreme_dev"]["udpos"]) == {"kk", "th", "tl", "yo"}
    for name, sets in SETS.items():
        assert all(len(set(langs)) == len(langs) for langs in sets.values()), name
    for suite in SUITES:
        tasks = set(SETS[suite])
        assert tasks == {task for group in SUITES[suite].values() for task in group}


def test_xtreme_languages_are_tested_by_our_tasks() -> None:
    for task, langs in SETS["xtreme"].items():
        assert set(langs) <= set(load_task(task).test.languages), task


def test_the_mean_of_a_rows_columns_is_its_average() -> None:
    checked = []
    for name in ("phang2020", "xtreme"):
        table = published.load(name)
        for row, found in table.rows.items():
            cells = published.gains(table, row) if found.deltas else published.levels(table, row)
            if found.average is not None:
                values = _primary(cells)
                assert len(values) == 9
                assert fmean(values.values()) == pytest.approx(found.average.value, abs=0.1), row
                checked.append(row)
    assert len(checked) == 14


def test_the_mean_gain_of_the_trained_tasks_is_small() -> None:
    """The figures were computed by hand when the table was written down."""
    table = published.load("phang2020")
    wanted = {
        "SQuAD v1.1": 1.8, "SQuAD v2.0": 1.5, "all nine": 1.2, "MNLI": -0.2, "HellaSwag": -0.7, "CommonsenseQA": -1.1,
        "Cosmos QA": -1.2, "ANLI+": -1.3, "CCG": -2.4, "QQP": -11.4,
    }  # fmt: skip
    for row, value in wanted.items():
        gains = _primary(published.gains(table, row))
        trained = [gain for task, gain in gains.items() if task not in ("bucc2018_pool", "tatoeba")]
        assert len(trained) == 7
        assert fmean(trained) == pytest.approx(value, abs=0.051), row


def test_values_per_language_agree_with_published_means() -> None:
    readme, xtreme = published.load("xquad"), published.load("xtreme")
    own = published.levels(readme, "XLM-R Large")
    for metric, all_twelve in (("f1", 77.2), ("exact_match", 61.5)):  # the README's own averages, with Romanian
        values = {lang: own["xquad", metric, lang].percent for lang in SETS["xquad"]["xquad"]}
        assert fmean(values.values()) == pytest.approx(all_twelve, abs=0.05)
        eleven = fmean(values[lang] for lang in SETS["xtreme"]["xquad"])
        assert eleven == pytest.approx(published.levels(xtreme, "XLM-R Large")["xquad", metric, "all"].percent, abs=0.1)
    retrieval, none = published.load("jiant_retrieval"), published.levels(published.load("phang2020"), "none")
    cells = published.levels(retrieval, "XLM-R Large")
    for task, metric in (("bucc2018_pool", "f1"), ("tatoeba", "accuracy")):
        mean = fmean(cells[task, metric, lang].percent for lang in SETS["xtreme"][task])
        assert mean == pytest.approx(none[task, metric, "all"].percent, abs=0.05)


def test_the_leaderboard_entry_agrees_with_its_three_groups() -> None:
    values = _primary(published.levels(published.load("xtreme"), "leaderboard"))
    groups = aggregate("xtreme", values)["groups"]
    assert groups["classification"] == pytest.approx(83.9, abs=0.1)
    assert groups["structured prediction"] == pytest.approx(69.4, abs=0.1)
    assert groups["question answering"] == pytest.approx(67.2, abs=0.1)
    assert groups["retrieval"] is None


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("model: mBERT", "model: mBRT", "rows.mBERT.model: unknown model 'mBRT'. Did you mean 'mBERT'?"),
        ("      mt5:\n", "      mt6:\n", "unknown evidence 'mt6'. Did you mean 'mt5'?"),
        ("{all: 65.4}", "{all: 654}", "rows.mBERT.xnli.accuracy.all is 654.0; allowed are 0 to 100 percent."),
        ("{all: 65.4}", "{xx: 65.4}", "the set of languages has no 'xx' for xnli."),
        ("udpos: {f1: {all: 70.3}}", "xnli: {accuracy: {all: 70.3}}", "rows.mBERT.xnli.accuracy.all is given twice."),
        ("pawsx:", "pawx:", "unknown task 'pawx'. Did you mean 'pawsx'?"),
        (
            "mBERT\n    inter",
            "mBERT\n    baseline: nothing\n    inter",
            "'nothing' must be a row with values of its own",
        ),
        ("mBERT\n    inter", "mBERT\n    deltas: true\n    inter", "rows.mBERT has deltas but no baseline."),
        ("suite: xtreme", "suite: extreme", "unknown suite 'extreme'. Did you mean 'xtreme'?"),
        ("suite: xtreme", "suite: null", "rows.mBERT.average is of no suite."),
        ("split: test", "split: tset", "xtreme.yaml: split is 'tset'"),
        ("title:", "tilte:", "unknown key 'tilte'. Did you mean 'title'?"),
        ("languages: xtreme", "languages: extreme", "_languages.yaml: unknown set 'extreme'."),
    ],
)
def test_a_table_that_does_not_hold_together_is_refused(table_folder: Path, old: str, new: str, said: str) -> None:
    file = table_folder / "xtreme.yaml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(CairnError) as error:
        published.load("xtreme")
    assert said in str(error.value)
