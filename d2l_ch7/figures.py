"""Figures before anything is drawn: their format, size and panels; and the book's semilogy."""

import sys
from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.colors import is_color_like
from torch import Tensor

from d2l_ch7 import _checks

#: Colours that stay apart for colour-blind eyes, on light and on dark (after M. Okabe and K. Ito).
COLORS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#7F7F7F"]

#: Each curve differs from the others in its dashes, too, for whoever sees no colours.
_DASHES = ["-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1)), (0, (1, 1))]
STYLES = cycler(color=COLORS) + cycler(linestyle=_DASHES)


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
    sides = check_size(figsize)
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
    TypeError
        If something else than numbers comes.
    ValueError
        If a curve's x and y differ in length.

    References
    ----------
    *Dive into Deep Learning*, first edition, section 3.11.

    Examples
    --------
    >>> semilogy([1, 2, 3], [1, 10, 100], "epoch", "loss")
    """
    curves = [_pair(x_vals=x_vals, y_vals=y_vals)]
    if x2_vals is not None or y2_vals is not None:
        curves.append(_pair(x2_vals=x2_vals, y2_vals=y2_vals))
    if legend is not None:
        legend = _checks.expect("legend", legend, list, "words in a list")
    set_figsize(figsize)
    plt.xlabel(x_label)
    plt.ylabel(y_label)
    for curve, linestyle in zip(curves, (None, ":")):
        plt.semilogy(*curve, linestyle=linestyle)
    if legend is not None:
        plt.legend(legend)


def panels(*titles: str, height: float = 2.8, sharey: bool = True) -> list[Axes]:
    """Make a figure of axes side by side, with a title each, and one label on the left.

    Parameters
    ----------
    titles : str
        A title for each of the axes.
    height : float
        Height of the figure in inches; it is 6 inches wide.
    sharey : bool
        Whether all have the vertical axis of the first.

    Returns
    -------
    list of matplotlib.axes.Axes [a title each]
        From left to right.

    Raises
    ------
    TypeError
        If no title is given, or `height` is no number.
    ValueError
        If `height` is not above zero.

    Examples
    --------
    >>> left, right = panels("small steps", "large steps")
    >>> left.get_title()
    'small steps'
    """
    if not titles:
        _checks.refuse(TypeError, "titles", "at least one", titles)
    size = 6, _checks.check_number("height", height)
    if size[1] <= 0:
        _checks.refuse(ValueError, "height", "a number above 0, in inches", height)
    axes = plt.subplots(
        1, len(titles), figsize=size, sharey=sharey, layout="constrained", squeeze=False
    )[1][0]
    for i, (ax, title) in enumerate(zip(axes, titles)):
        ax.set_title(title)
        ax.yaxis.label.set_visible(i == 0 or not sharey)
    return list(axes)


def _pair(**pair: Any) -> list[np.ndarray]:
    """A curve's x and y; refused where they differ in length, or one is without the other."""
    (x_name, x), (y_name, y) = ((name, numbers(name, values)) for name, values in pair.items())
    if len(x) != len(y):
        raise ValueError(f"{y_name}: {len(y)} values for the {len(x)} of {x_name}")
    return [x, y]


def numbers(name: str, values: Any, always: Any = None) -> Any:
    """A row of numbers to draw, as an array; a column, and a single number, are welcome."""
    return _checks.expect(name, values, _row, "numbers to draw", always)


def _row(values: Any) -> np.ndarray:
    array = real(values)
    if array.size != max(array.shape, default=1):
        raise TypeError
    return array.reshape(-1)


def real(values: Any) -> np.ndarray:
    """Real numbers as an array, also out of tensors in lists; a masked array keeps its mask."""
    array = np.asanyarray(_without_tensors(values))
    if array.dtype.kind not in "fiu":
        raise TypeError(f"they are {array.dtype}")
    return array if isinstance(array, np.ma.MaskedArray) else np.asarray(array)


def _without_tensors(values: Any) -> Any:
    if isinstance(values, list | tuple):
        return [_without_tensors(value) for value in values]
    return values.tolist() if isinstance(values, Tensor) else values


def so_many_numbers(name: str, values: Any, count: int, wanted: str, always: Any = None) -> Any:
    """So many plain numbers in a list; neither more nor fewer."""

    def convert(values: Any) -> list[Any]:
        return list(map(_checks.plain_number, values))

    found = _checks.expect(name, values, convert, wanted, always)
    return found if len(found) == count else _checks.refuse(TypeError, name, wanted, values)


def check_size(figsize: Any) -> Any:
    """Return width and height of a figure."""
    wanted = "two numbers (width, height), in inches"
    sides = so_many_numbers("figsize", figsize, 2, wanted, TypeError)
    if not all(0 < side < np.inf for side in sides):
        _checks.refuse(ValueError, "figsize", wanted + " above 0", figsize)
    return sides


def axes_for(ax: Any, color: Any = None) -> Axes:
    """Where to draw; what cannot be drawn on, or with, is refused."""
    if ax is not None:
        _checks.check_class(Axes, ax=ax)
    if color is not None and not is_color_like(color):
        _checks.refuse(ValueError, "color", "a colour of matplotlib", color)
    return plt.gca() if ax is None else ax
