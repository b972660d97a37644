"""Tiny random encoders of three families with tokenizers of their own, built once a session, and rows of every kind."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pyarrow as pa
import pytest

from curation.core import records
from curation.core.task import Answer, Example
from training import published

SENTENCES = (
    "the small dog runs in the park .",
    "a red cat sleeps on the old chair .",
    "die kleine katze schläft nicht im garten .",
    "tom gives mary a green book ; she reads it .",
    "北京是中国的首都，人口很多。",
    "กรุงเทพเป็นเมืองหลวงของประเทศไทย",
    "القاهرة هي عاصمة مصر ويبلغ عدد سكانها عشرة ملايين",
    "В 1998 году он переехал в Москву .",
)
FAMILIES = ("xlmr", "bert", "modernbert")


def _tokenizer(family: str):
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
    from transformers import PreTrainedTokenizerFast

    corpus = [*SENTENCES] * 3
    if family == "bert":
        tok = Tokenizer(models.WordPiece(unk_token="[UNK]"))  # noqa: S106
        tok.normalizer = normalizers.BertNormalizer(lowercase=True)
        tok.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
        trainer = trainers.WordPieceTrainer(vocab_size=260, special_tokens=special, show_progress=False)
        first, last, middle, types = "[CLS]", "[SEP]", "[SEP]", (0, 1)
    elif family == "xlmr":
        tok = Tokenizer(models.Unigram())
        tok.normalizer = normalizers.NFKC()
        tok.pre_tokenizer = pre_tokenizers.Metaspace()
        special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
        trainer = trainers.UnigramTrainer(
            vocab_size=260,
            special_tokens=special,
            unk_token="<unk>",  # noqa: S106
            show_progress=False,
        )
        first, last, middle, types = "<s>", "</s>", "</s> </s>", (0, 0)
    else:
        tok = Tokenizer(models.BPE())
        tok.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        special = ["[UNK]", "[CLS]", "[SEP]", "[PAD]", "[MASK]"]
        trainer = trainers.BpeTrainer(
            vocab_size=400,
            special_tokens=special,
            show_progress=False,
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        )
        first, last, middle, types = "[CLS]", "[SEP]", "[SEP]", (0, 0)
    tok.train_from_iterator(corpus, trainer)
    b = types[1]
    tok.post_processor = processors.TemplateProcessing(
        single=f"{first}:0 $A:0 {last}:0",
        pair=f"{first}:0 $A:0 " + " ".join(f"{m}:0" for m in middle.split()) + f" $B:{b} {last}:{b}",
        special_tokens=[(name, tok.token_to_id(name)) for name in {first, last}],
    )
    by_role = {"xlmr": ("<s>", "<pad>", "</s>", "<unk>", "<mask>")}.get(
        family, ("[CLS]", "[PAD]", "[SEP]", "[UNK]", "[MASK]")
    )
    roles = dict(zip(("cls_token", "pad_token", "sep_token", "unk_token", "mask_token"), by_role, strict=True))
    inputs = ["input_ids", "attention_mask"] + (["token_type_ids"] if family == "bert" else [])
    return PreTrainedTokenizerFast(tokenizer_object=tok, model_input_names=inputs, model_max_length=128, **roles)


def _model(family: str, tokenizer):
    import torch
    from transformers import (
        BertConfig,
        BertForMaskedLM,
        ModernBertConfig,
        ModernBertForMaskedLM,
        XLMRobertaConfig,
        XLMRobertaForMaskedLM,
    )

    size = {
        "vocab_size": len(tokenizer),
        "hidden_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "intermediate_size": 48,
        "pad_token_id": tokenizer.pad_token_id,
    }
    torch.manual_seed(1)
    if family == "xlmr":
        return XLMRobertaForMaskedLM(XLMRobertaConfig(max_position_embeddings=130, type_vocab_size=1, **size))
    if family == "bert":
        return BertForMaskedLM(BertConfig(max_position_embeddings=128, **size))
    ids = {"cls_token_id": 1, "sep_token_id": 2, "bos_token_id": 1, "eos_token_id": 2}
    return ModernBertForMaskedLM(ModernBertConfig(max_position_embeddings=128, **size, **ids))


@pytest.fixture(scope="session")
def encoders(tmp_path_factory) -> dict[str, Path]:
    """Folders of tiny random masked language models, by family."""
    made = {}
    for family in FAMILIES:
        folder = tmp_path_factory.mktemp(family)
        tokenizer = _tokenizer(family)
        tokenizer.save_pretrained(folder)
        _model(family, tokenizer).save_pretrained(folder)
        made[family] = folder
    return made


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    """An empty working directory with a cache of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CAIRN_CACHE", str(tmp_path / "cache"))
    monkeypatch.setitem(os.environ, "ACCELERATE_USE_CPU", "true")
    return tmp_path


def table(kind: str, examples: list[Example], lang: str = "en") -> pa.Table:
    """Records of ``examples`` with numbered ids."""
    ids = [f"t-{number:04d}" for number in range(len(examples))]
    return records.table(kind, ids, [lang] * len(ids), examples)


def rows_of(kind: str, count: int = 24) -> pa.Table:
    """Rows a tiny model can learn: the label hangs on one word."""
    made = []
    for n in range(count):
        yes = n % 2
        word = "dog" if yes else "cat"
        if kind == "classify":
            made.append(Example(text=f"tom reads . the small {word} runs {n % 5}", label=yes))
        elif kind == "pair":
            made.append(Example(text_a=f"the small {word} runs {n % 5}", text_b="tom reads", label=yes))
        elif kind == "choice":
            texts = ["the cat sleeps", "a red dog"] + ["tom"] * (n % 3)
            made.append(Example(prompt="mary reads a book " * (1 + n % 4), choices=tuple(texts), label=yes))
        elif kind == "span":
            context = f"tom sleeps in the park . the {word} runs in the garden {n % 5} ."
            answer = () if n % 6 == 5 else (Answer(word, context.index(word)),)
            made.append(Example(question="who runs ?", context=context, answers=answer))
        elif kind == "tags":
            tokens = ("the", "small", word, "runs", ".")
            made.append(Example(tokens=tokens, tags=(0, 1, 2, 3 if yes else 1, 0)))
        else:
            made.append(Example(text=SENTENCES[n % len(SENTENCES)]))
    return table(kind, made)


@pytest.fixture
def rows():
    """The function that makes learnable rows of a kind."""
    return rows_of


@pytest.fixture
def make_table():
    """The function that makes records of examples."""
    return table


@pytest.fixture
def table_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the folder of tables, in place of it."""
    found = tmp_path / "published"
    shutil.copytree(published.FOLDER, found, ignore=shutil.ignore_patterns("__pycache__", "*.py"))
    monkeypatch.setattr(published, "FOLDER", found)
    return found
