# ruff: noqa
import d2l_ch7.ch11 as d2l
import torch
from torch.utils import data

calls = []


class Noisy(data.Dataset):
    """Measures anew each time."""

    def __init__(self, loader):
        self.X, self.y = loader.dataset.tensors

    def __len__(self):
        return 1000

    def __getitem__(self, i):
        calls.append(i)
        return self.X[i] + 0.01 * torch.randn(5), self.y[i]


def sgd(params, states, hyperparams):
    for p in params:
        p.data -= hyperparams["lr"] * p.grad
        p.grad.data.zero_()


data_iter, feature_dim = d2l.get_data_ch11()
mine = data.DataLoader(Noisy(data_iter), batch_size=50, shuffle=True)
torch.manual_seed(0)
_, losses = d2l.train_ch11(sgd, None, {"lr": 0.1}, mine, feature_dim, num_epochs=1)
print(len(losses), "losses,", len(calls), "samples made")
batches = [(X, y) for X, y in data_iter]
d2l.train_concise_ch11(torch.optim.Adagrad, {"lr": 0.1}, batches, num_epochs=1)
print(d2l.evaluate_loss(lambda X: X[:, :1] * 0, batches, d2l.squared_loss) > 0.4)
