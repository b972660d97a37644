"""Each kind of bad input: an error that says what, where and what to type, or a counted drop. Nothing is lost."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curation import fetch
from curation.core import files, paths, records
from curation.core.errors import CairnError
from curation.core.task import Source, Task
from curation.fetch.__main__ import run as run_fetch

GOOD = [{"premise": f"A dog runs {n}.", "hypothesis": f"It moves {n}.", "label": n % 3} for n in range(40)]
FOLDER = Path("data/intermediate/snli")
CONTEXT = "The tower was built in 1889."


def snli(put, rows, dev=GOOD):
    put("stanfordnlp/snli", "plain_text", "train", rows)
    put("stanfordnlp/snli", "plain_text", "validation", dev)


def squad(put, **changed):
    answer = {"text": ["1889"], "answer_start": [CONTEXT.index("1889")]}
    rows = [{"id": f"q{n}", "context": CONTEXT, "question": f"When {n}?", "answers": answer} for n in range(40)]
    put("rajpurkar/squad", "plain_text", "validation", rows)
    put("rajpurkar/squad", "plain_text", "train", [rows[0] | changed, *rows[1:]])


def reasons(task="snli", split="train"):
    manifest = files.read_json(paths.fetched("intermediate", task) / "manifest.json")
    dropped = files.read_parquet(paths.fetched("intermediate", task) / "dropped.parquet").to_pylist()
    found = manifest["splits"][split]["en"]["dropped_for"]
    assert sum(found.values()) == sum(d["split"] == split for d in dropped)  # counted and listed alike
    return found


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"premise": ""}, "premise is empty"),
        ({"premise": " \n"}, "premise is empty"),
        ({"hypothesis": None}, "hypothesis is missing"),
        ({"label": 3}, "label out of range"),
        ({"label": -2}, "label out of range"),
        ({"label": -1}, "no gold label"),
    ],
)
def test_a_bad_row_is_dropped_with_its_reason_and_the_rest_kept(put, params, change, reason):
    snli(put, [GOOD[0] | change, *GOOD[1:]])
    run_fetch("intermediate", "snli")
    assert reasons() == {reason: 1}
    assert records.read(FOLDER / "train.parquet").num_rows == len(GOOD) - 1


def test_unlabelled_rows_leave_train_and_stay_null_elsewhere(put, params):
    rows = [{**row, "idx": n} for n, row in enumerate(GOOD)]
    rows[5] = rows[5] | {"label": -1}
    for split in ("train", "validation_matched"):
        put("nyu-mll/glue", "mnli", split, rows)
    run_fetch("intermediate", "mnli")
    assert reasons("mnli") == {"unlabelled": 1}
    assert reasons("mnli", "dev") == {}
    dev = records.read(paths.fetched("intermediate", "mnli") / "dev.parquet").to_pylist()
    assert [r["key"] for r in dev if r["label"] is None] == ["5"]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({"text": ["1889"], "answer_start": [999]}, "answer offset outside the context"),
        ({"text": ["1889"], "answer_start": [-1]}, "answer offset outside the context"),
        ({"text": ["1889"], "answer_start": [25]}, "answer offset outside the context"),
        ({"text": ["1889"], "answer_start": [22]}, "answer text is not at its offset"),
        ({"text": [" "], "answer_start": [3]}, "an answer is empty"),
        ({"text": ["1889", "1889"], "answer_start": [23]}, "answers has not as many texts as offsets"),
    ],
)
def test_offsets_must_fit_the_context(put, params, answer, reason):
    squad(put, answers=answer)
    run_fetch("intermediate", "squad")
    assert reasons("squad") == {reason: 1}


def test_a_key_that_occurs_twice_is_dropped_once(put, params):
    squad(put, id="q1")
    run_fetch("intermediate", "squad")
    assert reasons("squad") == {"duplicate key": 1}


def test_exact_duplicates_keep_separate_ids(put, params):
    snli(put, [GOOD[0], GOOD[0] | {"label": 2}, *GOOD])
    run_fetch("intermediate", "snli")
    ids = [r["id"] for r in records.read(FOLDER / "train.parquet").to_pylist() if r["text_a"] == GOOD[0]["premise"]]
    assert [i.removeprefix(ids[0]) for i in ids] == ["", "~2", "~3"]


def test_invalid_utf8_is_dropped_and_named(mirror, put, params):
    snli(put, GOOD)
    file = mirror / "stanfordnlp/snli/plain_text/train-00000-of-00001.parquet"
    table = pq.read_table(file)
    broken = [b"caf\xe9"] + [row["premise"].encode() for row in GOOD[1:]]
    raw = pa.array(broken, pa.binary())
    text = pa.StringArray.from_buffers(len(raw), *raw.buffers()[1:])  # unchecked, as a careless writer would
    pq.write_table(table.set_column(0, "premise", text), file)
    run_fetch("intermediate", "snli")
    assert reasons() == {"invalid UTF-8": 1}
    assert records.read(FOLDER / "train.parquet").num_rows == len(GOOD) - 1


def fails(task="snli"):
    with pytest.raises(CairnError) as caught:
        run_fetch("intermediate", task)
    assert not paths.fetched("intermediate", task).exists()  # nothing partial
    return str(caught.value)


def test_too_many_bad_rows_stop_the_fetch(put, params):
    snli(put, [{**row, "premise": ""} if n < 3 else row for n, row in enumerate(GOOD)])
    text = fails()
    assert "3 of 40 rows cannot be used (7.5%; allowed 5.0%): 3 premise is empty. First: row 0" in text
    assert "fetch.max_dropped" in text


def test_wrong_column_names_the_columns_there(put, params):
    snli(put, [{"sentence1": "a", "hypothesis": "b", "label": 0}])
    text = fails()
    assert "no column 'premise'" in text
    assert "Columns there: hypothesis, label, sentence1" in text or "sentence1, hypothesis, label" in text
    assert "stanfordnlp/snli, config plain_text, split train" in text


def test_one_class_is_refused(put, params):
    snli(put, [{**row, "label": 1} for row in GOOD])
    assert "every row has the label 'neutral'" in fails()


def test_one_class_after_the_cap_is_refused(put, params):
    snli(put, GOOD)
    params(train=1)
    assert "as capped by fetch.rows: every row has the label" in fails()


def test_an_empty_source_is_refused(mirror, put, params):
    snli(put, GOOD)
    file = mirror / "stanfordnlp/snli/plain_text/train-00000-of-00001.parquet"
    pq.write_table(pq.read_table(file).slice(0, 0), file)
    assert "the source has no rows" in fails()


def test_all_unlabelled_is_refused_with_the_reason(put, params):
    snli(put, [{**row, "label": -1} for row in GOOD])
    params(max_dropped=1.0)
    assert "no usable rows" in fails()


def test_truncated_parquet_names_the_file(mirror, put, params):
    snli(put, GOOD)
    file = mirror / "stanfordnlp/snli/plain_text/train-00000-of-00001.parquet"
    file.write_bytes(file.read_bytes()[:-50])
    text = fails()
    assert str(file) in text
    assert "truncated or not parquet" in text


def test_a_missing_shard_is_noticed(mirror, put, params):
    snli(put, GOOD)
    put("stanfordnlp/snli", "plain_text", "train", GOOD, n=1)
    (mirror / "stanfordnlp/snli/plain_text/train-00000-of-00001.parquet").unlink()
    put("stanfordnlp/snli", "plain_text", "train", GOOD, n=3)
    run_fetch("intermediate", "snli")
    assert records.read(FOLDER / "train.parquet").num_rows == len(GOOD)
    (mirror / "stanfordnlp/snli/plain_text/train-00001-of-00003.parquet").unlink()
    with pytest.raises(CairnError, match=r"should have 3 shards, found train-00000-of-00003.parquet, train-00002"):
        run_fetch("intermediate", "snli")
    assert records.read(FOLDER / "train.parquet").num_rows == len(GOOD)  # the earlier whole result stands


@pytest.mark.parametrize(
    ("task", "said"),
    [
        ("snli", "Config 'plain_text' is there with the splits: validation."),
        ("squad", "rajpurkar/squad is not in this mirror, which holds 2 repositories."),
        ("mnli", "Configs there: cola."),
    ],
)
def test_a_mirror_without_the_data_says_what_is_there(mirror, put, params, task, said):
    put("stanfordnlp/snli", "plain_text", "validation", GOOD)
    put("nyu-mll/glue", "cola", "train", GOOD)
    text = fails(task)
    assert f"CAIRN_HUB_MIRROR={mirror}" in text
    assert said in text
    assert "unset CAIRN_HUB_MIRROR" in text


def test_a_mirror_that_is_no_folder(params, monkeypatch):
    monkeypatch.setenv("CAIRN_HUB_MIRROR", "/no/such/folder")
    assert "CAIRN_HUB_MIRROR=/no/such/folder is not a folder" in fails()


@pytest.mark.parametrize(
    ("role", "task", "said"),
    [
        ("intermediate", "snlli", "unknown task 'snlli'. Did you mean 'snli'?"),
        ("goal", "snli", "unknown role 'goal'"),
        ("target", "squad", "task squad has no test split, so it cannot be used as target"),
        ("intermediate", "tatoeba", "task tatoeba is of kind bitext, so it cannot be used as intermediate"),
        ("retrieval", "xnli", "task xnli is of kind pair, so it cannot be used as retrieval, which takes bitext"),
    ],
)
def test_wrong_names(mirror, params, role, task, said):
    with pytest.raises(CairnError, match=said.replace("?", r"\?")):
        run_fetch(role, task)


@pytest.mark.parametrize(
    ("metric", "said"), [("accuracy", "takes tasks with retrieval, mining, ranking"), ("mining", "Give it a dev split")]
)
def test_retrieval_needs_a_metric_and_a_split_to_go_with_it(metric, said):
    test = Source("org/name", languages=("de",))
    fetch.check_role("pairs", Task("bitext", "retrieval", test=test), "retrieval")
    with pytest.raises(CairnError, match=said):
        fetch.check_role("pairs", Task("bitext", metric, test=test), "retrieval")


def test_languages_that_a_task_lacks(put, params, capsys):
    put("google/xtreme", "tatoeba.deu", "validation", [{"source_sentence": "Ja", "target_sentence": "Yes"}])
    params(languages=["de", "en"])
    run_fetch("retrieval", "tatoeba")
    assert "not languages of this task, left out: en" in capsys.readouterr().err
    params(languages=["xx"])
    with pytest.raises(CairnError, match=r"fetch.languages: task tatoeba has none of xx"):
        run_fetch("retrieval", "tatoeba")


def test_languages_are_found_however_their_codes_are_spelt(tmp_path, params, capsys):
    (tmp_path / "tasks/own.py").write_text(
        "from curation.tasks import Example, Source, Task\n"
        "at = Source('file:{lang}.jsonl')\n"
        "TASK = Task('pair', 'accuracy', labels=('a', 'b'), train=at, dev=at, test=Source('file:{lang}.jsonl',\n"
        "    languages=('eng_Latn', 'zho_Hans', 'pt-BR')))\n"
        "def to_example(row): return Example(text_a=row['a'], text_b='b', label=row['label'])\n",
        encoding="utf-8",
    )
    rows = "".join(json.dumps({"a": f"text {n}", "label": n % 2}) + "\n" for n in range(20))
    for lang in ("en", "eng_Latn", "zho_Hans", "pt-BR"):
        (tmp_path / f"tasks/{lang}.jsonl").write_text(rows, encoding="utf-8")
    params(languages=["en", "zh_CN", "pt", "fr"])
    run_fetch("target", "own")
    assert "not languages of this task, left out: fr\n" in capsys.readouterr().err
    there = records.read(paths.fetched("target", "own") / "test.parquet")["lang"].to_pylist()
    assert sorted(set(there)) == ["eng_Latn", "pt-BR", "zho_Hans"]


def test_mistakes_reach_the_shell_without_a_traceback(mirror, params):
    done = subprocess.run(
        [sys.executable, "-m", "curation.fetch", "--role", "intermediate", "--task", "snli"],
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(Path(fetch.__file__).parents[2]), "CAIRN_HUB_MIRROR": str(mirror), "PATH": ""},
    )
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith("error: snli train in en: the mirror CAIRN_HUB_MIRROR=")
    assert "Traceback" not in done.stderr


def test_an_interrupted_fetch_leaves_what_was_there(put, params, monkeypatch):
    snli(put, GOOD)
    run_fetch("intermediate", "snli")
    before = {file.name: file.read_bytes() for file in FOLDER.iterdir()}
    params(train=10)

    def killed(*_args):
        raise KeyboardInterrupt

    monkeypatch.setattr(files, "write_json", killed)  # after the records, before the manifest
    with pytest.raises(KeyboardInterrupt):
        run_fetch("intermediate", "snli")
    assert {file.name: file.read_bytes() for file in FOLDER.iterdir()} == before
    assert [p.name for p in FOLDER.parent.iterdir()] == ["snli"]


def test_two_runs_give_the_same_bytes(put, params):
    snli(put, [*GOOD, GOOD[0] | {"premise": ""}])
    params(train=20)
    run_fetch("intermediate", "snli")
    first = {file.name: file.read_bytes() for file in FOLDER.iterdir()}
    run_fetch("intermediate", "snli")
    assert {file.name: file.read_bytes() for file in FOLDER.iterdir()} == first
    assert set(first) == {"train.parquet", "dev.parquet", "dropped.parquet", "manifest.json", "checksums.json"}
