# ruff: noqa
import d2l_ch7 as d2l


def f_grad(x1, x2):
    return (2 * x1, 4 * x2)


def gd_2d(x1, x2, s1, s2, f_grad):
    g1, g2 = f_grad(x1, x2)
    return (x1 - 0.1 * g1, x2 - 0.1 * g2, 0, 0)


d2l.train_2d(gd_2d, steps=5, f_grad=f_grad)
d2l.show_trace_2d(lambda x1, x2: x1**2 + 2 * x2**2, d2l.train_2d(gd_2d, f_grad=f_grad))
