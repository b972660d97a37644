"""The one training loop: every kind, one task or several, one device or many (``torchrun``).

AdamW, token-budget batches, clipping, linear warm-up and decay, evaluation at fixed steps; the step with the best dev
value wins (the earlier of equal ones). A killed run goes on from its checkpoint and ends with the same weights.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass, replace
from statistics import fmean
from typing import Any

import pyarrow as pa
import torch
from torch import nn

from curation.core import progress
from curation.core.edge import ran_out
from curation.core.errors import CairnError
from curation.core.progress import say
from curation.core.seeds import derive
from training.finetune import Params, checkpoints, health, jobs, lighter, schedule, sharding, summary
from training.finetune.convergence import Point
from training.finetune.dynamics import COLUMNS, Recorder
from training.finetune.jobs import Job, Prepared
from training.finetune.summary import State
from training.model import batches, devices, memory, predict
from training.model import encoder as encoders
from training.model.batches import Batch
from training.model.encoder import Encoder
from training.model.kind import Facts
from training.model.model import Model
from training.model.sequences import Ints

CHECKPOINT_SECONDS = 30.0
"""A checkpoint is written at the first step after so much time (of several devices, at the first look)."""
CHECKPOINT_SHARE = 0.1
"""About the most of a run's time that checkpoints take: those of large encoders are slow to write, and come later."""
LOOK_EVERY = 10
"""Steps between two looks at the loss: a GPU waits at each."""
LOSSES = "losses"
"""A process's losses since the last evaluation, among what it keeps for itself in a checkpoint."""


@dataclass(frozen=True)
class Outcome:
    """A finished run: the model with its best weights, on the CPU, and what is to be reported of it.

    The first process has both; what others are given of them is good for nothing.
    """

    model: Model
    parts: list[Prepared]
    curve: list[Point]
    summary: dict[str, Any]
    dynamics: pa.Table
    run: checkpoints.Run
    """The checkpoints; finish it when the model is written."""
    main: bool
    """Is this the process that writes files?"""


def train(encoder: Encoder, work: Sequence[Job], params: Params, seed: int, what: str) -> Outcome:
    """Return the outcome of fine-tuning ``encoder`` (changed in place) on ``work``, one head per job.

    Raises :class:`CairnError` when there is nothing to learn, no dev row to choose by, or the loss is not a number.
    """
    encoders.check_length(encoder, params.max_length, "train: max_length")
    parts = [jobs.prepare(job, encoder, params.max_length) for job in work]
    if not any(part.dev is not None for part in parts):
        raise CairnError(f"{what}: no task has dev rows, so no checkpoint can be chosen.")
    run = _Run(encoder, parts, params, seed, what)
    try:
        run.resume()
        with _bar(run) as bar:
            run.walk(bar)
        return run.outcome()
    except BaseException:
        run.kept.stop()
        raise


class _Run:
    """One run: everything that a step, an evaluation and a checkpoint touch."""

    def __init__(self, encoder: Encoder, parts: list[Prepared], params: Params, seed: int, what: str) -> None:
        from accelerate import Accelerator
        from accelerate.utils import AutocastKwargs, DistributedDataParallelKwargs

        torch.manual_seed(derive(seed, "heads"))
        self.encoder, self.parts, self.params, self.seed, self.what = encoder, parts, params, seed, what
        self.plain = Model(encoder.model, _heads(parts, encoder)).train()
        lighter.begin(encoder.model, params)
        self.shares = params.shard and devices.world() > 1
        if params.shard and not self.shares:
            say(f"{what}: shard is true, but this process is alone and keeps all weights. torchrun starts several.")
        unused = DistributedDataParallelKwargs(find_unused_parameters=self._idle())
        # Copies in bfloat16 that are kept until the end of a pass would be whole.
        half = AutocastKwargs(cache_enabled=not self.shares)
        deterministic(devices.state().device)
        self.precision = predict.precision(params.precision, devices.state().device)
        mixed = "bf16" if self.precision == "bf16" else "no"
        self.accelerator = Accelerator(mixed_precision=mixed, kwargs_handlers=[unused, half])
        self.target, self.rank = self.accelerator.device, self.accelerator.process_index
        self.world, self.main = self.accelerator.num_processes, self.accelerator.is_main_process
        if self.shares:
            self.form = sharding.shard(self.plain, self.target)
            self.model = self.accelerator.prepare_model(self.plain, evaluation_mode=True)  # that is, without DDP
        else:
            self.model = self.accelerator.prepare(self.plain)
        self.optimizer = self.accelerator.prepare(optimizer(self.plain, params, self.target))
        self.total = schedule.total_steps(parts, params, seed, self.world)
        self.state, self.recorder = State(), Recorder(parts)
        self.kept = checkpoints.Run(self._key(), what)
        self.losses: list[torch.Tensor] = []
        self.answers: dict[str, str | None] = {}
        self.seen = 0

    def _idle(self) -> bool:
        """Return whether a batch may leave weights without a gradient, for which the devices would wait.

        Those of the other heads, since a batch is of one task; and of some encoders, such as LUKE's of entities.
        """
        if devices.world() == 1 or self.shares:
            return False
        (first, *others) = self.parts
        return bool(others) or (len(first.items) > 0 and jobs.idle(self.plain, first, self.encoder))

    def _key(self) -> str:
        work = [part.job for part in self.parts]
        facts = {
            "what": self.what,
            "seed": self.seed,
            "params": self.params.model_dump(),
            "start": dict(self.encoder.origin),
            "jobs": [[job.name, job.kind, job.metric, list(job.labels), job.options] for job in work],
            "world": self.world,
            "dynamics": COLUMNS,
            "device": self.target.type,
        }
        return checkpoints.key(facts, [table for job in work for table in (job.train, job.dev, *job.watched.values())])

    def resume(self) -> None:
        """Go on from the checkpoint of this run, if there is one; those of runs given up long ago go."""
        if self.main:
            self.kept.start()
        self.accelerator.wait_for_everyone()
        torch.manual_seed(derive(self.seed, "dropout", self.rank))
        if (found := self.kept.load(self.plain, self.optimizer, self.rank)) is not None:
            self.losses = list(found[1].pop(LOSSES).to(self.target).unbind())
            self.seen = len(self.losses)
            self.state, self.recorder = State(**found[0]), Recorder(self.parts, found[1])
        if self.target.type == "cuda":
            torch.cuda.reset_peak_memory_stats()

    def walk(self, bar: Any) -> None:
        """Take all steps that are left, with evaluations and checkpoints on the way."""
        state, params = self.state, self.params
        if not state.curve:
            self.evaluate(None, 0.0)
        saved = clock = time.perf_counter()
        wait = CHECKPOINT_SECONDS
        coming = schedule.stream(self.parts, params.batch_tokens * self.world, self.seed, state.step)
        while state.step < self.total:
            rate = schedule.rate(params, state.step, self.total)
            self.step(next(coming), rate)
            evaluates = state.step % params.evaluate_every == 0 or state.step == self.total
            looks = evaluates or state.step % LOOK_EVERY == 0
            due = (looks or self.world == 1) and self.agreed(time.perf_counter() - saved >= wait)
            if looks or due:
                self.look(bar)
            if evaluates:
                state.seconds += time.perf_counter() - clock
                self.evaluate(self.mean(self.losses), rate)
                self.losses, self.seen = [], 0
                clock = time.perf_counter()
            if due and state.step < self.total:
                begun = time.perf_counter()
                state.seconds += begun - clock
                self.checkpoint()
                saved = clock = time.perf_counter()
                wait = max(CHECKPOINT_SECONDS, (saved - begun) / CHECKPOINT_SHARE)

    def step(self, batch: schedule.Batch, rate: float) -> None:
        """Learn from one batch."""
        number, task, draw, items = batch
        part = self.parts[task]
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        whole = part.kind.collate(part.train, items, self.encoder.tokenizer, draw)
        loss, met = memory.retried(lambda: self.gradients(part, whole), lambda: self.shrink(whole))
        self.accelerator.clip_grad_norm_(self.model.parameters(), self.params.clip)
        try:
            self.optimizer.step()
        except (MemoryError, RuntimeError) as error:  # the first step makes the optimizer's state
            raise memory.unable(self.what) if ran_out(error) else error from None
        self.optimizer.zero_grad(set_to_none=True)
        for chosen, found in met:
            self.recorder.add(task, number, items[chosen], found)
        self.losses.append(loss)
        self.state.step += 1
        self.state.items += len(items)
        self.state.tokens += _tokens(part, items)

    def gradients(self, part: Prepared, whole: Batch) -> tuple[torch.Tensor, list[tuple[Ints, Any]]]:
        """Add up the gradients of this device's share of a batch; return its loss, and what was thought of which items.

        Each pass weighs as many targets as it has, so that passes and devices come to the mean over the whole batch.
        """
        total, loss, met = batches.targets(whole), torch.zeros((), device=self.target), []
        own = batches.passes(whole, self.most, self.rank, self.world)
        # Fewer items than devices: computed along, and not counted.
        counted = 0 if self.rank >= int(whole["item"][-1]) + 1 else len(own)
        if self.shares:  # all devices go through the layers in step
            own += own[:1] * (batches.most_passes(whole, self.most, self.world) - len(own))
        for number, chosen in enumerate(own):
            piece, counts = batches.part(whole, chosen), number < counted
            share = batches.targets(piece) * self.world / total if counts else 0.0
            inputs = predict.move(piece, self.target)
            last = number == len(own) - 1
            # Gradients in shares are added up at every pass: whole ones would need the memory that sharding spares.
            with nullcontext() if last or self.shares else self.accelerator.no_sync(self.model):
                with predict.attention(self.target, self.precision):
                    output = self.model(part.job.name, inputs)
                mean = part.kind.loss(output, inputs)
                weighed = mean * share if share else torch.nan_to_num(mean) * 0
                self.accelerator.backward(weighed)
            loss += weighed.detach()
            if counts:
                with torch.no_grad():
                    met.append((chosen, part.kind.gold(output, inputs)))
        return loss, met

    @property
    def most(self) -> float:
        """Most tokens of a forward pass."""
        return self.state.pass_tokens or self.params.pass_tokens or math.inf

    def shrink(self, whole: Batch) -> None:
        """Halve the tokens of a forward pass, because those of ``whole`` did not fit the memory."""
        self.optimizer.zero_grad(set_to_none=True)
        largest = max(batches.passes(whole, self.most), key=lambda one: batches.padded(batches.part(whole, one)))
        tokens = batches.padded(batches.part(whole, largest))
        if self.world > 1 or len(largest) == 1:
            raise memory.refusal(self.what, tokens, rows=len(largest))
        self.state.pass_tokens = tokens // 2
        say(
            f"{self.what}: step {self.state.step + 1} does not fit the memory in passes of {tokens} tokens. It goes on "
            f"with passes of {tokens // 2}, which learn the same. To begin so, set pass_tokens: {tokens // 2}."
        )

    def mean(self, losses: list[torch.Tensor]) -> float:
        """Return the mean of some steps' losses, over all devices: each has its share of a step's loss only."""
        return float(self.accelerator.reduce(torch.stack(losses).mean(), reduction="mean"))

    def agreed(self, due: bool) -> bool:
        """Return ``due`` of the first process, to all: what it decides to write is gathered from all of them."""
        from accelerate.utils import broadcast_object_list

        return bool(broadcast_object_list([due])[0])

    def look(self, bar: Any) -> None:
        """Show the loss since the last look, over all devices; raise on each of them when it is no number."""
        recent = self.mean(self.losses[self.seen :])
        self.seen = len(self.losses)
        if not math.isfinite(recent):
            raise CairnError(
                f"{self.what}: the loss is {recent} at step {self.state.step}. Lower the learning rate in params.yaml, "
                "or set precision: fp32."
            )
        if bar is not None:
            bar.set_postfix(loss=f"{recent:.3f}", dev=f"{self.state.curve[-1]['dev']:.3f}", refresh=False)
            bar.update(self.state.step - bar.n)

    def evaluate(self, loss: float | None, rate: float) -> None:
        """Add a point to the curve, and keep the weights when it is the best.

        The first process scores, and the others wait; a model in shares needs them all.
        """
        best = self.score(loss, rate) if self.main or self.shares else False
        if self.agreed(best):
            whole = self.whole()
            if self.main:
                self.kept.save_best(whole, self.state.step)
        self.accelerator.wait_for_everyone()

    def score(self, loss: float | None, rate: float) -> bool:
        """Add a point to the curve; return whether it is the best so far."""
        state = self.state
        values, tuned = self.judge()
        dev = values["mean"] if "mean" in values else next(iter(values.values()))
        point = Point(state.step, state.tokens, round(state.seconds, 3), loss, rate, dev, self.watch(tuned))
        state.curve.append(asdict(point))
        if not state.step or dev <= state.best:  # step 0 is for the curve: nothing was learnt yet
            return False
        state.best, state.best_step, state.best_values, state.best_facts = dev, state.step, values, tuned
        state.best_answers = dict(self.answers)
        return True

    def whole(self) -> Model:
        """Return the model with its whole weights, to the first process; every process calls it."""
        return sharding.whole(self.plain, self.form) if self.shares else self.plain

    def judge(self) -> tuple[dict[str, float], dict[str, Facts]]:
        """Return the dev values, and the facts tuned on dev by job.

        The primary value comes first; of several tasks each as ``task.value``, and the ``mean`` of the primary ones.
        """
        found: dict[str, float] = {}
        tuned, primaries, several = {}, [], len(self.parts) > 1
        for part in self.parts:
            if part.dev is not None:
                values, tuned[part.job.name], self.answers[part.job.name] = jobs.evaluate(
                    self.plain, part, self.encoder, self.params.batch_tokens, self.target, self.precision
                )
                first = jobs.primary(part.job)
                primaries.append(values[first])
                prefix = f"{part.job.name}." if several else ""
                found |= {prefix + name: values[name] for name in (first, *values)}
        return found | ({"mean": fmean(primaries)} if several else {}), tuned

    def watch(self, tuned: dict[str, Facts]) -> dict[str, float]:
        """Return the dev value of every language that is followed; of several tasks the last that has it."""
        found: dict[str, float] = {}
        for part in self.parts:
            found |= jobs.watch(
                self.plain, part, self.encoder, self.params.batch_tokens, self.target, self.precision,
                tuned.get(part.job.name, {}),
            )  # fmt: skip
        return found

    def checkpoint(self) -> None:
        """Write everything that a later start needs to go on exactly."""
        from accelerate.utils import gather_object

        losses = torch.stack(self.losses) if self.losses else torch.zeros(0)
        own = gather_object([self.recorder.collect() | checkpoints.random_states() | {LOSSES: losses.cpu()}])
        whole, moments = self.whole(), checkpoints.moments(self.optimizer)
        if self.shares:
            moments = sharding.gathered(moments)
        if self.main:
            self.kept.save(whole, moments, asdict(self.state), own)
        self.accelerator.wait_for_everyone()

    def signs(self) -> str | None:
        """Return what is wrong with a head that the best weights have, with the remedy; ``None`` when nothing shows."""
        judged = [part for part in self.parts if part.dev is not None]
        # All of them before the first is spoken of: a model in shares needs every device for each.
        dead = [health.dead(self.plain, part, self.encoder, self.target, self.precision) for part in judged]
        for part, found in zip(judged, dead, strict=True):
            answer, rate = self.state.best_answers.get(part.job.name), self.params.learning_rate
            if (words := health.signs(found, part.job.name, answer, rate)) is not None:
                return words
        return None

    def outcome(self) -> Outcome:
        """Return the model with its best weights, and the report."""
        from accelerate.utils import gather_object

        kept = gather_object([self.recorder.collect()])
        everything = {name: torch.cat([one[name] for one in kept]) for name in kept[0]}
        curve = [Point(**point) for point in self.state.curve]
        found: dict[str, Any] = {}
        signs = None
        if self.main or self.shares:
            self.kept.load_best(self.plain, self.state.best_step)
            signs = self.signs()
        whole = self.whole()
        if self.main:
            found = summary.of(self.parts, self.state, curve, self.target, signs)
            found |= {"precision": self.precision}
            if found["degenerate"]:
                say(f"{self.what} learnt nothing: {found['degenerate_why']}.")
            lighter.end(whole.to("cpu").eval().encoder, self.params)
        dynamics = Recorder(self.parts, everything).table()
        tuned = self.state.best_facts
        parts = [replace(part, facts=part.facts | tuned.get(part.job.name, {})) for part in self.parts]
        return Outcome(whole, parts, curve, found, dynamics, self.kept, self.main)


@contextmanager
def _bar(run: _Run) -> Iterator[Any]:
    if not run.main:
        yield None
        return
    with progress.bar(run.total, run.what, "step") as bar:
        bar.update(run.state.step)
        yield bar


def deterministic(target: torch.device) -> None:
    """Ask a GPU for algorithms that repeat themselves; PyTorch warns where there is none.

    On a CPU, one thread count and one version of PyTorch give the same bits without. On a GPU that is not promised:
    the gradient of memory-efficient attention, which padded batches may take, is among the exceptions.
    """
    if target.type == "cuda":
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # read at the first product on the GPU
        torch.use_deterministic_algorithms(True, warn_only=True)
        how: Any = torch.utils.deterministic
        how.fill_uninitialized_memory = False  # we read no memory that we did not write


def _heads(parts: Sequence[Prepared], encoder: Encoder) -> dict[str, nn.Module]:
    heads: dict[str, nn.Module] = {}
    for part in parts:
        shared = part.job.shares_head_of
        heads[part.job.name] = heads[shared] if shared else part.kind.Head(encoder.model, part.facts)
    return heads


def optimizer(model: nn.Module, params: Params, target: torch.device) -> torch.optim.Optimizer:
    """Return AdamW; vectors (biases, normalisation weights) do not decay. Fused where the device has it."""
    weights = [p for p in model.parameters() if p.requires_grad]
    groups = [
        {"params": [p for p in weights if p.ndim > 1], "weight_decay": params.weight_decay},
        {"params": [p for p in weights if p.ndim < 2], "weight_decay": 0.0},
    ]
    fused = target.type in ("cuda", "cpu")
    return torch.optim.AdamW(groups, lr=params.learning_rate, eps=1e-8, fused=fused)


def _tokens(part: Prepared, items: Any) -> int:
    bounds = part.train.items
    starts = part.train.sequences.starts
    return int((starts[bounds[items + 1]] - starts[bounds[items]]).sum())
