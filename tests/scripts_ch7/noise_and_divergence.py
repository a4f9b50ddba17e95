# ruff: noqa
import d2l_ch7 as d2l
import numpy as np
import torch


def noisy_sgd(params, states, hyperparams):
    for p in params:
        noise = torch.normal(0, 0.1, size=p.shape) + np.random.normal(0, 0.1)
        p.data -= hyperparams["lr"] * (p.grad.data + noise)


class Lab:
    """Calls from within a class."""

    def __init__(self):
        self.features, self.labels = d2l.get_data_ch7()

    def run(self):
        d2l.train_ch7(noisy_sgd, None, {"lr": 0.01}, self.features, self.labels, num_epochs=1)
        d2l.train_ch7(d2l.optimizers.sgd, None, {"lr": 30}, self.features, self.labels)


if __name__ == "__main__":
    Lab().run()
    d2l.plt.yscale("log")
    path = d2l.train_2d(lambda x1, x2, s1, s2: (-1700.0 * x1, 0.5 * x2, 0, 0))
    print("divergence to 1e64:", abs(path[-1][0]) > 1e64)
