r"""
7.4 Momentum: how do you go fast along a narrow valley?
=======================================================

In a narrow valley, gradient descent oscillates from wall to wall and creeps along the floor.
Momentum keeps a velocity. Steps across the valley cancel in it, and steps along the valley add up.

.. playground:: method=momentum&lr=0.6&momentum=0
   :show: bowl lr momentum

   Without momentum the path runs away. **Predict:** what does a momentum of 0.5 change, and what
   does 0.9? Then try.
"""

# sphinx_gallery_thumbnail_number = 6

# %%
# One learning rate for two directions
# ------------------------------------
#
# The valley is :math:`f(x_1, x_2) = 0.1 x_1^2 + 2 x_2^2`. Along :math:`x_2` it is twenty times as
# steep as along :math:`x_1`. Gradient descent has one :term:`learning rate` :math:`\eta` for both.

import numpy as np
import torch

import d2l_ch7 as d2l
from d2l_ch7 import plotting


def f(x1, x2):
    return 0.1 * x1**2 + 2 * x2**2


def gradient_descent(x1, x2, s1, s2):
    return x1 - eta * 0.2 * x1, x2 - eta * 4 * x2, 0, 0


# %%
# Momentum remembers a velocity :math:`v`. It is zero at first. Each step keeps the share
# :math:`\gamma` of it, with :math:`0 \le \gamma < 1`, adds the new gradient step, and moves by it:
#
# .. math::
#
#     v_t &= \gamma v_{t-1} + \eta\, g_t, \\
#     x_t &= x_{t-1} - v_t .
#
# With :math:`\gamma = 0` this is gradient descent.


def momentum_2d(x1, x2, v1, v2):
    v1 = gamma * v1 + eta * 0.2 * x1
    v2 = gamma * v2 + eta * 4 * x2
    return x1 - v1, x2 - v2, v1, v2


# %%
# We descend for 20 steps from the book's start, with the book's two learning rates, first without
# momentum and then with :math:`\gamma = 0.5`.

gamma = 0.5
small, large = {}, {}
for eta, paths in ((0.4, small), (0.6, large)):
    paths["gradient descent"] = d2l.train_2d(gradient_descent)
    paths["momentum"] = d2l.train_2d(momentum_2d)

# %%

# plotting code
left, right = plotting.panels("η = 0.4", "η = 0.6")
window = (-5.5, 1, -6, 6)
shown = {**large, "gradient descent": large["gradient descent"][:5]}
plotting.plot_paths(small, f, left, window=window)
plotting.plot_paths(shown, f, right, window=window)
right.get_legend().remove()

# %%
# .. alt::
#
#    Two panels, one for each learning rate, with two paths in a long valley. With the smaller rate
#    gradient descent creeps along the floor, and momentum gets further. With the larger rate
#    gradient descent swings ever wider, and momentum still comes close to the minimum.
#
# The star is the minimum. On the left, gradient descent soon has :math:`x_2` right, and then creeps
# along :math:`x_1`. On the right the larger rate would help :math:`x_1`, but :math:`x_2`
# overshoots: it jumps over the valley, further each time, and diverges (four steps are drawn). No
# rate is good for both directions.
#
# Momentum converges with both rates, and gets further. Without it, :math:`x_2` changes its sign at
# :calc:`turns(large["gradient descent"])` of 20 steps; so does its gradient, and such gradients
# cancel in the velocity. With momentum it changes only :calc:`turns(small["momentum"])` and
# :calc:`turns(large["momentum"])` times. Along :math:`x_1` the gradients agree, and the velocity
# grows. So momentum lets you use a learning rate that is too large without it.

# sphinx_gallery_start_ignore


def turns(path):
    x2 = np.array([point[1] for point in path])
    return int((np.sign(x2[1:]) != np.sign(x2[:-1])).sum())


# sphinx_gallery_end_ignore

# %%
# The velocity is an average that forgets
# ---------------------------------------
#
# An exponentially weighted moving average follows a series :math:`x_1, x_2, \dots` and forgets by a
# factor :math:`\gamma` at each step:
#
# .. math:: y_t = \gamma y_{t-1} + (1 - \gamma)\, x_t .


def moving_average(series, gamma):
    y, averages = 0.0, []
    for x in series:
        y = gamma * y + (1 - gamma) * x
        averages.append(y)
    return averages


# %%
# We let it follow a slow wave with much noise on it.

t = np.arange(150)
wave = np.sin(t / 20)
noisy = wave + np.random.normal(loc=0, scale=0.5, size=150)
averages = {gamma: moving_average(noisy, gamma) for gamma in (0.5, 0.9)}

# %%

# plotting code
(ax,) = plotting.panels("")
ax.plot(t, noisy, ".", color="0.7", label="the noisy series")
ax.plot(t, wave, color="0.4", linewidth=1, label="the wave in it")
for (gamma, y), color, style in zip(
    averages.items(), plotting.COLORS, ("--", "-")
):
    ax.plot(t, y, style, color=color, label=f"average, γ = {gamma}")
ax.set(xlabel="step", ylim=(-2.2, 3.6))
ax.legend(ncols=2, loc="upper center")

# %%
# .. alt::
#
#    A noisy series around a slow wave, and two moving averages of it. The one with the short memory
#    still trembles, the one with the long memory is smooth and runs behind the wave.
#
# With the larger :math:`\gamma` the average is smoother, because more values take part in it. But
# it comes late: it turns after the wave has turned. The average reaches back about
# :math:`1 / (1 - \gamma)` steps, :calc:`1 / (1 - 0.5)|.0f` and :calc:`1 / (1 - 0.9)|.0f` here;
# older values have about a third of the weight, or less.
#
# Momentum's velocity is such an average. Write it so:
#
# .. math::
#
#     v_t = \gamma v_{t-1} + (1 - \gamma) \left( \frac{\eta}{1 - \gamma}\, g_t \right) .
#
# It averages steps of gradient descent with the learning rate :math:`\eta / (1 - \gamma)`. We call
# this the **effective learning rate**. The noise of :term:`minibatches <minibatch>` is averaged as
# well.

# %%
# On the airfoil data
# -------------------
#
# The same rule for all parameters of a model: each has a velocity as its :term:`state`.


def momentum(params, states, hyperparams):
    lr = hyperparams["lr"]
    gamma = hyperparams["momentum"]
    for p, v in zip(params, states):
        v[:] = gamma * v + lr * p.grad
        p.data -= v


init_states = d2l.optimizers.init_momentum_states
data = d2l.get_data_ch7()

# %%
# These are the book's three settings.

settings = {
    "lr 0.02, momentum 0.5": {"lr": 0.02, "momentum": 0.5},
    "lr 0.02, momentum 0.9": {"lr": 0.02, "momentum": 0.9},
    "lr 0.004, momentum 0.9": {"lr": 0.004, "momentum": 0.9},
}
(ax,) = plotting.panels("")
for hyperparams in settings.values():
    d2l.train_ch7(momentum, init_states, hyperparams, *data, seed=0, ax=ax)
ax.legend(ax.lines, settings)

# %%
# .. alt::
#
#    Loss against epoch for three settings of momentum: two fall smoothly, the one with the large
#    learning rate and the large momentum is rough.
#
# The second curve is rough: with more momentum at the same learning rate, the effective learning
# rate is larger. A smaller learning rate, the third curve, cures it. One run is one draw of lots,
# so here are a hundred runs of each setting. The line is their median, and the band holds 95 % of
# them.

runs = {}
for name, hyperparams in settings.items():
    runs[name] = d2l.fit(
        d2l.optimizers.momentum,
        init_states,
        hyperparams,
        *data,
        seed=range(100),
    )
plotting.plot_histories(runs).set_ylim(0.23, 0.5)

# %%
# .. alt::
#
#    Median and band of a hundred runs for each of three settings. The first and the third end alike
#    and low; the second falls fastest, stays higher, and has a much wider band.
#
# .. computed:: [(k, f"{np.median(h.final_loss):.4f}") for k, h in runs.items()]
#
#    setting | median of the final losses
#
# The first and the last setting end alike. They differ in both numbers, but their effective
# learning rate is the same, 0.04. The second one has an effective rate of 0.2. It falls fastest,
# and then the noise of the minibatches keeps it up and makes its band wide.
#
# Does momentum help at all here? Plain SGD with the learning rate 0.04 ends at a median of
# :calc:`np.median(plain.final_loss)|.4f`, just as low. Here the noise of the minibatches decides,
# and not the shape of the valley.

# sphinx_gallery_start_ignore
plain = d2l.fit(
    d2l.optimizers.sgd, None, {"lr": 0.04}, *data, seed=range(100)
)
# sphinx_gallery_end_ignore

# %%
# With PyTorch
# ------------
#
# ``torch.optim.SGD`` has momentum built in.

(ax,) = plotting.panels("torch.optim.SGD")
d2l.train_pytorch_ch7(
    torch.optim.SGD,
    {"lr": 0.004, "momentum": 0.9},
    *data,
    seed=0,
    ax=ax,
)

# %%
# .. alt::
#
#    Loss against epoch for momentum in PyTorch: it falls at once and levels off.
#
# The model starts elsewhere, since ``nn.Linear`` draws its own first weights. PyTorch also writes
# the method in another form, with the learning rate outside the velocity:
#
# .. math::
#
#     v_t &= \gamma v_{t-1} + g_t, \\
#     x_t &= x_{t-1} - \eta\, v_t .
#
# At a constant learning rate this is the same path. From one start, over the same minibatches, the
# two differ by :calc:`difference|.0e` at most, which is rounding. If you change the learning rate
# during training, they part: the book's velocity still holds steps of the old size, PyTorch's is
# scaled anew at once.

# sphinx_gallery_start_ignore
from twins import largest_difference

difference = largest_difference(
    d2l.optimizers.momentum,
    init_states,
    {"lr": 0.004, "momentum": 0.9},
    torch.optim.SGD,
    {"lr": 0.004, "momentum": 0.9},
)
# sphinx_gallery_end_ignore

# %%
# Nesterov's step
# ---------------
#
# Y. Nesterov's variant looks ahead. The velocity will carry us on by :math:`\gamma v` anyway, so it
# takes the gradient there and not here:
#
# .. math::
#
#     v_t &= \gamma v_{t-1} + \eta\, \nabla f(x_{t-1} - \gamma v_{t-1}), \\
#     x_t &= x_{t-1} - v_t .


def nesterov_2d(x1, x2, v1, v2):
    ahead1, ahead2 = x1 - gamma * v1, x2 - gamma * v2
    v1 = gamma * v1 + eta * 0.2 * ahead1
    v2 = gamma * v2 + eta * 4 * ahead2
    return x1 - v1, x2 - v2, v1, v2


eta, gamma = 0.2, 0.8
paths = {
    "momentum": d2l.descent.descend_2d(momentum_2d),
    "Nesterov": d2l.descent.descend_2d(nesterov_2d),
}
plotting.plot_paths(paths, f, window=(-5.5, 2.5, -2.5, 2.5))

# %%
# .. alt::
#
#    Two paths in the valley with a long memory: momentum swings widely across the floor, Nesterov's
#    variant brakes before it gets there and swings much less.
#
# With a long memory, momentum itself overshoots and oscillates. Nesterov's step sees the other wall
# before it is there, and brakes. In PyTorch it is ``SGD(..., momentum=0.8, nesterov=True)``. This
# keeps the point ahead, :math:`x - \gamma v`, as its parameters, so its path is another one with
# the same limit.

# %%
# What to take away
# -----------------
#
# - Momentum averages past steps. What alternates cancels, and what agrees adds up.
# - :math:`\gamma` sets the memory, about :math:`1 / (1 - \gamma)` steps. Leave it at 0.9, and turn
#   the learning rate first.
# - If you do change :math:`\gamma`, keep :math:`\eta / (1 - \gamma)`.
#
# The method comes from B. T. Polyak, "Some methods of speeding up the convergence of iteration
# methods", *USSR Computational Mathematics and Mathematical Physics* 4, 1964; the variant from Y.
# Nesterov, "A method for solving the convex programming problem with convergence rate O(1/k²)",
# 1983. To read on: G. Goh, "Why momentum really works", *Distill*, 2017,
# https://doi.org/10.23915/distill.00006.

# %%
# Check yourself
# --------------
#
# .. check:: In the valley, without momentum: what happens to x2 at a learning rate of 0.6, and why?
#
#    Each step multiplies :math:`x_2` by :math:`1 - 0.6 \cdot 4 =` :calc:`1 - 0.6 * 4|.1f`. So its
#    sign changes and its size grows: it diverges. After 20 steps it is
#    :calc:`large["gradient descent"][-1][1]|.0f`.
#
# .. check:: You go from momentum 0.5 to 0.9 and want the same effective learning rate. By what
#    do you divide the learning rate?
#
#    By :math:`(1 - 0.5) / (1 - 0.9) =` :calc:`(1 - 0.5) / (1 - 0.9)|.0f`.
#
# .. check:: A series is 1 at first and 0 from then on. What is its moving average with γ = 0.9
#    after ten more steps?
#
#    The 1 enters with the weight 0.1 and is multiplied by 0.9 ten times:
#    :calc:`moving_average([1] + [0] * 10, 0.9)[-1]|.3f`.

# %%
# Exercises
# ---------
#
# .. exercise:: 7.4
#
#    Train with other pairs of momentum and learning rate. How does the final loss depend on them?

# %%
# We train a hundred models for each pair.

effective = np.array([0.005, 0.02, 0.05, 0.2, 0.5])
by_momentum = {}
for gamma in (0, 0.5, 0.9, 0.99):
    by_momentum[f"momentum {gamma}"] = [
        d2l.fit(
            d2l.optimizers.momentum,
            init_states,
            {"lr": lr * (1 - gamma), "momentum": gamma},
            *data,
            seed=range(100),
        ).final_loss
        for lr in effective
    ]
ax = plotting.plot_sweep(effective, by_momentum)
ax.set(xlabel="effective learning rate", ylim=(0.23, 0.4))

# %%
# .. alt::
#
#    Final loss against the effective learning rate for four values of momentum: three curves nearly
#    fall on one another, the one with the longest memory lies above them on the left.
#
# Drawn against the effective learning rate, the curves nearly fall on one another: it is this rate
# that counts. The longest memory leaves the others, because it spans a good part of the whole
# training. The curve without momentum lies there too, up to 0.2: what momentum reaches, a larger
# learning rate reaches as well. At 0.5, near the limit of SGD, momentum ends lower and steadier.
#
# .. endexercise::

# %%
# .. exercise:: 7.4 (ours)
#
#    Take the noise away: train on all samples at once. For a quadratic loss whose curvatures lie
#    between :math:`\mu` and :math:`L`, the best constants are known. Gradient descent has
#    :math:`\eta = 2 / (L + \mu)`, and momentum, after Polyak,
#
#    .. math::
#
#        \eta &= \left( \frac{2}{\sqrt{L} + \sqrt{\mu}} \right)^2, \\
#        \gamma &= \left( \frac{\sqrt{L} - \sqrt{\mu}}{\sqrt{L} + \sqrt{\mu}} \right)^2 .
#
#    How much faster does momentum converge?

# %%
# The curvatures are the :term:`eigenvalues <eigenvalue>` of the :term:`Hessian`, which for this
# model is the mean of :math:`x x^\top`, where :math:`x` holds the features and a 1 for the bias.

X = torch.cat([data[0], torch.ones(1500, 1)], dim=1).double()
curvatures = torch.linalg.eigvalsh(X.T @ X / len(X))
mu, L = curvatures[0].item(), curvatures[-1].item()
polyak = {
    "lr": (2 / (L**0.5 + mu**0.5)) ** 2,
    "momentum": ((L**0.5 - mu**0.5) / (L**0.5 + mu**0.5)) ** 2,
}
without = d2l.fit(
    d2l.optimizers.sgd,
    None,
    {"lr": 2 / (L + mu)},
    *data,
    batch_size=1500,
    num_epochs=24,
    seed=0,
)
with_momentum = d2l.fit(
    d2l.optimizers.momentum,
    init_states,
    polyak,
    *data,
    batch_size=1500,
    num_epochs=24,
    seed=0,
)

# %%

# plotting code
(ax,) = plotting.panels("")
for run, style, name in (
    (without, "-o", "gradient descent"),
    (with_momentum, "--s", "momentum"),
):
    ax.semilogy(
        run.steps, run.losses - run.optimum, style, markersize=4, label=name
    )
ax.set(xlabel="step, each on all samples", ylabel="excess loss")
ax.legend()

# %%
# .. alt::
#
#    Excess loss against the step, on all samples: a nearly straight line for gradient descent and a
#    much steeper one for momentum.
#
# The curvatures run from :calc:`mu|.2f` to :calc:`L|.2f`. The excess loss is the loss minus the
# least possible one. On a logarithmic axis both decay along a nearly straight line, and momentum's
# is much steeper: after 24 steps it is at
# :calc:`with_momentum.losses[-1] - with_momentum.optimum|.0e`, gradient descent at
# :calc:`without.losses[-1] - without.optimum|.0e`. So momentum pays where the shape of the loss
# holds you back. Where noise holds you back, it acts like a larger learning rate.
#
# .. endexercise::
