import random
import sqlite3
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.core.errors import CairnError
from curation.translate.sentences import Cache, Engine, join, spans


@given(st.text("aB.!? \n\"'。…\u2028", max_size=60))
def test_sentences_cover_all_but_white_space_and_hold_no_line_break(text):
    places = spans(text)
    at = 0
    for start, end in places:
        assert at <= start < end
        assert not text[at:start].strip()
        assert text[start:end] == text[start:end].strip()
        assert len(text[start:end].splitlines()) == 1
        at = end
    assert not text[at:].strip()


@given(st.text("aB.!? \n", max_size=60))
def test_joining_what_was_not_changed_gives_the_text_back(text):
    joined, places = join(text, spans(text), {text[a:b]: text[a:b] for a, b in spans(text)})
    assert joined == text
    assert all(place.source == place.target for place in places)


@given(st.text("aB.!? \n", max_size=60))
def test_places_point_at_the_translations(text):
    wanted = {text[a:b]: text[a:b].upper() + "!" for a, b in spans(text)}
    joined, places = join(text, spans(text), wanted)
    for place in places:
        assert joined[slice(*place.target)] == wanted[text[slice(*place.source)]]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Mr. Li met Dr. Wu. They talked.", 2),
        ("It cost $3.50 in U.S. money.", 1),
        ("犬です。猫です。", 2),
        ("Wait... what?", 1),
        ("", 0),
    ],
)
def test_where_sentences_end(text, count):
    assert len(spans(text)) == count


class Counting:
    def __init__(self, fail_at=None):
        self.seen, self.fail_at = [], fail_at

    def __call__(self, texts):
        if self.fail_at is not None and len(self.seen) >= self.fail_at:
            raise KeyboardInterrupt
        self.seen += texts
        return [text.upper() for text in texts]


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("CAIRN_CACHE", str(tmp_path))
    return tmp_path / "translations"


def test_each_sentence_is_translated_once_and_kept_through_a_kill(cache):
    texts = [f"Sentence {i}. Shared one." for i in range(10)]
    killed = Counting(fail_at=6)
    with pytest.raises(KeyboardInterrupt):
        Engine(killed, {"engine": "x"}, "en", "de", chunk=3).texts(texts)
    again = Counting()
    found = Engine(again, {"engine": "x"}, "en", "de", chunk=3).texts(texts)
    assert found[texts[3]][0] == "SENTENCE 3. SHARED ONE."
    assert len(killed.seen) == 6
    assert not set(killed.seen) & set(again.seen)
    assert len(killed.seen) + len(again.seen) == 11


@pytest.mark.parametrize(("engine", "tgt"), [({"engine": "x", "version": "2"}, "de"), ({"engine": "x"}, "fr")])
def test_another_engine_or_language_does_not_share(cache, engine, tgt):
    Engine(Counting(), {"engine": "x"}, "en", "de", chunk=3).texts(["Hi."])
    other = Counting()
    Engine(other, engine, "en", tgt, chunk=3).texts(["Hi."])
    assert other.seen == ["Hi."]


def test_a_backend_that_loses_texts_is_an_error(cache):
    with pytest.raises(CairnError, match="returned 1 texts for 2"):
        Engine(lambda texts: ["x"], {"engine": "x"}, "en", "de", chunk=3).texts(["A.", "B."])


def test_no_damage_is_used_and_none_is_fatal(cache, capsys):
    """100 damages of the file: every text is translated as before, from the cache or again."""
    texts = [f"Sentence number {i}." for i in range(60)]
    engine = Engine(Counting(), {"engine": "x"}, "en", "de", chunk=20)
    expected = engine.sentences(texts)
    whole, how, again = (cache / "x.sqlite").read_bytes(), random.Random(3), 0
    for number in range(100):
        at = how.randrange(len(whole))
        flipped = whole[:at] + bytes([whole[at] ^ 1 << how.randrange(8)]) + whole[at + 1 :]
        (cache / "x.sqlite").write_bytes(whole[:at] if number % 10 == 0 else flipped)
        counting = Counting()
        assert Engine(counting, {"engine": "x"}, "en", "de", chunk=20).sentences(texts) == expected
        again += bool(counting.seen)
    assert again > 10


def test_a_file_that_is_no_cache_is_set_aside(cache, capsys):
    cache.mkdir(exist_ok=True)
    (cache / "x.sqlite").write_bytes(b"not a database" * 100)
    assert Cache(cache / "x.sqlite", {"engine": "x"}, "en", "de").get(["A."]) == {}
    assert "set aside as x.sqlite.damaged" in capsys.readouterr().err
    assert (cache / "x.sqlite.damaged").read_bytes().startswith(b"not a database")


def test_a_cache_of_an_older_cairn_is_not_misread(cache):
    cache.mkdir(exist_ok=True)
    with closing(sqlite3.connect(cache / "x.sqlite")) as database, database:
        database.execute("create table sentences (key blob primary key, text text not null)")
        database.execute("insert into sentences values (x'00', 'old')")
    kept = Cache(cache / "x.sqlite", {"engine": "x"}, "en", "de")
    kept.put({"A.": "B."})
    assert kept.get(["A.", "C."]) == {"A.": "B."}
