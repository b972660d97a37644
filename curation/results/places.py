"""Where an arm's small files are: a folder, or a git revision or DVC experiment, read through ``git show``.

The large files of a revision lie in DVC's cache, where ``dvc.lock`` of that revision says; they are used when the cache
of this repository holds them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from curation.core import paths
from curation.core.errors import CairnError, unknown
from curation.core.git import git

if TYPE_CHECKING:
    from collections.abc import Sequence

STARTS: tuple[str, ...] = get_args(paths.Start)


def experiments() -> dict[str, str]:
    """Return the names of DVC's experiments in this repository and their commits."""
    listed = git("for-each-ref", "--format=%(refname) %(objectname)", "refs/exps") or ""
    found = {}
    for line in listed.splitlines():
        name, commit = line.split(" ", 1)
        parts = name.split("/")  # refs/exps/<2 hex>/<38 hex>/<name>
        if len(parts) == 5 and len(parts[2]) == 2:
            found[parts[4]] = commit
    return found


@dataclass(frozen=True)
class Place:
    """The files of one experiment: on disk in ``folder``, or in the git commit ``commit``."""

    name: str
    folder: Path | None = None
    commit: str | None = None

    def text(self, path: Path) -> str | None:
        """Return a text file, or ``None`` when this place has no such file."""
        if self.folder is not None:
            file = self.folder / path
            return file.read_text(encoding="utf-8") if file.exists() else None
        return git("show", f"{self.commit}:./{path.as_posix()}")

    def read(self, path: Path) -> Any:
        """Return a JSON file, or ``None`` when this place has no such file."""
        if self.folder is not None:
            from curation.core import files

            return files.read_json(self.folder / path) if (self.folder / path).exists() else None
        text = self.text(path)
        try:
            return None if text is None else json.loads(text)
        except ValueError as error:
            raise CairnError(f"{self.name}: {path} is not valid JSON ({error}).") from None

    def params(self) -> dict[str, Any]:
        """Return params.yaml of this place."""
        return self._yaml("params.yaml")

    def _yaml(self, name: str) -> dict[str, Any]:
        from ruamel.yaml import YAML
        from ruamel.yaml.error import YAMLError

        text = self.text(Path(name))
        if text is None:
            raise CairnError(f"{self.name} has no {name}; it is not an experiment of Cairn.")
        try:
            value = YAML(typ="safe", pure=True).load(text)
        except YAMLError as error:
            raise CairnError(f"{self.name}: {name} is not valid YAML: {error}") from None
        return value if isinstance(value, dict) else {}

    @cached_property
    def _locked(self) -> dict[str, str]:
        """Output path to MD5, from this commit's dvc.lock."""
        try:
            stages = self._yaml("dvc.lock").get("stages", {})
        except CairnError:
            return {}
        return {out["path"]: out.get("md5", "") for stage in stages.values() for out in stage.get("outs", ())}

    def data(self, path: Path) -> Path | None:
        """Return where the data file ``path`` of this place lies on this disk; ``None`` when it does not."""
        if self.folder is not None:
            return self.folder / path if (self.folder / path).exists() else None
        md5 = self._locked.get(path.as_posix(), "")
        if md5.endswith(".dir") or not md5:
            return self._in_folder(path)
        return _cached(md5)

    def _in_folder(self, path: Path) -> Path | None:
        """Look ``path`` up in the listing of the folder that DVC tracks as a whole."""
        md5 = self._locked.get(path.parent.as_posix(), "")
        listing = _cached(md5) if md5.endswith(".dir") else None
        if listing is None:
            return None
        entries = json.loads(listing.read_text(encoding="utf-8"))
        return next((_cached(entry["md5"]) for entry in entries if entry["relpath"] == path.name), None)


def cache() -> Path:
    """Return the folder of DVC's cache: ``dvc cache dir`` says it too, in a second."""
    for config in ("config.local", "config"):
        named = git("config", "--file", f".dvc/{config}", "--get", "cache.dir")
        if named:
            return Path(".dvc") / named.strip()
    return Path(".dvc/cache")


def _cached(md5: str) -> Path | None:
    file = cache() / "files/md5" / md5[:2] / md5[2:]
    return file if file.exists() else None


def resolve(spec: str) -> tuple[Place, str]:
    """Return the place and the start (``pretrained`` or ``intermediate``) that ``spec`` names.

    ``spec`` is ``workspace``, a folder, a DVC experiment or a git revision, followed by ``:pretrained`` for the arm
    without the intermediate step; ``pretrained`` and ``intermediate`` alone mean the workspace's.
    """
    name, _, start = spec.rpartition(":") if spec.rpartition(":")[2] in STARTS else (spec, "", "intermediate")
    if name in ("", *STARTS):
        return Place("workspace", Path()), name or start
    if name == "workspace":
        return Place(name, Path()), start
    if Path(name).is_dir():
        return Place(name, Path(name)), start
    known = experiments()
    commit = (
        known.get(name)
        or (git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}") or "").strip()
    )
    if not commit:
        raise _nobody(name, list(known))
    return Place(name, None, commit), start


def _nobody(name: str, known: Sequence[str]) -> CairnError:
    branches = (git("for-each-ref", "--format=%(refname:short)", "refs/heads", "refs/tags") or "").split()
    return unknown("experiment, revision or folder", name, ["workspace", *STARTS, *known, *branches], "compare")
