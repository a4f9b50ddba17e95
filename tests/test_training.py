"""The core: the textbook loop's numbers in every setting, what is recorded, and its History."""

import dataclasses
import warnings

import numpy as np
import pytest
import torch
from helpers import SCRATCH, TORCH, assert_same, first, fit_rule, nothing_touched, textbook_run

import d2l_ch7 as d2l

sgd = d2l.optimizers.sgd


# --- single runs against the textbook loop


@pytest.mark.parametrize("batch_size", [1, 3, 7, 10, 64, 100, 128, 1499, 1500, 2000])
@pytest.mark.parametrize("name", ["sgd", "adam"])
def test_batch_sizes(name, batch_size, data):
    epochs = 3 if batch_size > 100 else 1
    n = 130 if batch_size < 7 else 1500
    settings = (*first(data, n), batch_size, epochs)
    run = textbook_run("scratch", name, dict(SCRATCH[name]), *settings, seed=8)
    assert_same(fit_rule(name, *settings, seed=8), run)


@pytest.mark.parametrize("name", SCRATCH)
@pytest.mark.parametrize("n", [1, 99, 250])
def test_sizes_of_the_data(name, n, data):
    settings = (*first(data, n), 7, 2)
    run = textbook_run("scratch", name, dict(SCRATCH[name]), *settings, seed=1)
    float32 = 1e-9 if n == 1 else 0.0  # one sample's loss goes to zero, where float32 is rough
    assert_same(fit_rule(name, *settings, seed=1), run, atol=float32)


@pytest.mark.parametrize("d", [1, 2, 40])
def test_numbers_of_features(d):
    X, y = torch.randn(130, d), torch.randn(130)
    run = textbook_run("scratch", "momentum", dict(SCRATCH["momentum"]), X, y, 13, 3, seed=2)
    assert_same(fit_rule("momentum", X, y, 13, 3, seed=2), run)
    run = textbook_run("torch", torch.optim.SGD, {"lr": 0.01}, X, y, 13, 3, seed=2)
    assert_same(d2l.fit_torch(torch.optim.SGD, {"lr": 0.01}, X, y, 13, 3, seed=2), run)


@pytest.mark.parametrize("name", TORCH)
def test_classes_of_torch_optim(name, data):
    optimizer_fn, hyperparams = TORCH[name]
    settings = (*first(data, 333), 7, 2)
    run = textbook_run("torch", optimizer_fn, hyperparams, *settings, seed=4)
    assert_same(d2l.fit_torch(optimizer_fn, hyperparams, *settings, seed=4), run)


@pytest.mark.parametrize("batch_size", [1, 3, 64, 1499, 2000])
def test_batch_sizes_with_torch_optim(batch_size, data):
    settings = (*first(data, 130 if batch_size < 10 else 1500), batch_size, 2)
    run = textbook_run("torch", torch.optim.Adam, {"lr": 0.01}, *settings, seed=6)
    assert_same(d2l.fit_torch(torch.optim.Adam, {"lr": 0.01}, *settings, seed=6), run)


@pytest.mark.filterwarnings("ignore:the run diverged")
@pytest.mark.parametrize("lr", [2.5, 5.0, 40.0, 1e10])
@pytest.mark.parametrize("batch_size", [1, 10, 120])
@pytest.mark.parametrize("kind", ["scratch", "torch"])
def test_divergence_has_inf_and_nan_where_the_loop_has_them(kind, batch_size, lr, data):
    settings = (*first(data, 120), batch_size, 2 if batch_size < 120 else 60)
    if kind == "scratch":
        run = textbook_run(kind, "sgd", {"lr": lr}, *settings, seed=0)
        losses = d2l.fit(sgd, None, {"lr": lr}, *settings, seed=0).losses
    else:
        run = textbook_run(kind, torch.optim.SGD, {"lr": lr}, *settings, seed=0)
        losses = d2l.fit_torch(torch.optim.SGD, {"lr": lr}, *settings, seed=0).losses
    expected = np.array(run.losses)
    np.testing.assert_array_equal(np.isnan(losses), np.isnan(expected))
    np.testing.assert_array_equal(np.isinf(losses), np.isinf(expected))
    finite = np.isfinite(expected)
    np.testing.assert_allclose(losses[finite], expected[finite], rtol=1e-5)


def test_a_far_off_optimum_is_measured_well():
    """Losses near zero, and labels far from it: no cancellation in the quadratic form."""
    X = torch.randn(200, 3)
    y = 1000 + X @ torch.tensor([1.0, -2.0, 3.0])
    history = d2l.fit(sgd, None, {"lr": 0.1}, X, y, 10, 20, seed=0)
    r = X.double() @ history.weight.double() + history.bias.double() - y.double()[:, None]
    assert history.final_loss == pytest.approx(float((r**2).mean() / 2), rel=1e-6)
    assert 0 <= history.optimum <= history.final_loss < 1e-6


# --- what is recorded


def test_records_are_at_every_hundred_samples_and_at_the_end(data):
    history = d2l.fit(sgd, None, {"lr": 0.05}, *first(data, 250), 64, 2, seed=0)
    # batches of 64, 64, 64, 58 an epoch: 128, 192 (no), 250; and again
    assert history.steps.tolist() == [0, 2, 4, 6, 8]
    np.testing.assert_allclose(history.epochs, [0, 128 / 250, 1, 1 + 128 / 250, 2])


def test_the_last_update_is_always_recorded(data):
    history = d2l.fit(sgd, None, {"lr": 0.05}, *first(data, 130), 60, 1, seed=0)
    assert history.steps.tolist() == [0, 2, 3] and history.epochs[-1] == 1
    X, y = (t.double() for t in first(data, 130))
    r = X @ history.weight.double() + history.bias.double() - y[:, None]
    assert history.final_loss == pytest.approx(float((r**2).mean() / 2), rel=1e-12)


def test_one_batch_larger_than_100_is_one_record(data):
    assert d2l.fit(sgd, None, {"lr": 1}, *data, 1500, 6, seed=0).losses.shape == (7,)
    assert d2l.fit(sgd, None, {"lr": 1}, *data, 750, 1, seed=0).losses.shape == (3,)


def test_history_of_one_run(data):
    history = d2l.fit(sgd, None, {"lr": 0.05}, *data, seed=0)
    assert history.losses.shape == history.epochs.shape == history.steps.shape == (31,)
    assert history.losses.dtype == history.epochs.dtype == np.float64
    assert history.weight.shape == (5, 1) and history.bias.shape == (1,)
    assert history.weight.dtype == history.bias.dtype == torch.float32
    assert not history.weight.requires_grad
    assert type(history.final_loss) is float and history.final_loss == history.losses[-1]
    assert type(history.seconds_per_epoch) is float and 0 < history.seconds_per_epoch < 5
    assert history.optimum == pytest.approx(0.24168795396068318, rel=1e-6)


def test_history_of_many_runs(data):
    history = d2l.fit_torch(torch.optim.SGD, {"lr": 0.05}, *data, seed=range(4))
    assert history.losses.shape == (4, 31) and history.epochs.shape == (31,)
    assert history.weight.shape == (4, 5, 1) and history.bias.shape == (4, 1, 1)
    assert history.weight.dtype == history.bias.dtype == torch.float32
    np.testing.assert_array_equal(history.final_loss, history.losses[:, -1])
    assert type(history.optimum) is float


def test_a_history_introduces_itself_in_a_line(data):
    """A notebook shows it where a cell ends with a call."""
    one = d2l.fit(sgd, None, {"lr": 0.05}, *data, seed=0)
    assert repr(one) == f"History(31 records, final loss {one.final_loss:.6f})"
    many = d2l.fit(sgd, None, {"lr": 0.05}, *data, seed=range(3))
    middle = sorted(many.final_loss)[1]
    assert repr(many) == f"History(3 runs, 31 records, median final loss {middle:.6f})"


def test_history_is_frozen_and_compares_without_error(data):
    history, other = (d2l.fit(sgd, None, {"lr": 0.05}, *data, seed=s) for s in (0, 1))
    with pytest.raises(dataclasses.FrozenInstanceError):
        history.losses = None
    assert history == history and history != other


def test_the_core_is_silent(data, capsys):
    with nothing_touched():
        d2l.fit(sgd, None, {"lr": 0.05}, *data, seed=range(3))
        d2l.fit_torch(torch.optim.SGD, {"lr": 0.05}, *data, seed=0)
    assert capsys.readouterr() == ("", "")


# --- the data


def test_the_data_are_not_changed(data):
    features, labels = (t.clone() for t in first(data, 60))
    kept = features.clone(), labels.clone()

    def rule(params, states, hyperparams):
        for p in params:
            p.grad.mul_(2)
            p.data -= 0.01 * p.grad

    d2l.fit(rule, None, {}, features, labels, 60, seed=0)
    d2l.fit(rule, None, {}, features.numpy(), labels.numpy(), 10, seed=[0, 1])
    assert torch.equal(features, kept[0]) and torch.equal(labels, kept[1])


@pytest.mark.parametrize("dtype", [torch.float64, torch.float16, torch.bfloat16])
def test_other_floating_types_are_trained_in_float32(dtype, data):
    features, labels = (t.to(dtype) for t in first(data, 60))
    expected = d2l.fit(sgd, None, {"lr": 0.05}, features.float(), labels.float(), seed=0).losses
    losses = d2l.fit(sgd, None, {"lr": 0.05}, features, labels, seed=0).losses
    np.testing.assert_array_equal(losses, expected)


def test_integer_labels_and_data_with_gradients(data):
    X = data[0][:60]
    labels = torch.arange(60)
    expected = d2l.fit(sgd, None, {"lr": 1e-3}, X, labels.float(), seed=0).losses
    X = X.clone().requires_grad_()
    for y in (labels, labels.numpy(), labels.numpy().astype(">i4"), labels.to(torch.uint8)):
        losses = d2l.fit(sgd, None, {"lr": 1e-3}, X, y, seed=0).losses
        np.testing.assert_array_equal(losses, expected)
    assert X.grad is None


# --- divergence of many


def test_some_of_many_runs_diverge_with_one_warning(data):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        history = d2l.fit(sgd, None, {"lr": 0.8}, *first(data, 200), seed=range(20))
    bad = ~np.isfinite(history.losses).all(axis=1)
    assert bad.any() and not bad.all()
    (warning,) = caught
    assert warning.category is RuntimeWarning and warning.filename == __file__
    message = str(warning.message)
    assert f"{bad.sum()} of 20 runs" in message
    assert "learning rate" in message and "not standardised" in message
    step = history.steps[np.argmin(np.isfinite(history.losses).all(axis=0))]
    assert f"step {step} " in message


@pytest.mark.parametrize("seed", [0, range(3)], ids=["one", "many"])
@pytest.mark.parametrize("too_large", [0, 1], ids=["features", "labels"])
def test_a_loss_that_is_not_finite_before_any_step_is_no_fault_of_the_rate(too_large, seed, data):
    small = [1e30 * t if i == too_large else t for i, t in enumerate(first(data, 50))]
    with pytest.warns(RuntimeWarning, match="diverged") as caught:
        history = d2l.fit(sgd, None, {"lr": 0.01}, *small, seed=seed)
    assert not np.isfinite(history.losses[..., 0]).any() and history.steps[0] == 0
    (message,) = (str(warning.message) for warning in caught)
    assert "step 0," in message and "labels or features are too large" in message
    assert "rate" not in message


# --- threads and devices


@pytest.mark.parametrize("threads", [1, 2])
def test_the_callers_thread_count_comes_back(threads, data):
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(threads)
        d2l.fit(sgd, None, {"lr": 0.05}, *first(data, 50), seed=0)
        assert torch.get_num_threads() == threads
        with pytest.raises(ValueError, match="ZeroDivisionError"):
            d2l.fit(lambda params, states, hyperparams: 1 / 0, None, {}, *data)
        assert torch.get_num_threads() == threads
    finally:
        torch.set_num_threads(before)


@pytest.mark.parametrize("device", ["cpu", torch.device("cpu"), "cpu:0"])
def test_the_device_is_an_argument(device, data):
    small = first(data, 50)
    expected = d2l.fit(sgd, None, {"lr": 0.05}, *small, seed=[0, 1]).losses
    losses = d2l.fit(sgd, None, {"lr": 0.05}, *small, seed=[0, 1], device=device).losses
    np.testing.assert_array_equal(losses, expected)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_a_gpu_gives_the_same_runs(data):
    for seed in (0, range(50)):
        expected = fit_rule("adam", *data, seed=seed)
        history = fit_rule("adam", *data, seed=seed, device="cuda")
        np.testing.assert_allclose(history.losses, expected.losses, rtol=1e-4)
        assert history.weight.device.type == "cpu"


def test_data_that_change_between_two_calls_are_seen(data):
    """The samples of the call before are used again only if they are equal, entry for entry."""
    X, y = (t.clone() for t in first(data, 130))

    def loss():
        return d2l.fit(sgd, None, {"lr": 0.05}, X, y, seed=0).final_loss

    once = loss()
    assert loss() == once
    X[3, 2] += 1
    changed = loss()
    assert changed != once
    X.numpy()[3, 2] -= 1  # behind torch's back
    assert loss() == pytest.approx(once)
    y.data[0] = 7
    assert loss() != once
    y.data[0] = data[1][0]
    other = [t.clone() for t in first(data, 130)]
    assert d2l.fit(sgd, None, {"lr": 0.05}, *other, seed=0).final_loss == pytest.approx(once)
    assert d2l.fit(sgd, None, {"lr": 0.05}, X.double(), y, seed=0).final_loss == loss()
