"""Where shards are computed: here, one after another, or by Ray's workers; in the same order, with the same bytes.

A stage hands over a pure function and its shards, and takes the results as if it had called the function itself: it
alone reads and writes files and caches, so that a killed run goes on in the same way. ``engine`` of params.yaml says
who computes; like ``budget`` it is in no stage's ``params:``, since no result hangs on it.

Ray finds a cluster by ``RAY_ADDRESS``, else it starts workers on this machine. Those of other machines need the same
checkout, installed in the same place. A worker has one thread, so the bytes are those of ``OMP_NUM_THREADS=1`` here.
"""

from __future__ import annotations

import os
from collections import deque
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar, cast, get_args

from curation.core import params
from curation.core.errors import CairnError, unknown
from curation.core.params import Engine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

S = TypeVar("S")
R = TypeVar("R")
AHEAD = 2
"""Shards per worker that are under way: what is computed and not yet taken has to lie somewhere."""


def name() -> Engine:
    """Return who computes: ``engine`` of params.yaml, ``local`` where it is not there (older files, no file)."""
    file = params.path()
    found = params.load(file).get("engine", "local") if file.exists() else "local"
    if found not in get_args(Engine):
        raise unknown("engine", str(found), get_args(Engine), f"{file}: engine")
    return cast("Engine", found)


def each(function: Callable[[S], R], shards: Iterable[S]) -> Iterator[R]:
    """Yield ``function(shard)`` for each of ``shards``, in their order, whoever computes it.

    ``function`` and what it holds (a method of an object that can be pickled, a ``functools.partial``) are sent to a
    worker once, a shard with its task. What it raises is raised here.
    """
    if name() == "local":
        yield from map(function, shards)
    else:
        yield from _on_ray(function, shards)


def _call(function: Callable[[S], R], shard: S) -> R:
    return function(shard)


def _on_ray(function: Callable[[S], R], shards: Iterable[S]) -> Iterator[R]:
    ray = cluster()
    task, sent, most = remote(ray, _call), ray.put(function), AHEAD * slots(ray)
    waiting: deque[Any] = deque()
    try:
        for shard in shards:
            waiting.append(task.remote(sent, shard))
            if len(waiting) >= most:
                yield _taken(ray, waiting.popleft())
        while waiting:
            yield _taken(ray, waiting.popleft())
    finally:
        for left in waiting:
            ray.cancel(left)


def slots(ray: Any) -> int:
    """Return how many tasks of :func:`remote` the cluster can do at a time."""
    there = ray.cluster_resources()
    return max(1, int(there.get("GPU") or there.get("CPU", 1)))


def remote(ray: Any, function: Callable[..., Any], **options: Any) -> Any:
    """Return ``function`` as a task of the cluster: a core for each, and a GPU where there are any."""
    gpus = 1 if ray.cluster_resources().get("GPU") else 0
    return ray.remote(num_cpus=1, num_gpus=gpus, **options)(function)


def _taken(ray: Any, ref: Any) -> Any:
    try:
        return ray.get(ref)
    except ray.exceptions.RayTaskError as error:
        raise error.cause from None
    except ray.exceptions.RayError as error:
        raise CairnError(
            f"{params.path()}: engine is ray, and a worker was lost: {str(error).strip().splitlines()[0]} Run the same "
            "command again: it goes on where it was."
        ) from None


@lru_cache
def cluster(asked: str = "") -> Any:
    """Return the module ``ray``, connected; raise :class:`CairnError` where that cannot be.

    ``asked``: what asks for Ray, in words; by default ``engine`` of params.yaml.
    """
    asked = asked or f"{params.path()}: engine is ray"
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    try:
        import ray
    except ImportError:
        raise CairnError(
            f"{asked}, which is not installed. Type `pip install ray`, or take the engine `local`."
        ) from None
    if not ray.is_initialized():
        try:
            ray.init(include_dashboard=False, log_to_driver=False, logging_level="error")
        except Exception as error:  # of many kinds, a bare one when the machine is too busy to start workers in time
            why = (str(error).strip().splitlines() or [type(error).__name__])[0]
            raise CairnError(
                f"{asked}, and no cluster answers: {why} Look at RAY_ADDRESS (`ray status`), or take the engine "
                "`local`."
            ) from None
    return ray
