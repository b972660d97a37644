"""Every kind on disk: conformance, and what is peculiar to each."""

import inspect
import math

import numpy as np
import pyarrow as pa
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from curation.core import records, registry
from curation.core.errors import CairnError
from curation.core.task import Answer, Example
from training import finetune
from training.finetune import jobs, loop
from training.finetune.jobs import Job
from training.model import batches, encoder, model, predict, sequences
from training.model import kind as kinds
from training.model.batches import NOTHING
from training.model.kind import Kind

KINDS = ("choice", "classify", "pair", "span", "tags", "text", "tlm")
METRICS = {"classify": "f1", "pair": "accuracy", "choice": "accuracy", "span": "squad", "tags": "seqeval"}
LABELS = {"classify": ("no", "yes"), "pair": ("no", "yes"), "tags": ("O", "B-X", "B-Y", "B-Z")}


def params(**changes) -> finetune.Params:
    values = {
        "steps": 30, "epochs": None, "batch_tokens": 2048, "max_length": 64, "learning_rate": 3e-3, "warmup": 0.1,
        "weight_decay": 0.01, "clip": 1.0, "evaluate_every": 15, "precision": "fp32",
    }  # fmt: skip
    return finetune.Params(**values | changes)


def job(kind: str, table: pa.Table) -> Job:
    return Job("t", kind, METRICS.get(kind, ""), LABELS.get(kind, ()), table, table)


def test_every_kind_on_disk_defines_the_protocol():
    assert tuple(registry.names("kinds")) == KINDS
    wanted = [name for name in vars(Kind) if not name.startswith("_")]
    assert len(wanted) == 13
    for name in KINDS:
        module = kinds.load(name)
        for part in wanted:
            if part in ("odds", "spread") and name in ("text", "tlm"):  # no labels
                assert not hasattr(module, part), (name, part)
                continue
            found = getattr(module, part)
            if part != "Head":
                given = list(inspect.signature(getattr(Kind, part)).parameters)[1:]
                assert list(inspect.signature(found).parameters) == given, (name, part)


@pytest.mark.parametrize("family", ["xlmr", "bert", "modernbert"])
@pytest.mark.parametrize("kind", ["classify", "pair", "choice", "span", "tags", "text"])
def test_each_kind_learns_and_round_trips_through_its_folder(encoders, rows, home, kind, family):
    table = rows(kind)
    start = encoder.load(encoders[family])
    work = job(kind, table)
    before = {name: tensor.clone() for name, tensor in start.model.state_dict().items()}
    outcome = loop.train(start, [work], params(), 1, kind)
    losses = [point.loss for point in outcome.curve if point.loss is not None]
    assert len(losses) == 2
    assert losses[1] < losses[0]
    assert any(not torch.equal(before[name], tensor) for name, tensor in start.model.state_dict().items())

    card = model.Card(kind, "t", list(work.labels), outcome.parts[0].facts, 64)
    model.save(outcome.model, "t", start.tokenizer, card, home / "m", {})
    found = predict.predict(home / "m", table, 512, 64)
    assert len(found) == len(table)
    values = jobs.measure(work, found)
    if kind != "text":  # what is masked hangs on the batch
        assert values[jobs.primary(work)] == pytest.approx(outcome.summary["best_dev"])
    saved = model.load(home / "m")[0].state_dict()
    for name, tensor in outcome.model.state_dict().items():
        assert torch.equal(saved[name], tensor), name


@pytest.mark.parametrize("kind", ["classify", "pair", "choice", "span", "tags"])
def test_predictions_do_not_hang_on_order_or_batching(encoders, rows, kind):
    start = encoder.load(encoders["xlmr"])
    module, table = kinds.load(kind), rows(kind)
    facts = module.facts(table, LABELS.get(kind, ()))
    torch.manual_seed(3)
    whole = model.Model(start.model, {"t": module.Head(start.model, facts)})

    def answers(given: pa.Table, budget: int) -> list:
        features = module.features(given, start.tokenizer, 32, facts)
        pieces = predict.run(whole, "t", module, features, start.tokenizer, budget, facts, torch.device("cpu"))
        return predict.together(module, pieces, features, given, facts)

    once = answers(table, 2048)
    order = np.random.default_rng(0).permutation(len(table))
    assert [once[i] for i in order] == answers(table.take(pa.array(order)), 64)


def test_unlabelled_rows_are_not_trained_on_but_predicted(encoders, make_table):
    tok = encoder.load_tokenizer(encoders["xlmr"])
    some = {
        "pair": [Example(text_a="a", text_b="b", label=n) for n in (0, None, 1)],
        "choice": [Example(prompt="a", choices=("b", "c"), label=n) for n in (0, None, 1)],
        "span": [Example(question="a", context="tom b", answers=n) for n in ((Answer("tom", 0),), None, ())],
        "tags": [Example(tokens=("a", "b"), tags=n) for n in ((0, 1), None, (1, 0))],
    }
    for kind, examples in some.items():
        module, table = kinds.load(kind), make_table(kind, examples)
        features = module.features(table, tok, 32, module.facts(table, ()))
        assert features.usable.tolist() == [True, False, True], kind


def test_labels_that_cannot_be_learnt_are_refused(make_table):
    def facts(kind, examples, labels=("a", "b")):
        return kinds.load(kind).facts(make_table(kind, examples), labels)

    with pytest.raises(CairnError, match="label 7; allowed: 0 to 1"):
        facts("pair", [Example(text_a="a", text_b="b", label=n) for n in (0, 7)])
    with pytest.raises(CairnError, match="every training row has label 1"):
        facts("pair", [Example(text_a="a", text_b="b", label=1)] * 3)
    with pytest.raises(CairnError, match="no training row has a label"):
        facts("tags", [Example(tokens=("a",), tags=None)])
    with pytest.raises(CairnError, match="label 2 is outside its 2 choices"):
        facts("choice", [Example(prompt="a", choices=("b", "c"), label=2)])
    with pytest.raises(CairnError, match="no training row has an answer"):
        facts("span", [Example(question="a", context="b", answers=())])


def test_a_long_prompt_loses_its_front_and_choices_stay_whole(encoders, make_table):
    tok = encoder.load_tokenizer(encoders["xlmr"])
    prompt = "北京 " * 40 + "tom reads a book"
    table = make_table("choice", [Example(prompt=prompt, choices=("the red dog runs", "a cat", "tom"), label=1)])
    features = kinds.load("choice").features(table, tok, 32, {})
    assert features.truncated == 1
    assert np.diff(features.items).tolist() == [3]
    starts = features.sequences.starts
    assert features.sequences.lengths().tolist() == [32, 32, 32]
    for at, choice in enumerate(table["choices"][0].as_py()):
        tokens = tok.convert_ids_to_tokens(features.sequences.ids[starts[at] : starts[at + 1]].tolist())
        text = "".join(tokens).replace("▁", "")
        assert "tomreadsabook" in text
        assert choice.replace(" ", "") in text


def test_of_prompt_and_choice_the_longer_one_loses_its_front_and_neither_is_lost(encoders, make_table):
    tok = encoder.load_tokenizer(encoders["xlmr"])
    long = "北京 " * 60 + "tom reads"
    table = make_table(
        "choice",
        [
            Example(prompt="the red dog", choices=(long, "a cat"), label=1),
            Example(prompt=long, choices=(long, "a cat"), label=0),
        ],
    )
    features = kinds.load("choice").features(table, tok, 32, {})
    starts, room = features.sequences.starts, 32 - sequences.template(tok, pair=True).specials
    sizes = {text: len(tok(text, add_special_tokens=False)["input_ids"]) for text in ("the red dog", "a cat")}
    of_prompt = [
        int((features.sequences.origin[starts[at] : starts[at + 1]] == -2).sum()) for at in range(len(starts) - 1)
    ]
    # The short prompt stays whole beside the long choice; two long ones take half each; a short choice stays whole.
    assert of_prompt == [sizes["the red dog"], sizes["the red dog"], room // 2, room - sizes["a cat"]]
    for at in (0, 2):  # what is left of the long choice is its end
        tokens = tok.convert_ids_to_tokens(features.sequences.ids[starts[at] : starts[at + 1]].tolist())
        assert "".join(tokens).replace("▁", "").endswith("tomreads</s>")
    assert features.truncated == 2


def test_questions_with_different_numbers_of_choices_share_a_batch(encoders, rows):
    start = encoder.load(encoders["bert"])
    module, table = kinds.load("choice"), rows("choice", 6)
    features = module.features(table, start.tokenizer, 64, {})
    batch = module.collate(features, np.arange(6), start.tokenizer, 0)
    whole = model.Model(start.model, {"t": module.Head(start.model, {})}).eval()
    output = whole("t", batch)
    counts = [len(c) for c in table["choices"].to_pylist()]
    assert torch.isfinite(output).sum(1).tolist() == counts == [2, 3, 4, 2, 3, 4]
    assert module.chance(features, {}) == pytest.approx(np.log(counts).mean())
    alone = whole("t", module.collate(features, np.array([2]), start.tokenizer, 0))
    torch.testing.assert_close(alone[0], output[2], atol=1e-5, rtol=1e-4)


SPANS = [
    ("北京是中国的首都，人口很多。", "中国"),
    ("กรุงเทพเป็นเมืองหลวงของประเทศไทย", "เมืองหลวง"),
    ("القاهرة هي عاصمة مصر ويبلغ عدد سكانها عشرة ملايين", "عاصمة مصر"),
    ("В 1998 году он переехал в Москву .", "1998"),
    ("  the small dog  runs in the park .", "small dog"),
    ("the small dog\u200b runs in the park .", "dog\u200b"),  # a format character ends it, as in MLQA
]


@pytest.mark.parametrize("family", ["xlmr", "bert", "modernbert"])
def test_a_gold_span_is_read_back_by_its_characters(encoders, make_table, family):
    """The target tokens, decoded by offsets, give text that holds the answer and little more."""
    tok = encoder.load_tokenizer(encoders[family])
    examples = [
        Example(question="who ?", context=context, answers=(Answer(answer, context.index(answer)),))
        for context, answer in SPANS
    ]
    table = make_table("span", examples)
    module = kinds.load("span")
    features = module.features(table, tok, 128, {"no_answer": False})
    assert len(features) == len(SPANS)
    batch = module.collate(features, np.arange(len(SPANS)), tok, 0)
    perfect = torch.full((*batch["input_ids"].shape, 2), -10.0)
    for item in range(len(SPANS)):
        perfect[item, batch["start"][item], 0] = perfect[item, batch["end"][item], 1] = 10.0
    perfect[batch["char_start"] == NOTHING] = -torch.inf
    perfect[:, 0] = 0.0
    assert (batch["start"] > 0).all()
    pieces = module.decode(perfect, batch, {"no_answer": True})
    for piece, (context, answer), row in zip(pieces, SPANS, table.to_pylist(), strict=True):
        got = module.join([piece], row, {"no_answer": True})
        assert got in context
        assert answer in got
        assert len(got) <= len(answer) + 6  # a token may reach further than the answer
    met = module.gold(perfect, batch)
    assert met.correct.all()
    assert (met.confidence > 0.99).all()


def test_an_answer_is_found_in_the_window_that_holds_it(encoders, make_table):
    tok = encoder.load_tokenizer(encoders["xlmr"])
    filler = "the dog runs in the park . " * 12
    context = filler + "tom sleeps ." + filler
    table = make_table("span", [Example(question="who ?", context=context, answers=(Answer("tom", len(filler)),))])
    module = kinds.load("span")
    features = module.features(table, tok, 48, {"no_answer": False})
    assert len(features) > 4
    held = features.per_item["start"] > 0
    assert 1 <= held.sum() <= 2  # windows overlap by half
    first = module.collate(features, np.flatnonzero(held), tok, 0)
    for row in range(int(held.sum())):
        a, b = first["start"][row], first["end"][row]
        begin, end = first["char_start"][row, a], first["char_end"][row, b]
        assert context[begin:end].strip() == "tom"
    # Every token of the context is in some window.
    covered = set(features.sequences.origin[features.sequences.origin >= 0].tolist())
    assert covered == set(range(len(covered)))


def test_windows_of_a_context_advance_by_128_tokens_or_half_their_width(encoders, make_table):
    """The advance is BERT's and jiant's doc stride; an overlap of 128 would make 4 windows of these 700 tokens."""
    tok = encoder.load_tokenizer(encoders["xlmr"])
    context = "dog " * 400
    tokens = len(tok(context, add_special_tokens=False)["input_ids"])
    table = make_table("span", [Example(question="tom", context=context, answers=None)])
    for max_length in (384, 64):
        features = kinds.load("span").features(table, tok, max_length, {"no_answer": False})
        taken = np.split(features.sequences.origin, features.sequences.starts[1:-1])
        begins = np.array([window[window >= 0].min() for window in taken])
        width = max(int((window >= 0).sum()) for window in taken)
        advance = min(128, width - width // 2)
        assert (np.diff(begins) == advance).all(), max_length
        assert len(taken) == 1 + -(-(tokens - width) // advance)


def test_no_answer_wins_only_where_it_may(encoders):
    join = kinds.load("span").join
    pieces = [(3.0, 0, 3, 5.0), (1.0, 4, 7, 4.0)]
    row = {"context": "tom reads"}
    assert join(pieces, row, {"no_answer": True}) == ""
    assert join(pieces, row, {"no_answer": False}) == "tom"
    assert join([(6.0, 0, 3, 5.0), (1.0, 4, 7, 9.0)], row, {"no_answer": True}) == "tom"


def test_the_threshold_of_no_answer_is_the_best_one_on_dev(rows):
    """Answers of lead 1 and 2 are right, that of lead 3 is wrong: the cut is halfway between 2 and 3."""
    span, table = kinds.load("span"), rows("span").slice(0, 3)
    pieces = [[(0.0, 0, 3, 1.0), (-9.0, 0, 1, 5.0)], [(0.0, 0, 3, 2.0)], [(0.0, 0, 3, 3.0)]]
    right = ["tom", "tom", ""]

    def judge(predictions):
        return np.array([float(a == b) for a, b in zip(predictions, right, strict=True)])

    assert [span.join(p, r, {"no_answer": True}) for p, r in zip(pieces, table.to_pylist(), strict=True)] == [""] * 3
    tuned = span.tune(pieces, table, {"no_answer": True}, judge)
    assert tuned == {"null_threshold": 2.5}
    facts = {"no_answer": True} | tuned
    assert [span.join(p, r, facts) for p, r in zip(pieces, table.to_pylist(), strict=True)] == right
    assert span.tune(pieces, table, {"no_answer": False}, judge) == {}


@given(st.lists(st.tuples(st.integers(-3, 3), st.sampled_from([-1.0, -0.5, 0.0, 1.0])), min_size=1, max_size=12))
def test_no_other_threshold_gains_more(pairs):
    lead, gain = (np.array(column, dtype=float) for column in zip(*pairs, strict=True))
    found = kinds.load("span").threshold(lead, gain)
    every = [gain[lead <= cut].sum() for cut in np.arange(-4, 4.5, 0.5)]
    assert gain[lead <= found].sum() == pytest.approx(max(every))
    if gain[lead <= 0].sum() == max(every):
        assert found == 0


def test_a_threshold_from_dev_raises_the_dev_value_and_goes_into_the_facts(encoders, rows, home):
    """The same run without it gives less: the head's "no answer" wins or loses by a wide margin at first."""
    table, start = rows("span"), encoder.load(encoders["xlmr"])
    outcome = loop.train(start, [job("span", table)], params(steps=2, evaluate_every=1), 1, "span")
    part = outcome.parts[0]
    assert set(part.facts) == {"no_answer", "null_threshold"}
    plain = part.facts | {"null_threshold": 0.0}
    budget, target = 2048, torch.device("cpu")
    pieces = predict.run(
        outcome.model, "t", part.kind, part.dev, start.tokenizer, budget, part.facts, target, computed_in="fp32"
    )
    values = [
        jobs.measure(part.job, predict.together(part.kind, pieces, part.dev, table, facts))["f1_em"]
        for facts in (part.facts, plain)
    ]
    assert values[0] == pytest.approx(outcome.summary["best_dev"])
    assert values[0] >= values[1]
    # To answer nothing is one of the thresholds, so the share of questions without an answer is the least there is.
    assert values[0] >= 4 / 24


def test_a_mark_stays_with_its_letter():
    join = kinds.load("span").join
    row = {"context": "คำตอบ สี่ คน"}
    assert join([(1.0, 6, 7, 0.0)], row, {"no_answer": False}) == "สี่"
    assert join([(1.0, 0, 3, 0.0)], row, {"no_answer": False}) == "คำต"  # the next sign is a letter


def test_an_answer_is_at_most_thirty_tokens_and_not_backwards():
    module = kinds.load("span")
    output = torch.full((1, 50, 2), -5.0)
    output[0, 5, 0], output[0, 40, 1], output[0, 3, 1], output[0, 20, 1] = 9.0, 9.0, 8.0, 1.0
    batch = {"char_start": torch.arange(50)[None], "char_end": torch.arange(1, 51)[None]}
    score, begin, end, _ = module.decode(output, batch, {})[0]
    assert (begin, end, score) == (5, 21, 10.0)


@pytest.mark.parametrize("family", ["xlmr", "bert", "modernbert"])
@pytest.mark.parametrize("nothing", ["\u200b", "", "\u200d", "\x07"])
def test_a_word_without_tokens_costs_the_next_one_nothing(encoders, make_table, family, nothing):
    tok = encoder.load_tokenizer(encoders[family])
    module = kinds.load("tags")

    def tagged(*words: str) -> list[tuple[int, int, int]]:
        table = make_table("tags", [Example(tokens=words, tags=tuple(range(len(words))))])
        found = module.features(table, tok, 40, {"labels": len(words)})
        ids = module.collate(found, np.arange(1), tok, 0)["input_ids"][0].tolist()
        at = np.arange(found.sequences.starts[0], found.sequences.starts[1])
        word, tag = found.per_token["word"][at], found.per_token["tag"][at]
        return [(w, t, i) for w, t, i in zip(word.tolist(), tag.tolist(), ids, strict=True) if w != NOTHING]

    with_it, without = tagged("the", nothing, "dog", "runs"), tagged("the", "dog", "runs")
    assert [(word, tag) for word, tag, _ in with_it] == [(n, n) for n in range(4)]
    assert [token for word, _, token in with_it if word != 1] == [token for _, _, token in without]


@pytest.mark.parametrize("family", ["xlmr", "bert", "modernbert"])
def test_every_word_of_a_long_sentence_gets_a_tag_on_its_first_token(encoders, make_table, family):
    tok = encoder.load_tokenizer(encoders[family])
    words = ("the", "北京是", "\u200b", "schläft", "", "القاهرة", "-", "x" * 150, "dog") * 9
    table = make_table(
        "tags", [Example(tokens=words, tags=tuple(n % 3 for n in range(len(words)))), Example(tokens=("a",), tags=(2,))]
    )
    module = kinds.load("tags")
    features = module.features(table, tok, 40, {"labels": 3})
    assert len(features) > 4
    assert features.sequences.lengths().max() <= 40
    for row, count in ((0, len(words)), (1, 1)):
        items = np.flatnonzero(features.row == row)
        at = np.concatenate([np.arange(features.sequences.starts[i], features.sequences.starts[i + 1]) for i in items])
        number, tag = features.per_token["word"][at], features.per_token["tag"][at]
        here = number != NOTHING
        assert sorted(number[here].tolist()) == list(range(count))  # each once
        gold = table["tags"][row].as_py()
        assert [gold[n] for n in number[here]] == tag[here].tolist()
        assert (tag[~here] == NOTHING).all()
    # Read back: the tags that the targets say come out, word for word.
    batch = module.collate(features, np.arange(len(features)), tok, 0)
    output = torch.nn.functional.one_hot(batch["tag"].clamp(min=0), 3).float()
    pieces = module.decode(output, batch, {})
    assert predict.together(module, pieces, features, table, {}) == table["tags"].to_pylist()


def test_the_first_sub_token_carries_the_label(encoders, make_table):
    tok = encoder.load_tokenizer(encoders["bert"])
    table = make_table("tags", [Example(tokens=("zzqq", "dog"), tags=(1, 2))])
    features = kinds.load("tags").features(table, tok, 40, {"labels": 3})
    tokens = tok.convert_ids_to_tokens(features.sequences.ids.tolist())
    labelled = [tokens[i] for i in np.flatnonzero(features.per_token["tag"] != NOTHING)]
    assert not any(token.startswith("##") for token in labelled)
    assert len(labelled) == 2


def test_masking_takes_its_share_and_repeats_with_its_seed(encoders, rows):
    tok = encoder.load_tokenizer(encoders["xlmr"])
    module, table = kinds.load("text"), rows("text", 600)
    features = module.features(table, tok, 64, {"masked": module.SHARE})
    some = np.arange(600)
    one, same, other = (module.collate(features, some, tok, seed) for seed in (1, 1, 2))
    assert torch.equal(one["input_ids"], same["input_ids"])
    assert not torch.equal(one["input_ids"], other["input_ids"])
    plain = batches.collate(features, some, tok, 0)["input_ids"]
    picked = one["label"] != NOTHING
    special = torch.isin(plain, torch.tensor(tok.all_special_ids))
    assert not (picked & special).any()
    assert float(picked.sum() / (~special).sum()) == pytest.approx(module.SHARE, abs=0.01)
    assert torch.equal(one["label"][picked], plain[picked])
    assert torch.equal(one["input_ids"][~picked], plain[~picked])
    assert float((one["input_ids"][picked] == tok.mask_token_id).float().mean()) == pytest.approx(0.8, abs=0.03)


@pytest.mark.parametrize("family", ["xlmr", "bert", "modernbert"])
def test_the_masked_language_head_is_the_pretrained_one(encoders, rows, family):
    from transformers import AutoModelForMaskedLM

    start = encoder.load(encoders[family])
    module, table = kinds.load("text"), rows("text", 8)
    features = module.features(table, start.tokenizer, 64, {"masked": module.SHARE})
    batch = module.collate(features, np.arange(8), start.tokenizer, 5)
    whole = model.Model(start.model, {"t": module.Head(start.model, {})}).eval()
    ours = module.loss(whole("t", batch), batch)
    theirs = AutoModelForMaskedLM.from_pretrained(encoders[family]).eval()
    given = {"input_ids": batch["input_ids"], "attention_mask": batch["attention_mask"]}
    want = theirs(**given, labels=batch["label"]).loss
    torch.testing.assert_close(ours, want, atol=1e-5, rtol=1e-5)
    ours.backward()
    assert start.model.get_input_embeddings().weight.grad.abs().sum() > 0


def test_translation_pairs_stand_side_by_side(encoders):
    tok = encoder.load_tokenizer(encoders["xlmr"])
    texts = {
        ("a", "en"): "the dog",
        ("a", "zh"): "北京",
        ("b", "en"): "tom",
        ("b", "ar"): "القاهرة",
        ("b", "zh"): "中国",
    }
    ids, langs = zip(*texts, strict=True)
    table = records.table("text", ids, langs, [Example(text=text) for text in texts.values()])
    features = kinds.load("tlm").features(table, tok, 64, {"masked": 0.15})
    assert len(features) == 3  # English with each of the others
    starts = features.sequences.starts
    found = [tok.decode(features.sequences.ids[starts[i] : starts[i + 1]]) for i in range(3)]
    both = [tok.decode(tok("the dog", "北京")["input_ids"]), tok.decode(tok("北京", "the dog")["input_ids"])]
    assert found[0] in both
    joined = [text.replace(" ", "") for text in found]
    assert all("dog" in text or "tom" in text for text in joined)
    with pytest.raises(CairnError, match="nothing to pair"):
        kinds.load("tlm").facts(table.filter(pa.compute.equal(table["lang"], "en")), ())


def test_chance_is_the_loss_of_a_uniform_guess(encoders, rows):
    tok = encoder.load_tokenizer(encoders["xlmr"])
    pair = kinds.load("pair")
    features = pair.features(rows("pair"), tok, 64, {"labels": 2})
    batch = pair.collate(features, np.arange(8), tok, 0)
    assert pair.chance(features, {"labels": 2}) == pytest.approx(math.log(2))
    assert float(pair.loss(torch.zeros(8, 2), batch)) == pytest.approx(math.log(2))
