"""The report as a whole: what it says, and what it must never do."""

from __future__ import annotations

import base64
import csv
import hashlib
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType, SimpleNamespace

import click
import numpy as np
import pyarrow as pa
import pytest

from curation import cli
from curation.core import facts, files, params, paths, records
from curation.report import flagged, gather
from curation.report.__main__ import run

VOID = {"input", "meta", "br", "rect", "line", "circle", "path", "polyline"}
PLOTS = ["learning_curves", "quality", "retrieval", "zero_shot"]
OUTPUTS = ["metrics.json", "report.html", "report.md", *(f"plots/{name}.csv" for name in PLOTS)]


class Page(HTMLParser):
    """Reads a page; fails on tags that are not closed; keeps tags with their attributes, and the text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("style", "script"):
            self.text += data


def written() -> tuple[str, str]:
    run()
    return tuple(Path("reports", name).read_text(encoding="utf-8") for name in ("report.html", "report.md"))  # type: ignore[return-value]


def test_everything_is_there_and_the_same_twice(own: Path) -> None:
    run()
    first = {name: Path("reports", name).read_bytes() for name in OUTPUTS}
    for name in OUTPUTS:
        Path("reports", name).unlink()
    run()
    assert {name: Path("reports", name).read_bytes() for name in OUTPUTS} == first


def test_the_page_needs_nothing_else(own: Path) -> None:
    html, _ = written()
    page = Page(html)
    names = {tag for tag, _ in page.tags}
    assert not names & {"link", "img", "iframe", "object", "embed", "form", "base"}
    used = [
        value or "" for _, attrs in page.tags for key, value in attrs.items() if key in ("href", "src", "xlink:href")
    ]
    assert used
    assert all(value.startswith("#") for value in used)
    assert "url(" not in html
    assert "@import" not in html
    assert not [key for _, attrs in page.tags for key in attrs if key.startswith("on")]
    scripts = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(scripts[0].encode()).digest()).decode()
    policy = next(attrs["content"] for _, attrs in page.tags if attrs.get("http-equiv") == "Content-Security-Policy")
    assert policy == f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"
    assert len(scripts) == html.count("<script") == 1
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    assert {f"#{name}" for name in ids} >= set(used)


def test_what_data_says_is_never_mark_up(own: Path, workspace: ModuleType) -> None:
    html, markdown = written()
    assert html.count("<script") == 1  # the filter's
    assert "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;" in html
    assert workspace.NASTY in Page(html).text
    assert "<script" not in markdown
    assert "&lt;script&gt;" in markdown
    assert "\\`code\\` \\[a\\](b)" in markdown


def test_every_chart_has_words_for_those_who_cannot_see_it(own: Path) -> None:
    page = Page(written()[0])
    charts = [attrs for tag, attrs in page.tags if tag == "svg"]
    assert len(charts) == 2 + 2 + 2 + 1  # zero-shot, retrieval, learning curves, histogram
    assert all(attrs["role"] == "img" and attrs["aria-label"] for attrs in charts)
    assert sum(tag == "title" for tag, _ in page.tags) == len(charts) + 1


def test_wide_tables_scroll_in_their_box(own: Path) -> None:
    html, _ = written()
    assert html.count("<table>") == html.count('<div class="scroll" tabindex="0" role="region"') > 4
    assert 'name="viewport" content="width=device-width' in html
    assert "prefers-color-scheme:dark" in html


def test_the_finding_comes_first_and_says_whether_it_is_one(own: Path) -> None:
    html, markdown = written()
    top = "\n".join(markdown.splitlines()[:10])
    found = files.read_json(Path("reports/metrics.json"))
    gain = f"{100 * found['gain']:+.1f}"
    assert f"**{gain} points" in top
    assert "a significant gain (95% interval above 0)" in top
    assert "3 languages, 3 seeds" in top
    assert f"{gain} points" in Page(html).text
    assert found["gain_low"] > 0
    assert found["score_with"] - found["score_without"] == pytest.approx(found["gain"], abs=2e-6)


def test_no_difference_is_not_called_a_gain(own: Path, workspace: ModuleType) -> None:
    for seed in (1, 2, 3):
        for suffix in ("json", "parquet"):
            paths_ = [paths.report("evaluate", s, "toy_para", f"seed-{seed}") if suffix == "json"
                      else paths.predictions(s, "toy_para", seed) for s in ("pretrained", "intermediate")]  # type: ignore[arg-type]  # fmt: skip
            shutil.copy(paths_[0], paths_[1])
    _, markdown = written()
    assert "0.0 points" in markdown
    assert "not significant (95% interval includes 0)" in markdown
    assert "gain (95%" not in markdown


def test_degenerate_runs_are_flagged_at_the_top(own: Path, workspace: ModuleType) -> None:
    workspace.training("target", "intermediate", "toy_para", 2, 0.5, degenerate=True)
    html, markdown = written()
    assert "**1 degenerate run** learnt nothing" in "\n".join(markdown.splitlines()[:12])
    assert "seed 2: the best dev value is within 0.01 of the majority baseline" in Page(html).text
    assert "There are runs with the step that learnt nothing" in Page(html).text
    assert files.read_json(Path("reports/metrics.json"))["degenerate_runs"] == 1


def test_one_seed_is_said_to_be_one(own: Path, workspace: ModuleType) -> None:
    values = params.load()
    workspace.write_params(own, {**values, "seeds": [1]})
    html, markdown = written()
    assert "one seed: the interval covers the choice of test rows" in markdown
    assert Page(html).text.count("One seed: the interval covers the choice of test rows") == 1


def test_flagged_rows_have_their_reason(own: Path, workspace: ModuleType) -> None:
    html, _ = written()
    text = Page(html).text
    for scorer in workspace.SCORERS:
        assert f"looks wrong to {scorer}" in text
    workspace.write_params(own, {**params.load(), "report": {"examples": 0}})
    assert "looks wrong to" not in written()[0]


def test_flagged_rows_stand_beside_what_they_are_compared_with(own: Path) -> None:
    html, _ = written()
    page = Page(html)
    rows = [attrs for tag, attrs in page.tags if tag == "article"]
    assert len(rows) > 5
    assert all(set(attrs) == {"data-flags", "data-label"} and attrs["data-flags"] for attrs in rows)
    assert page.text.count("nearest, ") >= len(rows)
    assert "twin (" in page.text
    table = files.read_parquet(paths.quality("toy_nli")).to_pylist()
    twins = {row["near_duplicates.twin"] for row in table if "near_duplicates" in row["flags"]} - {None}
    assert any(twin in page.text for twin in twins)


def test_where_nobody_has_looked_people_are_asked_to(own: Path) -> None:
    text = Page(written()[0]).text
    assert "Nobody has looked at rows of toy_nli yet" in text
    assert "curation browse toy_nli" in text
    assert ("curation selftest" in text) == ("selftest" in cli.group.list_commands(click.Context(cli.group)))


def test_what_a_scorer_says_of_the_task_as_a_whole_is_shown(own: Path) -> None:
    path = paths.scores("toy_nli", "conflicts")
    table = files.read_parquet(path)
    assert not any("half of them" in text for text in written())
    files.write_parquet(path, table.replace_schema_metadata(facts.metadata(["It is so in half of them."])))
    html, markdown = written()
    assert "conflicts: It is so in half of them." in Page(html).text
    assert "conflicts: It is so in half of them." in markdown


def test_a_selftest_is_shown_for_the_rows_it_was_made_on(own: Path) -> None:
    finder = {
        "defect": "uniform", "finder": "label_quality", "wrong": 7, "average_precision": 0.625, "auroc": 0.875,
        "precision": 0.5, "average_precision_interval": [0.5, 0.75], "auroc_interval": [0.8, 0.9],
        "precision_interval": [0.25, 0.7], "ahead": {"difference": 0.125, "difference_interval": [0.01, 0.2]},
    }  # fmt: skip
    garbled = {name: value for name, value in finder.items() if name != "ahead"} | {"defect": "garbled"}
    of = files.sha256(paths.fetched("intermediate", "toy_nli") / "train.parquet")
    told = {"task": "toy_nli", "of": of, "rows": 70, "share": 0.1, "budget": None, "results": [finder, garbled]}
    files.write_json(paths.report("selftest", "toy_nli"), told)
    html, markdown = written()
    for text in (Page(html).text, markdown):
        assert "errors put in on purpose: toy_nli" in text
        assert "0.625" in text
        assert "0.125" in text
    files.write_json(paths.report("selftest", "toy_nli"), told | {"of": "0" * 64})  # the rows have changed since
    assert not any("errors put in on purpose: toy_nli" in text for text in written())


def test_when_every_run_learnt_nothing_no_number_is_the_finding(own: Path, workspace: ModuleType) -> None:
    one = SimpleNamespace(task="t", seeds=(1, 2))
    runs = [{"stage": "target", "task": "t", "start": start, "seed": seed} for start in "ab" for seed in (1, 2)]
    assert gather.all_idle(one, runs)  # type: ignore[arg-type]
    assert not gather.all_idle(one, runs[1:])  # type: ignore[arg-type]
    assert not gather.all_idle(one, [{**run, "stage": "intermediate"} for run in runs])  # type: ignore[arg-type]
    for start in ("pretrained", "intermediate"):
        for seed in (1, 2, 3):
            workspace.training("target", start, "toy_para", seed, 0.5, degenerate=True)
    html, markdown = written()
    assert re.search(r'class="big">(.*?)<', html).group(1) == "No finding"  # type: ignore[union-attr]
    assert "**No finding on toy_para: every run learnt nothing" in markdown


def test_labels_given_against_labels_suggested() -> None:
    given = ["a", "a", "a", "b", "c", "d"]
    said = ["b", "b", None, "a", "c", None]
    table = pa.table({"label_quality.given_label": given, "label_quality.suggested_label": said})
    assert flagged.matrix(table) == {"labels": ["a", "b"], "rows": {"a": [0, 2], "b": [1, 0]}, "most": 2, "more": 0}
    assert flagged.matrix(table.slice(2, 1)) is None
    names = [f"n{i:02}" for i in range(40)]
    many = pa.table({"label_quality.given_label": names, "label_quality.suggested_label": names[1:] + names[:1]})
    found = flagged.matrix(many)
    assert found is not None
    assert len(found["labels"]) == flagged.LABELS
    assert found["more"] + sum(map(sum, found["rows"].values())) == 40


def test_a_map_shows_flagged_rows_and_is_the_same_twice(own: Path) -> None:
    rows = records.read(paths.fetched("intermediate", "toy_nli") / "train.parquet")
    folder = paths.vectors("toy_nli")
    vectors = np.random.default_rng(3).normal(size=(rows.num_rows, 8)).astype(np.float16)
    with files.replacing_folder(folder) as aside:
        np.save(aside / "row.npy", vectors)
        files.write_parquet(aside / "ids.parquet", rows.select(["id"]))
        files.write_json(aside / "manifest.json", {"parts": [], "match": False, "words": [], "model": {}})
    html, _ = written()
    quality = files.read_parquet(paths.quality("toy_nli"))
    drawn = re.search(r'<svg[^>]*aria-label="toy_nli: rows on a map.*?</svg>', html, re.DOTALL)
    assert drawn is not None
    assert drawn[0].count("<g>") == sum(bool(flags) for flags in quality["flags"].to_pylist())
    assert written()[0] == html
    Page(html)


def test_sources_drops_caps_and_licences_are_told(own: Path) -> None:
    text = Page(written()[0]).text
    for part in (
        "dropped 2 text is empty",
        "licence CC0",
        "aaaaaaaaaaaa",
        "mirror",
        "59 of 60 rows kept; dropped 1 number differs. 1 with another label than their row, whose label stays.",
    ):
        assert part in text, part
    assert "1 with another label than their row" in written()[1]


def test_the_subset_is_proven(own: Path) -> None:
    text = Page(written()[0]).text
    assert "no two kept rows are near-duplicates" in text
    assert "20 near_duplicate, 10 over_budget" in text
    report = files.read_json(paths.report("subset"))
    report["proofs"][0]["holds"] = False
    files.write_json(paths.report("subset"), report)
    assert "| NO |" in written()[1]


def test_configuration_and_commands_are_told(own: Path, workspace: ModuleType) -> None:
    shutil.copytree(workspace.ROOT / "profiles", own / "profiles")
    values = params.load(own / "profiles/demo.yaml")
    values["subset"]["size"] = 77
    names = {"task_folder": "tasks", "intermediate": ["toy_nli"], "targets": ["toy_para"], "retrieval": ["toy_bitext"]}
    workspace.write_params(own, {**values, **names})
    html, markdown = written()
    assert "curation profile demo\n" in markdown
    assert "-S subset.size=77" in markdown
    assert "-S 'intermediate=[toy_nli]'" in markdown
    assert "size: 77" in Page(html).text
    assert re.search(r"torch \d", markdown)


@pytest.mark.parametrize(
    ("gone", "said"),
    [
        (["reports/retrieve"], "no retrieval scores"),
        (["data/translated"], "No translations were made"),
        (["reports/evaluate"], "No zero-shot scores"),
        (["reports/target", "reports/intermediate"], "no training reports"),
        (["data/quality"], "There are no scores"),
        (["reports/subset.json", "data/subset"], "no subset report"),
        (["data/intermediate/toy_nli/manifest.json"], "no manifest"),
        (["models"], "bundled:tiny"),
        (["reports/evaluate", "reports/retrieve", "reports/target", "reports/intermediate", "reports/subset.json",
          "data/quality", "data/subset", "data/translated", "data/predictions", "models"], "There are no scores"),
    ],
)  # fmt: skip
def test_missing_parts_are_named(own: Path, gone: list[str], said: str) -> None:
    for name in gone:
        shutil.rmtree(name) if Path(name).is_dir() else Path(name).unlink()
    html, markdown = written()
    assert said in Page(html).text
    assert "None" not in Page(html).text
    assert "None" not in markdown
    assert "nan" not in markdown.split()


def test_no_truth_is_said(own: Path) -> None:
    assert "no truth to hold the scores against" in Page(written()[0]).text


def test_plots_are_tables_that_dvc_can_draw(own: Path) -> None:
    run()
    tables = {}
    for name in OUTPUTS:
        if name.endswith(".csv"):
            with Path("reports", name).open(encoding="utf-8", newline="") as handle:
                tables[Path(name).stem] = list(csv.DictReader(handle))
    assert [row["language"] for row in tables["zero_shot"]] == ["en", "de", "ru", "all", "without_english"]
    for row in tables["zero_shot"]:
        gap = float(row["intermediate"]) - float(row["pretrained"])
        assert float(row["difference"]) == pytest.approx(gap, abs=2e-6)
    assert [row["step"] for row in tables["learning_curves"]] == ["0", "20", "40", "60", "80", "100"]
    assert sum(int(row["kept"]) + int(row["not_kept"]) for row in tables["quality"]) == 60
    assert [row["language"] for row in tables["retrieval"]] == ["de", "ru", "all"]


def test_metrics_are_few_flat_numbers(own: Path) -> None:
    run()
    found = files.read_json(Path("reports/metrics.json"))
    assert 8 <= len(found) <= 25
    assert all(isinstance(value, (int, float)) for value in found.values())
    assert found["rows_kept"] == 30


def test_the_page_survives_several_targets_and_languages(own: Path, workspace: ModuleType) -> None:
    """A second target that nobody has trained on yet is left out, not an error."""
    values = params.load()
    shutil.copy("tasks/toy_para.py", "tasks/toy_other.py")
    workspace.write_params(own, {**values, "targets": ["toy_para", "toy_other"]})
    _, markdown = written()
    assert "Zero-shot: toy_para" in markdown
    assert "Zero-shot: toy_other" not in markdown
