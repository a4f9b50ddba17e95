r"""Chapter 7's update rules: each changes parameters and states in place, by hyperparameters.

Symbols: a parameter :math:`p` with gradient :math:`g` (``p.grad``, of a minibatch's mean loss) and
learning rate :math:`\eta` (``lr``). Products, roots and quotients are taken entry by entry, so that
a parameter may have any shape: one run's, or that of many runs stacked.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from typing import Any

import torch
from torch import Tensor

from d2l_ch7._checks import check_class, check_gradients, check_number, check_params, check_states

State = Any  # None, or tensors in lists or tuples: each rule says which
Rule = Callable[[list[Tensor], State, dict[str, Any]], object]

_PLAIN = {float, int}


def sgd(params: Iterable[Tensor], states: State, hyperparams: Mapping[str, Any]) -> None:
    r"""Gradient descent; stochastic where the gradient is that of a minibatch.

    .. math:: p \leftarrow p - \eta\, g

    Parameters
    ----------
    params : iterable of torch.Tensor [any shape]
        Parameters :math:`p` with their gradients; changed in place.
    states : None
        Not used.
    hyperparams : dict
        ``lr``, the learning rate :math:`\eta`.

    Raises
    ------
    ValueError
        If a hyperparameter or a gradient is missing.

    References
    ----------
    H. Robbins and S. Monro, "A stochastic approximation method", *Annals of Mathematical
    Statistics* 22, 1951. Section 7.2 of the book.

    Examples
    --------
    >>> p = torch.tensor([1.0])
    >>> p.grad = torch.tensor([2.0])
    >>> sgd([p], None, {"lr": 0.25})
    >>> p
    tensor([0.5000])
    """
    (lr,) = _read(hyperparams, "lr")
    for p, g in check_gradients(params):
        p.data.sub_(g, alpha=lr)


def momentum(params: Iterable[Tensor], states: State, hyperparams: Mapping[str, Any]) -> None:
    r"""Momentum: a velocity collects the gradients, and forgets them slowly.

    .. math:: v \leftarrow \gamma v + \eta\, g, \qquad p \leftarrow p - v

    Parameters
    ----------
    params : iterable of torch.Tensor [any shape]
        Parameters :math:`p` with their gradients; changed in place.
    states : sequence of torch.Tensor [each of its parameter's shape]
        Velocities :math:`v`, from :func:`init_momentum_states`; changed in place.
    hyperparams : dict
        ``lr``, the learning rate :math:`\eta`; ``momentum``, the share :math:`\gamma` that a
        velocity keeps in a step.

    Raises
    ------
    ValueError
        If a hyperparameter, a state or a gradient is missing.

    References
    ----------
    B. T. Polyak, "Some methods of speeding up the convergence of iteration methods", 1964.
    Section 7.4 of the book.

    Examples
    --------
    >>> p = torch.tensor([1.0])
    >>> p.grad = torch.tensor([2.0])
    >>> v = init_momentum_states([p])
    >>> momentum([p], v, {"lr": 0.25, "momentum": 0.5})
    >>> momentum([p], v, {"lr": 0.25, "momentum": 0.5})
    >>> p, v
    (tensor([-0.2500]), [tensor([0.7500])])
    """
    lr, gamma = _read(hyperparams, "lr", "momentum")
    for p, g, v in _with_states(params, states):
        v[:] = gamma * v + lr * g
        p.data.sub_(v)


def adagrad(params: Iterable[Tensor], states: State, hyperparams: Mapping[str, Any]) -> None:
    r"""AdaGrad: each entry's step shrinks with all the gradients that it has seen.

    .. math:: s \leftarrow s + g^2, \qquad p \leftarrow p - \frac{\eta}{\sqrt{s + \epsilon}}\, g

    with :math:`\epsilon = 10^{-6}` inside the root (``torch.optim.Adagrad`` has it outside).

    Parameters
    ----------
    params : iterable of torch.Tensor [any shape]
        Parameters :math:`p` with their gradients; changed in place.
    states : sequence of torch.Tensor [each of its parameter's shape]
        Sums of squares :math:`s`, from :func:`init_adagrad_states`; changed in place.
    hyperparams : dict
        ``lr``, the learning rate :math:`\eta`.

    Raises
    ------
    ValueError
        If a hyperparameter, a state or a gradient is missing.

    References
    ----------
    J. Duchi, E. Hazan and Y. Singer, "Adaptive subgradient methods for online learning and
    stochastic optimization", *JMLR* 12, 2011. Section 7.5 of the book.

    Examples
    --------
    >>> p = torch.tensor([1.0])
    >>> p.grad = torch.tensor([2.0])
    >>> adagrad([p], init_adagrad_states([p]), {"lr": 0.25})
    >>> p
    tensor([0.7500])
    """
    (lr,), eps = _read(hyperparams, "lr"), 1e-6
    for p, g, s in _with_states(params, states):
        s[:] = s + g**2
        p.data.sub_(lr * g / torch.sqrt(s + eps))


def rmsprop(params: Iterable[Tensor], states: State, hyperparams: Mapping[str, Any]) -> None:
    r"""RMSProp: AdaGrad that forgets, by an exponentially weighted average of the squares.

    .. math::

        s \leftarrow \gamma s + (1 - \gamma)\, g^2, \qquad
        p \leftarrow p - \frac{\eta}{\sqrt{s + \epsilon}}\, g

    with :math:`\epsilon = 10^{-6}` inside the root (``torch.optim.RMSprop`` has it outside).

    Parameters
    ----------
    params : iterable of torch.Tensor [any shape]
        Parameters :math:`p` with their gradients; changed in place.
    states : sequence of torch.Tensor [each of its parameter's shape]
        Averages of squares :math:`s`, from :func:`init_rmsprop_states`; changed in place.
    hyperparams : dict
        ``lr``, the learning rate :math:`\eta`; ``gamma``, the share :math:`\gamma` that an average
        keeps in a step.

    Raises
    ------
    ValueError
        If a hyperparameter, a state or a gradient is missing.

    References
    ----------
    T. Tieleman and G. Hinton, "Lecture 6.5: rmsprop", *COURSERA: Neural Networks for Machine
    Learning*, 2012. Section 7.6 of the book.

    Examples
    --------
    >>> p = torch.tensor([1.0])
    >>> p.grad = torch.tensor([2.0])
    >>> rmsprop([p], init_rmsprop_states([p]), {"lr": 0.25, "gamma": 0.75})
    >>> p
    tensor([0.5000])
    """
    (lr, gamma), eps = _read(hyperparams, "lr", "gamma"), 1e-6
    for p, g, s in _with_states(params, states):
        s[:] = gamma * s + (1 - gamma) * g**2
        p.data.sub_(lr * g / torch.sqrt(s + eps))


def adadelta(params: Iterable[Tensor], states: State, hyperparams: Mapping[str, Any]) -> None:
    r"""AdaDelta: RMSProp whose learning rate is the size of its own past steps.

    .. math::

        s &\leftarrow \rho s + (1 - \rho)\, g^2 \\
        g' &= \sqrt{\frac{\Delta + \epsilon}{s + \epsilon}}\, g \\
        p &\leftarrow p - g' \\
        \Delta &\leftarrow \rho \Delta + (1 - \rho)\, g'^2

    with :math:`\epsilon = 10^{-5}` (``torch.optim.Adadelta`` has :math:`10^{-6}`).

    Parameters
    ----------
    params : iterable of torch.Tensor [any shape]
        Parameters :math:`p` with their gradients; changed in place.
    states : sequence of (torch.Tensor, torch.Tensor) [each of its parameter's shape]
        Averages :math:`s` and :math:`\Delta`, from :func:`init_adadelta_states`; changed in place.
    hyperparams : dict
        ``rho``, the share :math:`\rho` that the averages keep in a step.

    Raises
    ------
    ValueError
        If a hyperparameter, a state or a gradient is missing.

    References
    ----------
    M. D. Zeiler, "ADADELTA: an adaptive learning rate method", arXiv:1212.5701, 2012.
    Section 7.7 of the book.

    Examples
    --------
    >>> p = torch.tensor([1.0])
    >>> p.grad = torch.tensor([2.0])
    >>> adadelta([p], init_adadelta_states([p]), {"rho": 0.9})
    >>> p
    tensor([0.9900])
    """
    (rho,), eps = _read(hyperparams, "rho"), 1e-5
    for p, g, (s, delta) in _with_states(params, states, 2):
        s[:] = rho * s + (1 - rho) * g**2
        step = torch.sqrt((delta + eps) / (s + eps)) * g
        p.data.sub_(step)
        delta[:] = rho * delta + (1 - rho) * step**2


def adam(params: Iterable[Tensor], states: State, hyperparams: MutableMapping[str, Any]) -> None:
    r"""Adam: momentum's average over RMSProp's, each corrected for having started at zero.

    .. math::

        v &\leftarrow \beta_1 v + (1 - \beta_1)\, g \\
        s &\leftarrow \beta_2 s + (1 - \beta_2)\, g^2 \\
        \hat{v} &= \frac{v}{1 - \beta_1^t}, \quad \hat{s} = \frac{s}{1 - \beta_2^t} \\
        p &\leftarrow p - \frac{\eta\, \hat{v}}{\sqrt{\hat{s}} + \epsilon}

    with :math:`\beta_1 = 0.9`, :math:`\beta_2 = 0.999` and :math:`\epsilon = 10^{-6}` outside the
    root, where the paper and ``torch.optim.Adam`` have :math:`10^{-8}`. Then t grows by 1.

    Parameters
    ----------
    params : iterable of torch.Tensor [any shape]
        Parameters :math:`p` with their gradients; changed in place.
    states : sequence of (torch.Tensor, torch.Tensor) [each of its parameter's shape]
        Averages :math:`v` and :math:`s`, from :func:`init_adam_states`; changed in place.
    hyperparams : dict
        ``lr``, the learning rate :math:`\eta`; ``t``, the number :math:`t` of this step, counted
        from 1: changed in place.

    Raises
    ------
    ValueError
        If a hyperparameter, a state or a gradient is missing, or ``t`` is below 1.

    References
    ----------
    D. P. Kingma and J. Ba, "Adam: a method for stochastic optimization", ICLR 2015.
    Section 7.8 of the book.

    Examples
    --------
    >>> p = torch.tensor([1.0])
    >>> p.grad = torch.tensor([2.0])
    >>> hyperparams = {"lr": 0.25, "t": 1}
    >>> adam([p], init_adam_states([p]), hyperparams)
    >>> p, hyperparams["t"]
    (tensor([0.7500]), 2)
    """
    lr, t = _read(hyperparams, "lr", "t")
    if t < 1:  # the correction would divide by zero
        raise ValueError(f"hyperparams: 't' counts steps from 1, got {t}")
    beta1, beta2, eps = 0.9, 0.999, 1e-6
    for p, g, (v, s) in _with_states(params, states, 2):
        v[:] = beta1 * v + (1 - beta1) * g
        s[:] = beta2 * s + (1 - beta2) * g**2
        v_hat = v / (1 - beta1**t)
        s_hat = s / (1 - beta2**t)
        p.data.sub_(lr * v_hat / (torch.sqrt(s_hat) + eps))
    hyperparams["t"] = t + 1


def init_momentum_states(params: Iterable[Tensor] | None = None) -> list[Tensor]:
    """Zeros for a rule that remembers one tensor a parameter.

    These are :func:`momentum`, :func:`adagrad` and :func:`rmsprop`. The training functions take
    this function itself as `states`, and call it with the model's parameters.

    Parameters
    ----------
    params : iterable of torch.Tensor [any shape]
        The parameters; a call without them is told what to do instead.

    Returns
    -------
    list of torch.Tensor [each of its parameter's shape]
        A tensor of zeros a parameter.

    Raises
    ------
    TypeError
        If `params` holds something else than tensors.

    Examples
    --------
    >>> init_momentum_states([torch.ones(2), torch.ones(1)])
    [tensor([0., 0.]), tensor([0.])]
    """
    return [torch.zeros_like(p.data) for p in check_params(params)]


def init_adam_states(params: Iterable[Tensor] | None = None) -> list[tuple[Tensor, Tensor]]:
    """Zeros for a rule that remembers two tensors a parameter.

    These are :func:`adadelta` and :func:`adam`. Otherwise as :func:`init_momentum_states`.

    Parameters
    ----------
    params : iterable of torch.Tensor [any shape]
        The parameters.

    Returns
    -------
    list of (torch.Tensor, torch.Tensor) [each of its parameter's shape]
        A pair of tensors of zeros a parameter.

    Raises
    ------
    TypeError
        If `params` holds something else than tensors.

    Examples
    --------
    >>> init_adam_states([torch.ones(2)])
    [(tensor([0., 0.]), tensor([0., 0.]))]
    """
    return [(torch.zeros_like(p.data), torch.zeros_like(p.data)) for p in check_params(params)]


init_adagrad_states = init_rmsprop_states = init_momentum_states
init_adadelta_states = init_adam_states

# Each rule with the function that builds its states.
RULES: dict[Rule, Callable[[Iterable[Tensor]], State] | None] = {
    sgd: None,
    momentum: init_momentum_states,
    adagrad: init_adagrad_states,
    rmsprop: init_rmsprop_states,
    adadelta: init_adadelta_states,
    adam: init_adam_states,
}


def _read(hyperparams: Mapping[str, Any], *keys: str) -> list[Any]:
    """The rule's hyperparameters; whatever is not a plain number already is looked at closely."""
    values = []
    try:
        for key in keys:
            values.append(hyperparams[key])
            if type(values[-1]) not in _PLAIN or not math.isfinite(values[-1]):
                break
        else:
            return values
    except (KeyError, TypeError, OverflowError):
        pass
    check_class(Mapping, hyperparams=hyperparams)
    for key in keys:
        if key not in hyperparams:
            raise ValueError(
                f"hyperparams: {key!r} is missing; this rule reads "
                f"{', '.join(map(repr, keys))}, got {sorted(map(str, hyperparams))}"
            )
    return [check_number(f"hyperparams: {key!r}", hyperparams[key]) for key in keys]


def _with_states(
    params: Iterable[Tensor], states: State, per_param: int = 1
) -> Iterator[tuple[Tensor, Tensor, Any]]:
    """Each parameter with its gradient and its state: a tensor, or so many."""
    pairs = check_gradients(params)
    try:
        fit = len(states) == len(pairs) and all(
            isinstance(s, Tensor) if per_param == 1 else len(s) == per_param for s in states
        )
    except TypeError:
        fit = False
    if not fit:
        check_states(states, [p if per_param == 1 else (p,) * per_param for p, _ in pairs])
    return ((p, g, state) for (p, g), state in zip(pairs, states))
