"""The second edition's training loop, and its clock. Silent: what happened comes back."""

import time
from contextlib import nullcontext
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import torch

from d2l_ch7._ch11_models import Iterated, Known, concise, known_samples, scratch
from d2l_ch7._chance import global_draws
from d2l_ch7._checks import blamed, check_count, refuse
from d2l_ch7._learners import ByOptimizer, ByRule, Learner, Names, Step
from d2l_ch7._settings import own_defaults
from d2l_ch7.optimizers import RULES

RECORD_EVERY = 200  # samples, counted from the beginning of training
_CPU = torch.device("cpu")
_BATCHES = "batches (X, y) with the model's features, as get_data_ch11()'s first thing has"
_NAMES = Names("trainer_fn", "hyperparams", "train_ch11", "train_concise_ch11", "it sums gradients")


class Timer:
    """A stopwatch that keeps the times it has taken, in seconds; it runs from the beginning.

    Attributes
    ----------
    times : list of float
        What each :meth:`stop` has taken.

    References
    ----------
    *Dive into Deep Learning*, second edition, section 3.1.

    Examples
    --------
    >>> timer = Timer()
    >>> timer.stop() == timer.times[-1] == timer.sum() == timer.avg() == timer.cumsum()[-1]
    True
    """

    def __init__(self) -> None:
        self.times: list[float] = []
        self.start()

    def start(self) -> None:
        """Begin to take a time."""
        self._begin = time.perf_counter()

    def stop(self) -> float:
        """Keep the time since it was last started, and return it."""
        self.times.append(time.perf_counter() - self._begin)
        return self.times[-1]

    def avg(self) -> float:
        """Mean of the times."""
        return self.sum() / (len(self.times) or refuse(ValueError, "times", "a stop() before", []))

    def sum(self) -> float:
        """Sum of the times."""
        return sum(self.times)

    def cumsum(self) -> list[float]:
        """Sums of the times up to each."""
        return list(map(float, np.cumsum(self.times)))


class Course(NamedTuple):
    """K records: when, in passes over the data and in updates; the losses; what was timed."""

    epochs: list[float]
    steps: list[int]
    losses: np.ndarray
    timer: Timer


def train_rule(
    trainer_fn: Any, states: Any, hyperparams: Any, data_iter: Any, dim: Any, num_epochs: Any
) -> Course:
    """Train from scratch by a rule, which clears the gradients itself."""
    if any(trainer_fn is rule for rule in RULES):
        wanted = "a rule that clears the gradients (p.grad.data.zero_()), as train_ch11 does not"
        refuse(TypeError, "trainer_fn", f"{wanted}; this one goes to train_ch7 or fit", trainer_fn)
    if callable(states):
        refuse(TypeError, "states", "what the function makes: call it, for feature_dim", states)
    learner = ByRule(trainer_fn, states, hyperparams, in_place=True, names=_NAMES)
    return _train(learner, scratch, data_iter, check_count("feature_dim", dim), num_epochs)


def train_class(trainer_fn: Any, hyperparams: Any, data_iter: Any, num_epochs: Any) -> Course:
    """Train nn.Linear by an optimizer of torch."""
    learner = ByOptimizer(trainer_fn, hyperparams, in_place=True, names=_NAMES)
    return _train(learner, concise, data_iter, None, num_epochs)


def _train(learner: Learner, start: Any, data_iter: Any, dim: Any, num_epochs: Any) -> Course:
    """Make a model, and what updates it, and go."""
    samples, num_epochs = known_samples(data_iter), check_count("num_epochs", num_epochs)
    dim, by_rule = dim or (samples.d if samples else 5), isinstance(learner, ByRule)
    if samples and samples.d != dim:
        refuse(ValueError, "feature_dim", f"the {samples.d} that data_iter has", dim)
    rules, dims = by_rule * ", states, hyperparams", by_rule * ", feature_dim"
    faults = (  # what may be wrong where the first batch, or the first step, fails
        partial(blamed, "data_iter" + dims, _BATCHES, data_iter, ValueError),
        partial(blamed, "trainer_fn" + rules, learner.wanted, learner.optimizer_fn, ValueError),
    )
    with (own_defaults if samples else nullcontext)(), global_draws(None, _CPU) as draws:
        model: Any = Iterated(data_iter, *start(dim))
        model = Known(model, samples, draws) if samples else model
        model.trusted, (model.clear, step) = learner.ours, learner.prepare(model.w, model.b)
        if by_rule:
            model.clear = lambda: None
        return _descend(model, step, num_epochs, len(data_iter), faults)


def _descend(model: Any, step: Step, num_epochs: int, batches: int, faults: Any) -> Course:
    """The training loop: a batch, its gradients, a step; a record at each multiple of 200.

    Should there be none, the end is recorded.
    """
    timer, seen, done, steps = Timer(), 0, 0, []

    def record() -> None:
        timer.stop()
        model.record()
        steps.append(done)
        timer.start()

    in_batch, in_step = faults
    for _ in range(num_epochs):
        for batch in model.epoch():
            with in_batch():
                seen += model.see(*batch)
            with in_step():
                step()
            in_batch = in_step = nullcontext
            done += 1
            if seen % RECORD_EVERY == 0:
                record()
    if not steps:
        record()
    return Course([k / batches for k in steps], steps, model.losses(), timer)
