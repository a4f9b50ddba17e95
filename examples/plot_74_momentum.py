r"""
7.4 Momentum: how do you go fast along a narrow valley?
=======================================================

In a narrow valley, one learning rate must serve a steep direction and a flat one. Momentum keeps a
velocity: steps across the valley cancel in it, steps along the valley add up.

With the gradient :math:`g_t`, the learning rate :math:`\eta` and a factor
:math:`0 \le \gamma < 1`, one step is

.. math::

    v_t = \gamma v_{t-1} + \eta\, g_t, \qquad x_t = x_{t-1} - v_t .

With :math:`\gamma = 0` it is gradient descent.
"""

# %%
# .. playground:: method=momentum&lr=0.6&momentum=0
#    :show: bowl lr momentum
#
#    Without momentum the path runs away. **Predict:** what does a momentum of 0.5 change, and what
#    does 0.9? Then try.

# %%
# Without momentum
# ----------------
#
# The valley is :math:`f(x_1, x_2) = 0.1 x_1^2 + 2 x_2^2`. It is much steeper along :math:`x_2` than
# along :math:`x_1`. We start at the book's point and take the book's two learning rates. This page
# is only built if each printed end point is the one that the book prints, digit by digit.

import json
from importlib.resources import files

import numpy as np
import torch

import d2l_ch7 as d2l
from d2l_ch7 import plotting

record = json.loads(files("d2l_ch7._data").joinpath("published.json").read_text(encoding="utf-8"))
published = {
    (run["eta"], run.get("gamma", 0)): run["published"]
    for run in record["descents"]
    if run["section"] == "7.4"
}


def f(x1, x2):
    return 0.1 * x1**2 + 2 * x2**2


def descend(eta, gamma):
    """The path of 20 steps, whose end must be the published one."""

    def step(x1, x2, v1, v2):
        v1 = gamma * v1 + eta * 0.2 * x1
        v2 = gamma * v2 + eta * 4 * x2
        return x1 - v1, x2 - v2, v1, v2

    print(f"eta {eta}, gamma {gamma}", end=":  ")
    path = d2l.train_2d(step)
    x1, x2 = path[-1]
    assert f"epoch 20, x1 {x1:f}, x2 {x2:f}" == published[eta, gamma]
    return path


def draw_paths(gamma):
    """The two learning rates side by side, in one window."""
    fig, axes = d2l.plt.subplots(1, 2, figsize=(7, 3.2), sharey=True, layout="constrained")
    grid = np.meshgrid(np.linspace(-5.5, 1.5, 71), np.linspace(-4.2, 4.2, 71))
    for ax, eta in zip(axes, (0.4, 0.6)):
        ax.contour(*grid, f(*grid), levels=8, colors="0.7", linewidths=0.8)
        plotting.plot_path(descend(eta, gamma), ax=ax, color=plotting.COLORS[0])
        ax.plot(0, 0, "*", color=plotting.COLORS[1], markersize=12, zorder=3)
        ax.set(xlim=(-5.5, 1.5), ylim=(-4.2, 4.2), title=rf"$\eta$ = {eta}, $\gamma$ = {gamma}")
    axes[1].set_ylabel("")
    return fig


fig = draw_paths(gamma=0)
fig.alt = (
    "Two paths of gradient descent in a long valley: with the smaller learning rate it creeps "
    "towards the minimum, with the larger one it swings across the valley, out of the picture."
)

# %%
# The star is the minimum. On the left, :math:`x_2` is soon right, and :math:`x_1` creeps. On the
# right, the larger learning rate helps :math:`x_1`, but :math:`x_2` jumps over the valley, further
# at each step. No learning rate is good for both.

# %%
# With momentum
# -------------
#
# The same two learning rates, now with :math:`\gamma = 0.5`:

fig = draw_paths(gamma=0.5)
fig.alt = (
    "Two paths of momentum in the same valley: both swing a little across it at first, and both "
    "come close to the minimum, also with the larger learning rate."
)

# %%
# Both paths come closer to the minimum than gradient descent did. Across the valley the gradients
# change sign from step to step and cancel in the velocity. Along the valley they agree, and the
# velocity grows. So :math:`\gamma` lets you use a learning rate that is too large without it.

# %%
# The velocity is a weighted average
# ----------------------------------
#
# An exponentially weighted moving average of :math:`x_1, x_2, \dots` forgets by the same factor at
# each step:
#
# .. math::
#
#     y_t = \gamma y_{t-1} + (1 - \gamma)\, x_t
#         = (1 - \gamma) \sum_{i=0}^{t-1} \gamma^i\, x_{t-i} .
#
# To see its weights, average a single 1 that is followed by zeros: after :math:`i` steps, what is
# left of it is the weight of a value :math:`i` steps old.

ages = np.arange(30)
weights = {}
for gamma in (0.5, 0.8, 0.9):
    y, weights[gamma] = 0.0, []
    for age in ages:
        y = gamma * y + (1 - gamma) * (age == 0)
        weights[gamma].append(y)
    assert np.allclose(weights[gamma], (1 - gamma) * gamma**ages, rtol=1e-12)
    memory = round(1 / (1 - gamma))
    share = sum(weights[gamma][:memory])
    print(f"gamma {gamma}: the newest {memory:2d} values have {share:.0%} of the weight")

fig, axes = d2l.plt.subplots(1, 3, figsize=(7.5, 2.8), sharey=True, layout="constrained")
for ax, (gamma, weight), color in zip(axes, weights.items(), plotting.COLORS):
    ax.vlines(ages, 0, weight, color=color, linewidth=4)
    ax.axvline(1 / (1 - gamma) - 0.5, color="0.3", linestyle="--", linewidth=1)
    ax.set(title=rf"$\gamma$ = {gamma}", xlabel="age $i$ (steps)")
axes[0].set(ylabel="weight of a value", ylim=(0, None))
fig.alt = (
    "Weights of past values in an exponentially weighted average, as bars that shrink with age: "
    "the larger gamma, the further the weights reach back and the smaller each of them is."
)

# %%
# The dashed line stands after :math:`1 / (1 - \gamma)` values. This is the memory of the average:
# most of the weight lies before the line. Now write momentum's velocity in this form:
#
# .. math::
#
#     v_t = \gamma v_{t-1} + (1 - \gamma) \left( \frac{\eta}{1 - \gamma}\, g_t \right) .
#
# It is the weighted average of past steps of gradient descent with the learning rate
# :math:`\eta / (1 - \gamma)`. We call this the effective learning rate.

# %%
# On the airfoil data
# -------------------
#
# The book's three settings, each from the same seeds. Momentum's state is one velocity for each
# parameter.

features, labels = d2l.get_data_ch7()
momentum, init_states = d2l.optimizers.momentum, d2l.optimizers.init_momentum_states
settings = [(0.02, 0.5), (0.02, 0.9), (0.004, 0.9)]

fig, axes = d2l.plt.subplots(1, 3, figsize=(7.5, 2.8), sharey=True, layout="constrained")
for ax, (lr, gamma) in zip(axes, settings):
    torch.manual_seed(0)
    np.random.seed(0)
    d2l.plt.sca(ax)
    d2l.train_ch7(momentum, init_states, {"lr": lr, "momentum": gamma}, features, labels)
    ax.set(title=f"lr {lr}, momentum {gamma}", ylabel="loss" if ax is axes[0] else "")
fig.alt = (
    "Loss against epoch for three settings of momentum: two fall smoothly, the one with the large "
    "learning rate and the large momentum is rough."
)

# %%
# The curve in the middle is rough: with more momentum at the same learning rate, the effective
# learning rate is larger. A smaller learning rate, on the right, cures it. One run is one draw of
# lots, so here are a hundred runs of each setting, as median and band of 95 %:

fig, ax = d2l.plt.subplots(figsize=(6, 3.6), layout="constrained")
ax.set_prop_cycle(color=plotting.COLORS[:3], linestyle=["-", ":", "--"])
print("   lr  momentum  lr / (1 - momentum)  median loss   95 % of the runs")
for lr, gamma in settings:
    hyperparams = {"lr": lr, "momentum": gamma}
    runs = d2l.fit(momentum, init_states, hyperparams, features, labels, seed=range(100))
    low, median, high = np.quantile(runs.final_loss, [0.025, 0.5, 0.975])
    print(f"{lr:5}  {gamma:8}  {lr / (1 - gamma):19.2f}  {median:11.4f}   {low:.4f} to {high:.4f}")
    plotting.plot_history(runs, ax, label=f"lr {lr}, momentum {gamma}", optimum=False)
ax.axhline(runs.optimum, color="0.5", linewidth=1, label="least possible")
ax.set(ylim=(0.23, 0.5))
ax.legend()
fig.alt = (
    "Median and band of a hundred runs for each of three settings: the two that share the ratio of "
    "lr to one minus momentum end alike, the third stays higher and has a much wider band."
)

# %%
# Two of the settings end alike. They differ in both numbers, but the table shows that their
# effective learning rate is the same. Only the start differs: the longer memory is slower to get
# going, and then catches up. The third setting has the largest effective learning rate. It falls
# fastest, and then the noise of the minibatches keeps it up and makes its band wide.

# %%
# With PyTorch
# ------------
#
# ``torch.optim.SGD`` has momentum built in:

fig, ax = d2l.plt.subplots(figsize=(4.5, 3), layout="constrained")
torch.manual_seed(0)
np.random.seed(0)
d2l.train_pytorch_ch7(torch.optim.SGD, {"lr": 0.004, "momentum": 0.9}, features, labels)
fig.alt = "Loss against epoch for momentum in PyTorch: it falls at once and levels off."

# %%
# The model starts elsewhere, since ``nn.Linear`` draws its own first weights. Also, PyTorch writes
# the method in another form. The learning rate stands outside the velocity:
#
# .. math::
#
#     v_t = \gamma v_{t-1} + g_t, \qquad x_t = x_{t-1} - \eta_t\, v_t .
#
# At a constant learning rate, this velocity is the book's divided by :math:`\eta`, and the path is
# the same. When the learning rate changes, the two part: the book's velocity still holds steps of
# the old size, while PyTorch's is scaled anew at once. We run both from one start, over the same
# minibatches, in double precision; once at a constant rate, and once with a rate that is divided by
# ten on the way.

X, y = features.double(), labels.double()
torch.manual_seed(0)
batches = torch.randperm(len(X)).split(10)
print(f"{len(batches)} steps")


def path_of(make_step, lrs):
    """The parameters (w, b) after each step; make_step(params) returns a function of lr."""
    w = torch.full((X.shape[1], 1), 0.01, dtype=torch.float64, requires_grad=True)
    b = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    step, path = make_step([w, b]), []
    for batch, lr in zip(batches, lrs):
        loss = d2l.squared_loss(d2l.linreg(X[batch], w, b), y[batch]).mean()
        w.grad, b.grad = torch.autograd.grad(loss, [w, b])
        step(lr)
        path.append(torch.cat([w.detach().flatten(), b.detach()]))
    return torch.stack(path)  # (steps, d + 1)


def book(params):
    states = init_states(params)
    return lambda lr: momentum(params, states, {"lr": lr, "momentum": 0.9})


def pytorch(params):
    optimizer = torch.optim.SGD(params, lr=0.004, momentum=0.9)

    def step(lr):
        optimizer.param_groups[0]["lr"] = lr
        optimizer.step()

    return step


constant = [0.004] * len(batches)
dropped = [0.004 if i < len(batches) // 2 else 0.0004 for i in range(len(batches))]
differences = [
    (path_of(book, lrs) - path_of(pytorch, lrs)).abs().amax(dim=1) for lrs in (constant, dropped)
]
print(f"largest difference, constant learning rate: {differences[0].max():.1e}")
print(f"largest difference, divided on the way:     {differences[1].max():.1e}")
assert differences[0].max() < 1e-10

fig, ax = d2l.plt.subplots(figsize=(6, 3.2), layout="constrained")
for difference, style, label in zip(differences, ("-", "--"), ("constant", "divided by ten")):
    difference = difference.clamp(min=1e-17)  # a difference of zero has no place on a log axis
    ax.semilogy(range(1, len(batches) + 1), difference, style, label=label)
ax.set(xlabel="step", ylabel="largest difference\nof a parameter")
ax.legend(loc="center right", title="learning rate")
fig.alt = (
    "Difference between the book's momentum and PyTorch's against the step: at a constant learning "
    "rate it stays at rounding error, and jumps up where the learning rate is divided by ten."
)

# %%
# At a constant learning rate the two agree to rounding: from scratch equals the library. Where the
# rate drops, they part by a jump: for a while, the book's velocity goes on with steps of the old
# size.

# %%
# What to take away
# -----------------
#
# - Momentum averages past steps. What alternates cancels, and what agrees adds up.
# - The knob is :math:`\gamma`: it sets the memory, :math:`1 / (1 - \gamma)` steps.
# - Turn both knobs together. If you raise :math:`\gamma`, lower the learning rate, so that
#   :math:`\eta / (1 - \gamma)` stays.
# - If you change the learning rate during training, know which form your library has.
#
# The method comes from B. T. Polyak, "Some methods of speeding up the convergence of iteration
# methods", *USSR Computational Mathematics and Mathematical Physics* 4, 1964. I. Sutskever, J.
# Martens, G. Dahl and G. Hinton made it a standard of deep learning: "On the importance of
# initialization and momentum in deep learning", ICML 2013. To read on: G. Goh, "Why momentum really
# works", *Distill*, 2017, https://doi.org/10.23915/distill.00006.

# %%
# Exercise
# --------
#
# .. exercise:: 7.4
#
#    Train with other pairs of momentum and learning rate. How does the final loss depend on them?

# %%
# We train a hundred models for each pair, and draw the median of their final losses twice: against
# the learning rate, and against the effective learning rate.

effective = np.array([0.005, 0.02, 0.05, 0.2, 0.5])
fig, axes = d2l.plt.subplots(1, 2, figsize=(7.5, 3.4), sharey=True, layout="constrained")
for gamma, marker, color in zip((0, 0.5, 0.9, 0.99), "os^D", plotting.COLORS):
    lrs = effective * (1 - gamma)
    medians = [
        np.median(d2l.fit(momentum, init_states, h, features, labels, seed=range(100)).final_loss)
        for h in ({"lr": lr, "momentum": gamma} for lr in lrs)
    ]
    best = int(np.argmin(medians))
    print(f"momentum {gamma:4}: best lr {lrs[best]:.4f}, median loss {medians[best]:.4f}")
    for ax, x in zip(axes, (lrs, effective)):
        ax.semilogx(x, medians, marker=marker, markersize=5, color=color, label=f"{gamma}")
axes[0].set(xlabel="lr", ylabel="final loss (median)")
axes[1].set(xlabel="lr / (1 - momentum)")
axes[1].legend(title="momentum")
fig.alt = (
    "Final loss against the learning rate for four values of momentum: against lr the curves are "
    "shifted, against lr over one minus momentum they nearly fall on one another."
)

# %%
# On the left, each momentum has its own best learning rate. On the right, the curves nearly fall on
# one another: it is the effective learning rate that counts. The longest memory leaves the others,
# because it spans a good part of the whole training.
#
# The curve without momentum lies there too. In the valley's floor, momentum reaches nothing that a
# larger learning rate would not reach; it is better only at the far right, where the rate is too
# large for all. The noise of the minibatches decides. So we take it away and train on all samples
# at once, with the best constants for a quadratic loss. They follow from its least and its largest
# curvature :math:`\mu` and :math:`L`, the extreme eigenvalues of the Hessian: for gradient descent
# :math:`\eta = 2 / (L + \mu)`, and for momentum, after Polyak,
#
# .. math::
#
#     \eta = \left( \frac{2}{\sqrt{L} + \sqrt{\mu}} \right)^2, \qquad
#     \gamma = \left( \frac{\sqrt{L} - \sqrt{\mu}}{\sqrt{L} + \sqrt{\mu}} \right)^2 .

inputs = torch.cat([X, torch.ones(len(X), 1)], dim=1)  # the last column is the bias's
curvatures = torch.linalg.eigvalsh(inputs.T @ inputs / len(X))
mu, L = float(curvatures[0]), float(curvatures[-1])
print(f"airfoil data: curvature from {mu:.2f} to {L:.2f}, a ratio of {L / mu:.0f}")
print(f"the valley f: curvature from {0.2:.2f} to {4:.2f}, a ratio of {4 / 0.2:.0f}")
best_pairs = {
    "gradient descent": (2 / (L + mu), 0.0),
    "momentum": ((2 / (L**0.5 + mu**0.5)) ** 2, ((L**0.5 - mu**0.5) / (L**0.5 + mu**0.5)) ** 2),
}

fig, ax = d2l.plt.subplots(figsize=(6, 3.4), layout="constrained")
for (name, (lr, gamma)), style in zip(best_pairs.items(), ("-o", "--s")):
    hyperparams = {"lr": lr, "momentum": gamma}
    run = d2l.fit(momentum, init_states, hyperparams, features, labels, 1500, 24, seed=0)
    gap = run.losses - run.optimum
    print(f"{name:16}: lr {lr:.2f}, momentum {gamma:.2f}, gap at the end {gap[-1]:.1e}")
    ax.semilogy(run.steps, gap, style, markersize=4, label=name)
ax.set(xlabel="step, each on all samples", ylabel="loss minus least possible loss")
ax.legend()
fig.alt = (
    "Gap to the least possible loss against the step, on all samples: a nearly straight line for "
    "gradient descent and a much steeper one for momentum."
)

# %%
# On a logarithmic axis both gaps shrink along a nearly straight line, and momentum's is much
# steeper. The loss on these data is a valley too, as its ratio shows, and without noise momentum
# is fast in it. So momentum pays where the shape of the loss holds you back. Where noise
# holds you back, it acts like a larger learning rate.

# %%
# .. endexercise::
