"""Looking at tables: show and hist."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from types import ModuleType

import pytest
from rich.cells import cell_len

from curation import cli
from curation.cli import _sql, _tables
from curation.core import files, records


@pytest.fixture
def ask(inside: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    """Run a command inside the finished experiment; return exit code, output and errors."""
    monkeypatch.setenv("COLUMNS", "80")

    def run(*args: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as stop:
            cli.main(list(args))
        out, err = capsys.readouterr()
        return int(stop.value.code or 0), out, err

    return run


LOOKS = [
    ("show",),
    ("show", "--columns", "all", "--limit", "3"),
    ("show", "--table", "subset"),
    ("show", "--table", "dropped"),
    ("show", "--table", "scores/outliers"),
    ("show", "--table", "checks/de"),
    (
        "show",
        "toy_nli",
        "--table",
        "checks/de",
        "--where",
        "other_label is not null",
        "--columns",
        "id,label,other_label,text",
    ),
    ("show", "--table", "translated/de"),
    ("show", "--table", "train"),
    ("show", "toy_para"),
    ("show", "toy_bitext"),
    ("show", "data/subset/manifest.parquet"),
    ("hist",),
    ("hist", "--by", "label"),
    ("hist", "--column", "flags"),
    ("hist", "toy_para", "--column", "prediction", "--by", "start"),
    ("hist", "--table", "subset", "--column", "reason"),
    ("tasks",),
    ("tasks", "toy_nli", "toy_para"),
    ("compare", "pretrained", "intermediate"),
    ("compare", "data/subset", "data/subset/manifest.parquet"),
]


@pytest.mark.parametrize("args", LOOKS, ids=" ".join)
def test_every_view_fits_80_columns(ask, args: tuple[str, ...]) -> None:
    code, out, err = ask(*args)
    assert (code, err) == (0, "")
    assert len(out.splitlines()) > 2
    assert max(cell_len(line) for line in out.splitlines()) <= 80
    assert not any(line.endswith(" ") for line in out.splitlines())


def test_every_view_as_json_is_json(ask, workspace: ModuleType) -> None:
    checked = 0
    for args in LOOKS:
        code, out, _ = ask(*args, "--json")
        assert code == 0
        assert workspace.as_json(out)
        checked += 1
    assert checked == len(LOOKS) == 21


def test_worst_rows_come_first(ask, workspace: ModuleType) -> None:
    _, out, _ = ask("show", "--json", "--limit", "0")
    quality = [row["quality"] for row in workspace.as_json(out)]
    assert len(quality) == 60
    assert quality == sorted(quality)


def test_where_sort_columns_limit(ask, workspace: ModuleType) -> None:
    query = (
        "--where",
        "label = 'neutral' AND outliers < 0.9",
        "--sort",
        "outliers DESC",
        "--columns",
        "outliers,label,id",
    )
    code, out, _ = ask("show", *query, "--limit", "4", "--json")
    rows = workspace.as_json(out)
    assert code == 0
    assert [list(row) for row in rows] == [["outliers", "label", "id"]] * 4
    assert all(row["label"] == "neutral" and row["outliers"] < 0.9 for row in rows)
    assert [row["outliers"] for row in rows] == sorted((row["outliers"] for row in rows), reverse=True)


def test_columns_with_a_dot_need_no_quotes(ask, workspace: ModuleType) -> None:
    _, out, _ = ask("show", "--where", "outliers.twin IS NOT NULL AND 'outliers.twin' <> ''", "--json")
    rows = workspace.as_json(out)
    assert len(rows) == 6
    assert all(row["outliers"] == 0.05 for row in rows)


def test_joined_text_and_label_are_those_of_the_record(inside: Path) -> None:
    frame = _tables.open_frame("toy_nli", None)
    shown = {row[0]: row[1:] for row in _sql.ask(frame, ["id", "text", "label"])}
    table = records.read(Path("data/intermediate/toy_nli/train.parquet"))
    labels = _tables.task("toy_nli").labels
    assert len(shown) == 60
    for row in table.to_pylist():
        assert shown[row["id"]] == (records.text_of("pair", row), labels[row["label"]])


def test_no_match_is_a_negative_finding(ask) -> None:
    code, out, _ = ask("show", "--where", "quality > 2")
    assert code == 1
    assert "no row" in out
    assert ask("show", "--where", "quality > 2", "--json")[:2] == (1, "[]\n")
    assert ask("hist", "--where", "quality > 2")[0] == 1


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("--where", "qualty < 1"), "Did you mean 'quality'?"),
        (("--columns", "id,txt"), "Did you mean 'text'?"),
        (("--sort", "qualit"), "Did you mean 'quality'?"),
        (("--where", "quality <"), "Write one SQL expression over the columns id"),
        (("--where", "quality < 'a'"), "--where: "),
        (("--where", "1=1); COPY (SELECT 1) TO 'stolen.csv'; SELECT (1"), "not several statements"),
        (("--where", "text = (SELECT content FROM read_text('params.yaml'))"), "disabled by configuration"),
        (("--where", "id IN (SELECT id FROM 'data/subset/manifest.parquet')"), "--where: "),
        (("--where", "1=1) ATTACH 'x.db'; --"), "--where: "),
        (("--table", "scores/outlier"), "Did you mean 'outliers'?"),
        (("--table", "qualty"), "Did you mean 'quality'?"),
        (("--table", "translated/fr"), "Add fr to translate.languages in params.yaml"),
        (("--table", "checks/fr"), "no stage translates to fr"),
        (("toy_para", "--table", "quality"), "no stage makes it of toy_para, which params.yaml names as target"),
        (("--table", "predictions"), "Tables: quality, scores/SCORER, subset"),
        (("toy_nly",), "Did you mean 'toy_nli'?"),
        (("gone.parquet",), "there is no file gone.parquet. Name a parquet file or a task"),
        (("data/subset/manifest.parquet", "--table", "subset"), "Leave --table out"),
        (("--json", "--csv"), "exclude each other"),
    ],
)
def test_mistakes_are_explained(ask, inside: Path, args: tuple[str, ...], message: str) -> None:
    code, out, err = ask("show", *args)
    assert code == 2
    assert message in err
    assert out == ""
    assert "Traceback" not in err
    assert not (inside / "stolen.csv").exists()
    assert not (inside / "x.db").exists()


@pytest.mark.parametrize("option", ["--column", "--by"])
def test_hist_blames_the_option_that_was_wrong(ask, option: str) -> None:
    code, _, err = ask("hist", option, "qualty")
    assert code == 2
    assert f"error: {option}: unknown column 'qualty'. Did you mean 'quality'?" in err


def test_what_the_exit_codes_of_tasks_mean(ask) -> None:
    assert ask("tasks", "mini_nly")[0] == 2
    assert ask("tasks", "mini_nli", "--kind", "bitext")[0] == 1
    assert "no such task" not in ask("tasks", "--help")[1]


def test_what_a_user_has_to_supply_is_among_the_facts_of_a_task(ask) -> None:
    out = " ".join(ask("tasks", "mewslix")[1].split())
    assert out.count("Put candidate_set_entities .jsonl") + out.count("Put candidate_set_entities.jsonl") == 1
    assert "supply" not in ask("tasks", "xnli")[1]


def test_csv_is_safe_to_open_in_a_spreadsheet(ask) -> None:
    code, out, _ = ask("show", "--csv", "--limit", "0", "--columns", "id,quality,flags,text_a")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert code == 0
    assert len(rows) == 60
    assert not [cell for row in rows for cell in row.values() if cell[:1] in tuple("=+-@\t\r")]
    assert any(row["text_a"].startswith("<script>") for row in rows)
    assert [row["text_a"] for row in rows if "SUM" in row["text_a"]] == ["'=SUM(A1)"]


def test_every_form_has_the_same_rows(ask, workspace: ModuleType) -> None:
    import json

    query = ("show", "--limit", "5", "--columns", "id,label,quality,text")
    rows = workspace.as_json(ask(*query, "--json")[1])
    assert [json.loads(line) for line in ask(*query, "--jsonl")[1].splitlines()] == rows
    table = [line.split("\t") for line in ask(*query, "--tsv")[1].splitlines()]
    assert table[0] == list(rows[0])
    assert [line[0] for line in table[1:]] == [row["id"] for row in rows]
    lines = ask(*query, "--md")[1].splitlines()
    assert lines[:2] == ["| id | label | quality | text |", "| --- | --- | --- | --- |"]
    assert [line.split(" | ")[0] for line in lines[2:]] == [f"| {row['id']}" for row in rows]
    assert "given → suggested" not in ask("show", "--jsonl")[1]


def test_a_row_is_its_label_its_flags_and_two_lines_of_text(ask, own: Path) -> None:
    import pyarrow as pa

    path = Path("data/intermediate/toy_nli/train.parquet")
    table = records.read(path)
    long = [f"{text} {'many words ' * 40}漢字" for text in table["text_a"].to_pylist()]
    records.write(path, table.set_column(table.schema.get_field_index("text_a"), "text_a", pa.array(long)))
    out = ask("show", "--limit", "8")[1].splitlines()
    assert len([line for line in out[:24] if line.endswith(" …")]) == 8
    assert max(map(cell_len, out)) <= 80
    whole = " ".join(ask("show", "--limit", "8", "--full")[1].split())
    assert whole.count("漢字") == 8


def test_data_cannot_steer_the_terminal(ask, tmp_path: Path) -> None:
    import pyarrow as pa

    evil = tmp_path / "evil.parquet"
    files.write_parquet(evil, pa.table({"id": ["a"], "text": ["\x1b[2J\x1b]0;title\x07[bold]x[/bold]\r\n\u202eabc"]}))
    code, out, _ = ask("show", str(evil))
    assert code == 0
    assert not [c for c in out if c != "\n" and not c.isprintable()]
    assert "[bold]x[/bold]" in out


def test_histogram_counts_every_row(ask, workspace: ModuleType) -> None:
    _, out, _ = ask("hist", "--json", "--bins", "7")
    found = workspace.as_json(out)
    assert sum(found["counts"]) == found["rows"] == 60
    assert found["edges"][0] == 0.0
    assert found["edges"][-1] == 1.0
    _, out, _ = ask("hist", "--json", "--by", "label")
    groups = workspace.as_json(out)["groups"]
    assert {name: sum(group["counts"]) for name, group in groups.items()} == dict.fromkeys(workspace.LABELS, 20)


def test_other_kinds_are_shown_in_words(inside: Path) -> None:
    import pyarrow as pa

    from curation.core.task import Answer, Example

    cases = {
        "choice": (Example(prompt="p", choices=("a", "b"), label=1, key="1"), "p | a / b", "b"),
        "span": (Example(question="q", context="c d", answers=(Answer("d", 2),), key="1"), "q | c d", "d"),
        "tags": (Example(tokens=("x", "y"), tags=(0, 2), key="1"), "x y", "entailment contradiction"),
        "bitext": (Example(text="t", pool="de", side="source", gold=("k", "l"), key="1"), "t", "k l"),
        "text": (Example(text="t", key="1"), "t", None),
    }
    _tables.experiment()
    for kind, (example, text, label) in cases.items():
        table = records.table(kind, ["i"], ["en"], [example])  # type: ignore[arg-type]
        frame = _tables._frame(pa.table({"id": ["i"]}), "t", "toy_nli", table)
        assert _sql.ask(frame, ["text", "label"]) == [(text, label)], kind
        assert text == records.text_of(kind, table.to_pylist()[0])  # type: ignore[arg-type]
