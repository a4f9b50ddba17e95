"""Figures: the book's helpers, and plotters that take and return an Axes. Nothing is computed."""

import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes as Axes
from matplotlib.colors import is_color_like

from d2l_ch7 import _checks
from d2l_ch7.training import History

#: Colours that stay apart for colour-blind eyes, on light and on dark (after M. Okabe and K. Ito).
COLORS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#7F7F7F"]


def use_svg_display() -> None:
    """Show figures as SVG where a notebook is running; do nothing elsewhere.

    Examples
    --------
    >>> use_svg_display()
    """
    ipython = sys.modules.get("IPython")  # a notebook has imported it; nobody else needs to
    if ipython is not None and ipython.get_ipython() is not None:
        try:
            from matplotlib_inline.backend_inline import set_matplotlib_formats
        except ImportError:  # a notebook without it shows PNGs
            return
        set_matplotlib_formats("svg")


def set_figsize(figsize: tuple[float, float] = (3.5, 2.5)) -> None:
    """Set the size of the figures to come.

    Parameters
    ----------
    figsize : (float, float)
        Width and height in inches.

    Raises
    ------
    TypeError
        If `figsize` is not two numbers.
    ValueError
        If one of them is not above zero.

    Examples
    --------
    >>> set_figsize((5, 3))
    >>> plt.rcParams["figure.figsize"]
    [5.0, 3.0]
    """
    wanted = "two numbers (width, height), in inches"
    sides = _checks.expect(
        "figsize", figsize, lambda f: [float(side) for side in f], wanted, TypeError
    )
    if len(sides) != 2:
        _checks.refuse(TypeError, "figsize", wanted, figsize)
    if not all(0 < side < np.inf for side in sides):
        _checks.refuse(ValueError, "figsize", wanted + " above 0", figsize)
    use_svg_display()
    plt.rcParams["figure.figsize"] = sides


def semilogy(
    x_vals: Sequence[float],
    y_vals: Sequence[float],
    x_label: str,
    y_label: str,
    x2_vals: Sequence[float] | None = None,
    y2_vals: Sequence[float] | None = None,
    legend: Sequence[str] | None = None,
    figsize: tuple[float, float] = (3.5, 2.5),
) -> None:
    """Plot one or two curves on a logarithmic y axis of the current figure.

    Parameters
    ----------
    x_vals, y_vals : sequence of float [length m]
        The first curve.
    x_label, y_label : str
        Labels of the axes.
    x2_vals, y2_vals : sequence of float [length m2], optional
        A second curve, dotted.
    legend : sequence of str, optional
        Names of the curves.
    figsize : (float, float)
        Width and height in inches.

    Raises
    ------
    ValueError
        If a curve's x and y differ in length.

    References
    ----------
    *Dive into Deep Learning*, first edition, section 3.11.

    Examples
    --------
    >>> semilogy([1, 2, 3], [1, 10, 100], "epoch", "loss")
    """
    _check_pair(x_vals=x_vals, y_vals=y_vals)
    second = x2_vals is not None or y2_vals is not None
    if second:
        _check_pair(x2_vals=x2_vals, y2_vals=y2_vals)
    if legend is not None:
        legend = _checks.expect("legend", legend, list, "words in a list")
    set_figsize(figsize)
    plt.xlabel(x_label)
    plt.ylabel(y_label)
    plt.semilogy(x_vals, y_vals)
    if second:
        plt.semilogy(x2_vals, y2_vals, linestyle=":")
    if legend is not None:
        plt.legend(legend)


def plot_history(
    history: History,
    ax: Axes | None = None,
    *,
    x: str = "epochs",
    label: str | None = None,
    color: Any = None,
    optimum: bool = True,
) -> Axes:
    """Draw the loss of one run as a curve, of many as their median and the band of 95 % of them.

    Parameters
    ----------
    history : History
        What :func:`~d2l_ch7.fit` or :func:`~d2l_ch7.fit_torch` gives back.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default the current axes.
    x : {"epochs", "seconds"}
        What runs along the axis: passes over the data, or seconds at the run's own mean speed.
    label : str, optional
        Name for the legend.
    color : matplotlib colour, optional
        Colour of curve and band; by default the next of the axes' cycle.
    optimum : bool
        Draw the least possible loss as a dashed line, unless the axes have one already.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on.

    Raises
    ------
    TypeError
        If `history` is not a History.
    ValueError
        If `x` is neither "epochs" nor "seconds".

    Examples
    --------
    >>> history = fit(optimizers.sgd, None, {"lr": 0.05}, *get_data_ch7(), seed=range(20))
    >>> ax = plot_history(history, label="sgd")
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('epoch', 'loss')
    """
    _checks.check_class(History, history=history)
    _checks.check_choice("x", x, "epochs", "seconds")
    _check_drawing(ax, color)
    ax = plt.gca() if ax is None else ax
    scale, name = (1.0, "epoch") if x == "epochs" else (history.seconds_per_epoch, "seconds")
    when = history.epochs * scale
    many = history.losses.ndim == 2
    middle = np.median(history.losses, axis=0) if many else history.losses
    (line,) = ax.plot(when, middle, label=label, color=color)
    if many:
        with np.errstate(invalid="ignore"):  # between two runs at infinity there is nothing
            low, high = np.quantile(history.losses, [0.025, 0.975], axis=0)
        ax.fill_between(when, low, high, color=line.get_color(), alpha=0.25, linewidth=0)
    if optimum and not any(other.get_gid() == "optimum" for other in ax.lines):
        ax.axhline(history.optimum, color="0.5", linestyle="--", linewidth=1, gid="optimum")
    ax.set(xlabel=name, ylabel="loss")
    return ax


def plot_path(
    path: Iterable[tuple[float, float]],
    f: Callable[[Any, Any], Any] | None = None,
    ax: Axes | None = None,
    *,
    label: str | None = None,
    color: Any = "#ff7f0e",
) -> Axes:
    """Draw a path in the plane, over the contours of a function if one is given.

    Parameters
    ----------
    path : iterable of (float, float)
        Points, as :func:`~d2l_ch7.train_2d` returns them.
    f : callable, optional
        Objective ``f(x1, x2)``; called once with two NumPy grids [shape=(40, 65)].
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default the current axes.
    label : str, optional
        Name for the legend.
    color : matplotlib colour
        Colour of the path.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on.

    Raises
    ------
    TypeError
        If `path` does not hold pairs, or `f` is not callable.
    ValueError
        If `path` is empty.

    References
    ----------
    *Dive into Deep Learning*, first edition, section 7.2.

    Examples
    --------
    >>> ax = plot_path([(-5, -2), (-1, -1), (0, 0)], lambda x1, x2: x1**2 + 2 * x2**2)
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('x1', 'x2')
    """
    points = _checks.check_path("path", path)
    _check_drawing(ax, color)
    if f is not None:
        grid = np.meshgrid(np.arange(-5.5, 1.0, 0.1), np.arange(-3.0, 1.0, 0.1))
        heights = _heights(f, *grid)
    ax = plt.gca() if ax is None else ax
    ax.plot(*zip(*points, strict=True), "-o", label=label, color=color)
    if f is not None:
        ax.contour(*grid, heights, colors="#1f77b4")
    ax.set(xlabel="x1", ylabel="x2")
    return ax


def _heights(f: Any, x1: np.ndarray, x2: np.ndarray) -> np.ndarray:
    """A function's real values on two grids, in the grids' shape."""
    _checks.check_function("f", f, 2)
    try:
        heights = np.asarray(f(x1, x2))
        if heights.dtype.kind not in "fiu":
            raise TypeError(f"it returns {heights.dtype}")
        return np.broadcast_to(heights.astype(float), x1.shape)
    except Exception as error:
        _checks.refuse(ValueError, "f", "a function that gives real heights on grids", f, error)


def _check_pair(**pair: Any) -> None:
    """Refuse a curve whose x and y differ in length, or one without the other."""
    for name, values in pair.items():
        if np.asarray(values).dtype.kind not in "fiu":
            _checks.refuse(TypeError, name, "numbers to draw", values)
    (x_name, x), (y_name, y) = pair.items()
    if np.size(x) != np.size(y):
        raise ValueError(f"{y_name}: {np.size(y)} values for the {np.size(x)} of {x_name}")


def _check_drawing(ax: Any, color: Any) -> None:
    """Refuse what cannot be drawn on, or with; None leaves either to matplotlib."""
    if ax is not None:
        _checks.check_class(Axes, ax=ax)
    if color is not None and not is_color_like(color):
        _checks.refuse(ValueError, "color", "a colour of matplotlib", color)
