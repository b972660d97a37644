"""Encoders by name, nearest place first, and never from a pickle."""

from __future__ import annotations

import pytest

from curation.core import models
from curation.core.errors import CairnError


def folder(path, *names):
    path.mkdir(parents=True)
    for name in ("config.json", *names):
        (path / name).write_bytes(name.encode())
    return path


def test_the_packaged_encoder():
    found = models.model("package:all-MiniLM-L6-v2")
    assert found.served_by == "package"
    assert found.sha256 is not None
    assert found.sha256.startswith("53aa5117")


def test_a_folder_a_mirror_and_their_hashes(tmp_path, mirror):
    one = models.model(str(folder(tmp_path / "m", "model.safetensors")))
    assert (one.served_by, one.revision) == ("folder", None)
    folder(mirror / "org/name", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors")
    two = models.model("org/name")
    assert (two.served_by, two.path) == ("mirror", str(mirror / "org/name"))
    assert len({one.sha256, two.sha256, None}) == 3


def test_an_absurd_depth_is_refused_before_a_layer_is_made(tmp_path):
    where = folder(tmp_path / "m", "model.safetensors")
    (where / "config.json").write_text('{"num_hidden_layers": 1000000}')
    with pytest.raises(CairnError, match=r"config\.json: num_hidden_layers is 1000000; more than 1000 are not read"):
        models.model(str(where))


def test_pickled_weights_are_refused(tmp_path):
    with pytest.raises(CairnError, match=r"weights as pickle only \(pytorch_model.bin\)"):
        models.model(str(folder(tmp_path / "m", "pytorch_model.bin")))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("package:all-MiniLM-L6", "unknown model 'package:all-MiniLM-L6'. Did you mean 'package:all-MiniLM-L6-v2'"),
        ("bundled:tinny", "unknown model 'bundled:tinny'"),
        ("/no/such/folder", "is not a folder with a config.json. Allowed: package:<name>"),
        ("no-slash", "is not a folder with a config.json"),
    ],
)
def test_names_nobody_knows(name, said):
    with pytest.raises(CairnError, match=said.replace("?", r"\?")):
        models.model(name)


@pytest.mark.parametrize("variable", ["CAIRN_HUB_MIRROR", "HF_HUB_OFFLINE"])
def test_offline_says_where_it_looked(variable, mirror, monkeypatch, tmp_path):
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "cache"))
    if variable == "HF_HUB_OFFLINE":
        monkeypatch.delenv("CAIRN_HUB_MIRROR")
        monkeypatch.setenv(variable, "1")
    with pytest.raises(CairnError, match=f"downloaded nothing because {variable} is set"):
        models.model("org/absent")


def test_a_hub_model_names_its_commit(tmp_path, monkeypatch):
    import huggingface_hub

    monkeypatch.delenv("CAIRN_HUB_MIRROR", raising=False)
    there = folder(tmp_path / ("c" * 40), "model.safetensors")
    asked = {}

    def download(name, **options):
        asked.update(options, name=name)
        return str(there)

    monkeypatch.setattr(huggingface_hub, "snapshot_download", download)
    found = models.model("org/name", "main")
    assert (found.served_by, found.revision, found.path) == ("hub", "c" * 40, str(there))
    assert not any(pattern.endswith((".bin", ".py", ".pt")) for pattern in asked["allow_patterns"])
