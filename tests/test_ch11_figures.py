"""The second edition's timer, curves and descents: what is drawn is what was handed over."""

import math

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch

import d2l_ch7.ch11 as d2l


def test_a_timer_keeps_times(monkeypatch):
    from d2l_ch7 import _ch11_training

    now = iter([0, 1, 3, 6, 10, 15])
    monkeypatch.setattr(_ch11_training.time, "perf_counter", lambda: float(next(now)))
    timer = d2l.Timer()
    assert timer.stop() == 1
    timer.start()
    assert timer.stop() == 3
    assert timer.stop() == 7
    assert (timer.times, timer.sum(), timer.avg()) == ([1, 3, 7], 11, pytest.approx(11 / 3))
    assert timer.cumsum() == [1, 4, 11] and type(timer.cumsum()) is list


def drawn(ax=None):
    """The curves that axes show."""
    return [
        (line.get_xdata().tolist(), line.get_ydata().tolist()) for line in (ax or plt.gca()).lines
    ]


def tensors(values):
    return [torch.tensor(float(v), requires_grad=True) for v in values]


ONE = [([1, 2, 3], [4, 5, 6])]
TWO = [([1, 2, 3], [4, 5, 6]), ([1, 2, 3], [7, 8, 9])]
MIXED = [([1, 2, 3], [4, 5, 6]), ([1, 2], [7, 8])]


@pytest.mark.parametrize(
    "X, Y, expected",
    [
        ([1, 2, 3], [4, 5, 6], ONE),
        ((1, 2, 3), range(4, 7), ONE),
        (torch.arange(1, 4), np.arange(4, 7), ONE),
        ([torch.arange(1, 4)], [torch.arange(4, 7)], ONE),
        (torch.arange(1.0, 4, requires_grad=True), tensors([4, 5, 6]), ONE),
        ([1, 2, 3], [tensors([4, 5, 6]), (7, 8, 9)], TWO),
        (np.arange(1, 4), torch.tensor([[4, 5, 6], [7, 8, 9]]), TWO),
        ([[1, 2, 3], [1, 2]], [[4, 5, 6], [7, 8]], MIXED),
        ([torch.arange(1, 4), np.array([1, 2])], [[4, 5, 6], torch.tensor([7, 8])], MIXED),
        ([4, 5, 6], None, [([0, 1, 2], [4, 5, 6])]),
        ([[4, 5], [7, 8, 9]], None, [([0, 1], [4, 5]), ([0, 1, 2], [7, 8, 9])]),
        ([], [4, 5], [([0, 1], [4, 5])]),
        (np.float32([1, 2]), torch.tensor([True, False]), [([1, 2], [1, 0])]),
    ],
    ids=range(13),
)
def test_plot_draws_what_the_book_hands_it(X, Y, expected):
    plt.plot([1, 2], [3, 4])
    assert d2l.plot(X, Y) is None
    assert drawn() == expected


def test_plot_dresses_its_axes():
    d2l.plot([1, 10], [[1, 10]] * 5, "x", "y", ["a", "b", "c", "d", "e"], [1, 100], (1, 20),
             "log", "log", figsize=(5, 3))  # fmt: skip
    ax = plt.gca()
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("x", "y")
    assert (ax.get_xlim(), ax.get_ylim()) == ((1, 100), (1, 20))
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
    assert [t.get_text() for t in ax.get_legend().get_texts()] == ["a", "b", "c", "d", "e"]
    assert [line.get_linestyle() for line in ax.lines] == ["-", "--", "-.", ":", "-"]
    assert (
        tuple(ax.figure.get_size_inches()) == (5, 3) and ax.xaxis.get_gridlines()[0].get_visible()
    )
    other = plt.figure().add_subplot()
    d2l.plot([1], [2], axes=ax)
    assert drawn(ax) == [([1], [2])] and not other.lines and ax.get_legend() is None


@pytest.mark.parametrize(
    "xlim, shown",
    [
        ((0, 10), (0, 10)),
        ((2, 3), (2, 3)),
        ((2.5, 3.5), (2.5, 3.5)),
        ((4, 10), (1, 10)),
        ((-2, 0.5), (-2, 7)),
        ((4, 4.5), (1, 7)),
        ((10, 4), (10, 4)),
        (None, None),
        ((None, 0), (None, 0)),
    ],
)
def test_no_curve_is_left_out_of_sight(xlim, shown):
    d2l.plot([[1, 2, 3], [3, 5, 7]], [[4, 5, 6], [7, 8, 9]], xlim=xlim)
    if shown and None not in shown:
        assert plt.gca().get_xlim() == shown


@pytest.mark.parametrize("x", [math.inf, -math.inf, math.nan])
def test_a_point_that_is_nowhere_widens_nothing(x):
    d2l.plot([1, x], [1, 2], xlim=(5, 6))
    assert plt.gca().get_xlim() == (1, 6)
    d2l.plot([x, x], [1, 2], xlim=(5, 6))
    assert plt.gca().get_xlim() == (5, 6)
    plt.gcf().canvas.draw()


def test_names_of_curves_may_be_an_array():
    d2l.plot([1, 2], [3, 4], legend=np.array(["a", "b"])[:1])
    d2l.plot([1, 2], [[3, 4], [5, 6]], legend=np.array(["a", "b"]))
    assert [t.get_text() for t in plt.gca().get_legend().get_texts()] == ["a", "b"]


def test_an_animator_collects_points_and_draws_them(capsys):
    animator = d2l.Animator("epoch", "loss", ["a", "b"], [0, 3], [0.1, 1], "linear", "log",
                            ("-", "r:"), 1, 2, (6, 3))  # fmt: skip
    assert tuple(animator.fig.get_size_inches()) == (6, 3) and len(animator.axes) == 2
    animator.add(1, (0.5, None))
    animator.add(2, [torch.tensor(0.25), np.float32(0.5)])
    animator.add([3, 3.5], (0.125, 0.25))
    assert animator.X == [[1, 2, 3], [2, 3.5]]
    assert animator.Y == [[0.5, 0.25, 0.125], [0.5, 0.25]]
    assert drawn(animator.axes[0]) == [(x, y) for x, y in zip(animator.X, animator.Y)]
    ax = animator.axes[0]
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_yscale()) == ("epoch", "loss", "log")
    assert ax.get_xlim() == (0, 3) and ax.lines[1].get_color() == "r" and ax.get_legend()
    single = d2l.Animator()
    single.add(1, 2)
    assert (single.X, single.Y) == ([[1]], [[2]]) and capsys.readouterr().out == ""


# --- descents


def test_train_2d_prints_with_colons(capsys):
    path = d2l.train_2d(lambda x1, x2, s1, s2: (x1 / 2, torch.tensor([x2 / 2]), s1, s2), 1)
    assert len(path) == 2
    d2l.train_2d(lambda x1, x2, s1, s2, f_grad: (x1 + f_grad(x1, x2), x2, 0, 0), 3, lambda *x: 1)
    lines = capsys.readouterr().out.splitlines()
    assert lines == [
        "epoch 1, x1: -2.500000, x2: -1.000000",
        "epoch 3, x1: -2.000000, x2: -2.000000",
    ]


@pytest.mark.filterwarnings("ignore:__array_wrap__")  # NumPy's function of a tensor
@pytest.mark.parametrize(
    "f",
    [
        lambda x1, x2: x1**2 + 2 * x2,
        lambda x1, x2: torch.exp(x1) + x2,
        lambda x1, x2: np.exp(x1) + x2,
        lambda x1, x2: (x1 + x2).numpy(),
        lambda x1, x2: x1 * torch.tensor(2.0, requires_grad=True) + x2,
    ],
)
def test_show_trace_2d_hands_torch_grids_to_f(f):
    d2l.set_figsize((5, 5))
    seen = []

    def watched(x1, x2):
        seen.append((x1, x2))
        return f(x1, x2)

    assert d2l.show_trace_2d(watched, [(-5, -2), (-1, -1)]) is None
    ((x1, x2),) = seen
    grid = torch.meshgrid(torch.arange(-5.5, 1, 0.1), torch.arange(-3, 1, 0.1), indexing="ij")
    torch.testing.assert_close([x1, x2], list(grid))
    ax = plt.gca()
    assert drawn() == [([-5, -1], [-2, -1])] and len(ax.collections) > 0
    assert tuple(ax.figure.get_size_inches()) == (3.5, 2.5)
    # The contours are those of f: below and above a level lie where f says.
    contours = ax.collections[0]
    level = contours.levels[len(contours.levels) // 2]
    for x, y in contours.get_paths()[len(contours.levels) // 2].vertices[:20]:
        height = float(torch.as_tensor(f(*map(torch.tensor, (float(x), float(y))))).detach())
        assert height == pytest.approx(level, abs=0.02)
