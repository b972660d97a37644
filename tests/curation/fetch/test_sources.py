"""Where rows and models come from: local files, the mirror's layouts, and the hub's (through a folder in its place)."""

from __future__ import annotations

import fnmatch
import json
import shutil
import socket
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curation.core import files, paths, records, registry
from curation.core.errors import CairnError
from curation.core.task import Source
from curation.fetch import sources
from curation.fetch.__main__ import run as run_fetch

ROWS = [{"text": f"row {n}", "label": n} for n in range(6)]
NONE = sources.Bundled(None, 0)
MAIN, PARQUET = "a" * 40, "b" * 40


def load(source, lang="en", names=None):
    return sources.rows(source, lang, names or {}, NONE)


def write(file: Path, rows=ROWS):
    file.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows), file)


@pytest.mark.parametrize(
    "file",
    ["c/train-00000-of-00001.parquet", "c/train/0000.parquet", "elsewhere/x.parquet"],
)
def test_layouts_of_a_repository(mirror, file):
    write(mirror / "org/name" / file)
    readme = (
        "---\nconfigs:\n- config_name: c\n  data_files:\n  - split: train\n    path: elsewhere/*.parquet\n---\n# x\n"
    )
    (mirror / "org/name/README.md").write_text(readme, encoding="utf-8")
    found = load(Source("org/name", "{lang}"), "xx", {"xx": "c"})
    assert found.rows == ROWS
    assert (found.served_by, found.revision) == ("mirror", None)
    assert list(found.hashes.values()) == [files.sha256(mirror / "org/name" / file)]


def test_several_splits_are_joined_and_their_keys_told_apart(mirror):
    for split in ("r1", "r2"):
        write(mirror / f"org/name/default/{split}-00000-of-00001.parquet", ROWS[:2])
    found = load(Source("org/name", split="r1+r2"))
    assert found.keys == ["r1-0", "r1-1", "r2-0", "r2-1"]
    assert len(found.hashes) == 2


def test_shards_keep_their_order(mirror, put):
    put("org/name", "default", "train", ROWS, n=3)
    assert load(Source("org/name")).rows == ROWS


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """A folder per commit in place of the network, behind ``snapshot_download``'s own interface."""
    import huggingface_hub
    from huggingface_hub.errors import LocalEntryNotFoundError

    for variable in ("CAIRN_HUB_MIRROR", "HF_HUB_OFFLINE"):  # `make test` forbids the network; here a folder stands in
        monkeypatch.delenv(variable, raising=False)
    remote, cache, asked = tmp_path / "remote", tmp_path / "cache", []
    refs = {None: MAIN, MAIN: MAIN, "refs/convert/parquet": PARQUET}

    def download(repo, *, revision=None, allow_patterns, local_files_only=False, **_):
        commit = refs[revision]
        asked.append((repo, revision, local_files_only))
        there = remote / commit
        if not there.exists() or (local_files_only and not (cache / commit).exists()):
            raise LocalEntryNotFoundError("not cached")
        (cache / commit).mkdir(parents=True, exist_ok=True)
        for file in there.rglob("*"):
            name = str(file.relative_to(there))
            if file.is_file() and not local_files_only and any(fnmatch.fnmatch(name, p) for p in allow_patterns):
                (cache / commit / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(file, cache / commit / name)
        return str(cache / commit)

    monkeypatch.setattr(huggingface_hub, "snapshot_download", download)
    return remote, asked


def test_hub_serves_parquet_and_the_commit_is_recorded(hub):
    remote, _ = hub
    write(remote / MAIN / "c/train-00000-of-00001.parquet")
    found = load(Source("org/name", "c"))
    assert (found.rows, found.served_by, found.revision, found.branch) == (ROWS, "hub", MAIN, None)


def test_hub_follows_the_readme(hub):
    remote, asked = hub
    write(remote / MAIN / "data/part.parquet")
    header = "---\nconfigs:\n- config_name: c\n  data_files:\n  - split: train\n    path: data/*.parquet\n---\n"
    (remote / MAIN / "README.md").write_text(header, encoding="utf-8")
    assert load(Source("org/name", "c")).rows == ROWS
    assert [revision for _, revision, _ in asked] == [None, MAIN]  # the second look is at the same commit


def test_a_script_repository_is_read_from_the_conversion_branch(hub):
    remote, _ = hub
    (remote / MAIN).mkdir(parents=True)
    (remote / MAIN / "name.py").write_text("raise SystemExit('a data set ran code')", encoding="utf-8")
    write(remote / PARQUET / "c/train/0000.parquet")
    found = load(Source("org/name", "c"))
    assert (found.rows, found.revision, found.branch) == (ROWS, PARQUET, "refs/convert/parquet")


def test_a_split_that_the_hub_lacks(hub):
    remote, _ = hub
    (remote / MAIN).mkdir(parents=True)
    with pytest.raises(
        CairnError, match="'org/name' has no parquet of config 'c', split 'train': looked in commit aaa"
    ):
        load(Source("org/name", "c"))


def test_offline_asks_the_cache_alone(hub, monkeypatch):
    remote, asked = hub
    write(remote / MAIN / "c/train-00000-of-00001.parquet")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(CairnError, match="nothing was downloaded because HF_HUB_OFFLINE is set"):
        load(Source("org/name", "c"))
    monkeypatch.delenv("HF_HUB_OFFLINE")
    load(Source("org/name", "c"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert load(Source("org/name", "c")).revision == MAIN
    assert [local for _, _, local in asked] == [True, False, True]


def test_an_unreachable_hub(monkeypatch, tmp_path):
    def down(*_args):
        raise OSError("Network is unreachable")

    monkeypatch.delenv("CAIRN_HUB_MIRROR", raising=False)
    monkeypatch.setattr(socket.socket, "connect", down)
    monkeypatch.setattr(socket, "getaddrinfo", down)
    with pytest.raises(CairnError, match=r"'org/absent' .* is not in the local hub cache.*CAIRN_HUB_MIRROR=<folder>"):
        load(Source("org/absent", "c"))


@pytest.fixture
def own(tmp_path, monkeypatch):
    """The task folder, which `file:` sources are relative to."""
    folder = tmp_path / "tasks"
    folder.mkdir()
    monkeypatch.setattr(registry, "_folders", {"tasks": [folder]})
    return folder


@pytest.mark.parametrize("suffix", [".jsonl", ".csv", ".tsv", ".parquet"])
def test_local_files(own, suffix):
    file = own / f"en/train{suffix}"
    if suffix == ".parquet":
        write(file)
    else:
        file.parent.mkdir()
        between = "\t" if suffix == ".tsv" else ","
        lines = [json.dumps(row) for row in ROWS]
        if suffix != ".jsonl":
            quote = '"' if suffix == ".csv" else ""
            lines = ["text" + between + "label", *(f"{quote}{r['text']}{quote}{between}{r['label']}" for r in ROWS)]
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    found = load(Source(f"file:{{lang}}/{{split}}{suffix}"))
    assert [(r["text"], int(r["label"])) for r in found.rows] == [(r["text"], r["label"]) for r in ROWS]
    assert (found.served_by, found.place) == ("file", file.as_posix())
    assert list(found.hashes.values()) == [files.sha256(file)]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.jsonl", b'{"a": 1}\n{"a": \n', "line 2 is not JSON"),
        ("a.jsonl", b"[1]\n", "line 1 is not an object"),
        ("a.csv", b"a,b\n1,2\n1,caf\xe9\n", "line 3 is not valid UTF-8"),
        ("a.csv", b"a,b\r1,2\r1,caf\xe9\r", "line 3 is not valid UTF-8"),
        ("a.csv", b"a,b\n1\n", "line 2 has 1 column, but the first line has 2"),
        ("a.csv", b"a,b\n1,2,3\n", "line 2 has 3 columns, but the first line has 2"),
        ("a.csv", b"a,a\n1,2\n", "two columns are called 'a'"),
        ("a.json", b'{"a": 1}\n{"a": 2}\n', "is not JSON .*one object a line, its suffix is .jsonl"),
        ("a.json", b'{"rows": []}', "holds no list of objects"),
        ("a.json", b"[1, 2]", "holds no list of objects"),
        ("a.json", b'["caf\xe9"]', "not valid UTF-8"),
        ("a.txt", b"x", "unknown suffix '.txt'"),
        ("a.parquet", b"PAR1 cut", "truncated or not parquet"),
    ],
)
def test_broken_local_files(own, name, content, said):
    (own / name).write_bytes(content)
    with pytest.raises(CairnError, match=said):
        load(Source(f"file:{name}"))


def test_blanks_after_the_commas_of_a_csv_file_are_no_text(own):
    (own / "a.csv").write_text('a, b, c\n1, "x, y", z\n', encoding="utf-8")
    assert load(Source("file:a.csv")).rows == [{"a": "1", "b": "x, y", "c": "z"}]
    (own / "a.csv").write_text("a,b\n1, x\n", encoding="utf-8")
    assert load(Source("file:a.csv")).rows == [{"a": "1", "b": " x"}]


@pytest.mark.parametrize("suffix", [".jsonl", ".json"])
def test_a_column_left_out_of_a_row_is_null_there(own, suffix):
    """Many writers leave out a null; a row without its label is dropped and counted, and the others are kept."""
    rows = ['{"a": 1, "b": 2}', '{"a": 3}', '{"c": 4, "b": null, "a": 5}']
    text = "\ufeff" + ("\n".join(rows) if suffix == ".jsonl" else f"[{','.join(rows)}]")
    (own / f"a{suffix}").write_text(text, encoding="utf-8")
    found = load(Source(f"file:a{suffix}")).rows
    assert found == [{"a": 1, "b": 2, "c": None}, {"a": 3, "b": None, "c": None}, {"a": 5, "b": None, "c": 4}]


@pytest.mark.parametrize("text", ['[{"a": 1}, {"a": 2}]', '{"version": 1, "data": [{"a": 1}, {"a": 2}]}'])
def test_a_json_file_is_a_list_or_holds_one_under_data(own, text):
    (own / "a.json").write_text(text, encoding="utf-8")
    assert load(Source("file:a.json")).rows == [{"a": 1}, {"a": 2}]


def test_quotation_marks_in_tab_separated_files_are_text(own):
    """Data sets publish tsv unquoted; read as csv, a quotation mark that opens swallows the lines up to the next."""
    (own / "a.tsv").write_text(
        'text\tlabel\n"Yes, he said.\t0\nNo.\t1\n"Well" he said\t0\n5" wide"\t1\n', encoding="utf-8"
    )
    rows = load(Source("file:a.tsv")).rows
    assert [(r["text"], r["label"]) for r in rows] == [
        ('"Yes, he said.', "0"), ("No.", "1"), ('"Well" he said', "0"), ('5" wide"', "1"),
    ]  # fmt: skip


def test_a_field_may_be_longer_than_csv_allows_by_default(own):
    (own / "a.csv").write_text(f"text,label\n{'x' * 200_000},1\n", encoding="utf-8")
    assert len(load(Source("file:a.csv")).rows[0]["text"]) == 200_000


def test_what_pandas_writes_by_default_is_read(own):
    """``to_csv()`` begins with a column of row numbers that has no name."""
    (own / "a.csv").write_text(",a,label\n0,x,1\n1,y,0\n", encoding="utf-8")
    rows = load(Source("file:a.csv")).rows
    assert rows == [{"column_1": "0", "a": "x", "label": "1"}, {"column_1": "1", "a": "y", "label": "0"}]


def test_files_outside_the_task_folder_are_refused(own, tmp_path):
    """dvc.yaml depends on the folder alone; rows from elsewhere could change unseen."""
    (tmp_path / "a.jsonl").write_text('{"a": 1}\n', encoding="utf-8")
    for name in (f"{tmp_path}/a.jsonl", "../a.jsonl"):
        with pytest.raises(CairnError, match=r"lies outside the task folder .* write file:a.jsonl"):
            load(Source(f"file:{name}"))
    (tmp_path / "elsewhere/inner").mkdir(parents=True)
    (own / "link").symlink_to(tmp_path / "elsewhere/inner")
    (tmp_path / "elsewhere/a.jsonl").write_text('{"a": 2}\n', encoding="utf-8")
    with pytest.raises(
        CairnError, match="lies outside the task folder"
    ):  # DVC sees the link's folder, not the one above
        load(Source("file:link/../a.jsonl"))
    (tmp_path / "elsewhere/inner/b.jsonl").write_text('{"a": 3}\n', encoding="utf-8")
    with pytest.raises(CairnError, match="behind a link to a folder outside"):  # DVC does not look behind it
        load(Source("file:link/b.jsonl"))
    (own / "inside").mkdir()
    (own / "inside/c.jsonl").write_text('{"a": 4}\n', encoding="utf-8")
    (own / "same").symlink_to("inside")
    assert load(Source("file:same/c.jsonl")).rows == [{"a": 4}]
    (own / "a.jsonl").symlink_to(tmp_path / "a.jsonl")
    assert load(Source("file:a.jsonl")).rows == load(Source(f"file:{own}/a.jsonl")).rows == [{"a": 1}]


def test_a_missing_local_file(own):
    with pytest.raises(CairnError, match=r"no/such.csv is missing"):
        load(Source("file:no/such.csv"))


def test_bundled_data_needs_a_number_of_rows():
    with pytest.raises(CairnError, match=r"set a number of rows for this split in params.yaml: fetch.rows"):
        load(Source("bundled:miniworld", "nli"))
    with pytest.raises(CairnError, match=r"unknown bundled data set 'miniword'. Did you mean 'miniworld'"):
        load(Source("bundled:miniword", "nli"))


OWN = """
from curation.rows import columns
from curation.tasks import Example, Source, Task

TASK = Task(kind="pair", metric="accuracy", labels=("no", "yes"), train=Source("file:own/{split}.jsonl", split="train"),
            dev=Source("file:own/{split}.jsonl", split="dev"))

def to_example(row):
    label = columns.label(row, "y", TASK.labels)
    return Example(text_a=columns.text(row, "a"), text_b=columns.text(row, "b"), label=label)
"""


def test_a_users_own_task_and_files(tmp_path, params):
    (tmp_path / "tasks/own").mkdir()
    (tmp_path / "tasks/mine.py").write_text(OWN, encoding="utf-8")
    lines = [json.dumps({"a": f"Frage {n}", "b": "ja", "y": ["no", "yes"][n % 2]}) for n in range(10)]
    for split in ("train", "dev"):
        (tmp_path / f"tasks/own/{split}.jsonl").write_text("\n".join(lines), encoding="utf-8")
    params(task_folder=str(tmp_path / "tasks"))
    run_fetch("intermediate", "mine")
    found = records.read(paths.fetched("intermediate", "mine") / "train.parquet").to_pylist()
    assert sorted((int(r["key"]), r["label"]) for r in found) == [(n, n % 2) for n in range(10)]


BUNDLED = """
from curation.rows import columns
from curation.tasks import Example, Source, Task

TASK = Task(kind="pair", metric="accuracy", labels=("entailment", "neutral", "contradiction"), parallel=True,
            train=Source("bundled:miniworld", "nli", "train"), dev=Source("bundled:miniworld", "nli", "dev"),
            test=Source("bundled:miniworld", "nli", "test", languages=("en", "de")))

def to_example(row):
    label = columns.label(row, "label", TASK.labels)
    return Example(text_a=row["premise"], text_b=row["hypothesis"], label=label, key=row["key"])
"""


def test_bundled_rows_come_in_the_asked_number_and_with_shared_ids(tmp_path, params):
    (tmp_path / "tasks/own_nli.py").write_text(BUNDLED, encoding="utf-8")
    params(task_folder=str(tmp_path / "tasks"), train=30, dev=20, test=25)
    run_fetch("target", "own_nli")
    folder = paths.fetched("target", "own_nli")
    assert [records.read(folder / f"{s}.parquet").num_rows for s in ("train", "dev", "test")] == [30, 20, 50]
    test = records.read(folder / "test.parquet").to_pylist()
    ids = [{(r["id"], r["key"]) for r in test if r["lang"] == lang} for lang in ("en", "de")]
    assert ids[0] == ids[1]
    manifest = files.read_json(folder / "manifest.json")
    assert manifest["splits"]["test"]["de"]["served_by"] == "bundled"
    assert manifest["splits"]["test"]["de"]["cap"] == 25
    params(task_folder=str(tmp_path / "tasks"), train=None, dev=20, test=25)
    with pytest.raises(CairnError, match=r"set a number of rows for this split in params.yaml: fetch.rows"):
        run_fetch("target", "own_nli")


def test_the_hubs_own_cache_is_read_offline_at_its_commit(tmp_path, monkeypatch):
    """The real ``snapshot_download`` on a cache as huggingface_hub lays it out: no stand-in, no network."""
    from huggingface_hub import constants

    monkeypatch.delenv("CAIRN_HUB_MIRROR", raising=False)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    repo = tmp_path / "datasets--org--name"
    for ref, commit in (("main", MAIN), ("refs/convert/parquet", PARQUET)):
        (repo / "refs" / ref).parent.mkdir(parents=True, exist_ok=True)
        (repo / "refs" / ref).write_text(commit, encoding="utf-8")
    write(repo / "snapshots" / MAIN / "c/train-00000-of-00001.parquet")
    write(repo / "snapshots" / PARQUET / "old/train/0000.parquet")
    for source, expected in (
        (Source("org/name", "c"), (MAIN, None)),
        (Source("org/name", "c", revision=MAIN), (MAIN, None)),
        (Source("org/name", "old"), (PARQUET, "refs/convert/parquet")),
    ):
        found = load(source)
        assert (found.rows, found.served_by) == (ROWS, "hub")
        assert (found.revision, found.branch) == expected
    with pytest.raises(CairnError, match="nothing was downloaded because HF_HUB_OFFLINE is set"):
        load(Source("org/name", "c", revision="d" * 40))


@pytest.mark.parametrize(
    "content", ["a;label\nx,y;1\n", '"a";"label"\n"x,y";"1"\n', 'sep=;\na;label\n"x,y";1\n', 'a,label\r"x,y",1\r']
)
def test_separators_of_spreadsheets_and_old_line_ends_are_read(own, content):
    (own / "a.csv").write_bytes(content.encode())
    assert load(Source("file:a.csv")).rows == [{"a": "x,y", "label": "1"}]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", "a\tb\n1\t2\n", r"separated by tabs. Rather name it a\.tsv"),
        ("a.csv", "a|b\n1|2\n", r"separated by \|"),
        ("a.tsv", "a,b\n1,2\n", r"separated by commas. Rather name it a\.csv"),
        ("a.csv", '\na,b\n1,"x\ny"\n"z,2\n', "begins in line 5 is not csv"),
        ("a.jsonl", '{"a": 1}\n{"a": 1, "a": 2}\n', "line 2 is not JSON .the name 'a' occurs twice"),
        ("a.json", '[{"b": {"a": 1, "a": 2}}]', "the name 'a' occurs twice"),
        ("a.jsonl", "[" * 99_999, "nested too deeply"),
        ("a.jsonl", '{"a": 1}\n{"a" 1}\n', r"line 2 is not JSON \(Expecting ':' delimiter, column 6\)"),
        ("a.json", '{"train": []}', "Its names are: train"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_with_its_line(own, name, content, said):
    (own / name).write_text(content, encoding="utf-8", newline="")
    with pytest.raises(CairnError, match=said):
        load(Source(f"file:{name}"))


def test_a_semicolon_separates_where_the_rows_say_so(own):
    """The first line alone does not tell: a name may hold a comma, or a text that has no row of its own a semicolon."""
    (own / "a.csv").write_text("a;label (no,yes)\nx,y;no\nz;yes\n", encoding="utf-8")
    assert load(Source("file:a.csv")).rows == [
        {"a": "x,y", "label (no,yes)": "no"},
        {"a": "z", "label (no,yes)": "yes"},
    ]
    (own / "a.csv").write_text("a;b,label\nx;y,1\nz,2\n", encoding="utf-8")
    assert load(Source("file:a.csv")).rows == [{"a;b": "x;y", "label": "1"}, {"a;b": "z", "label": "2"}]


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".jsonl", ".json", ".parquet"])
def test_a_nameless_column_has_a_name_that_no_other_has(own, suffix):
    row = {"": "x", "column_1": "y"}
    match suffix:
        case ".parquet":
            pq.write_table(pa.Table.from_pylist([row]), own / "a.parquet")
        case ".json":
            (own / "a.json").write_text(json.dumps([row]), encoding="utf-8")
        case ".jsonl":
            (own / "a.jsonl").write_text(json.dumps(row), encoding="utf-8")
        case _:
            between = "\t" if suffix == ".tsv" else ","
            (own / f"a{suffix}").write_text(f"{between}column_1\nx{between}y\n", encoding="utf-8")
    assert load(Source(f"file:a{suffix}")).rows == [{"column_1_": "x", "column_1": "y"}]


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])
def test_a_name_composed_and_decomposed_is_one_name(own, suffix):
    row = {"caf\u00e9": "x", "cafe\u0301": "y"}
    if suffix == ".parquet":
        pq.write_table(pa.Table.from_pylist([row]), own / "a.parquet")
    else:
        text = ",".join(row) + "\nx,y\n" if suffix == ".csv" else json.dumps(row)
        (own / f"a{suffix}").write_text(text, encoding="utf-8")
    with pytest.raises(CairnError, match="two columns are called 'caf\u00e9'"):
        load(Source(f"file:a{suffix}"))


def test_a_name_is_spelt_as_it_is_first(own):
    (own / "a.jsonl").write_text('{"cafe\u0301": 1}\n{"caf\u00e9": 2}\n', encoding="utf-8")
    assert load(Source("file:a.jsonl")).rows == [{"cafe\u0301": 1}, {"cafe\u0301": 2}]


def test_two_parts_of_a_column_with_one_name(own):
    parts = pa.StructArray.from_arrays([pa.array([1]), pa.array([2])], ["a", "a"])
    pq.write_table(pa.table({"s": parts}), own / "a.parquet")
    with pytest.raises(CairnError, match=r"a.parquet: column 's': two columns are called 'a'"):
        load(Source("file:a.parquet"))


def test_half_a_surrogate_is_a_row_that_is_not_valid(own):
    (own / "a.jsonl").write_text('{"a": "\\ud83d"}\n{"a": "\\ud83d\\ude00"}\n', encoding="utf-8")
    assert load(Source("file:a.jsonl")).rows == [None, {"a": "😀"}]


def test_dates_beyond_those_of_python_come_as_text(own):
    days = pa.array([0, 5_000_000], pa.int32()).cast(pa.date32())
    pq.write_table(pa.table({"day": days, "a": ["x", "y"]}), own / "a.parquet")
    assert load(Source("file:a.parquet")).rows == [{"day": "1970-01-01", "a": "x"}, {"day": "15659-07-15", "a": "y"}]


def test_dates_beyond_those_of_python_inside_of_columns_too(own):
    days = pa.array([0, 5_000_000], pa.int32()).cast(pa.date32())
    far = pa.array([2**62] * 2, pa.int64())
    table = {
        "list": pa.ListArray.from_arrays(pa.array([0, 1, 2], pa.int32()), days),
        "struct": pa.StructArray.from_arrays([days, pa.array(["x", None])], ["day", "a"]),
        "map": pa.MapArray.from_arrays(pa.array([0, 1, 2], pa.int32()), pa.array(["k", "l"]), days),
        "code": days.dictionary_encode(),
        "took": pa.ListArray.from_arrays(pa.array([0, 1, 2], pa.int32()), far.cast(pa.duration("s"))),
        "zone": pa.StructArray.from_arrays([pa.array([1, 2]).cast(pa.timestamp("s", "Mars/Base"))], ["at"]),
    }
    pq.write_table(pa.table(table), own / "a.parquet")
    first, second = load(Source("file:a.parquet")).rows
    day = "15659-07-15"
    assert (second["list"], second["struct"], second["map"]) == ([day], {"day": day, "a": None}, [("l", day)])
    assert (first["list"], first["code"], second["code"]) == (["1970-01-01"], "1970-01-01", day)
    assert (second["took"], second["zone"]) == ([str(2**62)], {"at": "1970-01-01 00:00:02.000"})


def test_a_broken_text_beside_such_a_date_costs_its_row_alone(own):
    days = pa.array([0, 5_000_000], pa.int32()).cast(pa.date32())
    text = pa.StringArray.from_buffers(2, *pa.array([b"caf\xe9", b"x"], pa.binary()).buffers()[1:])
    pq.write_table(pa.table({"day": days, "a": text}), own / "a.parquet")
    assert load(Source("file:a.parquet")).rows == [None, {"day": "15659-07-15", "a": "x"}]


@pytest.mark.parametrize("value", [b"{", b"\xff", b"[1]", b"null", b'{"info": {"features": [1]}}'])
def test_metadata_that_is_not_as_datasets_writes_it_says_nothing(own, value):
    pq.write_table(pa.table({"a": [1]}).replace_schema_metadata({b"huggingface": value}), own / "a.parquet")
    assert load(Source("file:a.parquet")).rows == [{"a": 1}]


def test_lines_are_counted_as_an_editor_does(own):
    (own / "a.csv").write_text('\na,b\n1,"x\ny"\n\n2,z\n', encoding="utf-8")
    assert list(load(Source("file:a.csv")).lines) == [3, 6]
    (own / "a.jsonl").write_text('{"a": 1}\n\n{"a": 2}\n', encoding="utf-8")
    assert list(load(Source("file:a.jsonl")).lines) == [1, 3]
