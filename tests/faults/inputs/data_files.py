"""Data files for ``curation new-task --from``: name to the file's name and bytes."""

from __future__ import annotations

import codecs
import datetime
import decimal
import io
import json
import struct
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

Made = tuple[str, bytes]
NLI = [
    {"premise": f"Dog number {n} runs.", "hypothesis": f"Animal {n} moves.", "label": ("yes", "no")[n % 2]}
    for n in range(12)
]
SPAN = [
    {"question": f"When {n}?", "context": f"It was built in {1900 + n}.", "answer": f"{1900 + n}", "start": 16}
    for n in range(12)
]
HEAD = "premise,hypothesis,label"
LINES = [f"{row['premise']},{row['hypothesis']},{row['label']}" for row in NLI]


def _csv(*lines: str, end: str = "\n", encoding: str = "utf-8", head: str = HEAD) -> bytes:
    return end.join([head, *lines, ""]).encode(encoding)


def _jsonl(rows: list[Any]) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def _raw(*lines: bytes) -> bytes:
    return b"\n".join([*(json.dumps(row).encode() for row in NLI), *lines, b""])


def _parquet(table: pa.Table, **options: Any) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink, **options)
    return sink.getvalue()


def _with(name: str, column: pa.Array, **metadata: bytes) -> bytes:
    table = pa.Table.from_pylist(NLI).append_column(name, column)
    return _parquet(table.replace_schema_metadata({k.encode(): v for k, v in metadata.items()} or None))


def _huggingface(value: bytes) -> bytes:
    return _parquet(pa.Table.from_pylist(NLI).replace_schema_metadata({b"huggingface": value}))


def _numbered(names: Any) -> bytes:
    rows = [{**row, "label": n % 3} for n, row in enumerate(NLI)]
    facts = {"info": {"features": {"label": {"_type": "ClassLabel", "names": names}}}}
    return _parquet(pa.Table.from_pylist(rows).replace_schema_metadata({b"huggingface": json.dumps(facts).encode()}))


def _changed(**changes: Any) -> bytes:
    return _jsonl([{**NLI[0], **changes}, *NLI[1:]])


def _all(**changes: Any) -> bytes:
    return _jsonl([{**row, **changes} for row in NLI])


def _spans(**changes: Any) -> bytes:
    return _jsonl([{**SPAN[0], **changes}, *SPAN[1:]])


def _tags(**changes: Any) -> bytes:
    rows = [{"tokens": ["Ann", "runs", str(n)], "tags": ["B-PER", "O", "O"]} for n in range(12)]
    return _jsonl([{**rows[0], **changes}, *rows[1:]])


def _choices(**changes: Any) -> bytes:
    rows = [{"question": f"What {n}?", "choices": ["a", "b", "c"], "label": n % 3} for n in range(12)]
    return _jsonl([{**rows[0], **changes}, *rows[1:]])


def _squad(**changes: Any) -> bytes:
    answers = [{"text": "1889", "answer_start": 16}]
    questions = [{"id": str(n), "question": f"When {n}?", "answers": answers, **changes} for n in range(12)]
    paragraphs = [{"context": "It was built in 1889.", "qas": questions}]
    return json.dumps({"version": "1.1", "data": [{"title": "Tower", "paragraphs": paragraphs}]}).encode()


def _date(year: int) -> pa.Array:
    days = (datetime.date(9999, 12, 31) - datetime.date(1970, 1, 1)).days
    return pa.array([days + (year - 9999) * 366] * len(NLI), pa.int32()).cast(pa.date32())


def _nested(levels: int) -> pa.Array:
    found = pa.array([1] * len(NLI))
    for _ in range(levels):
        found = pa.StructArray.from_arrays([found], ["x"])
    return found


LONG = "word " * 60_000
DEEP = b"[" * 100_000 + b"]" * 100_000
BOM16 = codecs.BOM_UTF16_LE + _csv(*LINES, encoding="utf-16-le")

CASES: dict[str, Callable[[], Made]] = {
    # separated values
    "csv with ;": lambda: ("a.csv", _csv(*LINES).replace(b",", b";")),
    "csv with ; and quoted names": lambda: (
        "a.csv",
        _csv(*(f'"{line}"'.replace(",", '";"') for line in LINES), head='"premise";"hypothesis";"label"'),
    ),
    "csv with ; and decimal commas": lambda: (
        "a.csv",
        _csv(*(x.replace(",", ";") + ";0,5" for x in LINES), head=HEAD.replace(",", ";") + ";w"),
    ),
    "csv with |": lambda: ("a.csv", _csv(*LINES).replace(b",", b"|")),
    "csv with ; and a comma in a name": lambda: (
        "a.csv",
        _csv(*(line.replace(",", ";") for line in LINES), head="premise;hypothesis;label (yes,no)"),
    ),
    "csv with a nameless column and its name": lambda: (
        "a.csv",
        _csv(*(f"{n},{x},0" for n, x in enumerate(LINES)), head=f",{HEAD},column_1"),
    ),
    "csv with a name composed and decomposed": lambda: (
        "a.csv",
        _csv(*(f"{x},1,2" for x in LINES), head=f"{HEAD},caf\u00e9,cafe\u0301"),
    ),
    "csv with carriage returns and bad UTF-8": lambda: (
        "a.csv",
        _csv(*LINES, "caf\u00e9,b,yes", end="\r", encoding="latin-1"),
    ),
    "csv with labels with unseen characters": lambda: (
        "a.csv",
        _csv(*LINES, "a,b,yes\u200b", "c,d,\u200eno"),
    ),
    "csv with labels of two widths": lambda: ("a.csv", _csv(*LINES, "a,b,\uff59es")),
    "csv with tabs": lambda: ("a.csv", _csv(*LINES).replace(b",", b"\t")),
    "tsv with commas": lambda: ("a.tsv", _csv(*LINES)),
    "csv with sep= line": lambda: ("a.csv", b"sep=,\n" + _csv(*LINES)),
    "csv with a nameless column": lambda: ("a.csv", _csv(*(f"{n},{x}" for n, x in enumerate(LINES)), head=f",{HEAD}")),
    "csv with two nameless columns": lambda: ("a.csv", _csv(*(f"{x},1,2" for x in LINES), head=f"{HEAD},,")),
    "csv with a name twice": lambda: ("a.csv", _csv(*LINES, head="premise,premise,label")),
    "csv with blank names": lambda: ("a.csv", _csv(*LINES, head=" , ,label")),
    "csv without a header": lambda: ("a.csv", "\n".join(LINES).encode()),
    "csv of a header only": lambda: ("a.csv", _csv()),
    "csv empty": lambda: ("a.csv", b""),
    "csv of blank lines": lambda: ("a.csv", b"\n\n\n"),
    "csv with blank lines between": lambda: ("a.csv", _csv(*(f"{x}\n" for x in LINES))),
    "csv with too many cells": lambda: ("a.csv", _csv(*LINES, "a,b,c,d,e")),
    "csv with too few cells": lambda: ("a.csv", _csv(*LINES, "a,b")),
    "csv with an open quote": lambda: ("a.csv", _csv(*LINES, '"a,b,c')),
    "csv with a stray quote": lambda: ("a.csv", _csv(*LINES, 'a "b" c,d,yes', '"a" b,c,no')),
    "csv with carriage returns": lambda: ("a.csv", _csv(*LINES, end="\r")),
    "csv with mixed line ends": lambda: (
        "a.csv",
        (HEAD + "\r\n" + "\n".join(LINES[:6]) + "\r\n" + "\r".join(LINES[6:])).encode(),
    ),
    "csv with a carriage return in a cell": lambda: ("a.csv", _csv(*LINES, '"a\rb",c,yes')),
    "csv with NUL": lambda: ("a.csv", _csv(*LINES, "a\0b,c,yes")),
    "csv in latin-1": lambda: ("a.csv", _csv(*LINES, "café,b,yes", encoding="latin-1")),
    "csv in UTF-16": lambda: ("a.csv", BOM16),
    "csv in UTF-16 without a mark": lambda: ("a.csv", _csv(*LINES, encoding="utf-16-le")),
    "csv in UTF-32": lambda: ("a.csv", _csv(*LINES, encoding="utf-32")),
    "csv with a byte-order mark": lambda: ("a.csv", codecs.BOM_UTF8 + _csv(*LINES)),
    "csv with a mark twice": lambda: ("a.csv", codecs.BOM_UTF8 * 2 + _csv(*LINES)),
    "csv with a huge cell": lambda: ("a.csv", _csv(*LINES, f"{LONG},b,yes")),
    "csv with 3,000 columns": lambda: (
        "a.csv",
        _csv(*(x + ",1" * 3000 for x in LINES), head=HEAD + "".join(f",c{n}" for n in range(3000))),
    ),
    "csv with other unicode line ends": lambda: ("a.csv", _csv(*LINES, "a\u2028b,c\x85d,yes")),
    "csv of one column": lambda: ("a.csv", _csv(*(row["premise"] for row in NLI), head="text")),
    "csv with one label": lambda: ("a.csv", _csv(*(x.rsplit(",", 1)[0] + ",yes" for x in LINES))),
    "csv with a label a row": lambda: ("a.csv", _csv(*(x.rsplit(",", 1)[0] + f",l{n}" for n, x in enumerate(LINES)))),
    "csv without labels": lambda: ("a.csv", _csv(*(x.rsplit(",", 1)[0] + "," for x in LINES))),
    "csv with labels in two cases": lambda: ("a.csv", _csv(*LINES, "a,b,YES", "c,d,No")),
    "csv with formulas": lambda: ("a.csv", _csv(*LINES, "=1+1,@x,yes", "\t=1,-2,no")),
    "csv with zero-width text": lambda: ("a.csv", _csv(*LINES, "\u200b,\ufeff,yes")),
    "csv whose end is cut": lambda: ("a.csv", _csv(*LINES)[:-20]),
    "csv with bad UTF-8 in a name": lambda: ("a.csv", b"premise,hypoth\xe9sis,label\na,b,yes\n"),
    "csv that is a zip": lambda: ("a.csv", b"PK\x03\x04" + bytes(range(256)) * 4),
    "csv that is gzip": lambda: ("a.csv", b"\x1f\x8b\x08\x00" + bytes(range(256))),
    "csv that is a web page": lambda: ("a.csv", b"<!DOCTYPE html><html><body>404: Not Found</body></html>\n"),
    "csv that is an LFS pointer": lambda: (
        "a.csv",
        b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 12\n",
    ),
    "tsv with quotation marks": lambda: ("a.tsv", _csv(*LINES, '"a,b",c,yes').replace(b",", b"\t")),
    "tsv with an open quote": lambda: ("a.tsv", _csv(*LINES, '"a,b,yes').replace(b",", b"\t")),
    "tsv with carriage returns": lambda: ("a.tsv", _csv(*LINES, end="\r").replace(b",", b"\t")),
    # json lines
    "jsonl empty": lambda: ("a.jsonl", b""),
    "jsonl of blanks": lambda: ("a.jsonl", b" \n\t\n"),
    "jsonl with a list": lambda: ("a.jsonl", _raw(b"[1, 2]")),
    "jsonl with a number": lambda: ("a.jsonl", _raw(b"7")),
    "jsonl with null": lambda: ("a.jsonl", _raw(b"null")),
    "jsonl with text": lambda: ("a.jsonl", _raw(b'"a"')),
    "jsonl that is json": lambda: ("a.jsonl", json.dumps(NLI, indent=1).encode()),
    "jsonl whose end is cut": lambda: ("a.jsonl", _raw()[:-20]),
    "jsonl with a comma after a row": lambda: (
        "a.jsonl",
        _raw(b'{"premise": "a", "hypothesis": "b", "label": "yes"},'),
    ),
    "jsonl with two rows a line": lambda: ("a.jsonl", _raw(b'{"premise": "a"}{"premise": "b"}')),
    "jsonl with a name twice": lambda: (
        "a.jsonl",
        _raw(b'{"premise": "a", "premise": "b", "hypothesis": "c", "label": "yes"}'),
    ),
    "jsonl with a name twice inside": lambda: (
        "a.jsonl",
        _raw(b'{"premise": "a", "hypothesis": "c", "label": "yes", "x": {"y": 1, "y": 2}}'),
    ),
    "jsonl with half a surrogate": lambda: (
        "a.jsonl",
        _raw(b'{"premise": "a\\ud83d", "hypothesis": "c", "label": "yes"}'),
    ),
    "jsonl with half a surrogate in a label": lambda: (
        "a.jsonl",
        _raw(b'{"premise": "a", "hypothesis": "c", "label": "\\ud83d"}'),
    ),
    "jsonl with half a surrogate in a name": lambda: (
        "a.jsonl",
        _raw(b'{"premise": "a", "hypothesis": "c", "label": "yes", "\\ud83d": 1}'),
    ),
    "jsonl with bad UTF-8": lambda: ("a.jsonl", _raw(b'{"premise": "caf\xe9", "hypothesis": "c", "label": "yes"}')),
    "jsonl with NaN": lambda: ("a.jsonl", _raw(b'{"premise": "a", "hypothesis": "c", "label": NaN}')),
    "jsonl with infinity": lambda: ("a.jsonl", _raw(b'{"premise": "a", "hypothesis": "c", "label": Infinity}')),
    "jsonl with a huge number": lambda: ("a.jsonl", _raw(b'{"premise": "a", "hypothesis": "c", "label": 1e999}')),
    "jsonl with a number of 5,000 digits": lambda: (
        "a.jsonl",
        _raw(b'{"premise": "a", "hypothesis": "c", "label": %s}' % (b"9" * 5000)),
    ),
    "jsonl with a deep list": lambda: (
        "a.jsonl",
        _raw(b'{"premise": "a", "hypothesis": "c", "label": "yes", "x": %s}' % DEEP),
    ),
    "jsonl with a deep object": lambda: (
        "a.jsonl",
        _raw(
            b'{"premise": "a", "hypothesis": "c", "label": "yes", "x": %s}' % (b'{"y":' * 50_000 + b"1" + b"}" * 50_000)
        ),
    ),
    "jsonl with a list of 900 levels": lambda: (
        "a.jsonl",
        _raw(b'{"premise": "a", "hypothesis": "c", "label": "yes", "x": %s}' % (b"[" * 900 + b"]" * 900)),
    ),
    "jsonl with single quotes": lambda: ("a.jsonl", _raw(b"{'premise': 'a'}")),
    "jsonl with a control character": lambda: (
        "a.jsonl",
        _raw(b'{"premise": "a\x01", "hypothesis": "c", "label": "yes"}'),
    ),
    "jsonl with an empty name": lambda: ("a.jsonl", _all(**{"": 1})),
    "jsonl with a name with dots": lambda: ("a.jsonl", _all(**{"a.b": 1, "a": {"b": 2}})),
    "jsonl with empty objects": lambda: ("a.jsonl", b"{}\n" * 12),
    "jsonl with other columns in every row": lambda: ("a.jsonl", _jsonl([{f"c{n}": n} for n in range(12)])),
    "jsonl with carriage returns": lambda: ("a.jsonl", _jsonl(NLI).replace(b"\n", b"\r")),
    "jsonl in UTF-16": lambda: ("a.jsonl", _jsonl(NLI).decode().encode("utf-16")),
    "jsonl with a byte-order mark": lambda: ("a.jsonl", codecs.BOM_UTF8 + _jsonl(NLI)),
    "jsonl with a premise that is a number": lambda: ("a.jsonl", _changed(premise=3)),
    "jsonl with a premise that is a list": lambda: ("a.jsonl", _changed(premise=["a"])),
    "jsonl with a premise that is null": lambda: ("a.jsonl", _changed(premise=None)),
    "jsonl with a label that is a list": lambda: ("a.jsonl", _changed(label=["yes"])),
    "jsonl with a label that is an object": lambda: ("a.jsonl", _changed(label={"a": 1})),
    "jsonl with labels that are lists": lambda: ("a.jsonl", _all(label=["yes"])),
    "jsonl with labels that are objects": lambda: ("a.jsonl", _all(label={"name": "yes"})),
    "jsonl with labels of two types": lambda: ("a.jsonl", _changed(label=1)),
    "jsonl with labels that are true": lambda: ("a.jsonl", _changed(label=True)),
    "jsonl with labels with decimals": lambda: (
        "a.jsonl",
        _jsonl([{**row, "label": n / 12} for n, row in enumerate(NLI)]),
    ),
    "jsonl with labels composed and decomposed": lambda: (
        "a.jsonl",
        _jsonl([{**row, "label": ("ja", "caf\u00e9", "cafe\u0301")[n % 3]} for n, row in enumerate(NLI)]),
    ),
    "jsonl with a group that is a number": lambda: (
        "a.jsonl",
        _jsonl([{**row, "group": n % 4} for n, row in enumerate(NLI)]),
    ),
    "jsonl with a group that is a list": lambda: ("a.jsonl", _all(group=[1])),
    "jsonl with ids that are lists": lambda: ("a.jsonl", _all(id=["a"])),
    "jsonl with one id": lambda: ("a.jsonl", _all(id=1)),
    "jsonl with a text of 300,000 characters": lambda: ("a.jsonl", _changed(premise=LONG)),
    # json
    "json empty": lambda: ("a.json", b""),
    "json of an empty list": lambda: ("a.json", b"[]"),
    "json of an empty object": lambda: ("a.json", b"{}"),
    "json of a number": lambda: ("a.json", b"7"),
    "json of columns": lambda: ("a.json", json.dumps({"premise": ["a"], "hypothesis": ["b"]}).encode()),
    "json of split names": lambda: ("a.json", json.dumps({"train": NLI, "test": NLI}).encode()),
    "json of a list of lists": lambda: ("a.json", b"[[1], [2]]"),
    "json of a deep list": lambda: ("a.json", DEEP),
    "json that is jsonl": lambda: ("a.json", _jsonl(NLI)),
    "json whose end is cut": lambda: ("a.json", json.dumps(NLI).encode()[:-9]),
    "json with data that is no list": lambda: ("a.json", b'{"data": {"a": 1}}'),
    "json with a name twice": lambda: (
        "a.json",
        b'[{"premise": "a", "premise": "b", "hypothesis": "c", "label": "yes"}]',
    ),
    "json with half a surrogate": lambda: ("a.json", json.dumps(NLI).replace("Dog", "\\ud83dDog").encode()),
    "json of squad": lambda: ("a.json", _squad()),
    "json of squad, one article": lambda: ("a.json", json.dumps(json.loads(_squad())["data"][0]).encode()),
    "json of squad, articles alone": lambda: ("a.json", json.dumps(json.loads(_squad())["data"]).encode()),
    "json of squad, paragraphs alone": lambda: (
        "a.json",
        json.dumps({"data": json.loads(_squad())["data"][0]["paragraphs"]}).encode(),
    ),
    "json of squad with an article null": lambda: (
        "a.json",
        json.dumps({"data": [*json.loads(_squad())["data"], None]}).encode(),
    ),
    "json of squad with a name twice": lambda: ("a.json", _squad().replace(b'"title"', b'"title": "x", "title"')),
    "json of squad with half a surrogate": lambda: ("a.json", _squad().replace(b"When 3?", b"When \\ud83d?")),
    "jsonl of squad": lambda: ("a.jsonl", _jsonl(json.loads(_squad())["data"])),
    "jsonl of mrqa": lambda: (
        "a.jsonl",
        _jsonl(
            [{"header": {"dataset": "x"}}, {"id": "1", "context": "a", "qas": [{"question": "b", "answers": ["a"]}]}]
        ),
    ),
    "json of squad without answers": lambda: ("a.json", _squad(answers=[])),
    "json of squad with answers null": lambda: ("a.json", _squad(answers=None)),
    "json of squad with answers of text": lambda: ("a.json", _squad(answers="1889")),
    "json of squad with questions null": lambda: ("a.json", _squad(question=None)),
    "json of squad without qas": lambda: ("a.json", b'{"data": [{"title": "a", "paragraphs": [{"context": "a"}]}]}'),
    "json of squad with paragraphs null": lambda: ("a.json", b'{"data": [{"title": "a", "paragraphs": null}]}'),
    "json of squad with paragraphs of text": lambda: ("a.json", b'{"data": [{"title": "a", "paragraphs": ["a"]}]}'),
    # spans, tags, choices
    "span with a boolean offset": lambda: ("a.jsonl", _spans(start=True)),
    "span with an offset of text": lambda: ("a.jsonl", _spans(start="16")),
    "span with an offset that is no number": lambda: ("a.jsonl", _spans(start="x")),
    "span with an offset null": lambda: ("a.jsonl", _spans(start=None)),
    "span with an offset NaN": lambda: ("a.jsonl", _spans(start=float("nan"))),
    "span with an offset of 1e300": lambda: ("a.jsonl", _spans(start=1e300)),
    "span with an offset below 0": lambda: ("a.jsonl", _spans(start=-3)),
    "span with an offset outside": lambda: ("a.jsonl", _spans(start=10**12)),
    "span with an answer of a number": lambda: ("a.jsonl", _spans(answer=1900)),
    "span with answers null": lambda: ("a.jsonl", _jsonl([{**row, "answer": None} for row in SPAN])),
    "span with answers without offsets": lambda: (
        "a.jsonl",
        _jsonl([{**row, "answers": {"text": ["1900"]}} for row in SPAN]),
    ),
    "span with answers of text": lambda: ("a.jsonl", _jsonl([{**row, "answers": "1900"} for row in SPAN])),
    "span with answers of numbers": lambda: ("a.jsonl", _jsonl([{**row, "answers": [1900]} for row in SPAN])),
    "span with answers that are lists of lists": lambda: (
        "a.jsonl",
        _jsonl([{**row, "answers": [["1900", 16]]} for row in SPAN]),
    ),
    "span with a boolean offset in answers": lambda: (
        "a.jsonl",
        _jsonl(
            [
                {
                    "question": "q",
                    "context": row["context"],
                    "answers": {"text": [row["answer"]], "answer_start": [True]},
                }
                for row in SPAN
            ]
        ),
    ),
    "span with offsets null": lambda: (
        "a.jsonl",
        _jsonl(
            [
                {"question": "q", "context": row["context"], "answers": {"text": [row["answer"]], "answer_start": None}}
                for row in SPAN
            ]
        ),
    ),
    "span with a context null": lambda: ("a.jsonl", _spans(context=None)),
    "tags of text": lambda: ("a.jsonl", _tags(tags="O O O")),
    "tags too few": lambda: ("a.jsonl", _tags(tags=["O"])),
    "tags null": lambda: ("a.jsonl", _tags(tags=None)),
    "tags with null": lambda: ("a.jsonl", _tags(tags=["O", None, "O"])),
    "tags that are lists": lambda: ("a.jsonl", _tags(tags=[["O"], "O", "O"])),
    "tokens empty": lambda: ("a.jsonl", _tags(tokens=[], tags=[])),
    "tokens null": lambda: ("a.jsonl", _tags(tokens=None)),
    "tokens with null": lambda: ("a.jsonl", _tags(tokens=["a", None, "b"])),
    "tokens that are numbers": lambda: ("a.jsonl", _tags(tokens=[1, 2, 3])),
    "tokens of text": lambda: ("a.jsonl", _tags(tokens="a b c")),
    "tokens in python": lambda: ("a.jsonl", _tags(tokens="['a', 'b', 'c']")),
    "tokens in a deep list": lambda: ("a.jsonl", _tags(tokens="[" * 5000)),
    "tokens as numpy prints them": lambda: ("a.jsonl", _tags(tokens="['a' 'b' 'c']")),
    "choices null": lambda: ("a.jsonl", _choices(choices=None)),
    "choices one": lambda: ("a.jsonl", _choices(choices=["a"])),
    "choices of text": lambda: ("a.jsonl", _choices(choices="a|b|c")),
    "choices of numbers": lambda: ("a.jsonl", _choices(choices=[1, 2, 3])),
    "choices of lists": lambda: ("a.jsonl", _choices(choices=[["a"], ["b"], ["c"]])),
    "choices with a label outside": lambda: ("a.jsonl", _choices(label=7)),
    "choices with a boolean label": lambda: ("a.jsonl", _choices(label=True)),
    "choices with a label that is a list": lambda: ("a.jsonl", _choices(label=[1])),
    # parquet
    "parquet empty": lambda: ("a.parquet", b""),
    "parquet of its mark only": lambda: ("a.parquet", b"PAR1"),
    "parquet of its marks only": lambda: ("a.parquet", b"PAR1" + struct.pack("<I", 4) + b"PAR1"),
    "parquet that is text": lambda: ("a.parquet", _csv(*LINES)),
    "parquet whose end is cut": lambda: ("a.parquet", _parquet(pa.Table.from_pylist(NLI))[:-40]),
    "parquet whose front is cut": lambda: ("a.parquet", _parquet(pa.Table.from_pylist(NLI))[40:]),
    "parquet with bytes changed": lambda: (
        "a.parquet",
        (b := _parquet(pa.Table.from_pylist(NLI)))[:30] + b"\xff" * 20 + b[50:],
    ),
    "parquet with a wrong footer length": lambda: (
        "a.parquet",
        (b := _parquet(pa.Table.from_pylist(NLI)))[:-8] + b"\xff\xff\xff\x7f" + b[-4:],
    ),
    "parquet without rows": lambda: ("a.parquet", _parquet(pa.Table.from_pylist(NLI).slice(0, 0))),
    "parquet without columns": lambda: ("a.parquet", _parquet(pa.table({}))),
    "parquet with a date beyond 9999": lambda: ("a.parquet", _with("day", _date(12000))),
    "parquet with a date before 1": lambda: ("a.parquet", _with("day", _date(-3000))),
    "parquet with a time beyond 9999": lambda: (
        "a.parquet",
        _with("at", pa.array([2**62] * 12, pa.int64()).cast(pa.timestamp("us"))),
    ),
    "parquet with nanoseconds": lambda: (
        "a.parquet",
        _with("at", pa.array([1] * 12, pa.int64()).cast(pa.timestamp("ns"))),
    ),
    "parquet with an unknown time zone": lambda: (
        "a.parquet",
        _with("at", pa.array([1] * 12, pa.int64()).cast(pa.timestamp("us", "Mars/Base"))),
    ),
    "parquet with durations": lambda: (
        "a.parquet",
        _with("took", pa.array([2**62] * 12, pa.int64()).cast(pa.duration("s"))),
    ),
    "parquet with a list of dates beyond 9999": lambda: (
        "a.parquet",
        _with("days", pa.ListArray.from_arrays(pa.array(range(13), pa.int32()), _date(12000))),
    ),
    "parquet with a struct of times beyond 9999": lambda: (
        "a.parquet",
        _with("at", pa.StructArray.from_arrays([pa.array([2**62] * 12, pa.int64()).cast(pa.timestamp("us"))], ["t"])),
    ),
    "parquet with a map of dates beyond 9999": lambda: (
        "a.parquet",
        _with("m", pa.MapArray.from_arrays(pa.array(range(13), pa.int32()), pa.array(["a"] * 12), _date(12000))),
    ),
    "parquet with a struct of an unknown time zone": lambda: (
        "a.parquet",
        _with("at", pa.StructArray.from_arrays([pa.array([1] * 12).cast(pa.timestamp("us", "Mars/Base"))], ["t"])),
    ),
    "parquet with two parts of one name": lambda: (
        "a.parquet",
        _with("s", pa.StructArray.from_arrays([pa.array([1] * 12), pa.array([2] * 12)], ["a", "a"])),
    ),
    "parquet nested 90 levels deep": lambda: ("a.parquet", _with("d", _nested(90))),
    "parquet nested 400 levels deep": lambda: ("a.parquet", _with("d", _nested(400))),
    "parquet with bad UTF-8 beside a date beyond 9999": lambda: (
        "a.parquet",
        _parquet(
            pa.Table.from_pylist(NLI)
            .append_column("day", _date(12000))
            .append_column(
                "t", pa.StringArray.from_buffers(12, *pa.array([b"caf\xe9"] * 12, pa.binary()).buffers()[1:])
            )
        ),
    ),
    "parquet with decimals": lambda: ("a.parquet", _with("price", pa.array([decimal.Decimal("1.50")] * 12))),
    "parquet with bytes": lambda: ("a.parquet", _with("raw", pa.array([b"\xff\x00"] * 12))),
    "parquet with a map": lambda: (
        "a.parquet",
        _with("m", pa.array([[("a", 1)]] * 12, pa.map_(pa.string(), pa.int64()))),
    ),
    "parquet with a dictionary": lambda: ("a.parquet", _with("d", pa.array(["a"] * 12).dictionary_encode())),
    "parquet with nulls only": lambda: ("a.parquet", _with("n", pa.nulls(12))),
    "parquet with half floats": lambda: ("a.parquet", _with("f", pa.array(np.zeros(12, np.float16)))),
    "parquet with nested lists": lambda: ("a.parquet", _with("l", pa.array([[[["a"]]]] * 12))),
    "parquet with bad UTF-8": lambda: (
        "a.parquet",
        _with("t", pa.StringArray.from_buffers(12, *pa.array([b"caf\xe9"] * 12, pa.binary()).buffers()[1:])),
    ),
    "parquet with a name twice": lambda: (
        "a.parquet",
        _parquet(pa.table([pa.array(["a", "b"])] * 3, names=["premise", "premise", "label"])),
    ),
    "parquet with an empty name": lambda: ("a.parquet", _with("", pa.array([1] * 12))),
    "parquet with metadata that is no JSON": lambda: ("a.parquet", _huggingface(b"{")),
    "parquet with metadata that is no UTF-8": lambda: ("a.parquet", _huggingface(b"\xff\xfe")),
    "parquet with metadata that is a list": lambda: ("a.parquet", _huggingface(b"[1]")),
    "parquet with metadata that is null": lambda: ("a.parquet", _huggingface(b"null")),
    "parquet with info that is null": lambda: ("a.parquet", _huggingface(b'{"info": null}')),
    "parquet with features that are a list": lambda: ("a.parquet", _huggingface(b'{"info": {"features": [1]}}')),
    "parquet with features that are null": lambda: ("a.parquet", _huggingface(b'{"info": {"features": null}}')),
    "parquet with a feature that is text": lambda: (
        "a.parquet",
        _huggingface(b'{"info": {"features": {"label": "x"}}}'),
    ),
    "parquet with class names that are a number": lambda: ("a.parquet", _numbered(3)),
    "parquet with class names that are numbers": lambda: ("a.parquet", _numbered([0, 1, 2])),
    "parquet with class names that are null": lambda: ("a.parquet", _numbered([None, None])),
    "parquet with class names that are an object": lambda: ("a.parquet", _numbered({"a": 0})),
    "parquet with class names that are too few": lambda: ("a.parquet", _numbered(["a"])),
    "parquet with class names of a column that is not there": lambda: (
        "a.parquet",
        _huggingface(b'{"info": {"features": {"z": {"_type": "ClassLabel", "names": ["a"]}}}}'),
    ),
    # a word a line
    "conll in latin-1": lambda: ("a.conll", "EU B-ORG\ncaf\u00e9 O\n".encode("latin-1")),
    "conll in UTF-16": lambda: ("a.conll", "EU B-ORG\ncaf\u00e9 O\n".encode("utf-16")),
    "conll with carriage returns": lambda: ("a.conll", "".join(f"EU B-ORG\rx{n} O\r\r" for n in range(12)).encode()),
    # other
    "a file without a suffix": lambda: ("a", _csv(*LINES)),
    "a file with a capital suffix": lambda: ("a.CSV", _csv(*LINES)),
    "a workbook": lambda: ("a.xlsx", b"PK\x03\x04" + bytes(64)),
    "a packed file": lambda: ("a.jsonl.gz", b"\x1f\x8b\x08\x00" + bytes(64)),
    "an arrow file": lambda: ("a.arrow", b"ARROW1\x00\x00" + bytes(64)),
    "a file with a name with blanks": lambda: ("my data (1).csv", _csv(*LINES)),
    "a file with a name with quotes": lambda: ("a'b\"c.csv", _csv(*LINES)),
    "a file with a name with braces": lambda: ("a.{lang}.csv", _csv(*LINES)),
    "a file with a name of other letters": lambda: ("数据 ü.csv", _csv(*LINES)),
}
"""Name to a function that makes the file."""
