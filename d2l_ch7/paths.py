"""Plotters of paths in the plane; they take and return an Axes."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from d2l_ch7 import _checks
from d2l_ch7.figures import STYLES, axes_for


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
    if heights is not None:
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
        If `paths` is not a dict of paths, `f` is not callable, or `window` is not four numbers.
    ValueError
        If a path is empty, or the window is.

    Examples
    --------
    >>> path = [(-5, -2), (-1, -1), (0, 0)]
    >>> ax = plot_paths({"a path": path}, lambda x1, x2: x1**2 + 2 * x2**2)
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('x1', 'x2')
    """
    _checks.check_class(Mapping, paths=paths)
    points = {name: _checks.check_path("paths", path) for name, path in paths.items()}
    grid = _checks.expect("window", window, _grid, "x1 from and to, x2 from and to")
    heights = _heights(f, *grid)
    ax = axes_for(ax)
    # Equal distances in a bowl, so that its floor is seen as well as its walls.
    levels = heights.min() + np.ptp(heights) * (np.arange(1, 11) / 10) ** 2
    ax.contour(*grid, heights, levels, colors="0.8", linewidths=0.8, zorder=0)
    ax.set_prop_cycle(STYLES)
    for name, path in points.items():
        ax.plot(*zip(*path), marker="o", markersize=4, linewidth=1.4, label=name)
    ax.plot(*minimum, "*", color="black", markersize=11, zorder=3)
    ax.set(xlim=window[:2], ylim=window[2:], xlabel="x1", ylabel="x2")
    ax.grid(False)
    if len(points) > 1:
        ax.legend(frameon=True, framealpha=0.8, edgecolor="none")
    return ax


def _grid(window: Any) -> Any:
    left, right, low, high = map(float, window)
    if not (left < right and low < high):
        raise ValueError
    return np.meshgrid(np.linspace(left, right, 121), np.linspace(low, high, 121))


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
