r"""
7.8 Adam: what do momentum and RMSProp make together?
=====================================================

Adam keeps two averages: that of the gradients, as momentum does, and that of their squares, as
RMSProp does. Both start at zero, and Adam corrects both for it. So the learning rate bounds a
typical step from the very first one on.

With the gradient :math:`g_t`, the learning rate :math:`\eta` and two factors :math:`\beta_1` and
:math:`\beta_2`, step number :math:`t = 1, 2, \dots` is

.. math::

    v_t &= \beta_1 v_{t-1} + (1 - \beta_1)\, g_t, \qquad
    \hat{v}_t = \frac{v_t}{1 - \beta_1^t}, \\
    s_t &= \beta_2 s_{t-1} + (1 - \beta_2)\, g_t^2, \qquad
    \hat{s}_t = \frac{s_t}{1 - \beta_2^t}, \\
    x_t &= x_{t-1} - \frac{\eta\, \hat{v}_t}{\sqrt{\hat{s}_t} + \epsilon} .

All is done entry by entry. The book takes :math:`\beta_1 = 0.9`, :math:`\beta_2 = 0.999` and
:math:`\epsilon = 10^{-6}`, outside the root.
"""

# %%
# On the airfoil data
# -------------------
#
# The hyperparameters hold the learning rate and the number of the step, which the rule itself
# counts on. The rule below can leave out the correction. We shall need that in a moment.

from functools import partial

import numpy as np
import torch

import d2l_ch7 as d2l
from d2l_ch7 import plotting

beta1, beta2, eps = 0.9, 0.999, 1e-6


def adam(params, states, hyperparams, corrected=True):
    lr, t = hyperparams["lr"], hyperparams["t"]
    for p, (v, s) in zip(params, states):
        v[:] = beta1 * v + (1 - beta1) * p.grad
        s[:] = beta2 * s + (1 - beta2) * p.grad**2
        v_hat = v / (1 - beta1**t) if corrected else v
        s_hat = s / (1 - beta2**t) if corrected else s
        p.data -= lr * v_hat / (torch.sqrt(s_hat) + eps)
    hyperparams["t"] = t + 1


init_states = d2l.optimizers.init_adam_states
features, labels = d2l.get_data_ch7()

fig, axes = d2l.plt.subplots(1, 2, figsize=(7, 3), sharey=True, layout="constrained")
torch.manual_seed(0)
np.random.seed(0)
d2l.plt.sca(axes[0])
d2l.train_ch7(adam, init_states, {"lr": 0.01, "t": 1}, features, labels)

torch.manual_seed(0)
np.random.seed(0)
d2l.plt.sca(axes[1])
d2l.train_pytorch_ch7(torch.optim.Adam, {"lr": 0.01}, features, labels)

axes[0].set(title="from scratch")
axes[1].set(title="torch.optim.Adam", ylabel="")
fig.alt = (
    "Loss against epoch for Adam from scratch and in PyTorch: both fall within the first epoch and "
    "stay low in the second."
)

# %%
# Both runs fall in the first epoch and waver a little in the second. They start at different
# heights, since ``nn.Linear`` draws its own first weights.

# %%
# Is it the same formula?
# -----------------------
#
# PyTorch's class has another :math:`\epsilon`. We run both from one start, over the same
# minibatches, in double precision: once with PyTorch's own value, and once with the book's.

X, y = features.double(), labels.double()


def largest_difference(eps, steps=300):
    """Between the book's Adam and PyTorch's with this eps, over all parameters and steps."""
    ours = [torch.full((X.shape[1], 1), 0.01, dtype=torch.float64), torch.zeros(1).double()]
    theirs = [p.clone() for p in ours]
    optimizer = torch.optim.Adam(theirs, lr=0.01, eps=eps)
    states, hyperparams, largest = init_states(ours), {"lr": 0.01, "t": 1}, 0.0
    torch.manual_seed(0)
    for _ in range(steps):
        batch = torch.randint(len(X), (10,))
        for w, b in (ours, theirs):
            residual = X[batch] @ w + b - y[batch, None]
            w.grad, b.grad = X[batch].T @ residual / len(batch), residual.mean(dim=0)
        d2l.optimizers.adam(ours, states, hyperparams)
        optimizer.step()
        largest = max(largest, *((p - q).abs().max().item() for p, q in zip(ours, theirs)))
    return largest


default = torch.optim.Adam([torch.zeros(1)]).defaults["eps"]
for value in (default, eps):
    difference = largest_difference(value)
    print(f"largest difference of a parameter, PyTorch's eps {value:.0e}: {difference:.1e}")
assert difference < 1e-10

# %%
# With the same :math:`\epsilon` the two agree to rounding: from scratch equals the library. With
# PyTorch's own, the difference is far smaller than a step. The gradients here are much larger than
# either :math:`\epsilon`.

# %%
# What bias correction does
# -------------------------
#
# Take a gradient that is always the same. Then :math:`v_t = (1 - \beta_1^t)\, g` and
# :math:`s_t = (1 - \beta_2^t)\, g^2`. Without the correction, a step is longer than :math:`\eta` by
# the factor
#
# .. math:: \frac{1 - \beta_1^t}{\sqrt{1 - \beta_2^t}} .
#
# We do not trust the formula, but run the rule with such a gradient. Then we train with and without
# the correction, a hundred seeds each, with two learning rates.

rules = {"with correction": adam, "without": partial(adam, corrected=False)}
styles = {"color": plotting.COLORS[:2], "linestyle": ["-", "--"]}
t = np.arange(1, 3001)

fig, axes = d2l.plt.subplots(1, 3, figsize=(7.5, 3.2), layout="constrained")
for ax in axes:
    ax.set_prop_cycle(**styles)
for name, rule in rules.items():
    p = torch.zeros(1, dtype=torch.float64)
    p.grad = torch.ones_like(p)
    states, hyperparams, lengths = init_states([p]), {"lr": 1, "t": 1}, []
    for _ in t:
        before = p.item()
        rule([p], states, hyperparams)
        lengths.append(before - p.item())
    if name == "without":
        expected = (1 - beta1**t) / (np.sqrt(1 - beta2**t) + eps)
        assert np.allclose(lengths, expected, rtol=1e-8)
        longest = int(np.argmax(lengths))
        print(f"without correction: the first step is {lengths[0]:.2f} times the learning rate,")
        print(f"the longest, number {t[longest]}, {lengths[longest]:.2f} times", end=", ")
        print(f"and after 300 steps it is still {lengths[299]:.2f} times")
    axes[0].semilogx(t, lengths)

for ax, lr in zip(axes[1:], (0.001, 0.01)):
    for name, rule in rules.items():
        hyperparams = {"lr": lr, "t": 1}
        runs = d2l.fit(rule, init_states, hyperparams, features, labels, seed=range(100))
        plotting.plot_history(runs, ax, label=name, optimum=False)
        low, median, high = np.quantile(runs.final_loss, [0.025, 0.5, 0.975])
        print(f"lr {lr:5}, {name:15}: median {median:.4f}, 95 % {low:.4f} to {high:.4f}")
    ax.set(title=f"lr {lr}", ylim=(0.23, 0.52))
axes[0].set(title="constant gradient", xlabel="step", ylabel=r"length of a step / $\eta$")
axes[0].set_ylim(bottom=0)
axes[2].set(ylabel="")
axes[2].legend()
fig.alt = (
    "Left: without correction a step is several times the learning rate, for many steps. Middle "
    "and right: so the loss falls faster at first, and with the larger rate it ends higher."
)

# %%
# On the left, the corrected step is just :math:`\eta` at every :math:`t`. Without the correction it
# is several times as long, and it comes down only over thousands of steps. The reason is that the
# two averages fill at different speeds: :math:`s` has the longer memory, so it stays too small for
# longer.
#
# Is that bad? In the middle it helps, because the learning rate is too small for so short a
# training. On the right it hurts. Without the correction you train with a learning rate that you
# did not choose, and that changes as you go. The correction does not make Adam faster. It makes
# :math:`\eta` mean what it says.

# %%
# What to take away
# -----------------
#
# - Adam is an average of gradients over the root of an average of squares. Each weight moves by at
#   most about :math:`\eta` a step, and by a fraction of it where the gradients are mostly noise.
# - The knob is the learning rate. Leave :math:`\beta_1` and :math:`\beta_2` until you have a
#   reason.
# - Compare the distance that the weights must go with :math:`\eta` times the number of steps. If
#   this product is the smaller one, raise :math:`\eta` or make more steps.
# - If you write Adam yourself, do not forget the correction, and count :math:`t` from 1.
#
# The method comes from D. P. Kingma and J. Ba, "Adam: a method for stochastic optimization", ICLR
# 2015, https://arxiv.org/abs/1412.6980. To read on: S. J. Reddi, S. Kale and S. Kumar, "On the
# convergence of Adam and beyond", ICLR 2018, https://openreview.net/forum?id=ryQu7f-RZ, show a
# problem on which Adam does not converge, and mend it.

# %%
# Exercises
# ---------
#
# .. exercise:: 7.8 a
#
#    Train with other learning rates. What do you see, and why?

# %%
# A hundred seeds for each learning rate. On the left three of them during the training, on the
# right the final loss of all. We also print how far the weights could get at :math:`\eta` a step,
# beside the largest weight of the best model, which least squares gives. And from one run each, the
# length of a weight's step over the learning rate: for the first step and the last hundred as a
# mean, and for the longest of all.

lrs = [0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3]


def step_lengths(lr):
    """Each weight's step over the learning rate, at each step of a run [shape=(steps, d)]."""
    lengths = []

    def watched(params, states, hyperparams):
        before = params[0].data.clone()
        d2l.optimizers.adam(params, states, hyperparams)
        lengths.append((params[0].data - before).abs().flatten() / lr)

    d2l.fit(watched, init_states, {"lr": lr, "t": 1}, features, labels, seed=0)
    return torch.stack(lengths)


by_lr = {
    lr: d2l.fit(
        d2l.optimizers.adam, init_states, {"lr": lr, "t": 1}, features, labels, seed=range(100)
    )
    for lr in lrs
}
best_w = np.linalg.lstsq(X.numpy(), y.numpy(), rcond=None)[0]
print(f"largest weight of the best model: {np.abs(best_w).max():.2f}")
print("    lr  reach  median loss  step / lr: first  longest  last hundred")
for lr in lrs:
    reach, loss, steps = lr * by_lr[lr].steps[-1], np.median(by_lr[lr].final_loss), step_lengths(lr)
    print(f"{lr:6} {reach:6.2f}  {loss:11.4f}  {steps[0].mean():16.2f}", end="  ")
    print(f"{steps.max():7.2f}  {steps[-100:].mean():12.2f}")

fig, axes = d2l.plt.subplots(1, 2, figsize=(7.5, 3.4), layout="constrained")
axes[0].set_prop_cycle(color=plotting.COLORS[:3], linestyle=["-", "--", ":"])
for lr in (0.001, 0.01, 0.1):
    plotting.plot_history(by_lr[lr], axes[0], label=f"lr {lr}", optimum=False)
low, median, high = np.quantile([by_lr[lr].final_loss for lr in lrs], [0.025, 0.5, 0.975], axis=1)
axes[1].semilogx(lrs, median, "-o", markersize=5)
axes[1].fill_between(lrs, low, high, alpha=0.25, linewidth=0)
axes[1].set(xlabel="learning rate", ylabel="final loss (median, 95 %)")
for ax in axes:
    ax.axhline(by_lr[lrs[0]].optimum, color="0.5", linewidth=1, label="least possible")
axes[0].legend()
fig.alt = (
    "Left: with a small learning rate the loss still falls at the end, with a large one it is "
    "quick and rough. Right: the final loss is a valley, and its band widens to the right."
)

# %%
# The first step is :math:`\eta` long, however large the gradient is. No later one is much longer.
# Where the gradients are mostly noise, a step is only a fraction of :math:`\eta`, but much the same
# one for a wide range of learning rates. So the length of a step scales with :math:`\eta`, and this
# explains both sides of the valley. To the left, the weights cannot get there: their reach is
# shorter than the largest weight, or hardly longer, and all seeds end alike. To the right they are
# there soon, but then they jump about with the noise of the minibatches, the farther the larger
# :math:`\eta` is: the band is wide.

# %%
# .. endexercise::
#
# .. exercise:: 7.8 b
#
#    In what sense is Adam RMSProp plus momentum?

# %%
# Adam has three parts: it averages the gradient, it divides by the root of the averaged square, and
# it corrects. We build a rule in which each part can be left out, and run it in the bowl
# :math:`f(x_1, x_2) = 0.1 x_1^2 + 2 x_2^2`. Beside it we run PyTorch's own classes. Two things need
# care: Adam's average has a factor :math:`1 - \beta_1`, which PyTorch's momentum does not have, so
# momentum gets the learning rate :math:`(1 - \beta_1)\, \eta`. And :math:`\epsilon` stands outside
# the root everywhere. We take smaller :math:`\beta_1` and :math:`\beta_2` than the book, since its
# averages remember too long for so short a descent.

b1, b2, eta = 0.5, 0.9, 0.4
slopes = torch.tensor([0.2, 4.0], dtype=torch.float64)


def descend(make_step):
    """The path of 20 steps [shape=(21, 2)]; make_step(params) returns a function that steps."""
    p = torch.tensor([-5.0, -2.0], dtype=torch.float64)
    step, path = make_step([p]), [p.tolist()]
    for _ in range(20):
        p.grad = slopes * p
        step()
        path.append(p.tolist())
    return np.array(path)


def parts(average, divide, correct):
    """Adam with only some of its parts."""

    def make_step(params):
        states, t = init_states(params), 0

        def step():
            nonlocal t
            t += 1
            for p, (v, s) in zip(params, states):
                v[:] = b1 * v + (1 - b1) * p.grad if average else p.grad
                s[:] = b2 * s + (1 - b2) * p.grad**2
                v_hat = v / (1 - b1**t) if correct else v
                s_hat = s / (1 - b2**t) if correct else s
                p.sub_(eta * v_hat / (torch.sqrt(s_hat) + eps) if divide else eta * v_hat)

        return step

    return make_step


def pytorch(optimizer_fn, **options):
    return lambda params: optimizer_fn(params, **options).step


RMSprop, slow = partial(torch.optim.RMSprop, alpha=b2, eps=eps), (1 - b1) * eta
pairs = {
    "average only": (
        parts(average=True, divide=False, correct=False),
        "SGD with momentum",
        pytorch(torch.optim.SGD, lr=slow, momentum=b1),
    ),
    "divide only": (
        parts(average=False, divide=True, correct=False),
        "RMSprop",
        pytorch(RMSprop, lr=eta),
    ),
    "average and divide": (
        parts(average=True, divide=True, correct=False),
        "RMSprop with momentum",
        pytorch(RMSprop, lr=slow, momentum=b1),
    ),
    "all three": (
        parts(average=True, divide=True, correct=True),
        "Adam",
        pytorch(torch.optim.Adam, lr=eta, betas=(b1, b2), eps=eps),
    ),
}
fig, axes = d2l.plt.subplots(2, 2, figsize=(7.5, 5), sharex=True, sharey=True, layout="constrained")
grid = np.meshgrid(np.linspace(-5.5, 1.5, 71), np.linspace(-2.5, 2.5, 51))
for ax, (name, (ours, library_name, library)) in zip(axes.flat, pairs.items()):
    ours, library = descend(ours), descend(library)
    difference = np.abs(ours - library).max()
    print(f"{name:18} against PyTorch's {library_name:21}: largest difference {difference:.1e}")
    assert (difference < 1e-10) == (name != "average and divide")
    ax.contour(*grid, 0.1 * grid[0] ** 2 + 2 * grid[1] ** 2, levels=8, colors="0.7", linewidths=0.8)
    ax.plot(*ours.T, "-o", markersize=4, label=name)
    ax.plot(*library.T, "--x", markersize=6, linewidth=1, label=library_name)
    ax.plot(0, 0, "k*", markersize=10)
    ax.legend(loc="upper left", fontsize="small", frameon=True, framealpha=1, edgecolor="none")
for ax in axes[1]:
    ax.set(xlabel="x1")
for ax in axes[:, 0]:
    ax.set(ylabel="x2")
fig.alt = (
    "Paths in the bowl of Adam with some of its parts, each beside a class of PyTorch. Three pairs "
    "lie on one another. RMSprop with momentum and Adam without correction part a little."
)

# %%
# With the average alone, Adam is momentum. With the division alone, it is RMSProp. With all three
# it is Adam, of course. In this sense it is RMSProp plus momentum.
#
# But the two can be joined in two orders, and the orders differ. PyTorch's ``RMSprop`` with
# momentum first divides each gradient by its root, and then averages these steps. Adam first
# averages the gradients, and then divides by the newest root. The two paths part. Adam adds the
# correction, which neither of the two has.

# %%
# .. endexercise::
