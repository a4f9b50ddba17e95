# ruff: noqa
import numpy
import torch
from d2l_ch7 import *

features, labels = get_data_ch7()
torch.manual_seed(2)
numpy.random.seed(2)
train_ch7(optimizers.adagrad, optimizers.init_adagrad_states, {"lr": 0.1}, features, labels)
show_trace_2d(lambda x1, x2: x1**2, train_2d(lambda x1, x2, s1, s2: (x1 / 2, x2 / 2, s1, s2)))
plt.show()
