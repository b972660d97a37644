"""Every shipped profile is complete and valid: each section is read by the Params class of the stage that uses it."""

from __future__ import annotations

import importlib
import inspect
import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from curation import tasks
from curation.core import experiment, params, registry

ROOT = Path(__file__).parents[3]
PROFILES = sorted((ROOT / "profiles").glob("*.yaml"))
NAMES = ["demo", "mirror-grid", "mirror", "xlmr-base", "xlmr-large-nine", "xlmr-large"]


@pytest.fixture(autouse=True)
def own_registry(monkeypatch):
    """Profiles name task folders; those of one must not be there for the next."""
    monkeypatch.setattr(registry, "_folders", {})
    monkeypatch.chdir(ROOT)


def keys(value, path=""):
    if not isinstance(value, dict):
        return {path}
    return {found for name, inner in value.items() for found in keys(inner, f"{path}.{name}".lstrip("."))}


def values(profile):
    return YAML(typ="safe", pure=True).load(profile.read_text(encoding="utf-8"))


def section_classes():
    """Return section to the ``Params`` that reads it, as its docstring says: Section ``embed``."""
    found = {}
    for file in sorted([*(ROOT / "curation").rglob("*.py"), *(ROOT / "training").rglob("*.py")]):
        if not re.search(r"^class Params\(", file.read_text(encoding="utf-8"), flags=re.MULTILINE):
            continue
        module = ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        cls = importlib.import_module(module).Params
        named = re.match(r"Sections? ``([\w.]+)``(?: and ``([\w.]+)``)?", inspect.getdoc(cls) or "")
        assert named, f"{module}.Params does not begin with: Section ``name``"
        for section in filter(None, named.groups()):
            assert section not in found, f"two classes read {section}"
            found[section] = cls
    return found


def test_the_shipped_profiles_are_these():
    assert [file.stem for file in PROFILES] == NAMES


def test_params_yaml_is_the_demo_profile():
    assert (ROOT / "params.yaml").read_text(encoding="utf-8") == (ROOT / "profiles/demo.yaml").read_text(
        encoding="utf-8"
    )


@pytest.mark.parametrize("profile", PROFILES, ids=lambda file: file.stem)
def test_every_profile_has_the_same_keys(profile):
    assert keys(values(profile)) == keys(values(PROFILES[0]))
    assert values(profile)["profile"] == profile.stem


@pytest.mark.parametrize("profile", PROFILES, ids=lambda file: file.stem)
def test_every_section_is_read_by_its_stage(profile):
    classes = section_classes()
    sections = {name for name, value in values(profile).items() if isinstance(value, dict)}
    read = set()
    for section, cls in classes.items():
        params.read(cls, section, profile)
        read.add(section.split(".")[0])
    assert sections <= read, f"no Params class reads {sorted(sections - read)}"
    assert {f"score.{name}" for name in values(profile)["score"]} <= set(classes)


@pytest.mark.parametrize("profile", PROFILES, ids=lambda file: file.stem)
def test_every_named_task_and_scorer_exists(profile):
    experiment.read(profile)


@pytest.mark.parametrize("profile", PROFILES, ids=lambda file: file.stem)
def test_the_scoring_encoder_is_not_the_evaluated_one(profile):
    found = values(profile)
    assert found["embed"]["model"] != found["encoder"]["model"]


@pytest.mark.parametrize("size", ["base", "large"])
def test_the_recipe_of_the_paper_is_tested_in_the_languages_of_xtreme(size):
    asked = set(values(ROOT / f"profiles/xlmr-{size}.yaml")["fetch"]["languages"])
    assert len(asked) == 40
    counts = {"xnli": 15, "pawsx": 7, "udpos": 33, "panx": 40, "xquad": 11, "mlqa": 7, "tydiqa": 9}
    found = {name: len(asked & set(tasks.load(name).test.languages)) for name in counts}
    assert found == counts
    # Tatoeba's test languages are the foreign ones and English.
    assert len(asked & set(tasks.load("tatoeba").test.languages) - {"en"}) == 36


def test_the_nine_differ_from_the_recipe_in_their_tasks_only():
    one, nine = (values(ROOT / f"profiles/{name}.yaml") for name in ("xlmr-large", "xlmr-large-nine"))
    assert {key for key in one if one[key] != nine[key]} == {"profile", "intermediate"}
    assert len(nine["intermediate"]) == 9
    for name in nine["intermediate"]:
        task = tasks.load(name)
        assert task.train is not None, name
        assert task.dev is not None, name


def test_checkpoints_are_chosen_on_the_data_that_the_target_trains_on():
    """As in the zero-shot protocol: MultiNLI's for XNLI, SQuAD's for XQuAD and MLQA."""
    for name, repo in (("xnli", "nyu-mll/glue"), ("xquad", "rajpurkar/squad"), ("mlqa", "rajpurkar/squad")):
        task = tasks.load(name)
        assert (task.dev.repo, task.dev.config) == (task.train.repo, task.train.config), name
        assert task.train.repo == repo
        assert task.dev.split != task.train.split
