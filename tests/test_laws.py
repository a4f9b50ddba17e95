"""Laws, by hypothesis: what holds for every input, not only for the examples thought of."""

import random
import warnings

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from helpers import SCRATCH, nothing_touched, seed_both, states_for
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import d2l_ch7 as d2l
from d2l_ch7._chance import epoch_orders, own_draws

settings.register_profile("suite", derandomize=True, deadline=None, max_examples=25)
settings.load_profile("suite")

SEEDS = st.integers(0, 2**32 - 1)
NAMES = st.sampled_from(sorted(SCRATCH))


@st.composite
def problems(draw):
    """Features and labels of some size, of a scale at which the book's rates converge."""
    n, d = draw(st.integers(1, 130)), draw(st.integers(1, 6))
    g = torch.Generator().manual_seed(draw(st.integers(0, 2**31)))
    return torch.randn(n, d, generator=g), torch.randn(n, generator=g)


def fit(name, *data, **options):
    init = getattr(d2l.optimizers, f"init_{name}_states", None)
    return d2l.fit(getattr(d2l.optimizers, name), init, dict(SCRATCH[name]), *data, **options)


# --- nothing but a result or a clear error


def check_file(content, tmp_path_factory):
    path = tmp_path_factory.getbasetemp() / "arbitrary.dat"
    path.write_bytes(content)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            features, labels = d2l.get_data_ch7(path)
    except ValueError as error:
        assert "arbitrary.dat" in str(error)
        return
    assert features.shape == (len(labels), 5) and 1 < len(labels) <= 1500
    assert features.dtype == labels.dtype == torch.float32
    assert torch.isfinite(features).all() and torch.isfinite(labels).all()


@given(st.binary(max_size=300))
def test_arbitrary_bytes_as_a_data_file(tmp_path_factory, content):
    check_file(content, tmp_path_factory)


NUMBERS = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.integers(-(10**6), 10**6).map(str),
    st.sampled_from(["1e308", "-1e308", "1e-308", "5e-324", "0", "-0.0", "1e-160", "3e-160"]),
)
FIELDS = st.one_of(
    NUMBERS, st.sampled_from(["nan", "inf", "-Infinity", "1_0", "0x1", "١", "x", ","])
)


@given(st.lists(st.lists(FIELDS, min_size=5, max_size=7), max_size=6))
def test_arbitrary_columns_in_a_data_file(tmp_path_factory, rows):
    check_file("\n".join(map(" ".join, rows)).encode(), tmp_path_factory)


@settings(max_examples=100)
@given(st.lists(st.lists(NUMBERS, min_size=6, max_size=6), min_size=2, max_size=6))
def test_arbitrary_numbers_in_a_data_file(tmp_path_factory, rows):
    check_file("\n".join(map(" ".join, rows)).encode(), tmp_path_factory)


ARRAYS = hnp.arrays(
    dtype=st.one_of(
        hnp.floating_dtypes(),
        hnp.integer_dtypes(),
        hnp.boolean_dtypes(),
        hnp.complex_number_dtypes(),
        hnp.unicode_string_dtypes(max_len=3),
        hnp.datetime64_dtypes(),
    ),
    shape=hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
)
MATRICES = hnp.arrays(hnp.floating_dtypes(), st.tuples(st.integers(0, 5), st.integers(0, 3)))


@settings(max_examples=150)
@given(
    st.one_of(ARRAYS, MATRICES),
    st.one_of(ARRAYS, st.none()),
    st.booleans(),
    st.sampled_from(["fit", "fit_torch"]),
)
def test_arbitrary_arrays_as_data(features, labels, as_tensor, name):
    if labels is None:  # of the right length
        labels = np.zeros(len(features) if features.ndim else 1)
    data = []
    for values in (features, labels):
        native = values.astype(values.dtype.newbyteorder("="))
        as_it_can = as_tensor and native.dtype.kind in "biufc" and native.dtype.itemsize <= 16
        try:
            data.append(torch.from_numpy(native.copy()) if as_it_can else values)
        except TypeError:  # a type that torch does not have
            data.append(values)
    head = (d2l.optimizers.sgd, None) if name == "fit" else (torch.optim.SGD,)
    with warnings.catch_warnings(), nothing_touched():
        warnings.filterwarnings("error")
        warnings.filterwarnings("ignore", message="(the run|1 of 1 runs) diverged")
        try:
            history = getattr(d2l, name)(*head, {"lr": 0.01}, *data, 2, 1, seed=0)
        except (ValueError, TypeError) as error:
            assert str(error).startswith(("features: ", "labels: "))
        else:
            assert history.losses.shape == history.epochs.shape
            assert history.losses.dtype == np.float64 and len(history.losses) == 2


# --- the order


@given(st.integers(1, 300), SEEDS)
def test_an_epoch_visits_every_sample_once(n, seed):
    order = epoch_orders(n, own_draws([seed]), True)[:, 0]
    assert sorted(order.tolist()) == list(range(n))


@given(st.integers(1, 40), st.integers(1, 50), st.integers())
def test_data_iter_visits_every_sample_once(n, batch_size, seed):
    random.seed(seed)
    X = torch.arange(float(n))
    batches = [b for b, _ in d2l.data_iter(batch_size, X, X)]
    assert torch.equal(torch.cat(batches).sort().values, X)
    assert all(len(b) == batch_size for b in batches[:-1]) and 0 < len(batches[-1]) <= batch_size


# --- runs


@given(problems(), NAMES, st.integers(1, 70), SEEDS)
def test_no_loss_is_below_the_optimum(data, name, batch_size, seed):
    history = fit(name, *data, batch_size, 3, seed=seed)
    assert (history.losses >= history.optimum * (1 - 1e-12)).all()
    many = fit(name, *data, batch_size, 3, seed=[seed, 1])
    assert (many.losses >= many.optimum * (1 - 1e-12)).all()


@settings(max_examples=10)
@given(problems())
def test_gradient_descent_reaches_the_optimum(data):
    features, labels = data
    assume(len(labels) > 4 * features.shape[1] + 4)
    curvature = float(torch.linalg.matrix_norm(features.double(), 2) ** 2 / len(labels)) + 1
    history = d2l.fit(
        d2l.optimizers.sgd, None, {"lr": 1 / curvature}, features, labels, 130, 500, seed=0
    )
    assert history.final_loss == pytest.approx(history.optimum, rel=1e-5, abs=1e-10)


@given(problems(), NAMES, st.integers(1, 70), st.integers(1, 3), SEEDS)
def test_a_seed_is_the_shell_under_global_seeds(data, name, batch_size, num_epochs, seed):
    history = fit(name, *data, batch_size, num_epochs, seed=seed)
    seed_both(seed)
    plt.close("all")
    d = data[0].shape[1]
    rule, states = getattr(d2l.optimizers, name), states_for(name, d)
    d2l.train_ch7(rule, states, dict(SCRATCH[name]), *data, batch_size, num_epochs)
    x, y = plt.gca().lines[0].get_data()
    np.testing.assert_array_equal(y, history.losses)
    np.testing.assert_array_equal(x, history.epochs)


@given(problems(), st.integers(1, 70), SEEDS)
def test_a_seed_is_the_torch_shell_under_global_seeds(data, batch_size, seed):
    history = d2l.fit_torch(torch.optim.Adam, {"lr": 0.01}, *data, batch_size, seed=seed)
    seed_both(seed)
    plt.close("all")
    d2l.train_pytorch_ch7(torch.optim.Adam, {"lr": 0.01}, *data, batch_size)
    np.testing.assert_array_equal(plt.gca().lines[0].get_ydata(), history.losses)


@given(problems(), NAMES, st.integers(1, 70), st.lists(SEEDS, min_size=1, max_size=5))
def test_many_equal_single(data, name, batch_size, seeds):
    many = fit(name, *data, batch_size, seed=seeds)
    for i, seed in enumerate(seeds):
        one = fit(name, *data, batch_size, seed=seed)
        # atol: the float32 of parameters shows where a loss goes to zero
        np.testing.assert_allclose(many.losses[i], one.losses, rtol=1e-6, atol=1e-8)
        torch.testing.assert_close(many.weight[i], one.weight, rtol=1e-5, atol=1e-6)


@given(problems(), NAMES, st.sampled_from([None, 3, [3, 4]]))
def test_numpy_equals_tensor(data, name, seed):
    seed_both(0)
    tensors = fit(name, *data, seed=seed)
    seed_both(0)
    arrays = fit(name, *(t.numpy() for t in data), seed=seed)
    seed_both(0)
    strided = fit(name, np.asfortranarray(data[0].double()), data[1][:, None].numpy(), seed=seed)
    np.testing.assert_array_equal(tensors.losses, arrays.losses)
    np.testing.assert_array_equal(tensors.losses, strided.losses)


@given(problems(), st.integers(0, 10), SEEDS)
def test_a_batch_of_all_is_gradient_descent(data, above, seed):
    X, y = (t.double().numpy() for t in data)
    n = len(y)
    history = d2l.fit(d2l.optimizers.sgd, None, {"lr": 0.1}, *data, n + above, 4, seed=seed)
    w = np.random.RandomState(seed).normal(0, 0.01, size=X.shape[1]).astype(np.float32)
    w, b, losses = w.astype(float), 0.0, []
    for _ in range(5):
        r = X @ w + b - y
        losses.append((r**2).mean() / 2)
        w, b = w - 0.1 * X.T @ r / n, b - 0.1 * r.mean()
    losses = np.array(losses)
    np.testing.assert_allclose(history.losses, losses, rtol=1e-5, atol=1e-8)  # float32 steps


@settings(max_examples=15)
@given(problems(), NAMES, st.sampled_from([5, [5, 6]]))
def test_threads_do_not_matter(data, name, seed):
    before, losses = torch.get_num_threads(), []
    try:
        for threads in (1, 2, 4):
            torch.set_num_threads(threads)
            losses.append(fit(name, *data, seed=seed).losses)
            assert torch.get_num_threads() == threads
    finally:
        torch.set_num_threads(before)
    np.testing.assert_allclose(losses[1], losses[0], rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(losses[2], losses[0], rtol=1e-6, atol=1e-9)


# --- interruption


class Interrupting:
    """A rule during whose step number `when` somebody presses Ctrl-C."""

    def __init__(self, when):
        self.when, self.step = when, 0

    def __call__(self, params, states, hyperparams):
        self.step += 1
        if self.step == self.when:
            raise KeyboardInterrupt
        for p in params:
            p.data -= 0.05 * p.grad


@given(st.integers(1, 12), st.sampled_from([0, [0], [0, 1, 2]]))
def test_ctrl_c_leaves_the_core_as_it_was(when, seed):
    X, y = torch.ones(30, 2), torch.ones(30)
    with nothing_touched(), pytest.raises(KeyboardInterrupt):
        d2l.fit(Interrupting(when), None, {}, X, y, 5, seed=seed)


@given(st.integers(1, 12))
def test_ctrl_c_leaves_no_figure_and_usable_generators(when):
    X, y = torch.ones(30, 2), torch.ones(30)
    threads = torch.get_num_threads()
    plt.close("all")
    with pytest.raises(KeyboardInterrupt):
        d2l.train_ch7(Interrupting(when), None, {}, X, y, 5)
    assert plt.get_fignums() == [] and torch.get_num_threads() == threads
    torch.rand(1), np.random.rand()
    seed_both(9)
    d2l.train_ch7(d2l.optimizers.sgd, None, {"lr": 0.05}, X, y, 5)
    expected = d2l.fit(d2l.optimizers.sgd, None, {"lr": 0.05}, X, y, 5, seed=9)
    np.testing.assert_array_equal(plt.gca().lines[0].get_ydata(), expected.losses)


def test_ctrl_c_in_a_descent_leaves_no_figure(capsys):
    def trainer(x1, x2, s1, s2):
        raise KeyboardInterrupt

    with nothing_touched(), pytest.raises(KeyboardInterrupt):
        d2l.show_trace_2d(lambda x1, x2: x1, d2l.train_2d(trainer))
    assert capsys.readouterr().out == ""
