"""Model folders as people have them: name to what is done to a copy of the bundled encoder ``micro`` (XLM-R, small)."""

from __future__ import annotations

import json
import pickle
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

BASE = Path(__file__).parents[3] / "training/encoders/micro"
CONFIG, WEIGHTS, TOKENIZER, SETTINGS = "config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"
EMBEDDINGS = "roberta.embeddings.word_embeddings.weight"
LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1\nsize 12345\n"
Change = Callable[[Path], Any]


def whole(folder: Path) -> None:
    """Make the folder as it should be."""
    shutil.copytree(BASE, folder)


def _bytes(name: str, change: Callable[[bytes], bytes]) -> Change:
    return lambda folder: (folder / name).write_bytes(change((folder / name).read_bytes()))


def _is(name: str, content: bytes) -> Change:
    return lambda folder: (folder / name).write_bytes(content)


def _json(name: str, **values: Any) -> Change:
    """Set keys of a JSON file; ``...`` takes one out."""

    def change(folder: Path) -> None:
        found = json.loads((folder / name).read_text()) | values
        (folder / name).write_text(json.dumps({key: value for key, value in found.items() if value is not ...}))

    return change


def _tokens(change: Callable[[dict[str, Any]], Any]) -> Change:
    def run(folder: Path) -> None:
        found = json.loads((folder / TOKENIZER).read_text())
        change(found)
        (folder / TOKENIZER).write_text(json.dumps(found))

    return run


def _tensors(change: Callable[[dict[str, torch.Tensor]], Any]) -> Change:
    def run(folder: Path) -> None:
        found = load_file(folder / WEIGHTS)
        change(found)
        save_file({name: tensor.contiguous() for name, tensor in found.items()}, folder / WEIGHTS, {"format": "pt"})

    return run


def _gone(*names: str) -> Change:
    return lambda folder: [(folder / name).unlink() for name in names]


def _folder(name: str) -> Change:
    return lambda folder: ((folder / name).unlink(), (folder / name).mkdir())


def _link(name: str, to: str) -> Change:
    return lambda folder: ((folder / name).unlink(), (folder / name).symlink_to(to))


def _pickled(folder: Path) -> None:
    (folder / WEIGHTS).unlink()
    (folder / "pytorch_model.bin").write_bytes(pickle.dumps({"x": 1}))


def _shards(index: Any) -> Change:
    def run(folder: Path) -> None:
        (folder / WEIGHTS).rename(folder / "model-00001-of-00002.safetensors")
        (folder / f"{WEIGHTS}.index.json").write_text(index if isinstance(index, str) else json.dumps(index))

    return run


def _first(name: str) -> Callable[[dict[str, torch.Tensor]], None]:
    def run(tensors: dict[str, torch.Tensor]) -> None:
        key = next(key for key in tensors if name in key)
        tensors[key] = torch.full_like(tensors[key], float("nan"))

    return run


def _halved(tensors: dict[str, torch.Tensor]) -> None:
    for name, tensor in tensors.items():
        tensors[name] = tensor[: max(1, len(tensor) // 2)]


def _renamed(tensors: dict[str, torch.Tensor]) -> None:
    for name in list(tensors):
        tensors[f"encoder.{name}"] = tensors.pop(name)


def _other(kind: torch.dtype) -> Change:
    return _tensors(lambda tensors: tensors.update({name: tensor.to(kind) for name, tensor in tensors.items()}))


CASES: Mapping[str, Change] = {
    "whole": lambda folder: None,
    # weights
    "weights cut short": _bytes(WEIGHTS, lambda content: content[: len(content) // 2]),
    "weights without the last byte": _bytes(WEIGHTS, lambda content: content[:-1]),
    "weights grown": _bytes(WEIGHTS, lambda content: content + b"more"),
    "weights empty": _is(WEIGHTS, b""),
    "weights of zeros": _bytes(WEIGHTS, lambda content: bytes(len(content))),
    "weights' header too long": _bytes(WEIGHTS, lambda content: b"\xff" * 8 + content[8:]),
    "weights' header broken": _bytes(WEIGHTS, lambda content: content[:8] + b"}" + content[9:]),
    "weights are a pointer": _is(WEIGHTS, LFS),
    "weights are a page of html": _is(WEIGHTS, b"<!DOCTYPE html><title>404</title>"),
    "weights are a pickle": _bytes(WEIGHTS, lambda content: pickle.dumps({"x": 1})),
    "weights are a folder": _folder(WEIGHTS),
    "weights lead nowhere": _link(WEIGHTS, "../blobs/gone"),
    "weights are a link to itself": _link(WEIGHTS, WEIGHTS),
    "no weights": _gone(WEIGHTS),
    "weights as pickle only": _pickled,
    "a shard missing": _shards({"metadata": {}, "weight_map": {EMBEDDINGS: "model-00002-of-00002.safetensors"}}),
    "an index that names nothing": _shards({"metadata": {}, "weight_map": {}}),
    "an index without a map": _shards({}),
    "an index that is no json": _shards("{"),
    "no tensors": _tensors(lambda tensors: tensors.clear()),
    "a tensor missing": _tensors(lambda tensors: tensors.pop(next(n for n in tensors if "attention" in n))),
    "tensors of another shape": _tensors(_halved),
    "tensors of other names": _tensors(_renamed),
    "an adapter's tensors": _tensors(lambda tensors: (tensors.clear(), tensors.update(lora_A=torch.zeros(2, 2)))),
    "tensors of 16 bits": _other(torch.float16),
    "tensors of brain floats": _other(torch.bfloat16),
    "tensors of whole numbers": _other(torch.int8),
    "embeddings that are no numbers": _tensors(_first("word_embeddings")),
    "a layer that is no numbers": _tensors(_first("intermediate.dense")),
    # configuration
    "configuration empty": _is(CONFIG, b""),
    "configuration is no json": _is(CONFIG, b"{"),
    "configuration is a list": _is(CONFIG, b"[]"),
    "configuration is null": _is(CONFIG, b"null"),
    "configuration without keys": _is(CONFIG, b"{}"),
    "configuration in utf-16": _bytes(CONFIG, lambda content: content.decode().encode("utf-16")),
    "configuration with a byte order mark": _bytes(CONFIG, lambda content: b"\xef\xbb\xbf" + content),
    "configuration is a pointer": _is(CONFIG, LFS),
    "configuration nested deep": _is(CONFIG, b'{"x": ' + b"[" * 100_000),
    "configuration is a folder": _folder(CONFIG),
    "no configuration": _gone(CONFIG),
    "no model type": _json(CONFIG, model_type=..., architectures=...),
    "an unknown model type": _json(CONFIG, model_type="klingon"),
    "a number as model type": _json(CONFIG, model_type=3),
    "another family": _json(CONFIG, model_type="distilbert"),
    "a sequence-to-sequence model": _json(CONFIG, model_type="t5"),
    "a decoder": _json(CONFIG, model_type="gpt2"),
    "a picture model": _json(CONFIG, model_type="vit"),
    "code of its own": _json(CONFIG, model_type="own", auto_map={"AutoModel": "modeling.Own", "AutoConfig": "x.Y"}),
    **{
        f"{key} is {value!r}": _json(CONFIG, **{key: value})
        for key, values in {
            "hidden_size": (0, -64, 65, "64", None, 64.0, 10**12),
            "num_attention_heads": (0, 3, "4", None),
            "num_hidden_layers": (0, -1, 5, "3", None, 10**6),
            "vocab_size": (0, 10, 9999, "5200", None),
            "max_position_embeddings": (0, 2, 8, 10**9, None),
            "pad_token_id": (None, -1, 99_999, "1"),
            "hidden_act": ("gelu2", None, 3),
            "type_vocab_size": (0, 2),
            "layer_norm_eps": ("x", 0, None),
            "dtype": ("float8", "int4", 3),
            "quantization_config": ({"quant_method": "bitsandbytes", "load_in_8bit": True}, {}, "x"),
            "hidden_dropout_prob": (2, "x"),
        }.items()
        for value in values
    },
    # tokenizer
    "no tokenizer": _gone(TOKENIZER, SETTINGS),
    "no tokenizer.json": _gone(TOKENIZER),
    "no tokenizer_config.json": _gone(SETTINGS),
    "tokenizer empty": _is(TOKENIZER, b""),
    "tokenizer is no json": _bytes(TOKENIZER, lambda content: content[: len(content) // 2]),
    "tokenizer is a list": _is(TOKENIZER, b"[]"),
    "tokenizer without a model": _is(TOKENIZER, b'{"version": "1.0"}'),
    "tokenizer is a pointer": _is(TOKENIZER, LFS),
    "tokenizer is a folder": _folder(TOKENIZER),
    "tokenizer of no words": _tokens(lambda found: found["model"].update(vocab=[])),
    "tokenizer of one word": _tokens(
        lambda found: found["model"].update(vocab=dict([next(iter(found["model"]["vocab"].items()))]))
    ),
    "tokenizer of an unknown kind": _tokens(lambda found: found["model"].update(type="Klingon")),
    "tokenizer that frames nothing": _tokens(lambda found: found.update(post_processor=None)),
    "tokenizer that normalises nothing away": _tokens(lambda found: found.update(normalizer=None)),
    "tokenizer that cuts": _tokens(
        lambda found: found.update(
            truncation={"direction": "Right", "max_length": 4, "strategy": "LongestFirst", "stride": 0}
        )
    ),
    "tokenizer that pads": _tokens(
        lambda found: found.update(
            padding={"strategy": {"Fixed": 300}, "direction": "Left", "pad_to_multiple_of": None, "pad_id": 1,
                     "pad_type_id": 0, "pad_token": "<pad>"}
        )
    ),
    "tokens beyond the embeddings": _tokens(
        lambda found: found["added_tokens"].append({**found["added_tokens"][-1], "id": 5200, "content": "<new>"})
    ),
    "settings empty": _is(SETTINGS, b""),
    "settings are a list": _is(SETTINGS, b"[]"),
    "settings without a padding token": _json(SETTINGS, pad_token=...),
    **{
        f"{key} is {value!r}": _json(SETTINGS, **{key: value})
        for key, values in {
            "tokenizer_class": ("Klingon", "BertTokenizer", 3, None),
            "pad_token": (None, "<not there>", 3, ""),
            "cls_token": (None, 3),
            "unk_token": (None,),
            "model_max_length": (4, 0, -1, "many", None, 10**30),
            "padding_side": ("left", "up"),
            "truncation_side": ("left",),
            "model_input_names": ([], ["input_ids"], ["input_ids", "token_type_ids", "attention_mask"], "input_ids"),
            "added_tokens_decoder": ({}, {"x": {}}, []),
            "chat_template": ("{%", 3),
            "auto_map": ({"AutoTokenizer": ["tok.Own", None]},),
        }.items()
        for value in values
    },
    # what sentence-transformers reads
    "modules are no json": _is("modules.json", b"{"),
    "modules are empty": _is("modules.json", b"[]"),
    "modules are a mapping": _is("modules.json", b"{}"),
    "a module of an unknown kind": _is("modules.json", b'[{"idx": 0, "name": "0", "path": "", "type": "own.Module"}]'),
    "a module without a folder": _is(
        "modules.json",
        b'[{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},'
        b' {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"}]',
    ),
    "sentence settings are no json": _is("sentence_bert_config.json", b"{"),
    "sentence settings too long": _is("sentence_bert_config.json", b'{"max_seq_length": 100000}'),
    "sentence settings are a text": _is("sentence_bert_config.json", b'{"max_seq_length": "many"}'),
    # the folder
    "an empty folder": lambda folder: (shutil.rmtree(folder), folder.mkdir()),
    "no folder": shutil.rmtree,
    "a file instead of the folder": lambda folder: (shutil.rmtree(folder), folder.touch()),
    "a link to itself": lambda folder: (shutil.rmtree(folder), folder.symlink_to(folder.name)),
    "a marker that is no json": _is("encoder.json", b"{"),
    "a marker of other weights": _is("encoder.json", b'{"weights_sha256": "0", "tokenizer_sha256": "0"}'),
    "a marker that is a list": _is("encoder.json", b"[]"),
}  # fmt: skip
"""Name to what is changed in the folder."""
