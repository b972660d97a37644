"""No input, however odd, ends in a traceback: it is read, or refused in a sentence, or its rows are counted."""

from __future__ import annotations

import contextlib
import io
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from curation import cli
from curation.core import experiment, params, registry, stage
from curation.core.edge import edge
from curation.embed import Params as Embed
from curation.fetch.__main__ import run as run_fetch
from tests.faults.inputs import data_files, mirrors, model_folders, task_files
from training.trial import __main__ as trial

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.slow


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder like a fresh clone: params.yaml and an empty task folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(registry, "_folders", {})
    monkeypatch.setenv("CAIRN_CACHE", str(tmp_path / ".cairn/cache"))
    monkeypatch.delenv("CAIRN_HUB_MIRROR", raising=False)
    shutil.copy(ROOT / "params.yaml", tmp_path)
    (tmp_path / "tasks").mkdir()
    return tmp_path


def ended(call: Callable[[], None]) -> tuple[int, str]:
    """Return the exit code of ``call`` and the last line it said; anything but an exit goes through."""
    said = io.StringIO()
    with pytest.raises(SystemExit) as end, contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        call()
    return int(end.value.code or 0), " ".join(said.getvalue().split())


def sentence(code: int, said: str) -> None:
    assert code in (0, 1, 2)
    assert code != 2 or "error: " in said
    assert "Traceback" not in said


@pytest.mark.parametrize("name", data_files.CASES)
def test_data_files(name: str, clone: Path) -> None:
    file, content = data_files.CASES[name]()
    (clone / file).write_bytes(content)
    code, said = ended(lambda: cli.main(["new-task", "own", "--from", file, "--hold-out", "0.3"]))
    sentence(code, said)
    if code == 2:
        assert list((clone / "tasks").iterdir()) == [], "a refused file leaves nothing behind"
        assert "tasks/own" not in said, "messages name the user's file, not a copy that is gone"


@pytest.fixture
def tasks(clone: Path) -> Path:
    """The task folder of a clone whose intermediate task is the user's own, with the rows that it reads."""
    values = (clone / "params.yaml").read_text(encoding="utf-8")
    values = values.replace("intermediate: [mini_nli]", "intermediate: [own]").replace("  size: 3000 ", "  size: 10 ")
    (clone / "params.yaml").write_text(values, encoding="utf-8")
    shutil.copy(ROOT / "dvc.yaml", clone)
    (clone / "tasks/own").mkdir()
    (clone / "tasks/own/rows.jsonl").write_bytes(task_files.ROWS)
    return clone / "tasks"


def fetch(role: str, task: str, monkeypatch: pytest.MonkeyPatch) -> tuple[int, str]:
    """Return how ``python -m curation.fetch`` ends."""
    monkeypatch.setattr("sys.argv", ["fetch", "--role", role, "--task", task])

    def call() -> None:
        stage.main(run_fetch)
        raise SystemExit(0)

    return ended(call)


@pytest.mark.filterwarnings("ignore")  # of the files
@pytest.mark.parametrize("name", task_files.CASES)
def test_task_files(name: str, tasks: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tasks / "own.py").write_bytes(task_files.CASES[name])
    code, said = ended(lambda: cli.main(["tasks"]))
    sentence(code, said)
    assert "mini_nli" in said, "one broken file does not hide the others"
    assert code == 0 or "not listed: tasks/own.py" in said
    for words in (["tasks", "own"], ["check"]):
        sentence(*ended(lambda words=words: cli.main(words)))
    fetched, said_by_fetch = fetch("intermediate", "own", monkeypatch)
    sentence(fetched, said_by_fetch)
    if code:
        assert fetched == 2
    if fetched:
        assert "own.py" in said_by_fetch or "own train" in said_by_fetch or "task own" in said_by_fetch
        assert not (tasks.parent / "data/intermediate/own").exists(), "nothing partial"


@pytest.mark.parametrize("name", task_files.NAMES)
def test_names_of_task_files(name: str, tasks: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tasks / name).write_text(task_files.GOOD, encoding="utf-8")
    code, said = ended(lambda: cli.main(["tasks"]))
    sentence(code, said)
    assert "mini_nli" in said
    assert code == 0 or f"not listed: tasks/{name}" in said
    sentence(*ended(lambda: cli.main(["check"])))


@pytest.fixture
def mirror(tasks: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A mirror with the data set ``org/data``, which the task ``own`` reads."""
    own = task_files.GOOD.replace('Source("file:own/rows.jsonl")', 'Source("org/data")', 1)
    (tasks / "own.py").write_text(
        own.replace('Source("file:own/rows.jsonl")', 'Source("org/data", split="validation")')
    )
    monkeypatch.setenv("CAIRN_HUB_MIRROR", str(tmp_path / "hub"))
    mirrors.whole(tmp_path / "hub/org/data")
    return tmp_path / "hub"


@pytest.mark.parametrize("name", [*mirrors.CASES, *mirrors.PLACES])
def test_mirrors(name: str, mirror: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if name in mirrors.CASES:
        mirrors.CASES[name](mirror / "org/data")
    else:
        mirrors.PLACES[name](mirror)
    code, said = fetch("intermediate", "own", monkeypatch)
    sentence(code, said)
    if code:
        assert "org/data" in said or "CAIRN_HUB_MIRROR" in said, said
        assert not Path("data/intermediate/own").exists(), "nothing partial"


@pytest.mark.filterwarnings("ignore")  # of the libraries
@pytest.mark.parametrize("part", ["encoder", "embed"])
@pytest.mark.parametrize("name", model_folders.CASES)
def test_model_folders(name: str, part: str, clone: Path) -> None:
    """As the stage ``trial`` runs it: the encoder under evaluation, and the one that scores."""
    model_folders.whole(clone / "model")
    model_folders.CASES[name](clone / "model")
    text = (clone / "params.yaml").read_text(encoding="utf-8")
    old = {"encoder": "model: bundled:tiny ", "embed": "model: package:all-MiniLM-L6-v2"}[part]
    assert old in text
    (clone / "params.yaml").write_text(text.replace(old, "model: ./model"), encoding="utf-8")

    def call() -> None:
        with edge():
            if part == "encoder":
                trial.evaluated(experiment.read())
            else:
                trial.scoring(params.read(Embed, "embed"))
        raise SystemExit(0)

    code, said = ended(call)
    sentence(code, said)
    assert code == 0 or "model" in said.rpartition("error: ")[2], said
