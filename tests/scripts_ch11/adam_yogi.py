# ruff: noqa
import d2l_ch7.ch11 as d2l
import torch

b1, b2 = 0.9, 0.999


def corrected(states, hp):
    for v, s in states:
        yield v / (1 - b1 ** hp["t"]), s / (1 - b2 ** hp["t"])


def adam(params, states, hp):
    with torch.no_grad():
        for p, (v, s) in zip(params, states):
            v[:] = b1 * v + (1 - b1) * p.grad
            s[:] = b2 * s + (1 - b2) * p.grad**2
        for p, (v, s) in zip(params, corrected(states, hp)):
            p[:] -= hp["lr"] * v / (s.sqrt() + 1e-6)
    for p in params:
        p.grad.data.zero_()
    hp["t"] += 1


def yogi(params, states, hp):
    with torch.no_grad():
        for p, (v, s) in zip(params, states):
            square = p.grad**2
            v[:] = b1 * v + (1 - b1) * p.grad
            s[:] += (1 - b2) * torch.sign(square - s) * square
        for p, (v, s) in zip(params, corrected(states, hp)):
            p[:] -= hp["lr"] * v / (s.sqrt() + 1e-3)
    for p in params:
        p.grad.data.zero_()
    hp["t"] += 1


def states_for(d):
    return tuple((torch.zeros(shape), torch.zeros(shape)) for shape in ((d, 1), (1,)))


data_iter, feature_dim = d2l.get_data_ch11(batch_size=10, n=400)
hp = {"lr": 0.01, "t": 1}
torch.manual_seed(0)
d2l.train_ch11(adam, states_for(feature_dim), hp, data_iter, feature_dim)
print("t is", hp["t"])
torch.manual_seed(1)
d2l.train_concise_ch11(torch.optim.Adam, {"lr": 0.01}, data_iter)
torch.manual_seed(2)
start = states_for(feature_dim)
_, losses = d2l.train_ch11(yogi, start, {"lr": 0.01, "t": 1}, data_iter, feature_dim)
print(len(losses))
