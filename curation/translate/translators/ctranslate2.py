"""Converted models through CTranslate2: int8 on a CPU, bfloat16 on a GPU, batches by tokens.

A model is a folder that :func:`convert` (or ``ct2-transformers-converter --copy_files``) wrote: CTranslate2's
``model.bin`` and the tokenizer of the model it was made of. Marian models need no more; for NLLB and M2M-100 the
languages are taken from the folder's tokenizer.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from curation.core import files
from curation.core.errors import CairnError, told
from curation.translate.translators import _loops, _seq2seq

if TYPE_CHECKING:
    from collections.abc import Sequence

MARKERS = _seq2seq.MARKERS
TOKENS = 2048
"""Source tokens in a batch."""
LIMIT = 512
"""Tokens of a source or a translation at most, or what the tokenizer says is the model's limit."""
_RETRY = {"beam_size": 4, "no_repeat_ngram_size": 3, "repetition_penalty": 1.2}


def convert(model: str, folder: str | Path, quantization: str = "int8") -> Path:
    """Convert the transformers model in ``model`` (a folder or hub id), with its tokenizer, to ``folder``."""
    import ctranslate2.converters
    from transformers import AutoConfig, AutoTokenizer

    with files.replacing_folder(Path(folder)) as aside:
        ctranslate2.converters.TransformersConverter(model).convert(
            str(aside / "made"), quantization=quantization, force=True
        )
        for file in (aside / "made").iterdir():
            file.rename(aside / file.name)
        (aside / "made").rmdir()
        tokenizer = AutoTokenizer.from_pretrained(model)
        positions = getattr(AutoConfig.from_pretrained(model), "max_position_embeddings", LIMIT)
        tokenizer.model_max_length = min(positions, tokenizer.model_max_length)  # the converted model does not say
        tokenizer.save_pretrained(aside)
        readme = Path(model) / "README.md"
        if readme.is_file():
            (aside / "README.md").write_bytes(readme.read_bytes())
    return Path(folder)


def _folder(src: str, tgt: str, params: Any) -> Path:
    folder = Path(_seq2seq.name("ctranslate2", src, tgt, params))
    if not (folder / "model.bin").is_file():
        raise _no_model(folder, "it holds no model.bin")
    return folder


def _no_model(folder: str | Path, why: str) -> CairnError:
    return CairnError(
        f"translate.model: {folder} is no converted model: {why}. Make one: python -c 'from "
        f'curation.translate.translators.ctranslate2 import convert; convert("MODEL", "{folder}")\''
    )


def check(task: str, src: str, tgt: str, params: Any) -> None:
    """Raise :class:`CairnError` when no folder with a converted model is named, or CTranslate2 is not installed."""
    _library()
    _folder(src, tgt, params)


def _library() -> Any:
    try:
        import ctranslate2
    except ImportError:
        raise CairnError("backend ctranslate2 is not installed. Type `pip install ctranslate2`.") from None
    return ctranslate2


def _setting() -> tuple[str, str]:
    """Return device and number format."""
    return ("cuda", "bfloat16") if _library().get_cuda_device_count() else ("cpu", "int8")


def describe(src: str, tgt: str, params: Any) -> dict[str, str]:
    """Return the model, the hash of its weights, its licence, and settings."""
    folder = _folder(src, tgt, params)
    licensed = _seq2seq.licence(str(params.model), folder)
    _seq2seq.show_licence(str(folder), licensed)
    return {
        "engine": "ctranslate2", "model": str(params.model), "weights": files.sha256(folder / "model.bin"),
        "licence": licensed, "beams": str(params.beams), "precision": _setting()[1],
        "ctranslate2": _library().__version__, "from": src, "to": tgt, "scheme": "2",
    }  # fmt: skip


@lru_cache(maxsize=1)
def _load(folder: str) -> tuple[Any, Any]:
    from transformers import AutoTokenizer

    device, precision = _setting()
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder)
        return tokenizer, _library().Translator(folder, device=device, compute_type=precision)
    except (CairnError, MemoryError):
        raise
    except Exception as error:  # transformers raises many kinds over a file that lacks
        raise _no_model(folder, told(error)) from error


def _languages(tokenizer: Any, folder: str, src: str, tgt: str) -> tuple[str, str] | None:
    """Return, for a model of many languages, its code of the source and its token of the target; else ``None``.

    Raises :class:`CairnError` for a target that it does not know: without a token it would write any language.
    """
    from curation.translate.translators import m2m100, nllb

    known = _seq2seq.language_tokens(tokenizer)
    if not known:
        return None
    if any(token.startswith("__") for token in known):
        source, token = m2m100.code(src), f"__{m2m100.code(tgt)}__"
    else:
        source, token = nllb.code(src), nllb.code(tgt)
    if token not in known:
        raise _seq2seq.unknown_language(folder, token, known)
    return source, token


def translate(texts: Sequence[str], src: str, tgt: str, params: Any) -> list[str]:
    """Return one translation per text by the converted model in the folder ``params.model``."""
    folder = str(_folder(src, tgt, params))
    tokenizer, _ = _load(folder)
    languages = _languages(tokenizer, folder, src, tgt)
    prefix = None
    if languages is not None:
        tokenizer.src_lang, prefix = languages
    wanted = [text for text in texts if text.strip()]
    options = {"beam_size": params.beams}
    found, cut = _run(folder, wanted, prefix, options)
    best = iter(_loops.again(wanted, found, cut, lambda own: _run(folder, own, prefix, options | _RETRY)))
    return [next(best) if text.strip() else "" for text in texts]


def _run(
    folder: str, texts: Sequence[str], prefix: str | None, options: dict[str, Any]
) -> tuple[list[str], list[bool]]:
    tokenizer, model = _load(folder)
    if not texts:
        return [], []
    limit = min(LIMIT, tokenizer.model_max_length)
    ids = [list(own) for own in tokenizer(list(texts))["input_ids"]]
    pieces = [tokenizer.convert_ids_to_tokens([*own[: limit - 1], own[-1]] if len(own) > limit else own) for own in ids]
    out = model.translate_batch(
        pieces, target_prefix=None if prefix is None else [[prefix]] * len(pieces), max_batch_size=TOKENS,
        batch_type="tokens", max_input_length=0, max_decoding_length=limit - 2, return_end_token=True, **options,
    )  # fmt: skip
    result, cut = [], []
    end = tokenizer.eos_token
    for own, done in zip(ids, out, strict=True):
        best = list(done.hypotheses[0])
        result.append(tokenizer.decode(tokenizer.convert_tokens_to_ids(best), skip_special_tokens=True).strip())
        cut.append(len(own) > limit or (best[-1:] != [end] and len(best) >= limit - 2))
    return result, cut
