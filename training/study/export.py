"""One script per job for Slurm and its like: each runs one job of the study and leaves the rest to the others."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from curation.core import files

if TYPE_CHECKING:
    from training.study.flow import Job
    from training.study.plan import Plan


def scripts(plan: Plan, hours: int, gpus: int) -> dict[str, str]:
    """Return file name to text: one script per job, and ``submit.sh`` that hands them in, each after those it needs."""
    found = {f"{job.name}.sh": _script(plan, job, hours, gpus) for job in plan.jobs}
    return found | {"submit.sh": _submit(plan)}


def write(plan: Plan, folder: Path, hours: int, gpus: int) -> list[Path]:
    """Write the scripts into ``folder``, executable, and return their paths."""
    made = []
    plan.place.folder.mkdir(parents=True, exist_ok=True)  # Slurm does not make the folder of its logs
    for name, text in scripts(plan, hours, gpus).items():
        path = folder / name
        files.write_text(path, text)
        path.chmod(0o755)
        made.append(path)
    return made


def _script(plan: Plan, job: Job, hours: int, gpus: int) -> str:
    graphics = [f"#SBATCH --gres=gpu:{gpus}"] if gpus else []
    program = str(Path(sys.executable).with_name("training"))
    command = shlex.join([program, "study", "run", plan.name, "--size", plan.place.size, "--only", job.name])
    lines = [
        "#!/usr/bin/env bash",
        f"#SBATCH --job-name={plan.name}-{job.name}",
        f"#SBATCH --output={plan.place.folder.resolve() / 'slurm-%j.log'}",
        f"#SBATCH --time={hours}:00:00",
        "#SBATCH --cpus-per-task=2",
        *graphics,
        "# Without Slurm the same file is a plain script. The repository lies on a disk that all machines share.",
        "set -euo pipefail",
        f"cd {shlex.quote(str(Path().resolve()))}",
        f"exec {command}",
    ]
    return "\n".join(lines) + "\n"


def _submit(plan: Plan) -> str:
    lines = [
        "#!/usr/bin/env bash",
        "# Hand in every job. One that fails does not hold up those that need it: they make what is missing.",
        "set -euo pipefail",
        'cd "$(dirname "$0")"',
        "declare -A id",
    ]
    for job in plan.jobs:
        after = "".join(f":${{id[{need}]}}" for need in job.needs)
        wait = f" --dependency=afterany{after}" if job.needs else ""
        lines.append(f"id[{job.name}]=$(sbatch --parsable{wait} {shlex.quote(job.name + '.sh')})")
    lines.append(
        f'echo "handed in {len(plan.jobs)} jobs; watch: training study status {plan.name} --size {plan.place.size}"'
    )
    return "\n".join(lines) + "\n"
