# ruff: noqa
import d2l_ch7 as d2l
import numpy as np
import torch

features, labels = d2l.get_data_ch7()


def init_adam_states():
    v_w, v_b = torch.zeros((features.shape[1], 1), dtype=torch.float32), torch.zeros(1)
    s_w, s_b = torch.zeros((features.shape[1], 1), dtype=torch.float32), torch.zeros(1)
    return [[v_w, s_w], [v_b, s_b]]


def adam(params, states, hyperparams):
    beta1, beta2, eps = 0.9, 0.999, 1e-6
    for p, (v, s) in zip(params, states):
        v[:] = beta1 * v + (1 - beta1) * p.grad.data
        s[:] = beta2 * s + (1 - beta2) * p.grad.data**2
        v_bias_corr = v / (1 - beta1 ** hyperparams["t"])
        s_bias_corr = s / (1 - beta2 ** hyperparams["t"])
        p.data -= hyperparams["lr"] * v_bias_corr / (torch.sqrt(s_bias_corr) + eps)
    hyperparams["t"] += 1


torch.manual_seed(1)
np.random.seed(1)
hyperparams = {"lr": 0.01, "t": 1}
states = init_adam_states()
d2l.train_ch7(adam, states, hyperparams, features, labels)
print("t is", hyperparams["t"], "and v has moved:", bool(states[0][0].any()))
torch.manual_seed(2)
np.random.seed(2)
d2l.train_ch7(adam, tuple(map(tuple, init_adam_states())), {"lr": 0.01, "t": 1}, features, labels)
