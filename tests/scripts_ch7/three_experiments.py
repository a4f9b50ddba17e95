# ruff: noqa
import sys

import numpy as np
import torch

sys.path.append("..")  # where the helper package used to lie
import d2l_ch7 as d2l

features, labels = d2l.get_data_ch7()
print(features.shape)


def sgd(params, states, hyperparams):
    for p in params:
        p.data -= hyperparams["lr"] * p.grad.data


def train_sgd(lr, batch_size, num_epochs=2):
    torch.manual_seed(0)
    np.random.seed(0)
    d2l.train_ch7(sgd, None, {"lr": lr}, features, labels, batch_size, num_epochs)
    d2l.plt.show()


train_sgd(1, 1500, 6)
train_sgd(0.005, 1)
train_sgd(0.05, 10)
