"""The linear model in closed form, against autograd and against float64 written out."""

import numpy as np
import pytest
import torch
from torch import nn

from d2l_ch7._linear import ManyRuns, OneRun, Samples


def random_data(n=57, d=4, scale=1.0):
    return scale * torch.randn(n, d), scale * torch.randn(n)


def loss(X, y, w, b):
    """The definition."""
    return ((X @ w + b - y[:, None]) ** 2 / 2).mean()


def test_losses_are_those_of_the_definition():
    X, y = random_data()
    thetas = torch.randn(3, 2, 5)
    losses = Samples.of(X, y).losses(thetas)
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
    assert Samples.of(X, y).losses(theta).item() == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(
    "scale", [1e10, 1e18, 3e18, 1e19, 1e25, 1e38, float("inf"), -float("inf"), float("nan")]
)
def test_losses_leave_float32_where_the_loop_does(scale):
    X, y = random_data()
    theta = torch.tensor([1.0, -2.0, 0.5, 1.0, 3.0]) * scale
    with torch.no_grad():
        expected = loss(X, y, theta[:-1, None], theta[-1]).item()
    found = Samples.of(X, y).losses(theta).item()
    assert found == pytest.approx(expected, rel=1e-6, nan_ok=True)


def test_nan_is_nan_and_never_inf():
    X, y = random_data()
    theta = torch.tensor([float("nan"), 1e38, 1e38, 1e38, 1.0])
    assert np.isnan(Samples.of(X, y).losses(theta))


def test_the_optimum_is_least_squares():
    X, y = random_data()
    A = np.c_[X.double().numpy(), np.ones(len(X))]
    residual = A @ np.linalg.lstsq(A, y.double().numpy(), rcond=None)[0] - y.double().numpy()
    assert Samples.of(X, y).optimum() == pytest.approx((residual**2).mean() / 2, rel=1e-12)


@pytest.mark.parametrize("n, d", [(1, 1), (2, 5), (5, 4), (3, 3)])
def test_more_parameters_than_samples_fit_exactly(n, d):
    X, y = random_data(n, d)
    assert Samples.of(X, y).optimum() == pytest.approx(0, abs=1e-12)


def test_columns_that_are_constant_or_the_same_are_no_trouble():
    X, y = random_data(30, 3)
    X[:, 0], X[:, 1] = 1.0, X[:, 2]
    samples = Samples.of(X, y)
    A = np.c_[X[:, 2:].double().numpy(), np.ones(30)]
    residual = A @ np.linalg.lstsq(A, y.double().numpy(), rcond=None)[0] - y.double().numpy()
    assert samples.optimum() == pytest.approx((residual**2).mean() / 2, rel=1e-9)


def test_many_rows_are_taken_in_chunks():
    X, y = random_data(2**17 + 11, 2)
    theta = torch.tensor([0.3, -0.7, 0.1])
    expected = loss(X.double(), y.double(), theta[:-1, None].double(), theta[-1].double())
    assert Samples.of(X, y).losses(theta) == pytest.approx(expected.item(), rel=1e-10)


def test_the_head_is_the_first_samples():
    X, y = random_data()
    assert Samples.of(X, y).first(10).optimum() == pytest.approx(
        Samples.of(X[:10], y[:10]).optimum()
    )


def autograd(X, y, w, b):
    w, b = w.clone().requires_grad_(), b.clone().requires_grad_()
    loss(X, y, w, b).backward()
    return w.grad, b.grad


@pytest.mark.parametrize("batch_size", [1, 7, 57, 100])
@pytest.mark.parametrize("shape", [(4, 1), (1, 4)], ids=["scratch", "nn.Linear"])
def test_gradients_of_one_run_are_autograds(shape, batch_size):
    X, y = random_data()
    w, b = nn.Parameter(torch.randn(shape)), nn.Parameter(torch.randn(1))
    runs = OneRun(Samples.of(X, y), w, b)
    order = torch.randperm(57)
    batches = list(runs.batches(order, batch_size))
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
    w, b = nn.Parameter(torch.randn(shape)), nn.Parameter(torch.randn(3, 1, 1))
    runs = ManyRuns(Samples.of(X, y), w, b)
    orders = torch.stack([torch.randperm(57) for _ in range(3)], dim=1)
    for batch, rows in zip(runs.batches(orders, batch_size), orders.split(batch_size)):
        runs.differentiate(*batch)
        assert w.grad.shape == w.shape and b.grad.shape == b.shape
        for i in range(3):
            chosen, one_w = rows[:, i], w.data[i].reshape(4, 1)
            w_grad, b_grad = autograd(X[chosen], y[chosen], one_w, b.data[i].reshape(1))
            torch.testing.assert_close(w.grad[i].reshape(4, 1), w_grad, rtol=1e-5, atol=1e-6)
            torch.testing.assert_close(b.grad[i].reshape(1), b_grad, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("many", [False, True])
def test_a_copy_of_the_parameters_is_recorded(many):
    X, y = random_data()
    lead = (3,) if many else ()
    w, b = nn.Parameter(torch.randn(*lead, 4, 1)), nn.Parameter(torch.randn(*lead, 1, 1).squeeze(0))
    if not many:
        b = nn.Parameter(torch.randn(1))
    runs = (ManyRuns if many else OneRun)(Samples.of(X, y), w, b)
    theta = runs.theta()
    assert theta.shape == (*lead, 5) and not theta.requires_grad
    kept = theta.clone()
    w.data += 1
    assert torch.equal(theta, kept)


def test_gathering_in_chunks_visits_all(monkeypatch):
    from d2l_ch7 import _linear

    X, y = random_data()
    w, b = nn.Parameter(torch.zeros(2, 4, 1)), nn.Parameter(torch.zeros(2, 1, 1))
    orders = torch.stack([torch.randperm(57) for _ in range(2)], dim=1)
    whole = [batch[1] for batch in ManyRuns(Samples.of(X, y), w, b).batches(orders, 5)]
    monkeypatch.setattr(_linear, "_GATHERED", 30)
    chunks = [batch[1].clone() for batch in ManyRuns(Samples.of(X, y), w, b).batches(orders, 5)]
    assert [len(c) for c in chunks] == [len(c) for c in whole]
    assert torch.equal(torch.cat(chunks), torch.cat(whole))
    monkeypatch.setattr(_linear, "_CHUNK", 3)
    w, b = nn.Parameter(torch.zeros(4, 1)), nn.Parameter(torch.zeros(1))
    pieces = [batch[1] for batch in OneRun(Samples.of(X, y), w, b).batches(orders[:, 0], 5)]
    assert torch.equal(torch.cat(pieces).flatten(), -y[orders[:, 0]])
    assert [len(p) for p in pieces] == [5] * 11 + [2]
