# ruff: noqa
import warnings

import d2l_ch7.ch11 as d2l
import torch


class Lab:
    """Keeps all about an experiment, and counts its steps."""

    def __init__(self, batch_size):
        self.data_iter, self.feature_dim = d2l.get_data_ch11(batch_size, n=600)
        self.steps = 0

    def rule(self, params, states, hyperparams):
        self.steps += 1
        noise = 0.01 * torch.randn(1)
        for p in params:
            p.data -= hyperparams["lr"] / self.steps**0.1 * (p.grad + noise)
            p.grad.detach_().zero_()

    def run(self, **options):
        torch.manual_seed(0)
        return d2l.train_ch11(
            self.rule, None, {"lr": 0.05}, self.data_iter, self.feature_dim, **options
        )


if __name__ == "__main__":
    lab = Lab(20)
    first = lab.run(num_epochs=3)
    print(lab.steps, len(first[0]))
    hyperparams = {"lr": 30}
    d2l.train_concise_ch11(torch.optim.SGD, hyperparams, lab.data_iter, num_epochs=3)
    try:
        d2l.load_data_fashion_mnist(256)
    except AttributeError as error:
        print("schedulers" in str(error), "networks" in str(error))
