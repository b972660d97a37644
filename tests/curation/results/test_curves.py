"""A curve that cannot be read is refused by name: left out in silence, means would be of fewer seeds."""

from __future__ import annotations

from pathlib import Path

import pytest

from curation.core.errors import CairnError
from curation.results.curves import _table
from curation.results.places import Place


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


HERE = Place("here", Path())
GOOD = "step,dev,tokens\n2,0.5,100\n4,,200\n"


def test_a_curve_is_read_by_columns() -> None:
    Path("a.csv").write_text(GOOD)
    assert _table(HERE, Path("a.csv")) == {"step": [2, 4], "dev": [0.5, None], "tokens": [100, 200]}
    assert _table(HERE, Path("none.csv")) == {}


@pytest.mark.parametrize(
    "text", ["", "step,dev\n", "<html>404</html>\n", "step\n2\n", "step,dev\n2,x\n", "step,dev\n2,0.5,7\n", "\x00" * 9]
)  # fmt: skip
def test_a_damaged_curve_is_named(text: str) -> None:
    Path("a.csv").write_text(text)
    with pytest.raises(CairnError, match=r"here: a\.csv cannot be read as the curve.*then run `dvc repro`"):
        _table(HERE, Path("a.csv"))


def test_no_text_at_all() -> None:
    Path("a.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CairnError, match="cannot be read as the curve"):
        _table(HERE, Path("a.csv"))
    Path("b.csv").mkdir()
    with pytest.raises(CairnError, match="cannot be read as the curve"):
        _table(HERE, Path("b.csv"))
