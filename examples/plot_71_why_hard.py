"""
7.1 Why is optimization hard?
=============================

Gradient descent stops where the gradient is zero, and such a point need not be what we want.

In deep learning, the objective function is the loss on the training samples. Optimization makes
this number small. It does not see the generalization error, which is what we care about in the
end. But even the smaller task is hard: the gradient says where to go next, and nothing about what
lies further away. This page looks at two kinds of points that hold a descent up, and counts which
kind we should expect in high dimension.
"""

# sphinx_gallery_thumbnail_number = 3

import numpy as np
import torch

import d2l_ch7 as d2l
from d2l_ch7 import plotting

# %%
# A local minimum is not the global one
# -------------------------------------
#
# The objective function of this section, for :math:`-1 \le x \le 2`, and its derivative are
#
# .. math:: f(x) = x \cos(\pi x), \qquad f'(x) = \cos(\pi x) - \pi x \sin(\pi x).
#
# It has two valleys. We send a descent from each of many starts and note where it ends.


def f(x):
    return x * np.cos(np.pi * x)


def f_grad(x):
    return np.cos(np.pi * x) - np.pi * x * np.sin(np.pi * x)


x = np.linspace(-1, 2, 151)
ends = np.array([d2l.descent.descend_1d(f_grad, 0.05, start, steps=200)[-1] for start in x])

local_minimum, global_minimum = ends.min(), ends.max()
reaches_global = ends > (local_minimum + global_minimum) / 2
print(f"local minimum   f({local_minimum:.3f}) = {f(local_minimum):.3f}")
print(f"global minimum  f({global_minimum:.3f}) = {f(global_minimum):.3f}")
print(f"gradient there  {f_grad(local_minimum):.0e} and {f_grad(global_minimum):.0e}")
print(f"starts that end in the global minimum: {reaches_global.mean():.0%}")

fig, ax = d2l.plt.subplots(figsize=(6, 3.6), layout="constrained")
for chosen, color, style, name, end, where in [
    (~reaches_global, plotting.COLORS[1], "--", "local minimum", local_minimum, (-0.9, -0.6)),
    (reaches_global, plotting.COLORS[0], "-", "global minimum", global_minimum, (-0.1, -1.0)),
]:
    ax.plot(x[chosen], f(x[chosen]), style, color=color, label=f"starts that end in the {name}")
    ax.plot(end, f(end), "o", color=color)
    ax.annotate(name, (end, f(end)), where, arrowprops={"arrowstyle": "->", "shrinkB": 5})
ax.set(xlabel="x", ylabel="f(x)")
ax.legend()
fig.alt = """The curve of x cos(pi x) with two valleys. Every start on the left of the hill between
them ends in the shallow valley, every other start in the deep one."""

# %%
# The hill between the valleys decides. A descent goes downhill from where it starts, so it never
# learns that there is a deeper valley behind the hill. At both ends the gradient is zero to within
# rounding: from the gradient alone, no method can tell the local minimum from the global one.
#
# What is *global* depends on the interval. Outside of it the valleys of this function get deeper
# and deeper.
#
# A saddle point holds a descent up
# ---------------------------------
#
# The gradient is also zero at points that are no minimum at all. In one dimension,
# :math:`f(x) = x^3` has such a point at zero (also called a stationary point of inflection).

fig, ax = d2l.plt.subplots(figsize=(6, 3.6), layout="constrained")
path = torch.tensor(d2l.descent.descend_1d(lambda x: 3 * x**2, eta=0.1, x=1.5, steps=30))
x = torch.linspace(-1.5, 1.7, 200)
ax.plot(x, x**3, color=plotting.COLORS[6])
ax.plot(path, path**3, "o", color=plotting.COLORS[1], markersize=5, label="descent, a dot a step")
ax.annotate("saddle point", (0, 0), (-0.9, 1.5), arrowprops={"arrowstyle": "->", "shrinkB": 5})
ax.set(xlabel="x", ylabel="f(x)")
ax.legend()
fig.alt = """The curve of x cubed and a descent on it. The steps get shorter and shorter and crowd
together before the saddle point at zero, although lower values lie just behind it."""
print(f"x after {len(path) - 1} steps: {path[-1]:.3f}")

# %%
# The first steps are long. Then the gradient fades, and the steps with it. The descent creeps
# towards the saddle point and does not cross it, although the function falls without end on the
# other side.
#
# In two dimensions, :math:`f(x, y) = x^2 - y^2` gave these points their name. The **Hessian**, the
# matrix of second derivatives, tells what a point with zero gradient is. Its eigenvalues are the
# curvatures:
#
# - all positive: a local minimum;
# - all negative: a local maximum;
# - some positive, some negative: a saddle point;
# - some or all zero, and the others of one sign: the Hessian does not decide, as for :math:`x^3`
#   above.


def saddle(point):
    x, y = point
    return x**2 - y**2


hessian = torch.autograd.functional.hessian(saddle, torch.zeros(2))
print("eigenvalues of the Hessian at (0, 0):", torch.linalg.eigvalsh(hessian).tolist())

t = torch.linspace(-1, 1, 41)
X, Y = torch.meshgrid(t, t, indexing="ij")
fig, ax = d2l.plt.subplots(
    figsize=(6, 4.4),
    layout="constrained",
    subplot_kw={"projection": "3d", "computed_zorder": False},
)
ax.plot_surface(
    X.numpy(),
    Y.numpy(),
    saddle((X, Y)).numpy(),
    color="0.92",
    edgecolor="0.7",
    linewidth=0.4,
    shade=False,
)
zero = torch.zeros_like(t)
ax.plot(t, zero, t**2, color=plotting.COLORS[0], linewidth=3, label="along x: a minimum")
ax.plot(zero, t, -(t**2), "--", color=plotting.COLORS[1], linewidth=3, label="along y: a maximum")
ax.plot(0, 0, 0, "o", color="black", label="saddle point")
ax.set(xlabel="x", ylabel="y", zlabel="f(x, y)")
ax.set(xticks=[-1, 0, 1], yticks=[-1, 0, 1], zticks=[-1, 0, 1])
ax.view_init(elev=25, azim=-65)
fig.legend(loc="outside upper center", ncols=3)
fig.alt = """The surface of x squared minus y squared, shaped as a saddle. Its centre is the lowest
point of the curve along x and the highest point of the curve along y."""

# %%
# Going along :math:`x`, the centre looks like a minimum; going along :math:`y`, like a maximum. A
# descent that comes in exactly along :math:`x` feels nothing of the other direction. How long does
# it stay if it comes in a little beside?

eta, steps = 0.1, 60
fig, ax = d2l.plt.subplots(figsize=(6, 3.6), layout="constrained")
for y0, color, style in zip(
    [0.01, 0.001, 0.00001, 0], plotting.COLORS, ["-", "--", "-.", ":"], strict=False
):
    point = torch.tensor([1.0, y0], dtype=torch.float64)
    values = [saddle(point)]
    for _ in range(steps):
        point = point - eta * torch.tensor([2.0, -2.0]) * point  # the gradient is (2x, -2y)
        values.append(saddle(point))
    ax.plot(values, style, color=color, label=f"y = {y0:g}")
ax.set(xlabel="step", ylabel="f(x, y)", ylim=(-1, 1))
ax.legend(title="start at x = 1 and", loc="upper right")
fig.alt = """The value of the function against the step, for four starts. All curves fall fast and
then lie flat near zero. All but one fall again: later the closer the start is to the line y = 0.
The start on that line stays at the saddle point."""

# %%
# Each curve has a flat part, and all but the last leave it. Whoever stops there sees a small
# gradient and a steady value, and takes the saddle point for a minimum. The flat part lasts longer
# the smaller the first push is; only a descent without any push stays for good. The noise of
# stochastic gradient descent gives this push, which is one of its uses.
#
# High dimension makes saddle points likelier
# -------------------------------------------
#
# A model has as many directions as parameters, and at a minimum none of them has a negative
# curvature. How likely is that, if the Hessian at a point with zero gradient is a random symmetric
# matrix? An eigenvalue of exactly zero then has probability zero, so all must be positive. We draw
# many such matrices of each dimension and count.

draws = 200_000
dimensions = list(range(1, 8))
shares = []
for d in dimensions:
    M = torch.randn(draws, d, d)
    eigenvalues = torch.linalg.eigvalsh((M + M.mT) / 2)  # (draws, d)
    all_positive = (eigenvalues > 0).all(dim=1)
    shares.append(all_positive.double().mean().item())
    print(f"dimension {d}: {all_positive.sum():6d} of {draws} have only positive eigenvalues")

fig, ax = d2l.plt.subplots(figsize=(6, 3.6), layout="constrained")
found = [(d, share) for d, share in zip(dimensions, shares, strict=True) if share > 0]
ax.semilogy(*zip(*found, strict=True), "o-", color=plotting.COLORS[0])
ax.semilogy(dimensions, [0.5**d for d in dimensions], "s--", color=plotting.COLORS[1])
ax.axhline(1 / draws, color=plotting.COLORS[6], linestyle=":")
ax.text(3.3, 1e-3, "random matrices", ha="right", color=plotting.COLORS[0])
ax.text(4.2, 1e-1, "as many coins, all heads", color=plotting.COLORS[1])
ax.text(1, 1 / draws, f"one of {draws} draws", va="bottom", color="0.4")
for d, share in zip(dimensions, shares, strict=True):
    if share == 0:
        ax.text(d, 0.8 / draws, "none", ha="center", va="top", color=plotting.COLORS[0])
ax.set(xlabel="dimension d", ylabel="share with all eigenvalues positive", ylim=(1e-6, 1))
fig.alt = """The share of random symmetric matrices whose eigenvalues are all positive, on a
logarithmic axis against the dimension. It falls much faster than the chance that as many coins all
show heads, and soon no draw is left."""

# %%
# One direction is a coin toss. If each direction were another coin, the share would halve with each
# dimension, which is a straight line on this axis. But the eigenvalues of one matrix are not
# independent: they keep apart from each other, so it is harder still to have them all on one side
# of zero. The share falls faster and faster, and after a few dimensions no draw is left. The last
# dot rests on hardly any draws, as the counts show, so its height is a rough guess. For
# large :math:`d` it goes down like :math:`\exp(-d^2 \ln 3 / 4)`
# (`Dean and Majumdar, 2006 <https://arxiv.org/abs/cond-mat/0609651>`_). A network has millions of
# parameters.
#
# A real Hessian is not a random matrix: near the bottom of the loss it leans towards positive
# curvature. So this count does not say that minima cannot be found. It says that in high dimension,
# a point with zero gradient and a high loss is most likely a saddle point. `Dauphin et al., 2014
# <https://arxiv.org/abs/1406.2572>`_ made this argument, and found such points in networks.
#
# What to take away
# -----------------
#
# - A gradient near zero means *flat*, not *done*. Look at the loss, and at the curvature if you
#   can.
# - Where there are several valleys, the knob is the **start**: try several random seeds.
# - In high dimension, expect saddle points. There the knob is **noise**: a random start and a
#   smaller batch size give the push that leaves them. Several methods of the later sections take
#   longer steps along flat directions, which helps too.
#
# Exercises
# ---------
#
# .. exercise:: 7.1
#
#    A local minimum and a saddle point are two difficulties. Which others does optimization meet in
#    deep learning?

# %%
# Three that can be computed in a few lines:
#
# - **Gradients vanish or explode.** Through a deep network, the gradient is a product with one
#   factor per layer. A product of many factors is very small or very large, unless they are all
#   close to one.
# - **Bad conditioning.** The learning rate must suit the steepest direction, and then the flattest
#   one gets hardly anywhere. The ratio of the two curvatures is the condition number.
# - **Symmetry.** Exchanging two hidden units leaves the output of a network as it is. So does
#   scaling one layer up and the next one down, if there is no activation function between them, or
#   ReLU. A minimum is then never alone: it has copies, or lies on a whole curve of minima. Saddle
#   points lie between them.

fig, (left, middle, right) = d2l.plt.subplots(1, 3, figsize=(8, 3), layout="constrained")

# A chain of layers h = w h: the derivative of the output by the input is a product.
depth = torch.arange(1, 51)
for w, color, style in zip([1.2, 1.0, 0.8], plotting.COLORS, ["-", "--", ":"], strict=False):
    left.semilogy(depth, torch.tensor(w, dtype=torch.float64) ** depth, style, color=color)
    left.text(51, w**50, f"{w} a layer", color=color, va="center")
left.set(xlabel="layers", ylabel="gradient", title="Vanish or explode", xlim=(0, 80))
left.set_xticks([0, 25, 50])

# f = (x1² + k x2²) / 2: steps until x1 and x2 are a thousand times smaller, at the best fixed rate.
conditions = [1.5, 3, 10, 30, 100, 300, 1000]
steps_needed = []
for k in conditions:
    curvatures = torch.tensor([1.0, k], dtype=torch.float64)
    eta = 2 / (1 + k)  # shrinks both directions by the same factor
    x, steps = torch.ones(2, dtype=torch.float64), 0
    while x.abs().max() > 1e-3:
        x, steps = x - eta * curvatures * x, steps + 1
    steps_needed.append(steps)
middle.loglog(conditions, steps_needed, "o-", color=plotting.COLORS[0])
middle.set(xlabel="condition number", ylabel="steps", title="Bad conditioning")

# The smallest network with a symmetry: two weights in a row, one sample with input 1 and label 1.
w = torch.linspace(-2, 2, 81)
W1, W2 = torch.meshgrid(w, w, indexing="xy")
right.contour(
    W1, W2, (W1 * W2 - 1) ** 2, levels=[0.1, 0.4, 0.8, 1.5, 3, 6, 12], colors="0.7", linewidths=0.8
)
side = torch.linspace(0.5, 2, 50)
right.plot(side, 1 / side, color=plotting.COLORS[0], label="minima")
right.plot(-side, -1 / side, color=plotting.COLORS[0])
right.plot(0, 0, "X", color=plotting.COLORS[1], markersize=9, label="saddle point")
right.set(xlabel="weight 1", ylabel="weight 2", title="Symmetry", aspect="equal")
right.legend(loc="upper left", frameon=True, framealpha=1, fontsize="small")
fig.alt = """Three panels. Left: a product of factors below one vanishes with depth, above one it
explodes. Middle: the steps needed grow in proportion to the condition number. Right: the loss of a
network of two weights in a row has two curves of minima and a saddle point between them."""

# %%
# Left: only the chain whose factor is exactly one keeps its gradient. This is why the start of a
# deep network is scaled with care. Middle: even at the best fixed learning rate, the number of
# steps grows with the condition number. Momentum and the adaptive methods of this chapter are
# answers to it. Right: the loss of the network :math:`w_1 w_2` with one sample. Every point of the
# two curves is a minimum, and the point in the centre is a saddle point.
#
# There are more. The gradient of a few samples is noisy. Activation functions such as ReLU have no
# derivative at their kink. Numbers of finite precision overflow. And a smaller training error does
# not promise a smaller generalization error.

# %%
# .. endexercise::
