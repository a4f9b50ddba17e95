"""Plotters of paths in the plane; they take and return an Axes."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from d2l_ch7 import _checks
from d2l_ch7.figures import STYLES, axes_for, real, so_many_numbers


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
    grid = np.meshgrid(np.arange(-5.5, 1.0, 0.1), np.arange(-3.0, 1.0, 0.1))
    heights = None if f is None else _heights(f, *grid)
    ax = axes_for(ax, color)
    ax.plot(*zip(*points), "-o", label=label, color=color)
    if heights is not None and _rise(heights):
        ax.contour(*grid, heights, colors="#1f77b4")
    ax.set(xlabel="x1", ylabel="x2")
    return ax


def plot_paths(
    paths: Mapping[str, Iterable[tuple[float, float]]],
    f: Callable[[Any, Any], Any],
    ax: Axes | None = None,
    *,
    window: tuple[float, float, float, float] = (-5.5, 1.5, -3.0, 2.0),
    minimum: tuple[float, float] = (0.0, 0.0),
) -> Axes:
    """Draw several paths over one function: thin contours, a star at the minimum, a dot a step.

    Parameters
    ----------
    paths : dict of str to iterable of (float, float)
        Points, as :func:`~d2l_ch7.train_2d` returns them, each path with a name. A single path
        needs no legend and gets none.
    f : callable
        Objective ``f(x1, x2)``; called once with two NumPy grids.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default the current axes.
    window : (float, float, float, float)
        Least and largest x1, least and largest x2 that are shown.
    minimum : (float, float)
        Where the star stands.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on.

    Raises
    ------
    TypeError
        If `paths` is not a dict of paths, `f` is not callable, `window` is not four numbers, or
        `minimum` not two.
    ValueError
        If a path is empty, or the window is, or a number is not finite.

    Examples
    --------
    >>> path = [(-5, -2), (-1, -1), (0, 0)]
    >>> ax = plot_paths({"a path": path}, lambda x1, x2: x1**2 + 2 * x2**2)
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('x1', 'x2')
    """
    _checks.check_class(Mapping, paths=paths)
    points = {name: _checks.check_path("paths", path) for name, path in paths.items()}
    wanted = "four finite numbers (least and largest x1, least and largest x2)"
    left, right, low, high = _numbers("window", window, 4, wanted)
    if not (0 < right - left < np.inf and 0 < high - low < np.inf):
        _checks.refuse(ValueError, "window", wanted, window)
    star = _numbers("minimum", minimum, 2, "two finite numbers (x1, x2)")
    grid = np.meshgrid(np.linspace(left, right, 121), np.linspace(low, high, 121))
    heights = _heights(f, *grid)
    ax = axes_for(ax)
    if _rise(heights):
        # Equal distances in a bowl, so that its floor is seen as well as its walls.
        levels = heights.min() + _rise(heights) * (np.arange(1, 11) / 10) ** 2
        ax.contour(*grid, heights, np.unique(levels), colors="0.8", linewidths=0.8, zorder=0)
    ax.set_prop_cycle(STYLES)
    for name, path in points.items():
        ax.plot(*zip(*path), marker="o", markersize=4, linewidth=1.4, label=name)
    ax.plot(*star, "*", color="black", markersize=11, zorder=3)
    ax.set(xlim=(left, right), ylim=(low, high), xlabel="x1", ylabel="x2")
    ax.grid(False)
    if len(points) > 1:
        ax.legend(frameon=True, framealpha=0.8, edgecolor="none")
    return ax


def _numbers(name: str, values: Any, count: int, wanted: str) -> Any:
    """So many finite numbers."""
    found = so_many_numbers(name, values, count, wanted)
    return found if np.isfinite(found).all() else _checks.refuse(ValueError, name, wanted, values)


def _heights(f: Any, x1: np.ndarray, x2: np.ndarray) -> Any:
    """A function's real values on two grids, in the grids' shape; where it has none, masked."""
    _checks.check_function("f", f, 2)
    try:
        heights = np.ma.filled(real(f(x1, x2)).astype(float), np.nan)
        heights = np.broadcast_to(heights, x1.shape)
    except Exception as error:
        _checks.refuse(ValueError, "f", "a function that gives real heights on grids", f, error)
    return np.ma.masked_invalid(heights)


def _rise(heights: Any) -> float:
    """From the lowest to the highest; 0 where there is nothing that contours could show."""
    with np.errstate(over="ignore"):
        rise = float(np.ma.filled(heights.max() - heights.min(), 0))
    return rise if rise < np.inf else 0.0
