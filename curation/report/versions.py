"""What made the numbers: versions, the commit, the encoders, and the commands that make them again."""

from __future__ import annotations

import platform
from pathlib import Path
from typing import TYPE_CHECKING, Any

from curation.core import files, params, paths
from curation.core.git import git
from curation.results.changes import differences

if TYPE_CHECKING:
    from collections.abc import Mapping

    from curation.core.params import Experiment

PACKAGES = (
    "cairn", "torch", "transformers", "accelerate", "sentence-transformers", "cleanlab", "faiss-cpu", "faiss-gpu",
    "scikit-learn", "datasets", "numpy", "scipy", "pyarrow", "duckdb", "dvc",
)  # fmt: skip


def packages() -> dict[str, str]:
    """Return Python's version and those of the packages that can change a number."""
    from importlib.metadata import PackageNotFoundError, version

    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def commit() -> dict[str, Any] | None:
    """Return the git commit, and whether the code differs from it; ``None`` outside git."""
    found = git("rev-parse", "HEAD")
    if not found:
        return None
    return {
        "commit": found.strip(),
        "changed": bool(git("status", "--porcelain", "--", "curation", "training", "dvc.yaml")),
    }


def encoders(setup: Experiment, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the encoder under evaluation (as it was resolved) and the one that scores."""
    path = paths.start("pretrained", setup.seeds[0]) / "encoder.json" if setup.seeds else None
    pointer = files.read_json(path) if path is not None and path.exists() else {}
    evaluated: Mapping[str, Any] = values.get("encoder") or {}
    found = [
        {
            "role": "under evaluation",
            "model": pointer.get("model") or evaluated.get("model"),
            "revision": pointer.get("revision") or evaluated.get("revision"),
            "served_by": pointer.get("served_by"),
            "sha256": _short(pointer.get("weights_sha256")),
        }
    ]
    scoring = values.get("embed")
    if isinstance(scoring, dict):
        model, revision = scoring.get("model"), scoring.get("revision")
        for name in setup.intermediate:
            manifest = paths.vectors(name) / "manifest.json"
            told = files.read_json(manifest)["model"] if manifest.exists() else {}
            entry = {
                "role": "scoring",
                "model": told.get("name") or model,
                "revision": told.get("revision") or revision,
                "served_by": told.get("served_by"),
                "sha256": _short(told.get("sha256")),
            }
            if entry not in found:
                found.append(entry)
    return found


def _short(digest: str | None) -> str | None:
    return digest[:12] if digest else None


def commands(values: Mapping[str, Any]) -> list[str]:
    """Return the commands that make this experiment again: its profile, then what was changed in it."""
    name = str(values.get("profile"))
    profile = Path("profiles") / f"{name}.yaml"
    if not profile.exists():
        return ["# params.yaml as shown under Configuration", "dvc repro"]
    changes = differences(params.load(profile), dict(values))
    if not changes:
        return [f"curation profile {name}", "dvc repro"]
    sets = " ".join(f"-S {_quoted(f'{key}={_yaml(new)}')}" for key, _, new in changes)
    return [f"curation profile {name}", f"dvc exp run {sets}"]


def _yaml(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(_yaml(item) for item in value) + "]"
    return str(value)


def _quoted(text: str) -> str:
    import shlex

    return shlex.quote(text)
