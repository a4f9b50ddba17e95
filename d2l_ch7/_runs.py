"""Runs of the training loop: one, or one for each of many seeds, in one pass where that is equal.

A run draws, steps and records exactly as the book's loop does. It keeps the parameters at each
record, and asks at its end what the losses were.
"""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from d2l_ch7._chance import Draws, epoch_orders, generators_now, global_draws, own_draws
from d2l_ch7._checks import refuse
from d2l_ch7._learners import Learner
from d2l_ch7._linear import Samples
from d2l_ch7._models import ManyRuns, OneRun
from d2l_ch7._progress import progress_bar
from d2l_ch7._settings import one_thread, own_defaults

RECORD_EVERY = 100  # samples between two records of the loss, as in the book
_SEEDS_A_BLOCK = 1000  # runs trained together: enough to hide Python, few enough for the caches
_NUMBERS_A_BLOCK = 2**25  # of orders, of a batch and of records that a block may hold

Advance = Callable[[int], object]  # called with a number of epochs done


class Plan(NamedTuple):
    """What a learner goes through."""

    samples: Samples
    batch_size: int
    num_epochs: int
    device: torch.device


class Records(NamedTuple):
    """K moments, the losses (K, S) of S runs then, and their parameters (S, d + 1) at the end."""

    steps: list[int]
    epochs: list[float]
    losses: np.ndarray
    end: Tensor


def run(learner: Learner, plan: Plan, seeds: Sequence[int | None], progress: Any) -> Records:
    """Run a plan once a seed; None draws from the global generators.

    A reader's code must not keep anything of its own from run to run: the second run, the last and
    then the first are made again by a copy of the code as it came, and have to come out the same.
    """
    together = learner.elementwise and len(seeds) > 1
    size, descend = (_seeds_a_block(plan), _together) if together else (1, _alone)
    blocks = [seeds[i : i + size] for i in range(0, len(seeds), size)]
    as_it_came = learner.copy() if len(blocks) > 1 else learner
    checked: dict[int, tuple[int, ...]] = {}  # after so many blocks, which are made again
    if len(blocks) > 1 and not learner.ours:
        checked = {2: (1,), len(blocks): (len(blocks) - 1, 0)}
    done: list[Records] = []
    with own_defaults(), progress_bar(len(seeds) * plan.num_epochs, progress) as advance:
        for block in blocks:
            done.append(descend(learner, plan, block, advance))
            for i in checked.get(len(done), ()):
                again = descend(as_it_came.copy(), plan, blocks[i], lambda epochs: None)
                if not np.array_equal(again.losses, done[i].losses, equal_nan=True):
                    wanted = "code that keeps nothing of its own from run to run; what it has to "
                    wanted += "remember belongs in states or hyperparams: each run gets a copy"
                    refuse(ValueError, "optimizer_fn", wanted, learner.optimizer_fn)
    steps, epochs, losses, end = zip(*done)
    return Records(steps[0], epochs[0], np.concatenate(losses, axis=1), torch.cat(end))


def _seeds_a_block(plan: Plan) -> int:
    """How many runs one pass may train in the memory that we allow."""
    (n, d), size = plan.samples.shape, plan.batch_size
    records = min(n // RECORD_EVERY + 1, -(-n // size)) * plan.num_epochs  # at most
    numbers = records * (d + 1) + (n + size * (d + 2) if size < n else 0)  # a run's
    return max(1, min(_SEEDS_A_BLOCK, _NUMBERS_A_BLOCK // numbers))


def _alone(learner: Learner, plan: Plan, seeds: Any, advance: Advance) -> Records:
    """One run. A reader's code may draw random numbers, from the global generators."""
    if learner.ours and seeds[0] is not None:
        return _descend(learner, plan, own_draws(seeds), OneRun, advance)
    with global_draws(seeds[0], plan.device) as draws:
        return _descend(learner, plan, draws, OneRun, advance)


def _together(learner: Learner, plan: Plan, seeds: Any, advance: Advance) -> Records:
    """A run a seed in one pass. It cannot give a reader's code the random numbers of each seed."""
    with one_thread(), nullcontext() if learner.ours else global_draws(None, plan.device):
        before = None if learner.ours else generators_now()
        records = _descend(learner, plan, own_draws(seeds), ManyRuns, advance)
        if before is not None and before != generators_now():
            wanted = "code that draws no random numbers, as elementwise=True says"
            refuse(ValueError, "optimizer_fn", wanted, learner.optimizer_fn)
    return records


def _descend(
    learner: Learner, plan: Plan, draws: Sequence[Draws], kind: Any, advance: Advance
) -> Records:
    """The training loop: a batch, its gradients, a step; a record whenever 100 more were seen."""
    samples, size = plan.samples, plan.batch_size
    n, d = samples.shape
    runs = kind(samples, *learner.start(d, draws), plan.device)
    runs.trusted, (runs.clear, update) = learner.ours, learner.prepare(runs.w, runs.b)
    steps, epochs, thetas, step = [0], [0.0], [runs.theta()], 0
    for epoch in range(plan.num_epochs):
        seen, last = 0, epoch == plan.num_epochs - 1
        for batch in runs.batches(epoch_orders(n, draws, wanted=size < n), size):
            try:
                runs.differentiate(*batch)
                update()
            except Exception as error:
                if step == 0 and learner.wanted:
                    refuse(ValueError, "optimizer_fn", learner.wanted, learner.optimizer_fn, error)
                raise
            if kind is ManyRuns and not learner.ours and runs.special():
                wanted = "code without hooks and frozen parameters, as elementwise=True says"
                refuse(ValueError, "optimizer_fn", wanted, learner.optimizer_fn)
            step, before, seen = step + 1, seen, min(seen + size, n)
            crossed = seen // RECORD_EVERY > before // RECORD_EVERY
            if crossed or (seen == n and (last or n < RECORD_EVERY)):
                steps.append(step)
                epochs.append(epoch + seen / n)
                thetas.append(runs.theta())
        advance(len(draws))
    path = torch.stack(thetas).view(len(thetas), -1, d + 1).cpu()
    return Records(steps, epochs, samples.losses(path, learner.loss), path[-1].clone())
