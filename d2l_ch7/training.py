"""The core: train the chapter's linear model, once or with many seeds in one pass. Silent."""

import time
import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from d2l_ch7 import _checks
from d2l_ch7._learners import ByOptimizer, ByRule, Learner
from d2l_ch7._linear import Samples
from d2l_ch7._runs import Plan, run
from d2l_ch7.optimizers import Rule, State


@dataclass(frozen=True, eq=False, repr=False)
class History:
    """What a training run gives back; K records of one run, or of each of S runs.

    Attributes
    ----------
    losses : np.ndarray [shape=(K,) or (S, K), dtype=float64]
        Half the mean squared error over all samples, before training and at each record.
    epochs : np.ndarray [shape=(K,), dtype=float64]
        When, in passes over the data.
    steps : np.ndarray [shape=(K,), dtype=int64]
        When, in updates made.
    weight : torch.Tensor [shape=(d, 1) or (S, d, 1), dtype=float32]
        Weights at the end.
    bias : torch.Tensor [shape=(1,) or (S, 1, 1), dtype=float32]
        Bias at the end.
    seconds_per_epoch : float
        Wall-clock seconds of the whole call, recording included, over its number of epochs; S runs
        share them.
    optimum : float
        The least loss that any weights and bias have on these samples (ordinary least squares).

    Examples
    --------
    >>> history = fit(optimizers.sgd, None, {"lr": 0.05}, *get_data_ch7(), seed=range(3))
    >>> history  # doctest: +ELLIPSIS
    History(3 runs, 31 records, median final loss 0.24...)
    >>> history.losses.shape, history.final_loss.shape, history.weight.shape
    ((3, 31), (3,), torch.Size([3, 5, 1]))
    """

    losses: np.ndarray
    epochs: np.ndarray
    steps: np.ndarray
    weight: Tensor
    bias: Tensor
    seconds_per_epoch: float
    optimum: float

    def __repr__(self) -> str:
        runs = "" if self.losses.ndim == 1 else f"{len(self.losses)} runs, "
        median = "median " if runs else ""
        loss = f"{median}final loss {np.median(self.final_loss):.6f}"
        return f"History({runs}{len(self.epochs)} records, {loss})"

    @property
    def final_loss(self) -> Any:
        """Loss of the model at the end: a float, or np.ndarray [shape=(S,)] of many runs."""
        last = self.losses[..., -1]
        return last if last.ndim else float(last)


def fit(
    optimizer_fn: Rule,
    states: State,
    hyperparams: dict[str, Any],
    features: Tensor | np.ndarray,
    labels: Tensor | np.ndarray,
    batch_size: int = 10,
    num_epochs: int = 2,
    *,
    seed: int | Iterable[int] | None = None,
    device: str | torch.device = "cpu",
    progress: bool | None = None,
    elementwise: bool = False,
) -> History:
    r"""Train linear regression with an update rule, and return what happened.

    Each step takes the next B samples of a random order and lets the rule change w and b by the
    gradient of :math:`\frac{1}{2B} \lVert Xw + b - y \rVert^2`. The loss on all samples is recorded
    before training, each time that another 100 samples of an epoch have been seen, and at the end.

    Parameters
    ----------
    optimizer_fn : callable
        Update rule ``fn(params, states, hyperparams)``, such as those of
        :mod:`d2l_ch7.optimizers`: changes ``params = [w, b]`` in place by their ``grad``.
    states : None, tensors in lists, tuples or dicts, or a function ``init(params)``
        What the rule remembers. Not changed: the run works on a copy.
    hyperparams : dict
        What the rule reads. Not changed: the run works on a copy.
    features : torch.Tensor or np.ndarray [shape=(n, d)]
        Samples, one a row; floating-point. Trained in float32, whatever comes.
    labels : torch.Tensor or np.ndarray [shape=(n,) or (n, 1)]
        Labels.
    batch_size : int
        Samples B a step. More than n is one full batch; the last batch of an epoch may be smaller.
    num_epochs : int
        Passes over the data.
    seed : int or iterable of ints, optional
        None draws from the global generators of torch and NumPy. An int gives the run that seeding
        both with it would give, and leaves both as they were. S ints give S runs, each equal to
        the run of its seed alone. The rules of :mod:`d2l_ch7.optimizers` train them all in one
        pass, a rule of your own one after the other; it must not remember anything of its own
        from run to run.
    device : str or torch.device
        Where to compute.
    progress : bool, optional
        Show a progress bar on standard error (needs tqdm). By default for many seeds, in a
        terminal or notebook, once two seconds have passed.
    elementwise : bool
        Whether your rule treats each entry by itself and draws no random numbers. Then S runs
        take one pass, in which it is called with parameters, gradients and states of all runs
        stacked: w (S, d, 1) and b (S, 1, 1). That it does is your word: compare a few seeds with
        their single runs.

    Returns
    -------
    History
        Losses, and the parameters at the end.

    Raises
    ------
    ValueError
        If the data are empty, not finite or of other shapes, `batch_size` or `num_epochs` is
        below 1, a hyperparameter or state that the rule needs is missing, or a rule of your own
        fails at its first step. A call that fails leaves the generators as they were.
    TypeError
        If an argument is of another kind, such as a rule that does not take three arguments.

    Warns
    -----
    RuntimeWarning
        If the loss leaves the range of float32. It is recorded as inf or nan.

    References
    ----------
    *Dive into Deep Learning*, first edition, section 7.3.

    Examples
    --------
    >>> features, labels = get_data_ch7()
    >>> history = fit(optimizers.sgd, None, {"lr": 0.05}, features, labels, seed=0)
    >>> f"{history.final_loss:.3f}"
    '0.244'
    >>> many = fit(optimizers.sgd, None, {"lr": 0.05}, features, labels, seed=range(100))
    >>> many.losses.shape
    (100, 31)
    """
    _checks.check_choice("elementwise", elementwise, True, False, wrong=TypeError)
    learner = ByRule(optimizer_fn, states, hyperparams, elementwise=elementwise)
    data = features, labels
    history = train(learner, data, batch_size, num_epochs, seed, device, progress)
    warn_if_diverged(history, stacklevel=3)
    return history


def fit_torch(
    optimizer_fn: Callable[..., torch.optim.Optimizer],
    optimizer_hyperparams: Mapping[str, Any],
    features: Tensor | np.ndarray,
    labels: Tensor | np.ndarray,
    batch_size: int = 10,
    num_epochs: int = 2,
    *,
    seed: int | Iterable[int] | None = None,
    device: str | torch.device = "cpu",
    progress: bool | None = None,
    elementwise: bool = False,
) -> History:
    r"""Train linear regression with a ``torch.optim`` class, and return what happened.

    As :func:`fit`, but the model starts as ``nn.Linear`` does, with entries drawn uniformly from
    :math:`\pm 1/\sqrt d`, and the optimizer is torch's.

    Parameters
    ----------
    optimizer_fn : class of torch.optim
        Called as ``optimizer_fn(params, **optimizer_hyperparams)``; your own class will do, or a
        function that makes an optimizer.
    optimizer_hyperparams : dict
        Its keyword arguments, such as ``{"lr": 0.05}``.
    features : torch.Tensor or np.ndarray [shape=(n, d)]
        Samples, one a row; floating-point. Trained in float32, whatever comes.
    labels : torch.Tensor or np.ndarray [shape=(n,) or (n, 1)]
        Labels.
    batch_size : int
        Samples B a step. More than n is one full batch; the last batch of an epoch may be smaller.
    num_epochs : int
        Passes over the data.
    seed : int or iterable of ints, optional
        As for :func:`fit`. Most classes of torch.optim treat each entry by itself, so that many
        seeds take one pass; others, and your own, run one after the other.
    device : str or torch.device
        Where to compute.
    progress : bool, optional
        As for :func:`fit`.
    elementwise : bool
        As for :func:`fit`, of your own optimizer: w is (S, 1, d), b (S, 1, 1).

    Returns
    -------
    History
        Losses, and the parameters at the end.

    Raises
    ------
    ValueError
        If the data are empty, not finite or of other shapes, `batch_size` or `num_epochs` is
        below 1, or the optimizer refuses a value or needs a closure.
    TypeError
        If an argument is of another kind, for one an optimizer instead of its class.

    Warns
    -----
    RuntimeWarning
        If the loss leaves the range of float32. It is recorded as inf or nan.

    References
    ----------
    *Dive into Deep Learning*, first edition, section 7.3.

    Examples
    --------
    >>> features, labels = get_data_ch7()
    >>> history = fit_torch(torch.optim.Adam, {"lr": 0.01}, features, labels, seed=0)
    >>> f"{history.final_loss:.3f}"
    '0.250'
    """
    _checks.check_choice("elementwise", elementwise, True, False, wrong=TypeError)
    learner = ByOptimizer(optimizer_fn, optimizer_hyperparams, elementwise=elementwise)
    data = features, labels
    history = train(learner, data, batch_size, num_epochs, seed, device, progress)
    warn_if_diverged(history, stacklevel=3)
    return history


def warn_if_diverged(history: Any, stacklevel: int) -> None:
    """Say where the losses of a History, or what is like one, left float32, if they did."""
    finite = np.atleast_2d(np.isfinite(history.losses))  # (S, K)
    if finite.all():
        return
    first = int(np.argmin(finite.all(axis=0)))
    which = (
        "the run"
        if history.losses.ndim == 1
        else (f"{(~finite.all(axis=1)).sum()} of {len(finite)} runs")
    )
    step = history.steps[first]
    if step == 0:
        why = "not finite at step 0, before any step: the labels or features are too large; "
        why += "standardise them"
    else:
        why = (
            f"no longer finite at step {step} (epoch {history.epochs[first]:g}); likely causes: "
            "the learning rate (try a smaller one), or features that are not standardised"
        )
    warnings.warn(f"{which} diverged: the loss is {why}", RuntimeWarning, stacklevel=stacklevel)


def train(
    learner: Learner, data: Any, batch_size: Any, num_epochs: Any, seed: Any, *where: Any
) -> History:
    """Check what is left to check, and run: what fit, fit_torch and the shell share."""
    begin = time.perf_counter()
    device, progress = where or ("cpu", None)
    samples = _samples(*data)
    batch_size = min(_checks.check_count("batch_size", batch_size), samples.n)
    num_epochs = _checks.check_count("num_epochs", num_epochs)
    seed, device = _checks.check_seed(seed), _checks.check_device(device)
    _checks.check_choice("progress", progress, None, True, False, wrong=TypeError)
    many = isinstance(seed, list)
    plan = Plan(samples, batch_size, num_epochs, device)
    records = run(learner, plan, seed if many else [seed], progress if many else False)
    losses, end = records.losses.T, records.end  # (S, K), (S, d + 1)
    if not many:
        losses, end = losses[0], end[0]
    return History(
        losses=np.ascontiguousarray(losses),
        epochs=np.array(records.epochs),
        steps=np.array(records.steps),
        weight=end[..., :-1, None],
        bias=end[..., -1:, None] if many else end[-1:],
        seconds_per_epoch=(time.perf_counter() - begin) / num_epochs,
        optimum=samples.optimum,
    )


def _samples(features: Any, labels: Any) -> Samples:
    """The checked samples: those of the call before, if these are the same, entry for entry."""
    global _last
    last = _last  # another thread may be at work here
    if last and last[0] is features and last[1] is labels and last[2].equal(features, labels):
        return last[2]
    samples = Samples(*_checks.check_data(features, labels))
    small = isinstance(features, Tensor) and features.numel() < 2**20
    small = small and not samples.table.is_inference()  # what other runs could not differentiate
    _last = (features, labels, samples) if small else None
    return samples


_last: tuple[Tensor, Tensor, Samples] | None = None
