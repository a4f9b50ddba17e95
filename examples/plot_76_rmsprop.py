r"""
7.6 RMSProp: what if AdaGrad could forget?
==========================================

AdaGrad divides each step by the root of the sum of all squared gradients so far. This sum never
falls, so the step size only shrinks. RMSProp takes a weighted average instead. It forgets, and the
step size can rise again.

With the gradient :math:`g_t`, the learning rate :math:`\eta` and a factor :math:`\gamma` from 0 up
to, but not including, 1, one step is

.. math::

    s_t = \gamma s_{t-1} + (1 - \gamma)\, g_t^2, \qquad
    x_t = x_{t-1} - \frac{\eta}{\sqrt{s_t + \epsilon}}\, g_t .

The small :math:`\epsilon` keeps the divisor away from zero. Squares, roots and quotients are taken
entry by entry, so that each entry has a step size of its own, :math:`\eta / \sqrt{s_t + \epsilon}`.
"""

# %%
# In the bowl
# -----------
#
# The bowl is :math:`f(x_1, x_2) = 0.1 x_1^2 + 2 x_2^2`. AdaGrad and RMSProp differ in one line: how
# much of the old :math:`s` is kept, and how much of the new square is taken. The page is not built
# unless each printed end point is the one that the book prints, digit by digit.

import json
import math
from importlib.resources import files

import numpy as np
import torch

import d2l_ch7 as d2l
from d2l_ch7 import plotting

record = json.loads(files("d2l_ch7._data").joinpath("published.json").read_text(encoding="utf-8"))
published = {(run["section"], run.get("eta")): run["published"] for run in record["descents"]}
eps = 1e-6


def f(x1, x2):
    return 0.1 * x1**2 + 2 * x2**2


def stepper(eta, keep, take, sizes=None):
    """One step of AdaGrad (keep 1, take 1) or RMSProp (keep gamma, take 1 - gamma)."""

    def step(x1, x2, s1, s2):
        g1, g2 = 0.2 * x1, 4 * x2
        s1 = keep * s1 + take * g1**2
        s2 = keep * s2 + take * g2**2
        size1, size2 = eta / math.sqrt(s1 + eps), eta / math.sqrt(s2 + eps)
        if sizes is not None:
            sizes.append((size1, size2))
        return x1 - size1 * g1, x2 - size2 * g2, s1, s2

    return step


eta, gamma = 0.4, 0.9
methods = {"AdaGrad": ("7.5", 1, 1), "RMSProp": ("7.6", gamma, 1 - gamma)}
sizes, longer = {name: [] for name in methods}, {}

fig, axes = d2l.plt.subplots(1, 3, figsize=(7.5, 2.9), layout="constrained")
grid = np.meshgrid(np.linspace(-5.5, 1, 66), np.linspace(-3, 1, 41))
for ax, (name, (section, keep, take)) in zip(axes, methods.items()):
    path = d2l.train_2d(stepper(eta, keep, take))
    x1, x2 = path[-1]
    assert f"epoch 20, x1 {x1:f}, x2 {x2:f}" == published[section, eta]
    longer[name] = d2l.descent.descend_2d(stepper(eta, keep, take, sizes[name]), steps=200)
    ax.contour(*grid, f(*grid), levels=8, colors="0.7", linewidths=0.8)
    plotting.plot_path(path, ax=ax, color=plotting.COLORS[0])
    ax.plot(0, 0, "*", color=plotting.COLORS[1], markersize=12, zorder=3)
    ax.set(title=name)
axes[1].set_ylabel("")
for x, style, label in zip(zip(*longer["RMSProp"]), ("-", "--"), ("x1", "x2")):
    axes[2].plot(x, style, linewidth=1, label=label)
    print(f"RMSProp, the last two of 200 steps: {label} {x[-2]:.2f}, {x[-1]:.2f}")
for height in (-eta / 2, eta / 2):
    axes[2].axhline(height, color="0.3", linewidth=1, linestyle=":")
axes[2].set(title="RMSProp, 200 steps", xlabel="step", ylabel="x1, x2", ylim=(-1.05, 1.05))
axes[2].legend(loc="lower right")
fig.alt = (
    "Left and middle: from the same point, AdaGrad's steps shrink and it stops half way, while "
    "RMSProp reaches the minimum. Right: later RMSProp leaves it again, and in the end both "
    "coordinates jump from side to side, at a distance of half the learning rate."
)

# %%
# The star is the minimum. The learning rate is the same for both. In 20 steps AdaGrad's points
# crowd together on the way: its steps shrink before it is there. RMSProp takes longer steps and
# arrives. Its points crowd together only where the gradient vanishes.
#
# But go on, and it does not stay. On the right it lies still for a while, then it leaves the
# minimum. It ends by jumping from one side to the other, at a distance of :math:`\eta / 2`, the
# dotted lines. There is no noise here that could drive it. The next figure shows what does.

# %%
# The step size, drawn
# --------------------
#
# We write down :math:`\eta / \sqrt{s_t + \epsilon}` at each step. First in the bowl, for 200 steps,
# then for the five weights of the airfoil model, with the book's learning rate for each method. The
# dotted lines are 2 over the curvature, one for :math:`x_1` and one for :math:`x_2`: with a step
# size above its line, a step ends farther from the minimum than it began.


def rmsprop(params, states, hyperparams):
    lr, gamma = hyperparams["lr"], hyperparams["gamma"]
    for p, s in zip(params, states):
        s[:] = gamma * s + (1 - gamma) * p.grad**2
        p.data -= lr / torch.sqrt(s + eps) * p.grad


init_states = d2l.optimizers.init_rmsprop_states
features, labels = d2l.get_data_ch7()


def step_sizes(rule, hyperparams):
    """The step size of each weight at each step of a run [shape=(steps, d)]."""
    sizes = []

    def watched(params, states, hyperparams):
        rule(params, states, hyperparams)
        sizes.append(hyperparams["lr"] / torch.sqrt(states[0].flatten() + eps))

    d2l.fit(watched, init_states, hyperparams, features, labels, seed=0)
    return torch.stack(sizes)


airfoil = {
    "AdaGrad": step_sizes(d2l.optimizers.adagrad, {"lr": 0.1}),
    "RMSProp": step_sizes(rmsprop, {"lr": 0.01, "gamma": 0.9}),
}
fig, axes = d2l.plt.subplots(1, 2, figsize=(7.5, 3.3), layout="constrained")
for name, color in zip(methods, plotting.COLORS):
    for size, style, x in zip(zip(*sizes[name]), ("-", "--"), ("x1", "x2")):
        width = 1.8 if name == "RMSProp" else 0.9
        axes[0].semilogy(
            range(1, 201), size, style, color=color, linewidth=width, label=f"{name}, {x}"
        )
    style = "-" if name == "RMSProp" else "--"
    lines = axes[1].semilogy(range(1, 301), airfoil[name], style, color=color, linewidth=0.9)
    lines[0].set_label(f"{name}, each weight")
for curvature in (0.2, 4):
    axes[0].axhline(2 / curvature, color="0.3", linewidth=1, linestyle=":")
axes[0].set(title="bowl", xlabel="step", ylim=(0.02, 1000))
axes[0].set_ylabel(r"step size $\eta / \sqrt{s + \epsilon}$")
axes[0].legend(fontsize="small", ncols=2)
axes[1].set(title="airfoil", xlabel="step")
axes[1].legend(fontsize="small")
fig.alt = (
    "Step sizes against the step. In the bowl AdaGrad's fall and stay low; RMSProp's rise past 2 "
    "over the curvature, drop, and settle at it. On the airfoil data AdaGrad's fall steadily, "
    "RMSProp's keep their level."
)

# %%
# On the left, the gradients vanish near the minimum. AdaGrad does not notice, because it still
# holds the large gradients of the start. RMSProp forgets them, and its step size rises again, until
# it is past the dotted line. Then the steps overshoot and grow, and so do the gradients: the step
# size drops. It settles at the line, where each step leads just across, to the other side.
#
# On the right, the gradients never vanish: each minibatch has its own. AdaGrad's step sizes fall
# all the same. Those of RMSProp find a level and waver around it.
#
# Either way, RMSProp does not calm down by itself. To end well, even without noise, its learning
# rate must be small, or fall during the training.

# %%
# On the airfoil data
# -------------------
#
# The rule ``rmsprop`` above is all that is needed. The package has the same one as
# ``d2l.optimizers.rmsprop``. PyTorch's class calls :math:`\gamma` ``alpha``.

fig, axes = d2l.plt.subplots(1, 2, figsize=(7, 3), sharey=True, layout="constrained")
torch.manual_seed(0)
np.random.seed(0)
d2l.plt.sca(axes[0])
d2l.train_ch7(rmsprop, init_states, {"lr": 0.01, "gamma": 0.9}, features, labels)

torch.manual_seed(0)
np.random.seed(0)
d2l.plt.sca(axes[1])
d2l.train_pytorch_ch7(torch.optim.RMSprop, {"lr": 0.01, "alpha": 0.9}, features, labels)

axes[0].set(title="from scratch")
axes[1].set(title="torch.optim.RMSprop", ylabel="")
fig.alt = (
    "Loss against epoch for RMSProp from scratch and in PyTorch: both fall within the first epoch "
    "and stay low in the second."
)

# %%
# Both runs fall to about the same loss, and both waver a little at the end. The curves start at
# different heights, since ``nn.Linear`` draws its own first weights.

# %%
# Inside the root, or outside?
# ----------------------------
#
# There are two differences between the two rules: the place of :math:`\epsilon` and its value. The
# book has it inside the root, and PyTorch has it outside:
#
# .. math::
#
#     \text{book: } \frac{\eta}{\sqrt{s + \epsilon}}\, g, \quad \epsilon = 10^{-6}, \qquad\qquad
#     \text{PyTorch: } \frac{\eta}{\sqrt{s} + \epsilon}\, g, \quad \epsilon = 10^{-8}.
#
# Inside, :math:`\epsilon` is compared with squares of gradients, outside with gradients. Let the
# gradient stay the same for long. Then :math:`s = g^2`, and we can draw the length of a step.
# Beside it we train: all gradients are multiplied by a small factor, as if the loss had another
# unit. To keep place and value apart, a third rule has the book's value at PyTorch's place.


def with_divisor(divisor):
    """RMSProp whose gradients are multiplied by ``scale`` and divided by ``divisor(s)``."""

    def rule(params, states, hyperparams):
        for p, s in zip(params, states):
            g = p.grad * hyperparams["scale"]
            s[:] = 0.9 * s + 0.1 * g**2
            p.data -= 0.01 * g / divisor(s)

    return rule


divisors = {
    r"inside, $10^{-6}$ (book)": lambda s: (s + 1e-6) ** 0.5,
    r"outside, $10^{-6}$": lambda s: s**0.5 + 1e-6,
    r"outside, $10^{-8}$ (PyTorch)": lambda s: s**0.5 + 1e-8,
}
g = np.logspace(-10, 0, 101)
scales = np.logspace(-9, -1, 5)

fig, axes = d2l.plt.subplots(1, 2, figsize=(7.5, 3.4), layout="constrained")
for (name, divisor), style in zip(divisors.items(), ("-", "--", ":")):
    axes[0].loglog(g, g / divisor(g**2), style, label=name)
    rule = with_divisor(divisor)
    losses = [
        d2l.fit(rule, init_states, {"scale": scale}, features, labels, seed=0).final_loss
        for scale in scales
    ]
    axes[1].semilogx(scales, losses, style, marker="o", markersize=4, label=name)
axes[0].set(xlabel=r"gradient $|g|$", ylabel=r"length of a step / $\eta$", ylim=(1e-5, 3))
axes[1].set(xlabel="factor on all gradients", ylabel="final loss (one run)")
axes[0].legend()
fig.alt = (
    "Left: the length of a step does not depend on the gradient until the gradient is as small as "
    "epsilon, or its root if inside. Right: the training fails for gradients below that size."
)

# %%
# A step keeps its length over many orders of the gradient. That is the point of the method. It ends
# where :math:`\epsilon` takes over: at :math:`|g| \approx \sqrt{\epsilon}` inside the root, and at
# :math:`|g| \approx \epsilon` outside. So the same number means much more inside than outside. The
# training on the right fails at the factors where the gradients become that small.
#
# And with the gradients as they are? We run both rules from one start, over the same minibatches,
# in double precision, both with the book's value of :math:`\epsilon`. Then we move it out of the
# root in ours.

X, y = features.double(), labels.double()


def largest_difference(divisor, steps=300):
    """Between RMSProp with this divisor and PyTorch's, over all parameters and steps."""
    ours = [torch.full((X.shape[1], 1), 0.01, dtype=torch.float64), torch.zeros(1).double()]
    theirs = [p.clone() for p in ours]
    optimizer = torch.optim.RMSprop(theirs, lr=0.01, alpha=0.9, eps=1e-6)
    rule, states, largest = with_divisor(divisor), init_states(ours), 0.0
    torch.manual_seed(0)
    for _ in range(steps):
        batch = torch.randint(len(X), (10,))
        for w, b in (ours, theirs):
            residual = X[batch] @ w + b - y[batch, None]
            w.grad, b.grad = X[batch].T @ residual / len(batch), residual.mean(dim=0)
        rule(ours, states, {"scale": 1})
        optimizer.step()
        largest = max(largest, *((p - q).abs().max().item() for p, q in zip(ours, theirs)))
    return largest


inside, outside, _ = divisors.values()
print(f"largest difference from PyTorch, inside:  {largest_difference(inside):.1e}")
print(f"largest difference from PyTorch, outside: {(rounding := largest_difference(outside)):.1e}")
assert rounding < 1e-10

runs = [
    d2l.fit(with_divisor(divisor), init_states, {"scale": 1}, features, labels, seed=range(100))
    for divisor in (inside, outside)
]
change = np.abs(runs[0].final_loss - runs[1].final_loss)
low, high = np.quantile(runs[0].final_loss, [0.025, 0.975])
print(f"final loss, change from inside to outside, median of 100 seeds: {np.median(change):.1e}")
print(f"final loss, range that holds 95 % of the seeds:                 {high - low:.1e}")

# %%
# With :math:`\epsilon` outside, the two agree to rounding: from scratch equals the library. With
# :math:`\epsilon` inside, the parameters differ a little. The losses at the end change by far less
# than they do from one seed to the next. For this data it does not matter where :math:`\epsilon`
# stands. For gradients that are tiny by nature it would.

# %%
# What to take away
# -----------------
#
# - RMSProp is AdaGrad with a memory of about :math:`1 / (1 - \gamma)` steps. Its step size can rise
#   again.
# - The knob is the learning rate: it is the typical length of a step, whatever the gradients are.
#   Turn :math:`\gamma` second. The closer it is to 1, the more RMSProp acts as AdaGrad does.
# - It does not settle, not even without noise. Lower the learning rate towards the end.
# - If your gradients are tiny, look at :math:`\epsilon`, and at where your library puts it.
#
# The method comes from T. Tieleman and G. Hinton, "Lecture 6.5: rmsprop", *COURSERA: Neural
# Networks for Machine Learning*, 2012. There is no paper.

# %%
# Exercises
# ---------
#
# .. exercise:: 7.6 a
#
#    Set :math:`\gamma = 1`. What happens, and why?

# %%
# With :math:`\gamma = 1` nothing new enters the average. It stays at zero for ever, and only
# :math:`\epsilon` is left under the root:
#
# .. math:: x_t = x_{t-1} - \frac{\eta}{\sqrt{\epsilon}}\, g_t .
#
# This is gradient descent with the learning rate :math:`\eta / \sqrt{\epsilon}`, which is much
# larger than :math:`\eta`. The length of the first step shows how it comes to this as
# :math:`\gamma` nears 1. And if the answer is right, then RMSProp with a learning rate that is
# multiplied by :math:`\sqrt{\epsilon}` trains as ``sgd`` does.

rest = np.logspace(0, -12, 49)  # 1 - gamma
first = [abs(d2l.descent.descend_2d(stepper(eta, 1 - r, r), steps=1)[1][0] + 5) for r in rest]
cap = eta * 0.2 * 5 / math.sqrt(eps)

end = d2l.descent.descend_2d(stepper(eta, 1, 0))[-1]
print(f"in the bowl, gamma = 1: after 20 steps x1 is {end[0]:.0e}, and x2 is {end[1]:.0e}")

sgd = d2l.fit(d2l.optimizers.sgd, None, {"lr": 0.05}, features, labels, seed=range(100))
hyperparams = {"lr": 0.05 * math.sqrt(eps), "gamma": 1}
frozen = d2l.fit(rmsprop, init_states, hyperparams, features, labels, seed=range(100))
difference = np.abs(frozen.losses - sgd.losses).max()
assert np.allclose(frozen.losses, sgd.losses, rtol=1e-4, atol=0)
print(f"on the airfoil data: largest difference of a loss from that of sgd {difference:.0e}")

fig, axes = d2l.plt.subplots(1, 2, figsize=(7.5, 3.3), layout="constrained")
axes[0].loglog(rest, first, label="RMSProp")
axes[0].axhline(cap, color="0.4", linestyle="--", label=r"$\eta\, |g| / \sqrt{\epsilon}$")
axes[0].invert_xaxis()
axes[0].set(xlabel=r"$1 - \gamma$", ylabel="length of the first step in $x_1$")
axes[0].legend()
axes[1].set_prop_cycle(color=plotting.COLORS[:2], linestyle=["-", "--"])
plotting.plot_history(sgd, axes[1], label="sgd", optimum=False)
plotting.plot_history(frozen, axes[1], label=r"RMSProp, $\gamma = 1$", optimum=False)
axes[1].legend()
fig.alt = (
    "Left: the first step grows as gamma nears 1, up to a cap set by epsilon. Right: with gamma 1 "
    "and a smaller learning rate, the losses of RMSProp lie on those of sgd."
)

# %%
# In the bowl the path flies off. The first step grows without a bound other than :math:`\epsilon`
# as :math:`\gamma` nears 1, because the average starts at zero and has taken in almost nothing. On
# the right, the two curves lie on one another: what adapts the step size is gone.
#
# So :math:`\epsilon`, which should only prevent a division by zero, has become the learning rate.
# Adam, in section 7.8, cures the start at zero by a correction.

# %%
# .. endexercise::
#
# .. exercise:: 7.6 b
#
#    Train with other pairs of learning rate and :math:`\gamma`. Which of the two matters more?

# %%
# We train fifty models for each pair. The figure shows how far their losses end above the least
# possible loss. The thin grey line is AdaGrad, with :math:`1 / \sqrt{1 - 0.999}` times the learning
# rate on the axis.

lrs = [0.001, 0.003, 0.01, 0.03]


def median_excess(rule, all_hyperparams):
    """The median of fifty final losses above the least possible one, for each setting."""
    runs = [
        d2l.fit(rule, init_states, hyperparams, features, labels, seed=range(50))
        for hyperparams in all_hyperparams
    ]
    return np.array([np.median(run.final_loss) - run.optimum for run in runs])


fig, ax = d2l.plt.subplots(figsize=(6, 3.8), layout="constrained")
for memory, marker, color in zip((0, 0.9, 0.99, 0.999), "ov^D", plotting.COLORS):
    excess = median_excess(d2l.optimizers.rmsprop, [{"lr": lr, "gamma": memory} for lr in lrs])
    print(
        f"gamma {memory:5}: best lr {lrs[excess.argmin()]}, {excess.min():.4f} above the least; "
        f"at lr {lrs[0]} {excess[0]:.4f}"
    )
    ax.loglog(lrs, excess, marker=marker, markersize=5, color=color, label=f"{memory}")
excess = median_excess(d2l.optimizers.adagrad, [{"lr": lr / math.sqrt(1 - 0.999)} for lr in lrs])
ax.loglog(lrs, excess, "--", color="0.3", linewidth=1, label="AdaGrad")
ax.set(xlabel="learning rate", ylabel="final loss above the least\npossible (median)")
ax.legend(title=r"$\gamma$")
fig.alt = (
    "Distance of the final loss from the least possible against the learning rate, one curve for "
    "each gamma: all are valleys. The largest gamma has the deepest one, at the smallest rate, and "
    "AdaGrad's curve keeps close to it."
)

# %%
# Each curve is a valley: small learning rates do not get there in time, and large ones leave the
# noise of the minibatches. The learning rate matters more: along each curve the loss above the
# least changes by more than an order of magnitude.
#
# But :math:`\gamma` counts too, most of all where the learning rate is small. With :math:`\gamma =
# 0` only the sign of the gradient is left, and nothing is averaged: its valley is the least deep.
# With the largest :math:`\gamma`, little is forgotten within the training. Then :math:`s_t` is
# about :math:`1 - \gamma` times the sum of all squares, and RMSProp acts as AdaGrad with the
# learning rate :math:`\eta / \sqrt{1 - \gamma}`. Its steps are long at first and shrink, as
# AdaGrad's do, and its valley is the deepest of all.

# %%
# .. endexercise::
