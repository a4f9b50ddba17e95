"""The second edition's shell around the core: ``import d2l_ch7.ch11 as d2l``.

It stands in for the book's own ``from d2l import torch as d2l`` in its chapter on optimization
(chapter 11; 12 in version 1.0), sections 11.1 to 11.10. The two editions never mix.
"""

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import wraps
from typing import Any

import numpy as np
import torch
from matplotlib import pyplot as plt
from torch import Tensor
from torch.utils.data import DataLoader

from d2l_ch7 import _checks, data
from d2l_ch7._ch11_figures import Animator, plot
from d2l_ch7._ch11_models import Loader, evaluate_loss
from d2l_ch7._ch11_training import Course, Timer, train_class, train_rule
from d2l_ch7.basics import linreg, squared_loss
from d2l_ch7.descent import Trainer, descend_2d
from d2l_ch7.figures import real, set_figsize, use_svg_display
from d2l_ch7.paths import plot_path
from d2l_ch7.training import warn_if_diverged

__all__ = [
    "DATA_HUB", "DATA_URL", "Animator", "Timer", "download", "evaluate_loss", "get_data_ch11",
    "linreg", "load_array", "plot", "plt", "set_figsize", "show_trace_2d", "squared_loss",
    "train_2d", "train_ch11", "train_concise_ch11", "use_svg_display",
]  # fmt: skip

#: Where the book has its data. Nothing is fetched from there.
DATA_URL = "http://d2l-data.s3-accelerate.amazonaws.com/"
#: The book's register of data files: address and SHA-1. It may be written to, and is not read.
DATA_HUB = {
    "airfoil": (DATA_URL + "airfoil_self_noise.dat", "76e5be1548fd8222e5074cf0faae75edff8cf93f")
}


def __getattr__(name: str) -> Any:
    """Say where a name that is not here may be found."""
    where = "it has what sections 11.1 to 11.10 use; the section on learning rate schedulers and "
    where += "other chapters need networks and images, which this package leaves out"
    if name in sys.modules["d2l_ch7"].__all__:
        where = f"the first edition's is d2l_ch7.{name}"
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}: {where}")


def train_ch11(
    trainer_fn: Callable[[list[Tensor], Any, Any], object],
    states: Any,
    hyperparams: Any,
    data_iter: Iterable[Any],
    feature_dim: int,
    num_epochs: int = 2,
) -> tuple[list[float], list[float]]:
    """Train linear regression with an update rule, print the last loss, and plot the losses.

    The loss is recorded whenever the number of samples seen is a multiple of 200, in one more pass
    over `data_iter`; if it never is, at the end. Prints ``loss: %.3f, %.3f sec/epoch``, and draws a
    figure of its own. Random numbers come from torch's global generator.

    Parameters
    ----------
    trainer_fn : callable
        Update rule ``fn(params, states, hyperparams)``: changes ``params = [w, b]`` in place by
        their ``grad``, and clears that. Gradients that are not cleared add up.
    states : None, or tensors in lists, tuples or dicts
        What the rule remembers; changed in place.
    hyperparams : dict
        What the rule reads; changed in place if the rule does so.
    data_iter : iterable of (torch.Tensor [shape=(B, d)], torch.Tensor [shape=(B,) or (B, 1)])
        What :func:`get_data_ch11` or :func:`load_array` gives, or a loader of your own.
    feature_dim : int
        Number of features d.
    num_epochs : int
        Passes over the data.

    Returns
    -------
    times : list of float [length K]
        Seconds of training until each record.
    losses : list of float [length K]
        Half the mean squared error at each record.

    Raises
    ------
    ValueError, TypeError
        If an argument will not do, or the rule fails at its first step. A call that fails prints
        and draws nothing, and leaves torch's generator as it was.

    Warns
    -----
    RuntimeWarning
        If the loss leaves the range of float32.

    References
    ----------
    *Dive into Deep Learning*, second edition, section 11.5.

    Examples
    --------
    >>> def sgd(params, states, hyperparams):
    ...     for p in params:
    ...         p.data.sub_(hyperparams["lr"] * p.grad)
    ...         p.grad.data.zero_()
    >>> data_iter, feature_dim = get_data_ch11(batch_size=10)
    >>> times, losses = train_ch11(
    ...     sgd, None, {"lr": 0.05}, data_iter, feature_dim
    ... )  # doctest: +ELLIPSIS
    loss: 0.2..., ... sec/epoch
    """
    course = train_rule(trainer_fn, states, hyperparams, data_iter, feature_dim, num_epochs)
    _show(course, num_epochs)
    return course.timer.cumsum(), course.losses.tolist()


def train_concise_ch11(
    trainer_fn: Callable[..., torch.optim.Optimizer],
    hyperparams: Mapping[str, Any],
    data_iter: Iterable[Any],
    num_epochs: int = 4,
) -> None:
    """Train linear regression with a ``torch.optim`` class, print the last loss, and plot.

    As :func:`train_ch11`, with ``nn.Linear``. It descends the squared error itself, and records
    half of it: a learning rate acts twice as strongly as in :func:`train_ch11`.

    Parameters
    ----------
    trainer_fn : class of torch.optim
        Called as ``trainer_fn(params, **hyperparams)``.
    hyperparams : dict
        Its keyword arguments, such as ``{"lr": 0.01}``.
    data_iter : iterable of (torch.Tensor [shape=(B, 5)], torch.Tensor [shape=(B,) or (B, 1)])
        As for :func:`train_ch11`.
    num_epochs : int
        Passes over the data.

    Raises
    ------
    ValueError, TypeError
        As :func:`train_ch11`.

    Warns
    -----
    RuntimeWarning
        If the loss leaves the range of float32.

    References
    ----------
    *Dive into Deep Learning*, second edition, section 11.5.

    Examples
    --------
    >>> import torch
    >>> data_iter, _ = get_data_ch11(10)
    >>> train_concise_ch11(torch.optim.SGD, {"lr": 0.01}, data_iter)  # doctest: +ELLIPSIS
    loss: 0.2..., ... sec/epoch
    """
    _show(train_class(trainer_fn, hyperparams, data_iter, num_epochs), num_epochs)


def _show(course: Course, num_epochs: int) -> None:
    """What both training functions do with what happened: warn, print, plot."""
    warn_if_diverged(course, stacklevel=4)
    print(f"loss: {course.losses[-1]:.3f}, {course.timer.sum() / num_epochs:.3f} sec/epoch")
    animator = Animator("epoch", "loss", xlim=(0, num_epochs), ylim=(0.22, 0.35))
    animator.X, animator.Y = [course.epochs], [course.losses.tolist()]
    animator.draw(animator.axes[0], animator.X, animator.Y)


def get_data_ch11(batch_size: int = 10, n: int = 1500) -> tuple[DataLoader[Any], int]:
    """Load the airfoil self-noise data, standardised, as minibatches in random order.

    As :func:`d2l_ch7.get_data_ch7`, but standardised in single precision, as this edition does.

    Parameters
    ----------
    batch_size : int
        Samples a batch; the last batch may be smaller.
    n : int
        How many samples to take, from the first on; there are 1503.

    Returns
    -------
    data_iter : torch.utils.data.DataLoader
        Batches of features (torch.Tensor [shape=(B, 5)]) and labels (torch.Tensor [shape=(B,)]).
    feature_dim : int
        Number of features, 5.

    Raises
    ------
    TypeError
        If an argument is no int.
    ValueError
        If one is below 1.

    References
    ----------
    *Dive into Deep Learning*, second edition, section 11.5.

    Examples
    --------
    >>> data_iter, feature_dim = get_data_ch11(batch_size=100)
    >>> len(data_iter), feature_dim
    (15, 5)
    """
    n = _checks.check_count("n", n)
    table = data.published().astype(np.float32)
    table = (table - table.mean(axis=0)) / table.std(axis=0)
    X, y = torch.from_numpy(table[:n, :-1]), torch.from_numpy(table[:n, -1])
    return load_array((X, y), batch_size), X.shape[1]


def load_array(
    data_arrays: Sequence[Tensor], batch_size: int, is_train: bool = True
) -> DataLoader[Any]:
    """Make a loader that goes through tensors in minibatches.

    Parameters
    ----------
    data_arrays : sequence of torch.Tensor [shape=(n, ...)]
        Such as features and labels, a sample a row.
    batch_size : int
        Samples a batch; the last batch may be smaller.
    is_train : bool
        Whether each pass takes a new random order, drawn from torch's generator.

    Returns
    -------
    torch.utils.data.DataLoader
        It gives a list of tensors a batch.

    Raises
    ------
    TypeError
        If something else than tensors comes, or `batch_size` is no int.
    ValueError
        If the tensors differ in length, are empty, or `batch_size` is below 1.

    References
    ----------
    *Dive into Deep Learning*, second edition, section 3.3.

    Examples
    --------
    >>> import torch
    >>> loader = load_array((torch.zeros(25, 2), torch.zeros(25)), batch_size=10)
    >>> [len(X) for X, y in loader]
    [10, 10, 5]
    """
    batch_size = _checks.check_count("batch_size", batch_size)
    wanted = "tensors, with the same number of rows each, at least one"
    arrays = () if isinstance(data_arrays, Tensor) else data_arrays
    arrays = _checks.expect("data_arrays", arrays, tuple, wanted)
    if not arrays or not all(isinstance(array, Tensor) and array.dim() for array in arrays):
        _checks.refuse(TypeError, "data_arrays", wanted, data_arrays)
    if len({len(array) for array in arrays} | {0}) != 2:
        _checks.refuse(ValueError, "data_arrays", wanted, data_arrays)
    return Loader(arrays, batch_size, shuffle=bool(is_train))


def download(name: str) -> str:
    """Return where a data file of the book lies: that of this chapter, which the package brings.

    Parameters
    ----------
    name : str
        "airfoil".

    Returns
    -------
    str
        Path of the file: rows of six numbers, apart by tabs. No network is asked, and the book's
        SHA-1 in ``DATA_HUB``, of the same rows with other line ends, is not checked.

    Raises
    ------
    ValueError, TypeError
        If `name` is another.
    FileNotFoundError
        If this copy of the package lacks the file.

    Examples
    --------
    >>> import numpy as np
    >>> np.genfromtxt(download("airfoil"), delimiter="\\t").shape
    (1503, 6)
    """
    _checks.check_choice("name", name, "airfoil")
    return str(data.packaged())


def train_2d(
    trainer: Trainer, steps: int = 20, f_grad: Callable[..., Any] | None = None
) -> list[tuple[Any, Any]]:
    """Descend in the plane from (-5, -2), print where it ends, and return the path.

    Prints ``epoch %d, x1: %f, x2: %f``.

    Parameters
    ----------
    trainer : callable
        ``x1, x2, s1, s2 = trainer(x1, x2, s1, s2)``, one step; with `f_grad`, called with it as a
        fifth argument.
    steps : int
        Number of steps.
    f_grad : callable, optional
        Gradient ``f_grad(x1, x2)``, handed to `trainer`.

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
    *Dive into Deep Learning*, second edition, section 11.3.

    Examples
    --------
    >>> path = train_2d(lambda x1, x2, s1, s2: (0.8 * x1, 0.6 * x2, 0, 0))
    epoch 20, x1: -0.057646, x2: -0.000073
    """
    path = descend_2d(trainer, steps, f_grad)
    x1, x2 = map(_checks.plain_number, path[-1])
    print(f"epoch {len(path) - 1}, x1: {x1:f}, x2: {x2:f}")
    return path


def show_trace_2d(f: Callable[[Any, Any], Any], results: Iterable[tuple[float, float]]) -> None:
    """Plot a path over the contours of an objective, on the current axes.

    Parameters
    ----------
    f : callable
        Objective ``f(x1, x2)``; called with grids (torch.Tensor [shape=(65, 40)]).
    results : iterable of (float, float)
        Points, as :func:`train_2d` returns them.

    Raises
    ------
    ValueError, TypeError
        As :func:`d2l_ch7.plotting.plot_path`.

    References
    ----------
    *Dive into Deep Learning*, second edition, section 11.3.

    Examples
    --------
    >>> show_trace_2d(lambda x1, x2: x1**2 + 2 * x2**2, [(-5, -2), (-4, -1.2)])
    """
    _checks.check_function("f", f, 2)
    path = _checks.check_path("results", results)

    @wraps(f)
    def on_tensors(*grids: Any) -> Any:
        heights = f(*(torch.from_numpy(grid.T).float().contiguous() for grid in grids))
        return real(heights).T

    set_figsize()
    plot_path(path, on_tensors)
