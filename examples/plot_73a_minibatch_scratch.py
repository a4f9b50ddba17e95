r"""
7.3.1 Minibatches from scratch: what does a pass over the data cost?
====================================================================

In one large batch a pass over the data is quick. In many small ones it is worth more, because it
has more steps. A minibatch has a good part of both.

.. playground:: lr=0.05&batch=1500
   :show: loss batch epochs

   All samples in one batch: two epochs are two steps. **Predict:** do forty epochs bring the loss
   as low as two epochs with batches of 10? Then try.
"""

# sphinx_gallery_thumbnail_number = 4

# %%
# The data
# --------
#
# NASA measured the noise of airfoils, short pieces of a wing, in a wind tunnel. A sample has five
# features: the frequency of the sound, the angle at which the wing is tilted, its chord length from
# front to back, the velocity of the wind, and the thickness of the slow air along the wing. The
# label is how loud the noise is at that frequency.

import timeit

import numpy as np
import torch

import d2l_ch7 as d2l
from d2l_ch7 import optimizers, plotting

# %%
# The data come with the package: a row for each sample, and its label.

raw, levels = d2l.get_data_ch7(standardize=False)

# sphinx_gallery_start_ignore
columns = [
    "frequency in Hz",
    "angle in degrees",
    "chord length in m",
    "velocity in m/s",
    "thickness in m",
    "label in dB",
]


def plain(x, digits):
    return np.format_float_positional(
        x, digits, unique=False, fractional=False, trim="-"
    )


glance = [
    (
        what,
        *(
            plain(round(x.item(), 4), 3)
            for x in (c.min(), c.mean(), c.max())
        ),
    )
    for what, c in zip(columns, [*raw.T, levels])
]
# sphinx_gallery_end_ignore

# %%
# .. computed:: glance
#
#    column | least | mean | largest
#
# The columns have different units and very different sizes: some are in the thousands, some in
# the thousandths. So each column is **standardised**: we subtract its mean :math:`\mu` and divide
# by its standard deviation :math:`\sigma`,
#
# .. math:: x \leftarrow \frac{x - \mu}{\sigma} .
#
# Unless told otherwise, ``get_data_ch7`` does this for us.

data = features, labels = d2l.get_data_ch7()

# %%

# plotting code
fig, axes = d2l.plt.subplot_mosaic(
    "AB;CD",
    sharex=True,
    sharey=True,
    figsize=(6, 4),
    layout="constrained",
)
for ax, x, name in zip(
    axes.values(),
    features.T[[0, 2, 3, 4]],
    ["frequency", "chord length", "velocity", "thickness"],
):
    ax.plot(x, labels, ".", markersize=3, rasterized=True)
    ax.set_title(name)
fig.supxlabel("standard deviations from the mean", size="medium")
fig.supylabel("label", size="medium")

# %%
# .. alt::
#
#    Four panels, one for each of four features: the label against the feature, a dot for each
#    sample. All have one scale. The highest frequencies have low labels. Chord length and velocity
#    take a few values only; frequency and thickness crowd on the left and reach far to the right.
#
# A dot is a sample. The features, of which the angle is left out here, now have one scale. The
# highest frequencies are rather quiet, but no feature alone tells the label. Chord length and
# velocity take only :calc:`len(raw[:, 2].unique())` and :calc:`len(raw[:, 3].unique())` values: the
# measurements were made with few wings, at few speeds.

# %%
# Why features are standardised
# -----------------------------
#
# The model is linear, :math:`\hat y = x^\top w + b`, and the loss is half the mean squared error.
# This is a bowl in six dimensions, five weights and the :term:`bias`. How large a learning rate
# does it bear?
#
# **One direction.** In 7.2 the second derivative was 2, and a step multiplied :math:`x` by
# :math:`1 - 2\eta`. Let the second derivative be :math:`\lambda`. At a distance :math:`e` from the
# minimum the slope is :math:`\lambda e`, so a step leads from :math:`e` to
#
# .. math:: e - \eta \lambda e = (1 - \eta\lambda)\, e .
#
# The error :math:`e` shrinks if the factor lies between −1 and 1, that is for
# :math:`0 < \eta < 2/\lambda`.
#
# **Many directions.** The second derivatives form a matrix, the :term:`Hessian`. Its
# :term:`eigenvalues <eigenvalue>` :math:`\lambda` are the curvatures along its eigenvectors (7.1).
# Along each of them the error has its own factor :math:`1 - \eta\lambda`, but all share one
# :math:`\eta`. So the *largest* curvature sets the limit, and along the *smallest* one the error
# shrinks slowest.
#
# **Our bowl.** With one feature, a sample's loss is :math:`\frac{1}{2} (x w - y)^2`. Its second
# derivative in :math:`w` is :math:`x^2`: large features make large curvatures. With several
# features, :math:`x_i x_j` stands in row :math:`i` and column :math:`j`, and the bias counts as
# the weight of a feature that is always 1. The mean over the :math:`n` samples, the rows of
# :math:`X`, is
#
# .. math:: H = \frac{1}{n} X^\top X .


def curvatures(X):
    X = torch.cat([X, torch.ones(len(X), 1)], dim=1).double()
    H = X.T @ X / len(X)
    return torch.linalg.eigvalsh(H)


before, after = curvatures(raw), curvatures(features)

# %%
# .. computed:: scales
#
#    features | least λ | largest λ | limit of η

# sphinx_gallery_start_ignore


def power(x):
    digits, exponent = f"{x:.1e}".split("e")
    if abs(int(exponent)) < 3:
        return f"{x:.2g}"
    raised = str(int(exponent)).translate(
        str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
    )
    return f"{digits}\u00a0×\u00a010{raised}"


scales = [
    (name, *(power(x) for x in (c[0], c[-1], 2 / c[-1])))
    for name, c in (("raw", before), ("standardised", after))
]
# sphinx_gallery_end_ignore

# %%
# We train on all samples at once: on the raw features a little above their limit and a little below
# it, then on the standardised ones. ``fit`` takes an update rule with its :term:`states <state>`
# and :term:`hyperparameters <hyperparameter>`, then the data. The rule ``sgd`` has nothing to
# remember, so its states are ``None``.

full = {"batch_size": 1500, "num_epochs": 40}
scaling = {}
for name, X, lr in (
    ("raw, above the limit", raw, 1.2e-7),
    ("raw, below the limit", raw, 1e-7),
    ("standardised", features, 0.5),
):
    scaling[name] = d2l.fit(
        optimizers.sgd, None, {"lr": lr}, X, labels, **full, seed=0
    )
plotting.plot_histories(scaling).set(yscale="log", ylim=(0.1, 1e5))

# %%
# .. alt::
#
#    Loss against epoch on a logarithmic axis. On raw features the larger of two learning rates
#    makes the loss grow, the smaller one gets stuck on a plateau. On standardised features the loss
#    falls to the least possible one.
#
# On raw features a learning rate of about a ten-millionth already diverges, because the frequency
# is so large. The smaller rate does not diverge, but its loss gets stuck on a plateau: along the
# small curvatures the factor is nearly 1, and the error stays. The curvatures of the standardised
# features lie much closer together. One learning rate serves them all, and the loss converges.

# %%
# The loop
# --------
#
# Before a pass the samples are shuffled, so that each comes once. A step takes the next batch
# :math:`\mathcal{B}` of them and goes against its mean gradient. With the residuals
# :math:`r = Xw + b - y` of the batch this is
#
# .. math::
#
#     w &\leftarrow w - \frac{\eta}{|\mathcal{B}|}\, X^\top r, \\
#     b &\leftarrow b - \frac{\eta}{|\mathcal{B}|} \sum_{i \in \mathcal{B}} r_i .


def step(w, b, X, y, lr):
    r = X @ w + b - y
    w -= lr * X.T @ r / len(y)
    b -= lr * r.mean()


def one_pass(w, b, X, y, batch_size, lr):
    for batch in torch.randperm(len(X)).split(batch_size):
        step(w, b, X[batch], y[batch], lr)


# %%
# The package has this loop, too. It puts the gradients into ``p.grad`` and leaves the step to a
# function, the update rule:


def sgd(params, states, hyperparams):
    for p in params:
        p.data -= hyperparams["lr"] * p.grad


# sphinx_gallery_start_ignore
start = np.random.RandomState(0).normal(loc=0, scale=0.01, size=5)
w, b = torch.from_numpy(start).float(), torch.zeros(1)
for _ in range(6):
    one_pass(w, b, features, labels, 1500, 1)
ours = d2l.squared_loss(features @ w + b, labels).mean().item()
theirs = d2l.fit(optimizers.sgd, None, {"lr": 1}, *data, 1500, 6, seed=0)
apart = abs(ours / theirs.final_loss - 1)
# sphinx_gallery_end_ignore

# %%
# With this rule the package's loop does what ``one_pass`` does: from one start, after six steps on
# all samples, the two losses differ by :calc:`power(apart)|s` of their size.

# %%
# Three batch sizes
# -----------------
#
# **Gradient descent** takes all samples for a step, **stochastic gradient descent** a single one,
# **minibatch stochastic gradient descent** ten. These are the book's settings: the learning rate,
# then the batch size and the number of passes.

settings = {
    "gradient descent": (1, 1500, 6),
    "stochastic": (0.005, 1, 2),
    "minibatch": (0.05, 10, 2),
}
left, right = plotting.panels("gradient descent", "small batches")
right.set_prop_cycle(plotting.STYLES[1:])
for (lr, *sizes), ax in zip(settings.values(), (left, right, right)):
    d2l.train_ch7(sgd, None, {"lr": lr}, *data, *sizes, seed=0, ax=ax)
right.legend(["stochastic", "minibatch"])

# %%
# .. alt::
#
#    Loss against epoch for three batch sizes. Gradient descent falls smoothly over six epochs. The
#    two small batches lie on each other: they have fallen long before the first epoch ends, and
#    then waver a little.
#
# Gradient descent is smooth: each step follows the exact gradient. But it has only one step an
# epoch. Single samples are a noisy guide, so the learning rate must be far smaller; with so many
# steps the loss is low long before the first epoch ends, and then it wavers and does not settle.
# The minibatch does much the same, down to the wiggles: the same seed gives the same order of
# samples.

# %%
# By passes and by time
# ---------------------
#
# One run is one draw of lots, so we train a hundred of each.

runs = {}
for name, (lr, *sizes) in settings.items():
    runs[name] = d2l.fit(
        optimizers.sgd, None, {"lr": lr}, *data, *sizes, seed=range(100)
    )

# %%
# Then we take the time of a step of our own loop. We make it many times, and **the fastest one
# counts**: whatever else the machine does can only add to it. Times on the other pages are taken in
# this way, too. The time of a pass is that of all its steps.
#
# The seconds printed above are something else: there the package's loop ran once, with shortcuts of
# its own (:doc:`/speed`). Do not compare them with these.


def ms_per_step(batch_size, X=features, y=labels):
    w, b = torch.zeros(5), torch.zeros(1)
    batch = torch.randperm(len(X))[:batch_size]
    times = timeit.repeat(
        lambda: step(w, b, X[batch], y[batch], 0.005),
        number=1,
        repeat=50,
    )
    return 1000 * min(times)


ms_step, ms_pass = {}, {}
for name, (_, batch_size, _) in settings.items():
    ms_step[name] = ms_per_step(batch_size)
    ms_pass[name] = ms_step[name] * 1500 / batch_size

# %%

# plotting code
from dataclasses import replace

left, right = plotting.panels("by passes", "by time", height=3.4)
plotting.plot_histories(runs, left)
timed = {
    name: replace(
        run,
        epochs=run.epochs[1:],
        losses=run.losses[:, 1:],
        seconds_per_epoch=ms_pass[name],
    )
    for name, run in runs.items()
}
plotting.plot_histories(timed, right, x="seconds")
left.set(ylim=(0.23, 0.45))
right.set(xscale="log", xlabel="time in ms")
right.xaxis.set_major_formatter("{x:g}")
lines, names = left.get_legend_handles_labels()
band = right.fill_between([], [], color="0.8")
left.get_legend().remove()
right.get_legend().remove()
left.figure.legend(
    [*lines, band],
    [*names, "95 % of 100 runs"],
    loc="outside upper center",
    ncols=3,
)

# %%
# .. alt::
#
#    Loss of three methods, each as the median of a hundred runs with a band. Against epochs the two
#    small batches fall much faster than gradient descent. Against time gradient descent is first,
#    the minibatch second, and single samples are last.
#
# A line is the median of a hundred runs, and its band holds 95 % of them. The dashed grey line is
# the least possible loss.
#
# On the left, the two small batches lie on top of each other: ten samples at ten times the learning
# rate do what ten single samples do. On the right, against time, the order is another one; mind the
# logarithmic axis. To put numbers to it, we count the steps until the median is *close*: within 5 %
# of the least possible loss. The loss is recorded after each 100 samples, so single samples are
# counted in hundreds of steps and the minibatch in tens.


def steps_to_close(run):
    close = np.median(run.losses, axis=0) <= 1.05 * run.optimum
    return run.steps[close.argmax()]


needed, ms_to_close = {}, {}
for name, run in runs.items():
    needed[name] = steps_to_close(run)
    ms_to_close[name] = [needed[name] * ms_step[name]]

# %%
# .. computed:: step_times
#
#    method | µs a step | ms a pass | steps to close | ms to close

# sphinx_gallery_start_ignore
step_times = [
    (
        name,
        f"{1000 * ms_step[name]:.0f}",
        f"{ms_pass[name]:.2f}",
        needed[name],
        f"{ms_to_close[name][0]:.2f}",
    )
    for name in runs
]
# sphinx_gallery_end_ignore

# %%
# A step of ten samples costs about what a step of one costs. Such a step is nearly all overhead:
# Python, and the call of each operation. A large batch shares the overhead among its samples, so
# that a pass is quick. But then the pass has fewer steps. The minibatch lies between the other two
# in both respects, and here also in the time to get close.

# %%
# With more data
# --------------
#
# Gradient descent is first here because the data are few. Each of its steps goes through all
# samples; a step of a minibatch does not. So we copy the data, until there are 10 and 100 times as
# many samples. The gradient and the optimum stay as they are, and so do the steps that a method
# needs. Their price does not, so we take the time of a step again.

for k in (10, 100):
    X, y = features.repeat(k, 1), labels.repeat(k)
    for name, size in ("gradient descent", len(X)), ("minibatch", 10):
        ms = needed[name] * ms_per_step(size, X, y)
        ms_to_close[name].append(ms)

# %%

# plotting code
(ax,) = plotting.panels("")
for name, color, style in zip(
    ("gradient descent", "minibatch"), plotting.COLORS[::2], ("-o", "-.s")
):
    samples = 1500, 15_000, 150_000
    ax.loglog(samples, ms_to_close[name], style, color=color, label=name)
ax.xaxis.set_major_formatter("{x:,.0f}")
ax.yaxis.set_major_formatter("{x:g}")
ax.set(xlabel="samples in the data", ylabel="time to get close, in ms")
ax.legend()

# %%
# .. alt::
#
#    Time to get close to the optimum against the number of samples, both axes logarithmic: the line
#    of gradient descent rises and crosses that of the minibatch, which stays level.
#
# On the left are the times of the table. The time of gradient descent rises with the data, and
# crosses that of the minibatch. With a hundred times the data it needs
# :calc:`ms_to_close["gradient descent"][-1]|.0f` ms, and the minibatch
# :calc:`ms_to_close["minibatch"][-1]|.1f` ms: it is close to the optimum after a small part of a
# pass, before it has even seen most of the data.

# %%
# Six passes hide a divergence
# ----------------------------
#
# The learning rate of gradient descent in the experiment is 1. That is above the limit,
# :calc:`2 / after[-1]|.2f`. We give it more passes, and compare it with half the rate.

longer = {}
for lr in (1, 0.5):
    longer[f"learning rate {lr}"] = d2l.fit(
        optimizers.sgd, None, {"lr": lr}, *data, **full, seed=range(100)
    )
plotting.plot_histories(longer).set_ylim(0.2, 0.8)

# %%
# .. alt::
#
#    Gradient descent over forty epochs: with a learning rate of 1 the loss falls, and later rises
#    again and diverges; with 0.5 it settles at the least possible loss.
#
# After six passes both look well. Then the loss with the larger rate rises again, with each of the
# hundred starts. It diverges: the part of the error that grows was too small to be seen. A loss
# that falls does not prove that the learning rate is safe.

# sphinx_gallery_start_ignore
rising = longer["learning rate 1"].losses
assert (rising[:, -1] > rising[:, 6]).all()
# sphinx_gallery_end_ignore

# %%
# What to take away
# -----------------
#
# - The batch size trades steps for time: a small batch has more steps in a pass, a large one makes
#   the pass quicker.
# - A step on all samples costs more with more data, a step of a minibatch does not.
# - Standardise the features, and keep the learning rate of gradient descent below 2 over the
#   largest curvature.
#
# The data are those of T. Brooks, D. Pope and M. Marcolini, "Airfoil self-noise and prediction",
# NASA RP-1218, 1989. Steps along a noisy gradient go back to H. Robbins and S. Monro, "A stochastic
# approximation method", *Annals of Mathematical Statistics* 22, 1951.

# %%
# Check yourself
# --------------
#
# .. check:: How many steps does a pass over 1500 samples have with a batch size of 64, and how many
#    samples has the last one?
#
#    :calc:`len(torch.arange(1500).split(64))|d` steps. The last batch has the
#    :calc:`len(torch.arange(1500).split(64)[-1])|d` samples that are left.
#
# .. check:: Somebody gives the frequency in kHz, and does not standardise. What becomes of the
#    curvature along its weight?
#
#    The feature is a thousand times smaller. In the curvature it stands squared, so that this is a
#    million times smaller. (The limit of the learning rate grows less, from
#    :calc:`power(2 / before[-1])|s` to :calc:`power(2 / in_khz[-1])|s`: now another feature, the
#    velocity, makes the largest curvature.)
#
# .. check:: You have twice as many samples. What happens to the time of a step of gradient descent,
#    and of a minibatch of ten?
#
#    The first doubles, once there are so many that the overhead does not count. The second stays.

# sphinx_gallery_start_ignore
in_khz = curvatures(raw * torch.tensor([0.001, 1, 1, 1, 1]))
# sphinx_gallery_end_ignore

# %%
# Exercises
# ---------
#
# .. exercise:: 7.3.1 (ours)
#
#    Standardised features are still correlated, so the curvatures still differ. Give the features
#    curvatures that are all 1: centre them, and multiply them by a suitable matrix. This is called
#    **whitening**. Which learning rate is the best then, and how many steps does gradient descent
#    need?

# %%
# Let :math:`H` be the mean of :math:`x x^\top` for the centred features, and :math:`H = C C^\top`
# with a triangular :math:`C`. For :math:`z = C^{-1} x` the mean of :math:`z z^\top` is
# :math:`C^{-1} H C^{-\top} = I`. For the standardised features we take the best constant rate, 2
# over the sum of the least and the largest curvature.

centred = features - features.mean(dim=0)
C = torch.linalg.cholesky(centred.T @ centred / 1500)
white = torch.linalg.solve_triangular(C, centred.T, upper=False).T
best = 2 / (after[0] + after[-1]).item()
steps = {}
for name, X, lr in (
    ("standardised", features, best),
    ("whitened", white, 1),
):
    steps[name] = d2l.fit(
        optimizers.sgd, None, {"lr": lr}, X, labels, 1500, 15, seed=0
    )
plotting.plot_histories(steps)

# %%
# .. alt::
#
#    Loss against epoch on all samples: with whitened features it reaches the least possible loss in
#    a single step, with standardised features after about ten.
#
# All curvatures are now 1, to within :calc:`power(off)|s`. With a learning rate of 1 each error is
# multiplied by
# :math:`1 - 1 \cdot 1 = 0`, and gradient descent arrives in a single step: this is Newton's method.
# The standardised features need :calc:`steps_needed|d` steps to come within 0.1 % of the least
# possible loss. The price is a matrix with as many rows and columns as there are features, too many
# for a large model. Some of the methods of the next sections rescale as well, but with a single
# number for each parameter.

# sphinx_gallery_start_ignore
run = steps["standardised"]
steps_needed = (run.losses < 1.001 * run.optimum).argmax()
off = (curvatures(white) - 1).abs().max()
# sphinx_gallery_end_ignore

# %%
# .. endexercise::
