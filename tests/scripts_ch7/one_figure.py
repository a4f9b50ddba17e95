# ruff: noqa
import d2l_ch7 as d2l
import numpy as np
import torch

features, labels = d2l.get_data_ch7()
names = ["momentum 0.5", "momentum 0.9"]

d2l.set_figsize((6, 4))
d2l.plt.figure()
for lr, gamma in ((0.02, 0.5), (0.004, 0.9)):
    torch.manual_seed(0)
    np.random.seed(0)
    states = d2l.optimizers.init_momentum_states([torch.zeros(5, 1), torch.zeros(1)])
    hyperparams = {"lr": lr, "momentum": gamma}
    d2l.train_ch7(d2l.optimizers.momentum, states, hyperparams, features, labels)
d2l.plt.legend(names)
d2l.plt.title("momentum")
d2l.plt.xticks([0, 0.5, 1, 1.5, 2])
d2l.plt.ylim(0.2, 0.6)
d2l.plt.grid(True)
d2l.plt.savefig("momentum.png")
d2l.plt.show()

d2l.plt.cla()
d2l.plt.subplot(1, 2, 1)
torch.manual_seed(0)
np.random.seed(0)
d2l.train_ch7(d2l.optimizers.sgd, None, {"lr": 0.05}, features, labels)
d2l.plt.subplot(1, 2, 2)
torch.manual_seed(0)
np.random.seed(0)
d2l.train_pytorch_ch7(torch.optim.SGD, {"lr": 0.05}, features, labels, 10)
d2l.plt.tight_layout()
d2l.plt.savefig("both.svg")
d2l.plt.show()
