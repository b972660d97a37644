"""Races between the arms of a study, from reports and learning curves whose shape is made up."""

import csv
import io
from dataclasses import dataclass, field

import pytest

from curation.core import paths
from curation.results.arms import Named
from curation.results.places import Place
from training.study import answer, plan, report, speed
from training.study.answer import Answer


@dataclass(frozen=True)
class Made(Place):
    """A place that holds the files it was given."""

    files: dict = field(default_factory=dict)

    def read(self, path):
        return self.files.get(str(path))

    def text(self, path):
        return self.files.get(str(path))


def curve(jump, degenerate=False):
    """A run that jumps from 0.2 to 0.8 at evaluation ``jump`` of ten; other languages follow two later."""
    out = io.StringIO()
    written = csv.writer(out)
    written.writerow(["step", "tokens", "seconds", "dev", "zero_shot"])
    for i in range(11):
        values = [0.8 if i >= at and not degenerate else 0.2 for at in (jump, jump + 2)]
        written.writerow([10 * i, 1000 * i, float(i), *values])
    return out.getvalue()


def named(arm, seeds, jump, idle=()):
    made = {}
    for seed in seeds:
        path = paths.report("target", arm.start, "mini_topic", f"seed-{seed}")
        made[str(path)] = {"degenerate": seed in idle, "majority_baseline": 0.15}
        made[str(path.with_suffix(".csv"))] = curve(jump + seed, seed in idle)
        if arm.start == "intermediate":
            made[str(paths.report("intermediate", f"seed-{seed}"))] = {"steps": 50, "tokens": 5000, "seconds": 5.0}
    return Named(arm.name, Made(arm.name, None, None, made), arm.start, arm.values, {})


@pytest.fixture
def found():
    made = plan.make("target-size", "demo")
    idle = {"step-30": (3,)}
    arms = {
        arm.name: named(arm, made.size.seeds, 1 if arm.start == "intermediate" else 4, idle.get(arm.name, ()))
        for arm in made.arms
    }
    return Answer(made, [], [], [], [], {}, [], list(made.contrasts), None, {}, arms)


def test_every_comparison_of_two_arms_is_a_race_on_both_kinds_of_rows(found):
    races = speed.speeds(found)
    assert set(races) == {("mini_topic", "dev"), ("mini_topic", "zero_shot")}
    small, large = races["mini_topic", "dev"]
    assert [one.says for one in (small, large)] == [contrast.says for contrast in found.plan.contrasts[:2]]
    name, steps, tokens, _ = large.races.lines[0]
    assert name == "80.0, where “without 270” ends"
    assert (steps.a.mean, steps.b.mean) == (60, 30)
    assert steps.speed_up.value == pytest.approx((50 * 60 * 70 / (20 * 30 * 40)) ** (1 / 3))
    assert tokens.speed_up.value < steps.speed_up.value  # those of the intermediate step are counted
    later = races["mini_topic", "zero_shot"][1].races.lines[0][1]
    assert (later.a.mean, later.b.mean) == (80, 50)


def test_degenerate_runs_are_left_out_and_told(found):
    small = speed.speeds(found)["mini_topic", "dev"][0]
    assert small.races.left_out == 1
    assert set(small.races.lines[0][1].b.times) == {1, 2}
    assert "1 degenerate run left out" in report.html(found)


def test_the_page_and_the_numbers_tell_the_races(found):
    page = report.html(found)
    assert "How fast the target is learnt" in page
    assert page.count("<svg") == 2  # the runs of the first comparison on both kinds of rows; nothing else was scored
    told = speed.plain(speed.speeds(found))
    assert {one["rows"] for one in told} == {"dev", "zero_shot"}
    assert all(one["steps"]["a_never"] == 0 for one in told)


def test_without_curves_the_page_says_so(found):
    empty = {name: Named(one.spec, Made(name), one.start, one.values, {}) for name, one in found.found.items()}
    bare = Answer(found.plan, [], [], [], [], {}, [], [], None, {}, empty)
    assert speed.speeds(bare) == {}
    assert "have learning curves yet" in report.html(bare)
    assert answer.headline(bare).startswith("No answer yet")
