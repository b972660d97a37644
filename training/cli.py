"""``training``: what is done outside the DVC stages. Heavy imports wait until a command runs."""

from __future__ import annotations

import json
from pathlib import Path

import click
from click.core import ParameterSource

from curation.core.edge import edge
from curation.core.errors import CairnError
from training.study.cli import study


class _Group(click.Group):
    """Says what went wrong in a sentence, with the exit code of a stage."""

    def invoke(self, ctx: click.Context) -> object:
        with edge():
            return super().invoke(ctx)


def _typed() -> str:
    """Return the command as it was typed."""
    context = click.get_current_context()
    words = ["training", str(context.info_name)]
    for option in context.command.params:
        value = context.params[str(option.name)]
        if context.get_parameter_source(str(option.name)) is not ParameterSource.COMMANDLINE:
            continue
        if isinstance(option, click.Argument):
            words.append(str(value))
        elif isinstance(option, click.Option) and option.is_flag:
            words.append(option.opts[0])
        else:
            words += [f"{option.opts[0]} {one}" for one in (value if option.multiple else [value])]
    return " ".join(words)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "show_default": True})
def main() -> None:
    """Run studies, pretrain a tiny encoder, look into model folders, predict, compare with published tables.

    The stages are `python -m training.<stage>`.
    """


@main.command()
@click.option("--output", type=click.Path(path_type=Path), required=True, help="Folder to write; replaced when whole.")
@click.option("--languages", default="all", help="Miniworld languages, with commas between, or all.")
@click.option("--rows", default=12000, type=click.IntRange(10), help="Texts per language, parallel.")
@click.option("--steps", default=12000, type=click.IntRange(1), help="Optimizer steps.")
@click.option("--batch-tokens", default=1536, type=click.IntRange(64), help="Tokens per batch, padding counted.")
@click.option("--learning-rate", default=1.5e-3, type=click.FloatRange(0, min_open=True), help="Highest learning rate.")
@click.option("--masked", default=0.2, type=click.FloatRange(0.01, 0.9), help="Share of tokens to mask.")
@click.option("--vocabulary", default=5200, type=click.IntRange(300), help="Tokens in the vocabulary.")
@click.option("--layers", default=4, type=click.IntRange(1), help="Transformer layers.")
@click.option("--width", default=128, type=click.IntRange(8), help="Width of hidden states.")
@click.option("--heads", default=4, type=click.IntRange(1), help="Attention heads.")
@click.option("--inner", default=384, type=click.IntRange(8), help="Width of feed-forward layers.")
@click.option("--seed", default=1, type=click.IntRange(0), help="Seed of weights, batches and masks.")
@click.option("--world-seed", default=3, type=click.IntRange(0), help="Seed of the miniworld's texts.")
def pretrain(
    output: Path,
    languages: str,
    rows: int,
    steps: int,
    batch_tokens: int,
    learning_rate: float,
    masked: float,
    vocabulary: int,
    layers: int,
    width: int,
    heads: int,
    inner: int,
    seed: int,
    world_seed: int,
) -> None:
    """Pretrain a tiny multilingual encoder on miniworld text (masked and translation language modelling)."""
    from curation import miniworld
    from curation.core.errors import unknown
    from training.pretrain import card, pretraining

    chosen = miniworld.LANGUAGES if languages == "all" else tuple(languages.split(","))
    for lang in chosen:
        if lang not in miniworld.LANGUAGES:
            raise unknown("language", lang, miniworld.LANGUAGES, "--languages")
    if width % heads:
        raise CairnError(f"--width {width} does not divide by --heads {heads}. Change one of them.")
    recipe = pretraining.Recipe(chosen, rows, steps, batch_tokens, learning_rate, masked, seed, world_seed)
    shape = pretraining.Shape(vocabulary=vocabulary, layers=layers, width=width, heads=heads, inner=inner)
    report = pretraining.pretrain(recipe, shape, output)
    card.write(output, report, _typed())
    click.echo(json.dumps(report, indent=1, ensure_ascii=False))


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--task", "tasks", multiple=True, default=["mini_nli", "mini_xnli"], help="Bundled tasks.")
@click.option("--rows", default=2000, type=click.IntRange(10), help="English training rows.")
@click.option("--test-rows", default=400, type=click.IntRange(10), help="Test rows per language, and dev rows.")
@click.option("--epochs", default=5, type=click.IntRange(1), help="Passes over them.")
@click.option("--learning-rate", default=5e-4, type=click.FloatRange(0, min_open=True), help="Highest learning rate.")
@click.option("--seed", default=1, type=click.IntRange(0), help="Seed of head, batches and dropout.")
@click.option("--write", is_flag=True, help="Put the numbers into FOLDER/README.md.")
def transfer(
    folder: Path,
    tasks: tuple[str, ...],
    rows: int,
    test_rows: int,
    epochs: int,
    learning_rate: float,
    seed: int,
    write: bool,
) -> None:
    """Measure zero-shot transfer of the encoder in FOLDER: train on English miniworld rows, test in each language."""
    from curation.core import registry
    from training.finetune import Params
    from training.pretrain import card
    from training.pretrain import transfer as transferring

    params = Params(
        steps=None,
        epochs=epochs,
        batch_tokens=2048,
        max_length=128,
        learning_rate=learning_rate,
        warmup=0.1,
        weight_decay=0.01,
        clip=1.0,
        evaluate_every=50,
        precision="auto",
    )
    for name in tasks:
        registry.check("tasks", name, "--task")
    found = []
    for name in tasks:
        found.append(transferring.measure(folder, name, rows, test_rows, params, seed))
        click.echo(json.dumps(found[-1], ensure_ascii=False))
    if write:
        card.add_numbers(folder, found, _typed())


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def inspect(folder: Path, as_json: bool) -> None:
    """Load FOLDER strictly and say what is in it: encoder, size, where from, tensors skipped, head."""
    from training.model import encoder, model

    found = encoder.load(folder)
    facts = {
        "type": found.model.config.model_type,
        "parameters": sum(weight.numel() for weight in found.model.parameters()),
        "layers": found.model.config.num_hidden_layers,
        "width": found.width,
        "longest_input": found.limit,
        "vocabulary": len(found.tokenizer),
        "tensors_loaded": len(found.report.loaded),
        "tensors_skipped": list(found.report.skipped),
        "origin": dict(found.origin),
    }
    if (folder / model.CARD).exists():
        card = model.load(folder)[2]
        facts["head"] = {"task": card.task, "kind": card.kind, "labels": card.labels, **card.facts}
    if as_json:
        click.echo(json.dumps(facts, indent=1, ensure_ascii=False))
        return
    for name, value in facts.items():
        click.echo(f"{name:<16} {json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value}")


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.argument("records_file", metavar="RECORDS", type=click.Path(path_type=Path))
@click.option("--batch-tokens", default=8192, type=click.IntRange(8), help="Tokens per batch, padding counted.")
@click.option("--max-length", default=None, type=click.IntRange(8), help="Tokens per sequence; else as in training.")
def predict(folder: Path, records_file: Path, batch_tokens: int, max_length: int | None) -> None:
    """Print one JSON line per row of RECORDS (parquet): id, lang and the prediction of the model in FOLDER.

    \b
    The prediction is, by the kind of the task:
      pair    the number of the label, from 0; "label" is its name
      choice  the number of the choice, from 0
      span    the text of the answer; "" = no answer
      tags    the number of the tag of each token, from 0;
              "label" is the list of their names
    """  # noqa: D301 - click wants a real backspace: do not wrap
    from curation.core import kinds, records
    from training.model import model
    from training.model import predict as prediction

    if not records_file.exists():
        raise CairnError(f"there is no file {records_file}. Name a parquet file of records, such as one under data/.")
    table, card = records.read(records_file), model.read_card(folder)
    found = prediction.predict(folder, table, batch_tokens, max_length or card.max_length)
    for id_, lang, value in zip(table["id"].to_pylist(), table["lang"].to_pylist(), found, strict=True):
        line = {"id": id_, "lang": lang, "prediction": value}
        if card.labels and card.kind in (*kinds.named("row"), *kinds.named("word")):
            line["label"] = kinds.in_words(card.kind, value, card.labels)
        click.echo(json.dumps(line, ensure_ascii=False))


@main.command()
@click.option("--table", "tables", multiple=True, help="A published table; else those with a row of this encoder.")
@click.option("--start", type=click.Choice(["pretrained", "intermediate", "both"]), default="both", help="Which runs.")
@click.option("--task", "tasks", multiple=True, help="A scored task; else all.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def compare(tables: tuple[str, ...], start: str, tasks: tuple[str, ...], as_json: bool) -> None:
    """Put this experiment beside published tables.

    Per task, and per language where published: our mean over the seeds with
    its 95% interval, the published value, and the difference. "?" marks a
    published value that nobody has verified, "mind" says what keeps two
    numbers from being comparable. With both starts, the gain of the
    intermediate step is compared too. Run it where params.yaml lies.

    \b
    training compare
    training compare --table xtreme --task xnli --start pretrained
    """  # noqa: D301 - click wants a real backspace: do not wrap
    from curation.core import output
    from training.comparison import compare as comparing
    from training.comparison import measured, plain, text

    found = comparing.run(tables, measured.STARTS if start == "both" else (start,), tasks)
    if as_json:
        output.echo_json(plain.as_json(found))
    else:
        output.show(*text.text(found))


main.add_command(study)
