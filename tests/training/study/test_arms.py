import re

import pytest

from curation.core import params
from curation.core.errors import CairnError
from training.study import arms, questions, worker
from training.study.questions import Study

PARAMS = {
    "seeds": [1],
    "targets": [],
    "retrieval": [],
    "fetch": {"languages": "all"},
    "subset": {"size": 5, "stratum": "top"},
    "train": {"intermediate": {"steps": None, "epochs": 1}},
}
SIZE = {
    "profile": "demo",
    "seeds": [1, 2],
    "targets": ["mini_xnli"],
    "languages": "all",
    "compute": {"epochs": 3, "steps": 70},
    "values": {"sizes": [10, 20]},
}
STUDY = {
    "question": "?",
    "about": "a test",
    "metric": "accuracy",
    "compute": "epochs",
    "arms": {
        "none": {"start": "pretrained"},
        "rows": {"grid": {"subset.size": "$sizes", "compute": ["epochs", "steps"]}},
    },
    "comparisons": [{"a": "none", "b": "rows[-1, 0]"}],
    "sizes": {"demo": SIZE},
    "next": "",
}


def study(**changes):
    return params.check(Study, STUDY | changes, "studies/x.yaml")


def made(found):
    size = questions.size(found, "x", "demo")
    return arms.of("x", found, size, arms.changed(PARAMS, size.changes, "x"))


def test_grid_is_the_product_of_its_axes():
    found = made(study())
    assert [arm.name for arm in found] == ["none", "rows-10-epochs", "rows-10-steps", "rows-20-epochs", "rows-20-steps"]
    assert [arm.values["subset"]["size"] for arm in found] == [5, 10, 10, 20, 20]
    trained = [arm.values["train"]["intermediate"] for arm in found]
    assert trained[1] == {"epochs": 3, "steps": None}
    assert trained[2] == {"epochs": None, "steps": 70}


def test_arm_without_the_step_keeps_the_length_of_a_training_it_does_not_have():
    assert made(study())[0].values["train"]["intermediate"] == PARAMS["train"]["intermediate"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("rows[0, 0]", ["rows-10-epochs"]),
        ("rows[-1, 1]", ["rows-20-steps"]),
        ("rows[*, 0]", ["rows-10-epochs", "rows-20-epochs"]),
        ("none", ["none"]),
    ],
)
def test_comparisons_name_arms_by_place(text, names):
    found = study(comparisons=[{"a": "none", "b": text}])
    assert [one.b.name for one in arms.contrasts("x", found, made(found))] == names


def test_interaction_has_two_pairs():
    pair = {"a": "rows[0, 0]", "b": "rows[1, 0]", "minus": {"a": "rows[0, 1]", "b": "rows[1, 1]"}}
    found = study(comparisons=[pair])
    (one,) = arms.contrasts("x", found, made(found))
    assert one.minus is not None
    assert [arm.name for arm in one.minus] == ["rows-10-steps", "rows-20-steps"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"comparisons": [{"a": "none", "b": "row"}]}, "unknown arm 'row'. Did you mean 'rows'?"),
        ({"comparisons": [{"a": "none", "b": "rows[0]"}]}, "one place for each of the 2 axes"),
        ({"comparisons": [{"a": "none", "b": "rows[7, 0]"}]}, "7 is outside the grid, which has 2 values there"),
        ({"comparisons": [{"a": "rows[*, 0]", "b": "rows"}]}, "each side must be one arm, or as many as the other"),
        ({"arms": {"none": {"changes": {"subset.sise": 4}}}}, "unknown key of params.yaml 'subset.sise'. Did you mean"),
        ({"arms": {"none": {"grid": {"subset.size": "$size"}}}}, "unknown value '$size'. Did you mean '$sizes'?"),
        ({"arms": {"none": {"grid": {"subset.size": 4}}}}, "must be a list of values such as [500, 1000]"),
        ({"arms": {"none": {"grid": {"compute": ["hours"]}}}}, "unknown compute rule 'hours'"),
        ({"arms": {"none": {"grid": {"subset.size": [1, 1]}}}}, "several arms are called none-1"),
    ],
)
def test_mistakes_are_said(changes, said):
    found = study(**changes)
    with pytest.raises(CairnError) as error:
        arms.contrasts("x", found, made(found))
    assert said in str(error.value)
    assert str(error.value).startswith("studies/x.yaml")


def test_unknown_keys_are_refused():
    with pytest.raises(CairnError, match=r"unknown key 'metrics'\. Did you mean 'metric'"):
        study(metrics="f1")


def test_size_may_leave_groups_out():
    size = SIZE | {"without": ["rows"]}
    found = study(sizes={"demo": size}, comparisons=[{"a": "none", "b": "none"}, {"a": "none", "b": "rows"}])
    left = made(found)
    assert [arm.name for arm in left] == ["none"]
    assert len(arms.contrasts("x", found, left, ["rows"])) == 1


def test_params_are_written_for_every_parser_of_yaml(tmp_path):
    arm = made(study())[0]
    arms.write(arm, tmp_path / "params.yaml")
    text = (tmp_path / "params.yaml").read_text(encoding="utf-8")
    assert not re.search(r"[\[{].*\w:\w", text)  # a colon within brackets, which the parser in C refuses
    assert params.load(tmp_path / "params.yaml") == arm.values


@pytest.mark.parametrize(
    ("log", "said"),
    [
        ("Running\nerror: not so:\nparams.yaml: size is 5\nERROR: failed", "error: not so: params.yaml: size is 5"),
        ("Running\nerror: no room\nmore\n", "error: no room"),
        ("Running\n\nKilled\n", "Killed"),
        ("", "dvc ended with 3"),
        ("error: cut off:", "error: cut off:"),
    ],
)  # fmt: skip
def test_what_a_failed_job_is_said_to_have_died_of(tmp_path, log, said):
    file = tmp_path / "log"
    file.write_text(log, encoding="utf-8")
    assert worker.last_words(file, 3) == f"{said} ({file})"
