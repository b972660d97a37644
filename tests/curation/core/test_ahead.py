"""A run made ahead is taken over only whole, and only where what it read is still there as it was."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from curation.core import ahead
from curation.core.ahead import Place


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with some data and code."""
    monkeypatch.chdir(tmp_path)
    for name in ("data/rows/train", "code/one.py", "params.yaml"):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(name, encoding="utf-8")
    return tmp_path


def made(session: Path, name: str, reads: dict[str, Path], above: tuple[Place, ...] = ()) -> Place:
    """Run ``name`` ahead: it writes ``models/NAME/text``."""
    place = Place(session, ["-m", "code.one", name])
    handle = place.begin()
    assert handle is not None
    out = f"models/{name}"
    read = ahead.facts(path for path, lies in reads.items() if lies == Path(path).absolute())
    ahead.look_through(place.root, Path.cwd(), reads, [out], ["data", "models"])
    text = "".join((place.root / path / "text").read_text() for path in reads if path.startswith("models/"))
    (place.root / out).mkdir()
    (place.root / out / "text").write_text(f"{text}{name}", encoding="utf-8")
    place.log.write_text("said\n", encoding="utf-8")
    place.finish([out], read, above)
    os.close(handle)
    return place


def reads(*paths: str) -> dict[str, Path]:
    return {path: Path(path).absolute() for path in paths}


def test_outputs_take_their_place_and_what_was_said_is_said(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with ahead.session() as session:
        place = made(session, "a", reads("data/rows", "code"))
        assert not Path("models/a").exists()
        assert place.claim()
        assert Path("models/a/text").read_text() == "a"
        assert (place.root / "models/a/text").read_text() == "a"  # for runs that read it there
        assert capfd.readouterr().err.endswith("what it said:\nsaid\n")
        assert place.begin() is None  # DVC was here
        assert not place.claim()  # and takes it once
    assert Path("models/a/text").read_text() == "a"
    assert list(ahead.FOLDER.iterdir()) == []


@pytest.mark.parametrize("file", ["data/rows/train", "code/one.py", "data/rows/new"])
def test_what_read_other_files_is_not_taken(here: Path, file: str) -> None:
    with ahead.session() as session:
        place = made(session, "a", reads("data/rows", "code"))
        Path(file).write_text("edited since", encoding="utf-8")
        assert not place.claim()
        assert not Path("models/a").exists()


def test_a_chain_is_taken_link_by_link(here: Path) -> None:
    with ahead.session() as session:
        first = made(session, "a", reads("data/rows"))
        second = made(session, "b", {"models/a": first.root / "models/a"}, (first,))
        assert first.claim()
        assert second.claim()
        assert Path("models/b/text").read_text() == "ab"


def test_what_read_a_run_that_dvc_did_not_take_is_not_taken(here: Path) -> None:
    with ahead.session() as session:
        first = made(session, "a", reads("data/rows"))
        second = made(session, "b", {"models/a": first.root / "models/a"}, (first,))
        assert not second.claim()


def test_a_run_that_did_not_end_is_none(here: Path) -> None:
    with ahead.session() as session:
        place = Place(session, ["-m", "code.one"])
        handle = place.begin()
        assert handle is not None
        (place.root / "models").mkdir(parents=True)
        assert Place(session, ["-m", "code.one"]).begin() is None  # another is at it
        os.close(handle)  # it died
        assert not place.claim()
        assert not place.root.exists()


def test_a_run_writes_in_its_own_folder_alone(here: Path, tmp_path: Path) -> None:
    root = tmp_path / "root"
    ahead.look_through(root, here, reads("data/rows"), ["models/a"], ["data", "models"])
    assert (root / "data/rows/train").read_text() == "data/rows/train"
    assert (root / "code/one.py").exists()
    assert not (root / "models").is_symlink()
    assert [path.name for path in (root / "data").iterdir()] == ["rows"]  # what it does not declare is not there
    with pytest.raises(OSError, match="data/rows/new lies in a folder that is read"):
        ahead.look_through(root, here, reads("data/rows"), ["data/rows/new"], ["data", "models"])


def test_a_killed_session_is_tidied_up_and_one_at_work_is_not(here: Path) -> None:
    left = here / ahead.FOLDER / "killed"
    left.mkdir(parents=True)
    with ahead.session() as at_work, ahead.session():
        assert at_work.exists()
        assert not left.exists()


def test_without_a_session_nothing_is_looked_for(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(ahead.NAME, raising=False)
    assert not ahead.claim(["-m", "code.one"])
    monkeypatch.setenv(ahead.NAME, str(here / "gone"))
    assert not ahead.claim(["-m", "code.one"])
