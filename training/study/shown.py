"""A plan as a terminal shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from curation.core import output
from training.study.status import duration

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import RenderableType

    from training.study.plan import Plan


def plan_text(plan: Plan, costs: Mapping[str, Any]) -> list[RenderableType]:
    """Return question, arms, jobs and what they cost."""
    jobs = [
        [job.name, len(job.keys), duration(costs["seconds_by_job"][job.name] or None), ", ".join(job.needs)]
        for job in plan.jobs
    ]
    rate = "rates shipped with Cairn" if costs["from_shipped_rates"] else "rates measured here"
    time = f"{duration(costs['seconds'])} on one core ({rate})" if costs["seconds"] else "not known yet"
    if costs["unmeasured"]:
        time += f"; not in it, since never measured: {', '.join(costs['unmeasured'])}"
    shared = f"{costs['runs']} runs of stages in place of {costs['runs_asked_for']}; {costs['shared']} are shared"
    disk = "unknown: the encoder is not on this disk" if costs["bytes"] is None else f"{costs['bytes'] / 1e6:,.0f} MB"
    return [
        output.heading(plan.study.question),
        output.facts(
            [
                (
                    "size",
                    f"{plan.place.size}: profile {plan.size.profile}, {len(plan.size.seeds)} seeds. {plan.size.about}",
                ),
                ("metric", plan.study.metric),
                ("compared", [contrast.says for contrast in plan.contrasts]),
                ("arms", len(plan.arms)),
                ("computed", shared),
                ("time", time),
                ("disk", f"{disk} of models"),
            ]
        ),
        output.heading("jobs, in this order"),
        output.table(["job", "runs", "time", "needs"], jobs, right=["runs", "time"], wrap=["job", "needs"]),
    ]
