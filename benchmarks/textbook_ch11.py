"""The second edition's loops, written plainly from their description.

As textbook.py for the first edition: what the tests hold d2l_ch7.ch11 to, and measure it against.
It uses nothing of d2l_ch7, plots nothing, and draws from torch's global generator.
"""

import time
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

DATA = Path(__file__).resolve().parents[1] / "data" / "airfoil_self_noise.dat"
RECORD_EVERY = 200  # samples, counted from the beginning of training


class Run(NamedTuple):
    """Losses, when each was taken (in epochs), seconds of training until then, the parameters."""

    losses: list[float]
    epochs: list[float]
    seconds: list[float]
    weight: torch.Tensor
    bias: torch.Tensor


def make_loader(batch_size=10, n=1500):
    """The data, standardised in float32 as they are read, in a shuffling loader; and how wide."""
    table = _read().clone()  # a caller may change it
    samples = TensorDataset(table[:n, :-1], table[:n, -1])
    return DataLoader(samples, batch_size, shuffle=True), table.shape[1] - 1


@cache
def _read():
    table = np.genfromtxt(DATA, dtype=np.float32, delimiter="\t")
    return torch.from_numpy((table - table.mean(axis=0)) / table.std(axis=0))


def evaluate(net, loader, loss):
    """The mean loss over one pass, which draws its order as any pass does."""
    total, count = 0.0, 0
    for X, y in loader:
        out = net(X)
        each = loss(out, y.reshape(out.shape))
        total += each.sum().item()
        count += each.numel()
    return total / count


def train_scratch(rule, states, hyperparams, loader, feature_dim, num_epochs=2):
    """From scratch: the rule clears the gradients, or they add up."""
    w = torch.normal(mean=0.0, std=0.01, size=(feature_dim, 1), requires_grad=True)
    b = torch.zeros(1, requires_grad=True)

    def net(X):
        return X @ w + b

    def loss(out, y):
        return (out - y.reshape(out.shape)) ** 2 / 2

    def step():
        rule([w, b], states, hyperparams)

    course = _descend(net, loss, lambda: None, step, loader, num_epochs)
    return Run(*course, w.detach(), b.detach())


def train_concise(trainer, hyperparams, loader, num_epochs=4):
    """By torch.optim: trains on the squared error, and records half of it."""
    net = nn.Sequential(nn.Linear(5, 1))
    nn.init.normal_(net[0].weight, std=0.01)
    optimizer = trainer(net.parameters(), **hyperparams)
    loss = nn.MSELoss(reduction="none")
    losses, *course = _descend(net, loss, optimizer.zero_grad, optimizer.step, loader, num_epochs)
    weight, bias = (p.detach() for p in net.parameters())
    return Run([value / 2 for value in losses], *course, weight, bias)


def _descend(net, loss, clear, step, loader, num_epochs):
    losses, epochs, seconds, count = [], [], [], 0
    so_far, begin = 0.0, time.perf_counter()
    for _ in range(num_epochs):
        for X, y in loader:
            clear()
            out = net(X)
            loss(out, y.reshape(out.shape)).mean().backward()
            step()
            count += len(X)
            if count % RECORD_EVERY == 0:
                so_far += time.perf_counter() - begin
                losses.append(evaluate(net, loader, loss))
                epochs.append(count / len(X) / len(loader))
                seconds.append(so_far)
                begin = time.perf_counter()
    return losses, epochs, seconds
