"""A task file as text: code that its user would keep, in the style of those in ``curation/tasks``."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from curation.cli.drafting.answer_key import names_of
from curation.cli.drafting.cell_shapes import Shape
from curation.cli.drafting.field_columns import Fields
from curation.cli.drafting.reading import Reading
from curation.core.task import Source
from curation.rows.parts import Part

WIDTH = 120
_SAYS = {
    "classify": "Return one text",
    "pair": "Return one pair of texts",
    "choice": "Return one question with its choices",
    "span": "Return one question with its paragraph",
    "tags": "Return one sentence, a tag a word",
    "text": "Return one text",
}


@dataclass(frozen=True)
class Draft:
    """All that a task file says."""

    name: str
    kind: str
    fields: Fields
    reading: Reading
    sources: Mapping[str, Source]
    shown: str
    licence: str


def render(draft: Draft) -> str:
    """Return the text of the task file; it needs no formatting."""
    body = _body(draft)
    used = "\n".join(body)
    modules = [name for name in ("cells", "columns", "options", "spans") if re.search(rf'(?<![\w".]){name}\.', used)]
    modules += ["parts"] if any(source.unfold for source in draft.sources.values()) else []
    return "\n".join(
        [
            f'"""{_title(draft.name)}: rows of {_safe(draft.shown)}. Begun by `curation new-task`; yours to edit."""',
            "",
            "from __future__ import annotations",
            "",
            "from collections.abc import Mapping",
            "from typing import Any",
            "",
            *([f"from curation.rows import {', '.join(sorted(modules))}"] if modules else []),
            "from curation.tasks import Example, Source, Task",
            "",
            *_labels(draft.reading.labels),
            *_task(draft),
            "",
            "",
            *body,
            "",
        ]
    )


def _title(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _safe(text: str) -> str:
    """Return ``text`` as a docstring may hold it, whatever a file is called."""
    kept = "".join(c if c.isprintable() and c not in '\\"' else "?" for c in text)
    return kept if len(kept) <= 40 else f"...{kept[-37:]}"


def text(value: str) -> str:
    r"""Return ``value`` as a Python literal.

    >>> print(text('a "b"\n'))
    "a \"b\"\n"
    """
    return json.dumps(value, ensure_ascii=not value.isprintable())


def _tuple(values: Sequence[str]) -> str:
    return f"({', '.join(map(text, values))}{',' if len(values) == 1 else ''})"


def _labels(names: Sequence[str]) -> list[str]:
    if not names:
        return []
    line = f"LABELS = {_tuple(names)}"
    if len(line) <= WIDTH:
        return [line, ""]
    lines, row = [], "   "
    for name in names:
        if len(row) + len(text(name)) + 2 > WIDTH:
            lines.append(row)
            row = "   "
        row += f" {text(name)},"
    return ["LABELS = (", *lines, row, ")  # fmt: skip", ""]


def _task(draft: Draft) -> list[str]:
    lines = ["TASK = Task(", f'    kind="{draft.kind}",', f"    metric={text(draft.reading.metric)},"]
    lines += [f"    {split}={_source(source)}," for split, source in draft.sources.items()]
    lines += ["    labels=LABELS,"] if draft.reading.labels else []
    lines += ["    symmetric=True,"] if draft.reading.symmetric else []
    lines += ["    parallel=True,"] if draft.reading.parallel else []
    return [*lines, f"    licence={text(draft.licence)},", ")"]


def _source(source: Source) -> str:
    said = [text(source.repo)]
    if source.config == "default":
        said += [f"split={text(source.split)}"] if source.split != "train" else []
    else:
        said += [text(source.config), text(source.split)]
    said += [f"languages={_tuple(source.languages)}"] if source.languages != ("en",) else []
    if isinstance(source.unfold, Part):
        one = source.unfold
        said += [f"unfold=parts.Part({one.low:g}, {one.high:g}, {_columns(one.column)})"]
    line = f"Source({', '.join(said)})"
    if len(line) + 13 <= WIDTH:
        return line
    return "Source(\n" + "".join(f"        {one},\n" for one in said) + "    )"


def _columns(value: str | tuple[str, ...] | None) -> str:
    return _tuple(value) if isinstance(value, tuple) else text(str(value))


def _text(columns: Sequence[str]) -> str:
    if len(columns) == 1:
        return f"columns.text(row, {text(columns[0])})"
    return f'" ".join(columns.text(row, name) for name in {_tuple(columns)})'


def _value(column: str) -> str:
    return f"columns.at(row, {text(column)})" if "." in column else f"row[{text(column)}]"


def _body(draft: Draft) -> list[str]:
    """Return the lines of ``to_example``."""
    before, given, group = _PARTS[draft.kind](draft)
    says = _SAYS[draft.kind]
    if "group" in draft.fields:
        column = _value(draft.fields["group"][0])
        given["group"] = f"None if {column} is None else str({column})"
        says += f"; rows of one {_safe(draft.fields['group'][0])} belong together"
    elif group:
        several = draft.fields[group]
        given["group"] = group if len(several) == 1 else _text(several[:1])
        says += f"; rows of one {_safe(several[0])} belong together"
    if "key" in draft.fields:
        given["key"] = _value(draft.fields["key"][0])
    lines = ["def to_example(row: Mapping[str, Any]) -> Example:", f'    """{says}."""', *before]
    said = [f"{name}={value}" for name, value in given.items()]
    one = f"    return Example({', '.join(said)})"
    return (
        [*lines, one]
        if len(one) <= WIDTH
        else [*lines, "    return Example(", *(f"        {s}," for s in said), "    )"]
    )


Parts = tuple[list[str], dict[str, str], str]
"""Lines before the return, the arguments of ``Example``, and the field whose first column groups rows."""


def _pair(draft: Draft) -> Parts:
    before = [f"    text_a = {_text(draft.fields['text_a'])}"]
    label = f"columns.label(row, {text(draft.fields['label'][0])}, LABELS)"
    return before, {"text_a": "text_a", "text_b": _text(draft.fields["text_b"]), "label": label}, "text_a"


def _choice(draft: Draft) -> Parts:
    several, column = draft.fields["choices"], text(draft.fields["label"][0])
    match draft.reading.shapes["choices"]:
        case "columns":
            read = f"columns.at(row, name) for name in {_tuple(several)}"
        case "json":
            read = f"cells.parsed(row, {text(several[0])})"
        case _:
            read = _value(several[0])
    before = [f"    prompt = {_text(draft.fields['prompt'])}"]
    if draft.reading.shapes.get("prompt") == "cause":
        premise, asked = (_text([name]) for name in draft.fields["prompt"])
        before = [f"    premise, asked = {premise}, {asked}", '    prompt = f"{premise} What was the {asked}?"']
    before += [f"    choices = options.filled({read})"]
    names = names_of(draft.fields)
    label = (
        f'options.right(row, {column}, {_value(names)} or (), "text")' if draft.reading.key == "name" and names
        else f"options.right(row, {column}, choices, {text(draft.reading.key)})"
    )  # fmt: skip
    return before, {"prompt": "prompt", "choices": "choices", "label": label}, "prompt"


def _span(draft: Draft) -> Parts:
    column = draft.fields["answers"][0]
    flag, empty = (", unanswerable=True", ", empty=[]") if draft.reading.unanswerable else ("", "")
    match draft.reading.shapes["answers"]:
        case "squad":
            answers = f"columns.answers(row, {text(column)})"
        case "json":
            answers = f'columns.answers({{"answers": cells.parsed(row, {text(column)}{empty})}})'
        case "offset":
            answers = f"spans.beside(row, {text(column)}, {text(draft.fields['start'][0])}{flag})"
        case "search json":
            answers = f"spans.search(cells.parsed(row, {text(column)}{empty}), context)"
        case _:
            answers = f"spans.search({_value(column)}, context{flag})"
    before = [f"    context = {_text(draft.fields['context'])}"]
    return before, {"question": _text(draft.fields["question"]), "context": "context", "answers": answers}, "context"


def _tags(draft: Draft) -> Parts:
    tokens, tags = draft.fields["tokens"][0], draft.fields["tags"][0]
    given = {"tokens": f"tuple({_several(tokens, draft.reading.shapes['tokens'])})"}
    given["tags"] = (
        f"columns.tags(row, {text(tags)}, LABELS)" if draft.reading.shapes["tags"] == "list"
        else f"columns.indices({_several(tags, draft.reading.shapes['tags'])}, LABELS, {text(tags)})"
    )  # fmt: skip
    return [], given, ""


def _several(column: str, shape: Shape) -> str:
    """Return the expression of a column that holds a list."""
    match shape:
        case "list":
            return f"{_value(column)} or ()"
        case "json":
            return f"cells.parsed(row, {text(column)})"
    return f"columns.text(row, {text(column)}).split()"


def _plain(draft: Draft) -> Parts:
    given = {"text": _text(draft.fields["text"])}
    if "label" in draft.fields:
        given["label"] = f"columns.label(row, {text(draft.fields['label'][0])}, LABELS)"
    return [], given, ""


_PARTS = {"classify": _plain, "pair": _pair, "choice": _choice, "span": _span, "tags": _tags, "text": _plain}
