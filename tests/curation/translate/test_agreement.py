import numpy as np

from curation.translate import agreement, judge
from curation.translate.drafts import Draft

WORDS = {
    "good": ("great", "fine", "lovely", "superb"), "bad": ("awful", "poor", "dreadful", "grim"),
}  # fmt: skip


def encode(texts):
    """Unit vectors of which words a text holds; the other language's words end in -o and mean the same."""
    names = [word for own in WORDS.values() for word in own]
    made = np.array([[float(word in text or f"{word}o" in text) for word in names] + [0.1] for text in texts])
    return made / np.linalg.norm(made, axis=1, keepdims=True)


def table(size=400, seed=1):
    draw = np.random.default_rng(seed)
    rows, drafts = [], []
    for i in range(size):
        label = int(draw.integers(2))
        word = WORDS["good" if label else "bad"][int(draw.integers(4))]
        rows.append({"id": f"r{i:03}", "text": f"a {word} day number {i}", "label": label})
        drafts.append(Draft({"text": f"uno {word}o dia numero {i}"}))
    return rows, drafts


def test_a_translation_that_says_the_opposite_stands_out():
    rows, drafts = table()
    turned = list(range(0, 400, 40))
    for i in turned:
        drafts[i] = Draft({"text": f"uno {'dreadful' if rows[i]['label'] else 'superb'}o dia numero {i}"})
    found = agreement.of_drafts("classify", rows, drafts, encode)
    assert found[turned].min() > np.delete(found, turned).max() + 3
    judged = judge.check("classify", rows, drafts, "en", "es", by_row={agreement.NAME: found})
    assert judged[agreement.NAME][turned].max() < 0.01
    assert np.median(judged[agreement.NAME]) >= 0.3
    plain = judge.check("classify", rows, drafts, "en", "es")
    np.testing.assert_array_equal(judged[judge.QUALITY], plain[judge.QUALITY])  # shown, not counted


def test_the_order_of_rows_does_not_matter():
    rows, drafts = table(300)
    found = agreement.of_drafts("classify", rows, drafts, encode)
    back = agreement.of_drafts("classify", rows[::-1], drafts[::-1], encode)
    np.testing.assert_allclose(found, back[::-1], atol=1e-6)


def test_nothing_is_said_of_few_rows_other_kinds_or_missing_translations():
    rows, drafts = table(100)
    assert np.isnan(agreement.of_drafts("classify", rows, drafts, encode)).all()
    rows, drafts = table(300)
    assert np.isnan(agreement.of_drafts("choice", rows, drafts, encode)).all()
    drafts[3] = Draft(None, "no translation provided")
    found = agreement.of_drafts("classify", rows, drafts, encode)
    assert np.isnan(found[3])
    assert not np.isnan(np.delete(found, 3)).any()
