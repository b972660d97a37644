import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.model import encoder, sequences
from training.model.sequences import Pieces


@pytest.mark.parametrize("family", ["xlmr", "bert", "modernbert"])
def test_assembled_inputs_are_those_of_the_tokenizer(encoders, family):
    tok = encoder.load_tokenizer(encoders[family])
    a, b = ["the small dog", "北京是", ""], ["tom reads a book .", "กรุงเทพ", "العاصمة"]
    for second in (None, b):
        shape = sequences.template(tok, pair=second is not None)
        parts = [sequences.encode(tok, texts) for texts in (a, *([second] if second else []))]
        made = sequences.assemble(shape, *parts)
        for row in range(3):
            want = tok(a[row], second[row]) if second else tok(a[row])
            begin, end = made.starts[row], made.starts[row + 1]
            assert made.ids[begin:end].tolist() == want["input_ids"]
            if family == "bert":
                assert made.types is not None
                assert made.types[begin:end].tolist() == want["token_type_ids"]
            else:
                assert made.types is None


def test_origin_points_at_the_second_text(encoders):
    tok = encoder.load_tokenizer(encoders["xlmr"])
    context = sequences.encode(tok, ["tom reads"])
    made = sequences.assemble(sequences.template(tok, pair=True), sequences.encode(tok, ["who"]), context)
    found = made.origin[made.origin >= 0]
    assert found.tolist() == list(range(len(context.values)))
    assert (made.origin == -1).sum() == 4  # <s> </s></s> </s>


def test_cutting_keeps_the_right_end():
    pieces = Pieces(np.arange(10, dtype=np.int32), np.array([0, 4]), np.array([4, 10]), np.zeros((10, 2), np.int32))
    front, end = pieces.cut_front(3), pieces.cut_end(np.array([3, 2]))
    assert [front.values[b:e].tolist() for b, e in zip(front.begin, front.end, strict=True)] == [[1, 2, 3], [7, 8, 9]]
    assert [end.values[b:e].tolist() for b, e in zip(end.begin, end.end, strict=True)] == [[0, 1, 2], [4, 5]]


@given(st.lists(st.integers(0, 60), min_size=1, max_size=8), st.integers(1, 20), st.integers(0, 19))
def test_windows_cover_every_token_within_the_width(lengths, width, overlap):
    overlap = min(overlap, width - 1)
    text, begin, end = sequences.windows(np.array(lengths), width, overlap)
    assert (end - begin <= width).all()
    for number, length in enumerate(lengths):
        mine = text == number
        assert mine.any()
        assert begin[mine][0] == 0
        assert end[mine][-1] == length
        assert (begin[mine][1:] == end[mine][:-1] - overlap).all()


@given(st.integers(0, 90), st.integers(0, 90), st.integers(2, 60))
def test_share_uses_the_room_and_cuts_the_longer(a, b, room):
    keep_a, keep_b = (int(n[0]) for n in sequences.share(np.array([a]), np.array([b]), room))
    assert keep_a + keep_b == min(a + b, room)
    assert keep_a <= a
    assert keep_b <= b
    if a + b > room:
        assert (keep_a == a) <= (a <= room - room // 2)
        assert (keep_b == b) <= (b <= room - keep_a)
    if min(a, b) > room:
        assert abs(keep_a - keep_b) <= 1
