"""The book's shell: the recorded runs of the book's own helper, its printed line and its plot."""

import json
import re
import warnings
from pathlib import Path

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest
import textbook
import torch
from helpers import SCRATCH, curve, generators, seed_both, states_for, textbook_run

import d2l_ch7 as d2l

RUNS = json.loads(Path(__file__).with_name("reference_runs.json").read_text())["runs"]
LINE = re.compile(r"loss: (\S+), (\d+\.\d{6}) sec per epoch\n")


def train(run, features, labels):
    """One recorded run through the shell, as a script makes it."""
    hyperparams = dict(run["hyperparams"])
    settings = (features, labels, run["batch_size"], run["num_epochs"])
    seed_both(run["seed"])
    if run["kind"] == "torch":
        return d2l.train_pytorch_ch7(getattr(torch.optim, run["optimizer"]), hyperparams, *settings)
    rule, states = getattr(d2l.optimizers, run["optimizer"]), states_for(run["optimizer"])
    return d2l.train_ch7(rule, states, hyperparams, *settings)


def test_all_recorded_runs_are_there():
    assert len(RUNS) == 54


@pytest.mark.parametrize(
    "run",
    RUNS,
    ids=[
        f"{r['kind']}-{r['optimizer']}-{r['hyperparams']}-{r['batch_size']}-{r['seed']}"
        for r in RUNS
    ],
)
def test_recorded_run(run, data, capsys):
    assert train(run, *data) is None
    printed = capsys.readouterr()
    x, y = curve()
    np.testing.assert_allclose(y, run["losses"], rtol=1e-6, atol=0)
    np.testing.assert_allclose(x, np.linspace(0, run["num_epochs"], len(run["losses"])), atol=1e-12)
    line = LINE.fullmatch(printed.out)
    assert line and line[1] == f"{y[-1]:f}"
    assert printed.err == ""
    ax = plt.gca()
    assert (ax.get_xlabel(), ax.get_ylabel(), len(ax.lines)) == ("epoch", "loss", 1)


def test_minibatches_of_10_and_2_epochs_by_default(data):
    seed_both(0)
    d2l.train_ch7(d2l.optimizers.sgd, None, {"lr": 0.05}, *data)
    seed_both(0)
    d2l.train_pytorch_ch7(torch.optim.SGD, {"lr": 0.05}, *data)
    ours, torchs = (plt.gca().lines[i].get_ydata() for i in (0, 1))
    by_hand = textbook_run("scratch", "sgd", {"lr": 0.05}, *data, batch_size=10, num_epochs=2)
    np.testing.assert_allclose(ours, by_hand.losses, rtol=1e-6)
    by_hand = textbook_run("torch", torch.optim.SGD, {"lr": 0.05}, *data, 10, 2)
    np.testing.assert_allclose(torchs, by_hand.losses, rtol=1e-6)


@pytest.mark.parametrize("name", SCRATCH)
def test_generators_end_where_the_books_loop_leaves_them(name, data):
    """So that a script's second call, without new seeds, gives the book's numbers too."""
    hyperparams = SCRATCH[name]
    settings = [t[:200] for t in data], 7, 2
    textbook_run("scratch", name, dict(hyperparams), *settings[0], *settings[1:])
    expected = torch.rand(3), np.random.rand(3)
    seed_both(0)
    rule = getattr(d2l.optimizers, name)
    d2l.train_ch7(rule, states_for(name), dict(hyperparams), *settings[0], *settings[1:])
    assert torch.equal(torch.rand(3), expected[0])
    assert (np.random.rand(3) == expected[1]).all()


def test_generators_end_where_the_books_torch_loop_leaves_them(data):
    features, labels = (t[:200] for t in data)
    textbook_run("torch", torch.optim.SGD, {"lr": 0.05}, features, labels, 7, 2)
    expected = torch.rand(3), np.random.rand(3)
    seed_both(0)
    d2l.train_pytorch_ch7(torch.optim.SGD, {"lr": 0.05}, features, labels, 7, 2)
    assert torch.equal(torch.rand(3), expected[0])
    assert (np.random.rand(3) == expected[1]).all()


def test_states_and_hyperparams_are_changed_in_place(data):
    states, hyperparams = states_for("adam"), {"lr": 0.01, "t": 1}
    tensors = [s for pair in states for s in pair]
    d2l.train_ch7(d2l.optimizers.adam, states, hyperparams, *data)
    assert hyperparams == {"lr": 0.01, "t": 301}
    assert all(s.abs().sum() > 0 for s in tensors)


def test_a_second_call_goes_on_with_the_states_of_the_first(data):
    features, labels = (t[:100] for t in data)
    states, hyperparams = states_for("adam"), {"lr": 0.01, "t": 1}
    for _ in range(2):
        seed_both(3)
        d2l.train_ch7(d2l.optimizers.adam, states, hyperparams, features, labels)
    states, hyperparams = states_for("adam"), {"lr": 0.01, "t": 1}
    for _ in range(2):
        seed_both(3)
        run = textbook.train_scratch(d2l.optimizers.adam, states, hyperparams, features, labels)
    np.testing.assert_allclose(curve()[1], run.losses, rtol=1e-6)


def test_states_may_be_a_function_of_the_parameters(data):
    seed_both(0)
    init = d2l.optimizers.init_adam_states
    d2l.train_ch7(d2l.optimizers.adam, init, {"lr": 0.01, "t": 1}, *data)
    run = next(r for r in RUNS if r["optimizer"] == "adam" and r["seed"] == 0)
    np.testing.assert_allclose(curve()[1], run["losses"], rtol=1e-6)


def test_labels_in_a_column_are_labels(data):
    """The book's helper broadcasts them silently to (n, n)."""
    features, labels = (t[:100] for t in data)
    curves = []
    for y in (labels, labels[:, None]):
        seed_both(0)
        d2l.train_pytorch_ch7(torch.optim.SGD, {"lr": 0.05}, features, y)
        curves.append(curve()[1])
    np.testing.assert_array_equal(*curves)


def test_several_calls_draw_on_one_figure(data):
    for lr in (0.05, 0.01, 0.002):
        d2l.train_ch7(d2l.optimizers.sgd, None, {"lr": lr}, *data)
    d2l.train_pytorch_ch7(torch.optim.SGD, {"lr": 0.05}, *data)
    assert len(plt.get_fignums()) == 1
    assert len(plt.gca().lines) == 4
    assert len({line.get_color() for line in plt.gca().lines}) == 4


def test_the_figure_has_the_books_size(data):
    d2l.train_ch7(d2l.optimizers.sgd, None, {"lr": 0.05}, *data)
    assert plt.gcf().get_size_inches().tolist() == [3.5, 2.5]


def test_a_figure_of_ones_own_is_drawn_on(data):
    figure = plt.figure(figsize=(7, 3))
    axes = figure.add_subplot(1, 2, 2)
    d2l.train_ch7(d2l.optimizers.sgd, None, {"lr": 0.05}, *data)
    assert len(axes.lines) == 1 and figure.get_size_inches().tolist() == [7, 3]


@pytest.mark.parametrize("shell", ["train_ch7", "train_pytorch_ch7"])
def test_divergence_is_recorded_printed_and_said_once(shell, data, capsys):
    features, labels = (t[:200] for t in data)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        if shell == "train_ch7":
            d2l.train_ch7(d2l.optimizers.sgd, None, {"lr": 30.0}, features, labels)
        else:
            d2l.train_pytorch_ch7(torch.optim.SGD, {"lr": 30.0}, features, labels)
    (warning,) = caught
    assert warning.category is RuntimeWarning
    assert "step" in str(warning.message) and "learning rate" in str(warning.message)
    assert warning.filename == __file__  # it points at the call, not into the package
    assert LINE.fullmatch(capsys.readouterr().out)[1] in ("inf", "nan")
    assert not np.isfinite(curve()[1][-1])


def test_huge_but_finite_losses_are_printed_in_full(data, capsys):
    features, labels = (t[:100] for t in data)
    d2l.train_ch7(d2l.optimizers.sgd, None, {"lr": 1.0}, features, labels)
    loss = curve()[1][-1]
    assert 1e20 < loss < 1e38
    assert LINE.fullmatch(capsys.readouterr().out)[1] == f"{loss:f}"


def gd(eta):
    """Gradient descent on f = x1**2 + 2 * x2**2."""
    return lambda x1, x2, s1, s2: (x1 - eta * 2 * x1, x2 - eta * 4 * x2, 0, 0)


def test_train_2d_ends_where_the_book_does(capsys):
    path = d2l.train_2d(gd(0.1))
    assert capsys.readouterr().out == "epoch 20, x1 -0.057646, x2 -0.000073\n"
    assert len(path) == 21 and path[0] == (-5, -2)
    assert path[-1] == (pytest.approx(-5 * 0.8**20), pytest.approx(-2 * 0.6**20))


def test_train_2d_hands_the_states_on(capsys):
    def momentum(x1, x2, v1, v2):
        v1, v2 = 0.5 * v1 + 0.4 * 0.2 * x1, 0.5 * v2 + 0.4 * 4 * x2
        return x1 - v1, x2 - v2, v1, v2

    d2l.train_2d(momentum)
    assert capsys.readouterr().out == "epoch 20, x1 -0.062843, x2 0.001202\n"


def test_train_2d_in_the_second_editions_form(capsys):
    def trainer(x1, x2, s1, s2, f_grad):
        g1, g2 = f_grad(x1, x2)
        return x1 - 0.1 * g1, x2 - 0.1 * g2, 0, 0

    path = d2l.train_2d(trainer, steps=3, f_grad=lambda x1, x2: (2 * x1, 4 * x2))
    assert capsys.readouterr().out == "epoch 3, x1 -2.560000, x2 -0.432000\n"
    assert len(path) == 4


def test_train_2d_survives_divergence(capsys):
    d2l.show_trace_2d(lambda x1, x2: x1**2 + 2 * x2**2, d2l.train_2d(gd(900.0)))
    x1 = float(re.search(r"x1 (\S+),", capsys.readouterr().out)[1])
    assert abs(x1) > 1e64
    plt.gcf().canvas.draw()


def test_show_trace_2d_draws_the_path_over_contours_on_numpy_grids():
    seen = []

    def f(x1, x2):
        seen.append((x1, x2))
        return 0.1 * x1**2 + 2 * x2**2

    path = [(-5, -2), (-4, -1.0), (-3, 0.5)]
    assert d2l.show_trace_2d(f, path) is None
    assert all(isinstance(x, np.ndarray) and x.ndim == 2 for x in seen[0])
    x, y = curve()
    assert list(zip(x, y)) == path
    ax = plt.gca()
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("x1", "x2")
    assert len(ax.collections) > 0  # the contours
    size = matplotlib.rcParamsDefault["figure.figsize"]
    assert plt.gcf().get_size_inches().tolist() == size  # as in the first edition


@pytest.mark.parametrize("kind", ["scratch", "torch"])
def test_a_seed_and_axes_make_a_figure_of_two_runs(kind, data, capsys):
    def run(seed, ax):
        if kind == "torch":
            d2l.train_pytorch_ch7(torch.optim.Adam, {"lr": 0.01}, *data, seed=seed, ax=ax)
        else:
            d2l.train_ch7(d2l.optimizers.sgd, None, {"lr": 0.05}, *data, seed=seed, ax=ax)

    def expected(seed):
        if kind == "torch":
            return d2l.fit_torch(torch.optim.Adam, {"lr": 0.01}, *data, seed=seed)
        return d2l.fit(d2l.optimizers.sgd, None, {"lr": 0.05}, *data, seed=seed)

    figure, axes = plt.subplots(1, 2, figsize=(7, 3))
    before, size = generators(), plt.rcParams["figure.figsize"]
    for seed, ax in zip((0, 7), axes):
        assert run(seed, ax) is None
    assert generators() == before and plt.rcParams["figure.figsize"] == size
    assert plt.get_fignums() == [figure.number]
    lines = capsys.readouterr().out.splitlines()
    for seed, ax, line in zip((0, 7), axes, lines, strict=True):
        history = expected(seed)
        np.testing.assert_array_equal(ax.lines[0].get_ydata(), history.losses)
        assert line.startswith(f"loss: {history.final_loss:f}, ")
        assert (ax.get_xlabel(), ax.get_ylabel()) == ("epoch", "loss")
