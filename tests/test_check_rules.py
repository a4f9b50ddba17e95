"""The checks of rules and optimizers: what they let through, and that they leave no trace."""

from functools import partial

import numpy as np
import pytest
import torch
from helpers import TORCH, nothing_touched

from d2l_ch7 import _check_rules, optimizers


class Rule:
    """A rule that remembers by itself."""

    def __call__(self, params, states, hyperparams):
        raise AssertionError("called")

    def method(self, params, states, hyperparams):
        raise AssertionError("called")

    @staticmethod
    def static(params, states, hyperparams, more=None):
        raise AssertionError("called")


@pytest.mark.parametrize(
    "rule",
    [
        optimizers.sgd,
        Rule(),
        Rule().method,
        Rule.static,
        lambda *anything: None,
        lambda p, s, h, *, more=1: None,
        partial(lambda lr, params, states, hyperparams: None, 0.1),
    ],
)
def test_whatever_takes_three_arguments_is_a_rule(rule):
    _check_rules.check_rule(rule)  # and is not called


@pytest.mark.parametrize("name", TORCH)
def test_classes_of_torch_optim_pass_without_a_trace(name):
    with nothing_touched():
        _check_rules.check_optimizer_class(*TORCH[name])


def test_functions_that_make_an_optimizer_pass_too():
    hyperparams = {"lr": 0.1}
    _check_rules.check_optimizer_class(partial(torch.optim.SGD, momentum=0.9), hyperparams)
    _check_rules.check_optimizer_class(lambda p, lr: torch.optim.Adam(p, lr=lr), hyperparams)
    assert hyperparams == {"lr": 0.1}


def test_a_constructor_that_draws_leaves_no_trace():
    class Noisy(torch.optim.SGD):
        def __init__(self, params, lr):
            torch.rand(1), np.random.rand()
            super().__init__(params, lr=lr)

        def step(self):
            torch.rand(1), np.random.rand()

    with nothing_touched():
        _check_rules.check_optimizer_class(Noisy, {"lr": 0.1})
        with pytest.raises(TypeError, match="optimizer_hyperparams"):
            _check_rules.check_optimizer_class(Noisy, {"rate": 0.1})


def test_an_error_with_a_constructor_of_its_own_is_told_all_the_same():
    class Strict(torch.optim.SGD):
        def __init__(self, params, lr):
            b"\xff".decode("ascii")

    with pytest.raises(ValueError, match="optimizer_hyperparams: Strict refuses"):
        _check_rules.check_optimizer_class(Strict, {"lr": 0.1})


def test_hyperparameters_come_back_in_the_order_asked_for():
    values = _check_rules.check_hyperparams(
        {"momentum": 0.5, "lr": 1, "more": "x"}, ("lr", "momentum")
    )
    assert values == [1, 0.5]


def test_states_may_be_lists_or_tuples():
    params = [torch.zeros(5, 1), torch.zeros(1)]
    pairs, single = optimizers.init_adam_states(params), optimizers.init_momentum_states(params)
    for states in (pairs, tuple(pairs), [list(pair) for pair in pairs]):
        _check_rules.check_states(states, pairs)
    for states in (single, tuple(single)):
        _check_rules.check_states(states, single)


def test_a_class_that_stepped_once_is_tried_anew_with_other_hyperparameters():
    _check_rules.check_optimizer_class(torch.optim.Adam, {"lr": 0.01})
    with pytest.raises(ValueError, match="optimizer_fn: Adam cannot make a step"):
        _check_rules.check_optimizer_class(torch.optim.Adam, {"lr": 0.01, "capturable": True})
