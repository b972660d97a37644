"""Encoder-decoders of transformers: what ``marian``, ``nllb`` and ``m2m100`` share, and ``ctranslate2`` in part."""

from __future__ import annotations

import re
import sys
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from curation.core import models
from curation.core.errors import CairnError, told
from curation.translate.translators import _loops

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from curation.core.models import ModelSource

MARKERS = ("[", "]")
EXAMPLES = {
    "marian": "Helsinki-NLP/opus-mt-{src}-{tgt}",
    "nllb": "facebook/nllb-200-distilled-600M",
    "m2m100": "facebook/m2m100_418M",
    "ctranslate2": "models/opus-mt-{src}-{tgt}-ct2",
}
_LICENCES = (
    ("Helsinki-NLP/opus-mt-tc", "CC BY 4.0"), ("Helsinki-NLP/", "Apache-2.0 (older models CC BY 4.0)"),
    ("facebook/nllb", "CC BY-NC 4.0: not for commercial use"), ("facebook/m2m100", "MIT"),
)  # fmt: skip
_LANGUAGE = re.compile(r"__[a-z]{2,3}__|[a-z]{3}_[A-Z][a-z]{3}")
_RETRY = {"num_beams": 4, "no_repeat_ngram_size": 3, "repetition_penalty": 1.2}


def name(backend: str, src: str, tgt: str, params: Any) -> str:
    """Return ``params.model`` with ``{src}`` and ``{tgt}`` replaced; raise :class:`CairnError` when it is null."""
    if params.model is None:
        what = "a folder" if backend == "ctranslate2" else "a hub id"
        or_folder = "" if backend == "ctranslate2" else ", or a folder"
        raise CairnError(
            f"translate.model is null, but backend {backend} needs a model: {what} such as "
            f"{EXAMPLES[backend]}{or_folder}."
        )
    return str(params.model).replace("{src}", src).replace("{tgt}", tgt)


def check(backend: str, src: str, tgt: str, params: Any) -> None:
    """Raise :class:`CairnError` when no model is named, or one that is no hub id and lies nowhere on this machine."""
    models.nearby(name(backend, src, tgt, params), "translate.model")


def place(backend: str, src: str, tgt: str, params: Any) -> ModelSource:
    """Return where the model of ``params.model`` lies; ``{src}`` and ``{tgt}`` are replaced."""
    return models.model(name(backend, src, tgt, params), params.revision)


def licence(model: str, folder: str | Path) -> str:
    """Return the licence of a model's weights: of its README's header, else as its makers are known to publish.

    >>> licence("facebook/nllb-200-distilled-600M", "nowhere")
    'CC BY-NC 4.0: not for commercial use'
    """
    readme = Path(folder) / "README.md"
    if readme.is_file():
        lines = readme.read_text(encoding="utf-8", errors="replace").splitlines()
        for line in lines[1:60] if lines[:1] == ["---"] else []:
            if line.startswith("license:"):
                return line.partition(":")[2].strip()
    return next((known for start, known in _LICENCES if model.startswith(start)), "unknown: see the model's page")


@lru_cache
def show_licence(model: str, licensed: str) -> None:
    """Say once on standard error under which licence the weights are used."""
    sys.stderr.write(f"translate: weights of {model}, licence: {licensed}\n")


def _dtype() -> tuple[str, str]:
    """Return device and number format: bf16 on a GPU that has it, else fp32."""
    import torch

    if torch.cuda.is_available():
        return "cuda", "bfloat16" if torch.cuda.is_bf16_supported() else "float16"
    return "cpu", "float32"


@lru_cache(maxsize=1)
def _load(path: str) -> tuple[Any, Any]:
    import torch
    from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

    device, dtype = _dtype()
    try:
        tokenizer = AutoTokenizer.from_pretrained(path)
        model = AutoModelForSeq2SeqLM.from_pretrained(path, dtype=getattr(torch, dtype), use_safetensors=True)
    except ImportError as error:
        raise CairnError(f"{path}: {str(error).strip().splitlines()[0]} Type `pip install sentencepiece`.") from None
    except (CairnError, MemoryError):
        raise
    except Exception as error:  # transformers raises many kinds over a file that lacks
        raise CairnError(
            f"{path} is no translation model: {told(error)}. Name one in translate.model: a hub id such as "
            f"{EXAMPLES['nllb']}, or a folder with config.json, weights as .safetensors, and a tokenizer."
        ) from error
    return tokenizer, model.to(device).eval()


def describe(backend: str, src: str, tgt: str, params: Any) -> dict[str, str]:
    """Return model, its revision or hash and licence, library versions, beams and number format."""
    import torch
    import transformers

    found, named = place(backend, src, tgt, params), name(backend, src, tgt, params)
    licensed = licence(named, found.path)
    show_licence(named, licensed)
    return {
        "engine": backend,
        "model": named,
        "revision": found.revision or "",
        "weights": found.sha256 or "",
        "licence": licensed,
        "beams": str(params.beams),
        "precision": _dtype()[1],
        "torch": torch.__version__.partition("+")[0],
        "transformers": transformers.__version__,
        "scheme": "2",
    }


def language_tokens(tokenizer: Any) -> set[str]:
    """Return the tokens by which a model of many languages is told the target: ``__de__``, ``deu_Latn``."""
    special = getattr(tokenizer, "additional_special_tokens", None) or tokenizer.all_special_tokens
    return {token for token in [*special, *getattr(tokenizer, "lang_token_to_id", ())] if _LANGUAGE.fullmatch(token)}


def unknown_language(path: str, token: str, known: Collection[str]) -> CairnError:
    """Return the error for a target language that a model's vocabulary lacks."""
    codes = ", ".join(sorted(one.strip("_") for one in known)) or "(none)"
    return CairnError(
        f"{path} does not know the language {token.strip('_')}. Take it out of translate.languages, or name another "
        f"translate.model; this one knows: {codes}."
    )


def generate(
    path: str, texts: Sequence[str], params: Any, source_code: str | None = None, target_token: str | None = None
) -> list[str]:
    """Return one translation per text, in order; batches hold ``params.batch_size`` texts of similar length.

    A translation that loops is tried again with beams and a ban on repeated trigrams. Raises :class:`CairnError` for a
    target token that the model's vocabulary lacks, and when memory runs out.
    """
    tokenizer, _ = _load(path)
    options: dict[str, Any] = {"num_beams": params.beams, "do_sample": False}
    if source_code is not None:
        tokenizer.src_lang = source_code
    if target_token is not None:
        token = tokenizer.convert_tokens_to_ids(target_token)
        if token is None or token == tokenizer.unk_token_id:
            raise unknown_language(path, target_token, language_tokens(tokenizer))
        options["forced_bos_token_id"] = token
    wanted = [text for text in texts if text.strip()]
    found, cut = _generate(path, wanted, params, options)
    best = iter(_loops.again(wanted, found, cut, lambda own: _generate(path, own, params, options | _RETRY)))
    return [next(best) if text.strip() else "" for text in texts]


def _generate(path: str, texts: Sequence[str], params: Any, options: dict[str, Any]) -> tuple[list[str], list[bool]]:
    """Return the translations, and which of them were cut at the model's limit (or their source was)."""
    import torch

    tokenizer, model = _load(path)
    result, cut = ["" for _ in texts], [False for _ in texts]
    order = sorted(range(len(texts)), key=lambda i: (len(texts[i]), texts[i], i))
    limit = int(getattr(model.config, "max_position_embeddings", 512))
    for at in range(0, len(order), params.batch_size):
        part = order[at : at + params.batch_size]
        full = tokenizer([texts[i] for i in part])["input_ids"]
        batch = tokenizer(
            [texts[i] for i in part], return_tensors="pt", padding=True, truncation=True, max_length=limit
        )
        batch.pop("token_type_ids", None)
        longest = min(limit, 2 * int(batch["input_ids"].shape[1]) + 16)
        try:
            with torch.inference_mode():
                out = model.generate(**batch.to(model.device), max_length=longest, **options)
        except torch.OutOfMemoryError:
            raise CairnError(
                f"{path}: out of memory with {len(part)} sentences. Lower translate.batch_size ({params.batch_size})."
            ) from None
        ends = model.generation_config.eos_token_id
        ended = torch.isin(out, torch.tensor(ends, device=out.device)).any(1).tolist()
        for i, text, ids, has_end in zip(
            part, tokenizer.batch_decode(out, skip_special_tokens=True), full, ended, strict=True
        ):
            result[i] = text.strip()
            cut[i] = len(ids) > limit or (longest == limit and not has_end)
    return result, cut
