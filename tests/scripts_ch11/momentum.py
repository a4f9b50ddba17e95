# ruff: noqa
import torch
from d2l_ch7 import ch11 as d2l

eta, beta = 0.4, 0.5


def bowl(x1, x2):
    return 0.1 * x1**2 + 2 * x2**2


def plain(x1, x2, s1, s2):
    return x1 * (1 - 0.2 * eta), x2 * (1 - 4 * eta), s1, s2


def heavy(x1, x2, v1, v2):
    v1, v2 = beta * v1 + 0.2 * x1, beta * v2 + 4 * x2
    return x1 - eta * v1, x2 - eta * v2, v1, v2


for step in (plain, heavy):
    d2l.show_trace_2d(bowl, d2l.train_2d(step))
    d2l.plt.cla()
d2l.plt.close()


@torch.no_grad()
def momentum(params, velocities, settings):
    for p, v in zip(params, velocities):
        v[:] = settings["momentum"] * v + p.grad
        p[:] -= settings["lr"] * v
        p.grad.zero_()


data_iter, d = d2l.get_data_ch11(batch_size=10, n=400)
for lr, factor in ((0.02, 0.5), (0.01, 0.9)):
    torch.manual_seed(0)
    start = torch.zeros((d, 1)), torch.zeros(1)
    d2l.train_ch11(momentum, start, {"lr": lr, "momentum": factor}, data_iter, d)
torch.manual_seed(0)
d2l.train_concise_ch11(torch.optim.SGD, {"lr": 0.005, "momentum": 0.9}, data_iter)
