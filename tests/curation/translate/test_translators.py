"""What every translation backend found on disk promises."""

import shutil
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from curation.core import registry
from curation.core.errors import CairnError
from curation.translate.translators import UNKNOWN, apertium, ctranslate2, m2m100, nllb

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


def word_pieces(special, last=()):
    from tokenizers import Tokenizer, models, pre_tokenizers

    vocabulary = {piece: i for i, piece in enumerate([*special, *map(chr, range(33, 127)), *last])}
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
    inner = word_pieces(["</s>", "<unk>"], last=["<pad>"])  # as Marian has it
    fast = PreTrainedTokenizerFast(tokenizer_object=inner, pad_token="<pad>", eos_token="</s>", unk_token="<unk>")  # noqa: S106
    pad = len(fast) - 1
    tokens = {"pad_token_id": pad, "eos_token_id": 0, "forced_eos_token_id": 0, "decoder_start_token_id": pad}
    marian = MarianMTModel(MarianConfig(vocab_size=len(fast), decoder_vocab_size=len(fast), **size, **tokens))
    pieces = {piece: i for i, piece in enumerate(["<s>", "<pad>", "</s>", "<unk>", *map(chr, range(33, 127)), "▁"])}
    nllb_tokenizer = NllbTokenizer(vocab=pieces, merges=[], src_lang="eng_Latn", tgt_lang="deu_Latn")
    config = M2M100Config(
        vocab_size=len(nllb_tokenizer), pad_token_id=1, bos_token_id=0, eos_token_id=2, decoder_start_token_id=2, **size
    )
    folder = tmp_path_factory.mktemp("models")
    inner = word_pieces(["<s>", "<pad>", "</s>", "<unk>"], last=["__en__", "__de__"])
    many = PreTrainedTokenizerFast(
        tokenizer_object=inner, pad_token="<pad>", eos_token="</s>", unk_token="<unk>",  # noqa: S106
        additional_special_tokens=["__en__", "__de__"],
    )  # fmt: skip
    config_many = M2M100Config(
        vocab_size=len(many), pad_token_id=1, bos_token_id=0, eos_token_id=2, decoder_start_token_id=2, **size
    )
    saved = save_tiny(folder / "marian-en-de", marian, fast)
    from curation.translate.translators.ctranslate2 import convert

    convert(saved, folder / "ct2-en-de", "int8")
    return {
        "marian": saved.replace("en-de", "{src}-{tgt}"),
        "nllb": save_tiny(folder / "nllb", M2M100ForConditionalGeneration(config), nllb_tokenizer),
        "m2m100": save_tiny(folder / "m2m100", M2M100ForConditionalGeneration(config_many), many),
        "ctranslate2": str(folder / "ct2-{src}-{tgt}"),
    }


def backend(name, models):
    module = registry.load("translators", name)
    return module, params(model=models.get(name))


def sentence_backends():
    marks = {"apertium": [pytest.mark.apertium]}
    return [pytest.param(name, marks=marks.get(name, [])) for name in NAMES if name != "provided"]


def test_all_are_found():
    assert {"apertium", "ctranslate2", "m2m100", "marian", "nllb", "provided"} == set(NAMES)


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


@pytest.mark.parametrize("lang", ["sr-Latn", "uz_Cyrl_UZ", "tlh", "sr_ME", "pa-PK", "kk_CN"])
def test_nllb_refuses_a_language_in_a_script_that_it_does_not_write(lang):
    with pytest.raises(CairnError, match="or give a FLORES code"):
        nllb.code(lang)


def test_nllb_takes_a_region_that_writes_as_the_language_does():
    regions = {"ko-KR": "kor_Hang", "ja-JP": "jpn_Jpan", "sr-RS": "srp_Cyrl", "zh_HK": "zho_Hant", "fa-AF": "pes_Arab"}
    assert {lang: nllb.code(lang) for lang in regions} == regions


@pytest.mark.parametrize(
    ("lang", "script"), [("sr-Latn", "Latn"), ("sh", "Latn"), ("zh-TW", "Hant"), ("uz_Cyrl", "Cyrl")]
)
def test_m2m100_refuses_a_script_that_it_cannot_be_asked_for(lang, script, models):
    given = params(model=models["m2m100"])
    asks = [
        lambda: m2m100.check("task", "en", lang, given),
        lambda: m2m100.describe("en", lang, given),
        lambda: m2m100.translate(["A dog"], "en", lang, given),
    ]
    for ask in asks:
        with pytest.raises(CairnError, match=rf"{lang} is \w\w in the script {script}, .* nllb, or marian"):
            ask()
    usual = {"sr": "srp_Cyrl", "zh": "zh_CN", "uz": "uzb_Latn", "de": "deu_Latn", "tl": "fil", "tlh": "tlh"}
    assert {code: m2m100.code(other) for code, other in usual.items()} == {code: code for code in usual}


@pytest.mark.parametrize("name", ["m2m100", "nllb"])
def test_ctranslate2_asks_a_model_of_many_languages_for_the_right_one(name, models):
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(models[name])
    given = {"m2m100": ("en", "__de__"), "nllb": ("eng_Latn", "deu_Latn")}[name]
    for spelt in ("de", "deu_Latn", "de-AT"):
        assert ctranslate2._languages(tokenizer, "folder", "en", spelt) == given
    with pytest.raises(CairnError, match="sr-Latn"):
        ctranslate2._languages(tokenizer, "folder", "en", "sr-Latn")
    lacking = "fr" if name == "m2m100" else "xxx_Latn"
    with pytest.raises(CairnError, match=rf"folder does not know the language {lacking}\. .*this one knows: .*de"):
        ctranslate2._languages(tokenizer, "folder", "en", lacking)


def test_ctranslate2_asks_a_model_of_one_pair_for_nothing(models):
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(models["marian"].replace("{src}-{tgt}", "en-de"))
    assert ctranslate2._languages(tokenizer, "folder", "en", "de") is None


@pytest.mark.parametrize("name", ["marian", "nllb", "m2m100", "ctranslate2"])
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


def test_ctranslate2_says_what_the_model_says_that_it_was_made_of(models):
    """A random model has no clear best token, and int8 rounds: most translations agree, and where they end does."""
    module, given = backend("ctranslate2", models)
    peer, same = backend("marian", models)
    texts = [f"The dog sees {i} cats" for i in range(20)]
    found, expected = module.translate(texts, "en", "de", given), peer.translate(texts, "en", "de", same)
    assert len(found) == len(expected)
    described = module.describe("en", "de", given)
    assert described["precision"] in ("int8", "bfloat16")
    assert described["licence"].startswith("unknown")
    with pytest.raises(
        CairnError, match=r"ct2-en-fr is no converted model: it holds no model\.bin\. Make one: python -c"
    ):
        module.check("t", "en", "fr", given)


@pytest.mark.parametrize(
    ("name", "weights", "said"),
    [
        ("ctranslate2", "model.bin", r"is no converted model: .*Make one: python -c"),
        ("nllb", "model.safetensors", r"is no translation model: .*Name one in translate\.model: a hub id such as"),
    ],
)
def test_a_folder_whose_tokenizer_lacks_is_told_with_what_to_name(tmp_path, name, weights, said):
    (tmp_path / weights).write_bytes(b"none")
    (tmp_path / "config.json").write_text('{"model_type": "marian"}')
    with pytest.raises(CairnError, match=said):
        registry.load("translators", name).translate(["A dog"], "en", "de", params(model=str(tmp_path)))


def test_what_is_longer_than_the_model_is_marked_as_cut(models):
    from curation.translate.translators import CUT

    module, given = backend("marian", models)
    short, long = module.translate(["a dog", "dog " * 60], "en", "de", given)
    assert long.endswith(CUT)
    assert isinstance(short, str)


def test_a_loop_is_tried_again_and_the_better_one_kept():
    from curation.translate.translators import CUT, _loops

    asked = []

    def retry(texts):
        asked.extend(texts)
        return ["ein Hund lief" for _ in texts], [False for _ in texts]

    found = _loops.again(
        ["a dog ran", "a cat", "a ox"], ["Hund Hund Hund Hund", "eine Katze", "ein Ochse"], [True, False, True], retry
    )
    assert asked == ["a dog ran"]
    assert found == ["ein Hund lief", "eine Katze", "ein Ochse" + CUT]


def test_the_licence_is_read_from_the_card_of_the_model(tmp_path, capsys):
    from curation.translate.translators import _seq2seq

    (tmp_path / "README.md").write_text("---\nlanguage: en\nlicense: cc-by-4.0\n---\n# A model\n")
    assert _seq2seq.licence("some/model", tmp_path) == "cc-by-4.0"
    _seq2seq.show_licence("some/model", "cc-by-4.0")
    assert "licence: cc-by-4.0" in capsys.readouterr().err
