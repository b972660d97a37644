"""What a user brings to ``curation new-task``: rows of a file, of a saved ``datasets`` folder, or of the hub."""

from __future__ import annotations

import glob
import json
import os
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from curation.cli.drafting import published
from curation.core import files, mirror
from curation.core.errors import CairnError, unknown
from curation.core.task import Source
from curation.fetch.sources import Bundled, data
from curation.language import codes
from curation.rows import local, tables
from curation.rows.local import SUFFIXES

if TYPE_CHECKING:
    import pyarrow as pa

DEV = ("validation", "dev", "valid", "val", "validation_matched", "eval")
_HUB = re.compile(r"[\w.-]+/[\w.-]+")


@dataclass(frozen=True)
class Given:
    """The rows of one split, and how its task file will name them."""

    rows: list[tables.Row]
    shown: str
    """What the user called it."""
    file: Path | None = None
    """A file to copy or to link, with ``{lang}`` where there is one per language."""
    table: pa.Table | None = None
    """Rows to write as parquet: those of a saved folder."""
    lines: bool = False
    """The rows themselves are to be written, as JSON lines: a part of a file."""
    numbers: Sequence[int] = ()
    """The line of each row in the user's file, counted from 1; none in parquet and in a list of JSON."""
    source: Source | None = None
    """Set for the hub: rows that stay where they are."""
    by_lang: Mapping[str, list[tables.Row]] = field(default_factory=dict)
    """Language to its rows, for a file name with ``{lang}``."""
    codes: Mapping[str, str] = field(default_factory=dict)
    """Language to how the name of its file spells it."""
    notes: tuple[str, ...] = ()
    """What the user should know about how it was found."""
    classes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Column to class names in the order of their numbers, where the files know them."""

    @property
    def columns(self) -> list[str]:
        """The columns, in the order of their first row."""
        return list(dict.fromkeys(name for row in self.rows for name in row or ()))

    @property
    def readable(self) -> list[Mapping[str, Any]]:
        """The rows whose text is valid UTF-8."""
        return [row for row in self.rows if row is not None]

    @property
    def per_file(self) -> list[list[Mapping[str, Any]]]:
        """The readable rows of each language apart."""
        several = list(self.by_lang.values()) or [self.rows]
        return [[row for row in rows if row is not None] for rows in several]


def read(spec: str, config: str | None, split: str | None) -> dict[str, Given]:
    """Return the splits found under ``spec``, named ``train``, ``dev`` and ``test``; there is always ``train``.

    Raises :class:`CairnError` when it is no file, no saved folder and no hub id, and for a split it does not have.
    """
    path = Path(spec)
    if path.is_file():
        return {"train": file(spec)}
    if path.is_dir():
        return _named(_saved(path), split, spec)
    if _HUB.fullmatch(spec) and not spec.endswith(SUFFIXES):
        return _hub(spec, config, split)
    raise CairnError(
        f"--from: there is no file {spec}. Allowed: {', '.join(SUFFIXES)}, a folder, or a hub id org/name."
    )


def other(first: str, spec: str, config: str | None, flag: str) -> Given:
    """Return what ``--dev`` or ``--test`` names: a file, a saved folder, or a split of what ``--from`` names."""
    if "{lang}" in spec:
        return _many(spec, flag)
    if Path(spec).is_file():
        return file(spec)
    if Path(spec).is_dir():
        return _of_use(_saved(Path(spec)), spec, flag)
    if Path(first).is_dir():
        saved = _saved(Path(first))
        if spec not in saved:
            raise unknown("split", spec, saved, flag)
        return saved[spec]
    if Path(first).is_file():
        raise CairnError(f"{flag}: there is no file {spec}.")
    return _from_hub(first, config, spec, flag)


def file(spec: str) -> Given:
    """Return the rows of one file; raise :class:`CairnError` for a suffix that fetch does not read."""
    path = Path(spec)
    if path.suffix in published.CONLL:
        return Given(published.conll(path), spec, lines=True)
    if path.suffix not in SUFFIXES:
        raise CairnError(
            f"{spec}: unknown suffix {path.suffix!r}. Allowed: {', '.join(SUFFIXES)}, or a folder of datasets."
        )
    known = tables.classes([path]) if path.suffix == ".parquet" else {}
    rows, lines = local.read_lines(path)
    if path.suffix in (".json", ".jsonl") and published.is_squad(rows):
        return Given(published.squad(rows, path), spec, lines=True)
    return Given(rows, spec, file=path, numbers=lines, classes=known)


def _many(spec: str, flag: str) -> Given:
    path = Path(spec)
    if "{lang}" in str(path.parent) or path.name.count("{lang}") != 1:
        raise CairnError(f"{flag} {spec}: write {{lang}} once, in the file name: test.{{lang}}.csv.")
    before, after = path.name.split("{lang}")
    pattern = f"{glob.escape(before)}*{glob.escape(after)}"
    there = [one.name for one in sorted(path.parent.glob(pattern)) if one.is_file() and one.name[0] != "."]
    spelt = [name[len(before) : len(name) - len(after)] for name in there if len(name) > len(before) + len(after)]
    found = codes.short(spelt)
    if not found:
        seen = f" There is {', '.join(there[:5])}; " if there else " "
        raise CairnError(
            f"{flag} {spec}: there is no such file for any language.{seen}{{lang}} stands for a code, such as en, "
            "pt-BR or zho_Hans."
        )
    by_lang = {lang: local.read(path.with_name(f"{before}{code}{after}")) for code, lang in found.items()}
    nested = all(published.is_squad(rows) for rows in by_lang.values())
    if nested:
        by_lang = {lang: published.squad(rows, path) for lang, rows in by_lang.items()}
    every = [row for rows in by_lang.values() for row in rows]
    named = {lang: code for code, lang in found.items()}
    notes = _language_notes(named, [code for code in spelt if code not in found], path, flag)
    return Given(
        every, spec, file=None if nested else path, lines=nested, by_lang=by_lang, codes=named, notes=tuple(notes)
    )


def _language_notes(named: Mapping[str, str], passed: Sequence[str], path: Path, flag: str) -> list[str]:
    """Say which files are called otherwise than their language, and which ones were not read."""
    other = [f"{path.name.replace('{lang}', code)} is {lang}" for lang, code in named.items() if lang != code]
    found = [f"{flag}: languages by their usual codes: {'; '.join(other)}."] if other else []
    for code in passed:
        same = codes.standard(code)
        why = f"is {same}, as another file is" if same else f"holds no code of a language ({code!r})"
        found.append(f"{flag}: {path.name.replace('{lang}', code)} was not read: it {why}.")
    return found


def _saved(folder: Path) -> dict[str, Given]:
    """Return the splits of a folder that ``datasets`` saved, under their own names."""
    if not any((folder / name).is_file() for name in ("dataset_dict.json", "state.json")):
        raise CairnError(
            f"{folder} is no folder saved by datasets.save_to_disk. Name the file in it: one of {', '.join(SUFFIXES)}."
        )
    try:
        import datasets
    except ImportError:
        raise CairnError(
            f"{folder} was saved by the library datasets, which is not installed. Type: pip install datasets"
        ) from None
    loaded = datasets.load_from_disk(str(folder))
    splits = dict(loaded) if isinstance(loaded, datasets.DatasetDict) else {"train": loaded}
    found = {}
    for name, one in splits.items():
        table = one.with_format("arrow")[:].replace_schema_metadata(one.features.arrow_schema.metadata)
        with tempfile.TemporaryDirectory() as aside:  # read back as fetch will: class names for class numbers
            files.write_parquet(Path(aside) / "rows.parquet", table)
            rows = tables.read([Path(aside) / "rows.parquet"])
            known = tables.classes([Path(aside) / "rows.parquet"])
        shown = f"{folder}, {name}" if isinstance(loaded, datasets.DatasetDict) else str(folder)
        found[str(name)] = Given(rows, shown, table=table, classes=known)
    return found


def _named(found: Mapping[str, Given], split: str | None, spec: str) -> dict[str, Given]:
    """Return ``train``, and ``dev`` and ``test`` where a usual name says which they are."""
    if split is not None and split not in found:
        raise unknown("split", split, found, f"--split, {spec}")
    return {use: found[name] for use, name in _uses(list(found), split, spec).items()}


def _uses(there: Sequence[str], split: str | None, spec: str) -> dict[str, str]:
    """Return the names of the splits to use as ``train``, and as ``dev`` and ``test`` where usual names say which.

    Raises :class:`CairnError` when none is called train and ``split`` names none: a test set is nothing to train on
    unasked.

    >>> _uses(["test", "train", "validation"], None, "org/own")
    {'train': 'train', 'dev': 'validation', 'test': 'test'}
    """
    if split is None and "train" not in there:
        some = next((name for name in there if name != "test"), "test")
        raise CairnError(
            f"{spec} has no split train, but: {', '.join(there)}. Name the one to train on: --split {some}"
        )
    train = (split or "train").split("+")
    for name in train:
        if name not in there:
            raise unknown("split", name, there, f"--split, {spec}")
    dev = next((name for name in DEV if name in there and name not in train), None)
    test = "test" if "test" in there and "test" not in train else None
    found = {"train": "+".join(train), "dev": dev, "test": test}
    return {use: name for use, name in found.items() if name is not None}


def _of_use(found: Mapping[str, Given], spec: str, flag: str) -> Given:
    """Return the split of a saved folder that ``--dev`` or ``--test`` means: the one there is, or the one so called."""
    usual = DEV if flag == "--dev" else ("test",)
    name = next(iter(found)) if len(found) == 1 else next((one for one in usual if one in found), None)
    if name is None:
        raise CairnError(
            f"{flag} {spec}: none of its splits, {', '.join(found)}, is called {' or '.join(usual[:2])}. Save the one "
            f"that is meant alone: DatasetDict[...].save_to_disk"
        )
    return found[name]


def _hub(repo: str, config: str | None, split: str | None) -> dict[str, Given]:
    near = mirror.folder()
    if near is None:
        found = {"train": _from_hub(repo, config, split or "train", "--split")}
        try:
            return found | {"dev": _from_hub(repo, config, "validation", "--dev")}
        except CairnError:
            return found
    there = tables.configs(near / repo)
    if config is None and there:
        config = "default" if "default" in there else next(iter(there)) if len(there) == 1 else None
        if config is None:
            names = ", ".join(list(there)[:12]) + (f" and {len(there) - 12} more" if len(there) > 12 else "")
            raise CairnError(f"{repo} has several configs: {names}. Name one: --config {next(iter(there))}")
    splits = there.get(str(config), [])
    wanted = _uses(splits, split, f"{repo}, {config}") if splits else {"train": split or "train"}
    return {use: _from_hub(repo, config, name, "--split") for use, name in wanted.items()}


def _from_hub(repo: str, config: str | None, split: str, flag: str) -> Given:
    if config is None and (near := mirror.folder()) is not None and len(there := tables.configs(near / repo)) == 1:
        config = next(iter(there))
    source = Source(repo, config or "default", split)
    try:
        loaded = data.rows(source, "en", {}, Bundled(None, 0))
    except CairnError as error:
        raise CairnError(f"{error}\nConfig and split are named by --config and {flag}.") from None
    return Given(loaded.rows, f"{repo}, {source.config}, {split}", source=source, classes=loaded.classes)


def put(given: Given, split: str, name: str, folder: Path, lang: str, made: list[Path], *, link: bool) -> Source:
    """Return the source of one split as the task file names it; files written under ``folder`` go to ``made``."""
    if given.source is not None:
        return replace(given.source, languages=(lang,))
    langs = tuple(given.by_lang) or (lang,)
    if given.file is not None:
        inside = Path(os.path.relpath(given.file, folder))
        as_spelt = all(lang == code for lang, code in given.codes.items())
        if as_spelt and ".." not in inside.parts and not inside.is_absolute():
            return Source(f"file:{inside.as_posix()}", split=split, languages=langs)
    suffix = ".jsonl" if given.lines else ".parquet" if given.file is None else given.file.suffix
    wanted = f"{split}.{{lang}}{suffix}" if given.by_lang else f"{split}{suffix}"
    for one in langs:
        to = folder / name / wanted.replace("{lang}", one)
        if to.exists() or to.is_symlink():
            raise CairnError(f"{to} exists already. Choose another name, remove it, or read it in place: --from {to}")
        to.parent.mkdir(parents=True, exist_ok=True)
        made.append(to)
        if given.lines:
            rows = given.by_lang.get(one, given.rows)
            files.write_text(to, "".join(f"{_line(row)}\n" for row in rows))
        elif given.table is not None:
            files.write_parquet(to, given.table)
        elif given.file is not None:
            _copy(given.file.with_name(given.file.name.replace("{lang}", given.codes.get(one, one))), to, link=link)
    return Source(f"file:{name}/{wanted}", split=split, languages=langs)


def _line(row: tables.Row) -> str:
    """Return ``row`` as JSON; one that is not valid as a line that is read as such, so that it is counted."""
    return '{"": "\\ud83d"}' if row is None else json.dumps(row, ensure_ascii=False, default=str)


def _copy(file: Path, to: Path, *, link: bool) -> None:
    if link:
        to.symlink_to(file.resolve())
        return
    with files.replacing(to) as aside:
        shutil.copyfile(file, aside)
