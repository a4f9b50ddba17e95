"""The visiting order, held to torch's real DataLoader: it is torch's own affair, and may change."""

import pytest
import torch
from torch import Generator
from torch.utils.data import DataLoader, TensorDataset

from d2l_ch7._sampling import epoch_order, epoch_orders


def loader_orders(n, batch_size, num_epochs):
    """The order in which a shuffling loader visits n samples, an epoch a row."""
    loader = DataLoader(TensorDataset(torch.arange(n)), batch_size, shuffle=True)
    return torch.stack([torch.cat([batch for (batch,) in loader]) for _ in range(num_epochs)])


@pytest.mark.parametrize("n", [1, 2, 7, 1500, 5000])
@pytest.mark.parametrize("seed", [0, 1, 2**32 - 1])
def test_the_order_is_that_of_a_loader(n, seed):
    torch.manual_seed(seed)
    expected, after = loader_orders(n, 64, 3), torch.get_rng_state()
    torch.manual_seed(seed)
    assert torch.equal(torch.stack([epoch_order(n) for _ in range(3)]), expected)
    assert torch.equal(torch.get_rng_state(), after)


@pytest.mark.parametrize("batch_size", [1, 10, 1499, 1500, 2000])
def test_the_batch_size_does_not_matter(batch_size):
    torch.manual_seed(5)
    expected = loader_orders(1500, batch_size, 2)
    torch.manual_seed(5)
    assert torch.equal(torch.stack([epoch_order(1500) for _ in range(2)]), expected)


def test_draws_in_between_change_both_alike():
    torch.manual_seed(0)
    torch.rand(7)
    (expected,) = loader_orders(30, 10, 1)
    torch.manual_seed(0)
    torch.rand(7)
    assert torch.equal(epoch_order(30), expected)


def test_a_generator_of_ones_own_leaves_the_global_one_alone():
    torch.manual_seed(3)
    expected = epoch_order(50)
    before = torch.get_rng_state()
    assert torch.equal(epoch_order(50, Generator().manual_seed(3)), expected)
    assert torch.equal(torch.get_rng_state(), before)


def test_orders_of_many_runs_are_those_of_each_alone():
    seeds = [4, 0, 4]
    together, alone = ([Generator().manual_seed(s) for s in seeds] for _ in range(2))
    for _ in range(2):  # two epochs
        orders = epoch_orders(20, together)
        assert orders.shape == (20, 3)
        assert torch.equal(orders, torch.stack([epoch_order(20, g) for g in alone], dim=1))
    assert torch.equal(orders[:, 0], orders[:, 2])
