"""The stage that tries both encoders before hours are spent."""

from types import SimpleNamespace

import pytest

from curation.embed import Params
from training.trial import __main__ as trial


@pytest.mark.parametrize("precision", ["auto", "bf16"])
def test_the_scoring_encoder_is_tried_as_it_will_score(monkeypatch, precision):
    made = []

    def scoring(*given):
        made.append(given)
        return SimpleNamespace(source=SimpleNamespace(path="x"), model=SimpleNamespace(encode=lambda *_, **__: None))

    monkeypatch.setattr(trial, "Scoring", scoring)
    trial.scoring(
        Params(model="m", revision=None, batch_size=8, max_length=64, precision=precision, word_gigabytes=None)
    )
    assert made == [("m", None, 8, 64, precision)]
