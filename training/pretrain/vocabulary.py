"""A tokenizer of one's own: BPE pieces over all languages together, with XLM-R's special tokens and places."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

SPECIAL = ("<s>", "<pad>", "</s>", "<unk>")
MASK = "<mask>"


def learn(texts: Iterable[str], size: int, max_length: int) -> Any:
    """Return a fast tokenizer with ``size`` tokens in all; languages share every piece that they have in common.

    The input of two texts is ``<s> A </s></s> B </s>``; case is kept, Unicode is normalised to NFKC.
    """
    from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
    from transformers import PreTrainedTokenizerFast

    space = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    inner = Tokenizer(models.BPE(unk_token="<unk>"))  # noqa: S106
    inner.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")])
    inner.pre_tokenizer = pre_tokenizers.Sequence([space, pre_tokenizers.Punctuation()])
    inner.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always")
    trainer = trainers.BpeTrainer(
        vocab_size=size - 1, special_tokens=list(SPECIAL), min_frequency=2, show_progress=False
    )
    inner.train_from_iterator(texts, trainer)
    inner.add_special_tokens([MASK])
    inner.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> </s> $B </s>",
        special_tokens=[("<s>", 0), ("</s>", 2)],
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=inner,
        bos_token="<s>",  # noqa: S106
        cls_token="<s>",  # noqa: S106
        eos_token="</s>",  # noqa: S106
        sep_token="</s>",  # noqa: S106
        pad_token="<pad>",  # noqa: S106
        unk_token="<unk>",  # noqa: S106
        mask_token=MASK,
        model_max_length=max_length,
        model_input_names=["input_ids", "attention_mask"],
    )
