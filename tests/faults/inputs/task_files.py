"""Task files as people write them: name to the bytes of ``tasks/own.py``, and to other files beside it."""

from __future__ import annotations

import json
from collections.abc import Mapping

ROWS = "".join(
    json.dumps({"premise": f"Dog number {n} runs.", "hypothesis": f"Animal {n} moves.", "label": ("no", "yes")[n % 2]})
    + "\n"
    for n in range(40)
).encode()
HEAD = "from curation.tasks import Answer, Example, Reject, Source, Task\n"
TASK = """TASK = Task(
    kind="pair",
    metric="accuracy",
    labels=("no", "yes"),
    train=Source("file:own/rows.jsonl"),
    dev=Source("file:own/rows.jsonl"),
    licence="mine",
)
"""
TO_EXAMPLE = """

def to_example(row):
    return Example(text_a=row["premise"], text_b=row["hypothesis"], label=("no", "yes").index(row["label"]))
"""
GOOD = HEAD + TASK + TO_EXAMPLE
SOURCE = 'train=Source("file:own/rows.jsonl")'
RETURN = TO_EXAMPLE.strip().splitlines()[1].strip()


def _but(old: str, new: str) -> bytes:
    assert old in GOOD, old
    return GOOD.replace(old, new, 1).encode()


def _after(text: str) -> bytes:
    return (HEAD + text + "\n" + TASK + TO_EXAMPLE).encode()


def _reads(body: str, before: str = "") -> bytes:
    """Return a task file with another body of ``to_example``."""
    return _but(RETURN, body.replace("\n", "\n    ")).replace(
        b"\n\ndef to_example", f"{before}\n\ndef to_example".encode()
    )


def _train(arguments: str, before: str = "") -> bytes:
    return _but(SOURCE, f"train=Source({arguments})").replace(HEAD.encode(), (HEAD + before).encode())


def _kind(kind: str, metric: str, example: str, labels: str = "()") -> bytes:
    head = TASK.replace('"pair"', f'"{kind}"').replace('"accuracy"', f'"{metric}"').replace('("no", "yes")', labels)
    return (HEAD + head + f"\n\ndef to_example(row):\n    return {example}\n").encode()


CASES: Mapping[str, bytes] = {
    # what is no Python
    "empty": b"",
    "blank": b"\n\n  \n",
    "a comment": b"# to do\n",
    "syntax error": _but("kind=", "kind="[:-1]),
    "unclosed bracket": GOOD.replace('licence="mine",\n)', 'licence="mine",').encode(),
    "unclosed text": _but('"mine"', '"mine'),
    "tabs and blanks": _reads("x = 1\n\treturn Example()"),
    "Python 2": _after('print "hello"'),
    "null bytes": b"\x00" * 40,
    "null byte within": GOOD.encode().replace(b"mine", b"mi\x00ne"),
    "utf-16": GOOD.encode("utf-16"),
    "latin-1": GOOD.replace("mine", "café").encode("latin-1"),
    "latin-1, declared": ("# -*- coding: latin-1 -*-\n" + GOOD.replace("mine", "café")).encode("latin-1"),
    "unknown encoding": ("# -*- coding: klingon -*-\n" + GOOD).encode(),
    "byte order mark": b"\xef\xbb\xbf" + GOOD.encode(),
    "windows line ends": GOOD.replace("\n", "\r\n").encode(),
    "old mac line ends": GOOD.replace("\n", "\r").encode(),
    "typographic quotes": _but('"mine"', "“mine”"),
    "a non-breaking blank": _but("kind=", "\u00a0kind="),
    "conflict markers": _but("    kind=", "<<<<<<< HEAD\n    kind="),
    "json": b'{"kind": "pair"}',
    "a page of html": b"<!DOCTYPE html><html><body>404</body></html>",
    "a notebook": b'{"cells": [], "metadata": {}, "nbformat": 4}',
    "parquet": b"PAR1\x15\x04\x15",
    "deep nesting": _after("x = " + "(" * 300 + ")" * 300),
    "a very long expression": _after("x = " + "+".join(["1"] * 40_000)),
    # what ends while it is imported
    "sys.exit()": _after("import sys; sys.exit()"),
    "sys.exit(0)": _after("import sys; sys.exit(0)"),
    "sys.exit of a text": _after("import sys; sys.exit('usage: own.py')"),
    "quit()": _after("raise SystemExit(3)"),
    "its own end": _after("class Stop(BaseException): pass\nraise Stop('enough')"),
    "generator exit": _after("raise GeneratorExit"),
    "missing module": _after("import no_such_module_anywhere"),
    "missing name": _after("from curation.tasks import Exampel"),
    "old import": _after("from curation.tasks._columns import columns"),
    "import beside": _after("from . import helpers"),
    "import of itself": _after("import own"),
    "missing file": _after("open('labels.txt').read()"),
    "missing key": _after("import os; KEY = os.environ['MY_TOKEN_THAT_IS_NOT_SET']"),
    "division": _after("x = 1 / 0"),
    "assertion": _after("assert False"),
    "assertion with lines": _after("assert False, 'one\\ntwo\\nthree'"),
    "recursion": _after("def f(): return f()\nf()"),
    "error that says nothing": _after("raise ValueError"),
    "error that cannot be said": _after(
        "class E(Exception):\n    def __str__(self): raise RuntimeError('no')\nraise E()"
    ),
    "error in a called function": _after("def f():\n    return {}['x']\nf()"),
    "exception group": _after("raise ExceptionGroup('several', [ValueError('a'), TypeError('b')])"),
    "stop iteration": _after("next(iter(()))"),
    "prints": _after("print('loading', flush=True)"),
    "warns": _after("import warnings; warnings.warn('old')"),
    "invalid escape": _after("x = '\\d'"),
    "argument parser": _after("import argparse; argparse.ArgumentParser().parse_args(['--x'])"),
    # what is no task
    "no TASK": (HEAD + TO_EXAMPLE).encode(),
    "TASK misspelt": _but("TASK =", "Task1 ="),
    "TASK in a function": (HEAD + "def make():\n    " + TASK.replace("\n", "\n    ") + TO_EXAMPLE).encode(),
    "TASK is None": _after("").replace(b"TASK = Task(", b"TASK = None\nX = Task("),
    "TASK is the class": (HEAD + "TASK = Task" + TO_EXAMPLE).encode(),
    "TASK is a dict": _but("TASK = Task(", "TASK = dict("),
    "TASK is a list": _but("TASK = Task(", "TASK = [Task(").replace(b"\n)\n", b"\n)]\n"),
    "unknown argument": _but("licence=", "license="),
    "missing argument": _but('    metric="accuracy",\n', ""),
    "argument twice": _but('    kind="pair",\n', '    kind="pair",\n    kind="pair",\n'),
    "changed afterwards": _after("").replace(b"\n\ndef", b"TASK.labels = ('a',)\n\n\ndef"),
    "no to_example": (HEAD + TASK).encode(),
    "to_example is a text": (HEAD + TASK + "to_example = 'x'\n").encode(),
    "to_example misspelt": _but("def to_example", "def to_exampel"),
    "to_example takes nothing": _but("to_example(row)", "to_example()"),
    "to_example takes two": _but("to_example(row)", "to_example(row, lang)"),
    "to_example is a class": (HEAD + TASK + "class to_example:\n    def __init__(self, row): pass\n").encode(),
    "to_example is a generator": _reads("yield Example()"),
    "to_example is a coroutine": _but("def to_example", "async def to_example"),
    # wrong types
    **{
        f"{field}={value}": _but(old, f"{field}={value},")
        for field, old, values in (
            ("kind", 'kind="pair",', ("None", "'pairs'", "''", "['pair']", "b'pair'", "3")),
            ("metric", 'metric="accuracy",', ("None", "'acc'", "('accuracy',)", "'../accuracy'")),
            (
                "labels", 'labels=("no", "yes"),',
                ("None", "'no'", "()", "('no',)", "('no', 'no')", "(0, 1)", "{'no', 'yes'}", "('no', None)",
                "('no', '')",
                 "['no', 'yes']", "{'no': 0, 'yes': 1}", "('e\\u0301', '\\xe9')", "('no', 'yes', 'perhaps')"),
            ),
            ("licence", 'licence="mine",', ("None", "3", "['MIT']", "'x' * 5000")),
            (
                "train", f"{SOURCE},",
                ("None", "'file:own/rows.jsonl'", "Source", "[Source('a/b')]", "{}", "Source('..')", "Source('.')",
                 "Source('')", "Source('../..')", "Source('/etc/passwd')", "Source('a/..')", "Source('file:')",
                 "Source('file:../x.jsonl')", "Source('file:own')", "Source('file:own/missing.jsonl')",
                 "Source('file:own/rows.docx')", "Source('http://a.b/c')", "Source('s3://a/b')", "Source(None)",
                 "Source(3)", "Source()", "Source('a b/c')", "Source('bundled:other')", "Source('bundled:miniworld')",
                 "Source('hf://datasets/a/b')"),
            ),
        )
        for value in values
    },
    **{
        f"with {extra}": _but('licence="mine",', f'licence="mine",\n    {extra},')
        for extra in (
            "symmetric='yes'", "symmetric=1", "parallel='no'", "config_names=None", "config_names={1: 2}",
            "citation=None",
            "note=7", "translations='x'", "test=3", "zero_shot=()", "symmetric=True",
        )
    },
    **{
        f"source with {extra}": _train(f'"file:own/rows.jsonl", {extra}')
        for extra in (
            "config=None", "split=None", "split=3", "config='../x'", "split='*'", "languages='en'", "languages=()",
            "languages=None", "languages=('en', 'en')", "languages=('EN US',)", "languages=('../x',)",
            "languages=(1,)",
            "expected_rows='many'", "expected_rows=-5", "expected_rows=True", "expected_rows={'de': 3}",
            "to_example='f'",
            "to_example=len", "unfold=3", "pooled=Source('a/b')", "pooled=(3,)", "candidates='x'", "supply=None",
            "revision=7",
        )
    },
    # what unfold does
    "unfold gives None": _train('"file:own/rows.jsonl", unfold=f', "def f(row, lang, key): return None\n"),
    "unfold gives texts": _train('"file:own/rows.jsonl", unfold=f', "def f(row, lang, key): return ['a', 'b']\n"),
    "unfold gives one row": _train('"file:own/rows.jsonl", unfold=f', "def f(row, lang, key): return row\n"),
    "unfold gives nothing": _train('"file:own/rows.jsonl", unfold=f', "def f(row, lang, key): return []\n"),
    "unfold takes one": _train('"file:own/rows.jsonl", unfold=f', "def f(row): return [row]\n"),
    "unfold never ends": _train(
        '"file:own/rows.jsonl", unfold=f', "def f(row, lang, key):\n    while True:\n        yield row\n"
    ),
    "unfold ends the process": _train(
        '"file:own/rows.jsonl", unfold=f', "def f(row, lang, key): raise SystemExit(0)\n"
    ),
    "unfold names a language": _train(
        '"file:own/rows.jsonl", unfold=f', "def f(row, lang, key): return [{**row, 'lang': None}]\n"
    ),
    # what to_example gives
    "gives None": _reads("pass"),
    "gives the row": _reads("return row"),
    "gives a tuple": _reads("return Example(), 1"),
    "gives the class": _reads("return Example"),
    "gives an empty example": _reads("return Example()"),
    "ends the process": _reads("import sys\nsys.exit(0)"),
    "rejects all": _reads("raise Reject('no')"),
    "rejects without a reason": _reads("raise Reject"),
    "rejects with a number": _reads("raise Reject(3)"),
    "rejects by a class of its own": _reads("raise Reject2('x')", "\n\nclass Reject2(Exception): pass\n"),
    "a column that is not there": _reads("return Example(text_a=row['text'], text_b='b', label=0)"),
    "an attribute": _reads("return Example(text_a=row.premise, text_b='b', label=0)"),
    "a division": _reads("return Example(text_a=str(1 / 0), text_b='b', label=0)"),
    "recursion in it": _reads("return to_example(row)"),
    "an error that cannot be said": _reads(
        "raise E()", "\n\nclass E(Exception):\n    def __str__(self): raise RuntimeError('no')\n"
    ),
    "changes the row": _reads("row.clear()\nreturn Example(text_a='a', text_b='b', label=0)"),
    "keys of several types": _reads("row[3] = 1\nrow[None] = 2\nraise Reject('odd')"),
    "a row in itself": _reads("row['self'] = row\nraise Reject('odd')"),
    **{
        f"label {value}": _reads(f"return Example(text_a=row['premise'], text_b=row['hypothesis'], label={value})")
        for value in ("'yes'", "row['label']", "2", "-1", "True", "0.0", "None", "[0]", "10**30", "float('nan')", "0")
    },
    "label of numpy": _reads(
        "import numpy\nreturn Example(text_a=row['premise'], text_b=row['hypothesis'], "
        "label=numpy.int64(row['label'] == 'yes'))"
    ),
    **{
        f"text {value}": _reads(f"return Example(text_a={value}, text_b=row['hypothesis'], label=0)")
        for value in ("None", "''", "' '", "3", "b'x'", "['a']", "row", "'\\ud800'", "'\\x00' + row['premise']",
        "'x' * 10**6")
    },
    **{
        f"group {value}": _reads(RETURN.removesuffix(")") + f", group={value})")
        for value in ("5", "5.5", "['a', 'b']", "{}", "''", "'x' * 10**5", "'\\ud800'", "True", "None", "'a'", "b'x'")
    },
    **{
        f"key {value}": _reads(RETURN.removesuffix(")") + f", key={value})")
        for value in ("5", "''", "'same'", "None", "'\\ud800'", "('a',)", "'a\\nb'", "row['premise']")
    },
    # other kinds
    **{
        f"choice, {value}": _kind("choice", "accuracy",
        f"Example(prompt='p' + row['premise'], choices={value}, label=0)")
        for value in (
            "('a', 'b')", "['a', 'b']", "'ab'", "{'a', 'b'}", "('a',)", "()", "None", "('a', None)", "('a', 3)",
            "(c for c in 'ab')", "{'a': 1, 'b': 2}.keys()", "('a', 'a')", "3",
        )
    },
    **{
        f"span, {value}": _kind(
            "span", "squad", f"Example(question='When?', context=row['premise'], answers={value})"
        )
        for value in (
            "(Answer('Dog', 0),)", "[Answer('Dog', 0)]", "Answer('Dog', 0)", "({'text': 'Dog', 'start': 0},)",
            "('Dog',)",
            "(a for a in [Answer('Dog', 0)])", "()", "None", "(Answer('Dog', True),)", "(Answer('Dog', '0'),)",
            "(Answer('Dog', 0.0),)", "(Answer('Dog', None),)", "(Answer('Cat', 0),)", "(Answer('', 0),)",
            "(Answer(None, 0),)", "(Answer('Dog', -1),)", "(Answer('Dog', 10**30),)", "{Answer('Dog', 0)}", "'Dog'",
        )
    },
    **{
        f"tags, {tokens} {tags}": _kind("tags", "token_accuracy", f"Example(tokens={tokens}, tags={tags})",
        "('O', 'X')")
        for tokens, tags in (
            ("('a', 'b')", "(0, 1)"), ("['a', 'b']", "[0, 1]"), ("'ab'", "(0, 1)"), ("('a', 'b')", "'OX'"),
            ("('a', 'b')", "(0,)"), ("()", "()"), ("('a', '')", "(0, 1)"), ("('a', 'b')", "(0, 2)"),
            ("('a', 'b')", "('O', 'X')"), ("('a', 'b')", "{0: 1, 1: 0}"), ("('a', 'b')", "None"),
            ("('a', 'b')", "(0, True)"), ("(w for w in 'ab')", "(0, 1)"), ("('a', 'b')", "(t for t in (0, 1))"),
            ("None", "(0, 1)"), ("('a', 5)", "(0, 1)"),
        )
    },
    "classify with two texts": _kind("classify", "accuracy", "Example(text_a='a', text_b='b', label=0)", "('a', 'b')"),
    "text": _kind("text", "accuracy", "Example(text=row['premise'])"),
    "bitext as intermediate": _kind("bitext", "retrieval", "Example(text='a', pool='p', side='source', gold=(1,))"),
    "as it should be": GOOD.encode(),
}  # fmt: skip
"""Name to the bytes of ``tasks/own.py``; its rows are ``tasks/own/rows.jsonl``: :data:`ROWS`."""

NAMES = (
    "my task.py", "my-task.py", "my.task.py", "1task.py", "MNLI.py", "mnli.py", "tarea_ñ.py", "класс.py", "a;b.py",
    "$(x).py",
    "task'.py", "-x.py", "con.py", "import.py", "test_own.py", "__init__.py", "conftest.py", "own.PY", "own.pyc",
    "own.py.txt",
    "own.py~", ".own.py", "x" * 200 + ".py",
)  # fmt: skip
"""File names for a good task file."""
