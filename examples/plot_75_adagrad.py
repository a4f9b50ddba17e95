r"""
7.5 AdaGrad: what if each coordinate had its own step size?
===========================================================

AdaGrad divides the learning rate by the root of the sum of squared gradients, for each coordinate
apart. Steep coordinates get a small step size; flat ones and rare ones get a large one.

.. playground:: method=adagrad&lr=0.4
   :show: bowl lr step

   At 0.4 the path stops halfway, and gradient descent diverges from 0.5 on. **Predict:** what does
   AdaGrad do at 2? Then move the arrows along the path. The sides of the box are proportional to
   the roots of the sums of squares: how do they change?
"""

# sphinx_gallery_thumbnail_number = 2

# %%
# A step size for each coordinate
# -------------------------------
#
# The valley is that of the section on momentum, :math:`f(x_1, x_2) = 0.1 x_1^2 + 2 x_2^2`. There
# one learning rate :math:`\eta` was too large for :math:`x_2` and too small for :math:`x_1`.
# AdaGrad adds up the squares of a coordinate's gradients :math:`g`, and divides by the root of the
# sum:
#
# .. math::
#
#     s_t &= s_{t-1} + g_t^2, \\[1ex]
#     x_t &= x_{t-1} - \frac{\eta}{\sqrt{s_t + \epsilon}}\, g_t .
#
# At first :math:`s` is zero. The small :math:`\epsilon` keeps the division safe. We call the factor
# in front of the gradient, :math:`\eta / \sqrt{s_t + \epsilon}`, the **step size**. The length of a
# step is another thing: it is the step size times the gradient.

import numpy as np
import torch

import d2l_ch7 as d2l
from d2l_ch7 import plotting

eps = 1e-6


def f(x1, x2):
    return 0.1 * x1**2 + 2 * x2**2


def adagrad_2d(x1, x2, s1, s2):
    g1, g2 = 0.2 * x1, 4 * x2
    s1 += g1**2
    s2 += g2**2
    x1 -= eta / np.sqrt(s1 + eps) * g1
    x2 -= eta / np.sqrt(s2 + eps) * g2
    return x1, x2, s1, s2


# %%
# We take 20 steps from the book's start, with the book's two learning rates.

paths = {}
for eta in (0.4, 2):
    paths[f"η = {eta}"] = d2l.train_2d(adagrad_2d)
plotting.plot_paths(paths, f)

# %%
# .. alt::
#
#    Two paths of AdaGrad in a long valley. With the small learning rate the dots crowd together
#    halfway to the minimum; with the large one the path arrives after a few steps.
#
# Neither path swings across the valley. The first step has the length :math:`\eta` in each
# coordinate, because each gradient is divided by its own size. With the small rate, the steps
# become short long before the minimum, the star. With the large one, at which gradient descent
# diverges, AdaGrad :term:`converges <converge>`. It has some luck, too: :math:`x_2` starts just
# :math:`\eta` away from the floor of the valley, and its first step ends there.

# %%
# The step sizes only shrink
# --------------------------
#
# Here are the step sizes on these two paths.


def step_sizes(path, eta):
    gradients = np.array(path[:-1]) * [0.2, 4]
    s = np.cumsum(gradients**2, axis=0)
    return eta / np.sqrt(s + eps)


small = step_sizes(paths["η = 0.4"], 0.4)
large = step_sizes(paths["η = 2"], 2)

# %%

# plotting code
for ax, sizes in zip(plotting.panels(*paths), (small, large)):
    for size, style, name in zip(sizes.T, ("-o", "--s"), ("x1", "x2")):
        ax.semilogy(range(1, 21), size, style, markersize=4, label=name)
    ax.set(xlabel="step", ylabel="step size", xticks=range(0, 21, 5))
ax.legend(loc="lower left")

# %%
# .. alt::
#
#    Step size of each coordinate against the step, for both learning rates. The flat coordinate has
#    the larger step size, and none of the four curves rises.
#
# The flat coordinate :math:`x_1` has the larger step size: each coordinate gets what its own
# gradients call for. No curve rises, because a sum of squares does not fall. A step size falls most
# where the gradients are large, which is at the start. Where the gradient is nearly zero, it stays.

# %%
# On the airfoil data
# -------------------
#
# The same rule for all parameters of a model. Each parameter has its own :math:`s`, of the same
# shape, and squares, roots and quotients are taken entry by entry.


def adagrad(params, states, hyperparams):
    for p, s in zip(params, states):
        s[:] = s + p.grad**2
        step_size = hyperparams["lr"] / torch.sqrt(s + eps)
        p.data -= step_size * p.grad


init_states = d2l.optimizers.init_adagrad_states
data = d2l.get_data_ch7()

# %%
# We train with the book's learning rate, and then with PyTorch's class.

hyperparams = {"lr": 0.1}
left, right = plotting.panels("from scratch", "torch.optim.Adagrad")
d2l.train_ch7(adagrad, init_states, hyperparams, *data, seed=0, ax=left)
d2l.train_pytorch_ch7(
    torch.optim.Adagrad, hyperparams, *data, seed=0, ax=right
)

# %%
# .. alt::
#
#    Loss against epoch for AdaGrad from scratch and in PyTorch: each starts at another height, and
#    both fall smoothly to about the same loss.
#
# Both curves fall smoothly and end at about the same loss. They start at different heights, since
# ``nn.Linear`` draws its own first weights. PyTorch also adds its :math:`\epsilon` outside the
# root, which hardly matters here: from one start, over the same minibatches, the parameters of the
# two differ by about :calc:`difference|.0e` at most. The last exercise of 7.6 shows when it
# matters.
#
# Now a hundred runs, beside a hundred of SGD with the book's learning rate for it. The package has
# our rule as ``d2l.optimizers.adagrad``.

# sphinx_gallery_start_ignore
from twins import largest_difference

difference = largest_difference(
    d2l.optimizers.adagrad,
    init_states,
    {"lr": 0.1},
    torch.optim.Adagrad,
    {"lr": 0.1},
)


def width(history):
    low, high = np.quantile(history.final_loss, [0.025, 0.975])
    return high - low


# sphinx_gallery_end_ignore

# %%

adagrad_fn, sgd = d2l.optimizers.adagrad, d2l.optimizers.sgd
runs = {
    "AdaGrad": d2l.fit(
        adagrad_fn, init_states, {"lr": 0.1}, *data, seed=range(100)
    ),
    "SGD": d2l.fit(sgd, None, {"lr": 0.05}, *data, seed=range(100)),
}
plotting.plot_histories(runs).set_ylim(0.24, 0.28)

# %%
# .. alt::
#
#    Median and band of a hundred runs of AdaGrad and of SGD: the band of AdaGrad becomes narrow,
#    that of SGD stays wide.
#
# AdaGrad's step sizes shrink, and with them the noise of the :term:`minibatches <minibatch>`: at
# the end its band is narrow, that of SGD is :calc:`width(runs["SGD"]) / width(runs["AdaGrad"])|.1f`
# times as wide. Here the shrinking is welcome. It is a :term:`learning rate schedule` that you need
# not write.

# %%
# Rare features
# -------------
#
# This is what AdaGrad was made for. Suppose that a model reads texts, and that each word is a
# :term:`feature`. Few words stand in most texts, and most words in few. Where a feature is zero,
# its :term:`weight` has no gradient and does not move. So the weight of a rare word is seldom
# corrected, and should then move far.
#
# We make such data: ten common features, and ten rare ones that are zero in all but one of 50
# samples. Each true weight is 1.

torch.manual_seed(0)
X = torch.randn(1500, 20)
X[:, 10:] *= torch.rand(1500, 10) < 1 / 50
y = X.sum(dim=1) + 0.5 * torch.randn(1500)

# %%
# We train with many learning rates, fifty runs each, and ask how far the weights end from the true
# ones, on average over the ten common and over the ten rare ones.

rates = np.geomspace(0.04, 0.64, 9)


def sweep(rule, states):
    runs = [
        d2l.fit(rule, states, {"lr": lr}, X, y, seed=range(50))
        for lr in rates
    ]
    errors = np.array([(run.weight[..., 0] - 1).abs() for run in runs])
    losses = [np.median(run.final_loss) for run in runs]
    best = np.argmin(losses)
    common, rare = errors[..., :10], errors[..., 10:]
    return {"common": common.mean(axis=2), "rare": rare.mean(axis=2)}, best


sgd_errors, sgd_best = sweep(sgd, None)
adagrad_errors, adagrad_best = sweep(adagrad_fn, init_states)

# %%

# plotting code
for ax, errors, best in zip(
    plotting.panels("SGD", "AdaGrad"),
    (sgd_errors, adagrad_errors),
    (sgd_best, adagrad_best),
):
    plotting.plot_sweep(rates, errors, ax, ylabel="error of a weight")
    ax.axvline(rates[best], ymax=0.68, color="0.5", linewidth=1)
    ax.set(ylim=(0, 0.9), xticks=[0.05, 0.1, 0.2, 0.5])
    ax.set_xticklabels(["0.05", "0.1", "0.2", "0.5"])
    ax.minorticks_off()

# %%
# .. alt::
#
#    Error of common and of rare weights against the learning rate. With SGD the rare weights are
#    still far off where the loss is least. With AdaGrad both are nearly right there.
#
# The thin line is each method's best learning rate, ``best``: there the loss ends lowest. SGD has
# to choose: a larger rate would help the rare weights, but it shakes the common ones. At its best
# rate the rare weights are still off by :calc:`at_best(sgd_errors["rare"], sgd_best)|.2f`. With
# AdaGrad they are off by :calc:`at_best(adagrad_errors["rare"], adagrad_best)|.2f`, and the common
# weights are better as well, :calc:`at_best(adagrad_errors["common"], adagrad_best)|.2f` against
# :calc:`at_best(sgd_errors["common"], sgd_best)|.2f`. To see why, we note the step sizes of a run.

# sphinx_gallery_start_ignore


def at_best(errors, best):
    return np.median(errors[best])


# sphinx_gallery_end_ignore

# %%

lr, sizes = rates[adagrad_best], []


def noting(params, states, hyperparams):
    adagrad(params, states, hyperparams)
    sizes.append(lr / torch.sqrt(states[0].flatten() + eps))


d2l.fit(noting, init_states, {"lr": lr}, X, y, seed=0)
sizes = torch.stack(sizes)

# %%

# plotting code
(ax,) = plotting.panels("", height=3.4)
for part, style, color in (
    (sizes[:, 10:], "--", plotting.COLORS[1]),
    (sizes[:, :10], "-", plotting.COLORS[0]),
):
    lines = ax.loglog(
        range(1, 301), part, style, color=color, linewidth=1.2
    )
    lines[0].set_label("common" if style == "-" else "rare")
ax.set(xlabel="step", ylabel="step size", ylim=(0.04, 4))
ax.legend()

# %%
# .. alt::
#
#    Step sizes of twenty weights against the step, on logarithmic axes. Those of the common
#    features fall together; those of the rare ones lie far above and come down in stairs.
#
# A common feature has a gradient at each step. Its step size decays at once, and then slowly. A
# rare feature has the stairs: its step size waits until the feature comes, and is large when it
# does. Until it comes for the first time, :math:`s` is zero, and the step size is above the
# picture.

# %%
# What to take away
# -----------------
#
# - AdaGrad gives each coordinate its own step size, by the gradients that it has seen. Use it where
#   coordinates differ much in steepness, or where features are rare.
# - The knob is the learning rate: it is the length of the first step. If training stalls early,
#   raise it.
# - The step sizes only shrink. That calms the noise at the end, and stops you where the way is
#   long.
#
# The method comes from J. Duchi, E. Hazan and Y. Singer, "Adaptive subgradient methods for online
# learning and stochastic optimization", *Journal of Machine Learning Research* 12, 2011.

# %%
# Check yourself
# --------------
#
# .. check:: The learning rate is 0.4. How long is AdaGrad's first step if the first gradient is 8?
#    And if it is 0.5?
#
#    0.4 both times, if we leave :math:`\epsilon` out: :math:`s_1 = g_1^2`, so the gradient is
#    divided by its own size. The formula gives :calc:`0.4 * 8 / np.sqrt(8**2 + eps)|.4f` and
#    :calc:`0.4 * 0.5 / np.sqrt(0.5**2 + eps)|.4f`.
#
# .. check:: The gradient is 2 at each step, and the learning rate is 0.1. How long is step 100?
#
#    After 100 steps :math:`s` is 400, so the step is :math:`0.1 \cdot 2 / \sqrt{400} =`
#    :calc:`0.1 * 2 / np.sqrt(400 + eps)|.2f`. The constant gradient cancels: it is
#    :math:`\eta / \sqrt{100}`.
#
# .. check:: We train with one sample a step, and a feature is zero in the next 49 samples. What
#    happens to the step size of its weight meanwhile?
#
#    Nothing. The weight's gradient is zero there, so :math:`s` keeps its value, and so does the
#    step size.

# %%
# Exercises
# ---------
#
# .. exercise:: 7.5 a
#
#    AdaGrad's step sizes can only shrink. What cures this?

# %%
# The sum :math:`s` must be able to fall again. So replace it by an average that forgets: this is
# RMSProp, the next section's method. We compare the two at a learning rate that is so small that
# AdaGrad does not arrive.

memory = {"lr": 0.02, "gamma": 0.9}
rmsprop = d2l.optimizers.rmsprop
longer = {"num_epochs": 4, "seed": range(100)}
cured = {
    "AdaGrad": d2l.fit(
        adagrad_fn, init_states, {"lr": 0.02}, *data, **longer
    ),
    "RMSProp": d2l.fit(rmsprop, init_states, memory, *data, **longer),
}
plotting.plot_histories(cured)

# %%
# .. alt::
#
#    Loss against epoch for AdaGrad and RMSProp. AdaGrad's loss does not arrive in four epochs;
#    RMSProp's comes down fast and keeps a wide band.
#
# AdaGrad slows down and does not arrive. RMSProp comes down fast. It pays with noise: since its
# step sizes do not shrink, at the end its band is the wider one.
#
# A larger learning rate is no cure, since its step sizes shrink as well. But often it is all that
# is needed, as the next exercise shows.
#
# .. endexercise::

# %%
# .. exercise:: 7.5 b
#
#    Train with other initial learning rates for AdaGrad. Which work?

# %%
# We train a hundred models for each of several learning rates, from far too small to far too large,
# and beside them plain SGD.


def final_losses(rule, states, rates):
    runs = [
        d2l.fit(rule, states, {"lr": lr}, *data, seed=range(100))
        for lr in rates
    ]
    return [run.final_loss for run in runs]


adagrad_rates = np.logspace(-2, 1, 7)
adagrad_losses = final_losses(adagrad_fn, init_states, adagrad_rates)
sgd_rates = np.logspace(-2, 0, 5)
sgd_losses = final_losses(sgd, None, sgd_rates)

left, right = plotting.panels("AdaGrad", "SGD")
plotting.plot_sweep(adagrad_rates, {"AdaGrad": adagrad_losses}, left)
plotting.plot_sweep(sgd_rates, {"SGD": sgd_losses}, right)
left.set_ylim(0.23, 0.5)
right.set_xlim(left.get_xlim())

# %%
# .. alt::
#
#    Final loss against the learning rate, for AdaGrad and for SGD. AdaGrad's curve is a wide, flat
#    bowl that reaches far to the right, where SGD has long left the picture.
#
# Too small a learning rate does not arrive in two epochs: the steps shrink before the way is done.
# Towards large rates AdaGrad gets worse slowly, while SGD leaves the picture: at a rate of 1 the
# median of its final losses is :calc:`np.median(sgd_losses[-1])|.0e`, that of AdaGrad
# :calc:`np.median(adagrad_losses[4])|.3f`. The reason is in the formula. Each gradient is divided
# by a root that contains it, so no step of a coordinate is longer than the learning rate. With
# AdaGrad, when in doubt, begin with a larger one.
#
# .. endexercise::

# %%
# .. exercise:: 7.5 (ours)
#
#    AdaGrad works on each coordinate apart. What if the valley does not run along a coordinate?
#    Turn it, together with the start, by 15 and by 45 degrees, and compare.

# %%
# A matrix turns the axes of the valley. Gradient descent does not mind: its path turns as well. So
# one of its paths, with a rate of 0.4, is enough for the comparison.


def turned(degrees, eta):
    c, d = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    R = np.array([[c, -d], [d, c]])
    x, s, heights = R @ [-5, -2], 0, []
    for _ in range(31):
        along = R.T @ x
        heights.append(f(*along))
        g = R @ (along * [0.2, 4])
        s = s + g**2
        sizes = eta / np.sqrt(s + eps)
        x = x - sizes * g
    return heights, sizes


t = np.arange(31)
heights = {
    "AdaGrad": turned(0, 2)[0],
    "AdaGrad, 15°": turned(15, 2)[0],
    "AdaGrad, 45°": turned(45, 2)[0],
    "gradient descent": f(-5 * 0.92**t, -2 * 0.6**t),
}

# %%

# plotting code
(ax,) = plotting.panels("")
for (name, height), style in zip(heights.items(), ("-o", "-s", "-^", "--")):
    ax.semilogy(height, style, markersize=4, label=name)
ax.lines[-1].set_color("0.4")
ax.set(xlabel="step", ylabel="height above the minimum", ylim=(1e-9, 3e4))
ax.legend(ncols=2, loc="upper center")

# %%
# .. alt::
#
#    Height above the minimum against the step, on a logarithmic axis. AdaGrad falls steeply in the
#    valley along an axis, less in one turned by 15 degrees, and at 45 degrees less than gradient
#    descent.
#
# The more the valley is turned, the less AdaGrad gains. At 45 degrees both coordinates see about
# the same gradients, and both get about the same step size: then AdaGrad is gradient descent whose
# learning rate settles at about :calc:`settled[0]|.1f`, less than 0.4, and it falls behind. So it
# is good at differences between coordinates, such as rare and common features, and not at valleys
# in general.

# sphinx_gallery_start_ignore
settled = turned(45, 2)[1]
# sphinx_gallery_end_ignore

# %%
# .. endexercise::
