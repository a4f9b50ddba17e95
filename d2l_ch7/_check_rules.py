"""Checks of update rules and optimizers, of their hyperparameters, states and parameters."""

from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from typing import Any

import torch
from torch import Tensor

from d2l_ch7._checks import (
    check_callable,
    check_mapping,
    check_number,
    check_tensors,
    generators_kept,
    kind,
    parameter_names,
    takes,
)

_RULE_SIGNATURES = (["params", "states", "hyperparams"], ["params", "lr", "batch_size"])
_STEPPED: set[tuple[Any, str]] = set()  # what of torch.optim made its step already


def check_rule(optimizer_fn: Any) -> None:
    """Refuse what is not an update rule ``fn(params, states, hyperparams)``."""
    if isinstance(optimizer_fn, type) and issubclass(optimizer_fn, torch.optim.Optimizer):
        name = optimizer_fn.__name__
        raise TypeError(
            f"optimizer_fn: torch.optim.{name} is an optimizer class; pass it to "
            "train_pytorch_ch7 or fit_torch, or pass a rule of d2l_ch7.optimizers here"
        )
    check_callable("optimizer_fn", optimizer_fn, "an update rule fn(params, states, hyperparams)")
    if isinstance(optimizer_fn, type):
        raise TypeError(
            f"optimizer_fn: expected an update rule fn(params, states, hyperparams), got the class "
            f"{optimizer_fn.__name__}; pass a function, or an object that can be called"
        )
    names = parameter_names(optimizer_fn)
    if names == ["params", "lr", "batch_size"]:
        raise TypeError(
            "optimizer_fn: this is chapter 3's sgd(params, lr, batch_size); chapter 7 trains with "
            "d2l_ch7.optimizers.sgd, called as fn(params, states, hyperparams)"
        )
    if not takes(optimizer_fn, 3):
        raise TypeError(
            "optimizer_fn: a rule is called as fn(params, states, hyperparams), "
            f"but this one takes ({', '.join(names)})"
        )


def check_optimizer_class(optimizer_fn: Any, hyperparams: Any) -> None:
    """Refuse what does not make an optimizer with these hyperparameters, and let it make a step."""
    if isinstance(optimizer_fn, torch.optim.Optimizer):
        name = type(optimizer_fn).__name__
        raise TypeError(
            f"optimizer_fn: expected a class such as torch.optim.{name}, got an instance of it; "
            "pass the class, and its arguments as optimizer_hyperparams"
        )
    check_callable("optimizer_fn", optimizer_fn, "a torch.optim class")
    is_class = isinstance(optimizer_fn, type) and issubclass(optimizer_fn, torch.optim.Optimizer)
    if not is_class and parameter_names(optimizer_fn)[:3] in _RULE_SIGNATURES:
        raise TypeError(
            "optimizer_fn: expected a torch.optim class, such as torch.optim.SGD, got an update "
            "rule; a rule fn(params, states, hyperparams) goes to train_ch7 or fit"
        )
    check_mapping("optimizer_hyperparams", hyperparams)
    trial = [torch.nn.Parameter(torch.zeros(1, 1)), torch.nn.Parameter(torch.zeros(1))]
    guilty = "optimizer_hyperparams" if is_class else "optimizer_fn"
    torchs_own = is_class and optimizer_fn.__module__.startswith("torch.optim.")
    with nullcontext() if torchs_own else generators_kept():  # a stranger's class may draw
        try:
            optimizer = optimizer_fn(trial, **hyperparams)
        except Exception as error:
            wrong = TypeError if isinstance(error, TypeError | NotImplementedError) else ValueError
            raise wrong(
                f"{guilty}: {_name(optimizer_fn)} refuses {dict(hyperparams)!r}: {error}"
            ) from error
        if not callable(getattr(optimizer, "step", None)):
            raise TypeError(
                f"optimizer_fn: expected a torch.optim class, but it makes a {kind(optimizer)}"
            )
        tried = optimizer_fn, repr(dict(hyperparams))
        if torchs_own and tried in _STEPPED:
            return
        for p in trial:
            p.grad = torch.zeros_like(p)
        try:
            optimizer.step()
        except Exception as error:
            raise ValueError(
                f"optimizer_fn: {_name(optimizer_fn)} cannot make a step as the book's loop asks "
                f"for it, with dense gradients and no closure: {error}"
            ) from error
    if torchs_own:
        _STEPPED.add(tried)


def check_hyperparams(hyperparams: Any, keys: Sequence[str]) -> list[Any]:
    """Return the values of these keys, which must all be there, as plain finite numbers."""
    check_mapping("hyperparams", hyperparams)
    values = []
    for key in keys:
        if key not in hyperparams:
            raise ValueError(
                f"hyperparams: {key!r} is missing; this rule reads "
                f"{', '.join(map(repr, keys))}, got {sorted(map(str, hyperparams))}"
            )
        value = check_number(f"hyperparams: {key!r}", hyperparams[key])
        if key == "t" and value < 1:  # Adam's bias correction would divide by zero
            raise ValueError(f"hyperparams: 't' counts steps from 1, got {value}")
        values.append(value)
    return values


def check_params(params: Any) -> list[Tensor]:
    """Return the parameters as a list of tensors."""
    if isinstance(params, Tensor) or not isinstance(params, Iterable):
        raise TypeError(f"params: expected tensors in a list, got {kind(params)}")
    tensors: list[Tensor] = list(params)
    for p in tensors:
        check_tensors(params=p)
    return tensors


def check_gradients(params: Any) -> list[tuple[Tensor, Tensor]]:
    """Return each parameter with its gradient; none may be missing."""
    pairs = []
    for p in check_params(params):
        if p.grad is None:
            raise ValueError("params: a parameter has no gradient; call backward() first")
        pairs.append((p, p.grad.data))
    return pairs


def check_states(states: Any, like: Sequence[Any]) -> None:
    """Refuse states that are not built like these: of another length, depth or shape."""
    if not isinstance(states, Sequence) or isinstance(states, str):
        raise ValueError(
            f"states: this rule needs one state for each of {len(like)} parameters, got "
            f"{kind(states)}; make them with the rule's init_*_states(params), or pass that "
            "function itself"
        )
    if len(states) != len(like):
        raise ValueError(f"states: {len(states)} where this rule needs {len(like)}")
    for state, model in zip(states, like, strict=True):
        if not isinstance(model, Tensor):
            check_states(state, model)
        elif not isinstance(state, Tensor):
            raise TypeError(
                f"states: expected a tensor of shape {tuple(model.shape)}, got {kind(state)}; "
                "are these another rule's states?"
            )
        elif state.shape != model.shape:
            raise ValueError(
                f"states: expected shape {tuple(model.shape)}, as the parameter has, "
                f"got {tuple(state.shape)}"
            )


def _name(function: Any) -> str:
    return getattr(function, "__name__", repr(function))
