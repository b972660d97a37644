"""The hub: one snapshot of one commit, from the conversion branch where a repository holds a script and no parquet."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from curation.core import mirror
from curation.core.errors import CairnError
from curation.rows import tables

CONVERTED = "refs/convert/parquet"
"""The branch in which the hub keeps its own parquet copy; scripts of a data set are never run."""


@dataclass(frozen=True)
class Snapshot:
    """Files of one split at one commit."""

    files: tuple[Path, ...]
    """Parquet shards in order."""
    revision: str
    """The 40-hex commit they were taken from."""
    branch: str | None
    """``refs/convert/parquet`` when that branch served them, else ``None``."""


def split(repo: str, config: str, name: str, revision: str | None) -> Snapshot:
    """Return the parquet files of one split of a data set, downloaded unless the hub's cache has them.

    ``revision`` is a commit, or ``None`` for the newest, whose commit is returned. With ``HF_HUB_OFFLINE=1`` only the
    cache is asked. Raises :class:`CairnError` when neither the repository nor its conversion branch has the split.
    """
    wanted = ["README.md", f"{config}/{name}-*.parquet", f"{config}/{name}/*.parquet"]
    folder = _snapshot(repo, revision, wanted)
    if found := tables.shards(folder, config, name):
        return Snapshot(tuple(found), _commit(folder, repo), None)
    if named := tables.patterns(folder, config, name):  # the README places the files elsewhere
        folder = _snapshot(repo, _commit(folder, repo), ["README.md", *named])
        if found := tables.shards(folder, config, name):
            return Snapshot(tuple(found), _commit(folder, repo), None)
    try:
        converted = _snapshot(repo, CONVERTED, wanted[1:])
    except CairnError:
        converted = None
    if converted is not None and (found := tables.shards(converted, config, name)):
        return Snapshot(tuple(found), _commit(converted, repo), CONVERTED)
    raise CairnError(
        f"data set {repo!r} has no parquet of config {config!r}, split {name!r}: looked in commit "
        f"{_commit(folder, repo)} and in the branch {CONVERTED}. Loading scripts are never run. See "
        f"https://huggingface.co/datasets/{repo}/tree/main for the names it has and correct the task file, or convert "
        "the split yourself and name it as `file:path.parquet`."
    )


def _snapshot(repo: str, revision: str | None, wanted: Sequence[str]) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    try:
        folder = snapshot_download(
            repo,
            repo_type="dataset",
            revision=revision,
            allow_patterns=list(wanted),
            local_files_only=mirror.offline(),
        )
    except LocalEntryNotFoundError:
        why = "HF_HUB_OFFLINE is set" if mirror.offline() else "the hub did not answer"
        raise CairnError(
            f"data set {repo!r} (revision {revision or 'newest'}) is not in the local hub cache, and nothing was "
            f"downloaded because {why}. Run once with the network, or name a mirror: export CAIRN_HUB_MIRROR=<folder>"
        ) from None
    except (HfHubHTTPError, OSError) as error:
        raise CairnError(
            f"data set {repo!r} (revision {revision or 'newest'}) cannot be fetched from the hub: "
            f"{(str(error).strip().splitlines() or [type(error).__name__])[0].rstrip('.')}. Check the name and the "
            "revision in the task file; for a gated data set type: hf auth login"
        ) from None
    return Path(folder)


def _commit(folder: Path, repo: str) -> str:
    if not re.fullmatch(r"[0-9a-f]{40}", folder.name):
        raise CairnError(f"data set {repo!r}: {folder} is not named after a commit, so no revision can be recorded.")
    return folder.name
