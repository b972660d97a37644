"""params.yaml: every mistake is named where it is, with what would be right."""

from __future__ import annotations

from pathlib import Path

import pytest

from curation import fetch
from curation.core import experiment, names, params
from curation.core.errors import CairnError

ROOT = Path(__file__).parents[3]


@pytest.fixture
def edited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Return a function that writes params.yaml with one text replaced."""
    monkeypatch.chdir(ROOT)

    def edit(old: str, new: str) -> Path:
        text = (ROOT / "profiles/demo.yaml").read_text(encoding="utf-8")
        assert old in text
        (tmp_path / "params.yaml").write_text(text.replace(old, new, 1), encoding="utf-8")
        return tmp_path / "params.yaml"

    return edit


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("test: 400}", "tset: 400}", "fetch.rows.target: unknown key 'tset'. Did you mean 'test'? Allowed: dev,"),
        ("test: 400}", "tset: 400}", "fetch.rows.target.test is missing."),
        ("  max_dropped", "  max_droped", "fetch: unknown key 'max_droped'. Did you mean 'max_dropped'?"),
        ("  rows: ", "  row: ", "fetch: unknown key 'row'. Did you mean 'rows'?"),
        ("max_dropped: 0.05", "max_dropped: 2024-01-01", "fetch.max_dropped is '2024-01-01'"),
        ("max_dropped: 0.05", "2024-01-01: 0.05", "keys must be str"),
        ("max_dropped: 0.05", "max_dropped: 1.5", "fetch.max_dropped is 1.5: input should be less than or equal to 1."),
    ],
)  # fmt: skip
def test_a_mistake_is_named_at_its_level(edited, old: str, new: str, said: str) -> None:
    file = edited(old, new)
    with pytest.raises(CairnError) as error:
        params.read(fetch.Params, "fetch", file)
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"a: 1\nb: 2\na: 3\n", 'line 3: duplicate key "a". Which of the two'),
        (b"a:\n  b: 1\n  b: 1\n", 'line 3: duplicate key "b". Which of the two'),
        (b"a: 1\nb: caf\xe9\n", "line 2 is not valid UTF-8"),
        (b"a: " + b"[" * 3000, "nested too deeply"),
    ],
)
def test_a_file_that_says_two_things_or_nothing(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "params.yaml").write_bytes(content)
    with pytest.raises(CairnError) as error:
        params.load(tmp_path / "params.yaml")
    assert said in str(error.value)
    assert "ruamel" not in str(error.value)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("seeds: [1, 2, 3]", "seeds: [1, 1, 1]", "seeds is [1, 1, 1]: it names 1 twice."),
        ("targets: [mini_xnli]", "targets: [mini_xnli, mini_xnli]", ": it names mini_xnli twice."),
    ],
)
def test_nothing_counts_twice(edited, old: str, new: str, said: str) -> None:
    with pytest.raises(CairnError) as error:
        experiment.read(edited(old, new))
    assert str(error.value).endswith(said)


def test_an_unknown_section_stops_every_stage(edited) -> None:
    with pytest.raises(CairnError, match=r"unknown key 'prob'. Did you mean 'probe'?"):
        experiment.read(edited("probe:\n", "prob:\n"))


@pytest.mark.parametrize("profile", sorted((ROOT / "profiles").glob("*.yaml")), ids=lambda file: file.stem)
def test_the_sections_are_those_of_the_profiles(profile: Path) -> None:
    values = params.load(profile)
    assert {name for name, value in values.items() if isinstance(value, dict)} == set(params.SECTIONS)


@pytest.mark.parametrize("name", ["1; touch X", "$(touch X)", "../tasks", "a b", "-x", "a\nb", "`x`", "a|b", "'"])
def test_no_name_that_a_shell_reads_as_more_than_a_word(name):
    """dvc.yaml puts tasks, scorers, languages and seeds into commands."""
    with pytest.raises(CairnError, match="no plain name"):
        names.plain(name, "params.yaml: targets")
    values = {"profile": "x", "seed": 1, "seeds": [1], "task_folder": None, "retrieval": [], "scorers": ["surface"]}
    for key in ("intermediate", "targets"):
        both = {"intermediate": ["snli"], "targets": ["xnli"]} | {key: [name]}
        with pytest.raises(CairnError, match=f"{key}.*no plain name"):
            params.check(params.Experiment, {**values, **both}, "params.yaml")
    with pytest.raises(CairnError, match="seeds"):
        params.check(
            params.Experiment, {**values, "intermediate": ["snli"], "targets": ["xnli"], "seeds": [name]}, "params.yaml"
        )
