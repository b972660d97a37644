"""What every translation backend found on disk promises."""

import shutil
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from curation.core import registry
from curation.core.errors import CairnError
from curation.translate.translators import UNKNOWN, apertium, nllb

NAMES = registry.names("translators")
TEXTS = [
    "The dog sees 3 cats.", "", "A house", "[x] {y} <b>z</b> & * star @home #tag ^ $5 \\ /", "The dog sees 3 cats.",
    "   ", "Zxqw", "A dog", "of my father", "“Yes!” she said: no? (It's 10%.)",
]  # fmt: skip


def params(**changes):
    return SimpleNamespace(**{"batch_size": 3, "model": None, "revision": None, "beams": 1, **changes})


def save_tiny(folder, model, tokenizer):
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return str(folder)


def word_pieces(special):
    from tokenizers import Tokenizer, models, pre_tokenizers

    vocabulary = {piece: i for i, piece in enumerate([*special, *map(chr, range(33, 127))])}
    tokenizer = Tokenizer(models.BPE(vocabulary, [], unk_token="<unk>"))  # noqa: S106
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    return tokenizer


@pytest.fixture(scope="session")
def models(tmp_path_factory):
    """A tiny random model for each neural backend, built here."""
    import torch
    from transformers import (
        M2M100Config,
        M2M100ForConditionalGeneration,
        MarianConfig,
        MarianMTModel,
        PreTrainedTokenizerFast,
    )
    from transformers.models.nllb.tokenization_nllb import NllbTokenizer

    torch.manual_seed(0)
    size = {
        "d_model": 16,
        "encoder_layers": 1,
        "decoder_layers": 1,
        "encoder_attention_heads": 2,
        "decoder_attention_heads": 2,
    }
    size |= {"encoder_ffn_dim": 16, "decoder_ffn_dim": 16, "max_position_embeddings": 64, "dropout": 0.0}
    inner = word_pieces(["<pad>", "</s>", "<unk>"])
    fast = PreTrainedTokenizerFast(tokenizer_object=inner, pad_token="<pad>", eos_token="</s>", unk_token="<unk>")  # noqa: S106
    tokens = {"pad_token_id": 0, "eos_token_id": 1, "forced_eos_token_id": 1, "decoder_start_token_id": 0}
    marian = MarianMTModel(MarianConfig(vocab_size=len(fast), decoder_vocab_size=len(fast), **size, **tokens))
    pieces = {piece: i for i, piece in enumerate(["<s>", "<pad>", "</s>", "<unk>", *map(chr, range(33, 127)), "▁"])}
    nllb_tokenizer = NllbTokenizer(vocab=pieces, merges=[], src_lang="eng_Latn", tgt_lang="deu_Latn")
    config = M2M100Config(
        vocab_size=len(nllb_tokenizer), pad_token_id=1, bos_token_id=0, eos_token_id=2, decoder_start_token_id=2, **size
    )
    folder = tmp_path_factory.mktemp("models")
    return {
        "marian": save_tiny(folder / "marian-en-de", marian, fast).replace("en-de", "{src}-{tgt}"),
        "nllb": save_tiny(folder / "nllb", M2M100ForConditionalGeneration(config), nllb_tokenizer),
    }


def backend(name, models):
    module = registry.load("translators", name)
    return module, params(model=models.get(name))


def sentence_backends():
    marks = {"apertium": [pytest.mark.apertium]}
    return [pytest.param(name, marks=marks.get(name, [])) for name in NAMES if name != "provided"]


def test_all_are_found():
    assert {"apertium", "marian", "nllb", "provided"} == set(NAMES)


@pytest.mark.parametrize("name", sentence_backends())
def test_backend_keeps_count_order_and_empty_strings(name, models):
    module, given = backend(name, models)
    target = "es" if name == "apertium" else "de"
    found = module.translate(TEXTS, "en", target, given)
    assert len(found) == len(TEXTS)
    assert [text for text, source in zip(found, TEXTS, strict=True) if not source.strip()] == ["", ""]
    assert found[0] == found[4] != ""
    assert len(set(found)) > 2
    assert module.translate(TEXTS, "en", target, given) == found
    assert module.translate(TEXTS[::-1], "en", target, given) == found[::-1]
    assert module.translate([], "en", target, given) == []
    if name != "apertium":  # neural results may differ in the last bit between batches; order and count may not
        return
    assert [module.translate([text], "en", target, given)[0] for text in TEXTS] == found


@pytest.mark.parametrize("name", sentence_backends())
def test_backend_describes_itself_for_the_cache(name, models):
    module, given = backend(name, models)
    target = "es" if name == "apertium" else "de"
    described = module.describe("en", target, given)
    assert described["engine"] == name
    assert all(isinstance(value, str) for value in described.values())
    assert len(set(module.MARKERS)) == 2
    assert all(len(marker) == 1 for marker in module.MARKERS)


@pytest.mark.parametrize("name", ["marian", "nllb"])
def test_a_model_must_be_named(name):
    with pytest.raises(CairnError, match=r"translate.model is null"):
        registry.load("translators", name).describe("en", "de", params())


def test_beams_and_target_language_matter(models):
    given = params(model=models["nllb"])
    german = nllb.translate(["A dog sees a cat."], "en", "de", given)
    assert nllb.describe("en", "de", given) != nllb.describe("en", "fr", given)
    assert german == nllb.translate(["A dog sees a cat."], "en", "deu_Latn", given)
    with pytest.raises(CairnError, match="does not know the language xxx_Latn"):
        nllb.translate(["A dog"], "en", "xxx_Latn", given)
    with pytest.raises(CairnError, match="unknown language 'dx'"):
        nllb.code("dx")


def test_shortest_way_goes_through_as_few_languages_as_possible():
    pairs = [("en", "ca"), ("ca", "fr"), ("en", "es"), ("es", "fr"), ("fr", "de"), ("en", "fr")]
    assert apertium.shortest(pairs, "en", "fr") == ["en", "fr"]
    assert apertium.shortest(pairs[:-1], "en", "de") == ["en", "ca", "fr", "de"]
    assert apertium.shortest(pairs, "de", "en") is None


def test_missing_program_says_what_to_install(monkeypatch):
    apertium.directions.cache_clear()
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(CairnError, match="apt-get install apertium"):
        apertium.translate(["x"], "en", "es", params())
    apertium.directions.cache_clear()


@pytest.mark.apertium
def test_apertium_translates_and_marks_what_it_does_not_know():
    found = apertium.translate(["I have a red house.", "I have a zxqw."], "en", "es", params())
    assert found[0] == "Tengo una casa roja."
    assert UNKNOWN + "zxqw" in found[1]


@pytest.mark.apertium
def test_apertium_takes_the_way_through_spanish():
    assert apertium.steps("en", "fr") == ["eng-spa", "es-fr"]
    assert "chien" in apertium.translate(["The dog sleeps."], "en", "fr", params())[0]
    with pytest.raises(CairnError, match="no way from en to xx"):
        apertium.steps("en", "xx")


@pytest.mark.apertium
@given(st.lists(st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), max_size=20), min_size=1, max_size=5))
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_apertium_survives_any_text(texts):
    found = apertium.translate(texts, "en", "es", params())
    assert len(found) == len(texts)
    assert all(not b for a, b in zip(texts, found, strict=True) if not a.strip())
