# ruff: noqa
import random

import d2l_ch7 as d2l
import torch

features, labels = d2l.get_data_ch7()
w = torch.zeros(5, 1, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
random.seed(0)
losses = []
for epoch in range(3):
    for X, y in d2l.data_iter(10, features, labels):
        d2l.squared_loss(d2l.linreg(X, w, b), y).sum().backward()
        d2l.sgd([w, b], 0.03, 10)
        w.grad.data.zero_()
        b.grad.data.zero_()
    losses.append(d2l.squared_loss(d2l.linreg(features, w, b), labels).mean().item())
print("learned:", losses[-1] < 0.26)
d2l.semilogy(range(1, 4), losses, "epochs", "loss", range(1, 4), losses[::-1], ["train", "test"])
d2l.use_svg_display()
