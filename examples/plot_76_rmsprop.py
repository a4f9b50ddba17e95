r"""
7.6 RMSProp: what if AdaGrad could forget?
==========================================

AdaGrad adds up all squared gradients, so its step sizes only shrink. RMSProp takes an average that
forgets, and its step sizes can rise again. In return it does not calm down by itself.

.. playground:: method=rmsprop&lr=0.4
   :show: bowl lr gamma step

   RMSProp forgets all but the share gamma of the old squares. **Predict:** with gamma 0, how long
   is each step, and where does the path come to rest? Then try.
"""

# sphinx_gallery_thumbnail_number = 2

# %%
# An average in place of the sum
# ------------------------------
#
# RMSProp keeps the share :math:`\gamma` of the old :math:`s` in each step, with
# :math:`0 \le \gamma < 1`, and takes :math:`1 - \gamma` of the new square:
#
# .. math::
#
#     s_t &= \gamma s_{t-1} + (1 - \gamma)\, g_t^2, \\[1ex]
#     x_t &= x_{t-1} - \frac{\eta}{\sqrt{s_t + \epsilon}}\, g_t .
#
# This is the :term:`exponentially weighted moving average` of the section on momentum, here of the
# squared gradients. It reaches back about :math:`1 / (1 - \gamma)` steps. All is done for each
# coordinate apart. AdaGrad stands beside it; only the two lines of :math:`s` differ.

import numpy as np
import torch

import d2l_ch7 as d2l
from d2l_ch7 import plotting

eps = 1e-6


def f(x1, x2):
    return 0.1 * x1**2 + 2 * x2**2


def adagrad_2d(x1, x2, s1, s2):
    g1, g2 = 0.2 * x1, 4 * x2
    s1 = s1 + g1**2
    s2 = s2 + g2**2
    x1 -= eta / np.sqrt(s1 + eps) * g1
    x2 -= eta / np.sqrt(s2 + eps) * g2
    return x1, x2, s1, s2


def rmsprop_2d(x1, x2, s1, s2):
    g1, g2 = 0.2 * x1, 4 * x2
    s1 = gamma * s1 + (1 - gamma) * g1**2
    s2 = gamma * s2 + (1 - gamma) * g2**2
    x1 -= eta / np.sqrt(s1 + eps) * g1
    x2 -= eta / np.sqrt(s2 + eps) * g2
    return x1, x2, s1, s2


# %%
# We take 20 steps from the book's start, with the book's settings, each method with the same
# learning rate.

eta, gamma = 0.4, 0.9
paths = {
    "AdaGrad": d2l.train_2d(adagrad_2d),
    "RMSProp": d2l.train_2d(rmsprop_2d),
}
plotting.plot_paths(paths, f)

# %%
# .. alt::
#
#    Two paths from the same point in a long valley. AdaGrad's dots crowd together halfway; RMSProp
#    takes longer steps and reaches the minimum.
#
# AdaGrad's steps become short before it is there. RMSProp takes longer steps and arrives. The
# :term:`step sizes <step size>` :math:`\eta / \sqrt{s + \epsilon}`, by which the gradients are
# multiplied, show why. We note them on the way.


def step_sizes(rule, steps=20):
    sizes = []

    def noting(x1, x2, s1, s2):
        x1, x2, s1, s2 = rule(x1, x2, s1, s2)
        sizes.append(eta / np.sqrt(np.array([s1, s2]) + eps))
        return x1, x2, s1, s2

    d2l.descent.descend_2d(noting, steps)
    return np.array(sizes)


sizes = {
    "AdaGrad": step_sizes(adagrad_2d),
    "RMSProp": step_sizes(rmsprop_2d),
}

# %%

# plotting code
axes = plotting.panels("x1", "x2")
for i, ax in enumerate(axes):
    for name, style in (("AdaGrad", "-o"), ("RMSProp", "--s")):
        ax.semilogy(
            range(1, 21), sizes[name][:, i], style, markersize=4, label=name
        )
    ax.set(xlabel="step", ylabel="step size", xticks=range(0, 21, 5))
axes[1].legend()

# %%
# .. alt::
#
#    Step size of each coordinate against the step. Those of AdaGrad fall and stay low. Those of
#    RMSProp begin higher, fall a little, and then rise all the way.
#
# RMSProp's step sizes begin higher, because its average starts at zero and holds only a tenth of
# the first square. Then the gradients become small. AdaGrad does not notice, because it still holds
# the large gradients of the start. RMSProp forgets them: its :math:`s` decays, and its step size
# rises again.

# %%
# Does it stay there?
# -------------------
#
# After 20 steps RMSProp is at the minimum, and there is no noise. Does it stay? We go on to 200
# steps.

x = np.array(d2l.descent.descend_2d(rmsprop_2d, 200))
long_sizes = step_sizes(rmsprop_2d, 200)

# %%

# plotting code
left, right = plotting.panels("", "", sharey=False)
for i, (style, name) in enumerate((("-", "x1"), ("--", "x2"))):
    left.plot(x[:, i], style, linewidth=1, label=name)
    right.semilogy(range(1, 201), long_sizes[:, i], style, label=name)
    right.axhline(2 / (0.2, 4)[i], color="0.4", linewidth=1, linestyle=":")
for height in (-eta / 2, eta / 2):
    left.axhline(height, color="0.4", linewidth=1, linestyle=":")
left.set(xlabel="step", ylabel="x1, x2", ylim=(-1, 1))
right.set(xlabel="step", ylabel="step size", ylim=(0.02, 1000))
right.legend(loc="lower right")

# %%
# .. alt::
#
#    Left: both coordinates rest at zero, then leave it and end jumping from side to side. Right:
#    the step sizes rise past their dotted lines, drop, and settle at the lines.
#
# It does not stay. It lies still for a while, and then oscillates from one side of the minimum to
# the other, at a distance of :math:`\eta / 2`, the dotted lines on the left: the last two values of
# :math:`x_1` are :calc:`x[-2, 0]|.2f` and :calc:`x[-1, 0]|.2f`.
#
# The step sizes on the right show why. Along a coordinate with the :term:`curvature` :math:`h`, a
# step multiplies the distance from the minimum by one minus :math:`h` times the step size. Above
# :math:`2 / h`, the dotted lines on the right, the distance grows. Near the minimum the gradients
# vanish, :math:`s` decays, and the step sizes rise until they are past their lines. Then the steps
# overshoot, the gradients grow, and so the step sizes drop. They settle at the lines, where each
# step leads just across, to the other side.

# %%
# On the airfoil data
# -------------------
#
# The same rule for all parameters of a model.


def rmsprop(params, states, hyperparams):
    gamma = hyperparams["gamma"]
    for p, s in zip(params, states):
        s[:] = gamma * s + (1 - gamma) * p.grad**2
        step_size = hyperparams["lr"] / torch.sqrt(s + eps)
        p.data -= step_size * p.grad


init_states = d2l.optimizers.init_rmsprop_states
data = d2l.get_data_ch7()

# %%
# We train with the book's setting. PyTorch's class calls :math:`\gamma` ``alpha``, and has
# :math:`\epsilon` outside the root, which hardly matters here (see the last exercise).

left, right = plotting.panels("from scratch", "torch.optim.RMSprop")
hyperparams = {"lr": 0.01, "gamma": 0.9}
d2l.train_ch7(rmsprop, init_states, hyperparams, *data, seed=0, ax=left)
d2l.train_pytorch_ch7(
    torch.optim.RMSprop, {"lr": 0.01, "alpha": 0.9}, *data, seed=0, ax=right
)

# %%
# .. alt::
#
#    Loss against epoch for RMSProp from scratch and in PyTorch: both fall within the first epoch
#    and waver a little in the second.
#
# Both fall to about the same loss, and both waver a little at the end. The curves start at
# different heights, since ``nn.Linear`` draws its own first weights.
#
# Here the gradients do not vanish: each :term:`minibatch` has its own. So :math:`s` finds a level,
# the step sizes keep theirs, and the noise stays. A hundred runs show it, beside a hundred of
# AdaGrad with the book's learning rate for it.

rules = d2l.optimizers
runs = {
    "AdaGrad": d2l.fit(
        rules.adagrad, init_states, {"lr": 0.1}, *data, seed=range(100)
    ),
    "RMSProp": d2l.fit(
        rules.rmsprop, init_states, hyperparams, *data, seed=range(100)
    ),
}
plotting.plot_histories(runs).set_ylim(0.24, 0.28)

# %%
# .. alt::
#
#    Median and band of a hundred runs of AdaGrad and of RMSProp. AdaGrad's band becomes narrow,
#    RMSProp's stays wide.
#
# AdaGrad's band becomes narrow; at the end RMSProp's is :calc:`widths[1] / widths[0]|.1f` times as
# wide. RMSProp does not calm down by itself. To end well, its learning rate must be small, or decay
# during the training.

# sphinx_gallery_start_ignore
widths = [
    np.subtract(*np.quantile(history.final_loss, [0.975, 0.025]))
    for history in runs.values()
]
# sphinx_gallery_end_ignore

# %%
# What to take away
# -----------------
#
# - RMSProp is AdaGrad with a memory of about :math:`1 / (1 - \gamma)` steps. Its step sizes can
#   rise again.
# - The knob is the learning rate: after the first steps it is the typical length of a step,
#   whatever the size of the gradients. Turn :math:`\gamma` second.
# - It does not settle by itself. Let the learning rate decay towards the end.
#
# The method comes from T. Tieleman and G. Hinton, "Lecture 6.5: rmsprop", *COURSERA: Neural
# Networks for Machine Learning*, 2012. There is no paper.

# %%
# Check yourself
# --------------
#
# .. check:: The learning rate is 0.4 and γ is 0.9. How long is RMSProp's first step if the first
#    gradient is 1? Why is it longer than AdaGrad's?
#
#    :math:`s_1 = (1 - \gamma)\, g^2 = 0.1`, so the step, step size times gradient, is
#    :math:`0.4 / \sqrt{0.1} =` :calc:`0.4 / np.sqrt(0.1 + eps)|.2f`. AdaGrad's is 0.4. The average
#    starts at zero, and has taken in only a tenth of the square.
#
# .. check:: The gradient is 2 at each of many steps. How long do the steps become, with AdaGrad and
#    with RMSProp?
#
#    AdaGrad's shrink as :math:`\eta / \sqrt t`, towards zero. For RMSProp :math:`s` tends to
#    :math:`g^2 = 4`, so a step tends to :math:`\eta`.
#
# .. check:: The gradients suddenly become zero. By what factor has the step size grown after ten
#    steps, if γ is 0.9?
#
#    :math:`s` is multiplied by 0.9 ten times, and the step size divided by the root of that: it
#    grows by :math:`0.9^{-5} =` :calc:`0.9**-5|.2f`, as long as :math:`\epsilon` is small beside
#    :math:`s`.

# %%
# Exercises
# ---------
#
# .. exercise:: 7.6 a
#
#    Set :math:`\gamma = 1`. What happens, and why?

# %%
# With :math:`\gamma = 1` nothing new enters the average. It stays at zero, and only
# :math:`\epsilon` is left under the root:
#
# .. math:: x_t = x_{t-1} - \frac{\eta}{\sqrt{\epsilon}}\, g_t .
#
# This is gradient descent with the learning rate :math:`\eta / \sqrt{\epsilon}`, which is a
# thousand times :math:`\eta`. If that is right, then RMSProp with a learning rate that is
# multiplied by :math:`\sqrt{\epsilon}` trains as SGD does.

plain, frozen = {"lr": 0.05}, {"lr": 0.05 * np.sqrt(eps), "gamma": 1}
twins = {
    "SGD": d2l.fit(rules.sgd, None, plain, *data, seed=range(100)),
    "RMSProp, γ = 1": d2l.fit(
        rules.rmsprop, init_states, frozen, *data, seed=range(100)
    ),
}
plotting.plot_histories(twins)

# %%
# .. alt::
#
#    Median and band of a hundred runs of SGD, and of RMSProp with gamma 1 and a tiny learning rate:
#    the two lie on one another.
#
# The two curves lie on one another: what adapts the step size is gone. The losses differ by
# :calc:`np.abs(np.subtract(*(h.losses for h in twins.values()))).max()|.0e` at most. So
# :math:`\epsilon`, which should only prevent a division by zero, has become part of the learning
# rate. With the book's learning rate the steps are a thousand times as long, and the path in the
# valley diverges.
#
# .. endexercise::

# %%
# .. exercise:: 7.6 b
#
#    Train with other pairs of learning rate and :math:`\gamma`. Which of the two matters more?

# %%
# We train fifty models for each pair, and look at how far the losses end above the least possible
# one.

lrs = [0.001, 0.003, 0.01, 0.03]


def excess(rule, settings):
    many = [
        d2l.fit(rule, init_states, setting, *data, seed=range(50))
        for setting in settings
    ]
    return [run.final_loss - run.optimum for run in many]


pairs = {
    f"γ = {memory}": excess(
        rules.rmsprop, [{"lr": lr, "gamma": memory} for lr in lrs]
    )
    for memory in (0, 0.9, 0.99, 0.999)
}
ax = plotting.plot_sweep(lrs, pairs, ylabel="excess loss")
ax.set_yscale("log")

# %%
# .. alt::
#
#    Excess loss at the end against the learning rate, one curve for each gamma, all of them
#    valleys. Three lie close together; that of the largest gamma is the deepest, at a smaller
#    learning rate.
#
# Each curve is a valley: small learning rates do not arrive in time, and large ones leave the noise
# of the minibatches. On each curve the largest median is at least :calc:`int(along.min())` times
# the least. For :math:`\gamma` up to 0.99 the curves are close: at any one learning rate they
# differ by a factor of :calc:`int(np.ceil(across))` or less. So the learning rate matters more.
# With :math:`\gamma = 0` only the sign of the gradient is left, and nothing is averaged.
#
# The largest :math:`\gamma` is another matter, most of all where the learning rate is small. Little
# is forgotten within the training: :math:`s` is about :math:`1 - \gamma` times the sum of all
# squares, so RMSProp acts as AdaGrad does with the learning rate :math:`\eta / \sqrt{1 - \gamma}`.
# Its steps are long at first and then shrink.

# sphinx_gallery_start_ignore
medians = np.median(
    list(pairs.values()), axis=2
)  # (gammas, learning rates)
along = medians.max(axis=1) / medians.min(axis=1)
across = (medians[:3].max(axis=0) / medians[:3].min(axis=0)).max()
# sphinx_gallery_end_ignore

# %%
# .. endexercise::

# %%
# .. exercise:: 7.6 (ours)
#
#    The book and PyTorch put :math:`\epsilon` in different places, with different values:
#
#    .. math::
#
#        \text{book:} \quad & \frac{\eta}{\sqrt{s + \epsilon}}\, g, \;\; \epsilon = 10^{-6}, \\[1ex]
#        \text{PyTorch:} \quad & \frac{\eta}{\sqrt{s} + \epsilon}\, g, \;\; \epsilon = 10^{-8}.
#
#    When does it matter?

# %%
# Let the gradient be the same for a long time. Then :math:`s = g^2`, and we can draw the length of
# a step.

g = np.logspace(-10, 0, 101)
lengths = {
    "inside, ε = 10⁻⁶ (book)": g / np.sqrt(g**2 + 1e-6),
    "outside, ε = 10⁻⁶": g / (g + 1e-6),
    "outside, ε = 10⁻⁸ (PyTorch)": g / (g + 1e-8),
}

# %%

# plotting code
(ax,) = plotting.panels("", height=3.4)
for (name, length), style in zip(lengths.items(), ("-", "--", ":")):
    ax.loglog(g, length, style, label=name)
ax.set(xlabel="gradient", ylabel="length of a step / η", ylim=(1e-5, 3))
ax.legend(loc="lower right")

# %%
# .. alt::
#
#    Length of a step against the gradient, on logarithmic axes: level for large gradients, and
#    falling for small ones. With epsilon inside the root the fall begins at a much larger gradient.
#
# A step keeps its length over many orders of the gradient. It ends where :math:`\epsilon` takes
# over. Inside the root it is compared with squares of gradients, so that is at
# :math:`g \approx \sqrt{\epsilon}`; outside it is at :math:`g \approx \epsilon`.
#
# On the airfoil data the gradients are far larger. We run the book's rule and PyTorch's from one
# start, over the same minibatches, with the same :math:`\epsilon`: the parameters differ by about
# :calc:`apart(rules.rmsprop)|.0e` at most. Move :math:`\epsilon` out of the root in ours, and the
# difference is :calc:`apart(outside)|.0e`, which is rounding. So the place counts only where
# gradients are tiny.

# sphinx_gallery_start_ignore
from twins import largest_difference


def outside(params, states, hyperparams):
    for p, s in zip(params, states):
        s[:] = 0.9 * s + 0.1 * p.grad**2
        p.data -= 0.01 * p.grad / (torch.sqrt(s) + 1e-6)


def apart(rule):
    return largest_difference(
        rule,
        init_states,
        hyperparams,
        torch.optim.RMSprop,
        {"lr": 0.01, "alpha": 0.9, "eps": 1e-6},
    )


# sphinx_gallery_end_ignore

# %%
# .. endexercise::
