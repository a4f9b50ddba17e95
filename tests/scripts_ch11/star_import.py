# ruff: noqa
import torch
from d2l_ch7.ch11 import *


def sgd(params, states, hyperparams):
    for p in params:
        p.data.sub_(hyperparams["lr"] * p.grad)
        p.grad.data.zero_()


torch.manual_seed(1)
data_iter, feature_dim = get_data_ch11(10)
times, losses = train_ch11(sgd, None, {"lr": 0.05}, data_iter, feature_dim)
print(len(times), len(losses), times == sorted(times))
show_trace_2d(lambda x1, x2: x1**2, train_2d(lambda x1, x2, s1, s2: (x1 / 2, x2 / 2, s1, s2)))
plt.show()
