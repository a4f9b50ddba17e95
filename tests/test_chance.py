"""Starts and orders, held to NumPy's and torch's own; and the global generators, put back."""

import threading
import types

import numpy as np
import pytest
import torch
from helpers import generators, nothing_touched, seed_both
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from d2l_ch7._chance import Draws, epoch_orders, global_draws, linear_start, normal_start, own_draws

CPU = torch.device("cpu")
SEEDS = [0, 7, 2**32 - 1]
GLOBAL = [Draws(torch.default_generator, np.random.normal)]


def loader_orders(n, batch_size, num_epochs):
    """The order in which a shuffling loader visits n samples, an epoch a row."""
    loader = DataLoader(TensorDataset(torch.arange(n)), batch_size, shuffle=True)
    return torch.stack([torch.cat([batch for (batch,) in loader]) for _ in range(num_epochs)])


@pytest.mark.parametrize("n", [1, 2, 7, 1500, 5000])
@pytest.mark.parametrize("seed", SEEDS)
def test_orders_are_those_of_a_loader(n, seed):
    torch.manual_seed(seed)
    expected, after = loader_orders(n, 64, 3), torch.get_rng_state()
    torch.manual_seed(seed)
    found = [epoch_orders(n, GLOBAL, True)[:, 0] for _ in range(3)]
    assert torch.equal(torch.stack(found), expected)
    assert torch.equal(torch.get_rng_state(), after)
    torch.manual_seed(seed)
    assert [epoch_orders(n, GLOBAL, False) for _ in range(3)] == [None] * 3
    assert torch.equal(torch.get_rng_state(), after)  # drawn for, all the same


@pytest.mark.parametrize("d", [1, 2, 5, 17, 200, 1001])
def test_starts_are_those_of_numpy_and_of_nn_linear(d):
    """Each run's of its seed; alone, together, and from the global generators."""
    draws = own_draws(SEEDS)
    with nothing_touched():
        w, b = normal_start(d, draws)
        linear_w, linear_b = linear_start(d, draws)
    assert w.shape == (3, d, 1) and linear_w.shape == (3, 1, d) and b.shape == (3, 1)
    assert not b.any()
    for i, seed in enumerate(SEEDS):
        seed_both(seed)
        expected = torch.tensor(np.random.normal(0, 0.01, size=(d, 1)), dtype=torch.float32)
        linear = nn.Linear(d, 1)
        assert torch.equal(w[i], expected)
        assert torch.equal(linear_w[i], linear.weight) and torch.equal(linear_b[i], linear.bias)
        after = generators()
        seed_both(seed)
        assert torch.equal(normal_start(d, GLOBAL)[0][0], expected)
        assert torch.equal(linear_start(d, GLOBAL)[0][0], linear.weight)
        assert generators() == after


def test_orders_of_many_runs_are_those_of_each_alone():
    seeds = [4, 0, 4]
    together, alone = own_draws(seeds), [own_draws([seed]) for seed in seeds]
    for _ in range(2):  # two epochs
        orders = epoch_orders(20, together, True)
        assert orders.shape == (20, 3)
        assert torch.equal(orders, torch.cat([epoch_orders(20, one, True) for one in alone], dim=1))
    assert torch.equal(orders[:, 0], orders[:, 2])


def test_global_draws_are_put_back_after_a_seed_and_after_a_failure():
    with nothing_touched():
        with global_draws(3, CPU) as (draws,):
            assert draws.normal() == np.random.RandomState(3).normal()
            first = torch.rand(1)
            assert first == torch.rand(1, generator=torch.Generator().manual_seed(3))
        for seed in (3, None):
            with pytest.raises(KeyboardInterrupt), global_draws(seed, CPU):
                torch.rand(1), np.random.rand(), seed_both(5)
                raise KeyboardInterrupt
    before = generators()
    with global_draws(None, CPU):
        torch.rand(1)
    assert generators() != before


def test_the_generator_of_a_gpu_is_seeded_and_put_back(monkeypatch):
    """No GPU is needed: what stands in for one has a generator a device, as torch.cuda has."""
    gpus = [torch.Generator().manual_seed(s) for s in (1, 2)]
    fake = types.SimpleNamespace(default_generators=gpus, current_device=lambda: 0)
    monkeypatch.setattr(torch, "cuda", fake)
    before = [g.get_state() for g in gpus]
    for device, used in ((torch.device("cuda"), 0), (torch.device("cuda:1"), 1)):
        with global_draws(9, device):
            expected = torch.rand(2, generator=torch.Generator().manual_seed(9))
            assert torch.equal(torch.rand(2, generator=gpus[used]), expected)
        assert all(torch.equal(g.get_state(), s) for g, s in zip(gpus, before))


def test_a_device_whose_generator_cannot_be_seeded_is_refused_with_a_seed(monkeypatch):
    monkeypatch.setattr(torch, "mps", types.SimpleNamespace())
    with global_draws(None, torch.device("mps")):
        pass
    with pytest.raises(ValueError, match=r"^device: "), global_draws(0, torch.device("mps")):
        pass


def test_the_global_generators_serve_one_run_at_a_time():
    inside, overlaps = [], []

    def run(seed):
        for _ in range(20):
            with global_draws(seed, CPU):
                overlaps.append(list(inside))
                inside.append(seed)
                torch.rand(100)
                inside.remove(seed)

    threads = [threading.Thread(target=run, args=(seed,)) for seed in range(4)]
    with nothing_touched():
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert overlaps == [[]] * 80
