import numpy as np
import pyarrow as pa
import pytest

from curation.core import records
from curation.core.task import Example
from curation.language import words
from curation.search import margin, translations

LEXICON = {
    "hund": "dog", "katze": "cat", "haus": "house", "garten": "garden", "schläft": "sleeps", "läuft": "runs",
    "roter": "red", "alte": "old", "im": "in", "der": "the", "die": "the", "und": "and",
}  # fmt: skip


def encode(texts):
    """Return the mean of a vector per word, the same for a word and its translation, and a part of each language's."""
    out = np.zeros((len(texts), 64), np.float32)
    for i, text in enumerate(texts):
        for word in words.plain(text):
            rng = np.random.default_rng(list(LEXICON.get(word, word).encode()))
            out[i] += rng.normal(size=64) + (0.5 if word in LEXICON else -0.5)
    return out


def side(lang, rows):
    fields = ("text_a", "text_b")
    columns = {field: [row[at] for row in rows] for at, field in enumerate(fields)}
    return translations.Side(
        pa.table({"lang": [lang] * len(rows), **columns}), fields, [encode(columns[field]) for field in fields]
    )


ENGLISH = [
    ("the dog sleeps in the garden", "the dog sleeps"),
    ("the old cat runs and the dog sleeps", "the cat runs"),
    ("a boat and seven sailors", "they sail to Oslo"),
    ("nobody knows the man with a red hat", "he is known to all"),
]
GERMAN = [
    ("der hund schläft im garten", "der hund schläft"),
    ("die alte katze läuft und der hund schläft", "die katze läuft"),
]


def test_each_row_finds_its_translation_which_lies_above_what_has_none():
    found = translations.likeliest(side("de", GERMAN), side("en", ENGLISH), encode)
    assert found.index.tolist() == [0, 1]
    without = translations.likeliest(side("de", GERMAN), side("en", ENGLISH[2:]), encode)
    assert without.margin.max() < found.margin.min()


def test_a_row_of_another_length_is_no_translation():
    """The same vectors, as an encoder gives them that looks at what a text is about."""
    asked, corpus = side("de", GERMAN), side("en", ENGLISH)
    longer = [("the dog sleeps in the garden " * 4, "the dog sleeps " * 4), *ENGLISH[1:]]
    other = side("en", longer)
    for own, its in zip(corpus.vectors, other.vectors, strict=True):
        np.testing.assert_allclose(own[1:], its[1:])
    plain, long = (translations.likeliest(asked, one, encode) for one in (corpus, other))
    assert plain.index[0] == 0
    assert long.margin[0] < plain.margin[0] - 0.5


def test_lengths_say_nothing_in_a_language_whose_lengths_are_not_known():
    shorter = [(a[:9], b[:5]) for a, b in GERMAN]
    corpus = side("en", ENGLISH)
    known, unknown = (translations.likeliest(side(lang, shorter), corpus, encode) for lang in ("de", "tlh"))
    assert (known.margin < unknown.margin).all()


def test_words_tell_candidates_apart_that_vectors_of_whole_texts_do_not():
    ours = [["der hund schläft"]]
    theirs = [["the dog sleeps", "the cat runs", ""]]
    more = translations.shared_words(ours, theirs, np.array([[2, 1, 0]]), encode)
    assert more.argmax() == 2
    assert more.mean() == pytest.approx(0)


def test_texts_without_words_are_no_error():
    one = side("de", [("…", "!"), ("der hund", "die katze")])
    found = translations.likeliest(one, side("en", ENGLISH), encode)
    assert np.isfinite(found.margin).all()
    empty = side("de", [("", ""), ("", "")])
    assert np.isfinite(translations.likeliest(empty, side("en", [("", "")]), encode).margin).all()


def test_rows_as_one_text():
    examples = [Example(text_a=a, text_b=b, label=0) for a, b in GERMAN]
    rows = records.table("pair", ["a", "b"], ["de", "de"], examples)
    one = translations.Side(rows, [], [encode([f"{a} | {b}" for a, b in GERMAN])])
    assert one.texts(np.array([1])) == [["die alte katze läuft und der hund schläft | die katze läuft"]]
    assert one.langs(np.array([1, 0])) == ["de", "de"]
    assert translations.likeliest(one, one, encode).index.tolist() == [0, 1]


def test_the_margin_of_vectors_alone_is_what_it_adds_to():
    """Where words and lengths say nothing, the margin is that of the vectors."""
    asked, corpus = side("tlh", GERMAN), side("en", ENGLISH)
    nothing = translations.likeliest(asked, corpus, lambda texts: np.zeros((len(texts), 8), np.float32))
    whole = margin.candidates(asked.vectors, corpus.vectors)
    np.testing.assert_allclose(nothing.margin, whole.margin.max(axis=1))
