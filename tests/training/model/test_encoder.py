import json
import shutil

import pytest
import safetensors.torch
import torch

from curation.core import paths
from curation.core.errors import CairnError
from training.model import encoder, model
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
    assert [file.name for file in start.iterdir()] == ["encoder.json"]
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
