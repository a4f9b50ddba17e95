"""The linear model in closed form, against autograd and against float64 written out."""

import numpy as np
import pytest
import torch

from d2l_ch7._linear import Samples
from d2l_ch7._models import ManyRuns, OneRun

CPU = torch.device("cpu")


def one_run(X, y, w, b):
    """A run from these parameters."""
    return OneRun(Samples(X, y), w[None], b[None], CPU)


def random_data(n=57, d=4, scale=1.0):
    return scale * torch.randn(n, d), scale * torch.randn(n)


def loss(X, y, w, b):
    """The definition."""
    return ((X @ w + b - y[:, None]) ** 2 / 2).mean()


def test_losses_are_those_of_the_definition():
    X, y = random_data()
    thetas = torch.randn(3, 2, 5)
    losses = Samples(X, y).losses(thetas)
    assert losses.shape == (3, 2) and losses.dtype == np.float64
    for i in np.ndindex(3, 2):
        w, b = thetas[i][:-1, None].double(), thetas[i][-1].double()
        assert losses[i] == pytest.approx(loss(X.double(), y.double(), w, b).item(), rel=1e-12)


def test_losses_near_zero_are_not_cancelled():
    """The sum of squares of a factor, not a difference of large moments."""
    X = torch.randn(100, 2) + 100
    w = torch.tensor([[1.0], [2.0]])
    y = (X @ w).flatten()  # float32 rounds: a loss of about 1e-10
    theta = torch.tensor([1.0, 2.0, 0.0])
    expected = loss(X.double(), y.double(), w.double(), 0.0).item()
    assert expected < 1e-8
    assert Samples(X, y).losses(theta).item() == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(
    "scale", [1e10, 1e18, 3e18, 1e19, 1e25, 1e38, float("inf"), -float("inf"), float("nan")]
)
def test_losses_leave_float32_where_the_loop_does(scale):
    X, y = random_data()
    theta = torch.tensor([1.0, -2.0, 0.5, 1.0, 3.0]) * scale
    with torch.no_grad():
        expected = loss(X, y, theta[:-1, None], theta[-1]).item()
    found = Samples(X, y).losses(theta).item()
    assert found == pytest.approx(expected, rel=1e-6, nan_ok=True)


@pytest.mark.parametrize("seed", range(40))
def test_sums_near_overflow_are_taken_in_the_order_of_the_loop(seed):
    """Else some would be inf - inf, which is nan, where the loop has inf, or the other way."""
    torch.manual_seed(seed)
    X, y = random_data(d=1 + seed % 7)
    theta = torch.randn(X.shape[1] + 1) * 10 ** (36.5 + 2 * torch.rand(1))
    expected = loss(X, y, theta[:-1, None], theta[-1])
    np.testing.assert_equal(Samples(X, y).losses(theta), np.float64(expected))


def test_nan_is_nan_and_never_inf():
    X, y = random_data()
    theta = torch.tensor([float("nan"), 1e38, 1e38, 1e38, 1.0])
    assert np.isnan(Samples(X, y).losses(theta))


def test_the_optimum_is_least_squares():
    X, y = random_data()
    A = np.c_[X.double().numpy(), np.ones(len(X))]
    residual = A @ np.linalg.lstsq(A, y.double().numpy(), rcond=None)[0] - y.double().numpy()
    assert Samples(X, y).optimum == pytest.approx((residual**2).mean() / 2, rel=1e-12)


@pytest.mark.parametrize("n, d", [(1, 1), (2, 5), (5, 4), (3, 3)])
def test_more_parameters_than_samples_fit_exactly(n, d):
    X, y = random_data(n, d)
    assert Samples(X, y).optimum == pytest.approx(0, abs=1e-12)


def test_columns_that_are_constant_or_the_same_are_no_trouble():
    X, y = random_data(30, 3)
    X[:, 0], X[:, 1] = 1.0, X[:, 2]
    samples = Samples(X, y)
    A = np.c_[X[:, 2:].double().numpy(), np.ones(30)]
    residual = A @ np.linalg.lstsq(A, y.double().numpy(), rcond=None)[0] - y.double().numpy()
    assert samples.optimum == pytest.approx((residual**2).mean() / 2, rel=1e-9)


def test_many_rows_are_taken_in_chunks():
    X, y = random_data(2**17 + 11, 2)
    theta = torch.tensor([0.3, -0.7, 0.1])
    expected = loss(X.double(), y.double(), theta[:-1, None].double(), theta[-1].double())
    assert Samples(X, y).losses(theta) == pytest.approx(expected.item(), rel=1e-10)


def autograd(X, y, w, b):
    w, b = w.clone().requires_grad_(), b.clone().requires_grad_()
    loss(X, y, w, b).backward()
    return w.grad, b.grad


@pytest.mark.parametrize("batch_size", [1, 7, 57, 100])
@pytest.mark.parametrize("shape", [(4, 1), (1, 4)], ids=["scratch", "nn.Linear"])
def test_gradients_of_one_run_are_autograds(shape, batch_size):
    X, y = random_data()
    runs = one_run(X, y, torch.randn(shape), torch.randn(1))
    w, b, order = runs.w, runs.b, torch.randperm(57)
    orders = order[:, None] if batch_size < 57 else None
    batches = list(runs.batches(orders, batch_size))
    assert len(batches) == -(-57 // batch_size)
    for batch, rows in zip(batches, order.split(batch_size)):
        runs.differentiate(*batch)
        w_grad, b_grad = autograd(X[rows], y[rows], w.data.reshape(4, 1), b.data)
        assert w.grad.shape == w.shape and b.grad.shape == b.shape
        torch.testing.assert_close(w.grad.reshape(4, 1), w_grad, rtol=1e-5, atol=1e-6)
        torch.testing.assert_close(b.grad, b_grad, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("batch_size", [1, 7, 100])
@pytest.mark.parametrize("shape", [(3, 4, 1), (3, 1, 4)], ids=["scratch", "nn.Linear"])
def test_gradients_of_many_runs_are_autograds(shape, batch_size):
    X, y = random_data()
    runs = ManyRuns(Samples(X, y), torch.randn(shape), torch.randn(3, 1), CPU)
    w, b = runs.w, runs.b
    orders = torch.stack([torch.randperm(57) for _ in range(3)], dim=1)
    wanted = orders if batch_size < 57 else None
    for batch, rows in zip(runs.batches(wanted, batch_size), orders.split(batch_size)):
        runs.differentiate(*batch)
        assert w.grad.shape == w.shape and b.grad.shape == b.shape
        for i in range(3):
            chosen, one_w = rows[:, i], w.data[i].reshape(4, 1)
            w_grad, b_grad = autograd(X[chosen], y[chosen], one_w, b.data[i].reshape(1))
            torch.testing.assert_close(w.grad[i].reshape(4, 1), w_grad, rtol=1e-5, atol=1e-6)
            torch.testing.assert_close(b.grad[i].reshape(1), b_grad, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("shape", [(4, 1), (1, 4)], ids=["scratch", "nn.Linear"])
@pytest.mark.parametrize("n, batch_size", [(300_000, 300_000), (300_000, 140_000), (50_000, 1025)])
@pytest.mark.parametrize("mean", [0, 100, 1e6])
def test_gradients_of_long_batches_are_no_worse_than_autograds(shape, n, batch_size, mean):
    """Against float64; the bias, where float32 sums lose most, to 1e-5."""
    X, y = torch.randn(n, 4), mean + torch.randn(n)
    order = torch.randperm(n)
    for kind in (OneRun, ManyRuns):
        runs = kind(Samples(X, y), torch.randn(1, *shape), torch.zeros(1, 1), CPU)
        wanted = order[:, None] if batch_size < n else None
        runs.differentiate(*next(iter(runs.batches(wanted, batch_size))))
        w, b = runs.w.data.reshape(4, 1), runs.b.data.flatten()
        batch = X[order[:batch_size]], y[order[:batch_size]]
        w_exact, b_exact = autograd(*(t.double() for t in (*batch, w, b)))
        w_grad, _ = autograd(*batch, w, b)
        size = max(1, mean)
        error = (runs.w.grad.reshape(4, 1) - w_exact).abs().max()
        assert error <= 2 * (w_grad - w_exact).abs().max() + 1e-7 * size
        assert runs.b.grad.item() == pytest.approx(b_exact.item(), rel=1e-5, abs=1e-7 * size)


@pytest.mark.parametrize("kind", [OneRun, ManyRuns])
def test_a_copy_of_the_parameters_is_recorded(kind):
    X, y = random_data()
    w, b = torch.randn(3, 4, 1), torch.randn(3, 1)
    runs = kind(Samples(X, y), w, b, CPU)
    theta = runs.theta()
    expected = torch.cat([w[:, :, 0], b], dim=1)
    assert torch.equal(theta, expected if kind is ManyRuns else expected[0])
    assert not theta.requires_grad
    kept = theta.clone()
    runs.w.data += 1
    assert torch.equal(theta, kept)


def test_gathering_in_chunks_visits_all(monkeypatch):
    from d2l_ch7 import _models

    X, y = random_data()
    orders = torch.stack([torch.randperm(57) for _ in range(2)], dim=1)

    def visited():
        runs = ManyRuns(Samples(X, y), torch.zeros(2, 4, 1), torch.zeros(2, 1), CPU)
        return [minus_y.clone() for _, minus_y in runs.batches(orders, 5)]

    whole = visited()
    monkeypatch.setattr(_models, "_GATHERED", 30 * 6)
    chunks = visited()
    assert [len(c) for c in chunks] == [len(c) for c in whole]
    assert torch.equal(torch.cat(chunks), torch.cat(whole))
    assert torch.equal(torch.cat(whole), -y[orders])
    monkeypatch.setattr(_models, "_CHUNK", 3)
    runs = one_run(X, y, torch.zeros(4, 1), torch.zeros(1))
    pieces = [minus_y for _, minus_y, _ in runs.batches(orders[:, :1], 5)]
    assert torch.equal(torch.cat(pieces).flatten(), -y[orders[:, 0]])
    assert [len(p) for p in pieces] == [5] * 11 + [2]


@pytest.mark.parametrize("scale", [1e17, 1e30, 1e37, 3e38, float("inf"), float("nan")])
def test_a_full_batch_leaves_float32_where_a_gradient_of_its_rows_does(scale):
    X, y = random_data()
    w, b = torch.tensor([[1.0], [-2.0], [0.5], [1.0]]) * scale, torch.tensor([3.0]) * scale
    runs = one_run(X, y, w, b)
    runs.differentiate()
    w_grad, b_grad = autograd(X, y, w, b)
    torch.testing.assert_close(runs.w.grad, w_grad, rtol=1e-4, atol=0, equal_nan=True)
    torch.testing.assert_close(runs.b.grad, b_grad, rtol=1e-4, atol=0, equal_nan=True)


def test_losses_near_overflow_are_those_of_float32():
    """Above 1e37, where float32's sum may overflow before its mean."""
    X, y = random_data()
    thetas = torch.randn(4, 5) * torch.tensor([1.0, 1e18, 3e18, 1e20])[:, None]
    losses = Samples(X, y).losses(thetas)
    for found, theta in zip(losses, thetas):
        expected = loss(X, y, theta[:-1, None], theta[-1]).item()
        assert found == pytest.approx(expected, rel=1e-5), theta
    assert np.isfinite(losses).tolist()[::3] == [True, False] and losses[1] > 1e35
