# ruff: noqa
import time

import d2l_ch7 as d2l
import numpy as np
import torch
from torch.utils import data


def train_ch7(optimizer_fn, states, hyperparams, features, labels, batch_size=10, num_epochs=2):
    """A reader's own version, which also says where it is."""
    net, loss = d2l.linreg, d2l.squared_loss
    w = torch.nn.Parameter(
        torch.tensor(np.random.normal(0, 0.01, size=(features.shape[1], 1)), dtype=torch.float32)
    )
    b = torch.nn.Parameter(torch.zeros(1, dtype=torch.float32))
    ls = [loss(net(features, w, b), labels).mean().item()]
    data_iter = data.DataLoader(data.TensorDataset(features, labels), batch_size, shuffle=True)
    for epoch in range(num_epochs):
        start = time.time()
        for batch_i, (X, y) in enumerate(data_iter):
            l = loss(net(X, w, b), y).mean()
            if w.grad is not None:
                w.grad.data.zero_()
                b.grad.data.zero_()
            l.backward()
            optimizer_fn([w, b], states, hyperparams)
            if (batch_i + 1) * batch_size % 100 == 0:
                ls.append(loss(net(features, w, b), labels).mean().item())
    print("loss: %f, %f sec per epoch" % (ls[-1], time.time() - start))
    d2l.set_figsize()
    d2l.plt.plot(np.linspace(0, num_epochs, len(ls)), ls)
    d2l.plt.xlabel("epoch")
    d2l.plt.ylabel("loss")


theirs, d2l.train_ch7 = d2l.train_ch7, train_ch7
features, labels = d2l.get_data_ch7()
for train in (d2l.train_ch7, theirs):
    torch.manual_seed(0)
    np.random.seed(0)
    train(d2l.optimizers.sgd, None, {"lr": 0.05}, features, labels)
d2l.train_ch7 = theirs
