"""Copies of what a reader hands over: states, hyperparameters, and code."""

import copy
from collections.abc import Callable
from types import CellType, FunctionType
from typing import Any

import torch
from torch import Tensor


def copied(tree: Any) -> Any:
    """A copy that shares no tensor with the original."""
    try:
        return copy.deepcopy(tree)
    except Exception:  # a generator, say, cannot be copied: then only what holds it is
        return mapped(lambda x: x.detach().clone() if isinstance(x, Tensor) else x, tree)


def copied_code(code: Any) -> Any:
    """A copy of a function or object, with all that it holds, as far as that can be copied."""
    if not isinstance(code, FunctionType):
        return copied(code)
    try:
        cells = tuple(CellType(copied(cell.cell_contents)) for cell in code.__closure__ or ())
    except ValueError:  # a cell is still empty
        return code
    defaults = copied(code.__defaults__)
    new = FunctionType(code.__code__, code.__globals__, code.__name__, defaults, cells)
    new.__kwdefaults__ = copied(code.__kwdefaults__)
    return new


def placed(leaf: Any, device: torch.device, runs: int) -> Any:
    """A state's tensor where the run is; (d, 1), (1,) or () once for each of S runs, if many."""
    if not isinstance(leaf, Tensor):
        return leaf
    leaf = leaf.detach().to(device)
    while runs and leaf.dim() < 2:
        leaf = leaf[None]
    return leaf[..., None].repeat(*leaf.dim() * (1,), runs).movedim(-1, 0) if runs else leaf


def mapped(function: Callable[[Any], Any], tree: Any) -> Any:
    """The same lists, tuples and dicts, with a function of each leaf."""
    if isinstance(tree, dict):
        new = copy.copy(tree)  # keeps what a subclass adds
        new.update({key: mapped(function, value) for key, value in tree.items()})
        return new
    if isinstance(tree, list | tuple):
        values = [mapped(function, value) for value in tree]
        return tree._make(values) if hasattr(tree, "_make") else type(tree)(values)
    return function(tree)
