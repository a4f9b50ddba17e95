"""Runs of the training loop: one, or many with seeds of their own, in one pass where that is equal.

A run draws and records exactly as the book's loop does. It keeps the parameters at each record;
what the loss was then is asked afterwards.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass

import numpy as np
import torch
from torch import Generator, Tensor, nn

from d2l_ch7 import _checks
from d2l_ch7._learners import Learner
from d2l_ch7._linear import ManyRuns, OneRun, Samples
from d2l_ch7._progress import progress_bar
from d2l_ch7._sampling import epoch_order, epoch_orders

RECORD_EVERY = 100  # samples between two records of the loss, as in the book
_SEEDS_A_BLOCK = 1000  # runs trained together: enough to hide Python, few enough for the caches
_ORDERS_A_BLOCK = 2**25  # visits (n times S) whose order a block may hold


@dataclass(frozen=True)
class Plan:
    """What a learner goes through."""

    samples: Samples
    batch_size: int
    num_epochs: int
    device: torch.device


@dataclass(frozen=True)
class Records:
    """The parameters at the moments when the loss is wanted: (K, d + 1) or (K, S, d + 1)."""

    steps: list[int]
    epochs: list[float]
    thetas: Tensor


def run(
    learner: Learner, plan: Plan, seed: int | list[int] | None, progress: bool | None
) -> Records:
    """Run a plan once, or once a seed."""
    with _one_thread():
        if not isinstance(seed, list):
            return _run(learner, plan, seed)
        with progress_bar(len(seed) * plan.num_epochs, progress) as advance:
            return _run_seeds(learner, plan, seed, advance)


def _run(learner: Learner, plan: Plan, seed: int | None) -> Records:
    """One run from the global generators; where a seed is given, they are put back afterwards."""
    with nullcontext() if seed is None else _seeded(seed):
        w, b = _parameters(learner.start(plan.samples.d), plan)
        runs = OneRun(plan.samples, w, b)
        return _descend(runs, learner.updater(w, b, None), plan, epoch_order)


def _run_together(
    learner: Learner, plan: Plan, seeds: list[int], advance: Callable[[int], object]
) -> Records:
    """One run a seed, all in one pass, from generators of their own."""
    generators = [Generator().manual_seed(seed) for seed in seeds]
    w, b = _parameters(learner.start_many(plan.samples.d, seeds, generators), plan)

    def next_orders(n: int) -> Tensor:
        advance(len(seeds))
        return epoch_orders(n, generators)

    update = learner.updater(w, b, len(seeds))
    return _descend(ManyRuns(plan.samples, w, b), update, plan, next_orders)


def _run_seeds(
    learner: Learner, plan: Plan, seeds: list[int], advance: Callable[[int], object]
) -> Records:
    """One run a seed, in one pass a block of seeds wherever that gives what they give alone."""
    size = max(1, min(_SEEDS_A_BLOCK, _ORDERS_A_BLOCK // plan.samples.n))
    # A few steps in float64, where what differs is the rule's doing, and not rounding.
    few_steps = Plan(plan.samples.first(plan.batch_size), plan.batch_size, 3, plan.device)
    together = len(seeds) > 1 and _run_together_if_equal(learner, few_steps, [0, 1]) is not None
    blocks: list[Records] = []
    for block in (seeds[i : i + size] for i in range(0, len(seeds), size)):
        if together and learner.known:
            blocks.append(_run_together(learner, plan, block, advance))
            continue
        # A stranger's rule may look across entries late, when it clips by a norm, say.
        records = _run_together_if_equal(learner, plan, block) if together else None
        together = records is not None
        blocks.append(records or _run_one_by_one(learner, plan, block))
        advance(len(block) * plan.num_epochs)
    thetas = torch.cat([records.thetas for records in blocks], dim=1)
    return Records(blocks[0].steps, blocks[0].epochs, thetas)


def _run_one_by_one(learner: Learner, plan: Plan, seeds: list[int]) -> Records:
    """One run a seed, one after the other."""
    runs = [_run(learner, plan, seed) for seed in seeds]
    return Records(runs[0].steps, runs[0].epochs, torch.stack([r.thetas for r in runs], dim=1))


def _run_together_if_equal(learner: Learner, plan: Plan, seeds: list[int]) -> Records | None:
    """Many runs in one pass, if the first and the last come out as they do alone."""
    try:
        with _seeded(0):
            before = _generators()
            together = _run_together(learner, plan, seeds, lambda done: None)
            after = _generators()
    except Exception:  # whatever a rule or an optimizer says of shapes that it does not know
        return None
    if not np.array_equal(before, after):
        return None  # it draws random numbers, as many for all as for one
    alone = _run_one_by_one(learner, plan, [seeds[0], seeds[-1]])
    expected = plan.samples.losses(alone.thetas)
    found = plan.samples.losses(together.thetas[:, [0, -1]])
    rtol = 1e-6 if plan.samples.table.dtype == torch.float32 else 1e-9
    rounding = rtol / 10 * np.nan_to_num(expected[0].max(), posinf=0)  # where the loss nears zero
    equal = np.allclose(found, expected, rtol=rtol, atol=rounding, equal_nan=True)
    return together if equal else None


def _parameters(start: tuple[Tensor, Tensor], plan: Plan) -> tuple[Tensor, Tensor]:
    """The start as parameters, where and as precise as the plan says."""
    w, b = (nn.Parameter(p.to(plan.device, plan.samples.table.dtype)) for p in start)
    return w, b


def _descend(
    runs: OneRun | ManyRuns,
    update: Callable[[], object],
    plan: Plan,
    next_order: Callable[[int], Tensor],
) -> Records:
    """The training loop: a batch, its gradients, a step; a record whenever 100 more were seen."""
    n, batch_size = plan.samples.n, plan.batch_size
    steps, epochs, thetas, step = [0], [0.0], [runs.theta()], 0
    for epoch in range(plan.num_epochs):
        seen = 0
        for batch in runs.batches(next_order(n), batch_size):
            runs.differentiate(*batch)
            update()
            step, before, seen = step + 1, seen, min(seen + batch_size, n)
            last = seen == n and epoch == plan.num_epochs - 1
            if last or seen // RECORD_EVERY > before // RECORD_EVERY:
                steps.append(step)
                epochs.append(epoch + seen / n)
                thetas.append(runs.theta())
    return Records(steps, epochs, torch.stack(thetas).cpu())


def _generators() -> np.ndarray:
    """Where both global generators are."""
    _, key, position, *_ = np.random.get_state()
    return np.concatenate([torch.get_rng_state().numpy(), key, [position]])


@contextmanager
def _seeded(seed: int) -> Iterator[None]:
    """Both global generators seeded, and put back at the end."""
    with _checks.generators_kept():
        torch.default_generator.manual_seed(seed)
        np.random.seed(seed)
        yield


@contextmanager
def _one_thread() -> Iterator[None]:
    """One thread: tensors this small are slower with two. The caller's number comes back."""
    threads = torch.get_num_threads()
    try:
        torch.set_num_threads(1)
        yield
    finally:
        torch.set_num_threads(threads)
