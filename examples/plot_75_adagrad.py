r"""
7.5 AdaGrad: what if each coordinate had its own step size?
===========================================================

AdaGrad divides the learning rate by the root of the sum of all squared gradients that a coordinate
has seen. Steep coordinates then get a smaller factor and flat ones a larger, so that both make
steps of like length. But no factor ever grows.

With the gradient :math:`g_t` and the learning rate :math:`\eta`, one step is, coordinate by
coordinate,

.. math::

    s_t = s_{t-1} + g_t^2, \qquad x_t = x_{t-1} - \frac{\eta}{\sqrt{s_t + \epsilon}}\, g_t .

The state :math:`s` starts at zero. The small :math:`\epsilon` keeps the division safe. The factor
in front of the gradient, :math:`\eta / \sqrt{s_t + \epsilon}`, is the step size. The length of the
step is this times the gradient.
"""

# %%
# In the valley
# -------------
#
# The function is that of the page on momentum, :math:`f(x_1, x_2) = 0.1 x_1^2 + 2 x_2^2`, with the
# book's start and its two learning rates. This page is only built if each printed end point is the
# one that the book prints, digit by digit. At each step we also note the two step sizes
# :math:`\eta / \sqrt{s + \epsilon}`.

import json
import math
from importlib.resources import files

import numpy as np
import torch

import d2l_ch7 as d2l
from d2l_ch7 import plotting

record = json.loads(files("d2l_ch7._data").joinpath("published.json").read_text(encoding="utf-8"))
published = {run["eta"]: run["published"] for run in record["descents"] if run["section"] == "7.5"}


def f(x1, x2):
    return 0.1 * x1**2 + 2 * x2**2


def descend(eta):
    """The path of 20 steps, whose end must be the published one, and the step sizes."""
    sizes, eps = [], 1e-6

    def step(x1, x2, s1, s2):
        g1, g2 = 0.2 * x1, 4 * x2
        s1 += g1**2
        s2 += g2**2
        sizes.append((eta / math.sqrt(s1 + eps), eta / math.sqrt(s2 + eps)))
        x1 -= eta / math.sqrt(s1 + eps) * g1
        x2 -= eta / math.sqrt(s2 + eps) * g2
        return x1, x2, s1, s2

    path = d2l.train_2d(step)
    x1, x2 = path[-1]
    assert f"epoch 20, x1 {x1:f}, x2 {x2:f}" == published[eta]
    return path, sizes


fig, axes = d2l.plt.subplots(1, 2, figsize=(7, 3.2), sharey=True, layout="constrained")
grid = np.meshgrid(np.linspace(-5.5, 1.5, 71), np.linspace(-2.5, 1.5, 41))
step_sizes = {}
for ax, eta in zip(axes, (0.4, 2)):
    path, step_sizes[eta] = descend(eta)
    ax.contour(*grid, f(*grid), levels=8, colors="0.7", linewidths=0.8)
    plotting.plot_path(path, ax=ax, color=plotting.COLORS[0])
    ax.plot(0, 0, "*", color=plotting.COLORS[1], markersize=12, zorder=3)
    ax.set_title(rf"$\eta$ = {eta}")
axes[1].set_ylabel("")
fig.alt = (
    "Two smooth paths of AdaGrad in a long valley: with the small learning rate the steps become "
    "tiny halfway to the minimum, with the large one the path arrives after a few steps."
)

# %%
# The star is the minimum. The first step has length :math:`\eta` in each coordinate, since each
# gradient is divided by its own size. Neither path swings across the valley. On the left the steps
# become tiny long before the minimum is reached. On the right a learning rate that plain gradient
# descent could not use here leads there in a few steps. Part of this is luck: :math:`x_2` starts
# just :math:`\eta` away, so that the first step takes it to the floor of the valley.

# %%
# The shrinking step size
# -----------------------

fig, axes = d2l.plt.subplots(1, 2, figsize=(7, 3.2), sharey=True, layout="constrained")
for ax, (eta, sizes) in zip(axes, step_sizes.items()):
    for j, style in enumerate(("-o", "--s")):
        size = [both[j] for both in sizes]
        ax.semilogy(range(1, 21), size, style, markersize=4, label=f"x{j + 1}")
    ax.set(title=rf"$\eta$ = {eta}", xlabel="step", xticks=range(0, 21, 5))
axes[0].set_ylabel(r"step size $\eta / \sqrt{s + \epsilon}$")
axes[0].legend()
fig.alt = (
    "Step size of each coordinate against the step: the flat coordinate has the larger step size, "
    "and none of the four curves ever rises; with the large rate that of x2 is level throughout."
)

# %%
# The flat coordinate :math:`x_1` has the larger step size: each coordinate gets what its own
# gradients call for. No curve rises, since :math:`s` is a sum of squares. Where a curve falls, it
# falls most at the start, where the gradients are largest. Where the gradient is nearly zero,
# :math:`s` no longer grows and the step size stays. On the right, that is :math:`x_2` from its
# first step on.

# %%
# On the airfoil data
# -------------------
#
# From scratch on the left, with ``torch.optim.Adagrad`` on the right, both with the book's learning
# rate.

features, labels = d2l.get_data_ch7()
adagrad, init_states = d2l.optimizers.adagrad, d2l.optimizers.init_adagrad_states

fig, axes = d2l.plt.subplots(1, 2, figsize=(7, 3), sharey=True, layout="constrained")
torch.manual_seed(0)
np.random.seed(0)
d2l.plt.sca(axes[0])
d2l.train_ch7(adagrad, init_states, {"lr": 0.1}, features, labels)
torch.manual_seed(0)
np.random.seed(0)
d2l.plt.sca(axes[1])
d2l.train_pytorch_ch7(torch.optim.Adagrad, {"lr": 0.1}, features, labels)
axes[0].set_title("from scratch")
axes[1].set(title="torch.optim.Adagrad", ylabel="")
fig.alt = (
    "Loss against epoch for AdaGrad from scratch and in PyTorch: each starts at another height, "
    "and both fall smoothly to about the same loss."
)

# %%
# Both fall smoothly and end at about the same loss. They start at different heights, since
# ``nn.Linear`` draws its own first weights. A hundred runs of each, as median and band of 95 %:

from_scratch = d2l.fit(adagrad, init_states, {"lr": 0.1}, features, labels, seed=range(100))
library = d2l.fit_torch(torch.optim.Adagrad, {"lr": 0.1}, features, labels, seed=range(100))
plain = d2l.fit(d2l.optimizers.sgd, None, {"lr": 0.05}, features, labels, seed=range(100))

fig, ax = d2l.plt.subplots(figsize=(6, 3.6), layout="constrained")
ax.set_prop_cycle(color=plotting.COLORS[:3], linestyle=["-", "--", ":"])
for name, runs in {
    "AdaGrad, from scratch": from_scratch,
    "AdaGrad, PyTorch": library,
    "SGD, from scratch": plain,
}.items():
    low, median, high = np.quantile(runs.final_loss, [0.025, 0.5, 0.975])
    print(f"{name:21}: median {median:.4f}, 95 % of the runs {low:.4f} to {high:.4f}")
    plotting.plot_history(runs, ax, label=name, optimum=False)
ax.axhline(runs.optimum, color="0.5", linewidth=1, label="least possible")
ax.set(ylim=(0.24, 0.28))
ax.legend()
fig.alt = (
    "Median and band of a hundred runs of AdaGrad from scratch, AdaGrad in PyTorch and SGD: the "
    "bands of AdaGrad become narrow, that of SGD stays wide."
)

# %%
# From scratch and in PyTorch the end is nearly the same. Plain SGD, with the book's learning rate
# for it, keeps a wider band. AdaGrad's steps shrink, and with them the noise of the minibatches.
# Here the shrinking is welcome.
#
# The step sizes behind it, of one run: ``d2l.fit`` trains any function of the form
# ``rule(params, states, hyperparams)``, so also one that notes the step sizes on its way.

names = ["frequency", "angle", "chord", "velocity", "thickness", "bias"]


def step_sizes_of(rule, hyperparams, num_epochs=2):
    """The step size of each parameter after each step, (steps, d + 1)."""
    sizes = []

    def noting(params, states, hyperparams):
        rule(params, states, hyperparams)
        sizes.append(torch.cat([hyperparams["lr"] / (s + 1e-6).sqrt().flatten() for s in states]))

    d2l.fit(noting, init_states, hyperparams, features, labels, num_epochs=num_epochs, seed=0)
    return torch.stack(sizes)


sizes = step_sizes_of(adagrad, {"lr": 0.1})
steps = np.arange(1, len(sizes) + 1)

fig, ax = d2l.plt.subplots(figsize=(6, 3.6), layout="constrained")
for name, size, style in zip(
    names, sizes.T, ("-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1)))
):
    ax.loglog(steps, size, linestyle=style, label=name)
ax.loglog(steps, 0.1 / np.sqrt(steps), color="0.3", linewidth=1, label=r"$\eta / \sqrt{t}$")
ax.set(xlabel="step $t$", ylabel=r"step size $\eta / \sqrt{s + \epsilon}$")
ax.legend(ncols=2)
fig.alt = (
    "Step sizes of the six parameters against the step, both logarithmic: after a few steps all "
    "fall side by side, about as one over the square root of the number of steps."
)

# %%
# After a few steps all curves fall about as steeply as the thin line, :math:`\eta / \sqrt{t}`. The
# noise of the minibatches keeps the squared gradients alive, so :math:`s` grows about in proportion
# to the number of steps. AdaGrad is here a learning rate schedule, one for each parameter.

# %%
# Where epsilon stands
# --------------------
#
# The book has :math:`\epsilon` inside the root, and PyTorch has it outside:
#
# .. math::
#
#     \text{book:} \quad x_t &= x_{t-1} - \frac{\eta}{\sqrt{s_t + \epsilon}}\, g_t,
#     \quad \epsilon = 10^{-6}, \\
#     \text{PyTorch:} \quad x_t &= x_{t-1} - \frac{\eta}{\sqrt{s_t} + \epsilon}\, g_t,
#     \quad \epsilon = 10^{-10} .
#
# So the two are not the same method. What does the difference do? We give both a first gradient of
# many sizes. Then we run both from one start over the same minibatches, in double precision.


def step_of(make_step, g):
    """How far a first step goes, for each entry of g."""
    p = torch.zeros_like(g, requires_grad=True)
    p.grad = g.clone()
    make_step([p])()
    return -p.detach()


def book(params):
    states = init_states(params)
    return lambda: adagrad(params, states, {"lr": 0.1})


def pytorch(params):
    return torch.optim.Adagrad(params, lr=0.1).step


X, y = features.double(), labels.double()
torch.manual_seed(0)
batches = torch.cat([torch.randperm(len(X)) for _ in range(2)]).split(10)


def path_of(make_step):
    """The parameters (w, b) after each step."""
    w = torch.full((X.shape[1], 1), 0.01, dtype=torch.float64, requires_grad=True)
    b = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    step, path = make_step([w, b]), []
    for batch in batches:
        loss = d2l.squared_loss(d2l.linreg(X[batch], w, b), y[batch]).mean()
        w.grad, b.grad = torch.autograd.grad(loss, [w, b])
        step()
        path.append(torch.cat([w.detach().flatten(), b.detach()]))
    return torch.stack(path)  # (steps, d + 1)


g = torch.logspace(-6, 1, 71, dtype=torch.float64)
difference = (path_of(book) - path_of(pytorch)).abs().amax(dim=1)
print(f"largest difference of a parameter in {len(batches)} steps: {difference.max():.1e}")

fig, axes = d2l.plt.subplots(1, 2, figsize=(7.5, 3.2), layout="constrained")
for make_step, style, label in ((book, "-", "book"), (pytorch, "--", "PyTorch")):
    axes[0].loglog(g, step_of(make_step, g), style, label=label)
axes[0].axvline(1e-3, color="0.5", linewidth=1)
axes[0].set(xlabel="first gradient", ylabel="first step")
axes[0].legend()
axes[1].semilogy(range(1, len(batches) + 1), difference, color=plotting.COLORS[2])
axes[1].set(xlabel="step on the airfoil data", ylabel="largest difference\nof a parameter")
fig.alt = (
    "Left: the first step against the first gradient; PyTorch's is always as long, the book's is "
    "shorter for tiny gradients. Right: the difference on the airfoil data is tiny."
)

# %%
# On the left, PyTorch's first step has the same length whatever the gradient: a tiny gradient is
# divided by itself. The book's step shrinks for gradients below :math:`\sqrt{\epsilon}`, the thin
# line. On the right, the gradients of the airfoil data are far larger than that, so the two paths
# differ little, and less and less, since both end at the same minimum. Still, the difference is far
# above rounding error: here the book and the library are not equal, only close.

# %%
# What to take away
# -----------------
#
# - AdaGrad gives each coordinate its own step size, by the gradients that it has seen. Use it where
#   coordinates differ much in steepness. Its paper names another use, which this page does not
#   show: coordinates whose gradient is zero at most steps (sparse features).
# - The knob is the learning rate. It sets the first steps and scales all later ones. If training
#   stalls early, raise it.
# - The step sizes only fall. That calms the noise at the end, and stops you where the way is long.
# - Tiny gradients are where :math:`\epsilon` and its place count.
#
# The method comes from J. Duchi, E. Hazan and Y. Singer, "Adaptive subgradient methods for online
# learning and stochastic optimization", *Journal of Machine Learning Research* 12, 2011.

# %%
# Exercises
# ---------
#
# .. exercise:: 7.5 a
#
#    AdaGrad's step sizes can only shrink. What cures this?

# %%
# The state must be able to fall again. We try two cures on the airfoil data, with a learning rate
# so small that AdaGrad does not arrive. One starts :math:`s` at zero again in each epoch. The other
# forgets old gradients: it replaces the sum by an exponentially weighted moving average. This is
# RMSProp, the method of the next page.


def restarted(params, states, hyperparams):
    """AdaGrad that forgets all at the start of each epoch of 150 steps."""
    if hyperparams["t"] % 150 == 0:
        for s in states:
            s.zero_()
    hyperparams["t"] += 1
    adagrad(params, states, hyperparams)


rules = {
    "AdaGrad": (adagrad, {"lr": 0.02}),
    "AdaGrad, restarted": (restarted, {"lr": 0.02, "t": 0}),
    "RMSProp": (d2l.optimizers.rmsprop, {"lr": 0.02, "gamma": 0.9}),
}

fig, axes = d2l.plt.subplots(1, 2, figsize=(7.5, 3.4), layout="constrained")
axes[1].set_prop_cycle(color=plotting.COLORS[:3], linestyle=["-", "--", ":"])
for (name, (rule, hyperparams)), style in zip(rules.items(), ("-", "--", ":")):
    sizes = step_sizes_of(rule, hyperparams, num_epochs=4)
    steps = np.arange(1, len(sizes) + 1)
    axes[0].semilogy(steps / 150, sizes.median(dim=1).values, linestyle=style, label=name)
    runs = d2l.fit(rule, init_states, hyperparams, features, labels, num_epochs=4, seed=range(100))
    low, median, high = np.quantile(runs.final_loss, [0.025, 0.5, 0.975])
    print(f"{name:18}: median {median:.4f}, 95 % of the runs {low:.4f} to {high:.4f}")
    plotting.plot_history(runs, axes[1], optimum=False)
axes[1].axhline(runs.optimum, color="0.5", linewidth=1)
axes[0].set(xlabel="epoch", ylabel="step size (median parameter)", ylim=(1e-3, 1))
axes[0].legend()
fig.alt = (
    "Step size and loss against epoch for AdaGrad and two cures: AdaGrad's step size only falls "
    "and its loss does not arrive; restarted, it does. With a running average the loss comes down "
    "fastest, but its band stays wide."
)

# %%
# AdaGrad's step size only falls, and its loss has not arrived when training ends. Restarting helps
# in jumps: each epoch begins with large steps. RMSProp's step size settles at a level instead, and
# its loss comes down fastest. It pays with noise: since its steps do not shrink, its band stays
# wider than the other two.
#
# A larger learning rate is no cure, since it shrinks as well; but often it is all that is needed,
# as the next exercise shows.

# %%
# .. endexercise::

# %%
# .. exercise:: 7.5 b
#
#    Train with other initial learning rates for AdaGrad. Which work?

# %%
# We train a hundred models for each of several learning rates, from far too small to far too large,
# and beside them plain SGD.

methods = {
    "AdaGrad": (adagrad, init_states, np.logspace(-2, 1, 7)),
    "SGD": (d2l.optimizers.sgd, None, np.logspace(-2, 0, 5)),
}
fig, ax = d2l.plt.subplots(figsize=(6, 3.6), layout="constrained")
for (name, (rule, states, lrs)), style in zip(methods.items(), ("-o", "--s")):
    finals = np.array(
        [
            d2l.fit(rule, states, {"lr": lr}, features, labels, seed=range(100)).final_loss
            for lr in lrs
        ]
    )  # (learning rates, seeds)
    low, median, high = np.quantile(finals, [0.025, 0.5, 0.975], axis=1)
    (line,) = ax.semilogx(lrs, median, style, markersize=5, label=name)
    ax.fill_between(lrs, low, high, color=line.get_color(), alpha=0.25, linewidth=0)
    print(
        f"{name:7}: best lr {lrs[median.argmin()]:.2f}; at lr {lrs[-1]:.0f} a median loss of "
        f"{median[-1]:.3g}"
    )
ax.axhline(runs.optimum, color="0.5", linewidth=1, label="least possible")
ax.set(xlabel="lr", ylabel="final loss", ylim=(0.23, 0.5))
ax.legend(loc="upper left")
fig.alt = (
    "Median and band of the final loss against the learning rate: AdaGrad's curve is a wide, flat "
    "bowl that reaches far to the right, where SGD has long left the picture."
)

# %%
# Too small a learning rate does not arrive in two epochs: the steps shrink before the way is done.
# Towards large ones AdaGrad worsens slowly, where SGD diverges. The reason is in the formula: each
# gradient is divided by a root that contains it, so no step of a coordinate is longer than the
# learning rate, and later steps are mostly shorter. So with AdaGrad, when in doubt, begin with a
# larger one.

# %%
# .. endexercise::
