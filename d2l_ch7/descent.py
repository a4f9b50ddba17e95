"""One- and two-dimensional descents: paths of points. Silent, no figures."""

from collections.abc import Callable
from typing import Any

from d2l_ch7 import _checks

Trainer = Callable[..., tuple[Any, Any, Any, Any]]


def descend_1d(
    f_grad: Callable[[float], float], eta: float, x: float = 10.0, steps: int = 10
) -> list[float]:
    r"""Gradient descent on a line, :math:`x \leftarrow x - \eta f'(x)`.

    Parameters
    ----------
    f_grad : callable
        Derivative :math:`f'`.
    eta : float
        Learning rate :math:`\eta`.
    x : float
        Where to start.
    steps : int
        Number of steps.

    Returns
    -------
    list of float [length steps + 1]
        The points visited, the start first.

    Raises
    ------
    TypeError
        If `f_grad` is not callable or `steps` is not an int.
    ValueError
        If `steps` is below 1.

    References
    ----------
    *Dive into Deep Learning*, first edition, section 7.2.

    Examples
    --------
    >>> descend_1d(lambda x: 2 * x, eta=0.25, x=8.0, steps=3)
    [8.0, 4.0, 2.0, 1.0]
    """
    _checks.check_function("f_grad", f_grad, 1)
    eta, x = _checks.check_number("eta", eta), _checks.check_number("x", x)
    path, wanted = [x], "a function that returns a number"
    for _ in range(_checks.check_count("steps", steps)):
        slope = f_grad(x)
        x -= eta * _checks.expect("f_grad", slope, _checks.plain_number, wanted, TypeError)
        path.append(x)
    return path


def descend_2d(
    trainer: Trainer, steps: int = 20, f_grad: Callable[..., Any] | None = None
) -> list[tuple[Any, Any]]:
    """Descend in the plane from (-5, -2), by a function that makes one step.

    Parameters
    ----------
    trainer : callable
        ``x1, x2, s1, s2 = trainer(x1, x2, s1, s2)``; s1 and s2, zero at first, are what it wants to
        remember. With `f_grad` it is called as ``trainer(x1, x2, s1, s2, f_grad)``.
    steps : int
        Number of steps.
    f_grad : callable, optional
        Gradient ``f_grad(x1, x2)``, handed to `trainer`, as in the book's second edition.

    Returns
    -------
    list of (float, float) [length steps + 1]
        The points visited, the start first.

    Raises
    ------
    TypeError
        If `trainer` or `f_grad` is not callable, `trainer` gives something else than four values,
        or `steps` is not an int.
    ValueError
        If `steps` is below 1.

    References
    ----------
    *Dive into Deep Learning*, first edition, section 7.2.

    Examples
    --------
    >>> descend_2d(lambda x1, x2, s1, s2: (x1 / 2, x2 / 2, s1, s2), steps=2)
    [(-5, -2), (-2.5, -1.0), (-1.25, -0.5)]
    """
    _checks.check_function("trainer", trainer, 4 if f_grad is None else 5)
    if f_grad is not None:
        _checks.check_function("f_grad", f_grad, 2)
    extra = () if f_grad is None else (f_grad,)
    x1, x2, s1, s2 = -5, -2, 0, 0
    path = [(x1, x2)]
    for _ in range(_checks.check_count("steps", steps)):
        x1, x2, s1, s2 = _checks.expect(
            "trainer",
            trainer(x1, x2, s1, s2, *extra),
            _four,
            "a function that returns four values x1, x2, s1, s2, the point in numbers",
            TypeError,
        )
        path.append((x1, x2))
    return path


def _four(values: Any) -> tuple[Any, Any, Any, Any]:
    x1, x2, s1, s2 = values
    _checks.plain_number(x1), _checks.plain_number(x2)
    return x1, x2, s1, s2
