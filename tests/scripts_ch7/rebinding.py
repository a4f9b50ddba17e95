# ruff: noqa
import d2l_ch7 as d2l
import numpy as np
import torch

features, labels = d2l.get_data_ch7()


def seed():
    torch.manual_seed(0)
    np.random.seed(0)


def momentum(params, states, hyperparams):
    for p, v in zip(params, states):
        v.data = hyperparams["momentum"] * v.data + hyperparams["lr"] * p.grad.data
        p.data = p.data - v.data


def adagrad(params, states, hyperparams):
    eps = 1e-6
    for p, s in zip(params, states):
        s.data += p.grad**2
        p.data -= hyperparams["lr"] * p.grad / torch.sqrt(s + eps)
        p.grad.data.zero_()


def rmsprop(params, states, hyperparams):
    gamma, eps = hyperparams["gamma"], 1e-6
    with torch.no_grad():
        for i, p in enumerate(params):
            states[i] = gamma * states[i] + (1 - gamma) * p.grad**2
            p -= hyperparams["lr"] * p.grad / torch.sqrt(states[i] + eps)
            p.grad = None


def adadelta(params, states, hyperparams):
    rho, eps = hyperparams["rho"], 1e-5
    for p, (s, delta) in zip(params, states):
        s[:] = rho * s + (1 - rho) * (p.grad.data**2)
        g = p.grad.data * torch.sqrt((delta + eps) / (s + eps))
        p.data -= g
        delta[:] = rho * delta + (1 - rho) * g * g
        p.grad.detach_().zero_()


def zeros():
    return torch.zeros((5, 1)), torch.zeros(1)


seed()
d2l.train_ch7(momentum, zeros(), {"lr": 0.02, "momentum": 0.5}, features, labels)
seed()
d2l.train_ch7(adagrad, list(zeros()), {"lr": 0.1}, features, labels)
seed()
d2l.train_ch7(rmsprop, list(zeros()), {"lr": 0.01, "gamma": 0.9}, features, labels)
seed()
d2l.train_ch7(adadelta, tuple(zip(zeros(), zeros())), {"rho": 0.9}, features, labels)
