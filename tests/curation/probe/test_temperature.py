"""One temperature a fold: what was too sure becomes calibrated, and no order changes."""

import numpy as np
import pytest

from curation.probe import temperature, trust


def made(n: int, sharpness: float, seed: int = 1) -> tuple[list[dict[str, int]], list[np.ndarray], np.ndarray]:
    """Labels drawn from true probabilities, and these sharpened."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=(n, 3)) * 1.5
    true = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    labels = [int(rng.choice(3, p=p)) for p in true]
    sharp = np.exp(sharpness * logits) / np.exp(sharpness * logits).sum(1, keepdims=True)
    return [{"label": label} for label in labels], list(sharp.astype(np.float32)), rng.integers(0, 5, n).astype(np.int8)


@pytest.mark.parametrize("sharpness", [0.5, 3.0])
def test_the_temperature_undoes_a_sharpness(sharpness: float) -> None:
    rows, found, fold = made(4000, sharpness)
    calibrated, temperatures = temperature.calibrate("pair", rows, found, fold, 1)
    assert temperatures == pytest.approx([sharpness] * 5, rel=0.12)
    errors = [
        trust.calibration_error(
            np.array([p.max() for p in them]),
            np.array([p.argmax() == row["label"] for p, row in zip(them, rows, strict=True)]),
        )
        for them in (found, calibrated)
    ]
    assert errors[1] < errors[0] / 2
    assert [p.argmax() for p in calibrated] == [p.argmax() for p in found]
    assert np.stack(calibrated).sum(1) == pytest.approx(np.ones(4000), abs=1e-5)


def test_a_fold_has_no_say_in_its_own_temperature() -> None:
    rows, found, fold = made(1000, 2.0)
    _, before = temperature.calibrate("pair", rows, found, fold, 1)
    changed = [{"label": 0} if f == 2 else row for row, f in zip(rows, fold, strict=True)]
    _, after = temperature.calibrate("pair", changed, found, fold, 1)
    assert after[2] == before[2]
    assert after[1] != before[1]


def test_few_rows_stay_as_they_are() -> None:
    rows, found, fold = made(20, 3.0)
    calibrated, temperatures = temperature.calibrate("pair", rows, found, fold, 1)
    assert temperatures == [1.0] * (int(fold.max()) + 1)
    assert np.stack(calibrated) == pytest.approx(np.stack(found), abs=1e-6)


def test_words_and_spans_are_calibrated_along_their_own_answers() -> None:
    tags = [np.array([[0.7, 0.3], [0.4, 0.6]], np.float32)] * 60
    rows = [{"tags": [0, 0]}] * 60
    fold = np.arange(60, dtype=np.int8) % 2
    calibrated, _ = temperature.calibrate("tags", rows, tags, fold, 1)
    assert calibrated[0].sum(1) == pytest.approx([1, 1], abs=1e-6)
    spans = [np.array([[0.1, 0.2], [0.6, 0.2], [0.3, 0.6]], np.float32)] * 60
    answered = [{"context": "a b", "answers": [{"text": "a", "start": 0}]}] * 60
    calibrated, _ = temperature.calibrate("span", answered, spans, fold, 1)
    assert calibrated[0].sum(0) == pytest.approx([1, 1], abs=1e-6)
