import pytest

from curation.translate.answers import Votes, decide, half_translated

CONTEXT = "La mañana fue fría y el bucle era largo."


def votes(markers=None, alone=None, aligned=None, text="mañana"):
    return Votes(CONTEXT, markers, alone, aligned, text)


MORNING, LOOP = (3, 9), (24, 29)


@pytest.mark.parametrize(
    ("given", "aligner", "expected"),
    [
        (votes(MORNING, MORNING), False, (MORNING, "markers and alone")),
        (votes(MORNING, None, text="mañanas"), False, (MORNING, "markers and alone")),
        (votes(LOOP, MORNING), False, "answer in doubt"),
        (votes(LOOP, MORNING, MORNING), True, (MORNING, "alone and alignment")),
        (votes(LOOP, None, LOOP, text="x"), True, "answer in doubt"),
        (votes((24, 39), None, (24, 39), text="bucle tan tardío"), True, ((24, 39), "markers and alignment")),
        (votes(LOOP, None, MORNING, text="x"), True, "answer in doubt"),
        (votes(None, MORNING), False, (MORNING, "alone")),
        (votes(None, MORNING, LOOP), True, "answer in doubt"),
        (votes(None, None, LOOP), True, "answer not found in translation"),
    ],
)
def test_an_answer_needs_two_witnesses(given, aligner, expected):
    assert decide(given, aligner) == expected


@pytest.mark.parametrize(
    ("source", "target", "unknown", "expected"),
    [
        ("scarcity of water", "scarcity de agua", {"scarcity"}, True),
        ("Denver Broncos", "Denver Broncos", {"broncos"}, False),
        ("the big small houses", "the big small casas", set(), False),
        ("water tower houses", "water tower houses", set(), True),
        ("hotel", "hotel", set(), False),
    ],
)
def test_half_translated_answers_are_seen(source, target, unknown, expected):
    assert half_translated(source, target, unknown) == expected
