"""Figures before anything is drawn: their format, size and panels; and the book's semilogy."""

import sys
from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.colors import is_color_like

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

    Examples
    --------
    >>> left, right = panels("small steps", "large steps")
    >>> left.get_title()
    'small steps'
    """
    if not titles:
        _checks.refuse(TypeError, "titles", "at least one", titles)
    size = 6, _checks.check_number("height", height)
    axes = plt.subplots(
        1, len(titles), figsize=size, sharey=sharey, layout="constrained", squeeze=False
    )[1][0]
    for i, (ax, title) in enumerate(zip(axes, titles)):
        ax.set_title(title)
        ax.yaxis.label.set_visible(i == 0 or not sharey)
    return list(axes)


def _check_pair(**pair: Any) -> None:
    """Refuse a curve whose x and y differ in length, or one without the other."""
    for name, values in pair.items():
        if np.asarray(values).dtype.kind not in "fiu":
            _checks.refuse(TypeError, name, "numbers to draw", values)
    (x_name, x), (y_name, y) = pair.items()
    if np.size(x) != np.size(y):
        raise ValueError(f"{y_name}: {np.size(y)} values for the {np.size(x)} of {x_name}")


def axes_for(ax: Any, color: Any = None) -> Axes:
    """Where to draw; what cannot be drawn on, or with, is refused."""
    if ax is not None:
        _checks.check_class(Axes, ax=ax)
    if color is not None and not is_color_like(color):
        _checks.refuse(ValueError, "color", "a colour of matplotlib", color)
    return plt.gca() if ax is None else ax
