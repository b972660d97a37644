"""A task file with a mistake is refused when it is loaded, in words that name the file and what to write."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from curation import tasks
from curation.core import registry, task_check
from curation.core.errors import CairnError

if TYPE_CHECKING:
    from pathlib import Path

GOOD = """
from curation.tasks import Example, Source, Task
TASK = Task(kind="pair", metric="accuracy", labels=("no", "yes"), train=Source("file:a.jsonl"))
def to_example(row): return Example()
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(registry, "_folders", {})
    registry.add_folder("tasks", tmp_path)
    return tmp_path


def test_every_task_that_comes_with_cairn_is_whole() -> None:
    names = registry.names("tasks")
    assert len(names) >= 20
    for name in names:
        assert tasks.load(name).kind


def test_a_good_task_file_is_loaded(folder: Path) -> None:
    (folder / "own.py").write_text(GOOD)
    assert tasks.load("own").labels == ("no", "yes")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("TASK =", "TAKS =", r"own\.py defines no TASK = Task"),
        ('Task(kind="pair", ', "dict(", "but a TASK that is a dict"),
        ("def to_example", "def to_exampel", r"defines no function to_example\(row\)"),
        ('kind="pair"', 'kind="pairs"', "unknown kind 'pairs'. Did you mean 'pair'?"),
        ('metric="accuracy"', 'metric="acuracy"', "unknown metric 'acuracy'. Did you mean 'accuracy'?"),
        ('"file:a.jsonl"', '"files:d/x"', "unknown scheme 'files:'. Did you mean 'file:'?"),
        ('"file:a.jsonl"', '"org/name/more"', "repo is 'org/name/more'. Allowed: a hub id org/name"),
        ('Source("file:a.jsonl")', '"file:a.jsonl"', r"TASK\.train is a str, not a Source"),
        (
            'Source("file:a.jsonl")',
            'Source("a/b", pooled=("a/c",))',
            r"TASK\.train\.pooled\[0\] is a str, not a Source",
        ),
        (
            'Source("file:a.jsonl")',
            'Source("a/b", pooled=(Source("a/c", unfold=len),))',
            "unfold or to_example of its own",
        ),
        (
            'Source("file:a.jsonl")',
            'Source("a/b", candidates=Source("x:c"))',
            r"TASK\.train\.candidates\.repo 'x:c': unknown scheme 'x:'",
        ),
        (
            'Source("file:a.jsonl")',
            'Source("a/b", candidates=Source("a/c", candidates=Source("a/d")))',
            r"TASK\.train\.candidates has candidates of its own",
        ),
        ('Source("file:a.jsonl"', 'Source("file:a.jsonl", languages=("en")', r"\('en',\) with a comma"),
        ('("no", "yes")', '("no")', "TASK.labels is 'no', not a tuple"),
        ('("no", "yes")', '("no", "no")', "names a label twice"),
        ('("no", "yes")', "()", "labels is empty"),
    ],
)
def test_a_mistake_in_a_task_file_is_named(folder: Path, old: str, new: str, said: str) -> None:
    assert old in GOOD
    (folder / "own.py").write_text(GOOD.replace(old, new, 1))
    with pytest.raises(CairnError, match=said):
        task_check.readable(tasks.module("own"))


def test_a_file_that_would_never_be_used_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_folders", {})
    (tmp_path / "snli.py").write_text(GOOD)
    registry.add_folder("tasks", tmp_path)
    with pytest.raises(CairnError, match=r"snli\.py has the name of a task that comes with Cairn.* Rename it"):
        tasks.load("snli")
    assert tasks.load("mnli").kind == "pair", "the others are there"


def test_scorers_of_other_packages_are_not_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    """dvc.yaml depends on the scorer's file in this repository; one from elsewhere could not run."""
    from importlib import metadata

    entry = metadata.EntryPoint("foreign", "json", "cairn.any")
    monkeypatch.setattr(metadata, "entry_points", lambda **_: [entry])
    registry._outside.cache_clear()
    assert "foreign" in registry.names("selectors")
    assert "foreign" not in registry.names("scorers")
    monkeypatch.undo()
    registry._outside.cache_clear()


@pytest.mark.parametrize("left", [".#own.py", "._own.py", "._other.py"])
def test_what_editors_leave_is_no_task(folder: Path, left: str) -> None:
    """Emacs's lock is a link to nowhere; macOS's second file is binary."""
    (folder / "own.py").write_text(GOOD)
    if left.startswith(".#"):
        (folder / left).symlink_to("me@host.4711:1700000000")
    else:
        (folder / left).write_bytes(b"\0\5\x16\7 Mac OS X")
    registry.add_folder("tasks", folder)
    assert [name for name in registry.names("tasks") if "." in name] == []
    assert registry.load("tasks", "own").TASK.kind == "pair"


def test_a_name_that_a_shell_would_read_is_no_task(folder: Path) -> None:
    (folder / "a; touch b.py").write_text(GOOD)
    with pytest.raises(CairnError, match="'a; touch b' is no plain name"):
        registry.load("tasks", "a; touch b", "params.yaml: intermediate")


def test_a_task_file_that_exits_is_named_with_its_line(folder: Path) -> None:
    (folder / "own.py").write_text("import sys\n\nsys.exit(3)\n")
    with pytest.raises(CairnError, match=r"own\.py, line 3, cannot be imported: SystemExit: 3"):
        registry.load("tasks", "own")


def test_labels_composed_and_decomposed_are_one(folder: Path) -> None:
    (folder / "own.py").write_text(GOOD.replace('("no", "yes")', '("caf\\u00e9", "cafe\\u0301")', 1))
    with pytest.raises(CairnError, match="composed and decomposed"):
        tasks.module("own")


@pytest.mark.parametrize(
    ("before", "said"),
    [
        ("import sys; sys.exit()", r"own\.py, line 1, cannot be imported: SystemExit"),
        ("class End(BaseException): pass\nraise End('enough')", "line 2, cannot be imported: End: enough"),
        ("class E(Exception):\n def __str__(self): return 1\nraise E", "line 3, cannot be imported: E"),
        ("x = [", r"own\.py, line 1, cannot be imported: SyntaxError"),
    ],
)
def test_a_file_that_ends_while_it_is_imported_is_named_with_its_line(folder: Path, before: str, said: str) -> None:
    (folder / "own.py").write_text(f"{before}\n{GOOD}")
    with pytest.raises(CairnError, match=said):
        tasks.load("own")


def test_a_link_to_nowhere_is_told_and_hides_no_other(folder: Path) -> None:
    (folder / "own.py").symlink_to("gone.py")
    assert "own" in registry.names("tasks")
    with pytest.raises(CairnError, match=r"own\.py cannot be imported: FileNotFoundError"):
        tasks.load("own")


def test_a_file_that_takes_long_is_named_and_its_prints_stay_out_of_output(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(registry, "LATE", 0.05)
    (folder / "own.py").write_text(f"import time\nprint('hello')\ntime.sleep(0.5)\n{GOOD}")
    tasks.load("own")
    out, err = capsys.readouterr()
    assert out == ""
    assert "own.py is still being imported, after 0 s" in err
    assert "hello" in err


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"file:a.jsonl"', '".."', r"line 3: TASK\.train\.repo is '\.\.'"),
        ('metric="accuracy"', 'metric="accuracy", licence=None', r"TASK\.licence is None"),
        ('metric="accuracy"', 'metric="accuracy", symmetric="yes"', r"TASK\.symmetric is 'yes'"),
        ('"file:a.jsonl"', '"a/b", split="*"', r"TASK\.train\.split is '\*'"),
        ('"file:a.jsonl"', '"a/b", expected_rows=True', r"TASK\.train\.expected_rows is True"),
        ('"file:a.jsonl"', '"a/b", languages=("en", "en")', "names a language twice"),
    ],
)
def test_every_field_has_the_type_of_the_contract(folder: Path, old: str, new: str, said: str) -> None:
    (folder / "own.py").write_text(GOOD.replace(old, new, 1))
    with pytest.raises(CairnError, match=said):
        tasks.load("own")
