"""What an export says of itself: a data card for people, Croissant for machines."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from curation.core import files, kinds, params, paths
from curation.core.task import Task

if TYPE_CHECKING:
    from curation.api.export import Written

CATEGORIES = {
    "classify": "text-classification", "pair": "text-classification", "choice": "multiple-choice",
    "span": "question-answering", "tags": "token-classification", "text": "text-generation",
}  # fmt: skip
"""Kind to the hub's name of the task."""
_NAMES = {
    "id": "the row's name in Cairn, made of its content", "lang": "language",
    "quality": "0 to 1, 1 = best", "weight": "quality over its mean in this part: for a weighted loss; 1 on average",
    "flags": "what was found, and nobody cleared", "why": "the flags in words",
    "decision": "what a person decided about the row, if anybody did", "reason": "why the row was left out",
}  # fmt: skip


def _origin(name: str) -> dict[str, Any]:
    manifest = paths.fetched("intermediate", name) / "manifest.json"
    found: dict[str, Any] = files.read_json(manifest) if manifest.exists() else {}
    return found


def _sources(name: str) -> list[str]:
    """Return the files or data sets that the rows came from, and what names their content."""
    found = []
    for split, languages in _origin(name).get("splits", {}).items():
        for facts in languages.values():
            hashes = facts.get("files") or facts.get("hashes") or {}
            mark = facts.get("revision") or ", ".join(str(value)[:12] for value in hashes.values())
            found.append(f"{split}: {facts.get('source')}" + (f" ({mark})" if mark else ""))
    return list(dict.fromkeys(found))


def version() -> str:
    """Return the version of Cairn."""
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as installed

    try:
        return installed("cairn")
    except PackageNotFoundError:
        return "unknown"


def text(name: str, task: Task, parts: Mapping[str, pa.Table], told: Written, configs: Sequence[str] = ()) -> str:
    """Return README.md: what is here, where it came from, and what was left out and why.

    ``configs``: the parts that stand in the layout of the hub.
    """
    lines = ["---", *_header(name, task, configs), "---", "", f"# {name}, curated", ""]
    lines += [
        f"{told.rows:,} of {told.of:,} train rows of `{name}` ({kinds.KINDS[task.kind].says}), chosen with Cairn "
        f"{version()}. Nothing is lost: the other {told.of - told.rows:,} are in `left_out`, each with its reason.",
        "",
        "| part | rows |",
        "| --- | ---: |",
        *(f"| {part} | {found.num_rows:,} |" for part, found in parts.items()),
        "",
        "## Left out, and why",
        "",
        *([f"- {count:,} {_md(reason)}" for reason, count in told.reasons.items()] or ["Nothing."]),
        "",
    ]
    dropped = _origin(name).get("rows_dropped", 0)
    if dropped:
        lines += [f"{dropped:,} rows of the source could not be used at all and are not counted above.", ""]
    if told.corrected:
        lines += [f"{told.corrected:,} rows have a label that people corrected (`decision` is `relabel`).", ""]
    if told.labels:
        lines += ["## Labels", "", "| label | rows |", "| --- | ---: |"]
        lines += [f"| {_md(label)} | {count:,} |" for label, count in sorted(told.labels.items())] + [""]
    lines += ["## Columns", ""]
    own = [c for c in parts["train"].column_names if c not in _NAMES and c not in dict(kinds.KINDS[task.kind].fields)]
    lines += [f"- `{column}`: {_NAMES[column]}" for column in parts["left_out"].column_names if column in _NAMES]
    lines += [f"- as brought: {', '.join(f'`{_md(column)}`' for column in own)}"] if own else []
    lines += ["", "Flags come from models and rules. They are hints, and some are wrong.", "", "## Source", ""]
    lines += [f"- {_md(source)}" for source in _sources(name)]
    lines += [f"- licence: {_md(task.licence)}"] + ([f"- citation: {_md(task.citation)}"] if task.citation else [])
    lines += [f"- parameters: sha256 {files.sha256(params.path())}"] if params.path().exists() else []
    return "\n".join(lines) + "\n"


def _md(value: str) -> str:
    return re.sub(r"([\\`*\[\]|<>])", r"\\\1", " ".join(str(value).split()))


def _header(name: str, task: Task, configs: Sequence[str]) -> list[str]:
    """Return the YAML that the hub reads."""
    import json

    languages = sorted(task.train.languages) if task.train is not None else ["en"]
    lines = [f"pretty_name: {json.dumps(f'{name}, curated')}", f"language: {json.dumps(languages)}",
             f"license_name: {json.dumps(task.licence)}", "license: other",
             f"task_categories: [{CATEGORIES.get(task.kind, 'other')}]"]  # fmt: skip
    if not configs:
        return lines
    return [
        *lines,
        "configs:",
        "- config_name: default",
        "  data_files:",
        *(f"  - {{split: {part}, path: data/{part}-*}}" for part in configs if part != "left_out"),
        *(
            ["- config_name: left_out", "  data_files:", "  - {split: train, path: left_out/train-*}"]
            if "left_out" in configs
            else []
        ),
    ]


def croissant(name: str, task: Task, parts: Mapping[str, pa.Table], told: Written, folder: Path) -> dict[str, Any]:
    """Return Croissant 1.0 metadata of a folder in the layout of the hub, with what it was made from."""
    written = sorted(folder.glob("*/*.parquet"))
    distribution = [
        {
            "@type": "cr:FileObject", "@id": (at := file.relative_to(folder).as_posix()), "name": at,
            "contentUrl": at, "encodingFormat": "application/x-parquet",
            "sha256": files.sha256(file), "contentSize": f"{file.stat().st_size} B",
        }
        for file in written
    ]  # fmt: skip
    sets = {"data/train": "train", "data/validation": "validation", "left_out/train": "left_out"}
    record_sets = []
    for file in written:
        at = file.relative_to(folder).as_posix()
        part = sets[at.removesuffix("-00000-of-00001.parquet")]
        record_sets.append({"@type": "cr:RecordSet", "@id": part, "name": part, "key": {"@id": f"{part}/id"},
                            "field": [_field(part, at, field) for field in parts[part].schema]})  # fmt: skip
    return {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "name": name,
        "description": f"{told.rows} of {told.of} rows of {name}, chosen with Cairn {version()}; the others too.",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "version": "1.0.0",
        "license": task.licence,
        "url": task.train.repo if task.train is not None else name,
        **({"citeAs": task.citation} if task.citation else {}),
        "isBasedOn": _sources(name),
        "distribution": distribution,
        "recordSet": record_sets,
    }


def _field(part: str, file: str, field: pa.Field) -> dict[str, Any]:
    type_, repeated = field.type, False
    if pa.types.is_list(type_):
        type_, repeated = type_.value_type, True
    name = (
        "sc:Integer" if pa.types.is_integer(type_) else "sc:Float" if pa.types.is_floating(type_)
        else "sc:Boolean" if pa.types.is_boolean(type_) else "sc:Text"
    )  # fmt: skip
    return {
        "@type": "cr:Field", "@id": f"{part}/{field.name}", "name": f"{part}/{field.name}", "dataType": name,
        **({"repeated": True} if repeated else {}),
        "source": {"fileObject": {"@id": file}, "extract": {"column": field.name}},
    }  # fmt: skip


CONTEXT: Mapping[str, Any] = {
    "@language": "en", "@vocab": "https://schema.org/", "citeAs": "cr:citeAs", "column": "cr:column",
    "conformsTo": "dct:conformsTo", "cr": "http://mlcommons.org/croissant/", "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"}, "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/", "examples": {"@id": "cr:examples", "@type": "@json"}, "extract": "cr:extract",
    "field": "cr:field", "fileProperty": "cr:fileProperty", "fileObject": "cr:fileObject", "fileSet": "cr:fileSet",
    "format": "cr:format", "includes": "cr:includes", "isLiveDataset": "cr:isLiveDataset", "jsonPath": "cr:jsonPath",
    "key": "cr:key", "md5": "cr:md5", "parentField": "cr:parentField", "path": "cr:path", "recordSet": "cr:recordSet",
    "references": "cr:references", "regex": "cr:regex", "repeated": "cr:repeated", "replace": "cr:replace",
    "sc": "https://schema.org/", "separator": "cr:separator", "source": "cr:source", "subField": "cr:subField",
    "transform": "cr:transform",
}  # fmt: skip
"""The JSON-LD context of Croissant 1.0."""
