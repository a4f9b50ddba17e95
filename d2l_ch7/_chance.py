"""Chance: whose random numbers a run takes, where it starts, in which order it sees the samples.

A run draws what the book's loop draws, in the same order: its start, by NumPy or as ``nn.Linear``
does, then for each epoch the two int64 numbers that ``DataLoader(..., shuffle=True)`` draws: a base
seed for worker processes, which nobody uses here, and the seed of the permutation.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Generator, Tensor

from d2l_ch7._checks import refuse

_TURN = threading.RLock()  # the global generators serve one run at a time


class Draws(NamedTuple):
    """Whose random numbers one run takes: a generator of torch, and NumPy's ``normal``."""

    torch: Generator
    normal: Callable[..., Any]


def own_draws(seeds: Sequence[int]) -> list[Draws]:
    """What seeding the global generators with each seed would give, without touching them."""
    numpys = np.random.RandomState()

    def first_normals(seed: int, **options: Any) -> Any:
        numpys.seed(seed)
        return numpys.normal(**options)

    return [Draws(Generator().manual_seed(seed), partial(first_normals, seed)) for seed in seeds]


@contextmanager
def global_draws(seed: int | None, device: torch.device) -> Iterator[list[Draws]]:
    """The global generators: seeded, and put back, if a seed is given; put back if a run fails."""
    with _TURN:
        torchs = _torchs_generators(seed, device)
        before, numpys_before = [t.get_state() for t in torchs], np.random.get_state()
        put_back = True
        try:
            if seed is not None:
                np.random.seed(seed)
                for generator in torchs:
                    generator.manual_seed(seed)
            yield [Draws(torch.default_generator, np.random.normal)]
            put_back = seed is not None
        finally:
            if put_back:
                np.random.set_state(numpys_before)
                for generator, state in zip(torchs, before):
                    generator.set_state(state)


def _torchs_generators(seed: int | None, device: torch.device) -> list[Generator]:
    """Those that a reader's code on this device may draw from."""
    module = getattr(torch, device.type)
    if device.type == "cpu" or (seed is None and not hasattr(module, "default_generators")):
        return [torch.default_generator]
    if not hasattr(module, "default_generators"):
        refuse(ValueError, "device", "cpu or cuda, where your code's draws can be seeded", device)
    index = module.current_device() if device.index is None else device.index
    return [torch.default_generator, module.default_generators[index]]


def generators_now() -> list[Any]:
    """Where both global generators are, to be compared."""
    _, key, *rest = np.random.get_state()
    return [torch.get_rng_state().tolist(), list(key), rest]


def normal_start(d: int, draws: Sequence[Draws]) -> tuple[Tensor, Tensor]:
    """The book's own w (S, d, 1) of each run, about zero, and b (S, 1), zero."""
    w = np.stack([draw.normal(loc=0, scale=0.01, size=(d, 1)) for draw in draws])
    return torch.from_numpy(w).float(), torch.zeros(len(w), 1)


def linear_start(d: int, draws: Sequence[Draws]) -> tuple[Tensor, Tensor]:
    """The w (S, 1, d) and b (S, 1) of each run as ``nn.Linear`` draws them."""
    w, b = torch.empty(len(draws), 1, d), torch.empty(len(draws), 1)
    for draw, *parameters in zip(draws, w, b):
        for p in parameters:
            p.uniform_(-(d**-0.5), d**-0.5, generator=draw.torch)
    return w, b


def epoch_orders(n: int, draws: Sequence[Draws], wanted: bool) -> Tensor | None:
    """The next epoch's order of n samples of each run, (n, S); drawn for, also if not wanted."""
    orders = []
    for draw in draws:
        _, seed = torch.empty(2, dtype=torch.int64).random_(generator=draw.torch).tolist()
        if wanted:
            orders.append(torch.randperm(n, generator=Generator().manual_seed(seed)))
    return torch.stack(orders, dim=1) if wanted else None
