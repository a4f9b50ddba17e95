# ruff: noqa
import d2l_ch7 as d2l
import numpy as np
import torch
from torch import optim

features, labels = d2l.get_data_ch7()
torch.manual_seed(0), np.random.seed(0)
d2l.train_pytorch_ch7(optim.SGD, {"lr": 0.004, "momentum": 0.9}, features, labels)
torch.manual_seed(0), np.random.seed(0)
d2l.train_pytorch_ch7(optim.Adagrad, {"lr": 0.1}, features, labels)
torch.manual_seed(0), np.random.seed(0)
d2l.train_pytorch_ch7(optim.RMSprop, {"lr": 0.01, "alpha": 0.9}, features, labels)
torch.manual_seed(0), np.random.seed(0)
d2l.train_pytorch_ch7(torch.optim.Adadelta, {"rho": 0.9}, features, labels)
torch.manual_seed(0), np.random.seed(0)
d2l.train_pytorch_ch7(torch.optim.Adam, {"lr": 0.01}, features, labels)
