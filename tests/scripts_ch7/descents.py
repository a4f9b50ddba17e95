# ruff: noqa
import d2l_ch7 as d2l
import numpy as np

eta, gamma = 0.4, 0.5


def f_2d(x1, x2):
    return 0.1 * x1**2 + 2 * x2**2


def gd_2d(x1, x2, s1, s2):
    return (x1 - eta * 0.2 * x1, x2 - eta * 4 * x2, 0, 0)


def momentum_2d(x1, x2, v1, v2):
    v1 = gamma * v1 + eta * 0.2 * x1
    v2 = gamma * v2 + eta * 4 * x2
    return x1 - v1, x2 - v2, v1, v2


def sgd_2d(x1, x2, s1, s2):
    return (
        x1 - 0.1 * (2 * x1 + np.random.normal(0.1)),
        x2 - 0.1 * (4 * x2 + np.random.normal(0.1)),
        0,
        0,
    )


d2l.show_trace_2d(f_2d, d2l.train_2d(gd_2d))
eta = 0.6
d2l.show_trace_2d(f_2d, d2l.train_2d(gd_2d))
eta = 0.4
d2l.show_trace_2d(f_2d, d2l.train_2d(momentum_2d))
results = d2l.train_2d(sgd_2d)
d2l.show_trace_2d(lambda x1, x2: np.sin(x1) + np.exp(x2), results)
d2l.plt.figure(figsize=(5, 2.5))
d2l.plt.plot([x1 for x1, x2 in results], [x2 for x1, x2 in results], "-o")
d2l.plt.xlabel("x1")
d2l.plt.show()
