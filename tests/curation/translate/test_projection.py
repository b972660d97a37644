import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.core.task import Answer
from curation.translate.projection import find, mark, marked_place, request, unmark
from curation.translate.sentences import spans

MARKERS = ("[", "]")
words = st.lists(st.text("abcé", min_size=1, max_size=4), min_size=1, max_size=12)


@given(words, st.data())
def test_marking_and_unmarking_gives_the_part_back(parts, data):
    first = data.draw(st.integers(0, len(parts) - 1))
    last = data.draw(st.integers(first, len(parts) - 1))
    text = " ".join(parts)
    start = len(" ".join([*parts[:first], ""])) if first else 0
    end = start + len(" ".join(parts[first : last + 1]))
    marked = mark(text, start, end, MARKERS)
    assert unmark(marked, MARKERS) == (text, start, end)


@given(st.text("ab[] .", max_size=12))
def test_unmark_points_into_the_text_it_returns(text):
    found = unmark(text, MARKERS)
    if found is not None:
        plain, start, end = found
        assert 0 <= start < end <= len(plain)
        assert "[" not in plain
        assert plain[start:end].strip(" .") == plain[start:end]


@pytest.mark.parametrize("text", ["no markers", "[one", "]wrong[", "[two] [pairs]", "[ ]", "[.]"])
def test_lost_markers_are_seen(text):
    assert unmark(text, MARKERS) is None


def test_text_that_holds_markers_is_not_marked():
    assert mark("a [b] c", 0, 1, MARKERS) is None


@given(words, words, words)
def test_found_parts_are_there_at_word_edges(before, part, after):
    text = " ".join([*before, *part, *after])
    wanted = " ".join(part)
    start, end = find(text, wanted, 0, len(text), len(" ".join(before)) / len(text))
    assert text[start:end] == wanted
    assert start == 0 or text[start - 1] == " "
    assert end == len(text) or text[end] == " "


@pytest.mark.parametrize(
    ("text", "part", "near", "expected"),
    [
        ("el gato y el gato", "gato", 0.0, (3, 7)),
        ("el gato y el gato", "gato", 1.0, (13, 17)),
        ("gatos", "gato", 0.0, None),
        ("El Ministerio cayó", "el ministerio", 0.0, (0, 13)),
        ("Übermäßig groß", "übermassig", 0.0, (0, 9)),
        ("México", "mexico", 0.0, (0, 6)),
        ("犬です", "犬", 0.0, (0, 1)),
        ("nothing here", "...", 0.0, None),
    ],
)
def test_finding(text, part, near, expected):
    assert find(text, part, 0, len(text), near) == expected


CONTEXT = "A cat sat. The red house fell. End."
ANSWER = Answer("red house", 15)
TARGET = "Un gato. La casa roja. Fin."


def asked():
    return request(CONTEXT, ANSWER, spans(CONTEXT), MARKERS)


def test_request_marks_the_sentence_of_the_answer():
    assert asked().marked == "The [red house] fell."
    both = request(CONTEXT, Answer("sat. The red", 6), spans(CONTEXT), MARKERS)
    assert (both.first, both.last, both.marked) == (0, 1, "A cat [sat. The red] house fell.")


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("La [casa roja].", ((12, 21), None)),
        ("Cayó la [roja casa].", ((17, 26), "Cayó la roja casa.")),
        ("La casa roja.", None),
        ("La ]casa roja[.", None),
    ],
)
def test_markers_say_where_the_answer_is_or_were_lost(marked, expected):
    found = marked_place(marked, TARGET, 9, 22, MARKERS)
    assert (found and (found.place, found.replaced)) == expected
    if found is not None:
        context = TARGET if found.replaced is None else TARGET[:9] + found.replaced + TARGET[22:]
        assert context[slice(*found.place)] in ("casa roja", "roja casa")
