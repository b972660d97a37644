from __future__ import annotations

import pytest

from curation.core.errors import CairnError
from curation.core.task import Answer, Example
from curation.score.scorers import contamination
from curation.score.wording import interned, overlap

PARAMS = contamination.Params(splits=("dev", "test"), similarity=0.8, edits=0.02, ngram=5, containment=0.8)
LONG = "the quick brown fox jumps over the lazy dog while seven sailors sing an old song about the sea"


@pytest.fixture
def scored(make_table, make_inputs, make_examples):
    """Return scores by key of ordinary pairs and ``rows`` against targets whose test rows are ``tests``."""

    def run(rows, tests, kind="pair", target_kind="pair", langs=None, params=PARAMS):
        table = make_table(kind, [*make_examples(kind, 30), *rows])
        target = make_table(target_kind, tests, task="x", langs=langs)
        inputs = make_inputs(table, targets={"x": {"test": target}})
        keys = inputs.records["key"].to_pylist()
        return dict(zip(keys, contamination.score(inputs, params).to_pylist(), strict=True)), target

    return run


def pair(a: str, b: str, key: str | None = None, label: int | None = 0) -> Example:
    return Example(text_a=a, text_b=b, label=label, key=key)


def test_a_misspelt_word_is_found_whatever_the_vectors_say(scored) -> None:
    rows = [pair("Dogs bark.", "A paino plays", "leak"), pair("A paino plays", "Dogs bark.", "swapped")]
    rows += [pair("Dogs bark.", "A plane plays", "other")]
    never = PARAMS.model_copy(update={"similarity": 1.0})
    found, _ = scored(rows, [pair("Dogs bark.", "A piano plays")], params=never)
    assert {key: row["level"] for key, row in found.items() if not key.isdigit()} == {
        "leak": "near", "swapped": "near", "other": None,
    }  # fmt: skip
    elsewhere, _ = scored(rows, [pair("Dogs bark.", "A piano plays")], params=never, langs=["de"])
    assert elsewhere["leak"]["level"] is None


def test_every_way_of_leaking_a_row_is_found(scored) -> None:
    a, b = "Seven sailors sing an old song.", "Nobody sings below deck."
    found, target = scored(
        [
            pair(a, b, "exact"),
            pair(a.upper(), "nobody sings, below deck", "normalised"),
            pair(b, a, "swapped"),
            pair("Seven sailors are singing loudly", b, "reworded"),
            pair(a.replace("Seven", "Eight"), b, "number"),
            pair(a.replace("sailors", "salors"), b, "typo"),
            pair(b.replace("below deck", "belowdeck"), a, "swapped and joined"),
            pair("The " + a, b, "article"),
        ],
        [pair("Cats sleep.", "Dogs bark."), pair(a, b)],
    )
    wanted = target["id"].to_pylist()[target["text_a"].to_pylist().index(a)]
    levels = {key: found[key]["level"] for key in found if not key.isdigit()}
    assert levels == {
        "exact": "exact",
        "normalised": "normalised",
        "swapped": "exact",
        "reworded": None,
        "number": None,
        "typo": "near",
        "swapped and joined": "near",
        "article": "near",
    }
    for key, level in levels.items():
        assert (found[key]["score"] < 0.5) == (level is not None)
        assert found[key]["match"] == (wanted if level else None)
    assert (found["exact"]["target"], found["exact"]["split"], found["exact"]["lang"]) == ("x", "test", "en")
    assert found["exact"]["score"] == 0.0
    assert found["swapped"]["why"] == f"is x test row {wanted} (en), fields swapped"
    assert all(row["score"] == 1.0 for key, row in found.items() if key.isdigit())


def test_exact_rows_are_found_in_every_language(scored) -> None:
    found, _ = scored(
        [pair("Der Hund bellt laut.", "Es ist still", "leak")],
        [pair("Der Hund bellt laut", "Es ist still.")],
        langs=["de"],
    )
    assert found["leak"]["level"] == "normalised"
    assert found["leak"]["lang"] == "de"


def test_a_long_shared_field_shows_without_a_flag(scored) -> None:
    question = "How many sailors are there in all?"
    target = Example(question=question, context=LONG, answers=(Answer("the", 0),))
    rows = [
        Example(question="Who?", context=f"First of all {LONG}, they say.", answers=(), key="context"),
        Example(question="Who?", context=LONG[: len(LONG) // 2], answers=(), key="half"),
        Example(question=question.lower(), context=LONG, answers=None, key="row"),
    ]
    found, table = scored(rows, [target], kind="span", target_kind="span")
    assert found["context"]["level"] == "field"
    assert found["context"]["field"] == "context"
    assert found["context"]["similarity"] == 1.0
    assert found["context"]["match"] == table["id"].to_pylist()[0]
    assert 0.5 <= found["context"]["score"] < 0.7
    assert "holds 100% of the context" in found["context"]["why"]
    assert found["half"]["level"] is None
    assert found["row"]["level"] == "normalised"
    assert found["row"]["score"] == 0.0


def test_a_leak_with_words_added_to_every_field_is_flagged(scored) -> None:
    """No field alone gives away enough, all together they do; and one long field of two is no leak of the row."""
    a, b = LONG, " ".join(reversed(LONG.split()))
    c = "many small boats lie in the wide harbour at night under a pale moon and wait for the morning wind to rise"
    found, target = scored(
        [
            pair(f"Well, as they say: {a}, do you see", f"Then again {b} and so on and on", "padded"),
            pair(f"Then again {b} and so on and on", f"Well, as they say: {a}, do you see", "swapped"),
            pair(f"Well, as they say: {a}, do you see", "Something else altogether", "half"),
            pair(f"Well, they say {c} quite often", "So nobody sleeps below or on it", "short"),
            pair(f"Well, they say {c} quite often", "They are all asleep", "premise"),
            pair(f"Well, they say {c} or nobody sleeps below", "They are all asleep", "in the same field"),
        ],
        [pair(a, b), pair(c, "Nobody sleeps below")],
    )
    ids = dict(zip(target["text_a"].to_pylist(), target["id"].to_pylist(), strict=True))
    for key, text in (("padded", a), ("swapped", a), ("short", c)):
        assert found[key]["level"] == "held"
        assert found[key]["score"] < 0.5
        assert found[key]["similarity"] >= PARAMS.containment
        assert found[key]["why"] == f"holds 100% of the words of x test row {ids[text]} (en)"
    for key in ("half", "premise", "in the same field"):
        assert found[key]["level"] == "field"
        assert found[key]["score"] >= 0.5


def test_a_shared_field_is_found_across_kinds(scored) -> None:
    target = Example(question="What do they sing?", context=LONG, answers=())
    found, _ = scored([Example(text=LONG, key="leak")], [target], kind="text", target_kind="span")
    assert (found["leak"]["level"], found["leak"]["field"]) == ("field", "context")
    assert 0.5 <= found["leak"]["score"] < 0.7


def test_short_fields_are_not_called_shared(scored) -> None:
    found, _ = scored([pair("A man sleeps.", "It is night", "row")], [pair("A man sleeps.", "Dogs bark")])
    assert found["row"]["score"] == 1.0


def test_only_the_named_splits_count(make_table, make_inputs, make_examples) -> None:
    rows = make_table("pair", make_examples("pair", 20))
    inputs = make_inputs(rows, targets={"x": {"dev": rows.slice(0, 1), "test": rows.slice(1, 1)}})
    only = contamination.Params(**(PARAMS.model_dump() | {"splits": ("test",)}))
    assert contamination.score(inputs, only)["score"].to_pylist()[:3] == [1.0, 0.0, 1.0]
    with pytest.raises(CairnError, match=r"splits: x has none of them \(it has: dev\)"):
        contamination.score(make_inputs(rows, targets={"x": {"dev": rows}}), only)


def test_ngrams_are_counted_as_sets_of_words_would_be(monkeypatch, make_table) -> None:
    monkeypatch.setattr(overlap, "BLOCK", 3)
    rows = [[tuple(f"{(i * j) % 7}" for j in range(12)), tuple("abcdefghij"[: i % 9])] for i in range(20)]
    others = [[tuple(f"{(i * j + 1) % 7}" for j in range(9))] for i in range(12)] + [[tuple("cdefg")]]

    def grams(words):
        return {words[i : i + 3] for i in range(len(words) - 2)}

    numbers = interned.Numbers()
    said = [[" ".join(field) for field in row] for row in rows]
    mine = interned.rows(make_table("pair", [Example(text_a=a, text_b=b) for a, b in said]).sort_by("key"), numbers)
    its = make_table("text", [Example(text=" ".join(row[0])) for row in others])
    order = make_table("pair", [Example(text_a=a, text_b=b) for a, b in said])["key"].to_pylist()
    by_key = overlap.by_ngrams(mine, interned.rows(its, numbers), 3, 0.5)
    keys = sorted(order)
    found = {int(keys[i]): shared for i, shared in by_key.items()}
    for i, row in enumerate(rows):
        values = [len(grams(a) & grams(b[0])) / len(grams(b[0])) for a in row for b in others if len(a) >= 3]
        best = max(values, default=0.0)
        assert (i in found) == (best >= 0.5)
        if i in found:
            assert found[i].containment == found[i].share == pytest.approx(best)
    assert found


@pytest.mark.parametrize("target_kind", ["pair", "classify"])
def test_a_translated_test_row_is_found_where_it_is_asked_for(scored, target_kind) -> None:
    """The fixture's encoder sees letters: names, numbers and loan words carry over, as meaning does for a real one."""
    a, b = "Doktor Martinsson 1987 Hamburg Saxophon", "Konzert Barcelona 250 Publikum"
    test = pair(a, b) if target_kind == "pair" else Example(text=f"{a} {b}", label=0)
    row = pair("Doctor Martinsson, 1987: saxophone, Hamburg", "concert in Barcelona: 250, public", "leak")
    off, _ = scored([row], [test], target_kind=target_kind, langs=["de"])
    assert off["leak"]["level"] is None
    on, table = scored(
        [row], [test], target_kind=target_kind, langs=["de"], params=PARAMS.model_copy(update={"translated": 1.2})
    )
    assert (on["leak"]["level"], on["leak"]["match"], on["leak"]["lang"]) == (
        "translated",
        table["id"][0].as_py(),
        "de",
    )
    assert on["leak"]["score"] < 0.5
    assert on["leak"]["why"].startswith("seems to be a translation of x test row")
    assert all(row["score"] == 1.0 for key, row in on.items() if key != "leak")
    same, _ = scored(
        [row], [test], target_kind=target_kind, langs=["en"], params=PARAMS.model_copy(update={"translated": 1.2})
    )
    assert same["leak"]["level"] is None  # its own language is compared by words
