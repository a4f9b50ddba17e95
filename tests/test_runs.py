"""One run or many: seeds, blocks of them, and which rules may be trained in one pass."""

import subprocess
import sys

import numpy as np
import pytest
import torch
from helpers import (
    SCRATCH,
    TORCH,
    assert_rows_are_single_runs,
    assert_same,
    first,
    fit_rule,
    generators,
    nothing_touched,
    seed_both,
    states_for,
    textbook_run,
)

import d2l_ch7 as d2l
from d2l_ch7 import _runs

sgd = d2l.optimizers.sgd


# --- seeds


def test_without_a_seed_the_global_generators_are_drawn_from(data):
    seed_both(17)
    history = d2l.fit(sgd, None, {"lr": 0.05}, *data)
    after = generators()
    run = textbook_run("scratch", "sgd", {"lr": 0.05}, *data, seed=17)
    assert_same(history, run)
    assert generators() == after


@pytest.mark.parametrize("seed", [0, 5, 2**32 - 1])
def test_an_int_is_seeding_both_and_running(seed, data):
    small = first(data, 200)
    seed_both(seed)
    by_hand = d2l.fit(sgd, None, {"lr": 0.05}, *small)
    with nothing_touched():
        seeded = d2l.fit(sgd, None, {"lr": 0.05}, *small, seed=seed)
    np.testing.assert_array_equal(seeded.losses, by_hand.losses)
    seed_both(seed)
    by_hand = d2l.fit_torch(torch.optim.Adam, {"lr": 0.01}, *small)
    with nothing_touched():
        seeded = d2l.fit_torch(torch.optim.Adam, {"lr": 0.01}, *small, seed=seed)
    np.testing.assert_array_equal(seeded.losses, by_hand.losses)


SEEDS = [3, 0, 11, 3]


@pytest.mark.parametrize("batch_size", [1, 7, 10, 2000])
@pytest.mark.parametrize("name", SCRATCH)
def test_many_seeds_are_single_runs_for_rules(name, batch_size, data):
    small = first(data, 130)
    assert_rows_are_single_runs(
        lambda seed: fit_rule(name, *small, batch_size, 2, seed=seed), SEEDS
    )


@pytest.mark.parametrize("name", TORCH)
def test_many_seeds_are_single_runs_for_torch_optim(name, data):
    optimizer_fn, hyperparams = TORCH[name]
    small = first(data, 130)
    assert_rows_are_single_runs(
        lambda seed: d2l.fit_torch(optimizer_fn, hyperparams, *small, 7, 2, seed=seed), SEEDS
    )


def test_a_seed_in_a_sequence_may_be_any_int_like(data):
    small = first(data, 50)
    expected = d2l.fit(sgd, None, {"lr": 0.05}, *small, seed=[1, 2]).losses
    for seeds in (
        range(1, 3),
        (1, 2),
        np.array([1, 2]),
        torch.tensor([1, 2]),
        iter([1, 2]),
        [np.int64(1), torch.tensor(2)],
    ):
        history = d2l.fit(sgd, None, {"lr": 0.05}, *small, seed=seeds)
        np.testing.assert_array_equal(history.losses, expected)
    one = d2l.fit(sgd, None, {"lr": 0.05}, *small, seed=[1])
    assert one.losses.shape == (1, 3) and one.weight.shape == (1, 5, 1)


def test_blocks_of_seeds_are_put_together(data, monkeypatch):
    small = first(data, 130)
    whole = fit_rule("adam", *small, seed=range(7))
    monkeypatch.setattr(_runs, "_SEEDS_A_BLOCK", 3)
    blocks = fit_rule("adam", *small, seed=range(7))
    np.testing.assert_allclose(blocks.losses, whole.losses, rtol=1e-6)
    torch.testing.assert_close(blocks.weight, whole.weight)
    monkeypatch.setattr(_runs, "_NUMBERS_A_BLOCK", 100)  # less than one: a seed a block
    single = fit_rule("adam", *small, seed=range(7))
    np.testing.assert_allclose(single.losses, whole.losses, rtol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize(
    "shape, batch_size, seeds, gigabytes",
    [((1500, 5), 10, 10_000, 1), ((1500, 1000), 10, 1000, 1), ((3000, 1000), 1500, 1000, 1.5)],
)
def test_many_seeds_need_little_memory(shape, batch_size, seeds, gigabytes):
    script = f"""
import resource, torch, d2l_ch7 as d2l
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20  # KiB to GiB
data = torch.randn({shape}), torch.randn({shape[0]})
d2l.fit(d2l.optimizers.sgd, None, {{"lr": 1e-4}}, *data, {batch_size}, 1, seed=range(2))
before = peak()
history = d2l.fit(
    d2l.optimizers.sgd, None, {{"lr": 1e-4}}, *data, {batch_size}, 1, seed=range({seeds})
)
print(peak() - before)
"""
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert float(done.stdout) < gigabytes


def test_a_history_holds_no_more_than_it_shows(data):
    """Its weights, saved, are as large as they are."""
    history = d2l.fit(sgd, None, {"lr": 0.05}, *data, seed=range(100))
    for part in (history.weight, history.bias):
        assert part.untyped_storage().nbytes() <= 100 * 6 * 4


LARGE = [(150_000, 5, 150_000), (3000, 200, 10), (400, 60, 64)]


@pytest.mark.parametrize("n, d, batch_size", LARGE)
@pytest.mark.parametrize("mean", [pytest.param(0, marks=pytest.mark.slow), 100])
@pytest.mark.parametrize("name", ["sgd", "adam", "SGD"])
def test_many_seeds_are_single_runs_of_large_data_too(name, n, d, batch_size, mean):
    data = torch.randn(n, d), mean + torch.randn(n)
    hyperparams = {"lr": 0.01, "t": 1} if name == "adam" else {"lr": 0.002}

    def run(seed):
        if name == "SGD":
            return d2l.fit_torch(torch.optim.SGD, hyperparams, *data, batch_size, seed=seed)
        return fit_rule(name, *data, batch_size=batch_size, seed=seed, hyperparams=hyperparams)

    assert_rows_are_single_runs(run, [5, 0])


# --- rules that look at more than one entry, or draw


def clip(max_norm):
    """Gradient descent that clips the gradient's norm over all parameters."""

    def rule(params, states, hyperparams):
        torch.nn.utils.clip_grad_norm_(params, max_norm)
        for p in params:
            p.data -= 0.05 * p.grad

    return rule


@pytest.mark.parametrize("max_norm", [1, 3, 5, 7])
def test_a_rule_that_clips_by_norm_is_clipped_run_by_run(max_norm, data):
    """Also where the norm is reached seldom, and not by the first seeds: the sum over runs is."""
    assert_rows_are_single_runs(
        lambda seed: d2l.fit(clip(max_norm), None, {}, *first(data, 200), seed=seed), range(30)
    )


@pytest.mark.parametrize("draw", ["torch", "numpy"])
def test_a_rule_that_draws_random_numbers_draws_those_of_its_seed(draw, data):
    def rule(params, states, hyperparams):
        for p in params:
            noise = torch.randn_like(p) if draw == "torch" else np.random.normal()
            p.data -= 0.05 * (p.grad + 0.1 * noise)

    small = first(data, 130)
    assert_rows_are_single_runs(lambda seed: d2l.fit(rule, None, {}, *small, seed=seed), SEEDS)
    run = textbook_run("scratch", rule, {}, *small, seed=3)
    assert_same(d2l.fit(rule, None, {}, *small, seed=3), run)


def test_a_rule_that_seldom_draws_is_found_out(data):
    def rule(params, states, hyperparams):
        hyperparams["t"] += 1
        for p in params:
            p.data -= 0.05 * p.grad
            if hyperparams["t"] == 20:
                p.data += 0.1 * torch.randn(()).item()

    assert_rows_are_single_runs(
        lambda seed: d2l.fit(rule, None, {"t": 0}, *first(data, 130), seed=seed), SEEDS
    )


@pytest.mark.parametrize("share", [1e-6, 1e-5, 1e-4, 1e-3])
def test_a_rule_that_mixes_a_little_mixes_no_runs(share, data):
    def rule(params, states, hyperparams):
        for p in params:
            p.data -= 0.05 * (p.grad + share * p.grad.mean())

    assert_rows_are_single_runs(
        lambda seed: d2l.fit(rule, None, {}, *first(data, 200), seed=seed), range(10)
    )


def test_a_rule_that_looks_at_all_entries_at_times(data):
    """Only runs far from zero; the first seeds may never get there."""

    def rule(params, states, hyperparams):
        for p in params:
            p.data -= 0.05 * p.grad
            if p.data.abs().max() > 0.5:
                p.data *= 0.9

    assert_rows_are_single_runs(
        lambda seed: d2l.fit(rule, None, {}, *first(data, 200), seed=seed), range(30)
    )


def test_a_rule_that_draws_for_some_runs_only_is_found_out(data):
    """For those whose first weight starts below zero, which the first and the last do not."""

    def rule(params, states, hyperparams):
        hyperparams["t"] += 1
        w = params[0].data
        if hyperparams["t"] == 1:
            w += np.random.normal() * (w[..., :1, :] < 0)  # so the order stays as it was
        for p in params:
            p.data -= 0.05 * p.grad

    starts = {seed: np.random.RandomState(seed).normal() for seed in range(10)}
    below, above = [s for s in starts if starts[s] < 0], [s for s in starts if starts[s] > 0]
    assert_rows_are_single_runs(
        lambda seed: d2l.fit(rule, None, {"t": 0}, *first(data, 130), seed=seed),
        [above[0], *below, above[1]],
    )


def test_a_rule_that_reshapes_is_run_one_by_one(data):
    def rule(params, states, hyperparams):
        w, b = params
        w.data -= (0.05 * w.grad.view(5)).reshape(5, 1)
        b.data -= 0.05 * b.grad

    small = first(data, 50)
    assert_rows_are_single_runs(lambda seed: d2l.fit(rule, None, {}, *small, seed=seed), SEEDS)


class Normed(torch.optim.SGD):
    """Mixes the entries of a parameter: the step has the length lr."""

    def step(self):
        for p in self.param_groups[0]["params"]:
            p.grad /= p.grad.norm() + 1e-12
        super().step()


MIXING = [Normed, *(c for n, c in vars(torch.optim).items() if n == "Adafactor")]  # from torch 2.5


@pytest.mark.parametrize("optimizer_fn", MIXING)
def test_an_optimizer_that_mixes_entries_runs_seed_by_seed(optimizer_fn, data):
    small = first(data, 130)
    run = textbook_run("torch", optimizer_fn, {"lr": 0.05}, *small)
    assert_same(d2l.fit_torch(optimizer_fn, {"lr": 0.05}, *small, seed=0), run)
    assert_rows_are_single_runs(
        lambda seed: d2l.fit_torch(optimizer_fn, {"lr": 0.05}, *small, seed=seed), SEEDS
    )


@pytest.mark.parametrize("states", ["function", "values"])
@pytest.mark.parametrize("name", SCRATCH)
def test_our_rules_go_in_one_pass(name, states, data, monkeypatch):
    """Whatever the learning rate: nothing is tried out."""
    passes, descend = [], _runs._descend

    def counted(learner, plan, draws, *more):
        passes.append(len(draws))
        return descend(learner, plan, draws, *more)

    monkeypatch.setattr(_runs, "_descend", counted)
    rule, given = getattr(d2l.optimizers, name), states_for(name)
    if states == "function":
        given = getattr(d2l.optimizers, f"init_{name}_states", None)
    for lr in (0.05, 1):
        hyperparams = {**SCRATCH[name], "lr": lr}
        d2l.fit(rule, given, hyperparams, *first(data, 130), seed=range(4))
    assert passes == [4, 4]


def test_elementwise_classes_of_torch_go_in_one_pass(data, monkeypatch):
    monkeypatch.setattr(_runs, "_alone", None)
    for optimizer_fn, hyperparams in TORCH.values():
        d2l.fit_torch(optimizer_fn, hyperparams, *first(data, 50), seed=range(3))


@pytest.mark.parametrize("seed", [None, 0, [0, 1]])
@pytest.mark.parametrize("optimizer_fn", [torch.optim.LBFGS, torch.optim.SparseAdam])
def test_an_optimizer_that_cannot_do_it_is_refused_clearly(optimizer_fn, seed, data):
    with nothing_touched(), pytest.raises(ValueError, match=rf"optimizer.*{optimizer_fn.__name__}"):
        d2l.fit_torch(optimizer_fn, {}, *data, seed=seed)


def test_an_optimizer_that_draws_when_made_draws_once(data):
    class Noisy(torch.optim.SGD):
        def __init__(self, params, lr):
            super().__init__(params, lr=lr)
            torch.rand(3)

    small = first(data, 130)
    run = textbook_run("torch", Noisy, {"lr": 0.05}, *small)
    assert_same(d2l.fit_torch(Noisy, {"lr": 0.05}, *small, seed=0), run)
