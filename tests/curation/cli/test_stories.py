"""explain, compare and profile."""

from __future__ import annotations

import csv
import shutil
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path
from types import ModuleType

import pytest
from ruamel.yaml import YAML

from curation import cli
from curation.core import files, params, paths, records


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    """Run a command in the working directory; return exit code, output and errors."""
    monkeypatch.setenv("COLUMNS", "80")

    def run(*args: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as stop:
            cli.main(list(args))
        out, err = capsys.readouterr()
        return int(stop.value.code or 0), out, err

    return run


def ids() -> list[str]:
    """Return the ids of the intermediate task in record order."""
    table = records.read(Path("data/intermediate/toy_nli/train.parquet"))
    return [str(id_) for id_ in table["id"].to_pylist()]


def test_explain_tells_the_whole_story_of_a_train_row(ask, inside: Path, workspace: ModuleType) -> None:
    id_ = ids()[2]  # flagged by the third scorer (conflicts), kept in the subset
    code, out, _ = ask("explain", id_)
    assert code == 0
    for part in ("org/toy", "licence  CC0", "Quality", "looks wrong to conflicts", "Nearest rows", "Translation (de)",
                 "Subset", "Training dynamics", "entailment 0.70", ids()[3]):  # fmt: skip
        assert part in out, part
    assert max(map(len, out.splitlines())) <= 80
    _, text, _ = ask("explain", id_, "--json")
    told = workspace.as_json(text)
    assert told["quality"]["flags"] == ["conflicts"]
    assert told["scores"]["conflicts"]["score"] == 0.05
    assert [n["id"] for n in told["neighbours"]] == ids()[3:5]
    assert told["subset"][0]["kept"] is True
    assert told["subset"][0]["rank"] == 2
    assert told["dynamics"][0]["confidence"] == [0.5, 0.6, 0.7]
    assert told["predictions"] == []


def test_explain_tells_what_models_answered_to_a_test_row(ask, inside: Path, workspace: ModuleType) -> None:
    id_ = str(records.read(Path("data/target/toy_para/test.parquet"))["id"][0].as_py())
    _, text, _ = ask("explain", id_, "--json")
    told = workspace.as_json(text)
    assert (told["role"], told["split"]) == ("target", "test")
    assert {record["lang"] for record in told["records"]} == {"en", "de", "ru"}
    assert len(told["predictions"]) == 2 * 3 * 3
    assert told["scores"] == {}


def test_explain_names_the_nearest_ids(ask, inside: Path) -> None:
    wrong = ids()[7][:-1] + ("0" if ids()[7][-1] != "0" else "1")
    code, _, err = ask("explain", wrong)
    assert code == 2
    assert f"Nearest: {ids()[7]}," in err


def test_explain_before_anything_is_fetched(ask, own: Path) -> None:
    shutil.rmtree("data")
    code, _, err = ask("explain", "toy_nli-0")
    assert (code, "dvc repro" in err) == (2, True)


def test_explain_without_the_optional_parts(ask, own: Path, workspace: ModuleType) -> None:
    for folder in ("neighbours", "probe", "translated", "scores", "quality", "subset"):
        shutil.rmtree(Path("data") / folder)
    shutil.rmtree("models")
    code, out, _ = ask("explain", ids()[2])
    assert code == 0
    assert "Text (en)" in out
    assert "Subset" not in out


def test_compare_says_what_the_intermediate_step_did(ask, inside: Path, workspace: ModuleType) -> None:
    code, text, _ = ask("compare", "pretrained", "intermediate", "--json")
    found = workspace.as_json(text)
    one = found["comparisons"][0]
    assert code == 0
    assert one["task"] == "toy_para"
    assert one["values"]["all"]["difference"]["value"] > 0.1
    assert one["values"]["all"]["difference"]["low"] > 0
    assert one["seeds"] == [1, 2, 3]
    assert "compared row by row" in one["method"]
    assert [c["task"] for c in found["comparisons"]] == ["toy_para", "toy_bitext"]


def test_compare_the_other_way_round_is_a_negative_finding(ask, inside: Path) -> None:
    code, out, _ = ask("compare", "intermediate", "pretrained")
    assert code == 1
    assert "a significant loss" in out


def _arms(folder: Path) -> list[str]:
    """Copy the workspace to arms that say they are of other sizes; the second is the arm without the step."""
    names = []
    for size in (500, 1000, 2000, 4000):
        to = folder / f"n{size}"
        for name in ("reports", "data/predictions"):
            shutil.copytree(name, to / name)
        values = params.load()
        values["subset"]["size"] = size
        with (to / "params.yaml").open("w", encoding="utf-8") as handle:
            YAML().dump(values, handle)
        names.append(str(to))
    return names


def test_compare_any_number_of_arms(ask, inside: Path, tmp_path: Path, workspace: ModuleType) -> None:
    names = ["pretrained", *_arms(tmp_path)]
    table, drawn = tmp_path / "arms.csv", tmp_path / "arms.svg"
    code, out, _ = ask("compare", *names, "--x", "subset.size", "--csv", str(table), "--figure", str(drawn))
    assert code == 0
    assert max(map(len, out.splitlines())) <= 80
    for part in ("10 degrees of freedom", "adjusted for 4 comparisons", "next doubling", "+"):
        assert part in out, part
    with table.open(encoding="utf-8", newline="") as handle:
        lines = list(csv.DictReader(handle))
    mean = [line for line in lines if (line["task"], line["language"]) == ("toy_para", "mean")]
    assert [line["x"] for line in mean] == ["0", "500", "1000", "2000", "4000"]
    assert mean[0]["difference"] == ""
    assert all(float(line["p"]) <= float(line["p_holm"]) < 0.05 for line in mean[1:])
    svg = ET.fromstring(drawn.read_text(encoding="utf-8"))  # noqa: S314 - our own file
    assert svg.tag.endswith("svg")
    assert "subset.size" in drawn.read_text(encoding="utf-8")
    code, text, _ = ask("compare", *reversed(names), "--json")
    assert code == 1
    assert workspace.as_json(text)["worse"] == ["toy_bitext", "toy_para"]


def test_compare_with_one_seed_gives_no_verdict(ask, own: Path, workspace: ModuleType) -> None:
    workspace.write_params(own, {**params.load(), "seeds": [1]})
    code, out, _ = ask("compare", "intermediate", "pretrained")
    assert code == 0
    assert "no verdict (one seed: the interval covers the choice of test rows" in " ".join(out.split())
    assert "significant" not in out


def test_compare_by_another_metric(ask, inside: Path) -> None:
    code, _, err = ask("compare", "pretrained", "intermediate", "--metric", "macro_f2")
    assert code == 2
    assert "unknown metric 'macro_f2'" in err


def test_compare_two_manifests(ask, own: Path, workspace: ModuleType) -> None:
    values = params.load()
    before = Path("before/manifest.parquet")
    before.parent.mkdir()
    shutil.copy(paths.subset(), before)
    workspace.subset(ids(), values, keep=10)
    code, text, _ = ask("compare", "before", "data/subset", "--json")
    found = workspace.as_json(text)["overlap"]
    assert code == 0
    assert (found["rows_a"], found["rows_b"], found["shared"], found["only_a"], found["only_b"]) == (30, 10, 10, 20, 0)
    assert found["jaccard"] == pytest.approx(1 / 3)
    assert found["nested"] is True


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("nobody", "intermediate"), "unknown experiment, revision or folder 'nobody'"),
        (("data/subset", "intermediate"), "a subset and an arm"),
        (("data/subset", "data/subset", "data/subset"), "more than two subsets"),
        (("pretrained",), "pretrained alone cannot be compared"),
        (("pretrained", "intermediate", "--x", "subset.sizes"), "no arm has 'subset.sizes'"),
        (("gone.parquet", "data/subset"), "gone.parquet is missing"),
        (("data/quality/toy_nli.parquet", "data/subset"), "no subset manifest"),
        (("reports", "intermediate"), "no params.yaml"),
    ],
)
def test_compare_mistakes(ask, inside: Path, args: tuple[str, ...], message: str) -> None:
    code, _, err = ask("compare", *args)
    assert code == 2
    assert message in err


def git(*args: str) -> str:
    done = subprocess.run(  # noqa: S603
        ["git", "-c", "user.name=t", "-c", "user.email=t@t", *args],  # noqa: S607
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


@pytest.fixture
def revisions(own: Path, workspace: ModuleType) -> str:
    """Make a git repository whose only commit holds the reports, and whose worktree has other ones."""
    git("init", "-q")
    Path(".gitignore").write_text("/data\n/models\n", encoding="utf-8")
    git("add", ".")
    git("commit", "-q", "-m", "first arm")
    commit = git("rev-parse", "HEAD")
    git("update-ref", f"refs/exps/{commit[:2]}/{commit[2:]}/smaller", commit)
    values = params.load()
    values["subset"]["size"] = 20
    workspace.write_params(own, values)
    for seed in (1, 2, 3):
        workspace.evaluated("intermediate", seed, 0.97)
    return commit


@pytest.mark.parametrize("name", ["HEAD", "smaller"])
def test_compare_reads_other_revisions(ask, revisions: str, name: str, workspace: ModuleType) -> None:
    code, text, _ = ask("compare", name, "workspace", "--json")
    found = workspace.as_json(text)
    assert code == 0
    assert found["changed"] == {"subset.size": {"a": 3000, "b": 20}}
    one = found["comparisons"][0]
    assert "independent" in one["method"]  # the other commit's predictions are not on this disk
    gap = one["values"]["all"]["difference"]
    assert gap["value"] == pytest.approx(one["values"]["all"]["b"]["value"] - one["values"]["all"]["a"]["value"])
    assert gap["low"] < gap["value"] < gap["high"]
    levels = [files.read_json(paths.report("evaluate", "intermediate", "toy_para", f"seed-{s}")) for s in (1, 2, 3)]
    assert one["values"]["all"]["b"]["value"] == pytest.approx(sum(one["mean"]["all"] for one in levels) / 3)


@pytest.mark.parametrize("cache", [None, "../shared"])  # DVC keeps a folder relative to .dvc
def test_compare_finds_predictions_in_the_cache_of_dvc(
    ask, revisions: str, own: Path, workspace: ModuleType, cache: str | None
) -> None:
    if cache:
        Path(".dvc").mkdir(exist_ok=True)
        Path(".dvc/config.local").write_text(f"[cache]\n    dir = {cache}\n", encoding="utf-8")
    _, text, _ = ask("compare", "pretrained", "intermediate", "--json")
    expected = workspace.as_json(text)["comparisons"][0]["values"]
    stages = {}
    for start in ("pretrained", "intermediate"):
        for seed in (1, 2, 3):
            path = paths.predictions(start, "toy_para", seed)  # type: ignore[arg-type]
            md5 = files.sha256(path)[:32]
            cached = Path(".dvc") / (cache or "cache") / "files/md5" / md5[:2] / md5[2:]
            cached.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, cached)
            stages[f"evaluate@{start}-{seed}"] = {"outs": [{"path": str(path), "md5": md5}]}
    with Path("dvc.lock").open("w", encoding="utf-8") as handle:
        YAML().dump({"stages": stages}, handle)
    git("add", "-f", "dvc.lock", "reports", "params.yaml")
    git("commit", "-q", "-m", "second arm")
    code, text, _ = ask("compare", "HEAD:pretrained", "HEAD", "--json")
    one = workspace.as_json(text)["comparisons"][0]
    assert code == 0
    assert "compared row by row" in one["method"]
    assert one["values"]["all"]["difference"]["value"] == pytest.approx(expected["all"]["difference"]["value"])


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workspace: ModuleType) -> Path:
    """Work in a folder that has the profiles."""
    shutil.copytree(workspace.ROOT / "profiles", tmp_path / "profiles")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CAIRN_PARAMS", raising=False)
    return tmp_path


def test_profile_writes_params(ask, clone: Path) -> None:
    code, out, _ = ask("profile", "demo")
    assert code == 0
    assert out == "params.yaml is now profile demo. Next: dvc repro\n"
    assert Path("params.yaml").read_bytes() == Path("profiles/demo.yaml").read_bytes()
    assert "was already" in ask("profile", "demo")[1]


def test_profile_keeps_changes_of_your_own(ask, clone: Path) -> None:
    text = Path("profiles/demo.yaml").read_text(encoding="utf-8").replace("size: 3000", "size: 123")
    Path("params.yaml").write_text(text, encoding="utf-8")
    code, _, err = ask("profile", "demo")
    assert code == 2
    assert "subset.size: 123 (profile demo: 3000)" in err
    assert "--force" in err
    assert Path("params.yaml").read_text(encoding="utf-8") == text
    assert ask("profile", "demo", "--force")[0] == 0
    assert Path("params.yaml").read_bytes() == Path("profiles/demo.yaml").read_bytes()


def test_profile_lists_what_there_is(ask, clone: Path, workspace: ModuleType) -> None:
    ask("profile", "demo")
    _, text, _ = ask("profile", "--json")
    found = {one["name"]: one for one in workspace.as_json(text)}
    assert set(found) == {file.stem for file in Path("profiles").glob("*.yaml")}
    assert [name for name, one in found.items() if one["current"]] == ["demo"]
    assert ask("profile", "dmo")[0] == 2


def test_profile_outside_a_clone(ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    code, _, err = ask("profile")
    assert code == 2
    assert "root of a clone" in err
