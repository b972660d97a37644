"""Review sheets: rows to be looked at, written for a spreadsheet, a script, Argilla or Label Studio, and read back."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from curation.core import strict_json
from curation.core.errors import CairnError, unknown
from curation.core.output import csv_lines, safe_cell, unguarded
from curation.review import VERDICTS

Sheet = list[dict[str, Any]]
"""One dict a row: ``task``, ``id``, ``row`` (fingerprint), the texts, ``given``, ``suggested``, ``flags``, ``why``,
``quality``, and what a person fills in: :data:`FILLED`."""
FILLED = ("decision", "new_label", "note", "author", "time")
_KEPT = ("task", "id", "row")
_FACTS = ("given", "suggested", "flags", "why", "quality")


def to_csv(sheet: Sheet, labels: Sequence[str]) -> str:
    """Return the sheet as CSV for spreadsheets, with the mark that tells them it is UTF-8."""
    names = list(sheet[0]) if sheet else [*_KEPT, *_FACTS, *FILLED]
    rows = ([safe_cell(_plain(row[name])) for name in names] for row in sheet)
    return "\ufeff" + csv_lines([names, *rows], "\r\n")


def _plain(value: Any) -> Any:
    return ", ".join(map(str, value)) if isinstance(value, list) else value


def from_csv(text: str) -> Iterable[Mapping[str, Any]]:
    """Yield the rows of a sheet that a spreadsheet saved, whatever it separates columns with."""
    first = text.removeprefix("\ufeff").split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    limit = csv.field_size_limit(sys.maxsize)  # a text may be longer than the 128 KiB that csv allows
    try:
        reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=delimiter)
        names = list(reader.fieldnames or ())
        if twice := [name for name in names if name and names.count(name) > 1]:
            raise ValueError(f"two columns are called {twice[0]!r}")
        for row in reader:
            yield {name: unguarded(value) if isinstance(value, str) else value for name, value in row.items() if name}
    except csv.Error as error:
        raise ValueError(error) from None
    finally:
        csv.field_size_limit(limit)


def to_jsonl(sheet: Sheet, labels: Sequence[str]) -> str:
    """Return one JSON object a line."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in sheet)


def from_jsonl(text: str) -> Iterable[Mapping[str, Any]]:
    """Yield the objects of JSON lines; only a line feed ends one (JSON may hold U+2028 as it is)."""
    yield from (strict_json.loads(line) for line in text.split("\n") if line.strip())


def to_argilla(sheet: Sheet, labels: Sequence[str]) -> str:
    """Return records as Argilla 2 reads them (``dataset.records.from_json``).

    The data set needs the text fields named in ``fields``, a label question ``decision`` (keep, relabel, drop, unsure)
    and a text question ``new_label`` that is not required.
    """
    made = []
    for row in sheet:
        texts = {name: value for name, value in row.items() if name not in (*_KEPT, *_FACTS, *FILLED)}
        suggested = {"decision": {"value": "relabel"}, "new_label": {"value": row["suggested"]}}
        made.append(
            {
                "id": row["id"],
                "fields": {**{name: str(_plain(value)) for name, value in texts.items()}, "given": str(row["given"])},
                "metadata": {name: _plain(row[name]) for name in (*_KEPT, "flags", "quality")},
                "suggestions": suggested if row["suggested"] is not None else {},
                "responses": {},
                "vectors": {},
            }
        )
    return json.dumps(made, ensure_ascii=False, indent=1) + "\n"


def from_argilla(found: Sequence[Mapping[str, Any]]) -> Iterable[Mapping[str, Any]]:
    """Yield what was answered in Argilla: the first response to each question."""
    for one in found:
        said = {name: several[0] for name, several in (one.get("responses") or {}).items() if several}
        kept = {name: one["metadata"].get(name) for name in _KEPT}
        author = next((str(answer.get("user_id") or "") for answer in said.values()), "")
        yield {**kept, "author": author, **{name: answer["value"] for name, answer in said.items() if name in FILLED}}


def to_label_studio(sheet: Sheet, labels: Sequence[str]) -> str:
    """Return tasks for import into Label Studio; its labelling interface is :func:`label_studio_interface`."""
    made = []
    for row in sheet:
        suggested = [_chosen("decision", "relabel"), _typed("new_label", str(row["suggested"]))]
        data = {name: "" if value is None else _plain(value) for name, value in row.items() if name not in FILLED}
        made.append({"data": data, "predictions": [{"result": suggested}] if row["suggested"] is not None else []})
    return json.dumps(made, ensure_ascii=False, indent=1) + "\n"


def _chosen(name: str, value: str) -> dict[str, Any]:
    return {"from_name": name, "to_name": "text", "type": "choices", "value": {"choices": [value]}}


def _typed(name: str, value: str) -> dict[str, Any]:
    return {"from_name": name, "to_name": "text", "type": "textarea", "value": {"text": [value]}}


def from_label_studio(found: Sequence[Mapping[str, Any]]) -> Iterable[Mapping[str, Any]]:
    """Yield what was annotated in Label Studio (export format JSON): the last annotation of each task."""
    for one in found:
        annotations = [a for a in one.get("annotations") or () if not a.get("was_cancelled")]
        said: dict[str, Any] = {}
        for result in annotations[-1]["result"] if annotations else ():
            values = result["value"].get("choices") or result["value"].get("text") or [""]
            said[result["from_name"]] = values if isinstance(values, str) else values[0]
        who = annotations[-1].get("completed_by") if annotations else ""
        told = who.get("email", "") if isinstance(who, dict) else str(who or "")
        time = (annotations[-1].get("created_at") or "") if annotations else ""
        yield {**{name: one["data"].get(name) for name in _KEPT}, "author": told, "time": time, **said}


def label_studio_interface(texts: Sequence[str]) -> str:
    """Return the labelling interface (XML) for rows with the fields ``texts``."""
    shown = "".join(f'\n  <Header value="{name}"/>\n  <Text name="{name}_" value="${name}"/>' for name in texts)
    choices = "".join(f'<Choice value="{verdict}"/>' for verdict in VERDICTS)
    return (
        f'<View>{shown}\n  <Text name="text" value="Given: $given. Suggested: $suggested. $why"/>\n'
        f'  <Choices name="decision" toName="text" choice="single" showInLine="true">{choices}</Choices>\n'
        '  <TextArea name="new_label" toName="text" maxSubmissions="1" placeholder="new label"/>\n</View>\n'
    )


FORMATS: Mapping[str, tuple[Callable[[Sheet, Sequence[str]], str], str]] = {
    "csv": (to_csv, ".csv"),
    "jsonl": (to_jsonl, ".jsonl"),
    "argilla": (to_argilla, ".json"),
    "labelstudio": (to_label_studio, ".json"),
}
"""Name to how a sheet is written, and the usual suffix."""


def read(file: Path) -> list[Mapping[str, Any]]:
    """Return the rows of a filled sheet in any of :data:`FORMATS`; raise :class:`CairnError` when it is none."""
    try:
        text = file.read_text(encoding="utf-8-sig")
        if file.suffix == ".csv":
            found = list(from_csv(text))
        elif file.suffix == ".jsonl":
            found = list(from_jsonl(text))
        elif file.suffix == ".json":
            value = strict_json.loads(text)
            found = list(from_argilla(value) if value and "fields" in value[0] else from_label_studio(value))
        else:
            raise unknown("suffix", file.suffix, (".csv", ".jsonl", ".json"), str(file))
    except FileNotFoundError:
        raise CairnError(f"there is no file {file}. Write one: curation export TASK --review --to {file}") from None
    except UnicodeDecodeError:
        raise CairnError(f"{file} is not valid UTF-8. Save the sheet as CSV UTF-8.") from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CairnError(f"{file} is no review sheet ({type(error).__name__}: {error}).") from None
    for row in found:
        if not isinstance(row, dict):
            raise CairnError(f"{file} is no review sheet: {str(row)[:40]!r} is no row with names.")
        if not strict_json.whole(row):
            raise CairnError(f"{file}: the row of {row.get('id')!r} holds half a surrogate pair, which is no text.")
    if found and not all(name in found[0] for name in _KEPT):
        lacking = ", ".join(name for name in _KEPT if name not in found[0])
        raise CairnError(
            f"{file} is no review sheet: it lacks the column {lacking}. Keep the columns {', '.join(_KEPT)} of what "
            "`curation export TASK --review` wrote; they tell which rows the decisions are about."
        )
    return found
