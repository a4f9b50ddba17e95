"""
7.2 What do learning rate and noise do to a descent?
====================================================

A small learning rate crawls, a large one runs away, and noise keeps a descent from coming to rest.

Gradient descent goes back to `Cauchy, 1847 <https://gallica.bnf.fr/ark:/12148/bpt6k90190w/f406>`_.
Stochastic gradient descent, which sees the gradient only through noise, goes back to `Robbins and
Monro, 1951 <https://doi.org/10.1214/aoms/1177729586>`_. This page follows both on functions so
simple that each result can be worked out with pencil and paper, and compares every end point with
the one that the book prints.
"""

# sphinx_gallery_thumbnail_number = 5

import json
from importlib.resources import files

import numpy as np

import d2l_ch7 as d2l
from d2l_ch7 import plotting

results = json.loads(files("d2l_ch7._data").joinpath("published.json").read_text())["descents"]
published = [result["published"] for result in results if result["section"] == "7.2"]

# %%
# One dimension: three learning rates
# -----------------------------------
#
# Gradient descent repeats one line, with the learning rate :math:`\eta`:
#
# .. math:: x \leftarrow x - \eta f'(x)
#
# The objective function is :math:`f(x) = x^2`, the start is :math:`x = 10`, and there are ten
# steps.

etas = [0.2, 0.05, 1.1]
paths = [d2l.descent.descend_1d(lambda x: 2 * x, eta, x=10, steps=10) for eta in etas]

for eta, path, line in zip(etas, paths, published, strict=False):
    print(f"eta = {eta:4}:  {path[-1]}   in the book: {line.split()[-1]}")
    assert f"epoch 10, x: {path[-1]}" == line  # to the last digit

fig, axes = d2l.plt.subplots(1, 3, figsize=(7.5, 2.9), layout="constrained")
for ax, eta, path, name in zip(
    axes, etas, paths, ["it arrives", "it crawls", "it runs away"], strict=True
):
    width = max(map(abs, path))
    x = np.linspace(-width, width, 200)
    ax.plot(x, x**2, color=plotting.COLORS[6])
    ax.plot(path, np.square(path), "o-", color=plotting.COLORS[1], linewidth=1, markersize=5)
    ax.set(xlabel="x", ylabel="f(x)", title=f"η = {eta}: {name}")
fig.alt = """Three descents on the same parabola. With learning rate 0.2 the points reach the
bottom, with 0.05 they are still on their way down, with 1.1 they jump from side to side and
climb."""

# %%
# All three step against the gradient of the same function. Only the length of the steps differs.
# The third panel has another scale: each step jumps over the minimum and lands higher than it was.
#
# Here the whole story is one factor. With :math:`f'(x) = 2x`, a step is
#
# .. math:: x \leftarrow (1 - 2\eta)\, x,
#
# so after ten steps :math:`x` has been multiplied by :math:`(1 - 2\eta)^{10}`. We draw this for all
# learning rates.

rates = np.linspace(0.005, 1.15, 400)
fig, ax = d2l.plt.subplots(figsize=(6, 3.6), layout="constrained")
ax.semilogy(rates, 10 * abs(1 - 2 * rates) ** 10, color=plotting.COLORS[0])
for eta, path, marker in zip(etas, paths, "os^", strict=True):
    ax.plot(eta, abs(path[-1]), marker, color=plotting.COLORS[1], label=f"η = {eta}")
ax.axhline(10, color=plotting.COLORS[6], linestyle="--", linewidth=1)
ax.text(0.5, 10, "start", va="bottom", color="0.4")
ax.set(xlabel="learning rate η", ylabel="|x| after ten steps", ylim=(1e-9, 1e3))
ax.legend(loc="lower left")
fig.alt = """Distance from the minimum after ten steps against the learning rate, on a
logarithmic axis. It falls to nothing in the middle and rises on both sides; from learning rate
one on it is larger than at the start."""

# %%
# The descent comes nearer as long as the factor lies between minus one and one, which is
# :math:`0 < \eta < 1`. The best rate is the one whose factor is zero: it arrives in one step. For
# another function these limits are others. They are set by its curvature: the steeper the walls,
# the smaller the learning rate has to be.
#
# Two dimensions
# --------------
#
# Now :math:`f(x_1, x_2) = x_1^2 + 2 x_2^2`, from (-5, -2), with :math:`\eta = 0.1`. A *trainer*
# makes one step; this one has nothing to remember, so it gives back two zeros
# as its states. A star marks the minimum.

eta = 0.1
star = {"marker": "*", "markersize": 14, "color": plotting.COLORS[4], "markeredgecolor": "black"}


def f_2d(x1, x2):
    return x1**2 + 2 * x2**2


def gd_2d(x1, x2, s1, s2):
    return x1 - eta * 2 * x1, x2 - eta * 4 * x2, 0, 0


path = d2l.train_2d(gd_2d)
print("in the book:", published[3])
assert "epoch 20, x1 {:f}, x2 {:f}".format(*path[-1]) == published[3]  # every printed digit

fig, ax = d2l.plt.subplots(figsize=(6, 3.6), layout="constrained")
plotting.plot_path(path, f_2d, ax, color=plotting.COLORS[1])
ax.plot(0, 0, **star)
fig.alt = """The path of gradient descent over the contours of the bowl: it first closes in along
the steep direction x2, then bends and follows the flat direction x1 to the minimum."""

# %%
# Each coordinate has a factor of its own, :math:`1 - 2\eta` and :math:`1 - 4\eta`. The one along
# :math:`x_2`, where the bowl is steeper, is smaller, so that direction is finished first. This
# makes the bend.
#
# With noise in the gradient
# --------------------------
#
# Stochastic gradient descent takes the gradient of a random sample, which is right only on
# average. The book plays this with a random number added to each derivative. Its code calls
# ``numpy.random.normal(0.1)``. The first argument of that function is the *mean* of the draws; the
# second one, the standard deviation, is left at its default, one. With names for the arguments one
# sees what the call does: ``loc=0.1, scale=1``. So the noise is large, and it also pushes a little
# in one direction. A mean of zero and a small standard deviation were probably meant. We keep what
# the book ran, since we compare with it.


def sgd_2d(x1, x2, s1, s2):
    noise1 = np.random.normal(loc=0.1, scale=1)
    noise2 = np.random.normal(loc=0.1, scale=1)
    return x1 - eta * (2 * x1 + noise1), x2 - eta * (4 * x2 + noise2), 0, 0


np.random.seed(0)
noisy_path = d2l.train_2d(sgd_2d)
print("in the book:", published[4])

fig, ax = d2l.plt.subplots(figsize=(6, 3.6), layout="constrained")
plotting.plot_path(path, f_2d, ax, color=plotting.COLORS[6], label="gradient descent")
plotting.plot_path(noisy_path, ax=ax, color=plotting.COLORS[1], label="with noise")
ax.plot(0, 0, **star)
ax.legend(loc="upper left", frameon=True, framealpha=1)
fig.alt = """Two paths over the contours of the bowl. The one with noise follows the smooth one
at first and wanders about the minimum at the end."""

# %%
# Far out the gradient is large, and the noise hardly matters. Near the minimum the gradient fades
# and the noise does not: the descent wanders. Our end point is not the one in the book, and cannot
# be: the book sets no seed. Is theirs one that this experiment gives?
#
# Two hundred paths
# -----------------
#
# One run is one draw. We let two hundred run; the first is the path above.

runs = 200
np.random.seed(0)
cloud = np.array([d2l.descent.descend_2d(sgd_2d) for _ in range(runs)])  # (runs, 21, 2)
ends = cloud[:, -1]
printed = np.array([float(word.strip(",")) for word in published[4].split()[3::2]])

# %%
# A step is linear, and the noise is normal. So the end point is normal too, and its mean and
# variance obey two small rules of their own: with curvature :math:`c`, noise of mean :math:`\mu`
# and standard deviation :math:`\sigma`,
#
# .. math::
#
#    m \leftarrow (1 - \eta c)\, m - \eta \mu,
#    \qquad v \leftarrow (1 - \eta c)^2\, v + \eta^2 \sigma^2.

curvature = np.array([2.0, 4.0])
mean, variance = np.array([-5.0, -2.0]), np.zeros(2)
for _ in range(20):
    mean = (1 - eta * curvature) * mean - eta * 0.1
    variance = (1 - eta * curvature) ** 2 * variance + eta**2


def distance(point):
    """Distance from the mean, in standard deviations."""
    return np.sqrt(((point - mean) ** 2 / variance).sum(axis=-1))


print(f"mean      by the rule {mean.round(3)}  of 200 runs {ends.mean(axis=0).round(3)}")
print(
    f"std. dev. by the rule {np.sqrt(variance).round(3)}  of 200 runs {ends.std(axis=0).round(3)}"
)
print(f"the book's end point lies {distance(printed):.2f} standard deviations from the mean")
print(f"runs that end farther out than that: {(distance(ends) > distance(printed)).mean():.0%}")

fig, (left, right) = d2l.plt.subplots(
    1, 2, figsize=(7.5, 3.5), layout="constrained", width_ratios=[3, 2]
)
left.plot(*cloud.T, color=plotting.COLORS[1], linewidth=0.5, alpha=0.25)
plotting.plot_path(path, f_2d, left, color="black", label="without noise")
left.plot(0, 0, **star)
left.legend(loc="upper left", frameon=True, framealpha=1)
right.plot(*ends.T, ".", color=plotting.COLORS[1], alpha=0.5, label="200 ends")
angle = np.linspace(0, 2 * np.pi, 200)
radius = np.sqrt(-2 * np.log(0.05) * variance)  # holds 95 % of a normal law in the plane
right.plot(
    mean[0] + radius[0] * np.cos(angle),
    mean[1] + radius[1] * np.sin(angle),
    color=plotting.COLORS[0],
    label="95 % by the rule",
)
right.plot(*printed, "D", color="black", label="the book's end")
right.plot(0, 0, **star, linestyle="none", label="minimum")
right.set(xlabel="x1", ylabel="x2", aspect="equal")
fig.legend(*right.get_legend_handles_labels(), loc="outside lower center", ncols=4)
fig.alt = """Left: 200 noisy paths form a band around the smooth one. Right: their end points
fill the ellipse that the rule predicts, and the end point printed in the book lies well inside."""

# %%
# The paths share their way and differ in where they stop. Their ends fill an ellipse, longer where
# the bowl is flatter. Its centre lies a little before the minimum: the descent has a little of its
# way left to go, and the mean of the noise pushes back. The end point of the book lies in the
# midst of the cloud. It is what this experiment gives, one draw among many.
#
# How to bring the noise to rest
# ------------------------------
#
# The variance cannot fall below what each step adds. Robbins and Monro found the cure: let the
# learning rate shrink, but so slowly that the descent can still go any distance,
#
# .. math:: \sum_t \eta_t = \infty, \qquad \sum_t \eta_t^2 < \infty.
#
# A rate that falls like :math:`1/t` does both. Here the noise has mean zero, so that only its
# scatter is left.

schedules = {
    "η = 0.2": lambda t: 0.2,
    "η = 0.02": lambda t: 0.02,
    "η = 0.2 / (1 + 0.2 t)": lambda t: 0.2 / (1 + 0.2 * t),
    "η = 0.02 / (1 + 0.2 t)": lambda t: 0.02 / (1 + 0.2 * t),
}
fig, ax = d2l.plt.subplots(figsize=(6, 3.6), layout="constrained")
for (label, schedule), color, style in zip(
    schedules.items(), plotting.COLORS, ["-", "--", "-.", ":"], strict=False
):
    x = np.repeat([[-5.0], [-2.0]], runs, axis=1)  # (2, runs)
    far = []
    for t in range(500):
        far.append(np.sqrt((x**2).sum(axis=0).mean()))
        noise = np.random.normal(loc=0, scale=1, size=x.shape)
        x = x - schedule(t) * (curvature[:, None] * x + noise)
    ax.loglog(range(1, 501), far, style, color=color, label=label)
ax.set(xlabel="step", ylabel="root mean square distance")
ax.legend()
fig.alt = """Distance from the minimum against the step, for four learning rates. The large
constant rate falls fast and stays high, the small one falls late and stays lower. The shrinking
one that begins large falls fast and goes on falling; the one that begins small stays far away."""

# %%
# A constant rate has a floor. A large one gets there fast, and the floor is high; a small one is
# slow, and its floor is low. The shrinking rate begins like the large one and has no floor. But it
# must not begin too small: the dotted curve has no floor either, and is still far away at the end.
#
# What to take away
# -----------------
#
# - The knob is the **learning rate**. If the loss hardly moves, make it larger. If it grows or
#   jumps, make it smaller. The upper limit is set by the steepest direction.
# - With noise, the learning rate also sets how far from the minimum the descent keeps wandering. To
#   come closer, **lower it over time**, or take less noisy gradients: a larger batch size.
# - Write the arguments of a random draw with their names, ``loc=`` and ``scale=``. A mean in the
#   place of a standard deviation gives no error and no warning.
#
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
# .. math:: f(x_1, x_2) = 0.1 x_1^2 + 0.38 \sin(2 x_1) + x_2^2.


def wavy(x1, x2):
    return 0.1 * x1**2 + 0.38 * np.sin(2 * x1) + x2**2


def noisy_wavy(x1, x2, s1, s2):
    noise1, noise2 = np.random.normal(loc=0, scale=scale, size=2)
    g1, g2 = 0.2 * x1 + 0.76 * np.cos(2 * x1), 2 * x2
    return x1 - eta * (g1 + noise1), x2 - eta * (g2 + noise2), 0, 0


scale = 0
smooth = np.array(d2l.descent.descend_2d(noisy_wavy, steps=200))  # (201, 2)
scale = 1
noisy = np.array([d2l.descent.descend_2d(noisy_wavy, steps=200) for _ in range(runs)])

line = np.linspace(-4, 0, 1001)
height = wavy(line, 0)
between = (line > -3.3) & (line < -1)  # the valleys lie outside of this, the hill inside
hill = line[between][height[between].argmax()]
for name, side in {"first": line < hill, "second": line > hill}.items():
    print(f"the hill stands {wavy(hill, 0) - height[side].min():.2f} above the {name} valley")
passed = noisy[:, -1, 0] > hill
print(f"without noise, the descent ends at x1 = {smooth[-1, 0]:.3f}, before the hill")
print(f"with noise, {passed.mean():.0%} of {runs} runs end behind it")

fig, axes = d2l.plt.subplot_mosaic(
    [["path", "height"], ["path", "ends"]], figsize=(7.5, 3.8), layout="constrained"
)
one = np.flatnonzero(passed)[0]
grid = np.meshgrid(np.linspace(-5.3, 0.7, 121), np.linspace(-2.2, 1.2, 69))
levels = [-0.25, 0, 0.5, 1, 1.05, 2, 4, 6]  # the hill lies between two of them
axes["path"].contour(*grid, wavy(*grid), levels, colors="0.7", linewidths=0.8, linestyles="-")
axes["path"].plot(*noisy[one].T, color=plotting.COLORS[1], linewidth=0.8, label="with noise")
plotting.plot_path(smooth, ax=axes["path"], color="black", label="without")
axes["path"].plot(line[height.argmin()], 0, **star, linestyle="none", label="minimum")
axes["path"].legend(loc="lower right", frameon=True, framealpha=1)
axes["height"].plot(line, height, color=plotting.COLORS[0])
axes["height"].plot(smooth[-1, 0], wavy(*smooth[-1]), "o", color="black")
axes["height"].plot(line[height.argmin()], height.min(), **star)
axes["height"].set(ylabel="f(x1, 0)")
axes["ends"].hist(noisy[:, -1, 0], bins=40, color=plotting.COLORS[1])
axes["ends"].set(xlabel="x1 after 200 steps", ylabel="runs")
axes["height"].sharex(axes["ends"])
axes["height"].tick_params(labelbottom=False)
for ax in (axes["height"], axes["ends"]):
    ax.axvline(hill, color=plotting.COLORS[6], linestyle="--")
axes["height"].text(hill, height.max(), " hill", color="0.4", va="top")
fig.alt = """Left: gradient descent stops in the first valley of the wavy bowl; a noisy path
wanders there and then crosses to the next valley. Right: a low hill parts the shallow first valley
from the deep second one, and the noisy runs end on both sides of it."""

# %%
# Without noise the descent stops in the first valley. With noise it wanders there, and many runs
# cross the hill to the second valley, which is deeper. Seen from there the hill is higher, so the
# way back is harder. Noise is a hindrance at the end of a descent, and a help on the way.

# %%
# .. endexercise::
#
# .. exercise:: 7.2 b
#
#    Try other learning rates in the two-dimensional descents, without and with noise. What changes?

# %%
# The two factors :math:`1 - 2\eta` and :math:`1 - 4\eta` say it all for the descent without noise.
# With noise of mean zero we let the rules for mean and variance run, which is exact and needs no
# draws.


def gd_path(eta):
    return d2l.descent.descend_2d(
        lambda x1, x2, s1, s2: (x1 - eta * 2 * x1, x2 - eta * 4 * x2, 0, 0)
    )


fig, (left, right) = d2l.plt.subplots(1, 2, figsize=(7.5, 3.5), layout="constrained")
for rate, color, marker in zip([0.02, 0.3, 0.49], plotting.COLORS, "so^", strict=False):
    left.plot(*zip(*gd_path(rate), strict=True), marker + "-", color=color, label=f"η = {rate}")
left.plot(0, 0, **star)
grid = np.meshgrid(np.linspace(-5.5, 1.5, 80), np.linspace(-2.5, 2.5, 80))
left.contour(*grid, f_2d(*grid), colors="0.8", zorder=0)
left.set(xlabel="x1", ylabel="x2")
left.legend(loc="upper left", frameon=True, framealpha=1)

rates = np.linspace(0.01, 0.52, 200)
factor = 1 - rates[:, None] * curvature  # (200, 2)
bias, variance = np.tile([-5.0, -2.0], (len(rates), 1)), np.zeros_like(factor)
for _ in range(20):
    bias, variance = factor * bias, factor**2 * variance + rates[:, None] ** 2
right.semilogy(rates, np.sqrt((bias**2).sum(axis=1)), color="black", label="without noise")
right.semilogy(
    rates,
    np.sqrt((bias**2 + variance).sum(axis=1)),
    "--",
    color=plotting.COLORS[1],
    label="with noise",
)
right.set(xlabel="learning rate η", ylabel="distance after 20 steps", ylim=(1e-8, 10))
right.legend(loc="lower left")
fig.alt = """Left: a small learning rate stops half-way, a medium one arrives, a large one
zigzags across the valley. Right: the distance after 20 steps is least at a rate near a third
without noise; with noise it is never as small, and least at a smaller rate."""

# %%
# Left: the largest of the three rates is still stable, but throws the path from wall to wall along
# the steep direction. Right: beyond one half the factor of :math:`x_2` is below minus one, and the
# descent diverges. Without noise the best rate is one third, where both factors have the same
# size. With noise the best rate is smaller: it must bring the start to the minimum, and add little
# scatter.

# %%
# .. endexercise::
