"""Plotters of what came out of training; they take and return an Axes. Nothing is trained here."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes as Axes

from d2l_ch7 import _checks, figures
from d2l_ch7.figures import COLORS as COLORS
from d2l_ch7.figures import STYLES, axes_for
from d2l_ch7.figures import panels as panels
from d2l_ch7.paths import plot_path as plot_path
from d2l_ch7.paths import plot_paths as plot_paths
from d2l_ch7.training import History


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
    ax = axes_for(ax, color)
    epochs = x == "epochs"
    when = history.epochs * (1 if epochs else history.seconds_per_epoch)
    _draw_band(ax, when, history.losses, label=label, color=color)
    if optimum:
        _draw_optimum(ax, history.optimum)
    ax.set(xlabel="epoch" if epochs else "seconds", ylabel="loss")
    return ax


def plot_histories(
    histories: Mapping[str, History], ax: Axes | None = None, *, x: str = "epochs"
) -> Axes:
    """Draw several histories in one axes, each with a colour, dashes and a name in the legend.

    Parameters
    ----------
    histories : dict of str to History
        Each with its name.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default the current axes.
    x : {"epochs", "seconds"}
        As for :func:`plot_history`.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on.

    Raises
    ------
    TypeError
        If `histories` is not a dict of them.

    Examples
    --------
    >>> X, y = get_data_ch7()
    >>> runs = {f"lr {lr}": fit(optimizers.sgd, None, {"lr": lr}, X, y) for lr in (0.05, 0.01)}
    >>> ax = plot_histories(runs)
    >>> len(ax.get_legend().get_texts())
    3
    """
    _checks.check_class(Mapping, histories=histories)
    for history in histories.values():
        _checks.check_class(History, histories=history)
    _checks.check_choice("x", x, "epochs", "seconds")
    ax = axes_for(ax)
    ax.set_prop_cycle(STYLES)
    for name, history in histories.items():
        plot_history(history, ax, x=x, label=name, optimum=False)
    if histories:
        _draw_optimum(ax, history.optimum).set_label("least possible")
        ax.legend()
    return ax


def plot_spread(
    values: Mapping[str, Any], ax: Axes | None = None, *, xlabel: str = "final loss"
) -> Axes:
    """Draw how many runs are spread, a row each: all of them, 95 % of them, and their median.

    Parameters
    ----------
    values : dict of str to np.ndarray [shape=(S,)] or History
        One number a run, with a name; of a History of many runs, the final losses.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default the current axes.
    xlabel : str
        What the numbers are.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on. Row i lies at the height i.

    Raises
    ------
    TypeError
        If `values` is not a dict.
    ValueError
        If there is something else than numbers in it.

    Examples
    --------
    >>> ax = plot_spread({"one": np.arange(10.0), "other": np.arange(3.0)})
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['one', 'other']
    """
    _checks.check_class(Mapping, values=values)
    rows = {}
    for name, v in values.items():
        runs = v.final_loss if isinstance(v, History) else v
        rows[name] = figures.numbers(f"values: {name!r}", runs, ValueError)
        if not len(rows[name]):
            _checks.refuse(ValueError, f"values: {name!r}", "at least one number", v)
    ax = axes_for(ax)
    line: dict[str, Any] = {"color": COLORS[0], "solid_capstyle": "butt"}  # no longer than it says
    for i, row in enumerate(rows.values()):
        with np.errstate(invalid="ignore"):  # between two runs at infinity there is nothing
            low, left, middle, right, high = np.quantile(row, [0, 0.025, 0.5, 0.975, 1])
        ax.plot([low, high], [i, i], linewidth=1.2, **line)
        ax.plot([left, right], [i, i], linewidth=7, alpha=0.45, **line)
        ax.plot([middle], [i], "|", color=COLORS[1], markersize=11, markeredgewidth=2.5)
    ax.set(xlabel=xlabel, yticks=range(len(rows)), ylim=(len(rows) - 0.4, -0.6))
    ax.set_yticklabels(rows)
    return ax


def plot_sweep(
    settings: Sequence[float],
    results: Mapping[str, Any],
    ax: Axes | None = None,
    *,
    xlabel: str = "learning rate",
    ylabel: str = "final loss",
) -> Axes:
    """Draw what comes out against a setting: the median of many runs and the band of 95 % of them.

    Parameters
    ----------
    settings : sequence of float [length m]
        What was set; the axis is logarithmic.
    results : dict of str to np.ndarray [shape=(m, S)]
        What came out in each of S runs at each setting, with a name.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default the current axes.
    xlabel, ylabel : str
        Labels of the axes.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on.

    Raises
    ------
    TypeError
        If `settings` are not numbers, or `results` is not a dict.
    ValueError
        If one of them does not have a row of numbers for each setting.

    Examples
    --------
    >>> ax = plot_sweep([0.1, 1.0], {"two runs": [[3.0, 4.0], [1.0, 2.0]]})
    >>> ax.lines[0].get_ydata()
    array([3.5, 1.5])
    """
    _checks.check_class(Mapping, results=results)
    x = figures.numbers("settings", settings)
    wanted = f"a row of runs, in numbers, for each of {len(x)} settings"
    bands = {}
    for name, rows in results.items():
        bands[name] = _checks.expect("results", rows, figures.real, wanted, ValueError)
        if bands[name].ndim != 2 or len(bands[name]) != len(x) or not bands[name].size:
            _checks.refuse(ValueError, "results", wanted, rows)
    ax = axes_for(ax)
    ax.set_prop_cycle(STYLES)
    for name, runs in bands.items():
        _draw_band(ax, x, runs.T, marker="o", markersize=4, label=name)
    ax.set(xscale="log", xlabel=xlabel, ylabel=ylabel)
    if len(results) > 1:
        ax.legend()
    return ax


def _draw_band(ax: Axes, x: Any, runs: np.ndarray, **style: Any) -> None:
    """One run (K,) as a curve; many (S, K) as their median and the band of 95 % of them."""
    if runs.ndim == 1:
        ax.plot(x, runs, **style)
        return
    (line,) = ax.plot(x, np.median(runs, axis=0), **style)
    with np.errstate(invalid="ignore"):  # between two runs at infinity there is nothing
        low, high = np.quantile(runs, [0.025, 0.975], axis=0)
    ax.fill_between(x, low, high, color=line.get_color(), alpha=0.2, linewidth=0)


def _draw_optimum(ax: Axes, loss: float) -> Any:
    """The least possible loss as a thin dashed line, which the axes may have already."""
    there = [line for line in ax.lines if line.get_gid() == "optimum"]
    return (
        there[0]
        if there
        else ax.axhline(loss, color="0.5", linestyle="--", linewidth=1, gid="optimum")
    )
