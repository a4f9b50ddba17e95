"""
7.1 Why is optimization hard?
=============================

Gradient descent stops where the gradient is zero, and such a point need not be what we want.

In deep learning, the objective function is the :term:`loss` on the training samples. Optimization
makes this number small. It does not see the :term:`generalization error`, which is what we care
about in the end. Even the smaller task is hard: the gradient says which way is down, and nothing
about what lies further away.
"""

# sphinx_gallery_thumbnail_number = 1

# %%
# A local minimum is not the global one
# -------------------------------------
#
# Our function, for :math:`-1 \le x \le 2`, and its derivative are
#
# .. math::
#
#    f(x) &= x \cos(\pi x), \\
#    f'(x) &= \cos(\pi x) - \pi x \sin(\pi x).

import numpy as np
import torch

import d2l_ch7 as d2l
from d2l_ch7 import plotting


def f(x):
    return x * np.cos(np.pi * x)


def f_grad(x):
    return np.cos(np.pi * x) - np.pi * x * np.sin(np.pi * x)


# %%
# Each step of a descent goes against the derivative, :math:`x \leftarrow x - \eta f'(x)`. Page 7.2
# says why. We start from many places, take many small steps, and note where we end.

starts = np.linspace(-1, 2, 151)
ends = []
for start in starts:
    path = d2l.descent.descend_1d(
        f_grad,
        eta=0.05,
        x=start,
        steps=200,
    )
    ends.append(path[-1])

# %%

# plotting code
(ax,) = plotting.panels("")
ends = np.array(ends)
shallow, deep = ends.min(), ends.max()
for name, end, color, style, where, side in (
    (
        "local minimum",
        shallow,
        plotting.COLORS[1],
        "--",
        (-0.6, -0.7),
        "center",
    ),
    ("global minimum", deep, plotting.COLORS[0], "-", (0.6, -1.0), "right"),
):
    there = abs(ends - end) < 0.01
    ax.plot(starts[there], f(starts[there]), style, color=color)
    ax.plot(end, f(end), "o", color=color, markersize=8)
    ax.annotate(
        name,
        (end, f(end)),
        where,
        ha=side,
        arrowprops={
            "arrowstyle": "->",
            "shrinkB": 6,
            "relpos": (1, 0.5) if side == "right" else (0.5, 1),
        },
    )
ax.set(xlabel="x", ylabel="f(x)")

# %%
# .. alt::
#
#    A curve with two valleys. All starts on the left of the hill between them are drawn in one
#    colour and end in the shallow valley, all others end in the deep one.
#
# A start has the colour of its end. The hill decides: with small steps a descent only goes down, so
# it does not learn that there is a deeper valley behind the hill. Both ends have a gradient of
# zero, to within rounding. From the gradient alone nobody can tell them apart. Of these starts
# :calc:`np.mean(abs(ends - deep) < 0.01)|.0%` converge to the global minimum.

# %%
# A saddle point holds a descent up
# ---------------------------------
#
# The gradient is also zero at points that are no minimum at all. On a line, :math:`f(x) = x^3` has
# such a point at zero.

path = d2l.descent.descend_1d(
    lambda x: 3 * x**2,
    eta=0.1,
    x=1.5,
    steps=30,
)

# %%

# plotting code
(ax,) = plotting.panels("")
t = np.linspace(-1.5, 1.7, 200)
ax.plot(t, t**3, color="0.6")
ax.plot(
    path, np.power(path, 3), "o", color=plotting.COLORS[1], markersize=5
)
ax.annotate(
    "saddle point",
    (0, 0),
    (-0.9, 1.5),
    ha="center",
    arrowprops={"arrowstyle": "->", "shrinkB": 5, "relpos": (0.5, 0)},
)
ax.set(xlabel="x", ylabel="f(x)")

# %%
# .. alt::
#
#    A descent on the curve of x cubed, a dot a step. The dots crowd together before the saddle
#    point at zero, although lower values lie just behind it.
#
# The first steps are long. Then the gradient fades, and the steps with it. After
# :calc:`len(path) - 1` steps :math:`x` is still :calc:`path[-1]|.2f`. This descent does not cross
# the point, although the function falls without end on the other side.
#
# In two dimensions, :math:`f(x, y) = x^2 - y^2` gave these points their name: its surface is shaped
# like a saddle.


def saddle(x, y):
    return x**2 - y**2


# %%

# plotting code
fig, ax = d2l.plt.subplots(
    figsize=(6, 4),
    subplot_kw={"projection": "3d", "computed_zorder": False},
)
t = np.linspace(-1, 1, 31)
X, Y = np.meshgrid(t, t)
ax.plot_surface(
    X,
    Y,
    saddle(X, Y),
    color="0.94",
    edgecolor="0.75",
    linewidth=0.4,
    shade=False,
)
ax.plot(
    t,
    0 * t,
    t**2,
    color=plotting.COLORS[0],
    linewidth=3,
    label="along x a minimum",
)
ax.plot(
    0 * t,
    t,
    -(t**2),
    "--",
    color=plotting.COLORS[1],
    linewidth=3,
    label="along y a maximum",
)
ax.plot(0, 0, 0, "o", color="black")
ax.set(xlabel="x", ylabel="y", zlabel="f(x, y)")
ax.set(xticks=[-1, 0, 1], yticks=[-1, 0, 1], zticks=[-1, 0, 1])
ax.view_init(elev=25, azim=-65)
ax.set_box_aspect(None, zoom=1.0)
fig.legend(loc="outside upper center", ncols=2)

# %%
# .. alt::
#
#    A surface shaped like a saddle. Its centre is the lowest point of the curve along x and the
#    highest point of the curve along y.
#
# The **Hessian**, the matrix of second derivatives, tells what such a point is. Each
# :term:`eigenvalue` is the :term:`curvature` along its eigenvector:
#
# - all positive: a local minimum;
# - all negative: a local maximum;
# - some positive, some negative: a saddle point;
# - some or all zero, and the others of one sign: the Hessian does not decide. This is so for
#   :math:`x^3`.

point = tuple(torch.zeros(2))
hessian = torch.autograd.functional.hessian(saddle, point)
eigenvalues = torch.linalg.eigvalsh(torch.tensor(hessian))

# %%
# Here they are :calc:`eigenvalues[0].item()|.0f` and :calc:`eigenvalues[1].item()|.0f`. A descent
# that comes in exactly along :math:`x` feels nothing of the other direction. The gradient is
# :math:`(2x, -2y)`, so a step is
#
# .. math::
#
#    x &\leftarrow (1 - 2\eta)\, x, \\
#    y &\leftarrow (1 + 2\eta)\, y .
#
# Where the curvature is :math:`\lambda`, the factor is :math:`1 - \eta\lambda`: upward curvature
# shrinks the distance, downward curvature lets it grow. What if it comes in a little beside?


def descend(x, y, eta=0.1, steps=80):
    values = []
    for _ in range(steps):
        values.append(saddle(x, y))
        x, y = (1 - 2 * eta) * x, (1 + 2 * eta) * y
    return values


beside = {y: descend(1, y) for y in (0.01, 0.001, 0.0001, 0)}

# %%

# plotting code
(ax,) = plotting.panels("")
for (y, values), color, style in zip(
    beside.items(), plotting.COLORS, ("-", "--", "-.", ":")
):
    ax.plot(values, style, color=color, label=f"y = {y:g}")
ax.set(xlabel="step", ylabel="f(x, y)", ylim=(-1.05, 1.05))
ax.legend(title="start", loc="upper right")

# %%
# .. alt::
#
#    The value of the function against the step, for four starts. All curves fall fast to near zero.
#    Three of them fall again, later the closer the start is to the line y = 0. The start on that
#    line stays.
#
# Near zero the curves have a **plateau**. Whoever stops there sees a small gradient and a steady
# value, and takes the saddle point for a minimum. The smaller the first push, the longer the
# plateau: with 0.01 it is hardly a bend, and without any push it has no end. The noise of
# :term:`stochastic gradient descent` gives such a push: here noise helps.

# %%
# In high dimension saddle points are likelier
# --------------------------------------------
#
# A model has as many directions as parameters, and a minimum curves downwards in none of them. How
# likely is that, if the Hessian at a point with zero gradient is a random symmetric matrix? An
# eigenvalue of exactly zero is too unlikely to be drawn, so all must be positive. We draw many
# matrices of each size and count.

draws = 200_000
dimensions = range(1, 8)
counts = []
for d in dimensions:
    M = torch.randn(draws, d, d)
    curvatures = torch.linalg.eigvalsh((M + M.mT) / 2)
    counts.append((curvatures > 0).all(dim=1).sum().item())

# %%

# plotting code
(ax,) = plotting.panels("")
coins = [0.5**d for d in dimensions]
ax.semilogy(
    dimensions,
    coins,
    "s--",
    color="0.6",
    label="as many coins all show heads",
)
found = [(d, n / draws) for d, n in zip(dimensions, counts) if n]
ax.semilogy(
    *zip(*found),
    "o-",
    color=plotting.COLORS[0],
    label="all eigenvalues positive",
)
ax.axhline(1 / draws, color="0.6", linestyle=":", linewidth=1)
ax.text(1, 1 / draws, "a single draw", va="bottom", color="0.4")
for d, n in zip(dimensions, counts):
    if n == 0:
        ax.text(d, 1 / draws, "none", ha="center", va="bottom", color="C0")
ax.set(xlabel="dimension", ylabel="share of draws", ylim=(1e-6, 1))
ax.legend(loc="lower left", bbox_to_anchor=(0, 0.2))

# %%
# .. alt::
#
#    The share of random symmetric matrices whose eigenvalues are all positive, on a logarithmic
#    axis against the dimension. It falls much faster than the chance that as many coins all show
#    heads, and soon no draw is left.
#
# One direction is a coin toss. If each direction were another coin, the share would halve with each
# dimension. It falls faster, because curving upwards along each axis is not enough:
# :math:`x^2 + 4xy + y^2` does, and still falls along :math:`y = -x`. In dimension 3 all eigenvalues
# are positive in :calc:`counts[2] / draws|.1%` of the draws, in dimension 5 in
# :calc:`counts[4] / draws|.3%`, and in dimension 7 in :calc:`counts[6]` of :calc:`draws|,d` draws.
# (`Dean and Majumdar, 2006 <https://arxiv.org/abs/cond-mat/0609651>`_, computed how it goes on.) A
# network has millions of parameters.
#
# A real Hessian is not a random matrix. Near the bottom of the loss it leans towards positive
# curvature, so this count does not say that minima cannot be found. It says: in high dimension, a
# point with zero gradient and a high loss is most likely a saddle point. `Dauphin et al., 2014
# <https://arxiv.org/abs/1406.2572>`_ made this argument, and found such points in networks.

# %%
# What to take away
# -----------------
#
# - A gradient near zero means *flat*, not *done*. Look at the loss, and at the curvature if you
#   can.
# - Where there are several valleys, the knob is the **start**: try several random seeds.
# - In high dimension, expect saddle points and plateaus. There the knob is **noise**: a random
#   start and a smaller batch size give the push that leaves them.

# %%
# Check yourself
# --------------
#
# .. check:: A descent with small steps on x cos(πx) starts at x = 0. In which valley does it end?
#
#    In the shallow one, at :math:`x =` :calc:`ends[50]|.2f`. The slope at 0 is
#    :math:`\cos 0 =` :calc:`f_grad(0)|.0f`, which is positive. So the first step goes left, and the
#    hill lies on the right.
#
# .. check:: On x³, from x = 1.5, the learning rate is 0.3 instead of 0.1. What happens?
#
#    The slope is :math:`3 \cdot 1.5^2`, so the first step leads to :math:`1.5 - 0.3 \cdot 6.75 =`
#    :calc:`1.5 - 0.3 * 3 * 1.5**2|.3f`. It jumps over the saddle point. From there the function
#    falls without end, and so does the descent.
#
# .. check:: At a point with zero gradient the eigenvalues of the Hessian are 3, 0.2 and −0.1. What
#    is it, and why does a descent take long to leave it?
#
#    A saddle point, since the signs differ. Only the direction of −0.1 leads away. At a learning
#    rate of 0.1 the distance along it grows by the factor :math:`1 + 0.1 \cdot 0.1 =`
#    :calc:`1 + 0.1 * 0.1|.2f` a step, so it takes
#    :calc:`np.ceil(np.log(10) / np.log(1 + 0.1 * 0.1))|.0f` steps to grow tenfold.

# %%
# Exercises
# ---------
#
# .. exercise:: 7.1
#
#    A local minimum and a saddle point are two difficulties. Which others does optimization meet in
#    deep learning?

# %%
# Three that fit into a few lines:
#
# - **Gradients vanish or explode.** Through a deep network, the gradient is a product with one
#   factor for each layer. A product of many factors easily becomes very small or very large. It
#   becomes small where activation functions saturate: there their slope is nearly zero.
# - **Bad conditioning.** The learning rate must suit the steepest direction, and then the flattest
#   one gets hardly anywhere. The ratio of the two curvatures is the condition number.
# - **Symmetry.** Exchange two hidden units, and the output of a network stays as it is. So a
#   minimum has copies elsewhere, as deep as itself, often with a saddle point on the way from one
#   to the next. Scale one layer up and the next one down by the same factor, and the output stays
#   as well, if nothing or a ReLU stands between them. Then a minimum is not an isolated point: it
#   lies on a whole curve of minima.
#
# The first two as an experiment: the same factor in each layer, and the steps that a bowl with
# curvatures 1 and :math:`k` takes until both coordinates are a thousand times smaller. The learning
# rate :math:`2 / (1 + k)` is the best fixed one: it shrinks both by the same factor.

depth = np.arange(1, 51)
products = {w: w**depth for w in (1.2, 1.0, 0.8)}


def steps_needed(k):
    x, steps = np.ones(2), 0
    while abs(x).max() > 1e-3:
        x = x - 2 / (1 + k) * np.array([1, k]) * x
        steps += 1
    return steps


conditions = [1.5, 3, 10, 30, 100, 300, 1000]
needed = [steps_needed(k) for k in conditions]

# %%

# plotting code
left, right = plotting.panels("50 layers", "a bowl", sharey=False)
for (w, product), color, style in zip(
    products.items(), plotting.COLORS, ("-", "--", ":")
):
    left.semilogy(depth, product, style, color=color, label=f"{w} a layer")
left.set(xlabel="layer", ylabel="gradient", ylim=(1e-5, 1e9))
left.legend(loc="upper left")
right.loglog(conditions, needed, "o-", color=plotting.COLORS[0])
right.set(xlabel="condition number", ylabel="steps needed")

# %%
# .. alt::
#
#    Two panels. Left: a product of factors below one vanishes with depth, above one it explodes.
#    Right: the steps needed grow in proportion to the condition number.
#
# On the left, only the factor 1 keeps the gradient. This is why the start of a deep network is
# scaled with care. On the right, the steps soon grow in proportion to the condition number, even at
# the best fixed rate. Momentum and the adaptive methods of this chapter are answers to it.
#
# For the third, take the smallest network with a symmetry: two weights in a row, :math:`w_1 w_2 x`,
# and one sample with input 1 and label 1.


def tiny_loss(w1, w2):
    return (w1 * w2 - 1) ** 2


# %%

# plotting code
fig, ax = d2l.plt.subplots(figsize=(6, 3.8))
w = np.linspace(-2.5, 2.5, 101)
levels = [0.1, 0.4, 0.8, 1.5, 3, 6, 12]
grid = np.meshgrid(w, w)
ax.contour(*grid, tiny_loss(*grid), levels, colors="0.8", linewidths=0.8)
side = np.linspace(0.4, 2.5, 50)
ax.plot(side, 1 / side, color=plotting.COLORS[0], label="minima")
ax.plot(-side, -1 / side, color=plotting.COLORS[0])
ax.plot(
    0,
    0,
    "X",
    color=plotting.COLORS[1],
    markersize=9,
    label="saddle point",
)
ax.set(xlabel="w1", ylabel="w2", aspect="equal")
ax.grid(False)
ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))

# %%
# .. alt::
#
#    Contours of the loss of a network of two weights. Its minima form two curves, and a saddle
#    point lies between them in the centre.
#
# Every point of the two curves is a minimum: scaling moves along a curve. Changing both signs leads
# to the other curve, which is a copy. The point in the centre is a saddle point.
#
# There are more difficulties. The gradient of a few samples is noisy. Activation functions such as
# ReLU have no derivative at their kink. Numbers of finite precision overflow. And a smaller
# training error does not promise a smaller generalization error.
#
# .. endexercise::

# %%
# .. exercise:: 7.1 (ours)
#
#    How many steps does a descent need to leave the saddle :math:`x^2 - y^2`, from :math:`x = 1`
#    and a tiny :math:`y` until :math:`f < -1`? How does the number depend on :math:`y`? What if it
#    starts on the line :math:`y = 0`, and the gradient is noisy instead?

# %%
# We count, for pushes down to a trillionth. With noise, the push is its standard deviation, and a
# hundred descents run for each.


def steps_to_leave(y, scale=0, eta=0.1):
    x, steps = 1, 0
    while saddle(x, y) > -1:
        x = x - eta * 2 * x
        noise_y = np.random.normal(loc=0, scale=scale)
        y = y - eta * (-2 * y + noise_y)
        steps += 1
    return steps


pushes = 10.0 ** np.arange(-12, 0)
waits = {
    "start beside the line": [[steps_to_leave(y)] for y in pushes],
    "noisy gradient": [
        [steps_to_leave(0, s) for _ in range(100)] for s in pushes
    ],
}
plotting.plot_sweep(pushes, waits, xlabel="push", ylabel="steps")

# %%
# .. alt::
#
#    The steps needed to leave the saddle against the size of the push, on a logarithmic axis. Both
#    curves are nearly straight lines that fall; the one for noise lies a little higher and has a
#    band.
#
# The line is straight on the logarithmic axis. Each step multiplies :math:`y` by 1.2, so a push ten
# times smaller takes :math:`\ln 10 / \ln 1.2 \approx` :calc:`np.log(10) / np.log(1.2)|.0f` steps
# more, however small it is already. A push of a trillionth is enough for
# :calc:`waits["start beside the line"][0][0]` steps. Noise does the same, a little later
# and by chance. So this saddle point does not stop a descent that has a little noise. A saddle
# point holds up for long where its curvature is small: there the factor is close to 1.
#
# .. endexercise::
