"""The README.md of a pretrained encoder: the command, the data, the seed, and measured numbers only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from curation.core import files

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

NUMBERS = "## Zero-shot transfer"


def write(folder: Path, report: dict[str, Any], command: str) -> None:
    """Write the card of the encoder in ``folder`` from the report of its pretraining."""
    recipe, shape = report["recipe"], report["shape"]
    languages = ", ".join(recipe["languages"])
    lines = [
        "# A tiny multilingual encoder",
        "",
        f"XLM-R architecture, {report['parameters']:,} parameters, {shape['layers']} layers of width {shape['width']}, "
        f"a vocabulary of {report['vocabulary']:,} BPE pieces, float16 on disk ({report['megabytes']} MB). "
        f"Languages: {languages}. It knows nothing but the miniworld: for demos and tests.",
        "",
        "Made by masked and translation language modelling with",
        "",
        f"    {command}",
        "",
        f"Data: {recipe['rows']:,} miniworld texts in each language, the same content (train split, world seed "
        f"{recipe['world_seed']}). {report['steps']:,} steps, {report['tokens']:,} tokens, {recipe['masked']:.0%} of "
        f"them masked, seed {recipe['seed']}. Masked tokens found on held-out text: "
        f"{report['dev']['text.masked_accuracy']:.1%} alone, {_beside(report)}.",
        "",
        f"Weights: sha256 `{report['weights_sha256']}`",
        "",
        "Licence: Apache-2.0, as the generator of its data.",
    ]
    files.write_text(folder / "README.md", "\n".join(lines) + "\n")


def _beside(report: dict[str, Any]) -> str:
    found = report["dev"].get("tlm.masked_accuracy")
    return "no translations were read" if found is None else f"{found:.1%} beside a translation"


def add_numbers(folder: Path, measured: Sequence[dict[str, Any]], command: str) -> None:
    """Put the zero-shot numbers into the card, in place of older ones."""
    path = folder / "README.md"
    old = path.read_text(encoding="utf-8") if path.exists() else f"# {folder.name}\n"
    langs = list(measured[0]["test"])
    about = measured[0]
    lines = [
        NUMBERS,
        "",
        f"Fine-tuned on {about['rows']:,} English rows for {about['epochs']} epochs (seed {about['seed']}), tested on "
        f"{about['test_rows']:,} rows per language:",
        "",
        f"    {command}",
        "",
        _row(["task", *langs, "mean without en", "majority"]),
        f"| --- |{' ---: |' * (len(langs) + 2)}",
        *(_row([one["task"], *map("{:.1%}".format, _values(one, langs))]) for one in measured),
    ]
    files.write_text(path, old.split(NUMBERS)[0].rstrip() + "\n\n" + "\n".join(lines) + "\n")


def _values(one: dict[str, Any], langs: Sequence[str]) -> list[float]:
    return [*(one["test"][lang] for lang in langs), one["zero_shot_mean"], one["majority"]]


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
