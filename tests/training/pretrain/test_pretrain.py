import json
from pathlib import Path

import pytest
import safetensors.torch
import torch
from click.testing import CliRunner

from curation.core import records
from training import cli
from training.model import encoder, model
from training.model import kind as kinds
from training.pretrain import vocabulary


def test_the_vocabulary_has_the_places_of_xlmr(tmp_path):
    texts = ["The dog runs, der Hund läuft.", "Мальчик читает книгу в парке."] * 20
    tok = vocabulary.learn(texts, 120, 64)
    assert tok.convert_ids_to_tokens([0, 1, 2, 3]) == ["<s>", "<pad>", "</s>", "<unk>"]
    assert tok.mask_token_id == len(tok) - 1
    a, b = (tok(text, add_special_tokens=False)["input_ids"] for text in ("The dog", "der Hund"))
    assert tok("The dog", "der Hund")["input_ids"] == [0, *a, 2, 2, *b, 2]
    assert tok.decode(tok("The dog runs, der Hund läuft.", add_special_tokens=False)["input_ids"]).startswith("The dog")
    again = vocabulary.learn(texts, 120, 64)
    assert tok.backend_tokenizer.to_str() == again.backend_tokenizer.to_str()


def test_the_command_writes_an_encoder_that_transformers_loads_in_float32(home):
    from transformers import AutoModel, AutoTokenizer

    Path("tasks").mkdir(exist_ok=True)
    command = "pretrain --output enc --languages en,de --rows 40 --steps 6 --width 32 --heads 2 --layers 2"
    result = CliRunner().invoke(cli.main, [*command.split(), "--inner", "32", "--vocabulary", "300"])
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    assert set(report["dev"]) == {"text.masked_accuracy", "tlm.masked_accuracy", "mean"}
    held = safetensors.torch.load_file("enc/model.safetensors")
    assert {tensor.dtype for tensor in held.values()} == {torch.float16}
    with encoder.quiet():
        model = AutoModel.from_pretrained("enc")
        tokenizer = AutoTokenizer.from_pretrained("enc")
    assert {weight.dtype for weight in model.parameters()} == {torch.float32}
    assert len(tokenizer) == model.config.vocab_size
    assert encoder.load(Path("enc")).limit == 256
    card = Path("enc/README.md").read_text()
    assert "    training pretrain --output enc --languages en,de --rows 40 --steps 6 --vocabulary 300" in card
    assert f"{report['parameters']:,} parameters" in card
    transfer = "transfer enc --task mini_nli --rows 30 --test-rows 20 --epochs 1 --write"
    measured = CliRunner().invoke(cli.main, transfer.split())
    assert measured.exit_code == 0, measured.output
    numbers = json.loads(measured.stdout)
    assert set(numbers["test"]) == {"en", "de", "es", "fr", "it", "ru"}
    again = CliRunner().invoke(cli.main, transfer.split())
    assert {**json.loads(again.stdout), "rows_per_second": 0} == {**numbers, "rows_per_second": 0}
    lines = Path("enc/README.md").read_text().splitlines()
    assert lines.count("## Zero-shot transfer") == 1
    assert f"    training {transfer}" in lines
    assert lines[-1].startswith(f"| mini_nli | {numbers['test']['en']:.1%} |")

    first = Path("enc/model.safetensors").read_bytes()
    CliRunner().invoke(cli.main, [*command.split(), "--inner", "32", "--vocabulary", "300"])
    assert Path("enc/model.safetensors").read_bytes() == first


def test_the_command_line_names_mistakes(home):
    result = CliRunner().invoke(cli.main, ["pretrain", "--output", "x", "--languages", "en,dee"])
    assert result.exit_code == 2
    assert "Did you mean 'de'" in result.stderr
    result = CliRunner().invoke(cli.main, ["inspect", "nowhere"])
    assert result.exit_code == 2
    assert "there is no folder nowhere" in result.stderr
    assert "dvc repro" not in result.stderr


def test_inspect_and_predict(encoders, home, rows):
    result = CliRunner().invoke(cli.main, ["inspect", str(encoders["bert"]), "--json"])
    found = json.loads(result.stdout)
    assert found["type"] == "bert"
    assert found["longest_input"] == 128
    assert found["tensors_skipped"]


@pytest.mark.parametrize("kind", ["pair", "tags"])
def test_predictions_come_with_the_names_of_the_labels(encoders, home, rows, kind):
    found, facts, labels = encoder.load(encoders["bert"]), {"labels": 3}, ["no", "maybe", "yes"]
    whole = model.Model(found.model, {"t": kinds.load(kind).Head(found.model, facts)})
    model.save(whole, "t", found.tokenizer, model.Card(kind, "t", labels, facts, 64), Path("m"), {})
    records.write(Path("rows.parquet"), rows(kind))
    result = CliRunner().invoke(cli.main, ["predict", "m", "rows.parquet"])
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert len(lines) == len(rows(kind))
    for line in lines:
        value = line["prediction"]
        assert line["label"] == (labels[value] if kind == "pair" else [labels[tag] for tag in value])
    result = CliRunner().invoke(cli.main, ["predict", "m", "nofile.parquet"])
    assert result.exit_code == 2
    assert "there is no file nofile.parquet" in result.stderr
    assert "dvc repro" not in result.stderr


def test_the_shipped_encoder_is_small_and_loads_as_float32():
    from transformers import AutoModel

    import training

    folder = Path(training.__file__).parent / "encoders/tiny"
    if not folder.exists():
        pytest.fail("training/encoders/tiny is missing: `training pretrain --output training/encoders/tiny` makes it")
    assert (folder / "model.safetensors").stat().st_size <= 3_000_000
    with encoder.quiet():
        model = AutoModel.from_pretrained(folder)
    assert {weight.dtype for weight in model.parameters()} == {torch.float32}
    assert encoder.load(folder).model.config.model_type == "xlm-roberta"
    assert (folder / "README.md").exists()


def test_first_vectors_lie_together_for_words_that_translate_each_other():
    import numpy as np

    from curation.core import records
    from curation.core.task import Example
    from training.pretrain import alignment

    words = {"dog": "hund", "cat": "katze", "man": "mann", "tree": "baum", "house": "haus", "red": "rot"}
    draw = np.random.default_rng(0)
    ids, langs, made = [], [], []
    for number in range(60):
        chosen = draw.choice(list(words), 3, replace=False)
        for lang, text in (("en", chosen), ("de", [words[w] for w in chosen])):
            ids.append(f"t-{number:03d}")
            langs.append(lang)
            made.append(Example(text=" ".join(text)))
    table = records.table("text", ids, langs, made)
    tok = vocabulary.learn(table["text"].to_pylist(), 200, 64)
    found = alignment.vectors(table, tok, 16, 0.05, 1).numpy()
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 0.05 * 4, rtol=1e-5)
    unit = found / np.linalg.norm(found, axis=1, keepdims=True)
    one, other = (tok.convert_tokens_to_ids([f"▁{w}" for w in side]) for side in (words, words.values()))
    similarity = unit[one] @ unit[other].T
    assert (similarity.argmax(1) == np.arange(len(words))).all()
    assert np.diag(similarity).min() > 0.6
