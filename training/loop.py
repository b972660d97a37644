"""The one training loop: every kind, one task or several, one device or many (``accelerate launch``).

AdamW, token-budget batches, clipping, linear warm-up and decay, evaluation at fixed steps; the step with the best dev
value wins (the earlier of equal ones). A killed run goes on from its checkpoint and ends with the same weights.
"""

from __future__ import annotations

import math
import sys
import time
from dataclasses import asdict, dataclass, field
from statistics import fmean
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from curation import progress
from curation.errors import CairnError
from curation.seeds import derive
from training import checkpoints, convergence, jobs, predict, schedule
from training import encoder as encoders
from training.convergence import Point
from training.dynamics import Recorder
from training.model import Model

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pyarrow as pa

    from training.encoder import Encoder
    from training.jobs import Job, Prepared
    from training.schedule import Params

CHECKPOINT_SECONDS = 30.0
"""A checkpoint is written at the first evaluation after so much training time: losing less than that costs little."""
LOOK_EVERY = 10
"""Steps between two looks at the loss: a GPU waits at each."""


@dataclass
class State:
    """How far a run has come; JSON values only."""

    step: int = 0
    tokens: int = 0
    items: int = 0
    seconds: float = 0.0
    best_step: int = 0
    best: float = -1.0
    best_values: dict[str, float] = field(default_factory=dict)
    curve: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Outcome:
    """A finished run: the model with its best weights, on the CPU, and what is to be reported of it."""

    model: Model
    parts: list[Prepared]
    curve: list[Point]
    summary: dict[str, Any]
    dynamics: pa.Table
    run: Path
    """The checkpoint folder; remove it when the model is written."""
    main: bool
    """Is this the process that writes files?"""


def train(encoder: Encoder, work: Sequence[Job], params: Params, seed: int, what: str) -> Outcome:
    """Return the outcome of fine-tuning ``encoder`` (changed in place) on ``work``, one head per job.

    Raises :class:`CairnError` when there is nothing to learn, no dev row to choose by, or the loss is not a number.
    """
    from accelerate import Accelerator
    from accelerate.utils import DistributedDataParallelKwargs, gather_object

    encoders.check_length(encoder, params.max_length, "train: max_length")
    parts = [jobs.prepare(job, encoder, params.max_length) for job in work]
    if not any(part.dev is not None for part in parts):
        raise CairnError(f"{what}: no task has dev rows, so no checkpoint can be chosen.")
    torch.manual_seed(derive(seed, "heads"))
    plain = Model(encoder.model, _heads(parts, encoder)).train()
    unused = [DistributedDataParallelKwargs(find_unused_parameters=True)] if len(parts) > 1 else []
    accelerator = Accelerator(mixed_precision=precision(params.precision), kwargs_handlers=unused)
    target, rank, world = accelerator.device, accelerator.process_index, accelerator.num_processes
    model, optimizer = accelerator.prepare(plain, _optimizer(plain, params, target))
    torch.manual_seed(derive(seed, "dropout", rank))

    facts = {"what": what, "seed": seed, "params": params.model_dump(), "start": dict(encoder.origin), "world": world}
    tables = [table for job in work for table in (job.train, job.dev)]
    facts["jobs"], facts["device"] = [[j.name, j.kind, j.metric, list(j.labels)] for j in work], target.type
    run = checkpoints.folder(checkpoints.key(facts, tables))
    state, recorder = State(), Recorder(parts)
    if (found := checkpoints.load(run, plain, optimizer, rank)) is not None:
        state, recorder = State(**found[0]), Recorder(parts, found[1])
    total = schedule.total_steps(parts, params, seed, world)
    if target.type == "cuda":
        torch.cuda.reset_peak_memory_stats()

    def evaluate(loss: float | None, learning_rate: float) -> None:
        values = {}
        if accelerator.is_main_process:
            values = _values(plain, parts, encoder, params.batch_tokens, target)
            dev = values["mean"] if "mean" in values else next(iter(values.values()))
            point = Point(state.step, state.tokens, round(state.seconds, 3), loss, learning_rate, dev)
            state.curve.append(asdict(point))
            if state.step and dev > state.best:  # step 0 is for the curve: nothing was learnt yet
                state.best, state.best_step, state.best_values = dev, state.step, values
                checkpoints.save_best(run, plain, state.step)
        accelerator.wait_for_everyone()

    def checkpoint() -> None:
        own = gather_object([recorder.collect() | checkpoints.random_states()])
        if accelerator.is_main_process:
            checkpoints.save(run, plain, optimizer, asdict(state), own)
        accelerator.wait_for_everyone()

    if not state.curve:
        evaluate(None, 0.0)
    saved_at = state.seconds
    bar = progress.bar(total, what, "step") if accelerator.is_local_main_process else None
    if bar is not None:
        bar.update(state.step)
    losses: list[torch.Tensor] = []
    seen = 0
    clock = time.perf_counter()
    for number, task, draw, items in schedule.stream(parts, params.batch_tokens, seed, state.step, rank, world):
        if state.step >= total:
            break
        part = parts[task]
        learning_rate = schedule.rate(params, state.step, total)
        for group in optimizer.param_groups:
            group["lr"] = learning_rate
        batch = predict.move(part.kind.collate(part.train, items, encoder.tokenizer, draw), target)
        output = model(part.job.name, batch)
        loss = part.kind.loss(output, batch)
        accelerator.backward(loss)
        accelerator.clip_grad_norm_(model.parameters(), params.clip)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        with torch.no_grad():
            recorder.add(task, number, items, part.kind.gold(output, batch))
        losses.append(loss.detach())
        state.step += 1
        state.items += len(items) * world
        state.tokens += int(_tokens(part, items)) * world
        if state.step % LOOK_EVERY == 0 or state.step == total or state.step % params.evaluate_every == 0:
            recent = float(torch.stack(losses[seen:]).mean())
            seen = len(losses)
            if not math.isfinite(recent):
                raise CairnError(
                    f"{what}: the loss is {recent} at step {state.step}. Lower the learning rate in params.yaml, "
                    "or set precision: fp32."
                )
            if bar is not None:
                bar.set_postfix(loss=f"{recent:.3f}", dev=f"{state.curve[-1]['dev']:.3f}", refresh=False)
                bar.update(state.step - bar.n)
        if state.step % params.evaluate_every == 0 or state.step == total:
            state.seconds += time.perf_counter() - clock
            evaluate(float(torch.stack(losses).mean()), learning_rate)
            losses, seen = [], 0
            if state.step < total and state.seconds - saved_at >= CHECKPOINT_SECONDS:
                checkpoint()
                saved_at = state.seconds
            clock = time.perf_counter()
    if bar is not None:
        bar.close()
    accelerator.wait_for_everyone()
    if accelerator.is_main_process:
        checkpoints.load_best(run, plain, state.best_step)
    plain.to("cpu").eval()
    curve = [Point(**point) for point in state.curve]
    summary = _summary(parts, state, curve, target) if accelerator.is_main_process else {}
    return Outcome(plain, parts, curve, summary, _table(accelerator, recorder), run, accelerator.is_main_process)


def precision(name: str) -> str:
    """Return what ``accelerate`` calls the precision; ``auto`` is bf16 on a GPU that has it, else float32."""
    if name == "auto":
        name = "bf16" if torch.cuda.is_available() and torch.cuda.is_bf16_supported() else "fp32"
    return "bf16" if name == "bf16" else "no"


def _heads(parts: Sequence[Prepared], encoder: Encoder) -> dict[str, nn.Module]:
    heads: dict[str, nn.Module] = {}
    for part in parts:
        shared = part.job.shares_head_of
        heads[part.job.name] = heads[shared] if shared else part.kind.Head(encoder.model, part.facts)
    return heads


def _optimizer(model: nn.Module, params: Params, target: torch.device) -> torch.optim.Optimizer:
    """Return AdamW; vectors (biases, normalisation weights) do not decay. Fused where the device has it."""
    weights = [p for p in model.parameters() if p.requires_grad]
    groups = [
        {"params": [p for p in weights if p.ndim > 1], "weight_decay": params.weight_decay},
        {"params": [p for p in weights if p.ndim < 2], "weight_decay": 0.0},
    ]
    fused = target.type in ("cuda", "cpu")
    return torch.optim.AdamW(groups, lr=params.learning_rate, eps=1e-8, fused=fused)


def _values(
    model: nn.Module, parts: Sequence[Prepared], encoder: Encoder, batch_tokens: int, target: torch.device
) -> dict[str, float]:
    """Return the dev values, the primary first; of several tasks each as ``task.value``, and the ``mean`` primary."""
    found: dict[str, float] = {}
    primaries = []
    for part in parts:
        if part.dev is not None:
            values = jobs.evaluate(model, part, encoder, batch_tokens, target)
            first = jobs.primary(part.job)
            primaries.append(values[first])
            prefix = f"{part.job.name}." if len(parts) > 1 else ""
            found |= {prefix + name: values[name] for name in (first, *values) if name in values}
    return found | ({"mean": fmean(primaries)} if len(parts) > 1 else {})


def _tokens(part: Prepared, items: Any) -> int:
    bounds = part.train.items
    starts = part.train.sequences.starts
    return int((starts[bounds[items + 1]] - starts[bounds[items]]).sum())


def _table(accelerator: Any, recorder: Recorder) -> pa.Table:
    if accelerator.num_processes == 1:
        return recorder.table()
    from accelerate.utils import gather_object

    kept = gather_object([recorder.collect()])
    return Recorder(recorder.parts, {name: torch.cat([one[name] for one in kept]) for name in kept[0]}).table()


def _summary(parts: Sequence[Prepared], state: State, curve: Sequence[Point], target: torch.device) -> dict[str, Any]:
    found = {part.job.name: jobs.counts(part) for part in parts}
    baselines = [jobs.baseline(part) for part in parts if part.dev is not None]
    majority = None if None in baselines else fmean(value for value in baselines if value is not None)
    sizes = [len(part.items) for part in parts]
    expected = [part.kind.chance(part.train, part.facts) for part in parts]
    chance = sum(n * c for n, c in zip(sizes, expected, strict=True)) / sum(sizes)
    why = convergence.degenerate(state.best, majority, curve[-1].loss, chance)
    quick = convergence.first_at(curve, 0.95)
    return {
        "rows": sum(one["rows"] for one in found.values()),
        "tasks": found,
        "steps": state.step,
        "epochs": round(state.items / sum(sizes), 3),
        "tokens": state.tokens,
        "seconds": round(state.seconds, 2),
        "rows_per_second": round(state.items / max(state.seconds, 1e-9), 1),
        "dev": state.best_values,
        "best_step": state.best_step,
        "best_dev": state.best,
        "last_dev": curve[-1].dev,
        "majority_baseline": majority,
        "degenerate": why is not None,
        "degenerate_why": why,
        "steps_to_95": quick.step,
        "tokens_to_95": quick.tokens,
        "curve_area": round(convergence.area(curve), 6),
        "peak_memory_mb": round(_peak(target), 1),
        "device": target.type,
    }


def _peak(target: torch.device) -> float:
    """Return the most memory in MB: allocated on the GPU, or resident in this process so far."""
    if target.type == "cuda":
        return torch.cuda.max_memory_allocated() / 2**20
    try:
        import resource
    except ImportError:  # Windows
        return 0.0
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (2**20 if sys.platform == "darwin" else 2**10)
