"""The report's text: one HTML page and its Markdown, from the same facts and the same words."""

from __future__ import annotations

import base64
import functools
import hashlib
import re
from importlib.resources import files as resources
from typing import TYPE_CHECKING, Any

import jinja2
from markupsafe import Markup

from curation.core.output import markdown_cell
from curation.results import effects, wording
from curation.results.curves import NAMES
from curation.results.statistics import ALL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from curation.results.comparison import Comparison


def number(value: float | None, places: int = 3) -> str:
    """Return a number with so many places, thousands grouped; a dash for none.

    >>> number(0.12345), number(12345.0, 0), number(None)
    ('0.123', '12,345', '–')
    """
    return "–" if value is None else f"{value:,.{places}f}"


def percent(value: float | None) -> str:
    """Return a share in percent with one decimal; a dash for none."""
    return "–" if value is None else wording.points(value)


def share(value: float | None) -> str:
    """Return a share as ``62.7%``; a dash for none."""
    return "–" if value is None else f"{wording.points(value)}%"


def count(value: int | float | None) -> str:
    """Return a whole number, thousands grouped; a dash for none."""
    return number(value, 0)


def counts(values: Mapping[str, int] | None) -> str:
    """Return named counts in words, most frequent first.

    >>> counts({"too short": 2, "no text": 30})
    '30 no text, 2 too short'
    """
    ordered = sorted((values or {}).items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{n:,} {name}" for name, n in ordered)


def cut(text: str | None, length: int = 300) -> str:
    """Return ``text`` on one line, cut at ``length`` characters."""
    line = " ".join((text or "").split())
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"


def sentence(one: Comparison) -> str:
    """Return the finding on one target in a sentence."""
    gap = one.difference[ALL]
    seeds = f"{len(one.seeds)} seed{'s' if len(one.seeds) != 1 else ''}"
    langs = f"{len(one.languages)} language{'s' if len(one.languages) != 1 else ''}"
    return (
        f"{wording.points(gap.value, True)} points {wording.interval(gap, True)} of {one.primary} on {one.task} "
        f"(mean over {langs}, {seeds}): {wording.verdict(gap)}."
    )


def seeds(one: Comparison) -> str:
    """Return which seeds a table is about."""
    listed = ", ".join(map(str, one.seeds))
    return f"mean over seeds {listed}" if len(one.seeds) > 1 else f"seed {listed}"


@functools.cache
def _environment() -> jinja2.Environment:
    loader = jinja2.FunctionLoader(lambda name: (resources("curation.report") / name).read_text(encoding="utf-8"))
    environment = jinja2.Environment(
        loader=loader,
        autoescape=jinja2.select_autoescape(enabled_extensions=("html.j2",)),  # Markdown goes through markdown_cell
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "number": number,
        "percent": percent,
        "share": share,
        "count": count,
        "counts": counts,
        "cut": cut,
        "points": wording.points,
        "interval": wording.interval,
        "sentence": sentence,
        "seeds": seeds,
        "verdict": wording.verdict,
        "direction": wording.direction,
        "p": wording.p_text,
        "over_languages": wording.over_languages,
        "factor": wording.factor,
        "md": markdown_cell,
    }
    environment.globals |= {"MEANS": wording.MEANS, "NAMES": NAMES, "ONE_SEED": effects.ONE_SEED, "ALL": ALL}
    return environment


def html(facts: Mapping[str, Any]) -> str:
    """Return the page; everything shown is escaped but our own style sheet, script and drawings.

    The page runs no other script than ours: its security policy names the script's hash.
    """
    style, script = (
        Markup((resources("curation.report") / name).read_text(encoding="utf-8"))  # noqa: S704 - our own files
        for name in ("style.css", "filter.js")
    )
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return _environment().get_template("page.html.j2").render(**facts, style=style, script=script, digest=digest)


def markdown(facts: Mapping[str, Any]) -> str:
    """Return the Markdown: the same findings without charts, the finding within the first lines."""
    text = _environment().get_template("report.md.j2").render(**facts)
    return re.sub(r"\n{3,}", "\n\n", text)
