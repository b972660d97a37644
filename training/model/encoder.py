"""The encoder that a fine-tuning starts from, loaded strictly: every tensor is there, and every skipped one is named.

A start folder is one of

* a pointer: ``encoder.json`` with ``model`` and ``revision``, resolved again at each load and held against its hash;
* weights: ``config.json``, ``model.safetensors``, the tokenizer, and an ``encoder.json`` with their hashes;
* a plain model folder as ``transformers`` writes it, without ``encoder.json``.
"""

from __future__ import annotations

import inspect
import itertools
import re
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from curation.core import files, threads
from curation.core.errors import CairnError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MARKER = "encoder.json"
NAME_ONE = "Name an encoder like XLM-R or BERT."
"""What to do about a model that cannot be used."""
_MADE = re.compile(r"models/((pretrained|intermediate)|target/[^/]+/[^/]+)/seed-\d+")
"""Folders that the stages make; see curation/core/paths.py."""


@dataclass(frozen=True)
class LoadReport:
    """What became of the tensors in the weights file."""

    loaded: tuple[str, ...]
    """Encoder tensors that were read from the file; always all of them."""
    skipped: tuple[str, ...]
    """Tensors of the file that belong to no encoder: heads, poolers, old buffers."""


@dataclass(frozen=True)
class Encoder:
    """An encoder in float32 on the CPU, in eval mode, and its tokenizer."""

    model: Any
    """A ``transformers`` encoder; its ``last_hidden_state`` is (sequences, tokens, width)."""
    tokenizer: Any
    """A fast tokenizer."""
    report: LoadReport
    origin: Mapping[str, Any]
    """What ``encoder.json`` says: where the weights come from and their hashes."""
    folder: Path
    """Where the weights were read from."""

    @property
    def limit(self) -> int:
        """The longest input in tokens, special tokens included."""
        return position_limit(self.model, self.tokenizer)

    @property
    def width(self) -> int:
        """The size of a hidden state."""
        return int(self.model.config.hidden_size)


def load(start: Path) -> Encoder:
    """Return the encoder of a start folder.

    Raises :class:`CairnError` when the folder holds no encoder, its weights differ from the recorded hash, or a tensor
    of the encoder is missing or has another shape.
    """
    origin = files.read_json(start / MARKER) if (start / MARKER).exists() else {}
    folder = start
    if "model" in origin:
        folder = resolve(origin["model"], origin["revision"])
    if not (folder / "config.json").exists():
        raise absent(start, f"encoder (no {MARKER} and no config.json)", MARKER, made=_MADE)
    for name, found in hashes(folder).items() if origin else ():
        if origin.get(name) != found:
            raise CairnError(
                f"{folder}: {name} is {found[:12]}, but {start / MARKER} records {str(origin.get(name))[:12]}: "
                "the files changed since. Delete the folder and run `dvc repro`, or set encoder.revision."
            )
    model, report = load_weights(folder)
    tokenizer = load_tokenizer(folder)
    check_ids(tokenizer, model, folder)
    return Encoder(model, tokenizer, report, origin or {"folder": start.name, **hashes(folder)}, folder)


def absent(folder: Path, what: str, marker: str, made: re.Pattern[str]) -> CairnError:
    """Return the error for a folder without ``what``: a stage makes it where ``made`` matches; else where some are.

    ``marker``: the file that folders with such a thing hold.
    """
    start = f"{folder} holds no {what}." if folder.is_dir() else f"there is no folder {folder}, so no {what}."
    if made.fullmatch(folder.as_posix()):
        return CairnError(f"{start} Run `dvc repro` to make it.")
    below = sorted(file.parent.as_posix() for file in folder.glob(f"**/{marker}")) if folder.is_dir() else []
    if below:
        more = f" and {len(below) - 5} more" if len(below) > 5 else ""
        return CairnError(f"{start} Below it there is: {', '.join(below[:5])}{more}. Name one of them.")
    return CairnError(f"{start} Name a folder with one; those of the stages lie under models/.")


def resolve(model: str, revision: str | None) -> Path:
    """Return the local folder of a model named as in params.yaml (``bundled:tiny``, a path, a hub id)."""
    from curation.core import models

    return Path(models.model(model, revision).path)


def load_weights(folder: Path) -> tuple[Any, LoadReport]:
    """Return the encoder in ``folder`` as float32, and what became of each tensor of the file.

    Attention is SDPA where ``transformers`` has it for the family, else its plain ("eager") one. A narrow encoder
    computes on one thread from here on (:func:`curation.core.threads.suit`). Raises :class:`CairnError` for files that
    cannot be read, for a model that is no encoder, and for one that cannot be told which tokens are padding.
    """
    from transformers import MODEL_MAPPING, AutoConfig, AutoModel

    with quiet(), reading(folder, "configuration (config.json)"):
        config = AutoConfig.from_pretrained(folder, trust_remote_code=False)
    if getattr(config, "is_encoder_decoder", False) or type(config) not in MODEL_MAPPING:
        raise CairnError(f"{folder}: model type {config.model_type!r} is no encoder. {NAME_ONE}")
    family = MODEL_MAPPING[type(config)]
    if "attention_mask" not in inspect.signature(family.forward).parameters:
        raise CairnError(
            f"{folder}: model type {config.model_type!r} takes no attention mask, so padding would count as text. "
            f"{NAME_ONE}"
        )
    # A pooler is a head of pretraining; where the family has one, it is left out rather than made up.
    accepted = inspect.signature(family.__init__).parameters
    extra = {"add_pooling_layer": False} if "add_pooling_layer" in accepted else {}
    with quiet(), reading(folder, "weights"):
        model, info = AutoModel.from_pretrained(
            folder,
            config=config,
            dtype=torch.float32,
            attn_implementation="sdpa" if family._supports_sdpa else "eager",
            use_safetensors=True,
            output_loading_info=True,
            ignore_mismatched_sizes=True,
            trust_remote_code=False,
            **extra,
        )
    missing = sorted(map(str, info["missing_keys"]))
    shapes = sorted(str(key[0] if isinstance(key, tuple) else key) for key in info["mismatched_keys"])
    if missing or shapes:
        what = [f"{len(missing)} missing, first {missing[0]}"] if missing else []
        what += [f"{len(shapes)} of another shape, first {shapes[0]}"] if shapes else []
        raise CairnError(f"{folder}: the weights do not fit the encoder in config.json: {'; '.join(what)}.")
    threads.suit(int(config.hidden_size))
    loaded = tuple(sorted(name for name, _ in model.named_parameters()))
    return model.eval(), LoadReport(loaded, tuple(sorted(map(str, info["unexpected_keys"]))))


@contextmanager
def reading(folder: Path, what: str) -> Iterator[None]:
    """Turn whatever ``transformers`` raises over a broken or foreign file into an error that names the folder."""
    try:
        yield
    except (CairnError, MemoryError):
        raise
    except Exception as error:
        lines = str(error).strip().splitlines() or [""]
        raise CairnError(
            f"{folder}: the {what} cannot be read: {type(error).__name__}: {lines[0][:300].rstrip('.')}. Fetch the "
            "model again, or name another."
        ) from error


def load_tokenizer(folder: Path) -> Any:
    """Return the fast tokenizer in ``folder``.

    Raises :class:`CairnError` when there is none, when it has no padding token, and when it frames no texts: heads read
    the first token as the summary of the input, and answers that are not there point at it.
    """
    from transformers import AutoTokenizer

    with quiet(), reading(folder, "tokenizer"):
        tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
    kind = type(tokenizer).__name__
    if not getattr(tokenizer, "is_fast", False):
        raise CairnError(f"{folder}: {kind} has no fast version, and character offsets need one.")
    if tokenizer.pad_token_id is None:
        raise CairnError(
            f"{folder}: its {kind} has no padding token, so texts of several lengths cannot be one batch. Add "
            f'"pad_token" to {folder / "tokenizer_config.json"}, a token of its vocabulary.'
        )
    with reading(folder, "tokenizer"):
        framed = tokenizer("a", "b", return_special_tokens_mask=True)
    if "attention_mask" not in framed:
        raise CairnError(
            f"{folder}: its {kind} gives no attention mask, so padding would count as text. Set "
            f'"model_input_names": ["input_ids", "attention_mask"] in {folder / "tokenizer_config.json"}.'
        )
    if [special for special, _ in itertools.groupby(framed["special_tokens_mask"])] != [1, 0, 1, 0, 1]:
        shown = " ".join(tokenizer.convert_ids_to_tokens(framed["input_ids"]))
        raise CairnError(
            f"{folder}: its {kind} does not put special tokens before, between and after two texts "
            f"(they become {shown!r}). {NAME_ONE}"
        )
    return tokenizer


def check_ids(tokenizer: Any, model: Any, folder: Path) -> None:
    """Raise :class:`CairnError` when the tokenizer may give a token for which the encoder has no embedding."""
    try:
        rows = int(model.get_input_embeddings().weight.shape[0])
    except NotImplementedError:
        return  # characters by hash (CANINE): every number has an embedding
    last, token = max((number, token) for token, number in tokenizer.get_vocab().items())
    if last >= rows:
        raise CairnError(
            f"{folder}: the tokenizer gives {token!r} the id {last}, but the encoder has embeddings for 0 to "
            f"{rows - 1}. The two are not of one model, or tokens were added; model.resize_token_embeddings of "
            "transformers adds rows."
        )


def save(model: Any, tokenizer: Any, folder: Path, origin: Mapping[str, Any]) -> None:
    """Write an encoder without heads into ``folder``, with a marker that records ``origin`` and the hashes."""
    folder.mkdir(parents=True, exist_ok=True)
    with quiet():
        model.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
    files.write_json(folder / MARKER, {**origin, **hashes(folder)})


def hashes(folder: Path) -> dict[str, str]:
    """Return ``weights_sha256`` and ``tokenizer_sha256`` of a model folder (pickled weights are refused)."""
    from curation.core import models

    weights = models.weights_hash(folder)
    if weights is None:
        raise CairnError(f"{folder} has no model.safetensors, so there are no weights to load.")
    tokenizer = folder / "tokenizer.json"
    return {"weights_sha256": weights, "tokenizer_sha256": files.sha256(tokenizer) if tokenizer.exists() else ""}


def position_limit(model: Any, tokenizer: Any) -> int:
    """Return how many tokens the encoder has positions for, and the tokenizer allows.

    Families that count positions from behind the padding id (XLM-R) lose those places; the embedding's
    ``padding_idx`` says so.
    """
    limit = int(getattr(model.config, "max_position_embeddings", 1 << 30))
    table = getattr(getattr(model, "embeddings", None), "position_embeddings", None)
    if table is not None and table.padding_idx is not None:
        limit -= table.padding_idx + 1
    return min(limit, int(min(tokenizer.model_max_length, 1 << 30)))


def check_length(encoder: Encoder, max_length: int, where: str) -> None:
    """Raise :class:`CairnError` when ``max_length`` is more than the encoder can read."""
    if max_length > encoder.limit:
        raise CairnError(
            f"{where} is {max_length}, but this encoder reads {encoder.limit} tokens at most ({encoder.folder}: "
            "max_position_embeddings and pad_token_id in config.json, model_max_length of the tokenizer)."
        )


@contextmanager
def quiet() -> Iterator[None]:
    """Keep ``transformers`` from printing its own load report and bar: ours is strict and shorter."""
    from transformers.utils import logging

    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()
