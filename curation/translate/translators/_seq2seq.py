"""Greedy or beam search with an encoder-decoder of transformers: what ``marian`` and ``nllb`` share."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from curation.core.errors import CairnError
from curation.translate.translators import CUT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from curation.core.models import ModelSource

MARKERS = ("[", "]")


def name(backend: str, src: str, tgt: str, params: Any) -> str:
    """Return ``params.model`` with ``{src}`` and ``{tgt}`` replaced; raise :class:`CairnError` when it is null."""
    if params.model is None:
        raise CairnError(
            f"translate.model is null, but backend {backend} needs a model: a hub id such as "
            f"{'Helsinki-NLP/opus-mt-{src}-{tgt}' if backend == 'marian' else 'facebook/nllb-200-distilled-600M'}, "
            "or a folder."
        )
    return str(params.model).replace("{src}", src).replace("{tgt}", tgt)


def check(backend: str, src: str, tgt: str, params: Any) -> None:
    """Raise :class:`CairnError` when no model is named, or one that is no hub id and lies nowhere on this machine."""
    from curation.core import models

    models.nearby(name(backend, src, tgt, params), "translate.model")


def place(backend: str, src: str, tgt: str, params: Any) -> ModelSource:
    """Return where the model of ``params.model`` lies; ``{src}`` and ``{tgt}`` are replaced."""
    from curation.core import models

    return models.model(name(backend, src, tgt, params), params.revision)


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
        raise CairnError(f"{path}: {str(error).strip().splitlines()[0]} Type `pip install 'cairn[mt]'`.") from None
    except (OSError, ValueError) as error:
        raise CairnError(f"{path} is no translation model: {str(error).strip().splitlines()[0]}") from None
    return tokenizer, model.to(device).eval()


def describe(backend: str, src: str, tgt: str, params: Any) -> dict[str, str]:
    """Return model, its revision or hash, library versions, beams and number format."""
    import torch
    import transformers

    found = place(backend, src, tgt, params)
    return {
        "engine": backend,
        "model": name(backend, src, tgt, params),
        "revision": found.revision or "",
        "weights": found.sha256 or "",
        "beams": str(params.beams),
        "precision": _dtype()[1],
        "torch": torch.__version__.partition("+")[0],
        "transformers": transformers.__version__,
    }


def generate(
    path: str, texts: Sequence[str], params: Any, source_code: str | None = None, target_code: str | None = None
) -> list[str]:
    """Return one translation per text, in order; batches hold ``params.batch_size`` texts of similar length.

    :data:`CUT` stands for a text that is longer than the model reads, and for a translation that came to no end.

    Raises :class:`CairnError` for a target code that the model's vocabulary lacks, and when memory runs out.
    """
    import torch

    tokenizer, model = _load(path)
    options: dict[str, Any] = {"num_beams": params.beams, "do_sample": False}
    if source_code is not None:
        tokenizer.src_lang = source_code
    if target_code is not None:
        token = tokenizer.convert_tokens_to_ids(target_code)
        if token is None or token == tokenizer.unk_token_id:
            raise CairnError(f"{path} does not know the language {target_code}.")
        options["forced_bos_token_id"] = token
    limit = int(getattr(model.config, "max_position_embeddings", 512))
    sizes = [len(ids) for ids in tokenizer(list(texts))["input_ids"]] if texts else []
    result = [CUT if size > limit else "" for size in sizes]
    short = (i for i, text in enumerate(texts) if text.strip() and sizes[i] <= limit)
    order = sorted(short, key=lambda i: (len(texts[i]), texts[i], i))
    ends = torch.tensor(_list(model.generation_config.eos_token_id), device=model.device)
    for at in range(0, len(order), params.batch_size):
        part = order[at : at + params.batch_size]
        batch = tokenizer([texts[i] for i in part], return_tensors="pt", padding=True)
        batch.pop("token_type_ids", None)
        longest = min(limit, 2 * int(batch["input_ids"].shape[1]) + 16)
        try:
            with torch.inference_mode():
                out = model.generate(**batch.to(model.device), max_length=longest, **options)
        except torch.OutOfMemoryError:
            raise CairnError(
                f"{path}: out of memory with {len(part)} sentences. Lower translate.batch_size ({params.batch_size})."
            ) from None
        whole = torch.isin(out[:, 1:], ends).any(1).tolist() if len(ends) else [True] * len(part)
        for i, text, ended in zip(part, tokenizer.batch_decode(out, skip_special_tokens=True), whole, strict=True):
            result[i] = text.strip() if ended else CUT
    return result


def _list(value: int | list[int] | None) -> list[int]:
    """Return the token ids that end a text, as a list."""
    return [] if value is None else [value] if isinstance(value, int) else list(value)
