"""``python -m training.trial``: see the docstring of the package."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from curation.core import experiment, files, models, params, paths
from curation.core.errors import CairnError
from curation.core.stage import main
from curation.embed import Params as Embed
from curation.embed.encoder import Encoder as Scoring
from curation.tasks import load
from training import evaluate, finetune, pretrained, retrieve
from training.kinds import text
from training.model import encoder as encoders
from training.model import predict
from training.model.encoder import Encoder
from training.model.trial import trial

TEXTS = ["A dog runs.", "Where does the old dog run, and who sees it?"]


def run() -> None:
    """Load both encoders and run each on some texts; raise :class:`CairnError` for the first thing that fails."""
    chosen = experiment.read()
    if chosen.seeds:
        evaluated(chosen)
    scoring(params.read(Embed, "embed"))
    files.write_json(paths.report("trial"), {"passed": True})


def evaluated(chosen: params.Experiment) -> None:
    """The encoder under evaluation reads texts as long as every stage lets it, and gives what the stages need."""
    where = params.path()
    asked = params.read(pretrained.Params, "encoder")
    encoder = encoders.load(Path(models.model(asked.model, asked.revision).path))
    for key, length in lengths(bool(chosen.retrieval)).items():
        trial(encoder, length, f"{where}: {key}.max_length")
    if chosen.retrieval:
        layers(encoder)
    if "text" in {load(task).kind for task in chosen.intermediate}:
        with encoders.reading(encoder.folder, "head of a masked language model"):
            text.Head(encoder.model, {})


def lengths(retrieval: bool) -> dict[str, int]:
    """Return the section of params.yaml to the tokens that it lets the encoder read."""
    found = {key: finetune.params(key).max_length for key in ("train.intermediate", "train.target")}
    found["evaluate"] = params.read(evaluate.Params, "evaluate").max_length
    return found | ({"retrieve": params.read(retrieve.Params, "retrieve").max_length} if retrieval else {})


def layers(encoder: Encoder) -> None:
    """Every hidden state can be read, one vector per token: retrieval takes one of them."""
    depth = int(encoder.model.config.num_hidden_layers)
    try:
        for _, states, mask in predict.hidden_states(encoder, TEXTS, 1024, min(32, encoder.limit), range(depth + 1)):
            assert all(state.shape[:2] == mask.shape for state in states), "layers differ in their number of tokens"
    except (AssertionError, IndexError, TypeError, RuntimeError) as error:
        raise CairnError(
            f"{encoder.folder}: its hidden states cannot be read layer by layer ({error}), which retrieval does. Set "
            f"retrieval: [] in {params.path()}, or name another encoder."
        ) from error


def scoring(section: Embed) -> None:
    """The encoder that scores computes two short texts, in its own precision."""
    found: Any = Scoring(section.model, section.revision, section.batch_size, section.max_length, section.precision)
    with encoders.reading(Path(found.source.path), "scoring encoder (embed.model)"):
        found.model.encode(TEXTS, show_progress_bar=False)


if __name__ == "__main__":
    main(run)
