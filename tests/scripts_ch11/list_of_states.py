# ruff: noqa
import d2l_ch7.ch11 as d2l
import torch

loader, d = d2l.get_data_ch11(10, 400)
eps = 1e-6


def zeros():
    return [torch.zeros((d, 1)), torch.zeros(1)]


def adagrad(params, states, hp):
    for p, s in zip(params, states):
        with torch.no_grad():
            s[:] += p.grad.square()
            p[:] -= hp["lr"] * p.grad / (s + eps).sqrt()
        p.grad.data.zero_()


def rmsprop(params, states, hp):
    for i, p in enumerate(params):
        states[i] = hp["gamma"] * states[i] + (1 - hp["gamma"]) * p.grad**2
        p.data -= hp["lr"] * p.grad / (states[i] + eps).sqrt()
        p.grad = None


def adadelta(params, states, hp):
    rho, small = hp["rho"], 1e-5
    for p, pair in zip(params, states):
        s, delta = pair
        with torch.no_grad():
            s[:] = rho * s + (1 - rho) * p.grad.square()
            change = p.grad * torch.sqrt(delta + small) / torch.sqrt(s + small)
            p[:] -= change
            delta[:] = rho * delta + (1 - rho) * change.square()
        p.grad.data.zero_()


for seed, (rule, states, hp) in enumerate(
    [
        (adagrad, zeros(), {"lr": 0.1}),
        (rmsprop, zeros(), {"lr": 0.01, "gamma": 0.9}),
        (adadelta, [list(pair) for pair in zip(zeros(), zeros())], {"rho": 0.9}),
    ]
):
    torch.manual_seed(seed)
    d2l.train_ch11(rule, states, hp, loader, d)
    print("moved:", all(bool(leaf.all()) for s in states for leaf in s))
torch.manual_seed(3)
d2l.train_concise_ch11(torch.optim.Adadelta, {"rho": 0.9}, loader)
