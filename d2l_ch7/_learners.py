"""How a model starts and what updates it: by one of the book's rules, or by an optimizer of torch.

Each learner can train one model, or S of them stacked: w (S, d, 1) or (S, 1, d), b (S, 1, 1).
"""

import copy
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torch import Generator, Tensor, nn

from d2l_ch7 import _check_rules, _checks
from d2l_ch7._linear import half_mean_square, mean_square_halved
from d2l_ch7.optimizers import RULES, Rule, State


class ByRule:
    """The book's own model, and an update rule for it."""

    loss = staticmethod(half_mean_square)

    def __init__(self, rule: Rule, states: State, hyperparams: dict[str, Any], in_place: bool):
        self.known = any(rule is known for known in RULES)
        if not self.known:
            _check_rules.check_rule(rule)
        if callable(states):
            _checks.check_function("states", states, 1)
        self.rule, self.states, self.hyperparams = rule, states, hyperparams
        self.in_place = in_place

    def check(self, d: int) -> None:
        """Refuse hyperparameters and states that one of our rules cannot work with."""
        if not self.known:
            return
        keys, init_states = RULES[self.rule]
        _check_rules.check_hyperparams(self.hyperparams, keys)
        if init_states is not None:
            params = [torch.zeros(d, 1), torch.zeros(1)]
            with _checks.generators_kept():
                states = self.states(params) if callable(self.states) else self.states
            _check_rules.check_states(states, init_states(params))

    def start(self, d: int) -> tuple[Tensor, Tensor]:
        """One model's w (d, 1) and b (1,), drawn from NumPy's global generator."""
        w = np.random.normal(loc=0, scale=0.01, size=(d, 1))
        return torch.tensor(w, dtype=torch.float32), torch.zeros(1)

    def start_many(self, d: int, seeds: list[int], _: list[Generator]) -> tuple[Tensor, Tensor]:
        """Stacked w (S, d, 1) and b (S, 1, 1), each drawn as `start` draws it under its seed."""
        random, w = np.random.RandomState(), np.empty((d, len(seeds)), dtype=np.float32)
        for i, seed in enumerate(seeds):
            random.seed(seed)
            w[:, i] = random.normal(loc=0, scale=0.01, size=d)
        return torch.from_numpy(w).t().unsqueeze(2), torch.zeros(len(seeds), 1, 1)

    def updater(self, w: Tensor, b: Tensor, runs: int | None) -> Callable[[], object]:
        """What makes one step by the gradients of one model, or of so many stacked ones."""
        params, states, hyperparams = [w, b], self.states, self.hyperparams
        if not self.in_place:
            states, hyperparams = _copied((states, hyperparams))
            if w.dtype == torch.float64:  # a trial: float32 states would bring rounding back
                states = _map(_doubled, states)
        if callable(states):
            states = states(params)
        elif runs is not None:
            states = _stacked(states, runs)
        return lambda: self.rule(params, states, hyperparams)


class ByOptimizer:
    """The model of ``nn.Linear``, and an optimizer of torch for it."""

    loss = staticmethod(mean_square_halved)

    def __init__(self, optimizer_fn: Callable[..., Any], hyperparams: Mapping[str, Any]):
        _check_rules.check_optimizer_class(optimizer_fn, hyperparams)
        self.known = getattr(optimizer_fn, "__module__", "").startswith("torch.optim.")
        self.optimizer_fn, self.hyperparams = optimizer_fn, hyperparams

    def check(self, d: int) -> None:
        """Nothing is left to check."""

    def start(self, d: int) -> tuple[Tensor, Tensor]:
        """One model's w (1, d) and b (1,), drawn from torch's global generator."""
        linear = nn.Linear(d, 1)
        return linear.weight.data, linear.bias.data

    def start_many(
        self, d: int, _: list[int], generators: list[Generator]
    ) -> tuple[Tensor, Tensor]:
        """Stacked w (S, 1, d) and b (S, 1, 1), each drawn as ``nn.Linear`` draws it."""
        bound, w, b = d**-0.5, torch.empty(d, len(generators)), torch.empty(len(generators), 1, 1)
        for i, generator in enumerate(generators):
            w[:, i] = torch.empty(d).uniform_(-bound, bound, generator=generator)
            b[i].uniform_(-bound, bound, generator=generator)
        return w.t().unsqueeze(1), b

    def updater(self, w: Tensor, b: Tensor, runs: int | None) -> Callable[[], object]:
        """What makes one step by the gradients of one model, or of stacked ones."""
        optimizer = self.optimizer_fn([w, b], **self.hyperparams)
        return lambda: optimizer.step()  # holds the optimizer, which a bound step may not


Learner = ByRule | ByOptimizer


def _copied(tree: Any) -> Any:
    """A copy that shares no tensor with the original."""
    try:
        return copy.deepcopy(tree)
    except Exception:  # a generator, say, cannot be copied: then only what holds it is
        return _map(lambda leaf: leaf.detach().clone() if isinstance(leaf, Tensor) else leaf, tree)


def _doubled(leaf: Any) -> Any:
    """A float32 tensor in float64; anything else as it is."""
    return leaf.double() if isinstance(leaf, Tensor) and leaf.dtype == torch.float32 else leaf


def _stacked(tree: Any, runs: int) -> Any:
    """One run's states, tensors (), (1,) or (d, 1), for S runs: (S, 1, 1) or (S, d, 1)."""

    def stack(leaf: Any) -> Any:
        if not isinstance(leaf, Tensor):
            return leaf
        one = leaf.detach().reshape((1,) * (2 - leaf.dim()) + leaf.shape)
        return one.unsqueeze(2).repeat(1, 1, runs).permute(2, 0, 1)

    return _map(stack, tree)


def _map(function: Callable[[Any], Any], tree: Any) -> Any:
    """The same lists, tuples and dicts, with a function of each leaf."""
    if isinstance(tree, dict):
        mapped = copy.copy(tree)  # keeps what a subclass adds
        mapped.update({key: _map(function, value) for key, value in tree.items()})
        return mapped
    if isinstance(tree, list | tuple):
        values = [_map(function, value) for value in tree]
        return tree._make(values) if hasattr(tree, "_make") else type(tree)(values)
    return function(tree)
