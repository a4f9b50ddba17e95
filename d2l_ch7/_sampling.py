"""The order in which a shuffling ``DataLoader`` visits the samples, without the loader.

An epoch of ``DataLoader(..., shuffle=True)`` draws two int64 numbers: a base seed for worker
processes, which nobody uses here, and the seed of the permutation. A test holds this to a real one.
"""

from collections.abc import Sequence

import torch
from torch import Generator, Tensor


def epoch_order(n: int, generator: Generator | None = None) -> Tensor:
    """The next epoch's order of n samples, (n,), drawn from torch's global generator or another."""
    _, seed = torch.empty(2, dtype=torch.int64).random_(generator=generator).tolist()
    return torch.randperm(n, generator=Generator().manual_seed(seed))


def epoch_orders(n: int, generators: Sequence[Generator]) -> Tensor:
    """The next epoch's order of many runs, (n, S): each run draws from a generator of its own."""
    return torch.stack([epoch_order(n, generator) for generator in generators], dim=1)
