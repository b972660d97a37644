"""Every row is judged by a model that never saw it, in the form of the probe; dynamics are means over the others."""

from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pytest
import torch

from curation import probe
from curation.core.task import Task
from training.crossfit import dynamics, fit
from training.model import encoder as encoders_
from training.model import kind as kinds
from training.model.heads import met

LABELS = {"pair": ("no", "yes"), "classify": ("no", "yes"), "tags": ("a", "b", "c", "d"), "choice": (), "span": ()}


def settings(encoders, **changes) -> probe.Crossfit:
    values = {
        "folds": 2, "model": str(encoders["bert"]), "epochs": 2, "batch_tokens": 256, "max_length": 64,
        "learning_rate": 1e-3, "precision": "fp32",
    }  # fmt: skip
    return probe.Crossfit(**values | changes)


@pytest.mark.parametrize("kind", ["pair", "tags", "span", "choice"])
def test_probabilities_of_every_row_in_the_form_of_the_probe(kind, encoders, home, rows, tmp_path) -> None:
    metric = {"tags": "seqeval", "span": "squad"}.get(kind, "accuracy")
    task, table = Task(kind=kind, metric=metric, labels=LABELS[kind]), rows(kind)
    found, met_ = fit.across_folds("t", task, table, settings(encoders), 5)
    for row, p in zip(table.to_pylist(), found.probabilities, strict=True):
        if kind == "tags":
            assert p.shape == (len(row["tokens"]), 4)
            assert p.sum(1) == pytest.approx(np.ones(len(p)), abs=1e-5)
        elif kind == "span":
            assert p.shape[1] == 2
            assert p.sum(0) == pytest.approx([1, 1], abs=1e-5)
        else:
            assert p.shape == (len(row["choices"]) if kind == "choice" else 2,)
            assert p.sum() == pytest.approx(1, abs=1e-5)
    assert found.ids == table["id"].to_pylist() == met_["id"].to_pylist()
    assert set(found.fold.tolist()) == {0, 1}
    assert met_.column_names == ["id", *dynamics.NAMES]
    probe.write(tmp_path, found)
    again = probe.read(tmp_path)
    assert all(np.array_equal(a, b) for a, b in zip(again.probabilities, found.probabilities, strict=True))


def test_a_killed_run_makes_only_the_folds_that_are_left(encoders, home, rows, monkeypatch, capsys) -> None:
    task, table, given = Task(kind="pair", metric="accuracy", labels=LABELS["pair"]), rows("pair"), settings(encoders)
    whole = fit.across_folds("t", task, table, given, 5)
    train, begun = fit.loop.train, []

    def killed(encoder, work, params, seed, what):
        begun.append(what)
        if len(begun) == 2:
            raise KeyboardInterrupt
        return train(encoder, work, params, seed, what)

    monkeypatch.setattr(fit.loop, "train", killed)
    kept = fit.keeper("t", task, table, given, 5)
    with pytest.raises(KeyboardInterrupt):
        fit.across_folds("t", task, table, given, 5, kept)
    again = fit.across_folds("t", task, table, given, 5, kept)
    assert begun == [f"crossfit t fold {n} of 2" for n in (1, 2, 2)]
    for one, other in zip(whole[0].probabilities, again[0].probabilities, strict=True):
        assert np.array_equal(one, other)
    assert whole[1].equals(again[1])
    (kept.folder / "fold-0/dynamics.parquet").write_bytes(b"x")
    fit.across_folds("t", task, table, given, 5, kept)
    assert begun[3:] == ["crossfit t fold 1 of 2"]
    assert "fold-0 is damaged" in capsys.readouterr().err
    assert fit.keeper("t", task, table, settings(encoders, epochs=3), 5).folder != kept.folder
    assert fit.keeper("t", task, table.slice(1), given, 5).folder != kept.folder
    kept.forget()
    assert not kept.folder.exists()


def test_a_further_device_trains_along_in_every_fold(encoders, home, rows, monkeypatch) -> None:
    """The first one waits for it in each training: it would wait for ever for one that has left."""
    folds = []

    def train(encoder, work, params, seed, what):
        folds.append(what)
        return SimpleNamespace(main=False)

    monkeypatch.setattr(fit.loop, "train", train)
    task = Task(kind="pair", metric="accuracy", labels=LABELS["pair"])
    assert fit.across_folds("t", task, rows("pair"), settings(encoders, folds=3), 5) is None
    assert folds == [f"crossfit t fold {n} of 3" for n in (1, 2, 3)]


def test_dynamics_of_one_row_by_hand() -> None:
    def run(confidence: list[float]) -> pa.Table:
        n = len(confidence)
        won = [c > 0.5 for c in confidence]
        error, margin = [1 - c for c in confidence], [2 * c - 1 for c in confidence]
        columns = {"id": ["x"] * n, "epoch": list(range(n)), "confidence": confidence, "correct": won}
        return pa.table(columns | {"error": error, "margin": margin})

    row, none = dynamics.of_rows(["x", "y"], [run([0.2, 0.8, 0.4]), run([0.6, 0.6, 0.6])]).to_pylist()
    assert row["confidence"] == pytest.approx((1.4 / 3 + 0.6) / 2)
    assert row["variability"] == pytest.approx(np.std([0.2, 0.8, 0.4]) / 2)
    assert row["correctness"] == pytest.approx((1 / 3 + 1) / 2)
    assert row["forgetting"] == pytest.approx(0.5)
    assert row["el2n"] == pytest.approx((0.2 + 0.4) / 2)
    assert row["aum"] == pytest.approx((-0.2 / 3 + 0.2) / 2)
    assert {none[name] for name in dynamics.NAMES} == {None}


def test_what_scores_say_of_a_label_by_hand() -> None:
    found = met(torch.tensor([[2.0, 0.0, -torch.inf]]), torch.tensor([1]))
    p = np.exp([2.0, 0.0]) / np.exp([2.0, 0.0]).sum()
    assert float(found.confidence) == pytest.approx(p[1])
    assert float(found.error) == pytest.approx(np.hypot(p[0], 1 - p[1]), rel=1e-5)
    assert float(found.margin) == -2.0
    assert not bool(found.correct)


def test_span_odds_fall_on_the_words_that_a_token_is_of(encoders, rows) -> None:
    tokenizer = encoders_.load_tokenizer(encoders["bert"])
    kind, table = kinds.load("span"), rows("span")
    features = kind.features(table, tokenizer, 64, {"no_answer": False})
    batch = kind.collate(features, np.arange(len(features)), tokenizer, 0)
    output = torch.full((*batch["char_start"].shape, 2), -torch.inf)
    output[batch["char_start"] >= 0] = 0.0
    output[:, 0] = 0.0
    item = torch.arange(len(output))
    output[item, batch["start"], 0] = output[item, batch["end"], 1] = 20.0
    pieces = kind.odds(output, batch)
    seen = 0
    for number, row in enumerate(table.to_pylist()):
        own = [piece for piece, of in zip(pieces, features.row.tolist(), strict=True) if of == number]
        first, last = probe_gold(row)
        if first > 0 and len(own) == 1:
            p = kind.spread(own, row)
            assert (p[:, 0].argmax(), p[:, 1].argmax()) == (first, last)
            seen += 1
    assert seen


def probe_gold(row):
    from curation.probe import span

    return span.gold(row)
