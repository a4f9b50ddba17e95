"""What a rule may do, and what of its states and hyperparameters the caller keeps."""

import dataclasses
from collections import defaultdict, namedtuple

import numpy as np
import pytest
import textbook
import torch
from helpers import (
    assert_rows_are_single_runs,
    assert_same,
    first,
    seed_both,
    states_for,
    textbook_run,
)

import d2l_ch7 as d2l

sgd = d2l.optimizers.sgd


# --- what the caller keeps


def test_fit_leaves_states_and_hyperparams_as_they_were(data):
    small = first(data, 100)
    states, hyperparams = states_for("adam"), {"lr": 0.01, "t": 1}
    for seed in (None, 0, [0, 1]):
        d2l.fit(d2l.optimizers.adam, states, hyperparams, *small, seed=seed)
        assert hyperparams == {"lr": 0.01, "t": 1}
        assert not any(s.any() for pair in states for s in pair)


class Memory:
    """States of somebody's own making."""

    def __init__(self):
        self.velocities = [0.0, 0.0]


Velocities = namedtuple("Velocities", "w b")


@pytest.mark.parametrize("kind", ["object", "namedtuple", "dict", "numpy", "nested"])
def test_states_of_any_make_are_copied(kind, data):
    def rule(params, states, hyperparams):
        for i, p in enumerate(params):
            if kind == "object":
                v = states.velocities[i] = 0.5 * states.velocities[i] + p.grad
            elif kind == "numpy":
                states[i] = 0.5 * states[i] + p.grad.abs().mean().item()
                v = p.grad + states[i]
            else:
                v = (
                    states[0][i]["v"]
                    if kind == "nested"
                    else states["wb"[i] if kind == "dict" else i]
                )
                v[:] = 0.5 * v + p.grad
            p.data -= 0.05 * v

    w, b = torch.zeros(5, 1), torch.zeros(1)
    states = {
        "object": Memory(),
        "namedtuple": Velocities(w, b),
        "dict": {"w": w, "b": b},
        "numpy": np.zeros(2),
        "nested": ([{"v": w}, {"v": b}],),
    }[kind]
    small = first(data, 100)
    one, again = (d2l.fit(rule, states, {}, *small, seed=0).losses for _ in range(2))
    np.testing.assert_array_equal(one, again)  # so it was not changed
    assert not w.any() and not b.any()
    assert_rows_are_single_runs(lambda seed: d2l.fit(rule, states, {}, *small, seed=seed), [0, 1])


def test_what_cannot_be_copied_is_used_as_it_is(data):
    """A generator of learning rates, say; tensors beside it are still copied."""

    def rule(params, states, hyperparams):
        lr = next(hyperparams["lrs"])
        for p, v in zip(params, states):
            v[:] = 0.5 * v + p.grad
            p.data -= lr * v

    small, states = first(data, 100), (torch.zeros(5, 1), torch.zeros(1))
    rates = (0.1 / (1 + t) for t in range(20))
    d2l.fit(rule, states, {"lrs": rates}, *small, seed=0)
    assert list(rates) == [] and not states[0].any()


def test_states_that_hang_on_a_graph_are_copied(data):
    w = torch.zeros(5, 1, requires_grad=True) * 2  # no leaf: deepcopy refuses it

    def rule(params, states, hyperparams):
        for p, v in zip(params, states):
            v.data[:] = 0.5 * v.data + p.grad
            p.data -= 0.05 * v.data

    d2l.fit(rule, [w, torch.zeros(1)], {}, *first(data, 100), seed=0)
    assert not w.any()


def test_hyperparams_keep_their_class(data):
    def rule(params, states, hyperparams):
        for p in params:
            p.data -= hyperparams["lr"] * p.grad

    small = first(data, 50)
    hyperparams = defaultdict(lambda: 0.05)
    losses = d2l.fit(rule, None, hyperparams, *small, seed=0).losses
    expected = d2l.fit(sgd, None, {"lr": 0.05}, *small, seed=0).losses
    np.testing.assert_allclose(losses, expected, rtol=1e-6)
    assert not hyperparams


# --- what users' rules do


def rebinds(params, states, hyperparams):
    for p in params:
        p.data = p.data - hyperparams["lr"] * p.grad.data


def clears(params, states, hyperparams):
    for p in params:
        p.data -= hyperparams["lr"] * p.grad
        p.grad = None


def zeroes(params, states, hyperparams):
    for p in params:
        p.data.add_(p.grad.data, alpha=-hyperparams["lr"])
        p.grad.zero_()


def replaces(params, states, hyperparams):
    for p in params:
        p.grad = p.grad.clone()
        p.data[:] = p.data - hyperparams["lr"] * p.grad


def clears_one(params, states, hyperparams):
    w, b = params
    w.data -= hyperparams["lr"] * w.grad
    b.data -= hyperparams["lr"] * b.grad
    w.grad = None


def without_grad(params, states, hyperparams):
    with torch.no_grad():
        for p in params:
            p -= hyperparams["lr"] * p.grad
            p.grad.detach_().zero_()


def restrides(params, states, hyperparams):
    for p in params:
        p.data = torch.stack([p.data, p.data - hyperparams["lr"] * p.grad], dim=-1)[..., 1]
        p.grad = None


def rebinds_gradient(params, states, hyperparams):
    for p in params:
        p.grad.data = p.grad.data.clone()
        p.data -= hyperparams["lr"] * p.grad


def spoils(params, states, hyperparams):
    for p in params:
        p.data -= hyperparams["lr"] * p.grad
        p.grad.fill_(float("nan"))


def by_torch(params, states, hyperparams):
    torch.optim.SGD(params, lr=hyperparams["lr"]).step()


@dataclasses.dataclass
class Callable:
    """A rule that is an object, and cannot be hashed."""

    lr: float

    def __call__(self, params, states, hyperparams):
        sgd(params, states, {"lr": self.lr})


@pytest.mark.parametrize(
    "rule",
    [
        rebinds,
        restrides,
        rebinds_gradient,
        clears,
        clears_one,
        zeroes,
        replaces,
        without_grad,
        spoils,
        by_torch,
        Callable(0.05),
    ],
    ids=lambda rule: getattr(rule, "__name__", "object"),
)
def test_rules_may_treat_data_and_gradients_as_they_like(rule, data):
    small = first(data, 230)
    expected = textbook_run("scratch", "sgd", {"lr": 0.05}, *small, seed=5)
    assert_same(d2l.fit(rule, None, {"lr": 0.05}, *small, seed=5), expected)
    assert_rows_are_single_runs(
        lambda seed: d2l.fit(rule, None, {"lr": 0.05}, *small, seed=seed), [5, 6]
    )


def test_a_gradient_that_a_rule_keeps_is_not_overwritten_once_it_is_taken_away(data):
    """The rule keeps the last step's gradient, and clears it from the parameter."""

    def rule(params, states, hyperparams):
        for i, p in enumerate(params):
            last = states[i] if states[i] is not None else torch.zeros_like(p.grad)
            p.data -= 0.05 * (p.grad + 0.5 * (p.grad - last))
            states[i], p.grad = p.grad, None

    small = first(data, 130)
    seed_both(0)
    run = textbook.train_scratch(rule, [None, None], {}, *small)
    assert_same(d2l.fit(rule, [None, None], {}, *small, seed=0), run)


def test_a_schedule_in_the_hyperparams(data):
    def decayed(params, states, hyperparams):
        hyperparams["t"] += 1
        for p in params:
            p.data -= hyperparams["lr"] / (1 + hyperparams["t"]) ** 0.5 * p.grad

    small = first(data, 130)
    run = textbook_run("scratch", decayed, {"lr": 0.2, "t": 0}, *small, seed=3)
    assert_same(d2l.fit(decayed, None, {"lr": 0.2, "t": 0}, *small, seed=3), run)
    assert_rows_are_single_runs(
        lambda seed: d2l.fit(decayed, None, {"lr": 0.2, "t": 0}, *small, seed=seed), [3, 0, 11]
    )
