import json
import shutil

import pytest
import safetensors.torch
import torch

from curation.core import paths
from curation.core.errors import CairnError
from training.model import encoder, model
from training.model.trial import trial
from training.pretrained.__main__ import run as run_pretrained


@pytest.mark.parametrize("family", ["xlmr", "bert", "modernbert"])
def test_every_tensor_is_loaded_and_every_skipped_one_named(encoders, family):
    found = encoder.load(encoders[family])
    assert set(found.report.loaded) == {name for name, _ in found.model.named_parameters()}
    held = safetensors.torch.load_file(encoders[family] / "model.safetensors")
    assert len(found.report.skipped) > 0
    assert set(found.report.skipped) <= set(held)
    assert all("head" in name or "cls" in name or "decoder" in name for name in found.report.skipped)
    assert len(found.report.skipped) + len(found.report.loaded) == len(held)
    assert not any("pooler" in name for name in found.report.loaded)
    assert found.limit == 128
    assert found.model.dtype == torch.float32


def test_a_missing_or_misshapen_tensor_is_an_error(encoders, tmp_path):
    shutil.copytree(encoders["bert"], tmp_path / "m")
    weights = safetensors.torch.load_file(tmp_path / "m/model.safetensors")
    name = "bert.encoder.layer.1.output.dense.weight"
    less = {key: value for key, value in weights.items() if key != name}
    safetensors.torch.save_file(less, tmp_path / "m/model.safetensors", {"format": "pt"})
    with pytest.raises(CairnError, match=r"1 missing, first encoder.layer.1.output.dense.weight"):
        encoder.load(tmp_path / "m")
    safetensors.torch.save_file(weights | {name: torch.zeros(3, 3)}, tmp_path / "m/model.safetensors", {"format": "pt"})
    with pytest.raises(CairnError, match="1 of another shape"):
        encoder.load(tmp_path / "m")


def test_a_tokenizer_without_special_tokens_around_texts_is_refused(encoders, tmp_path):
    """As those of decoders: a head would read an ordinary word as the summary of the input."""
    shutil.copytree(encoders["bert"], tmp_path / "m")
    tokenizer = json.loads((tmp_path / "m/tokenizer.json").read_text(encoding="utf-8"))
    (tmp_path / "m/tokenizer.json").write_text(json.dumps({**tokenizer, "post_processor": None}), encoding="utf-8")
    with pytest.raises(CairnError, match=r"special tokens before, between and after .*Name an encoder"):
        encoder.load_tokenizer(tmp_path / "m")


def test_saved_weights_come_back_equal_and_a_change_is_noticed(encoders, tmp_path):
    first = encoder.load(encoders["modernbert"])
    encoder.save(first.model, first.tokenizer, tmp_path / "s", {"start": "x"})
    again = encoder.load(tmp_path / "s")
    assert again.origin["start"] == "x"
    assert again.report.skipped == ()
    for name, tensor in first.model.state_dict().items():
        assert torch.equal(again.model.state_dict()[name], tensor)
    weights = safetensors.torch.load_file(tmp_path / "s/model.safetensors")
    key = next(iter(weights))
    safetensors.torch.save_file(weights | {key: weights[key] + 1}, tmp_path / "s/model.safetensors", {"format": "pt"})
    with pytest.raises(CairnError, match=r"weights_sha256 is .* changed since"):
        encoder.load(tmp_path / "s")


def test_a_pointer_holds_no_path_and_is_resolved_again(encoders, tmp_path, monkeypatch):
    """The code path of the hub profiles, on a tiny random XLM-R that a mirror serves as org/name."""
    shutil.copytree(encoders["xlmr"], tmp_path / "mirror/org/xlmr")
    monkeypatch.setenv("CAIRN_HUB_MIRROR", str(tmp_path / "mirror"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "params.yaml").write_text("encoder: {model: org/xlmr, revision: null}\n")
    run_pretrained(3)
    start = tmp_path / "models/pretrained/seed-3"
    text = (start / "encoder.json").read_text()
    assert str(tmp_path) not in text
    assert json.loads(text)["model"] == "org/xlmr"
    assert sorted(file.name for file in start.iterdir()) == ["checksums.json", "encoder.json"]
    found = encoder.load(start)
    assert torch.equal(
        found.model.get_input_embeddings().weight,
        encoder.load(encoders["xlmr"]).model.get_input_embeddings().weight,
    )
    with (tmp_path / "mirror/org/xlmr/tokenizer.json").open("a") as handle:
        handle.write(" ")
    with pytest.raises(CairnError, match="tokenizer_sha256"):
        encoder.load(start)


def test_a_folder_without_an_encoder_is_refused(tmp_path):
    with pytest.raises(CairnError, match=r"holds no encoder .* Name a folder with one"):
        encoder.load(tmp_path)


def test_only_what_a_stage_makes_is_said_to_come_from_dvc_repro(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for made in (paths.start("intermediate", 1), paths.target_model("pretrained", "xnli", 1)):
        with pytest.raises(CairnError, match=r"there is no folder .* Run `dvc repro` to make it"):
            encoder.load(made)
    made.mkdir(parents=True)
    (made / "encoder.json").write_text("{}")
    with pytest.raises(CairnError) as error:
        encoder.load(tmp_path / "models")
    assert str(error.value).endswith(f"Below it there is: {tmp_path}/{made}. Name one of them.")
    with pytest.raises(CairnError) as error:
        model.read_card(paths.start("pretrained", 1))
    assert "dvc repro" not in str(error.value)
    with pytest.raises(CairnError, match="dvc repro"):
        model.read_card(made)


FAMILIES = {
    "deberta-v2": {"relative_attention": True, "position_buckets": 16, "pos_att_type": ["p2c", "c2p"]},
    "rembert": {"input_embedding_size": 16, "output_embedding_size": 16},
    "mpnet": {},
    "longformer": {"attention_window": [8, 8]},
    "convbert": {"embedding_size": 16, "head_ratio": 1, "conv_kernel_size": 3},
    "xlm-roberta": {},
}


def made(family, folder, encoders, **more):
    """A tiny random model of ``family`` with the BERT tokenizer of the fixtures."""
    from transformers import CONFIG_MAPPING, AutoModel

    tokenizer = encoder.load_tokenizer(encoders["bert"])
    size = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 48}
    facts = {"vocab_size": len(tokenizer), "max_position_embeddings": 130, "pad_token_id": 0, "type_vocab_size": 2}
    config = CONFIG_MAPPING[family](**(size | facts | FAMILIES.get(family, {}) | more))
    AutoModel.from_config(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.mark.parametrize("family", FAMILIES)
def test_families_with_and_without_sdpa_compute(encoders, tmp_path, family):
    found = encoder.load(made(family, tmp_path, encoders))
    trial(found, min(64, found.limit), "train.target.max_length")
    assert found.model.config._attn_implementation == ("sdpa" if family == "xlm-roberta" else "eager")


def test_what_takes_no_mask_or_does_not_look_back_is_refused_by_name(encoders, tmp_path):
    with pytest.raises(CairnError, match="'fnet' takes no attention mask"):
        encoder.load(made("fnet", tmp_path / "f", encoders, tpu_short_seq_length=16))
    more = {"n_embd": 32, "n_layer": 2, "n_head": 2, "n_positions": 130}
    with pytest.raises(CairnError, match=r"'gpt2': its first token, .* does not see the last one"):
        trial(encoder.load(made("gpt2", tmp_path / "g", encoders, **more)), 32, "train.target.max_length")


def test_a_tokenizer_that_is_not_of_the_model_is_refused(encoders, tmp_path):
    with pytest.raises(CairnError, match=r"the id \d+, but the encoder has embeddings for 0 to 99"):
        encoder.load(made("bert", tmp_path / "few", encoders, vocab_size=100))
    found = encoder.load(made("roberta", tmp_path / "one", encoders, type_vocab_size=1))
    with pytest.raises(
        CairnError, match=r"segment 1, but the encoder has rows for segments 0 to 0\. Set \"model_input"
    ):
        trial(found, 32, "train.target.max_length")
    facts = json.loads((tmp_path / "few/tokenizer_config.json").read_text(encoding="utf-8"))
    del facts["pad_token"]
    (tmp_path / "few/tokenizer_config.json").write_text(json.dumps(facts), encoding="utf-8")
    with pytest.raises(CairnError, match="has no padding token"):
        encoder.load_tokenizer(tmp_path / "few")


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("config.json", b"{"),
        ("config.json", b"[]"),
        ("config.json", b'{"model_type": "no such"}'),
        ("config.json", b'{"model_type": "bert", "hidden_size": "x"}'),
        ("model.safetensors", b""),
        ("model.safetensors", b"\x10\0\0\0\0\0\0\0{}"),
        ("tokenizer.json", b"{"),
        ("tokenizer_config.json", b"\xff"),
    ],
)
def test_broken_files_of_a_model_are_named(encoders, tmp_path, file, content):
    shutil.copytree(encoders["bert"], tmp_path / "m")
    (tmp_path / "m" / file).write_bytes(content)
    with pytest.raises(CairnError, match=f"{tmp_path}/m"):
        encoder.load(tmp_path / "m")


def test_a_tokenizer_that_gives_no_mask_is_refused(encoders, tmp_path):
    folder = shutil.copytree(encoders["bert"], tmp_path / "bert")
    settings = folder / "tokenizer_config.json"
    settings.write_text(json.dumps(json.loads(settings.read_text()) | {"model_input_names": ["input_ids"]}))
    with pytest.raises(CairnError, match=r"gives no attention mask.* in .*tokenizer_config\.json"):
        encoder.load_tokenizer(folder)
