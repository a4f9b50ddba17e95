"""Checks of arguments: what is wrong is said by the argument's name, what would do, and what came.

`expect`, `refuse` and `blamed` word every error. Nothing here draws a random number, makes a figure
or changes an argument.
"""

import inspect
import math
import operator
import reprlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NoReturn

import numpy as np
import torch
from torch import Tensor


def refuse(
    wrong: type[Exception], name: str, wanted: str, value: Any, cause: Exception | None = None
) -> NoReturn:
    """Say which argument is wrong, what would do, what came, and what that led to."""
    came = "None"
    if value is not None:
        came = f"{type(value).__name__} {getattr(value, '__name__', '') or reprlib.repr(value)}"
    led_to = f": {type(cause).__name__}: {cause}" if cause else ""
    raise wrong(f"{name}: expected {wanted}, got {came}{led_to}") from cause


def expect(
    name: str, value: Any, convert: Callable[[Any], Any], wanted: str, always: Any = None
) -> Any:
    """The value as `convert` makes it; what that raises is said in our words."""
    try:
        return convert(value)
    except (TypeError, ValueError, RuntimeError, OverflowError) as error:
        kind = TypeError if isinstance(error, TypeError) else ValueError
    refuse(always or kind, name, wanted, value)


@contextmanager
def blamed(name: str, wanted: str, value: Any, always: Any = None) -> Iterator[None]:
    """What a reader's code raises is said in our words, and chained."""
    try:
        yield
    except Exception as error:
        of_type = isinstance(error, TypeError | NotImplementedError)
        refuse(always or (TypeError if of_type else ValueError), name, wanted, value, error)


# --- numbers


def check_count(name: str, value: Any) -> Any:
    """Return a number of things."""
    return expect(name, value, lambda count: _whole(count, 1), "an int of at least 1")


def check_seed(seed: Any, many: bool = True) -> Any:
    """Return None, an int, or a list of ints that both generators take."""

    def convert(seed: Any) -> Any:
        words = isinstance(seed, str | bytes | Mapping) or not isinstance(seed, Iterable)
        if words or not many or getattr(seed, "ndim", 1) == 0:
            return _whole(seed, 0, 2**32)
        seeds = [_whole(one, 0, 2**32) for one in seed]
        return seeds if seeds else _whole(-1, 0)

    wanted = "an int of 0 to 2**32 - 1, which NumPy takes" + many * ", or a sequence of such"
    return None if seed is None else expect("seed", seed, convert, wanted)


def _whole(value: Any, least: int, below: float = math.inf) -> int:
    if isinstance(value, bool | np.bool_):
        raise TypeError
    if not least <= operator.index(value) < below:
        raise ValueError
    return operator.index(value)


def check_number(name: str, value: Any) -> Any:
    """Return a finite number; arrays and tensors of one entry are welcome."""

    def convert(value: Any) -> float | int:
        if isinstance(value, int) and not isinstance(value, bool):
            float(value)  # may be too large
            return value
        return plain_number(value) if math.isfinite(plain_number(value)) else _whole(-1, 0)

    return expect(name, value, convert, "a finite number")


def plain_number(value: Any) -> float:
    """A real number as a float, also out of an array or tensor of one entry."""
    if isinstance(value, Tensor | np.ndarray) and value.shape.count(1) == value.ndim:
        value = value.item()
    if isinstance(value, bool | np.bool_ | str | bytes | Tensor):
        raise TypeError
    return float(value)


def check_path(name: str, path: Any) -> Any:
    """Return a path of points in the plane, at least one."""

    def convert(path: Any) -> Any:
        return [(plain_number(x1), plain_number(x2)) for x1, x2 in path]

    wanted = "points (x1, x2) in numbers, as train_2d returns them"
    return expect(name, path, convert, wanted, TypeError) or refuse(ValueError, name, wanted, path)


# --- objects and functions


def check_class(*expected: type, **arguments: Any) -> None:
    """Refuse objects of other classes."""
    for name, value in arguments.items():
        if not isinstance(value, expected):
            refuse(TypeError, name, f"a {' or '.join(c.__name__ for c in expected)}", value)


def check_choice(name: str, value: Any, *choices: Any, wrong: type[Exception] = ValueError) -> None:
    """Refuse what is not one of those to choose from."""
    if not any(type(value) is type(choice) and value == choice for choice in choices):
        refuse(wrong, name, f"one of {', '.join(map(repr, choices))}", value)


def check_function(name: str, value: Any, arguments: int) -> None:
    """Refuse what cannot be called with so many arguments."""
    if not takes(value, arguments):
        refuse(TypeError, name, f"a function of {arguments} argument(s)", value)


def takes(function: Any, count: int) -> bool:
    """Whether something can be called with so many positional arguments."""
    try:
        inspect.signature(function).bind(*range(count))
    except TypeError:
        return False
    except ValueError:  # some builtins do not tell
        pass
    return True


# --- parameters and states


def check_params(params: Any) -> list[Tensor]:
    """Return the parameters as a list of tensors."""
    if isinstance(params, Tensor) or not isinstance(params, Iterable):
        hint = "; in training, pass the function itself: states=init_..." * (params is None)
        refuse(TypeError, "params", f"the model's parameters in a list{hint}", params)
    tensors: list[Tensor] = list(params)
    for p in tensors:
        check_class(Tensor, params=p)
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
    if not isinstance(states, Sequence) or isinstance(states, str) or len(states) != len(like):
        hint = "; call the function: only training takes it as it is" * callable(states)
        wanted = f"{len(like)} states, as the rule's init_*_states(params) makes them{hint}"
        refuse(ValueError, "states", wanted, states)
    for state, model in zip(states, like):
        if not isinstance(model, Tensor):
            check_states(state, model)
        elif not isinstance(state, Tensor) or state.shape != model.shape:
            wrong = ValueError if isinstance(state, Tensor) else TypeError
            refuse(wrong, "states", f"a tensor of shape {tuple(model.shape)}", state)


# --- data and devices


def check_lengths(features: Any, labels: Any) -> None:
    """Refuse another number of labels than of samples."""
    single = 0 in (features.ndim, labels.ndim)
    if single or len(features) != len(labels):
        names = "features, labels" if single else "labels"
        got = f"{tuple(labels.shape)} for features of shape {tuple(features.shape)}"
        raise ValueError(f"{names}: expected a label a sample, got labels of shape {got}")


def check_data(features: Any, labels: Any) -> tuple[Tensor, Tensor]:
    """Return features (n, d) and labels (n,) as finite float32 tensors on the CPU."""
    X, y = _float32("features", features, "f"), _float32("labels", labels, "fiu")
    if X.dim() != 2 or X.numel() == 0:
        raise ValueError(f"features: expected shape (n, d), got shape {tuple(X.shape)}")
    if y.dim() not in (1, 2) or y.shape[1:].numel() != 1:
        raise ValueError(f"labels: expected shape (n,) or (n, 1), got shape {tuple(y.shape)}")
    check_lengths(X, y)
    for name, values in (("features", X), ("labels", y)):
        if not math.isfinite(values.sum()):  # the quick question; the sum may just be large
            for where in (~torch.isfinite(values)).nonzero()[:1].tolist():
                place = ", ".join(f"{axis} {i}" for axis, i in zip(("row", "column"), where))
                wanted = f"finite numbers (drop or fill {place}, counted from 0, as float32)"
                refuse(ValueError, name, wanted, values[tuple(where)].item())
    return X, y.reshape(-1)


def _float32(name: str, values: Any, kinds: str) -> Tensor:
    """Values as float32, if they are a dense array or tensor of one of NumPy's kinds of number."""
    numbers = "floating-point" if kinds == "f" else "real"
    wanted = f"{numbers} numbers in a dense tensor or array"
    with blamed(name, wanted, values, TypeError), np.errstate(all="ignore"):
        if isinstance(values, Tensor):
            values = values.detach().cpu()
            values = (values.float() if values.is_floating_point() else values).numpy()  # if dense
        check_class(np.ndarray, values=values)
        if values.dtype.kind not in kinds or isinstance(values, np.ma.MaskedArray):
            raise TypeError(f"they are {values.dtype}, {type(values).__name__}")
        values = np.array(values, dtype=np.float32)
    return torch.from_numpy(values)


def check_device(device: Any) -> torch.device:
    """Return a device that is there."""
    with blamed("device", "one that is here", device, ValueError):
        chosen = torch.device(device)
        if chosen.type != "cpu":
            torch.zeros(1, device=chosen).item()
    return chosen
