r"""
7.2 What do learning rate and noise do to a descent?
====================================================

A small learning rate crawls, a large one diverges, and noise keeps a descent from coming to rest.

.. playground:: lr=0.1&bowl=round
   :show: bowl lr noise seed

   The bowl is :math:`x_1^2 + 2 x_2^2`, and a mark under the slider is the limit of the learning
   rate. **Predict:** in which direction does the path run away above it? Then add noise: what
   calms the end of the path, and at what price?
"""

# sphinx_gallery_thumbnail_number = 2

# %%
# Why against the gradient?
# -------------------------
#
# Close to a point :math:`x`, a smooth function is nearly its tangent. This is the first-order
# expansion:
#
# .. math:: f(x + \delta) \approx f(x) + f'(x)\, \delta .
#
# Go against the slope, :math:`\delta = -\eta f'(x)` with a **learning rate** :math:`\eta > 0`. Then
# the tangent promises
#
# .. math:: f\bigl(x - \eta f'(x)\bigr) \approx f(x) - \eta f'(x)^2 ,
#
# which is less than :math:`f(x)` unless the slope is zero. But the curve leaves its tangent, and a
# promise holds near :math:`x` only. We take :math:`f(x) = x^2` at :math:`x = 10`, and make a small
# step and a large one.

import numpy as np
import torch

import d2l_ch7 as d2l
from d2l_ch7 import plotting


def f(x):
    return x**2


def f_grad(x):
    return 2 * x


steps = {}
for eta in (0.2, 1.1):
    delta = -eta * f_grad(10)
    promised = f(10) + f_grad(10) * delta
    steps[eta] = 10 + delta, promised, f(10 + delta)

# %%

# plotting code
axes = plotting.panels("η = 0.2", "η = 1.1", sharey=False)
for ax, (x_new, promise, value), margin in zip(
    axes, steps.values(), (2, 3)
):
    t = np.linspace(x_new - margin, 10 + margin, 100)
    ax.plot(t, f(t), color="0.6")
    ax.plot([10, x_new], [100, promise], "--", color=plotting.COLORS[1])
    ax.vlines(x_new, promise, value, color="0.4", linestyle=":")
    ax.plot(10, 100, "o", color="black", label="before")
    ax.plot(
        x_new,
        promise,
        "o",
        color=plotting.COLORS[1],
        markerfacecolor="white",
        label="promised",
    )
    ax.plot(x_new, value, "o", color=plotting.COLORS[0], label="after")
    ax.set(xlabel="x", ylabel="f(x)")
axes[0].legend(loc="upper left")

# %%
# .. alt::
#
#    A step on a parabola beside its tangent, twice. The small step lands a little above the tangent
#    and lower than it was. The tangent promises much for the large step, but the curve turns: the
#    step lands on the other side, higher than it was.
#
# On the left the tangent promises a value of :calc:`steps[0.2][1]|.0f`, and the step reaches
# :calc:`steps[0.2][2]|.0f`: not all that was promised, but less than 100. On the right it promises
# :calc:`steps[1.1][1]|.0f` and ends at :calc:`steps[1.1][2]|.0f`. The step **overshoots**: it jumps
# over the valley and lands higher. For this function one finds
#
# .. math:: f\bigl(x - \eta f'(x)\bigr) = f(x) - (1 - \eta)\, \eta f'(x)^2 ,
#
# so the step keeps the share :math:`1 - \eta` of the promise. The negative gradient lowers
# :math:`f`, if the step is small enough.
#
# With several variables the tangent becomes a tangent plane,
# :math:`f(x) + \nabla f(x)^\top \delta`. Among all steps of one length, it falls most for the one
# against the gradient.

# %%
# Three learning rates
# --------------------
#
# **Gradient descent** repeats this step:
#
# .. math:: x \leftarrow x - \eta f'(x) .


def gd(eta, x=10):
    path = [x]
    for _ in range(10):
        x = x - eta * f_grad(x)
        path.append(x)
    return path


paths = {eta: gd(eta) for eta in (0.05, 0.2, 1.1)}

# %%

# plotting code
fig, axes = d2l.plt.subplot_mosaic(
    "AB;CC", figsize=(6, 5), layout="constrained"
)
for ax, (eta, line) in zip(axes.values(), paths.items()):
    width = max(map(abs, line))
    t = np.linspace(-width, width, 200)
    ax.plot(t, f(t), color="0.6")
    ax.plot(
        line,
        f(np.array(line)),
        "-o",
        color=plotting.COLORS[1],
        linewidth=1.2,
        markersize=5,
    )
    ax.set(title=f"η = {eta}", xlabel="x", ylabel="f(x)")

# %%
# .. alt::
#
#    Three descents on one parabola, a dot a step. The smallest rate is still on its way down, the
#    middle one reaches the bottom, and the largest one jumps from side to side and climbs.
#
# .. computed:: [(eta, f"{line[-1]:.4f}") for eta, line in paths.items()]
#
#    learning rate | x after ten steps
#
# The first descent crawls, the second one converges, the third one **diverges**. (Its panel has
# another scale.) The book prints the same numbers. One factor tells the whole story: with
# :math:`f'(x) = 2x`, a step is
#
# .. math:: x \leftarrow (1 - 2\eta)\, x .
#
# Here the factors are :calc:`1 - 2 * 0.05|.1f`, :calc:`1 - 2 * 0.2|.1f` and
# :calc:`1 - 2 * 1.1|.1f`. We draw what ten of them do, for all learning rates.

rates = np.linspace(0.005, 1.15, 400)
distances = 10 * abs(1 - 2 * rates) ** 10

# %%

# plotting code
(ax,) = plotting.panels("")
ax.semilogy(rates, distances, color="0.6")
for (eta, line), color, marker in zip(
    paths.items(), plotting.COLORS, "so^"
):
    ax.plot(
        eta,
        abs(line[-1]),
        marker,
        color=color,
        markersize=8,
        label=f"η = {eta}",
    )
ax.axhline(10, color="0.6", linestyle="--", linewidth=1)
ax.text(0.5, 10, "start", va="bottom", ha="center", color="0.4")
ax.set(xlabel="learning rate", ylabel="distance after ten steps")
ax.set_ylim(1e-9, 1e4)
ax.legend(loc="lower left")

# %%
# .. alt::
#
#    The distance from the minimum after ten steps against the learning rate, on a logarithmic axis.
#    It falls to nothing at 0.5 and rises on both sides; beyond 1 it is larger than at the start.
#
# The descent :term:`converges <converge>` while the factor lies between −1 and 1, which is
# :math:`0 < \eta < 1`. At :math:`\eta = 0.5` it arrives in one step. Between 0.5 and 1 the factor
# is negative: :math:`x` **oscillates**, it changes sides at each step, and still comes closer. For
# another function the limits are others. The more its walls curve, the smaller the learning rate
# has to be.

# %%
# Two directions
# --------------
#
# Now :math:`f(x_1, x_2) = x_1^2 + 2 x_2^2`, with the gradient :math:`(2 x_1, 4 x_2)`. ``train_2d``
# calls our rule again and again. Beside the point it hands over two numbers, ``s1`` and ``s2``,
# that later methods need. We ignore them, and give back 0.

eta = 0.1


def f_2d(x1, x2):
    return x1**2 + 2 * x2**2


def gd_2d(x1, x2, s1, s2):
    x1 = x1 - eta * 2 * x1
    x2 = x2 - eta * 4 * x2
    return x1, x2, 0, 0


smooth = d2l.train_2d(gd_2d)
plotting.plot_paths({"gradient descent": smooth}, f_2d)

# %%
# .. alt::
#
#    Gradient descent over the contours of a bowl: the path first closes in along the steep
#    direction x2, then bends and follows the flat direction x1 to the minimum.
#
# The star is the minimum. The printed line is the book's, which calls a step an epoch. Each
# coordinate has its own factor, :math:`1 - 2\eta` and :math:`1 - 4\eta`: the 2 and the 4 are the
# second derivatives, the **curvatures** of the two directions. The second factor is smaller, so the
# steep direction is finished first. This makes the bend.

# %%
# A random sample is right on average
# -----------------------------------
#
# A training :term:`loss` is a mean over :math:`n` samples, and so is its gradient:
#
# .. math::
#
#    f &= \frac{1}{n} \sum_{i=1}^n f_i, \\
#    \nabla f &= \frac{1}{n} \sum_{i=1}^n \nabla f_i .
#
# **Stochastic gradient descent** draws one sample :math:`i` at random and steps along
# :math:`-\nabla f_i`. All samples are equally likely, so the expected value of what it draws is
# just that sum:
#
# .. math:: \mathrm{E}[\nabla f_i] = \sum_{i=1}^n \frac{1}{n} \nabla f_i = \nabla f .
#
# One says that the sample's gradient is an **unbiased** estimate. We try it on the data of the next
# pages, 1500 samples with five :term:`features <feature>` and a :term:`label` each. A linear model
# that starts at zero predicts 0, and half its squared error :math:`f_i` on sample :math:`i` has the
# gradient :math:`(0 - y_i)\, x_i` in the five weights.

X, y = d2l.get_data_ch7()
gradients = (0 - y)[:, None] * X
full = gradients.mean(dim=0)

drawn = gradients[torch.randint(len(X), (20, 10_000))]
counts = torch.arange(1, 10_001)[:, None]
averages = drawn.cumsum(dim=1) / counts

# %%

# plotting code
left, right = plotting.panels("single samples", "averages", sharey=False)
left.axhline(0, color="0.4", linewidth=0.8)
left.axvline(0, color="0.4", linewidth=0.8)
left.plot(*gradients[:, [0, 4]].T, ".", color="0.7", markersize=3)
left.plot(
    *full[[0, 4]], "*", color=plotting.COLORS[1], markersize=13, zorder=3
)
left.set(xlabel="gradient in w1", ylabel="gradient in w5")
some = np.unique(np.geomspace(1, 10_000, 100).astype(int)) - 1
for average in averages[:, some, 0]:
    right.semilogx(some + 1, average, color="0.7", linewidth=0.8)
right.axhline(full[0], color=plotting.COLORS[1])
right.set(xlabel="samples drawn", ylabel="average in w1")

# %%
# .. alt::
#
#    Left: the gradients of single samples are a wide cloud around the full gradient, which is a
#    star. Right: twenty running averages of sample gradients come together at the full gradient.
#
# The star and the coloured line are the full gradient; the thin lines cross at zero. On the left,
# each dot is the gradient of one sample, in the first and the last weight. The cloud is wide:
# :calc:`(gradients @ full < 0).double().mean()|.0%` of the samples even lead the wrong way: a
# descent step with their gradient goes uphill. On the right, twenty series of draws are averaged.
# All of them converge to the full gradient: after ten thousand draws they are within
# :calc:`(averages[:, -1, 0] - full[0]).abs().max()|.2f` of it. So a single step may be wrong, and
# many small steps add up to the right way.
#
# The average of :math:`B` draws scatters :math:`\sqrt{B}` times less. This is what
# :term:`minibatches <minibatch>` use, from page 7.3.1 on.

# %%
# A descent with noise
# --------------------
#
# In place of a random sample, the book adds a random number to each derivative. In its code this
# noise has a mean of 0.1, so it is not quite unbiased.


def sgd_2d(x1, x2, s1, s2):
    noise1 = np.random.normal(loc=0.1, scale=1)
    noise2 = np.random.normal(loc=0.1, scale=1)
    x1 = x1 - eta * (2 * x1 + noise1)
    x2 = x2 - eta * (4 * x2 + noise2)
    return x1, x2, 0, 0


np.random.seed(0)
noisy = d2l.train_2d(sgd_2d)
both = {"gradient descent": smooth, "with noise": noisy}
plotting.plot_paths(both, f_2d)

# %%
# .. alt::
#
#    Two paths over the contours of the bowl. The one with noise follows the smooth one at first,
#    and wanders about the minimum at the end.
#
# Far out the gradient is large, and the noise hardly matters. Near the minimum the gradient fades
# and the noise does not: the descent wanders.
#
# The book's path ends elsewhere, since it sets no seed. Each run is one draw of lots. Here are the
# ends of two hundred runs.

ends = np.array([d2l.descent.descend_2d(sgd_2d)[-1] for _ in range(200)])

# %%

# plotting code
book_end = -0.047150, -0.075628
(ax,) = plotting.panels("")
ax.plot(*ends.T, ".", color="0.6", label="200 runs")
ax.plot(
    *book_end,
    "D",
    color=plotting.COLORS[1],
    label="the book's run",
)
ax.plot(0, 0, "*", color="black", markersize=11, label="minimum")
ax.set(xlabel="x1", ylabel="x2", aspect="equal")
ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))

# %%
# .. alt::
#
#    The ends of 200 noisy descents are a cloud about the minimum, a little longer along the flat
#    direction x1. The end that the book prints lies well inside.
#
# They are a cloud about the minimum, a little longer where the bowl is flatter. The end that the
# book prints lies in its midst: :calc:`np.mean(far > far_book)|.0%` of our runs end farther from
# the middle. It is what this experiment gives, one draw among many.

# sphinx_gallery_start_ignore
middle, size = ends.mean(axis=0), ends.std(axis=0)
far = np.linalg.norm((ends - middle) / size, axis=1)
far_book = np.linalg.norm((np.array(book_end) - middle) / size)
# sphinx_gallery_end_ignore

# %%
# Let the learning rate decay
# ---------------------------
#
# With a constant learning rate, each step adds noise of the same size, and the descent never comes
# to rest. H. Robbins and S. Monro found the cure: let :math:`\eta_t` decay, so that
#
# .. math:: \sum_t \eta_t = \infty, \qquad \sum_t \eta_t^2 < \infty .
#
# The first condition says: the rates do not fade so fast that the descent stops on its way. The
# second one: they fade fast enough for the noise. A step adds a variance in proportion to
# :math:`\eta_t^2`, and all steps together add a finite one. Both together are enough to end at the
# minimum. A rate that falls like :math:`1/t` meets them. Such a plan is called a **schedule**. We
# follow 200 runs with noise of mean 0, and watch their root mean square distance
# from the minimum.


def follow(schedule, steps=500):
    x = np.repeat([[-5.0], [-2.0]], 200, axis=1)
    distances = []
    for t in range(steps):
        distances.append(np.sqrt((x**2).sum(axis=0).mean()))
        noise = np.random.normal(loc=0, scale=1, size=x.shape)
        x = x - schedule(t) * (np.array([[2], [4]]) * x + noise)
    return distances


schedules = {
    "η = 0.2": lambda t: 0.2,
    "η = 0.02": lambda t: 0.02,
    "η = 0.2 / (1 + 0.2 t)": lambda t: 0.2 / (1 + 0.2 * t),
    "η = 0.2 / 2^t": lambda t: 0.2 / 2**t,
}
followed = {name: follow(eta_t) for name, eta_t in schedules.items()}

# %%

# plotting code
(ax,) = plotting.panels("", height=3.2)
for (name, line), color, style in zip(
    followed.items(), plotting.COLORS, ("-", "--", "-.", ":")
):
    ax.loglog(range(1, 501), line, style, color=color, label=name)
ax.set(xlabel="step", ylabel="distance from the minimum")
ax.legend(loc="lower left")

# %%
# .. alt::
#
#    Distance from the minimum against the step, for four learning rates. The large constant rate
#    falls fast and stays high, the small one falls late and stays lower. The one that decays like
#    1/t falls fast and goes on falling. The one that is halved at each step stops far away.
#
# A constant rate has a floor. A large one gets there fast, and the floor is high. A small one is
# slow, and the floor is low. It falls roughly like the root of the rate: a tenth of the rate lowers
# it to :calc:`np.mean(followed["η = 0.02"][-200:]) / np.mean(followed["η = 0.2"][-200:])|.2f` of
# its height. The rate that decays like :math:`1/t` begins like the large one and has no floor. The
# rate that is halved at each step decays too fast. Its sum is only :calc:`0.2 / (1 - 0.5)|.1f`, and
# the descent stops on its way, at :calc:`followed["η = 0.2 / 2^t"][-1]|.1f`.

# %%
# What to take away
# -----------------
#
# - The negative gradient lowers the loss if the step is small. If the loss hardly moves, make the
#   **learning rate** larger. If it grows or jumps, make it smaller. The steepest direction sets the
#   limit.
# - A random sample's gradient is right on average. The learning rate sets how far from the minimum
#   its noise keeps you. To come closer, let the rate **decay**, or average: a larger batch.
#
# Gradient descent goes back to `A. Cauchy, 1847
# <https://gallica.bnf.fr/ark:/12148/bpt6k90190w/f406>`_, and steps along a noisy gradient to
# `H. Robbins and S. Monro, "A stochastic approximation method", 1951
# <https://doi.org/10.1214/aoms/1177729586>`_.

# %%
# Check yourself
# --------------
#
# .. check:: On x², a descent with η = 0.9 starts at 10. Where is it after one step and after two?
#    Does it converge?
#
#    The factor is :math:`1 - 2 \cdot 0.9 =` :calc:`1 - 2 * 0.9|.1f`. So it is at
#    :calc:`gd(0.9)[1]|.1f`, then at :calc:`gd(0.9)[2]|.1f`. It oscillates and converges, since the
#    factor lies between −1 and 1.
#
# .. check:: In the bowl with two directions, from which learning rate on does gradient descent
#    diverge?
#
#    From :math:`\eta = 0.5` on it does not converge any more. The steep direction decides: its
#    factor :math:`1 - 4\eta` is :calc:`1 - 4 * 0.5|.0f` there, and below −1 beyond. The flat
#    direction would have allowed rates up to 1.
#
# .. check:: An average of 100 sample gradients is still too noisy. How many samples do you need for
#    a tenth of the scatter?
#
#    The scatter falls like the root of their number, so a tenth of it takes
#    :math:`10^2` times as many: :calc:`100 * 10**2|d`.

# %%
# Exercises
# ---------
#
# .. exercise:: 7.2 a
#
#    Take another objective function, and compare the paths of gradient descent and of stochastic
#    gradient descent on it.

# %%
# We take a bowl with a wave on it, which has a local minimum on the way:
#
# .. math:: f(x_1, x_2) = 0.1 x_1^2 + 0.38 \sin(2 x_1) + x_2^2 .


def wavy(x1, x2):
    return 0.1 * x1**2 + 0.38 * np.sin(2 * x1) + x2**2


def noisy_wavy(x1, x2, s1, s2):
    noise1, noise2 = np.random.normal(loc=0, scale=scale, size=2)
    g1, g2 = 0.2 * x1 + 0.76 * np.cos(2 * x1), 2 * x2
    return x1 - eta * (g1 + noise1), x2 - eta * (g2 + noise2), 0, 0


scale = 0
still = d2l.descent.descend_2d(noisy_wavy, steps=200)
scale = 1
wild = np.array(
    [d2l.descent.descend_2d(noisy_wavy, steps=200) for _ in range(200)]
)

# %%

# plotting code
t = np.linspace(-4, 0, 1001)
height = wavy(t, 0)
inner = (t > -3.3) & (t < -1)
hill = t[inner][height[inner].argmax()]
best = t[height.argmin()]
crossed = wild[wild[:, -1, 0] > hill]
plotting.plot_paths(
    {"gradient descent": still, "with noise": crossed[0]},
    wavy,
    window=(-5.3, 0.7, -2.2, 1.2),
    minimum=(best, 0),
)

# %%
# .. alt::
#
#    Gradient descent stops in the first valley of the wavy bowl. A path with noise wanders there
#    and then crosses to the next valley, where the minimum is.
#
# Without noise the descent stops in the first valley. This one of the noisy paths crosses the hill
# to the second valley, which is deeper.

# %%

# plotting code
left, right = plotting.panels("the wave", "ends of 200 runs", sharey=False)
left.plot(t, height, color="0.6")
left.plot(still[-1][0], wavy(*still[-1]), "o", color=plotting.COLORS[0])
left.plot(best, height.min(), "*", color="black", markersize=11)
left.axvline(hill, color="0.6", linestyle="--", linewidth=1)
left.set(xlabel="x1", ylabel="f(x1, 0)")
right.hist(wild[:, -1, 0], bins=30, color=plotting.COLORS[1])
right.axvline(hill, color="0.6", linestyle="--", linewidth=1)
right.set(xlabel="x1", ylabel="runs", xlim=left.get_xlim())

# %%
# .. alt::
#
#    Left: along x1, a low hill parts the shallow first valley from the deep second one. Right: the
#    noisy runs end on both sides of it.
#
# The dashed line is the hill. It stands :calc:`wavy(hill, 0) - wavy(*still[-1])|.2f` above the
# first valley and :calc:`wavy(hill, 0) - height.min()|.2f` above the second, so the way back is
# harder. After 200 steps :calc:`len(crossed) / 200|.0%` of the runs are behind it. Noise is a
# hindrance at the end of a descent, and a help on the way.
#
# .. endexercise::

# %%
# .. exercise:: 7.2 b
#
#    Try other learning rates in the two-dimensional descents, without and with noise. What changes?

# %%
# The factors :math:`1 - 2\eta` and :math:`1 - 4\eta` say it all for the descent without noise. With
# noise of mean 0 and standard deviation 1, each coordinate has a variance as well. A step
# multiplies it by the squared factor and adds the variance of its own noise:
#
# .. math:: v \leftarrow (1 - \eta c)^2\, v + \eta^2, \qquad c = 2, 4 .
#
# This is exact and needs no draws.

three = {}
for eta in (0.02, 0.3, 0.49):
    three[f"η = {eta}"] = d2l.descent.descend_2d(gd_2d)

many = np.linspace(0.01, 0.52, 200)
factors = 1 - many * np.array([[2], [4]])
square = (np.array([[-5], [-2]]) * factors**20) ** 2
variance = 0
for _ in range(20):
    variance = factors**2 * variance + many**2
without = np.sqrt(square.sum(axis=0))
with_noise = np.sqrt((square + variance).sum(axis=0))

# %%

# plotting code
left, right = plotting.panels("", "", height=3.2, sharey=False)
plotting.plot_paths(three, f_2d, left, window=(-5.5, 1.5, -2.5, 3.5))
right.semilogy(many, without, color="black", label="without noise")
right.semilogy(
    many, with_noise, "--", color=plotting.COLORS[1], label="with noise"
)
right.set(xlabel="learning rate", ylabel="distance after 20 steps")
right.set_ylim(1e-8, 1e5)
right.legend(loc="upper center")

# %%
# .. alt::
#
#    Left: a small learning rate stops half-way, a medium one arrives, a large one zigzags across
#    the valley. Right: the distance after 20 steps is least at a rate near a third without noise;
#    with noise it is never as small, and least at a smaller rate.
#
# On the left the largest rate still converges, but it oscillates along the steep direction. On the
# right, the best rate without noise is :calc:`many[without.argmin()]|.2f`, close to 1/3, where both
# factors have the same size. With noise it is smaller, :calc:`many[with_noise.argmin()]|.2f`: it
# must bring the start to the minimum, and add little scatter. Beyond one half both diverge.
#
# .. endexercise::

# %%
# .. exercise:: 7.2 (ours)
#
#    Let the rate be :math:`\eta_t = \eta_0 / (1 + 0.2\, t)^p`. For which :math:`p` does it meet the
#    two conditions? Which :math:`p` comes closest in 1000 steps, for :math:`\eta_0 = 0.2` and for
#    0.02?

# %%
# The sum of :math:`t^{-p}` is infinite for :math:`p \le 1`, and that of the squares is finite for
# :math:`2p > 1`. So both hold for :math:`1/2 < p \le 1`.


def power_schedule(eta0, p):
    return lambda t: eta0 / (1 + 0.2 * t) ** p


powers = np.linspace(0, 2, 21)
reached = {
    eta0: [follow(power_schedule(eta0, p), 1000)[-1] for p in powers]
    for eta0 in (0.2, 0.02)
}

# %%

# plotting code
(ax,) = plotting.panels("")
ax.axvspan(0.5, 1, color="0.92")
for (eta0, line), color, style in zip(
    reached.items(), plotting.COLORS, ("-o", "--s")
):
    ax.semilogy(
        powers, line, style, color=color, markersize=4, label=f"η₀ = {eta0}"
    )
ax.set(xlabel="power p", ylabel="distance after 1000 steps")
ax.legend(loc="upper left")

# %%
# .. alt::
#
#    The distance after 1000 steps against the power p of the schedule, for two first rates. Both
#    curves fall and rise again. The larger first rate is best a little to the right of the band
#    where both conditions hold, the smaller one a little to its left.
#
# The band is where both conditions hold. With :math:`\eta_0 = 0.2` the best power is
# :calc:`powers[np.argmin(reached[0.2])]|.1f`, a little beyond the band: there the first sum is
# finite, but large enough for this way. With :math:`\eta_0 = 0.02` the best power
# is :calc:`powers[np.argmin(reached[0.02])]|.1f`, outside the band. So the conditions are enough,
# and not necessary: here each :math:`0 < p \le 1` gets to the minimum in the end. And they do not
# say how soon. At :math:`p = 1` this rate meets both and is still :calc:`reached[0.02][10]|.1f`
# away. In practice: begin with as large a rate as the descent bears, and then let it decay.
#
# .. endexercise::
