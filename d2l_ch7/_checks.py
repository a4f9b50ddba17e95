"""Argument checks at the public boundary: each names the argument, what came, and what would do.

Nothing here draws a random number, makes a figure or changes an argument.
"""

import inspect
import math
import operator
import reprlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from numbers import Integral, Real
from typing import Any

import numpy as np
import torch
from torch import Tensor


@contextmanager
def generators_kept() -> Iterator[None]:
    """Put the global generators of torch and NumPy back where they were."""
    ours, numpys = torch.get_rng_state(), np.random.get_state()
    try:
        yield
    finally:
        torch.set_rng_state(ours)
        np.random.set_state(numpys)


def check_tensors(**arguments: Any) -> None:
    """Refuse what is not a tensor."""
    for name, value in arguments.items():
        if not isinstance(value, Tensor):
            raise TypeError(f"{name}: expected a torch.Tensor, got {kind(value)}")


def check_count(name: str, value: Any) -> int:
    """Return a number of things: an int of at least 1."""
    try:
        count = None if isinstance(value, bool | np.bool_) else operator.index(value)
    except TypeError:
        count = None
    if count is None:
        raise TypeError(f"{name}: expected an int, got {kind(value)} {value!r}")
    if count < 1:
        raise ValueError(f"{name}: expected at least 1, got {count}")
    return count


def check_lengths(features: Any, labels: Any) -> None:
    """Refuse another number of labels than of samples."""
    if 0 in (features.ndim, labels.ndim):
        raise ValueError("features, labels: expected one row a sample, got a single number")
    if len(features) != len(labels):
        raise ValueError(
            f"labels: {len(labels)} for the {len(features)} samples (rows) of features; "
            "give one each"
        )


def check_data(features: Any, labels: Any) -> tuple[Tensor, Tensor]:
    """Return features (n, d) and labels (n,) as finite float32 tensors on the CPU."""
    X = _float32("features", features, "f")
    y = _float32("labels", labels, "fiu")
    if X.dim() != 2:
        raise ValueError(
            f"features: expected shape (n, d), one sample a row, got shape {tuple(X.shape)}"
        )
    if y.dim() not in (1, 2) or (y.dim() == 2 and y.shape[1] != 1):
        raise ValueError(f"labels: expected shape (n,) or (n, 1), got shape {tuple(y.shape)}")
    if X.numel() == 0:
        raise ValueError(f"features: no data in shape {tuple(X.shape)}; give at least one sample")
    check_lengths(X, y)
    y = y.reshape(-1)
    for name, values in (("features", X), ("labels", y)):
        if not math.isfinite(values.sum()):  # the quick question; the sum may just be large
            finite = torch.isfinite(values)
            if finite.all():
                continue
            where = (~finite).nonzero()[0].tolist()
            place = ", ".join(f"{axis} {i}" for axis, i in zip(("row", "column"), where))
            raise ValueError(
                f"{name}: {values[tuple(where)].item()} at {place} (counted from 0, as float32); "
                "drop or fill such entries first"
            )
    return X, y


def check_number(name: str, value: Any) -> Any:
    """Return a finite number as an int or float; arrays and tensors of one entry are welcome."""
    number = value
    if isinstance(value, Tensor | np.ndarray) and value.shape.count(1) == value.ndim:
        number = value.item()
    if isinstance(number, bool | np.bool_) or not isinstance(number, Real | Decimal):
        raise TypeError(f"{name}: expected a number, got {kind(value)} {value!r}")
    try:
        number = operator.index(number) if isinstance(number, Integral) else float(number)
        finite = math.isfinite(number)
    except OverflowError:
        finite = False
    if not finite:
        raise ValueError(f"{name}: expected a finite number, got {reprlib.repr(value)}")
    return number


def check_seed(seed: Any) -> int | list[int] | None:
    """Return None, an int, or a list of ints that both generators take."""
    if seed is None:
        return None
    if isinstance(seed, str | bytes | Mapping):
        raise TypeError(f"seed: expected an int or a sequence of ints, got {seed!r}")
    if isinstance(seed, Iterable) and not (isinstance(seed, np.ndarray | Tensor) and seed.ndim < 1):
        seeds = [_check_one_seed(s) for s in seed]
        if not seeds:
            raise ValueError("seed: an empty sequence; give at least one int")
        return seeds
    return _check_one_seed(seed)


def _check_one_seed(seed: Any) -> int:
    try:
        value = None if isinstance(seed, bool | np.bool_) else operator.index(seed)
    except TypeError:
        value = None
    if value is None:
        raise TypeError(f"seed: expected an int or a sequence of ints, got {kind(seed)} {seed!r}")
    if not 0 <= value < 2**32:
        raise ValueError(f"seed: expected 0 <= seed < 2**32, which NumPy takes, got {value}")
    return value


def check_device(device: Any) -> torch.device:
    """Return a device that is there."""
    try:
        chosen = torch.device(device)
        torch.zeros(1, device=chosen).item()
    except (RuntimeError, TypeError, AssertionError, NotImplementedError) as error:
        raise ValueError(f"device: {device!r} cannot be used here: {error}") from error
    return chosen


def check_progress(progress: Any) -> None:
    """Refuse what is neither yes, no, nor None."""
    if not (progress is None or isinstance(progress, bool)):
        raise TypeError(f"progress: expected True, False or None, got {progress!r}")


def check_function(name: str, value: Any, arguments: int) -> None:
    """Refuse what cannot be called with so many arguments."""
    check_callable(name, value, f"a function of {arguments} arguments")
    if not takes(value, arguments):
        raise TypeError(
            f"{name}: is called with {arguments} arguments, "
            f"but takes ({', '.join(parameter_names(value))})"
        )


def check_four(name: str, values: Any) -> tuple[Any, Any, Any, Any]:
    """Return the four values x1, x2, s1, s2 of one step in the plane; the first two are numbers."""
    try:
        x1, x2, s1, s2 = values
        plain_number(x1), plain_number(x2)
    except (TypeError, ValueError, RuntimeError):
        raise TypeError(
            f"{name}: each step must return four values x1, x2, s1, s2, the point in numbers; "
            f"got {reprlib.repr(values)}"
        ) from None
    return x1, x2, s1, s2


def plain_number(x: Any) -> float:
    """A number as a float, also out of an array or tensor of one entry."""
    if isinstance(x, str | bytes):
        raise TypeError(f"expected a number, got {x!r}")
    return float(x.item() if isinstance(x, Tensor | np.ndarray) else x)


def check_slope(name: str, slope: Any) -> float:
    """Return a derivative as a float; it may have left every bound."""
    try:
        return plain_number(slope)
    except (TypeError, ValueError, RuntimeError):
        raise TypeError(f"{name}: must return a number, got {reprlib.repr(slope)}") from None


def check_path(name: str, path: Any) -> list[tuple[float, float]]:
    """Return a path of points in the plane, at least one."""
    try:
        points = [(plain_number(x1), plain_number(x2)) for x1, x2 in path]
    except (TypeError, ValueError, RuntimeError):
        raise TypeError(
            f"{name}: expected points (x1, x2) in numbers, as train_2d returns them"
        ) from None
    if not points:
        raise ValueError(f"{name}: no points; pass what train_2d returns")
    return points


def check_heights(name: str, f: Any, x1: np.ndarray, x2: np.ndarray) -> np.ndarray:
    """Return a function's real values on two grids, in the grids' shape."""
    check_function(name, f, 2)
    try:
        heights = np.asarray(f(x1, x2))
    except Exception as error:
        raise ValueError(f"{name}: fails when called with NumPy grids: {error}") from error
    if heights.dtype.kind not in "fiu" or heights.shape not in ((), x1.shape):
        raise ValueError(
            f"{name}: expected real heights of the grids' shape {x1.shape}, got {heights.dtype} of "
            f"shape {heights.shape}"
        )
    return np.broadcast_to(heights.astype(float), x1.shape)


def check_pair(x_name: str, x: Any, y_name: str, y: Any) -> None:
    """Refuse a curve whose x and y differ in length, or one without the other."""
    for name, values in ((x_name, x), (y_name, y)):
        if np.asarray(values).dtype.kind not in "fiu":
            raise TypeError(f"{name}: expected numbers to draw, got {kind(values)}")
    if np.size(x) != np.size(y):
        raise ValueError(f"{y_name}: {np.size(y)} values for the {np.size(x)} of {x_name}")


def check_figsize(figsize: Any) -> tuple[float, float]:
    """Return width and height."""
    try:
        width, height = (float(side) for side in figsize)
    except (TypeError, ValueError):
        raise TypeError(
            f"figsize: expected two numbers (width, height) in inches, got {figsize!r}"
        ) from None
    if not (0 < width < math.inf and 0 < height < math.inf):
        raise ValueError(f"figsize: expected a width and height above 0 inches, got {figsize!r}")
    return width, height


def check_class(name: str, value: Any, expected: type) -> None:
    """Refuse an object of another class."""
    if not isinstance(value, expected):
        raise TypeError(f"{name}: expected a {expected.__name__}, got {kind(value)}")


def check_words(name: str, words: Any) -> None:
    """Refuse what is not a list of words."""
    if isinstance(words, str) or not isinstance(words, Iterable):
        raise TypeError(f"{name}: expected words in a list, got {kind(words)}")


def check_choice(name: str, value: Any, choices: Sequence[str]) -> None:
    """Refuse what is not one of the words to choose from."""
    if value not in choices:
        raise ValueError(f"{name}: expected one of {', '.join(map(repr, choices))}, got {value!r}")


def _float32(name: str, values: Any, kinds: str) -> Tensor:
    """Values as float32, if they are a dense array or tensor of one of NumPy's kinds of number."""
    if isinstance(values, np.ndarray) and not isinstance(values, np.ma.MaskedArray):
        letter, dtype = values.dtype.kind, values.dtype
    elif isinstance(values, Tensor):
        dense = values.layout == torch.strided and not values.is_nested
        if not dense or values.is_quantized or values.is_meta:
            raise TypeError(f"{name}: expected a dense tensor, got {values.layout} {values.dtype}")
        letter = "f" if values.is_floating_point() else "c" if values.is_complex() else "i"
        letter, dtype = ("b" if values.dtype == torch.bool else letter), values.dtype
    else:
        raise TypeError(f"{name}: expected a torch.Tensor or numpy.ndarray, got {kind(values)}")
    if letter not in kinds:
        wanted = "floating-point numbers" if kinds == "f" else "real numbers"
        raise TypeError(f"{name}: expected {wanted}, got dtype {dtype}; convert them to float32")
    if isinstance(values, np.ndarray):
        with np.errstate(over="ignore"):
            values = torch.from_numpy(np.array(values, dtype=np.float32))
    single: Tensor = values.detach().to("cpu", torch.float32)
    return single


def check_callable(name: str, value: Any, wanted: str) -> None:
    """Refuse what cannot be called."""
    if not callable(value):
        raise TypeError(f"{name}: expected {wanted}, got {kind(value)}")


def check_mapping(name: str, value: Any) -> None:
    """Refuse what does not map names to values."""
    if not isinstance(value, Mapping):
        raise TypeError(f"{name}: expected a dict such as {{'lr': 0.05}}, got {kind(value)}")


def parameter_names(function: Callable[..., Any]) -> list[str]:
    """The names of a function's parameters, as far as it tells."""
    try:
        return list(inspect.signature(function).parameters)
    except (ValueError, TypeError):  # some builtins do not tell
        return []


def takes(function: Callable[..., Any], count: int) -> bool:
    """Whether a function can be called with so many positional arguments."""
    try:
        inspect.signature(function).bind(*range(count))
    except TypeError:
        return False
    except ValueError:  # some builtins do not tell
        return True
    return True


def kind(value: Any) -> str:
    """What a value is, in a message's words."""
    return "None" if value is None else type(value).__name__
