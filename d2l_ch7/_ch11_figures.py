"""The second edition's figures: curves that are drawn at once, and curves that grow."""

import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.scale import get_scale_names

from d2l_ch7._checks import check_choice, check_class, check_count, expect, plain_number, refuse
from d2l_ch7.figures import check_size, set_figsize, use_svg_display

FMTS = ("-", "m--", "g-.", "r:")
Limits = Sequence[float | None]


@dataclass(eq=False, repr=False)
class Frame:
    """All about axes but their curves; it is checked when it is made."""

    xlabel: str | None = None
    ylabel: str | None = None
    legend: Sequence[str] | None = None
    xlim: Limits | None = None
    ylim: Limits | None = None
    xscale: str = "linear"
    yscale: str = "linear"
    fmts: Sequence[str] = FMTS

    def __post_init__(self) -> None:
        # The scales "function" and "functionlog" would need their functions.
        scales = [name for name in get_scale_names() if not name.startswith("function")]
        check_choice("xscale", self.xscale, *scales)
        check_choice("yscale", self.yscale, *scales)
        self.xlim, self.ylim = _limits("xlim", self.xlim), _limits("ylim", self.ylim)
        words = [] if self.legend is None else self.legend
        self.legend = expect("legend", words, list, "words in a list")
        self.fmts = expect("fmts", self.fmts, _formats, "one or more formats of matplotlib")

    def widen(self, curves: Iterable[np.ndarray]) -> None:
        """Move the horizontal limits where they would hide all of a curve."""
        low, high = self.xlim or (None, None)
        if low is not None and high is not None and low < high:
            finite = [x[np.isfinite(x)] for x in curves]
            hidden = [x for x in finite if len(x) and not ((low <= x) & (x <= high)).any()]
            ends = [end for x in hidden for end in (x.min(), x.max())]
            self.xlim = [min(low, *ends), max(high, *ends)] if ends else self.xlim

    def draw(self, axes: Axes, X: Iterable[Any], Y: Iterable[Any]) -> None:
        """Draw the curves, and nothing else."""
        axes.cla()
        for x, y, fmt in zip(X, Y, cycle(self.fmts)):
            axes.plot(*([x, y] if len(x) else [y]), fmt)
        axes.set(xlabel=self.xlabel, ylabel=self.ylabel, xscale=self.xscale, yscale=self.yscale)
        axes.set(xlim=self.xlim, ylim=self.ylim)
        if self.legend:
            axes.legend(self.legend)
        axes.grid()


def plot(
    X: Any,
    Y: Any = None,
    xlabel: str | None = None,
    ylabel: str | None = None,
    legend: Sequence[str] | None = None,
    xlim: Limits | None = None,
    ylim: Limits | None = None,
    xscale: str = "linear",
    yscale: str = "linear",
    fmts: Sequence[str] = FMTS,
    figsize: tuple[float, float] = (3.5, 2.5),
    axes: Axes | None = None,
) -> None:
    """Clear the axes, and draw one curve or several.

    Parameters
    ----------
    X : sequence of float, or sequence of such
        Where the points lie: of one curve, or of each. One serves several curves in `Y`.
    Y : sequence of float, or sequence of such, optional
        The values there. Without it, `X` has the values, which are drawn against their number.
    xlabel, ylabel : str, optional
        Labels of the axes.
    legend : sequence of str, optional
        Names of the curves.
    xlim, ylim : (float, float), optional
        What the axes show. `xlim` is widened where it would hide all points of a curve.
    xscale, yscale : str
        Matplotlib's names of scales, such as "log".
    fmts : sequence of str
        Matplotlib's formats of the curves, one after the other, and from the beginning again.
    figsize : (float, float)
        Width and height, in inches, of a figure that is made, and of those to come.
    axes : matplotlib.axes.Axes, optional
        Where to draw; by default the current axes.

    Raises
    ------
    TypeError
        If an argument is of another kind.
    ValueError
        If points and values differ in number, or a scale is not known.

    References
    ----------
    *Dive into Deep Learning*, second edition, section 2.4.

    Examples
    --------
    >>> import torch
    >>> x = torch.arange(0.0, 3.0, 0.1)
    >>> plot(x, [x**2, x**3], "x", "f(x)", legend=["square", "cube"])
    """
    xs, ys = _curves("X", X), [] if Y is None else _curves("Y", Y)
    if Y is None:
        xs, ys = [np.empty(0)], xs
    xs = xs * len(ys) if len(xs) == 1 else xs
    if len(xs) != len(ys):
        raise ValueError(f"Y: {len(ys)} curves for the {len(xs)} of X")
    for x, y in zip(xs, ys):
        if len(x) not in (0, len(y)):
            raise ValueError(f"Y: {len(y)} values for the {len(x)} of X")
    frame = Frame(xlabel, ylabel, legend, xlim, ylim, xscale, yscale, fmts)
    frame.widen(xs)
    if axes is not None:
        check_class(Axes, axes=axes)
    set_figsize(figsize)
    frame.draw(plt.gca() if axes is None else axes, xs, ys)


@dataclass(eq=False, repr=False)
class Animator(Frame):
    """A figure whose curves grow: each :meth:`add` appends a point to each and draws them anew.

    In a notebook the figure is shown anew, too, in place of what the cell has put out.

    Parameters
    ----------
    xlabel, ylabel, legend, xlim, ylim, xscale, yscale, fmts : optional
        As for :func:`plot`; the limits stay as they are.
    nrows, ncols : int
        Rows and columns of axes; the curves are drawn in the first.
    figsize : (float, float)
        Width and height of the figure in inches.

    Raises
    ------
    ValueError, TypeError
        As :func:`plot`.

    Attributes
    ----------
    X, Y : list of list of float
        The points of each curve.
    fig : matplotlib.figure.Figure
        The figure.
    axes : list of matplotlib.axes.Axes
        Its axes, row by row.

    References
    ----------
    *Dive into Deep Learning*, second edition, section 3.6.

    Examples
    --------
    >>> animator = Animator(xlabel="epoch", legend=["train", "test"])
    >>> animator.add(1, (0.5, 0.6))
    >>> animator.X, animator.Y
    ([[1], [1]], [[0.5], [0.6]])
    """

    nrows: int = 1
    ncols: int = 1
    figsize: tuple[float, float] = (3.5, 2.5)

    def __post_init__(self) -> None:
        super().__post_init__()
        rows, columns = check_count("nrows", self.nrows), check_count("ncols", self.ncols)
        size = check_size(self.figsize)
        use_svg_display()
        self.fig, axes = plt.subplots(rows, columns, figsize=size, squeeze=False)
        self.axes: list[Axes] = list(axes.flat)
        self.X: list[list[float]] = []
        self.Y: list[list[float]] = []

    def add(self, x: Any, y: Any) -> None:
        """Append a point to each curve; where a number is None, the curve gets none.

        Parameters
        ----------
        x : float or sequence of float
            Where: the same for all curves, or for each.
        y : float or sequence of float
            The value of each curve.

        Raises
        ------
        TypeError
            If something else than numbers comes.
        ValueError
            If `x` and `y` differ in number.
        """
        xs, ys = _numbers("x", x), _numbers("y", y)
        xs = xs if _several(x) else xs * len(ys)
        if len(xs) != len(ys):
            raise ValueError(f"y: {len(ys)} values for the {len(xs)} of x")
        for points in (self.X, self.Y):
            points += [[] for _ in ys[len(points) :]]
        for i, (one, other) in enumerate(zip(xs, ys)):
            if one is not None and other is not None:
                self.X[i].append(one)
                self.Y[i].append(other)
        self.show()

    def show(self) -> None:
        """Draw the curves as they are; in a notebook, in place of what the cell has put out."""
        self.draw(self.axes[0], self.X, self.Y)
        ipython = sys.modules.get("IPython")
        if ipython and type(ipython.get_ipython()).__name__ == "ZMQInteractiveShell":
            ipython.display.display(self.fig)
            ipython.display.clear_output(wait=True)


def _several(value: Any) -> bool:
    """Whether something holds several things; a tensor or an array of no dimension does not."""
    return isinstance(value, Iterable) and getattr(value, "ndim", 1) > 0


def _numbers(name: str, value: Any, count: int | None = None) -> Any:
    """A number, or several, in a list; None is a number that is left out."""

    def convert(value: Any) -> list[Any]:
        values = list(value) if _several(value) else [value]
        if count not in (None, len(values)):
            raise ValueError
        exact = [v is None or (type(v) is int and math.isfinite(v)) for v in values]
        return [v if as_it_is else plain_number(v) for v, as_it_is in zip(values, exact)]

    return expect(name, value, convert, f"{count or 'one or more'} numbers")


def _limits(name: str, value: Any) -> Any:
    """Two ends of an axis, of which each may be left out."""
    ends = None if value is None else _numbers(name, value, 2)
    if not all(end is None or math.isfinite(end) for end in ends or []):
        refuse(ValueError, name, "2 finite numbers", value)
    return ends


def _formats(values: Any) -> list[str]:
    """At least one format, each of which matplotlib takes."""
    formats = list(values)
    if not all(isinstance(fmt, str) for fmt in formats):
        raise TypeError
    if not formats:
        raise ValueError
    if values is not FMTS:
        trial = Figure().add_subplot()
        for fmt in formats:
            trial.plot([], [], fmt)
    return formats


def _curves(name: str, values: Any) -> Any:
    """One curve or several, as arrays."""

    def convert(values: Any) -> list[np.ndarray]:
        if isinstance(values, Mapping):
            raise TypeError
        parts = list(values)
        curves = parts if any(map(_several, parts)) else [parts]
        # Truth values are drawn as 0 and 1.
        return [np.array([plain_number(1 * v) for v in curve]) for curve in curves]

    return expect(name, values, convert, "numbers, or several sequences of numbers")
