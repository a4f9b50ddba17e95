"""The figures: what is drawn, read off the axes."""

import sys
import types
import warnings

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from helpers import nothing_touched
from matplotlib.colors import to_hex

import d2l_ch7 as d2l
from d2l_ch7 import plotting


@pytest.fixture(scope="module")
def one():
    return d2l.fit(d2l.optimizers.sgd, None, {"lr": 0.05}, *d2l.get_data_ch7(), seed=0)


@pytest.fixture(scope="module")
def many():
    return d2l.fit(d2l.optimizers.sgd, None, {"lr": 0.05}, *d2l.get_data_ch7(), seed=range(50))


def test_plt_is_matplotlibs_own():
    assert d2l.plt is matplotlib.pyplot


# --- the book's helpers


def test_set_figsize_sets_the_size_of_figures_to_come():
    existing = plt.figure()
    size = existing.get_size_inches().tolist()
    assert d2l.set_figsize() is None
    assert plt.figure().get_size_inches().tolist() == [3.5, 2.5]
    d2l.set_figsize((5, 3))
    assert plt.figure().get_size_inches().tolist() == [5, 3]
    d2l.set_figsize(figsize=np.array([4.0, 2.0]))
    assert plt.rcParams["figure.figsize"] == [4.0, 2.0]
    assert existing.get_size_inches().tolist() == size


def test_semilogy_of_one_curve():
    assert d2l.semilogy([1, 2, 3], [1.0, 10.0, 100.0], "epochs", "loss") is None
    ax = plt.gca()
    (line,) = ax.lines
    assert line.get_xydata().tolist() == [[1, 1], [2, 10], [3, 100]]
    assert (ax.get_yscale(), ax.get_xscale()) == ("log", "linear")
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_legend()) == ("epochs", "loss", None)
    assert plt.gcf().get_size_inches().tolist() == [3.5, 2.5]


def test_semilogy_of_two_curves():
    x = range(1, 4)
    d2l.semilogy(x, [1, 2, 3], "x", "y", x, [3, 2, 1], ["train", "test"], (6, 4))
    ax = plt.gca()
    assert [line.get_linestyle() for line in ax.lines] == ["-", ":"]
    assert ax.lines[1].get_ydata().tolist() == [3, 2, 1]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["train", "test"]
    assert plt.gcf().get_size_inches().tolist() == [6, 4]


def test_semilogy_takes_arrays():
    x = np.arange(1, 4)
    d2l.semilogy(x, x**2, "x", "y", x, x**3, np.array(["a", "b"]))
    assert len(plt.gca().lines) == 2


@pytest.mark.parametrize(
    "values",
    [
        torch.tensor([1.0, 10.0, 100.0]),
        torch.tensor([1.0, 10.0, 100.0], requires_grad=True),
        torch.tensor([1, 10, 100], dtype=torch.bfloat16)[:, None],
        [torch.tensor(v, requires_grad=True) for v in (1.0, 10.0, 100.0)],
        (1, np.float32(10), torch.tensor([100.0])[0]),
    ],
    ids=["tensor", "with a gradient", "a column", "a list of tensors", "mixed"],
)
def test_tensors_are_drawn_like_lists(values):
    d2l.semilogy(values, values, "x", "y", values, values)
    for line in plt.gca().lines:
        assert line.get_xydata() == pytest.approx(np.array([[1, 1], [10, 10], [100, 100]]), 0.01)
    flat = values.reshape(-1) if isinstance(values, torch.Tensor) else values
    ax = plotting.plot_sweep(flat, {"a": [flat] * 3}, plt.figure().add_subplot())
    assert ax.lines[0].get_ydata() == pytest.approx(np.full(3, 10), 0.01)
    ax = plotting.plot_spread({"a": values}, plt.figure().add_subplot())
    assert ax.lines[0].get_xdata() == pytest.approx([1, 100], 0.01)
    heights = torch.tensor(1.0, requires_grad=True)
    plotting.plot_path(PATH, lambda x1, x2: heights * torch.from_numpy(x1))
    assert plt.gca().collections


# --- SVG in a notebook


def fake_ipython(monkeypatch, running):
    """IPython as the package finds it, and the formats that it asks matplotlib_inline for."""
    asked = []
    ipython = types.ModuleType("IPython")
    ipython.get_ipython = lambda: object() if running else None
    inline = types.ModuleType("matplotlib_inline.backend_inline")
    inline.set_matplotlib_formats = lambda *formats: asked.append(formats)
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setitem(sys.modules, "matplotlib_inline", types.ModuleType("matplotlib_inline"))
    monkeypatch.setitem(sys.modules, "matplotlib_inline.backend_inline", inline)
    return asked


def test_figures_are_svg_where_a_notebook_is_running(monkeypatch):
    asked = fake_ipython(monkeypatch, running=True)
    assert d2l.use_svg_display() is None
    d2l.set_figsize()
    assert asked == [("svg",), ("svg",)]


@pytest.mark.parametrize("imported", [None, True, False], ids=["absent", "idle", "blocked"])
def test_nothing_happens_elsewhere(imported, monkeypatch):
    asked = fake_ipython(monkeypatch, running=False)
    if imported is None:
        monkeypatch.delitem(sys.modules, "IPython")
    elif not imported:
        monkeypatch.setitem(sys.modules, "IPython", None)
    d2l.use_svg_display()
    assert asked == []


# --- plot_history


def test_one_run_is_a_curve(one):
    ax = plotting.plot_history(one)
    assert ax is plt.gca()
    curve, optimum = ax.lines
    np.testing.assert_array_equal(curve.get_xdata(), one.epochs)
    np.testing.assert_array_equal(curve.get_ydata(), one.losses)
    assert set(optimum.get_ydata()) == {one.optimum} and optimum.get_linestyle() == "--"
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("epoch", "loss")
    assert not ax.collections


def test_many_runs_are_their_median_and_the_band_of_95_percent(many):
    ax = plotting.plot_history(many, optimum=False)
    (curve,), (band,) = ax.lines, ax.collections
    np.testing.assert_allclose(curve.get_ydata(), np.median(many.losses, axis=0))
    low, high = np.quantile(many.losses, [0.025, 0.975], axis=0)
    corners = {tuple(point) for point in np.round(band.get_paths()[0].vertices, 9)}
    for x, a, b in zip(many.epochs, low, high):
        assert {(round(x, 9), round(a, 9)), (round(x, 9), round(b, 9))} <= corners
    assert to_hex(band.get_facecolor()[0]) == to_hex(curve.get_color())


def test_seconds_label_color_and_axes_of_ones_own(one):
    _, (left, right) = plt.subplots(1, 2)
    ax = plotting.plot_history(one, left, x="seconds", label="sgd", color="#123456")
    assert ax is left and not right.lines
    curve = ax.lines[0]
    np.testing.assert_allclose(curve.get_xdata()[-1], 2 * one.seconds_per_epoch)
    assert (curve.get_label(), to_hex(curve.get_color())) == ("sgd", "#123456")
    assert ax.get_xlabel() == "seconds"


def test_the_optimum_is_drawn_once(one, many):
    ax = plotting.plot_history(one)
    plotting.plot_history(many, ax)
    assert len(ax.lines) == 3
    assert ax.lines[0].get_color() != ax.lines[2].get_color()


def test_divergence_is_drawn_without_a_warning(data):
    small = [t[:200] for t in data]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        one, many = (
            d2l.fit(d2l.optimizers.sgd, None, {"lr": 0.9}, *small, seed=seed)
            for seed in (0, range(20))
        )
    assert not np.isfinite(many.losses).all()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        plotting.plot_history(one)
        plotting.plot_history(many, optimum=False)
        plt.gcf().canvas.draw()


# --- plot_path


PATH = [(-5, -2), (-3, -1), (0, 0)]


def test_a_path_alone():
    ax = plotting.plot_path(PATH, label="steps", color="#123456")
    (line,) = ax.lines
    assert line.get_xydata().tolist() == [list(point) for point in PATH]
    assert (line.get_marker(), line.get_label(), line.get_color()) == ("o", "steps", "#123456")
    assert not ax.collections
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("x1", "x2")


def test_a_path_over_contours():
    calls = []

    def f(x1, x2):
        calls.append((x1.shape, x2.shape, x1.min(), x1.max(), x2.min(), x2.max()))
        return x1**2 + 2 * x2**2

    _, ax = plt.subplots()
    assert plotting.plot_path(iter(PATH), f, ax) is ax
    ((shape1, shape2, *corners),) = calls
    assert shape1 == shape2 and len(shape1) == 2
    assert corners == pytest.approx([-5.5, 0.9, -3, 0.9])
    assert ax.collections


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "f, contours",
    [
        (lambda x1, x2: 0 * x1, 0),
        (lambda x1, x2: 3, 0),
        (lambda x1, x2: np.full_like(x1, np.nan), 0),
        (lambda x1, x2: 1e308 * np.sign(x1), 0),  # the rise is beyond what floats hold
        (lambda x1, x2: 1e16 + x1, 1),
        (lambda x1, x2: np.where(x1 < 0, np.nan, x1), 1),
        (lambda x1, x2: np.where(x1 < 0, np.inf, x1), 1),
        (lambda x1, x2: np.ma.masked_less(x1, 0), 1),
    ],
    ids=["flat", "number", "nowhere", "huge", "nearly flat", "nan", "inf", "masked"],
)
def test_a_path_is_drawn_whatever_contours_an_objective_has(f, contours):
    one, other = plt.figure().subplots(1, 2)
    plotting.plot_path(PATH, f, one)
    plotting.plot_paths({"a": PATH}, f, other)
    for ax in (one, other):
        assert len(ax.collections) == contours
        assert list(zip(*ax.lines[0].get_data())) == PATH
    plt.gcf().canvas.draw()


def test_the_palette():
    assert len(set(plotting.COLORS)) == len(plotting.COLORS) >= 6
    assert all(matplotlib.colors.is_color_like(color) for color in plotting.COLORS)


def test_a_flat_objective_may_be_a_plain_number():
    plotting.plot_path([(-5, -2), (0, 0)], lambda x1, x2: 3)


def test_a_notebook_without_matplotlib_inline_shows_what_it_can(monkeypatch):
    ipython = types.ModuleType("IPython")
    ipython.get_ipython = lambda: object()
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    for name in ("matplotlib_inline", "matplotlib_inline.backend_inline"):
        monkeypatch.setitem(sys.modules, name, None)
    d2l.use_svg_display()
    d2l.set_figsize((3, 2))


# --- several things in one axes


def test_panels_share_the_label_on_the_left():
    left, right = plotting.panels("one", "other")
    for ax in (left, right):
        plotting.plot_history(d2l.fit(d2l.optimizers.sgd, None, {"lr": 0.05}, *small()), ax)
    assert [ax.get_title() for ax in (left, right)] == ["one", "other"]
    assert left.yaxis.label.get_visible() and not right.yaxis.label.get_visible()
    assert left.get_ylim() == right.get_ylim()
    assert plt.gcf().get_size_inches().tolist() == [6, 2.8]
    apart = plotting.panels("one", "other", sharey=False, height=2)
    assert all(ax.yaxis.label.get_visible() for ax in apart)
    assert plt.gcf().get_size_inches().tolist() == [6, 2]
    (alone,) = plotting.panels("alone")
    assert alone.figure is not left.figure


def small():
    return [t[:50] for t in d2l.get_data_ch7()]


def test_histories_differ_in_colour_and_dashes_and_are_named(one, many):
    ax = plotting.plot_histories({"one": one, "many": many, "again": one})
    assert ax is plt.gca()
    curves = [line for line in ax.lines if line.get_gid() != "optimum"]
    for line, history in zip(curves, (one, many, one), strict=True):
        middle = history.losses if history.losses.ndim == 1 else np.median(history.losses, axis=0)
        np.testing.assert_array_equal(line.get_ydata(), middle)
    assert len({to_hex(line.get_color()) for line in curves}) == 3
    assert len({line.get_linestyle() for line in curves}) == 3
    names = [text.get_text() for text in ax.get_legend().get_texts()]
    assert names == ["one", "many", "again", "least possible"]
    (dashed,) = [line for line in ax.lines if line.get_gid() == "optimum"]
    assert dashed.get_ydata()[0] == one.optimum
    assert len(ax.collections) == 1  # the band of the many


def test_a_spread_is_a_row_for_each_with_range_band_and_median(many):
    values = {"many": many, "numbers": np.arange(101.0), "a list": [1, 2, 6]}
    ax = plotting.plot_spread(values, xlabel="something")
    rows = [np.asarray(many.final_loss), np.arange(101.0), np.array([1.0, 2, 6])]
    for i, row in enumerate(rows):
        whole, band, middle = ax.lines[3 * i : 3 * i + 3]
        for line, wanted in ((whole, [0, 1]), (band, [0.025, 0.975]), (middle, [0.5])):
            np.testing.assert_allclose(line.get_xdata(), np.quantile(row, wanted))
            assert set(line.get_ydata()) == {i}
        assert band.get_linewidth() > middle.get_markeredgewidth() > whole.get_linewidth()
    assert [label.get_text() for label in ax.get_yticklabels()] == list(values)
    assert ax.get_xlabel() == "something" and ax.get_ylim() == pytest.approx((2.6, -0.6))


def test_a_sweep_is_the_median_and_the_band_at_each_setting():
    draws = np.random.default_rng(0).normal(size=(4, 100))
    rates = [0.01, 0.1, 1, 10]
    ax = plotting.plot_sweep(rates, {"one": draws, "other": draws + 1}, ylabel="loss")
    for line, runs in zip(ax.lines, (draws, draws + 1), strict=True):
        np.testing.assert_array_equal(line.get_xdata(), rates)
        np.testing.assert_allclose(line.get_ydata(), np.median(runs, axis=1))
    band = ax.collections[0].get_paths()[0].vertices
    low, high = np.quantile(draws, [0.025, 0.975], axis=1)
    assert band[:, 1].min() == pytest.approx(low.min())
    assert band[:, 1].max() == pytest.approx(high.max())
    assert (ax.get_xscale(), ax.get_xlabel(), ax.get_ylabel()) == ("log", "learning rate", "loss")
    assert len(ax.get_legend().get_texts()) == 2
    plt.figure()
    ax = plotting.plot_sweep(rates, {"alone": torch.tensor(draws)})
    assert ax.get_legend() is None
    np.testing.assert_allclose(ax.lines[0].get_ydata(), np.median(draws, axis=1))


def bowl(x1, x2):
    return 0.1 * x1**2 + 2 * x2**2


def test_paths_lie_over_grey_contours_that_reach_the_floor():
    paths = {"one": [(-5, -2), (0, 0)], "other": [(-5, -2), (-4, 1), (-3, 0)]}
    ax = plotting.plot_paths(paths, bowl, window=(-6, 2, -3, 3), minimum=(0, 0))
    for line, path in zip(ax.lines, paths.values()):
        assert list(zip(*line.get_data())) == path and line.get_marker() == "o"
    assert ax.lines[-1].get_marker() == "*"
    (contours,) = ax.collections
    heights = bowl(*np.meshgrid(np.linspace(-6, 2, 121), np.linspace(-3, 3, 121)))
    assert len(contours.levels) == 10 and contours.levels[0] < 0.02 * heights.max()
    assert contours.get_zorder() < ax.lines[0].get_zorder()
    assert ax.get_xlim() == (-6, 2) and ax.get_ylim() == (-3, 3)
    assert len(ax.get_legend().get_texts()) == 2
    plt.figure()
    assert plotting.plot_paths({"alone": paths["one"]}, bowl).get_legend() is None


def test_paths_differ_in_colour_and_dashes():
    ax = plotting.plot_paths({"one": PATH, "other": PATH}, bowl)
    one, other, _ = ax.lines
    assert one.get_color() != other.get_color() and one.get_linestyle() != other.get_linestyle()


def test_a_window_shows_the_chapters_descents_or_as_little_as_wanted():
    ax = plotting.plot_paths({"a": PATH}, bowl)
    assert (*ax.get_xlim(), *ax.get_ylim()) == (-5.5, 1.5, -3, 2)
    plt.figure()
    ax = plotting.plot_paths({"a": PATH}, bowl, window=(0, 0.5, 0, 0.25))
    assert (*ax.get_xlim(), *ax.get_ylim()) == (0, 0.5, 0, 0.25)


def test_a_window_and_a_minimum_are_numbers_of_any_kind():
    window, star = torch.tensor([-6.0, 2, -3, 3]), (torch.tensor([1.0]), np.float32(2))
    ax = plotting.plot_paths({"a": PATH}, bowl, window=iter(window), minimum=star)
    assert ax.get_xlim() == (-6, 2) and ax.get_ylim() == (-3, 3)
    assert ax.lines[-1].get_xydata().tolist() == [[1, 2]]


@pytest.mark.filterwarnings("error")
def test_a_spread_with_runs_at_infinity_is_drawn_without_a_warning():
    plotting.plot_spread({"a": [1.0, np.inf, np.inf]})
    plt.gcf().canvas.draw()


BAD = {
    "x": lambda: plotting.plot_histories({}, x="epoch"),
    "histories": lambda: plotting.plot_histories([1]),
    "histories ": lambda: plotting.plot_histories({"a": 1}),
    "values": lambda: plotting.plot_spread([1, 2]),
    "values: 'a'": lambda: plotting.plot_spread({"a": ["x"]}),
    "values: 'b'": lambda: plotting.plot_spread({"b": []}),
    "results": lambda: plotting.plot_sweep([1, 2], [[1, 2]]),
    "results ": lambda: plotting.plot_sweep([1, 2], {"a": [[1, 2]]}),
    "results  ": lambda: plotting.plot_sweep([1, 2], {"a": [1, 2]}),
    "results: ragged": lambda: plotting.plot_sweep([1, 2], {"a": [[1, 2], [1]]}),
    "results: words": lambda: plotting.plot_sweep([1], {"a": [["1"]]}),
    "results: a word": lambda: plotting.plot_sweep([1], {"a": "1"}),
    "results: None": lambda: plotting.plot_sweep([1], {"a": [[None]]}),
    "results: a generator": lambda: plotting.plot_sweep([1], {"a": ([1] for _ in "1")}),
    "results: no runs": lambda: plotting.plot_sweep([1], {"a": [[]]}),
    "settings: words": lambda: plotting.plot_sweep(["1"], {"a": [[1]]}),
    "settings: a word": lambda: plotting.plot_sweep("1", {"a": [[1]]}),
    "settings: None": lambda: plotting.plot_sweep(None, {"a": [[1]]}),
    "settings: a generator": lambda: plotting.plot_sweep((1 for _ in "1"), {"a": [[1]]}),
    "settings: rows": lambda: plotting.plot_sweep([[1, 2], [1, 2]], {"a": [[1], [2]]}),
    "settings: ragged": lambda: plotting.plot_sweep([[1, 2], [1]], {"a": [[1], [2]]}),
    "values: 'c'": lambda: plotting.plot_spread({"c": ["1", "2"]}),
    "values: 'd'": lambda: plotting.plot_spread({"d": "3"}),
    "values: 'e'": lambda: plotting.plot_spread({"e": [[1], [2, 3]]}),
    "paths": lambda: plotting.plot_paths([(0, 0)], bowl),
    "paths ": lambda: plotting.plot_paths({"a": []}, bowl),
    "f": lambda: plotting.plot_paths({"a": [(0, 0)]}, lambda x: x),
    "window": lambda: plotting.plot_paths({"a": [(0, 0)]}, bowl, window=(0, 1)),
    "window ": lambda: plotting.plot_paths({"a": [(0, 0)]}, bowl, window=(1, 0, 0, 1)),
    "window: inf": lambda: plotting.plot_paths({"a": PATH}, bowl, window=(0, np.inf, 0, 1)),
    "window: huge": lambda: plotting.plot_paths({"a": PATH}, bowl, window=(-1e308, 1e308, 0, 1)),
    "window: words": lambda: plotting.plot_paths({"a": PATH}, bowl, window=("0", "1", "0", "1")),
    "window: None": lambda: plotting.plot_paths({"a": PATH}, bowl, window=None),
    "minimum: one": lambda: plotting.plot_paths({"a": PATH}, bowl, minimum=3),
    "minimum: three": lambda: plotting.plot_paths({"a": PATH}, bowl, minimum=(1, 2, 3)),
    "minimum: words": lambda: plotting.plot_paths({"a": PATH}, bowl, minimum=("a", "b")),
    "minimum: nan": lambda: plotting.plot_paths({"a": PATH}, bowl, minimum=(np.nan, 0)),
    "ax": lambda: plotting.plot_paths({"a": [(0, 0)]}, bowl, ax=3),
    "titles": lambda: plotting.panels(),
    "height": lambda: plotting.panels("a", height="b"),
    "height: 0": lambda: plotting.panels("a", height=0),
    "height: below": lambda: plotting.panels("a", height=-1),
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_drawn_is_refused_before_a_figure_is_made(name):
    argument = name.strip() if name.startswith("values: ") else name.split(":")[0].strip()
    with (
        nothing_touched(),
        pytest.raises((TypeError, ValueError), match=rf"^{argument}: expected "),
    ):
        BAD[name]()
