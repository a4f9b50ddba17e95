"""The textbook loop: what anybody would write from the book's description, plainly.

The tests hold the package to its numbers, and the benchmarks to its time. It uses nothing of
d2l_ch7, plots nothing, and draws from the global generators of NumPy and torch.
"""

from typing import NamedTuple

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

RECORD_EVERY = 100  # samples


class Run(NamedTuple):
    """Losses on all the data, when each was taken (in epochs), and the parameters at the end."""

    losses: list[float]
    epochs: list[float]
    weight: torch.Tensor
    bias: torch.Tensor


def linreg(X, w, b):
    return X @ w + b


def squared_loss(y_hat, y):
    return (y_hat - y.view(y_hat.shape)) ** 2 / 2


def train_scratch(rule, states, hyperparams, features, labels, batch_size=10, num_epochs=2):
    """Linear regression from scratch, by an update rule ``rule(params, states, hyperparams)``."""
    w = torch.tensor(np.random.normal(0, 0.01, size=(features.shape[1], 1)), dtype=torch.float32)
    w, b = nn.Parameter(w), nn.Parameter(torch.zeros(1))

    def loss(X, y):
        return squared_loss(linreg(X, w, b), y).mean()

    def clear():
        if w.grad is not None:
            w.grad.zero_()
        if b.grad is not None:
            b.grad.zero_()

    def update():
        rule([w, b], states, hyperparams)

    losses, epochs = _descend(loss, clear, update, features, labels, batch_size, num_epochs)
    return Run(losses, epochs, w.detach(), b.detach())


def train_torch(optimizer_fn, hyperparams, features, labels, batch_size=10, num_epochs=2):
    """Linear regression by ``nn.Linear`` and a class of ``torch.optim``."""
    net, mse = nn.Linear(features.shape[1], 1), nn.MSELoss()
    optimizer = optimizer_fn(net.parameters(), **hyperparams)

    def loss(X, y):
        return mse(net(X).view(-1), y) / 2

    losses, epochs = _descend(
        loss, optimizer.zero_grad, optimizer.step, features, labels, batch_size, num_epochs
    )
    return Run(losses, epochs, net.weight.detach().reshape(-1, 1), net.bias.detach())


def _descend(loss, clear, update, features, labels, batch_size, num_epochs):
    """Minibatches in random order; the loss on all data when 100 more (or all) have been seen."""
    losses, epochs = [loss(features, labels).item()], [0.0]
    loader = DataLoader(TensorDataset(features, labels), batch_size, shuffle=True)
    for epoch in range(num_epochs):
        seen = 0
        for X, y in loader:
            clear()
            loss(X, y).backward()
            update()
            before, seen = seen, seen + len(y)
            short = seen == len(labels) < RECORD_EVERY
            if seen // RECORD_EVERY > before // RECORD_EVERY or short:
                losses.append(loss(features, labels).item())
                epochs.append(epoch + seen / len(labels))
    if epochs[-1] < num_epochs:  # the last update was not recorded
        losses.append(loss(features, labels).item())
        epochs.append(float(num_epochs))
    return losses, epochs
