"""How a model starts and what updates it: by one of the book's rules, or by an optimizer of torch.

A reader's code is called from here alone: in the run, on the run's own tensors, as the book's loop
calls it. A learner trains one model, or S stacked ones: w (S, d, 1) or (S, 1, d), b (S, 1, 1).
"""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, NamedTuple

import torch
from torch import Tensor

from d2l_ch7 import _chance, _linear
from d2l_ch7._checks import blamed, check_class, check_function, check_states, refuse, takes
from d2l_ch7._copies import copied, copied_code, mapped, placed
from d2l_ch7.optimizers import RULES, Rule, State

_RULE = "an update rule fn(params, states, hyperparams)"
_CLASS = "a class of torch.optim, such as torch.optim.SGD"
_SIGNATURES = (["params", "states", "hyperparams"], ["params", "lr", "batch_size"])  # of rules
_NAMES = "SGD ASGD Adagrad Adadelta RMSprop Rprop Adam AdamW Adamax NAdam RAdam"
_ELEMENTWISE = [getattr(torch.optim, name) for name in _NAMES.split()]  # each entry by itself

Step = Callable[[], object]


class Names(NamedTuple):
    """What a caller calls its arguments, and where code of the other kind goes."""

    fn: str = "optimizer_fn"
    hyperparams: str = "optimizer_hyperparams"
    takes_rules: str = "train_ch7 or fit"
    takes_classes: str = "train_pytorch_ch7 or fit_torch"
    sgd: str = "chapter 7 trains with d2l_ch7.optimizers.sgd"


_FIRST_EDITIONS = Names()


@dataclass
class ByRule:
    """The book's own model, and an update rule for it."""

    optimizer_fn: Rule
    states: State
    hyperparams: Any
    in_place: bool = False  # whether the caller's states and hyperparams are worked on
    elementwise: bool = False  # whether many runs may be stacked
    names: Names = _FIRST_EDITIONS

    start = staticmethod(_chance.normal_start)
    loss = staticmethod(_linear.half_mean_square)

    def __post_init__(self) -> None:
        known = any(self.optimizer_fn is rule for rule in RULES)
        if not known:
            _check_rule(self.optimizer_fn, self.names)
        if callable(self.states):
            check_function("states", self.states, 1)
        self.init_states = RULES[self.optimizer_fn] if known else None
        self.wanted = "" if known else f"{_RULE} that can step with w (d, 1) and b (1,)"
        self.ours = known and (not callable(self.states) or self.states is self.init_states)
        self.elementwise = self.elementwise or self.ours

    def copy(self) -> "ByRule":
        """The same, with a copy of the reader's code: of what it remembers by itself, too."""
        if self.ours:
            return self
        code, states = copied_code(self.optimizer_fn), copied_code(self.states)
        return replace(self, optimizer_fn=code, states=states)

    def prepare(self, w: Tensor, b: Tensor) -> tuple[Step | None, Step]:
        """What clears the gradients of w and b, where we do not, and what makes a step."""
        rule, states, hyperparams = self.optimizer_fn, self.states, self.hyperparams
        runs = len(w) if w.dim() == 3 else 0
        like = [w, b]
        if not self.in_place:
            states, hyperparams = copied((states, hyperparams))
        if callable(states):
            with blamed("states", "a function init(params) for [w, b]", states, ValueError):
                states = states([w, b])
        elif runs:
            like = [w[0], b[0, 0]]
        if self.init_states:
            check_states(states, self.init_states(like))
        if not callable(self.states) and (runs or w.device.type != "cpu"):
            states = mapped(lambda leaf: placed(leaf, w.device, runs), states)
        return None, lambda: rule([w, b], states, hyperparams)


@dataclass
class ByOptimizer:
    """The model of ``nn.Linear``, and an optimizer of torch for it."""

    optimizer_fn: Callable[..., Any]
    hyperparams: Mapping[str, Any]
    in_place: bool = False
    elementwise: bool = False
    names: Names = _FIRST_EDITIONS

    wanted = "an optimizer that steps without a closure, by dense gradients (1, d) and (1,)"
    start = staticmethod(_chance.linear_start)
    loss = staticmethod(_linear.mean_square_halved)

    def __post_init__(self) -> None:
        check_class(Mapping, **{self.names.hyperparams: self.hyperparams})
        _check_optimizer(self.optimizer_fn, self.hyperparams, self.names)
        self.ours = any(self.optimizer_fn is known for known in _ELEMENTWISE)
        self.elementwise = self.elementwise or self.ours
        _load_optimizers()

    def copy(self) -> "ByOptimizer":
        """The same, with a copy of the reader's code: of what it remembers by itself, too."""
        return self if self.ours else replace(self, optimizer_fn=copied_code(self.optimizer_fn))

    def prepare(self, w: Tensor, b: Tensor) -> tuple[Step | None, Step]:
        """What clears the gradients of w and b, where we do not, and what makes a step."""
        hyperparams = self.hyperparams if self.in_place else copied(self.hyperparams)
        at_fault: tuple[str, str, Any]
        at_fault = self.names.fn, f"{_CLASS}, to be made with {hyperparams}", self.optimizer_fn
        if _is_class(self.optimizer_fn):
            wanted = f"arguments that {self.optimizer_fn.__name__} takes"
            at_fault = self.names.hyperparams, wanted, hyperparams
        with blamed(*at_fault):
            optimizer = self.optimizer_fn((p for p in (w, b)), **hyperparams)
        if not callable(getattr(optimizer, "step", None)):
            refuse(TypeError, self.names.fn, f"{_CLASS}, but it makes this", optimizer)

        def forget() -> None:
            w.grad = b.grad = None

        clear = getattr(optimizer, "zero_grad", forget)
        if getattr(clear, "__func__", None) is torch.optim.Optimizer.zero_grad:
            clear = forget  # does just this, in 10 us
        return None if self.ours else clear, lambda: optimizer.step()


Learner = ByRule | ByOptimizer


@cache
def _load_optimizers() -> None:
    """The first optimizer of a process loads much of torch: that is no time of training."""
    torch.optim.SGD([torch.zeros(1, device="cpu")], lr=0.0)


def _check_rule(rule: Any, names: Names) -> None:
    hint = ""
    if _is_class(rule):
        hint = f"; a class of torch.optim goes to {names.takes_classes}"
    elif _parameter_names(rule) == _SIGNATURES[1]:
        hint = f"; this is chapter 3's sgd, {names.sgd}"
    elif not isinstance(rule, type) and takes(rule, 3):
        return
    refuse(TypeError, names.fn, _RULE + hint, rule)


def _check_optimizer(optimizer_fn: Any, hyperparams: Mapping[str, Any], names: Names) -> None:
    wanted, parameters = _CLASS, _parameter_names(optimizer_fn)
    a_rules = parameters[:3] in _SIGNATURES and not hyperparams.keys() >= set(parameters[1:])
    if isinstance(optimizer_fn, torch.optim.Optimizer):
        wanted = f"a class such as torch.optim.{type(optimizer_fn).__name__}, not an instance of it"
    elif a_rules and not _is_class(optimizer_fn):
        wanted += f"; a rule goes to {names.takes_rules}"
    elif callable(optimizer_fn):
        return
    refuse(TypeError, names.fn, wanted, optimizer_fn)


def _is_class(value: Any) -> bool:
    return isinstance(value, type) and issubclass(value, torch.optim.Optimizer)


def _parameter_names(function: Any) -> list[str]:
    try:
        return list(inspect.signature(function).parameters)
    except (ValueError, TypeError):  # not callable, or a builtin that does not tell
        return []
