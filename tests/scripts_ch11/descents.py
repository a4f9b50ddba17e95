# ruff: noqa
import numpy as np
import torch
import d2l_ch7.ch11 as d2l

x = torch.linspace(0.5, 1.5, 101)
d2l.set_figsize((4.5, 2.5))
d2l.plot(x, [x * torch.cos(np.pi * x), 0.2 * torch.cos(5 * x)], "x", "risk")
d2l.plt.annotate("here", xy=(1, -1), xytext=(0.5, -1.1), arrowprops={"arrowstyle": "->"})

d2l.use_svg_display()
_, both = d2l.plt.subplots(1, 2, figsize=(6, 3))
chord = torch.tensor([-1.5, 1])
for ax, f in zip(both, (lambda x: x**2 / 2, lambda x: torch.cos(np.pi * x))):
    x = torch.arange(-2, 2, 0.01)
    d2l.plot([x, chord], [f(x), f(chord)], axes=ax)

points = [10 * 0.6**k for k in range(11)]
line = torch.arange(-10, 10, 0.1)
d2l.plt.figure()
d2l.plot(
    [line, points], [[v**2 for v in line], [v**2 for v in points]], "x", "f(x)", fmts=["-", "-o"]
)


def noisy(x1, x2, s1, s2, slope):
    g1, g2 = slope(x1, x2)
    g1 += torch.normal(0.0, 1, (1,)).item()
    g2 += torch.normal(0.0, 1, (1,))
    return x1 - rate() * g1, x2 - rate() * g2, 0, 0


rate = lambda: 0.1
torch.manual_seed(4)
d2l.plt.figure()
path = d2l.train_2d(noisy, steps=50, f_grad=lambda x1, x2: (2 * x1, 4 * x2))
d2l.show_trace_2d(lambda x1, x2: x1**2 + 2 * x2**2, path)
d2l.plt.figure()
path = d2l.train_2d(lambda x1, x2, s1, s2: (0.8 * x1, 0.6 * x2, 0, 0))
d2l.show_trace_2d(lambda x1, x2: torch.exp(x1 / 5) + x2.abs(), path)
d2l.plt.title("torch inside")
d2l.plt.show()
