"""The book's shell around the core: each call trains, prints one line and draws one plot."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from d2l_ch7 import _checks
from d2l_ch7._learners import ByOptimizer, ByRule, Learner
from d2l_ch7.descent import Trainer, descend_2d
from d2l_ch7.figures import set_figsize
from d2l_ch7.optimizers import Rule, State
from d2l_ch7.plotting import Axes, plot_history, plot_path
from d2l_ch7.training import train, warn_if_diverged


def train_ch7(
    optimizer_fn: Rule,
    states: State,
    hyperparams: dict[str, Any],
    features: Tensor | np.ndarray,
    labels: Tensor | np.ndarray,
    batch_size: int = 10,
    num_epochs: int = 2,
    *,
    seed: int | None = None,
    ax: Axes | None = None,
) -> None:
    """Train linear regression with an update rule, print the final loss, and plot the losses.

    Prints ``loss: %f, %f sec per epoch``. Draws on the current figure. Random numbers come from the
    global generators of torch and NumPy; seed both, or give a `seed`, for the same numbers again.

    Parameters
    ----------
    optimizer_fn : callable
        Update rule ``fn(params, states, hyperparams)``, such as those of :mod:`d2l_ch7.optimizers`.
    states : None, tensors in lists, tuples or dicts, or a function ``init(params)``
        What the rule remembers; changed in place.
    hyperparams : dict
        What the rule reads; changed in place if the rule does so.
    features : torch.Tensor or np.ndarray [shape=(n, d)]
        Samples, one a row; floating-point.
    labels : torch.Tensor or np.ndarray [shape=(n,) or (n, 1)]
        Labels.
    batch_size : int
        Samples B a step.
    num_epochs : int
        Passes over the data.
    seed : int, optional
        Makes the run that seeding both generators with it would give, and leaves both as they were.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default the current axes.

    Raises
    ------
    ValueError, TypeError
        As :func:`~d2l_ch7.fit`, before anything is drawn, at random or on a figure.

    Warns
    -----
    RuntimeWarning
        If the loss leaves the range of float32.

    See Also
    --------
    d2l_ch7.fit : The same, silent, giving back what happened.

    References
    ----------
    *Dive into Deep Learning*, first edition, section 7.3.

    Examples
    --------
    >>> features, labels = get_data_ch7()
    >>> train_ch7(optimizers.sgd, None, {"lr": 0.05}, features, labels)  # doctest: +ELLIPSIS
    loss: 0.24..., ... sec per epoch
    """
    learner = ByRule(optimizer_fn, states, hyperparams, in_place=True)
    _show(learner, (features, labels), batch_size, num_epochs, seed, ax)


def train_pytorch_ch7(
    optimizer_fn: Callable[..., torch.optim.Optimizer],
    optimizer_hyperparams: Mapping[str, Any],
    features: Tensor | np.ndarray,
    labels: Tensor | np.ndarray,
    batch_size: int = 10,
    num_epochs: int = 2,
    *,
    seed: int | None = None,
    ax: Axes | None = None,
) -> None:
    """Train linear regression with a ``torch.optim`` class, print the final loss, and plot.

    As :func:`train_ch7`, with ``nn.Linear`` and its own initialisation.

    Parameters
    ----------
    optimizer_fn : class of torch.optim
        Called as ``optimizer_fn(params, **optimizer_hyperparams)``.
    optimizer_hyperparams : dict
        Its keyword arguments, such as ``{"lr": 0.05}``.
    features : torch.Tensor or np.ndarray [shape=(n, d)]
        Samples, one a row; floating-point.
    labels : torch.Tensor or np.ndarray [shape=(n,) or (n, 1)]
        Labels.
    batch_size : int
        Samples B a step.
    num_epochs : int
        Passes over the data.
    seed : int, optional
        Makes the run that seeding both generators with it would give, and leaves both as they were.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default the current axes.

    Raises
    ------
    ValueError, TypeError
        As :func:`~d2l_ch7.fit_torch`, before anything is drawn, at random or on a figure.

    Warns
    -----
    RuntimeWarning
        If the loss leaves the range of float32.

    See Also
    --------
    d2l_ch7.fit_torch : The same, silent, giving back what happened.

    References
    ----------
    *Dive into Deep Learning*, first edition, section 7.3.

    Examples
    --------
    >>> import torch
    >>> features, labels = get_data_ch7()
    >>> train_pytorch_ch7(torch.optim.SGD, {"lr": 0.05}, features, labels)  # doctest: +ELLIPSIS
    loss: 0.24..., ... sec per epoch
    """
    learner = ByOptimizer(optimizer_fn, optimizer_hyperparams, in_place=True)
    _show(learner, (features, labels), batch_size, num_epochs, seed, ax)


def train_2d(
    trainer: Trainer, steps: int = 20, f_grad: Callable[..., Any] | None = None
) -> list[tuple[Any, Any]]:
    """Descend in the plane from (-5, -2), print where it ends, and return the path.

    Prints ``epoch %d, x1 %f, x2 %f``.

    Parameters
    ----------
    trainer : callable
        ``x1, x2, s1, s2 = trainer(x1, x2, s1, s2)``, one step; with `f_grad`, called with it as a
        fifth argument.
    steps : int
        Number of steps.
    f_grad : callable, optional
        Gradient ``f_grad(x1, x2)``, handed to `trainer`, as in the book's second edition.

    Returns
    -------
    list of (float, float) [length steps + 1]
        The points visited, the start first.

    Raises
    ------
    ValueError, TypeError
        As :func:`d2l_ch7.descent.descend_2d`.

    References
    ----------
    *Dive into Deep Learning*, first edition, section 7.2.

    Examples
    --------
    >>> path = train_2d(lambda x1, x2, s1, s2: (0.8 * x1, 0.6 * x2, 0, 0))
    epoch 20, x1 -0.057646, x2 -0.000073
    """
    path = descend_2d(trainer, steps, f_grad)
    x1, x2 = map(_checks.plain_number, path[-1])
    print(f"epoch {len(path) - 1}, x1 {x1:f}, x2 {x2:f}")
    return path


def show_trace_2d(f: Callable[[Any, Any], Any], results: Iterable[tuple[float, float]]) -> None:
    """Plot a path over the contours of an objective, on the current axes.

    Parameters
    ----------
    f : callable
        Objective ``f(x1, x2)``; called with NumPy grids.
    results : iterable of (float, float)
        Points, as :func:`train_2d` returns them.

    Raises
    ------
    ValueError, TypeError
        As :func:`d2l_ch7.plotting.plot_path`.

    References
    ----------
    *Dive into Deep Learning*, first edition, section 7.2.

    Examples
    --------
    >>> show_trace_2d(lambda x1, x2: x1**2 + 2 * x2**2, [(-5, -2), (-4, -1.2)])
    """
    _checks.check_function("f", f, 2)
    plot_path(_checks.check_path("results", results), f)


def _show(
    learner: Learner, data: Any, batch_size: Any, num_epochs: Any, seed: Any, ax: Any
) -> None:
    """What both training functions do: train, warn for their caller, print, plot."""
    if ax is not None:
        _checks.check_class(Axes, ax=ax)
    seed = _checks.check_seed(seed, many=False)
    history = train(learner, data, batch_size, num_epochs, seed)
    warn_if_diverged(history, stacklevel=4)
    print(f"loss: {history.final_loss:f}, {history.seconds_per_epoch:f} sec per epoch")
    if ax is None:
        set_figsize()
    plot_history(history, ax, optimum=False)
