"""A task file as text: code that its user would keep, in the style of those in ``curation/tasks``."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from curation.cli._fields import Fields, Shape
from curation.cli._labels import Labels
from curation.rows.parts import Part
from curation.tasks import Source

WIDTH = 120
METRICS = {"pair": "accuracy", "choice": "accuracy", "span": "squad", "tags": "seqeval", "text": "accuracy"}
_SAYS = {
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
    metric: str
    fields: Fields
    labels: Labels
    shapes: Mapping[str, Shape]
    """How ``choices``, ``tokens``, ``tags`` and ``answers`` are stored."""
    sources: Mapping[str, Source]
    shown: str
    licence: str


def render(draft: Draft) -> str:
    """Return the text of the task file; it needs no formatting."""
    body = _body(draft)
    used = "\n".join(body)
    tasks = [
        name
        for name in ("Answer", "Example", "Reject", "Source", "Task")
        if name in ("Source", "Task") or f"{name}(" in used
    ]
    helper = _JSON if "_json(" in used else []
    return "\n".join(
        [
            f'"""{_title(draft.name)}: rows of {_safe(draft.shown)}. Begun by `curation new-task`; yours to edit."""',
            "",
            "from __future__ import annotations",
            "",
            *(["import json"] if helper else []),
            "from collections.abc import Mapping",
            "from typing import Any",
            "",
            f"from curation.rows import columns{', parts' if any(s.unfold for s in draft.sources.values()) else ''}",
            f"from curation.tasks import {', '.join(sorted({*tasks, 'Example', *(['Reject'] if helper else [])}))}",
            "",
            *_labels(draft.labels.names),
            *_task(draft),
            "",
            "",
            *body,
            *helper,
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
    lines = ["TASK = Task(", f'    kind="{draft.kind}",', f"    metric={text(draft.metric)},"]
    lines += [f"    {split}={_source(source)}," for split, source in draft.sources.items()]
    lines += ["    labels=LABELS,"] if draft.labels.names else []
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
        said += [f"unfold=parts.Part({one.low:g}, {one.high:g}, {text(str(one.column))})"]
    line = f"Source({', '.join(said)})"
    if len(line) + 13 <= WIDTH:
        return line
    return "Source(\n" + "".join(f"        {one},\n" for one in said) + "    )"


def _text(columns: Sequence[str]) -> str:
    if len(columns) == 1:
        return f"columns.text(row, {text(columns[0])})"
    return f'" ".join(columns.text(row, name) for name in {_tuple(columns)})'


def _value(column: str, fields: Mapping[str, Sequence[str]]) -> str:
    first, dot, rest = column.partition(".")
    return f"row[{text(first)}][{text(rest)}]" if dot else f"row[{text(column)}]"


def _body(draft: Draft) -> list[str]:
    """Return the lines of ``to_example``."""
    before, given, group = _PARTS[draft.kind](draft)
    says = _SAYS[draft.kind]
    if "group" in draft.fields:
        column = _value(draft.fields["group"][0], draft.fields)
        given["group"] = f"None if {column} is None else str({column})"
        says += f"; rows of one {_safe(draft.fields['group'][0])} belong together"
    elif group:
        given["group"] = group
        says += f"; rows of one {_safe(draft.fields[group][0])} belong together"
    if "key" in draft.fields:
        given["key"] = _value(draft.fields["key"][0], draft.fields)
    lines = ["def to_example(row: Mapping[str, Any]) -> Example:", f'    """{says}."""', *before]
    said = [f"{name}={value}" for name, value in given.items()]
    one = f"    return Example({', '.join(said)})"
    return (
        [*lines, one]
        if len(one) <= WIDTH
        else [*lines, "    return Example(", *(f"        {s}," for s in said), "    )"]
    )


Parts = tuple[list[str], dict[str, str], str]
"""Lines before the return, the arguments of ``Example``, and the variable that groups rows."""


def _pair(draft: Draft) -> Parts:
    column = text(draft.fields["label"][0])
    label = f"columns.label(row, {column}, LABELS)"
    if draft.labels.boolean:
        label = f"columns.index(None if row[{column}] is None else int(row[{column}]), LABELS, {column})"
    before = [f"    text_a = {_text(draft.fields['text_a'])}"]
    return before, {"text_a": "text_a", "text_b": _text(draft.fields["text_b"]), "label": label}, "text_a"


def _choice(draft: Draft) -> Parts:
    several, column = draft.fields["choices"], text(draft.fields["label"][0])
    if draft.shapes["choices"] == "columns":
        choices = [f"    choices = tuple(columns.text(row, name) for name in {_tuple(several)})"]
    elif draft.shapes["choices"] == "json":
        choices = [f"    choices = tuple(_json(row, {text(several[0])}))"]
    else:
        choices = [f"    choices = tuple({_value(several[0], draft.fields)} or ())"]
    label = {
        "zero": f"columns.label(row, {column}, [str(n) for n in range(len(choices))])",
        "one": f"columns.label(row, {column}, [str(n) for n in range(1, len(choices) + 1)])",
        "letters": f'columns.label(row, {column}, list("ABCDEFGHIJ"[: len(choices)]))',
        "text": f"columns.label(row, {column}, choices)",
    }[draft.labels.count]
    before = [f"    prompt = {_text(draft.fields['prompt'])}", *choices]
    return before, {"prompt": "prompt", "choices": "choices", "label": label}, "prompt"


def _span(draft: Draft) -> Parts:
    column = text(draft.fields["answers"][0])
    before = [f"    context = {_text(draft.fields['context'])}"]
    answers = "(Answer(answer, start),)"
    match draft.shapes["answers"]:
        case "squad":
            answers = f"columns.answers(row, {column})"
        case "json":
            answers = f'columns.answers({{"answers": _json(row, {column})}})'
        case "offset":
            start = _value(draft.fields["start"][0], draft.fields)
            before += [
                f"    answer, start = columns.text(row, {column}), {start}",
                "    if not str(start).isdecimal():",
                f"        raise Reject({text(draft.fields['start'][0] + ' is no number')})",
            ]
            answers = "(Answer(answer, int(start)),)"
        case _:
            before += [
                f"    answer = columns.text(row, {column})",
                "    if context.count(answer) != 1:",
                '        raise Reject("answer occurs twice" if answer in context else "answer not in context")',
            ]
            answers = "(Answer(answer, context.index(answer)),)"
    return before, {"question": _text(draft.fields["question"]), "context": "context", "answers": answers}, "context"


def _tags(draft: Draft) -> Parts:
    before: list[str] = []
    given = {}
    for name in ("tokens", "tags"):
        column = draft.fields[name][0]
        match draft.shapes[name]:
            case "list":
                read = _value(column, draft.fields)
            case "json":
                read = f"_json(row, {text(column)})"
            case _:
                read = f"columns.text(row, {text(column)}).split()"
        plain = draft.shapes[name] == "list" and name == "tags" and "." not in column
        given[name] = (
            f"columns.tags(row, {text(column)}, LABELS)" if plain
            else f'columns.tags({{"tags": {read}}}, "tags", LABELS)' if name == "tags"
            else f"tuple({read})" if draft.shapes[name] != "list" else f"tuple({read} or ())"
        )  # fmt: skip
    return before, given, ""


def _plain(draft: Draft) -> Parts:
    return [], {"text": _text(draft.fields["text"])}, ""


_PARTS = {"pair": _pair, "choice": _choice, "span": _span, "tags": _tags, "text": _plain}
_JSON = [
    "",
    "",
    "def _json(row: Mapping[str, Any], column: str) -> Any:",
    '    """Return the list or mapping that ``column`` holds as text."""',
    "    try:",
    "        return json.loads(columns.text(row, column))",
    "    except ValueError:",
    '        raise Reject(f"{column} is no JSON") from None',
]
